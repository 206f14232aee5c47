//! A bare client of the sockets: tungstenite and JSON values, and nothing of the simulator's own.

use std::{collections::VecDeque, time::Duration};

use futures_util::{SinkExt as _, StreamExt as _};
use le_sim::{Sim, account::User};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{self, Message, client::IntoClientRequest as _},
};

use crate::client::{self, ACCOUNT};

/// Nothing here takes longer, however busy the machine is.
const PATIENCE: Duration = Duration::from_secs(20);

/// One side of a conversation, on a socket.
pub(crate) struct Peer {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    next_id: u64,
    stash: VecDeque<Value>,
    /// `<account>.<userId>`, or the consumer id.
    pub(crate) id: String,
    /// The public id.
    pub(crate) pid: String,
    pub(crate) token: String,
}

/// How a socket ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum End {
    Closed(u16),
    /// Without a close frame: what clients report as 1006.
    Dropped,
}

pub(crate) fn socket_url(sim: &Sim, rest: &str) -> String {
    format!("ws://{}/ws_api/account/{ACCOUNT}/messaging/{rest}", sim.plain())
}

/// Logs in over HTTP; returns the bearer.
pub(crate) async fn bearer(sim: &Sim, user: &User) -> String {
    let answer = client::try_login(sim, &client::password_body(user)).await;
    let answer: Value = answer.json().await.unwrap();
    answer["bearer"].as_str().unwrap().to_owned()
}

/// A new consumer's token from the legacy sign-up.
pub(crate) async fn signed_up(sim: &Sim) -> String {
    let url = format!("{}/api/account/{ACCOUNT}/signup", sim.url());
    let answer: Value = client::client(sim)
        .post(url)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    answer["jwt"].as_str().unwrap().to_owned()
}

/// The subject of a token.
pub(crate) fn subject(token: &str) -> String {
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
    let payload = token.split('.').nth(1).unwrap();
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap();
    claims["sub"].as_str().unwrap().to_owned()
}

impl Peer {
    /// An agent's socket, version 2.1.
    pub(crate) async fn agent(sim: &Sim, user: &User) -> Self {
        let bearer = bearer(sim, user).await;
        Self::agent_with(sim, user, &bearer, "2.1").await
    }

    pub(crate) async fn agent_with(sim: &Sim, user: &User, bearer: &str, version: &str) -> Self {
        let url = socket_url(sim, &format!("brand/{bearer}?v={version}"));
        let (socket, _) = connect_async(url).await.unwrap();
        let id = format!("{ACCOUNT}.{}", user.user_id);
        Self::new(socket, id, user.user_pid.clone(), bearer.to_owned())
    }

    /// An agent that is online and subscribed to its own conversations and rings, as trace 8.1 begins.
    pub(crate) async fn ready_agent(sim: &Sim, user: &User) -> Self {
        let mut agent = Self::agent(sim, user).await;
        agent.go_online().await;
        agent
    }

    pub(crate) async fn go_online(&mut self) {
        self.set_state("ONLINE").await;
        let id = self.id.clone();
        self.ok(
            ".ams.aam.SubscribeExConversations",
            json!({ "stage": ["OPEN"], "agentIds": [id] }),
        )
        .await;
        self.notification("ExConversationChange").await;
        let rings = json!({ "channelType": "MESSAGING", "agentId": id, "brandId": ACCOUNT });
        self.ok(".ams.routing.SubscribeRoutingTasks", rings).await;
        let first = self.notification("RoutingTask").await;
        if first["body"]["changes"][0].is_object() {
            // Somebody waits already.
            self.stash.push_back(first);
        }
    }

    pub(crate) async fn set_state(&mut self, availability: &str) {
        let body = json!({ "availability": availability, "channels": ["MESSAGING"], "agentUserId": self.id });
        let answer = self.request(".ams.routing.SetAgentState", body).await;
        assert_eq!(answer["code"], 202, "{answer}");
    }

    /// A consumer that sent `InitConnection` with every feature, and subscribed to its conversations.
    pub(crate) async fn consumer(sim: &Sim) -> Self {
        let token = signed_up(sim).await;
        Self::consumer_with(sim, &token).await
    }

    pub(crate) async fn consumer_with(sim: &Sim, token: &str) -> Self {
        let mut consumer = Self::unauthenticated(sim).await;
        let answer = consumer.init(token).await;
        assert_eq!(answer["code"], 200, "{answer}");
        let all = json!({ "convState": ["OPEN", "CLOSE"], "stage": ["OPEN", "CLOSE"] });
        consumer.ok("cqm.SubscribeExConversations", all).await;
        consumer.notification("ExConversationChange").await;
        consumer
    }

