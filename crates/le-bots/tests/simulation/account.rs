//! The account of one run: the simulator, the network before it, and the ways in for a bot and for consumers.

use std::sync::Arc;
use std::time::Duration;

use le_bots::connector::Introduction;
use le_bots::{AgentConnector, ConsumerConnector, Settings};
use le_core::clock::Clock as _;
use le_core::transport::Transport;
use le_sim::account::User;
use le_sim::{Sim, SimClock};

use crate::network::Network;
use crate::support::clients;
use crate::support::credential::Credential;
use crate::support::runtime::{BEGINNING, Chance, RuntimeClock, rng};
use crate::trace::Trace;
use crate::transport::PipeTransport;

/// Where each part of a run takes its numbers from.
#[derive(Debug, Clone, Copy)]
#[repr(u64)]
pub(crate) enum Stream {
    Network = 1,
    Plan,
    Bot,
    Entropy = 100,
}

pub(crate) struct Account {
    pub(crate) sim: Arc<Sim>,
    pub(crate) network: Network,
    pub(crate) clock: Arc<RuntimeClock>,
    pub(crate) trace: Trace,
    seed: u64,
}

impl Account {
    pub(crate) fn new(seed: u64, change: impl FnOnce(&mut le_sim::Behaviour), trace: Trace) -> Self {
        let mut behaviour = le_sim::Behaviour::default();
        change(&mut behaviour);
        let sim = Sim::builder()
            .conversations(0)
            .clock(SimClock::runtime(BEGINNING))
            .behaviour(behaviour)
            .start_in_memory()
            .unwrap();
        let sim = Arc::new(sim);
        let network = Network::new(Arc::clone(&sim), rng(seed, Stream::Network as u64), trace.clone());
        Self {
            sim,
            network,
            clock: Arc::new(RuntimeClock::new()),
            trace,
            seed,
        }
    }

    /// The user of the bot.
    pub(crate) fn bot_user(&self) -> &User {
        clients::bot_users(&self.sim)[0]
    }

    /// What a process of the bot connects with. Each process has a login session of its own.
    pub(crate) fn bot_connector(&self, process: u64) -> AgentConnector {
        let transport = self.transport(&format!("bot {process}"));
        clients::agent(&self.sim, self.bot_user(), transport, self.settings(process))
    }

    /// A new consumer.
    pub(crate) fn consumer_credential(&self, number: u64) -> Arc<Credential> {
        let transport = self.transport(&format!("consumer {number}"));
        Credential::consumer(transport, &self.sim.url(), &self.sim.account().id)
    }

    /// What the consumer of this number connects with.
    pub(crate) fn consumer_connector(&self, number: u64, credential: Arc<Credential>) -> ConsumerConnector {
        let transport = self.transport(&format!("consumer {number}"));
        let introduction = if number.is_multiple_of(2) {
            Introduction::Request
        } else {
            Introduction::Headers
        };
        clients::consumer_with(&self.sim, transport, credential, self.settings(1_000 + number))
            .introduction(introduction)
    }

    /// How long the run has lasted.
    pub(crate) fn elapsed(&self) -> Duration {
        self.clock.monotonic()
    }

    fn transport(&self, name: &str) -> Arc<dyn Transport> {
        Arc::new(PipeTransport::new(self.network.clone(), name))
    }

    fn settings(&self, stream: u64) -> Settings {
        let mut settings = Settings::default();
        settings.clock = self.clock.clone();
        settings.entropy = Arc::new(Chance::new(self.seed, Stream::Entropy as u64 + stream));
        settings
    }
}
