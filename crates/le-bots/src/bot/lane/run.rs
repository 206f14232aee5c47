//! The task of a lane: one item after the other, until nothing waits.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use le_core::Error;
use le_core::id::DialogId;

use super::memory::Memory;
use super::{Item, Lane};
use crate::bot::handlers::Transfer;
use crate::bot::hub::Hub;
use crate::bot::standing::{self, Change};
use crate::conversation::Conversation;
use crate::event::DialogEvent;
use crate::supervisor::Gone;

/// After so many turns in a row what was done is written, also if more is waiting.
const COMMIT_EVERY: u32 = 32;

/// The work of a lane was broken off: the process ends, or the store fails. Nothing of it counts as done.
#[derive(Debug)]
pub(super) struct BrokenOff;

impl From<Error> for BrokenOff {
    fn from(_: Error) -> Self {
        Self
    }
}

pub(super) type Work = Result<(), BrokenOff>;

pub(super) async fn run(hub: Arc<Hub>, lane: Arc<Lane>) {
    // The semaphore is never closed.
    let Ok(_room) = hub.room.acquire().await else { return };
    hub.counters.running.fetch_add(1, Ordering::Relaxed);
    let mut memory = lane.inbox().memory.take();
    if work(&hub, &lane, &mut memory).await.is_err() {
        // The lane stays as it is, marked as running, so that nothing more is handled.
        tracing::debug!(conversation = %lane.name, "broken off");
    }
    hub.counters.running.fetch_sub(1, Ordering::Relaxed);
    hub.rest.notify_waiters();
}

async fn work(hub: &Arc<Hub>, lane: &Arc<Lane>, memory: &mut Option<Box<Memory>>) -> Work {
    if memory.is_none() {
        let loaded = Memory::load(hub, &lane.id).await;
        *memory = Some(loaded.inspect_err(|error| hub.give_up(error.clone()))?);
    }
    loop {
        if let Some(own) = memory.as_mut()
            && (lane.inbox().queue.is_empty() || own.turns >= COMMIT_EVERY || is_ending(hub, own))
        {
            let committed = own.commit(hub, &lane.id).await;
            committed.inspect_err(|error| hub.give_up(error.clone()))?;
        }
        let gone = memory
            .as_ref()
            .is_some_and(|memory| memory.record.left.is_some() || memory.record.closed);
        if gone && leave(hub, lane) {
            return Ok(());
        }
        let Some(item) = lane.next(memory) else { return Ok(()) };
        let Some(own) = memory.as_mut() else {
            return Err(BrokenOff);
        };
        if hub.is_over() {
            return Err(BrokenOff);
        }
        one(hub, lane, own, item).await?;
    }
}

/// Whether the bot ends: its next handler may be broken off, and what is finished by then is not to be done again.
fn is_ending(hub: &Hub, memory: &Memory) -> bool {
    memory.turns > 0 && hub.closing.load(Ordering::Relaxed)
}

/// Takes the lane off the list, unless something came meanwhile.
fn leave(hub: &Hub, lane: &Arc<Lane>) -> bool {
    let mut lanes = hub.lanes();
    let empty = lane.inbox().queue.is_empty();
    if empty && lanes.get(&lane.id).is_some_and(|listed| Arc::ptr_eq(listed, lane)) {
        lanes.remove(&lane.id);
        hub.link.left_handled(&lane.id);
    }
    empty
}

async fn one(hub: &Arc<Hub>, lane: &Arc<Lane>, memory: &mut Memory, item: Item) -> Work {
    // A task is made for nearly each message, as large as the largest of these: those that are rare are in boxes.
    match item {
        Item::State(now) => Box::pin(state(hub, lane, memory, now)).await,
        Item::Event(event) => event_of(hub, lane, memory, event).await,
        Item::Passing(event) if memory.record.active => Box::pin(super::turn::passing(hub, lane, memory, event)).await,
        Item::Passing(_) => Ok(()),
        Item::Reread(dialog) => Box::pin(reread(hub, lane, memory, &dialog)).await,
        Item::Gone(gone) => Box::pin(left(hub, lane, memory, gone)).await,
        Item::HandBack => Box::pin(super::turn::hand_back(hub, lane, memory)).await,
    }
}