    /// A consumer's socket that has said nothing yet.
    pub(crate) async fn unauthenticated(sim: &Sim) -> Self {
        let (socket, _) = connect_async(socket_url(sim, "consumer?v=3")).await.unwrap();
        Self::new(socket, String::new(), String::new(), String::new())
    }

    /// A consumer's socket with headers.
    pub(crate) async fn with_headers(
        sim: &Sim,
        token: &str,
        properties: Option<&str>,
    ) -> Result<Self, tungstenite::Error> {
        let mut request = socket_url(sim, "consumer?v=3").into_client_request()?;
        let headers = request.headers_mut();
        headers.insert("authorization", format!("jwt {token}").parse().unwrap());
        if let Some(properties) = properties {
            headers.insert("client-properties", properties.parse().unwrap());
        }
        let (socket, _) = connect_async(request).await?;
        let id = subject(token);
        Ok(Self::new(socket, id.clone(), id, token.to_owned()))
    }

    /// Sends `InitConnection`; returns the answer.
    pub(crate) async fn init(&mut self, token: &str) -> Value {
        self.next_id += 1;
        let id = self.next_id.to_string();
        let features = json!(["RICH_CONTENT", "QUICK_REPLIES", "MULTI_DIALOG", "PHOTO_SHARING"]);
        let frame = json!({ "kind": "req", "id": id, "type": "InitConnection", "headers": [
            { "type": ".ams.headers.ClientProperties", "appId": "shop-window", "deviceFamily": "DESKTOP", "os": "LINUX",
              "features": features },
            { "type": ".ams.headers.ConsumerAuthentication", "jwt": token },
        ] });
        self.raw(&frame.to_string()).await;
        if token.contains('.') {
            self.id = subject(token);
            self.pid = self.id.clone();
            self.token = token.to_owned();
        }
        self.response(&id).await
    }

    fn new(socket: WebSocketStream<MaybeTlsStream<TcpStream>>, id: String, pid: String, token: String) -> Self {
        Self {
            socket,
            next_id: 0,
            stash: VecDeque::new(),
            id,
            pid,
            token,
        }
    }

    pub(crate) async fn raw(&mut self, text: &str) {
        self.socket.send(Message::text(text)).await.unwrap();
    }

    pub(crate) async fn send(&mut self, message: Message) {
        self.socket.send(message).await.unwrap();
    }

    /// Sends a request; returns its id.
    pub(crate) async fn ask(&mut self, name: &str, body: Value) -> String {
        self.ask_with(name, body, Value::Null).await
    }

    pub(crate) async fn ask_with(&mut self, name: &str, body: Value, metadata: Value) -> String {
        self.next_id += 1;
        let id = self.next_id.to_string();
        let mut frame = json!({ "kind": "req", "id": id, "type": name, "body": body });
        if !metadata.is_null() {
            frame["metadata"] = metadata;
        }
        self.raw(&frame.to_string()).await;
        id
    }

    /// Sends a request and waits for its response.
    pub(crate) async fn request(&mut self, name: &str, body: Value) -> Value {
        let id = self.ask(name, body).await;
        self.response(&id).await
    }

    pub(crate) async fn request_with(&mut self, name: &str, body: Value, metadata: Value) -> Value {
        let id = self.ask_with(name, body, metadata).await;
        self.response(&id).await
    }

    /// A request that must succeed; returns the body.
    pub(crate) async fn ok(&mut self, name: &str, body: Value) -> Value {
        let answer = self.request(name, body).await;
        assert!(answer["code"].as_i64().unwrap() < 300, "{name}: {answer}");
        answer["body"].clone()
    }

    /// A request that must be refused; returns the code.
    pub(crate) async fn refused(&mut self, name: &str, body: Value) -> i64 {
        let answer = self.request(name, body).await;
        let code = answer["code"].as_i64().unwrap();
        assert!(code > 399, "{name}: {answer}");
        assert!(answer["body"].is_string(), "{answer}");
        code
    }

    pub(crate) async fn response(&mut self, id: &str) -> Value {
        self.find(|frame| frame["kind"] == "resp" && frame["reqId"] == id).await
    }

    /// The next notification whose type contains `name`.
    pub(crate) async fn notification(&mut self, name: &str) -> Value {
        self.find(|frame| frame["kind"] == "notification" && frame["type"].as_str().unwrap().contains(name))
            .await
    }

    /// The next notification of a conversation that `wanted` likes: its change.
    pub(crate) async fn change(&mut self, wanted: impl Fn(&Value) -> bool) -> Value {
        let frame = self
            .find(|frame| {
                frame["type"]
                    .as_str()
                    .is_some_and(|name| name.contains("ExConversationChange"))
                    && frame["body"]["changes"][0].is_object()
                    && wanted(&frame["body"]["changes"][0])
            })
            .await;
        frame["body"]["changes"][0].clone()
    }

