//! The services of an account, and how an answer of the Domain API is read.

use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;
use le_core::{BaseUri, Error, ErrorKind, RawResponse, Timestamp};
use serde_json::Value;

use crate::generated::services::ServiceName;

/// Services and their base URIs, in the order of the answer. Cheap to clone.
///
/// A service that is listed twice counts with its last base URI, as the vendor's own agent SDK has it.
#[derive(Debug, Clone)]
pub struct Services(Arc<Listing>);

#[derive(Debug)]
struct Listing {
    entries: Vec<(ServiceName, BaseUri)>,
    places: HashMap<String, usize>,
    skipped: Vec<Skipped>,
    fetched_at: Timestamp,
    stale: bool,
    body: Bytes,
}

/// An entry of the answer that cannot be used.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Skipped {
    /// The service, where the entry names one.
    pub service: Option<ServiceName>,
    /// Why it is not used. The message holds the value.
    pub reason: Error,
}

impl Services {
    pub(crate) fn new(read: Read, fetched_at: Timestamp, body: Bytes) -> Self {
        let mut listing = Listing {
            entries: Vec::with_capacity(read.entries.len()),
            places: HashMap::with_capacity(read.entries.len()),
            skipped: read.skipped,
            fetched_at,
            stale: false,
            body,
        };
        for (name, base) in read.entries {
            match listing.places.get(name.as_str()) {
                Some(place) => listing.entries[*place] = (name, base),
                None => {
                    listing.places.insert(name.as_str().to_owned(), listing.entries.len());
                    listing.entries.push((name, base));
                }
            }
        }
        Self(Arc::new(listing))
    }

    /// The same services, marked as served although a newer answer could not be had.
    pub(crate) fn into_stale(self) -> Self {
        let listing = &*self.0;
        Self(Arc::new(Listing {
            entries: listing.entries.clone(),
            places: listing.places.clone(),
            skipped: listing.skipped.clone(),
            fetched_at: listing.fetched_at,
            stale: true,
            body: listing.body.clone(),
        }))
    }

    /// The base URI of a service. Case matters.
    #[must_use]
    pub fn get(&self, service: &str) -> Option<&BaseUri> {
        self.0.places.get(service).map(|place| &self.0.entries[*place].1)
    }

    /// All services in the order of the answer.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&ServiceName, &BaseUri)> {
        self.0.entries.iter().map(|(name, base)| (name, base))
    }

    /// How many services there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.entries.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.entries.is_empty()
    }

    /// Entries that cannot be used, such as a base URI with a path. The rest is kept.
    #[must_use]
    pub fn skipped(&self) -> &[Skipped] {
        &self.0.skipped
    }

    /// When the answer came, by the clock of the client.
    #[must_use]
    pub fn fetched_at(&self) -> Timestamp {
        self.0.fetched_at
    }

    /// Whether these are served beyond their time because a newer answer could not be had.
    #[must_use]
    pub fn is_stale(&self) -> bool {
        self.0.stale
    }

    /// The body of the answer as it came; empty for a list that was seeded.
    #[must_use]
    pub fn body(&self) -> &Bytes {
        &self.0.body
    }
}

/// What could be read of an answer.
#[derive(Debug, Default)]
pub(crate) struct Read {
    pub(crate) entries: Vec<(ServiceName, BaseUri)>,
    pub(crate) skipped: Vec<Skipped>,
}

impl Read {
    /// Reads either shape: `{"baseURIs":[..]}`, or the object of one service. `plain` tells whether loopback bases are
    /// called without TLS.
    pub(crate) fn answer(answer: &RawResponse, plain: bool) -> Result<Self, Error> {
        let value: Value = answer.json()?;
        let entries = match (&value, value.get("baseURIs")) {
            (_, Some(Value::Array(entries))) => entries.iter().collect(),
            // A list of one may come as the bare element.
            (_, Some(entry @ Value::Object(_))) => vec![entry],
            (Value::Array(entries), _) => entries.iter().collect(),
            _ if value.get("baseURI").is_some() => vec![&value],
            _ => {
                let message = "the answer holds neither `baseURI` nor `baseURIs`";
                return Err(answer.fail(ErrorKind::Protocol, message));
            }
        };
        let text = |entry: &Value, key: &str| entry.get(key).and_then(Value::as_str).map(str::to_owned);
        let pairs = entries
            .into_iter()
            .map(|entry| (text(entry, "service"), text(entry, "baseURI")));
        Ok(Self::pairs(pairs, plain))
    }

