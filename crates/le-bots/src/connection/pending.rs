//! Requests without an answer, and when each of them stops waiting.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, oneshot};

use crate::close::Close;
use crate::frame::Envelope;

/// Why a request got no answer.
#[derive(Debug)]
pub(super) enum Lost {
    /// Its time was up.
    Timeout { written: bool },
    /// The connection ended.
    Closed { written: bool, close: Close },
}

pub(super) type Reply = oneshot::Sender<Result<Envelope, Lost>>;

/// Who waits for an answer.
#[derive(Debug)]
pub(super) enum Waiter {
    /// A caller, who takes a place of the window until the answer is there, even after giving up: the server is still busy.
    Caller { reply: Reply, _place: OwnedSemaphorePermit },
    /// The connection itself, for the server's clock.
    Clock,
}

#[derive(Debug)]
struct Entry {
    waiter: Waiter,
    deadline: Duration,
    written: bool,
}

/// The table. One queue of deadlines serves all requests; there is no timer for each.
#[derive(Debug, Default)]
pub(super) struct Pending {
    /// In the order that they were made, so that the end of a connection is told in the same order in every run.
    entries: BTreeMap<u64, Entry>,
    deadlines: BTreeSet<(Duration, u64)>,
}

impl Pending {
    pub(super) fn insert(&mut self, id: u64, waiter: Waiter, deadline: Duration) {
        let entry = Entry {
            waiter,
            deadline,
            written: false,
        };
        self.entries.insert(id, entry);
        self.deadlines.insert((deadline, id));
    }

    /// Whether the frame of this request is still to be written. From then on it counts as sent.
    ///
    /// A request whose time is up, or whose caller has gone, is not written any more.
    pub(super) fn begin_writing(&mut self, id: u64) -> bool {
        let Some(entry) = self.entries.get_mut(&id) else {
            return false;
        };
        if let Waiter::Caller { reply, .. } = &entry.waiter
            && reply.is_closed()
        {
            self.take(id);
            return false;
        }
        entry.written = true;
        true
    }

    /// Takes out the request that an answer is for.
    pub(super) fn take(&mut self, id: u64) -> Option<Waiter> {
        let entry = self.entries.remove(&id)?;
        self.deadlines.remove(&(entry.deadline, id));
        Some(entry.waiter)
    }

    /// When the next request stops waiting.
    pub(super) fn next_deadline(&self) -> Option<Duration> {
        self.deadlines.first().map(|(deadline, _)| *deadline)
    }

    /// Ends the waiting of those whose time is up; gives whether the server's clock was one of them.
    pub(super) fn expire(&mut self, now: Duration) -> bool {
        let mut clock = false;
        while let Some(&(deadline, id)) = self.deadlines.first()
            && deadline <= now
        {
            self.deadlines.pop_first();
            match self.entries.remove(&id) {
                Some(Entry {
                    waiter: Waiter::Caller { reply, .. },
                    written,
                    ..
                }) => {
                    // The caller may be gone; then nobody needs to know.
                    let _ = reply.send(Err(Lost::Timeout { written }));
                }
                Some(_) => clock = true,
                None => {}
            }
        }
        clock
    }

    /// Tells everybody that the connection ended: in the order in which they asked, so that what they do next has an order, too.
    pub(super) fn fail_all(&mut self, close: &Close) {
        self.deadlines.clear();
        let mut ids: Vec<u64> = self.entries.keys().copied().collect();
        ids.sort_unstable();
        for entry in ids.into_iter().filter_map(|id| self.entries.remove(&id)) {
            if let Waiter::Caller { reply, .. } = entry.waiter {
                let _ = reply.send(Err(Lost::Closed {
                    written: entry.written,
                    close: close.clone(),
                }));
            }
        }
    }
}
