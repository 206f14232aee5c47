//! Files that are not finished yet.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use fs4::FileExt;
use le_core::Result;

use super::failure::write_failed;

/// The folder below a dataset for what is not finished; readers of datasets pass over names that begin with `_`.
const STAGING: &str = "_export/staging";

/// How folders for temporary files begin.
const TEMPORARY: &str = "le-export-";

/// A folder of its own for each writer. What a writer that was killed left there is removed by the next one, and by each run.
#[derive(Debug, Clone)]
pub(crate) struct Scratch(Arc<Room>);

#[derive(Debug)]
struct Room {
    path: PathBuf,
    /// Locked as long as the writer lives, so that others know.
    lock: Option<File>,
    next: AtomicU64,
}

/// A file that is being written. It is removed with its owner unless it was published.
#[derive(Debug)]
pub(crate) struct Staged {
    path: Option<PathBuf>,
    file: File,
    _room: Scratch,
}

impl Scratch {
    /// On the same file system as the dataset, so that publishing is renaming.
    pub(super) fn beside(root: &Path) -> Result<Self> {
        let staging = root.join(STAGING);
        make_folder(&staging).map_err(|cause| write_failed(staging.display(), cause))?;
        // Rooms are made and swept by one at a time: one that is just being made must not look like one that was left.
        let _turn = turn(root).map_err(|cause| write_failed(staging.display(), cause))?;
        sweep(&staging);
        let own = tempfile::Builder::new()
            .prefix("w-")
            .tempdir_in(&staging)
            .map_err(|cause| write_failed(staging.display(), cause))?;
        let path = own.keep();
        let lock = lock_of(&path).map_err(|cause| write_failed(path.display(), cause))?;
        Ok(Self::new(path, Some(lock)))
    }

    /// Removes what writers left there that are no more, also where this run will write nothing.
    pub(super) fn sweep_beside(root: &Path) -> Result<()> {
        let staging = root.join(STAGING);
        if staging.is_dir() {
            let _turn = turn(root).map_err(|cause| write_failed(staging.display(), cause))?;
            sweep(&staging);
        }
        Ok(())
    }

    /// As [`sweep_beside`](Self::sweep_beside), in the system's folder for temporary files.
    pub(crate) fn sweep_temporary() {
        sweep_temporary(&std::env::temp_dir());
    }

    /// In the system's folder for temporary files.
    pub(crate) fn temporary() -> Result<Self> {
        let folder = std::env::temp_dir();
        let failed = |cause| write_failed(folder.display(), cause);
        sweep_temporary(&folder);
        let own = tempfile::Builder::new().prefix(TEMPORARY).tempdir().map_err(failed)?;
        let lock = lock_of(own.path()).map_err(failed)?;
        Ok(Self::new(own.keep(), Some(lock)))
    }

    fn new(path: PathBuf, lock: Option<File>) -> Self {
        let next = AtomicU64::new(0);
        Self(Arc::new(Room { path, lock, next }))
    }

    /// A new file that only its owner may read.
    pub(crate) fn stage(&self) -> Result<Staged> {
        let number = self.0.next.fetch_add(1, Ordering::Relaxed);
        let path = self.0.path.join(format!("{number}.part"));
        let file = private_file(&path).map_err(|cause| write_failed(path.display(), cause))?;
        Ok(Staged {
            path: Some(path),
            file,
            _room: self.clone(),
        })
    }

    /// The folder.
    pub(crate) fn path(&self) -> &Path {
        &self.0.path
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        self.lock = None;
        if let Err(error) = fs::remove_dir_all(&self.path) {
            tracing::debug!(%error, "unfinished files could not be removed");
        }
    }
}

impl Staged {
    /// A second handle to write through.
    pub(crate) fn writer(&self) -> Result<File> {
        self.file.try_clone().map_err(|cause| self.failed(cause))
    }

    pub(crate) fn failed(&self, cause: io::Error) -> le_core::Error {
        write_failed(self.path.as_deref().unwrap_or(Path::new("a file")).display(), cause)
    }

    /// How long it is now.
    pub(crate) fn length(&self) -> Result<u64> {
        let meta = self.file.metadata().map_err(|cause| self.failed(cause))?;
        Ok(meta.len())
    }

