//! Hosts: looked up, looked up again, never found.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use le_core::clock::Clock as _;
use le_core::discover::Doubt;
use le_core::testing::{Scripted, ScriptedTransport};
use le_core::transport::{Cause, Phase};
use le_core::{BaseUri, Discover, Disposition, Error, ErrorKind, Operation};

use super::{WRITE, builder, clock, seconds};

/// Answers one base until it is doubted, then another.
#[derive(Debug, Default)]
struct Moving(AtomicU64);

#[async_trait]
impl Discover for Moving {
    async fn discover(&self, _service: &str) -> Result<BaseUri, Error> {
        BaseUri::new(&format!("host{}.liveperson.net", self.0.load(Ordering::SeqCst)))
    }
    async fn doubt(&self, _service: &str, base: &BaseUri, why: Doubt) -> bool {
        assert!(base.host().starts_with("host"));
        why == Doubt::Unreachable && self.0.fetch_add(1, Ordering::SeqCst) == 0
    }
}

#[tokio::test]
async fn a_host_that_moved_is_looked_up_again_at_once() {
    let refused = || Scripted::broken(Phase::Connect, Cause::Refused);
    let (clock, transport) = (clock(), ScriptedTransport::new([refused(), Scripted::ok("{}")]));
    let client = builder(&transport, &clock)
        .discover(Arc::new(Moving::default()))
        .build()
        .unwrap();
    client.call(Operation::new(&WRITE)).await.unwrap();
    let hosts: Vec<_> = transport
        .sent()
        .iter()
        .map(|sent| sent.uri.host().unwrap().to_owned())
        .collect();
    assert_eq!(hosts, ["host0.liveperson.net", "host1.liveperson.net"]);
    assert!(clock.slept().is_empty());

    let transport = ScriptedTransport::new([refused(), refused(), Scripted::ok("{}")]);
    let client = builder(&transport, &clock)
        .discover(Arc::new(Moving::default()))
        .build()
        .unwrap();
    client.call(Operation::new(&WRITE)).await.unwrap();
    assert_eq!(seconds(&clock), [5], "one lookup more, then the ordinary pauses");
    assert!(clock.monotonic() >= Duration::from_secs(5));
}

/// Never finds the host.
#[derive(Debug)]
struct Lost;

#[async_trait]
impl Discover for Lost {
    async fn discover(&self, _service: &str) -> Result<BaseUri, Error> {
        std::future::pending().await
    }
}

#[tokio::test(start_paused = true)]
async fn the_deadline_bounds_what_comes_before_the_request_too() {
    let transport = ScriptedTransport::default();
    let client = builder(&transport, &clock())
        .discover(Arc::new(Lost))
        .deadline(Duration::from_secs(3))
        .build()
        .unwrap();
    let error = client.call(Operation::new(&WRITE)).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.disposition()),
        (ErrorKind::Timeout, Disposition::NotSent)
    );
    assert!(transport.sent().is_empty());
}
