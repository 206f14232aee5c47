//! Where a service lives, and which hosts may see a credential.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;
use std::sync::Arc;

use crate::error::Error;

/// The base URI of a service: `https`, a host, and perhaps a port. Plain `http` exists for loopback only.
///
/// The Domain API answers bare authorities (`va.msghist.liveperson.net`, sometimes with a port). A value with a path, user
/// information, a query or white space is refused, so that it cannot name another host than it seems to.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct BaseUri {
    plain: bool,
    authority: Arc<str>,
    host_len: usize,
}

impl BaseUri {
    /// Reads a host or `host:port`, with or without `https://` in front.
    ///
    /// # Errors
    /// [`ErrorKind::Validation`](crate::ErrorKind::Validation) naming what is wrong with the text.
    pub fn new(text: &str) -> Result<Self, Error> {
        let bare = match text.split_once("://") {
            None => text,
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("https") => rest.strip_suffix('/').unwrap_or(rest),
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => {
                return Self::plain(rest.strip_suffix('/').unwrap_or(rest));
            }
            Some(_) => return Err(refused(text, "has a scheme that is not https")),
        };
        Self::authority(bare, false)
    }

    /// A base that is called over plain `http`: `localhost`, `127.0.0.0/8` or `[::1]` only.
    ///
    /// # Errors
    /// [`ErrorKind::Validation`](crate::ErrorKind::Validation) for any other host: credentials never travel in the clear.
    pub fn plain(text: &str) -> Result<Self, Error> {
        let base = Self::authority(text, true)?;
        if base.is_loopback() {
            return Ok(base);
        }
        Err(refused(text, "asks for plain http, which is for loopback hosts only"))
    }

    fn authority(text: &str, plain: bool) -> Result<Self, Error> {
        let bad = |c: char| matches!(c, '/' | '@' | '?' | '#' | '\\' | '%') || c.is_whitespace() || c.is_control();
        if text.is_empty() {
            return Err(refused(text, "is empty"));
        }
        if text.contains(bad) {
            return Err(refused(
                text,
                "is not a host or host:port (it has a path, user, query or white space)",
            ));
        }
        let (host, port) = match text.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
            _ => (text, None),
        };
        if port.is_some_and(|port| port.parse::<u16>().map_or(true, |port| port == 0)) {
            return Err(refused(text, "has a port that is not 1 to 65535"));
        }
        let is_v6 = host.starts_with('[') && host.ends_with(']');
        let v6_fits = is_v6 && host[1..host.len() - 1].parse::<std::net::Ipv6Addr>().is_ok();
        let name_fits = !host.is_empty()
            && host
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_'));
        if !(v6_fits || (!is_v6 && name_fits)) {
            return Err(refused(text, "is not a host name"));
        }
        let host_len = host.len();
        Ok(Self {
            plain,
            authority: text.to_ascii_lowercase().into(),
            host_len,
        })
    }

    /// The host without the port; an IPv6 address keeps its brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.authority[..self.host_len]
    }

    /// Host and port as they were given.
    #[must_use]
    pub fn as_authority(&self) -> &str {
        &self.authority
    }

    /// The port that is called.
    #[must_use]
    pub fn port(&self) -> u16 {
        let named = self
            .authority
            .get(self.host_len + 1..)
            .and_then(|port| port.parse().ok());
        named.unwrap_or(if self.plain { 80 } else { 443 })
    }

    /// `https`, or `http` for a plain loopback base.
    #[must_use]
    pub fn scheme(&self) -> &'static str {
        if self.plain { "http" } else { "https" }
    }

    /// Whether the base is called without TLS.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        self.plain
    }

    /// Whether the host is this machine.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        let host = self.host().trim_matches(['[', ']']);
        host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
    }
}

fn refused(text: &str, why: &str) -> Error {
    let shown: String = text.chars().take(80).collect();
    Error::validation(format!("base URI {shown:?} {why}"))
        .with_advice("give a host such as va.msghist.liveperson.net, or host:port")
}

impl FromStr for BaseUri {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self, Error> {
        Self::new(text)
    }
}

impl fmt::Display for BaseUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme(), self.authority)
    }
}

impl fmt::Debug for BaseUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BaseUri({self})")
    }
}

/// The hosts that may receive a credential: LivePerson's domains, and those that the user adds.
///
/// The Domain API is public, so what it answers is not proof: a credential goes only to a host of this list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustedHosts {
    suffixes: Vec<String>,
    exact: Vec<String>,
}

/// LivePerson's own domains.
const VENDOR_DOMAINS: [&str; 3] = ["liveperson.net", "liveperson.com", "lpsnmedia.net"];

impl Default for TrustedHosts {
    fn default() -> Self {
        Self {
            suffixes: VENDOR_DOMAINS.map(str::to_owned).to_vec(),
            exact: Vec::new(),
        }
    }
}

impl TrustedHosts {
    /// LivePerson's domains only.
    #[must_use]
    pub fn vendor() -> Self {
        Self::default()
    }

    /// Adds one host (any port), e.g. `localhost`.
    #[must_use]
    pub fn with_host(mut self, host: &str) -> Self {
        self.exact.push(host.to_ascii_lowercase());
        self
    }

    /// Adds a domain and all below it, e.g. `gateway.example.org`.
    #[must_use]
    pub fn with_domain(mut self, domain: &str) -> Self {
        self.suffixes.push(domain.trim_start_matches('.').to_ascii_lowercase());
        self
    }

    /// Whether the host of `base` may receive a credential.
    #[must_use]
    pub fn allows(&self, base: &BaseUri) -> bool {
        let host = base.host();
        self.exact.iter().any(|exact| exact == host)
            || self.suffixes.iter().any(|suffix| {
                host.strip_suffix(suffix.as_str())
                    .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn authorities_with_and_without_ports() {
        let base = BaseUri::new("ZZ.ui.example.net:9443").unwrap();
        assert_eq!(
            (base.host(), base.port(), base.to_string().as_str()),
            ("zz.ui.example.net", 9443, "https://zz.ui.example.net:9443")
        );
        assert_eq!(BaseUri::new("https://va.idp.liveperson.net/").unwrap().port(), 443);
        assert_eq!(BaseUri::new("[::1]:8080").unwrap().host(), "[::1]");
        assert_eq!(BaseUri::new("http://127.0.0.1:8080").unwrap().scheme(), "http");
    }

    #[test]
    fn confusing_values_are_refused() {
        for bad in [
            "",
            "http://va.idp.liveperson.net",
            "ftp://x",
            "a/b",
            "user@host",
            "host?x",
            "host#x",
            "a b",
            "host:",
            "host:0",
            "host:70000",
            "https://evil.example/x",
            "ho%2fst",
            "a\\b",
            "[::1",
            ":443",
        ] {
            let error = BaseUri::new(bad).unwrap_err();
            assert_eq!(error.kind(), crate::ErrorKind::Validation, "{bad}");
        }
    }

    #[test]
    fn suffixes_match_whole_labels() {
        let trusted = TrustedHosts::default().with_host("localhost");
        let allows = |host: &str| trusted.allows(&BaseUri::new(host).unwrap());
        assert!(allows("va.msghist.liveperson.net") && allows("liveperson.net") && allows("localhost:8443"));
        assert!(!allows("evilliveperson.net") && !allows("liveperson.net.evil.example") && !allows("127.0.0.1"));
    }
}
