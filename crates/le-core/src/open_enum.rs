//! Open enums: the values that the vendor documents, and room for every other one.
//!
//! Most breaking releases of API clients come from closed enums: the service adds a value and every record that holds it
//! fails to decode. An open enum keeps the unknown text in `Other` and writes it back unchanged.

/// Declares an open string enum.
///
/// ```
/// le_core::open_enum! {
///     /// The state of a conversation.
///     pub enum Status {
///         /// Still running.
///         Open => "OPEN",
///         /// Ended.
///         Close => "CLOSE",
///     }
/// }
/// let status: Status = "OPEN".into();
/// assert_eq!(status, Status::Open);
/// let newer: Status = serde_json::from_str("\"OVERDUE\"").unwrap();
/// assert!(!newer.is_known());
/// assert_eq!(serde_json::to_string(&newer).unwrap(), "\"OVERDUE\"");
/// ```
#[macro_export]
macro_rules! open_enum {
    (
        $(#[$meta:meta])*
        $vis:vis enum $name:ident {
            $( $(#[$variant_meta:meta])* $variant:ident => $text:literal, )+
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        $vis enum $name {
            $( $(#[$variant_meta])* $variant, )+
            /// A value that this version does not know, with its exact text.
            Other(::std::string::String),
        }

        impl $name {
            /// The texts of all known values, in the order of the catalogue.
            $vis const KNOWN: &'static [&'static str] = &[$($text),+];

            /// The exact text on the wire.
            $vis fn as_str(&self) -> &str {
                match self {
                    $( Self::$variant => $text, )+
                    Self::Other(text) => text,
                }
            }

            /// Whether this version knows the value.
            $vis fn is_known(&self) -> bool {
                !::std::matches!(self, Self::Other(_))
            }

            fn known(text: &str) -> ::std::option::Option<Self> {
                match text {
                    $( $text => ::std::option::Option::Some(Self::$variant), )+
                    _ => ::std::option::Option::None,
                }
            }
        }

        impl ::std::convert::From<&str> for $name {
            fn from(text: &str) -> Self {
                Self::known(text).unwrap_or_else(|| Self::Other(text.to_owned()))
            }
        }

        impl ::std::convert::From<::std::string::String> for $name {
            fn from(text: ::std::string::String) -> Self {
                Self::known(&text).unwrap_or(Self::Other(text))
            }
        }

        impl ::std::str::FromStr for $name {
            type Err = ::std::convert::Infallible;
            fn from_str(text: &str) -> ::std::result::Result<Self, Self::Err> {
                ::std::result::Result::Ok(Self::from(text))
            }
        }

        impl ::std::convert::AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl $crate::wire::Salvage for $name {}

        impl $crate::__private::serde::Serialize for $name {
            fn serialize<S>(&self, serializer: S) -> ::std::result::Result<S::Ok, S::Error>
            where
                S: $crate::__private::serde::Serializer,
            {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> $crate::__private::serde::Deserialize<'de> for $name {
            fn deserialize<D>(deserializer: D) -> ::std::result::Result<Self, D::Error>
            where
                D: $crate::__private::serde::Deserializer<'de>,
            {
                struct Text;
                impl $crate::__private::serde::de::Visitor<'_> for Text {
                    type Value = $name;
                    fn expecting(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                        f.write_str("a string")
                    }
                    fn visit_str<E>(self, text: &str) -> ::std::result::Result<$name, E> {
                        ::std::result::Result::Ok($name::from(text))
                    }
                    fn visit_string<E>(self, text: ::std::string::String) -> ::std::result::Result<$name, E> {
                        ::std::result::Result::Ok($name::from(text))
                    }
                }
                deserializer.deserialize_str(Text)
            }
        }
    };
}

#[cfg(test)]
mod tests {
    crate::open_enum! {
        /// A colour.
        enum Colour {
            /// Red.
            Red => "red",
            /// Dark blue.
            DarkBlue => "dark blue",
        }
    }

    #[test]
    fn unknown_values_survive_and_case_counts() {
        for text in ["red", "RED", "dark blue", "", "grün"] {
            let colour = Colour::from(text);
            assert_eq!(colour.as_str(), text);
            let json = serde_json::to_string(&colour).unwrap();
            assert_eq!(serde_json::from_str::<Colour>(&json).unwrap(), colour);
        }
        assert!(!Colour::from("RED").is_known());
        assert_eq!(Colour::KNOWN, ["red", "dark blue"]);
        assert_eq!("dark blue".parse(), Ok(Colour::DarkBlue));
    }
}
