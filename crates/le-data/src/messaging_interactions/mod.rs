//! Messaging Interactions: the history of messaging conversations, open and closed.
//!
//! Records are up to about one minute behind. Engagement attributes can be searched only two hours after they were sent.
//! The vendor keeps 13 months.
//!
//! Vendor pages: <https://developers.liveperson.com/messaging-interactions-api-overview.html>

mod answers;
mod api;
mod attributes;
mod campaign;
mod cobrowse;
mod content;
mod conversation;
mod dialog;
mod filter;
mod info;
mod intent;
mod keys;
mod lookup;
mod message;
mod participant;
mod people;
mod sde;
mod search;
mod survey;
mod timeline;

pub use api::{Version, head};
pub use attributes::{Fields, SdePayload};
pub use campaign::{Campaign, Monitoring, PageVisit};
pub use cobrowse::{CoBrowseSession, CoBrowseSessions};
pub use content::MessageContent;
pub use conversation::{Conversation, ResponseTime, Summary, SummaryNote};
pub use dialog::{Dialog, Interaction, Transfer};
pub use filter::{AgentSurveyFilter, SdeKey};
pub use info::Info;
pub use intent::{Classification, Intent, MessageIntents, ModelVersion};
pub use lookup::{ConversationById, Conversations, ConversationsOfConsumer};
pub use message::{
    ActionReason, BotIntent, BotResponse, ContextData, FileContent, LinkContent, Message, MessageData, MessageScore,
    MessageStatus, SecureForm, StructuredContent, StructuredMetadata, TextContent,
};
pub use participant::{AgentParticipant, ConsumerParticipant, Participant, ParticipantId};
pub use people::{Agent, Sender};
pub use sde::{
    CartStatus, Contact, CustomerAge, CustomerInfo, CustomerInfoEvent, Date, ErrorCode, Lead, LeadEvent,
    MarketingCampaignInfo, MarketingCampaignInfoEvent, PersonalContact, PersonalInfo, PersonalInfoEvent, Product,
    ProductLine, Purchase, SdeEvent, Sdes, SearchContent, ServiceActivity, ServiceActivityEvent, SocialId,
    ViewedProduct, VisitorError, VisitorErrorEvent,
};
pub use search::{SearchConversations, Sort};
pub use survey::{AgentSurvey, AgentSurveyAnswer, AgentSurveyQuestion, ConversationSurvey, SurveyAnswer};
pub use timeline::{TimelineEntry, TimelineEvent};

pub use crate::pages::{
    PageLink, PageMetadata, RawPages as RawConversationPages, RawStream as RawConversationStream, ShardsStatus,
    record_error,
};

/// One page of conversations.
pub type ConversationPage = crate::pages::RecordPage<Conversation>;

/// All conversations of a search, typed. See [`RecordStream`](crate::pages::RecordStream).
pub type ConversationStream = crate::pages::RecordStream<Conversation>;

pub use crate::generated::enums::*;
