//! From the simulator to a file, with faults on the way.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use http::Method;
use le_core::auth::StaticBearer;
use le_core::discover::FixedBase;
use le_core::operation::{AuthRequirement, CallClass};
use le_core::testing::TestClock;
use le_core::{AccountId, BaseUri, Client, Operation, OperationSpec, TimeRange, Timestamp, TrustedHosts};
use le_data::Data;
use le_data::messaging_interactions::SearchConversations;
use le_export::{JsonLinesOptions, Outcome, PageExport};
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

/// A search over all that the simulator has; waits of the client take no time.
async fn search(sim: &Sim) -> SearchConversations {
    let builder = || {
        Client::builder(AccountId::new("70011223").unwrap())
            .discover(Arc::new(FixedBase(BaseUri::plain(&sim.plain_csds()).unwrap())))
            .trusted_hosts(TrustedHosts::vendor().with_host("127.0.0.1").with_host("localhost"))
    };
    let user = sim.users().iter().find(|user| user.enabled).unwrap();
    let body = json!({ "username": user.login_name, "password": user.password });
    let login = Operation::new(&LOGIN).json(&body).unwrap();
    let answer: Value = builder().build().unwrap().call(login).await.unwrap().json().unwrap();
    let bearer = StaticBearer::new(answer["bearer"].as_str().unwrap());
    let clock = Arc::new(TestClock::auto(Timestamp::now()));
    let client = builder().authorize(Arc::new(bearer)).clock(clock).build().unwrap();
    let everything = TimeRange::last(Duration::from_secs(400 * 86_400), Timestamp::now());
    Data::new(client)
        .conversations()
        .search(everything)
        .windows(Duration::from_secs(30 * 86_400))
}

fn ids(path: &std::path::Path) -> Vec<String> {
    let text = std::fs::read_to_string(path).unwrap();
    assert!(text.ends_with('\n'));
    let id = |line| {
        serde_json::from_str::<Value>(line).unwrap()["info"]["conversationId"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    text.lines().map(id).collect()
}

#[tokio::test]
async fn an_export_with_faults_on_the_way_has_every_conversation_once() {
    let rule = |action, every| {
        FaultRule::new(action)
            .route("messaging_interactions.search")
            .every(every)
    };
    let faults = FaultPlan::new(5)
        .with(rule(FaultAction::status(503), 5))
        .with(rule(FaultAction::status(429), 7))
        .with(rule(FaultAction::ResetAfterBody, 11))
        .with(rule(FaultAction::DuplicateRecord { index: 2 }, 3));
    let sim = Sim::builder()
        .account("70011223")
        .conversations(1_500)
        .faults(faults)
        .start()
        .await
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("c.jsonl");
    let file = JsonLinesOptions::new().atomic(true).open(&path).unwrap();
    let summary = PageExport::new(search(&sim).await.limit(40).export().pages(), file)
        .await
        .unwrap();
    assert_eq!((summary.outcome, summary.records), (Outcome::Finished, 1_500));
    let ids = ids(&path);
    assert_eq!((ids.len(), ids.iter().collect::<HashSet<_>>().len()), (1_500, 1_500));
}

#[tokio::test]
async fn an_export_that_is_cut_off_in_the_middle_leaves_whole_records() {
    let truncated = FaultRule::new(FaultAction::status(403))
        .route("messaging_interactions.search")
        .nth(9);
    let sim = Sim::builder()
        .account("70011223")
        .conversations(1_500)
        .faults(FaultPlan::new(5).with(truncated))
        .start()
        .await
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("c.jsonl");
    let file = JsonLinesOptions::new().open(&path).unwrap();
    let error = PageExport::new(search(&sim).await.limit(40).export().pages(), file)
        .await
        .unwrap_err();
    assert_eq!(error.error().status().unwrap(), 403);
    let ids = ids(&path);
    assert_eq!(ids.len() as u64, error.summary().records);
    assert!(
        error
            .to_string()
            .contains(&format!("({} complete records are safe)", ids.len())),
        "{error}"
    );
}
