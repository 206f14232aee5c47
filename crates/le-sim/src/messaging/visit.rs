//! What messaging and the visitor-side services know of each other: open conversations of an identity, agents that are there, and
//! attributes that belong to a conversation.

use std::{collections::BTreeMap, sync::Arc};

use serde_json::Value;

use super::engine::{Engine, NewConversation};
use crate::{
    attachments::WINDOW_MS,
    campaign,
    monitoring::{Kind, Reported},
    world::World,
};

/// A conversation that a visitor has already.
#[derive(Debug, Clone)]
pub(crate) struct OpenConversation {
    pub(crate) id: String,
    /// The engagement that it came of.
    pub(crate) engagement: Option<i64>,
    /// The context of that.
    pub(crate) context: Option<String>,
}

/// The newest open conversation of whoever has one of these keys: a consumer id, or the subject of an identity.
pub(crate) fn open_conversation_of(world: &World, keys: &[Arc<str>]) -> Option<OpenConversation> {
    if keys.is_empty() {
        return None;
    }
    let hub = world.messaging.hub();
    let engine = &hub.engine;
    let consumers = keys.iter().flat_map(|key| engine.known_as(key));
    let places = consumers.flat_map(|consumer| engine.consumers[consumer].conversations.iter().copied());
    let place = places.filter(|place| engine.conversations[*place].open).max()?;
    let conversation = &engine.conversations[place];
    let context = conversation.context.get("interactionContextId").and_then(Value::as_str);
    Some(OpenConversation {
        id: conversation.id.to_string(),
        engagement: campaign_id(conversation.campaign.as_ref(), "engagementId"),
        context: context.map(str::to_owned),
    })
}

/// An id of `campaignInfo`, which comes as text or as a number.
pub(super) fn campaign_id(campaign: Option<&Value>, member: &str) -> Option<i64> {
    match campaign?.get(member)? {
        Value::String(text) => text.trim().parse().ok(),
        number => number.as_i64(),
    }
}

/// Has a conversation that names no skill go where its engagement sends it.
pub(super) fn route(world: &World, opening: &mut NewConversation) {
    if opening.skill.as_deref().is_some_and(|skill| skill.trim() != "-1") {
        return;
    }
    let Some(id) = campaign_id(opening.campaign.as_ref(), "engagementId") else {
        return;
    };
    let campaigns = world.monitoring.campaigns();
    let skill = campaign::find(&campaigns, id).and_then(|(_, it)| it.skill);
    opening.skill = skill.map(|skill| skill.to_string()).or(opening.skill.take());
}

/// Whether an agent who takes this skill is online.
pub(crate) fn is_staffed(world: &World, skill: i64) -> bool {
    let hub = world.messaging.hub();
    hub.engine.agents.iter().any(|agent| {
        agent.availability == "ONLINE"
            && !agent.links.is_empty()
            && (skill == -1 || agent.skills.is_empty() || agent.skills.contains(&skill))
    })
}

/// How many conversations of this skill, or of any, wait for an agent.
pub(crate) fn waiting(world: &World, skill: Option<i64>) -> usize {
    let hub = world.messaging.hub();
    let of_skill = |place: &&usize| skill.is_none_or(|skill| hub.engine.conversations[**place].skill == skill);
    hub.engine.tasks.keys().filter(of_skill).count()
}

/// Has conversations shown anew in which somebody reported something since this was called last.
pub(super) fn notice_reports(world: &World, engine: &mut Engine) {
    for (key, at) in world.attachments.take() {
        engine.reported(&key, at);
    }
}

/// Attaches to a conversation what was reported within its window.
pub(super) fn attach(world: &World, engine: &mut Engine, place: usize) {
    let conversation = &engine.conversations[place];
    let consumer = &engine.consumers[conversation.consumer];
    let mut keys: Vec<&str> = vec![&consumer.id];
    keys.extend(consumer.subject.as_deref());
    let visitor = conversation.context.get("visitorId").and_then(Value::as_str);
    let from = conversation.started.saturating_sub(WINDOW_MS);
    let to = conversation
        .ended
        .map_or(i64::MAX, |ended| ended.saturating_add(WINDOW_MS));
    let found = world.monitoring.reported(&keys, visitor, from, to);
    let attributes = &mut engine.conversations[place].story.attributes;
    attributes.extend(found.into_iter().map(|one| (one.number, one)));
}

/// The attributes of a conversation as messaging keeps them: the newest one of a kind that replaces, all others of each kind.
pub(super) fn attached(attributes: &BTreeMap<u64, Arc<Reported>>) -> Vec<(i64, Value)> {
    let replaces = |kind: Kind| kind.attribute().messaging == "replace";
    let newest = |one: &Reported| {
        let last = attributes.values().rev().find(|other| other.kind == one.kind);
        last.is_some_and(|last| last.number == one.number)
    };
    attributes
        .values()
        .filter(|one| !replaces(one.kind) || newest(one))
        .map(|one| (one.at, one.value()))
        .collect()
}
