//! A client with an API key, which some data APIs want.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use hmac::{Hmac, Mac as _};
use http::header::AUTHORIZATION;
use http::{HeaderValue, Request};
use le_core::auth::Stamp;
use le_core::discover::FixedBase;
use le_core::testing::TestClock;
use le_core::{AccountId, Authorize, BaseUri, Client, Error, Timestamp, TrustedHosts};
use le_data::Data;
use le_sim::account::ApiKey;
use le_sim::{Sim, SimClock};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Signs as OAuth 1.0a wants it (HMAC-SHA1, parameters in the header).
#[derive(Debug)]
struct Signed {
    key: ApiKey,
    clock: SimClock,
    nonce: AtomicU64,
}

fn encode(text: &str) -> String {
    utf8_percent_encode(text, UNRESERVED).to_string()
}

#[async_trait]
impl Authorize for Signed {
    async fn authorize(&self, request: &mut Request<Bytes>) -> Result<Stamp, Error> {
        let nonce = format!("n{}", self.nonce.fetch_add(1, Ordering::Relaxed));
        let time = (self.clock.now_ms() / 1000).to_string();
        let own = [
            ("oauth_consumer_key", self.key.app_key.as_str()),
            ("oauth_nonce", &nonce),
            ("oauth_signature_method", "HMAC-SHA1"),
            ("oauth_timestamp", &time),
            ("oauth_token", self.key.access_token.as_str()),
            ("oauth_version", "1.0"),
        ];
        let mut header: Vec<String> = own
            .iter()
            .map(|(name, value)| format!("{name}={}", encode(value)))
            .collect();
        let uri = request.uri();
        let query = uri.query().unwrap_or_default();
        let mut pairs = header.clone();
        pairs.extend(query.split('&').filter(|pair| !pair.is_empty()).map(str::to_owned));
        pairs.sort();
        let address = format!(
            "{}://{}{}",
            uri.scheme_str().unwrap(),
            uri.authority().unwrap(),
            uri.path()
        );
        let base = format!("{}&{}&{}", request.method(), encode(&address), encode(&pairs.join("&")));
        let secret = format!("{}&{}", encode(&self.key.secret), encode(&self.key.access_token_secret));
        let mut mac = Hmac::<sha1::Sha1>::new_from_slice(secret.as_bytes()).unwrap();
        mac.update(base.as_bytes());
        let signature = BASE64_STANDARD.encode(mac.finalize().into_bytes());
        header.push(format!("oauth_signature={}", encode(&signature)));
        let value = HeaderValue::try_from(format!("OAuth {}", header.join(", "))).unwrap();
        request.headers_mut().insert(AUTHORIZATION, value);
        Ok(Stamp::default())
    }
}

/// A client with a key of the account, whose waits take no time.
pub(crate) fn with_key(sim: &Sim) -> Data {
    let signed = Signed {
        key: sim.api_keys()[0].clone(),
        clock: sim.clock(),
        nonce: AtomicU64::new(1),
    };
    let client = Client::builder(AccountId::new("70011223").unwrap())
        .discover(Arc::new(FixedBase(BaseUri::plain(&sim.plain_csds()).unwrap())))
        .trusted_hosts(TrustedHosts::vendor().with_host("127.0.0.1").with_host("localhost"))
        .authorize(Arc::new(signed))
        .clock(Arc::new(TestClock::auto(Timestamp::from_millis(sim.clock().now_ms()))));
    Data::new(client.build().unwrap())
}
