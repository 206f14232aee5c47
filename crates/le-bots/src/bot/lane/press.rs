//! Clicks come as two events: a receipt with what the button carried, and then, for buttons that write, the text. A bot sees one.

use std::sync::Arc;

use serde_json::Value;

use super::Lane;
use super::memory::{Memory, Pressed};
use crate::bot::hub::Hub;
use crate::bot::message::{Author, Press};
use crate::event::{AcceptStatus, DialogEvent, EventType};
use crate::structured_content::clicked;

/// How far behind its click a text is looked for, after a restart.
const NEAR: i64 = 8;

pub(super) fn is_click(event: &DialogEvent) -> bool {
    let own = event.event.as_ref();
    own.is_some_and(|own| own.kind == Some(EventType::AcceptStatus) && own.status == Some(AcceptStatus::Action))
}

fn carried(event: &DialogEvent) -> Vec<Value> {
    event.metadata.iter().filter_map(|one| one.to_value().ok()).collect()
}

/// The click of a receipt, with what stood on the button.
pub(super) async fn press(hub: &Arc<Hub>, lane: &Arc<Lane>, memory: &mut Memory, event: &DialogEvent) -> Press {
    let press = looked_up(hub, lane, event).await;
    if let (Some(dialog), Some(text)) = (&event.dialog_id, &press.text) {
        memory.pressed = Some(Pressed {
            dialog: dialog.clone(),
            metadata: carried(event),
            text: text.clone(),
        });
    }
    press
}

async fn looked_up(hub: &Arc<Hub>, lane: &Arc<Lane>, event: &DialogEvent) -> Press {
    let of = event.event.as_ref().and_then(|own| own.receipts().next());
    let (mut title, mut text) = (None, None);
    if let (Some(dialog), Some(of)) = (&event.dialog_id, of) {
        // What cannot be read leaves the click without a title; what it carries is what counts.
        let page = hub.some_messages(&lane.id, dialog, of, 2).await.unwrap_or_default();
        let of = page
            .iter()
            .find(|one| one.key().is_some_and(|(_, sequence)| sequence == of));
        if let Some(own) = of.and_then(|one| one.event.as_ref()) {
            let metadata = carried(event);
            let trees = [own.as_rich(), own.quick_replies.as_ref()];
            let mut trees = trees.into_iter().flatten().filter_map(|tree| tree.to_value().ok());
            (title, text) = trees.find_map(|tree| clicked(&tree, &metadata)).unwrap_or_default();
        }
    }
    Press {
        title,
        text,
        metadata: event.metadata.iter().cloned().collect(),
        of,
    }
}

/// Whether a text is what a click wrote, which the bot knows already.
pub(super) async fn is_echo(hub: &Arc<Hub>, lane: &Arc<Lane>, memory: &mut Memory, event: &DialogEvent) -> bool {
    let Some(text) = event.event.as_ref().and_then(|own| own.as_text()) else {
        return false;
    };
    if event.metadata.is_empty() || !Author::of(event).is_consumer() {
        return false;
    }
    let (Some((dialog, sequence)), metadata) = (event.key(), carried(event)) else {
        return false;
    };
    let same = |pressed: &Pressed| pressed.dialog == *dialog && pressed.metadata == metadata && pressed.text == text;
    if memory.pressed.take_if(|pressed| same(pressed)).is_some() {
        return true;
    }
    if sequence == 0 || i64::from(memory.seen) > NEAR {
        return false;
    }
    // This process has seen no click; an earlier one may have.
    let before = Box::pin(hub.messages(&lane.id, dialog, (sequence - NEAR).max(0)));
    let before = before.await.unwrap_or_default();
    let mut before = before
        .iter()
        .filter(|one| one.key().is_some_and(|(_, known)| known < sequence));
    match before.rfind(|one| is_click(one) && carried(one) == metadata) {
        Some(click) => Box::pin(looked_up(hub, lane, click)).await.text.as_deref() == Some(text),
        None => false,
    }
}
