//! The end in good order: no more rings, then finish or hand back, then close.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures_util::future::{Either, select};
use le_core::Error;

use crate::bot::hub::Hub;
use crate::bot::lane::Item;
use crate::bot::options::Duty;

/// How long the bot tries to say that it takes no more conversations.
const FAREWELL: Duration = Duration::from_secs(10);
/// How long handlers that are at work may take when the bot ends.
const GRACE: Duration = Duration::from_secs(30);

/// How a bot ends. In each case it takes no more rings first, and lets handlers come to their end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Shutdown {
    /// It goes on until its conversations are closed, and gives those back to their queues that are still open after this time.
    Finish {
        /// How long it goes on.
        within: Duration,
    },
    /// It gives its conversations back to their queues, so that others get them at once.
    HandBack,
    /// It keeps its conversations: the next process goes on with them. For an upgrade that takes seconds.
    Keep,
}

impl Shutdown {
    /// Goes on for at most this time.
    #[must_use]
    pub fn finish(within: Duration) -> Self {
        Self::Finish { within }
    }
}

pub(super) async fn end(hub: &Arc<Hub>, order: Shutdown) -> Result<(), Error> {
    if hub.duty == Duty::Agent {
        // Rings that come in spite of it are rejected.
        let drained = std::pin::pin!(hub.link.drain());
        match select(drained, hub.clock.sleep(FAREWELL)).await {
            Either::Left((Ok(()), _)) => {}
            Either::Left((Err(error), _)) => tracing::warn!(error = %error, "the bot could not say that it goes away"),
            Either::Right(_) => tracing::warn!("the bot could not say that it goes away: there is no connection"),
        }
    }
    match order {
        Shutdown::Finish { within } => {
            if !wait(hub, within, |hub| {
                hub.counters.open.load(Ordering::Relaxed) == 0 && hub.coming().is_empty()
            })
            .await
            {
                hand_back(hub).await;
            }
        }
        Shutdown::HandBack => hand_back(hub).await,
        Shutdown::Keep => {}
    }
    if !wait(hub, GRACE, |hub| hub.is_idle()).await {
        tracing::warn!(
            "handlers did not come to their end in time; what they did not finish is done again after a restart"
        );
    }
    match hub.broken.get() {
        Some(error) => Err(error.clone()),
        None => Ok(()),
    }
}

/// Lets what is being handled come to its end, then gives every conversation back.
async fn hand_back(hub: &Arc<Hub>) {
    for lane in hub.sorted_lanes() {
        lane.item(hub, Item::HandBack);
    }
    wait(hub, GRACE, |hub| {
        hub.counters.open.load(Ordering::Relaxed) == 0 && hub.is_idle()
    })
    .await;
}

/// Waits until something holds, at most so long; gives whether it does.
async fn wait(hub: &Arc<Hub>, most: Duration, holds: impl Fn(&Hub) -> bool) -> bool {
    let mut time = hub.clock.sleep(most);
    loop {
        // First listen, then look: so no change is missed.
        let rest = hub.rest.notified();
        let mut rest = std::pin::pin!(rest);
        rest.as_mut().enable();
        if holds(hub) || hub.is_over() {
            return true;
        }
        match select(rest, time).await {
            Either::Left((_, left)) => time = left,
            Either::Right(_) => return holds(hub),
        }
    }
}
