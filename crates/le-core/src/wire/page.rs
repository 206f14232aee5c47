//! One page into its records, in one pass over its text.
//!
//! A page is an object with a few small members and one long array. Records are found where they stand in the page's buffer;
//! nothing is copied, and the text is checked to be UTF-8 once.

use bytes::Bytes;
use bytestring::ByteString;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{DecodeError, RawRecord, Record, RecordError, Salvage};

/// A page taken apart: its records and its other members.
#[derive(Debug, Clone)]
pub struct PageParts<R> {
    /// The records, in the order of the page. Empty where the list is missing or `null`.
    pub records: Vec<R>,
    /// The other members of the page, by name, as JSON text.
    pub members: Vec<(String, RawRecord)>,
}

impl<R> PageParts<R> {
    /// The JSON text of the member `key`.
    #[must_use]
    pub fn member(&self, key: &str) -> Option<&RawRecord> {
        self.members.iter().find(|(own, _)| own == key).map(|(_, raw)| raw)
    }
}

/// The text of a page, checked to be UTF-8 once.
#[derive(Clone)]
pub struct PageText(ByteString);

impl PageText {
    /// Takes a body. Nothing is copied.
    ///
    /// # Errors
    /// The body is not UTF-8.
    pub fn new(body: &Bytes) -> Result<Self, DecodeError> {
        ByteString::try_from(body.clone()).map(Self).map_err(|_| {
            let valid = std::str::from_utf8(body).map_or_else(|error| error.valid_up_to(), str::len);
            DecodeError::at(valid, "the text is not UTF-8")
        })
    }

    /// The members that stand before the list `key`, read without going into the list. What is wrong with the page behind
    /// them is not noticed.
    #[must_use]
    pub fn head(&self, key: &str) -> Vec<(String, RawRecord)> {
        let mut head = Vec::new();
        // The members before a flaw are as good as those before the list.
        let _ = Cursor::new(&self.0).head(key, &mut head);
        head
    }

    /// Whether the list `key` is empty or missing. The list is not gone through.
    ///
    /// # Errors
    /// The page is flawed before the list.
    pub fn is_without(&self, key: &str) -> Result<bool, DecodeError> {
        let mut cursor = Cursor::new(&self.0);
        if cursor.peek().is_none() || !cursor.head(key, &mut Vec::new())? {
            return Ok(true);
        }
        Ok(cursor.take(b'[') && cursor.peek() == Some(b']'))
    }

    /// The records of the list `key`, not decoded.
    ///
    /// # Errors
    /// As for [`split_records`].
    pub fn split(&self, key: &str) -> Result<PageParts<RawRecord>, DecodeError> {
        Cursor::new(&self.0).page(key, |cursor| {
            cursor.raw().map(|raw| RawRecord::part_of(cursor.page, raw.get()))
        })
    }

    /// The records of the list `key`, typed.
    ///
    /// # Errors
    /// As for [`split_records`].
    pub fn decode<T: Salvage>(&self, key: &str) -> Result<PageParts<Result<Record<T>, RecordError>>, DecodeError> {
        Cursor::new(&self.0).page(key, |cursor| cursor.record())
    }
}

impl std::fmt::Debug for PageText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PageText(<{} bytes>)", self.0.len())
    }
}

/// Splits a page into the raw records of the list `key`, without decoding them.
///
/// A page with no text at all (an answer 204) has no records.
///
/// # Errors
/// The page is not UTF-8, not a JSON object, cut off, or `key` is neither a list nor a record nor `null`.
pub fn split_records(page: &Bytes, key: &str) -> Result<PageParts<RawRecord>, DecodeError> {
    PageText::new(page)?.split(key)
}

/// Decodes the records of the list `key`, each beside its exact text.
///
/// A record in which a field does not fit is salvaged; one that cannot be read at all is an error in its place, and the others
/// are not touched by it.
///
/// # Errors
/// As for [`split_records`].
pub fn decode_records<T: Salvage>(
    page: &Bytes,
    key: &str,
) -> Result<PageParts<Result<Record<T>, RecordError>>, DecodeError> {
    PageText::new(page)?.decode(key)
}

/// A place in the text of a page. It knows the punctuation of objects and arrays; every value is read by serde_json.
struct Cursor<'a> {
    page: &'a ByteString,
    at: usize,
}

impl<'a> Cursor<'a> {
    fn new(page: &'a ByteString) -> Self {
        Self { page, at: 0 }
    }

