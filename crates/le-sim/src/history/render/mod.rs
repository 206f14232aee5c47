//! The wire text of a conversation, in parts that an answer is put together from.

mod extras;
mod info;
mod instant;
mod messages;
mod people;
mod surveys;
mod values;

use bytes::Bytes;
use serde::Serialize;

use super::content::{Content, Part};
use super::conversation::Conversation;
use super::sde::SdeKind;

pub(super) use extras::{co_browse_list, sdes_as_text};
pub(super) use instant::Instant;

/// How a conversation is shown.
#[derive(Debug, Clone)]
pub(super) struct View<'a> {
    /// The account id, `info.brandId`.
    pub(super) account: &'a str,
    /// The time of the call; only open conversations show it (`info.duration`).
    pub(super) now: i64,
    /// Everything: all SDEs and the file previews (lookup by id), not the shortened form of the lists.
    pub(super) complete: bool,
    /// Leave out `allClassifications`.
    pub(super) selected_intent_only: bool,
    /// `cappingConfiguration`: how many events of a kind to show.
    pub(super) capping: Vec<Capping>,
}

/// One limit of `cappingConfiguration`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Capping {
    pub(super) kind: SdeKind,
    pub(super) most: usize,
    pub(super) newest_first: bool,
}

impl View<'_> {
    /// The form that the lists show when nothing special is asked for; only this one is worth keeping.
    pub(super) fn is_plain(&self) -> bool {
        !self.complete && !self.selected_intent_only && self.capping.is_empty()
    }
}

/// Rendered parts one behind the other.
///
/// The default sheet reads `,{"info":…,"campaign":…,…,"sdes":<v2>}` and then `,"sdes":<v1>}`: a record of the default
/// content in version 2 is one slice of it, separator included; in version 1 it is two.
#[derive(Debug)]
pub(super) struct Sheet {
    bytes: Bytes,
    /// Where each part ends; it begins where the one before ends.
    ends: [u32; 16],
}

/// Renders `info` and the rest of the default set.
pub(super) fn default_sheet(conversation: &Conversation, view: &View<'_>, scratch: &mut Vec<u8>) -> Sheet {
    scratch.clear();
    let mut ends = [0; 16];
    let shown = messages::shown(conversation, view);
    for (place, part) in Part::DEFAULT.into_iter().enumerate() {
        default_part(part, conversation, view, shown, scratch);
        ends[place] = length(scratch);
    }
    scratch.push(b'}');
    member(
        scratch,
        "sdes",
        &extras::Sdes {
            conversation,
            view,
            text: true,
            authenticated: true,
        },
    );
    ends[15] = length(scratch);
    scratch.push(b'}');
    Sheet {
        bytes: Bytes::copy_from_slice(scratch),
        ends,
    }
}

fn default_part(part: Part, conversation: &Conversation, view: &View<'_>, shown: usize, out: &mut Vec<u8>) {
    let key = part.key();
    match part {
        Part::Info => {
            out.extend_from_slice(b",{\"info\":");
            json(out, &info::info(conversation, view));
        }
        Part::Campaign => optional(out, key, conversation.campaign.as_ref().map(info::campaign)),
        Part::MessageRecords => member(
            out,
            key,
            &messages::Records {
                conversation,
                view,
                shown,
            },
        ),
        Part::MessageScores => member(out, key, &messages::Scores { conversation, shown }),
        Part::MessageStatuses => member(out, key, &messages::Statuses { conversation, shown }),
        Part::AgentParticipants => member(out, key, &people::joined(conversation)),
        Part::AgentParticipantsLeave => member(out, key, &people::left(conversation)),
        Part::AgentParticipantsActive => member(out, key, &people::active(conversation)),
        Part::ConsumerParticipants => member(out, key, &[people::consumer(conversation)]),
        Part::Transfers => member(out, key, &people::transfers(conversation)),
        Part::Interactions => member(out, key, &people::interactions(conversation)),
        Part::ConversationSurveys => member(out, key, &surveys::surveys(conversation)),
        Part::CoBrowseSessions => member(out, key, &extras::co_browse(conversation)),
        Part::Summary => optional(out, key, extras::summary(conversation)),
        _ => member(
            out,
            "sdes",
            &extras::Sdes {
                conversation,
                view,
                text: false,
                authenticated: true,
            },
        ),
    }
}

