//! Participants, transfers, interactions.

use serde::Serialize;

use super::super::cast::AgentCard;
use super::super::conversation::{Conversation, Participation};
use super::Instant;
use super::values::{List, dialog_id};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Participant<'a> {
    agent_id: &'a str,
    agent_pid: &'a str,
    agent_full_name: &'a str,
    agent_nickname: &'a str,
    agent_login_name: &'a str,
    agent_deleted: bool,
    user_type: &'static str,
    user_type_name: &'static str,
    role: &'static str,
    permission: &'static str,
    agent_group_id: i64,
    agent_group_name: &'a str,
    time: Instant,
    time_l: i64,
    dialog_id: &'a str,
}

fn participant<'a>(conversation: &'a Conversation, participation: &'a Participation) -> Participant<'a> {
    let agent = &*participation.agent;
    Participant {
        agent_id: &agent.id,
        agent_pid: &agent.pid,
        agent_full_name: &agent.full_name,
        agent_nickname: &agent.nickname,
        agent_login_name: &agent.login_name,
        agent_deleted: agent.deleted,
        user_type: agent.user_type.code(),
        user_type_name: agent.user_type.name(),
        role: "AGENT",
        permission: participation.permission,
        agent_group_id: agent.group_id,
        agent_group_name: &agent.group_name,
        time: Instant(participation.time),
        time_l: participation.time,
        dialog_id: dialog_id(conversation, participation.dialog),
    }
}

pub(super) fn joined(conversation: &Conversation) -> impl Serialize {
    List(conversation.joins.iter().map(|join| participant(conversation, join)))
}

pub(super) fn left(conversation: &Conversation) -> impl Serialize {
    List(conversation.leaves.iter().map(|leave| participant(conversation, leave)))
}

/// Who is in an open conversation now: joined, and not left after that. Nobody is in a closed one.
pub(super) fn active(conversation: &Conversation) -> impl Serialize {
    let open = conversation.is_open();
    let stayed = move |join: &&Participation| {
        let leaves = conversation.leaves.iter();
        open && !leaves
            .clone()
            .any(|leave| leave.agent.id == join.agent.id && leave.time >= join.time)
    };
    List(
        conversation
            .joins
            .iter()
            .filter(stayed)
            .map(|join| participant(conversation, join)),
    )
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ConsumerParticipant<'a> {
    participant_id: &'a str,
    first_name: &'a str,
    last_name: &'a str,
    consumer_name: &'a str,
    email: &'a str,
    phone: &'a str,
    token: &'static str,
    #[serde(rename = "avatarURL")]
    avatar_url: &'a str,
    time: Instant,
    time_l: i64,
    join_time: Instant,
    join_time_l: i64,
    dialog_id: &'a str,
}

/// The consumer, with LiveEngage's spellings for what is not known: `"undefined"`, and `"0"` for a phone.
pub(super) fn consumer(conversation: &Conversation) -> ConsumerParticipant<'_> {
    let consumer = &*conversation.consumer;
    let joined = conversation.start + 10;
    ConsumerParticipant {
        participant_id: &consumer.id,
        first_name: &consumer.given_name,
        last_name: consumer.family_name.as_deref().unwrap_or("undefined"),
        consumer_name: &consumer.given_name,
        email: consumer.email.as_deref().unwrap_or("undefined"),
        phone: consumer.phone.as_deref().unwrap_or("0"),
        token: "undefined",
        avatar_url: consumer.avatar.as_deref().unwrap_or("undefined"),
        time: Instant(joined),
        time_l: joined,
        join_time: Instant(joined),
        join_time_l: joined,
        dialog_id: dialog_id(conversation, 0),
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WireTransfer<'a> {
    time: Instant,
    time_l: i64,
    /// The text `"null"` when the transfer names no agent.
    assigned_agent_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    assigned_agent_full_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    assigned_agent_login_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    assigned_agent_nickname: Option<&'a str>,
    target_skill_id: i64,
    target_skill_name: &'a str,
    reason: &'static str,
    by: &'a str,
    source_skill_id: i64,
    source_skill_name: &'a str,
    source_agent_id: &'a str,
    source_agent_full_name: &'a str,
    source_agent_login_name: &'a str,
    source_agent_nickname: Option<&'a str>,
    dialog_id: &'a str,
}

pub(super) fn transfers(conversation: &Conversation) -> impl Serialize {
    List(conversation.transfers.iter().map(|transfer| {
        let target: Option<&AgentCard> = transfer.target_agent.as_deref();
        let source: Option<&AgentCard> = transfer.source_agent.as_deref();
        WireTransfer {
            time: Instant(transfer.time),
            time_l: transfer.time,
            assigned_agent_id: target.map_or("null", |agent| &agent.id),
            assigned_agent_full_name: target.map(|agent| agent.full_name.as_str()),
            assigned_agent_login_name: target.map(|agent| agent.login_name.as_str()),
            assigned_agent_nickname: target.map(|agent| agent.nickname.as_str()),
            target_skill_id: transfer.target_skill.id,
            target_skill_name: &transfer.target_skill.name,
            reason: transfer.reason,
            by: &transfer.by,
            source_skill_id: transfer.source_skill.id,
            source_skill_name: &transfer.source_skill.name,
            source_agent_id: source.map_or("null", |agent| &agent.id),
            source_agent_full_name: source.map_or("NA", |agent| &agent.full_name),
            source_agent_login_name: source.map_or("NA", |agent| &agent.login_name),
            source_agent_nickname: source.map(|agent| agent.nickname.as_str()),
            dialog_id: dialog_id(conversation, 0),
        }
    }))
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WireInteraction<'a> {
    interactive_sequence: usize,
    assigned_agent_id: &'a str,
    assigned_agent_full_name: &'a str,
    assigned_agent_login_name: &'a str,
    assigned_agent_nickname: &'a str,
    interaction_time: Instant,
    interaction_time_l: i64,
    dialog_id: &'a str,
}

pub(super) fn interactions(conversation: &Conversation) -> impl Serialize {
    List(
        conversation
            .interactions
            .iter()
            .enumerate()
            .map(|(place, interaction)| WireInteraction {
                interactive_sequence: place + 1,
                assigned_agent_id: &interaction.agent.id,
                assigned_agent_full_name: &interaction.agent.full_name,
                assigned_agent_login_name: &interaction.agent.login_name,
                assigned_agent_nickname: &interaction.agent.nickname,
                interaction_time: Instant(interaction.time),
                interaction_time_l: interaction.time,
                dialog_id: dialog_id(conversation, 0),
            }),
    )
}
