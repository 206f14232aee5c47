//! What differs between the link of an agent and that of a consumer.

use le_core::auth::Renewal;
use le_core::{Error, Timestamp};

use super::policy::Follow;
use crate::connection::{Connection, Events};
use crate::connector::{AgentConnector, ConsumerConnector, Failed};
use crate::conversation::{Stage, SubscribeConversations};
use crate::recovery::NextStep;
use crate::ring::SubscribeRoutingTasks;

/// An agent's side.
#[derive(Debug)]
pub(super) struct AgentSide {
    pub(super) connector: AgentConnector,
    pub(super) follow: Follow,
    pub(super) rings: bool,
    pub(super) states: bool,
}

/// A consumer's side.
#[derive(Debug)]
pub(super) struct ConsumerSide {
    pub(super) connector: ConsumerConnector,
}

/// Either.
#[derive(Debug)]
pub(super) enum Side {
    Agent(Box<AgentSide>),
    Consumer(Box<ConsumerSide>),
}

impl Side {
    /// Opens a socket with the credential at hand.
    pub(super) async fn connect(&self) -> Result<(Connection, Events), Failed> {
        match self {
            Self::Agent(side) => {
                let (agent, events) = side.connector.try_connect().await?;
                Ok((Connection::clone(&agent), events))
            }
            Self::Consumer(side) => {
                let (consumer, events) = side.connector.try_connect().await?;
                Ok((Connection::clone(&consumer), events))
            }
        }
    }

    pub(super) async fn renew(&self, step: NextStep) -> Result<Renewal, Error> {
        match self {
            Self::Agent(side) => side.connector.renew(step).await,
            Self::Consumer(side) => side.connector.renew(step).await,
        }
    }

    /// Which conversations are followed.
    pub(super) fn followed(&self) -> SubscribeConversations {
        match self {
            Self::Agent(side) => match &side.follow {
                Follow::Own => SubscribeConversations::open_of(side.connector.agent()),
                Follow::Everything => SubscribeConversations::in_stages([Stage::Open]),
                Follow::Query(filter) => (**filter).clone(),
            },
            Self::Consumer(_) => SubscribeConversations::in_stages([Stage::Open]),
        }
    }

    /// The same, open or closed, that changed since then: to learn what became of those that are missing.
    pub(super) fn changed_since(&self, time: Timestamp) -> SubscribeConversations {
        SubscribeConversations {
            stages: [Stage::Open, Stage::Close].into_iter().collect(),
            states: Default::default(),
            ..self.followed()
        }
        .changed_since(time)
    }

    /// The subscription of rings, where they are wanted.
    pub(super) fn rings(&self) -> Option<SubscribeRoutingTasks> {
        match self {
            Self::Agent(side) if side.rings => Some(SubscribeRoutingTasks::of(side.connector.agent())),
            _ => None,
        }
    }
}
