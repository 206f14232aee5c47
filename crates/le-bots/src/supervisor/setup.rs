//! The beginning of a session: what is said and subscribed to, and what is made of the answers.

use le_core::{Error, ErrorKind};

use super::listing::Listing;
use super::session::{Done, Job, Over, Session, Which};
use super::side::Side;
use super::state::LinkState;
use crate::agent_state::{SetAgentState, SubscribeAgentStates};
use crate::connection::Connection;
use crate::conversation::Subscribed;
use crate::identity::SubscriptionId;

/// A server that does not tell the first list within so many times the request timeout is given up.
const LIST_TIMEOUTS: u32 = 3;
/// Subscriptions that were given up and are remembered.
const MOST_RETIRED: usize = 32;

impl Session<'_> {
    /// Says who is there, and subscribes.
    pub(super) fn begin(&mut self) {
        self.round += 1;
        self.setup = 0;
        self.online = false;
        self.rings_told = false;
        if let Some(id) = self.listing.id().cloned() {
            self.retire(id);
        }
        self.listing = Listing::default();
        self.missing = None;
        self.looked = false;
        self.setup(|connection| Box::pin(async move { Done::Clock(connection.clock().await) }));
        if let Side::Agent(side) = self.side {
            if let Some(availability) = self.shared.availability() {
                let state = SetAgentState::new(side.connector.agent(), availability);
                self.setup(|connection| Box::pin(async move { Done::Said(connection.request(state).await) }));
            }
            if side.states && self.round == 1 {
                let states = SubscribeAgentStates::of(side.connector.agent());
                self.setup(|connection| {
                    Box::pin(async move { Done::Subscribed(Which::States, connection.request(states).await) })
                });
            }
        }
        let followed = self.side.followed();
        self.setup(|connection| {
            Box::pin(async move { Done::Subscribed(Which::Conversations, connection.request(followed).await) })
        });
        if let Some(rings) = self.side.rings() {
            self.setup(|connection| {
                Box::pin(async move { Done::Subscribed(Which::Rings, connection.request(rings).await) })
            });
        }
        let round = self.round;
        let timeout = self.connection.settings().request_timeout * LIST_TIMEOUTS;
        self.later(timeout, Done::ListDue(round));
    }

    fn setup(&mut self, job: impl FnOnce(Connection) -> Job) {
        self.setup += 1;
        self.jobs.push(job(self.connection.clone()));
    }

    pub(super) fn subscribed(&mut self, which: Which, answer: Result<Subscribed, Error>) -> Result<(), Over> {
        match which {
            Which::Conversations => {
                if let Some(subscribed) = self.first_answers(answer, true)? {
                    self.listing.answered(subscribed.subscription_id);
                    self.listed();
                }
            }
            Which::Rings => drop(self.first_answers(answer, true)?),
            Which::States => drop(self.first_answers(answer, false)?),
            Which::Missing => self.missing_answered(answer),
        }
        Ok(())
    }

    /// An answer to one of the requests of the beginning; `needed` where nothing works without it.
    pub(super) fn first_answers<T>(&mut self, answer: Result<T, Error>, needed: bool) -> Result<Option<T>, Over> {
        self.setup = self.setup.saturating_sub(1);
        let error = match answer {
            Ok(answer) => {
                self.proven = true;
                if self.setup == 0 && !self.connected {
                    self.connected = true;
                    self.shared.set_state(LinkState::CatchingUp);
                    self.shared.set_connection(Some(self.connection.clone()));
                }
                return Ok(Some(answer));
            }
            Err(error) => error,
        };
        if self.connection.is_closed() {
            return Ok(None);
        }
        match error.kind() {
            ErrorKind::Authentication => Err(Over::Refused(error)),
            ErrorKind::Authorization | ErrorKind::InvalidRequest | ErrorKind::NotFound | ErrorKind::Validation
                if needed =>
            {
                Err(Over::Refused(error))
            }
            // It may pass: the next connection shows.
            _ => {
                tracing::info!(%error, "a link could not be set up");
                self.connection.abort();
                Ok(None)
            }
        }
    }

    pub(super) fn list_due(&mut self, round: u32) {
        if round == self.round && (!self.listing.is_told() || self.missing.is_some()) {
            tracing::warn!("the server did not list the conversations in time");
            self.connection.abort();
        }
    }

    /// What still comes of this subscription is not looked at.
    pub(super) fn retire(&mut self, id: SubscriptionId) {
        self.retired.push_back(id);
        if self.retired.len() > MOST_RETIRED {
            self.retired.pop_front();
        }
    }
}
