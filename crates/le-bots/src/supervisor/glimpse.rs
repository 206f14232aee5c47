//! A first look at what came, which tells whether all of it is to be decoded.
//!
//! Each message changes the times of its conversation, and mostly nothing else. The new state is then kept as it came, and decoded
//! when somebody wants to see it. What the link itself acts upon is read here: when it changed, and the last event.
//!
//! A frame is read once: its text is gone through in one go, with what is wanted of the body. Whatever is in any way unusual is left to
//! the whole decoding, which loses nothing.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use le_core::Timestamp;
use serde::Deserialize;
use serde::de::{Deserializer, Error as _, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::connection::{Came, Incoming, NOTIFICATION};
use crate::conversation::{ChangeKind, Conversation};
use crate::event::{DialogEvent, Event, EventType};
use crate::identity::AgentIdentity;
use crate::notification::News;

/// Longer texts are not kept.
const LONGEST: usize = 32 * 1024;

/// The name of a notification that begins as servers write it; others are read whole.
pub(super) fn name_of(text: &str) -> Option<&str> {
    let rest = text.strip_prefix(NOTIFICATION)?.strip_prefix(r#""type":""#)?;
    rest.split_once('"').map(|(name, _)| name)
}

/// A notification, of which is wanted what `B` holds.
#[derive(Deserialize)]
struct Frame<B> {
    body: B,
}

fn body<'a, B: Deserialize<'a>>(text: &'a str) -> Option<B> {
    let frame: Frame<B> = serde_json::from_str(text).ok()?;
    Some(frame.body)
}

#[derive(Deserialize)]
struct Body<'a> {
    #[serde(rename = "subscriptionId")]
    subscription: &'a str,
    #[serde(borrow)]
    changes: [Change<'a>; 1],
}

#[derive(Deserialize)]
struct Change<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    #[serde(borrow)]
    result: State<'a>,
}

#[derive(Deserialize)]
struct State<'a> {
    #[serde(rename = "convId")]
    id: &'a str,
    #[serde(borrow, rename = "conversationDetails")]
    details: Details<'a>,
    #[serde(borrow, rename = "lastContentEventNotification")]
    last: Option<Last<'a>>,
}

/// The members of the details.
struct Details<'a> {
    first_name: &'a str,
    last_value: &'a RawValue,
    /// The value of `metaDataLastUpdateTs`.
    updated: &'a RawValue,
}

impl<'de: 'a, 'a> Deserialize<'de> for Details<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Details<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the details of a conversation")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
                const TIME: &str = "metaDataLastUpdateTs";
                let (mut first, mut last, mut updated) = (None, None, None);
                while let Some((name, value)) = members.next_entry::<&'de str, &'de RawValue>()? {
                    first.get_or_insert(name);
                    last = Some(value);
                    if name == TIME && updated.replace(value).is_some() {
                        return Err(A::Error::duplicate_field(TIME));
                    }
                }
                let (Some(first_name), Some(last_value), Some(updated)) = (first, last, updated) else {
                    return Err(A::Error::missing_field(TIME));
                };
                Ok(Details {
                    first_name,
                    last_value,
                    updated,
                })
            }
        }
        deserializer.deserialize_map(Members)
    }
}

#[derive(Deserialize)]
struct Last<'a> {
    #[serde(rename = "dialogId")]
    dialog: &'a str,
    sequence: i64,
    #[serde(borrow)]
    event: Content<'a>,
}

#[derive(Deserialize)]
struct Content<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
}

/// One state of one conversation, which came by itself.
#[derive(Debug)]
pub(super) struct Glimpse<'a> {
    pub(super) subscription: &'a str,
    pub(super) conversation: &'a str,
    pub(super) updated: Timestamp,
    /// Dialog and sequence of the last event.
    pub(super) last: Option<(&'a str, i64)>,
    /// Where the members of the details stand in the text.
    details: Range<usize>,
    /// Where among them their time stands.
    time: Range<usize>,
}

impl<'a> Glimpse<'a> {
    /// Looks at a notification of conversations. `None` where it is in any way unusual: it is to be decoded then.
    pub(super) fn of(text: &'a str) -> Option<Self> {
        if text.len() > LONGEST {
            return None;
        }
        let body: Body<'a> = body(text)?;
        let [Change { kind, result }] = body.changes;
        if kind != ChangeKind::Upsert.as_str() {
            return None;
        }
        let details = result.details;
        let last = result
            .last
            .filter(|last| last.event.kind != EventType::ChatState.as_str());
        Some(Self {
            subscription: body.subscription,
            conversation: result.id,
            updated: Timestamp::from_millis(details.updated.get().parse().ok()?),
            last: last.map(|last| (last.dialog, last.sequence)),
            details: place(text, details.first_name)?.start..place(text, details.last_value.get())?.end,
            time: place(text, details.updated.get())?,
        })
    }
}