    /// Takes what can be used and notes the rest.
    pub(crate) fn pairs(pairs: impl IntoIterator<Item = (Option<String>, Option<String>)>, plain: bool) -> Self {
        let mut read = Self::default();
        for (service, base) in pairs {
            let service = service.filter(|name| !name.is_empty()).map(ServiceName::from);
            let outcome = match (&service, base) {
                (None, _) => Err(Error::validation("the entry names no service")),
                (_, None) => Err(Error::validation("the entry holds no base URI")),
                (_, Some(text)) => discovered(text.trim(), plain),
            };
            match (service, outcome) {
                (Some(service), Ok(base)) => read.entries.push((service, base)),
                (service, Err(reason)) => {
                    let shown = service.as_ref().map_or("(none)", ServiceName::as_str);
                    tracing::warn!(liveperson.service = shown, %reason, "entry of the Domain API skipped");
                    read.skipped.push(Skipped { service, reason });
                }
                (None, Ok(_)) => {}
            }
        }
        read
    }
}

/// Reads a base URI that the Domain API gave. It never says itself that it is plain: only loopback bases are, and only where
/// the Domain API itself was asked over plain http.
fn discovered(text: &str, plain: bool) -> Result<BaseUri, Error> {
    if let Some((scheme, _)) = text.split_once("://")
        && !scheme.eq_ignore_ascii_case("https")
    {
        return Err(Error::validation(format!(
            "base URI {text:?} has a scheme that is not https"
        )));
    }
    let base = BaseUri::new(text)?;
    if plain && base.is_loopback() && !text.contains("://") {
        return BaseUri::plain(text);
    }
    Ok(base)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(pairs: &[(&str, &str)], plain: bool) -> Services {
        let pairs = pairs
            .iter()
            .map(|(service, base)| (Some((*service).to_owned()), Some((*base).to_owned())));
        Services::new(Read::pairs(pairs, plain), Timestamp::default(), Bytes::new())
    }

    #[test]
    fn order_is_kept_the_last_duplicate_wins_and_unknown_names_stay() {
        let services = read(
            &[
                ("msgHist", "a.example.net"),
                ("brandNew", "b.example.net:9443"),
                ("msgHist", "c.example.net"),
            ],
            false,
        );
        let seen: Vec<_> = services
            .iter()
            .map(|(name, base)| (name.as_str(), base.to_string()))
            .collect();
        assert_eq!(
            seen,
            [
                ("msgHist", "https://c.example.net".to_owned()),
                ("brandNew", "https://b.example.net:9443".to_owned())
            ]
        );
        assert_eq!(services.get("msghist"), None, "case matters");
    }

    #[test]
    fn nonsense_is_skipped_and_reported_and_the_rest_is_kept() {
        let services = read(
            &[
                ("agentVep", "evil.example/path"),
                ("idp", "user@evil.example"),
                ("", "x.example.net"),
                ("smt", "http://127.0.0.1:80"),
                ("msgHist", "ok.example.net"),
            ],
            false,
        );
        assert_eq!(services.len(), 1);
        assert_eq!(services.skipped().len(), 4);
        assert!(services.skipped()[0].reason.to_string().contains("evil.example/path"));
    }

    #[test]
    fn plain_follows_the_bootstrap_and_only_on_loopback() {
        let list = [
            ("a", "127.0.0.1:8080"),
            ("b", "x.example.net"),
            ("c", "https://localhost:8443"),
        ];
        let bases = |plain| -> Vec<String> { read(&list, plain).iter().map(|(_, base)| base.to_string()).collect() };
        assert_eq!(
            bases(true),
            [
                "http://127.0.0.1:8080",
                "https://x.example.net",
                "https://localhost:8443"
            ]
        );
        assert_eq!(
            bases(false),
            [
                "https://127.0.0.1:8080",
                "https://x.example.net",
                "https://localhost:8443"
            ]
        );
    }

    proptest! {
        /// Whatever the Domain API says, an https bootstrap never leads to plain http, and no path or user gets through.
        #[test]
        fn a_discovered_base_is_a_bare_authority(text in "[ -~]{0,40}") {
            if let Ok(base) = discovered(&text, false) {
                prop_assert_eq!(base.scheme(), "https");
                prop_assert!(!base.as_authority().contains(['/', '@', '?', '#', ' ']));
            }
        }
    }
}
