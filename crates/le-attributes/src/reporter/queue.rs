//! What waits for one visitor, in order, as JSON that is ready to be sent.

use std::collections::VecDeque;

/// What decides over a repetition of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EventKind {
    /// A later report takes its place: it can be sent twice.
    Replaced,
    /// Each report adds one.
    Appended,
    /// Tied to a context of the session, and appended.
    Impression,
}

/// Events behind each other, each followed by a comma, and where each ends. An event leaves when it is delivered or lost, so what
/// is on its way is still here.
#[derive(Default)]
pub(super) struct Queue {
    json: Vec<u8>,
    marks: VecDeque<(u32, EventKind)>,
}

impl Queue {
    pub(super) fn len(&self) -> usize {
        self.marks.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.marks.is_empty()
    }

    pub(super) fn bytes(&self) -> usize {
        self.json.len()
    }

    pub(super) fn push(&mut self, json: &[u8], kind: EventKind) {
        self.json.extend_from_slice(json);
        self.json.push(b',');
        // The length was checked when the event was taken: see `Table::push`.
        self.marks
            .push_back((u32::try_from(json.len() + 1).unwrap_or(u32::MAX), kind));
    }

    /// How many of the first events go together: at most `events`, and at most `bytes` unless it is one.
    pub(super) fn batch(&self, events: usize, bytes: usize) -> usize {
        let mut total = 0;
        let fits = |(length, _): &&(u32, EventKind)| {
            total += *length as usize;
            total <= bytes
        };
        self.marks
            .iter()
            .take(events)
            .take_while(fits)
            .count()
            .max(1)
            .min(self.len())
    }

    /// The JSON of the first `events`, with commas between them.
    pub(super) fn json(&self, events: usize) -> &[u8] {
        let end: usize = self.marks.iter().take(events).map(|(length, _)| *length as usize).sum();
        &self.json[..end.saturating_sub(1)]
    }

    /// Takes the first `events` away, and says how many bytes they were.
    pub(super) fn pop(&mut self, events: usize) -> usize {
        let bytes = self.marks.drain(..events).map(|(length, _)| length as usize).sum();
        if self.marks.is_empty() {
            // A visitor who has nothing to say costs nothing.
            *self = Self::default();
        } else {
            self.json.drain(..bytes);
        }
        bytes
    }

    /// Takes those of the first `within` away that are no more to be sent, and says how many events and bytes they were.
    pub(super) fn remove(&mut self, within: usize, gone: impl Fn(EventKind) -> bool) -> (usize, usize) {
        let within = within.min(self.len());
        if !self.marks.iter().take(within).any(|(_, kind)| gone(*kind)) {
            return (0, 0);
        }
        let old = std::mem::take(self);
        let (mut at, before, bytes) = (0, old.marks.len(), old.json.len());
        for (place, (length, kind)) in old.marks.into_iter().enumerate() {
            let end = at + length as usize;
            if place >= within || !gone(kind) {
                self.json.extend_from_slice(&old.json[at..end]);
                self.marks.push_back((length, kind));
            }
            at = end;
        }
        (before - self.len(), bytes - self.json.len())
    }

    /// The events one by one.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&[u8], EventKind)> {
        let mut at = 0;
        self.marks.iter().map(move |(length, kind)| {
            let start = at;
            at += *length as usize;
            (&self.json[start..at - 1], *kind)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn queue(events: &[(&str, EventKind)]) -> Queue {
        let mut queue = Queue::default();
        events
            .iter()
            .for_each(|(json, kind)| queue.push(json.as_bytes(), *kind));
        queue
    }

    #[test]
    fn batches_hold_at_least_one_event_and_no_more_than_allowed() {
        let queue = queue(&[
            ("{}", EventKind::Replaced),
            ("{1}", EventKind::Appended),
            ("{2}", EventKind::Appended),
        ]);
        assert_eq!(queue.batch(10, 7), 2);
        assert_eq!(queue.batch(10, 1), 1);
        assert_eq!(queue.batch(1, 100), 1);
        assert_eq!(queue.batch(10, 100), 3);
        assert_eq!(queue.json(2), b"{},{1}");
        assert_eq!(Queue::default().batch(10, 10), 0);
    }

    proptest! {
        #[test]
        fn it_is_a_list(events in proptest::collection::vec(("[a-z]{0,6}", 0..3_u8), 0..20), pop in 0..20_usize, within in 0..20_usize) {
            let kind = |n| [EventKind::Replaced, EventKind::Appended, EventKind::Impression][usize::from(n)];
            let mut queue = queue(&events.iter().map(|(text, n)| (text.as_str(), kind(*n))).collect::<Vec<_>>());
            let mut model: Vec<(String, EventKind)> = events.iter().map(|(text, n)| (text.clone(), kind(*n))).collect();
            let pop = pop.min(model.len());
            queue.pop(pop);
            model.drain(..pop);
            queue.remove(within, |kind| kind == EventKind::Appended);
            let mut place = 0;
            model.retain(|(_, kind)| { place += 1; place > within || *kind != EventKind::Appended });
            let held: Vec<(String, EventKind)> = queue.iter().map(|(json, kind)| (String::from_utf8(json.to_vec()).unwrap(), kind)).collect();
            prop_assert_eq!(&held, &model);
            prop_assert_eq!(queue.bytes(), model.iter().map(|(text, _)| text.len() + 1).sum::<usize>());
            prop_assert_eq!(queue.len(), model.len());
        }
    }
}
