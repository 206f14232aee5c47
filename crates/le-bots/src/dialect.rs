//! The two spellings of message names.
//!
//! The agent socket (v2.x) says `.ams.aam.SubscribeExConversations` and answers `…$Response`; the consumer socket (v3) says
//! `cqm.SubscribeExConversations` and answers `…Response`. Names are kept as they came; [`TypeName::spoken`] gives the one
//! vocabulary to compare them in.

use std::borrow::Cow;
use std::fmt;

use le_core::wire::Salvage;
use serde::{Deserialize, Deserializer, Serialize};

/// How names are spelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Dialect {
    /// On agent sockets: names start with a dot.
    Agent,
    /// On consumer sockets, and in the documentation.
    Public,
}

/// The name of a message, exactly as it stands on the wire.
///
/// ```
/// use le_bots::TypeName;
/// let agent = TypeName::from(".ams.aam.SubscribeExConversations$Response");
/// let consumer = TypeName::from("cqm.SubscribeExConversationsResponse");
/// assert_ne!(agent, consumer);
/// assert!(agent.means(&consumer));
/// assert_eq!(agent.as_str(), ".ams.aam.SubscribeExConversations$Response");
/// ```
#[derive(Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct TypeName(Box<str>);

/// Responses that have several names in the public dialect too, under one of them.
const ONE_NAME: [(&str, &str); 4] = [
    ("ReqBody$StringResp", "StringResponse"),
    ("ReqBody$StringResponse", "StringResponse"),
    ("ms.GenerateURLResponse", "ms.BaseGenerateURLResponse"),
    ("GenericSubscribe", "GenericSubscribeResponse"),
];

impl TypeName {
    /// The name on the wire.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The dialect: names of the agent dialect start with a dot.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        if self.0.starts_with('.') {
            Dialect::Agent
        } else {
            Dialect::Public
        }
    }

    /// The name in the public dialect, as the vendor's agent SDK and the schemas write it.
    #[must_use]
    pub fn spoken(&self) -> Cow<'_, str> {
        let bare = self.0.strip_prefix(".ams.").or_else(|| self.0.strip_prefix('.'));
        let bare = bare.unwrap_or(&self.0);
        let mut name = match bare.strip_prefix("aam.") {
            Some(rest) => Cow::Owned(format!("cqm.{rest}")),
            None => Cow::Borrowed(bare),
        };
        if let Some(request) = name.strip_suffix("$Response") {
            name = Cow::Owned(format!("{request}Response"));
        }
        match ONE_NAME.iter().find(|(other, _)| *other == name) {
            Some((_, one)) => Cow::Borrowed(one),
            None => name,
        }
    }

    /// Whether both mean the same message, whichever dialect they come from.
    ///
    /// The first letter behind the last dot counts in either case: the schemas write `routing.routingTaskNotification`.
    #[must_use]
    pub fn means(&self, other: &Self) -> bool {
        self.is(&other.spoken())
    }

    /// Whether this is the message with this public name, e.g. `cqm.ExConversationChangeNotification`.
    #[must_use]
    pub fn is(&self, public_name: &str) -> bool {
        let own = self.spoken();
        let (own_room, own_name) = split(&own);
        let (room, name) = split(public_name);
        own_room == room
            && own_name.len() == name.len()
            && match (own_name.chars().next(), name.chars().next()) {
                (Some(a), Some(b)) => a.eq_ignore_ascii_case(&b) && own_name[a.len_utf8()..] == name[b.len_utf8()..],
                (None, None) => true,
                _ => false,
            }
    }
}

fn split(name: &str) -> (&str, &str) {
    name.rsplit_once('.').unwrap_or(("", name))
}

impl From<&str> for TypeName {
    fn from(name: &str) -> Self {
        Self(name.into())
    }
}

impl fmt::Display for TypeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for TypeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl<'de> Deserialize<'de> for TypeName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|name| Self(name.into()))
    }
}

impl Salvage for TypeName {}

#[cfg(test)]
mod tests {
    use super::*;

    /// Agent name, consumer name, and the name that both are spoken as.
    const PAIRS: [(&str, &str, &str); 10] = [
        (".GetClock$Response", "GetClockResponse", "GetClockResponse"),
        (
            ".ams.aam.SubscribeExConversations",
            "cqm.SubscribeExConversations",
            "cqm.SubscribeExConversations",
        ),
        (
            ".ams.ms.PublishEvent$Response",
            "ms.PublishEventResponse",
            "ms.PublishEventResponse",
        ),
        (
            ".ams.cm.RequestConversation$Response",
            "cm.RequestConversationResponse",
            "cm.RequestConversationResponse",
        ),
        (".ReqBody$StringResp", "StringResponse", "StringResponse"),
        (
            ".ams.GenericSubscribe$Response",
            "GenericSubscribeResponse",
            "GenericSubscribeResponse",
        ),
        (
            ".ams.GenericSubscribeResponse",
            "GenericSubscribeResponse",
            "GenericSubscribeResponse",
        ),
        (
            ".ams.ms.BaseGenerateURL$Response",
            "ms.GenerateURLResponse",
            "ms.BaseGenerateURLResponse",
        ),
        (
            ".ams.routing.RoutingTaskNotification",
            "routing.routingTaskNotification",
            "routing.RoutingTaskNotification",
        ),
        (
            ".ams.aam.ExConversationChangeNotification",
            "cqm.ExConversationChangeNotification",
            "cqm.ExConversationChangeNotification",
        ),
    ];

    #[test]
    fn both_dialects_mean_the_same() {
        for (agent, consumer, spoken) in PAIRS {
            let (agent, consumer) = (TypeName::from(agent), TypeName::from(consumer));
            assert_eq!(agent.spoken(), spoken);
            assert!(
                agent.means(&consumer) && consumer.means(&agent) && agent.is(spoken),
                "{agent} {consumer}"
            );
            assert_eq!((agent.dialect(), consumer.dialect()), (Dialect::Agent, Dialect::Public));
        }
    }

    #[test]
    fn different_messages_differ() {
        for (a, b) in [
            ("ms.PublishEvent", "ms.PublishEventResponse"),
            ("ms.PublishEvent", "cm.PublishEvent"),
            ("ms.PublishEvent", "ms.publishevent"),
            ("", "GetClock"),
            ("ms.", "ms.X"),
        ] {
            assert!(!TypeName::from(a).means(&TypeName::from(b)), "{a} {b}");
        }
    }
}
