//! Limits of your own for what is sent.

use le_core::{Error, Result};
use serde_json::Value;

use crate::sde::Sde;

/// Limits on attributes before they are sent. LivePerson publishes none; these protect against a runaway page or import.
///
/// ```
/// use le_attributes::{Sde, guard::Guard, journey::SearchedContent};
///
/// let guard = Guard::default().longest_text(20);
/// let long = Sde::from(SearchedContent::of(["a search text that somebody pasted"]));
/// let error = guard.check(&[long]).unwrap_err();
/// assert!(error.to_string().contains("attributes[0].keywords[0]"));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Guard {
    longest_text: usize,
    most_attributes: usize,
}

impl Default for Guard {
    /// 50 000 characters in a text, which is the most that the history gives back, and 100 attributes in a request.
    fn default() -> Self {
        Self {
            longest_text: 50_000,
            most_attributes: 100,
        }
    }
}

impl Guard {
    /// The most characters in one text.
    #[must_use]
    pub fn longest_text(mut self, characters: usize) -> Self {
        self.longest_text = characters;
        self
    }

    /// The most attributes in one request.
    #[must_use]
    pub fn most_attributes(mut self, attributes: usize) -> Self {
        self.most_attributes = attributes;
        self
    }

    /// Checks the attributes of one request.
    ///
    /// # Errors
    /// [`ErrorKind::Validation`](le_core::ErrorKind::Validation) naming the place and the limit, never the text.
    pub fn check(&self, attributes: &[Sde]) -> Result<()> {
        if attributes.len() > self.most_attributes {
            let (count, most) = (attributes.len(), self.most_attributes);
            return Err(
                Error::validation(format!("{count} attributes in one request; the guard allows {most}"))
                    .with_advice("send them in several requests, or raise the guard"),
            );
        }
        attributes.iter().enumerate().try_for_each(|(at, attribute)| {
            let value = serde_json::to_value(attribute)
                .map_err(|e| Error::validation(format!("attributes[{at}] cannot be written as JSON")).with_source(e))?;
            self.texts(&format!("attributes[{at}]"), &value)
        })
    }

    fn texts(&self, place: &str, value: &Value) -> Result<()> {
        match value {
            Value::String(text) => {
                let length = text.chars().count();
                if length <= self.longest_text {
                    return Ok(());
                }
                let longest = self.longest_text;
                Err(
                    Error::validation(format!("`{place}` has {length} characters; the guard allows {longest}"))
                        .with_advice("shorten it, or raise the guard"),
                )
            }
            Value::Array(items) => items
                .iter()
                .enumerate()
                .try_for_each(|(at, item)| self.texts(&format!("{place}[{at}]"), item)),
            Value::Object(members) => members
                .iter()
                .try_for_each(|(name, member)| self.texts(&format!("{place}.{name}"), member)),
            _ => Ok(()),
        }
    }
}