/// Renders what comes only on request.
pub(super) fn request_sheet(conversation: &Conversation, view: &View<'_>, scratch: &mut Vec<u8>) -> Sheet {
    scratch.clear();
    let mut ends = [0; 16];
    let shown = messages::shown(conversation, view);
    for (place, part) in Part::ON_REQUEST.into_iter().enumerate() {
        let key = part.key();
        match part {
            Part::UnAuthSdes => {
                member(
                    scratch,
                    key,
                    &extras::Sdes {
                        conversation,
                        view,
                        text: false,
                        authenticated: false,
                    },
                );
            }
            Part::Monitoring => optional(scratch, key, info::monitoring(conversation)),
            Part::ResponseTime => member(scratch, key, &extras::response_time(conversation)),
            Part::Dialogs => member(scratch, key, &extras::dialogs(conversation)),
            Part::SkillChanges => member(scratch, key, &extras::skill_changes(conversation)),
            Part::Intents => member(scratch, key, &extras::intents(conversation, view, shown)),
            Part::UniqueIntents => member(scratch, key, &extras::unique_intents(conversation)),
            Part::LatestAgentSurvey => {
                let survey = conversation.agent_survey.as_ref();
                optional(
                    scratch,
                    key,
                    survey.map(|survey| surveys::agent_survey(conversation, survey)),
                );
            }
            Part::PreviouslySubmittedAgentSurveys => {
                member(scratch, key, &surveys::previous_agent_surveys(conversation));
            }
            _ => member(scratch, key, &extras::page_views(conversation)),
        }
        ends[place] = length(scratch);
    }
    Sheet {
        bytes: Bytes::copy_from_slice(scratch),
        ends,
    }
}

impl Sheet {
    pub(super) fn text(&self) -> &[u8] {
        &self.bytes
    }

    /// Bytes of text.
    pub(super) fn length(&self) -> usize {
        self.bytes.len()
    }

    /// Another text of the same length whose parts end at the same places.
    pub(super) fn with_text(&self, text: Vec<u8>) -> Self {
        Self {
            bytes: Bytes::from(text),
            ends: self.ends,
        }
    }

    fn range(&self, place: usize) -> (usize, usize) {
        let begin = if place == 0 { 0 } else { self.ends[place - 1] as usize };
        (begin, self.ends[place] as usize)
    }

    /// Appends the record with the wanted parts: to be called on the default sheet. `first`: no separator before it.
    pub(super) fn record(&self, extras: Option<&Self>, content: Content, v2: bool, first: bool, out: &mut Vec<Bytes>) {
        let sdes = Part::DEFAULT.len() - 1;
        let before_sdes = self.ends[sdes - 1] as usize;
        let last_v2 = self.ends[sdes] as usize;
        if content == Content::DEFAULT {
            // The brace that closes version 2 follows its SDEs, the one that closes version 1 ends the sheet.
            if v2 {
                out.push(self.bytes.slice(usize::from(first)..=last_v2));
            } else {
                out.push(self.bytes.slice(usize::from(first)..before_sdes));
                out.push(self.bytes.slice(last_v2 + 1..));
            }
            return;
        }
        self.slices(&Part::DEFAULT[..sdes], content, usize::from(first), out);
        if content.has(Part::Sdes) {
            let range = if v2 {
                before_sdes..last_v2
            } else {
                last_v2 + 1..self.bytes.len() - 1
            };
            out.push(self.bytes.slice(range));
        }
        if let Some(extras) = extras {
            extras.slices(&Part::ON_REQUEST, content, 0, out);
        }
        out.push(Bytes::from_static(b"}"));
    }

    /// Appends the wanted parts, neighbours as one slice, without the first `skip` bytes of the sheet.
    fn slices(&self, parts: &[Part], content: Content, skip: usize, out: &mut Vec<Bytes>) {
        let mut pending = (skip, skip);
        for (place, part) in parts.iter().enumerate() {
            if !content.has(*part) {
                continue;
            }
            let (begin, end) = self.range(place);
            if begin.max(skip) == pending.1 {
                pending.1 = end.max(skip);
            } else {
                push(&self.bytes, pending, out);
                pending = (begin, end);
            }
        }
        push(&self.bytes, pending, out);
    }
}

fn push(bytes: &Bytes, (begin, end): (usize, usize), out: &mut Vec<Bytes>) {
    if begin < end {
        out.push(bytes.slice(begin..end));
    }
}

fn length(scratch: &[u8]) -> u32 {
    u32::try_from(scratch.len()).unwrap_or(u32::MAX)
}

/// `,"key":value`
fn member<T: Serialize + ?Sized>(out: &mut Vec<u8>, key: &str, value: &T) {
    out.extend_from_slice(b",\"");
    out.extend_from_slice(key.as_bytes());
    out.extend_from_slice(b"\":");
    json(out, value);
}

/// The member, or nothing.
fn optional<T: Serialize>(out: &mut Vec<u8>, key: &str, value: Option<T>) {
    if let Some(value) = value {
        member(out, key, &value);
    }
}

#[expect(
    clippy::expect_used,
    reason = "the rendered types have text keys and no failing Serialize, and a Vec takes all bytes"
)]
fn json<T: Serialize + ?Sized>(out: &mut Vec<u8>, value: &T) {
    serde_json::to_writer(out, value).expect("rendering to memory");
}
