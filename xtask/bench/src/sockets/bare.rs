//! The floor: tungstenite with small buffers, and serde_json for the envelope.

use anyhow::{Context as _, Result};
use futures_util::{SinkExt as _, StreamExt as _};
use serde::{Deserialize, Serialize};
use serde_json::json;
use serde_json::value::RawValue;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use super::{CONNECTIONS, IDLE, IN_FLIGHT, measured, sign_up, text, watch};
use crate::target::{Figures, Target};
use crate::{bare, measure};

/// The frame around every message.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Envelope<'a> {
    kind: &'a str,
    #[serde(default)]
    r#type: Option<&'a str>,
    #[serde(default)]
    req_id: Option<&'a str>,
    #[serde(default)]
    code: Option<u16>,
    #[serde(borrow, default)]
    body: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Events {
    changes: Vec<EventChange>,
}

#[derive(Deserialize)]
struct EventChange {
    event: Said,
}

#[derive(Deserialize)]
struct Said {
    #[serde(default)]
    message: Option<String>,
}

#[derive(Serialize)]
pub(crate) struct Publish<'a> {
    pub(crate) kind: &'static str,
    pub(crate) id: String,
    pub(crate) r#type: &'static str,
    pub(crate) body: PublishBody<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PublishBody<'a> {
    pub(crate) dialog_id: &'a str,
    pub(crate) event: Content<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Content<'a> {
    pub(crate) r#type: &'static str,
    pub(crate) content_type: &'static str,
    pub(crate) message: &'a str,
}

pub(crate) struct Socket {
    stream: WebSocketStream<TcpStream>,
    next: u64,
    dialog: String,
    text: String,
}

/// What a frame was.
enum Seen {
    Answer,
    Event,
    Other,
}

pub(crate) async fn open(target: &Target, path: &str, token: Option<&str>) -> Result<WebSocketStream<TcpStream>> {
    let mut request = format!(
        "ws://{}/ws_api/account/{}/messaging/{path}",
        target.plain, target.account
    )
    .into_client_request()?;
    if let Some(token) = token {
        request
            .headers_mut()
            .insert("authorization", format!("jwt {token}").parse()?);
    }
    let stream = TcpStream::connect(&target.plain).await?;
    stream.set_nodelay(true)?;
    let config = WebSocketConfig::default()
        .read_buffer_size(8 << 10)
        .write_buffer_size(8 << 10);
    Ok(client_async_with_config(request, stream, Some(config)).await?.0)
}

impl Socket {
    pub(crate) async fn conversing(target: &Target, token: &str) -> Result<Self> {
        let stream = open(target, "consumer?v=3", Some(token)).await?;
        let mut socket = Self {
            stream,
            next: 0,
            dialog: String::new(),
            text: text(),
        };
        let body = json!({ "channelType": "MESSAGING", "skillId": target.skill.to_string(), "ttrDefName": "NORMAL" });
        let answer = socket.request("cm.ConsumerRequestConversation", &body).await?;
        let id = answer["conversationId"].as_str().context("no conversation")?.to_owned();
        let subscribe = json!({ "dialogId": id, "conversationId": id, "fromSeq": 0 });
        socket.request("ms.SubscribeMessagingEvents", &subscribe).await?;
        socket.dialog = id;
        Ok(socket)
    }

    /// One request and its answer; what comes between is dropped.
    async fn request(&mut self, name: &str, body: &serde_json::Value) -> Result<serde_json::Value> {
        let id = self.next.to_string();
        self.next += 1;
        let frame = json!({ "kind": "req", "id": id, "type": name, "body": body }).to_string();
        self.stream.send(Message::text(frame)).await?;
        loop {
            let message = self.stream.next().await.context("the socket ended")??;
            let Message::Text(text) = message else { continue };
            let envelope: Envelope<'_> = serde_json::from_str(&text)?;
            if envelope.req_id == Some(&*id) {
                anyhow::ensure!(
                    envelope.code.is_some_and(|code| code < 400),
                    "{name} was refused: {:?}",
                    envelope.code
                );
                return Ok(envelope
                    .body
                    .map_or(Ok(serde_json::Value::Null), |body| serde_json::from_str(body.get()))?);
            }
        }
    }

    async fn feed_publish(&mut self) -> Result<()> {
        let event = Content {
            r#type: "ContentEvent",
            content_type: "text/plain",
            message: &self.text,
        };
        let body = PublishBody {
            dialog_id: &self.dialog,
            event,
        };
        let frame = Publish {
            kind: "req",
            id: self.next.to_string(),
            r#type: "ms.PublishEvent",
            body,
        };
        self.next += 1;
        Ok(self.stream.feed(Message::text(serde_json::to_string(&frame)?)).await?)
    }