    pub(super) fn file(&mut self) -> &mut File {
        &mut self.file
    }

    pub(super) fn path(&self) -> &Path {
        self.path.as_deref().unwrap_or(Path::new(""))
    }

    /// Makes the content last and gives the file another name.
    pub(super) fn rename(mut self, target: &Path) -> io::Result<()> {
        self.file.sync_all()?;
        fs::rename(self.path(), target)?;
        self.path = None;
        Ok(())
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        if let Some(path) = &self.path {
            let _ = fs::remove_file(path);
        }
    }
}

/// A new file, readable by its owner alone (on Unix).
pub(super) fn private_file(path: &Path) -> io::Result<File> {
    let file = open_private(path)?;
    file.set_len(0)?;
    Ok(file)
}

/// A file as it is, or a new one; readable by its owner alone (on Unix).
pub(crate) fn open_private(path: &Path) -> io::Result<File> {
    let mut open = OpenOptions::new();
    open.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut open, 0o600);
    open.open(path)
}

/// Makes folders that only their owner may enter (on Unix).
pub(crate) fn make_folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Waits for the turn to make a room.
fn turn(root: &Path) -> io::Result<File> {
    let locks = root.join("_export/locks");
    make_folder(&locks)?;
    let file = open_private(&locks.join("staging"))?;
    FileExt::lock(&file)?;
    Ok(file)
}

/// Locks a room. The lock has its name only once it is held, so that it never looks free.
fn lock_of(room: &Path) -> io::Result<File> {
    let unnamed = room.join("lock.unfinished");
    let file = private_file(&unnamed)?;
    FileExt::lock(&file)?;
    fs::rename(&unnamed, room.join("lock"))?;
    Ok(file)
}

/// As [`sweep`], in the system's folder for temporary files: personal data must not stay there. Rooms of other users cannot be
/// opened, and one without a lock is just being made.
fn sweep_temporary(folder: &Path) {
    let rooms = fs::read_dir(folder).into_iter().flatten().flatten();
    let own = rooms.filter(|room| room.file_name().to_string_lossy().starts_with(TEMPORARY));
    for room in own.map(|room| room.path()) {
        if File::open(room.join("lock")).is_ok_and(|lock| FileExt::try_lock(&lock).is_ok()) {
            let _ = fs::remove_dir_all(&room);
        }
    }
}

/// Removes what writers left that are no more. Whoever is alive holds a lock.
fn sweep(staging: &Path) {
    let rooms = fs::read_dir(staging).into_iter().flatten().flatten();
    for room in rooms.map(|room| room.path()) {
        let lock = File::open(room.join("lock"));
        // Without a lock file its writer was killed before it had one.
        if lock.as_ref().map_or(true, |lock| FileExt::try_lock(lock).is_ok()) {
            tracing::debug!(room = %room.display(), "removing the unfinished files of a run that is no more");
            let _ = fs::remove_dir_all(&room);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rooms_of_the_dead_are_swept_and_those_of_the_living_are_not() {
        let root = tempfile::tempdir().unwrap();
        let dead = root.path().join(STAGING).join("w-dead");
        make_folder(&dead).unwrap();
        fs::write(dead.join("lock"), "").unwrap();
        fs::write(dead.join("0.part"), "half a window").unwrap();
        let living = Scratch::beside(root.path()).unwrap();
        let staged = living.stage().unwrap();
        assert!(!dead.exists());
        let other = Scratch::beside(root.path()).unwrap();
        assert!(living.path().exists() && other.path().exists());
        drop((staged, living));
        assert!(other.path().exists());
        drop(other);
        assert_eq!(fs::read_dir(root.path().join(STAGING)).unwrap().count(), 0);

        make_folder(&dead).unwrap();
        fs::write(dead.join("0.part"), "killed before it had a lock").unwrap();
        Scratch::sweep_beside(root.path()).unwrap();
        assert!(!dead.exists());

        let left = tempfile::Builder::new().prefix(TEMPORARY).tempdir().unwrap().keep();
        fs::write(left.join("lock"), "").unwrap();
        let temporary = Scratch::temporary().unwrap();
        assert!(!left.exists() && temporary.path().exists());
    }
}
