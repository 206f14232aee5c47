//! Takes push messages from LivePerson.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use axum::Router;
use axum::body::{Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::post;
use http::StatusCode;
use le_core::clock::{Clock, SystemClock};
use le_core::wire::{RawRecord, Record};
use serde_json::json;

use super::answer::{Refusal, json_answer};
use super::deliveries::{Deliveries, Delivery};
use super::push::{PushNotification, delivery_parts};
use super::sender::SenderCheck;

/// LivePerson tries four times, ten seconds apart; this leaves room for slow answers.
const WINDOW: Duration = Duration::from_secs(120);
const MOST_DELIVERIES: usize = 10_000;
const LONGEST_BODY: usize = 64 * 1024;

/// Where pushes go: to Apple, Google, a queue, a table.
#[async_trait]
pub trait PushHandler: Send + Sync + 'static {
    /// Takes a push over. LivePerson is told that it was accepted after this returns, so return once it is safe.
    ///
    /// If LivePerson gives up waiting, the future may be dropped before its end; the repeated push is then handed over again.
    ///
    /// # Errors
    /// Why it was not taken.
    async fn deliver(&self, push: &Record<PushNotification>) -> Result<(), PushRefusal>;
}

/// Why a handler does not take a push.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PushRefusal {
    /// This device may not receive it. Answered with 403; LivePerson does not repeat it.
    Device,
    /// Not now. Answered with 500; LivePerson repeats it every 10 s, four attempts in all.
    Failed,
}

impl From<le_core::Error> for PushRefusal {
    fn from(_: le_core::Error) -> Self {
        Self::Failed
    }
}

/// Receives pushes: checks the sender, forgets repetitions, hands the rest over.
pub struct PushReceiver {
    handler: Arc<dyn PushHandler>,
    sender: SenderCheck,
    deliveries: Deliveries,
    longest_body: usize,
    clock: Arc<dyn Clock>,
    counts: Arc<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    delivered: AtomicU64,
    repeated: AtomicU64,
    refused: AtomicU64,
}

/// What a receiver did so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct PushFigures {
    /// Pushes that the handler took.
    pub delivered: u64,
    /// Repetitions of such, which were acknowledged and not handed over again.
    pub repeated: u64,
    /// Requests that were refused, by the handler or before it.
    pub refused: u64,
}

impl PushReceiver {
    /// Hands pushes to `handler` if `sender` passes.
    #[must_use]
    pub fn new(handler: Arc<dyn PushHandler>, sender: SenderCheck) -> Self {
        Self {
            handler,
            sender,
            deliveries: Deliveries::new(WINDOW, MOST_DELIVERIES),
            longest_body: LONGEST_BODY,
            clock: Arc::new(SystemClock::default()),
            counts: Arc::default(),
        }
    }

    /// For how long a repetition is recognized, and how many pushes are remembered at most: 2 minutes and 10 000 by default.
    #[must_use]
    pub fn remember(mut self, window: Duration, most: usize) -> Self {
        self.deliveries = Deliveries::new(window, most);
        self
    }

    /// The longest body that is read: 64 KiB by default.
    #[must_use]
    pub fn longest_body(mut self, bytes: usize) -> Self {
        self.longest_body = bytes;
        self
    }

    /// Replaces the clock of this machine.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Reads the figures, now and later, also when the receiver is part of a router.
    #[must_use = "it gives a function that reads them"]
    pub fn figures(&self) -> impl Fn() -> PushFigures + Send + Sync + 'static {
        let counts = Arc::clone(&self.counts);
        move || PushFigures {
            delivered: counts.delivered.load(Ordering::Relaxed),
            repeated: counts.repeated.load(Ordering::Relaxed),
            refused: counts.refused.load(Ordering::Relaxed),
        }
    }

    async fn receive(&self, request: Request) -> Result<StatusCode, Refusal> {
        let (parts, body) = request.into_parts();
        if !self.sender.passes(&parts.headers) {
            let challenge = self.sender.wants_basic().then_some("Basic realm=\"push\"");
            return Err(Refusal::new(StatusCode::UNAUTHORIZED, "not the agreed credential").challenging(challenge));
        }
        let Ok(body) = to_bytes(body, self.longest_body).await else {
            return Err(Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "too long, or cut off"));
        };
        let push = read(&body).ok_or_else(|| Refusal::new(StatusCode::BAD_REQUEST, "not a JSON object"))?;
        self.hand_over(&push).await
    }

    /// Hands a push over once. A repetition that comes while the first one is still under way waits for its outcome.
    async fn hand_over(&self, push: &Record<PushNotification>) -> Result<StatusCode, Refusal> {
        let delivery = Delivery::of(&delivery_parts(push));
        let state = self.deliveries.state(delivery, self.clock.now());
        let mut handed = state.lock().await;
        if *handed {
            self.counts.repeated.fetch_add(1, Ordering::Relaxed);
            return Ok(StatusCode::OK);
        }
        match self.handler.deliver(push).await {
            Ok(()) => {
                *handed = true;
                self.counts.delivered.fetch_add(1, Ordering::Relaxed);
                Ok(StatusCode::OK)
            }
            Err(PushRefusal::Device) => Err(Refusal::new(StatusCode::FORBIDDEN, "this device may not receive it")),
            Err(PushRefusal::Failed) => {
                tracing::warn!(
                    forgotten_early = self.deliveries.forgotten_early(),
                    "a push was not taken"
                );
                Err(Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "not taken now"))
            }
        }
    }
}

fn read(body: &Bytes) -> Option<Record<PushNotification>> {
    let text = std::str::from_utf8(body).ok()?;
    RawRecord::new(text).ok()?.decode().ok()
}

impl fmt::Debug for PushReceiver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PushReceiver")
            .field("sender", &self.sender)
            .field("longest_body", &self.longest_body)
            .field("counts", &self.counts)
            .finish_non_exhaustive()
    }
}

pub(super) fn router(receiver: PushReceiver) -> Router {
    Router::new()
        .route("/push", post(receive))
        .with_state(Arc::new(receiver))
}

async fn receive(State(receiver): State<Arc<PushReceiver>>, request: Request) -> Response {
    match receiver.receive(request).await {
        Ok(status) => json_answer(status, &json!({})),
        Err(refusal) => {
            receiver.counts.refused.fetch_add(1, Ordering::Relaxed);
            refusal.answer()
        }
    }
}
