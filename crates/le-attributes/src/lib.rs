#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod amount;
mod appended;
mod attributes;
mod call;
mod generated;
mod loading;
mod merge;
mod payload;
mod plain;

#[cfg(feature = "app-backend")]
#[cfg_attr(docsrs, doc(cfg(feature = "app-backend")))]
pub mod app_backend;
pub mod app_engagement;
pub mod catalogue;
pub mod customer;
pub mod external_engagement;
pub mod guard;
#[cfg(feature = "identity")]
#[cfg_attr(docsrs, doc(cfg(feature = "identity")))]
pub mod identity;
pub mod impression;
pub mod journey;
pub mod marketing;
pub mod monitoring;
pub mod personal;
pub mod read;
pub mod refusal;
pub mod reporter;
pub mod sde;
pub mod shopping;
pub mod validate;
pub mod visit;
pub mod visitor;
pub mod widget;

pub use amount::Amount;
pub use attributes::Attributes;
pub use generated::enums::{
    AppType, Availability, DeviceFamily, EngagementStatus, Gender, IdentityLevel, ImpressionType, OperatingSystem,
    PhoneType, SdeType,
};
pub use merge::{Channel, merge_preview};
pub use sde::Sde;

/// The operations of this crate as data, e.g. for limits per operation.
pub mod operations {
    pub use crate::generated::operations::*;
}
