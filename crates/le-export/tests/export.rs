//! An export ends well, is cancelled, or fails: what was taken is whole in each case.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::sync::{Arc, Mutex};

use futures_util::{Stream, StreamExt as _, stream};
use le_core::page::Page;
use le_core::wire::RawRecord;
use std::future::IntoFuture as _;

use le_core::{Error, ErrorKind, Result};
use le_export::{JsonLinesFile, JsonLinesOptions, Outcome, PageExport, Progress};
use tokio::sync::oneshot;

fn page(number: u64) -> Page<RawRecord> {
    let record = |n| RawRecord::new(format!("{{\"n\":{n}}}")).unwrap();
    Page::new(
        number * 10,
        (number * 10..number * 10 + 10).map(record).collect(),
        Some(50),
    )
}

fn pages(count: u64) -> impl Stream<Item = Result<Page<RawRecord>>> + Send + Unpin + 'static {
    stream::iter((0..count).map(|n| Ok(page(n))))
}

fn lines(path: &std::path::Path) -> Vec<serde_json::Value> {
    let text = std::fs::read_to_string(path).unwrap();
    assert!(text.is_empty() || text.ends_with('\n'));
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[tokio::test]
async fn all_records_in_order_with_progress_after_each_page() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("c.jsonl");
    let told: Arc<Mutex<Vec<Progress>>> = Arc::default();
    let tell = Arc::clone(&told);
    let summary = PageExport::new(pages(5), JsonLinesOptions::new().atomic(true).open(&path).unwrap())
        .on_progress(move |progress| tell.lock().unwrap().push(*progress))
        .await
        .unwrap();
    assert_eq!(
        (summary.outcome, summary.records, summary.pages),
        (Outcome::Finished, 50, 5)
    );
    assert_eq!(summary.bytes, std::fs::metadata(&path).unwrap().len());
    assert_eq!(lines(&path).len(), 50);
    let told = told.lock().unwrap();
    assert_eq!(told.iter().map(|p| p.records).collect::<Vec<_>>(), [10, 20, 30, 40, 50]);
    assert_eq!(told[4].total, Some(50));
}

#[tokio::test]
async fn cancelling_in_the_middle_leaves_whole_lines_under_the_provisional_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("c.jsonl");
    let (cancel, cancelled) = oneshot::channel::<()>();
    let mut cancel = Some(cancel);
    // Two pages come, the third never does.
    let stuck = pages(2).chain(stream::pending());
    let summary = PageExport::new(stuck, JsonLinesOptions::new().atomic(true).open(&path).unwrap())
        .on_progress(move |progress| {
            if progress.pages == 2 {
                cancel.take().unwrap().send(()).unwrap();
            }
        })
        .cancel_on(async { cancelled.await.unwrap() })
        .await
        .unwrap();
    assert_eq!(
        (summary.outcome, summary.records, summary.pages),
        (Outcome::Cancelled, 20, 2)
    );
    assert!(!path.exists());
    assert_eq!(lines(&folder.path().join("c.jsonl.partial")).len(), 20);
}

#[tokio::test]
async fn an_export_that_is_dropped_leaves_whole_lines() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("c.jsonl");
    let (here, mut arrived) = tokio::sync::mpsc::unbounded_channel();
    let export = PageExport::new(pages(3).chain(stream::pending()), JsonLinesFile::create(&path).unwrap())
        .on_progress(move |progress| here.send(progress.pages).unwrap());
    let task = tokio::spawn(export.into_future());
    while arrived.recv().await != Some(3) {}
    task.abort();
    assert!(task.await.unwrap_err().is_cancelled());
    assert_eq!(lines(&path).len(), 30);
}

#[tokio::test]
async fn a_stream_that_fails_leaves_what_came_before_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("c.jsonl");
    let broken = pages(2).chain(stream::iter([Err(Error::new(ErrorKind::Server, "the service failed"))]));
    let error = PageExport::new(broken, JsonLinesFile::create(&path).unwrap())
        .await
        .unwrap_err();
    assert_eq!(error.error().kind(), ErrorKind::Server);
    assert_eq!(
        (error.summary().outcome, error.summary().records),
        (Outcome::Failed, 20)
    );
    assert_eq!(error.to_string(), "the service failed (20 complete records are safe)");
    assert_eq!(lines(&path).len(), 20);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_full_disk_ends_it_with_a_clear_error() {
    let sink = JsonLinesOptions::new().overwrite(true).open("/dev/full").unwrap();
    let error = PageExport::new(pages(5), sink).await.unwrap_err();
    assert_eq!((error.error().kind(), error.summary().records), (ErrorKind::Io, 0));
    let said = error.to_string();
    assert!(
        said.contains("/dev/full") && said.contains("No space left") && said.contains("free some space"),
        "{said}"
    );
}
