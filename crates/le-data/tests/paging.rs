//! All records of a result, each once, whatever the result does meanwhile.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod support;

use futures_util::{StreamExt as _, TryStreamExt as _};
use le_core::ErrorKind;
use le_core::wire::RawRecord;
use le_data::messaging_interactions::{ContentToRetrieve, RawConversationStream, Sort};
use serde_json::json;
use support::{DAY, History, START, Service, conversation, id, range};
use wiremock::ResponseTemplate;

async fn ids(stream: RawConversationStream) -> Vec<String> {
    let records: Vec<RawRecord> = stream.try_collect().await.unwrap();
    records
        .iter()
        .map(|record| {
            record.to_value().unwrap()["info"]["conversationId"]
                .as_str()
                .unwrap()
                .to_owned()
        })
        .collect()
}

fn all(count: usize) -> Vec<String> {
    (0..count).map(id).collect()
}

#[tokio::test]
async fn all_pages_in_order_whatever_the_look_ahead() {
    for (look_ahead, count) in [(0, 250), (1, 250), (3, 250), (1, 200), (1, 1), (1, 0)] {
        let service = Service::start(History::of(count)).await;
        let search = service.data.conversations().search(range(1)).look_ahead(look_ahead);
        assert_eq!(ids(search.raw_stream()).await, all(count));
        let asked: Vec<usize> = (0..count.div_ceil(100).max(1)).map(|page| page * 100).collect();
        assert_eq!(service.offsets(), asked, "look-ahead {look_ahead}");
    }
}

#[tokio::test]
async fn typed_records_hold_their_text() {
    let service = Service::start(History::of(120)).await;
    let stream = service.data.conversations().search(range(1)).limit(50).stream();
    let records: Vec<_> = stream.try_collect().await.unwrap();
    assert_eq!(records.len(), 120);
    assert_eq!(records[77].id().unwrap().as_str(), id(77));
    assert_eq!(records[77].raw().to_value().unwrap(), conversation(77, 77 * 60_000));
}

#[tokio::test]
async fn the_first_page_has_the_envelope_and_the_answer() {
    let service = Service::start(History::of(120)).await;
    let page = service
        .data
        .conversations()
        .search(range(1))
        .limit(20)
        .offset(10)
        .await
        .unwrap();
    assert_eq!((page.len(), page.offset, page.total()), (20, 10, Some(120)));
    assert_eq!(page.records[0].id().unwrap().as_str(), id(10));
    assert_eq!(page.response.status(), 200);
    assert!(page.metadata.next.is_some());
    assert_eq!(
        service.data.conversations().search(range(1)).count().await.unwrap(),
        120
    );
}

#[tokio::test]
async fn nothing_found_in_any_spelling_is_an_empty_result() {
    let empty = [
        ResponseTemplate::new(204),
        ResponseTemplate::new(200).set_body_json(json!({})),
        ResponseTemplate::new(200).set_body_json(json!({ "_metadata": { "count": 0 } })),
        ResponseTemplate::new(200)
            .set_body_json(json!({ "_metadata": { "count": 0 }, "conversationHistoryRecords": null })),
        ResponseTemplate::new(200).set_body_json(json!({ "conversationHistoryRecords": [] })),
    ];
    for answer in empty {
        let service = Service::start(History::of(0).instead(move |_, _| Some(answer.clone()))).await;
        let search = service.data.conversations().search(range(1));
        assert!(search.clone().await.unwrap().is_empty());
        assert_eq!(ids(search.raw_stream()).await, all(0));
        assert_eq!(service.asked().len(), 2);
    }
}

#[tokio::test]
async fn a_server_that_gives_smaller_pages_than_asked_for_is_followed() {
    let service = Service::start(History::of(130).pages_of(40)).await;
    assert_eq!(
        ids(service.data.conversations().search(range(1)).raw_stream()).await,
        all(130)
    );
}

