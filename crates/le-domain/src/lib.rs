#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod bootstrap;
mod builder;
mod cache;
mod domain;
mod generated;
mod listing;
mod lookup;
mod unknown;

pub use bootstrap::Environment;
pub use builder::DomainBuilder;
pub use domain::Domain;
pub use generated::services::ServiceName;
pub use listing::{Services, Skipped};
pub use lookup::Lookup;