/// The conversation changed: tells the bot each difference.
async fn state(hub: &Arc<Hub>, lane: &Arc<Lane>, memory: &mut Memory, now: Arc<Conversation>) -> Work {
    memory.gone = false;
    if !memory.record.active && !super::turn::joins(hub, lane, memory, &now).await? {
        return Ok(());
    }
    let active = standing::takes_part(&now, &hub.me, &hub.duty);
    let was = memory.record.active;
    let changes = standing::changes(&memory.record, &now, active);
    if active && !was {
        hub.opened(&lane.id);
        super::opening::open(hub, lane, memory).await?;
    }
    for change in changes {
        super::turn::change(hub, lane, memory, change).await?;
    }
    standing::note(&mut memory.record, &now, active);
    memory.changed = true;
    if was && !active {
        hub.ended();
    }
    if active && std::mem::take(&mut memory.passed_over) {
        let dialogs: Vec<_> = now.dialogs().filter_map(|dialog| dialog.dialog_id.clone()).collect();
        for dialog in dialogs {
            reread(hub, lane, memory, &dialog).await?;
        }
    }
    Ok(())
}

/// One stored event, unless it was handled before.
async fn event_of(hub: &Arc<Hub>, lane: &Arc<Lane>, memory: &mut Memory, event: Box<DialogEvent>) -> Work {
    let Some((dialog, sequence)) = event.key() else {
        return Ok(());
    };
    if sequence <= memory.record.place(dialog).at {
        hub.handled(dialog, sequence);
        return Ok(());
    }
    if !memory.record.active && !Box::pin(resumes(hub, lane, memory)).await? {
        // Perhaps the state that makes it the bot's is on its way; then it is read from the history.
        memory.passed_over = true;
        return Ok(());
    }
    let dialog = dialog.clone();
    super::turn::event(hub, lane, memory, event).await?;
    memory.skip(hub, &dialog, sequence);
    Ok(())
}

/// A process died when it had begun with the conversation and had not noted that yet, and the conversation is closed since. Whatever
/// it did not finish is done again from the beginning.
async fn resumes(hub: &Arc<Hub>, lane: &Arc<Lane>, memory: &mut Memory) -> Result<bool, BrokenOff> {
    if !memory.record.opened || lane.conversation().is_open() {
        return Ok(false);
    }
    memory.record.active = true;
    memory.changed = true;
    hub.opened(&lane.id);
    super::turn::change(hub, lane, memory, Change::Started).await?;
    Ok(true)
}

/// Reads what was not kept.
async fn reread(hub: &Arc<Hub>, lane: &Arc<Lane>, memory: &mut Memory, dialog: &DialogId) -> Work {
    loop {
        let last = memory.record.place(dialog).at;
        let page = match hub.messages(&lane.id, dialog, last + 1).await {
            Ok(page) => page,
            Err(_) if hub.is_over() => return Err(BrokenOff),
            Err(error) => {
                tracing::warn!(conversation = %lane.name, error = %error, "the history cannot be read; trying again");
                hub.clock.sleep(std::time::Duration::from_secs(1)).await;
                continue;
            }
        };
        for event in page {
            event_of(hub, lane, memory, Box::new(event)).await?;
        }
        if memory.record.place(dialog).at <= last {
            return Ok(());
        }
    }
}

/// The conversation left: the last handler is called, and the lane ends.
async fn left(hub: &Arc<Hub>, lane: &Arc<Lane>, memory: &mut Memory, gone: Gone) -> Work {
    let now = lane.conversation();
    if gone == Gone::Closed && !memory.record.active {
        resumes(hub, lane, memory).await?;
    }
    if memory.record.active || memory.record.after {
        let closed = gone == Gone::Closed;
        let change = match closed {
            true => Change::Closed(standing::closed(&now)),
            false => {
                let (kept, certain) = (false, gone == Gone::Elsewhere);
                Change::Transferred(Transfer {
                    skill: None,
                    kept,
                    certain,
                })
            }
        };
        super::turn::change(hub, lane, memory, change).await?;
        if std::mem::take(&mut memory.record.active) {
            hub.ended();
        }
        (memory.record.after, memory.record.opened) = (false, false);
        memory.record.closed = closed;
    }
    if gone == Gone::Closed {
        memory.record.closed = true;
    }
    memory.gone = true;
    // Of a conversation that was never the bot's there is nothing to remember.
    if memory.stored || !memory.record.places.is_empty() {
        memory.record.left = Some(hub.clock.now());
        memory.changed = true;
    }
    hub.coming().remove(&lane.id);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bot::context::Context;

    fn size<F: Future>(_: impl FnOnce() -> F) -> usize {
        std::mem::size_of::<F>()
    }

    fn any<T>() -> T {
        unreachable!("only types are asked for")
    }

    /// One is made for nearly each message. What is rare is in boxes of its own.
    #[test]
    fn the_task_of_a_lane_and_a_reply_are_small() {
        let task = size(|| run(any(), any()));
        assert!(task < 2_048, "{task} bytes");
        let reply = size(|| any::<&Context>().reply(any::<String>()));
        assert!(reply < 1_024, "{reply} bytes");
    }
}
