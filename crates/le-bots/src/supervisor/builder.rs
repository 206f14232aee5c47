//! How a link is started.

use std::sync::Arc;

use le_core::Error;
use tokio::sync::mpsc;

use super::agent_link::AgentLink;
use super::consumer_link::ConsumerLink;
use super::core::{Core, Who};
use super::delivery::Deliveries;
use super::junction::Shared;
use super::owner::Owner;
use super::policy::{Backoff, Follow, Mutation, Offline, Rivalry};
use super::resume::Resume;
use super::side::{AgentSide, ConsumerSide, Side};
use crate::agent_state::Availability;
use crate::connector::{AgentConnector, ConsumerConnector};

/// Events that wait for the reader at most.
const QUEUE: usize = 256;

/// Settings of a link before it starts. Limits, times, clock and chance of the connections come from the connector.
#[derive(Debug)]
#[must_use = "a link does nothing until it is started"]
pub struct LinkBuilder<C> {
    connector: C,
    availability: Option<Availability>,
    follow: Follow,
    rings: bool,
    states: bool,
    resume: Resume,
    offline: Offline,
    backoff: Backoff,
    rivalry: Rivalry,
    queue: usize,
    brief: bool,
    mutation: Mutation,
}

impl<C> LinkBuilder<C> {
    pub(super) fn new(connector: C) -> Self {
        Self {
            connector,
            availability: Some(Availability::Online),
            follow: Follow::default(),
            rings: true,
            states: true,
            resume: Resume::default(),
            offline: Offline::default(),
            backoff: Backoff::default(),
            rivalry: Rivalry::default(),
            queue: QUEUE,
            brief: false,
            mutation: Mutation::default(),
        }
    }

    /// Goes on where an earlier process was. Without it, everything in each open conversation is new.
    pub fn resume(mut self, resume: Resume) -> Self {
        self.resume = resume;
        self
    }

    /// What becomes of requests while there is no connection; by default a thousand of them wait for a minute.
    pub fn offline(mut self, offline: Offline) -> Self {
        self.offline = offline;
        self
    }

    /// The pauses between attempts to connect; by default the vendor's.
    pub fn backoff(mut self, backoff: Backoff) -> Self {
        self.backoff = backoff;
        self
    }

    /// When two programs count as fighting over one user, which ends the link with [`Ended::Evicted`](super::Ended::Evicted).
    pub fn rivalry(mut self, rivalry: Rivalry) -> Self {
        self.rivalry = rivalry;
        self
    }

    /// How many events wait for the reader of deliveries at most (256). Others are asked for again when there is room.
    pub fn queue(mut self, events: usize) -> Self {
        self.queue = events;
        self
    }

    /// Whether to leave out what costs most and tells least (no): states of a conversation in which nothing but times is new, and own
    /// events. Of own events that come out of turn the number, the author and the type are delivered.
    pub(crate) fn brief(mut self, brief: bool) -> Self {
        self.brief = brief;
        self
    }

    /// Leaves out a part, so that a test can show that it would be missed.
    #[cfg(any(test, feature = "test-util"))]
    #[doc(hidden)]
    pub fn mutation(mut self, mutation: Mutation) -> Self {
        self.mutation = mutation;
        self
    }
}

impl LinkBuilder<AgentConnector> {
    /// What the agent says of itself at each connection: [`Availability::Online`] by default; `None` says nothing.
    pub fn availability(mut self, availability: impl Into<Option<Availability>>) -> Self {
        self.availability = availability.into();
        self
    }

    /// Which conversations are followed; the agent's own by default.
    pub fn follow(mut self, follow: Follow) -> Self {
        self.follow = follow;
        self
    }

    /// Whether rings are delivered (yes).
    pub fn rings(mut self, rings: bool) -> Self {
        self.rings = rings;
        self
    }

    /// Whether changes of the agent's own availability are delivered (yes).
    pub fn agent_states(mut self, states: bool) -> Self {
        self.states = states;
        self
    }

    /// Starts the link on the current runtime. It connects by itself and comes back by itself, until it is shut down or all of its
    /// handles and the deliveries are dropped.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](le_core::ErrorKind::Configuration) where the resume position was written by a later version.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    pub fn start(self) -> Result<(AgentLink, Deliveries), Error> {
        let identity = self.connector.agent().clone();
        let who = Who::Agent {
            identity: identity.clone(),
            selective: self.follow != Follow::Own,
        };
        let settings = self.connector.of_connections().clone();
        let side = |builder: Self| {
            Side::Agent(Box::new(AgentSide {
                connector: builder.connector,
                follow: builder.follow,
                rings: builder.rings,
                states: builder.states,
            }))
        };
        let (shared, lifeline, deliveries) = self.launch(who, &settings, side)?;
        Ok((AgentLink::new(shared, lifeline, identity), deliveries))
    }
}

impl LinkBuilder<ConsumerConnector> {
    /// Starts the link on the current runtime. It connects by itself and comes back by itself, until it is shut down or all of its
    /// handles and the deliveries are dropped.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](le_core::ErrorKind::Configuration) where the resume position was written by a later version.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    pub fn start(mut self) -> Result<(ConsumerLink, Deliveries), Error> {
        self.availability = None;
        let account = self.connector.account().clone();
        let settings = self.connector.of_connections().clone();
        let side = |builder: Self| {
            Side::Consumer(Box::new(ConsumerSide {
                connector: builder.connector,
            }))
        };
        let (shared, lifeline, deliveries) = self.launch(Who::Consumer, &settings, side)?;
        Ok((ConsumerLink::new(shared, lifeline, account), deliveries))
    }
}

impl<C> LinkBuilder<C> {
    fn launch(
        mut self,
        who: Who,
        settings: &crate::Settings,
        side: impl FnOnce(Self) -> Side,
    ) -> Result<(Arc<Shared>, super::junction::Lifeline, Deliveries), Error> {
        self.resume.check()?;
        let mut core = Core::new(who, self.queue, self.mutation);
        core.brief = self.brief;
        core.restore(std::mem::take(&mut self.resume));
        let shared = Arc::new(Shared::new(core, self.offline, self.mutation, settings));
        shared.set_availability(self.availability.clone());
        let (lifeline, handles) = mpsc::channel(1);
        let (backoff, rivalry) = (self.backoff, self.rivalry);
        let owner = Owner::new(side(self), Arc::clone(&shared), handles, backoff, rivalry);
        tokio::spawn(owner.run());
        let deliveries = Deliveries::new(Arc::clone(&shared), lifeline.clone());
        Ok((shared, lifeline, deliveries))
    }
}
