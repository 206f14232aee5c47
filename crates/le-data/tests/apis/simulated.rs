//! Against the simulator, which shares no type with this crate: two readings of the vendor's pages that have to agree.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use futures_util::TryStreamExt as _;
use hmac::{Hmac, Mac as _};
use http::header::AUTHORIZATION;
use http::{HeaderValue, Request};
use le_core::auth::{Stamp, StaticBearer};
use le_core::discover::FixedBase;
use le_core::testing::TestClock;
use le_core::{AccountId, Authorize, BaseUri, Client, Error, TimeRange, Timestamp, TrustedHosts};
use le_data::Data;
use le_data::consumer_history::{ConsumerHistoryState, ConsumerJwt};
use le_data::data_access::{DataBody, DataFileKind};
use le_data::messaging_interactions::MessageContentType;
use le_sim::account::ApiKey;
use le_sim::{Sim, SimClock};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

const ACCOUNT: &str = "70011223";
/// 2030-03-14T15:09:26.535Z.
const NOW: i64 = 1_899_731_366_535;
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Signs as OAuth 1.0a wants it (HMAC-SHA1, parameters in the header).
#[derive(Debug)]
struct Signed {
    key: ApiKey,
    nonce: AtomicU64,
}

#[async_trait]
impl Authorize for Signed {
    async fn authorize(&self, request: &mut Request<Bytes>) -> Result<Stamp, Error> {
        let encode = |text: &str| utf8_percent_encode(text, UNRESERVED).to_string();
        let nonce = format!("n{}", self.nonce.fetch_add(1, Ordering::Relaxed));
        let time = (NOW / 1000).to_string();
        let own = [
            ("oauth_consumer_key", self.key.app_key.as_str()),
            ("oauth_nonce", &nonce),
            ("oauth_signature_method", "HMAC-SHA1"),
            ("oauth_timestamp", &time),
            ("oauth_token", self.key.access_token.as_str()),
            ("oauth_version", "1.0"),
        ];
        let mut pairs: Vec<String> = own
            .iter()
            .map(|(name, value)| format!("{name}={}", encode(value)))
            .collect();
        let mut header = pairs.clone();
        let query = request.uri().query().unwrap_or_default();
        pairs.extend(query.split('&').filter(|pair| !pair.is_empty()).map(str::to_owned));
        pairs.sort();
        let uri = request.uri();
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

async fn sim() -> Sim {
    Sim::builder()
        .account(ACCOUNT)
        .conversations(300)
        .chats(200)
        .clock(SimClock::manual(NOW))
        .start()
        .await
        .unwrap()
}

fn data(sim: &Sim, authorize: Arc<dyn Authorize>) -> Data {
    let client = Client::builder(AccountId::new(ACCOUNT).unwrap())
        .discover(Arc::new(FixedBase(BaseUri::plain(&sim.plain_csds()).unwrap())))
        .trusted_hosts(TrustedHosts::vendor().with_host("127.0.0.1").with_host("localhost"))
        .authorize(authorize)
        .clock(Arc::new(TestClock::auto(Timestamp::from_millis(NOW))))
        .build()
        .unwrap();
    Data::new(client)
}

fn with_key(sim: &Sim) -> Data {
    let key = sim.api_keys()[0].clone();
    let nonce = AtomicU64::new(1);
    data(sim, Arc::new(Signed { key, nonce }))
}

fn last(days: u64) -> TimeRange {
    TimeRange::last(Duration::from_secs(days * 86_400), Timestamp::from_millis(NOW))
}

fn unknown_members(extra: &le_core::wire::Extra) -> Vec<String> {
    let unknown = extra.iter().filter(|(_, json)| *json != "null");
    unknown.map(|(name, _)| name.to_owned()).collect()
}

#[tokio::test]
async fn every_chat_is_typed_and_every_member_has_a_field() {
    let sim = sim().await;
    let data = with_key(&sim);
    let search = data.chats().search(last(400)).windows(Duration::from_secs(28 * 86_400));
    let chats: Vec<_> = search.stream().try_collect().await.unwrap();
    assert_eq!(chats.len(), 200);
    let ids: HashSet<_> = chats.iter().map(|chat| chat.id().unwrap().as_str()).collect();
    assert_eq!(ids.len(), 200);
    for chat in &chats {
        assert!(chat.salvaged().is_empty(), "{:?}", chat.salvaged());
        let written: Value = serde_json::from_str(&serde_json::to_string(&**chat).unwrap()).unwrap();
        assert_eq!(written, chat.raw().to_value().unwrap());
        let info = chat.info.as_ref().unwrap();
        assert!(info.start().is_some() && info.end().is_some());
        assert_eq!(unknown_members(&chat.extra), [""; 0]);
        assert_eq!(unknown_members(&info.extra), [""; 0]);
        for line in chat.lines() {
            assert_eq!(unknown_members(&line.extra), [""; 0]);
            assert!(line.at().is_some());
        }
        assert!(chat.timeline().is_sorted_by_key(|entry| entry.at));
    }
    let id = chats[7].id().unwrap().clone();
    let again = data.chats().by_id(id.clone()).await.unwrap();
    assert_eq!(again.id(), Some(&id));
}

#[tokio::test]
async fn status_changes_come_once_over_windows_and_agree_with_pages() {
    let sim = sim().await;
    let activity = with_key(&sim).agent_activity();
    let windows: Vec<_> = activity.status_changes(last(60)).export().try_collect().await.unwrap();
    assert!(windows.len() > 100, "{}", windows.len());
    let keys: HashSet<String> = windows
        .iter()
        .map(|raw| le_data::agent_activity::head(raw).key.unwrap().into_owned())
        .collect();
    assert_eq!(keys.len(), windows.len());
    let search = activity
        .status_changes(last(60))
        .windows(Duration::from_secs(28 * 86_400))
        .limit(7);
    let typed: Vec<_> = search.stream().try_collect().await.unwrap();
    let typed_keys: HashSet<String> = typed.iter().map(|change| change.key().unwrap()).collect();
    assert_eq!(typed_keys, keys);
    for change in &typed {
        assert!(change.salvaged().is_empty(), "{:?}", change.salvaged());
        assert_eq!(unknown_members(&change.extra), [""; 0]);
        assert!(change.status_type().unwrap().is_known());
    }
}

#[tokio::test]
async fn lines_of_every_kind_of_file_are_typed() {
    let sim = sim().await;
    let access = with_key(&sim).data_access_at(BaseUri::plain(&sim.plain_csds()).unwrap());
    let kinds = access.kinds().await.unwrap();
    assert!(kinds.iter().any(|kind| kind.rel == Some(DataFileKind::Survey)));
    for kind in ["agentActivity", "webSession", "engagement", "survey"] {
        let files = access.files(kind, last(31));
        let listed = files.list().await.unwrap();
        assert!(!listed.is_empty(), "{kind}");
        let lines: Vec<_> = files.stream().try_collect().await.unwrap();
        assert!(lines.len() >= listed.len(), "{kind}");
        for line in &lines {
            assert!(line.salvaged().is_empty(), "{kind}: {:?}", line.salvaged());
            assert!(line.bodies().count() > 0, "{kind}");
            assert!(
                line.bodies().all(|body| body.as_other().is_none()),
                "{kind}: {:?}",
                line.unwrapped()
            );
            let written: Value = serde_json::from_str(&serde_json::to_string(&**line).unwrap()).unwrap();
            assert_eq!(written, line.unwrapped().to_value().unwrap());
        }
        if kind == "agentActivity" {
            let typed = |body: &DataBody| matches!(body, DataBody::AgentActivity(data) if !data.keys().is_empty());
            assert!(lines.iter().flat_map(|line| line.bodies()).all(typed));
        }
    }
    let nothing = TimeRange::last(Duration::from_secs(60), Timestamp::from_millis(NOW - 60 * 86_400_000));
    assert!(access.files("survey", nothing).await.unwrap().is_empty());
    assert!(access.schema("latest").await.unwrap().len() > 100);
}

#[tokio::test]
async fn a_consumer_reads_their_own_conversations() {
    let sim = sim().await;
    let data = with_key(&sim);
    let first = data
        .conversations()
        .search(last(80))
        .stream()
        .try_next()
        .await
        .unwrap()
        .unwrap();
    let consumer = first.consumer_id().unwrap().clone();
    let token = sim.control().history().consumer_token(consumer.as_str());
    for prefix in ["Bearer", "jwt", ""] {
        let history = data.consumer_history(ConsumerJwt::new(token.clone()).prefix(prefix));
        let search = history
            .conversations()
            .states([ConsumerHistoryState::Close, ConsumerHistoryState::Archive]);
        let conversations: Vec<_> = search.stream().try_collect().await.unwrap();
        for conversation in &conversations {
            assert!(conversation.salvaged().is_empty(), "{:?}", conversation.salvaged());
            assert_eq!(unknown_members(&conversation.extra), [""; 0]);
            let events = history
                .messages(conversation.conversation_id.clone().unwrap())
                .await
                .unwrap();
            assert!(events.broken.is_empty());
            assert_eq!(events.in_order().len(), events.len());
        }
    }
}

#[tokio::test]
async fn the_files_of_a_conversation_come_as_zips() {
    let sim = sim().await;
    let search = with_key(&sim).conversations().search(last(90));
    let search = search.message_content_types([MessageContentType::HostedFile]);
    let conversation = search.stream().try_next().await.unwrap().unwrap();

    let client = Client::builder(AccountId::new(ACCOUNT).unwrap())
        .discover(Arc::new(FixedBase(BaseUri::plain(&sim.plain_csds()).unwrap())))
        .trusted_hosts(TrustedHosts::vendor().with_host("127.0.0.1").with_host("localhost"));
    let token = application_token(&sim).await;
    let client = client.authorize(Arc::new(StaticBearer::new(token)));
    let clock = TestClock::auto(Timestamp::from_millis(NOW));
    let files = Data::new(client.clock(Arc::new(clock)).build().unwrap()).bulk_files();
    let made = files.create(conversation.id().unwrap().clone()).await.unwrap();
    // The simulator's clock stands still, so the request becomes ready when it is moved.
    sim.clock().advance(Duration::from_secs(600));
    let ready = files.wait(made.request_id.clone().unwrap()).await.unwrap();
    assert!(ready.salvaged().is_empty());
    let listed: Vec<_> = files.list().stream().try_collect().await.unwrap();
    assert_eq!(listed.len(), 1);
    // Addresses are on the TLS side of the simulator; here the bytes are asked for on the plain one.
    let address: http::Uri = ready.download_urls[0].parse().unwrap();
    let plain = format!("http://{}{}", sim.plain_csds(), address.path_and_query().unwrap());
    let zip = files.download(plain).await.unwrap().collect(10 << 20).await.unwrap();
    assert!(zip.starts_with(b"PK"));
}

async fn application_token(sim: &Sim) -> String {
    let application = &sim.oauth_clients()[0];
    let form = format!(
        "client_id={}&client_secret={}&grant_type=client_credentials",
        application.client_id, application.client_secret
    );
    let uri = format!(
        "http://{}/sentinel/api/v2/account/{ACCOUNT}/app/token",
        sim.plain_csds()
    );
    let mut request = Request::new(Bytes::from(form));
    *request.method_mut() = http::Method::POST;
    *request.uri_mut() = uri.parse().unwrap();
    let form = HeaderValue::from_static("application/x-www-form-urlencoded");
    request.headers_mut().insert(http::header::CONTENT_TYPE, form);
    let answer = data_transport().execute(request).await.unwrap();
    let body = answer.into_body().collect(1 << 16).await.unwrap();
    let token: Value = serde_json::from_slice(&body).unwrap();
    token["access_token"].as_str().unwrap().to_owned()
}

fn data_transport() -> Arc<dyn le_core::Transport> {
    let client = Client::builder(AccountId::new(ACCOUNT).unwrap()).build().unwrap();
    Arc::clone(client.transport())
}
