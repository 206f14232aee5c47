//! What is said in a dialog, and what is reported about it.

use std::sync::Arc;

use serde_json::value::RawValue;

use super::party::{Role, Who};

/// An event as a client publishes it.
#[derive(Debug)]
pub(crate) struct Draft {
    pub(crate) kind: EventKind,
    /// The event as it was sent, unknown members included.
    pub(crate) body: Box<RawValue>,
    /// Envelope metadata as it was sent.
    pub(crate) metadata: Option<Box<RawValue>>,
    /// `AGENTS_AND_MANAGERS`: not for consumers.
    pub(crate) private: bool,
}

/// What the server has to know of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum EventKind {
    /// `ContentEvent`, with the length of its text.
    Content { length: usize },
    /// `RichContentEvent`.
    Rich,
    /// `AcceptStatusEvent`.
    Accept { status: String, sequences: Vec<i64> },
    /// `ChatStateEvent`: passed on and forgotten.
    ChatState,
}

impl EventKind {
    /// Whether it is a message, which someone has to read and answer.
    pub(crate) fn is_message(&self) -> bool {
        matches!(self, Self::Content { .. } | Self::Rich)
    }
}

/// Who published an event.
#[derive(Debug, Clone)]
pub(crate) struct Author {
    pub(crate) who: Who,
    /// Old id of an agent, consumer id.
    pub(crate) id: Arc<str>,
    pub(crate) pid: Arc<str>,
    pub(crate) role: Role,
    pub(crate) properties: Option<Arc<RawValue>>,
}

/// An event of a dialog. Chat states have neither sequence nor time.
#[derive(Debug)]
pub(crate) struct Event {
    pub(crate) sequence: Option<i64>,
    pub(crate) at: Option<i64>,
    pub(crate) author: Author,
    pub(crate) kind: EventKind,
    pub(crate) body: Box<RawValue>,
    pub(crate) metadata: Option<Box<RawValue>>,
    pub(crate) private: bool,
    pub(crate) conversation: Arc<str>,
    pub(crate) dialog: Arc<str>,
}