/// The event of a notification of one. `None` where it is in any way unusual.
pub(super) fn event(text: &str) -> Option<Box<DialogEvent>> {
    body(text)
}

/// An event that this agent published, without what it says: its number, its author, and of what type it is.
#[derive(Deserialize)]
pub(super) struct OwnEvent<'a> {
    pub(super) sequence: i64,
    #[serde(rename = "originatorId")]
    originator: &'a str,
    #[serde(rename = "dialogId")]
    pub(super) dialog: &'a str,
    #[serde(rename = "conversationId")]
    conversation: Option<&'a str>,
    #[serde(borrow)]
    event: Content<'a>,
}

impl<'a> OwnEvent<'a> {
    /// Looks at a notification of an event. `None` where it is another's, or in any way unusual.
    pub(super) fn of(text: &'a str, me: &AgentIdentity) -> Option<Self> {
        let own = me.old_id().as_str();
        // This is much quicker than to read it.
        if !text.contains(own) {
            return None;
        }
        let event: Self = body(text)?;
        (event.originator == own && event.event.kind != EventType::ChatState.as_str()).then_some(event)
    }

    /// As an event that says nothing.
    pub(super) fn silent(&self) -> Box<DialogEvent> {
        Box::new(DialogEvent {
            sequence: Some(self.sequence.into()),
            originator_id: Some(self.originator.into()),
            dialog_id: Some(self.dialog.into()),
            conversation_id: self.conversation.map(Into::into),
            event: Some(Event {
                kind: Some(self.event.kind.into()),
                ..Event::default()
            }),
            ..DialogEvent::default()
        })
    }
}

/// Where a part of a text stands in it.
fn place(text: &str, part: &str) -> Option<Range<usize>> {
    let start = part.as_ptr().addr().checked_sub(text.as_ptr().addr())?;
    let end = start + part.len();
    (end <= text.len()).then_some(start..end)
}

/// The notification that a state came in.
#[derive(Debug)]
pub(super) struct Kept {
    text: Arc<str>,
    details: Range<usize>,
    time: Range<usize>,
}

/// Members before the time of the change, and behind it.
fn around<'a>(text: &'a str, details: &Range<usize>, time: &Range<usize>) -> Option<(&'a str, &'a str)> {
    Some((text.get(details.start..time.start)?, text.get(time.end..details.end)?))
}

impl Kept {
    pub(super) fn new(text: &Arc<str>, glimpse: &Glimpse<'_>) -> Self {
        Self {
            text: Arc::clone(text),
            details: glimpse.details.clone(),
            time: glimpse.time.clone(),
        }
    }

    /// Takes a later text in the place of this one, if the details say the same but for the time of the change. Gives whether they do.
    pub(super) fn renew(&mut self, text: &Arc<str>, glimpse: &Glimpse<'_>) -> bool {
        let own = around(&self.text, &self.details, &self.time);
        if own.is_none() || own != around(text, &glimpse.details, &glimpse.time) {
            return false;
        }
        *self = Self::new(text, glimpse);
        true
    }

    /// The whole state.
    pub(super) fn decode(&self) -> Option<Conversation> {
        let Incoming::Notification(notification) = Came::Unread(Arc::clone(&self.text)).read() else {
            return None;
        };
        let news = notification.read();
        let news = news.inspect_err(|error| tracing::warn!(%error, "a conversation cannot be read"));
        let Ok(News::Conversations(changed)) = news else {
            return None;
        };
        changed.into_inner().changes.into_vec().into_iter().next()?.conversation
    }
}

#[cfg(test)]
mod tests {
    use le_core::AccountId;

    use super::*;

