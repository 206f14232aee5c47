//! The default transport on real sockets: TLS, resets, redirects, proxies, limits.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops where something is not as it should be"
)]
#![cfg(feature = "http")]

use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use le_core::auth::StaticBearer;
use le_core::discover::FixedBase;
use le_core::operation::{AuthRequirement, CallClass};
use le_core::retry::RetryPolicy;
use le_core::transport::{Cause, HttpTransport, HttpTransportBuilder, Phase, TransportError};
use le_core::{AccountId, BaseUri, Client, Disposition, Error, ErrorKind, Operation, OperationSpec, TrustedHosts};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::{self, ServerConfig};
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

static READ: OperationSpec = OperationSpec {
    id: "test.read",
    service: "s",
    method: http::Method::GET,
    path: "/path",
    query: &[("q", "query-value")],
    auth: AuthRequirement::Required,
    idempotent: true,
    class: CallClass::Standard,
    sends_source: false,
    documentation: "",
};

const BEARER: &str = "bea7e700-very-secret";

fn client(base: BaseUri, transport: HttpTransportBuilder) -> Client {
    Client::builder(AccountId::new("70011223").unwrap())
        .transport(Arc::new(transport.build().unwrap()))
        .discover(Arc::new(FixedBase(base)))
        .trusted_hosts(TrustedHosts::default().with_host("127.0.0.1").with_host("localhost"))
        .authorize(Arc::new(StaticBearer::new(BEARER)))
        .retry(RetryPolicy::never())
        .build()
        .unwrap()
}

fn transport() -> HttpTransportBuilder {
    HttpTransport::builder().no_proxy()
}

async fn call(base: BaseUri, transport: HttpTransportBuilder) -> Result<String, Error> {
    let answer = client(base, transport).call(Operation::new(&READ)).await?;
    Ok(answer.text()?.to_owned())
}

fn broken(error: &Error) -> (Phase, Cause) {
    let source = std::error::Error::source(error)
        .unwrap()
        .downcast_ref::<TransportError>()
        .unwrap();
    (source.phase(), source.cause())
}

/// Serves each connection with `serve`; gives host and port.
async fn listen<F, Fut>(serve: F) -> String
where
    F: Fn(TcpStream) -> Fut + Send + 'static,
    Fut: Future<Output = io::Result<()>> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream));
        }
    });
    address
}

/// A TLS server with a certificate of its own; gives its address and the certificate as PEM.
async fn listen_tls(version: &'static rustls::SupportedProtocolVersion) -> (String, String) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned(), "127.0.0.1".to_owned()]).unwrap();
    let key = rustls::pki_types::PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_protocol_versions(&[version])
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let address = listen(move |stream| {
        let acceptor = acceptor.clone();
        async move {
            let mut stream = acceptor.accept(stream).await?;
            let mut seen = [0; 1024];
            let _ = stream.read(&mut seen).await?;
            stream
                .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}")
                .await
        }
    })
    .await;
    (address, made.cert.pem())
}

#[tokio::test]
async fn tls_1_2_and_1_3_with_an_added_root() {
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let (address, pem) = listen_tls(version).await;
        let transport = transport().add_root_pem(pem.as_bytes()).unwrap().only_added_roots();
        assert_eq!(call(BaseUri::new(&address).unwrap(), transport).await.unwrap(), "{}");
    }
}

#[tokio::test]
async fn a_self_signed_certificate_is_refused() {
    let (address, _) = listen_tls(&rustls::version::TLS13).await;
    let error = call(BaseUri::new(&address).unwrap(), transport()).await.unwrap_err();
    assert_eq!(broken(&error), (Phase::Connect, Cause::Certificate));
    assert_eq!(error.disposition(), Disposition::NotSent);
    assert!(error.to_string().contains("add its certificate authority"), "{error}");
}

#[tokio::test]
async fn a_server_that_speaks_tls_1_1_only_is_refused() {
    let address = listen(|mut stream| async move {
        let mut hello = [0; 2048];
        let _ = stream.read(&mut hello).await?;
        // A ServerHello of TLS 1.1 (0x0302): 32 random bytes, no session id, TLS_RSA_WITH_AES_128_CBC_SHA, no compression.
        let mut body = vec![0x03, 0x02];
        body.extend([7; 32]);
        body.extend([0x00, 0x00, 0x2f, 0x00]);
        let mut record = vec![0x16, 0x03, 0x02, 0x00, u8::try_from(body.len() + 4).unwrap()];
        record.extend([0x02, 0x00, 0x00, u8::try_from(body.len()).unwrap()]);
        record.extend(body);
        stream.write_all(&record).await?;
        let _ = stream.read(&mut hello).await?;
        Ok(())
    })
    .await;
    let error = call(BaseUri::new(&address).unwrap(), transport()).await.unwrap_err();
    assert_eq!(broken(&error), (Phase::Connect, Cause::Tls));
    assert!(error.to_string().contains("TLS 1.2 or newer"), "{error}");
}

#[tokio::test]
async fn nobody_listens() {
    let address = TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap()
        .local_addr()
        .unwrap()
        .to_string();
    let error = call(BaseUri::plain(&address).unwrap(), transport()).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.disposition()),
        (ErrorKind::Transport, Disposition::NotSent)
    );
    assert_eq!(broken(&error), (Phase::Connect, Cause::Refused));
}

