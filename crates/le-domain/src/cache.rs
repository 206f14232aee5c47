//! What was looked up, for how long it holds, and which lookups are under way.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::future::{BoxFuture, Shared, WeakShared};
use le_core::discover::Doubt;
use le_core::{BaseUri, Error};

use crate::listing::Services;
use crate::lookup::Key;

/// A lookup under way. Whoever awaits it drives it on, so that the caller who began it may be dropped without harm.
pub(crate) type Flight = Shared<BoxFuture<'static, Result<Services, Error>>>;

/// An ordinary 404 must not cause lookups: only an answer older than this is dropped for one.
const NOT_FOUND_AGE: Duration = Duration::from_secs(60);
/// How long an answer that confirmed an unreachable host is not doubted again.
const CONFIRMED_FOR: Duration = Duration::from_secs(30);
/// How long a stale answer is served before the next lookup is tried, after one that failed.
const QUIET: Duration = Duration::from_secs(30);

/// All times are of the client's monotonic clock.
#[derive(Debug)]
pub(crate) struct Cache {
    ttl: Duration,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    all: Option<Held>,
    singles: HashMap<String, Held>,
    /// Services whose host was in doubt, the host then, and when.
    doubted: HashMap<String, (BaseUri, Duration)>,
    quiet_until: HashMap<Key, Duration>,
    flights: HashMap<Key, WeakShared<BoxFuture<'static, Result<Services, Error>>>>,
}

#[derive(Debug, Clone)]
struct Held {
    services: Services,
    since: Duration,
    /// Dropped, and kept only to be served where a new answer cannot be had.
    evicted: bool,
    /// An answer to the lookup of all services: what it lacks is not there.
    whole: bool,
}

/// What the cache knows about a service.
#[derive(Debug)]
pub(crate) enum Known {
    At(BaseUri),
    /// A fresh list of all services lacks it.
    Missing(Services),
    Unknown,
}

impl Cache {
    pub(crate) fn new(ttl: Duration) -> Self {
        Self {
            ttl,
            state: Mutex::default(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_fresh(&self, held: &Held, now: Duration) -> bool {
        !held.evicted && now.saturating_sub(held.since) < self.ttl
    }

    pub(crate) fn service(&self, service: &str, now: Duration) -> Known {
        let state = self.state();
        let fresh = |held: &&Held| self.is_fresh(held, now);
        let all = state.all.as_ref().filter(fresh);
        let single = state.singles.get(service).filter(fresh);
        let newest = [all, single]
            .into_iter()
            .flatten()
            .filter_map(|held| Some((held.since, held.services.get(service)?)))
            .max_by_key(|(since, _)| *since);
        match (newest, all) {
            (Some((_, base)), _) => Known::At(base.clone()),
            (None, Some(held)) if held.whole => Known::Missing(held.services.clone()),
            _ => Known::Unknown,
        }
    }

    /// The fresh list of all services.
    pub(crate) fn all(&self, now: Duration) -> Option<Services> {
        let state = self.state();
        let held = state
            .all
            .as_ref()
            .filter(|held| self.is_fresh(held, now) && held.whole)?;
        Some(held.services.clone())
    }

    /// A fresh answer to this very lookup.
    pub(crate) fn fresh(&self, key: &Key, now: Duration) -> Option<Services> {
        let Key::One(service) = key else {
            return self.all(now);
        };
        let state = self.state();
        let held = state.singles.get(service).filter(|held| self.is_fresh(held, now))?;
        Some(held.services.clone())
    }

    /// An answer beyond its time, to be served where no new one can be had.
    pub(crate) fn stale(&self, key: &Key) -> Option<Services> {
        let state = self.state();
        let held = match key {
            Key::All => state.all.as_ref(),
            Key::One(service) => {
                let listed = state.all.as_ref().filter(|held| held.services.get(service).is_some());
                state.singles.get(service).or(listed)
            }
        };
        held.map(|held| held.services.clone())
    }

    pub(crate) fn is_quiet(&self, key: &Key, now: Duration) -> bool {
        self.state().quiet_until.get(key).is_some_and(|until| now < *until)
    }

    /// A lookup failed and `stale` is served: it is tried again after a while, not for each call.
    pub(crate) fn keep_stale(&self, key: &Key, stale: &Services, now: Duration) {
        let mut state = self.state();
        state.quiet_until.insert(key.clone(), now + QUIET);
        let held = match key {
            Key::All => state.all.as_mut(),
            Key::One(service) => state.singles.get_mut(service),
        };
        if let Some(held) = held {
            held.services = stale.clone();
        }
    }

    /// Takes in an answer. `whole` where it lists all services.
    pub(crate) fn keep(&self, key: &Key, services: &Services, whole: bool, now: Duration) {
        let mut state = self.state();
        state.quiet_until.remove(key);
        let held = Held {
            services: services.clone(),
            since: now,
            evicted: false,
            whole,
        };
        match key {
            Key::All => state.all = Some(held),
            Key::One(service) => drop(state.singles.insert(service.clone(), held)),
        }
    }

    /// Drops what is known of a service whose host is in doubt. True where asking again may give another host.
    pub(crate) fn doubt(&self, service: &str, base: &BaseUri, why: Doubt, now: Duration) -> bool {
        let mut state = self.state();
        let State {
            all,
            singles,
            doubted,
            quiet_until,
            ..
        } = &mut *state;
        let mut holders: Vec<&mut Held> = all
            .as_mut()
            .into_iter()
            .chain(singles.get_mut(service))
            .filter(|held| self.is_fresh(held, now) && held.services.get(service).is_some())
            .collect();
        let Some(newest) = holders.iter().max_by_key(|held| held.since) else {
            return true;
        };
        if newest.services.get(service) != Some(base) {
            // Somebody else doubted it before, and there is another answer already.
            return true;
        }
        let age = now.saturating_sub(newest.since);
        let confirmed = doubted
            .get(service)
            .is_some_and(|(then, at)| then == base && newest.since >= *at && age < CONFIRMED_FOR);
        let drops = match why {
            Doubt::NotFound => age > NOT_FOUND_AGE,
            _ => !confirmed,
        };
        if drops {
            holders.iter_mut().for_each(|held| held.evicted = true);
            doubted.insert(service.to_owned(), (base.clone(), now));
            quiet_until.clear();
        }
        drops
    }

    /// Joins the lookup of `key` that is under way, or begins one.
    pub(crate) fn join(&self, key: &Key, begin: impl FnOnce() -> Flight) -> Flight {
        let mut state = self.state();
        state
            .flights
            .retain(|_, flight| flight.upgrade().is_some_and(|flight| flight.peek().is_none()));
        if let Some(flight) = state.flights.get(key).and_then(WeakShared::upgrade) {
            return flight;
        }
        let flight = begin();
        if let Some(weak) = flight.downgrade() {
            state.flights.insert(key.clone(), weak);
        }
        flight
    }
}
