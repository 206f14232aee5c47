//! How sockets are opened: addresses, headers, refusals, renewals, TLS, proxies; and that no token is seen by anybody else.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::gate::{Gate, Reply, header, proxy};
use crate::peer::{quiet, soon};
use async_trait::async_trait;
use le_bots::client_properties::{ClientProperties, Feature};
use le_bots::connector::Introduction;
use le_bots::credential::{BearerOf, FixedToken};
use le_bots::server_clock::KeepAlive;
use le_bots::{AgentConnector, AgentIdentity, ConsumerConnector, NextStep, SocketCredential};
use le_core::auth::{Renewal, Stamp, StaticBearer};
use le_core::discover::FixedBase;
use le_core::transport::{HttpTransport, HttpTransportBuilder};
use le_core::{AccountId, BaseUri, Disposition, Error, ErrorKind, Secret, TrustedHosts};

const TOKEN: &str = "bea7e7/very+secret";
const WRITTEN: &str = "bea7e7%2Fvery%2Bsecret";

fn account() -> AccountId {
    AccountId::new("70000001").unwrap()
}

fn transport() -> HttpTransportBuilder {
    HttpTransport::builder().no_proxy()
}

fn trusted() -> TrustedHosts {
    TrustedHosts::vendor().with_host("127.0.0.1").with_host("localhost")
}

fn agent(base: BaseUri, transport: HttpTransportBuilder, credential: Arc<dyn SocketCredential>) -> AgentConnector {
    AgentConnector::new(
        Arc::new(transport.build().unwrap()),
        Arc::new(FixedBase(base)),
        credential,
        AgentIdentity::new(account(), "9100000042"),
    )
    .trusted_hosts(trusted())
    .settings(quiet())
}

fn consumer(base: BaseUri, credential: Arc<dyn SocketCredential>) -> ConsumerConnector {
    ConsumerConnector::new(
        Arc::new(transport().build().unwrap()),
        Arc::new(FixedBase(base)),
        credential,
        account(),
    )
    .trusted_hosts(trusted())
    .settings(quiet())
}

fn fixed() -> Arc<FixedToken> {
    Arc::new(FixedToken::new(TOKEN))
}

/// A credential that has a new token after each renewal.
#[derive(Debug, Default)]
struct Renewing {
    renewals: AtomicU64,
    steps: Mutex<Vec<NextStep>>,
}

#[async_trait]
impl SocketCredential for Renewing {
    async fn token(&self) -> Result<(Secret, Stamp), Error> {
        let stamp = self.renewals.load(Ordering::Relaxed);
        Ok((Secret::new(format!("token-{stamp}")), Stamp(stamp)))
    }

    async fn renew(&self, refused: Stamp, step: NextStep) -> Result<Renewal, Error> {
        assert_eq!(
            refused.0,
            self.renewals.fetch_add(1, Ordering::Relaxed),
            "the token that was used"
        );
        self.steps.lock().unwrap().push(step);
        Ok(Renewal::Renewed)
    }
}

#[tokio::test]
async fn an_agent_opens_with_the_bearer_in_the_path() {
    let gate = Gate::new([Reply::Open]);
    let base = BaseUri::plain(&gate.listen().await).unwrap();
    // Any authorization that sends a bearer will do.
    let credential = Arc::new(BearerOf::new(Arc::new(StaticBearer::new(TOKEN))));
    let (connection, _events) = soon(agent(base, transport(), credential).connect()).await.unwrap();
    soon(connection.request(KeepAlive).into_future()).await.unwrap();
    let head = &gate.heads()[0];
    let line = format!("GET /ws_api/account/70000001/messaging/brand/{WRITTEN}?v=2.1 HTTP/1.1\r\n");
    assert!(head.starts_with(&line), "{head}");
    let value = |name| header(head, name).unwrap_or_default();
    assert_eq!(
        (value("upgrade").as_str(), value("sec-websocket-version").as_str()),
        ("websocket", "13")
    );
    assert!(value("connection").eq_ignore_ascii_case("upgrade") && value("sec-websocket-key").len() == 24);
    assert!(header(head, "authorization").is_none() && header(head, "sec-websocket-extensions").is_none());
}

