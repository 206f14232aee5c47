//! Typed ids. A skill id cannot be given where a user id is wanted, and both decode from a string or from a number.

use std::borrow::Borrow;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, Visitor};
use serde::ser::{Serialize, Serializer};

/// The kinds of ids. Zero-sized markers.
pub mod kind {
    macro_rules! markers {
        ($($(#[$meta:meta])* $name:ident),+ $(,)?) => {
            $($(#[$meta])* #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)] pub struct $name;)+
        };
    }
    markers! {
        /// A conversation.
        Conversation,
        /// A dialog of a conversation.
        Dialog,
        /// A message.
        Message,
        /// A consumer.
        Consumer,
        /// A user (agent, manager, bot) by its number.
        User,
        /// A user by its public id.
        UserPublic,
        /// A skill.
        Skill,
        /// An agent group.
        AgentGroup,
        /// A line of business.
        Lob,
        /// A campaign, engagement, goal, or another part of the campaign configuration.
        Campaign,
        /// A survey.
        Survey,
    }
}

/// An id of kind `K`. It remembers whether it came as a JSON number and is written back in the same form.
///
/// ```
/// use le_core::id::SkillId;
/// let number: SkillId = serde_json::from_str("700100200").unwrap();
/// let text: SkillId = serde_json::from_str("\"700100200\"").unwrap();
/// assert_eq!(number, text);
/// assert_eq!(serde_json::to_string(&number).unwrap(), "700100200");
/// assert_eq!(serde_json::to_string(&text).unwrap(), "\"700100200\"");
/// assert_eq!(SkillId::from(-1).assigned(), None);
/// ```
pub struct Id<K> {
    text: Box<str>,
    number: bool,
    kind: PhantomData<fn() -> K>,
}

/// The id of a conversation (UUID form).
pub type ConversationId = Id<kind::Conversation>;
/// The id of a dialog; the main dialog's id is the conversation's.
pub type DialogId = Id<kind::Dialog>;
/// The id of a message.
pub type MessageId = Id<kind::Message>;
/// The id of a consumer.
pub type ConsumerId = Id<kind::Consumer>;
/// The number of a user (agent, manager, bot).
pub type UserId = Id<kind::User>;
/// The public id of a user (UUID form).
pub type UserPid = Id<kind::UserPublic>;
/// The id of a skill; -1 means none.
pub type SkillId = Id<kind::Skill>;
/// The id of an agent group; -1 means none.
pub type AgentGroupId = Id<kind::AgentGroup>;
/// The id of a line of business; -1 means none.
pub type LobId = Id<kind::Lob>;
/// The id of a part of a campaign.
pub type CampaignId = Id<kind::Campaign>;
/// The id of a survey.
pub type SurveyId = Id<kind::Survey>;

impl<K> Id<K> {
    /// An id from its text.
    #[must_use]
    pub fn new(text: impl Into<Box<str>>) -> Self {
        Self {
            text: text.into(),
            number: false,
            kind: PhantomData,
        }
    }

    /// The text, whichever form it came in.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The number, where the text is one.
    #[must_use]
    pub fn as_i64(&self) -> Option<i64> {
        self.text.parse().ok()
    }

    /// The id, unless it is one of the spellings for "none": `-1`, empty, `null`, `undefined`, `NA`.
    #[must_use]
    pub fn assigned(&self) -> Option<&Self> {
        (!matches!(&*self.text, "" | "-1" | "null" | "undefined" | "NA")).then_some(self)
    }
}

impl<K> From<i64> for Id<K> {
    fn from(number: i64) -> Self {
        Self {
            text: number.to_string().into(),
            number: true,
            kind: PhantomData,
        }
    }
}

impl<K> From<&str> for Id<K> {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl<K> From<String> for Id<K> {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl<K> Clone for Id<K> {
    fn clone(&self) -> Self {
        Self {
            text: self.text.clone(),
            number: self.number,
            kind: PhantomData,
        }
    }
}

impl<K> PartialEq for Id<K> {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl<K> Eq for Id<K> {}

impl<K> PartialOrd for Id<K> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<K> Ord for Id<K> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.text.cmp(&other.text)
    }
}

impl<K> Hash for Id<K> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}

/// Maps by ids are looked up by text.
impl<K> Borrow<str> for Id<K> {
    fn borrow(&self) -> &str {
        &self.text
    }
}

impl<K> fmt::Display for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl<K> fmt::Debug for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.text, f)
    }
}

impl<K> Serialize for Id<K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.number {
            if let Ok(number) = self.text.parse::<i64>() {
                return serializer.serialize_i64(number);
            }
            if let Ok(number) = self.text.parse::<u64>() {
                return serializer.serialize_u64(number);
            }
        }
        serializer.serialize_str(&self.text)
    }
}

impl<'de, K> Deserialize<'de> for Id<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text<K>(PhantomData<fn() -> K>);
        impl<K> Visitor<'_> for Text<K> {
            type Value = Id<K>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an id as a string or a whole number")
            }
            fn visit_str<E>(self, text: &str) -> Result<Id<K>, E> {
                Ok(Id::new(text))
            }
            fn visit_string<E>(self, text: String) -> Result<Id<K>, E> {
                Ok(Id::new(text))
            }
            fn visit_i64<E>(self, number: i64) -> Result<Id<K>, E> {
                Ok(Id::from(number))
            }
            fn visit_u64<E>(self, number: u64) -> Result<Id<K>, E> {
                Ok(Id {
                    text: number.to_string().into(),
                    number: true,
                    kind: PhantomData,
                })
            }
        }
        deserializer.deserialize_any(Text(PhantomData))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn both_forms_round_trip(number in any::<i64>(), big in any::<u64>(), text in ".{0,24}") {
            for json in [number.to_string(), big.to_string(), serde_json::to_string(&text).unwrap()] {
                let id: UserId = serde_json::from_str(&json).unwrap();
                prop_assert_eq!(serde_json::to_string(&id).unwrap(), json);
            }
        }
    }

    #[test]
    fn maps_by_ids_are_looked_up_by_text() {
        let (id, seven) = (UserId::from(7), "7");
        assert_eq!(std::collections::BTreeMap::from([(id.clone(), 1)]).get(seven), Some(&1));
        assert_eq!(std::collections::HashMap::from([(id, 1)]).get(seven), Some(&1));
    }

    #[test]
    fn a_fraction_or_an_object_is_no_id() {
        assert!(serde_json::from_str::<UserId>("1.5").is_err());
        assert!(serde_json::from_str::<UserId>("{}").is_err());
    }
}
