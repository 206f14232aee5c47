#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod api_key;
pub mod consumer;
pub mod credentials;
mod generated;
pub mod login;
pub mod session;
pub mod settings;

pub use api_key::ApiKey;
pub use consumer::ConsumerIdentity;
pub use credentials::{AppCredentials, LoginCredentials, UserCredentials};
pub use generated::enums::OAuthProblem;
pub use login::{Login, LoginAnswer};
pub use session::{Session, SessionState};
pub use settings::Settings;
