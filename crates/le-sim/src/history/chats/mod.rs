//! The chats of the account, and the Engagement History answers computed from them
//! (<https://developers.liveperson.com/engagement-history-api-overview.html>).
//!
//! A chat is told like a short conversation between the same people about the same topics; nothing of it is kept, it is made
//! again from its seed when it is asked for.

mod filter;
mod knobs;
mod render;
mod search;

use std::sync::{Arc, Mutex};

use super::cast::Cast;
use super::compose;
use super::conversation::Conversation;
use super::schedule::{SHORTEST_CLOSED, Slot, closed_slots};
use crate::account::{Account, fold_text, mix};

pub use knobs::ChatKnobs;
pub(crate) use search::ChatCall;

/// Numbers of chats begin here, beyond those of any conversation.
const FIRST_NUMBER: usize = 0x2000_0000;

/// All chats of an account.
#[derive(Debug)]
pub(crate) struct Chats {
    account: String,
    cast: Cast,
    /// In the order of their start.
    slots: Vec<Slot>,
    /// The real-time id of the first one.
    first_id: u64,
    remembered: Mutex<Option<search::Remembered>>,
}

/// One chat.
#[derive(Debug)]
pub(crate) struct Chat {
    /// What was said, by whom, and what came of it.
    pub(super) story: Conversation,
    /// `info.engagementId`: the account id and the real-time id.
    pub(crate) id: String,
    pub(super) place: usize,
    /// When an agent was connected.
    pub(super) connected: i64,
    pub(super) ended: i64,
    /// The visitor said something.
    pub(super) interactive: bool,
}

impl Chats {
    /// Makes `count` chats that ended within the 13 months before `now`.
    pub(crate) fn generate(account: &Account, seed: u64, count: usize, now: i64) -> Self {
        Self {
            account: account.id.clone(),
            cast: Cast::of(account, seed),
            slots: closed_slots(mix(seed, 0xc4a7), count, now),
            first_id: 4_301_000_000 + mix(seed, fold_text(&account.id)) % 900_000,
            remembered: Mutex::default(),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.slots.len()
    }

    /// The chat at a place in the order of starts.
    pub(crate) fn chat(&self, place: usize) -> Chat {
        let slot = self.slots[place];
        // Told as if it had to end soon: chats do not last for days.
        let end = slot.start + SHORTEST_CLOSED;
        let mut number = FIRST_NUMBER + place;
        let mut story = compose::conversation(&self.cast, slot, number, end);
        // A visitor who gave up in the queue had no chat.
        while story.latest_agent.is_none() {
            number += 0x0800_0000;
            story = compose::conversation(&self.cast, slot, number, end);
        }
        let interactive = place % 20 != 19;
        if !interactive {
            silence(&mut story);
        }
        let connected = story.joins.iter().map(|join| join.time).min().unwrap_or(story.start);
        let ended = story.close.as_ref().map_or(connected, |close| close.time);
        Chat {
            id: format!("{}{}", self.account, self.first_id + place as u64),
            place,
            connected,
            ended,
            interactive,
            story,
        }
    }

    /// The chats that started in a range, bounds included.
    pub(crate) fn started(&self, from: i64, to: i64) -> impl Iterator<Item = Chat> {
        let first = self.slots.partition_point(|slot| slot.start < from);
        let past = self.slots.partition_point(|slot| slot.start <= to).max(first);
        (first..past).map(|place| self.chat(place))
    }

    /// The place of the chat with this engagement id.
    fn find(&self, id: &str) -> Option<usize> {
        let number: u64 = id.strip_prefix(self.account.as_str())?.parse().ok()?;
        let place = usize::try_from(number.checked_sub(self.first_id)?).ok()?;
        (place < self.slots.len()).then_some(place)
    }
}

/// Takes away what the visitor said.
fn silence(story: &mut Conversation) {
    story.messages.retain(|message| message.agent.is_some());
    story.scores.clear();
    story.statuses.clear();
    story.intents.clear();
    story.surveys.clear();
}

impl Chat {
    pub(super) fn agent(&self) -> Option<&Arc<super::cast::AgentCard>> {
        self.story.latest_agent.as_ref()
    }

    /// `info.duration`, seconds.
    pub(super) fn duration_s(&self) -> i64 {
        (self.ended - self.connected) / 1_000
    }
}
