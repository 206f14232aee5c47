//! A simulator, a client for it, and the truth.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt as _;
use http::Method;
use le_core::auth::StaticBearer;
use le_core::discover::FixedBase;
use le_core::operation::{AuthRequirement, CallClass};
use le_core::testing::TestClock;
use le_core::{AccountId, BaseUri, Client, Operation, OperationSpec, TimeRange, Timestamp, TrustedHosts};
use le_data::Data;
use le_sim::Sim;
use serde_json::{Value, json};

pub(crate) const DAY: Duration = Duration::from_secs(86_400);

pub(crate) const SEARCH: &str = "messaging_interactions.search";

static LOGIN: OperationSpec = OperationSpec {
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

/// A client whose waits take no time.
pub(crate) async fn data(sim: &Sim) -> Data {
    let clock = TestClock::auto(Timestamp::from_millis(sim.clock().now_ms()));
    data_with(&sim.plain_csds(), &credential(sim), Some(clock)).await
}

pub(crate) fn credential(sim: &Sim) -> (String, String) {
    let user = sim.users().iter().find(|user| user.enabled).unwrap();
    (user.login_name.clone(), user.password.clone())
}

pub(crate) async fn data_with(csds: &str, credential: &(String, String), clock: Option<TestClock>) -> Data {
    let builder = || {
        Client::builder(AccountId::new("70011223").unwrap())
            .discover(Arc::new(FixedBase(BaseUri::plain(csds).unwrap())))
            .trusted_hosts(TrustedHosts::vendor().with_host("127.0.0.1").with_host("localhost"))
    };
    let body = json!({ "username": credential.0, "password": credential.1 });
    let login = Operation::new(&LOGIN).json(&body).unwrap();
    let answer: Value = builder().build().unwrap().call(login).await.unwrap().json().unwrap();
    let bearer = StaticBearer::new(answer["bearer"].as_str().unwrap());
    let builder = builder().authorize(Arc::new(bearer));
    let client = match clock {
        Some(clock) => builder.clock(Arc::new(clock)).build().unwrap(),
        None => builder.build().unwrap(),
    };
    Data::new(client)
}

pub(crate) async fn sim(conversations: usize) -> Sim {
    Sim::builder()
        .account("70011223")
        .conversations(conversations)
        .start()
        .await
        .unwrap()
}

/// The last days before the simulator's now, from midnight on.
pub(crate) fn last_days(sim: &Sim, days: u32) -> (Timestamp, Timestamp) {
    // A minute before now, so that the end is the same for clients whose clocks differ. Nothing generated is as young.
    let end = Timestamp::from_millis(sim.clock().now_ms()) - Duration::from_secs(60);
    ((end - DAY * days).floor(DAY), end)
}

/// What the simulator holds within a range: ids and texts, read by the plain client.
pub(crate) async fn truth(data: &Data, (from, to): (Timestamp, Timestamp)) -> BTreeMap<String, Value> {
    let range = TimeRange::new(from, to - Duration::from_millis(1)).unwrap();
    let mut records = data.conversations().search(range).export();
    let mut found = BTreeMap::new();
    while let Some(record) = records.next().await {
        let record = record.unwrap().to_value().unwrap();
        let start = record["info"]["startTimeL"].as_i64().unwrap();
        if (from.as_millis()..to.as_millis()).contains(&start) {
            found.insert(id(&record), record);
        }
    }
    found
}

pub(crate) fn id(record: &Value) -> String {
    record["info"]["conversationId"].as_str().unwrap().to_owned()
}

/// All files below a folder with this ending, outside of `_export`.
pub(crate) fn files(root: &Path, ending: &str) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                if !path.ends_with("_export") {
                    folders.push(path);
                }
            } else if path.to_string_lossy().ends_with(ending) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// Every record of a dataset of plain JSON Lines, with its day. Panics where one is there twice.
pub(crate) fn exported(root: &Path) -> BTreeMap<String, Value> {
    let mut found = BTreeMap::new();
    for file in files(&root.join("conversations"), ".jsonl") {
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(text.ends_with('\n') && !text.is_empty(), "{}", file.display());
        for line in text.lines() {
            let record: Value = serde_json::from_str(line).unwrap();
            let start = Timestamp::from_millis(record["info"]["startTimeL"].as_i64().unwrap());
            let day = format!("date={}", &start.to_string()[..10]);
            assert!(
                file.to_string_lossy().contains(&day),
                "{} holds a record of {start}",
                file.display()
            );
            let id = id(&record);
            assert!(found.insert(id.clone(), record).is_none(), "{id} is there twice");
        }
    }
    found
}

pub(crate) fn ids(records: &BTreeMap<String, Value>) -> BTreeSet<String> {
    records.keys().cloned().collect()
}

/// What the dataset holds is what the simulator holds, record by record.
pub(crate) fn assert_same(exported: &BTreeMap<String, Value>, truth: &BTreeMap<String, Value>) {
    let lost: Vec<_> = ids(truth).difference(&ids(exported)).cloned().collect();
    let invented: Vec<_> = ids(exported).difference(&ids(truth)).cloned().collect();
    assert!(
        lost.is_empty() && invented.is_empty(),
        "lost {lost:?}, invented {invented:?}"
    );
}
