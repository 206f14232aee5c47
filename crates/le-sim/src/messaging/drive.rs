//! Consumers, agents and sockets in the hands of a test.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{
    engine::{Change, Draft, EventKind, NewConversation, Outcome, Refusal, Reply, Request, Who},
    hub::{Credential, Hub},
    idp::Identity,
    outbox::{Outbox, Outgoing},
};
use crate::world::World;

/// A consumer to be made and driven without a socket of its own.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
#[non_exhaustive]
pub struct NewConsumer {
    /// The consumer id; a new one if not given.
    pub consumer_id: Option<String>,
    /// Members of the profile, as `SetUserProfile` takes them, and `claims`.
    pub profile: Map<String, Value>,
    /// Features of its client. All of the usual ones if empty.
    pub features: Vec<String>,
}

/// A consumer that is driven.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct DrivenConsumer {
    /// The consumer id.
    pub consumer_id: String,
}

/// Features of a client that can do everything.
const FEATURES: &[&str] = &[
    "PHOTO_SHARING",
    "SECURE_FORMS",
    "RICH_CONTENT",
    "AUTO_MESSAGES",
    "QUICK_REPLIES",
    "MULTI_DIALOG",
    "FILE_SHARING",
];

/// What went wrong, with the code that a client would have seen.
pub(crate) type Driven<T> = Result<T, Refusal>;

/// Opens the link of a driven consumer, which subscribes to its conversations as a window does.
pub(crate) fn open_consumer(world: &World, new: NewConsumer) -> Driven<DrivenConsumer> {
    let features = if new.features.is_empty() {
        FEATURES.iter().map(ToString::to_string).collect()
    } else {
        new.features
    };
    let properties = json!({ "type": ".ClientProperties", "appId": "le-sim", "deviceFamily": "DESKTOP", "os": "LINUX",
        "integration": "WEB_SDK", "features": features });
    let properties = serde_json::value::to_raw_value(&properties).map_err(|error| Refusal::bad(error.to_string()))?;
    world.messaging.with(world, |hub| {
        let consumer = new.consumer_id.unwrap_or_else(|| hub.engine.new_consumer_id());
        if driven_link(hub, &consumer).is_ok() {
            return Err(Refusal::bad("this consumer is driven already"));
        }
        let identity = Identity {
            consumer: consumer.clone(),
            subject: None,
            expires_ms: i64::MAX,
            anonymous: true,
            profile: new.profile,
        };
        let link = hub.connect_consumer(&identity, Some(properties), Credential::None, Outbox::inbox());
        let everything = super::engine::Filter::default();
        hub.engine.request(link, Request::SubscribeConversations(everything))?;
        Ok(DrivenConsumer { consumer_id: consumer })
    })
}

/// Closes the link, as if the window was closed.
pub(crate) fn drop_consumer(world: &World, consumer: &str) -> Driven<()> {
    world.messaging.with(world, |hub| {
        let link = driven_link(hub, consumer)?;
        hub.links.remove(&link);
        hub.engine.disconnect(link);
        Ok(())
    })
}

/// Has a consumer log in while it writes: its open conversations go on under another id. Sockets of the old id stay, and
/// see the conversations leave.
pub(crate) fn step_up(world: &World, from: &str, to: &str) -> Driven<usize> {
    world.messaging.with(world, |hub| hub.engine.step_up(from, to))
}

/// Starts a conversation and subscribes to its messages. Returns its id.
pub(crate) fn start(world: &World, consumer: &str, skill: Option<String>, ttr: Option<String>) -> Driven<String> {
    world.messaging.with(world, |hub| {
        let link = driven_link(hub, consumer)?;
        let opening = NewConversation {
            skill,
            ttr,
            ..NewConversation::default()
        };
        match hub.engine.request(link, Request::NewConversation(opening))? {
            Reply::Conversation(id) => {
                listen(hub, link, &id)?;
                Ok(id.to_string())
            }
            _ => Err(Refusal::new(500, "no conversation came of it")),
        }
    })
}

fn listen(hub: &mut Hub, link: u64, dialog: &str) -> Outcome {
    hub.engine.request(
        link,
        Request::SubscribeMessages {
            dialog: dialog.to_owned(),
            from: 0,
        },
    )
}

/// Publishes an event. Without a dialog it goes to the newest open one of the consumer.
pub(crate) fn publish(
    world: &World,
    consumer: &str,
    dialog: Option<String>,
    event: &Value,
    metadata: Option<&Value>,
) -> Driven<i64> {
    world
        .messaging
        .with(world, |hub| publish_in(hub, consumer, dialog, event, metadata))
}