    fn state(updated: &str, skill: &str, last: &str) -> Arc<str> {
        let text = format!(
            r#"{{"kind":"notification","type":".ams.aam.ExConversationChangeNotification","body":{{"subscriptionId":"s","sentTs":1,
            "changes":[{{"type":"UPSERT","result":{{"convId":"c","effectiveTTR":{updated},
            "conversationDetails":{{"skillId":"{skill}","metaDataLastUpdateTs":{updated},"stage":"OPEN"}}{last}}}}}]}}}}"#
        );
        text.into()
    }

    fn last(kind: &str) -> String {
        format!(r#","lastContentEventNotification":{{"sequence":4,"dialogId":"d","event":{{"type":"{kind}"}}}}"#)
    }

    fn kept(text: &Arc<str>) -> Kept {
        Kept::new(text, &Glimpse::of(text).unwrap())
    }

    #[test]
    fn a_notification_is_known_by_how_it_begins() {
        let name = ".ams.aam.ExConversationChangeNotification";
        assert_eq!(name_of(&state("5", "7", "")), Some(name));
        assert_eq!(name_of(r#"{"kind":"notification","body":{},"type":"x"}"#), None);
        assert_eq!(name_of(r#"{"kind":"resp","type":"x"}"#), None);
    }

    #[test]
    fn what_is_acted_upon_is_the_same_as_in_the_whole_state() {
        for (updated, last) in [
            ("5", last("ContentEvent")),
            ("17", last("ChatStateEvent")),
            ("0", String::new()),
        ] {
            let text = state(updated, "7", &last);
            let glimpse = Glimpse::of(&text).unwrap();
            let whole = kept(&text).decode().unwrap();
            assert_eq!(
                Some(glimpse.conversation),
                whole.id().map(le_core::id::ConversationId::as_str)
            );
            assert_eq!(Some(glimpse.updated), whole.details.unwrap().updated_at);
            let event = whole.last_content_event;
            let last = event.as_ref().and_then(|event| event.key());
            assert_eq!(glimpse.last, last.map(|(dialog, sequence)| (dialog.as_str(), sequence)));
        }
    }

    #[test]
    fn states_are_told_apart_by_everything_but_their_time() {
        let mut known = kept(&state("5", "7", &last("ContentEvent")));
        let mut renew = |text: &Arc<str>| known.renew(text, &Glimpse::of(text).unwrap());
        assert!(renew(&state("1006", "7", "")));
        assert!(!renew(&state("1007", "8", "")));
        assert!(!renew(&state("1007", "7", "").replace("OPEN", "CLOSE").into()));
        assert!(renew(&state("10070", "7", &last("ContentEvent"))));
        let updated = known.decode().unwrap().details.unwrap().updated_at;
        assert_eq!(updated, Some(Timestamp::from_millis(10_070)));
    }

    fn event_of(author: &str, kind: &str) -> String {
        format!(
            r#"{{"kind":"notification","type":".ams.ms.OnlineEventDistribution","body":{{"sequence":3,"originatorId":"{author}",
            "event":{{"type":"{kind}","message":"1.9"}},"dialogId":"d","conversationId":"c","new":[1]}}}}"#
        )
    }

    #[test]
    fn an_event_is_read_as_it_is_in_its_envelope() {
        let text = event_of("1.8", "ContentEvent");
        let Incoming::Notification(notification) = Came::Unread(text.as_str().into()).read() else {
            panic!("no notification");
        };
        let News::Events(news) = notification.read().unwrap() else {
            panic!("no events");
        };
        assert_eq!(news.events.into_vec(), [*event(&text).unwrap()]);
        assert_eq!(event(&text.replace('3', "{}")), None, "salvaged by the whole reading");
    }

    #[test]
    fn of_an_own_event_the_author_and_the_place_are_read() {
        let me = AgentIdentity::new(AccountId::new("1").unwrap(), "9");
        let own = event_of("1.9", "ContentEvent");
        let seen = |text: &str| OwnEvent::of(text, &me).map(|event| event.silent());
        let (seen_of_own, whole) = (seen(&own).unwrap(), event(&own).unwrap());
        assert!(seen_of_own.is_by(&me) && seen_of_own.key().is_some());
        assert_eq!(
            (seen_of_own.key(), seen_of_own.conversation()),
            (whole.key(), whole.conversation())
        );
        assert_eq!(seen(&event_of("1.8", "ContentEvent")), None, "another's");
        assert_eq!(seen(&event_of("1.9", "ChatStateEvent")), None, "not stored");
    }

    #[test]
    fn what_is_unusual_is_left_to_be_decoded() {
        let usual = state("5", "7", "");
        let second =
            r#"}},{"type":"UPSERT","result":{"convId":"x","conversationDetails":{"metaDataLastUpdateTs":1}}}]"#;
        for unusual in [
            usual.replace("UPSERT", "DELETE"),
            usual.replace(r#""subscriptionId":"s","#, ""),
            usual.replace(r#""c""#, "12"),
            usual.replace(":5,\"stage\"", ":\"5\",\"stage\""),
            usual.replace("metaDataLastUpdateTs", "x"),
            usual.replace("}}]", second),
            usual.replace("\"stage\"", "\"metaDataLastUpdateTs\":6,\"stage\""),
            usual.replace("\"body\"", "\"body\":{},\"body\""),
        ] {
            assert_ne!(*unusual, *usual);
            assert!(Glimpse::of(&unusual).is_none(), "{unusual}");
        }
    }
}
