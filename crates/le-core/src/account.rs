//! The account (site) id.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use crate::error::Error;

/// An account (site) id: 1 to 20 letters, digits or underscores.
///
/// ```
/// use le_core::AccountId;
/// assert!(AccountId::new("70011223").is_ok());
/// let error = AccountId::new("https://70011223").unwrap_err();
/// assert!(error.to_string().contains("1 to 20 letters, digits or underscores"));
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AccountId(Arc<str>);

impl AccountId {
    /// Checks an id against the vendor's pattern `^[a-zA-Z0-9_]{1,20}$`.
    ///
    /// # Errors
    /// [`ErrorKind::Validation`](crate::ErrorKind::Validation) with the rule and the text.
    pub fn new(id: &str) -> Result<Self, Error> {
        let fits = (1..=20).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        if fits {
            return Ok(Self(id.into()));
        }
        let shown: String = id.chars().take(40).collect();
        Err(Error::validation(format!(
            "account id {shown:?} is not 1 to 20 letters, digits or underscores"
        ))
        .with_advice("use the number that stands in the address of your LivePerson console (LE_ACCOUNT_ID)"))
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for AccountId {
    type Err = Error;
    fn from_str(id: &str) -> Result<Self, Error> {
        Self::new(id)
    }
}

impl TryFrom<&str> for AccountId {
    type Error = Error;
    fn try_from(id: &str) -> Result<Self, Error> {
        Self::new(id)
    }
}

impl AsRef<str> for AccountId {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AccountId({})", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pattern_is_enforced() {
        for good in ["a", "70011223", "le_1000", "ABCDEFGHIJKLMNOPQRST"] {
            assert_eq!(AccountId::new(good).unwrap().as_str(), good);
        }
        for bad in ["", "7001-1223", "a b", "ABCDEFGHIJKLMNOPQRSTU", "ä", "../x"] {
            assert!(AccountId::new(bad).is_err(), "{bad}");
        }
    }
}
