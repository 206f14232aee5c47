//! A bare client: reqwest with an explicit provider, and nothing of our own between it and the wire.
#![allow(dead_code, reason = "each test file uses a part")]

use std::{sync::Arc, time::Duration};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, Mac as _};
use le_sim::{Sim, account::User};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::{Client, ClientBuilder, Proxy, Response};
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, pem::PemObject as _},
};
use serde_json::{Value, json};

pub(crate) const ACCOUNT: &str = "70011223";

/// A client that trusts the simulator's authority and nobody else.
pub(crate) fn client(sim: &Sim) -> Client {
    builder(sim).build().unwrap()
}

/// A client that sends everything through the stand-in proxy.
pub(crate) fn proxied(sim: &Sim) -> Client {
    let proxy = format!("http://{}", sim.proxy().unwrap());
    builder_without_proxy(sim)
        .proxy(Proxy::all(proxy).unwrap())
        .build()
        .unwrap()
}

pub(crate) fn builder(sim: &Sim) -> ClientBuilder {
    builder_without_proxy(sim).no_proxy()
}

fn builder_without_proxy(sim: &Sim) -> ClientBuilder {
    Client::builder()
        .tls_backend_preconfigured(tls(sim))
        .timeout(Duration::from_secs(20))
}

/// Client TLS settings with the simulator's authority as the only root.
pub(crate) fn tls(sim: &Sim) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    if let Some(pem) = sim.ca_pem() {
        roots
            .add(CertificateDer::from_pem_slice(pem.as_bytes()).unwrap())
            .unwrap();
    }
    ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth()
}

/// A person who can log in.
pub(crate) fn person(sim: &Sim) -> &User {
    &sim.users()[0]
}

pub(crate) fn login_url(sim: &Sim) -> String {
    format!("{}/api/account/{ACCOUNT}/login?v=1.3", sim.url())
}

/// Logs in and returns the answer as it is.
pub(crate) async fn try_login(sim: &Sim, body: &Value) -> Response {
    client(sim).post(login_url(sim)).json(body).send().await.unwrap()
}

pub(crate) fn password_body(user: &User) -> Value {
    json!({ "username": user.login_name, "password": user.password })
}

/// Logs in the first person and returns the answer tree.
pub(crate) async fn login(sim: &Sim) -> Value {
    let answer = try_login(sim, &password_body(person(sim))).await;
    assert_eq!(answer.status(), 200);
    answer.json().await.unwrap()
}

pub(crate) fn search_url(sim: &Sim, query: &str) -> String {
    format!(
        "{}/messaging_history/api/account/{ACCOUNT}/conversations/search?{query}",
        sim.url()
    )
}

/// A filter that matches what started in the last 80 days.
pub(crate) fn recent(sim: &Sim) -> Value {
    let now_ms = sim.clock().now_ms();
    json!({ "start": { "from": now_ms - 80 * 86_400_000_i64, "to": now_ms } })
}

pub(crate) async fn search(sim: &Sim, bearer: &str, query: &str) -> reqwest::Result<Response> {
    client(sim)
        .post(search_url(sim, query))
        .bearer_auth(bearer)
        .json(&recent(sim))
        .send()
        .await
}

/// What a signature is made of.
#[derive(Debug, Clone)]
pub(crate) struct Signature<'a> {
    pub(crate) app_key: &'a str,
    pub(crate) secret: &'a str,
    pub(crate) token: &'a str,
    pub(crate) token_secret: &'a str,
    pub(crate) timestamp: i64,
    pub(crate) nonce: &'a str,
}

impl<'a> Signature<'a> {
    pub(crate) fn of(sim: &'a Sim, key: usize, nonce: &'a str) -> Self {
        let key = &sim.api_keys()[key];
        Self {
            app_key: &key.app_key,
            secret: &key.secret,
            token: &key.access_token,
            token_secret: &key.access_token_secret,
            timestamp: sim.clock().now_ms() / 1_000,
            nonce,
        }
    }

    /// The `Authorization` header for a URL, worked out here from RFC 5849 and not with the simulator's code.
    pub(crate) fn header(&self, method: &str, url: &str) -> String {
        const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
        let encode = |text: &str| utf8_percent_encode(text, RESERVED).to_string();
        let url = reqwest::Url::parse(url).unwrap();
        let mut pairs: Vec<(String, String)> = url
            .query_pairs()
            .map(|(name, value)| (name.into_owned(), value.into_owned()))
            .collect();
        let timestamp = self.timestamp.to_string();
        let oauth = [
            ("oauth_consumer_key", self.app_key),
            ("oauth_token", self.token),
            ("oauth_signature_method", "HMAC-SHA1"),
            ("oauth_timestamp", &timestamp),
            ("oauth_nonce", self.nonce),
            ("oauth_version", "1.0"),
        ];
        pairs.extend(
            oauth
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
        );
        let mut pairs: Vec<(String, String)> = pairs
            .iter()
            .map(|(name, value)| (encode(name), encode(value)))
            .collect();
        pairs.sort();
        let pairs: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut bare = url.clone();
        bare.set_query(None);
        let base = format!("{method}&{}&{}", encode(bare.as_str()), encode(&pairs.join("&")));
        let key = format!("{}&{}", encode(self.secret), encode(self.token_secret));
        let mut mac = Hmac::<sha1::Sha1>::new_from_slice(key.as_bytes()).unwrap();
        mac.update(base.as_bytes());
        let signature = STANDARD.encode(mac.finalize().into_bytes());
        let header: Vec<String> = oauth
            .iter()
            .map(|(name, value)| format!("{name}=\"{}\"", encode(value)))
            .chain([format!("oauth_signature=\"{}\"", encode(&signature))])
            .collect();
        format!("OAuth {}", header.join(", "))
    }
}

/// All messages of an error and its causes.
pub(crate) fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
