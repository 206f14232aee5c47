//! What goes wrong on the way, and what is left of the result then.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod support;

use futures_util::{StreamExt as _, TryStreamExt as _};
use le_core::{Disposition, Error, ErrorKind};
use le_data::messaging_interactions::{ConversationStream, record_error};
use serde_json::json;
use support::{History, Service, conversation, id, range};
use wiremock::ResponseTemplate;

fn ok(body: &str) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_raw(body.to_owned(), "application/json")
}

/// What a stream gives before its error.
async fn until_error(mut stream: ConversationStream) -> (usize, Error) {
    let mut given = 0;
    loop {
        match stream.next().await.expect("an error before the end") {
            Ok(_) => given += 1,
            Err(error) => {
                assert!(stream.next().await.is_none(), "the error is the last item");
                return (given, error);
            }
        }
    }
}

/// The second page is this.
async fn second_page_is(answer: ResponseTemplate) -> (usize, Error) {
    let history = History::of(250).instead(move |_, asked| (asked.offset == 100).then(|| answer.clone()));
    let service = Service::start(history).await;
    until_error(service.data.conversations().search(range(1)).stream()).await
}

#[tokio::test]
async fn a_429_or_a_burst_of_500_in_the_middle_is_waited_out() {
    let throttled = || ResponseTemplate::new(429);
    let patient = || ResponseTemplate::new(429).insert_header("Retry-After", "7");
    let broken = || ResponseTemplate::new(503).set_body_string("<html>busy</html>");
    let history = History::of(450).instead(move |call, _| match call {
        1 => Some(throttled()),
        3 => Some(patient()),
        5..=6 => Some(broken()),
        _ => None,
    });
    let service = Service::start(history).await;
    let records: Vec<_> = service
        .data
        .conversations()
        .search(range(1))
        .stream()
        .try_collect()
        .await
        .unwrap();
    assert_eq!(records.len(), 450);
    let slept = service.clock.slept();
    assert_eq!(slept.len(), 4, "{slept:?}");
    assert!(
        slept[0].as_secs_f64() >= 1.0 && slept[1].as_secs_f64() >= 7.0 && slept[3].as_secs_f64() >= 10.0,
        "{slept:?}"
    );
}

