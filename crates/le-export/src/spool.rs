//! A window's records, set aside until they are all there.
//!
//! A database shows a window as a whole, in one transaction; a transaction must not wait for a service. So the records wait
//! here: in memory while they are few, in a file without a name while they are many.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};
use std::io::{self, BufReader, BufWriter, Read, Seek as _, SeekFrom, Write};

use le_core::wire::RawRecord;
use le_core::{Result, Timestamp};
use tempfile::SpooledTempFile;

use crate::entry::{Broken, Entry};
use crate::place::write_failed;

/// So much stays in memory.
const IN_MEMORY: usize = 2 << 20;

const PLACE: &str = "the folder for temporary files";

/// Records in the order they came.
pub(crate) struct Spool {
    out: BufWriter<SpooledTempFile>,
    records: u64,
    hasher: [RandomState; 2],
    /// The place of the last record with a key.
    last: HashMap<u128, u64>,
    pub(crate) broken: Vec<Broken>,
}

impl Spool {
    pub(crate) fn new() -> Self {
        Self {
            out: BufWriter::new(SpooledTempFile::new(IN_MEMORY)),
            records: 0,
            hasher: Default::default(),
            last: HashMap::new(),
            broken: Vec::new(),
        }
    }

    /// Sets records aside.
    pub(crate) fn write(&mut self, entries: &[Entry]) -> Result<()> {
        entries
            .iter()
            .try_for_each(|entry| self.write_one(entry))
            .map_err(|cause| write_failed(PLACE, cause))
    }

    fn write_one(&mut self, entry: &Entry) -> io::Result<()> {
        self.last.insert(hash(&self.hasher, &entry.key), self.records);
        self.records += 1;
        self.out
            .write_all(&[u8::from(entry.start.is_some()), u8::from(entry.is_partial)])?;
        let start = entry.start.map_or(0, Timestamp::as_millis);
        self.out.write_all(&start.to_le_bytes())?;
        for text in [entry.key.as_str(), entry.raw.as_str()] {
            self.out.write_all(&(text.len() as u64).to_le_bytes())?;
            self.out.write_all(text.as_bytes())?;
        }
        Ok(())
    }

    /// The records, to be read once. Of records with one key, the last stays.
    pub(crate) fn into_records(self) -> Result<Records> {
        let failed = |cause: io::Error| write_failed(PLACE, cause);
        let mut file = self.out.into_inner().map_err(|error| failed(error.into_error()))?;
        file.seek(SeekFrom::Start(0)).map_err(failed)?;
        Ok(Records {
            input: BufReader::new(file),
            hasher: self.hasher,
            last: self.last,
            next: 0,
            count: self.records,
        })
    }
}

/// The records of a [`Spool`], as they were set aside.
pub(crate) struct Records {
    input: BufReader<SpooledTempFile>,
    hasher: [RandomState; 2],
    last: HashMap<u128, u64>,
    next: u64,
    count: u64,
}

impl Records {
    /// The next record.
    pub(crate) fn next_record(&mut self) -> Result<Option<Entry>> {
        while self.next < self.count {
            let entry = read_one(&mut self.input).map_err(|cause| write_failed(PLACE, cause))?;
            let at = self.next;
            self.next += 1;
            if self.last.get(&hash(&self.hasher, &entry.key)) == Some(&at) {
                return Ok(Some(entry));
            }
        }
        Ok(None)
    }
}

/// 128 bits, so that two keys practically never fall together.
fn hash(hasher: &[RandomState; 2], key: &str) -> u128 {
    let [high, low] = hasher;
    (u128::from(high.hash_one(key)) << 64) | u128::from(low.hash_one(key))
}

fn read_one(input: &mut impl Read) -> io::Result<Entry> {
    let mut flags = [0; 2];
    input.read_exact(&mut flags)?;
    let start = i64::from_le_bytes(number(input)?);
    let key = text(input)?;
    let raw = RawRecord::new(text(input)?).map_err(|_| io::Error::from(io::ErrorKind::InvalidData))?;
    let mut entry = Entry::new(key, (flags[0] == 1).then(|| Timestamp::from_millis(start)), raw);
    entry.is_partial = flags[1] == 1;
    Ok(entry)
}

fn number(input: &mut impl Read) -> io::Result<[u8; 8]> {
    let mut bytes = [0; 8];
    input.read_exact(&mut bytes)?;
    Ok(bytes)
}

fn text(input: &mut impl Read) -> io::Result<String> {
    let length = u64::from_le_bytes(number(input)?);
    let mut text = String::new();
    let read = input.by_ref().take(length).read_to_string(&mut text)?;
    if read as u64 == length {
        Ok(text)
    } else {
        Err(io::ErrorKind::UnexpectedEof.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_set_aside_comes_back_byte_for_byte() {
        let mut spool = Spool::new();
        let long = format!("{{\n\"a\": \"{}é\"}}", "x".repeat(IN_MEMORY));
        let mut whole = Entry::new("k1", Some(Timestamp::from_millis(-5)), RawRecord::new(long).unwrap());
        whole.is_partial = true;
        let small = Entry::new("", None, RawRecord::new("[]").unwrap());
        spool.write(&[whole.clone(), small.clone()]).unwrap();
        spool.write(&[]).unwrap();
        let newer = Entry::new("k1", None, RawRecord::new("{}").unwrap());
        let mut records = spool.into_records().unwrap();
        assert_eq!(records.next_record().unwrap().as_ref(), Some(&whole));
        assert_eq!(records.next_record().unwrap().as_ref(), Some(&small));
        assert_eq!(records.next_record().unwrap(), None);

        let mut spool = Spool::new();
        spool.write(&[whole, small.clone(), newer.clone()]).unwrap();
        let mut records = spool.into_records().unwrap();
        assert_eq!(records.next_record().unwrap(), Some(small));
        assert_eq!(
            records.next_record().unwrap(),
            Some(newer),
            "of two with one key, the last stays"
        );
        assert_eq!(records.next_record().unwrap(), None);
    }
}
