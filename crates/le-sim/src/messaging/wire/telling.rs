//! Putting notices into words: once for each dialect, whoever gets them.

use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Utf8Bytes;

use super::{Frame, conversation, event, event::Events, frame_text, json};
use crate::messaging::engine::{Delivery, Engine, LinkId, Notice, RingNotice, Version};

const CONVERSATION: &str = "notification.cqm.ExConversationChangeNotification";
const MESSAGE: &str = "notification.ms.MessagingEventNotification";
const RINGS: &str = "notification.routing.RoutingTaskNotification";
const LEGACY_RING: &str = "notification.routing.RingUpdated";
const AGENT_STATE: &str = "notification.routing.AgentStateNotification";

/// Hands the frames of a notice to `send`.
pub(crate) fn tell(engine: &Engine, notice: &Notice, send: &mut dyn FnMut(LinkId, Frame)) {
    let knobs = &engine.rules().dialect;
    let send = &mut |to: LinkId, name: &'static str, text: Utf8Bytes| {
        let text = if knobs.single_element_bare { bare(&text) } else { text };
        send(to, Frame { name, text });
    };
    match notice {
        Notice::Event { event, to } => events(engine, event, to, send),
        Notice::Replay { to, dialog, events } => send(*to, MESSAGE, replay(engine, dialog, events)),
        Notice::Conversation { place, to } => conversations(engine, *place, to, send),
        Notice::Conversations {
            to,
            subscription,
            places,
        } => {
            if let Some(version) = engine.version(*to) {
                send(*to, CONVERSATION, fill(engine, subscription, places, version));
            }
        }
        Notice::Rings {
            to,
            subscription,
            rings,
        } => {
            send(*to, RINGS, routing(engine, subscription, rings));
            if knobs.legacy_rings {
                for ring in rings {
                    send(*to, LEGACY_RING, legacy_ring(engine, ring));
                }
            }
        }
        Notice::AgentState {
            to,
            subscription,
            agent,
        } => send(*to, AGENT_STATE, agent_state(engine, subscription, *agent)),
    }
}