#[tokio::test]
async fn a_consumer_introduces_itself_in_headers_or_in_its_first_request() {
    let gate = Gate::new([Reply::Open, Reply::Open]);
    let base = BaseUri::plain(&gate.listen().await).unwrap();
    let mut properties = ClientProperties::default();
    properties.features = vec![Feature::RichContent].into();
    let connector = consumer(base.clone(), fixed()).properties(properties.clone());
    let (by_header, _events) = soon(connector.connect()).await.unwrap();
    soon(by_header.request(KeepAlive).into_future()).await.unwrap();
    let connector = consumer(base, fixed())
        .properties(properties)
        .introduction(Introduction::Request);
    let (by_request, _events) = soon(connector.connect()).await.unwrap();
    soon(by_request.request(KeepAlive).into_future()).await.unwrap();

    let heads = gate.heads();
    assert!(heads[0].starts_with("GET /ws_api/account/70000001/messaging/consumer?v=3 HTTP/1.1\r\n"));
    assert_eq!(header(&heads[0], "authorization").unwrap(), format!("jwt {TOKEN}"));
    assert_eq!(
        header(&heads[0], "client-properties").unwrap(),
        r#"{"type":".ClientProperties","features":["RICH_CONTENT"]}"#
    );
    assert!(header(&heads[1], "authorization").is_none() && header(&heads[1], "client-properties").is_none());
    let frames = gate.frames();
    assert_eq!(frames.len(), 3);
    assert_eq!(
        frames[1],
        format!(
            r#"{{"kind":"req","id":"1","type":"InitConnection","headers":[{{"type":".ams.headers.ClientProperties","features":["RICH_CONTENT"]}},{{"jwt":"{TOKEN}","type":".ams.headers.ConsumerAuthentication"}}]}}"#
        )
    );
}

#[tokio::test]
async fn refusals_say_what_to_do() {
    for (status, body, kind) in [
        (401, "", ErrorKind::Authentication),
        (403, "{}", ErrorKind::Authorization),
        (404, "", ErrorKind::NotFound),
        (414, "", ErrorKind::InvalidRequest),
        (429, "", ErrorKind::RateLimited),
        (500, "", ErrorKind::Server),
        (502, "<html>Bad gateway bea7e7</html>", ErrorKind::Server),
        (200, "<!doctype html><title>Log in</title>", ErrorKind::Protocol),
        (302, "", ErrorKind::Protocol),
    ] {
        let gate = Gate::new([Reply::Refuse(status, body)]);
        let base = BaseUri::plain(&gate.listen().await).unwrap();
        let error = soon(agent(base, transport(), fixed()).connect()).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.disposition()),
            (kind, Disposition::Rejected),
            "{status}"
        );
        assert_eq!(error.status().unwrap().as_u16(), status);
        assert_eq!(
            error.to_string().contains("page came instead"),
            body.starts_with('<'),
            "{error}"
        );
        assert!(error.advice().is_some());
        assert_eq!(gate.heads().len(), 1, "it is not for the connector to try again");
        assert!(!format!("{error} {error:?}").contains("bea7e7"), "{error:?}");
    }
}

#[tokio::test]
async fn an_answer_to_another_question_is_refused() {
    let gate = Gate::new([Reply::WrongKey]);
    let base = BaseUri::plain(&gate.listen().await).unwrap();
    let error = soon(agent(base, transport(), fixed()).connect()).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.disposition()),
        (ErrorKind::Protocol, Disposition::NotSent)
    );
}

#[tokio::test]
async fn a_server_that_says_nothing_is_given_up() {
    let gate = Gate::new([Reply::Silence]);
    let base = BaseUri::plain(&gate.listen().await).unwrap();
    let mut settings = quiet();
    settings.open_timeout = Duration::from_millis(60);
    let error = soon(agent(base, transport(), fixed()).settings(settings).connect())
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.disposition()),
        (ErrorKind::Timeout, Disposition::NotSent)
    );
    assert!(!error.to_string().contains("bea7e7"), "{error}");
}

#[tokio::test]
async fn nobody_listens_and_hosts_that_are_not_trusted() {
    let free = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap()
        .local_addr()
        .unwrap()
        .to_string();
    let base = BaseUri::plain(&free).unwrap();
    let error = soon(agent(base.clone(), transport(), fixed()).connect())
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.disposition()),
        (ErrorKind::Transport, Disposition::NotSent)
    );
    let sources = std::iter::successors(Some(&error as &dyn std::error::Error), |e| e.source());
    assert!(
        sources.into_iter().all(|e| !format!("{e} {e:?}").contains("bea7e7")),
        "{error:?}"
    );

    let error = soon(
        agent(base, transport(), fixed())
            .trusted_hosts(TrustedHosts::vendor())
            .connect(),
    )
    .await
    .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Validation);
}

