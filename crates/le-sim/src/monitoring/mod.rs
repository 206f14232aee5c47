//! Visitors: the Monitoring API and its siblings. What they do is reported, and decides what they are offered; what they reported
//! reaches the conversations that they start (<https://developers.liveperson.com/monitoring-api-overview.html>).

mod app_engagement;
mod attribute;
mod external;
mod funnel;
mod identifier;
mod intake;
mod knobs;
mod methods;
mod offers;
mod overview;
mod place;
mod refusal;
mod rules;
mod targeting;
mod tree;
mod visit;
mod visit_methods;
mod visitors;

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
};

pub(crate) use app_engagement::update as update_app_engagement;
pub(crate) use app_engagement::{open as open_app_engagement, proceed as continue_app_engagement};
pub(crate) use attribute::Kind;
pub(crate) use external::{chat as external_chat, create as create_external_engagement};
pub use funnel::FunnelCount;
pub use knobs::{InvalidIds, MonitoringKnobs, SessionLimit};
pub(crate) use methods::{engagement, report};
pub use overview::{OfferSummary, VisitorSummary};
pub(crate) use refusal::injected;
pub(crate) use visit::Reported;
pub(crate) use visit_methods::{add_events, state, validate};

use self::{
    attribute::Entry,
    external::Links,
    funnel::Funnel,
    intake::{Identities, Sent},
    visit::Visit,
    visitors::{Visitor, Visitors},
};
use crate::{campaign::Campaign, world::lock};

/// Everything visitor-side of one simulator.
#[derive(Debug)]
pub(crate) struct Monitoring {
    visitors: Visitors,
    beginning: Arc<Vec<Campaign>>,
    campaigns: RwLock<Arc<Vec<Campaign>>>,
    /// What offers came to, by engagement.
    funnel: Mutex<BTreeMap<(i64, i64), Funnel>>,
    links: Mutex<Links>,
    /// Loading answers that were given.
    loading_given: AtomicU64,
    /// Attributes that were reported.
    numbers: AtomicU64,
    seed: u64,
}

impl Monitoring {
    /// `start` decides which ids come first.
    pub(crate) fn new(seed: u64, start: u64, campaigns: Vec<Campaign>) -> Self {
        let beginning = Arc::new(campaigns);
        Self {
            visitors: Visitors::new(seed, start),
            campaigns: RwLock::new(Arc::clone(&beginning)),
            beginning,
            funnel: Mutex::default(),
            links: Mutex::new(Links::new(seed)),
            loading_given: AtomicU64::new(0),
            numbers: AtomicU64::new(0),
            seed,
        }
    }

    /// Forgets everything; the campaigns of the start come back.
    pub(crate) fn reset(&self) {
        self.visitors.clear();
        self.set_campaigns(Arc::clone(&self.beginning));
        *lock(&self.links) = Links::new(self.seed);
        self.load_again();
    }

    /// The campaigns as they stand.
    pub(crate) fn campaigns(&self) -> Arc<Vec<Campaign>> {
        Arc::clone(&self.campaigns.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Replaces the campaigns, and begins to count anew. Offers that were made stay.
    pub(crate) fn set_campaigns(&self, campaigns: Arc<Vec<Campaign>>) {
        *self.campaigns.write().unwrap_or_else(PoisonError::into_inner) = campaigns;
        lock(&self.funnel).clear();
    }

    /// The account is to load once more, for as many answers as the knob says.
    pub(crate) fn load_again(&self) {
        self.loading_given.store(0, Ordering::Relaxed);
    }

    /// Whether one of the `wanted` loading answers is due.
    fn is_loading(&self, wanted: u64) -> bool {
        wanted > 0
            && self
                .loading_given
                .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |given| {
                    (given < wanted).then_some(given + 1)
                })
                .is_ok()
    }

    /// The number of the next attribute.
    fn next_number(&self) -> u64 {
        self.numbers.load(Ordering::Relaxed)
    }

    /// Keeps attributes of a visitor and merges them into the session.
    fn keep(&self, visitor: &mut Visitor, sent: Vec<Sent<'_>>, page: &Arc<str>, now: i64, most: usize) {
        let most = most.max(1);
        for one in sent {
            let Entry::Attribute(kind) = one.entry else { continue };
            let reported = Arc::new(Reported {
                number: self.numbers.fetch_add(1, Ordering::Relaxed),
                at: now,
                kind,
                page: Arc::clone(page),
                consumers: visitor.named.clone(),
                json: one.raw.into(),
            });
            while visitor.reported.len() >= most {
                visitor.reported.pop_front();
            }
            visitor.reported.push_back(Arc::clone(&reported));
            if let Some(visit) = &mut visitor.visit {
                visit.merge(&reported, one.value, most);
            }
        }
    }

    /// Remembers who the visitor says to be.
    fn identify(&self, id: &str, visitor: &mut Visitor, identities: &Identities) {
        if identities.keys.is_empty() {
            return;
        }
        if visitor.named.as_deref() != Some(&*identities.keys) {
            visitor.named = Some(identities.keys.as_slice().into());
        }
        let new: Vec<Arc<str>> = identities
            .keys
            .iter()
            .filter(|key| !visitor.consumers.contains(key))
            .cloned()
            .collect();
        if !new.is_empty() {
            self.visitors.name(id, &new);
            visitor.consumers.extend(new);
        }
    }

    /// What was reported under these consumer keys, and by this visitor without naming a consumer, within these times. Oldest
    /// first.
    pub(crate) fn reported(&self, keys: &[&str], visitor: Option<&str>, from: i64, to: i64) -> Vec<Arc<Reported>> {
        let mut found: Vec<Arc<Reported>> = Vec::new();
        let within = |one: &&Arc<Reported>| (from..=to).contains(&one.at);
        for id in self.visitors.of_consumer(keys) {
            self.visitors.look(&id, |visitor| {
                let theirs = |one: &&Arc<Reported>| {
                    let named = one.consumers.iter().flat_map(|keys| keys.iter());
                    named.into_iter().any(|key| keys.contains(&&**key))
                };
                found.extend(visitor.reported.iter().filter(within).filter(theirs).cloned());
            });
        }
        if let Some(id) = visitor {
            self.visitors.look(id, |visitor| {
                let anonymous = visitor.reported.iter().filter(|one| one.consumers.is_none());
                found.extend(anonymous.filter(within).cloned());
            });
        }
        found.sort_unstable_by_key(|one| one.number);
        found.dedup_by_key(|one| one.number);
        found
    }
}

/// The client and its address, as far as a call told them.
fn describe(visit: &mut Visit, device: visit::Device, address: Option<std::net::IpAddr>) {
    let keep = |known: &mut Option<String>, told: Option<String>| {
        if told.is_some() {
            *known = told;
        }
    };
    keep(&mut visit.device.app_version, device.app_version);
    keep(&mut visit.device.family, device.family);
    keep(&mut visit.device.os, device.os);
    keep(&mut visit.device.os_version, device.os_version);
    keep(&mut visit.device.address, device.address);
    if address.is_some() {
        visit.address = address;
    }
}
