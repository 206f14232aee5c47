//! The `record!` macro and what its expansion calls.

use std::fmt;

use serde::Serialize;

use super::{List, Salvage};

/// A field of a record: it is set or not, and has one type on the wire.
pub trait Slot: Default {
    /// What the field holds on the wire.
    type Wire: Salvage + Serialize + fmt::Debug;

    /// The value, where the field is set.
    fn wire(&self) -> Option<&Self::Wire>;

    /// Sets the field.
    fn put(&mut self, value: Self::Wire);
}

impl<T: Salvage + Serialize + fmt::Debug> Slot for Option<T> {
    type Wire = T;

    #[inline]
    fn wire(&self) -> Option<&T> {
        self.as_ref()
    }

    #[inline]
    fn put(&mut self, value: T) {
        *self = Some(value);
    }
}

impl<T: Salvage + Serialize + fmt::Debug> Slot for List<T> {
    type Wire = Self;

    #[inline]
    fn wire(&self) -> Option<&Self> {
        self.is_sent().then_some(self)
    }

    #[inline]
    fn put(&mut self, value: Self) {
        *self = value;
    }
}

/// Declares a response record.
///
/// Every field is an [`Option`](std::option::Option) or a [`List`](crate::wire::List), with its name on the wire and, where
/// the service is not consistent, its aliases. The record gets a public field `extra` for the rest ([`Extra`](crate::wire::Extra)).
/// What was read is written back: an alias under the name it came with, an unknown member unchanged, an explicit `null` as `null`.
///
/// A record has `Default`, unless it is declared as `pub struct Name without Default`: then only reading and its own constructors
/// make one, so that what a sender must give cannot be left out.
///
/// `Debug` prints only the fields marked `[safe]`: ids, enums, numbers, times, and records that are safe themselves. All others
/// print as `<redacted>`.
///
/// ```
/// use le_core::wire::{Float, Int, List};
/// le_core::record! {
///     /// How a conversation went.
///     pub struct Outcome {
///         /// Satisfaction, 1 to 5.
///         csat_rate: Option<Float> = "csatRate" | "csat" [safe],
///         /// Milliseconds.
///         duration: Option<Int> = "duration" [safe],
///         /// What the consumer wrote.
///         comment: Option<String> = "comment",
///         /// Scores in order.
///         scores: List<Int> = "scores" [safe],
///     }
/// }
/// let json = r#"{"csat":4,"duration":"1200","comment":"Thanks, Ruth","scores":[1],"later":{"x":null}}"#;
/// let outcome: Outcome = serde_json::from_str(json)?;
/// assert_eq!(outcome.csat_rate.as_ref().map(Float::get), Some(4.0));
/// assert_eq!(outcome.extra.get("later"), Some(r#"{"x":null}"#));
/// assert_eq!(serde_json::to_string(&outcome)?, json);
/// assert!(!format!("{outcome:?}").contains("Ruth"));
/// # Ok::<_, serde_json::Error>(())
/// ```
#[macro_export]
macro_rules! record {
    (
        $(#[$meta:meta])*
        pub struct $name:ident $(without $default:ident)? {
            $( $(#[$field_meta:meta])* $field:ident : $type:ty = $wire:literal $(| $alias:literal)* $([$mark:ident])?, )*
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, PartialEq)]
        #[non_exhaustive]
        pub struct $name {
            $( $(#[$field_meta])* pub $field: $type, )*
            /// Members that have no field here, kept as they came.
            pub extra: $crate::wire::Extra,
        }

        const _: () = {
            use $crate::wire::__record as rt;

            impl rt::Blank for $name {
                fn blank() -> Self {
                    Self {
                        $( $field: rt::Default::default(), )*
                        extra: rt::Default::default(),
                    }
                }
            }

            $crate::__record_default! { $name $(without $default)? }

            #[allow(non_camel_case_types)]
            enum Key<'de> {
                $( $field(rt::Option<&'static str>), )*
                __Other(rt::Cow<'de, str>),
            }

            impl Key<'_> {
                #[inline]
                fn known(text: &str) -> rt::Option<Self> {
                    rt::Some(match text {
                        $( $wire => Key::$field(rt::None), $( $alias => Key::$field(rt::Some($alias)), )* )*
                        _ => return rt::None,
                    })
                }
            }

            impl<'de> rt::Deserialize<'de> for Key<'de> {
                #[inline]
                fn deserialize<D: rt::Deserializer<'de>>(deserializer: D) -> rt::Result<Self, D::Error> {
                    struct Name;
                    impl<'de> rt::Visitor<'de> for Name {
                        type Value = Key<'de>;
                        fn expecting(&self, f: &mut rt::Formatter<'_>) -> rt::FmtResult {
                            f.write_str("a member's name")
                        }
                        #[inline]
                        fn visit_str<E>(self, text: &str) -> rt::Result<Key<'de>, E> {
                            rt::Ok(Key::known(text).unwrap_or_else(|| Key::__Other(rt::Cow::Owned(text.into()))))
                        }
                        #[inline]
                        fn visit_borrowed_str<E>(self, text: &'de str) -> rt::Result<Key<'de>, E> {
                            rt::Ok(Key::known(text).unwrap_or(Key::__Other(rt::Cow::Borrowed(text))))
                        }
                    }
                    deserializer.deserialize_identifier(Name)
                }
            }

            impl<'de> rt::Deserialize<'de> for $name {
                fn deserialize<D: rt::Deserializer<'de>>(deserializer: D) -> rt::Result<Self, D::Error> {
                    struct Members;
                    impl<'de> rt::Visitor<'de> for Members {
                        type Value = $name;
                        fn expecting(&self, f: &mut rt::Formatter<'_>) -> rt::FmtResult {
                            f.write_str(::std::concat!("an object (", ::std::stringify!($name), ")"))
                        }
                        fn visit_map<A: rt::MapAccess<'de>>(self, mut map: A) -> rt::Result<$name, A::Error> {
                            let mut out = <$name as rt::Blank>::blank();
                            while let rt::Some(key) = map.next_key::<Key<'de>>()? {
                                match key {
                                    $( Key::$field(alias) => {
                                        rt::read(&mut map, &mut out.$field, $wire, alias, &mut out.extra)?;
                                    } )*
                                    Key::__Other(name) => rt::keep(&mut map, name, &mut out.extra)?,
                                }
                            }
                            rt::Ok(out)
                        }
                    }
                    deserializer.deserialize_map(Members)
                }
            }

            impl rt::Salvage for $name {
                fn salvage(raw: &rt::RawValue, trail: &mut rt::Trail) -> rt::Option<Self> {
                    let mut out = <$name as rt::Blank>::blank();
                    for (name, value) in rt::members(raw)? {
                        match Key::known(&name) {
                            $( rt::Some(Key::$field(alias)) => {
                                rt::fit(value, &mut out.$field, $wire, alias, &mut out.extra, trail);
                            } )*
                            _ => out.extra.keep(rt::Cow::Owned(name.into_owned()), value.to_owned()),
                        }
                    }
                    rt::Some(out)
                }
            }

            impl rt::Serialize for $name {
                fn serialize<S: rt::Serializer>(&self, serializer: S) -> rt::Result<S::Ok, S::Error> {
                    let mut map = serializer.serialize_map(rt::None)?;
                    $( rt::write(&mut map, &self.$field, $wire, &self.extra)?; )*
                    rt::write_extra(&mut map, &self.extra, |name| match Key::known(name) {
                        $( rt::Some(Key::$field(_)) => rt::is_written(&self.$field, $wire, name, &self.extra), )*
                        _ => false,
                    })?;
                    rt::SerializeMap::end(map)
                }
            }

            impl rt::Debug for $name {
                fn fmt(&self, f: &mut rt::Formatter<'_>) -> rt::FmtResult {
                    let mut out = f.debug_struct(::std::stringify!($name));
                    $(
                        let safe = const { rt::is_safe(&[$(::std::stringify!($mark))?]) };
                        rt::debug(&mut out, ::std::stringify!($field), &self.$field, safe);
                    )*
                    if !self.extra.is_empty() {
                        out.field("extra", &self.extra);
                    }
                    out.finish()
                }
            }
        };
    };
}

