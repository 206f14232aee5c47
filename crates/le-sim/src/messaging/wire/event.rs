//! Message events as either side sees them.

use std::sync::Arc;

use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use crate::messaging::{
    engine::{Event, Version},
    rules::DialectKnobs,
};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct EventView<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    sequence: Option<i64>,
    originator_id: &'a str,
    #[serde(rename = "originatorPId", skip_serializing_if = "Option::is_none")]
    originator_pid: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    originator_client_properties: Option<&'a RawValue>,
    originator_metadata: Originator<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    server_timestamp: Option<i64>,
    event: &'a RawValue,
    #[serde(skip_serializing_if = "Option::is_none")]
    conversation_id: Option<&'a str>,
    dialog_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    message_audience: Option<&'static str>,
    /// The outer option: whether the member is there; the inner: `null`.
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata: Option<Option<&'a RawValue>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Originator<'a> {
    id: &'a str,
    role: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_properties: Option<&'a RawValue>,
}

/// An event for agents or for consumers.
pub(super) fn view<'a>(event: &'a Event, version: Version, knobs: &DialectKnobs) -> EventView<'a> {
    let stored = event.sequence.is_some();
    let properties = event.author.properties.as_deref();
    let agent = version.is_agent();
    let own = event.metadata.as_deref();
    EventView {
        sequence: event.sequence,
        originator_id: if agent { &event.author.id } else { &event.author.pid },
        originator_pid: agent.then_some(&*event.author.pid),
        originator_client_properties: properties.filter(|_| agent),
        originator_metadata: Originator {
            id: &event.author.pid,
            role: event.author.role.name(),
            client_properties: properties,
        },
        server_timestamp: event.at,
        event: &event.body,
        conversation_id: (!knobs.no_conversation_id).then_some(&*event.conversation),
        dialog_id: &event.dialog,
        message_audience: (agent && stored).then_some(if event.private { "AGENTS_AND_MANAGERS" } else { "ALL" }),
        metadata: match own {
            Some(metadata) => Some(Some(metadata)),
            None => (knobs.null_metadata && stored).then_some(None),
        },
    }
}

/// A list of events.
pub(super) struct Events<'a> {
    pub(super) events: &'a [Arc<Event>],
    pub(super) version: Version,
    pub(super) knobs: &'a DialectKnobs,
}

impl Serialize for Events<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.events.iter().map(|event| view(event, self.version, self.knobs)))
    }
}
