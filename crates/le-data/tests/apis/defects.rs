//! The defects of other people's clients, each as a test that this one does not have it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::{StreamExt as _, TryStreamExt as _};
use le_core::{ErrorKind, Timestamp};
use le_data::data_access::DataFileKind;
use le_data::messaging_interactions::{head, record_error};
use serde_json::{Value, json};
use wiremock::ResponseTemplate;

use super::data_access::serving;
use super::stage::{DAY, START, Seen, Stage, range};

fn conversation(number: usize) -> Value {
    json!({ "info": { "conversationId": format!("c-{number}"), "startTimeL": START + number as i64 }, "filler": "x".repeat(2000) })
}

fn page(seen: &Seen, all: &[usize]) -> ResponseTemplate {
    let (offset, limit) = (seen.number("offset").unwrap(), seen.number("limit").unwrap());
    let page: Vec<Value> = all.iter().skip(offset).take(limit).copied().map(conversation).collect();
    let body = json!({ "_metadata": { "count": all.len() }, "conversationHistoryRecords": page });
    ResponseTemplate::new(200).set_body_json(body)
}

fn all(count: usize) -> Vec<usize> {
    (0..count).collect()
}

#[tokio::test]
async fn pages_that_keep_answering_429_or_500_are_an_error_and_never_left_out() {
    for status in [429, 500] {
        let stage = Stage::start(move |_, seen| match seen.number("offset") {
            Some(100) => ResponseTemplate::new(status),
            _ => page(seen, &all(500)),
        })
        .await;
        // Only one window, and no halving below ten minutes: the page stays as it is.
        let records: Vec<_> = stage.data.conversations().search(short()).raw_stream().collect().await;
        assert_eq!(records.len(), 101, "{status}: 100 records and the error");
        let error = records[100].as_ref().unwrap_err();
        assert_eq!(error.status().unwrap(), status);
        assert_eq!(error.attempts(), 4);
    }
}

/// A range that cannot be halved.
fn short() -> le_core::TimeRange {
    le_core::TimeRange::new(Timestamp::from_millis(START), Timestamp::from_millis(START + 599_999)).unwrap()
}

#[tokio::test]
async fn one_429_does_not_end_a_run() {
    let stage = Stage::start(|call, seen| match call {
        2 => ResponseTemplate::new(429).insert_header("retry-after", "3"),
        _ => page(seen, &all(500)),
    })
    .await;
    let records: Vec<_> = stage
        .data
        .conversations()
        .search(range(1))
        .raw_stream()
        .try_collect()
        .await
        .unwrap();
    assert_eq!(records.len(), 500);
    assert!(stage.clock.slept()[0].as_secs() >= 3);
}

#[tokio::test]
async fn a_large_result_is_never_held_in_memory() {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let stage = Stage::start(move |_, seen| {
        count.fetch_add(1, Ordering::SeqCst);
        page(seen, &all(5000))
    })
    .await;
    let mut records = stage.data.conversations().search(range(1)).raw_stream();
    for _ in 0..10 {
        records.next().await.unwrap().unwrap();
    }
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    assert!(
        asked.load(Ordering::SeqCst) <= 3,
        "pages are asked for as they are needed, not all at once"
    );
    let rest = records.try_fold(10, |sum, _| async move { Ok(sum + 1) }).await.unwrap();
    assert_eq!(rest, 5000);
}

#[tokio::test]
async fn an_html_answer_of_a_gateway_keeps_its_status_and_is_named() {
    for status in [200, 502] {
        let stage = Stage::start(move |_, _| {
            ResponseTemplate::new(status).set_body_raw("<html>Bad gateway</html>", "text/html")
        })
        .await;
        for error in [
            stage.data.chats().search(range(1)).await.unwrap_err(),
            stage.data.agent_activity().status_changes(range(1)).await.unwrap_err(),
            stage.data.bulk_files().get("x").await.unwrap_err(),
            stage
                .data
                .data_access_at(stage.base())
                .files(DataFileKind::Survey, range(1))
                .await
                .unwrap_err(),
        ] {
            assert_eq!(error.status().unwrap(), status, "{error}");
            let expected = if status == 200 {
                ErrorKind::Protocol
            } else {
                ErrorKind::Server
            };
            assert_eq!(error.kind(), expected, "{error}");
            assert!(error.body().is_some_and(|body| body.starts_with(b"<html>")));
        }
    }
}

#[tokio::test]
async fn a_result_that_moves_while_it_is_read_hides_nothing() {
    // Before the third page ten records of the first leave the result, so that all others move forward.
    let stage = Stage::start(|call, seen| {
        let gone = if call >= 2 { 10 } else { 0 };
        let left: Vec<usize> = (gone..500).collect();
        page(seen, &left)
    })
    .await;
    let records: Vec<_> = stage
        .data
        .conversations()
        .search(range(1))
        .look_ahead(0)
        .raw_stream()
        .try_collect()
        .await
        .unwrap();
    let mut keys: Vec<String> = records.iter().map(|raw| head(raw).key.unwrap().into_owned()).collect();
    assert_eq!(keys.len(), 500, "each once, none missing");
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), 500);
}

