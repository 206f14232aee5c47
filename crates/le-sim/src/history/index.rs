//! The conversations of a history: where each lies in time, how to find it, and its wire text once it was asked for.
//!
//! Conversations themselves are not kept. They are made again from their seed when a filter has to look into one or
//! when its text is needed, and texts are kept up to a bound, so that the memory of a large history has one, too.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use super::cast::Cast;
use super::compose;
use super::conversation::Conversation;
use super::render::{Sheet, View, default_sheet, request_sheet};
use super::schedule::{Slot, slots};
use super::stencil::Stencil;
use crate::account::mix;

/// Wire text beyond this many bytes is made anew each time it is asked for.
const MOST_KEPT: usize = 1 << 30;

/// What the time filters need to know of a conversation, and its wire text.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) start: i64,
    /// `None`: open.
    pub(super) end: Option<i64>,
    pub(super) full_end: Option<i64>,
    pub(super) updated: i64,
    open: bool,
    origin: Origin,
    default_sheet: OnceLock<Box<Sheet>>,
    request_sheet: OnceLock<Box<Sheet>>,
}

/// Where a conversation comes from.
#[derive(Debug)]
enum Origin {
    /// Made from the seed with this number.
    Seed { number: u32, slot: Slot },
    /// Made by messaging, or made from a seed and changed since.
    Told(Arc<Conversation>),
}

/// All conversations in the order of their start.
#[derive(Debug)]
pub(super) struct Index {
    pub(super) cast: Cast,
    /// The instant the conversations were made for.
    now: i64,
    pub(super) entries: Vec<Entry>,
    by_id: HashMap<u128, u32>,
    by_consumer: HashMap<Box<str>, Vec<u32>>,
    /// What closed conversations are copied from; empty: each is made for itself.
    stencils: Vec<Stencil>,
    /// Bytes of wire text that are kept.
    kept_bytes: AtomicUsize,
    /// Conversations that were made after the others.
    pub(super) added: u32,
    /// What the conversations were made from: seed and number.
    made_from: (u64, usize),
}

impl Index {
    /// `stencils`: how many closed conversations differ in more than ids and times; 0: all.
    pub(super) fn generate(cast: Cast, seed: u64, count: usize, stencils: usize, now: i64) -> Self {
        let mut index = Self {
            stencils: (0..stencils.min(count))
                .map(|number| Stencil::make(&cast, number, now))
                .collect(),
            cast,
            now,
            entries: Vec::with_capacity(count),
            by_id: HashMap::with_capacity(count),
            by_consumer: HashMap::new(),
            kept_bytes: AtomicUsize::new(0),
            added: 0,
            made_from: (seed, count),
        };
        index.restore();
        index
    }

    /// Only what is made from the seed, as it was made.
    pub(super) fn restore(&mut self) {
        let (seed, count) = self.made_from;
        self.entries.clear();
        self.by_id.clear();
        self.by_consumer.clear();
        self.kept_bytes = AtomicUsize::new(0);
        self.added = 0;
        for (place, slot) in slots(mix(seed, 0x5c4e), count, self.now).into_iter().enumerate() {
            let number = u32::try_from(place).unwrap_or(u32::MAX);
            self.entries.push(Entry::seed(number, slot));
            match self.stencil(number, slot) {
                Some(stencil) => {
                    let copy = stencil.copy(&self.cast, number, slot.start);
                    let (id, consumer) = (stencil.id(&copy), stencil.consumer().to_owned());
                    let times = stencil.times(&copy);
                    self.entries[place].tell(times);
                    self.name(place, &id, &consumer);
                }
                None => {
                    let conversation = self.conversation(place);
                    self.entries[place].tell(Times::of(&conversation));
                    self.name(place, &conversation.id, &conversation.consumer.id);
                }
            }
        }
    }

    /// Takes a conversation away; those behind it move down.
    pub(super) fn remove(&mut self, place: usize) {
        if place >= self.entries.len() {
            return;
        }
        let gone = self.entries.remove(place);
        self.kept_bytes.fetch_sub(gone.kept_bytes(), Ordering::Relaxed);
        let place = u32::try_from(place).unwrap_or(u32::MAX);
        self.by_id.retain(|_, known| *known != place);
        let later = |known: &&mut u32| **known > place;
        self.by_id.values_mut().filter(later).for_each(|known| *known -= 1);
        for places in self.by_consumer.values_mut() {
            places.retain(|known| *known != place);
            places.iter_mut().filter(later).for_each(|known| *known -= 1);
        }
    }