#[tokio::test]
async fn a_service_that_stays_down_is_an_error_behind_the_records_that_came() {
    let down = ResponseTemplate::new(500).set_body_string(r#"{"message":"x","internalCode":"0008"}"#);
    let history = History::of(250).instead(move |call, _| (call > 0).then(|| down.clone()));
    let service = Service::start(history).await;
    let (given, error) = until_error(service.data.conversations().search(range(1)).stream()).await;
    assert_eq!((given, error.kind(), error.attempts()), (100, ErrorKind::Server, 4));
    assert_eq!(error.code(), Some("0008"));
}

#[tokio::test]
async fn an_html_page_in_the_middle_keeps_its_status_and_says_what_it_is() {
    let html = ResponseTemplate::new(200).set_body_raw("<html><body>Ruth, please sign in</body></html>", "text/html");
    let (given, error) = second_page_is(html).await;
    assert_eq!((given, error.kind()), (100, ErrorKind::Protocol));
    assert_eq!(error.status().unwrap(), 200);
    assert!(error.to_string().contains("HTML"), "{error}");
    assert!(!error.to_string().contains("Ruth") && !format!("{error:?}").contains("Ruth"));
    assert!(error.body().is_some_and(|body| body.starts_with(b"<html>")));
}

#[tokio::test]
async fn truncated_json_a_body_that_is_lost_and_one_that_is_not_text() {
    let whole = json!({ "_metadata": { "count": 250 }, "conversationHistoryRecords": [conversation(100, 0), conversation(101, 0)] }).to_string();
    let (given, error) = second_page_is(ok(&whole[..whole.len() - 20])).await;
    assert_eq!(
        (given, error.kind(), error.disposition()),
        (100, ErrorKind::Decode, Disposition::Applied)
    );
    assert!(error.to_string().contains("EOF"), "{error}");
    assert!(!error.to_string().contains("message of"));

    let (given, error) = second_page_is(ok("")).await;
    assert_eq!((given, error.kind()), (100, ErrorKind::Protocol));
    assert!(error.to_string().contains("empty"), "{error}");

    let (given, error) =
        second_page_is(ResponseTemplate::new(200).set_body_bytes(b"{\"_metadata\":{\"x\":\"\xff\"}}".to_vec())).await;
    assert_eq!((given, error.kind()), (100, ErrorKind::Decode));
    assert!(error.to_string().contains("UTF-8"), "{error}");

    let (_, error) = second_page_is(ok("[1,2]")).await;
    assert!(error.to_string().contains("expected a JSON object"), "{error}");
}

#[tokio::test]
async fn a_wrong_content_type_alone_does_no_harm() {
    let history = History::of(0).instead(|_, _| {
        let body = json!({ "_metadata": { "count": 1 }, "conversationHistoryRecords": [conversation(0, 0)] });
        Some(ResponseTemplate::new(200).set_body_raw(body.to_string(), "text/plain"))
    });
    let service = Service::start(history).await;
    assert_eq!(
        service.data.conversations().search(range(1)).await.unwrap().records[0]
            .id()
            .unwrap()
            .as_str(),
        id(0)
    );
}

#[tokio::test]
async fn one_broken_record_is_an_error_in_its_place_and_the_others_come() {
    let mut records: Vec<_> = (0..150).map(|n| conversation(n, n as i64 * 60_000)).collect();
    records[42] = json!("Ruth's conversation");
    records[43]["info"]["duration"] = json!("undefined");
    let service = Service::start(History::new(records)).await;

    let items: Vec<_> = service.data.conversations().search(range(1)).stream().collect().await;
    assert_eq!(items.len(), 150);
    let error = items[42].as_ref().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert_eq!(record_error(error).unwrap().raw().as_str(), "\"Ruth's conversation\"");
    assert!(!error.to_string().contains("Ruth") && !format!("{error:?}").contains("Ruth"));
    assert_eq!(items[43].as_ref().unwrap().salvaged(), ["info.duration"]);
    assert!(items.iter().enumerate().all(|(at, item)| item.is_ok() || at == 42));

    let page = service.data.conversations().search(range(1)).await.unwrap();
    assert_eq!((page.records.len(), page.broken.len()), (99, 1));
    let raw = service
        .data
        .conversations()
        .search(range(1))
        .raw_stream()
        .try_collect::<Vec<_>>()
        .await
        .unwrap();
    assert_eq!(raw.len(), 150);
}

#[tokio::test]
async fn a_partial_result_is_asked_for_again_and_then_reported() {
    let partial = json!({ "_metadata": { "count": 250, "shardsStatusResult": { "partialResult": true } }, "conversationHistoryRecords": [conversation(0, 0)] });
    let missing = json!({ "_metadata": { "count": 250 }, "conversationHistoryRecords": [] });
    for body in [partial, missing] {
        let answer = body.clone();
        let once = History::of(250)
            .instead(move |call, _| (call == 1).then(|| ResponseTemplate::new(200).set_body_json(&answer)));
        let service = Service::start(once).await;
        let records: Vec<_> = service
            .data
            .conversations()
            .search(range(1))
            .stream()
            .try_collect()
            .await
            .unwrap();
        assert_eq!(records.len(), 250);
        assert_eq!(service.clock.slept().len(), 1);

        let (given, error) = second_page_is(ResponseTemplate::new(200).set_body_json(&body)).await;
        assert_eq!((given, error.kind()), (100, ErrorKind::Server));
        assert!(error.to_string().contains("partial"), "{error}");
    }
}

#[tokio::test]
async fn a_refusal_is_final() {
    let (given, error) = second_page_is(ResponseTemplate::new(403)).await;
    assert_eq!(
        (given, error.kind(), error.attempts()),
        (100, ErrorKind::Authorization, 1)
    );
}
