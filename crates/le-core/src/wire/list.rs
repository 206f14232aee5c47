//! Arrays, and the bare element that stands for an array of one.

use std::fmt;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};

use serde::de::{SeqAccess, Visitor};
use serde::ser::SerializeSeq;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use serde_json::value::RawValue;

use super::{Salvage, Trail};

/// A list as the wire has it: missing, an array, or a bare element in place of an array of one.
///
/// It reads like a slice; a missing list is an empty one. Elements that do not fit the type are not in the slice, but they are
/// kept as JSON text and written back at their places.
#[derive(Clone)]
pub struct List<T> {
    items: Vec<T>,
    shape: Shape,
}

#[derive(Clone, Default)]
enum Shape {
    #[default]
    Missing,
    Array,
    Bare,
    /// An array in which these elements, by position, did not fit.
    #[expect(
        clippy::box_collection,
        reason = "rare, and every list of every record pays for its size"
    )]
    Mixed(Box<Vec<(usize, Box<RawValue>)>>),
}

impl<T> List<T> {
    /// Whether the record has the list at all; an empty array counts.
    #[must_use]
    pub fn is_sent(&self) -> bool {
        !matches!(self.shape, Shape::Missing) || !self.items.is_empty()
    }

    /// The elements that did not fit the type: position in the array and JSON text.
    pub fn misfits(&self) -> impl Iterator<Item = (usize, &str)> {
        let misfits = if let Shape::Mixed(misfits) = &self.shape {
            misfits.as_slice()
        } else {
            &[]
        };
        misfits.iter().map(|(at, raw)| (*at, raw.get()))
    }

    /// The elements alone.
    #[must_use]
    pub fn into_vec(self) -> Vec<T> {
        self.items
    }
}

/// The elements of a value that is read as a list without a type: those of an array, the bare element itself, or none of `null`.
///
/// ```
/// use le_core::wire::elements;
/// use serde_json::json;
/// assert_eq!(elements(&json!([1, 2])).count(), 2);
/// assert_eq!(elements(&json!({"type": "link"})).count(), 1);
/// assert_eq!(elements(&json!(null)).count(), 0);
/// ```
pub fn elements(value: &Value) -> impl Iterator<Item = &Value> {
    match value {
        Value::Array(elements) => elements.as_slice(),
        Value::Null => &[],
        bare => std::slice::from_ref(bare),
    }
    .iter()
}

impl<T> Default for List<T> {
    fn default() -> Self {
        Self {
            items: Vec::new(),
            shape: Shape::Missing,
        }
    }
}

impl<T> From<Vec<T>> for List<T> {
    fn from(items: Vec<T>) -> Self {
        Self {
            items,
            shape: Shape::Array,
        }
    }
}

impl<T> FromIterator<T> for List<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        items.into_iter().collect::<Vec<_>>().into()
    }
}

impl<T> Deref for List<T> {
    type Target = Vec<T>;
    fn deref(&self) -> &Vec<T> {
        &self.items
    }
}

impl<T> DerefMut for List<T> {
    fn deref_mut(&mut self) -> &mut Vec<T> {
        &mut self.items
    }
}

impl<T> IntoIterator for List<T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;
    fn into_iter(self) -> Self::IntoIter {
        self.items.into_iter()
    }
}

impl<'a, T> IntoIterator for &'a List<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;
    fn into_iter(self) -> Self::IntoIter {
        self.items.iter()
    }
}

impl<T: PartialEq> PartialEq for List<T> {
    fn eq(&self, other: &Self) -> bool {
        self.items == other.items && self.misfits().eq(other.misfits())
    }
}

impl<T: fmt::Debug> fmt::Debug for List<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.items, f)
    }
}

impl<T: Serialize> Serialize for List<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if let (Shape::Bare, [only]) = (&self.shape, self.items.as_slice()) {
            return only.serialize(serializer);
        }
        let mut misfits = match &self.shape {
            Shape::Mixed(misfits) => misfits.as_slice(),
            _ => &[],
        };
        let mut seq = serializer.serialize_seq(Some(self.items.len() + misfits.len()))?;
        let mut at = 0;
        for item in &self.items {
            while let Some(((_, raw), rest)) = misfits.split_first().filter(|((place, _), _)| *place == at) {
                seq.serialize_element(raw)?;
                misfits = rest;
                at += 1;
            }
            seq.serialize_element(item)?;
            at += 1;
        }
        misfits.iter().try_for_each(|(_, raw)| seq.serialize_element(raw))?;
        seq.end()
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Array<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Array<T> {
            type Value = List<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an array")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<List<T>, A::Error> {
                let mut items = Vec::with_capacity(seq.size_hint().unwrap_or(0).min(1024));
                while let Some(item) = seq.next_element()? {
                    items.push(item);
                }
                Ok(List {
                    items,
                    shape: Shape::Array,
                })
            }
        }

        deserializer.deserialize_seq(Array(PhantomData))
    }
}

impl<T: Salvage> Salvage for List<T> {
    fn salvage(raw: &RawValue, trail: &mut Trail) -> Option<Self> {
        if !raw.get().starts_with('[') {
            let only = trail.read::<T>(raw)?;
            trail.note();
            return Some(Self {
                items: vec![only],
                shape: Shape::Bare,
            });
        }
        let elements: Vec<&RawValue> = serde_json::from_str(raw.get()).ok()?;
        let mut items = Vec::with_capacity(elements.len());
        let mut misfits = Vec::new();
        for (at, element) in elements.into_iter().enumerate() {
            trail.enter_index(at);
            match trail.read::<T>(element) {
                Some(item) => items.push(item),
                None => {
                    trail.note();
                    misfits.push((at, element.to_owned()));
                }
            }
            trail.leave();
        }
        let shape = if misfits.is_empty() {
            Shape::Array
        } else {
            Shape::Mixed(Box::new(misfits))
        };
        Some(Self { items, shape })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::Int;

    fn salvage(json: &str) -> Option<(List<Int>, Vec<String>)> {
        let raw: &RawValue = serde_json::from_str(json).unwrap();
        let mut trail = Trail::default();
        let list = trail.read::<List<Int>>(raw)?;
        Some((list, trail.into_paths()))
    }

    #[test]
    fn arrays_bare_elements_and_misfits_are_written_back_as_they_came() {
        for (json, numbers, paths) in [
            ("[]", vec![], vec![]),
            ("[1,\"2\"]", vec![1, 2], vec![]),
            ("7", vec![7], vec![""]),
            ("[null,1,{\"a\":[1]},2,\"x\"]", vec![1, 2], vec!["[0]", "[2]", "[4]"]),
            ("[{}]", vec![], vec!["[0]"]),
        ] {
            let (list, noted) = salvage(json).unwrap();
            assert_eq!(list.iter().map(Int::get).collect::<Vec<_>>(), numbers);
            assert_eq!(noted, paths, "{json}");
            assert_eq!(serde_json::to_string(&list).unwrap(), json);
        }
        assert!(salvage("{}").is_none());
    }

    #[test]
    fn a_list_that_grew_past_its_bare_form_is_an_array() {
        let (mut list, _) = salvage("7").unwrap();
        list.push(Int::from(8));
        assert_eq!(serde_json::to_string(&list).unwrap(), "[7,8]");
        assert!(!List::<Int>::default().is_sent());
        assert!(List::<Int>::from(vec![]).is_sent());
    }
}
