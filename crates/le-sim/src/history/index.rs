//! The conversations of a history: where each lies in time, how to find it, and its wire text once it was asked for.
//!
//! Conversations themselves are not kept. They are made again from their seed when a filter has to look into one or
//! when its text is needed for the first time, so that a hundred thousand take little more memory than their texts.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use super::cast::Cast;
use super::compose;
use super::conversation::Conversation;
use super::render::{Sheet, View, default_sheet, request_sheet};
use super::schedule::{Slot, slots};
use crate::account::mix;

/// What the time filters need to know of a conversation, and its wire text.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) start: i64,
    /// `None`: open.
    pub(super) end: Option<i64>,
    pub(super) full_end: Option<i64>,
    pub(super) updated: i64,
    open: bool,
    /// Made by messaging, not from a seed.
    live: Option<Arc<Conversation>>,
    default_sheet: OnceLock<Box<Sheet>>,
    request_sheet: OnceLock<Box<Sheet>>,
}

/// All conversations in the order of their start.
#[derive(Debug)]
pub(super) struct Index {
    pub(super) cast: Cast,
    slots: Vec<Slot>,
    /// The instant the conversations were made for.
    now: i64,
    pub(super) entries: Vec<Entry>,
    by_id: HashMap<u128, u32>,
    by_consumer: HashMap<Box<str>, Vec<u32>>,
}

impl Index {
    pub(super) fn generate(cast: Cast, seed: u64, count: usize, now: i64) -> Self {
        let slots = slots(mix(seed, 0x5c4e), count, now);
        let mut index = Self {
            cast,
            now,
            entries: Vec::with_capacity(count),
            by_id: HashMap::with_capacity(count),
            by_consumer: HashMap::new(),
            slots,
        };
        for place in 0..count {
            let conversation = index.conversation(place);
            index.add(&conversation);
        }
        index
    }

    /// Adds a conversation that messaging holds, or replaces what was known of it.
    pub(super) fn put(&mut self, conversation: Arc<Conversation>) {
        let place = match self.find(&conversation.id) {
            Some(place) => place as usize,
            None => {
                self.add(&conversation);
                self.entries.len() - 1
            }
        };
        // The order of starts must hold even where somebody turned the clock back.
        let before = place
            .checked_sub(1)
            .map_or(i64::MIN, |before| self.entries[before].start);
        let mut entry = Entry::of(&conversation);
        entry.start = entry.start.max(before);
        entry.live = Some(conversation);
        self.entries[place] = entry;
    }

    fn add(&mut self, conversation: &Conversation) {
        let place = u32::try_from(self.entries.len()).unwrap_or(u32::MAX);
        if let Some(id) = uuid_number(&conversation.id) {
            self.by_id.insert(id, place);
        }
        match self.by_consumer.get_mut(conversation.consumer.id.as_str()) {
            Some(places) => places.push(place),
            None => {
                self.by_consumer
                    .insert(conversation.consumer.id.as_str().into(), vec![place]);
            }
        }
        self.entries.push(Entry::of(conversation));
    }

    /// The conversation at this place, made anew.
    pub(super) fn conversation(&self, place: usize) -> Conversation {
        if let Some(live) = &self.entries.get(place).and_then(|entry| entry.live.as_ref()) {
            return Conversation::clone(live);
        }
        compose::conversation(&self.cast, self.slots[place], place, self.now)
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
            self.kept(place, view, scratch);
        }
    }

    /// The default parts of a closed conversation in the plain view.
    fn kept(&self, place: usize, view: &View<'_>, scratch: &mut Vec<u8>) -> &Sheet {
        let sheet = &self.entries[place].default_sheet;
        sheet.get_or_init(|| Box::new(default_sheet(&self.conversation(place), view, scratch)))
    }

    /// Calls `show` with the texts of a conversation. Those of closed conversations in the plain view are kept; an open
    /// one shows its duration up to now, and other views are rare.
    pub(super) fn sheets<T>(
        &self,
        place: usize,
        view: &View<'_>,
        extras: bool,
        scratch: &mut Vec<u8>,
        show: impl FnOnce(&Sheet, Option<&Sheet>) -> T,
    ) -> T {
        let entry = &self.entries[place];
        if entry.open || !view.is_plain() {
            let conversation = self.conversation(place);
            let default = default_sheet(&conversation, view, scratch);
            let request = extras.then(|| request_sheet(&conversation, view, scratch));
            return show(&default, request.as_ref());
        }
        let default = self.kept(place, view, scratch);
        let request = extras.then(|| {
            &**entry
                .request_sheet
                .get_or_init(|| Box::new(request_sheet(&self.conversation(place), view, scratch)))
        });
        show(default, request)
    }
}

impl Entry {
    fn of(conversation: &Conversation) -> Self {
        Self {
            start: conversation.start,
            end: conversation.end(),
            full_end: conversation.full_end,
            updated: conversation.updated,
            open: conversation.is_open(),
            live: None,
            default_sheet: OnceLock::new(),
            request_sheet: OnceLock::new(),
        }
    }
}

/// The number that a uuid is the text of, whatever its case.
fn uuid_number(text: &str) -> Option<u128> {
    let digits: String = text.chars().filter(|letter| *letter != '-').collect();
    (digits.len() == 32)
        .then(|| u128::from_str_radix(&digits, 16).ok())
        .flatten()
}
