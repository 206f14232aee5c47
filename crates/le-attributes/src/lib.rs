#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod generated;
mod payload;

pub mod customer;
pub mod guard;
pub mod impression;
pub mod journey;
pub mod marketing;
pub mod personal;
pub mod sde;
pub mod shopping;
pub mod validate;

pub use generated::enums::{Gender, ImpressionType, PhoneType, SdeType};
pub use sde::Sde;
