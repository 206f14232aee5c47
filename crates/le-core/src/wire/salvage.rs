//! A second, lenient reading, for a record in which some value has a type that its field does not take.

use std::fmt::Write as _;

use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

/// A type that can be read leniently, part by part, after the strict reading failed.
///
/// Scalars have nothing to take apart and use the default. Records and lists keep what fits and note the rest.
pub trait Salvage: DeserializeOwned {
    /// Reads what fits of `raw`. `None` where nothing does: the caller then keeps the JSON text.
    ///
    /// It is called only after the strict reading of the same text failed.
    #[must_use]
    fn salvage(raw: &RawValue, trail: &mut Trail) -> Option<Self> {
        let _ = (raw, trail);
        None
    }
}

impl<K> Salvage for crate::id::Id<K> {}
impl Salvage for crate::time::Timestamp {}
impl Salvage for String {}
impl Salvage for bool {}
impl Salvage for i64 {}
impl Salvage for f64 {}
impl Salvage for serde_json::Value {}
impl Salvage for Box<RawValue> {}

impl<T: Salvage> Salvage for Box<T> {
    fn salvage(raw: &RawValue, trail: &mut Trail) -> Option<Self> {
        T::salvage(raw, trail).map(Box::new)
    }
}

/// Where a lenient reading stands, and the paths of what it could not type so far.
#[derive(Debug, Default)]
pub struct Trail {
    here: String,
    marks: Vec<usize>,
    paths: Vec<String>,
}

impl Trail {
    /// Reads `raw`: strictly, and leniently where that fails.
    pub fn read<T: Salvage>(&mut self, raw: &RawValue) -> Option<T> {
        match serde_json::from_str(raw.get()) {
            Ok(value) => Some(value),
            Err(_) => T::salvage(raw, self),
        }
    }

    /// Goes into the member `key`.
    pub fn enter(&mut self, key: &str) {
        self.marks.push(self.here.len());
        if !self.here.is_empty() {
            self.here.push('.');
        }
        self.here.push_str(key);
    }

    /// Goes into the element `at`.
    pub fn enter_index(&mut self, at: usize) {
        self.marks.push(self.here.len());
        // Writing to a String cannot fail.
        let _ = write!(self.here, "[{at}]");
    }

    /// Goes back to where the last `enter` came from.
    pub fn leave(&mut self) {
        let mark = self.marks.pop().unwrap_or(0);
        self.here.truncate(mark);
    }

    /// Notes that the value here was not of the expected type.
    pub fn note(&mut self) {
        self.paths.push(self.here.clone());
    }

    /// The JSON paths that were noted, e.g. `messageRecords[3].timeL`.
    #[must_use]
    pub fn into_paths(self) -> Vec<String> {
        self.paths
    }
}
