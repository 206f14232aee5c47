//! Everything that the listeners of one simulator share.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, RwLock,
        atomic::{AtomicBool, Ordering},
    },
};

use serde::Serialize;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    access::Frequency,
    account::{Account, UserType, uuid},
    agent_activity::Past,
    attachments::Attachments,
    behaviour::Behaviour,
    bulk_files::BulkFiles,
    clock::SimClock,
    faults::{FaultEngine, FaultPlan},
    history::{Chats, History},
    messaging::Messaging,
    monitoring::Monitoring,
    oauth::Nonces,
    requests::Requests,
    sentinel::ApplicationTokens,
    sessions::Sessions,
};

/// An OAuth 2.0 application that a bot user can log in with.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct OAuthClient {
    /// `client_id`: goes into `appKey` of the application login.
    pub client_id: String,
    /// `client_secret`: goes into `secret` of the application login.
    pub client_secret: String,
    /// The bot user that the application is linked to.
    pub login_name: String,
}

impl std::fmt::Debug for OAuthClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OAuthClient")
            .field("client_id", &self.client_id)
            .field("client_secret", &"[redacted]")
            .field("login_name", &self.login_name)
            .finish()
    }
}

/// Where a simulator listens.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Addresses {
    pub(crate) plain: SocketAddr,
    pub(crate) tls: Option<SocketAddr>,
    pub(crate) proxy: Option<SocketAddr>,
}

/// What a simulator is reset to.
#[derive(Debug, Clone)]
pub(crate) struct Beginning {
    pub(crate) behaviour: Behaviour,
    pub(crate) faults: FaultPlan,
}

/// The state of one simulator.
pub(crate) struct World {
    pub(crate) account: Account,
    pub(crate) oauth_clients: Vec<OAuthClient>,
    pub(crate) history: History,
    pub(crate) chats: Chats,
    /// What agents did before the simulator started, made when it is first asked for.
    pub(crate) past: Past,
    /// The instant that generated data was made for.
    pub(crate) generated_at: i64,
    pub(crate) conversations: usize,
    pub(crate) clock: SimClock,
    pub(crate) seed: u64,
    pub(crate) addresses: Addresses,
    /// Host names besides the known ones under which clients reach it.
    pub(crate) names: Vec<String>,
    pub(crate) ca_pem: Option<String>,
    pub(crate) beginning: Beginning,
    pub(crate) messaging: Messaging,
    pub(crate) monitoring: Monitoring,
    pub(crate) attachments: Arc<Attachments>,
    /// Sockets outlive the requests that opened them, and end with the simulator.
    pub(crate) tasks: TaskTracker,
    pub(crate) stop: CancellationToken,
    behaviour: RwLock<Arc<Behaviour>>,
    sessions: Mutex<Sessions>,
    nonces: Mutex<Nonces>,
    faults: Mutex<FaultEngine>,
    /// Spares the lock where there is no plan, which is most of the time.
    has_faults: AtomicBool,
    requests: Mutex<Requests>,
    frequency: Mutex<Frequency>,
    application_tokens: Mutex<ApplicationTokens>,
    bulk_files: Mutex<BulkFiles>,
}

/// What a world is made of, as far as it does not follow from the rest.
pub(crate) struct Ingredients {
    pub(crate) account: Account,
    pub(crate) history: History,
    pub(crate) chats: Chats,
    pub(crate) conversations: usize,
    pub(crate) clock: SimClock,
    pub(crate) seed: u64,
    pub(crate) addresses: Addresses,
    pub(crate) names: Vec<String>,
    pub(crate) ca_pem: Option<String>,
    pub(crate) behaviour: Behaviour,
    pub(crate) faults: FaultPlan,
    pub(crate) request_log: usize,
    pub(crate) tasks: TaskTracker,
    pub(crate) stop: CancellationToken,
}

impl std::fmt::Debug for World {
    /// What tells one simulator from another; the rest is large, or secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("World")
            .field("account", &self.account.id)
            .field("seed", &self.seed)
            .field("conversations", &self.conversations)
            .field("addresses", &self.addresses)
            .finish_non_exhaustive()
    }
}