fn publish_in(
    hub: &mut Hub,
    consumer: &str,
    dialog: Option<String>,
    event: &Value,
    metadata: Option<&Value>,
) -> Driven<i64> {
    let link = driven_link(hub, consumer)?;
    let dialog = match dialog {
        Some(dialog) => dialog,
        None => open_dialog(hub, consumer)?,
    };
    let draft = Draft {
        kind: event_kind(event)?,
        body: serde_json::value::to_raw_value(event).map_err(|error| Refusal::bad(error.to_string()))?,
        metadata: metadata.and_then(|metadata| serde_json::value::to_raw_value(metadata).ok()),
        private: false,
    };
    let request = Request::Publish {
        dialog,
        conversation: None,
        draft,
    };
    match hub.engine.request(link, request)? {
        Reply::Published(sequence) => Ok(sequence),
        _ => Err(Refusal::new(500, "nothing was published")),
    }
}

fn event_kind(event: &Value) -> Driven<EventKind> {
    super::wire::event_kind(&event.to_string())
}

/// Reads everything that was not read in the newest open dialog.
pub(crate) fn read_all(world: &World, consumer: &str) -> Driven<Vec<i64>> {
    world.messaging.with(world, |hub| {
        let dialog = open_dialog(hub, consumer)?;
        let unread = unread(hub, consumer, &dialog);
        if !unread.is_empty() {
            let event = json!({ "type": "AcceptStatusEvent", "status": "READ", "sequenceList": unread });
            publish_in(hub, consumer, Some(dialog), &event, None)?;
        }
        Ok(unread)
    })
}

fn unread(hub: &Hub, consumer: &str, dialog: &str) -> Vec<i64> {
    let place = hub.engine.find_consumer(consumer);
    let at = hub.engine.find_dialog(dialog);
    let (Some(place), Some((conversation, number))) = (place, at) else {
        return Vec::new();
    };
    hub.engine.conversations[conversation].dialogs[number]
        .participants
        .iter()
        .find(|one| one.who == Who::Consumer(place))
        .map_or_else(Vec::new, |one| one.unread.clone())
}

/// Closes the newest open dialog: the main one, which a survey may follow, or the survey.
pub(crate) fn close(world: &World, consumer: &str) -> Driven<()> {
    world.messaging.with(world, |hub| {
        let link = driven_link(hub, consumer)?;
        let dialog = open_dialog(hub, consumer)?;
        let (place, _) = hub
            .engine
            .find_dialog(&dialog)
            .ok_or_else(|| Refusal::bad("no dialog"))?;
        let conversation = hub.engine.conversations[place].id.to_string();
        let members = Map::from_iter([
            ("dialogId".to_owned(), json!(dialog)),
            ("state".to_owned(), json!("CLOSE")),
            ("closedCause".to_owned(), json!("Closed by consumer")),
        ]);
        let change = Change::Dialog {
            create: false,
            dialog: members,
            dialog_id: None,
        };
        hub.engine.request(
            link,
            Request::UpdateConversation {
                conversation,
                changes: vec![change],
                metadata: None,
            },
        )?;
        listen_to_newest(hub, link, consumer)
    })
}

/// A consumer's window subscribes to the survey that follows.
fn listen_to_newest(hub: &mut Hub, link: u64, consumer: &str) -> Driven<()> {
    if let Ok(dialog) = open_dialog(hub, consumer) {
        listen(hub, link, &dialog)?;
    }
    Ok(())
}

/// Answers the question that the survey asked last: the reply with this title is pressed, or the text is written.
pub(crate) fn answer_survey(world: &World, consumer: &str, answer: &str) -> Driven<()> {
    world.messaging.with(world, |hub| {
        let dialog = open_dialog(hub, consumer)?;
        let question = last_question(hub, &dialog).ok_or_else(|| Refusal::bad("no survey has asked anything"))?;
        if let Some(metadata) = reply_metadata(&question.1, answer) {
            let event = json!({ "type": "AcceptStatusEvent", "status": "ACTION", "sequenceList": [question.0] });
            publish_in(hub, consumer, Some(dialog.clone()), &event, Some(&metadata))?;
            let event = json!({ "type": "ContentEvent", "contentType": "text/plain", "message": answer });
            publish_in(hub, consumer, Some(dialog), &event, Some(&metadata))?;
        } else {
            let event = json!({ "type": "ContentEvent", "contentType": "text/plain", "message": answer });
            publish_in(hub, consumer, Some(dialog), &event, None)?;
        }
        Ok(())
    })
}

