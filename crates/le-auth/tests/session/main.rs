//! A session's life: opening, refreshing, renewal, failures, closing.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test stops where something is not as expected"
)]

#[path = "../support/mod.rs"]
mod support;

mod ending;
mod logins;
mod refreshing;

use std::sync::Arc;

use le_auth::{Session, UserCredentials};
use le_core::Client;
use le_core::testing::TestClock;
use support::{Server, client};

fn user() -> UserCredentials {
    UserCredentials::new("ops@example.org", "pw-1")
}

/// A session that is open.
async fn opened(server: &Server, clock: &TestClock) -> Session {
    let session = Session::builder(client(&server.transport(), clock), user());
    session.open().await.unwrap()
}

fn with(client: &Client, session: &Session) -> Client {
    client.with_authorize(Arc::new(session.clone()))
}