#[tokio::test]
async fn a_refused_credential_is_renewed_once() {
    let gate = Gate::new([
        Reply::Refuse(401, ""),
        Reply::Open,
        Reply::Refuse(401, ""),
        Reply::Refuse(401, ""),
    ]);
    let base = BaseUri::plain(&gate.listen().await).unwrap();
    let credential = Arc::new(Renewing::default());
    let connector = agent(base.clone(), transport(), credential.clone());
    soon(connector.connect()).await.unwrap();
    let error = soon(connector.connect()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Authentication);
    let tokens: Vec<_> = gate
        .heads()
        .iter()
        .map(|head| head.split("brand/").nth(1).unwrap()[..7].to_owned())
        .collect();
    assert_eq!(
        tokens,
        ["token-0", "token-1", "token-1", "token-2"],
        "and never in circles"
    );
    connector.renew(NextStep::ExtendIdentity).await.unwrap();
    assert_eq!(credential.steps.lock().unwrap().last(), Some(&NextStep::ExtendIdentity));

    let gate = Gate::new([Reply::Refuse(401, "")]);
    let base = BaseUri::plain(&gate.listen().await).unwrap();
    soon(agent(base, transport(), fixed()).connect()).await.unwrap_err();
    assert_eq!(
        gate.heads().len(),
        1,
        "a token that cannot be renewed is not sent again"
    );
}

#[tokio::test]
async fn a_consumer_whose_introduction_is_refused_renews_its_token_once() {
    let gate = Gate::new([Reply::OpenWith(401), Reply::Open, Reply::OpenWith(400)]);
    let base = BaseUri::plain(&gate.listen().await).unwrap();
    let credential = Arc::new(Renewing::default());
    let connector = consumer(base, credential).introduction(Introduction::Request);
    soon(connector.connect()).await.unwrap();
    assert!(gate.frames()[0].contains("token-0") && gate.frames()[1].contains("token-1"));
    let error = soon(connector.connect()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    assert_eq!(error.operation(), Some("messaging.init_connection"));
}

#[tokio::test]
async fn a_socket_that_is_closed_for_its_token_at_once_says_which_renewal_helps() {
    for (code, step) in [(4401, NextStep::RenewCredential), (4407, NextStep::ExtendIdentity)] {
        let gate = Gate::new([Reply::CloseWith(code), Reply::Open]);
        let base = BaseUri::plain(&gate.listen().await).unwrap();
        let credential = Arc::new(Renewing::default());
        let connector = consumer(base, credential.clone()).introduction(Introduction::Request);
        soon(connector.connect()).await.unwrap();
        assert_eq!(*credential.steps.lock().unwrap(), [step], "{code}");
    }
    // A close for another reason is no matter of the token.
    let gate = Gate::new([Reply::CloseWith(1001)]);
    let base = BaseUri::plain(&gate.listen().await).unwrap();
    let credential = Arc::new(Renewing::default());
    let connector = consumer(base, credential.clone()).introduction(Introduction::Request);
    let error = soon(connector.connect()).await.unwrap_err();
    assert_eq!(
        (error.kind(), credential.renewals.load(Ordering::Relaxed)),
        (ErrorKind::Transport, 0)
    );
}

#[tokio::test]
async fn wss_goes_through_a_proxy_and_only_to_roots_that_are_trusted() {
    let gate = Gate::new([Reply::Open, Reply::Open]);
    let (address, pem) = gate.listen_tls().await;
    let base = BaseUri::new(&address).unwrap();
    let direct = agent(base.clone(), transport().add_root_pem(pem.as_bytes()).unwrap(), fixed());
    soon(direct.connect()).await.unwrap();

    let (proxy, seen) = proxy().await;
    let through = HttpTransport::builder()
        .proxy(format!("http://{proxy}"))
        .add_root_pem(pem.as_bytes())
        .unwrap();
    let (connection, _events) = soon(agent(base.clone(), through, fixed()).connect()).await.unwrap();
    soon(connection.request(KeepAlive).into_future()).await.unwrap();
    let seen = seen.lock().unwrap().clone();
    assert!(
        seen[0].starts_with(&format!("CONNECT {address} HTTP/1.1\r\n")),
        "{seen:?}"
    );
    assert!(!seen[0].contains("bea7e7"), "the proxy sees no token");

    let error = soon(agent(base, transport(), fixed()).connect()).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.disposition()),
        (ErrorKind::Transport, Disposition::NotSent)
    );
    assert!(error.to_string().contains("add its certificate authority"), "{error}");
}

#[tokio::test]
async fn opening_can_be_given_up() {
    let gate = Gate::new([Reply::Silence, Reply::Open]);
    let base = BaseUri::plain(&gate.listen().await).unwrap();
    let connector = agent(base, transport(), fixed());
    let dropped = tokio::time::timeout(Duration::from_millis(60), connector.connect()).await;
    assert!(dropped.is_err());
    let (connection, _events) = soon(connector.connect()).await.unwrap();
    soon(connection.request(KeepAlive).into_future()).await.unwrap();
}
