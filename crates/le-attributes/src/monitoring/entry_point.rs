//! Where the visitor stands.

use std::fmt;

use serde::Serialize;

/// A page, section, language or phone number at which the visitor is. Engagements are targeted by them.
///
/// ```
/// use le_attributes::monitoring::EntryPoint;
/// let at = [EntryPoint::page("https://shop.example/help"), EntryPoint::section("Billing"), EntryPoint::language("Norwegian")];
/// assert_eq!(serde_json::to_string(&at)?, r#"["https://shop.example/help","sec://Billing","lang://Norwegian"]"#);
/// # Ok::<_, serde_json::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct EntryPoint(String);

impl EntryPoint {
    /// The address of a page, `http://` or `https://`; matched by the page rules of the account.
    #[must_use]
    pub fn page(url: impl Into<String>) -> Self {
        Self(url.into())
    }

    /// A section by its name: `sec://Name`.
    #[must_use]
    pub fn section(name: impl AsRef<str>) -> Self {
        Self(format!("sec://{}", name.as_ref()))
    }

    /// A language by its name: `lang://Name`.
    #[must_use]
    pub fn language(name: impl AsRef<str>) -> Self {
        Self(format!("lang://{}", name.as_ref()))
    }

    /// A phone line by its digits: `tel://digits`.
    #[must_use]
    pub fn phone(digits: impl AsRef<str>) -> Self {
        Self(format!("tel://{}", digits.as_ref()))
    }

    /// The text as it is sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Any other scheme, as it is.
impl From<String> for EntryPoint {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<&str> for EntryPoint {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

/// Shows the scheme alone: a page's address may hold personal values.
impl fmt::Debug for EntryPoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = self.0.split_once("://").map_or("", |(scheme, _)| scheme);
        let known = ["http", "https", "sec", "lang", "tel"].contains(&scheme);
        write!(f, "EntryPoint({}://..)", if known { scheme } else { "?" })
    }
}
