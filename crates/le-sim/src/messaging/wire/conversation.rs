//! A whole conversation as either side sees it.

use serde::{Serialize, Serializer};
use serde_json::{Map, Value, value::RawValue};

use super::event::{self, EventView};
use crate::messaging::{
    engine::{Conversation, Dialog, Engine, Role, Version, Who},
    rules::DialectKnobs,
};

/// `result` of a change.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ConversationView<'a> {
    conv_id: &'a str,
    #[serde(rename = "effectiveTTR")]
    effective_ttr: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_update_time: Option<i64>,
    // The lower-case u is the vendor's.
    #[serde(rename = "numberOfunreadMessages", skip_serializing_if = "Option::is_none")]
    unread: Option<Pairs<'a, usize>>,
    conversation_details: Details<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_content_event_notification: Option<EventView<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Details<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    conv_id: Option<&'a str>,
    skill_id: String,
    brand_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    participants: Option<Participants<'a>>,
    #[serde(rename = "participantsPId", skip_serializing_if = "Option::is_none")]
    participants_pid: Option<Pairs<'a, Vec<&'a str>>>,
    dialogs: Vec<DialogView<'a>>,
    state: &'static str,
    stage: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    close_reason: Option<&'static str>,
    start_ts: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_ts: Option<i64>,
    meta_data_last_update_ts: i64,
    first_conversation: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    csat_rate: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    csat: Option<CsatView<'a>>,
    ttr: TtrView<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    delay: Option<DelayView<'a>>,
    #[serde(rename = "manualETTR", skip_serializing_if = "Option::is_none")]
    manual_ettr: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    topic: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    campaign_info: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    context: Option<Context<'a>>,
    conversation_handler_details: Handler<'a>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Participants<'a> {
    Map(Pairs<'a, Vec<&'a str>>),
    List(Vec<Person<'a>>),
}

#[derive(Serialize)]
struct Person<'a> {
    id: &'a str,
    role: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<&'static str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DialogView<'a> {
    dialog_id: &'a str,
    participants_details: Vec<Person<'a>>,
    dialog_type: &'static str,
    channel_type: &'static str,
    #[serde(skip_serializing_if = "Map::is_empty")]
    meta_data: &'a Map<String, Value>,
    state: &'static str,
    creation_ts: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_ts: Option<i64>,
    meta_data_last_update_ts: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    closed_by: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    closed_cause: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CsatView<'a> {
    csat_rate: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    csat_resolution_confirmation: Option<bool>,
    status: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TtrView<'a> {
    ttr_type: &'a str,
    value: i64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DelayView<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    till_when: i64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Context<'a> {
    #[serde(flatten)]
    given: &'a Map<String, Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_properties: Option<&'a RawValue>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Handler<'a> {
    account_id: &'a str,
    skill_id: String,
}

/// An object whose members are made at run time.
struct Pairs<'a, T>(Vec<(&'a str, T)>);

impl<T: Serialize> Serialize for Pairs<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(key, value)| (key, value)))
    }
}

const fn state(open: bool) -> &'static str {
    if open { "OPEN" } else { "CLOSE" }
}

/// The view of a conversation for one version of the protocol.
pub(super) fn view<'a>(
    engine: &'a Engine,
    conversation: &'a Conversation,
    version: Version,
    knobs: &DialectKnobs,
) -> ConversationView<'a> {
    let agent = version.is_agent();
    ConversationView {
        conv_id: &conversation.id,
        effective_ttr: engine.effective_ttr(conversation),
        last_update_time: agent.then_some(conversation.updated),
        unread: (agent && !knobs.no_unread_counts).then(|| unread(engine, conversation)),
        conversation_details: details(engine, conversation, version, knobs),
        last_content_event_notification: conversation
            .last_content
            .as_deref()
            .filter(|_| !knobs.no_last_content_event)
            .map(|last| event::view(last, version, knobs)),
    }
}

fn unread<'a>(engine: &'a Engine, conversation: &'a Conversation) -> Pairs<'a, usize> {
    let people = conversation
        .main()
        .participants
        .iter()
        .filter(|person| !person.suggested);
    Pairs(
        people
            .map(|person| (&**engine.old_id(person.who), person.unread.len()))
            .collect(),
    )
}