    /// The stencil of a conversation that is made from one.
    fn stencil(&self, number: u32, slot: Slot) -> Option<&Stencil> {
        let stencils = self.stencils.len();
        (stencils > 0 && !slot.open).then(|| &self.stencils[number as usize % stencils])
    }

    /// Adds a conversation that messaging holds, or replaces what was known of it.
    pub(super) fn put(&mut self, conversation: Arc<Conversation>) {
        let known = self.find(&conversation.id).map(|place| place as usize);
        // A conversation may become known later than others that started after it.
        let place = known.unwrap_or_else(|| self.make_room(conversation.start));
        let entry = Entry::told(Arc::clone(&conversation));
        let former = known.map(|place| self.entries[place].kept_bytes()).unwrap_or(0);
        self.kept_bytes.fetch_sub(former, Ordering::Relaxed);
        match known {
            Some(place) => {
                // What is known keeps its place in the order, whatever its start is said to be now.
                let start = self.entries[place].start;
                self.entries[place] = Entry { start, ..entry };
            }
            None => self.entries.insert(place, entry),
        }
        self.name(place, &conversation.id, &conversation.consumer.id);
    }

    /// Moves what starts later than `start` one place up.
    fn make_room(&mut self, start: i64) -> usize {
        let place = self.entries.partition_point(|entry| entry.start <= start);
        if place < self.entries.len() {
            let first = u32::try_from(place).unwrap_or(u32::MAX);
            let later = |known: &&mut u32| **known >= first;
            self.by_id.values_mut().filter(later).for_each(|known| *known += 1);
            let places = self.by_consumer.values_mut().flatten();
            places.filter(later).for_each(|known| *known += 1);
        }
        place
    }

    /// Remembers under which id and consumer the conversation at this place is found.
    fn name(&mut self, place: usize, id: &str, consumer: &str) {
        let place = u32::try_from(place).unwrap_or(u32::MAX);
        if let Some(id) = uuid_number(id) {
            self.by_id.insert(id, place);
        }
        match self.by_consumer.get_mut(consumer) {
            Some(places) => {
                if let Err(at) = places.binary_search(&place) {
                    places.insert(at, place);
                }
            }
            None => {
                self.by_consumer.insert(consumer.into(), vec![place]);
            }
        }
    }

    /// The conversation at this place, made anew.
    pub(super) fn conversation(&self, place: usize) -> Conversation {
        match &self.entries[place].origin {
            Origin::Told(conversation) => Conversation::clone(conversation),
            Origin::Seed { number, slot } => self.seeded(*number, *slot),
        }
    }

    fn seeded(&self, number: u32, slot: Slot) -> Conversation {
        match self.stencil(number, slot) {
            Some(stencil) => stencil.conversation(&stencil.copy(&self.cast, number, slot.start)),
            None => compose::conversation(&self.cast, slot, number as usize, self.now),
        }
    }

    /// Where the conversation with this id is.
    pub(super) fn find(&self, id: &str) -> Option<u32> {
        self.by_id.get(&uuid_number(id)?).copied()
    }

    /// Where the consumer's conversations are, in the order of their start.
    pub(super) fn of_consumer(&self, consumer: &str) -> &[u32] {
        self.by_consumer.get(consumer).map_or(&[], Vec::as_slice)
    }

    /// Renders the default parts of a conversation ahead, if they are of the kind that is kept.
    pub(super) fn render(&self, place: usize, view: &View<'_>, scratch: &mut Vec<u8>) {
        if !self.entries[place].open {
            self.sheets(place, view, false, scratch, |_, _| ());
        }
    }

