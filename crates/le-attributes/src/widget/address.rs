//! The address of a plain URL widget, which holds what the brand chose to see.

use std::fmt;

use le_core::wire::present;
use le_core::{Error, Result};
use url::Url;

/// More parameters than the workspace lets a brand configure; a longer address was written by hand.
const MOST_PARAMETERS: usize = 200;

/// The parameters in the address of a widget.
///
/// Their names are the brand's own: the settings map each to a field of LivePerson. Nothing is signed, so anyone can write such an
/// address; and since it holds personal data, keep it out of logs.
///
/// ```
/// use le_attributes::widget::WidgetAddress;
///
/// let address = WidgetAddress::read("https://widget.example/?who=Ingrid+Moe&conv=3f2a&tier=undefined")?;
/// assert_eq!(address.get("who"), Some("Ingrid Moe"));
/// assert_eq!(address.get("tier"), None);
/// assert_eq!(format!("{address:?}"), "WidgetAddress(3 parameters)");
/// # Ok::<_, le_core::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Default)]
pub struct WidgetAddress {
    parameters: Vec<(String, String)>,
}

impl WidgetAddress {
    /// Reads an address. Escapes are decoded, `+` is a space; bytes that are no UTF-8 become U+FFFD.
    ///
    /// # Errors
    /// [`ErrorKind::Validation`](le_core::ErrorKind::Validation): no http or https address, or more than 200 parameters.
    pub fn read(address: &str) -> Result<Self> {
        let url = Url::parse(address)
            .ok()
            .filter(|url| ["https", "http"].contains(&url.scheme()))
            .ok_or_else(|| {
                Error::validation("this is no http or https address")
                    .with_advice("give the whole address of the widget")
            })?;
        Self::of_query(url.query().unwrap_or_default())
    }

    /// Reads what stands behind the `?`.
    ///
    /// # Errors
    /// [`ErrorKind::Validation`](le_core::ErrorKind::Validation): more than 200 parameters.
    pub fn of_query(query: &str) -> Result<Self> {
        let pairs = url::form_urlencoded::parse(query.as_bytes());
        let parameters: Vec<_> = pairs
            .take(MOST_PARAMETERS + 1)
            .map(|(name, value)| (name.into_owned(), value.into_owned()))
            .collect();
        if parameters.len() > MOST_PARAMETERS {
            return Err(Error::validation(format!("more than {MOST_PARAMETERS} parameters"))
                .with_advice("this address does not come from the workspace"));
        }
        Ok(Self { parameters })
    }

    /// The value of the first parameter of this name, unless it is one of the spellings of "no value".
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter()
            .find(|(own, _)| *own == name)
            .and_then(|(_, value)| present(value))
    }

    /// All parameters as they came.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.parameters
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

impl fmt::Debug for WidgetAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WidgetAddress({} parameters)", self.parameters.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_decoded() {
        let address = WidgetAddress::of_query("a=1&b=%C3%A5se%20%26&a=2&c&=d&e=%ff%zz").unwrap();
        let all: Vec<_> = address.iter().collect();
        assert_eq!(
            all,
            [
                ("a", "1"),
                ("b", "åse &"),
                ("a", "2"),
                ("c", ""),
                ("", "d"),
                ("e", "\u{fffd}%zz")
            ]
        );
        assert_eq!(
            (address.get("a"), address.get("c"), address.get("z")),
            (Some("1"), None, None)
        );
    }

    #[test]
    fn what_is_no_address_of_a_widget_is_refused() {
        for text in ["", "not an address", "javascript:alert(1)", "ftp://x/?a=1"] {
            assert!(WidgetAddress::read(text).is_err(), "{text}");
        }
        let many = "a=1&".repeat(201);
        let error = WidgetAddress::of_query(&many).unwrap_err();
        assert!(error.to_string().contains("more than 200"));
        assert!(
            WidgetAddress::read("https://w.example/")
                .unwrap()
                .iter()
                .next()
                .is_none()
        );
    }
}
