//! Bad input and faults of the service, one by one.

use std::time::Duration;

use le_core::{ErrorKind, Timestamp};
use le_export::{Conversations, Dataset, Export, JsonLines, RunOutcome};
use le_sim::{FaultAction, FaultBody, FaultPlan, FaultRule, HistoryChange, Sim};

use crate::support::*;

fn rule(action: FaultAction) -> FaultRule {
    FaultRule::new(action).route(SEARCH)
}

async fn faulty(conversations: usize, rules: impl IntoIterator<Item = FaultRule>) -> Sim {
    let plan = rules.into_iter().fold(FaultPlan::new(7), FaultPlan::with);
    let sim = Sim::builder()
        .account("70011223")
        .conversations(conversations)
        .faults(plan);
    sim.start().await.unwrap()
}

struct Lake(tempfile::TempDir);

impl Lake {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> std::path::PathBuf {
        self.0.path().join("lake")
    }

    fn open(&self) -> Dataset {
        Dataset::open(self.path().to_str().unwrap(), JsonLines::default()).unwrap()
    }
}

#[tokio::test]
async fn ranges_that_are_reversed_too_long_or_in_the_future_are_refused_with_the_rule() {
    let sim = sim(5).await;
    let data = data(&sim).await;
    let now = Timestamp::from_millis(sim.clock().now_ms());
    let lake = Lake::new();
    let export = |from, to| Export::of(Conversations::new(&data)).range(from, to).into(lake.open());
    for (from, to, part) in [
        (now, now - DAY, "ends"),
        (now + DAY, now + DAY * 2, "in the future"),
        (now - DAY * 400, now, "keeps 396 days"),
    ] {
        let error = export(from, to).await.unwrap_err();
        assert_eq!(error.error().kind(), ErrorKind::Validation);
        assert!(
            error.to_string().contains(part) && error.error().advice().is_some(),
            "{error}"
        );
        assert_eq!(error.summary().outcome, RunOutcome::Failed);
    }
    let no_range = Export::of(Conversations::new(&data))
        .into(lake.open())
        .await
        .unwrap_err();
    assert!(no_range.to_string().contains("no range"), "{no_range}");
    let odd_window = export(now - DAY, now)
        .window_length(Duration::from_secs(61))
        .await
        .unwrap_err();
    assert!(odd_window.to_string().contains("10 minutes"), "{odd_window}");
    let short_overlap = export(now - DAY, now)
        .since_last(true)
        .overlap(DAY / 100)
        .await
        .unwrap_err();
    assert!(short_overlap.to_string().contains("30 minutes"), "{short_overlap}");
    assert!(!lake.path().join("_export/windows").exists(), "nothing was begun");
    // An end in the future is now.
    let capped = export(now - DAY, now + DAY * 30).await.unwrap();
    assert!(capped.bookmark.is_some_and(|bookmark| bookmark < now + DAY));
}

#[tokio::test]
async fn another_content_type_is_read_as_what_it_is() {
    let strange = FaultAction::ContentType {
        value: "application/x-unknown".to_owned(),
    };
    let sim = faulty(200, [rule(strange)]).await;
    let data = data(&sim).await;
    let range = last_days(&sim, 30);
    let lake = Lake::new();
    let summary = Export::of(Conversations::new(&data))
        .range(range.0, range.1)
        .into(lake.open())
        .await
        .unwrap();
    assert_same(&exported(&lake.path()), &truth(&data, range).await);
    assert!(summary.is_clean());
}

#[tokio::test]
async fn a_broken_record_among_good_ones_is_kept_counted_and_told() {
    let sim = faulty(600, [rule(FaultAction::BrokenRecord { index: 0 }).max(3)]).await;
    let data = data(&sim).await;
    let range = last_days(&sim, 30);
    let lake = Lake::new();
    let summary = Export::of(Conversations::new(&data))
        .range(range.0, range.1)
        .into(lake.open())
        .await
        .unwrap();
    let truth = truth(&data, range).await;
    let broken = summary.broken;
    assert!((1..=3).contains(&broken) && !summary.is_clean(), "{summary:?}");
    assert_eq!(summary.outcome, RunOutcome::Finished);
    assert_eq!(exported(&lake.path()).len() as u64 + broken, truth.len() as u64);
    let lines: Vec<serde_json::Value> = files(&lake.path().join("broken"), ".jsonl")
        .iter()
        .flat_map(|file| {
            std::fs::read_to_string(file)
                .unwrap()
                .lines()
                .map(str::to_owned)
                .collect::<Vec<_>>()
        })
        .map(|line| serde_json::from_str(&line).unwrap())
        .collect();
    assert_eq!(lines.len() as u64, broken);
    assert!(
        lines
            .iter()
            .all(|line| line["reason"].as_str().unwrap().contains("conversationId"))
    );
    // Read again without the fault, the window has them.
    let again = Export::of(Conversations::new(&data))
        .range(range.0, range.1)
        .into(lake.open())
        .again(true);
    assert!(again.await.unwrap().is_clean());
    assert_same(&exported(&lake.path()), &truth);
    assert!(files(&lake.path().join("broken"), ".jsonl").is_empty());
}