#[tokio::test]
async fn a_metadata_behind_the_list_or_without_count_is_enough() {
    for with_count in [true, false] {
        let service = Service::start(History::of(0).instead(move |_, asked| {
            let records: Vec<_> = (asked.offset..(asked.offset + 100).min(230))
                .map(|n| conversation(n, 0).to_string())
                .collect();
            let next = if asked.offset < 200 {
                r#""next":{"rel":"next"}"#
            } else {
                r#""x":1"#
            };
            let count = if with_count { r#","count":230"# } else { "" };
            let body = format!(
                r#"{{"conversationHistoryRecords":[{}],"_metadata":{{{next}{count}}}}}"#,
                records.join(",")
            );
            Some(ResponseTemplate::new(200).set_body_raw(body, "application/json"))
        }))
        .await;
        assert_eq!(
            ids(service.data.conversations().search(range(1)).raw_stream()).await,
            all(230)
        );
    }
}

#[tokio::test]
async fn conversations_that_begin_or_vanish_meanwhile_neither_repeat_nor_hide_others() {
    // Before the second page, ten of the first page leave the result: those behind them move forward.
    let leaving = History::of(300).changing(|call, records| {
        if call == 1 {
            records.drain(20..30);
        }
    });
    let service = Service::start(leaving).await;
    let mut found = ids(service.data.conversations().search(range(1)).look_ahead(0).raw_stream()).await;
    found.sort();
    assert_eq!(found, all(300));

    // A count that swings neither hides records nor holds the walk.
    let swinging = History::of(300).instead(|call, asked| {
        let page: Vec<_> = (asked.offset..(asked.offset + 100).min(300))
            .map(|n| conversation(n, 0))
            .collect();
        let body = json!({ "_metadata": { "count": 300 - call % 2 * 50 }, "conversationHistoryRecords": page });
        Some(ResponseTemplate::new(200).set_body_json(body))
    });
    let service = Service::start(swinging).await;
    assert_eq!(
        ids(service.data.conversations().search(range(1)).raw_stream()).await,
        all(300)
    );

    // Before the second page, ten come in at the front: those behind them move back, and repeat.
    let entering = History::of(300).changing(|call, records| {
        if call == 1 {
            records.splice(0..0, (1000..1010).map(|n| conversation(n, 0)));
        }
    });
    let service = Service::start(entering).await;
    let found = ids(service.data.conversations().search(range(1)).look_ahead(0).raw_stream()).await;
    assert_eq!(found, all(300));
}

#[tokio::test]
async fn a_server_that_ignores_the_offset_is_an_error_and_not_an_endless_loop() {
    let page: Vec<_> = (0..100).map(|n| conversation(n, 0)).collect();
    let body = json!({ "_metadata": { "count": 5000 }, "conversationHistoryRecords": page });
    let service =
        Service::start(History::of(0).instead(move |_, _| Some(ResponseTemplate::new(200).set_body_json(&body)))).await;
    let mut stream = service.data.conversations().by_consumer("c0ffee").raw_stream();
    let mut given = 0;
    let error = loop {
        match stream.next().await.unwrap() {
            Ok(_) => given += 1,
            Err(error) => break error,
        }
    };
    assert_eq!((given, error.kind()), (100, ErrorKind::Protocol));
    assert!(error.to_string().contains("same page"), "{error}");
    assert!(stream.next().await.is_none());
}

#[tokio::test]
async fn windows_cover_months_and_give_each_conversation_once() {
    // One each ten minutes to the second over 120 days, so that widened windows overlap.
    let count = 120 * 24;
    let records = (0..count).map(|n| conversation(n, n as i64 * 3_600_000)).collect();
    let service = Service::start(History::new(records)).await;
    let search = service.data.conversations().search(range(120));
    let refused = search.clone().raw_stream().try_collect::<Vec<_>>().await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Validation);
    assert!(refused.to_string().contains("120 days"), "{refused}");
    assert_eq!(search.clone().await.unwrap_err().kind(), ErrorKind::Validation);
    assert!(service.asked().is_empty());

    assert_eq!(ids(search.export()).await, all(count));
    let asked = service.asked();
    assert_eq!(asked.len(), 120);
    assert!(
        asked
            .iter()
            .all(|asked| asked.to - asked.from == DAY - 1 && (asked.from - START) % DAY == 0)
    );
}

#[tokio::test]
async fn a_window_with_too_many_matches_is_halved_and_a_deep_page_that_fails_too() {
    // 11 000 in a day: more than 10 000.
    let count = 11_000;
    let records: Vec<_> = (0..count)
        .map(|n| json!({ "info": { "conversationId": id(n), "startTimeL": START + n as i64 * 7_800 } }))
        .collect();
    let service = Service::start(History::new(records.clone())).await;
    assert_eq!(
        ids(service.data.conversations().search(range(1)).raw_stream()).await,
        all(count)
    );
    assert!(service.asked().iter().all(|asked| asked.offset < 10_000));

    let shallow = History::new(records[..3_000].to_vec()).instead(|_, asked| {
        (asked.offset >= 500).then(|| ResponseTemplate::new(400).set_body_string("{\"message\":\"too deep\"}"))
    });
    let service = Service::start(shallow).await;
    let mut found = ids(service.data.conversations().search(range(1)).raw_stream()).await;
    found.sort();
    assert_eq!(found, all(3_000));
}

#[tokio::test]
async fn another_order_is_neither_split_nor_windowed() {
    let service = Service::start(History::of(150)).await;
    let search = service.data.conversations().search(range(1)).sort(Sort::EndDescending);
    assert_eq!(ids(search.clone().raw_stream()).await.len(), 150);
    let error = search.export().next().await.unwrap().unwrap_err();
    assert!(error.to_string().contains("order of start"), "{error}");
}

#[tokio::test]
async fn one_by_id_and_all_of_a_consumer() {
    let service = Service::start(History::of(130)).await;
    let conversations = service.data.conversations();
    let found = conversations
        .by_id(id(0))
        .content([ContentToRetrieve::MessageRecords])
        .await
        .unwrap();
    assert_eq!(found.messages[0].text(), Some("message of 0"));
    assert_eq!(conversations.by_consumer("c0ffee00").await.unwrap().len(), 100);
    assert_eq!(ids(conversations.by_consumer("c0ffee00").raw_stream()).await, all(130));

    let requests = service.server.received_requests().await.unwrap();
    let body: serde_json::Value = serde_json::from_slice(&requests[0].body).unwrap();
    assert_eq!(
        body,
        json!({ "conversationId": id(0), "contentToRetrieve": ["messageRecords"] })
    );
    assert!(requests[0].url.path().ends_with("/conversations/conversation/search"));
    let body: serde_json::Value = serde_json::from_slice(&requests[1].body).unwrap();
    assert_eq!(body, json!({ "consumer": "c0ffee00", "status": ["OPEN", "CLOSE"] }));

    let service = Service::start(History::of(0)).await;
    let error = service.data.conversations().by_id(id(7)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(
        service
            .data
            .conversations()
            .by_id("")
            .await
            .unwrap_err()
            .to_string()
            .contains("conversationId")
    );
}

#[tokio::test]
async fn dropping_a_stream_ends_the_reading() {
    let service = Service::start(History::of(10_000)).await;
    let mut stream = service.data.conversations().search(range(7)).raw_stream();
    stream.next().await.unwrap().unwrap();
    drop(stream);
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    let before = service.asked().len();
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    assert!(before <= 4, "{before}");
    assert_eq!(service.asked().len(), before);
}
