//! From messaging to the history: what the Messaging Interactions API shows of live conversations.

mod surveys;

use std::sync::Arc;

use serde_json::Value;

use super::engine::{Conversation, DialogKind, Engine, Event, EventKind, Handover, Presence, SURVEY_ID, Who};
use super::visit;
use crate::{
    campaign::{self, Campaign},
    history::{
        LiveCampaign, LiveConsumer, LiveConversation, LiveDialog, LiveMessage, LivePresence, LiveReceipt, LiveTransfer,
    },
    world::World,
};

/// Hands the history what it is to know by now. It is asked for when somebody reads, so that nothing has to be timed.
pub(crate) fn publish_due(world: &World) {
    let latency = i64::try_from(world.behaviour().messaging.history_latency_ms).unwrap_or(i64::MAX);
    let due: Vec<LiveConversation> = {
        let mut hub = world.messaging.hub();
        hub.engine.at(world.clock.now_ms(), &world.behaviour());
        visit::notice_reports(world, &mut hub.engine);
        let campaigns = world.monitoring.campaigns();
        let places = hub.engine.take_publishable(latency);
        for place in &places {
            visit::attach(world, &mut hub.engine, *place);
        }
        places
            .into_iter()
            .map(|place| LiveConversation {
                campaign: offered_by(world, &campaigns, &hub.engine.conversations[place]),
                ..record(&hub.engine, place)
            })
            .collect()
    };
    for live in due {
        world.history.publish(live);
    }
}

fn record(engine: &Engine, place: usize) -> LiveConversation {
    let conversation = &engine.conversations[place];
    let (messages, receipts) = messages(engine, conversation);
    let context = |name: &str| {
        conversation
            .context
            .get(name)
            .and_then(Value::as_str)
            .map(str::to_owned)
    };
    let client = client(conversation);
    let due = engine.effective_ttr(conversation);
    LiveConversation {
        id: conversation.id.to_string(),
        started: conversation.started,
        closed: conversation
            .close_reason
            .map(|reason| (conversation.main().ended.unwrap_or(conversation.started), reason)),
        full_end: conversation.ended,
        updated: conversation.story.changed_at,
        first: conversation.first,
        stepped_up: conversation.story.stepped_up,
        consumer: consumer(engine, conversation.consumer),
        source: source(conversation),
        device: client.0,
        operating_system: client.1,
        visitor_id: context("visitorId"),
        session_id: context("sessionId"),
        context_id: context("interactionContextId"),
        skill: conversation.skill,
        assigned: latest_agent(engine, conversation),
        open_to_queue: conversation.assigned().is_none(),
        dialogs: conversation.dialogs.iter().map(dialog).collect(),
        messages,
        receipts,
        joins: presences(engine, &conversation.story.joins),
        leaves: presences(engine, &conversation.story.leaves),
        transfers: conversation
            .story
            .transfers
            .iter()
            .map(|one| transfer(engine, one))
            .collect(),
        due: (due >= 0).then_some(due),
        response_time_ms: conversation.ttr.value.saturating_mul(1_000),
        note: (!conversation.note.is_empty()).then(|| conversation.note.clone()),
        csat: conversation
            .csat
            .as_ref()
            .filter(|csat| csat.status == "FILLED")
            .map(|csat| csat.rate),
        surveys: surveys::surveys(conversation),
        sdes: sdes(engine, conversation),
        reported: visit::attached(&conversation.story.attributes),
        campaign: None,
    }
}

/// The campaign that a conversation came of, if the account has it.
fn offered_by(world: &World, campaigns: &[Campaign], conversation: &Conversation) -> Option<LiveCampaign> {
    let engagement = visit::campaign_id(conversation.campaign.as_ref(), "engagementId")?;
    let (campaign, engagement) = campaign::find(campaigns, engagement)?;
    Some(LiveCampaign {
        campaign: campaign.clone(),
        engagement: engagement.clone(),
        application: world.account.app_installation_id().to_owned(),
    })
}

/// Who is assigned, or was last.
fn latest_agent(engine: &Engine, conversation: &Conversation) -> Option<String> {
    let last = || {
        let joins = conversation.story.joins.iter().rev();
        joins
            .into_iter()
            .find(|join| join.role == super::engine::Role::AssignedAgent)
            .map(|join| join.agent)
    };
    let agent = conversation.assigned().or_else(last)?;
    Some(engine.agents[agent].user_id.clone())
}

fn consumer(engine: &Engine, place: usize) -> LiveConsumer {
    let consumer = &engine.consumers[place];
    let private = |name: &str| {
        let data = consumer.profile.get("privateData")?;
        data.get(name).and_then(Value::as_str).map(str::to_owned)
    };
    LiveConsumer {
        id: consumer.id.to_string(),
        given_name: consumer.text("firstName").map(str::to_owned),
        family_name: consumer.text("lastName").map(str::to_owned),
        email: private("mail").or_else(|| private("email")),
        phone: private("mobileNum"),
        avatar: consumer.text("avatarUrl").map(str::to_owned),
    }
}

