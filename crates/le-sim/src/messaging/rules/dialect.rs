//! Knobs for the look and the order of frames: each is a contradiction between sources, or a defect that clients met.

use serde::{Deserialize, Serialize};

/// How frames look and are ordered. The defaults are what most sources show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct DialectKnobs {
    /// Notifications that a request causes come before its response.
    pub response_after_notification: bool,
    /// An array with one element is sent as that element (`changes`, `dialogs`, `ringsDetails`, `sequenceList` stay lists
    /// otherwise).
    pub single_element_bare: bool,
    /// `lastContentEventNotification` is missing, as a race of the server makes it at times.
    pub no_last_content_event: bool,
    /// `participantsPId` lacks a participant that `participants` has.
    pub missing_pid: bool,
    /// Both maps, and the details of the dialogs, carry public ids, as in one payload of the vendor.
    pub pids_everywhere: bool,
    /// No `numberOfunreadMessages`, as on some servers.
    pub no_unread_counts: bool,
    /// No `sentTs`, as on older servers.
    pub no_sent_ts: bool,
    /// Events carry no `conversationId`, as in old payloads.
    pub no_conversation_id: bool,
    /// Events without metadata carry `"metadata": null`.
    pub null_metadata: bool,
    /// `campaignId` and `engagementId` are numbers where they can be.
    pub numeric_campaign: bool,
    /// Consumers get the map `participantsPId` of 2017 instead of the array `participants`.
    pub consumer_participants_map: bool,
    /// Managers are sent events of conversations that they take no part in: clients are told to filter by what they know.
    pub stray_events: bool,
    /// One counter of sequences for the whole conversation, as two pages say, instead of one for each dialog.
    pub sequence_per_conversation: bool,
    /// `newerThanSequence` excludes the sequence it names.
    pub exclusive_lower_bound: bool,
    /// Rings are also sent as the deprecated `.ams.routing.RingUpdated`.
    pub legacy_rings: bool,
    /// A ring that another agent took is a change `DELETE`; otherwise an `UPSERT` with `CANCELLED`.
    pub taken_ring_is_deleted: bool,
    /// The answer to a message subscription is `.ams.GenericSubscribeResponse`.
    pub dotted_subscribe_answer: bool,
    /// File URL answers of consumers are `ms.GenerateURLResponse`.
    pub short_url_answer: bool,
    /// `.GetClock` on a consumer socket is answered instead of closing it.
    pub dotted_clock_for_consumers: bool,
    /// What happens to a frame that is not JSON.
    pub malformed_json: MalformedJson,
}

impl Default for DialectKnobs {
    fn default() -> Self {
        Self {
            response_after_notification: false,
            single_element_bare: false,
            no_last_content_event: false,
            missing_pid: false,
            pids_everywhere: false,
            no_unread_counts: false,
            no_sent_ts: false,
            no_conversation_id: false,
            null_metadata: false,
            numeric_campaign: false,
            consumer_participants_map: false,
            stray_events: false,
            sequence_per_conversation: false,
            exclusive_lower_bound: false,
            legacy_rings: false,
            taken_ring_is_deleted: false,
            dotted_subscribe_answer: false,
            short_url_answer: false,
            dotted_clock_for_consumers: false,
            malformed_json: MalformedJson::Close,
        }
    }
}

/// What the server does with a frame that is not JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum MalformedJson {
    /// Closes with 1007.
    Close,
    /// Does nothing.
    Ignore,
    /// Answers with code 400 and no `reqId`.
    Answer,
}

/// What happens to open sockets whose token was revoked or ran out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum TokenInvalidation {
    /// Closes with 4401, or 4407 for anonymous consumers, as documented.
    #[default]
    Close,
    /// Drops the connection without a close frame, so that the client sees 1006: an open bug of the vendor.
    Abort,
    /// Leaves the socket open; only the next handshake is refused.
    StaysOpen,
}
