//! Frames: reading requests in either dialect, and putting answers and notices into words.

mod change;
mod conversation;
mod decode;
mod event;
mod names;
mod publication;
mod reply;
mod telling;

#[cfg(test)]
mod tests;

pub(crate) use decode::{Envelope, init, request};
pub(crate) use names::{Operation, operation};
pub(crate) use publication::event_kind;
pub(crate) use reply::{refusal, reply};
pub(crate) use telling::tell;

use tokio_tungstenite::tungstenite::Utf8Bytes;

/// A frame on its way out.
#[derive(Debug, Clone)]
pub(crate) struct Frame {
    /// What the fault plan calls it: `response.ms.PublishEvent`, `notification.ms.MessagingEventNotification`.
    pub(crate) name: &'static str,
    pub(crate) text: Utf8Bytes,
}

/// Serialised values are UTF-8; what is put between them is, too.
fn frame_text(bytes: Vec<u8>) -> Utf8Bytes {
    String::from_utf8(bytes).unwrap_or_default().into()
}

/// Appends a value as JSON.
#[expect(
    clippy::expect_used,
    reason = "the rendered types have text keys and no failing Serialize, and a Vec takes all bytes"
)]
fn json<T: serde::Serialize + ?Sized>(out: &mut Vec<u8>, value: &T) {
    serde_json::to_writer(out, value).expect("rendering to memory");
}