    /// Calls `show` with the texts of a conversation. Those of closed conversations in the plain view are kept as long as
    /// there is room; an open one shows its duration up to now, and other views are rare.
    pub(super) fn sheets<T>(
        &self,
        place: usize,
        view: &View<'_>,
        extras: bool,
        scratch: &mut Vec<u8>,
        show: impl FnOnce(&Sheet, Option<&Sheet>) -> T,
    ) -> T {
        let entry = &self.entries[place];
        if !entry.open && view.is_plain() {
            if let Origin::Seed { number, slot } = entry.origin
                && let Some(stencil) = self.stencil(number, slot)
            {
                let copy = stencil.copy(&self.cast, number, slot.start);
                let default = stencil.default_sheet(view, scratch).fill(&copy);
                let request = extras.then(|| stencil.request_sheet(view, scratch).fill(&copy));
                return show(&default, request.as_ref());
            }
            let kept = entry.default_sheet.get();
            let kept_request = entry.request_sheet.get();
            if let Some(default) = kept
                && (kept_request.is_some() || !extras)
            {
                return show(default, kept_request.filter(|_| extras).map(|sheet| &**sheet));
            }
        }
        let conversation = self.conversation(place);
        let default = default_sheet(&conversation, view, scratch);
        let request = extras.then(|| request_sheet(&conversation, view, scratch));
        let shown = show(&default, request.as_ref());
        if !entry.open && view.is_plain() {
            self.keep(&entry.default_sheet, default);
            request
                .into_iter()
                .for_each(|sheet| self.keep(&entry.request_sheet, sheet));
        }
        shown
    }

    /// Keeps a text for the next time, unless enough are kept.
    fn keep(&self, place: &OnceLock<Box<Sheet>>, sheet: Sheet) {
        let length = sheet.length();
        if self.kept_bytes.load(Ordering::Relaxed) + length <= MOST_KEPT && place.set(Box::new(sheet)).is_ok() {
            self.kept_bytes.fetch_add(length, Ordering::Relaxed);
        }
    }

    /// Bytes of wire text that are kept.
    pub(super) fn kept_bytes(&self) -> usize {
        self.kept_bytes.load(Ordering::Relaxed)
    }

    /// The conversations that were made from the seed, as they were made.
    pub(super) fn generated(&self) -> impl Iterator<Item = Conversation> {
        self.entries.iter().filter_map(|entry| match entry.origin {
            Origin::Seed { number, slot } => Some(self.seeded(number, slot)),
            Origin::Told(_) => None,
        })
    }
}

/// The times that filters ask for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Times {
    pub(super) end: Option<i64>,
    pub(super) full_end: Option<i64>,
    pub(super) updated: i64,
}

impl Times {
    pub(super) fn of(conversation: &Conversation) -> Self {
        Self {
            end: conversation.end(),
            full_end: conversation.full_end,
            updated: conversation.updated,
        }
    }
}

impl Entry {
    pub(super) fn is_open(&self) -> bool {
        self.open
    }

    fn seed(number: u32, slot: Slot) -> Self {
        Self {
            start: slot.start,
            end: None,
            full_end: None,
            updated: slot.start,
            open: slot.open,
            origin: Origin::Seed { number, slot },
            default_sheet: OnceLock::new(),
            request_sheet: OnceLock::new(),
        }
    }

    fn tell(&mut self, times: Times) {
        self.end = times.end;
        self.full_end = times.full_end;
        self.updated = times.updated;
    }

    fn told(conversation: Arc<Conversation>) -> Self {
        let times = Times::of(&conversation);
        Self {
            start: conversation.start,
            end: times.end,
            full_end: times.full_end,
            updated: times.updated,
            open: conversation.is_open(),
            origin: Origin::Told(conversation),
            default_sheet: OnceLock::new(),
            request_sheet: OnceLock::new(),
        }
    }

    fn kept_bytes(&self) -> usize {
        [&self.default_sheet, &self.request_sheet]
            .iter()
            .filter_map(|sheet| sheet.get())
            .map(|sheet| sheet.length())
            .sum()
    }
}

/// The number that a uuid is the text of, whatever its case.
fn uuid_number(text: &str) -> Option<u128> {
    let digits: String = text.chars().filter(|letter| *letter != '-').collect();
    (digits.len() == 32)
        .then(|| u128::from_str_radix(&digits, 16).ok())
        .flatten()
}