/// `Default` of a record, unless it says that it has none.
#[doc(hidden)]
#[macro_export]
macro_rules! __record_default {
    ($name:ident) => {
        impl rt::Default for $name {
            fn default() -> Self {
                rt::Blank::blank()
            }
        }
    };
    ($name:ident without Default) => {};
}

#[doc(hidden)]
pub mod __record {
    //! What the expansion of `record!` names. Not for use by hand.

    pub use std::borrow::Cow;
    pub use std::default::Default;
    pub use std::fmt::{Debug, Formatter, Result as FmtResult};
    pub use std::option::Option::{self, None, Some};
    pub use std::result::Result::{self, Ok};

    pub use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
    pub use serde::ser::{Serialize, SerializeMap, Serializer};
    pub use serde_json::value::RawValue;

    pub use crate::wire::{Extra, Salvage, Slot, Trail};

    use std::fmt::DebugStruct;

    /// A record with nothing in it, as reading starts. Not `Default`: a record that its users must not make empty has this only.
    pub trait Blank {
        /// The empty record.
        fn blank() -> Self;
    }

    /// Reads the value of a known member into its field. The first value that is not null wins.
    #[inline]
    pub fn read<'de, A: MapAccess<'de>, S: Slot>(
        map: &mut A,
        slot: &mut S,
        name: &'static str,
        alias: Option<&'static str>,
        extra: &mut Extra,
    ) -> Result<(), A::Error> {
        if slot.wire().is_some() {
            extra.keep(Cow::Borrowed(alias.unwrap_or(name)), map.next_value()?);
            return Ok(());
        }
        match map.next_value::<Option<S::Wire>>()? {
            Some(value) => {
                slot.put(value);
                if let Some(alias) = alias {
                    extra.came_as(name, alias);
                }
            }
            None => extra.keep_null(Cow::Borrowed(alias.unwrap_or(name))),
        }
        Ok(())
    }

