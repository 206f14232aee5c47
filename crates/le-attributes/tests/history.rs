//! What le-sim, which shares no type with this crate, serves of attributes in the history, in both versions.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

use std::collections::BTreeSet;
use std::sync::Arc;

use http::Method;
use le_attributes::SdeType;
use le_attributes::read::Event;
use le_attributes::validate::{self, Route};
use le_core::auth::StaticBearer;
use le_core::discover::FixedBase;
use le_core::operation::{AuthRequirement, CallClass};
use le_core::wire::RawRecord;
use le_core::{AccountId, BaseUri, Client, Operation, OperationSpec, TrustedHosts};
use le_sim::Sim;
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

/// The search of Messaging Interactions in one version.
const fn search(query: &'static [(&'static str, &'static str)]) -> OperationSpec {
    OperationSpec {
        id: "messaging_interactions.search",
        service: "msgHist",
        method: Method::POST,
        path: "/messaging_history/api/account/{accountId}/conversations/search",
        query,
        auth: AuthRequirement::Required,
        idempotent: true,
        class: CallClass::Standard,
        sends_source: false,
        documentation: "",
    }
}

static FIRST: OperationSpec = search(&[("limit", "100")]);
static SECOND: OperationSpec = search(&[("limit", "100"), ("v", "2")]);

async fn client(sim: &Sim) -> Client {
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
    builder()
        .authorize(Arc::new(StaticBearer::new(bearer)))
        .build()
        .unwrap()
}

/// What the service allows in one search, in milliseconds.
const WINDOW: i64 = 80 * 86_400_000;

/// The events of the first page of a window, authenticated ones and others.
async fn events(client: &Client, to: i64, spec: &'static OperationSpec) -> Vec<Value> {
    let body = json!({
        "start": {"from": to - WINDOW, "to": to},
        "contentToRetrieve": ["sdes", "unAuthSdes"],
    });
    let answer = client.call(Operation::new(spec).json(&body).unwrap()).await.unwrap();
    let page: Value = answer.json().unwrap();
    let records = page["conversationHistoryRecords"].as_array().unwrap();
    let lists = records
        .iter()
        .flat_map(|record| [&record["sdes"]["events"], &record["unAuthSdes"]["events"]]);
    lists.filter_map(Value::as_array).flatten().cloned().collect()
}

#[tokio::test]
async fn the_read_family_reads_what_the_simulator_serves() {
    let sim = Sim::builder()
        .account("70011223")
        .conversations(400)
        .start()
        .await
        .unwrap();
    let client = client(&sim).await;
    let mut seen = BTreeSet::new();
    for spec in [&FIRST, &SECOND] {
        let now = sim.clock().now_ms();
        let mut all = Vec::new();
        for window in 0..4 {
            all.extend(events(&client, now - window * WINDOW, spec).await);
        }
        assert!(all.len() > 100, "{}", all.len());
        for json in all {
            let record = RawRecord::new(json.to_string()).unwrap().decode::<Event>().unwrap();
            assert_eq!(record.salvaged(), &[] as &[String], "{json}");
            assert_eq!(serde_json::to_value(&*record).unwrap(), json, "nothing is lost");
            assert!(record.stamp().server_time.is_some(), "{json}");

            let kind = record.attribute_type().unwrap_or_else(|| panic!("{json}"));
            let names = kind.read.unwrap();
            assert_eq!(record.sde_type.as_deref().unwrap_or(names.sde_type), names.sde_type);
            // What comes back could be sent again, but for a gender that only the service writes.
            let sent = record.sent();
            assert_eq!(sent.len(), 1, "{json}");
            let report = validate::report(&sent, Route::Report);
            let refused = report.iter().find(|one| one.path() != "personal.gender");
            assert_eq!(refused, None, "{json}");
            seen.insert(kind.wire);
        }
    }
    assert_eq!(seen.len(), SdeType::KNOWN.len(), "{seen:?}");
}
