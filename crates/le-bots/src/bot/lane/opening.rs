//! Coming to a conversation that others had before: which of its messages are the bot's to answer.

use std::sync::Arc;

use le_core::id::DialogId;

use super::Lane;
use super::memory::Memory;
use super::run::{BrokenOff, Work};
use crate::bot::hub::Hub;
use crate::bot::message::Author;
use crate::bot::options::Opening;
use crate::bot::standing;
use crate::conversation::Role;
use crate::event::{DialogEvent, EventType};

/// Sets from where on the messages of the bot's dialog are its own to answer.
pub(super) async fn open(hub: &Arc<Hub>, lane: &Arc<Lane>, memory: &mut Memory) -> Work {
    if hub.options.opening == Opening::Everything || std::mem::replace(&mut memory.record.opened, true) {
        return Ok(());
    }
    let Some(dialog) = standing::dialog_of(&lane.conversation(), &hub.duty) else {
        return Ok(());
    };
    let mut place = memory.record.place(&dialog);
    let mut from = place.from.max(place.at + 1);
    let mut at = place.at;
    loop {
        let page = match hub.messages(&lane.id, &dialog, at + 1).await {
            Ok(page) => page,
            Err(_) if hub.is_over() => return Err(BrokenOff),
            Err(error) => {
                // Better to answer what was answered than to leave a consumer alone.
                tracing::warn!(conversation = %lane.name, error = %error, "the history cannot be read");
                break;
            }
        };
        let Some(last) = last_of(&page, &dialog, at) else { break };
        for event in &page {
            if let Some((_, sequence)) = event.key()
                && ends_what_was(hub, event)
            {
                from = from.max(sequence + 1);
            }
        }
        at = last;
    }
    place.from = from;
    memory.record.places.insert(dialog, place);
    memory.changed = true;
    // Before anything is said: a process that comes after a crash must not take what this one says for the answer of others.
    let written = memory.commit(hub, &lane.id).await;
    Ok(written.inspect_err(|error| hub.give_up(error.clone()))?)
}

fn last_of(page: &[DialogEvent], dialog: &DialogId, at: i64) -> Option<i64> {
    let sequences = page.iter().filter_map(DialogEvent::key).filter(|(of, _)| *of == dialog);
    sequences.map(|(_, sequence)| sequence).max().filter(|last| *last > at)
}

/// Whether what was said before this event is not the bot's to answer.
fn ends_what_was(hub: &Hub, event: &DialogEvent) -> bool {
    let said = event.event.as_ref().and_then(|event| event.kind.as_ref());
    let said = matches!(said, Some(EventType::Content | EventType::RichContent));
    match hub.options.opening {
        Opening::New => true,
        // The controller's automatic messages answer nothing, and neither do notes among colleagues.
        _ => {
            // The bot's own answers are told by its position.
            said && !event.is_by(&hub.me)
                && !event.is_private()
                && !matches!(Author::of(event).role, Some(Role::Consumer | Role::Controller) | None)
        }
    }
}