    /// Keeps the value of an unknown member.
    #[cold]
    pub fn keep<'de, A: MapAccess<'de>>(map: &mut A, name: Cow<'de, str>, extra: &mut Extra) -> Result<(), A::Error> {
        let value = map.next_value()?;
        extra.keep(Cow::Owned(name.into_owned()), value);
        Ok(())
    }

    /// The members of an object, in order; `None` for any other value.
    #[must_use]
    pub fn members(raw: &RawValue) -> Option<Vec<(Cow<'_, str>, &RawValue)>> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Vec<(Cow<'de, str>, &'de RawValue)>;
            fn expecting(&self, f: &mut Formatter<'_>) -> FmtResult {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some((name, value)) = map.next_entry::<String, &'de RawValue>()? {
                    members.push((Cow::Owned(name), value));
                }
                Ok(members)
            }
        }
        serde_json::Deserializer::from_str(raw.get())
            .deserialize_map(Members)
            .ok()
    }

    /// Puts a value into its field where it fits, and into `extra` where it does not.
    pub fn fit<S: Slot>(
        raw: &RawValue,
        slot: &mut S,
        name: &'static str,
        alias: Option<&'static str>,
        extra: &mut Extra,
        trail: &mut Trail,
    ) {
        let came_as = alias.unwrap_or(name);
        if raw.get() == "null" || slot.wire().is_some() {
            return extra.keep(Cow::Borrowed(came_as), raw.to_owned());
        }
        trail.enter(came_as);
        match trail.read(raw) {
            Some(value) => {
                slot.put(value);
                if let Some(alias) = alias {
                    extra.came_as(name, alias);
                }
            }
            None => {
                trail.note();
                extra.keep(Cow::Borrowed(came_as), raw.to_owned());
            }
        }
        trail.leave();
    }

    /// Writes a field that is set, under the name it came with.
    #[inline]
    pub fn write<M: SerializeMap, S: Slot>(
        map: &mut M,
        slot: &S,
        name: &'static str,
        extra: &Extra,
    ) -> Result<(), M::Error> {
        match slot.wire() {
            Some(value) => map.serialize_entry(extra.name_of(name), value),
            None => Ok(()),
        }
    }

    /// Whether the field is written under `name`, so that a member of that name in `extra` is out of date.
    #[must_use]
    pub fn is_written<S: Slot>(slot: &S, wire: &'static str, name: &str, extra: &Extra) -> bool {
        slot.wire().is_some() && extra.name_of(wire) == name
    }

    /// Writes the members without a field.
    pub fn write_extra<M: SerializeMap>(
        map: &mut M,
        extra: &Extra,
        written: impl Fn(&str) -> bool,
    ) -> Result<(), M::Error> {
        extra
            .members()
            .filter(|(name, _)| !written(name))
            .try_for_each(|(name, value)| map.serialize_entry(name, &value))
    }

    /// Prints a field that is set: itself where it is safe, and a placeholder where it is not.
    pub fn debug<S: Slot>(out: &mut DebugStruct<'_, '_>, name: &str, slot: &S, safe: bool) {
        match slot.wire() {
            Some(value) if safe => out.field(name, value),
            Some(_) => out.field(name, &format_args!("<redacted>")),
            None => out,
        };
    }

    /// Whether a field is marked; while compiling it refuses a mark other than `safe`.
    #[must_use]
    pub const fn is_safe(marks: &[&str]) -> bool {
        if let [mark] = marks {
            assert!(
                matches!(mark.as_bytes(), b"safe"),
                "the only mark of a record's field is [safe]"
            );
        }
        !marks.is_empty()
    }
}
