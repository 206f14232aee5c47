#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod conversing;
mod generated;

pub mod agent;
pub mod agent_state;
pub mod bot;
pub mod change;
pub mod client_properties;
pub mod close;
pub mod connection;
pub mod connector;
pub mod consumer;
pub mod consumer_client;
pub mod conversation;
pub mod credential;
pub mod dialect;
pub mod dialog;
pub mod event;
pub mod file;
pub mod fleet;
pub mod frame;
pub mod history;
pub mod identity;
pub mod metadata;
pub mod notification;
pub mod participants;
pub mod profile;
pub mod recovery;
pub mod request;
pub mod ring;
pub mod secure_form;
pub mod server_clock;
pub mod socket;
pub mod store;
pub mod structured_content;
pub mod supervisor;
pub mod ttr;
pub mod upgrade;

pub use agent::AgentConnection;
pub use close::Close;
pub use connection::{Call, Connection, Events, Incoming, Settings};
pub use connector::{AgentConnector, ConsumerConnector};
pub use consumer::ConsumerConnection;
pub use credential::SocketCredential;
pub use dialect::{Dialect, TypeName};
pub use event::{DialogEvent, Event};
pub use frame::{Envelope, Frame};
pub use identity::AgentIdentity;
pub use notification::{News, Notification};
pub use recovery::{NextStep, Recovery};
pub use request::Request;
pub use socket::SocketUrl;
pub use supervisor::{AgentLink, ConsumerLink, Deliveries, Delivery};
