//! A prefix in an object store.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::sync::Arc;

use futures_util::{StreamExt as _, TryStreamExt as _};
use le_core::{Error, Result};
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt as _, PutPayload};

use super::failure::{blocking, store_failed};
use super::scratch::{Scratch, Staged};
use super::{Found, write_failed};

/// Larger files go up in parts of this size. Stores want at least 5 MiB.
const PART: usize = 8 * 1024 * 1024;

pub(super) struct Bucket {
    store: Arc<dyn ObjectStore>,
    prefix: Path,
    name: String,
}

impl Bucket {
    pub(super) fn new(store: Arc<dyn ObjectStore>, prefix: &str, name: String) -> Self {
        let prefix = Path::from(prefix);
        Self { store, prefix, name }
    }

    pub(super) fn store(&self) -> Arc<dyn ObjectStore> {
        Arc::clone(&self.store)
    }

    pub(super) fn prefix(&self) -> Path {
        self.prefix.clone()
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    fn path(&self, name: &str) -> Path {
        below(&self.prefix, name)
    }

    fn failed(&self, name: &str, error: &object_store::Error) -> Error {
        store_failed(format_args!("{}/{name}", self.name), error)
    }

    pub(super) async fn publish(&self, staged: Staged, name: &str) -> Result<()> {
        let (mut staged, mut part, mut last) = next_part(staged, true).await?;
        if last {
            let put = self.store.put(&self.path(name), PutPayload::from(part)).await;
            return put.map(|_| ()).map_err(|error| self.failed(name, &error));
        }
        let upload = self.store.put_multipart(&self.path(name)).await;
        let mut upload = upload.map_err(|error| self.failed(name, &error))?;
        let outcome = loop {
            if let Err(error) = upload.put_part(PutPayload::from(part)).await {
                break Err(self.failed(name, &error));
            }
            if last {
                break upload
                    .complete()
                    .await
                    .map(|_| ())
                    .map_err(|error| self.failed(name, &error));
            }
            match next_part(staged, false).await {
                Ok(next) => (staged, part, last) = next,
                Err(error) => break Err(error),
            }
        };
        if outcome.is_err()
            && let Err(error) = upload.abort().await
        {
            // Parts that stay cost money; stores can be told to remove them after some days.
            tracing::warn!(place = %self.name, error = %store_failed(name, &error), "an upload could not be aborted");
        }
        outcome
    }

    pub(super) async fn file(&self, name: &str, scratch: &Scratch) -> Result<Option<File>> {
        let result = match self.store.get(&self.path(name)).await {
            Ok(result) => result,
            Err(object_store::Error::NotFound { .. }) => return Ok(None),
            Err(error) => return Err(self.failed(name, &error)),
        };
        let staged = scratch.stage()?;
        let mut file = staged.writer()?;
        let mut chunks = result.into_stream();
        while let Some(chunk) = chunks.next().await {
            let chunk = chunk.map_err(|error| self.failed(name, &error))?;
            file = blocking(move || {
                file.write_all(&chunk)
                    .map_err(|cause| write_failed("a temporary file", cause))?;
                Ok(file)
            })
            .await?;
        }
        file.seek(SeekFrom::Start(0)).map_err(|cause| staged.failed(cause))?;
        // The name goes away with `staged`; the content stays as long as the file is open (on Windows the room removes it).
        Ok(Some(file))
    }

    pub(super) async fn list(&self, below: &str) -> Result<Vec<Found>> {
        let prefix = self.path(below);
        let metas: Vec<_> = match self.store.list(Some(&prefix)).try_collect().await {
            Ok(metas) => metas,
            Err(object_store::Error::NotFound { .. }) => Vec::new(),
            Err(error) => return Err(self.failed(below, &error)),
        };
        let found = metas.into_iter().filter_map(|meta: object_store::ObjectMeta| {
            let parts: Vec<_> = meta.location.prefix_match(&self.prefix)?.collect();
            let parts: Vec<&str> = parts.iter().map(AsRef::as_ref).collect();
            Some(Found {
                name: parts.join("/"),
                bytes: meta.size,
            })
        });
        Ok(found.collect())
    }

    pub(super) async fn remove(&self, name: &str) -> Result<()> {
        match self.store.delete(&self.path(name)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(self.failed(name, &error)),
        }
    }

    pub(super) async fn read(&self, name: &str) -> Result<Option<String>> {
        let bytes = match self.store.get(&self.path(name)).await {
            Ok(result) => result.bytes().await.map_err(|error| self.failed(name, &error))?,
            Err(object_store::Error::NotFound { .. }) => return Ok(None),
            Err(error) => return Err(self.failed(name, &error)),
        };
        Ok(Some(String::from_utf8_lossy(&bytes).into_owned()))
    }

    pub(super) async fn write(&self, name: &str, text: String) -> Result<()> {
        let put = self
            .store
            .put(&self.path(name), PutPayload::from(text.into_bytes()))
            .await;
        put.map(|_| ()).map_err(|error| self.failed(name, &error))
    }
}

/// A name below a prefix, part by part, so that nothing in it is taken for an escape.
pub(crate) fn below(prefix: &Path, name: &str) -> Path {
    let parts = name.split('/').filter(|part| !part.is_empty());
    parts.fold(prefix.clone(), |path, part| path.join(part))
}

/// The next part of a file, and whether it is the last one.
async fn next_part(mut staged: Staged, first: bool) -> Result<(Staged, Vec<u8>, bool)> {
    blocking(move || {
        let read = (|| {
            if first {
                staged.file().seek(SeekFrom::Start(0))?;
            }
            let mut part = Vec::new();
            staged.file().take(PART as u64).read_to_end(&mut part)?;
            let at = staged.file().stream_position()?;
            let last = at >= staged.file().metadata()?.len();
            Ok((part, last))
        })();
        let (part, last) = read.map_err(|cause| staged.failed(cause))?;
        Ok((staged, part, last))
    })
    .await
}
