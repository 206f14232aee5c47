//! The shape that all payloads share.

use le_core::wire::{Extra, Slot};
use serde_json::value::RawValue;

use crate::catalogue::Record;
use crate::validate::{Place, Report, Scope};

/// A payload with its row in the catalogue.
pub(crate) trait Payload {
    /// Its fields, as the catalogue has them.
    fn record() -> &'static Record;

    /// Holds every field to its rules. Nothing is allocated where all of them are kept.
    fn examine_fields(&self, place: &Place<'_>, scope: &Scope, found: &mut Report);

    /// Sets what a newer report has, and leaves the rest.
    fn update(&mut self, newer: &Self);
}

/// The object around a payload that lies one level below `type`.
pub(crate) trait Envelope {
    /// What it carries.
    type Payload: Payload;

    /// The member that holds the payload.
    const MEMBER: &'static str;

    /// The payload and what stands beside it.
    fn parts(&self) -> (Option<&Self::Payload>, &Extra);

    /// Sets what a newer report has, and leaves the rest.
    fn update(&mut self, newer: &Self);
}

/// Sets a field from the value that its setter was given.
pub(crate) fn set<S: Slot>(slot: &mut S, value: impl Into<S::Wire>) {
    slot.put(value.into());
}

/// Takes a field over from a newer report that has it; one that came as `null`, or did not fit, takes its place too.
pub(crate) fn update_field<S: Slot + Clone>(
    (slot, extra): (&mut S, &mut Extra),
    (newer, newer_extra): (&S, &Extra),
    names: &[&str],
) {
    let elsewhere = names.iter().any(|name| newer_extra.get(name).is_some());
    if newer.wire().is_none() && !elsewhere {
        return;
    }
    slot.clone_from(newer);
    for name in names {
        extra.remove(name);
    }
}

/// Puts the members without a field from a newer report over those that are there.
pub(crate) fn update_extra(extra: &mut Extra, newer: &Extra) {
    for (name, json) in newer.iter() {
        if let Ok(value) = serde_json::from_str::<&RawValue>(json) {
            // A JSON text is written as it is, so this cannot fail.
            let _ = extra.insert(name, value);
        }
    }
}

/// Declares a payload: a wire record with one chained setter for each field, named like the field.
///
/// `by` names its row in the generated table. A setter takes what its field holds, or what stands behind `from`.
macro_rules! payload {
    (
        $(#[$meta:meta])*
        pub struct $name:ident $(without $default:ident)? $(by $record:path)? {
            $(
                $(#[$field_meta:meta])*
                $field:ident : $type:ty = $wire:literal $(| $alias:literal)* $(from $given:ty)? $([$mark:ident])?,
            )*
        }
    ) => {
        le_core::record! {
            $(#[$meta])*
            pub struct $name $(without $default)? {
                $( $(#[$field_meta])* $field : $type = $wire $(| $alias)* $([$mark])?, )*
            }
        }

        impl $name {
            $(
                #[doc = concat!("Sets `", $wire, "`.")]
                #[must_use]
                pub fn $field(mut self, value: impl Into<$crate::payload::given!($type $(, $given)?)>) -> Self {
                    let value: $crate::payload::given!($type $(, $given)?) = value.into();
                    $crate::payload::set(&mut self.$field, value);
                    self
                }
            )*
        }

        $crate::payload::listed! {
            $name $(by $record)? { $( $field = $wire $(| $alias)*, )* }
        }
    };
}

/// What a setter takes.
macro_rules! given {
    ($type:ty) => {
        <$type as le_core::wire::Slot>::Wire
    };
    ($type:ty, $given:ty) => {
        $given
    };
}

/// The part of a payload that the catalogue lists.
macro_rules! listed {
    ($name:ident { $($rest:tt)* }) => {};
    ($name:ident by $record:path { $( $field:ident = $wire:literal $(| $alias:literal)*, )* }) => {
        impl $crate::payload::Payload for $name {
            fn record() -> &'static $crate::catalogue::Record {
                &$record
            }

            fn examine_fields(
                &self,
                place: &$crate::validate::Place<'_>,
                scope: &$crate::validate::Scope,
                found: &mut $crate::validate::Report,
            ) {
                // The table and this record come from the same entries, in the same order.
                let mut fields = Self::record().fields.iter();
                $(
                    if let Some(field) = fields.next() {
                        $crate::validate::slot(&self.$field, field, &self.extra, place, scope, found);
                    }
                )*
            }

            fn update(&mut self, newer: &Self) {
                $(
                    $crate::payload::update_field(
                        (&mut self.$field, &mut self.extra),
                        (&newer.$field, &newer.extra),
                        &[$wire $(, $alias)*],
                    );
                )*
                $crate::payload::update_extra(&mut self.extra, &newer.extra);
            }
        }
    };
}

/// Declares the object around a payload that lies one level below `type`, with what the services put beside it.
macro_rules! around {
    ($(#[$meta:meta])* $name:ident { $payload:ident: $inner:ty = $wire:literal $(| $alias:literal)* }) => {
        le_core::record! {
            $(#[$meta])*
            ///
            /// It reads like its payload; `auth` and unknown members beside the payload are kept.
            pub struct $name without Default {
                /// The payload.
                $payload: Option<$inner> = $wire $(| $alias)* [safe],
                /// How the consumer proved who they are; in attributes that are read back.
                auth: Option<crate::sde::Proof> = "auth" [safe],
            }
        }

        impl From<$inner> for $name {
            fn from(payload: $inner) -> Self {
                Self { $payload: Some(payload), auth: None, extra: le_core::wire::Extra::default() }
            }
        }

        impl $crate::payload::Envelope for $name {
            type Payload = $inner;

            const MEMBER: &'static str = $wire;

            fn parts(&self) -> (Option<&$inner>, &le_core::wire::Extra) {
                (self.$payload.as_ref(), &self.extra)
            }

            fn update(&mut self, newer: &Self) {
                match (&mut self.$payload, &newer.$payload) {
                    (Some(payload), Some(newer)) => $crate::payload::Payload::update(payload, newer),
                    (payload @ None, Some(newer)) => *payload = Some(newer.clone()),
                    (_, None) => {}
                }
                if newer.auth.is_some() {
                    self.auth.clone_from(&newer.auth);
                }
                $crate::payload::update_extra(&mut self.extra, &newer.extra);
            }
        }
    };
}

/// Declares what the numbers of a field mean. The field itself stays an [`Int`](le_core::wire::Int), so that nothing is lost.
macro_rules! numbers {
    (
        $(#[$meta:meta])*
        pub enum $name:ident { $( $(#[$variant_meta:meta])* $variant:ident = $number:literal, )+ }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $( $(#[$variant_meta])* $variant, )+
            /// A number that this version does not know.
            Other(i64),
        }

        impl $name {
            /// Whether this version knows the number.
            #[must_use]
            pub fn is_known(self) -> bool {
                !matches!(self, Self::Other(_))
            }
        }

        impl From<i64> for $name {
            fn from(number: i64) -> Self {
                match number {
                    $( $number => Self::$variant, )+
                    other => Self::Other(other),
                }
            }
        }

        impl From<&le_core::wire::Int> for $name {
            fn from(number: &le_core::wire::Int) -> Self {
                number.get().into()
            }
        }

        impl From<$name> for le_core::wire::Int {
            fn from(value: $name) -> Self {
                Self::from(match value {
                    $( $name::$variant => $number, )+
                    $name::Other(number) => number,
                })
            }
        }
    };
}

pub(crate) use {around, given, listed, numbers, payload};
