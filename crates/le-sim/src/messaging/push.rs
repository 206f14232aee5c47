//! The push proxy: instead of Apple or Google the brand's own server is told of messages
//! (<https://developers.liveperson.com/push-notification-service-configuration-of-push-proxy.html>).

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::body::Body;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{Request, StatusCode, Uri, header};
use hyper_util::rt::TokioIo;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::net::TcpStream;

use super::engine::Push;
use crate::world::{World, lock};

/// Deliveries that the record keeps.
const RECORDED: usize = 1_000;

/// How long one attempt may take.
const ATTEMPT: Duration = Duration::from_secs(10);

/// The push proxy of the account. A part of [`MessagingBehaviour`](crate::MessagingBehaviour), under `push`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct PushKnobs {
    /// Where notifications are sent: an `http` address. The vendor's are `https`; a simulator has no root to trust for that.
    pub endpoint: String,
    /// User and password of Basic authentication.
    #[serde(default)]
    pub basic: Option<(String, String)>,
    /// Further headers; the vendor allows four.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// How often one notification is tried where the server cannot be reached or answers 5xx. 4 unless set.
    #[serde(default = "four")]
    pub attempts: u32,
    /// The pause between two attempts, milliseconds (real time). 10 s unless set.
    #[serde(default = "ten_seconds")]
    pub pause_ms: u64,
    /// `true`: consumers with an open socket are told, too.
    #[serde(default)]
    pub when_connected: bool,
    /// `true`: without `dialogId`, as in older traffic.
    #[serde(default)]
    pub without_dialog: bool,
}

const fn four() -> u32 {
    4
}

const fn ten_seconds() -> u64 {
    10_000
}

impl PushKnobs {
    /// A proxy at this address, as the vendor treats one.
    #[must_use]
    pub fn new(endpoint: impl Into<String>) -> Self {
        Self {
            endpoint: endpoint.into(),
            basic: None,
            headers: BTreeMap::new(),
            attempts: four(),
            pause_ms: ten_seconds(),
            when_connected: false,
            without_dialog: false,
        }
    }
}

/// What became of a push notification.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PushDelivery {
    /// The conversation.
    pub conversation_id: String,
    /// The sequence of the message.
    pub sequence: i64,
    /// Attempts so far.
    pub attempts: u32,
    /// The status of the last one; `null`: there was no answer.
    pub status: Option<u16>,
    /// Nothing more will be tried.
    pub done: bool,
}

/// Notifications that wait, and what became of others.
#[derive(Debug, Default)]
pub(crate) struct Pushes {
    waiting: Mutex<Vec<Push>>,
    deliveries: Arc<Mutex<VecDeque<PushDelivery>>>,
}

impl Pushes {
    pub(super) fn add(&self, pushes: Vec<Push>) {
        lock(&self.waiting).extend(pushes);
    }

    pub(super) fn clear(&self) {
        lock(&self.waiting).clear();
        lock(&self.deliveries).clear();
    }

    /// What became of notifications, oldest first.
    pub(crate) fn deliveries(&self) -> Vec<PushDelivery> {
        lock(&self.deliveries).iter().cloned().collect()
    }
}

/// Begins to deliver what waits. Each notification goes its own way.
pub(super) fn deliver(world: &World) {
    let pushes = &world.messaging.pushes;
    let waiting = std::mem::take(&mut *lock(&pushes.waiting));
    let Some(knobs) = world.behaviour().messaging.push.clone() else {
        return;
    };
    for push in waiting {
        let body = payload(&push, &world.account.id, &knobs).to_string();
        let delivery = PushDelivery {
            conversation_id: push.conversation,
            sequence: push.sequence,
            attempts: 0,
            status: None,
            done: false,
        };
        let (knobs, deliveries, stop) = (knobs.clone(), Arc::clone(&pushes.deliveries), world.stop.clone());
        world.tasks.spawn(async move {
            tokio::select! {
                biased;
                () = stop.cancelled() => {}
                () = attempt(&knobs, body, delivery, &deliveries) => {}
            }
        });
    }
}

async fn attempt(knobs: &PushKnobs, body: String, mut delivery: PushDelivery, record: &Mutex<VecDeque<PushDelivery>>) {
    while !delivery.done {
        if delivery.attempts > 0 {
            tokio::time::sleep(Duration::from_millis(knobs.pause_ms)).await;
        }
        let answer = tokio::time::timeout(ATTEMPT, send(knobs, &body)).await;
        let status = answer.ok().flatten();
        delivery.attempts += 1;
        delivery.status = status.map(|status| status.as_u16());
        let again = status.is_none_or(|status| status.is_server_error());
        delivery.done = !again || delivery.attempts >= knobs.attempts.max(1);
        let mut record = lock(record);
        let same = |one: &PushDelivery| {
            !one.done && one.conversation_id == delivery.conversation_id && one.sequence == delivery.sequence
        };
        match record.iter_mut().find(|one| same(one)) {
            Some(known) => *known = delivery.clone(),
            None => {
                if record.len() >= RECORDED {
                    record.pop_front();
                }
                record.push_back(delivery.clone());
            }
        }
    }
}

/// One attempt; `None` if there was no answer.
async fn send(knobs: &PushKnobs, body: &str) -> Option<StatusCode> {
    let uri: Uri = knobs
        .endpoint
        .parse()
        .ok()
        .filter(|uri: &Uri| uri.scheme_str() == Some("http"))?;
    let authority = uri.authority()?.clone();
    let stream = TcpStream::connect((authority.host(), authority.port_u16().unwrap_or(80)))
        .await
        .ok()?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.ok()?;
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let mut request = Request::post(path)
        .header(header::HOST, authority.as_str())
        .header(header::CONTENT_TYPE, "application/json");
    if let Some((user, password)) = &knobs.basic {
        let credential = STANDARD.encode(format!("{user}:{password}"));
        request = request.header(header::AUTHORIZATION, format!("Basic {credential}"));
    }
    for (name, value) in &knobs.headers {
        request = request.header(name, value);
    }
    let request = request.body(Body::from(body.to_owned())).ok()?;
    let mut answer = std::pin::pin!(sender.send_request(request));
    let answered = tokio::select! {
        biased;
        answered = &mut answer => answered,
        // A server that closes after its answer ends the connection in the moment in which the answer is there.
        _ = connection => answer.await,
    };
    answered.ok().map(|answer| answer.status())
}

/// The two forms of the page.
fn payload(push: &Push, account: &str, knobs: &PushKnobs) -> Value {
    let mut common = json!({
        "backendService": "ams", "conversationId": push.conversation, "dialogId": push.dialog,
        "originatorId": push.originator, "brandId": account, "badge": push.badge, "sequence": push.sequence,
    });
    if let Some(members) = common.as_object_mut().filter(|_| knobs.without_dialog) {
        members.remove("dialogId");
    }
    if push.android {
        return json!({
            "push-service": 2, "notificationType": "gcm", "device-token": push.device_token,
            "data": { "message": push.text, "payload": common },
        });
    }
    common["push-service"] = json!(1);
    common["notificationType"] = json!("apn");
    common["device-token"] = json!(push.device_token);
    common["aps"] = json!({ "alert": push.text, "sound": "default" });
    common
}
