//! Answers that mean "not yet", and credentials that may be missing.
#![allow(clippy::unwrap_used, reason = "a test stops where something is not as it should be")]

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Method, StatusCode};
use le_core::auth::StaticBearer;
use le_core::discover::FixedBase;
use le_core::operation::{AuthRequirement, CallClass};
use le_core::retry::Revise;
use le_core::testing::{FixedEntropy, Scripted, ScriptedTransport, TestClock};
use le_core::{AccountId, BaseUri, Client, ClientBuilder, Disposition, ErrorKind, Operation, OperationSpec, Timestamp};

static WRITE: OperationSpec = OperationSpec {
    id: "test.write",
    service: "s",
    method: Method::POST,
    path: "/path",
    query: &[],
    auth: AuthRequirement::Optional,
    idempotent: false,
    class: CallClass::Standard,
    sends_source: false,
    documentation: "",
};

/// The service names a ticket while it is not ready.
#[derive(Debug)]
struct Ticket;

impl Revise for Ticket {
    fn not_yet(&self, status: StatusCode, body: &Bytes, operation: &mut Operation) -> bool {
        let waits = status == StatusCode::ACCEPTED || (status.is_server_error() && body.starts_with(b"ticket"));
        if waits {
            let ticket = String::from_utf8(body.to_vec()).unwrap();
            *operation = operation.clone().set_query("ticket", ticket);
        }
        waits
    }
}

fn client(transport: &ScriptedTransport, clock: &TestClock) -> ClientBuilder {
    Client::builder(AccountId::new("70011223").unwrap())
        .transport(Arc::new(transport.clone()))
        .clock(Arc::new(clock.clone()))
        .entropy(Arc::new(FixedEntropy(0)))
        .discover(Arc::new(FixedBase(BaseUri::new("va.v.liveperson.net").unwrap())))
}

#[tokio::test]
async fn not_yet_is_repeated_with_what_the_answer_asks_to_change_even_for_a_write() {
    let script = [
        Scripted::status(202, "t1"),
        Scripted::status(500, "ticket2"),
        Scripted::ok("{}"),
    ];
    let (transport, clock) = (
        ScriptedTransport::new(script),
        TestClock::auto(Timestamp::from_millis(0)),
    );
    let client = client(&transport, &clock).build().unwrap();
    let operation = Operation::new(&WRITE).query("a", "1");
    let answer = client.call(operation).with_revision(Arc::new(Ticket)).await.unwrap();
    assert_eq!(answer.attempts(), 3);
    let queries: Vec<_> = transport
        .sent()
        .iter()
        .map(|sent| sent.uri.query().unwrap().to_owned())
        .collect();
    assert_eq!(queries, ["a=1", "a=1&ticket=t1", "a=1&ticket=ticket2"]);
    assert_eq!(clock.slept(), [5, 10].map(Duration::from_secs));
}

#[tokio::test]
async fn not_yet_for_ever_is_an_error_that_nothing_was_done() {
    let (transport, clock) = (
        ScriptedTransport::new(vec![Scripted::status(202, "t"); 4]),
        TestClock::auto(Timestamp::from_millis(0)),
    );
    let client = client(&transport, &clock).build().unwrap();
    let error = client
        .call(Operation::new(&WRITE))
        .with_revision(Arc::new(Ticket))
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.attempts(), error.disposition()),
        (ErrorKind::Server, 4, Disposition::Rejected)
    );
    assert_eq!(error.status(), Some(StatusCode::ACCEPTED));
    // A failure that it does not know keeps its rules.
    transport.push(Scripted::status(500, "boom"));
    let error = client
        .call(Operation::new(&WRITE))
        .with_revision(Arc::new(Ticket))
        .await
        .unwrap_err();
    assert_eq!((error.attempts(), error.disposition()), (1, Disposition::MaybeApplied));
}

#[tokio::test]
async fn an_optional_credential_is_put_on_where_there_is_one() {
    let (transport, clock) = (
        ScriptedTransport::new(vec![Scripted::ok("{}"); 2]),
        TestClock::auto(Timestamp::from_millis(0)),
    );
    client(&transport, &clock)
        .build()
        .unwrap()
        .call(Operation::new(&WRITE))
        .await
        .unwrap();
    let bearer = Arc::new(StaticBearer::new("b34r3r"));
    client(&transport, &clock)
        .authorize(bearer)
        .build()
        .unwrap()
        .call(Operation::new(&WRITE))
        .await
        .unwrap();
    let carried: Vec<bool> = transport
        .sent()
        .iter()
        .map(|sent| sent.headers.contains_key("authorization"))
        .collect();
    assert_eq!(carried, [false, true]);
}