    /// The next message event that `wanted` likes, in either dialect.
    pub(crate) async fn event(&mut self, wanted: impl Fn(&Value) -> bool) -> Value {
        let body_of = |frame: &Value| match frame["type"].as_str() {
            Some(".ams.ms.OnlineEventDistribution") => Some(frame["body"].clone()),
            Some("ms.MessagingEventNotification") => frame["body"]["changes"].as_array()?.last().cloned(),
            _ => None,
        };
        let frame = self
            .find(|frame| body_of(frame).is_some_and(|event| wanted(&event)))
            .await;
        body_of(&frame).unwrap()
    }

    /// The ring that waits for an answer next.
    pub(crate) async fn ring(&mut self) -> Value {
        let frame = self
            .find(|frame| {
                frame["type"].as_str().is_some_and(|name| name.contains("RoutingTask"))
                    && frame["body"]["changes"][0]["result"]["ringsDetails"][0]["ringState"] == "WAITING"
            })
            .await;
        frame["body"]["changes"][0]["result"].clone()
    }

    /// Accepts the next ring; returns the conversation id.
    pub(crate) async fn accept(&mut self) -> String {
        let task = self.ring().await;
        let ring = &task["ringsDetails"][0]["ringId"];
        let answer = self
            .request(
                ".ams.routing.UpdateRingState",
                json!({ "ringId": ring, "ringState": "ACCEPTED" }),
            )
            .await;
        assert_eq!(answer["code"], 202, "{answer}");
        task["conversationId"].as_str().unwrap().to_owned()
    }

    /// Publishes a text; returns its sequence.
    pub(crate) async fn say(&mut self, dialog: &str, text: &str) -> i64 {
        let event = json!({ "type": "ContentEvent", "contentType": "text/plain", "message": text });
        self.publish(dialog, event).await
    }

    pub(crate) async fn publish(&mut self, dialog: &str, event: Value) -> i64 {
        let name = if self.id.contains('.') {
            ".ams.ms.PublishEvent"
        } else {
            "ms.PublishEvent"
        };
        let body = self.ok(name, json!({ "dialogId": dialog, "event": event })).await;
        body["sequence"].as_i64().unwrap()
    }

    /// Starts a conversation, subscribes to its messages and writes; returns its id.
    pub(crate) async fn start(&mut self, skill: &str, text: &str) -> String {
        let body = json!({ "channelType": "MESSAGING", "skillId": skill, "ttrDefName": "NORMAL" });
        let body = self.ok("cm.ConsumerRequestConversation", body).await;
        let id = body["conversationId"].as_str().unwrap().to_owned();
        let subscribe = json!({ "dialogId": id, "conversationId": id, "fromSeq": 0 });
        self.ok("ms.SubscribeMessagingEvents", subscribe).await;
        self.notification("MessagingEventNotification").await;
        self.say(&id, text).await;
        id
    }

    /// Everything that came and was not asked for, up to the answer of one more request.
    pub(crate) async fn settled(&mut self) -> Vec<Value> {
        let clock = if self.id.contains('.') { ".GetClock" } else { "GetClock" };
        self.ok(clock, json!({})).await;
        self.stash.drain(..).collect()
    }

    async fn find(&mut self, wanted: impl Fn(&Value) -> bool) -> Value {
        if let Some(place) = self.stash.iter().position(&wanted) {
            return self.stash.remove(place).unwrap();
        }
        loop {
            let frame = self.frame().await;
            if wanted(&frame) {
                return frame;
            }
            self.stash.push_back(frame);
        }
    }

    /// The next frame.
    pub(crate) async fn frame(&mut self) -> Value {
        match self.message().await {
            Message::Text(text) => serde_json::from_str(text.as_str()).unwrap(),
            other => panic!("not a text frame: {other:?}; stash {:?}", self.stash),
        }
    }

    /// The next message that is no ping or pong.
    pub(crate) async fn message(&mut self) -> Message {
        loop {
            let next = tokio::time::timeout(PATIENCE, self.socket.next()).await;
            let next = next.unwrap_or_else(|_| panic!("nothing came; stash: {:#?}", self.stash));
            match next.expect("the socket ended").expect("the socket broke") {
                Message::Ping(_) | Message::Pong(_) => {}
                message => return message,
            }
        }
    }

    pub(crate) async fn next(&mut self) -> Option<Result<Message, tungstenite::Error>> {
        tokio::time::timeout(PATIENCE, self.socket.next()).await.unwrap()
    }

    /// Reads until the end.
    pub(crate) async fn end(&mut self) -> End {
        loop {
            match self.next().await {
                Some(Ok(Message::Close(frame))) => return End::Closed(frame.map_or(1005, |frame| frame.code.into())),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return End::Dropped,
            }
        }
    }
}
