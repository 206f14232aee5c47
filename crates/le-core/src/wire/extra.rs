//! The members of a record that have no typed place.

use std::borrow::Cow;
use std::fmt;

use serde::Serialize;
use serde_json::value::RawValue;

/// Members of a record that are not in its typed fields: unknown ones, explicit `null`s, and values that did not fit.
///
/// Each is kept as the JSON text it came with and is written back when the record is. `Debug` prints only their number, since
/// what is unknown may be personal.
#[derive(Clone, Default)]
pub struct Extra(Option<Box<Kept>>);

#[derive(Clone, Default)]
struct Kept {
    /// `None` is `null`, which is by far the most frequent value here and costs no allocation.
    members: Vec<(Cow<'static, str>, Option<Box<RawValue>>)>,
    /// Fields that came under an alias: the declared name and the name they had.
    aliases: Vec<(&'static str, &'static str)>,
}

impl Extra {
    /// How many members there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.as_ref().map_or(0, |kept| kept.members.len())
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The members in the order they came: name and JSON text.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .flat_map(|kept| &kept.members)
            .map(|(key, value)| (key.as_ref(), text(value.as_deref())))
    }

    /// The JSON text of the member `key`.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        self.iter().find(|(own, _)| *own == key).map(|(_, value)| value)
    }

    /// The member `key` as a JSON value.
    #[must_use]
    pub fn value(&self, key: &str) -> Option<serde_json::Value> {
        self.get(key).and_then(|text| serde_json::from_str(text).ok())
    }

    /// Sets the member `key`, in place of one that was there.
    ///
    /// # Errors
    /// Fails where the value cannot be written as JSON.
    pub fn insert<T: Serialize + ?Sized>(
        &mut self,
        key: impl Into<String>,
        value: &T,
    ) -> Result<(), serde_json::Error> {
        let key = key.into();
        let raw = serde_json::value::to_raw_value(value)?;
        self.remove(&key);
        self.keep(Cow::Owned(key), raw);
        Ok(())
    }

    /// Takes the member `key` out and gives its JSON text.
    pub fn remove(&mut self, key: &str) -> Option<String> {
        let kept = self.0.as_mut()?;
        let at = kept.members.iter().position(|(own, _)| own == key)?;
        let (_, value) = kept.members.remove(at);
        Some(text(value.as_deref()).to_owned())
    }

    #[doc(hidden)]
    #[cold]
    pub fn keep(&mut self, key: Cow<'static, str>, value: Box<RawValue>) {
        let value = if value.get() == "null" { None } else { Some(value) };
        self.0.get_or_insert_default().members.push((key, value));
    }

    #[doc(hidden)]
    #[cold]
    pub fn keep_null(&mut self, key: Cow<'static, str>) {
        self.0.get_or_insert_default().members.push((key, None));
    }

    #[cold]
    pub(super) fn came_as(&mut self, name: &'static str, alias: &'static str) {
        self.0.get_or_insert_default().aliases.push((name, alias));
    }

    /// The name that the field `name` had on the wire.
    pub(super) fn name_of(&self, name: &'static str) -> &'static str {
        let aliases = self.0.as_ref().map_or(&[][..], |kept| &kept.aliases);
        aliases
            .iter()
            .find(|(own, _)| *own == name)
            .map_or(name, |(_, alias)| alias)
    }

    pub(super) fn members(&self) -> impl Iterator<Item = (&str, Option<&RawValue>)> {
        self.0
            .iter()
            .flat_map(|kept| &kept.members)
            .map(|(key, value)| (key.as_ref(), value.as_deref()))
    }
}

fn text(value: Option<&RawValue>) -> &str {
    value.map_or("null", RawValue::get)
}

impl PartialEq for Extra {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl fmt::Debug for Extra {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{} more>", self.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_found_replaced_and_removed() {
        let mut extra = Extra::default();
        assert!(extra.is_empty());
        extra.insert("mood", "calm").unwrap();
        extra.insert("mood", &7).unwrap();
        extra.keep_null("gone".into());
        assert_eq!(extra.len(), 2);
        assert_eq!(extra.get("mood"), Some("7"));
        assert_eq!(extra.value("gone"), Some(serde_json::Value::Null));
        assert_eq!(extra.remove("mood").as_deref(), Some("7"));
        assert_eq!(extra.remove("mood"), None);
        assert_eq!(format!("{extra:?}"), "<1 more>");
        assert_eq!(size_of::<Extra>(), size_of::<usize>());
    }
}
