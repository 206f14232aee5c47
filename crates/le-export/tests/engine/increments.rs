//! What changed since the last run.

use le_core::Timestamp;
use le_export::{Conversations, Dataset, Export, JsonLines, Redaction};
use le_sim::{HistoryChange, Sim};

use crate::support::*;

async fn everything(sim: &Sim, from: Timestamp) -> std::collections::BTreeMap<String, serde_json::Value> {
    let data = data(sim).await;
    truth(&data, (from, Timestamp::from_millis(sim.clock().now_ms()))).await
}

#[tokio::test]
async fn a_conversation_that_closes_and_is_answered_after_it_was_exported_is_replaced() {
    let sim = sim(1_200).await;
    let folder = tempfile::tempdir().unwrap();
    let lake = || Dataset::open(folder.path().to_str().unwrap(), JsonLines::default()).unwrap();
    let (from, to) = last_days(&sim, 200);
    let first = data(&sim).await;
    Export::of(Conversations::new(&first))
        .range(from, to)
        .into(lake())
        .await
        .unwrap();

    let history = sim.control().history();
    let closed = history.change(HistoryChange::Close).unwrap();
    assert!(history.change_of(&closed, HistoryChange::AnswerSurvey));
    let answered = history.change(HistoryChange::AnswerSurvey).unwrap();
    let touched = history.change(HistoryChange::Touch).unwrap();
    let arrived = history.change(HistoryChange::Arrive).unwrap();
    let before = exported(folder.path());
    assert!(!before.contains_key(&arrived));

    let second = data(&sim).await;
    let summary = Export::of(Conversations::new(&second))
        .into(lake())
        .since_last(true)
        .await
        .unwrap();
    let truth = everything(&sim, from).await;
    let after = exported(folder.path());
    assert_same(&after, &truth);
    for id in [&closed, &answered, &touched]
        .into_iter()
        .filter(|id| truth.contains_key(*id))
    {
        assert_eq!(after[id], truth[id], "{id} is the newest version");
        assert_ne!(before.get(id), after.get(id));
    }
    assert_eq!(after[&closed]["info"]["status"], "CLOSE");
    let changes = summary.changes.unwrap();
    assert!(changes.merged >= 4 && changes.windows >= 2, "{changes:?}");
    assert!(changes.merged < 200, "not everything is read again: {changes:?}");

    // The counts of the manifest follow.
    let manifest = std::fs::read_to_string(folder.path().join("_export/manifest.json")).unwrap();
    let manifest: le_export::Manifest = serde_json::from_str(&manifest).unwrap();
    assert_eq!(manifest.records, truth.len() as u64);
    assert_eq!(manifest.bookmark, summary.bookmark);
    // Nothing happened since: the overlap is merged once more, and nothing is there twice.
    Export::of(Conversations::new(&second))
        .into(lake())
        .since_last(true)
        .await
        .unwrap();
    assert_same(&exported(folder.path()), &everything(&sim, from).await);
}

#[tokio::test]
async fn a_first_incremental_run_is_a_full_load_of_its_range() {
    let sim = sim(200).await;
    let data = data(&sim).await;
    let folder = tempfile::tempdir().unwrap();
    let lake = || Dataset::open(folder.path().to_str().unwrap(), JsonLines::default()).unwrap();
    let (from, to) = last_days(&sim, 30);
    let unknown = Export::of(Conversations::new(&data))
        .into(lake())
        .since_last(true)
        .await
        .unwrap_err();
    assert!(unknown.to_string().contains("no range"), "{unknown}");
    let summary = Export::of(Conversations::new(&data))
        .range(from, to)
        .into(lake())
        .since_last(true)
        .await
        .unwrap();
    assert!(summary.changes.is_none() && summary.bookmark.is_some());
    assert_same(&exported(folder.path()), &truth(&data, (from, to)).await);
}

#[tokio::test]
async fn an_interrupted_load_is_completed_by_an_increment_and_changes_before_it_are_found() {
    let sim = sim(600).await;
    let data = data(&sim).await;
    let folder = tempfile::tempdir().unwrap();
    let lake = || Dataset::open(folder.path().to_str().unwrap(), JsonLines::default()).unwrap();
    let (from, to) = last_days(&sim, 60);
    let plan = Export::of(Conversations::new(&data))
        .range(from, to)
        .into(lake())
        .plan()
        .await
        .unwrap();
    // Only some windows are done, by name, as schedulers do it.
    let some: Vec<_> = plan.windows.iter().rev().step_by(2).copied().collect();
    Export::of(Conversations::new(&data))
        .only(some.clone())
        .into(lake())
        .await
        .unwrap();
    let history = sim.control().history();
    while history.change(HistoryChange::Close).is_some() {}
    let summary = Export::of(Conversations::new(&data))
        .range(from, to)
        .into(lake())
        .since_last(true)
        .await
        .unwrap();
    assert_eq!(summary.windows.skipped, some.len() as u64);
    let now = Timestamp::from_millis(sim.clock().now_ms());
    let (exported, truth) = (exported(folder.path()), truth(&data, (from, now)).await);
    assert_same(&exported, &truth);
    assert!(exported.values().all(|record| record["info"]["status"] == "CLOSE"));
}

#[tokio::test]
async fn redaction_happens_before_anything_is_written_also_in_increments() {
    let sim = sim(300).await;
    let data = data(&sim).await;
    let folder = tempfile::tempdir().unwrap();
    let lake = || Dataset::open(folder.path().to_str().unwrap(), JsonLines::default()).unwrap();
    let (from, to) = last_days(&sim, 100);
    let rules = || {
        let rules = Redaction::new().drop("consumerParticipants.email").unwrap();
        let rules = rules.hash("consumerParticipants.participantId").unwrap();
        let rules = rules
            .mask("messageRecords.messageData.msg.text", r"(?s)^.*$", "[text]")
            .unwrap();
        rules.key(le_core::Secret::new("k"))
    };
    let export = || Export::of(Conversations::new(&data)).into(lake()).redact(rules());
    export().range(from, to).await.unwrap();
    sim.control().history().change(HistoryChange::Say).unwrap();
    export().since_last(true).await.unwrap();
    let truth = truth(&data, (from, Timestamp::from_millis(sim.clock().now_ms()))).await;
    let exported = exported(folder.path());
    assert_same(&exported, &truth);
    let mut texts = 0;
    for (id, record) in &exported {
        for message in record["messageRecords"].as_array().into_iter().flatten() {
            let text = &message["messageData"]["msg"]["text"];
            texts += usize::from(text.is_string());
            assert!(text.is_null() || text == "[text]" || text == "", "{text}");
        }
        let consumer = &record["consumerParticipants"][0];
        assert!(consumer["email"].is_null());
        if let Some(hash) = consumer["participantId"].as_str() {
            assert!(hash.len() == 32 && hash != truth[id]["consumerParticipants"][0]["participantId"]);
        }
    }
    assert!(texts > 100);
}
