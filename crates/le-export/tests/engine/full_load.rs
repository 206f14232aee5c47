//! A full load, and what can be done with its result.

use le_export::{Compression, Conversations, Dataset, Export, JsonLines, RunOutcome};

use crate::support::*;

#[tokio::test]
async fn a_full_load_has_every_conversation_once_and_a_second_run_reads_nothing() {
    let sim = sim(2_000).await;
    let data = data(&sim).await;
    let range = last_days(&sim, 390);
    let folder = tempfile::tempdir().unwrap();
    let lake = || Dataset::open(folder.path().join("lake").to_str().unwrap(), JsonLines::default()).unwrap();
    let export = || {
        Export::of(Conversations::new(&data))
            .range(range.0, range.1)
            .into(lake())
    };

    let plan = export().plan().await.unwrap();
    assert_eq!((plan.windows.len(), plan.done), (391, 0));
    let (sender, progress) = std::sync::mpsc::channel();
    let summary = export()
        .concurrency(4)
        .on_progress(move |now| sender.send(*now).unwrap())
        .await
        .unwrap();
    let truth = truth(&data, range).await;
    let exported = exported(&folder.path().join("lake"));
    assert_same(&exported, &truth);
    // What is still open grows with each reading, and what came incomplete was read again by its id.
    let mut same = 0;
    for (id, record) in &exported {
        if truth[id]["info"]["status"] == "CLOSE" && truth[id]["info"]["isPartial"] != true {
            assert_eq!(*record, truth[id]);
            same += 1;
        }
    }
    assert!(same > 1_900, "{same}");
    assert!(summary.is_clean(), "{summary:?}");
    assert_eq!((summary.records, summary.windows.done), (truth.len() as u64, 391));
    assert!(summary.concurrency > 1 && summary.concurrency <= 4, "{summary:?}");
    assert_eq!(
        summary.bookmark,
        Some(summary.begun),
        "the clock before the first request"
    );
    let last = progress.try_iter().last().unwrap();
    assert_eq!(
        (last.records, last.windows_done, last.windows),
        (truth.len() as u64, 391, 391)
    );
    let manifest = std::fs::read_to_string(folder.path().join("lake/_export/manifest.json")).unwrap();
    let manifest: le_export::Manifest = serde_json::from_str(&manifest).unwrap();
    assert_eq!((manifest.records, manifest.windows.len()), (truth.len() as u64, 391));

    let before = sim.control().requests_to(SEARCH);
    let again = export().await.unwrap();
    assert_eq!(
        (again.records, again.windows.planned, again.windows.skipped),
        (0, 0, 391)
    );
    assert_eq!(sim.control().requests_to(SEARCH), before, "nothing is read twice");
    let read_again = export().again(true).await.unwrap();
    assert_eq!(
        (read_again.outcome, read_again.records),
        (RunOutcome::Finished, truth.len() as u64)
    );
    assert_same(&super::support::exported(&folder.path().join("lake")), &truth);
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_can_read_what_is_written() {
    use std::os::unix::fs::PermissionsExt as _;
    let sim = sim(50).await;
    let data = data(&sim).await;
    let range = last_days(&sim, 390);
    let folder = tempfile::tempdir().unwrap();
    let lake = folder.path().join("lake");
    let dataset = Dataset::open(lake.to_str().unwrap(), JsonLines::new(Compression::Gzip)).unwrap();
    let export = Export::of(Conversations::new(&data))
        .range(range.0, range.1)
        .into(dataset);
    assert!(export.await.unwrap().records > 0);
    let mut paths = vec![lake];
    let mut seen = 0;
    while let Some(path) = paths.pop() {
        let meta = std::fs::metadata(&path).unwrap();
        assert_eq!(meta.permissions().mode() & 0o077, 0, "{}", path.display());
        seen += 1;
        if meta.is_dir() {
            paths.extend(std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        }
    }
    assert!(seen > 20);
}

#[tokio::test]
async fn every_compression_holds_the_same() {
    let sim = sim(300).await;
    let data = data(&sim).await;
    let range = last_days(&sim, 60);
    let truth = truth(&data, range).await;
    let folder = tempfile::tempdir().unwrap();
    let compressions = [
        Compression::Plain,
        Compression::Gzip,
        #[cfg(feature = "zstd")]
        Compression::Zstd,
    ];
    for compression in compressions {
        let lake = folder.path().join(format!("{compression:?}"));
        let dataset = || Dataset::open(lake.to_str().unwrap(), JsonLines::new(compression)).unwrap();
        let export = Export::of(Conversations::new(&data))
            .range(range.0, range.1)
            .into(dataset());
        assert_eq!(export.await.unwrap().records, truth.len() as u64);
        let manifest = std::fs::read_to_string(lake.join("_export/manifest.json")).unwrap();
        let manifest: le_export::Manifest = serde_json::from_str(&manifest).unwrap();
        let mut keys = std::collections::BTreeSet::new();
        for entry in manifest.windows {
            use futures_util::StreamExt as _;
            let mut found = le_export::Destination::keys(&dataset(), &entry.window).await.unwrap();
            while let Some(key) = found.next().await {
                assert!(keys.insert(key.unwrap()));
            }
        }
        assert_eq!(keys, ids(&truth));
    }
}
