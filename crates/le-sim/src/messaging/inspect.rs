//! The state of messaging as the control API shows it.

use serde_json::{Value, json};

use super::{
    engine::{Conversation, Engine, Version, Who},
    hub::{Credential, Hub},
};
use crate::world::World;

/// Everything at a glance.
pub(crate) fn state(world: &World) -> Value {
    let hub = world.messaging.hub();
    let engine = &hub.engine;
    json!({
        "sockets": sockets(&hub),
        "agents": agents(engine),
        "conversations": engine.conversations.iter().map(|one| conversation(engine, one)).collect::<Vec<_>>(),
        "waiting": waiting(engine),
        "consumers": engine.consumers.len(),
        "files": world.messaging.files.count(),
    })
}

/// One conversation with its events; `None` if there is none with this id.
pub(crate) fn conversation_with_events(world: &World, id: &str) -> Option<Value> {
    let hub = world.messaging.hub();
    let engine = &hub.engine;
    let place = engine.find_conversation(id)?;
    let it = &engine.conversations[place];
    let mut shown = conversation(engine, it);
    let events = it.dialogs.iter().flat_map(|dialog| &dialog.events).map(|event| {
        json!({
            "sequence": event.sequence,
            "dialogId": &*event.dialog,
            "at": event.at,
            "by": &**engine.old_id(event.author.who),
            "role": event.author.role.name(),
            "private": event.private,
            "event": parsed(&event.body),
            "metadata": event.metadata.as_deref().map(parsed),
        })
    });
    shown["events"] = events.collect();
    Some(shown)
}

fn parsed(raw: &serde_json::value::RawValue) -> Value {
    serde_json::from_str(raw.get()).unwrap_or(Value::Null)
}

/// Open sockets, without their tokens.
pub(crate) fn sockets(hub: &Hub) -> Vec<Value> {
    let mut ids: Vec<_> = hub.links.keys().copied().collect();
    ids.sort_unstable();
    ids.iter()
        .filter_map(|id| {
            let entry = hub.links.get(id)?;
            let kind = match (&entry.credential, entry.version) {
                (_, Version::Agent20) => "agent v2",
                (_, Version::Agent21) => "agent v2.1",
                (Credential::None, Version::Consumer) => "driven consumer",
                (_, Version::Consumer) => "consumer",
            };
            Some(json!({
                "id": id,
                "kind": kind,
                "user": &*entry.name,
                "subscriptions": hub.engine.subscriptions_of(*id),
            }))
        })
        .collect()
}

/// Agents that are or were here.
fn agents(engine: &Engine) -> Vec<Value> {
    engine
        .agents
        .iter()
        .filter(|agent| !agent.links.is_empty() || agent.assigned > 0)
        .map(|agent| {
            json!({
                "loginName": &*agent.login_name,
                "agentId": &*agent.old_id,
                "pid": &*agent.pid,
                "availability": agent.availability,
                "sockets": agent.links.len(),
                "assigned": agent.assigned,
                "ringing": agent.ringing,
            })
        })
        .collect()
}

fn waiting(engine: &Engine) -> Vec<Value> {
    engine
        .tasks
        .iter()
        .map(|(place, task)| {
            let conversation = &engine.conversations[*place];
            json!({
                "conversationId": &*conversation.id,
                "skillId": conversation.skill.to_string(),
                "ring": task.waiting().map(|ring| json!({
                    "ringId": &*ring.id,
                    "agentId": &*engine.agents[ring.agent].old_id,
                    "expiresTs": ring.expires,
                })),
            })
        })
        .collect()
}

fn conversation(engine: &Engine, it: &Conversation) -> Value {
    let open = |open: bool| if open { "OPEN" } else { "CLOSE" };
    let participants = it
        .participants()
        .into_iter()
        .map(|(who, role)| json!({ "id": &**engine.old_id(who), "role": role.name() }));
    json!({
        "conversationId": &*it.id,
        "consumerId": &**engine.old_id(Who::Consumer(it.consumer)),
        "skillId": it.skill.to_string(),
        "state": open(it.open),
        "stage": open(it.stage_open),
        "closeReason": it.close_reason,
        "participants": participants.collect::<Vec<_>>(),
        "suggested": it.suggested().map(|agent| &*engine.agents[agent].old_id),
        "effectiveTTR": engine.effective_ttr(it),
        "ttr": { "ttrType": it.ttr.kind, "value": it.ttr.value },
        "dialogs": it.dialogs.iter().map(|dialog| json!({
            "dialogId": &*dialog.id,
            "dialogType": dialog.kind.name(),
            "state": open(dialog.open),
            "events": dialog.next_sequence,
        })).collect::<Vec<_>>(),
    })
}
