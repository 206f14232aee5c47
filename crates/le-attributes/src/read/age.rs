//! An age, which comes as an object or as a plain number.

use le_core::wire::{Float, Salvage, Trail};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

use super::payloads::AgeParts;

/// The age of a visitor.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub enum CustomerAge {
    /// With the date of birth: what the samples show.
    Parts(Box<AgeParts>),
    /// Years alone: what a table of the history calls it.
    Years(Float),
}

impl CustomerAge {
    /// The age in years.
    #[must_use]
    pub fn years(&self) -> Option<f64> {
        match self {
            Self::Parts(parts) => parts.age.as_ref().map(Float::get),
            Self::Years(years) => Some(years.get()),
        }
    }
}

/// An age is personal.
impl std::fmt::Debug for CustomerAge {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Parts(parts) => parts.fmt(f),
            Self::Years(_) => f.write_str("<redacted>"),
        }
    }
}

impl Serialize for CustomerAge {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Parts(parts) => parts.serialize(serializer),
            Self::Years(years) => years.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for CustomerAge {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        let read = if raw.get().starts_with('{') {
            serde_json::from_str(raw.get()).map(Self::Parts)
        } else {
            serde_json::from_str(raw.get()).map(Self::Years)
        };
        read.map_err(serde::de::Error::custom)
    }
}

impl Salvage for CustomerAge {
    fn salvage(raw: &RawValue, trail: &mut Trail) -> Option<Self> {
        AgeParts::salvage(raw, trail).map(|parts| Self::Parts(Box::new(parts)))
    }
}
