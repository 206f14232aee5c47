//! Messaging Interactions: the history of messaging conversations, open and closed.
//!
//! Records are up to about one minute behind. Engagement attributes can be searched only two hours after they were sent.
//! The vendor keeps 13 months.
//!
//! Vendor pages: <https://developers.liveperson.com/messaging-interactions-api-overview.html>

mod campaign;
mod cobrowse;
mod conversation;
mod dialog;
mod filter;
mod info;
mod intent;
mod lookup;
mod message;
mod page;
mod participant;
mod request;
mod sde;
mod search;
mod seen;
mod stream;
mod survey;
mod times;
mod view;
mod walk;

pub use campaign::{Campaign, Monitoring, PageVisit};
pub use cobrowse::{CoBrowseSession, CoBrowseSessions};
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
pub use page::{ConversationPage, PageLink, PageMetadata, ShardsStatus};
pub use participant::{AgentParticipant, ConsumerParticipant, Participant, ParticipantId};
pub use request::Version;
pub use sde::{
    CartStatus, Contact, CustomerAge, CustomerInfo, CustomerInfoEvent, Date, Lead, LeadEvent, MarketingCampaignInfo,
    MarketingCampaignInfoEvent, PersonalContact, PersonalInfo, PersonalInfoEvent, Product, ProductLine, Purchase,
    SdeEvent, Sdes, SearchContent, ServiceActivity, ServiceActivityEvent, ViewedProduct, VisitorError,
    VisitorErrorEvent,
};
pub use search::{SearchConversations, Sort};
pub use stream::{ConversationStream, RawConversationPages, RawConversationStream, record_error};
pub use survey::{AgentSurvey, AgentSurveyAnswer, AgentSurveyQuestion, ConversationSurvey, SurveyAnswer};

pub use crate::generated::enums::*;
