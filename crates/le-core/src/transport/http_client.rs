//! The default transport, over reqwest.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::StreamExt as _;
use http::{Request, Response, StatusCode};

use super::tls::{self, Roots};
use super::{Body, Phase, Transport, TransportError, UpgradeAnswer, cause};
use crate::error::Error;

/// The default transport. Cheap to clone; clones share their connections.
#[derive(Clone)]
pub struct HttpTransport {
    client: reqwest::Client,
    /// HTTP/1.1 only: an upgrade does not exist in HTTP/2.
    upgrades: reqwest::Client,
}

/// Settings of [`HttpTransport`]. See [`HttpTransport::builder`].
#[must_use]
#[derive(Clone)]
pub struct HttpTransportBuilder {
    connect_timeout: Duration,
    idle_timeout: Duration,
    roots: Roots,
    proxy: Option<String>,
    no_proxy: bool,
    provider: Option<Arc<rustls::crypto::CryptoProvider>>,
    resolve: Vec<(String, std::net::SocketAddr)>,
}

impl HttpTransport {
    /// The default settings: 10 s to connect, the machine's certificate store, the proxy of the environment.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) where TLS cannot be set up.
    pub fn new() -> Result<Self, Error> {
        Self::builder().build()
    }

    /// Starts from the default settings.
    pub fn builder() -> HttpTransportBuilder {
        HttpTransportBuilder {
            connect_timeout: Duration::from_secs(10),
            // Shorter than the 60 s of common proxies, so that a connection is not reused while they close it.
            idle_timeout: Duration::from_secs(50),
            roots: Roots::default(),
            proxy: None,
            no_proxy: false,
            provider: None,
            resolve: Vec::new(),
        }
    }
}

impl HttpTransportBuilder {
    /// How long name lookup, TCP and TLS may take together (default 10 s).
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// How long an idle connection is kept (default 50 s).
    pub fn idle_timeout(mut self, timeout: Duration) -> Self {
        self.idle_timeout = timeout;
        self
    }

    /// Trusts the certificate authorities of this PEM text, besides the machine's.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) where the text holds no certificate.
    pub fn add_root_pem(mut self, pem: &[u8]) -> Result<Self, Error> {
        self.roots.extra.extend(tls::certificates(pem)?);
        Ok(self)
    }

    /// Trusts the given certificate authorities only, not the machine's store.
    pub fn only_added_roots(mut self) -> Self {
        self.roots.only_extra = true;
        self
    }

    /// Sends everything through this proxy (`http://`, or `socks5://` with the feature `socks`), whatever the environment says.
    pub fn proxy(mut self, url: impl Into<String>) -> Self {
        self.proxy = Some(url.into());
        self
    }

    /// Uses no proxy, whatever the environment says.
    pub fn no_proxy(mut self) -> Self {
        self.no_proxy = true;
        self
    }

    /// Uses this crypto provider instead of the one of the crate's features.
    pub fn crypto_provider(mut self, provider: Arc<rustls::crypto::CryptoProvider>) -> Self {
        self.provider = Some(provider);
        self
    }

    /// Connects to this address for this host name, without looking it up.
    pub fn resolve(mut self, host: &str, address: std::net::SocketAddr) -> Self {
        self.resolve.push((host.to_owned(), address));
        self
    }

    /// Builds the transport.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) naming the proxy or TLS setting that does not work.
    pub fn build(self) -> Result<HttpTransport, Error> {
        let tls = tls::client_config(&self.roots, self.provider.clone())?;
        let client = self.client(tls.clone(), false)?;
        Ok(HttpTransport {
            client,
            upgrades: self.client(tls, true)?,
        })
    }

    fn client(&self, tls: rustls::ClientConfig, upgrades: bool) -> Result<reqwest::Client, Error> {
        let mut builder = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(self.connect_timeout)
            .pool_idle_timeout(self.idle_timeout)
            .tcp_keepalive(Duration::from_secs(30))
            .tcp_nodelay(true)
            // What is retried and when is the pipeline's affair alone.
            .retry(reqwest::retry::never());
        if upgrades {
            builder = builder.http1_only();
        }
        if self.no_proxy {
            builder = builder.no_proxy();
        } else if let Some(url) = &self.proxy {
            let proxy = reqwest::Proxy::all(url.as_str()).map_err(|e| {
                Error::configuration("the proxy URL cannot be used")
                    .with_source(e.without_url())
                    .with_advice("give http://host:port")
            })?;
            builder = builder.proxy(proxy);
        }
        for (host, address) in &self.resolve {
            builder = builder.resolve(host, *address);
        }
        builder
            .build()
            .map_err(|e| Error::configuration("the HTTP client cannot be set up").with_source(e.without_url()))
    }
}

impl fmt::Debug for HttpTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HttpTransport")
    }
}

impl fmt::Debug for HttpTransportBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpTransportBuilder")
            .field("connect_timeout", &self.connect_timeout)
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl Transport for HttpTransport {
    async fn execute(&self, request: Request<Bytes>) -> Result<Response<Body>, TransportError> {
        let request = reqwest::Request::try_from(request).map_err(|e| cause::translate(e, Phase::Connect))?;
        let answer = self
            .client
            .execute(request)
            .await
            .map_err(|e| cause::translate(e, Phase::Exchange))?;
        let (parts, body) = http::Response::<reqwest::Body>::from(answer).into_parts();
        let length = parts
            .headers
            .get(http::header::CONTENT_LENGTH)
            .and_then(|v| v.to_str().ok()?.parse().ok());
        let chunks =
            http_body_util::BodyDataStream::new(body).map(|chunk| chunk.map_err(|e| cause::translate(e, Phase::Body)));
        Ok(Response::from_parts(parts, Body::chunks(length, chunks)))
    }

    async fn upgrade(&self, request: Request<()>) -> Result<UpgradeAnswer, TransportError> {
        let request = request.map(|()| Bytes::new());
        let request = reqwest::Request::try_from(request).map_err(|e| cause::translate(e, Phase::Connect))?;
        let answer = self
            .upgrades
            .execute(request)
            .await
            .map_err(|e| cause::translate(e, Phase::Exchange))?;
        let mut head = Response::new(());
        *head.status_mut() = answer.status();
        *head.headers_mut() = answer.headers().clone();
        if answer.status() != StatusCode::SWITCHING_PROTOCOLS {
            let body = answer.bytes().await.map_err(|e| cause::translate(e, Phase::Body))?;
            return Ok(UpgradeAnswer::Refused(head.map(|()| body)));
        }
        let stream = answer
            .upgrade()
            .await
            .map_err(|e| cause::translate(e, Phase::Exchange))?;
        Ok(UpgradeAnswer::Open(head, Box::new(stream)))
    }
}