#[tokio::test]
async fn partial_shards_for_ever_fail_their_window_and_no_other() {
    let partial = FaultAction::PartialShards { failed: 1, total: 4 };
    // A window is asked for four times, begun anew twice, and three of them are under way at most.
    let sim = faulty(900, [rule(partial).first(24)]).await;
    let data = data(&sim).await;
    let range = last_days(&sim, 12);
    let lake = Lake::new();
    let export = || {
        Export::of(Conversations::new(&data))
            .range(range.0, range.1)
            .into(lake.open())
            .concurrency(1)
    };
    let error = export().await.unwrap_err();
    let windows = &error.summary().windows;
    assert!(!windows.failed.is_empty() && windows.done > 5, "{windows:?}");
    assert!(
        windows.failed.iter().all(|failed| failed.error.contains("partial")),
        "{windows:?}"
    );
    assert_eq!(error.summary().bookmark, None, "an incomplete load has no bookmark");
    let missing = windows.failed.len() as u64;
    let rest = export().await.unwrap();
    assert_eq!((rest.windows.planned, rest.windows.done), (missing, missing));
    assert_same(&exported(&lake.path()), &truth(&data, range).await);
}

#[tokio::test]
async fn deep_pages_that_fail_with_0007_are_avoided_by_smaller_windows() {
    let sim = sim(4_000).await;
    sim.control()
        .adjust(|behaviour| behaviour.history.deepest_record = Some(8));
    let data = data(&sim).await;
    let range = last_days(&sim, 6);
    let lake = Lake::new();
    let source = Conversations::new(&data).search(|search| search.limit(4));
    let summary = Export::of(source)
        .range(range.0, range.1)
        .into(lake.open())
        .await
        .unwrap();
    sim.control()
        .adjust(|behaviour| behaviour.history.deepest_record = None);
    let truth = truth(&data, range).await;
    assert!(truth.len() > 40);
    assert_same(&exported(&lake.path()), &truth);
    assert_eq!(summary.windows.done, 7);
}

#[tokio::test]
async fn a_result_that_moves_between_pages_loses_nothing() {
    let change = |change, every| rule(FaultAction::ChangeHistory { change, count: 1 }).every(every);
    let sim = faulty(
        3_000,
        [
            change(HistoryChange::Remove, 5),
            change(HistoryChange::Say, 4),
            change(HistoryChange::Close, 9),
            change(HistoryChange::Arrive, 7),
        ],
    )
    .await;
    let data = data(&sim).await;
    let range = last_days(&sim, 20);
    let lake = Lake::new();
    let source = || Conversations::new(&data).search(|search| search.limit(3));
    Export::of(source())
        .range(range.0, range.1)
        .into(lake.open())
        .concurrency(4)
        .await
        .unwrap();
    sim.control().clear_faults();
    // What arrived in windows that had been read is found by the next increment.
    Export::of(source()).into(lake.open()).since_last(true).await.unwrap();
    let now = (range.0, Timestamp::from_millis(sim.clock().now_ms()));
    let (exported, truth) = (exported(&lake.path()), truth(&data, now).await);
    let lost: Vec<_> = ids(&truth).difference(&ids(&exported)).cloned().collect();
    assert!(lost.is_empty(), "{lost:?}");
}

#[tokio::test]
async fn records_that_come_in_two_windows_are_written_in_one() {
    let sim = sim(3_000).await;
    let data = data(&sim).await;
    let range = last_days(&sim, 4);
    let lake = Lake::new();
    let export = Export::of(Conversations::new(&data))
        .range(range.0, range.1)
        .into(lake.open());
    // The service rounds to ten minutes, so windows of 25 minutes overlap in what comes.
    let summary = export
        .window_length(Duration::from_secs(1500))
        .concurrency(8)
        .await
        .unwrap();
    assert!(summary.outside > 0, "{summary:?}");
    assert_same(&exported(&lake.path()), &truth(&data, range).await);
}

#[tokio::test]
async fn incomplete_records_are_read_again_by_their_id() {
    let sim = faulty(900, [rule(FaultAction::PartialRecord { index: 0 }).every(2)]).await;
    let data = data(&sim).await;
    let range = last_days(&sim, 15);
    let lake = Lake::new();
    let summary = Export::of(Conversations::new(&data))
        .range(range.0, range.1)
        .into(lake.open())
        .await
        .unwrap();
    assert!(summary.refetched > 0 && summary.still_partial == 0, "{summary:?}");
    let exported = exported(&lake.path());
    assert!(exported.values().all(|record| record["info"]["isPartial"] != true));
    assert!(exported.values().all(|record| !record["messageRecords"].is_null()));
    sim.control().clear_faults();
    assert_same(&exported, &truth(&data, range).await);
}