/// The newest message of the dialog that came from the brand.
fn last_question(hub: &Hub, dialog: &str) -> Option<(i64, Value)> {
    let (place, number) = hub.engine.find_dialog(dialog)?;
    let dialog = &hub.engine.conversations[place].dialogs[number];
    if dialog.kind != super::engine::DialogKind::Survey {
        return None;
    }
    let event = dialog
        .events
        .iter()
        .rev()
        .find(|event| event.kind.is_message() && event.author.who.agent().is_some())?;
    Some((event.sequence?, serde_json::from_str(event.body.get()).ok()?))
}

fn reply_metadata(question: &Value, title: &str) -> Option<Value> {
    let replies = question.get("quickReplies")?.get("replies")?.as_array()?;
    let reply = replies
        .iter()
        .find(|reply| reply.get("title").and_then(Value::as_str) == Some(title))?;
    reply.get("click")?.get("metadata").cloned()
}

/// What the consumer's link was sent, oldest first; taken away if `take`.
pub(crate) fn inbox(world: &World, consumer: &str, take: bool) -> Driven<Vec<Value>> {
    let mut hub = world.messaging.hub();
    let link = driven_link(&hub, consumer)?;
    match hub.links.get_mut(&link).map(|entry| &mut entry.outbox) {
        Some(Outbox::Inbox(frames)) if take => Ok(frames.drain(..).collect()),
        Some(Outbox::Inbox(frames)) => Ok(frames.iter().cloned().collect()),
        _ => Err(Refusal::bad("this consumer is not driven")),
    }
}

/// Sets an agent's availability. Agents without a socket are not rung all the same.
pub(crate) fn set_presence(world: &World, agent: &str, availability: &str) -> Driven<()> {
    if !super::engine::AVAILABILITIES.contains(&availability) {
        return Err(Refusal::bad("availability is not known"));
    }
    world.messaging.with(world, |hub| {
        let place = hub
            .engine
            .find_agent(agent)
            .ok_or_else(|| Refusal::bad("no such agent"))?;
        hub.engine.set_availability(place, availability);
        hub.engine.tick();
        Ok(())
    })
}

/// Closes sockets: all, or those of one user (old id, consumer id or login name). Returns how many.
pub(crate) fn close_sockets(world: &World, user: Option<&str>, code: u16, reason: &str) -> usize {
    world.messaging.with(world, |hub| {
        let wanted = user.map(|user| {
            let agent = hub
                .engine
                .find_agent(user)
                .map(|agent| hub.engine.agents[agent].old_id.to_string());
            agent.unwrap_or_else(|| user.to_owned())
        });
        let mut closed = 0;
        for entry in hub.links.values_mut() {
            let meant = wanted.as_deref().is_none_or(|wanted| wanted == &*entry.name);
            if meant && matches!(entry.outbox, Outbox::Socket { .. }) {
                entry.outbox.order(if code == 1006 {
                    Outgoing::Abort
                } else {
                    Outgoing::Close(code, reason.to_owned())
                });
                closed += 1;
            }
        }
        closed
    })
}

fn driven_link(hub: &Hub, consumer: &str) -> Driven<u64> {
    let place = hub.engine.find_consumer(consumer);
    let place = place.ok_or_else(|| Refusal::new(404, "no such consumer"))?;
    hub.engine.consumers[place]
        .links
        .iter()
        .copied()
        .find(|link| matches!(hub.links.get(link).map(|entry| &entry.outbox), Some(Outbox::Inbox(_))))
        .ok_or_else(|| Refusal::new(404, "this consumer is not driven"))
}

/// The newest open dialog of a consumer.
fn open_dialog(hub: &Hub, consumer: &str) -> Driven<String> {
    let engine = &hub.engine;
    let place = engine.find_consumer(consumer);
    let place = place.ok_or_else(|| Refusal::new(404, "no such consumer"))?;
    engine.consumers[place]
        .conversations
        .iter()
        .rev()
        .flat_map(|conversation| engine.conversations[*conversation].dialogs.iter().rev())
        .find(|dialog| dialog.open && dialog.kind != super::engine::DialogKind::Other)
        .map(|dialog| dialog.id.to_string())
        .ok_or_else(|| Refusal::bad("the consumer has no open dialog"))
}
