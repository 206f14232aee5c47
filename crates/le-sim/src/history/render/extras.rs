//! Everything else: SDEs, dialogs, summary, intents, co-browsing, response time, skill changes, page views.

use serde::ser::{Serialize, SerializeMap, SerializeStruct, Serializer};
use serde_json::{Value, json};

use super::super::conversation::{Classification, Conversation};
use super::super::sde::{Rendered, SdeEvent, SdeKind};
use super::values::{List, MessageId};
use super::{Capping, Instant, View};

/// `sdes` or `unAuthSdes`.
pub(super) struct Sdes<'a> {
    pub(super) conversation: &'a Conversation,
    pub(super) view: &'a View<'a>,
    /// Version 1: every scalar is text.
    pub(super) text: bool,
    pub(super) authenticated: bool,
}

impl Serialize for Sdes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let events = if self.authenticated {
            &self.conversation.sdes
        } else {
            &self.conversation.unauthenticated_sdes
        };
        let mut object = serializer.serialize_struct("Sdes", 1)?;
        let shown = shown(events, self.view);
        object.serialize_field("events", &List(shown.iter().map(|event| self.event(event))))?;
        object.end()
    }
}

impl Sdes<'_> {
    fn event<'a>(&self, event: &'a SdeEvent) -> WireSde<'a> {
        WireSde {
            event,
            text: self.text,
            authenticated: self.authenticated,
        }
    }
}

/// Lists show the last event of each kind, the lookup by id shows all; `cappingConfiguration` overrides both.
fn shown<'a>(events: &'a [SdeEvent], view: &View<'_>) -> Vec<&'a SdeEvent> {
    let capped = |kind| view.capping.iter().find(|capping| capping.kind == kind);
    let mut shown: Vec<&SdeEvent> = events
        .iter()
        .enumerate()
        .filter(|(place, event)| {
            let last = !events[place + 1..].iter().any(|later| later.kind == event.kind);
            capped(event.kind).is_none() && (view.complete || last)
        })
        .map(|(_, event)| event)
        .collect();
    for Capping {
        kind,
        most,
        newest_first,
    } in &view.capping
    {
        let of_kind = events.iter().filter(|event| event.kind == *kind);
        if *newest_first {
            shown.extend(of_kind.rev().take(*most));
        } else {
            shown.extend(of_kind.take(*most));
        }
    }
    shown
}

struct WireSde<'a> {
    event: &'a SdeEvent,
    text: bool,
    authenticated: bool,
}

impl Serialize for WireSde<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(None)?;
        object.serialize_entry("sdeType", self.event.kind.sde_type())?;
        object.serialize_entry("serverTimeStamp", &self.stamp(self.event.server_time))?;
        if !self.authenticated {
            object.serialize_entry("isAuthenticated", &false)?;
        }
        object.serialize_entry(self.event.kind.payload(), &Payload(self))?;
        object.end()
    }
}

impl WireSde<'_> {
    fn stamp(&self, time: i64) -> Stamp {
        Stamp {
            time,
            text: self.text || self.event.text_times,
        }
    }
}

/// Epoch milliseconds, as text in version 1.
struct Stamp {
    time: i64,
    text: bool,
}

impl Serialize for Stamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.text {
            serializer.collect_str(&self.time)
        } else {
            serializer.serialize_i64(self.time)
        }
    }
}

/// The payload: timestamps, then the fields beside them or in an inner object of the same name.
struct Payload<'a>(&'a WireSde<'a>);

impl Serialize for Payload<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let event = self.0.event;
        let mut object = serializer.serialize_map(None)?;
        object.serialize_entry("serverTimeStamp", &self.0.stamp(event.server_time))?;
        object.serialize_entry("originalTimeStamp", &self.0.stamp(event.original_time))?;
        if event.kind.double_nested() {
            object.serialize_entry(event.kind.payload(), &Fields(self.0))?;
        } else {
            for (key, node) in &event.fields {
                object.serialize_entry(
                    key,
                    &Rendered {
                        node,
                        text: self.0.text,
                    },
                )?;
            }
        }
        object.end()
    }
}

struct Fields<'a>(&'a WireSde<'a>);

impl Serialize for Fields<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = self.0.text;
        serializer.collect_map(
            self.0
                .event
                .fields
                .iter()
                .map(|(key, node)| (key, Rendered { node, text })),
        )
    }
}

impl SdeKind {
    /// The kind that `cappingConfiguration` names; the enriched variants mean the same events here.
    pub(in crate::history) fn from_capping(name: &str) -> Option<Self> {
        let name = name.strip_suffix("Enriched").unwrap_or(name);
        Self::ALL.into_iter().find(|kind| kind.capping() == name)
    }
}

#[derive(serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireSummary<'a> {
    text: &'a str,
    last_updated_time: i64,
}

pub(super) fn summary(conversation: &Conversation) -> Option<WireSummary<'_>> {
    let summary = conversation.summary.as_ref()?;
    Some(WireSummary {
        text: &summary.text,
        last_updated_time: summary.updated,
    })
}

pub(super) fn response_time(conversation: &Conversation) -> Value {
    let response = &conversation.response_time;
    json!({
        "latestEffectiveResponseDueTime": response.due.unwrap_or(-1),
        "configuredResponseTime": response.configured,
    })
}

