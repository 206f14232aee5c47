//! Addresses and credentials of the messaging sockets.

use std::fmt;

use http::HeaderValue;
use le_core::{AccountId, BaseUri, Error, ErrorKind, Secret, TrustedHosts};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// RFC 3986 unreserved characters stay, everything else is percent-encoded.
pub(crate) const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The version of the agent protocol: from 2.1 on, agents see who is suggested for a transfer.
pub const AGENT_VERSION: &str = "2.1";

/// The version of the consumer protocol.
pub const CONSUMER_VERSION: &str = "3";

/// The address of a messaging socket. The service to look up is `asyncMessagingEnt`.
///
/// An agent's bearer is part of the path. `Debug` and `Display` leave it out, and the text is wiped from memory on drop.
///
/// ```
/// use le_bots::SocketUrl;
/// use le_core::{AccountId, BaseUri, Secret, TrustedHosts};
///
/// let base = BaseUri::new("va.msg.liveperson.net")?;
/// let account = AccountId::new("70011223")?;
/// let url = SocketUrl::agent(&base, &account, &Secret::new("b/1"), &TrustedHosts::vendor())?;
/// assert_eq!(url.expose(), "wss://va.msg.liveperson.net/ws_api/account/70011223/messaging/brand/b%2F1?v=2.1");
/// assert_eq!(url.to_string(), "wss://va.msg.liveperson.net/ws_api/account/70011223/messaging/brand/<redacted>?v=2.1");
/// # Ok::<_, le_core::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct SocketUrl {
    full: Secret,
    shown: String,
}

impl SocketUrl {
    /// The socket of an agent, a manager or a bot.
    ///
    /// # Errors
    /// [`ErrorKind::Validation`] where `base` is not of the trusted hosts, [`ErrorKind::Configuration`] where the bearer is empty.
    pub fn agent(base: &BaseUri, account: &AccountId, bearer: &Secret, trusted: &TrustedHosts) -> Result<Self, Error> {
        if bearer.is_empty() {
            return Err(Error::configuration("the bearer of the agent socket is empty").with_advice("log in first"));
        }
        check(base, trusted)?;
        let start = format!("{}/brand/", start(base, account));
        let token = utf8_percent_encode(bearer.expose(), UNRESERVED);
        Ok(Self {
            full: Secret::new(format!("{start}{token}?v={AGENT_VERSION}")),
            shown: format!("{start}<redacted>?v={AGENT_VERSION}"),
        })
    }

    /// The socket of a consumer. Its token travels in a header ([`consumer_authorization`]) or in `InitConnection`.
    ///
    /// # Errors
    /// [`ErrorKind::Validation`] where `base` is not of the trusted hosts.
    pub fn consumer(base: &BaseUri, account: &AccountId, trusted: &TrustedHosts) -> Result<Self, Error> {
        check(base, trusted)?;
        let shown = format!("{}/consumer?v={CONSUMER_VERSION}", start(base, account));
        Ok(Self {
            full: Secret::new(shown.as_str()),
            shown,
        })
    }

    /// The whole address, with the bearer. Never log it.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.full.expose()
    }
}

fn start(base: &BaseUri, account: &AccountId) -> String {
    let scheme = if base.is_plain() { "ws" } else { "wss" };
    format!("{scheme}://{}/ws_api/account/{account}/messaging", base.as_authority())
}

fn check(base: &BaseUri, trusted: &TrustedHosts) -> Result<(), Error> {
    if trusted.allows(base) {
        return Ok(());
    }
    let message = format!("host {:?} is not trusted with a credential", base.host());
    Err(Error::new(ErrorKind::Validation, message).with_advice("if it is yours, add it to the trusted hosts"))
}

/// The `Authorization` header of the consumer socket: the word `jwt` and the token, marked sensitive.
///
/// # Errors
/// [`ErrorKind::Configuration`] where the token holds characters that no header can hold.
pub fn consumer_authorization(token: &Secret) -> Result<HeaderValue, Error> {
    let mut value = HeaderValue::try_from(format!("jwt {}", token.expose()))
        .map_err(|_| Error::configuration("the consumer's token holds characters that an HTTP header cannot hold"))?;
    value.set_sensitive(true);
    Ok(value)
}

impl fmt::Display for SocketUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

impl fmt::Debug for SocketUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SocketUrl({})", self.shown)
    }
}
