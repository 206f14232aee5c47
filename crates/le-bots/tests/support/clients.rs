//! Connectors to a simulator over any transport.

use std::sync::Arc;

use le_bots::client_properties::{ClientProperties, Feature};
use le_bots::{AgentConnector, AgentIdentity, ConsumerConnector, Settings};
use le_core::discover::FixedBase;
use le_core::transport::Transport;
use le_core::{AccountId, BaseUri, TrustedHosts};
use le_sim::Sim;
use le_sim::account::{User, UserType};

use super::credential::Credential;

/// The bot users of an account.
pub(crate) fn bot_users(sim: &Sim) -> Vec<&User> {
    let users = sim.users().iter();
    users
        .filter(|user| user.user_type == UserType::Bot && user.enabled)
        .collect()
}

/// Who the user is on an agent socket.
pub(crate) fn identity(sim: &Sim, user: &User) -> AgentIdentity {
    AgentIdentity::new(account(sim), user.user_id.to_string()).with_pid(user.user_pid.as_str())
}

/// With a login session of its own.
pub(crate) fn agent(sim: &Sim, user: &User, transport: Arc<dyn Transport>, settings: Settings) -> AgentConnector {
    let credential = Credential::login(Arc::clone(&transport), &sim.url(), &sim.account().id, user);
    AgentConnector::new(transport, base(sim), credential, identity(sim, user))
        .trusted_hosts(trusted())
        .settings(settings)
}

/// A new consumer, whose client can show everything.
pub(crate) fn consumer(sim: &Sim, transport: Arc<dyn Transport>, settings: Settings) -> ConsumerConnector {
    let credential = Credential::consumer(Arc::clone(&transport), &sim.url(), &sim.account().id);
    consumer_with(sim, transport, credential, settings)
}

/// The consumer of this credential.
pub(crate) fn consumer_with(
    sim: &Sim,
    transport: Arc<dyn Transport>,
    credential: Arc<Credential>,
    settings: Settings,
) -> ConsumerConnector {
    let mut properties = ClientProperties::default();
    properties.features = Feature::KNOWN.iter().map(|name| Feature::from(*name)).collect();
    ConsumerConnector::new(transport, base(sim), credential, account(sim))
        .trusted_hosts(trusted())
        .settings(settings)
        .properties(properties)
}

fn account(sim: &Sim) -> AccountId {
    AccountId::new(&sim.account().id).unwrap()
}

pub(crate) fn base(sim: &Sim) -> Arc<FixedBase> {
    Arc::new(FixedBase(BaseUri::new(&sim.url()).unwrap()))
}

pub(crate) fn trusted() -> TrustedHosts {
    TrustedHosts::vendor().with_host("localhost")
}