impl World {
    pub(crate) fn new(from: Ingredients) -> Self {
        let beginning = Beginning {
            behaviour: from.behaviour.clone(),
            faults: from.faults.clone(),
        };
        let behaviour = Arc::new(from.behaviour);
        let (bot_id, bot_pid) = from.history.survey_bot();
        let attachments = Arc::<Attachments>::default();
        let start = session_seed(from.seed, &from.clock);
        let world = Self {
            messaging: Messaging::new(
                &from.account,
                (&bot_id, &bot_pid),
                from.seed,
                &behaviour,
                from.clock.moved(),
                Arc::clone(&attachments),
            ),
            monitoring: Monitoring::new(from.seed, start, from.account.campaigns.clone()),
            attachments,
            tasks: from.tasks,
            stop: from.stop,
            oauth_clients: oauth_clients(&from.account, from.seed),
            account: from.account,
            history: from.history,
            chats: from.chats,
            past: Past::default(),
            generated_at: from.clock.now_ms(),
            conversations: from.conversations,
            seed: from.seed,
            addresses: from.addresses,
            names: from.names,
            ca_pem: from.ca_pem,
            beginning,
            behaviour: RwLock::new(behaviour),
            sessions: Mutex::new(Sessions::new(start, from.clock.clone())),
            nonces: Mutex::default(),
            faults: Mutex::new(FaultEngine::default()),
            has_faults: AtomicBool::new(false),
            requests: Mutex::new(Requests::new(from.request_log)),
            frequency: Mutex::default(),
            application_tokens: Mutex::default(),
            bulk_files: Mutex::default(),
            clock: from.clock,
        };
        world.set_faults(from.faults);
        world
    }

    pub(crate) fn behaviour(&self) -> Arc<Behaviour> {
        Arc::clone(&self.behaviour.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn set_behaviour(&self, behaviour: Behaviour) {
        *self.behaviour.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(behaviour);
    }

    pub(crate) fn sessions(&self) -> MutexGuard<'_, Sessions> {
        lock(&self.sessions)
    }

    pub(crate) fn nonces(&self) -> MutexGuard<'_, Nonces> {
        lock(&self.nonces)
    }

    pub(crate) fn requests(&self) -> MutexGuard<'_, Requests> {
        lock(&self.requests)
    }

    pub(crate) fn frequency(&self) -> MutexGuard<'_, Frequency> {
        lock(&self.frequency)
    }

    pub(crate) fn application_tokens(&self) -> MutexGuard<'_, ApplicationTokens> {
        lock(&self.application_tokens)
    }

    pub(crate) fn bulk_files(&self) -> MutexGuard<'_, BulkFiles> {
        lock(&self.bulk_files)
    }

    pub(crate) fn faults(&self) -> MutexGuard<'_, FaultEngine> {
        lock(&self.faults)
    }

    pub(crate) fn has_faults(&self) -> bool {
        self.has_faults.load(Ordering::Relaxed)
    }

    /// Replaces the plan; the counts of its rules begin anew.
    pub(crate) fn set_faults(&self, plan: FaultPlan) {
        let mut faults = self.faults();
        *faults = FaultEngine::new(plan);
        self.has_faults.store(!faults.is_empty(), Ordering::Relaxed);
    }

    /// Adds a rule to the plan; the counts of the others go on.
    pub(crate) fn add_fault(&self, rule: crate::faults::FaultRule) {
        self.faults().add(rule);
        self.has_faults.store(true, Ordering::Relaxed);
    }

    /// Back to the state after the start: sessions, lockouts, nonces, log, counters, knobs, faults, time.
    pub(crate) fn reset(&self) {
        *self.sessions() = Sessions::new(session_seed(self.seed, &self.clock), self.clock.clone());
        self.nonces().clear();
        *self.frequency() = Frequency::default();
        *self.bulk_files() = BulkFiles::default();
        *self.application_tokens() = ApplicationTokens::default();
        self.requests().clear();
        self.set_behaviour(self.beginning.behaviour.clone());
        self.set_faults(self.beginning.faults.clone());
        self.clock.restart();
        self.messaging.reset(&self.behaviour());
        self.monitoring.reset();
        self.history.reset();
    }

    /// The OAuth 2.0 application of a bot user.
    pub(crate) fn oauth_client(&self, client_id: &str) -> Option<&OAuthClient> {
        self.oauth_clients.iter().find(|client| client.client_id == client_id)
    }
}

/// A poisoned lock only says that another request panicked; the state behind it is still usable.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Tokens repeat for a seed where the time does, too, and differ between runs where it does not.
fn session_seed(seed: u64, clock: &SimClock) -> u64 {
    seed ^ clock.now_ms().unsigned_abs().rotate_left(17)
}

/// One application for each enabled bot user.
fn oauth_clients(account: &Account, seed: u64) -> Vec<OAuthClient> {
    let mut random = fastrand::Rng::with_seed(seed ^ 0x0a17_2c11_e475);
    account
        .users
        .iter()
        .filter(|user| user.user_type == UserType::Bot && user.enabled)
        .map(|user| OAuthClient {
            client_id: uuid(&mut random),
            client_secret: (0..32).map(|_| random.alphanumeric()).collect(),
            login_name: user.login_name.clone(),
        })
        .collect()
}
