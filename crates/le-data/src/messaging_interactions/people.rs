//! Who took part, each person once, and who said what.

use le_core::Timestamp;
use le_core::id::UserId;
use le_core::wire::present;

use super::conversation::Conversation;
use super::dialog::{Interaction, Transfer};
use super::info::Info;
use super::message::Message;
use super::participant::{AgentParticipant, ConsumerParticipant, ParticipantId};
use crate::generated::enums::{Permission, UserTypeName};

/// An agent, a manager or a bot of a conversation, however often they joined.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Agent<'a> {
    /// Their number.
    pub id: &'a UserId,
    /// The first entry.
    pub first: &'a AgentParticipant,
    /// When they first joined.
    pub joined: Option<Timestamp>,
    /// As what they took part, each once, in the order of the entries.
    pub permissions: Vec<&'a Permission>,
}

/// Who sent a message.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Sender<'a> {
    /// An agent, a manager or a bot.
    Agent(&'a AgentParticipant),
    /// A consumer.
    Consumer(&'a ConsumerParticipant),
}

impl Conversation {
    /// Those who took part on the brand's side, each once, in the order in which they first joined.
    #[must_use]
    pub fn agents(&self) -> Vec<Agent<'_>> {
        let mut agents: Vec<Agent<'_>> = Vec::new();
        for entry in &self.agent_participants {
            let Some(id) = entry.agent_id.as_ref() else { continue };
            let permission = entry.permission.as_ref();
            match agents.iter_mut().find(|agent| agent.id == id) {
                Some(agent) => {
                    agent.joined = [agent.joined, entry.joined()].into_iter().flatten().min();
                    if let Some(permission) = permission.filter(|own| !agent.permissions.contains(own)) {
                        agent.permissions.push(permission);
                    }
                }
                None => agents.push(Agent {
                    id,
                    first: entry,
                    joined: entry.joined(),
                    permissions: permission.into_iter().collect(),
                }),
            }
        }
        agents.sort_by_key(|agent| agent.joined);
        agents
    }

    /// Who sent a message: found by the number or the public id of an agent, or by the id of a consumer.
    #[must_use]
    pub fn sender(&self, message: &Message) -> Option<Sender<'_>> {
        self.participant(message.participant_id.as_ref()?)
    }

    /// The participant with this id.
    #[must_use]
    pub fn participant(&self, id: &ParticipantId) -> Option<Sender<'_>> {
        let agent = self.agent_participants.iter().find(|agent| {
            let number = agent.agent_id.as_ref().is_some_and(|own| own.as_str() == id.as_str());
            number || agent.agent_pid.as_ref().is_some_and(|own| own.as_str() == id.as_str())
        });
        if let Some(agent) = agent {
            return Some(Sender::Agent(agent));
        }
        let mut consumers = self.consumer_participants.iter();
        let consumer = consumers.find(|consumer| {
            let own = consumer.participant_id.as_ref();
            own.is_some_and(|own| own.as_str() == id.as_str())
        });
        consumer.map(Sender::Consumer)
    }
}

impl AgentParticipant {
    /// System, human or bot, from the digit or the word.
    #[must_use]
    pub fn kind(&self) -> Option<UserTypeName> {
        use crate::generated::enums::UserType;
        match &self.user_type {
            Some(UserType::System) => Some(UserTypeName::System),
            Some(UserType::Human) => Some(UserTypeName::Human),
            Some(UserType::Bot) => Some(UserTypeName::Bot),
            _ => self.user_type_name.clone(),
        }
    }

    /// Whether it is a bot.
    #[must_use]
    pub fn is_bot(&self) -> bool {
        self.kind() == Some(UserTypeName::Bot)
    }

    /// The nickname, or else the full name, or else the login name.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        let names = [&self.agent_nickname, &self.agent_full_name, &self.agent_login_name];
        names.into_iter().find_map(|name| present(name.as_deref()?))
    }
}

/// A text, unless it is one of the spellings of "none".
fn said(text: &Option<String>) -> Option<&str> {
    present(text.as_deref()?)
}

impl ConsumerParticipant {
    /// The first name, unless it is one of the spellings of "none".
    #[must_use]
    pub fn first_name(&self) -> Option<&str> {
        said(&self.first_name)
    }

    /// The last name, unless it is one of the spellings of "none".
    #[must_use]
    pub fn last_name(&self) -> Option<&str> {
        said(&self.last_name)
    }

    /// The name as shown, unless it is one of the spellings of "none".
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        said(&self.consumer_name)
    }

    /// The address for mail, unless it is one of the spellings of "none".
    #[must_use]
    pub fn email(&self) -> Option<&str> {
        said(&self.email)
    }

    /// The token, unless it is one of the spellings of "none".
    #[must_use]
    pub fn token(&self) -> Option<&str> {
        said(&self.token)
    }
}

impl Info {
    /// The name of the latest skill, where there was one.
    #[must_use]
    pub fn latest_skill_name(&self) -> Option<&str> {
        self.latest_skill()?;
        said(&self.latest_skill_name)
    }

    /// The group of the latest agent, unless it is -1 ("none").
    #[must_use]
    pub fn latest_agent_group(&self) -> Option<&le_core::id::AgentGroupId> {
        self.latest_agent_group_id.as_ref()?.assigned()
    }

    /// The latest agent's nickname, or else the full name, or else the login name.
    #[must_use]
    pub fn latest_agent_name(&self) -> Option<&str> {
        let names = [
            &self.latest_agent_nickname,
            &self.latest_agent_full_name,
            &self.latest_agent_login_name,
        ];
        names.into_iter().find_map(said)
    }

    /// The language, unless it is one of the spellings of "none".
    #[must_use]
    pub fn language(&self) -> Option<&str> {
        said(&self.language)
    }

    /// The consumer's address, unless it is one of the spellings of "none".
    #[must_use]
    pub fn ip_address(&self) -> Option<&str> {
        said(&self.ip_address)
    }
}

impl Transfer {
    /// The skill it went to, unless it is -1 ("none").
    #[must_use]
    pub fn target_skill(&self) -> Option<&le_core::id::SkillId> {
        self.target_skill_id.as_ref()?.assigned()
    }

    /// The skill it came from, unless it is -1 ("none").
    #[must_use]
    pub fn source_skill(&self) -> Option<&le_core::id::SkillId> {
        self.source_skill_id.as_ref()?.assigned()
    }

    /// The agent it came from, where there was one.
    #[must_use]
    pub fn source_agent(&self) -> Option<&UserId> {
        self.source_agent_id.as_ref()?.assigned()
    }
}

impl Interaction {
    /// The agent, where there was one.
    #[must_use]
    pub fn agent(&self) -> Option<&UserId> {
        self.assigned_agent_id.as_ref()?.assigned()
    }
}