#[tokio::test]
async fn a_connection_that_breaks_after_the_request_may_have_applied_it() {
    let address = listen(|mut stream| async move {
        let mut seen = [0; 1024];
        let _ = stream.read(&mut seen).await?;
        Ok(())
    })
    .await;
    let error = call(BaseUri::plain(&address).unwrap(), transport()).await.unwrap_err();
    assert_eq!(
        (broken(&error).0, error.disposition()),
        (Phase::Exchange, Disposition::MaybeApplied)
    );
}

#[tokio::test]
async fn a_body_shorter_than_announced_is_an_error() {
    let address = listen(|mut stream| async move {
        let mut seen = [0; 1024];
        let _ = stream.read(&mut seen).await?;
        stream
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"half\":")
            .await
    })
    .await;
    let error = call(BaseUri::plain(&address).unwrap(), transport()).await.unwrap_err();
    assert_eq!((broken(&error).0, error.kind()), (Phase::Body, ErrorKind::Transport));
}

#[tokio::test]
async fn a_body_larger_than_allowed_is_refused() {
    let server = MockServer::start().await;
    Mock::given(any())
        .respond_with(ResponseTemplate::new(200).set_body_string("x".repeat(5000)))
        .mount(&server)
        .await;
    let base = BaseUri::new(&server.uri()).unwrap();
    let client = Client::builder(AccountId::new("70011223").unwrap())
        .transport(Arc::new(transport().build().unwrap()))
        .discover(Arc::new(FixedBase(base)))
        .trusted_hosts(TrustedHosts::default().with_host("127.0.0.1"))
        .authorize(Arc::new(StaticBearer::new(BEARER)))
        .body_limit(4999)
        .build()
        .unwrap();
    let error = client.call(Operation::new(&READ)).await.unwrap_err();
    assert_eq!((broken(&error).1, error.attempts()), (Cause::TooLarge, 1));
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_carries_no_credential() {
    let (first, second) = (MockServer::start().await, MockServer::start().await);
    let redirect = ResponseTemplate::new(307).insert_header("location", format!("{}/stolen", second.uri()));
    Mock::given(any()).respond_with(redirect).mount(&first).await;
    Mock::given(any())
        .respond_with(ResponseTemplate::new(200))
        .expect(0)
        .mount(&second)
        .await;
    let error = call(BaseUri::new(&first.uri()).unwrap(), transport())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Protocol);
    assert!(error.to_string().contains("redirects are not followed"), "{error}");
    second.verify().await;
}

#[tokio::test]
async fn a_proxy_gets_the_absolute_form() {
    let proxy = MockServer::start().await;
    Mock::given(any())
        .respond_with(ResponseTemplate::new(200).set_body_string("{}"))
        .expect(1)
        .mount(&proxy)
        .await;
    let transport = HttpTransport::builder().proxy(proxy.uri());
    call(BaseUri::plain("127.0.0.1:9").unwrap(), transport).await.unwrap();
    let error = HttpTransport::builder().proxy("http://[half").build().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
}

#[test]
fn root_files_that_are_none_are_explained() {
    for (text, needle) in [
        ("", "no certificate"),
        ("-----BEGIN CERTIFICATE-----\n!!\n-----END CERTIFICATE-----", "not PEM"),
    ] {
        let error = transport().add_root_pem(text.as_bytes()).unwrap_err();
        assert!(error.to_string().contains(needle), "{error}");
    }
}

#[tokio::test]
async fn concurrency_is_limited_per_host() {
    let server = MockServer::start().await;
    let slow = ResponseTemplate::new(200)
        .set_delay(Duration::from_millis(40))
        .set_body_string("{}");
    Mock::given(any()).respond_with(slow).mount(&server).await;
    let limits = le_core::limit::Limits::default().concurrency(std::num::NonZeroU32::new(2).unwrap());
    let client = Client::builder(AccountId::new("70011223").unwrap())
        .transport(Arc::new(transport().build().unwrap()))
        .discover(Arc::new(FixedBase(BaseUri::new(&server.uri()).unwrap())))
        .trusted_hosts(TrustedHosts::default().with_host("127.0.0.1"))
        .authorize(Arc::new(StaticBearer::new(BEARER)))
        .limits(limits);
    let counting = Arc::new(Counting::default());
    let client = client.hook(counting.clone()).build().unwrap();
    let calls = (0..12).map(|_| client.call(Operation::new(&READ)).send());
    for answer in futures_util::future::join_all(calls).await {
        answer.unwrap();
    }
    assert_eq!(counting.most(), 2);
}

/// The most attempts that were under way at once.
#[derive(Debug, Default)]
struct Counting(Mutex<(u32, u32)>);

impl Counting {
    fn most(&self) -> u32 {
        self.0.lock().unwrap().1
    }
}

impl le_core::hook::Hook for Counting {
    fn before_attempt(&self, _: &'static OperationSpec, _: &mut http::Request<bytes::Bytes>) -> Result<(), Error> {
        let mut seen = self.0.lock().unwrap();
        seen.0 += 1;
        seen.1 = seen.1.max(seen.0);
        Ok(())
    }
    fn after_attempt(&self, _: &le_core::hook::Report) {
        self.0.lock().unwrap().0 -= 1;
    }
}
