#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod access;
pub mod account;
mod agent_activity;
mod answer;
mod arrival;
mod attachments;
mod attendance;
mod authorize;
mod behaviour;
mod body;
mod builder;
mod bulk_files;
pub mod campaign;
mod certificate;
mod clock;
mod consumer_history;
mod control;
mod data_access;
mod domain;
pub mod driver;
mod engagements;
mod error;
mod faults;
mod generated;
pub mod history;
mod hosts;
mod interactions;
mod login;
mod messaging;
mod monitoring;
mod oauth;
mod proxy;
mod requests;
mod routing;
mod sentinel;
mod server;
mod sessions;
mod sim;
mod wire;
mod world;

pub use agent_activity::AgentActivityKnobs;
pub use behaviour::{Behaviour, Lockout, LoginErrors, LoginLimit, UnknownAnswer, UserState};
pub use builder::SimBuilder;
pub use bulk_files::BulkFileKnobs;
pub use certificate::{Leaf, TlsVersions};
pub use clock::SimClock;
pub use control::{Control, FaultCount, HistoryControl, MessagingControl, MonitoringControl};
pub use data_access::{DataAccessKnobs, FileFormat, FileKind, Wrappers};
pub use error::{ControlError, SimError};
pub use faults::{FaultAction, FaultBody, FaultPlan, FaultRule, RetryAfter};
pub use history::{
    AboveLimit, ChatKnobs, ConsumerHistoryKnobs, DataLimit, HistoryChange, HistoryKnobs, Missing, NoMatch,
    RecordDialect, Scalars, TokenPrefix,
};
pub use hosts::VENDOR_DOMAINS;
pub use messaging::{
    DialectKnobs, DrivenConsumer, FileKnobs, MalformedJson, MessagingBehaviour, NewConsumer, PushDelivery, PushKnobs,
    RequestLimit, ResponseTimes, SurveyKnobs, TokenInvalidation,
};
pub use monitoring::{FunnelCount, InvalidIds, MonitoringKnobs, OfferSummary, SessionLimit, VisitorSummary};
pub use requests::{LoggedRequest, RouteCounter};
pub use sessions::Session;
pub use sim::Sim;
pub use world::OAuthClient;
