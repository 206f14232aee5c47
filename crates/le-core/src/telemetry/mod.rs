//! Names of spans, fields and metrics: OpenTelemetry's for HTTP clients, and our own under `liveperson.`.
//!
//! Each call is a span `call`, each attempt a span `attempt` inside it. No field holds a token, a query value, message text
//! or an address of a person.

#[cfg(feature = "metrics")]
mod metrics;
pub mod names;

#[cfg(feature = "metrics")]
#[cfg_attr(docsrs, doc(cfg(feature = "metrics")))]
pub use self::metrics::MetricsHook;
