//! Where the first question goes: the bootstrap hosts.

use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use le_core::discover::{Discover, Doubt};
use le_core::{AccountId, BaseUri, Error};

/// The installation of LiveEngage that an account lives in, told by how its id begins.
///
/// There is no bootstrap host for each region: the answer carries the region.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Environment {
    /// All regions: `api.liveperson.net`, and `adminlogin.liveperson.net` where that cannot be reached.
    Production,
    /// "New alpha" accounts, whose id begins with `a`: `adminlogin-a.liveperson.net`.
    Alpha,
    /// Integration accounts, whose id begins with `fr`: `adminlogin-z0-intg.liveperson.net`.
    Integration,
    /// LivePerson's internal test accounts, whose id begins with `le`, `qa` or `c`. Their hosts move and are not guessed.
    Internal,
}

impl Environment {
    /// The environment of an account.
    #[must_use]
    pub fn of(account: &AccountId) -> Self {
        let id = account.as_str().to_ascii_lowercase();
        let begins = |prefixes: &[&str]| prefixes.iter().any(|prefix| id.starts_with(prefix));
        if begins(&["le", "qa", "c"]) {
            Self::Internal
        } else if begins(&["fr"]) {
            Self::Integration
        } else if begins(&["a"]) {
            Self::Alpha
        } else {
            Self::Production
        }
    }

    /// The hosts that answer for it, the preferred one first.
    #[must_use]
    pub const fn hosts(self) -> &'static [&'static str] {
        match self {
            Self::Production => &["api.liveperson.net", "adminlogin.liveperson.net"],
            Self::Alpha => &["adminlogin-a.liveperson.net"],
            Self::Integration => &["adminlogin-z0-intg.liveperson.net"],
            Self::Internal => &[],
        }
    }
}

/// The bases to ask, in order: the given one alone, or those of the account's environment.
pub(crate) fn bases(account: &AccountId, given: Option<&str>) -> Result<Vec<BaseUri>, Error> {
    if let Some(host) = given {
        let base = BaseUri::new(host).map_err(|e| {
            Error::configuration(format!("the host of the Domain API cannot be used: {}", e.message()))
                .with_advice("give a host or host:port such as api.liveperson.net (plain http:// for loopback only)")
        })?;
        return Ok(vec![base]);
    }
    let hosts = Environment::of(account).hosts();
    if hosts.is_empty() {
        let message =
            format!("account {account} is one of LivePerson's internal test accounts, whose hosts are not public");
        return Err(Error::configuration(message).with_advice(
            "give the host of their Domain API (`Domain::builder(account).host(\"...\")`, LE_DOMAIN_HOST)",
        ));
    }
    hosts.iter().map(|host| BaseUri::new(host)).collect()
}

/// The bases in turn: where one cannot be reached, the next one is asked, and kept from then on.
#[derive(Debug)]
pub(crate) struct Bootstrap {
    bases: Vec<BaseUri>,
    current: AtomicUsize,
}

impl Bootstrap {
    pub(crate) fn new(bases: Vec<BaseUri>) -> Self {
        Self {
            bases,
            current: AtomicUsize::new(0),
        }
    }

    pub(crate) fn current(&self) -> &BaseUri {
        &self.bases[self.current.load(Ordering::Relaxed) % self.bases.len()]
    }
}

#[async_trait]
impl Discover for Bootstrap {
    async fn discover(&self, _service: &str) -> Result<BaseUri, Error> {
        Ok(self.current().clone())
    }

    async fn doubt(&self, _service: &str, base: &BaseUri, why: Doubt) -> bool {
        if why != Doubt::Unreachable || self.bases.len() < 2 {
            return false;
        }
        let place = self.bases.iter().position(|known| known == base).unwrap_or(0);
        let next = (place + 1) % self.bases.len();
        // Another caller may have moved on already; then there is nothing to change.
        let _ = self
            .current
            .compare_exchange(place, next, Ordering::Relaxed, Ordering::Relaxed);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts(id: &str, given: Option<&str>) -> Result<Vec<String>, Error> {
        let bases = bases(&AccountId::new(id).unwrap(), given)?;
        Ok(bases.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn the_id_tells_the_host() {
        let cases = [
            (
                "70011223",
                vec!["https://api.liveperson.net", "https://adminlogin.liveperson.net"],
            ),
            ("a70011223", vec!["https://adminlogin-a.liveperson.net"]),
            ("fr700", vec!["https://adminlogin-z0-intg.liveperson.net"]),
        ];
        for (id, expected) in cases {
            assert_eq!(hosts(id, None).unwrap(), expected, "{id}");
        }
    }

    #[test]
    fn internal_hosts_are_not_guessed_but_can_be_given() {
        for id in ["le700", "qa700", "c700", "LE700"] {
            let error = hosts(id, None).unwrap_err();
            assert!(error.to_string().contains("LE_DOMAIN_HOST"), "{error}");
        }
        assert_eq!(
            hosts("qa700", Some("csds.example.net:9443")).unwrap(),
            ["https://csds.example.net:9443"]
        );
    }

    #[test]
    fn a_given_host_replaces_all_and_plain_is_for_loopback() {
        assert_eq!(hosts("1", Some("127.0.0.1:8080")).unwrap(), ["https://127.0.0.1:8080"]);
        assert_eq!(
            hosts("1", Some("http://127.0.0.1:8080")).unwrap(),
            ["http://127.0.0.1:8080"]
        );
        for bad in ["http://api.liveperson.net", "ftp://x", "https://a/b", ""] {
            let error = hosts("1", Some(bad)).unwrap_err();
            assert_eq!(error.kind(), le_core::ErrorKind::Configuration, "{bad}");
        }
    }
}
