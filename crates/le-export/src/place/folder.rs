//! A folder of this machine.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use le_core::Result;

use super::Found;
use super::failure::{blocking, write_failed};
use super::scratch::{Staged, make_folder, private_file};

#[derive(Debug)]
pub(super) struct Folder {
    root: PathBuf,
}

impl Folder {
    pub(super) fn new(root: PathBuf) -> Self {
        Self { root }
    }

    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    async fn with<T: Send + 'static>(
        &self,
        name: &str,
        work: impl FnOnce(&Path) -> io::Result<T> + Send + 'static,
    ) -> Result<T> {
        let path = self.root.join(name);
        blocking(move || work(&path).map_err(|cause| write_failed(path.display(), cause))).await
    }

    pub(super) async fn publish(&self, staged: Staged, name: &str) -> Result<()> {
        self.with(name, |target| {
            make_room_for(target)?;
            staged.rename(target)?;
            settle(target)
        })
        .await
    }

    pub(super) async fn file(&self, name: &str) -> Result<Option<File>> {
        self.with(name, |path| there(File::open(path))).await
    }

    pub(super) async fn list(&self, below: &str) -> Result<Vec<Found>> {
        let root = self.root.clone();
        self.with(below, move |path| {
            let mut found = Vec::new();
            walk(&root, path, &mut found)?;
            Ok(found)
        })
        .await
    }

    pub(super) async fn remove(&self, name: &str) -> Result<()> {
        self.with(name, |path| there(fs::remove_file(path)).map(|_| ())).await
    }

    pub(super) async fn read(&self, name: &str) -> Result<Option<String>> {
        self.with(name, |path| there(fs::read_to_string(path))).await
    }

    pub(super) async fn write(&self, name: &str, text: String) -> Result<()> {
        self.with(name, move |path| {
            make_room_for(path)?;
            // Two processes may write the same name at once; each has a neighbour of its own.
            let unfinished = path.with_extension(format!("{}.unfinished", std::process::id()));
            let mut file = private_file(&unfinished)?;
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            fs::rename(&unfinished, path)?;
            settle(path)
        })
        .await
    }
}

/// `None` where it is not there.
fn there<T>(outcome: io::Result<T>) -> io::Result<Option<T>> {
    match outcome {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn make_room_for(path: &Path) -> io::Result<()> {
    path.parent().map_or(Ok(()), make_folder)
}

/// Makes a new name last: it is kept in the folder, which is written on its own.
fn settle(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    if let Some(folder) = path.parent() {
        File::open(folder)?.sync_all()?;
    }
    let _ = path;
    Ok(())
}

fn walk(root: &Path, folder: &Path, found: &mut Vec<Found>) -> io::Result<()> {
    let Some(entries) = there(fs::read_dir(folder))? else {
        return Ok(());
    };
    for entry in entries {
        let entry = entry?;
        let path = entry.path();
        // A file may go away meanwhile.
        let Some(meta) = there(entry.metadata())? else { continue };
        if meta.is_dir() {
            walk(root, &path, found)?;
        } else if path.extension().is_none_or(|extension| extension != "unfinished") {
            let relative = path.strip_prefix(root).unwrap_or(&path);
            let parts: Vec<_> = relative.iter().map(|part| part.to_string_lossy()).collect();
            found.push(Found {
                name: parts.join("/"),
                bytes: meta.len(),
            });
        }
    }
    Ok(())
}
