//! Tokens that end: by which close code, how a new one is had, and when none is needed.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use async_trait::async_trait;
use le_bots::AgentConnector;
use le_bots::supervisor::AgentLink;
use le_core::discover::{Discover, FixedBase};
use le_core::{BaseUri, Error, ErrorKind};
use le_sim::{FaultAction, FaultRule, TokenInvalidation};

use crate::stage::{Stage, seconds};
use crate::support::clients;
use crate::support::credential::Credential;
use crate::wire::{Door, Seen};

/// Whether the last attempt used another bearer than the first one.
fn bearer_changed(stage: &Stage) -> bool {
    let attempts = stage.wire.attempts();
    attempts.first().unwrap().uri != attempts.last().unwrap().uri
}

/// node-agent-sdk 27: the reconnect goes on with the token that was refused.
#[tokio::test(start_paused = true)]
async fn a_reconnect_after_4401_does_not_renew_the_token() {
    let stage = Stage::new();
    let bot = stage.link();
    bot.online().await;
    stage.sim.control().expire_sessions();
    seconds(30).await;
    bot.online().await;
    assert_eq!(
        (stage.logins(), stage.wire.attempts().len()),
        (2, 2),
        "the old one is not even tried"
    );
    assert!(bearer_changed(&stage));
    let closed = stage
        .wire
        .lines()
        .into_iter()
        .any(|line| line.seen == Seen::Close(Some(4401)));
    assert!(closed);
}

/// node-agent-sdk 29: the revocation of a token is seen as 1006, and the client comes back with the same token for ever.
#[tokio::test(start_paused = true)]
async fn a_revocation_that_shows_as_1006_is_taken_for_a_broken_line() {
    let stage = Stage::with(|behaviour| behaviour.messaging.token_invalidation = TokenInvalidation::Abort);
    let bot = stage.link();
    bot.online().await;
    stage.sim.control().expire_sessions();
    seconds(60).await;
    bot.online().await;
    assert!(bearer_changed(&stage));
    // It was tried once with the old one, since nothing said that it was bad; the refusal did.
    assert_eq!((stage.logins(), stage.wire.opened()), (2, 2));
    let closes = stage
        .wire
        .lines()
        .into_iter()
        .filter(|line| matches!(line.seen, Seen::Close(_)))
        .count();
    assert_eq!(closes, 0, "no close frame was seen");
}

/// node-agent-sdk 134, and the Node clients of the study: a refresh that is refused costs the socket, every ten minutes.
#[tokio::test(start_paused = true)]
async fn a_refused_refresh_costs_the_socket_every_ten_minutes() {
    let stage = Stage::with(|behaviour| behaviour.messaging.token_invalidation = TokenInvalidation::StaysOpen);
    let refused = FaultRule::new(FaultAction::status(401))
        .route("login.*")
        .named("refusal");
    let bot = stage.link();
    bot.online().await;
    stage.sim.control().add_fault(refused).unwrap();
    seconds(20 * 3_600).await;
    // The session ended after eight hours; the socket is open all the same, and nobody gave it up.
    assert_eq!((stage.logins(), stage.wire.opened()), (1, 1));
    assert!(bot.link.state().borrow().is_online());
}

/// developer-center 191: sockets end with 1000, 1001, 1004, 1005 and 1006 for no reason at all; each is a reason to come back, none to
/// log in. Those that speak of the token are, once.
#[tokio::test(start_paused = true)]
async fn a_close_code_ends_the_client() {
    for (code, logins) in [
        (1000, 1),
        (1001, 1),
        (1004, 1),
        (1005, 1),
        (1006, 1),
        (3000, 1),
        (1008, 2),
        (1011, 2),
        (4401, 2),
        (4999, 2),
    ] {
        let stage = Stage::new();
        let bot = stage.link();
        bot.online().await;
        stage.messaging().close_sockets(None, code, "");
        seconds(30).await;
        bot.online().await;
        assert_eq!((stage.logins(), stage.wire.opened()), (logins, 2), "{code}");
    }
}

/// developer-center 191: an upgrade that is answered with 502 is the end.
#[tokio::test(start_paused = true)]
async fn an_upgrade_that_answers_502_is_the_end() {
    let stage = Stage::new();
    stage
        .wire
        .porter(|number| if number <= 3 { Door::Refuse(502) } else { Door::Open });
    let bot = stage.link();
    bot.online().await;
    assert_eq!((stage.wire.attempts().len(), stage.logins()), (4, 1));
}

/// node-agent-sdk 151: a login that is answered with 500, or with 429, is reported as something else, and is the end.
#[tokio::test(start_paused = true)]
async fn a_login_that_answers_500_or_429_is_the_end() {
    for status in [500, 429, 503] {
        let stage = Stage::new();
        let fails = FaultRule::new(FaultAction::status(status))
            .route("login.login")
            .first(2);
        stage.sim.control().add_fault(fails).unwrap();
        let bot = stage.link();
        bot.online().await;
        assert_eq!(stage.logins(), 1, "{status}");
    }
}

/// Fails a few times.
#[derive(Debug)]
struct Flaky(Arc<FixedBase>, AtomicU32);

#[async_trait]
impl Discover for Flaky {
    async fn discover(&self, service: &str) -> Result<BaseUri, Error> {
        if self.1.fetch_add(1, Ordering::Relaxed) < 3 {
            return Err(Error::new(ErrorKind::Server, "the Domain API failed"));
        }
        self.0.discover(service).await
    }
}

/// node-agent-sdk: a 500 of the Domain API ends the process.
#[tokio::test(start_paused = true)]
async fn a_domain_lookup_that_answers_500_is_the_end() {
    let stage = Stage::new();
    let transport = Arc::new(stage.wire.clone());
    let user = clients::bot_users(&stage.sim)[0];
    let credential = Credential::login(transport.clone(), &stage.sim.url(), &stage.sim.account().id, user);
    let discover = Arc::new(Flaky(clients::base(&stage.sim), AtomicU32::new(0)));
    let connector = AgentConnector::new(transport, discover, credential, clients::identity(&stage.sim, user))
        .trusted_hosts(clients::trusted())
        .settings(stage.settings());
    let bot = stage.link_of(AgentLink::builder(connector));
    bot.online().await;
    assert_eq!(stage.wire.attempts().len(), 1);
}
