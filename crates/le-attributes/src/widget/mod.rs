//! Widgets of the Agent Workspace: what the widget SDK says about the visitor, and what a widget may do.
//!
//! The widget SDK runs in the browser only. A page forwards what it hears to a backend, and executes what the backend answers.
//! So nothing here is proof of anything: **whoever can open the page can forward what they like**. Show it, suggest from it, but
//! before money or personal data depends on it, fetch it from LivePerson with `chatInfo.rtSessionId`.
//!
//! * [`PublicModel`]: the model of the SDK as records, every field optional, unknown members kept.
//! * [`LiveModel`]: the model of one widget, built from the [`ModelUpdate`]s that its page forwards, within bounds.
//! * [`ModelPath`]: the paths that a page binds.
//! * [`Command`] and [`ConsumerProfile`]: what a page hands to the SDK.
//! * [`WidgetAddress`]: the parameters in the address of a plain URL widget.
//! * [`Converted`]: attributes from the layout of the widget to the one they are sent in, and back, with what is lost.
//!
//! ```
//! use le_attributes::widget::{LiveModel, ModelUpdate};
//!
//! let mut model = LiveModel::default();
//! model.apply(&ModelUpdate::read(r#"{"key":"SDE.customerDetails","newValue":[{"type":"gold","balance":"-12.5"}]}"#)?)?;
//! model.apply(&ModelUpdate::read(r#"{"key":"chatInfo.isMessaging","newValue":true}"#)?)?;
//! let view = model.view();
//! let customer = &view.attributes.as_ref().unwrap().customer_details[0];
//! assert_eq!(customer.balance.as_ref().map(|balance| balance.get()), Some(-12.5));
//! # Ok::<_, le_core::Error>(())
//! ```
//!
//! <https://developers.liveperson.com/agent-workspace-widget-sdk-overview.html>

mod address;
mod attributes;
mod command;
mod live;
mod loss;
mod model;
mod path;
mod to_send;
mod to_widget;
mod transcript;
mod visitor;

pub use address::WidgetAddress;
pub use attributes::{
    ContactInfo, CustomerDetails, ErrorDetails, Keyword, LeadDetails, MarketingDetails, PersonDetails, SearchDetails,
    ServiceDetails, ShoppingCart, Transaction, WidgetAttributes, WidgetProduct,
};
pub use command::{Command, CommandName, ConsumerProfile, FileContent};
pub use live::{LiveModel, ModelUpdate};
pub use loss::{Converted, Loss};
pub use model::{
    AgentInfo, ApplicationInfo, AuthenticatedData, CampaignInfo, ChannelMetadata, ChatInfo, ChattingAgentInfo, Claims,
    ClaimsAndAuthType, ConnectorResponse, CustomVariables, EngagementInfo, NamedItem, PublicModel,
};
pub use path::ModelPath;
pub use transcript::{
    ChatTranscript, ClientProperties, PreChat, SurveyAnswer, SurveyQuestions, TranscriptLine, Variable,
};
pub use visitor::{JourneyPage, SearchEngine, VisitorInfo, VisitorJourney};
