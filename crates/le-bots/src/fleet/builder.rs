//! Settings of a fleet.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use le_core::clock::{Clock, Entropy, SystemClock, ThreadEntropy};
use tokio::sync::Semaphore;

use super::gate::{Gate, Rate};
use super::lease::{LeaseTimes, Leases};
use super::{Common, Fleet};
use crate::supervisor::Backoff;

/// Settings of a [`Fleet`]. See [`Fleet::builder`].
#[must_use]
pub struct FleetBuilder {
    logins: Rate,
    connections: Rate,
    leases: Option<Arc<dyn Leases>>,
    times: LeaseTimes,
    scope: String,
    at_most: Option<usize>,
    restart: Backoff,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

impl Default for FleetBuilder {
    fn default() -> Self {
        Self {
            logins: Rate::per_second(5.0),
            connections: Rate::per_second(10.0),
            leases: None,
            times: LeaseTimes::default(),
            scope: String::new(),
            at_most: None,
            restart: Backoff::new(Duration::from_secs(5), Duration::from_secs(120)),
            clock: Arc::new(SystemClock::default()),
            entropy: Arc::new(ThreadEntropy),
        }
    }
}

impl FleetBuilder {
    /// How often bots log in, all together (5 a second). LivePerson publishes no numbers and asks to avoid bursts.
    pub fn logins(mut self, rate: Rate) -> Self {
        self.logins = rate;
        self
    }

    /// How often bots connect, all together (10 a second), at the start and after an outage.
    pub fn connections(mut self, rate: Rate) -> Self {
        self.connections = rate;
        self
    }

    /// Agrees with other processes on who runs which bot user. Without leases this process runs all of them.
    pub fn leases(mut self, leases: Arc<dyn Leases>) -> Self {
        self.leases = Some(leases);
        self
    }

    /// The times of the leases.
    pub fn lease_times(mut self, times: LeaseTimes) -> Self {
        self.times = times;
        self
    }

    /// What the keys of the leases begin with, such as the account: bot users of the same name in other scopes are others.
    pub fn scope(mut self, scope: impl Into<String>) -> Self {
        self.scope = scope.into();
        self
    }

    /// At most so many bots in this process, so that other processes have some of them. All must have room for all when one dies.
    pub fn at_most(mut self, bots: usize) -> Self {
        self.at_most = Some(bots);
        self
    }

    /// The pauses before a bot that ended is started again (5 s to 2 min). While it runs, its link comes back by its own pauses.
    pub fn restart(mut self, backoff: Backoff) -> Self {
        self.restart = backoff;
        self
    }

    /// The clock, for tests.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Where chance comes from, for tests.
    pub fn entropy(mut self, entropy: Arc<dyn Entropy>) -> Self {
        self.entropy = entropy;
        self
    }

    /// A fleet without bots yet.
    #[must_use]
    pub fn build(self) -> Fleet {
        let gate = Gate::new(
            self.logins,
            self.connections,
            Arc::clone(&self.clock),
            Arc::clone(&self.entropy),
        );
        Fleet::new(Common {
            gate: Arc::new(gate),
            leases: self.leases.map(|leases| (leases, self.times)),
            scope: self.scope,
            places: self.at_most.map(|most| Arc::new(Semaphore::new(most))),
            restart: self.restart,
            clock: self.clock,
            entropy: self.entropy,
        })
    }
}

impl fmt::Debug for FleetBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FleetBuilder")
            .field("logins", &self.logins)
            .field("connections", &self.connections)
            .field("leases", &self.leases)
            .field("at_most", &self.at_most)
            .finish_non_exhaustive()
    }
}
