//! The floor: a loop over a bare socket that accepts rings and answers messages, and remembers nothing.

use std::io;

use anyhow::{Context as _, Result};
use futures_util::{SinkExt as _, StreamExt as _};
use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

use super::ECHO;
use crate::sockets::bare::{Content, Publish, PublishBody, open};
use crate::target::Target;

#[derive(Deserialize)]
struct Envelope<'a> {
    kind: &'a str,
    #[serde(default)]
    r#type: Option<&'a str>,
    #[serde(default)]
    code: Option<u16>,
    #[serde(borrow, default)]
    body: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Rings<'a> {
    #[serde(borrow)]
    changes: Vec<RingChange<'a>>,
}

#[derive(Deserialize)]
struct RingChange<'a> {
    #[serde(borrow)]
    result: Task<'a>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Task<'a> {
    #[serde(borrow, default)]
    rings_details: Vec<Ring<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Ring<'a> {
    ring_id: &'a str,
    ring_state: &'a str,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Event<'a> {
    dialog_id: &'a str,
    #[serde(borrow)]
    originator_metadata: Originator<'a>,
    event: Said,
}

#[derive(Deserialize)]
struct Originator<'a> {
    role: &'a str,
}

#[derive(Deserialize)]
struct Said {
    #[serde(default)]
    message: Option<String>,
}

/// Takes rings and answers messages until `end`.
pub(crate) async fn run(
    target: &Target,
    ready: impl Fn() -> io::Result<()>,
    mut end: JoinHandle<io::Result<u64>>,
) -> Result<()> {
    let path = format!("brand/{}?v=2.1", target.bearer);
    let mut bot = Bot {
        stream: open(target, &path, None).await?,
        next: 0,
    };
    bot.request(
        ".ams.routing.SetAgentState",
        &json!({ "channels": ["MESSAGING"], "availability": "ONLINE", "agentUserId": target.user }),
    )
    .await?;
    let own = format!("{}.{}", target.account, target.user);
    bot.request(
        ".ams.aam.SubscribeExConversations",
        &json!({ "convState": ["OPEN"], "agentIds": [own] }),
    )
    .await?;
    let tasks = json!({ "channelType": "MESSAGING", "agentId": target.user, "brandId": target.account });
    bot.request(".ams.routing.SubscribeRoutingTasks", &tasks).await?;
    ready()?;
    loop {
        tokio::select! {
            biased;
            message = bot.stream.next() => {
                let message = message.context("the socket ended")??;
                if let Message::Text(text) = message {
                    bot.frame(&text).await?;
                }
            }
            _ = &mut end => return Ok(()),
        }
    }
}

struct Bot {
    stream: WebSocketStream<TcpStream>,
    next: u64,
}

impl Bot {
    async fn request(&mut self, name: &str, body: &serde_json::Value) -> Result<()> {
        let frame = json!({ "kind": "req", "id": self.next.to_string(), "type": name, "body": body });
        self.next += 1;
        Ok(self.stream.send(Message::text(frame.to_string())).await?)
    }

    async fn frame(&mut self, text: &str) -> Result<()> {
        let envelope: Envelope<'_> = serde_json::from_str(text)?;
        if envelope.kind == "resp" {
            anyhow::ensure!(
                envelope.code.is_none_or(|code| code < 400),
                "refused: {:?}",
                envelope.code
            );
            return Ok(());
        }
        let Some(body) = envelope.body else { return Ok(()) };
        match envelope.r#type {
            Some(".ams.ms.OnlineEventDistribution") => self.answer(body.get()).await,
            Some(".ams.routing.RoutingTaskNotification") => self.accept(body.get()).await,
            _ => Ok(()),
        }
    }

    async fn answer(&mut self, body: &str) -> Result<()> {
        let event: Event<'_> = serde_json::from_str(body)?;
        let Some(said) = event
            .event
            .message
            .filter(|_| event.originator_metadata.role == "CONSUMER")
        else {
            return Ok(());
        };
        let message = format!("{ECHO}{said}");
        let frame = Publish {
            kind: "req",
            id: self.next.to_string(),
            r#type: ".ams.ms.PublishEvent",
            body: PublishBody {
                dialog_id: event.dialog_id,
                event: Content {
                    r#type: "ContentEvent",
                    content_type: "text/plain",
                    message: &message,
                },
            },
        };
        self.next += 1;
        Ok(self.stream.send(Message::text(serde_json::to_string(&frame)?)).await?)
    }

    async fn accept(&mut self, body: &str) -> Result<()> {
        let rings: Rings<'_> = serde_json::from_str(body)?;
        let waiting = rings.changes.iter().flat_map(|change| &change.result.rings_details);
        let waiting: Vec<_> = waiting
            .filter(|ring| ring.ring_state == "WAITING")
            .map(|ring| ring.ring_id)
            .collect();
        for ring in waiting {
            let body = json!({ "ringId": ring, "ringState": "ACCEPTED" });
            self.request(".ams.routing.UpdateRingState", &body).await?;
        }
        Ok(())
    }
}
