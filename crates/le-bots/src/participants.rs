//! Who takes part in a conversation, in both of the shapes that the two sockets send.

use std::fmt;

use le_core::wire::{Extra, List, Salvage, Trail};
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

use crate::conversation::Role;
pub use crate::generated::enums::ParticipantState;
use crate::identity::{AgentIdentity, ParticipantId};

le_core::record! {
    /// One participant of a dialog, or of a conversation on consumer sockets.
    pub struct Participant {
        /// Old id or public id.
        id: Option<ParticipantId> = "id" [safe],
        /// Role.
        role: Option<Role> = "role" [safe],
        /// Whether the participant is there already; consumer sockets may leave it out, which means so.
        state: Option<ParticipantState> = "state" [safe],
    }
}

impl Participant {
    /// Whether the participant takes part, and is not merely proposed for a transfer.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.state != Some(ParticipantState::Suggested)
    }
}

/// The participants of a conversation: a map from role to ids (agent sockets), or a list (consumer sockets).
///
/// Proposed agents are not in here, they are in the dialog; and a controller is often missing.
#[derive(Clone, PartialEq)]
pub struct Participants(Shape);

#[derive(Clone, PartialEq)]
enum Shape {
    ByRole(Vec<(Role, List<ParticipantId>)>, Extra),
    Listed(List<Participant>),
}

impl Participants {
    /// Roles and ids, in the order that they came.
    pub fn iter(&self) -> impl Iterator<Item = (&Role, &ParticipantId)> {
        let (by_role, listed) = match &self.0 {
            Shape::ByRole(roles, _) => (roles.as_slice(), &[][..]),
            Shape::Listed(list) => (&[][..], list.as_slice()),
        };
        by_role
            .iter()
            .flat_map(|(role, ids)| ids.iter().map(move |id| (role, id)))
            .chain(
                listed
                    .iter()
                    .filter_map(|one| Some((one.role.as_ref()?, one.id.as_ref()?))),
            )
    }

    /// The ids of those with this role.
    pub fn with_role(&self, role: &Role) -> impl Iterator<Item = &ParticipantId> {
        self.iter().filter(move |(own, _)| *own == role).map(|(_, id)| id)
    }

    /// Whether this agent has this role, by either of its ids.
    #[must_use]
    pub fn has(&self, role: &Role, agent: &AgentIdentity) -> bool {
        self.with_role(role).any(|id| agent.is(id))
    }
}

impl Default for Participants {
    fn default() -> Self {
        Self(Shape::Listed(List::default()))
    }
}

impl FromIterator<Participant> for Participants {
    fn from_iter<I: IntoIterator<Item = Participant>>(list: I) -> Self {
        Self(Shape::Listed(list.into_iter().collect()))
    }
}

impl fmt::Debug for Participants {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl Serialize for Participants {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (roles, extra) = match &self.0 {
            Shape::Listed(list) => return list.serialize(serializer),
            Shape::ByRole(roles, extra) => (roles, extra),
        };
        let mut map = serializer.serialize_map(Some(roles.len() + extra.len()))?;
        for (role, ids) in roles {
            map.serialize_entry(role, ids)?;
        }
        for (name, text) in extra.iter() {
            let raw: &RawValue = serde_json::from_str(text).map_err(serde::ser::Error::custom)?;
            map.serialize_entry(name, raw)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Participants {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;

        impl<'de> Visitor<'de> for Either {
            type Value = Participants;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of roles, or a list of participants")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Participants, A::Error> {
                let list = List::deserialize(serde::de::value::SeqAccessDeserializer::new(seq))?;
                Ok(Participants(Shape::Listed(list)))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Participants, A::Error> {
                let mut roles = Vec::new();
                while let Some(entry) = map.next_entry::<Role, List<ParticipantId>>()? {
                    roles.push(entry);
                }
                Ok(Participants(Shape::ByRole(roles, Extra::default())))
            }
        }

        deserializer.deserialize_any(Either)
    }
}

impl Salvage for Participants {
    fn salvage(raw: &RawValue, trail: &mut Trail) -> Option<Self> {
        if raw.get().starts_with('[') {
            return List::salvage(raw, trail).map(|list| Self(Shape::Listed(list)));
        }
        let members: Vec<_> = le_core::wire::__record::members(raw)?;
        // One participant in place of a list of one.
        if members.iter().any(|(name, _)| name == "id" || name == "role") {
            return List::salvage(raw, trail).map(|list| Self(Shape::Listed(list)));
        }
        let (mut roles, mut extra) = (Vec::new(), Extra::default());
        for (name, value) in members {
            trail.enter(&name);
            match trail.read::<List<ParticipantId>>(value) {
                Some(ids) => roles.push((Role::from(&*name), ids)),
                None => {
                    trail.note();
                    // Writing what was just read as JSON cannot fail.
                    let _ = extra.insert(name, value);
                }
            }
            trail.leave();
        }
        Some(Self(Shape::ByRole(roles, extra)))
    }
}
