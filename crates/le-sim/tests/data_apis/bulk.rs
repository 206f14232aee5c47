//! Bulk File Download.

use std::io::Read as _;
use std::time::Duration;

use serde_json::{Value, json};

use crate::*;

const PATH: &str = "/v1/account/{account}/bulk-download-requests";

/// A conversation in which files were exchanged, and how many.
async fn with_files(sim: &Sim) -> (String, usize) {
    let search = url(
        sim,
        "/messaging_history/api/account/{account}/conversations/search?limit=100&v=2",
    );
    let body = json!({"start": {"from": NOW - 90 * DAY, "to": NOW}, "messageContentTypes": ["HOSTED_FILE"]});
    let (_, page) = answer(signed(sim, 0, "POST", &search).json(&body)).await;
    let whole = page["conversationHistoryRecords"]
        .as_array()
        .unwrap()
        .iter()
        .find(|record| record["info"]["isPartial"] == false);
    let record = whole.unwrap();
    let messages = record["messageRecords"].as_array().unwrap();
    let files = messages
        .iter()
        .filter(|message| message["type"] == "HOSTED_FILE")
        .count();
    (record["info"]["conversationId"].as_str().unwrap().to_owned(), files)
}

#[tokio::test]
async fn a_request_becomes_ready_and_its_zip_holds_the_files() {
    let sim = sim().await;
    let token = application_token(&sim).await;
    let (conversation, files) = with_files(&sim).await;
    let client = client::client(&sim);
    let body = json!({"filter": {"conversationId": conversation}});
    let (status, created) = answer(client.post(url(&sim, PATH)).bearer_auth(&token).json(&body)).await;
    assert_eq!((status, &created["status"]), (201, &json!("NEW")));
    let path = format!("{PATH}/{}", created["requestId"].as_str().unwrap());
    let mut states = Vec::new();
    let ready = loop {
        let (_, entity) = answer(client.get(url(&sim, &path)).bearer_auth(&token)).await;
        let status = entity["status"].as_str().unwrap().to_owned();
        let urls = entity["downloadUrls"].as_array().unwrap().len();
        assert_eq!(urls > 0, status == "READY");
        if status == "READY" {
            break entity;
        }
        states.push(status);
        sim.clock().advance(Duration::from_secs(3));
    };
    states.dedup();
    assert_eq!(states, ["NEW", "IN_PROGRESS"]);
    assert_eq!(ready["createdAt"], "2030-03-14T15:09:26.535+00:00");

    let address = ready["downloadUrls"][0].as_str().unwrap();
    let bytes = client.get(address).send().await.unwrap().bytes().await.unwrap();
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes.to_vec())).unwrap();
    assert_eq!(archive.len(), files);
    let mut content = Vec::new();
    archive.by_index(0).unwrap().read_to_end(&mut content).unwrap();
    assert!(!content.is_empty());
    assert_eq!(
        client
            .get(address.replace("sig=", "sig=0"))
            .send()
            .await
            .unwrap()
            .status(),
        401
    );
    sim.clock().advance(Duration::from_secs(3_601));
    assert_eq!(client.get(address).send().await.unwrap().status(), 401);
}

#[tokio::test]
async fn requests_are_listed_and_refused_by_the_rules() {
    let sim = sim().await;
    let token = application_token(&sim).await;
    let client = client::client(&sim);
    let (conversation, _) = with_files(&sim).await;
    let create = |body: Value| client.post(url(&sim, PATH)).bearer_auth(&token).json(&body);
    for _ in 0..3 {
        assert_eq!(
            answer(create(json!({"filter": {"conversationId": conversation}})))
                .await
                .0,
            201
        );
    }
    assert_eq!(answer(create(json!({}))).await.0, 400);
    assert_eq!(
        answer(create(json!({"filter": {"conversationId": "nobody"}}))).await.0,
        400
    );
    let list = |query: &str| client.get(url(&sim, &format!("{PATH}?{query}"))).bearer_auth(&token);
    let (_, page) = answer(list("page=0&pageSize=2")).await;
    assert_eq!(page["items"].as_array().unwrap().len(), 2);
    let expected = json!({"totalRecords": 3, "currentPage": 0, "totalPages": 2, "nextPage": 1, "prevPage": null});
    assert_eq!(page["pagination"], expected);
    let (_, last) = answer(list("page=1&pageSize=2")).await;
    assert_eq!(last["items"].as_array().unwrap().len(), 1);
    assert!(last["pagination"]["nextPage"].is_null());
    assert_eq!(answer(list("pageSize=0")).await.0, 400);
    let unknown = client.get(url(&sim, &format!("{PATH}/none"))).bearer_auth(&token);
    assert_eq!(answer(unknown).await.0, 404);
    let bearer = client::login(&sim).await["bearer"].as_str().unwrap().to_owned();
    assert_eq!(answer(client.get(url(&sim, PATH)).bearer_auth(bearer)).await.0, 401);
    assert_eq!(answer(signed(&sim, 0, "GET", &url(&sim, PATH))).await.0, 401);

    sim.control().adjust(|behaviour| {
        behaviour.bulk_files.fails = true;
        behaviour.bulk_files.retry_ms = 10_000;
    });
    sim.clock().advance(Duration::from_secs(12));
    assert_eq!(answer(list("")).await.1["items"][0]["status"], "IN_PROGRESS_RETRY");
    sim.clock().advance(Duration::from_secs(10));
    assert_eq!(answer(list("")).await.1["items"][0]["status"], "FAILED");
}
