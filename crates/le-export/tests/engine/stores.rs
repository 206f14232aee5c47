//! Object stores: in memory, and failing.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use futures_util::StreamExt as _;
use futures_util::stream::BoxStream;
use le_export::{Conversations, Dataset, Depth, Export, JsonLines, Place};
use le_sim::HistoryChange;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{
    CopyOptions, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore, ObjectStoreExt as _,
    PutMultipartOptions, PutOptions, PutPayload, PutResult, UploadPart,
};

use crate::support::*;

/// A store in memory in which the n-th write fails, and uploads in parts fail at their n-th part.
#[derive(Debug)]
struct Flaky {
    store: InMemory,
    writes: AtomicU64,
    failing: AtomicU64,
    part: Arc<AtomicU64>,
    aborted: Arc<AtomicU64>,
}

impl Flaky {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            store: InMemory::new(),
            writes: AtomicU64::new(0),
            failing: AtomicU64::new(u64::MAX),
            part: Arc::new(AtomicU64::new(u64::MAX)),
            aborted: Arc::default(),
        })
    }

    fn place(self: &Arc<Self>) -> Place {
        Place::store(
            Arc::clone(self) as Arc<dyn ObjectStore>,
            "lake/history",
            "mem://lake/history",
        )
    }

    async fn names(&self) -> Vec<String> {
        let mut found = self.store.list(None);
        let mut names = Vec::new();
        while let Some(meta) = found.next().await {
            names.push(meta.unwrap().location.to_string());
        }
        names.sort();
        names
    }
}

fn down() -> object_store::Error {
    object_store::Error::Generic {
        store: "flaky",
        source: "https://store/bucket/x?signature=SECRET is down".into(),
    }
}

impl fmt::Display for Flaky {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Flaky")
    }
}

#[derive(Debug)]
struct FlakyUpload {
    upload: Box<dyn MultipartUpload>,
    part: Arc<AtomicU64>,
    aborted: Arc<AtomicU64>,
}

#[async_trait]
impl MultipartUpload for FlakyUpload {
    fn put_part(&mut self, data: PutPayload) -> UploadPart {
        if self.part.fetch_sub(1, Ordering::SeqCst) == 0 {
            return Box::pin(async { Err(down()) });
        }
        self.upload.put_part(data)
    }

    async fn complete(&mut self) -> object_store::Result<PutResult> {
        self.upload.complete().await
    }

    async fn abort(&mut self) -> object_store::Result<()> {
        self.aborted.fetch_add(1, Ordering::SeqCst);
        self.upload.abort().await
    }
}

#[async_trait]
impl ObjectStore for Flaky {
    async fn put_opts(&self, path: &Path, payload: PutPayload, options: PutOptions) -> object_store::Result<PutResult> {
        if self.writes.fetch_add(1, Ordering::SeqCst) == self.failing.load(Ordering::SeqCst) {
            return Err(down());
        }
        self.store.put_opts(path, payload, options).await
    }

    async fn put_multipart_opts(
        &self,
        path: &Path,
        options: PutMultipartOptions,
    ) -> object_store::Result<Box<dyn MultipartUpload>> {
        let upload = self.store.put_multipart_opts(path, options).await?;
        Ok(Box::new(FlakyUpload {
            upload,
            part: Arc::clone(&self.part),
            aborted: Arc::clone(&self.aborted),
        }))
    }

    async fn get_opts(&self, path: &Path, options: GetOptions) -> object_store::Result<GetResult> {
        self.store.get_opts(path, options).await
    }