    async fn seen(&mut self) -> Result<Seen> {
        let message = self.stream.next().await.context("the socket ended")??;
        let Message::Text(text) = message else {
            return Ok(Seen::Other);
        };
        let envelope: Envelope<'_> = serde_json::from_str(&text)?;
        Ok(match (envelope.kind, envelope.r#type) {
            ("resp", _) if envelope.code.is_some_and(|code| code < 400) => Seen::Answer,
            ("resp", _) => anyhow::bail!("a publish was refused: {:?}", envelope.code),
            (_, Some("ms.MessagingEventNotification")) => Seen::Event,
            _ => Seen::Other,
        })
    }

    /// Publishes one text and waits for nothing.
    pub(crate) async fn publish(&mut self, text: &str) -> Result<()> {
        let event = Content {
            r#type: "ContentEvent",
            content_type: "text/plain",
            message: text,
        };
        let body = PublishBody {
            dialog_id: &self.dialog,
            event,
        };
        let frame = Publish {
            kind: "req",
            id: self.next.to_string(),
            r#type: "ms.PublishEvent",
            body,
        };
        self.next += 1;
        Ok(self.stream.send(Message::text(serde_json::to_string(&frame)?)).await?)
    }

    /// Reads until somebody says this text.
    pub(crate) async fn until_said(&mut self, wanted: &str) -> Result<()> {
        loop {
            let message = self.stream.next().await.context("the socket ended")??;
            let Message::Text(text) = message else { continue };
            let envelope: Envelope<'_> = serde_json::from_str(&text)?;
            if envelope.kind == "resp" {
                anyhow::ensure!(
                    envelope.code.is_some_and(|code| code < 400),
                    "refused: {:?}",
                    envelope.code
                );
            }
            let Some(body) = envelope
                .body
                .filter(|_| envelope.r#type == Some("ms.MessagingEventNotification"))
            else {
                continue;
            };
            let body: Events = serde_json::from_str(body.get())?;
            let mut said = body.changes.into_iter().filter_map(|change| change.event.message);
            if said.any(|text| text == wanted) {
                return Ok(());
            }
        }
    }

    /// Closes the conversation.
    pub(crate) async fn close(&mut self) -> Result<()> {
        let field = json!([{ "field": "ConversationStateField", "conversationState": "CLOSE" }]);
        let body = json!({ "conversationId": self.dialog, "conversationField": field });
        self.request("cm.UpdateConversationField", &body).await.map(drop)
    }

    /// Publishes, with at most `in_flight` without an answer, until all are answered and have come back.
    async fn echo(&mut self, messages: u64, in_flight: u64) -> Result<()> {
        let (mut sent, mut answers, mut events) = (0, 0, 0);
        while answers < messages || events < messages {
            let room = sent < messages && sent - answers < in_flight;
            while sent < messages && sent - answers < in_flight {
                self.feed_publish().await?;
                sent += 1;
            }
            if room {
                self.stream.flush().await?;
            }
            match self.seen().await? {
                Seen::Answer => answers += 1,
                Seen::Event => events += 1,
                Seen::Other => {}
            }
        }
        Ok(())
    }
}

pub(crate) async fn echo_one(target: &Target, messages: u64) -> Result<Figures> {
    let token = sign_up(&bare::client(&target.ca)?, target).await?;
    let mut socket = Socket::conversing(target, &token).await?;
    measured(target, messages, socket.echo(messages, IN_FLIGHT)).await
}

pub(crate) async fn echo_many(target: &Target, messages: u64) -> Result<Figures> {
    let http = bare::client(&target.ca)?;
    let mut sockets = Vec::new();
    for _ in 0..CONNECTIONS {
        sockets.push(Socket::conversing(target, &sign_up(&http, target).await?).await?);
    }
    let each = messages / CONNECTIONS as u64;
    let tasks = sockets
        .into_iter()
        .map(|mut socket| tokio::spawn(async move { socket.echo(each, 1).await }));
    let work = super::all(tasks);
    measured(target, each * CONNECTIONS as u64, work).await
}

pub(crate) async fn idle(target: &Target) -> Result<Figures> {
    let path = format!("brand/{}?v=2.1", target.bearer);
    let warm = open(target, &path, None).await?;
    let before = measure::memory().unwrap_or_default();
    let mut sockets = Vec::new();
    for _ in 0..IDLE {
        let stream = open(target, &path, None).await?;
        let mut socket = Socket {
            stream,
            next: 0,
            dialog: String::new(),
            text: String::new(),
        };
        socket.request(".GetClock", &json!({})).await?;
        sockets.push(socket);
    }
    let figures = watch(target, before).await;
    drop((warm, sockets));
    figures
}
