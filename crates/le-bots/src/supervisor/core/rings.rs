//! Rings: each is handed over once for each connection on which it waits, unless it is being answered.

use std::collections::BTreeMap;

use super::{Core, Offer};
use crate::conversation::ChangeKind;
use crate::notification::RoutingTaskChange;
use crate::ring::{Ring, RingState};
use crate::supervisor::delivery::RingId;
use crate::supervisor::mailbox::Item;

impl Core {
    /// A routing task came or changed.
    pub(in crate::supervisor) fn routing(&mut self, change: RoutingTaskChange) {
        let deleted = change.kind == Some(ChangeKind::Delete);
        let Some(task) = change.task else { return };
        if deleted && task.rings.is_empty() {
            let of_task =
                |offer: &Offer| task.conversation_id.is_some() && offer.ring.conversation_id == task.conversation_id;
            let gone = self.rings.iter().filter(|(_, offer)| of_task(offer));
            let gone: Vec<_> = gone.map(|(id, _)| id.clone()).collect();
            return gone.into_iter().for_each(|id| self.ring_gone(&id));
        }
        for ring in task.rings.into_vec() {
            let Some(id) = ring.ring_id.clone() else { continue };
            if !deleted && ring.state.as_ref().is_some_and(RingState::is_waiting) {
                self.ring_waits(id, ring);
            } else {
                self.ring_gone(&id);
            }
        }
    }

    fn ring_waits(&mut self, id: RingId, ring: Ring) {
        let known = self.rings.get(&id).is_some_and(|offer| !offer.stale);
        let offer = Offer {
            ring: Box::new(ring),
            handed: self.rings.get(&id).is_some_and(|offer| offer.handed),
            stale: false,
        };
        self.rings.insert(id.clone(), offer);
        if !known && !self.rings_wait {
            self.offer(id);
        }
    }

    fn offer(&mut self, id: RingId) {
        if !self.draining && !self.answering.contains(&id) {
            self.mailbox.push(Item::Ring(id));
        }
    }

    fn ring_gone(&mut self, id: &RingId) {
        self.answering.remove(id);
        if self.rings.remove(id).is_some_and(|offer| offer.handed) {
            self.mailbox.push(Item::RingGone(id.clone()));
        }
    }

    /// The first list of rings was read: what it does not have waits no more.
    pub(in crate::supervisor) fn rings_listed(&mut self) {
        let gone = self.rings.iter().filter(|(_, offer)| offer.stale);
        let gone: Vec<_> = gone.map(|(id, _)| id.clone()).collect();
        gone.iter().for_each(|id| self.ring_gone(id));
    }

    /// Everything is caught up: rings that still wait may be answered now.
    pub(in crate::supervisor) fn release_rings(&mut self) {
        if !std::mem::replace(&mut self.rings_wait, false) {
            return;
        }
        let waiting = self.rings.iter().filter(|(_, offer)| !offer.stale);
        let waiting: Vec<_> = waiting.map(|(id, _)| id.clone()).collect();
        waiting.into_iter().for_each(|id| self.offer(id));
    }

    /// An answer to a ring is on its way, or came to an end.
    pub(in crate::supervisor) fn answering(&mut self, id: &str, begun: bool) {
        if begun {
            self.answering.insert(id.to_owned());
        } else {
            self.answering.remove(id);
        }
    }

    /// The server knows the answer to a ring, which therefore waits no more.
    pub(in crate::supervisor) fn answered(&mut self, id: &str) {
        if !self.rings.contains_key(id) {
            self.answering.remove(id);
        }
    }

    /// Takes no more rings.
    pub(in crate::supervisor) fn drain(&mut self) {
        self.draining = true;
        self.rings = BTreeMap::new();
    }

    pub(super) fn hand_over(&mut self, id: &RingId) -> Option<Box<Ring>> {
        let offer = self.rings.get_mut(id).filter(|_| !self.draining)?;
        offer.handed = true;
        Some(offer.ring.clone())
    }
}
