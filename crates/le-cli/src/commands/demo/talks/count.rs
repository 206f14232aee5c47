//! What was lost and what came twice: what both sides meant to say, against what the simulator has and what was heard.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use le_sim::Sim;
use serde_json::{Value, json};

use super::consumer::Told;

/// What the conversations came to.
#[derive(Debug, Clone, Default)]
pub(in super::super) struct Tally {
    /// Conversations that were held to their end.
    pub(in super::super) conversations: u64,
    /// Those that are closed at the simulator, survey and all.
    pub(in super::super) closed: u64,
    /// Messages that both sides said.
    pub(in super::super) messages: u64,
    pub(in super::super) cards: u64,
    pub(in super::super) transfers: u64,
    pub(in super::super) surveys: u64,
    /// Sockets that were closed under them.
    pub(in super::super) broken: u64,
    /// Messages that were meant and are not there, or were not heard.
    pub(in super::super) lost: u64,
    /// Messages that are there, or were heard, more than once.
    pub(in super::super) doubled: u64,
    pub(in super::super) elapsed: Duration,
}

impl Tally {
    /// Whether nothing was lost and nothing came twice.
    pub(in super::super) fn is_whole(&self) -> bool {
        self.lost == 0 && self.doubled == 0 && self.closed == self.conversations
    }

    pub(in super::super) fn to_json(&self) -> Value {
        json!({
            "held": self.conversations,
            "closed": self.closed,
            "messages": self.messages,
            "cards": self.cards,
            "transfers": self.transfers,
            "surveys": self.surveys,
            "sockets_broken": self.broken,
            "lost": self.lost,
            "doubled": self.doubled,
            "seconds": self.elapsed.as_secs_f64(),
        })
    }

    /// Adds how the texts that are there differ from those that were meant.
    fn differ<'t>(&mut self, meant: impl Iterator<Item = &'t str>, there: impl Iterator<Item = &'t str>) {
        let mut balance = BTreeMap::<&str, i64>::new();
        for text in meant {
            *balance.entry(text).or_default() -= 1;
        }
        for text in there {
            *balance.entry(text).or_default() += 1;
        }
        for difference in balance.into_values() {
            self.lost += difference.min(0).unsigned_abs();
            self.doubled += difference.max(0).unsigned_abs();
        }
    }
}

/// Looks each conversation up in the simulator.
pub(super) fn compare(sim: &Sim, told: &[Told], broken: u64, elapsed: Duration) -> Tally {
    let mut tally = Tally {
        broken,
        elapsed,
        ..Tally::default()
    };
    for one in told {
        tally.conversations += 1;
        tally.transfers += u64::from(one.handed_over);
        tally.surveys += u64::from(one.surveyed);
        let id = one.conversation.as_ref().map_or("", |id| id.as_str());
        let record = sim.control().messaging().conversation(id).unwrap_or_default();
        tally.closed += u64::from(record["stage"] == "CLOSE");
        let events: &[Value] = record["events"].as_array().map_or(&[], Vec::as_slice);
        let of_consumer = texts(events, |role| role == "CONSUMER");
        tally.differ(one.said.iter().map(String::as_str), of_consumer.iter().copied());
        let of_brand = texts(events, |role| role == "ASSIGNED_AGENT");
        tally.differ(one.expected.iter().map(String::as_str), of_brand.iter().copied());
        tally.cards += events
            .iter()
            .filter(|event| event["event"]["type"] == "RichContentEvent")
            .count() as u64;
        tally.messages += (of_consumer.len() + of_brand.len()) as u64;
        // And what reached the consumer: each message of the brand once.
        let places: BTreeSet<_> = one
            .heard
            .iter()
            .map(|(dialog, sequence, _)| (dialog, sequence))
            .collect();
        tally.doubled += (one.heard.len() - places.len()) as u64;
    }
    tally
}

fn texts(events: &[Value], role: impl Fn(&str) -> bool) -> Vec<&str> {
    let of_role = events.iter().filter(|event| event["role"].as_str().is_some_and(&role));
    of_role.filter_map(|event| event["event"]["message"].as_str()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_and_what_is_too_much_are_told_apart() {
        let mut tally = Tally::default();
        tally.differ(["a", "b", "b"].into_iter(), ["a", "a", "b"].into_iter());
        assert_eq!((tally.lost, tally.doubled), (1, 1));
        assert!(!tally.is_whole());
        assert!(Tally::default().is_whole());
    }
}
