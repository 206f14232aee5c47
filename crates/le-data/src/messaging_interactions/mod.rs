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
mod info;
mod intent;
mod message;
mod participant;
mod sde;
mod survey;
mod times;

pub use campaign::{Campaign, Monitoring, PageVisit};
pub use cobrowse::{CoBrowseSession, CoBrowseSessions};
pub use conversation::{Conversation, ResponseTime, Summary, SummaryNote};
pub use dialog::{Dialog, Interaction, Transfer};
pub use info::Info;
pub use intent::{Classification, Intent, MessageIntents, ModelVersion};
pub use message::{
    ActionReason, BotIntent, BotResponse, ContextData, FileContent, LinkContent, Message, MessageData, MessageScore,
    MessageStatus, SecureForm, StructuredContent, StructuredMetadata, TextContent,
};
pub use participant::{AgentParticipant, ConsumerParticipant, Participant, ParticipantId};
pub use sde::{
    CartStatus, Contact, CustomerAge, CustomerInfo, CustomerInfoEvent, Date, Lead, LeadEvent, MarketingCampaignInfo,
    MarketingCampaignInfoEvent, PersonalContact, PersonalInfo, PersonalInfoEvent, Product, ProductLine, Purchase,
    SdeEvent, Sdes, SearchContent, ServiceActivity, ServiceActivityEvent, ViewedProduct, VisitorError,
    VisitorErrorEvent,
};
pub use survey::{AgentSurvey, AgentSurveyAnswer, AgentSurveyQuestion, ConversationSurvey, SurveyAnswer};

pub use crate::generated::enums::*;
