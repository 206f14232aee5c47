#![cfg_attr(feature = "datafusion", doc = include_str!("../README.md"))]
#![cfg_attr(
    not(feature = "datafusion"),
    doc = "Empty without its feature `datafusion`: see the README."
)]
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "datafusion")]
mod lake;
#[cfg(feature = "datafusion")]
mod tables;
#[cfg(feature = "datafusion")]
mod values;

#[cfg(feature = "datafusion")]
pub use lake::Lake;
