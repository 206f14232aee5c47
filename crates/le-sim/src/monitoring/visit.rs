//! One session of a visitor: what was reported, merged as chat merges it, and what was offered.

use std::{collections::VecDeque, sync::Arc};

use serde_json::{Map, Value};

use super::attribute::{Kind, Step, flag, number, text};
use crate::campaign::EngagementSource;

/// How many kinds of attributes add up.
const LISTS: usize = 6;

/// One attribute as it came.
#[derive(Debug)]
pub(crate) struct Reported {
    /// Counted up over all visitors.
    pub(crate) number: u64,
    /// Epoch milliseconds.
    pub(crate) at: i64,
    pub(crate) kind: Kind,
    /// The page it was reported on.
    pub(super) page: Arc<str>,
    /// Keys of the consumer that the report named; none for an anonymous visitor.
    pub(crate) consumers: Consumers,
    /// The attribute as it was sent.
    pub(crate) json: Box<str>,
}

/// Consumer ids and subjects of identities.
pub(crate) type Consumers = Option<Arc<[Arc<str>]>>;

impl Reported {
    pub(crate) fn value(&self) -> Value {
        serde_json::from_str(&self.json).unwrap_or_default()
    }
}

/// A report of a kind that adds up.
#[derive(Debug, Clone)]
pub(super) struct Item {
    pub(super) sequence: u32,
    /// Its order, lead or service was reported before.
    pub(super) repeated: bool,
    pub(super) reported: Arc<Reported>,
}

/// The cart as it stands.
#[derive(Debug, Clone)]
pub(super) struct Cart {
    pub(super) content: Value,
    /// By how much the total changed with the last report.
    pub(super) change: f64,
}

/// A page that the visitor saw.
#[derive(Debug, Clone)]
pub(super) struct Page {
    pub(super) id: Arc<str>,
    pub(super) started: i64,
    /// With scheme; none for pages of an app.
    pub(super) url: Option<String>,
    pub(super) entry_points: Vec<String>,
}

/// What the client says about itself.
#[derive(Debug, Clone, Default)]
pub(super) struct Device {
    pub(super) app_version: Option<String>,
    pub(super) family: Option<String>,
    pub(super) os: Option<String>,
    pub(super) os_version: Option<String>,
    pub(super) address: Option<String>,
}

/// An engagement that was offered in this session.
#[derive(Debug, Clone)]
pub(super) struct Offer {
    pub(super) context: String,
    pub(super) campaign: i64,
    pub(super) engagement: i64,
    pub(super) revision: i64,
    pub(super) at: i64,
    pub(super) page: Arc<str>,
    /// When it ends; none for the Monitoring API.
    pub(super) until: Option<i64>,
    /// Time and page of each click.
    pub(super) accepted: Vec<(i64, Arc<str>)>,
    pub(super) last: Option<Step>,
}

/// One session.
#[derive(Debug)]
pub(super) struct Visit {
    pub(super) id: Box<str>,
    pub(super) source: EngagementSource,
    pub(super) started: i64,
    pub(super) last: i64,
    /// The first attribute that belongs to it and not to the session before.
    pub(super) first_number: u64,
    /// An engagement was asked for: impressions are taken from now on.
    pub(super) asked: bool,
    /// The last call named an identity that the brand vouches for.
    pub(super) authenticated: bool,
    pub(super) device: Device,
    /// The address that geography follows from.
    pub(super) address: Option<std::net::IpAddr>,
    pub(super) customer: Option<Map<String, Value>>,
    pub(super) personal: Option<Map<String, Value>>,
    pub(super) marketing: Option<Map<String, Value>>,
    pub(super) cart: Option<Cart>,
    lists: [VecDeque<Item>; LISTS],
    sequences: [u32; LISTS],
    pub(super) pages: VecDeque<Page>,
    pub(super) offers: Vec<Offer>,
}

impl Visit {
    pub(super) fn new(id: String, source: EngagementSource, now: i64, first_number: u64) -> Self {
        Self {
            id: id.into(),
            source,
            started: now,
            last: now,
            first_number,
            asked: false,
            authenticated: false,
            device: Device::default(),
            address: None,
            customer: None,
            personal: None,
            marketing: None,
            cart: None,
            lists: Default::default(),
            sequences: [0; LISTS],
            pages: VecDeque::new(),
            offers: Vec::new(),
        }
    }

    /// Whether it still lives.
    pub(super) fn lives(&self, now: i64, life_ms: u64, idle_ms: u64) -> bool {
        let within = |since: i64, ms: u64| now.saturating_sub(since) < i64::try_from(ms).unwrap_or(i64::MAX);
        within(self.started, life_ms) && within(self.last, idle_ms)
    }