fn details<'a>(
    engine: &'a Engine,
    conversation: &'a Conversation,
    version: Version,
    knobs: &DialectKnobs,
) -> Details<'a> {
    let agent = version.is_agent();
    let people = conversation.participants();
    let as_map = !agent && knobs.consumer_participants_map;
    let mut pids = by_role(&people, |who| engine.pid(who));
    if knobs.missing_pid {
        pids.0.pop();
    }
    let participants = if agent {
        let ids = |who| {
            if knobs.pids_everywhere {
                engine.pid(who)
            } else {
                engine.old_id(who)
            }
        };
        Some(Participants::Map(by_role(&people, ids)))
    } else {
        (!as_map).then(|| {
            Participants::List(
                people
                    .iter()
                    .map(|(who, role)| person(engine.pid(*who), *role))
                    .collect(),
            )
        })
    };
    Details {
        conv_id: agent.then_some(&*conversation.id),
        skill_id: conversation.skill.to_string(),
        brand_id: &engine.brand,
        participants,
        participants_pid: (agent || as_map).then_some(pids),
        dialogs: conversation
            .dialogs
            .iter()
            .map(|one| dialog(engine, one, version, knobs))
            .collect(),
        state: state(conversation.open),
        stage: state(conversation.stage_open),
        close_reason: conversation.close_reason,
        start_ts: conversation.started,
        end_ts: conversation.ended,
        meta_data_last_update_ts: conversation.updated,
        first_conversation: conversation.first,
        csat_rate: agent.then(|| conversation.csat.as_ref().map_or(0, |csat| csat.rate)),
        csat: conversation.csat.as_ref().map(|csat| CsatView {
            csat_rate: csat.rate,
            csat_resolution_confirmation: csat.resolved,
            status: &csat.status,
        }),
        ttr: TtrView {
            ttr_type: &conversation.ttr.kind,
            value: conversation.ttr.value,
        },
        delay: conversation.delay.as_ref().map(|delay| DelayView {
            kind: &delay.kind,
            till_when: delay.till,
        }),
        manual_ettr: conversation.manual_ettr,
        note: agent.then_some(conversation.note.as_str()),
        topic: conversation.topic.as_deref().filter(|_| agent),
        campaign_info: conversation
            .campaign
            .as_ref()
            .map(|campaign| campaign_info(campaign, knobs)),
        context: context(conversation),
        conversation_handler_details: Handler {
            account_id: &engine.brand,
            skill_id: conversation.skill.to_string(),
        },
    }
}

fn context(conversation: &Conversation) -> Option<Context<'_>> {
    let empty = conversation.context.is_empty() && conversation.properties.is_none();
    (!empty).then_some(Context {
        given: &conversation.context,
        client_properties: conversation.properties.as_deref(),
    })
}

/// Ids as text or as numbers, as the knob says; both are seen.
fn campaign_info(campaign: &Value, knobs: &DialectKnobs) -> Value {
    let mut info = campaign.clone();
    if let Some(members) = info.as_object_mut().filter(|_| knobs.numeric_campaign) {
        for value in members.values_mut() {
            if let Some(number) = value.as_str().and_then(|text| text.parse::<i64>().ok()) {
                *value = number.into();
            }
        }
    }
    info
}

fn by_role<'a>(people: &[(Who, Role)], id: impl Fn(Who) -> &'a std::sync::Arc<str>) -> Pairs<'a, Vec<&'a str>> {
    let mut roles: Vec<(&'a str, Vec<&'a str>)> = Vec::with_capacity(4);
    for (who, role) in people {
        let id: &'a str = id(*who);
        match roles.iter_mut().find(|(name, _)| *name == role.name()) {
            Some((_, ids)) => ids.push(id),
            None => roles.push((role.name(), vec![id])),
        }
    }
    Pairs(roles)
}

fn person<'a>(id: &'a str, role: Role) -> Person<'a> {
    Person {
        id,
        role: role.name(),
        state: None,
    }
}

fn dialog<'a>(engine: &'a Engine, dialog: &'a Dialog, version: Version, knobs: &DialectKnobs) -> DialogView<'a> {
    let details = dialog
        .participants
        .iter()
        .filter(|one| !one.suggested || version == Version::Agent21)
        .map(|one| {
            let pids = !version.is_agent() || knobs.pids_everywhere && !one.suggested;
            let mut it = person(
                if pids {
                    engine.pid(one.who)
                } else {
                    engine.old_id(one.who)
                },
                one.role,
            );
            // Version 2.0 knows no states.
            it.state = (version != Version::Agent20).then_some(if one.suggested { "SUGGESTED" } else { "ACTIVE" });
            it
        });
    DialogView {
        dialog_id: &dialog.id,
        participants_details: details.collect(),
        dialog_type: dialog.kind.name(),
        channel_type: dialog.kind.channel(),
        meta_data: &dialog.metadata,
        state: state(dialog.open),
        creation_ts: dialog.started,
        end_ts: dialog.ended,
        meta_data_last_update_ts: dialog.updated,
        closed_by: dialog.closed_by.as_deref(),
        closed_cause: dialog.closed_cause.as_deref(),
    }
}