#[tokio::test]
async fn changes_after_a_weeks_bookmark_are_asked_for_by_time_of_change() {
    let stage = Stage::start(|_, seen| page(seen, &all(1))).await;
    let since = Timestamp::from_millis(START + 60 * DAY);
    let search = stage.data.conversations().search(range(89)).updated_since(since);
    search.raw_stream().try_collect::<Vec<_>>().await.unwrap();
    let body = &stage.seen()[0].body;
    assert_eq!(body["latestUpdateTime"], json!({ "from": since.as_millis() }));
    assert_eq!(
        body["start"]["from"], START,
        "an old conversation that changed lately is within"
    );
}

#[tokio::test]
async fn the_lines_of_every_file_come_not_only_those_of_the_last() {
    let names: &[&str] = &[
        "Agent.1.2.part-00000-0.gz",
        "Agent.1.2.part-00001-0.gz",
        "Agent.3.4.part-00000-0.gz",
    ];
    let (stage, _) = serving(names, |name| {
        let lines = format!("{{\"file\":\"{name}\",\"n\":1}}\n{{\"file\":\"{name}\",\"n\":2}}\n");
        ResponseTemplate::new(200).set_body_bytes(super::data_access::packed(lines.as_bytes()))
    })
    .await;
    let files = stage
        .data
        .data_access_at(stage.base())
        .files(DataFileKind::AgentActivity, range(7));
    let lines: Vec<_> = files.raw_stream().try_collect().await.unwrap();
    let read: Vec<String> = lines
        .iter()
        .map(|line| line.to_value().unwrap()["file"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(read, [names[0], names[0], names[1], names[1], names[2], names[2]]);
}

#[tokio::test]
async fn one_wrong_type_costs_its_field_and_one_broken_record_itself() {
    let mut odd = conversation(1);
    odd["info"]["startTimeL"] = json!({ "seconds": 5 });
    let body = json!({ "_metadata": { "count": 3 }, "conversationHistoryRecords": [conversation(0), odd, 17] });
    let stage = Stage::json(body).await;
    let records: Vec<_> = stage.data.conversations().search(range(1)).stream().collect().await;
    assert_eq!(records.len(), 3);
    assert_eq!(records[1].as_ref().unwrap().salvaged(), ["info.startTimeL"]);
    let error = records[2].as_ref().unwrap_err();
    assert_eq!(record_error(error).unwrap().raw().as_str(), "17");
}

#[tokio::test]
async fn unknown_fields_are_kept_and_written_back() {
    let mut record = conversation(0);
    record["later"] = json!({ "x": [null, 1.5] });
    record["info"]["status"] = json!("PAUSED");
    let stage =
        Stage::json(json!({ "_metadata": { "count": 1 }, "conversationHistoryRecords": [record.clone()] })).await;
    let page = stage.data.conversations().search(range(1)).await.unwrap();
    assert_eq!(page.records[0].extra.value("later").unwrap(), record["later"]);
    assert_eq!(serde_json::to_value(&*page.records[0]).unwrap(), record);
    assert_eq!(page.records[0].raw().to_value().unwrap(), record);
}

/// Answers every request with an empty page, and counts the connections that were made for them.
fn counting_server() -> (String, Arc<AtomicUsize>) {
    use std::io::{BufRead as _, BufReader, Read as _, Write as _};

    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let connections = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&connections);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            count.fetch_add(1, Ordering::SeqCst);
            std::thread::spawn(move || {
                let mut reader = BufReader::new(stream);
                loop {
                    let mut length = 0;
                    loop {
                        let mut line = String::new();
                        if reader.read_line(&mut line).unwrap_or(0) == 0 {
                            return;
                        }
                        let line = line.trim().to_ascii_lowercase();
                        if let Some(text) = line.strip_prefix("content-length:") {
                            length = text.trim().parse().unwrap();
                        }
                        if line.is_empty() {
                            break;
                        }
                    }
                    let mut body = vec![0; length];
                    reader.read_exact(&mut body).unwrap();
                    let answer = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}";
                    reader.get_mut().write_all(answer.as_bytes()).unwrap();
                }
            });
        }
    });
    (address, connections)
}

#[tokio::test]
async fn one_connection_serves_a_run_not_a_new_one_for_each_request() {
    let (address, connections) = counting_server();
    let data = super::stage::data_at(&le_core::BaseUri::plain(&address).unwrap());
    let windows = data.conversations().search(range(30)).export();
    assert!(windows.try_collect::<Vec<_>>().await.unwrap().is_empty());
    // One page is asked for before the one at hand is taken apart.
    assert!(connections.load(Ordering::SeqCst) <= 2, "30 requests");
}

#[test]
fn streams_can_be_moved_between_threads_and_kept() {
    fn kept<T: Send + Unpin + 'static>() {}
    kept::<le_data::pages::RawStream>();
    kept::<le_data::pages::RawPages>();
    kept::<le_data::pages::RecordStream<le_data::messaging_interactions::Conversation>>();
    kept::<le_data::pages::RecordStream<le_data::engagement_history::Chat>>();
    kept::<le_data::data_access::DataLineStream>();
    kept::<le_data::bulk_files::FileStream>();
}
