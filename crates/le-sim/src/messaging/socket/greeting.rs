//! `InitConnection`: the first frame of a consumer that cannot set headers.

use std::{sync::Arc, time::Duration};

use serde_json::value::RawValue;
use tokio_tungstenite::tungstenite::Message;

use super::carrier::Carrier;
use crate::{
    messaging::{
        close,
        engine::{LinkId, Refusal, Reply, Version},
        outbox::Outgoing,
        wire::{self, Envelope, Operation},
    },
    world::World,
};

/// Waits for the first frame. `None`: the connection is over.
pub(super) async fn wait(
    world: &Arc<World>,
    carrier: &mut Carrier,
    properties: Option<Box<RawValue>>,
) -> Option<LinkId> {
    let limit = Duration::from_millis(world.behaviour().messaging.init_ms);
    let greeted = tokio::time::timeout(limit, greet(world, carrier, properties)).await;
    greeted.unwrap_or_else(|_| {
        tracing::debug!("a consumer socket sent no InitConnection");
        None
    })
}

async fn greet(world: &Arc<World>, carrier: &mut Carrier, properties: Option<Box<RawValue>>) -> Option<LinkId> {
    let mut early = Vec::new();
    loop {
        let text = match carrier.read().await? {
            Message::Text(text) => text,
            Message::Close(_) => return None,
            _ => continue,
        };
        let Some(envelope) = Envelope::read(text.as_str()) else {
            carrier.close(close::INVALID_PAYLOAD, "the frame is not JSON").await;
            return None;
        };
        let id = envelope.id().into_owned();
        if envelope.operation() != Ok(Operation::Init) {
            if world.behaviour().messaging.init_pipelining {
                early.push(text);
                continue;
            }
            let refusal = Refusal::new(401, "The connection is not initialized");
            let frame = wire::refusal(Version::Consumer, &id, envelope.operation().ok(), &refusal);
            carrier.send(Outgoing::Text(frame.text)).await?;
            continue;
        }
        return enter(world, carrier, &envelope, &id, properties, early).await;
    }
}

async fn enter(
    world: &Arc<World>,
    carrier: &mut Carrier,
    envelope: &Envelope<'_>,
    id: &str,
    properties: Option<Box<RawValue>>,
    early: Vec<tokio_tungstenite::tungstenite::Utf8Bytes>,
) -> Option<LinkId> {
    let init = wire::init(envelope);
    let identity = world
        .messaging
        .idp()
        .messaging(init.jwt.as_deref().unwrap_or(""), world.clock.now_ms());
    let identity = match identity {
        Ok(identity) => identity,
        Err(anonymous) => {
            let refusal = Refusal::new(401, "The token is not valid");
            let frame = wire::refusal(Version::Consumer, id, Some(Operation::Init), &refusal);
            carrier.send(Outgoing::Text(frame.text)).await?;
            let code = if anonymous { close::IDENTITY } else { close::TOKEN };
            carrier.close(code, "token is invalid").await;
            return None;
        }
    };
    let knobs = world.behaviour().messaging.dialect;
    let reply = Reply::Text(200, "Connection initialized successfully");
    let frame = wire::reply(Version::Consumer, &knobs, id, Operation::Init, &reply);
    carrier.send(Outgoing::Text(frame.text)).await?;
    let properties = init.properties.or(properties).map(echoed);
    let link = world
        .messaging
        .consumer_connected(world, &identity, properties, carrier.sender());
    for text in early {
        world.messaging.receive(world, link, text.as_str(), false);
    }
    Some(link)
}

/// The server echoes client properties under the short type name.
fn echoed(properties: Box<RawValue>) -> Box<RawValue> {
    let Ok(mut members) = serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(properties.get()) else {
        return properties;
    };
    members.insert("type".to_owned(), ".ClientProperties".into());
    serde_json::value::to_raw_value(&members).unwrap_or(properties)
}
