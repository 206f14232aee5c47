//! Consumer Messaging History: what a consumer may read of their own closed and archived conversations.
//!
//! The credential is the consumer's JWT, not that of a user or a key of the account: see [`ConsumerJwt`]. The vendor keeps 13
//! months.
//!
//! Vendor pages: <https://developers.liveperson.com/consumer-messaging-history-api-overview.html>

mod event;
mod jwt;
mod metadata;
mod search;
mod state;

pub use event::{ConsumerEvent, EventRecord, Originator};
pub use jwt::ConsumerJwt;
pub use metadata::{ConsumerConversation, ConsumerCsat, ConsumerDialog, ConsumerHistoryParticipant};
pub use search::{ConsumerConversations, ConsumerHistory, ConsumerMessages};

pub use crate::generated::enums::{ConsumerEventType, ConsumerHistoryRole, CsatStatus};
pub use crate::messaging_interactions::Sort;
pub use crate::pages::{RawPages, RawStream, record_error};
pub use state::ConsumerHistoryState;

/// One page of a consumer's conversations.
pub type ConsumerConversationPage = crate::pages::RecordPage<ConsumerConversation>;

/// All conversations of a consumer, typed. See [`RecordStream`](crate::pages::RecordStream).
pub type ConsumerConversationStream = crate::pages::RecordStream<ConsumerConversation>;

/// The messages and marks of one conversation.
pub type EventPage = crate::pages::RecordPage<EventRecord>;
