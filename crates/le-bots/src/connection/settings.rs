//! Limits and times of a connection.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use le_core::clock::{Clock, Entropy, SystemClock, ThreadEntropy};

/// Limits and times of a connection. The defaults are the vendor's where it publishes any.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Settings {
    /// How long the upgrade may take, with name lookup, TCP, TLS and proxy (15 s).
    pub open_timeout: Duration,
    /// How long a request waits for its answer, from when it is handed over (10 s, as the vendor's clients).
    pub request_timeout: Duration,
    /// How many requests may be without an answer at once; others wait (5). The server counts concurrent requests, by an
    /// unpublished measure.
    pub in_flight: NonZeroU32,
    /// The least pause after the server refused a request with 429 (1 s). No request is sent meanwhile.
    pub throttled_pause: Duration,
    /// How often a request that was refused with 429 is sent again (3).
    pub throttled_retries: u32,
    /// How often a ping is sent (30 s); `None` sends none.
    pub ping_interval: Option<Duration>,
    /// How long nothing at all may come after a ping before the peer counts as dead (10 s).
    pub pong_timeout: Duration,
    /// How often the server's clock is asked for (30 s), which also keeps the socket open; `None` does not ask.
    pub clock_interval: Option<Duration>,
    /// How long an orderly close waits for the server's part (5 s).
    pub close_timeout: Duration,
    /// The largest message that is taken, in bytes (16 MiB). The first notification of a subscription can hold megabytes.
    pub largest_message: usize,
    /// How many events wait for a slow reader (4 096); beyond that the oldest are dropped, and the reader is told.
    pub waiting_events: usize,
    /// How many bytes of events wait for a slow reader (32 MiB).
    pub waiting_bytes: usize,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Chance, for jitter.
    pub entropy: Arc<dyn Entropy>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            open_timeout: Duration::from_secs(15),
            request_timeout: Duration::from_secs(10),
            in_flight: const { NonZeroU32::new(5).unwrap() },
            throttled_pause: Duration::from_secs(1),
            throttled_retries: 3,
            ping_interval: Some(Duration::from_secs(30)),
            pong_timeout: Duration::from_secs(10),
            clock_interval: Some(Duration::from_secs(30)),
            close_timeout: Duration::from_secs(5),
            largest_message: 16 << 20,
            waiting_events: 4096,
            waiting_bytes: 32 << 20,
            clock: Arc::new(SystemClock::default()),
            entropy: Arc::new(ThreadEntropy),
        }
    }
}
