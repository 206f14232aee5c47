//! Engagement History: ended chats of the legacy chat product.
//!
//! 99.5 % of the transcripts are there within five minutes; the rest, and what is derived (engagement attributes), up to two hours
//! after a chat ended. A record whose `chatDataEnriched` is false is not final. The vendor keeps 13 months, and points to
//! Messaging Interactions for what is new.
//!
//! The key of a record is `info.engagementId`: the account's id and the chat's.
//!
//! Vendor pages: <https://developers.liveperson.com/engagement-history-api-overview.html>

mod api;
mod chat;
mod codes;
mod filter;
mod info;
mod line;
mod lookup;
mod search;
mod survey;
mod timeline;

pub use api::head;
pub use chat::{Chat, VisitorInfo};
pub use info::{ChatInfo, Engagement, EngagementId};
pub use line::{Line, LineScore, LineSeq, Transcript};
pub use lookup::{ChatById, Chats};
pub use search::{ChatSort, Direction, SearchChats};
pub use survey::{ChatSurveyAnswer, ChatSurveys};
pub use timeline::{ChatTimelineEntry, ChatTimelineEvent};

pub use crate::generated::enums::{LineSource, LineSubType, LineTextType};
pub use crate::messaging_interactions::{AlertedMcs, Campaign, CoBrowseSession, CoBrowseSessions, SdeEvent, Sdes};
pub use crate::pages::{RawPages as RawChatPages, RawStream as RawChatStream, record_error};
pub use codes::{ChatChannel, ChatEndReason, ChatSearchArea, ChatSortField, ChatStartReason};

/// One page of chats.
pub type ChatPage = crate::pages::RecordPage<Chat>;

/// All chats of a search, typed. See [`RecordStream`](crate::pages::RecordStream).
pub type ChatStream = crate::pages::RecordStream<Chat>;
