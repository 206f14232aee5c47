//! What a conversion could not carry over.

use std::fmt;

/// The result of a conversion, and what is not in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Converted<T> {
    /// The result.
    pub value: T,
    /// What was there and is not in the result.
    pub lost: Vec<Loss>,
}

/// Something that has no place in the other layout. Its value is not shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loss {
    path: String,
    reason: &'static str,
}

impl Loss {
    /// Where it was, e.g. `customerDetails[0].balance`.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Why it could not be carried over.
    #[must_use]
    pub fn reason(&self) -> &'static str {
        self.reason
    }
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`: {}", self.path, self.reason)
    }
}

/// The other layout has no such member.
pub(super) const NO_PLACE: &str = "the other layout has no place for it";
/// The form of the text is not documented, and it does not read as what is wanted.
pub(super) const UNREADABLE: &str = "it cannot be read as a number or date";
/// It stayed in `extra` when the record was read.
const NO_FIELD: &str = "no field takes it: it is unknown, or not of the type that the pages name";
/// The other layout demands a member that is missing.
pub(super) const INCOMPLETE: &str = "what the other layout demands is missing";

/// Collects losses below one place.
pub(super) struct Losses<'a> {
    all: &'a mut Vec<Loss>,
    place: String,
}

impl<'a> Losses<'a> {
    pub(super) fn at(all: &'a mut Vec<Loss>, place: impl Into<String>) -> Self {
        Self {
            all,
            place: place.into(),
        }
    }

    pub(super) fn below(&mut self, place: &str) -> Losses<'_> {
        let place = format!("{}.{place}", self.place);
        Losses { all: self.all, place }
    }

    pub(super) fn add(&mut self, member: &str, reason: &'static str) {
        let path = format!("{}.{member}", self.place);
        self.all.push(Loss { path, reason });
    }

    /// The thing at the place itself.
    pub(super) fn whole(&mut self, reason: &'static str) {
        let path = self.place.clone();
        self.all.push(Loss { path, reason });
    }

    /// A member that has no place, if it is there.
    pub(super) fn without_place(&mut self, member: &str, is_there: bool) {
        if is_there {
            self.add(member, NO_PLACE);
        }
    }

    /// Members that no field knows.
    pub(super) fn unknown(&mut self, extra: &le_core::wire::Extra) {
        let names: Vec<String> = extra
            .iter()
            .filter(|(_, json)| *json != "null")
            .map(|(name, _)| name.to_owned())
            .collect();
        for name in names {
            self.add(&name, NO_FIELD);
        }
    }
}
