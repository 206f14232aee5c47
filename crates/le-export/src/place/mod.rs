//! Where files are put: a folder of this machine, or a prefix in an object store.
//!
//! A file shows whole or not at all, under its name, in both: folders rename what is finished, stores make an object visible
//! with its last part.

mod address;
mod bucket;
mod failure;
mod folder;
mod scratch;

use std::fmt;
use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;

use bucket::Bucket;
use folder::Folder;
use le_core::Result;
use object_store::ObjectStore;

pub(crate) use bucket::below;
pub(crate) use failure::{blocking, store_failed, write_failed};
pub(crate) use scratch::{Scratch, Staged, make_folder, open_private};

/// A folder, or a prefix in an object store. Cheap to clone.
#[derive(Clone)]
pub struct Place(Arc<Inner>);

enum Inner {
    Folder(Folder),
    Bucket(Bucket),
}

/// A file that is there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Found {
    /// Relative to the place, with `/`.
    pub(crate) name: String,
    pub(crate) bytes: u64,
}

impl Place {
    /// A path, or an address such as `file:///data/lake`, `s3://bucket/prefix`, `gs://bucket/prefix`, `az://container/prefix`.
    ///
    /// Credentials and settings of stores come from their usual environment variables (`AWS_..`, `GOOGLE_..`, `AZURE_..`), never
    /// from the address. Each kind of store is a feature of this crate (`aws`, `gcp`, `azure`).
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](le_core::ErrorKind::Configuration) where the address is not understood, its feature is not
    /// built in, or settings are missing.
    pub fn open(address: &str) -> Result<Self> {
        address::open(address)
    }

    /// A folder of this machine. It is made when the first file comes; only its owner can enter it.
    pub fn folder(root: impl Into<PathBuf>) -> Self {
        Self(Arc::new(Inner::Folder(Folder::new(root.into()))))
    }

    /// A prefix in any object store. `name` stands for it in messages; no credential may stand in it.
    pub fn store(store: Arc<dyn ObjectStore>, prefix: &str, name: impl Into<String>) -> Self {
        Self(Arc::new(Inner::Bucket(Bucket::new(store, prefix, name.into()))))
    }

    /// The folder, where it is one.
    #[must_use]
    pub fn path(&self) -> Option<&std::path::Path> {
        match &*self.0 {
            Inner::Folder(folder) => Some(folder.root()),
            Inner::Bucket(_) => None,
        }
    }

    /// The object store and the prefix in it, where it is one: for engines that read the dataset.
    #[must_use]
    pub fn object_store(&self) -> Option<(Arc<dyn ObjectStore>, object_store::path::Path)> {
        match &*self.0 {
            Inner::Folder(_) => None,
            Inner::Bucket(bucket) => Some((bucket.store(), bucket.prefix())),
        }
    }

    /// How messages call a file of it.
    pub(crate) fn name_of(&self, name: &str) -> String {
        format!("{self}/{name}")
    }

    pub(crate) fn scratch(&self) -> Result<Scratch> {
        match &*self.0 {
            Inner::Folder(folder) => Scratch::beside(folder.root()),
            Inner::Bucket(_) => Scratch::temporary(),
        }
    }

    /// Removes the unfinished files of processes that were killed. Those of buckets are in the system's folder for temporary files.
    pub(crate) async fn sweep(&self) -> Result<()> {
        let root = self.path().map(std::path::Path::to_owned);
        blocking(move || match root {
            Some(root) => Scratch::sweep_beside(&root),
            None => {
                Scratch::sweep_temporary();
                Ok(())
            }
        })
        .await
    }

    /// Gives a finished file its name. What had the name before is replaced.
    pub(crate) async fn publish(&self, staged: Staged, name: &str) -> Result<()> {
        match &*self.0 {
            Inner::Folder(folder) => folder.publish(staged, name).await,
            Inner::Bucket(bucket) => bucket.publish(staged, name).await,
        }
    }

    /// A file to read from, on this machine; `None` where there is none of this name. `scratch` is asked for a place where the
    /// file has to be fetched first.
    pub(crate) async fn file(
        &self,
        name: &str,
        scratch: impl FnOnce() -> Result<Scratch> + Send,
    ) -> Result<Option<File>> {
        match &*self.0 {
            Inner::Folder(folder) => folder.file(name).await,
            Inner::Bucket(bucket) => bucket.file(name, &scratch()?).await,
        }
    }

    /// The files below a folder of it, sorted by name.
    pub(crate) async fn list(&self, folder_name: &str) -> Result<Vec<Found>> {
        let mut found = match &*self.0 {
            Inner::Folder(folder) => folder.list(folder_name).await?,
            Inner::Bucket(bucket) => bucket.list(folder_name).await?,
        };
        found.sort();
        Ok(found)
    }

    pub(crate) async fn remove(&self, name: &str) -> Result<()> {
        match &*self.0 {
            Inner::Folder(folder) => folder.remove(name).await,
            Inner::Bucket(bucket) => bucket.remove(name).await,
        }
    }

    pub(crate) async fn read(&self, name: &str) -> Result<Option<String>> {
        match &*self.0 {
            Inner::Folder(folder) => folder.read(name).await,
            Inner::Bucket(bucket) => bucket.read(name).await,
        }
    }

    pub(crate) async fn write(&self, name: &str, text: String) -> Result<()> {
        match &*self.0 {
            Inner::Folder(folder) => folder.write(name, text).await,
            Inner::Bucket(bucket) => bucket.write(name, text).await,
        }
    }

    /// The store that leases are kept in; folders have locks of the system instead.
    pub(crate) fn leases(&self) -> Option<(Arc<dyn ObjectStore>, object_store::path::Path)> {
        self.object_store()
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.0 {
            Inner::Folder(folder) => write!(f, "{}", folder.root().display()),
            Inner::Bucket(bucket) => f.write_str(bucket.name()),
        }
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Place({self})")
    }
}
