//! Discovery against the simulator, over a real connection.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test stops where something is not as expected"
)]

use std::sync::Arc;
use std::time::Duration;

use le_core::retry::RetryPolicy;
use le_core::testing::TestClock;
use le_core::{AccountId, Client, ErrorKind, Timestamp};
use le_domain::{Domain, Lookup, ServiceName};
use le_sim::{Sim, UnknownAnswer};

async fn setup(lookup: Lookup) -> (Sim, Domain, TestClock) {
    let sim = Sim::builder().conversations(1).start().await.unwrap();
    let account = AccountId::new(&sim.account().id).unwrap();
    let clock = TestClock::manual(Timestamp::default());
    let client = Client::builder(account.clone())
        .clock(Arc::new(clock.clone()))
        .retry(RetryPolicy::never())
        .build()
        .unwrap();
    let builder = Domain::builder(account).client(client).host(sim.url()).lookup(lookup);
    (sim, builder.build().unwrap(), clock)
}

#[tokio::test]
async fn every_known_service_is_found_by_either_form() {
    for lookup in [Lookup::All, Lookup::Single] {
        let (sim, domain, _) = setup(lookup).await;
        for name in ServiceName::KNOWN {
            let base = domain.service(*name).await.unwrap();
            assert!(base.is_plain() && base.is_loopback(), "{name}: {base}");
        }
        let all = domain.all().await.unwrap();
        assert!(
            all.len() > ServiceName::KNOWN.len(),
            "names that only listings show are kept"
        );
        assert!(all.iter().any(|(name, _)| !name.is_known()));
        assert!(all.skipped().is_empty());
        let requests = sim.control().requests_to("domain.service") as usize;
        assert_eq!(
            requests,
            if lookup == Lookup::All {
                0
            } else {
                ServiceName::KNOWN.len()
            }
        );
    }
}

#[tokio::test]
async fn both_shapes_and_every_answer_for_what_is_not_there() {
    let (sim, domain, _) = setup(Lookup::Single).await;
    sim.control()
        .adjust(|behaviour| behaviour.single_lookup_answers_list = true);
    assert!(domain.service("msgHist").await.is_ok());
    for answer in [
        UnknownAnswer::NotFound,
        UnknownAnswer::BadRequest,
        UnknownAnswer::Unauthorized,
        UnknownAnswer::EmptyObject,
    ] {
        sim.control().adjust(|behaviour| behaviour.unknown_service = answer);
        let error = domain.service("agentvep").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Discovery);
        assert!(
            error.to_string().contains("did you mean `agentVep`"),
            "{answer:?}: {error}"
        );
    }
}

#[tokio::test]
async fn an_unknown_account_is_an_error_that_names_it() {
    let (sim, ..) = setup(Lookup::All).await;
    let stranger = AccountId::new("99999999").unwrap();
    let domain = Domain::builder(stranger).host(sim.url()).build().unwrap();
    let error = domain.service("msgHist").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Discovery);
    assert!(error.to_string().contains("99999999"), "{error}");
    assert!(error.to_string().contains("check the account id"), "{error}");
    assert_eq!(error.status().unwrap(), 401);
}

#[tokio::test]
async fn what_was_known_is_served_after_the_domain_api_is_gone() {
    let (sim, domain, clock) = setup(Lookup::All).await;
    let before = domain.service("msgHist").await.unwrap();
    sim.stop().await;
    clock.advance(Duration::from_secs(601));
    assert_eq!(domain.service("msgHist").await.unwrap(), before);
    assert!(domain.all().await.unwrap().is_stale());
}
