//! JSON values, one after the other, out of a stream of bytes.

use std::fmt;
use std::io::{self, Read};
use std::ops::Range;

use le_core::wire::RawRecord;
use le_core::{Error, ErrorKind, Result};

/// How much is read at once.
const CHUNK: usize = 64 << 10;

/// A value longer than this is given up: memory stays bounded whatever the file holds.
const LONGEST: usize = 64 << 20;

/// Reads JSON objects that stand one after the other, each on a line of its own or over many lines.
///
/// It holds one value and one chunk at a time. A value that cannot be read is an error in its place ([`broken_value`] gives its
/// text), and the reading goes on behind it; an error of the reader, or data that ends too early, is the last item.
pub struct Values<R> {
    reader: R,
    splitter: Splitter,
}

/// Finds the values in bytes that come in pieces.
#[derive(Default)]
pub(super) struct Splitter {
    buffer: Vec<u8>,
    /// Where the bytes that were not looked at yet begin.
    at: usize,
    scan: Scan,
    ended: bool,
}

/// What is known of the value that is being looked for.
#[derive(Default)]
struct Scan {
    /// Where it began.
    start: Option<usize>,
    depth: usize,
    in_text: bool,
    escaped: bool,
    /// The last byte that is no blank, outside of text.
    last: u8,
}

enum Found {
    Value(Range<usize>),
    /// A stretch that is no value, up to where the next may begin.
    Broken(Range<usize>),
    More,
}

impl Splitter {
    /// The next value, or the error in its place; `None` where more bytes are needed, or where it has ended.
    pub(super) fn next_value(&mut self) -> Option<Result<RawRecord>> {
        match self.find() {
            Found::Value(range) => Some(self.record(range)),
            Found::Broken(range) => {
                let reason = "it is no whole JSON object".to_owned();
                Some(Err(broken(&self.buffer[range], reason)))
            }
            Found::More if self.ended => self.rest(),
            Found::More if self.buffer.len() - self.scan.start.unwrap_or(self.at) > LONGEST => {
                self.give_up();
                let message = format!("a value of the file is longer than {} MiB", LONGEST >> 20);
                Some(Err(Error::new(ErrorKind::Decode, message)))
            }
            Found::More => None,
        }
    }

    /// Takes more bytes.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.make_room();
        self.buffer.extend_from_slice(bytes);
    }

    /// There is no more.
    pub(super) fn end(&mut self) {
        self.ended = true;
    }

    /// What follows is not looked at, nor what is left.
    pub(super) fn give_up(&mut self) {
        *self = Self {
            ended: true,
            ..Self::default()
        };
    }

    pub(super) fn is_ended(&self) -> bool {
        self.ended
    }

    /// Looks at what is in the buffer.
    fn find(&mut self) -> Found {
        while let Some(&byte) = self.buffer.get(self.at) {
            let here = self.at;
            self.at += 1;
            let Some(start) = self.scan.start else {
                match byte {
                    b'{' | b'[' => self.scan = Scan::beginning(here, byte),
                    // Byte order mark, blanks, and the record separators of RFC 7464.
                    b' ' | b'\t' | b'\r' | b'\n' | 0x1e | 0xef | 0xbb | 0xbf => {}
                    _ => {
                        self.scan = Scan {
                            start: Some(here),
                            ..Scan::default()
                        }
                    }
                }
                continue;
            };
            if let Some(found) = self.scan.step(byte, start, here) {
                self.scan = Scan::default();
                if let Found::Broken(range) = &found {
                    self.at = range.end;
                }
                return found;
            }
        }
        Found::More
    }

    /// Drops what was given out.
    fn make_room(&mut self) {
        let keep = self.scan.start.unwrap_or(self.at);
        self.buffer.drain(..keep);
        self.at -= keep;
        self.scan.start = self.scan.start.map(|_| 0);
    }

    /// Reads one more chunk.
    fn fill(&mut self, reader: &mut impl Read) -> io::Result<usize> {
        self.make_room();
        let length = self.buffer.len();
        self.buffer.resize(length + CHUNK, 0);
        let read = loop {
            match reader.read(&mut self.buffer[length..]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                outcome => break outcome,
            }
        };
        self.buffer.truncate(length + *read.as_ref().unwrap_or(&0));
        read
    }

    fn record(&self, range: Range<usize>) -> Result<RawRecord> {
        let bytes = &self.buffer[range];
        let text = std::str::from_utf8(bytes).map_err(|_| broken(bytes, "it is not UTF-8".to_owned()))?;
        RawRecord::new(text).map_err(|error| broken(bytes, error.to_string()))
    }

    /// What is left when the data ended within a value.
    fn rest(&mut self) -> Option<Result<RawRecord>> {
        let start = self.scan.start.take()?;
        let bytes = &self.buffer[start..];
        Some(Err(broken(bytes, "the data end within it".to_owned())))
    }
}

impl Scan {
    fn beginning(at: usize, last: u8) -> Self {
        Self {
            start: Some(at),
            depth: 1,
            last,
            ..Self::default()
        }
    }

    /// Takes one more byte of the value into account.
    fn step(&mut self, byte: u8, start: usize, here: usize) -> Option<Found> {
        if self.depth == 0 {
            // Something that is neither an object nor an array: it ends with its line.
            return (byte == b'\n').then_some(Found::Broken(start..here));
        }
        if self.in_text {
            match byte {
                // A line break never stands within a text: the line was cut off.
                b'\n' => return Some(Found::Broken(start..here)),
                _ if self.escaped => self.escaped = false,
                b'\\' => self.escaped = true,
                b'"' => (self.in_text, self.last) = (false, b'"'),
                _ => {}
            }
            return None;
        }
        match byte {
            b' ' | b'\t' | b'\r' | b'\n' => return None,
            b'"' => self.in_text = true,
            // An object begins where no value can: the line before it was cut off.
            b'{' if !matches!(self.last, b'[' | b',' | b':') => return Some(Found::Broken(start..here)),
            b'{' | b'[' => self.depth += 1,
            b'}' | b']' => self.depth -= 1,
            _ => {}
        }
        self.last = byte;
        (self.depth == 0).then_some(Found::Value(start..here + 1))
    }
}

