//! Against the simulator, which shares no type with this crate: two readings of the vendor's pages that have to agree.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use futures_util::TryStreamExt as _;
use http::Method;
use le_core::auth::StaticBearer;
use le_core::discover::FixedBase;
use le_core::operation::{AuthRequirement, CallClass};
use le_core::testing::TestClock;
use le_core::{AccountId, BaseUri, Client, Operation, OperationSpec, TimeRange, Timestamp, TrustedHosts};
use le_data::Data;
use le_data::messaging_interactions::{ContentToRetrieve, ConversationStatus};
use le_sim::{FaultAction, FaultPlan, FaultRule, Sim};
use serde_json::{Value, json};

const LOGIN: OperationSpec = OperationSpec {
    id: "login.login",
    service: "agentVep",
    method: Method::POST,
    path: "/api/account/{accountId}/login",
    query: &[("v", "1.3")],
    auth: AuthRequirement::None,
    idempotent: true,
    class: CallClass::Login,
    sends_source: false,
    documentation: "",
};

/// Logs in and gives the data APIs; waits of the client take no time.
async fn data(sim: &Sim) -> Data {
    let builder = || {
        Client::builder(AccountId::new("70011223").unwrap())
            .discover(Arc::new(FixedBase(BaseUri::plain(&sim.plain_csds()).unwrap())))
            .trusted_hosts(TrustedHosts::vendor().with_host("127.0.0.1").with_host("localhost"))
    };
    let user = sim.users().iter().find(|user| user.enabled).unwrap();
    let body = json!({ "username": user.login_name, "password": user.password });
    let login = Operation::new(&LOGIN).json(&body).unwrap();
    let answer: Value = builder().build().unwrap().call(login).await.unwrap().json().unwrap();
    let bearer = answer["bearer"].as_str().unwrap();
    let clock = TestClock::auto(Timestamp::now());
    let client = builder()
        .authorize(Arc::new(StaticBearer::new(bearer)))
        .clock(Arc::new(clock))
        .build()
        .unwrap();
    Data::new(client)
}

/// The vendor keeps 13 months.
fn everything() -> TimeRange {
    TimeRange::last(Duration::from_secs(400 * 86_400), Timestamp::now())
}

fn all_content() -> Vec<ContentToRetrieve> {
    ContentToRetrieve::KNOWN
        .iter()
        .map(|name| ContentToRetrieve::from(*name))
        .collect()
}

#[tokio::test]
async fn every_record_is_typed_and_every_member_has_a_field() {
    let sim = Sim::builder()
        .account("70011223")
        .conversations(400)
        .start()
        .await
        .unwrap();
    let data = data(&sim).await;
    let search = data
        .conversations()
        .search(everything())
        .windows(Duration::from_secs(80 * 86_400))
        .content(all_content());
    let records: Vec<_> = search.stream().try_collect().await.unwrap();
    assert_eq!(records.len(), sim.conversations());
    let ids: HashSet<_> = records.iter().map(|record| record.id().unwrap().as_str()).collect();
    assert_eq!(ids.len(), records.len());

    for record in &records {
        assert!(record.salvaged().is_empty(), "{:?}", record.salvaged());
        let written: Value = serde_json::from_str(&serde_json::to_string(&**record).unwrap()).unwrap();
        assert_eq!(written, record.raw().to_value().unwrap());
        let info = record.info.as_ref().unwrap();
        assert!(info.start().is_some());
        assert_eq!(
            info.end().is_none(),
            info.status == Some(ConversationStatus::Open),
            "{info:?}"
        );
        let messages = record.messages.iter().map(|message| &message.extra);
        let without_field = record
            .extra
            .iter()
            .chain(info.extra.iter())
            .chain(messages.flat_map(|extra| extra.iter()));
        for (name, json) in without_field {
            assert_eq!(json, "null", "`{name}` has no field");
        }
    }
}

#[tokio::test]
async fn an_export_survives_faults_on_the_way_and_loses_nothing() {
    let faults = FaultPlan::new(3)
        .with(
            FaultRule::new(FaultAction::status(503))
                .route("messaging_interactions.search")
                .nth(2),
        )
        .with(
            FaultRule::new(FaultAction::status(429))
                .route("messaging_interactions.search")
                .nth(4),
        )
        .with(
            FaultRule::new(FaultAction::ResetAfterBody)
                .route("messaging_interactions.search")
                .nth(7),
        )
        .with(
            FaultRule::new(FaultAction::ResetBeforeBody)
                .route("messaging_interactions.search")
                .nth(9),
        );
    let sim = Sim::builder()
        .account("70011223")
        .conversations(1_000)
        .faults(faults)
        .start()
        .await
        .unwrap();
    let data = data(&sim).await;
    let search = data
        .conversations()
        .search(everything())
        .windows(Duration::from_secs(80 * 86_400))
        .limit(50);
    let records: Vec<_> = search.raw_stream().try_collect().await.unwrap();
    let ids: HashSet<String> = records
        .iter()
        .map(|record| {
            record.to_value().unwrap()["info"]["conversationId"]
                .as_str()
                .unwrap()
                .to_owned()
        })
        .collect();
    assert_eq!((records.len(), ids.len()), (1_000, 1_000));
}

#[tokio::test]
async fn a_broken_and_a_doubled_record_harm_no_other() {
    let rule = |action, nth| FaultRule::new(action).route("messaging_interactions.search").nth(nth);
    let faults = FaultPlan::new(3)
        .with(rule(FaultAction::BrokenRecord { index: 3 }, 1))
        .with(rule(FaultAction::DuplicateRecord { index: 5 }, 2));
    let sim = Sim::builder()
        .account("70011223")
        .conversations(400)
        .faults(faults)
        .start()
        .await
        .unwrap();
    let data = data(&sim).await;
    let search = data
        .conversations()
        .search(everything())
        .windows(Duration::from_secs(80 * 86_400))
        .limit(20);
    let records: Vec<_> = search.stream().try_collect().await.unwrap();
    let broken: Vec<_> = records.iter().filter(|record| !record.salvaged().is_empty()).collect();
    assert_eq!(broken.len(), 1);
    assert_eq!(broken[0].salvaged(), ["info", "messageRecords"]);
    // The broken one lost its id; all others are there, each once.
    let ids: HashSet<_> = records.iter().filter_map(|record| record.id()).collect();
    assert_eq!((records.len(), ids.len()), (400, 399));
}

#[tokio::test]
async fn by_id_and_by_consumer_find_what_the_search_found() {
    let sim = Sim::builder()
        .account("70011223")
        .conversations(50)
        .start()
        .await
        .unwrap();
    let data = data(&sim).await;
    let search = data
        .conversations()
        .search(everything())
        .windows(Duration::from_secs(80 * 86_400));
    let found = search.stream().try_next().await.unwrap().unwrap();
    let again = data.conversations().by_id(found.id().unwrap().clone()).await.unwrap();
    assert_eq!(again.id(), found.id());
    assert_eq!(again.messages.len(), found.messages.len());
    let consumer = found.consumer_id().unwrap().clone();
    let page = data.conversations().by_consumer(consumer).await.unwrap();
    assert!(page.records.iter().any(|record| record.id() == found.id()));
    let error = data
        .conversations()
        .by_id("0a1b2c3d-1111-4222-8333-444455556666")
        .await
        .unwrap_err();
    assert_eq!(error.kind(), le_core::ErrorKind::NotFound);
}
