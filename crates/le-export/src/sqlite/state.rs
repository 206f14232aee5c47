//! The export's own state, in the file that it writes.

use std::path::PathBuf;

use async_trait::async_trait;
use le_core::Result;
use rusqlite::{OptionalExtension as _, params};

use super::Sqlite;
use crate::state::{Claim, Holder, StateStore, lock_file};

#[async_trait]
impl StateStore for Sqlite {
    async fn get(&self, name: &str) -> Result<Option<String>> {
        let name = name.to_owned();
        self.with(move |inner, connection| {
            let text = connection.query_row("SELECT text FROM le_state WHERE name = ?", [name], |row| row.get(0));
            text.optional().map_err(|error| inner.failed(error))
        })
        .await
    }

    async fn put(&self, name: &str, text: String) -> Result<()> {
        let name = name.to_owned();
        self.with(move |inner, connection| {
            let sql =
                "INSERT INTO le_state (name, text) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET text = excluded.text";
            let done = connection.execute(sql, params![name, text]);
            done.map(|_| ()).map_err(|error| inner.failed(error))
        })
        .await
    }

    async fn remove(&self, name: &str) -> Result<()> {
        let name = name.to_owned();
        self.with(move |inner, connection| {
            let done = connection.execute("DELETE FROM le_state WHERE name = ?", [name]);
            done.map(|_| ()).map_err(|error| inner.failed(error))
        })
        .await
    }

    async fn list(&self, folder: &str) -> Result<Vec<String>> {
        let folder = format!("{}/", folder.trim_end_matches('/'));
        self.with(move |inner, connection| {
            let found = || {
                let mut statement =
                    connection.prepare("SELECT name FROM le_state WHERE substr(name, 1, ?) = ? ORDER BY name")?;
                let names = statement.query_map(params![folder.chars().count() as i64, folder], |row| row.get(0))?;
                names.collect::<rusqlite::Result<Vec<String>>>()
            };
            found().map_err(|error| inner.failed(error))
        })
        .await
    }

    async fn lock(&self, name: &str, holder: &Holder) -> Result<Claim> {
        // A lock of the system ends with its process; a row in a table would not.
        let mut path = self.path().as_os_str().to_owned();
        path.push(format!(".{}.lock", name.replace('/', "-")));
        lock_file::take(PathBuf::from(path), holder.clone()).await
    }

    fn place(&self) -> String {
        self.path().display().to_string()
    }
}
