#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod account;
mod answer;
mod arrival;
mod attendance;
mod authorize;
mod behaviour;
mod body;
mod builder;
mod certificate;
mod clock;
mod control;
mod domain;
pub mod driver;
mod error;
mod faults;
mod generated;
pub mod history;
mod hosts;
mod interactions;
mod login;
mod messaging;
mod oauth;
mod proxy;
mod requests;
mod routing;
mod server;
mod sessions;
mod sim;
mod wire;
mod world;

pub use behaviour::{Behaviour, Lockout, LoginErrors, LoginLimit, UnknownAnswer, UserState};
pub use builder::SimBuilder;
pub use certificate::{Leaf, TlsVersions};
pub use clock::SimClock;
pub use control::{Control, FaultCount, MessagingControl};
pub use error::{ControlError, SimError};
pub use faults::{FaultAction, FaultBody, FaultPlan, FaultRule, RetryAfter};
pub use hosts::VENDOR_DOMAINS;
pub use messaging::{
    DialectKnobs, DrivenConsumer, FileKnobs, MalformedJson, MessagingBehaviour, NewConsumer, RequestLimit,
    ResponseTimes, SurveyKnobs, TokenInvalidation,
};
pub use requests::{LoggedRequest, RouteCounter};
pub use sessions::Session;
pub use sim::Sim;
pub use world::OAuthClient;
