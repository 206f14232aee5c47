//! Single members: values, and objects that lead further.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::{Object, Place, Walk};
use crate::tables::cell::Cell;
use crate::tables::column::Kind;
use crate::tables::program::Leaf;

/// A member that is a value, or an object with members of interest.
pub(super) struct Member<'w, 'p, 'a> {
    pub(super) walk: &'w mut Walk<'p, 'a>,
    pub(super) place: Place,
    pub(super) leaf: Option<Leaf>,
    pub(super) mark: Option<(Leaf, &'static str)>,
    pub(super) object: Option<usize>,
}

impl<'a> Member<'_, '_, 'a> {
    fn put(self, cell: impl FnOnce(Kind) -> Cell<'a>) {
        if let Some(leaf) = self.leaf {
            let cell = cell(leaf.kind);
            if !cell.is_null() {
                self.walk.set(self.place, leaf, cell);
            }
        }
    }
}

impl<'a> DeserializeSeed<'a> for Member<'_, '_, 'a> {
    type Value = ();
    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<(), D::Error> {
        match self.leaf {
            Some(leaf) if leaf.kind == Kind::Json => {
                let raw = <&'a RawValue as serde::Deserialize<'a>>::deserialize(deserializer)?;
                if raw.get() != "null" {
                    self.walk.set(self.place, leaf, Cell::Text(Cow::Borrowed(raw.get())));
                }
                Ok(())
            }
            _ => deserializer.deserialize_any(self),
        }
    }
}

impl<'a> Visitor<'a> for Member<'_, '_, 'a> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_bool<E>(self, flag: bool) -> Result<(), E> {
        self.put(|kind| Cell::of_flag(kind, flag));
        Ok(())
    }

    fn visit_i64<E>(self, number: i64) -> Result<(), E> {
        if let Some(leaf) = self.leaf
            && leaf.kind == Kind::Time
            && number == -1
        {
            // The twin in milliseconds says that there is no time, whatever the text beside it says.
            self.walk.set(self.place, leaf, Cell::Null);
            return Ok(());
        }
        self.put(|kind| Cell::of_integer(kind, number));
        Ok(())
    }

    fn visit_u64<E>(self, number: u64) -> Result<(), E> {
        self.put(|kind| match i64::try_from(number) {
            Ok(number) => Cell::of_integer(kind, number),
            Err(_) => Cell::of_number(kind, number as f64, || number.to_string()),
        });
        Ok(())
    }

    fn visit_f64<E>(self, number: f64) -> Result<(), E> {
        self.put(|kind| Cell::of_number(kind, number, || number.to_string()));
        Ok(())
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        self.put(|kind| Cell::of_text(kind, Cow::Owned(text.to_owned())));
        Ok(())
    }

    fn visit_borrowed_str<E>(self, text: &'a str) -> Result<(), E> {
        self.put(|kind| Cell::of_text(kind, Cow::Borrowed(text)));
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<S: SeqAccess<'a>>(self, mut seq: S) -> Result<(), S::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }

    fn visit_map<M: MapAccess<'a>>(self, mut map: M) -> Result<(), M::Error> {
        if let Some((leaf, word)) = self.mark {
            self.walk.set(self.place, leaf, Cell::Text(Cow::Borrowed(word)));
        }
        match self.object {
            Some(node) => {
                let place = Place { node, ..self.place };
                Object { walk: self.walk, place }.visit_map(map).map(|_| ())
            }
            None => {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(())
            }
        }
    }
}
