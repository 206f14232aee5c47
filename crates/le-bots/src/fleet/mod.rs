//! Many bot users in one process, and one bot user in exactly one process of several.
//!
//! A [`Fleet`] starts its [`BotUser`]s, starts them again where they end, and tells how they are. They share one runtime, and
//! towards the vendor one rate of logins and one of connections ([`Rate`]): a thousand bots that come back at the same time do not
//! make a burst. After a login that was answered with 429 all of them wait.
//!
//! LivePerson allows one session for each user: a second login ends the first. So the processes that could run a bot user agree
//! on one by [`lease`]s, and nothing else decides: without the lease no login is made and no socket is opened. When a process dies,
//! another one has its bots within the time of a lease; one that loses its lease ends its bots before anybody else can have them.
//!
//! ```no_run
//! use std::sync::Arc;
//! use le_bots::bot::Shutdown;
//! use le_bots::fleet::{BotUser, Fleet, Rate};
//! # async fn example(users: Vec<BotUser>) -> Result<(), le_core::Error> {
//! let fleet = Fleet::builder()
//!     .logins(Rate::per_second(5.0))
//!     .connections(Rate::per_second(10.0))
//!     // .leases(Arc::new(le_lease_redis::RedisLeases::new("redis://127.0.0.1:6379/0")?))
//!     .build();
//! for user in users {
//!     fleet.add(user)?;
//! }
//! fleet.online(1).await;
//! println!("{:?}", fleet.health());
//! fleet.shutdown(Shutdown::HandBack).await;
//! # Ok(())
//! # }
//! ```

mod builder;
mod care;
#[cfg(feature = "health")]
mod endpoint;
mod fenced;
mod gate;
mod health;
pub mod lease;
mod member;
mod status;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::future::join_all;
use le_core::Error;
use le_core::clock::{Clock, Entropy};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinHandle;
use tracing::Instrument as _;

pub use builder::FleetBuilder;
use care::{Order, Ward};
#[cfg(feature = "health")]
#[cfg_attr(docsrs, doc(cfg(feature = "health")))]
pub use endpoint::HealthEndpoint;
use gate::Gate;
pub use gate::{Rate, Tenure};
pub use health::{BotHealth, BotState, FleetHealth};
use lease::{LeaseTimes, Leases};
pub use member::{BotUser, Gauge, Running};
use status::{Status, Told};

use crate::bot::Shutdown;
use crate::supervisor::Backoff;

/// Bot users of one process. Cheap to clone; clones are the same fleet. It ends with [`Fleet::shutdown`]; when the last clone is
/// dropped, its bots are dropped, which ends them at once.
#[derive(Clone)]
pub struct Fleet(Arc<Inner>);

struct Inner {
    common: Arc<Common>,
    members: Mutex<BTreeMap<Arc<str>, Member>>,
    told: Told,
}

/// What all bots of a fleet share.
struct Common {
    gate: Arc<Gate>,
    leases: Option<(Arc<dyn Leases>, LeaseTimes)>,
    scope: String,
    places: Option<Arc<Semaphore>>,
    restart: Backoff,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

struct Member {
    status: Arc<Status>,
    orders: watch::Sender<Order>,
    task: JoinHandle<()>,
}

impl Common {
    /// The key of a bot's lease.
    fn key(&self, name: &str) -> String {
        if self.scope.is_empty() {
            name.to_owned()
        } else {
            format!("{}/{name}", self.scope)
        }
    }
}

impl Fleet {
    /// Starts from the default settings.
    pub fn builder() -> FleetBuilder {
        FleetBuilder::default()
    }

    fn new(common: Common) -> Self {
        Self(Arc::new(Inner {
            common: Arc::new(common),
            members: Mutex::default(),
            told: Told {
                changes: watch::Sender::new(0),
                online: watch::Sender::new(0),
            },
        }))
    }