    fn delete_stream(
        &self,
        paths: BoxStream<'static, object_store::Result<Path>>,
    ) -> BoxStream<'static, object_store::Result<Path>> {
        self.store.delete_stream(paths)
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, object_store::Result<ObjectMeta>> {
        self.store.list(prefix)
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> object_store::Result<ListResult> {
        self.store.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> object_store::Result<()> {
        self.store.copy_opts(from, to, options).await
    }
}

#[tokio::test]
async fn an_object_store_holds_the_same_and_can_be_followed_verified_and_compacted() {
    let sim = sim(600).await;
    let first = data(&sim).await;
    let (from, to) = last_days(&sim, 40);
    let store = Flaky::new();
    let lake = || Dataset::new(store.place(), JsonLines::default());
    let export = Export::of(Conversations::new(&first)).range(from, to).into(lake());
    let summary = export.window_length(DAY / 4).concurrency(4).await.unwrap();
    let names = store.names().await;
    assert!(
        names
            .iter()
            .any(|name| name.starts_with("lake/history/conversations/date=")),
        "{names:?}"
    );
    assert!(names.iter().all(|name| name.starts_with("lake/history/")), "{names:?}");
    let verify = || async {
        let data = data(&sim).await;
        Export::of(Conversations::new(&data))
            .into(lake())
            .verify(Depth::Keys)
            .await
            .unwrap()
    };
    let verified = verify().await;
    assert!(
        verified.is_sound() && verified.stored == summary.records,
        "{verified:?}"
    );
    assert!(lake().compact().await.unwrap().days > 10);
    assert!(verify().await.is_sound());
    let gone = sim.control().history().change(HistoryChange::Close).unwrap();
    let second = data(&sim).await;
    Export::of(Conversations::new(&second))
        .into(lake())
        .since_last(true)
        .await
        .unwrap();
    assert!(verify().await.is_sound());
    Export::of(Conversations::new(&second))
        .into(lake())
        .forget([gone.as_str()])
        .await
        .unwrap();
    for name in store.names().await {
        let text = store
            .store
            .get(&Path::from(name.clone()))
            .await
            .unwrap()
            .bytes()
            .await
            .unwrap();
        assert!(!String::from_utf8_lossy(&text).contains(&gone), "{name}");
    }
}

#[tokio::test]
async fn a_store_that_fails_ends_the_run_with_its_place_and_the_next_run_completes_it() {
    let sim = sim(300).await;
    let data = data(&sim).await;
    let (from, to) = last_days(&sim, 30);
    let store = Flaky::new();
    let export = || {
        let lake = Dataset::new(store.place(), JsonLines::default());
        Export::of(Conversations::new(&data))
            .range(from, to)
            .into(lake)
            .concurrency(2)
    };
    for failing in [0, 3, 20, 41] {
        store.writes.store(0, Ordering::SeqCst);
        store.failing.store(failing, Ordering::SeqCst);
        let error = export().await.unwrap_err();
        assert!(error.to_string().contains("mem://lake/history"), "{error}");
        assert!(!format!("{error} {error:?}").contains("SECRET"), "{error:?}");
    }
    store.failing.store(u64::MAX, Ordering::SeqCst);
    export().await.unwrap();
    assert!(export().verify(Depth::Keys).await.unwrap().is_sound());
}

#[tokio::test]
async fn an_upload_in_parts_that_fails_is_aborted_and_nothing_shows() {
    let window: le_export::Window = "2026-01-05T00-00Z_2026-01-05T12-00Z".parse().unwrap();
    let store = Flaky::new();
    let dataset = Dataset::new(store.place(), JsonLines::default());
    let big = || {
        let text = format!(
            r#"{{"info":{{"conversationId":"x"}},"fill":"{}"}}"#,
            "y".repeat(3 << 20)
        );
        let raw = le_core::wire::RawRecord::new(text).unwrap();
        (0..6)
            .map(|key| le_export::Entry::new(key.to_string(), None, raw.clone()))
            .collect::<Vec<_>>()
    };
    for failing in [0, 1, 2] {
        store.part.store(failing, Ordering::SeqCst);
        let begun = le_export::Destination::begin(&dataset, &window, le_export::Mode::Replace);
        let mut writer = begun.await.unwrap();
        writer.write(big()).await.unwrap();
        let error = writer.commit().await.unwrap_err();
        assert!(
            error.to_string().contains("mem://lake/history/conversations"),
            "{error}"
        );
        assert_eq!(store.aborted.swap(0, Ordering::SeqCst), 1);
        assert!(store.names().await.is_empty());
    }
    store.part.store(u64::MAX, Ordering::SeqCst);
    let begun = le_export::Destination::begin(&dataset, &window, le_export::Mode::Replace);
    let mut writer = begun.await.unwrap();
    writer.write(big()).await.unwrap();
    assert_eq!(writer.commit().await.unwrap().records, 6);
    assert_eq!(store.names().await.len(), 1);
}

#[tokio::test]
async fn a_lease_keeps_a_second_export_out_and_runs_out_with_its_holder() {
    use le_core::testing::TestClock;
    use le_core::{Timestamp, clock::Clock};
    use le_export::state::{Claim, Holder, PlaceState, StateStore as _};
    let store = Flaky::new();
    let clock = TestClock::manual(Timestamp::from_millis(1_800_000_000_000));
    let state =
        |clock: &TestClock| PlaceState::new(store.place()).with_clock(Arc::new(clock.clone()) as Arc<dyn Clock>);
    let (first, second) = (Holder::here("first"), Holder::here("second"));
    let Claim::Held(guard) = state(&clock).lock("run", &first).await.unwrap() else {
        panic!("free")
    };
    let Claim::Taken(Some(holder)) = state(&clock).lock("run", &second).await.unwrap() else {
        panic!("taken")
    };
    assert_eq!(holder, first);
    // The holder renews: after a long time it still has it.
    for _ in 0..20 {
        clock.wait_for_sleepers(1).await;
        clock.advance(std::time::Duration::from_secs(31));
        tokio::task::yield_now().await;
    }
    clock.wait_for_sleepers(1).await;
    assert!(guard.is_held());
    assert!(matches!(
        state(&clock).lock("run", &second).await.unwrap(),
        Claim::Taken(_)
    ));
    // A holder that is no more does not: here it hangs, and comes back when it is too late.
    let late = TestClock::manual(clock.now() + std::time::Duration::from_secs(400));
    let Claim::Held(taken_over) = state(&late).lock("run", &second).await.unwrap() else {
        panic!("it has run out")
    };
    clock.advance(std::time::Duration::from_secs(31));
    while guard.is_held() {
        tokio::task::yield_now().await;
    }
    assert!(taken_over.is_held());
    drop(guard);
    drop(taken_over);
    loop {
        tokio::task::yield_now().await;
        if let Claim::Held(_) = state(&late).lock("run", &first).await.unwrap() {
            break;
        }
    }
}