impl<R: Read> Values<R> {
    /// Reads from `reader`.
    pub fn new(reader: R) -> Self {
        let splitter = Splitter::default();
        Self { reader, splitter }
    }
}

impl<R: Read> Iterator for Values<R> {
    type Item = Result<RawRecord>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(value) = self.splitter.next_value() {
                return Some(value);
            }
            if self.splitter.is_ended() {
                return None;
            }
            match self.splitter.fill(&mut self.reader) {
                Ok(0) => self.splitter.end(),
                Ok(_) => {}
                Err(error) => {
                    self.splitter.give_up();
                    return Some(Err(damaged(error)));
                }
            }
        }
    }
}

/// The bytes of a file cannot be unpacked.
pub(super) fn damaged(cause: io::Error) -> Error {
    let message = "the file cannot be unpacked: it is cut off or damaged";
    let error = Error::new(ErrorKind::Decode, message).with_advice("download it again");
    error.with_source(cause)
}

impl<R> fmt::Debug for Values<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Values")
            .field("buffered", &self.splitter.buffer.len())
            .finish_non_exhaustive()
    }
}

/// A stretch of a file that is no JSON object. `Debug` prints only the length.
#[derive(Clone)]
pub struct BrokenValue {
    text: String,
    reason: String,
}

impl BrokenValue {
    /// The text; bytes that are not UTF-8 are replaced.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Why it cannot be read.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.reason
    }
}

impl fmt::Display for BrokenValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "a record of {} bytes cannot be read: {}",
            self.text.len(),
            self.reason
        )
    }
}

impl fmt::Debug for BrokenValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BrokenValue({self})")
    }
}

impl std::error::Error for BrokenValue {}

/// The stretch of the file behind an error; `None` where the error is about the whole file.
#[must_use]
pub fn broken_value(error: &Error) -> Option<&BrokenValue> {
    std::error::Error::source(error)?.downcast_ref()
}

fn broken(bytes: &[u8], reason: String) -> Error {
    let text = String::from_utf8_lossy(bytes).trim_end().to_owned();
    let broken = BrokenValue { text, reason };
    Error::new(ErrorKind::Decode, broken.to_string())
        .with_advice("its text is behind the error's source; the other records are not touched by it")
        .with_source(broken)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    /// Gives at most `step` bytes at once.
    struct Trickle<'a>(&'a [u8], usize);

    impl Read for Trickle<'_> {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            let length = self.1.min(self.0.len()).min(out.len());
            out[..length].copy_from_slice(&self.0[..length]);
            self.0 = &self.0[length..];
            Ok(length)
        }
    }

    fn read(text: &[u8], step: usize) -> Vec<Result<Value, String>> {
        Values::new(Trickle(text, step))
            .map(|item| match item {
                Ok(record) => Ok(record.to_value().unwrap()),
                Err(error) => Err(broken_value(&error).unwrap().text().to_owned()),
            })
            .collect()
    }

    #[test]
    fn a_broken_line_costs_itself_only() {
        let text = "{\"a\":1}\n{\"b\":\"cut of\n{\"c\":[1,{}]}\nnonsense\n{\"d\":tru\n{\"e\":\"}{\\\"\"}\n{\"f\":";
        let expected = vec![
            Ok(json!({ "a": 1 })),
            Err("{\"b\":\"cut of".to_owned()),
            Ok(json!({ "c": [1, {}] })),
            Err("nonsense".to_owned()),
            Err("{\"d\":tru".to_owned()),
            Ok(json!({ "e": "}{\"" })),
            Err("{\"f\":".to_owned()),
        ];
        for step in [1, 2, 3, 7, 1000] {
            assert_eq!(read(text.as_bytes(), step), expected, "{step}");
        }
        let not_text = read(b"{\"a\":\"\xff\"}\n{\"b\":2}", 4);
        assert!(not_text[0].is_err());
        assert_eq!(not_text[1], Ok(json!({ "b": 2 })));
        assert!(read(b" \n\n", 1).is_empty());
    }

    fn tree() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            ".{0,12}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map(".{0,6}", inner, 0..4)
                    .prop_map(|members| members.into_iter().collect::<serde_json::Map<_, _>>().into()),
            ]
        })
    }

    proptest! {
        #[test]
        fn all_values_come_back_whatever_stands_between_them(
            values in prop::collection::vec(prop::collection::btree_map("[a-z]{1,4}", tree(), 0..4), 0..6),
            pretty in any::<bool>(),
            between in prop::sample::select(vec!["", "\n", "\r\n", " ", "\n\n"]),
            step in 1_usize..200,
        ) {
            let values: Vec<Value> = values.into_iter().map(|members| members.into_iter().collect::<serde_json::Map<_, _>>().into()).collect();
            let texts: Vec<String> = values
                .iter()
                .map(|value| if pretty { serde_json::to_string_pretty(value) } else { serde_json::to_string(value) }.unwrap())
                .collect();
            let text = texts.join(between);
            let read: Vec<Value> = read(text.as_bytes(), step).into_iter().map(Result::unwrap).collect();
            prop_assert_eq!(read, values);
        }
    }
}
