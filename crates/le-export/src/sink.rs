//! Where records go.

use le_core::Result;
use le_core::wire::RawRecord;

/// What a sink holds for good: whole records, readable whatever happens next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Safe {
    /// How many records.
    pub records: u64,
    /// How many bytes.
    pub bytes: u64,
}

/// Takes records and keeps them whole.
///
/// After any error, what [`Sink::safe`] counts is there and can be read.
pub trait Sink: Send {
    /// Takes one record. It may be kept in memory until [`flush`](Sink::flush).
    ///
    /// # Errors
    /// [`ErrorKind::Io`](le_core::ErrorKind::Io), naming where, how many records are safe, and the cause.
    fn write(&mut self, record: &RawRecord) -> Result<()>;

    /// Puts everything taken so far where it is safe.
    ///
    /// # Errors
    /// As [`write`](Sink::write).
    fn flush(&mut self) -> Result<()>;

    /// Ends the export: everything is safe and in its final place.
    ///
    /// # Errors
    /// As [`write`](Sink::write).
    fn finish(&mut self) -> Result<()>;

    /// What is safe now.
    fn safe(&self) -> Safe;
}

impl<S: Sink + ?Sized> Sink for Box<S> {
    fn write(&mut self, record: &RawRecord) -> Result<()> {
        (**self).write(record)
    }

    fn flush(&mut self) -> Result<()> {
        (**self).flush()
    }

    fn finish(&mut self) -> Result<()> {
        (**self).finish()
    }

    fn safe(&self) -> Safe {
        (**self).safe()
    }
}