    fn members(&self) -> MutexGuard<'_, BTreeMap<Arc<str>, Member>> {
        self.0.members.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a bot user, whose bot is started as soon as this process may.
    ///
    /// # Errors
    /// [`ErrorKind::Validation`](le_core::ErrorKind::Validation) where the fleet has a bot user of this name.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    pub fn add(&self, user: BotUser) -> Result<(), Error> {
        let name = user.shared_name();
        let mut members = self.members();
        if members.contains_key(&name) {
            let message = format!("the fleet has a bot user {name:?} already");
            return Err(Error::validation(message).with_advice("give each bot user a name of its own"));
        }
        let (orders, wanted) = watch::channel(Order::Run(0));
        let ward = self.ward(user, wanted);
        let status = Arc::clone(&ward.status);
        let span = tracing::info_span!("fleet", bot = %name);
        let task = tokio::spawn(Box::pin(ward.run()).instrument(span));
        let member = Member { status, orders, task };
        members.insert(name, member);
        drop(members);
        self.changed();
        Ok(())
    }

    /// The care for a bot user.
    fn ward(&self, user: BotUser, orders: watch::Receiver<Order>) -> Ward {
        let common = Arc::clone(&self.0.common);
        let status = Status::new(user.shared_name(), Arc::clone(&common.clock), self.0.told.clone());
        Ward {
            user,
            common,
            status: Arc::new(status),
            orders,
        }
    }

    /// Ends a bot and takes its user out of the fleet. `false`: there is none of this name.
    ///
    /// # Cancel safety
    /// The bot ends also where the future is dropped.
    pub async fn remove(&self, name: &str, how: Shutdown) -> bool {
        let Some(member) = self.members().remove(name) else {
            return false;
        };
        member.end(how).await;
        self.changed();
        true
    }

    /// Starts a bot anew: one that failed or waits, at once; one that runs ends first, and its conversations wait for it.
    /// `false`: there is none of this name.
    pub fn restart(&self, name: &str) -> bool {
        let members = self.members();
        let Some(member) = members.get(name) else { return false };
        member.orders.send_if_modified(|order| match order {
            Order::Run(number) => {
                *number += 1;
                true
            }
            Order::Stop(_) => false,
        });
        true
    }

    /// How all bots are now.
    #[must_use]
    pub fn health(&self) -> FleetHealth {
        FleetHealth::new(self.members().values().map(|member| member.status.health()).collect())
    }

    /// Waits until so many bots are online in this process.
    ///
    /// # Cancel safety
    /// Nothing is lost.
    pub async fn online(&self, bots: usize) {
        // The sender lives in the fleet, so there is no other outcome than the number.
        let mut online = self.0.told.online.subscribe();
        drop(online.wait_for(|online| *online >= bots).await);
    }

    /// Told whenever a bot changes its state, comes or goes: look at [`Fleet::health`] then.
    #[must_use]
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.0.told.changes.subscribe()
    }

    /// Ends all bots, at the same time, and gives their leases back. Calling it once more hurries: bots that are in the middle of a
    /// farewell then end at once.
    ///
    /// # Cancel safety
    /// The bots end also where the future is dropped.
    pub async fn shutdown(&self, how: Shutdown) {
        let members = std::mem::take(&mut *self.members());
        join_all(members.into_values().map(|member| member.end(how))).await;
        self.changed();
    }

    fn changed(&self) {
        self.0.told.changes.send_modify(|count| *count += 1);
    }
}

impl Member {
    async fn end(self, how: Shutdown) {
        self.orders.send_replace(Order::Stop(how));
        // A task that panicked has ended, too.
        drop(self.task.await);
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        let members = self.members.get_mut().unwrap_or_else(PoisonError::into_inner);
        for member in members.values() {
            member.task.abort();
        }
    }
}

impl fmt::Debug for Fleet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fleet")
            .field("bots", &self.members().len())
            .finish_non_exhaustive()
    }
}
