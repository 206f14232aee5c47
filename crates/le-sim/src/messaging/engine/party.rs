//! Who takes part: agents of the account, consumers, and the sockets they hold.

use std::sync::Arc;

use serde_json::{Map, Value, value::RawValue};

use crate::account::{Account, User, UserType};

/// One side of a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Who {
    /// By place in the directory of agents.
    Agent(usize),
    /// By place in the list of consumers.
    Consumer(usize),
}

impl Who {
    pub(crate) fn agent(self) -> Option<usize> {
        match self {
            Self::Agent(agent) => Some(agent),
            Self::Consumer(_) => None,
        }
    }
}

/// A socket, or the inbox of a consumer that the control API drives.
pub(crate) type LinkId = u64;

/// Which vocabulary a link speaks, and how much of it it sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Version {
    /// `brand` socket with `v=2`: no suggested participants, no states.
    Agent20,
    /// `brand` socket with `v=2.1`.
    Agent21,
    /// `consumer` socket.
    Consumer,
}

impl Version {
    pub(crate) fn is_agent(self) -> bool {
        self != Self::Consumer
    }
}

/// One connection to messaging.
#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) who: Who,
    pub(crate) version: Version,
    /// Client properties of a consumer's socket, as they are echoed.
    pub(crate) properties: Option<Arc<RawValue>>,
}

/// An agent of the account.
#[derive(Debug)]
pub(crate) struct Agent {
    /// `<account>.<userId>`.
    pub(crate) old_id: Arc<str>,
    /// The public id.
    pub(crate) pid: Arc<str>,
    pub(crate) login_name: Arc<str>,
    pub(crate) user_id: String,
    pub(crate) full_name: String,
    pub(crate) nickname: String,
    pub(crate) skills: Vec<i64>,
    /// Sees conversations of others.
    pub(crate) manager: bool,
    /// Set by `SetAgentState`; `OFFLINE` without a link.
    pub(crate) availability: String,
    pub(crate) links: Vec<LinkId>,
    /// Open conversations it is assigned to.
    pub(crate) assigned: usize,
    /// Rings that wait for its answer.
    pub(crate) ringing: usize,
    /// When it was rung last, so that equals take turns.
    pub(crate) rung_at: i64,
}

impl Agent {
    fn new(account: &str, user: &User) -> Self {
        Self {
            old_id: format!("{account}.{}", user.user_id).into(),
            pid: user.user_pid.as_str().into(),
            login_name: user.login_name.as_str().into(),
            user_id: user.user_id.clone(),
            full_name: user.full_name.clone(),
            nickname: user.nickname.clone(),
            skills: user.skills.clone(),
            // LiveEngage gives the right by profile; the account model has none, so administrators and bots stand for it.
            manager: user.agent_group_id == -1 || user.user_type == UserType::Bot,
            availability: "OFFLINE".to_owned(),
            links: Vec::new(),
            assigned: 0,
            ringing: 0,
            rung_at: 0,
        }
    }
}

/// The agents of the account, and behind them the bot that asks surveys.
pub(crate) fn directory(account: &Account, (user_id, pid): &(String, String)) -> Vec<Agent> {
    let mut agents: Vec<Agent> = account.users.iter().map(|user| Agent::new(&account.id, user)).collect();
    agents.push(Agent {
        old_id: format!("{}.{user_id}", account.id).into(),
        pid: pid.as_str().into(),
        login_name: "post.survey.bot".into(),
        user_id: user_id.clone(),
        full_name: "Post Survey Bot".to_owned(),
        nickname: "Survey".to_owned(),
        skills: Vec::new(),
        manager: true,
        availability: "OFFLINE".to_owned(),
        links: Vec::new(),
        assigned: 0,
        ringing: 0,
        rung_at: 0,
    });
    agents
}

/// A consumer.
#[derive(Debug)]
pub(crate) struct Consumer {
    pub(crate) id: Arc<str>,
    /// `sub` of the brand's token.
    pub(crate) subject: Option<Arc<str>>,
    /// The members that `SetUserProfile` set, and what the brand's token vouched for.
    pub(crate) profile: Map<String, Value>,
    /// When the profile was set or vouched for last.
    pub(crate) profile_at: i64,
    pub(crate) links: Vec<LinkId>,
    /// Features of the last client that connected.
    pub(crate) features: Vec<String>,
    /// All conversations, oldest first.
    pub(crate) conversations: Vec<usize>,
}

impl Consumer {
    pub(crate) fn new(id: &str) -> Self {
        Self {
            id: id.into(),
            subject: None,
            profile: Map::new(),
            profile_at: 0,
            links: Vec::new(),
            features: Vec::new(),
            conversations: Vec::new(),
        }
    }

    /// A member of the profile that is text.
    pub(crate) fn text(&self, member: &str) -> Option<&str> {
        self.profile.get(member).and_then(Value::as_str)
    }
}

/// The features that client properties name.
pub(crate) fn features(properties: &RawValue) -> Vec<String> {
    #[derive(serde::Deserialize)]
    struct Features {
        #[serde(default)]
        features: Vec<String>,
    }
    serde_json::from_str::<Features>(properties.get()).map_or_else(|_| Vec::new(), |read| read.features)
}

/// Roles in the order in which the maps of participants show them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Role {
    Consumer,
    AssignedAgent,
    Agent,
    Manager,
    Reader,
}

impl Role {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Consumer => "CONSUMER",
            Self::AssignedAgent => "ASSIGNED_AGENT",
            Self::Agent => "AGENT",
            Self::Manager => "MANAGER",
            Self::Reader => "READER",
        }
    }

    /// The role that an agent can ask for.
    pub(crate) fn of_agent(name: &str) -> Option<Self> {
        [Self::AssignedAgent, Self::Agent, Self::Manager, Self::Reader]
            .into_iter()
            .find(|role| role.name() == name)
    }
}

/// Someone in a dialog.
#[derive(Debug, Clone)]
pub(crate) struct Participant {
    pub(crate) who: Who,
    pub(crate) role: Role,
    /// Proposed by a transfer to an agent, not there yet.
    pub(crate) suggested: bool,
    /// Sequences of messages it has not read.
    pub(crate) unread: Vec<i64>,
}

impl Participant {
    pub(crate) fn new(who: Who, role: Role) -> Self {
        Self {
            who,
            role,
            suggested: false,
            unread: Vec::new(),
        }
    }
}

/// Which members of a profile `SetUserProfile` may set.
pub(crate) const PROFILE_MEMBERS: &[&str] = &[
    "firstName",
    "lastName",
    "nickName",
    "avatarUrl",
    "role",
    "backgndImgUri",
    "description",
    "privateData",
    "authenticatedData",
    "claims",
    "acr",
];
