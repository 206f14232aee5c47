//! The cookies of a session: everything that the login host set, replayed to that host only.

use std::fmt;

use http::header::SET_COOKIE;
use http::{HeaderMap, HeaderValue};
use le_core::Secret;

/// A small jar for one host. Attributes other than expiry do not matter for three calls to one service.
#[derive(Clone, Default)]
pub(super) struct Jar {
    host: Option<String>,
    cookies: Vec<(String, Secret)>,
}

/// The session cookie, as the vendor's pages name it.
const SESSION_ID: &str = "Session_id";

impl Jar {
    /// Takes in the cookies of an answer of `host`. Those of another host are dropped.
    pub(super) fn receive(&mut self, host: &str, headers: &HeaderMap) {
        if self.host.as_deref() != Some(host) {
            self.cookies.clear();
            self.host = Some(host.to_owned());
        }
        for value in headers.get_all(SET_COOKIE) {
            let Some((name, value, expired)) = value.to_str().ok().and_then(read) else {
                tracing::debug!("a cookie that cannot be read was left out");
                continue;
            };
            self.cookies.retain(|(known, _)| known != name);
            if !expired {
                self.cookies.push((name.to_owned(), Secret::new(value)));
            }
        }
    }

    /// Where the login host set no session cookie, the session id of the body stands in for it.
    pub(super) fn ensure_session_id(&mut self, session_id: Secret) {
        if !self.cookies.iter().any(|(name, _)| name == SESSION_ID) {
            self.cookies.push((SESSION_ID.to_owned(), session_id));
        }
    }

    /// The `Cookie` header for `host`.
    pub(super) fn header(&self, host: &str) -> Option<HeaderValue> {
        if self.cookies.is_empty() || self.host.as_deref() != Some(host) {
            return None;
        }
        let pairs: Vec<String> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={}", value.expose()))
            .collect();
        let mut header = HeaderValue::try_from(pairs.join("; ")).ok()?;
        header.set_sensitive(true);
        Some(header)
    }
}

/// Name, value, and whether the cookie is taken back.
fn read(text: &str) -> Option<(&str, &str, bool)> {
    let mut parts = text.split(';');
    let (name, value) = parts.next()?.split_once('=')?;
    let (name, value) = (name.trim(), value.trim());
    let expired = parts.any(|attribute| {
        let (key, value) = attribute.split_once('=').unwrap_or((attribute, ""));
        key.trim().eq_ignore_ascii_case("max-age") && value.trim().parse::<i64>().is_ok_and(|age| age <= 0)
    });
    (!name.is_empty()).then_some((name, value, expired))
}

impl fmt::Debug for Jar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.cookies.iter().map(|(name, _)| name.as_str()).collect();
        f.debug_struct("Jar")
            .field("host", &self.host)
            .field("names", &names)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(cookies: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for cookie in cookies {
            headers.append(SET_COOKIE, cookie.parse().unwrap());
        }
        headers
    }

    fn sent(jar: &Jar, host: &str) -> Option<String> {
        Some(jar.header(host)?.to_str().unwrap().to_owned())
    }

    #[test]
    fn everything_is_replayed_to_the_host_that_set_it() {
        let mut jar = Jar::default();
        jar.receive(
            "a.example.net",
            &headers(&["Session_id=s1; Path=/; HttpOnly; Secure", "lb=n=7"]),
        );
        assert_eq!(sent(&jar, "a.example.net").unwrap(), "Session_id=s1; lb=n=7");
        assert_eq!(sent(&jar, "b.example.net"), None);
        jar.receive("a.example.net", &headers(&["Session_id=s2", "lb=; Max-Age=0"]));
        assert_eq!(sent(&jar, "a.example.net").unwrap(), "Session_id=s2");
        jar.receive("b.example.net", &headers(&[]));
        assert_eq!(sent(&jar, "b.example.net"), None, "cookies do not move to another host");
    }

    #[test]
    fn the_session_id_of_the_body_stands_in_for_a_missing_cookie() {
        let mut jar = Jar::default();
        jar.receive("a.example.net", &headers(&["nonsense"]));
        jar.ensure_session_id("body".into());
        assert_eq!(sent(&jar, "a.example.net").unwrap(), "Session_id=body");
        jar.receive("a.example.net", &headers(&["Session_id=cookie"]));
        jar.ensure_session_id("body".into());
        assert_eq!(sent(&jar, "a.example.net").unwrap(), "Session_id=cookie");
        assert!(!format!("{jar:?}").contains("Session_id=") && !format!("{jar:?}").contains("cookie\""));
    }
}
