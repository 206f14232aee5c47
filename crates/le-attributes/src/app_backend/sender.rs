//! Whether a push message comes from LivePerson.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderName, header};
use le_core::{Error, Result, Secret};

/// How many headers of its own a proxy configuration may have.
const MOST_HEADERS: usize = 4;

/// What proves that LivePerson sends: what was entered in the push proxy's settings. Nothing is signed.
///
/// A client certificate is checked by whatever ends TLS; so are the addresses that LivePerson publishes.
#[derive(Debug, Clone, Default)]
pub struct SenderCheck {
    basic: Option<(String, Secret)>,
    headers: Vec<(HeaderName, Secret)>,
}

impl SenderCheck {
    /// User and password (HTTP Basic).
    #[must_use]
    pub fn basic(user: impl Into<String>, password: impl Into<Secret>) -> Self {
        Self {
            basic: Some((user.into(), password.into())),
            headers: Vec::new(),
        }
    }

    /// Takes every sender. Only where something in front of this service checks a client certificate.
    #[must_use]
    pub fn by_tls() -> Self {
        Self::default()
    }

    /// A header that LivePerson is told to send; up to four.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](le_core::ErrorKind::Configuration): a name of more than 24 letters or with anything else
    /// than letters, a value of more than 300 characters or with one that the settings refuse, or a fifth header.
    pub fn and_header(mut self, name: &str, value: impl Into<Secret>) -> Result<Self> {
        let value = value.into();
        let broken = |rule: &'static str, advice: &'static str| Error::configuration(rule).with_advice(advice);
        if name.is_empty() || name.len() > 24 || !name.chars().all(|c| c.is_ascii_alphabetic()) {
            return Err(broken("the name of a push header has 1 to 24 letters", "rename it"));
        }
        let fits = |c: char| c.is_ascii_alphanumeric() || "-_$&@.#*:,".contains(c);
        if value.is_empty() || value.expose().len() > 300 || !value.expose().chars().all(fits) {
            let rule = "the value of a push header has 1 to 300 letters, digits and - _ $ & @ . # *";
            return Err(broken(rule, "choose another value"));
        }
        if self.headers.len() == MOST_HEADERS {
            return Err(broken("the settings have room for 4 headers", "leave one out"));
        }
        let name = HeaderName::try_from(name).map_err(|_| broken("this is no header name", "rename it"))?;
        self.headers.push((name, value));
        Ok(self)
    }

    pub(super) fn passes(&self, sent: &HeaderMap) -> bool {
        // Everything is compared, so that the time says nothing about what is wrong.
        let mut passes = true;
        if let Some((user, password)) = &self.basic {
            let (sent_user, sent_password) = basic_credential(sent).unwrap_or((String::new(), Secret::new("")));
            passes &= Secret::new(sent_user) == Secret::new(user.as_str());
            passes &= sent_password == *password;
        }
        for (name, value) in &self.headers {
            let sent = sent.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
            passes &= Secret::new(sent) == *value;
        }
        passes
    }

    pub(super) fn wants_basic(&self) -> bool {
        self.basic.is_some()
    }
}

/// User and password of HTTP Basic.
pub(super) fn basic_credential(headers: &HeaderMap) -> Option<(String, Secret)> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, encoded) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let text = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (user, password) = text.split_once(':')?;
    Some((user.to_owned(), Secret::new(password)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()))
            .collect()
    }

    #[test]
    fn all_that_was_agreed_must_be_there() {
        let check = SenderCheck::basic("lp", "pass:word")
            .and_header("Origin", "x-1")
            .unwrap();
        let basic = format!("Basic {}", STANDARD.encode("lp:pass:word"));
        assert!(check.passes(&headers(&[("authorization", &basic), ("origin", "x-1")])));
        assert!(!check.passes(&headers(&[("authorization", &basic)])));
        assert!(!check.passes(&headers(&[("origin", "x-1")])));
        let wrong = format!("Basic {}", STANDARD.encode("lp:other"));
        assert!(!check.passes(&headers(&[("authorization", &wrong), ("origin", "x-1")])));
        for odd in ["Basic", "Basic !", "Bearer x", "Basic bHA="] {
            assert!(
                !check.passes(&headers(&[("authorization", odd), ("origin", "x-1")])),
                "{odd}"
            );
        }
        assert!(SenderCheck::by_tls().passes(&HeaderMap::new()));
        assert!(!format!("{check:?}").contains("word"));
    }

    #[test]
    fn headers_are_those_that_the_settings_take() {
        let with = |name: &str, value: &str| SenderCheck::by_tls().and_header(name, value);
        assert!(with("Secret", "a-b_c$d&e@f.g#h*i").is_ok());
        for (name, value) in [
            ("X-Key", "a"),
            ("", "a"),
            ("Abcdefghijklmnopqrstuvwxy", "a"),
            ("Key", "a b"),
            ("Key", ""),
        ] {
            assert!(with(name, value).is_err(), "{name}: {value}");
        }
        assert!(with("Key", &"a".repeat(301)).is_err());
        let four = ["A", "B", "C", "D"]
            .iter()
            .try_fold(SenderCheck::by_tls(), |check, name| check.and_header(name, "x"))
            .unwrap();
        assert!(four.and_header("E", "x").unwrap_err().to_string().contains("4 headers"));
    }
}