#[tokio::test]
async fn refusals_and_failures_slow_the_export_down_and_do_not_end_it() {
    let sim = faulty(
        1_500,
        [
            rule(FaultAction::status(429)).every(6),
            rule(FaultAction::status(503)).every(11),
            rule(FaultAction::ResetAfterBody).every(17),
            rule(FaultAction::Status {
                status: 502,
                body: FaultBody::Html,
                retry_after: None,
            })
            .every(19),
        ],
    )
    .await;
    let data = data(&sim).await;
    let range = last_days(&sim, 60);
    let lake = Lake::new();
    let export = Export::of(Conversations::new(&data))
        .range(range.0, range.1)
        .into(lake.open());
    let summary = export.concurrency(6).await.unwrap();
    assert!(summary.refused > 3 && summary.concurrency <= 6, "{summary:?}");
    sim.control().clear_faults();
    assert_same(&exported(&lake.path()), &truth(&data, range).await);
}

#[tokio::test]
async fn a_credential_that_is_refused_ends_the_run_at_once_and_the_next_goes_on() {
    let sim = faulty(900, [rule(FaultAction::status(403)).nth(9)]).await;
    let data = data(&sim).await;
    let range = last_days(&sim, 30);
    let lake = Lake::new();
    let export = || {
        Export::of(Conversations::new(&data))
            .range(range.0, range.1)
            .into(lake.open())
            .concurrency(2)
    };
    let error = export().await.unwrap_err();
    assert_eq!(error.error().kind(), ErrorKind::Authorization);
    let done = error.summary().windows.done;
    assert!((5..31).contains(&done), "{error}");
    let before = sim.control().requests_to(SEARCH);
    let rest = export().await.unwrap();
    assert_eq!(rest.windows.skipped, done);
    assert!(
        sim.control().requests_to(SEARCH) - before <= 31 - done + 2,
        "only what was missing is read"
    );
    assert_same(&exported(&lake.path()), &truth(&data, range).await);
}

#[tokio::test]
async fn a_second_export_into_the_same_place_is_refused_and_told_who_has_it() {
    let sim = faulty(300, [rule(FaultAction::Delay { ms: 20 })]).await;
    let data = data(&sim).await;
    let range = last_days(&sim, 30);
    let lake = Lake::new();
    let export = || {
        Export::of(Conversations::new(&data))
            .range(range.0, range.1)
            .into(lake.open())
    };
    let (sender, begun) = tokio::sync::oneshot::channel();
    let mut sender = Some(sender);
    let first = export().on_progress(move |now| {
        if now.pages > 0
            && let Some(sender) = sender.take()
        {
            sender.send(()).unwrap();
        }
    });
    let first = tokio::spawn(first.run());
    begun.await.unwrap();
    let refused = export().await.unwrap_err();
    let own = format!("process {}", std::process::id());
    assert!(
        refused.to_string().contains("in use by") && refused.to_string().contains(&own),
        "{refused}"
    );
    assert!(
        lake.open()
            .compact()
            .await
            .unwrap_err()
            .to_string()
            .contains("in use by")
    );
    assert!(first.await.unwrap().unwrap().is_clean());
}

#[tokio::test]
async fn an_export_of_something_else_into_the_same_place_is_refused() {
    let sim = sim(30).await;
    let data = data(&sim).await;
    let range = last_days(&sim, 3);
    let lake = Lake::new();
    let export = |source: Conversations| Export::of(source).range(range.0, range.1);
    export(Conversations::new(&data)).into(lake.open()).await.unwrap();
    let other_filter = export(Conversations::new(&data).search(|search| search.skill(7))).into(lake.open());
    assert!(other_filter.await.unwrap_err().to_string().contains("other filters"));
    let rules = le_export::Redaction::new().drop("monitoring").unwrap();
    let other_rules = export(Conversations::new(&data)).into(lake.open()).redact(rules);
    assert!(
        other_rules
            .await
            .unwrap_err()
            .to_string()
            .contains("other redaction rules")
    );
    let gzip = Dataset::open(
        lake.path().to_str().unwrap(),
        JsonLines::new(le_export::Compression::Gzip),
    )
    .unwrap();
    let other_format = export(Conversations::new(&data)).into(gzip).await.unwrap_err();
    assert!(other_format.to_string().contains("other format"), "{other_format}");
}

#[tokio::test]
async fn a_cancelled_export_keeps_what_is_done() {
    let sim = faulty(600, [rule(FaultAction::Delay { ms: 5 })]).await;
    let data = data(&sim).await;
    let range = last_days(&sim, 60);
    let lake = Lake::new();
    let export = || {
        Export::of(Conversations::new(&data))
            .range(range.0, range.1)
            .into(lake.open())
    };
    let (sender, stop) = tokio::sync::oneshot::channel();
    let mut sender = Some(sender);
    let cancelled = export()
        .on_progress(move |now| {
            if now.windows_done == 10
                && let Some(sender) = sender.take()
            {
                sender.send(()).unwrap();
            }
        })
        .cancel_on(async { stop.await.unwrap() });
    let summary = cancelled.await.unwrap();
    assert_eq!(summary.outcome, RunOutcome::Cancelled);
    assert!((10..61).contains(&summary.windows.done), "{summary:?}");
    let rest = export().await.unwrap();
    assert!(rest.windows.skipped >= summary.windows.done);
    assert_same(&exported(&lake.path()), &truth(&data, range).await);
}
