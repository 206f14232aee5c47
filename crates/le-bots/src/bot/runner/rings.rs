//! Conversations that are offered: the limit, the bot's decision, and the answer.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::work::contained;
use crate::bot::handlers::Decision;
use crate::bot::hub::Hub;
use crate::bot::options::Beyond;
use crate::ring::Ring;

/// A ring came. Rings are few, so each has its own task.
pub(super) fn ring(hub: &Arc<Hub>, ring: Ring) {
    if ring.ring_id.is_none() {
        return;
    }
    tokio::spawn(answer(Arc::clone(hub), ring));
}

async fn answer(hub: Arc<Hub>, ring: Ring) {
    if hub.closing.load(Ordering::Relaxed) {
        return reject(&hub, &ring, "rejected").await;
    }
    match contained(hub.bot.offered(&ring)).await {
        Some(Decision::Accept) => accept(&hub, &ring).await,
        Some(Decision::Reject) => reject(&hub, &ring, "rejected").await,
        Some(Decision::Ignore) => hub.counters.ring("ignored"),
        None => {
            tracing::warn!(handler = "offered", "a handler panicked; the ring is left to others");
            hub.counters.failed("offered");
            hub.counters.ring("ignored");
        }
    }
}

async fn accept(hub: &Hub, ring: &Ring) {
    let Some(conversation) = conversation_of(ring) else {
        return;
    };
    if !has_room(hub, &conversation) {
        let most = hub.options.limits.conversations;
        tracing::warn!(
            most,
            "the bot has as many conversations as it may; a ring is left to others"
        );
        match hub.options.limits.beyond {
            Beyond::Reject => reject(hub, ring, "beyond_limit").await,
            Beyond::Leave => hub.counters.ring("beyond_limit"),
        }
        return;
    }
    let id = ring.ring_id.clone().unwrap_or_default();
    match hub.link.accept(id).await {
        Ok(_) => hub.counters.ring("accepted"),
        Err(error) => {
            // It expired, or somebody else has it: the next agent is rung, and nothing is wrong here.
            hub.coming().remove(&conversation);
            hub.counters.ring("lost");
            tracing::debug!(error = %error, "a ring could not be accepted");
            hub.rest.notify_waiters();
        }
    }
}

/// Takes a place for a conversation, if there is one.
fn has_room(hub: &Hub, conversation: &le_core::id::ConversationId) -> bool {
    let mut coming = hub.coming();
    let open = hub.counters.open.load(Ordering::Relaxed);
    open + coming.len() < hub.options.limits.conversations && {
        coming.insert(conversation.clone());
        true
    }
}

fn conversation_of(ring: &Ring) -> Option<le_core::id::ConversationId> {
    ring.conversation_id.clone().or_else(|| {
        let id = ring.ring_id.as_deref()?.split('_').next()?;
        Some(id.into())
    })
}

async fn reject(hub: &Hub, ring: &Ring, outcome: &'static str) {
    hub.counters.ring(outcome);
    if let Err(error) = hub.link.reject(ring.ring_id.clone().unwrap_or_default()).await {
        tracing::debug!(error = %error, "a ring could not be rejected");
    }
}
