//! What is wrong, and with which advice.

use std::fmt;

use le_core::{Error, Result};
use serde::ser::SerializeStruct as _;
use serde::{Serialize, Serializer};
use serde_json::Value;

/// A rule that an attribute breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Rule {
    /// A member that a report must have is not there.
    Missing,
    /// The value is of another JSON type.
    WrongType,
    /// The text or number is none of those that are published.
    NotPublished,
    /// A day, month or year out of its range.
    OutOfRange,
    /// The calendar has no such day.
    NotADay,
    /// A count below 0.
    NotNegative,
    /// Not a language and a country.
    Language,
    /// A number that JSON cannot write.
    NotFinite,
    /// The route does not take the type.
    NotOnRoute,
    /// Authenticated flows do not take the field.
    NotAuthenticated,
    /// The type does not have the field.
    NotOfType,
    /// Not a JSON object.
    NotAnObject,
}

impl Rule {
    /// A stable name for machines.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::WrongType => "wrong_type",
            Self::NotPublished => "not_published",
            Self::OutOfRange => "out_of_range",
            Self::NotADay => "not_a_day",
            Self::NotNegative => "not_negative",
            Self::Language => "language",
            Self::NotFinite => "not_finite",
            Self::NotOnRoute => "not_on_route",
            Self::NotAuthenticated => "not_authenticated",
            Self::NotOfType => "not_of_type",
            Self::NotAnObject => "not_an_object",
        }
    }
}

/// One thing that is wrong with an attribute.
///
/// It says what kind of value was found, never the value. `Display` gives the place and the rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    attribute: Option<usize>,
    path: String,
    rule: Rule,
    message: String,
    found: String,
    advice: String,
}

impl Violation {
    /// Which attribute of the list it is, from 0; none where only one was checked.
    #[must_use]
    pub fn attribute(&self) -> Option<usize> {
        self.attribute
    }

    /// The place in the attribute, e.g. `products[1].product`; empty for the attribute itself.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The rule.
    #[must_use]
    pub fn rule(&self) -> Rule {
        self.rule
    }

    /// The rule in words, with the place in the attribute.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What stands there, without the value: `nothing`, `a number`, `text of length 7`.
    #[must_use]
    pub fn found(&self) -> &str {
        &self.found
    }

    /// What to do.
    #[must_use]
    pub fn advice(&self) -> &str {
        &self.advice
    }

    /// What stands where an attribute should be, e.g. in a file: a value that is no object. `at` is its place in the list.
    #[must_use]
    pub fn not_an_object(at: usize, json: &str) -> Self {
        Self {
            attribute: Some(at),
            path: String::new(),
            rule: Rule::NotAnObject,
            message: "it is not an object".to_owned(),
            found: shape(json),
            advice: "an attribute is a JSON object with a `type`".to_owned(),
        }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.attribute {
            Some(at) => write!(f, "attributes[{at}]: {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

impl Serialize for Violation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_struct("Violation", 6)?;
        out.serialize_field("attribute", &self.attribute)?;
        out.serialize_field("path", &self.path)?;
        out.serialize_field("rule", self.rule.as_str())?;
        out.serialize_field("message", &self.message)?;
        out.serialize_field("found", &self.found)?;
        out.serialize_field("advice", &self.advice)?;
        out.end()
    }
}

/// Everything that is wrong, in the order of the attributes and of their fields.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    violations: Vec<Violation>,
    /// The attribute that is checked now.
    pub(super) at: Option<usize>,
}

impl Report {
    /// Whether all rules are kept.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.violations.is_empty()
    }

    /// How many violations there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.violations.len()
    }

    /// The violations.
    pub fn iter(&self) -> std::slice::Iter<'_, Violation> {
        self.violations.iter()
    }

    /// Nothing, or one error that lists every violation. Its advice is that of the first.
    ///
    /// # Errors
    /// [`ErrorKind::Validation`](le_core::ErrorKind::Validation) where there is a violation.
    pub fn into_result(self) -> Result<()> {
        let Some(first) = self.violations.first() else {
            return Ok(());
        };
        let all: Vec<String> = self.violations.iter().map(ToString::to_string).collect();
        Err(Error::validation(all.join("; ")).with_advice(first.advice.clone()))
    }

    #[cold]
    pub(super) fn add(&mut self, rule: Rule, place: impl fmt::Display, text: Told) {
        let path = place.to_string();
        self.violations.push(Violation {
            attribute: self.at,
            message: text.message.replace("{}", &path),
            path,
            rule,
            found: text.found,
            advice: text.advice,
        });
    }
}

impl IntoIterator for Report {
    type Item = Violation;
    type IntoIter = std::vec::IntoIter<Violation>;
    fn into_iter(self) -> Self::IntoIter {
        self.violations.into_iter()
    }
}

impl<'a> IntoIterator for &'a Report {
    type Item = &'a Violation;
    type IntoIter = std::slice::Iter<'a, Violation>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl Extend<Violation> for Report {
    fn extend<I: IntoIterator<Item = Violation>>(&mut self, more: I) {
        self.violations.extend(more);
    }
}

/// The words of a violation. `{}` in the message is the place.
pub(super) struct Told {
    pub(super) message: String,
    pub(super) found: String,
    pub(super) advice: String,
}

impl Told {
    pub(super) fn new(message: impl Into<String>, found: impl Into<String>, advice: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            found: found.into(),
            advice: advice.into(),
        }
    }
}

/// What kind of value a JSON text is.
pub(super) fn shape(json: &str) -> String {
    match serde_json::from_str(json) {
        Ok(Value::Null) => "null".to_owned(),
        Ok(Value::Bool(_)) => "a flag".to_owned(),
        Ok(Value::Number(_)) => "a number".to_owned(),
        Ok(Value::String(text)) => of_text(&text),
        Ok(Value::Array(items)) => format!("an array of {}", items.len()),
        Ok(Value::Object(members)) if members.len() == 1 => "an object with 1 member".to_owned(),
        Ok(Value::Object(members)) => format!("an object with {} members", members.len()),
        Err(_) => "something that is no JSON value".to_owned(),
    }
}

/// How long a text is.
pub(super) fn of_text(text: &str) -> String {
    format!("text of length {}", text.chars().count())
}
