//! Other sources than conversations.

use futures_util::StreamExt as _;
use le_core::{BaseUri, TimeRange};
use le_export::{AgentStatusChanges, Chats, DataFileLines, Dataset, Depth, Export, JsonLines, Source};

use crate::signed::with_key;
use crate::support::*;

/// The keys of a dataset of plain JSON Lines, by its own reading.
fn lines(root: &std::path::Path, table: &str) -> usize {
    let files = files(&root.join(table), ".jsonl");
    files
        .iter()
        .map(|file| std::fs::read_to_string(file).unwrap().lines().count())
        .sum()
}

#[tokio::test]
async fn chats_are_exported_and_followed() {
    let sim = sim(600).await;
    let data = data(&sim).await;
    let (from, to) = last_days(&sim, 90);
    let folder = tempfile::tempdir().unwrap();
    let lake = || Dataset::open(folder.path().to_str().unwrap(), JsonLines::default()).unwrap();
    let export = || Export::of(Chats::new(&data)).into(lake());
    let summary = export().range(from, to).await.unwrap();
    let mut truth = 0;
    let mut chats = data.chats().search(TimeRange::new(from, to).unwrap()).export();
    while let Some(chat) = chats.next().await {
        chat.unwrap();
        truth += 1;
    }
    assert!(truth > 20);
    assert_eq!(
        (summary.records, lines(folder.path(), "chats")),
        (truth, truth as usize)
    );
    assert!(export().range(from, to).verify(Depth::Keys).await.unwrap().is_sound());
    let later = export().since_last(true).await.unwrap();
    assert!(later.changes.is_some());
    assert_eq!(lines(folder.path(), "chats"), truth as usize);
}

#[tokio::test]
async fn agent_activity_is_exported_and_followed() {
    let sim = sim(300).await;
    let data = with_key(&sim);
    let (from, to) = last_days(&sim, 10);
    let folder = tempfile::tempdir().unwrap();
    let lake = || Dataset::open(folder.path().to_str().unwrap(), JsonLines::default()).unwrap();
    let export = || Export::of(AgentStatusChanges::new(&data)).into(lake());
    let summary = export().range(from, to).await.unwrap();
    assert!(summary.records > 20 && summary.broken == 0, "{summary:?}");
    assert_eq!(lines(folder.path(), "agent_activity") as u64, summary.records);
    export().since_last(true).await.unwrap();
    assert!(lines(folder.path(), "agent_activity") as u64 >= summary.records);
    assert!(export().verify(Depth::Counts).await.unwrap().is_sound());
}

#[tokio::test]
async fn lines_of_data_files_are_exported_with_where_they_stood() {
    let sim = sim(300).await;
    let data = with_key(&sim);
    let (from, to) = last_days(&sim, 10);
    let folder = tempfile::tempdir().unwrap();
    let lake = || Dataset::open(folder.path().to_str().unwrap(), JsonLines::default()).unwrap();
    let base = || BaseUri::plain(&sim.plain_csds()).unwrap();
    let export = || Export::of(DataFileLines::at(&data, base(), "engagement")).into(lake());
    let summary = export().range(from, to).await.unwrap();
    assert!(summary.records > 0, "{summary:?}");
    assert_eq!(lines(folder.path(), "data_access") as u64, summary.records);
    let file = files(&folder.path().join("data_access"), ".jsonl").remove(0);
    let text = std::fs::read_to_string(file).unwrap();
    let line: serde_json::Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
    assert!(
        line["file"].is_string() && line["line"] == 1 && line["record"].is_object(),
        "{line}"
    );
    assert!(export().verify(Depth::Keys).await.unwrap().is_sound());
    export().since_last(true).await.unwrap();
    assert!(lines(folder.path(), "data_access") as u64 >= summary.records);
}

#[tokio::test]
async fn tables_of_conversations_take_nothing_else() {
    let sim = sim(5).await;
    let data = data(&sim).await;
    assert_eq!(Chats::new(&data).kind().name, "chats");
    assert!(
        Chats::new(&data)
            .kind()
            .only_conversations("parquet")
            .unwrap_err()
            .message()
            .contains("chats")
    );
}
