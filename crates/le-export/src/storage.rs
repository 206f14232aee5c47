//! What a file has to offer, so that tests can put a failing one in its place.

use std::fs::File;
use std::io::{self, Write};

/// A writer that can be cut back and made durable.
pub trait Storage: Write + Send {
    /// Cuts back to `length` bytes and goes on writing there.
    ///
    /// # Errors
    /// What the system reports.
    fn cut(&mut self, length: u64) -> io::Result<()>;

    /// Waits until what was written has reached the device.
    ///
    /// # Errors
    /// What the system reports.
    fn sync(&mut self) -> io::Result<()>;
}

impl Storage for File {
    fn cut(&mut self, length: u64) -> io::Result<()> {
        use std::io::Seek as _;
        self.set_len(length)?;
        self.seek(io::SeekFrom::Start(length)).map(|_| ())
    }

    fn sync(&mut self) -> io::Result<()> {
        self.sync_all()
    }
}
