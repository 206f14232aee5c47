//! The shape that all payloads share.

/// Declares a payload: a wire record with one chained setter for each field, named like the field.
macro_rules! payload {
    (
        $(#[$meta:meta])*
        pub struct $name:ident {
            $( $(#[$field_meta:meta])* $field:ident : $type:ty = $wire:literal $(| $alias:literal)* $([$mark:ident])?, )*
        }
    ) => {
        le_core::record! {
            $(#[$meta])*
            pub struct $name {
                $( $(#[$field_meta])* $field : $type = $wire $(| $alias)* $([$mark])?, )*
            }
        }

        impl $name {
            $(
                #[doc = concat!("Sets `", $wire, "`.")]
                #[must_use]
                pub fn $field(mut self, value: impl Into<<$type as le_core::wire::Slot>::Wire>) -> Self {
                    le_core::wire::Slot::put(&mut self.$field, value.into());
                    self
                }
            )*
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
            pub struct $name {
                /// The payload.
                $payload: Option<$inner> = $wire $(| $alias)* [safe],
                /// How the consumer proved who they are; in attributes that are read back.
                auth: Option<crate::sde::Proof> = "auth" [safe],
            }
        }

        impl From<$inner> for $name {
            fn from(payload: $inner) -> Self {
                Self { $payload: Some(payload), ..Self::default() }
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

pub(crate) use {around, numbers, payload};
