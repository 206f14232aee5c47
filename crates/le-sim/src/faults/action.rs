//! What a fault does.

use serde::{Deserialize, Serialize};

use crate::history::HistoryChange;

const fn one() -> u32 {
    1
}

const fn four() -> u32 {
    4
}

/// What happens to a request that a rule fires on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum FaultAction {
    /// Answers with this status instead of doing what was asked.
    Status {
        /// 200 to 599.
        status: u16,
        /// What stands in the body.
        #[serde(default)]
        body: FaultBody,
        /// The `Retry-After` header.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry_after: Option<RetryAfter>,
    },
    /// Waits (real time) before anything else happens.
    Delay {
        /// Milliseconds.
        ms: u64,
    },
    /// Resets the TCP connection once the head of the request is there, before its body is read. Nothing is done.
    ResetBeforeBody,
    /// Reads the request, does what it asks, and resets the TCP connection instead of answering.
    ResetAfterBody,
    /// Announces the whole answer in `Content-Length`, sends a part and closes the connection.
    TruncatedBody {
        /// How many bytes are sent; half of the body if not given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        keep: Option<u64>,
    },
    /// Sends an answer that is complete as HTTP but broken as JSON.
    MalformedJson,
    /// Sends the answer in small pieces.
    SlowDrip {
        /// Bytes in a piece.
        bytes: usize,
        /// Milliseconds (real time) between two pieces.
        every_ms: u64,
    },
    /// Ends the session that the request carries, just before the request is handled.
    ExpireSession,
    /// Repeats one record of a page, so that the page is one longer.
    DuplicateRecord {
        /// Which record, counted from 0.
        #[serde(default)]
        index: usize,
    },
    /// Replaces one record of a page by one of a shape that no client can read.
    BrokenRecord {
        /// Which record, counted from 0.
        #[serde(default)]
        index: usize,
    },
    /// Takes a record of a page away. Nothing tells of it but the count.
    LostRecord {
        /// Which record, counted from 0.
        #[serde(default)]
        index: usize,
    },
    /// Shows a record in part: `isPartial`, and without its messages.
    PartialRecord {
        /// Which record, counted from 0.
        #[serde(default)]
        index: usize,
    },
    /// Answers from a part of the search engine's shards: `partialResult`, and the records of the others are missing.
    PartialShards {
        /// How many of `total` shards fail: so many of `total` records are missing.
        #[serde(default = "one")]
        failed: u32,
        /// How many shards there are.
        #[serde(default = "four")]
        total: u32,
    },
    /// Lets something happen to the history just before the request is handled: between two pages, the result moves.
    ChangeHistory {
        /// What happens.
        change: HistoryChange,
        /// To how many conversations.
        #[serde(default = "one")]
        count: u32,
    },
    /// Sends the answer under another content type.
    ContentType {
        /// The value of the header.
        value: String,
    },
    /// Sends the status and headers of the answer with no body.
    EmptyBody,
    /// Frames only: closes the socket after the frame. Code 1006 drops it without a close frame.
    SocketClose {
        /// The close code.
        code: u16,
        /// The reason text.
        #[serde(default)]
        reason: String,
    },
    /// Frames only: from here on the peer is frozen. The connection stays, and nothing is answered any more, no ping either.
    SocketSilent,
    /// Frames only: the frame is lost. A request that is lost is not done.
    FrameDrop,
    /// Frames only: the frame is sent twice.
    FrameDuplicate,
    /// Frames only: the frame comes after the next one of the same socket.
    FrameReorder,
    /// Frames only: the text comes as a binary frame.
    FrameBinary,
    /// Frames only: the message comes in three WebSocket frames.
    FrameSplit,
    /// Frames only: bytes that no WebSocket peer may accept come instead of the frame.
    FrameBroken,
    /// Frames only: the frame is padded with white space.
    FrameOversize {
        /// How long it is then.
        bytes: u64,
    },
    /// Frames only: a response comes under an id that nobody used.
    UnknownReqId,
}

impl FaultAction {
    /// A JSON error answer with this status.
    #[must_use]
    pub fn status(status: u16) -> Self {
        Self::Status {
            status,
            body: FaultBody::Json,
            retry_after: None,
        }
    }

    /// A JSON error answer with this status and a `Retry-After` of `seconds`.
    #[must_use]
    pub fn retry_after(status: u16, seconds: u64) -> Self {
        Self::Status {
            status,
            body: FaultBody::Json,
            retry_after: Some(RetryAfter::Seconds(seconds)),
        }
    }

    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Status { .. } => "status",
            Self::Delay { .. } => "delay",
            Self::ResetBeforeBody => "reset_before_body",
            Self::ResetAfterBody => "reset_after_body",
            Self::TruncatedBody { .. } => "truncated_body",
            Self::MalformedJson => "malformed_json",
            Self::SlowDrip { .. } => "slow_drip",
            Self::ExpireSession => "expire_session",
            Self::DuplicateRecord { .. } => "duplicate_record",
            Self::BrokenRecord { .. } => "broken_record",
            Self::LostRecord { .. } => "lost_record",
            Self::PartialRecord { .. } => "partial_record",
            Self::PartialShards { .. } => "partial_shards",
            Self::ChangeHistory { .. } => "change_history",
            Self::ContentType { .. } => "content_type",
            Self::EmptyBody => "empty_body",
            Self::SocketClose { .. } => "socket_close",
            Self::SocketSilent => "socket_silent",
            Self::FrameDrop => "frame_drop",
            Self::FrameDuplicate => "frame_duplicate",
            Self::FrameReorder => "frame_reorder",
            Self::FrameBinary => "frame_binary",
            Self::FrameSplit => "frame_split",
            Self::FrameBroken => "frame_broken",
            Self::FrameOversize { .. } => "frame_oversize",
            Self::UnknownReqId => "unknown_req_id",
        }
    }
}

/// The body of a [`FaultAction::Status`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FaultBody {
    /// The JSON error of the service: the error object of the Login Service, a `debugMessage` elsewhere.
    #[default]
    Json,
    /// The JSON of a data API whose search engine fails: sub-code `0007`.
    SearchEngine,
    /// The page of a gateway in front of the service.
    Html,
    /// Nothing.
    Empty,
}

/// The two forms of `Retry-After`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum RetryAfter {
    /// A number of seconds: `retry_after = 2`.
    Seconds(u64),
    /// An HTTP date that many seconds ahead of the simulator's clock: `retry_after = { date_in = 2 }`.
    Date {
        /// Seconds from now.
        date_in: u64,
    },
}
