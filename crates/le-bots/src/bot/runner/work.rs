//! The task of a bot: it hands what comes to the conversations that it is for, and waits for no handler.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use futures_util::FutureExt as _;
use futures_util::future::{Either, select};
use le_core::id::ConversationId;
use le_core::{Error, ErrorKind};
use tokio::sync::mpsc;

use super::ending::{self, Shutdown};
use super::rings;
use crate::bot::hub::Hub;
use crate::bot::lane::{Item, Lane};
use crate::bot::options::Duty;
use crate::bot::standing;
use crate::conversation::Conversation;
use crate::event::DialogEvent;
use crate::supervisor::{Deliveries, Delivery, Ended};

/// Runs until the link ends, the store fails, or somebody says so.
pub(super) async fn work(
    hub: Arc<Hub>,
    mut deliveries: Deliveries,
    mut orders: mpsc::Receiver<Shutdown>,
) -> Result<(), Error> {
    let order = {
        let mut order = std::pin::pin!(orders.recv());
        let broken = hub.broken.wait();
        let mut broken = std::pin::pin!(broken);
        loop {
            let next = std::pin::pin!(deliveries.next());
            let stop = select(&mut order, &mut broken);
            match select(stop, next).await {
                // The handle is gone: stop at once, and keep what is open for the next start.
                Either::Left((Either::Left((order, _)), _)) => break order.unwrap_or(Shutdown::Keep),
                Either::Left((Either::Right((error, _)), _)) => {
                    let error = error.clone();
                    hub.link.shutdown().await;
                    return Err(error);
                }
                Either::Right((Some(delivery), _)) => deliver(&hub, delivery),
                Either::Right((None, _)) => return end_of(&hub).await,
            }
        }
    };
    hub.closing.store(true, Ordering::Relaxed);
    let ended = {
        // What comes meanwhile is still handed over.
        let mut ending = std::pin::pin!(ending::end(&hub, order));
        loop {
            let next = std::pin::pin!(deliveries.next());
            match select(&mut ending, next).await {
                Either::Left((ended, _)) => break ended,
                Either::Right((Some(delivery), _)) => deliver(&hub, delivery),
                Either::Right((None, _)) => break ending.await,
            }
        }
    };
    // Handlers that are still at work cannot reach anybody any more: what they did not finish is the next process's to do.
    let _ = hub.broken.set(Error::new(ErrorKind::Cancelled, "the bot was stopped"));
    hub.link.shutdown().await;
    hub.counters.disconnected();
    ended
}

async fn end_of(hub: &Hub) -> Result<(), Error> {
    hub.counters.disconnected();
    match hub.link.ended().await {
        Ended::ShutDown => Ok(()),
        Ended::Refused(error) | Ended::Evicted(error) => Err(error),
    }
}

/// One delivery. It never waits.
fn deliver(hub: &Arc<Hub>, delivery: Delivery) {
    let now = u64::try_from(hub.clock.now().as_millis()).unwrap_or_default();
    hub.counters.last_delivery.store(now, Ordering::Relaxed);
    match delivery {
        Delivery::Ring(ring) => rings::ring(hub, *ring),
        Delivery::Conversation(conversation) => conversation_of(hub, conversation),
        Delivery::Left(conversation, gone) => {
            revive(hub, &conversation);
            let told = hub.with_lane(&conversation, |lane| lane.item(hub, Item::Gone(gone)));
            if told.is_none() {
                hub.link.left_handled(&conversation);
                hub.coming().remove(&conversation);
            }
        }
        Delivery::Event(event) => event_of(hub, event),
        Delivery::Passing(event) => {
            if let Some(id) = event.conversation().map(Cow::into_owned) {
                hub.with_lane(&id, |lane| lane.passing(hub, event));
            }
        }
        Delivery::AgentState(state) => {
            tracing::info!(availability = ?state.availability, "the availability of the bot");
        }
        Delivery::Online => {
            hub.counters.connected();
            // Whatever was accepted before has been listed, or does not come.
            hub.coming().clear();
            hub.rest.notify_waiters();
        }
        Delivery::Offline => hub.counters.disconnected(),
        _ => {}
    }
}

/// A stored event: nearly always of a conversation that has its lane.
fn event_of(hub: &Arc<Hub>, event: Box<DialogEvent>) {
    {
        let lanes = hub.lanes();
        let lane = event.conversation().and_then(|id| lanes.get(&*id).cloned());
        if let Some(lane) = lane {
            return lane.event(hub, event);
        }
    }
    let Some(id) = event.conversation().map(Cow::into_owned) else {
        return;
    };
    revive(hub, &id);
    let key = event.key().map(|(dialog, sequence)| (dialog.clone(), sequence));
    let told = hub.with_lane(&id, |lane| lane.event(hub, event));
    // Where nobody is interested, it counts as handled.
    if let (None, Some((dialog, sequence))) = (told, key) {
        hub.handled(&dialog, sequence);
    }
}

fn conversation_of(hub: &Arc<Hub>, conversation: Arc<Conversation>) {
    let Some(id) = conversation.id().cloned() else { return };
    if hub
        .with_lane(&id, |lane| lane.change(hub, Arc::clone(&conversation)))
        .is_some()
    {
        return;
    }
    let known = hub.take_known(&id);
    let relevant = match &hub.duty {
        Duty::Agent => true,
        Duty::Observer(_) => conversation.is_open(),
        Duty::Survey { app_install_id, .. } => standing::survey_of(&conversation, app_install_id).is_some(),
    };
    if relevant || known {
        add(hub, id, Arc::clone(&conversation)).change(hub, conversation);
    }
}

/// Makes room for a conversation of an earlier process of which something comes, and no state: it ended while nobody was there.
fn revive(hub: &Arc<Hub>, id: &ConversationId) {
    if hub.lane(id).is_none() && hub.take_known(id) {
        let unknown = Conversation {
            conversation_id: Some(id.clone()),
            ..Conversation::default()
        };
        add(hub, id.clone(), Arc::new(unknown));
    }
}

fn add(hub: &Arc<Hub>, id: ConversationId, conversation: Arc<Conversation>) -> Arc<Lane> {
    let lane = Arc::new(Lane::new(id.clone(), conversation, hub.options.show_conversation_ids));
    hub.lanes().insert(id, Arc::clone(&lane));
    lane
}

/// Runs something of the bot's that may panic.
pub(super) async fn contained<T>(work: impl Future<Output = T>) -> Option<T> {
    std::panic::AssertUnwindSafe(work).catch_unwind().await.ok()
}