    /// Apps of phones cannot report what was searched for.
    pub(super) fn is_mobile_app(&self) -> bool {
        self.source == EngagementSource::Msdk || matches!(self.device.os.as_deref(), Some("IOS" | "ANDROID"))
    }

    /// Reports of a kind that adds up, oldest first.
    pub(super) fn list(&self, kind: Kind) -> &VecDeque<Item> {
        // A kind that does not add up has no list; asking for one is answered with one that is as short as it would be.
        &self.lists[kind.list().unwrap_or(0)]
    }

    /// Takes an attribute in, as chat does: properties are updated, the cart is replaced, everything else adds up.
    pub(super) fn merge(&mut self, reported: &Arc<Reported>, value: Value, most: usize) {
        let kind = reported.kind;
        match kind {
            Kind::Customer => update(&mut self.customer, kind.payload(&value)),
            Kind::Personal => update(&mut self.personal, kind.payload(&value)),
            Kind::Marketing => update(&mut self.marketing, kind.payload(&value)),
            Kind::Cart => {
                let total = |cart: &Value| number(&cart["total"]).unwrap_or(0.0);
                let before = self.cart.as_ref().map_or(0.0, |cart| total(&cart.content));
                self.cart = Some(Cart {
                    change: total(&value) - before,
                    content: value,
                });
            }
            _ => self.add(reported, &value, most),
        }
    }

    fn add(&mut self, reported: &Arc<Reported>, value: &Value, most: usize) {
        let Some(place) = reported.kind.list() else { return };
        let repeated = self.is_repeated(reported.kind, value);
        self.sequences[place] += 1;
        let items = &mut self.lists[place];
        while items.len() >= most.max(1) {
            items.pop_front();
        }
        items.push_back(Item {
            sequence: self.sequences[place],
            repeated,
            reported: Arc::clone(reported),
        });
    }

    fn is_repeated(&self, kind: Kind, value: &Value) -> bool {
        let Some(key) = kind.key() else { return false };
        let Some(id) = text(&kind.payload(value)[key]) else {
            return false;
        };
        // Most reports name another thing: whoever does not hold the text of the id cannot hold the id.
        self.list(kind).iter().any(|item| {
            item.reported.json.contains(&*id)
                && text(&kind.payload(&item.reported.value())[key]).is_some_and(|it| it == id)
        })
    }

    /// Errors that were not reported as resolved since, newest last.
    pub(super) fn unresolved_errors(&self) -> Vec<Value> {
        let mut open: Vec<Value> = Vec::new();
        for item in self.list(Kind::Error) {
            let value = item.reported.value();
            let error = Kind::Error.payload(&value).clone();
            if flag(&error["resolved"]) == Some(true) {
                let same = |other: &Value| ["contextId", "code"].iter().all(|key| other[key] == error[key]);
                open.retain(|other| !same(other));
            } else {
                open.push(error);
            }
        }
        open
    }

    /// Begins a page, or goes on with the one that has this id.
    pub(super) fn page(&mut self, id: &Arc<str>, now: i64, entry_points: &[String], most: usize) {
        if let Some(page) = self.pages.iter_mut().rev().find(|page| page.id == *id) {
            if !entry_points.is_empty() {
                page.url = url(entry_points);
                page.entry_points = entry_points.to_vec();
            }
            return;
        }
        while self.pages.len() >= most.max(1) {
            self.pages.pop_front();
        }
        self.pages.push_back(Page {
            id: Arc::clone(id),
            started: now,
            url: url(entry_points),
            entry_points: entry_points.to_vec(),
        });
    }

    /// The entry points that were told last, whatever page came since.
    pub(super) fn entry_points(&self) -> Option<&[String]> {
        let told = self.pages.iter().rev().find(|page| !page.entry_points.is_empty())?;
        Some(&told.entry_points)
    }

    /// The offer with this context.
    pub(super) fn offer(&self, context: &str) -> Option<&Offer> {
        self.offers.iter().find(|offer| offer.context == context)
    }
}

fn url(entry_points: &[String]) -> Option<String> {
    let is_url = |point: &&String| point.starts_with("https://") || point.starts_with("http://");
    entry_points.iter().find(is_url).cloned()
}

/// Members that are there take the place of the old ones; null takes nothing away.
fn update(known: &mut Option<Map<String, Value>>, new: &Value) {
    let known = known.get_or_insert_with(Map::new);
    for (name, value) in new.as_object().into_iter().flatten() {
        if !value.is_null() {
            known.insert(name.clone(), value.clone());
        }
    }
}
