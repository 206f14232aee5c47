//! The content of a file.

use std::fmt;
use std::io::Read;

use bytes::{Buf as _, Bytes};
use flate2::read::MultiGzDecoder;
use le_core::wire::RawRecord;
use le_core::{Error, ErrorKind, Result};

use super::line::DataLine;
use super::unpack::is_gzip;
use super::values::Values;

/// The content of a file as received, held whole. It is unpacked while it is read. For large files see
/// [`DataAccess::read`](super::DataAccess::read), which holds a chunk.
#[derive(Clone)]
pub struct DataFileContent(Bytes);

/// Unpacked bytes.
type Unpacked = Box<dyn Read + Send>;

impl DataFileContent {
    /// Takes the bytes of a file, e.g. one that was stored before.
    #[must_use]
    pub fn new(bytes: impl Into<Bytes>) -> Self {
        Self(bytes.into())
    }

    /// The bytes as received.
    #[must_use]
    pub fn bytes(&self) -> &Bytes {
        &self.0
    }

    /// Whether the file is packed, by its first bytes.
    #[must_use]
    pub fn is_gzip(&self) -> bool {
        is_gzip(&self.0)
    }

    /// The unpacked bytes, as a reader.
    #[must_use]
    pub fn reader(&self) -> impl Read + Send + 'static {
        self.unpacked()
    }

    fn unpacked(&self) -> Unpacked {
        let bytes = self.0.clone().reader();
        if self.is_gzip() {
            Box::new(MultiGzDecoder::new(bytes))
        } else {
            Box::new(bytes)
        }
    }

    /// The JSON objects of the file, as received.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`] where the file is binary Avro ([`binary_avro`] gives its bytes), [`ErrorKind::Protocol`] where it is
    /// an HTML page.
    pub fn values(&self) -> Result<impl Iterator<Item = Result<RawRecord>> + Send + 'static> {
        self.open()
    }

    /// The lines of the file, typed.
    ///
    /// # Errors
    /// As [`values`](Self::values).
    pub fn lines(&self) -> Result<impl Iterator<Item = Result<DataLine>> + Send + 'static> {
        Ok(self.open()?.map(|value| DataLine::read(value?)))
    }

    pub(super) fn open(&self) -> Result<Values<Unpacked>> {
        let mut first = [0_u8; 4];
        let length = read_some(&mut self.unpacked(), &mut first);
        if let Some(error) = refuse_odd(&first[..length], Some(self)) {
            return Err(error);
        }
        Ok(Values::new(self.unpacked()))
    }
}

/// Refuses what is no JSON at all, by its first four bytes.
pub(super) fn refuse_odd(first: &[u8], content: Option<&DataFileContent>) -> Option<Error> {
    if first.starts_with(b"Obj\x01") {
        let message = "the file is binary Avro (it begins with `Obj`), not the JSON that is documented";
        let error = Error::new(ErrorKind::Decode, message)
            .with_advice("read it with an Avro library; fetch(..) gives its bytes")
            .with_source(BinaryAvro(content.cloned()));
        return Some(error);
    }
    (first.first() == Some(&b'<')).then(|| {
        let message = "the file is an HTML or XML page where JSON is expected";
        Error::new(ErrorKind::Protocol, message).with_advice("a gateway or proxy between here and LivePerson answered")
    })
}

/// Up to four bytes; what is wrong with the data shows when they are read on.
fn read_some(reader: &mut impl Read, out: &mut [u8]) -> usize {
    let mut length = 0;
    while length < out.len() {
        match reader.read(&mut out[length..]) {
            Ok(read) if read > 0 => length += read,
            _ => break,
        }
    }
    length
}

impl fmt::Debug for DataFileContent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DataFileContent(<{} bytes>)", self.0.len())
    }
}

/// A file in the binary form of Avro, which this crate does not read.
#[derive(Debug, Clone)]
pub struct BinaryAvro(Option<DataFileContent>);

impl BinaryAvro {
    /// The file, where it was held whole; `None` where it was read while it came: [`DataAccess::fetch`](super::DataAccess::fetch)
    /// gives its bytes.
    #[must_use]
    pub fn content(&self) -> Option<&DataFileContent> {
        self.0.as_ref()
    }
}

impl fmt::Display for BinaryAvro {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a file in the binary form of Avro")
    }
}

impl std::error::Error for BinaryAvro {}

/// The file behind an error that says that it is binary Avro.
#[must_use]
pub fn binary_avro(error: &Error) -> Option<&BinaryAvro> {
    std::error::Error::source(error)?.downcast_ref()
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn packed(bytes: &[u8]) -> Vec<u8> {
        let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        out.write_all(bytes).unwrap();
        out.finish().unwrap()
    }

    fn texts(content: &DataFileContent) -> Vec<Result<String, String>> {
        let values = content.values().unwrap();
        values
            .map(|value| {
                value
                    .map(|raw| raw.as_str().to_owned())
                    .map_err(|error| error.to_string())
            })
            .collect()
    }

    #[test]
    fn packed_plain_and_joined_files_are_read_alike() {
        let lines = b"{\"a\":1}\n{\"b\":2}\n";
        let whole = ["{\"a\":1}", "{\"b\":2}"].map(|text| Ok(text.to_owned()));
        let joined = [packed(b"{\"a\":1}\n"), packed(b"{\"b\":2}\n")].concat();
        for bytes in [lines.to_vec(), packed(lines), joined] {
            assert_eq!(texts(&DataFileContent::new(bytes)), whole);
        }
        assert!(texts(&DataFileContent::new(Bytes::new())).is_empty());
    }

    #[test]
    fn a_file_that_is_cut_off_gives_what_it_holds_and_an_error() {
        let lines: String = (0..20_000).map(|n| format!("{{\"n\":{}}}\n", n * 7919)).collect();
        let mut bytes = packed(lines.as_bytes());
        bytes.truncate(bytes.len() / 2);
        let read = texts(&DataFileContent::new(bytes));
        assert!(read.len() > 1000);
        assert!(read.last().unwrap().as_ref().unwrap_err().contains("cut off"));
        assert!(read[..read.len() - 1].iter().all(Result::is_ok));
    }

    #[test]
    fn binary_avro_is_named_and_its_bytes_are_there() {
        for bytes in [b"Obj\x01rest".to_vec(), packed(b"Obj\x01rest")] {
            let content = DataFileContent::new(bytes.clone());
            let error = content.values().err().unwrap();
            assert!(error.to_string().contains("binary Avro"), "{error}");
            assert_eq!(binary_avro(&error).unwrap().content().unwrap().bytes(), &bytes);
            let mut out = Vec::new();
            content.reader().read_to_end(&mut out).unwrap();
            assert_eq!(out, b"Obj\x01rest");
        }
        let error = DataFileContent::new(&b"<html>"[..]).values().err().unwrap();
        assert_eq!(error.kind(), ErrorKind::Protocol);
    }
}
