//! Whole flows against le-sim, with its faults.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::sync::Arc;
use std::time::Duration;

use le_attributes::journey::{SearchedContent, VisitorError};
use le_attributes::monitoring::{Identity, Monitoring};
use le_attributes::reporter::Reporter;
use le_attributes::shopping::Cart;
use le_attributes::visitor::{Visitor, VisitorSession};
use le_attributes::{Attributes, ImpressionType};
use le_core::clock::{Clock, Sleep, SystemClock};
use le_core::discover::FixedBase;
use le_core::{AccountId, BaseUri, Client, ErrorKind, Timestamp, TrustedHosts};
use le_sim::{FaultAction, FaultPlan, FaultRule, Sim};

/// A minute, on the hurried clock.
const SOON: Duration = Duration::from_secs(6_000);

/// A clock on which pauses of the client take a hundredth of their time.
#[derive(Debug, Default)]
struct Hurried(SystemClock);

impl Clock for Hurried {
    fn now(&self) -> Timestamp {
        self.0.now()
    }

    fn monotonic(&self) -> Duration {
        self.0.monotonic() * 100
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        self.0.sleep(duration / 100)
    }
}

struct Stage {
    sim: Sim,
    client: Client,
}

impl Stage {
    async fn new() -> Self {
        let sim = Sim::builder().conversations(10).start().await.unwrap();
        let base = BaseUri::plain(sim.plain_csds().as_str()).unwrap();
        let client = Client::builder(AccountId::new(sim.account().id.as_str()).unwrap())
            .discover(Arc::new(FixedBase(base)))
            .trusted_hosts(TrustedHosts::default().with_host("127.0.0.1").with_host("localhost"))
            .clock(Arc::new(Hurried::default()))
            .build()
            .unwrap();
        Self { sim, client }
    }

    fn monitoring(&self) -> Monitoring {
        Attributes::new(self.client.clone()).monitoring(self.sim.app_installation_id())
    }
}

#[tokio::test]
async fn a_visitor_is_offered_an_engagement_for_what_was_reported_and_the_visit_shows_it() {
    let stage = Stage::new().await;
    let session = VisitorSession::start(stage.monitoring(), Visitor::new("browser-7")).unwrap();
    session.report(Cart::new(61.4, 2).currency("EUR")).unwrap();
    session
        .report(VisitorError::default().context_id("checkout").message("Card refused"))
        .unwrap();
    let answer = session.engagement().await.unwrap();
    let offer = answer
        .first()
        .expect("the simulated account offers an engagement to somebody with a cart");
    session.impression(offer, ImpressionType::Display).unwrap();
    session.impression(offer, ImpressionType::Accept).unwrap();
    session.flush(SOON).await.unwrap();
    let ids = session.ids().unwrap();
    let seen = stage
        .sim
        .control()
        .monitoring()
        .visit(&ids.visitor_id)
        .unwrap()
        .to_string();
    assert!(seen.contains("61.4") && seen.contains("Card refused"), "{seen}");
    let start = session.conversation_start().unwrap();
    assert_eq!(start.session_id, ids.session_id);
    stage.sim.stop().await;
}

#[tokio::test]
async fn a_session_that_grew_old_is_replaced() {
    let stage = Stage::new().await;
    let session = VisitorSession::start(stage.monitoring(), Visitor::new("browser-7")).unwrap();
    session.engagement().await.unwrap();
    let before = session.ids().unwrap();
    stage
        .sim
        .control()
        .monitoring()
        .age_sessions(None, Duration::from_secs(31 * 60));
    session.report(SearchedContent::of(["return policy"])).unwrap();
    session.flush(SOON).await.unwrap();
    let after = session.ids().unwrap();
    assert_ne!(before.session_id, after.session_id);
    assert_eq!(before.visitor_id, after.visitor_id, "the visitor stays");
    assert!(session.state().contexts.is_empty());
    stage.sim.stop().await;
}

#[tokio::test]
async fn a_loading_account_is_waited_for() {
    let stage = Stage::new().await;
    stage.sim.control().monitoring().load_account(2);
    let answer = stage.monitoring().engagement().await.unwrap();
    assert!(answer.is_replaced());
    stage.sim.control().monitoring().load_account(100);
    let error = stage.monitoring().engagement().await.unwrap_err();
    assert_eq!(
        (error.kind(), error.code(), error.attempts()),
        (ErrorKind::Server, Some("38"), 5)
    );
    stage.sim.stop().await;
}

#[tokio::test]
async fn many_visitors_are_reported_through_refused_requests() {
    let stage = Stage::new().await;
    let refused = FaultRule::new(FaultAction::retry_after(429, 0))
        .route("monitoring.report")
        .first(40);
    stage.sim.control().set_faults(FaultPlan::new(1).with(refused)).unwrap();
    let reporter = Reporter::builder(stage.monitoring())
        .linger(Duration::from_millis(5))
        .start();
    for number in 0..600_u32 {
        let visitor = Visitor::new(format!("k{}", number % 60))
            .identity(Identity::unauthenticated(format!("sub-{}", number % 60)));
        reporter
            .report(&visitor, [SearchedContent::of([format!("question {number}")])])
            .unwrap();
    }
    let stats = reporter.shutdown(SOON).await;
    assert_eq!((stats.delivered, stats.lost), (600, 0));
    assert!(stats.failures > 0);
    assert_eq!(stage.sim.control().monitoring().visitors().len(), 60);
    stage.sim.stop().await;
}