fn events(
    engine: &Engine,
    event: &crate::messaging::engine::Event,
    to: &[LinkId],
    send: &mut dyn FnMut(LinkId, &'static str, Utf8Bytes),
) {
    let knobs = &engine.rules().dialect;
    let (mut agents, mut consumers): (Option<Utf8Bytes>, Option<Utf8Bytes>) = (None, None);
    for link in to {
        let Some(version) = engine.version(*link) else { continue };
        let text = if version.is_agent() {
            agents.get_or_insert_with(|| {
                let mut out = Vec::with_capacity(event.body.get().len() + 640);
                out.extend_from_slice(
                    b"{\"kind\":\"notification\",\"type\":\".ams.ms.OnlineEventDistribution\",\"body\":",
                );
                json(&mut out, &event::view(event, version, knobs));
                out.push(b'}');
                frame_text(out)
            })
        } else {
            consumers.get_or_insert_with(|| {
                let mut out = Vec::with_capacity(event.body.get().len() + 640);
                out.extend_from_slice(
                    b"{\"kind\":\"notification\",\"type\":\"ms.MessagingEventNotification\",\"body\":{\"changes\":[",
                );
                json(&mut out, &event::view(event, version, knobs));
                out.extend_from_slice(b"],\"dialogId\":");
                json(&mut out, &*event.dialog);
                out.extend_from_slice(b"}}");
                frame_text(out)
            })
        };
        send(*link, MESSAGE, text.clone());
    }
}

fn replay(engine: &Engine, dialog: &str, events: &[std::sync::Arc<crate::messaging::engine::Event>]) -> Utf8Bytes {
    let mut out =
        b"{\"kind\":\"notification\",\"type\":\"ms.MessagingEventNotification\",\"body\":{\"changes\":".to_vec();
    let list = Events {
        events,
        version: Version::Consumer,
        knobs: &engine.rules().dialect,
    };
    json(&mut out, &list);
    out.extend_from_slice(b",\"dialogId\":");
    json(&mut out, dialog);
    out.extend_from_slice(b"}}");
    frame_text(out)
}

fn conversations(
    engine: &Engine,
    place: usize,
    to: &[Delivery],
    send: &mut dyn FnMut(LinkId, &'static str, Utf8Bytes),
) {
    let mut texts: Vec<(Version, Vec<u8>)> = Vec::with_capacity(2);
    for delivery in to {
        let Some(version) = engine.version(delivery.link) else {
            continue;
        };
        let found = texts.iter().position(|(known, _)| *known == version);
        let found = found.unwrap_or_else(|| {
            let mut text = Vec::with_capacity(2048);
            let knobs = &engine.rules().dialect;
            json(
                &mut text,
                &conversation::view(engine, &engine.conversations[place], version, knobs),
            );
            texts.push((version, text));
            texts.len() - 1
        });
        let result = &texts[found].1;
        let mut out = conversation_head(engine, &delivery.subscription, version, result.len());
        out.extend_from_slice(if delivery.deleted {
            b"{\"type\":\"DELETE\",\"result\":"
        } else {
            b"{\"type\":\"UPSERT\",\"result\":"
        });
        out.extend_from_slice(result);
        out.extend_from_slice(b"}]}}");
        send(delivery.link, CONVERSATION, frame_text(out));
    }
}

/// Everything before the first change.
fn conversation_head(engine: &Engine, subscription: &str, version: Version, room: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(room + 240);
    out.extend_from_slice(b"{\"kind\":\"notification\",\"type\":\"");
    out.extend_from_slice(if version.is_agent() {
        b".ams.aam.ExConversationChangeNotification"
    } else {
        b"cqm.ExConversationChangeNotification"
    });
    out.extend_from_slice(b"\",\"body\":{\"subscriptionId\":");
    json(&mut out, subscription);
    if !engine.rules().dialect.no_sent_ts {
        out.extend_from_slice(b",\"sentTs\":");
        json(&mut out, &engine.now);
    }
    out.extend_from_slice(b",\"changes\":[");
    out
}

fn fill(engine: &Engine, subscription: &str, places: &[usize], version: Version) -> Utf8Bytes {
    let mut out = conversation_head(engine, subscription, version, places.len() * 1800);
    for (number, place) in places.iter().enumerate() {
        if number > 0 {
            out.push(b',');
        }
        out.extend_from_slice(b"{\"type\":\"UPSERT\",\"result\":");
        let knobs = &engine.rules().dialect;
        json(
            &mut out,
            &conversation::view(engine, &engine.conversations[*place], version, knobs),
        );
        out.push(b'}');
    }
    out.extend_from_slice(b"]}}");
    frame_text(out)
}

fn routing(engine: &Engine, subscription: &str, rings: &[RingNotice]) -> Utf8Bytes {
    let changes: Vec<Value> = rings.iter().map(|ring| ring_change(engine, ring)).collect();
    notification(
        ".ams.routing.RoutingTaskNotification",
        &json!({ "subscriptionId": subscription, "changes": changes }),
    )
}

fn ring_change(engine: &Engine, notice: &RingNotice) -> Value {
    let conversation = &engine.conversations[notice.place];
    let ring = &notice.ring;
    let consumer = &*engine.consumers[conversation.consumer].id;
    let skill = ring.skill.to_string();
    let mut result = json!({
        "routingTaskId": &*conversation.id,
        "taskCompleted": notice.completed,
        "conversationId": &*conversation.id,
        "consumerId": consumer,
        "skillId": skill,
        "brandId": &*engine.brand,
        "ringsDetails": [{
            "ringId": &*ring.id,
            "ringState": ring.state.name(),
            "ringExpiration": ring.lasts,
            "ringExpirationTs": ring.expires,
            "weight": ring.weight,
            "convId": &*conversation.id,
            "consumerId": consumer,
            "skillId": skill,
            "brandId": &*engine.brand,
        }],
    });
    if notice.completed
        && let Some(agent) = engine.assigned_to(notice.place)
    {
        result["assignedAgentId"] = json!(&**engine.old_id(agent));
    }
    json!({ "type": if notice.deleted { "DELETE" } else { "UPSERT" }, "result": result })
}

fn legacy_ring(engine: &Engine, notice: &RingNotice) -> Utf8Bytes {
    let conversation = &engine.conversations[notice.place];
    notification(
        ".ams.routing.RingUpdated",
        &json!({
            "ringId": &*notice.ring.id,
            "ringState": notice.ring.state.name(),
            "convId": &*conversation.id,
            "consumerId": &*engine.consumers[conversation.consumer].id,
            "skillId": notice.ring.skill.to_string(),
        }),
    )
}

fn agent_state(engine: &Engine, subscription: &str, agent: usize) -> Utf8Bytes {
    let it = &engine.agents[agent];
    let result = json!({
        "agentUserId": &*it.old_id,
        "channels": ["MESSAGING"],
        "availability": it.availability,
        "description": "",
    });
    notification(
        ".ams.routing.AgentStateNotification",
        &json!({ "subscriptionId": subscription, "changes": [{ "type": "UPSERT", "result": result }] }),
    )
}

fn notification(name: &str, body: &Value) -> Utf8Bytes {
    json!({ "kind": "notification", "type": name, "body": body })
        .to_string()
        .into()
}

/// The same frame with the lists of one element replaced by that element.
fn bare(text: &Utf8Bytes) -> Utf8Bytes {
    fn unwrap(value: &mut Value) {
        match value {
            Value::Array(items) => {
                items.iter_mut().for_each(unwrap);
                if items.len() == 1 {
                    *value = items.remove(0);
                }
            }
            // What somebody wrote stays as it was written.
            Value::Object(members) => members
                .iter_mut()
                .filter(|(name, _)| *name != "event")
                .for_each(|(_, value)| unwrap(value)),
            _ => {}
        }
    }
    match serde_json::from_str::<Value>(text.as_str()) {
        Ok(mut frame) => {
            unwrap(&mut frame["body"]);
            frame.to_string().into()
        }
        Err(_) => text.clone(),
    }
}
