//! JSON Lines: each record as received, on a line of its own.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};

use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;
use le_core::{Error, ErrorKind, Result, Timestamp};

use super::{Encoder, Format, PartSink};
use crate::entry::{Broken, Entry, RecordKind};
use crate::place::write_failed;

/// How JSON Lines are compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Compression {
    /// Not at all.
    #[default]
    Plain,
    /// Gzip, which everything reads.
    Gzip,
    /// Zstandard: smaller and faster than gzip.
    #[cfg(feature = "zstd")]
    #[cfg_attr(docsrs, doc(cfg(feature = "zstd")))]
    Zstd,
}

/// JSON Lines, the records byte for byte as received.
#[derive(Debug, Clone)]
pub struct JsonLines {
    kind: &'static RecordKind,
    compression: Compression,
}

impl JsonLines {
    /// With this compression.
    #[must_use]
    pub fn new(compression: Compression) -> Self {
        Self {
            kind: &crate::source::CONVERSATIONS,
            compression,
        }
    }
}

impl Default for JsonLines {
    fn default() -> Self {
        Self::new(Compression::Plain)
    }
}

impl Format for JsonLines {
    fn bind(&mut self, kind: &'static RecordKind) -> Result<()> {
        self.kind = kind;
        Ok(())
    }

    fn tables(&self) -> &'static [&'static str] {
        self.kind.table
    }

    fn extension(&self) -> &'static str {
        match self.compression {
            Compression::Plain => "jsonl",
            Compression::Gzip => "jsonl.gz",
            #[cfg(feature = "zstd")]
            Compression::Zstd => "jsonl.zst",
        }
    }

    fn describe(&self) -> String {
        format!("{} v1", self.extension())
    }

    fn encoder(&self, sinks: Vec<PartSink>) -> Result<Box<dyn Encoder>> {
        let sink = sinks.into_iter().next();
        let sink = sink.ok_or_else(|| Error::new(ErrorKind::Io, "a part of JSON Lines needs one file"))?;
        Ok(Box::new(LinesEncoder {
            kind: self.kind,
            compression: self.compression,
            out: Compressor::new(self.compression, sink).map_err(failed)?,
            rows: 0,
        }))
    }

    fn keys(&self, part: File, each: &mut dyn FnMut(&str, Option<Timestamp>) -> bool) -> Result<()> {
        for_each_line(self.compression, part, |line| {
            Ok(self.kind.head_of(line).is_none_or(|head| each(&head.key, head.start)))
        })
    }
}

fn failed(cause: io::Error) -> Error {
    write_failed("a part of JSON Lines", cause)
}

/// Compresses what is written through it.
pub(super) enum Compressor {
    Plain(PartSink),
    Gzip(GzEncoder<PartSink>),
    #[cfg(feature = "zstd")]
    Zstd(zstd::Encoder<'static, PartSink>),
}

impl Compressor {
    pub(super) fn new(compression: Compression, sink: PartSink) -> io::Result<Self> {
        Ok(match compression {
            Compression::Plain => Self::Plain(sink),
            // History compresses to a tenth at any level; the fast one keeps up with the service.
            Compression::Gzip => Self::Gzip(GzEncoder::new(sink, flate2::Compression::fast())),
            #[cfg(feature = "zstd")]
            Compression::Zstd => Self::Zstd(zstd::Encoder::new(sink, 3)?),
        })
    }

    pub(super) fn finish(self) -> io::Result<()> {
        let mut sink = match self {
            Self::Plain(sink) => sink,
            Self::Gzip(encoder) => encoder.finish()?,
            #[cfg(feature = "zstd")]
            Self::Zstd(encoder) => encoder.finish()?,
        };
        sink.flush()
    }
}

impl Write for Compressor {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(sink) => sink.write(bytes),
            Self::Gzip(encoder) => encoder.write(bytes),
            #[cfg(feature = "zstd")]
            Self::Zstd(encoder) => encoder.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(sink) => sink.flush(),
            Self::Gzip(encoder) => encoder.flush(),
            #[cfg(feature = "zstd")]
            Self::Zstd(encoder) => encoder.flush(),
        }
    }
}

struct LinesEncoder {
    kind: &'static RecordKind,
    compression: Compression,
    out: Compressor,
    rows: u64,
}

impl Encoder for LinesEncoder {
    fn write(&mut self, entries: &[Entry]) -> Result<Vec<Broken>> {
        for entry in entries {
            entry.raw.write_line(&mut self.out).map_err(failed)?;
        }
        self.rows += entries.len() as u64;
        Ok(Vec::new())
    }

    fn copy(&mut self, _table: usize, part: File, leave_out: &dyn Fn(&str) -> bool) -> Result<()> {
        for_each_line(self.compression, part, |line| {
            let gone = self.kind.head_of(line).is_some_and(|head| leave_out(&head.key));
            if !gone {
                self.out.write_all(line.as_bytes()).map_err(failed)?;
                self.out.write_all(b"\n").map_err(failed)?;
                self.rows += 1;
            }
            Ok(true)
        })
    }

    fn finish(self: Box<Self>) -> Result<BTreeMap<String, u64>> {
        self.out.finish().map_err(failed)?;
        Ok(BTreeMap::from([(self.kind.name.to_owned(), self.rows)]))
    }
}

/// Reads a part.
pub(super) fn reader(compression: Compression, part: File) -> io::Result<Box<dyn BufRead>> {
    Ok(match compression {
        Compression::Plain => Box::new(BufReader::with_capacity(256 * 1024, part)),
        Compression::Gzip => Box::new(BufReader::new(MultiGzDecoder::new(BufReader::new(part)))),
        #[cfg(feature = "zstd")]
        Compression::Zstd => Box::new(BufReader::new(zstd::Decoder::new(part)?)),
    })
}

/// Goes through the lines of a part, until `each` says false.
fn for_each_line(compression: Compression, part: File, mut each: impl FnMut(&str) -> Result<bool>) -> Result<()> {
    let unreadable = |cause: io::Error| {
        Error::new(
            ErrorKind::Decode,
            format!("a part of JSON Lines cannot be read: {cause}"),
        )
        .with_advice("remove the part and its window's manifest entry, then run that window again")
        .with_source(cause)
    };
    let mut lines = reader(compression, part).map_err(unreadable)?;
    let mut line = String::new();
    loop {
        line.clear();
        if lines.read_line(&mut line).map_err(unreadable)? == 0 {
            return Ok(());
        }
        let text = line.trim_end_matches(['\n', '\r']);
        if !text.is_empty() && !each(text)? {
            return Ok(());
        }
    }
}