fn source(conversation: &Conversation) -> &'static str {
    match conversation.context.get("type").and_then(Value::as_str) {
        Some("MobileAppContext") => "APP",
        Some("ProactiveContext") => "AGENT",
        _ => "SHARK",
    }
}

/// Device and operating system as the history spells them.
fn client(conversation: &Conversation) -> (Option<&'static str>, Option<&'static str>) {
    let properties: Value = conversation
        .properties
        .as_deref()
        .and_then(|raw| serde_json::from_str(raw.get()).ok())
        .unwrap_or_default();
    let device = match properties.get("deviceFamily").and_then(Value::as_str) {
        Some("DESKTOP") => Some("DESKTOP"),
        Some("TABLET") => Some("TABLET"),
        Some("MOBILE") => Some("MOBILE"),
        _ => None,
    };
    let system = match properties.get("os").and_then(Value::as_str) {
        Some("WINDOWS") => Some("WINDOWS"),
        Some("LINUX") => Some("LINUX"),
        Some("OSX") => Some("MAC_OSX"),
        Some("ANDROID") => Some("ANDROID"),
        Some("IOS") => Some("IOS"),
        _ => None,
    };
    (device, system)
}

fn dialog(dialog: &super::engine::Dialog) -> LiveDialog {
    LiveDialog {
        id: dialog.id.to_string(),
        started: dialog.started,
        ended: dialog.ended,
        closed_by: dialog.closed_by.as_deref().map(|by| match by {
            "CONSUMER" => "CONSUMER",
            "AGENT" => "AGENT",
            "TIMEOUT" => "TIMEOUT",
            _ => "SYSTEM",
        }),
        survey: (dialog.kind == DialogKind::Survey).then(|| survey_id(dialog)),
    }
}

/// The id that a survey bot annotated the dialog with, or the built-in one.
fn survey_id(dialog: &super::engine::Dialog) -> String {
    let annotated = dialog.metadata.get("Survey").and_then(|survey| survey.get("id"));
    annotated.and_then(Value::as_str).unwrap_or(SURVEY_ID).to_owned()
}

fn messages(engine: &Engine, conversation: &Conversation) -> (Vec<LiveMessage>, Vec<LiveReceipt>) {
    let mut messages = Vec::new();
    let mut receipts = Vec::new();
    for (number, dialog) in conversation.dialogs.iter().enumerate() {
        let first = messages.len();
        for event in &dialog.events {
            match &event.kind {
                EventKind::Accept { status, sequences } => {
                    let Some(status) = receipt_status(status) else { continue };
                    let about = messages[first..]
                        .iter()
                        .enumerate()
                        .filter(|(_, message): &(usize, &LiveMessage)| sequences.contains(&message.sequence));
                    receipts.extend(about.map(|(offset, _)| LiveReceipt {
                        message: first + offset,
                        at: event.at.unwrap_or(conversation.started),
                        agent: author(engine, event),
                        status,
                    }));
                }
                kind if kind.is_message() => messages.push(LiveMessage {
                    sequence: event.sequence.unwrap_or(0),
                    dialog: number,
                    at: event.at.unwrap_or(conversation.started),
                    agent: author(engine, event),
                    private: event.private,
                    event: serde_json::from_str(event.body.get()).unwrap_or(Value::Null),
                }),
                _ => {}
            }
        }
    }
    (messages, receipts)
}

/// The user id of an agent; `None` is the consumer.
fn author(engine: &Engine, event: &Arc<Event>) -> Option<String> {
    event
        .author
        .who
        .agent()
        .map(|agent| engine.agents[agent].user_id.clone())
}

/// Statuses that the history keeps.
fn receipt_status(status: &str) -> Option<&'static str> {
    crate::generated::enums::DELIVERY_STATUS
        .iter()
        .find(|known| **known == status)
        .copied()
}

fn presences(engine: &Engine, presences: &[Presence]) -> Vec<LivePresence> {
    presences
        .iter()
        .map(|one| LivePresence {
            agent: engine.agents[one.agent].user_id.clone(),
            permission: one.role.name(),
            at: one.at,
            dialog: one.dialog,
        })
        .collect()
}

fn transfer(engine: &Engine, handover: &Handover) -> LiveTransfer {
    let user = |agent: usize| engine.agents[agent].user_id.clone();
    LiveTransfer {
        at: handover.at,
        reason: handover.reason,
        by: match handover.by {
            Who::Agent(agent) => user(agent),
            Who::Consumer(consumer) => engine.consumers[consumer].id.to_string(),
        },
        from_skill: handover.from_skill,
        to_skill: handover.to_skill,
        from_agent: handover.from_agent.map(user),
        to_agent: handover.to_agent.map(user),
    }
}

/// The engagement attributes that the brand's token vouched for, or that a connector set.
fn sdes(engine: &Engine, conversation: &Conversation) -> Vec<(i64, Value)> {
    let consumer = &engine.consumers[conversation.consumer];
    let at = consumer.profile_at.max(conversation.started);
    ["claims", "authenticatedData"]
        .into_iter()
        .filter_map(|member| consumer.profile.get(member)?.get("lp_sdes")?.as_array())
        .flatten()
        .map(|sde| (at, sde.clone()))
        .collect()
}
