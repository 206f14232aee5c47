//! Bulk File Download, and hosted files.

use std::time::Duration;

use futures_util::TryStreamExt as _;
use le_core::{ErrorKind, Secret};
use le_data::bulk_files::BulkFileStatus;
use serde_json::{Value, json};
use wiremock::ResponseTemplate;

use super::stage::{Stage, crafted_json};

const ID: &str = "5d0c1111-aaaa-4bbb-8ccc-ddddeeeeffff";

fn request(status: &str) -> Value {
    json!({ "requestId": ID, "status": status, "downloadUrls": [] })
}

#[tokio::test]
async fn a_request_is_made_waited_for_and_read() {
    let stage = Stage::start(|call, seen| match (seen.method.as_str(), call) {
        ("POST", _) => ResponseTemplate::new(201).set_body_json(request("NEW")),
        (_, 1) => ResponseTemplate::new(200).set_body_json(request("IN_PROGRESS")),
        (_, 2) => ResponseTemplate::new(200).set_body_json(request("SOMETHING_NEW")),
        _ => ResponseTemplate::new(200).set_body_json(crafted_json("bulk_files/ready.json")),
    })
    .await;
    let files = stage.data.bulk_files();
    let made = files.create("0a1b2c3d-1111-4222-8333-444455556666").await.unwrap();
    assert_eq!(made.status, Some(BulkFileStatus::New));
    let ready = files.wait(made.request_id.clone().unwrap()).await.unwrap();
    assert_eq!(ready.download_urls[0], "https://files.example/a.zip");
    assert_eq!(ready.created().unwrap().as_millis(), 1_893_499_200_123);
    assert!(
        !format!("{ready:?}").contains("files.example"),
        "an address is a permission"
    );
    let waits: Vec<f64> = stage.clock.slept().iter().map(Duration::as_secs_f64).collect();
    assert_eq!(waits, [5.0, 7.5, 11.25]);
    let seen = stage.seen();
    assert_eq!(seen[0].path, "/v1/account/le1000/bulk-download-requests");
    assert_eq!(
        seen[0].body,
        json!({ "filter": { "conversationId": "0a1b2c3d-1111-4222-8333-444455556666" } })
    );
    assert_eq!(seen[1].path, format!("/v1/account/le1000/bulk-download-requests/{ID}"));
}

#[tokio::test]
async fn waiting_ends_with_a_failure_or_with_its_time() {
    let stage = Stage::json(request("FAILED")).await;
    let error = stage.data.bulk_files().wait(ID).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Server);
    let stage = Stage::json(request("IN_PROGRESS_RETRY")).await;
    let waiting = stage.data.bulk_files().wait(ID).at_most(Duration::from_secs(100));
    let error = waiting.await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(error.to_string().contains("100 s"), "{error}");
    assert_eq!(stage.clock.slept().iter().sum::<Duration>(), Duration::from_secs(100));
}

#[tokio::test]
async fn the_list_goes_over_its_pages_and_never_in_circles() {
    let stage = Stage::start(|_, seen| {
        let page = seen.number("page").unwrap();
        let next = [Some(1), Some(2), Some(1)][page];
        let items = [json!([request("NEW")]), json!([]), json!([request("READY"), 7])][page].clone();
        let body = json!({ "items": items, "pagination": { "totalRecords": 3, "nextPage": next } });
        ResponseTemplate::new(200).set_body_json(body)
    })
    .await;
    let list = stage.data.bulk_files().list();
    let mut stream = list.stream();
    assert_eq!(
        stream.try_next().await.unwrap().unwrap().status,
        Some(BulkFileStatus::New)
    );
    assert!(stream.try_next().await.unwrap().unwrap().is_ready());
    assert_eq!(stream.try_next().await.unwrap_err().kind(), ErrorKind::Decode);
    assert!(stream.try_next().await.unwrap().is_none());
    assert_eq!(stage.seen().len(), 3);
    assert_eq!(stage.seen()[0].query("pageSize"), Some("100"));
    assert!(stage.data.bulk_files().list().page_size(0).await.is_err());
    let one = stage.data.bulk_files().list().page(0).await.unwrap();
    assert_eq!(one.len(), 1);
}

#[tokio::test]
async fn a_zip_is_streamed_without_a_credential() {
    let bytes: Vec<u8> = (0..300_000_u32).map(|n| n as u8).collect();
    let body = bytes.clone();
    let stage = Stage::start(move |call, _| match call {
        0 => ResponseTemplate::new(503),
        _ => ResponseTemplate::new(200).set_body_raw(body.clone(), "application/zip"),
    })
    .await;
    let address = format!("{}/zips/a.zip?sig=x", stage.server.uri());
    let file = stage.data.bulk_files().download(address).await.unwrap();
    assert_eq!(
        (file.length(), file.content_type()),
        (Some(300_000), Some("application/zip"))
    );
    let chunks: Vec<_> = file.try_collect().await.unwrap();
    assert_eq!(chunks.concat(), bytes);
    assert!(stage.seen().iter().all(|seen| seen.authorization.is_none()));
    assert_eq!(stage.clock.slept(), [Duration::from_secs(5)]);

    for odd in ["http://files.example/a.zip", "ftp://files.example/a.zip", "a.zip", ""] {
        let error = stage.data.bulk_files().download(odd).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Validation, "{odd}");
    }
    let stage = Stage::start(|_, _| ResponseTemplate::new(403)).await;
    let error = stage.data.bulk_files().download(stage.server.uri()).await.unwrap_err();
    assert_eq!((error.kind(), stage.seen().len()), (ErrorKind::Authorization, 1));
}

#[tokio::test]
async fn a_hosted_file_needs_its_signature_and_no_credential() {
    let stage = Stage::start(|_, seen| match seen.query("temp_url_sig") {
        Some("9a+b") => ResponseTemplate::new(200).set_body_raw(vec![1, 2, 3], "image/png"),
        _ => ResponseTemplate::new(401),
    })
    .await;
    let files = stage.data.hosted_files();
    let signed = "/v1/AUTH_x/le1000/a.PNG?temp_url_sig=9a%2Bb&temp_url_expires=1893456000";
    let file = files.download(signed).await.unwrap();
    assert_eq!((file.length(), file.content_type()), (Some(3), Some("image/png")));
    let mut out = Vec::new();
    assert_eq!(file.write_to(&mut out).await.unwrap(), 3);
    assert_eq!(out, [1, 2, 3]);
    assert_eq!(stage.seen()[0].path, "/v1/AUTH_x/le1000/a.PNG");
    assert!(stage.seen()[0].authorization.is_none());
    let old = files
        .download_signed("/v1/AUTH_x/le1000/a.PNG", &Secret::new("old"), "1")
        .await;
    assert_eq!(old.unwrap_err().kind(), ErrorKind::Authentication);
}
