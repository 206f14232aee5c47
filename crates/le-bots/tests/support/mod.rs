//! What several test programs share: credentials that log in by themselves, HTTP over a stream in memory, the clock of a
//! paused runtime.

#![allow(dead_code, reason = "no test program needs all of it")]

pub(crate) mod clients;
pub(crate) mod credential;
pub(crate) mod pipe;
pub(crate) mod runtime;
