//! Answers that are handed over while they come.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use http::{Method, Request, Response};
use le_core::discover::FixedBase;
use le_core::operation::{AuthRequirement, CallClass};
use le_core::testing::TestClock;
use le_core::transport::{Body, Cause, Phase, Transport, TransportError};
use le_core::{AccountId, BaseUri, Client, ErrorKind, Operation, OperationSpec, Timestamp};

static FILE: OperationSpec = OperationSpec {
    id: "test.file",
    service: "test",
    method: Method::GET,
    path: "/file",
    query: &[],
    auth: AuthRequirement::None,
    idempotent: true,
    class: CallClass::Standard,
    sends_source: false,
    documentation: "",
};

/// What becomes of a body behind its first chunk.
#[derive(Debug, Clone, Copy)]
enum End {
    Whole,
    Broken,
    Stalled,
}

/// Refuses the first calls, and then sends two chunks.
#[derive(Debug)]
struct Chunks {
    refusals: usize,
    status: u16,
    end: End,
    calls: AtomicUsize,
}

#[async_trait]
impl Transport for Chunks {
    async fn execute(&self, _: Request<Bytes>) -> Result<Response<Body>, TransportError> {
        if self.calls.fetch_add(1, Ordering::SeqCst) < self.refusals {
            let refusal = Body::chunks(None, stream::iter([Ok(Bytes::from_static(b"{\"code\":7}"))]));
            return Ok(Response::builder().status(self.status).body(refusal).unwrap());
        }
        let end = self.end;
        let second = stream::once(async move {
            match end {
                End::Whole => Ok(Bytes::from_static(b"two")),
                End::Broken => Err(TransportError::new(Phase::Body, Cause::Reset)),
                End::Stalled => std::future::pending().await,
            }
        });
        let first = stream::iter([Ok(Bytes::from_static(b"one"))]);
        Ok(Response::new(Body::chunks(Some(6), first.chain(second))))
    }
}

fn client(refusals: usize, status: u16, end: End) -> (Client, TestClock) {
    let clock = TestClock::auto(Timestamp::from_millis(0));
    let client = Client::builder(AccountId::new("1").unwrap())
        .transport(Arc::new(Chunks {
            refusals,
            status,
            end,
            calls: AtomicUsize::new(0),
        }))
        .discover(Arc::new(FixedBase(BaseUri::plain("127.0.0.1:1").unwrap())))
        .clock(Arc::new(clock.clone()))
        .body_limit(16)
        .build()
        .unwrap();
    (client, clock)
}

#[tokio::test]
async fn the_head_is_tried_again_and_the_body_comes_chunk_by_chunk() {
    let (client, clock) = client(2, 503, End::Whole);
    let mut answer = client.call(Operation::new(&FILE)).stream().await.unwrap();
    assert_eq!((answer.attempts(), answer.length()), (3, Some(6)));
    assert_eq!(clock.slept().len(), 2);
    assert_eq!(answer.next().await.unwrap().unwrap(), "one");
    assert_eq!(answer.next().await.unwrap().unwrap(), "two");
    assert!(answer.next().await.is_none());
}

#[tokio::test]
async fn a_refusal_is_the_error_of_any_call_with_its_body() {
    let (client, _) = client(9, 403, End::Whole);
    let error = client.call(Operation::new(&FILE)).stream().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Authorization);
    assert_eq!(error.body().unwrap(), &Bytes::from_static(b"{\"code\":7}"));
}

#[tokio::test(start_paused = true)]
async fn a_body_that_breaks_or_stalls_is_an_error_of_the_stream() {
    for (end, kind) in [(End::Broken, ErrorKind::Transport), (End::Stalled, ErrorKind::Timeout)] {
        let (client, _) = client(0, 200, end);
        let call = client.call(Operation::new(&FILE));
        let call = call.with_attempt_timeout(Duration::from_secs(9));
        let mut answer = call.stream().await.unwrap();
        assert_eq!(answer.next().await.unwrap().unwrap(), "one");
        let error = answer.next().await.unwrap().unwrap_err();
        assert_eq!((error.kind(), error.operation()), (kind, Some("test.file")));
        assert!(answer.next().await.is_none(), "{end:?}");
    }
}

#[tokio::test]
async fn it_can_be_collected_up_to_a_limit() {
    let stream = async |limit| {
        let (client, _) = client(0, 200, End::Whole);
        let answer = client.call(Operation::new(&FILE)).stream().await.unwrap();
        answer.collect(limit).await
    };
    assert_eq!(stream(6).await.unwrap().body(), "onetwo");
    assert_eq!(stream(5).await.unwrap_err().kind(), ErrorKind::Protocol);
}