/// Dialogs, for conversations from after dialogs were introduced.
pub(super) fn dialogs(conversation: &Conversation) -> Value {
    let dialogs = conversation
        .dialogs
        .iter()
        .filter(|_| !conversation.before_dialogs)
        .map(|dialog| {
            let mut wire = json!({
                "dialogId": dialog.id,
                "status": if dialog.end.is_some() { "CLOSE" } else { "OPEN" },
                "dialogType": if dialog.survey.is_some() { "POST_SURVEY" } else { "MAIN" },
                "dialogChannelType": "MESSAGING",
                "startTime": Instant(dialog.start),
                "startTimeL": dialog.start,
                "skillId": dialog.skill.id,
                "skillName": dialog.skill.name,
            });
            if let Some(end) = dialog.end {
                wire["endTime"] = json!(Instant(end));
                wire["endTimeL"] = json!(end);
            }
            if let Some((reason, description)) = dialog.close_reason {
                wire["closeReason"] = json!(reason);
                wire["closeReasonDescription"] = json!(description);
            }
            wire
        });
    Value::Array(dialogs.collect())
}

/// The pages name this part and give no shape: the members are ours.
pub(super) fn skill_changes(conversation: &Conversation) -> Value {
    let changes = conversation.skill_changes.iter().map(|change| {
        json!({
            "time": Instant(change.time), "timeL": change.time, "reason": change.reason,
            "sourceSkillId": change.source.id, "sourceSkillName": change.source.name,
            "targetSkillId": change.target.id, "targetSkillName": change.target.name,
        })
    });
    Value::Array(changes.collect())
}

fn classification(classification: &Classification) -> Value {
    json!({
        "intentName": classification.name,
        "intentLabel": classification.label,
        "confidenceScore": f64::from(classification.confidence) / 1000.0,
        "versions": [{"modelName": "intents-en", "modelVersion": "2.0"}],
    })
}

pub(super) fn intents(conversation: &Conversation, view: &View<'_>, shown: usize) -> Value {
    let intents = conversation
        .intents
        .iter()
        .filter(|intent| intent.message < shown)
        .map(|intent| {
            let selected = classification(&intent.selected);
            let mut wire = json!({
                "messageId": MessageId { conversation, message: intent.message }, "selectedClassification": selected,
            });
            if !view.selected_intent_only {
                let all = std::iter::once(selected).chain(intent.others.iter().map(classification));
                wire["allClassifications"] = Value::Array(all.collect());
            }
            wire
        });
    Value::Array(intents.collect())
}

pub(super) fn unique_intents(conversation: &Conversation) -> Value {
    let mut unique: Vec<(&str, &str)> = Vec::new();
    for intent in &conversation.intents {
        let entry = (intent.selected.name.as_str(), intent.selected.label);
        if !unique.contains(&entry) {
            unique.push(entry);
        }
    }
    unique
        .into_iter()
        .map(|(name, label)| json!({"intentName": name, "intentLabel": label}))
        .collect()
}

#[derive(serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CoBrowseSessions {
    co_browse_sessions_list: Vec<Value>,
}

pub(super) fn co_browse(conversation: &Conversation) -> CoBrowseSessions {
    CoBrowseSessions {
        co_browse_sessions_list: co_browse_list(conversation),
    }
}

/// One entry for each time that agent and consumer looked at a page together.
pub(in crate::history) fn co_browse_list(conversation: &Conversation) -> Vec<Value> {
    let sessions = conversation.co_browse.iter().map(|session| {
        let mut wire = json!({
            "sessionId": session.id,
            "startTime": Instant(session.start), "startTimeL": session.start,
            "endTime": Instant(session.end), "endTimeL": session.end,
            "interactive": session.interactive.is_some(),
            "endReason": session.end_reason,
            "duration": session.end - session.start,
            "type": if session.in_app { "inApp" } else { "web" },
            "capabilities": ["AGENT_APP_CONTROL", "CONSUMER_VOICE_CONNECTION"],
        });
        if let Some(interactive) = session.interactive {
            wire["interactiveTime"] = json!(Instant(interactive));
            wire["interactiveTimeL"] = json!(interactive);
        }
        if let Some(agent) = &session.agent {
            wire["agentId"] = json!(agent.id);
        }
        wire
    });
    sessions.collect()
}

/// All engagement attributes with every scalar as text, as Engagement History has them.
pub(in crate::history) fn sdes_as_text(conversation: &Conversation) -> Value {
    let events = [(&conversation.sdes, true), (&conversation.unauthenticated_sdes, false)];
    let events = events.into_iter().flat_map(|(events, authenticated)| {
        events.iter().map(move |event| {
            serde_json::to_value(WireSde {
                event,
                text: true,
                authenticated,
            })
            .unwrap_or_default()
        })
    });
    json!({ "events": events.collect::<Vec<_>>() })
}

pub(super) fn page_views(conversation: &Conversation) -> Value {
    let views = conversation.page_views.iter().map(|view| {
        let sections: Vec<&str> = Some(view.section)
            .filter(|section| !section.is_empty())
            .into_iter()
            .collect();
        json!({
            "page": view.page, "title": view.title, "referrer": view.referrer, "sections": sections,
            "visitTime": view.time,
        })
    });
    Value::Array(views.collect())
}