    /// The whole page; each element of the list `key` is read by `element`.
    fn page<R>(
        mut self,
        key: &str,
        mut element: impl FnMut(&mut Self) -> Result<R, DecodeError>,
    ) -> Result<PageParts<R>, DecodeError> {
        let mut parts = PageParts {
            records: Vec::new(),
            members: Vec::new(),
        };
        if self.peek().is_none() {
            return Ok(parts);
        }
        let mut more = self.open()?;
        while more {
            if self.member(key, &mut parts.members)? {
                self.records(&mut parts.records, &mut element)?;
            }
            more = self.another()?;
        }
        match self.peek() {
            None => Ok(parts),
            Some(_) => Err(DecodeError::at(self.at, "text after the end of the page")),
        }
    }

    /// The members before the list `key`. True where it stops before that list, false where there is none.
    fn head(&mut self, key: &str, members: &mut Vec<(String, RawRecord)>) -> Result<bool, DecodeError> {
        let mut more = self.open()?;
        while more {
            if self.member(key, members)? {
                return Ok(true);
            }
            more = self.another()?;
        }
        Ok(false)
    }

    /// Goes into the page's object. False where it is empty.
    fn open(&mut self) -> Result<bool, DecodeError> {
        self.expect(b'{', "a JSON object")?;
        Ok(!self.take(b'}'))
    }

    /// Goes to the next member. False where there is none.
    fn another(&mut self) -> Result<bool, DecodeError> {
        if self.take(b',') {
            return Ok(true);
        }
        self.expect(b'}', "`,` or `}` after a member").map(|()| false)
    }

    /// Reads a member, or stops before its value and says true where it is the list `key`.
    fn member(&mut self, key: &str, members: &mut Vec<(String, RawRecord)>) -> Result<bool, DecodeError> {
        let name = self.key()?;
        self.expect(b':', "`:` after a member's name")?;
        if name == key && self.peek() != Some(b'n') {
            return Ok(true);
        }
        let raw = self.raw()?;
        members.push((name, RawRecord::part_of(self.page, raw.get())));
        Ok(false)
    }

    fn rest(&self) -> &'a str {
        &self.page[self.at..]
    }

    /// The next byte that is not blank.
    fn peek(&mut self) -> Option<u8> {
        let blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r');
        self.at += self.rest().bytes().take_while(blank).count();
        self.rest().bytes().next()
    }

    fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, byte: u8, what: &str) -> Result<(), DecodeError> {
        if self.take(byte) {
            return Ok(());
        }
        let found = match self.peek() {
            None => "the end of the text",
            Some(b'<') => "`<` (an HTML or XML page)",
            Some(_) => "something else",
        };
        Err(DecodeError::at(self.at, format!("expected {what}, found {found}")))
    }

    fn raw(&mut self) -> Result<&'a RawValue, DecodeError> {
        let rest = self.rest();
        let raw = <&RawValue>::deserialize(&mut serde_json::Deserializer::from_str(rest))
            .map_err(|error| DecodeError::of_part(&error, self.at, rest))?;
        // The value is a slice of the rest of the page: its place in it is the distance of the two.
        self.at += (raw.get().as_ptr() as usize - rest.as_ptr() as usize) + raw.get().len();
        Ok(raw)
    }

    fn key(&mut self) -> Result<String, DecodeError> {
        if self.peek() != Some(b'"') {
            return Err(DecodeError::at(self.at, "expected a member's name"));
        }
        let start = self.at;
        let raw = self.raw()?;
        serde_json::from_str(raw.get()).map_err(|error| DecodeError::of_part(&error, start, raw.get()))
    }

    fn records<R>(
        &mut self,
        records: &mut Vec<R>,
        element: &mut impl FnMut(&mut Self) -> Result<R, DecodeError>,
    ) -> Result<(), DecodeError> {
        if self.peek() == Some(b'{') {
            // A list of one element that came bare.
            records.push(element(self)?);
            return Ok(());
        }
        self.expect(b'[', "a list of records")?;
        if self.take(b']') {
            return Ok(());
        }
        loop {
            records.push(element(self)?);
            if !self.take(b',') {
                return self.expect(b']', "`,` or `]` after a record");
            }
        }
    }

    /// One record, typed. The text is gone over a second time only where the strict reading fails.
    fn record<T: Salvage>(&mut self) -> Result<Result<Record<T>, RecordError>, DecodeError> {
        if self.peek() == Some(b'{') {
            let rest = self.rest();
            let mut reader = serde_json::Deserializer::from_str(rest).into_iter::<T>();
            if let Some(Ok(value)) = reader.next() {
                let end = reader.byte_offset();
                self.at += end;
                return Ok(Ok(Record::new(
                    RawRecord::part_of(self.page, &rest[..end]),
                    value,
                    Vec::new(),
                )));
            }
        }
        let raw = self.raw()?;
        Ok(RawRecord::part_of(self.page, raw.get()).salvage())
    }
}
