//! The export's own state, in the schema that it writes.

use async_trait::async_trait;
use le_core::{Error, ErrorKind, Result};
use tokio_postgres::Client;

use super::Postgres;
use crate::state::{Claim, Holder, LockGuard, StateStore};

/// A lock of the server, which ends with the connection that took it.
struct Held(Client);

impl std::fmt::Debug for Held {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Held")
    }
}

impl LockGuard for Held {
    fn is_held(&self) -> bool {
        !self.0.is_closed()
    }
}

#[async_trait]
impl StateStore for Postgres {
    async fn get(&self, name: &str) -> Result<Option<String>> {
        let client = self.0.pool.take().await?;
        let row = client
            .query_opt("SELECT text FROM le_state WHERE name = $1", &[&name])
            .await;
        let text = row.map_err(|error| self.0.failed(error))?.map(|row| row.get(0));
        self.0.pool.give_back(client);
        Ok(text)
    }

    async fn put(&self, name: &str, text: String) -> Result<()> {
        let client = self.0.pool.take().await?;
        let sql =
            "INSERT INTO le_state (name, text) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET text = excluded.text";
        client
            .execute(sql, &[&name, &text])
            .await
            .map_err(|error| self.0.failed(error))?;
        self.0.pool.give_back(client);
        Ok(())
    }

    async fn remove(&self, name: &str) -> Result<()> {
        let client = self.0.pool.take().await?;
        let removed = client.execute("DELETE FROM le_state WHERE name = $1", &[&name]).await;
        removed.map_err(|error| self.0.failed(error))?;
        self.0.pool.give_back(client);
        Ok(())
    }

    async fn list(&self, folder: &str) -> Result<Vec<String>> {
        let folder = format!("{}/", folder.trim_end_matches('/'));
        let client = self.0.pool.take().await?;
        let sql = "SELECT name FROM le_state WHERE starts_with(name, $1) ORDER BY name COLLATE \"C\"";
        let rows = client
            .query(sql, &[&folder])
            .await
            .map_err(|error| self.0.failed(error))?;
        self.0.pool.give_back(client);
        Ok(rows.iter().map(|row| row.get(0)).collect())
    }

    async fn lock(&self, name: &str, holder: &Holder) -> Result<Claim> {
        // A connection of its own: the lock lives as long as it does.
        let client = self.0.pool.open().await?;
        let failed = |error| self.0.failed(error);
        let sql = "SELECT pg_try_advisory_lock(hashtextextended(current_schema() || '/lock/' || $1, 0))";
        let is_ours: bool = client.query_one(sql, &[&name]).await.map_err(failed)?.get(0);
        if !is_ours {
            let row = client
                .query_opt("SELECT holder FROM le_locks WHERE name = $1", &[&name])
                .await;
            let text: Option<String> = row.map_err(failed)?.map(|row| row.get(0));
            return Ok(Claim::Taken(text.and_then(|text| serde_json::from_str(&text).ok())));
        }
        let text = serde_json::to_string(holder)
            .map_err(|error| Error::new(ErrorKind::Io, format!("a holder cannot be written: {error}")))?;
        let sql = "INSERT INTO le_locks (name, holder) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET holder = excluded.holder";
        client.execute(sql, &[&name, &text]).await.map_err(failed)?;
        Ok(Claim::Held(Box::new(Held(client))))
    }

    fn place(&self) -> String {
        self.0.pool.place().to_owned()
    }
}
