//! The router of a native app's server, called as the app and LivePerson call it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod backend;
