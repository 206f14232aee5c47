//! Counters and gauges through the `metrics` facade, with the feature `metrics`.

use super::loss::{Loss, Stats};

/// Counter of events that were lost or not taken, by `reason`.
pub const LOST: &str = "liveperson.reporter.lost";
/// Events that were delivered since the start.
pub const DELIVERED: &str = "liveperson.reporter.delivered";
/// Gauge of events that wait or are on their way.
pub const WAITING: &str = "liveperson.reporter.waiting";
/// Gauge of their bytes.
pub const WAITING_BYTES: &str = "liveperson.reporter.waiting_bytes";
/// Gauge of visitors that are remembered.
pub const VISITORS: &str = "liveperson.reporter.visitors";

#[cfg(feature = "metrics")]
pub(super) fn lost(loss: &Loss) {
    metrics::counter!(LOST, "reason" => loss.reason.as_str()).increment(loss.events as u64);
}

#[cfg(feature = "metrics")]
pub(super) fn held(stats: &Stats) {
    metrics::counter!(DELIVERED).absolute(stats.delivered);
    metrics::gauge!(WAITING).set(stats.waiting as f64);
    metrics::gauge!(WAITING_BYTES).set(stats.waiting_bytes as f64);
    metrics::gauge!(VISITORS).set(stats.visitors as f64);
}

#[cfg(not(feature = "metrics"))]
pub(super) fn lost(_loss: &Loss) {}

#[cfg(not(feature = "metrics"))]
pub(super) fn held(_stats: &Stats) {}
