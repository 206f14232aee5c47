//! `cargo xtask fixtures`: recorded wire samples, redacted before they touch the disk, and the rules they must keep.

mod moment;
mod patterns;
mod pseudonym;
mod redact;
mod refresh;
mod sample;
mod verify;

pub(crate) use refresh::refresh;
pub(crate) use verify::verify;
