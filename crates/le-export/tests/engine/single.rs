//! Verifying, forgetting, reading again, compaction.

use std::time::Duration;

use le_export::{Conversations, Dataset, Depth, Export, JsonLines};
use le_sim::HistoryChange;

use crate::support::*;

#[tokio::test]
async fn verify_finds_what_is_missing_and_what_is_too_much() {
    let sim = sim(800).await;
    let data = data(&sim).await;
    let folder = tempfile::tempdir().unwrap();
    let lake = || Dataset::open(folder.path().to_str().unwrap(), JsonLines::default()).unwrap();
    let (from, to) = last_days(&sim, 60);
    // A window that ends on the minute can be counted, the last one has to be compared by key.
    let export = || Export::of(Conversations::new(&data)).range(from, to).into(lake());
    export().await.unwrap();
    let sound = export().verify(Depth::Counts).await.unwrap();
    assert!(sound.is_sound() && sound.windows == 61, "{sound:?}");
    assert_eq!(
        (sound.stored, sound.service),
        (exported(folder.path()).len() as u64, sound.stored)
    );

    let file = files(&folder.path().join("conversations"), ".jsonl").remove(3);
    let text = std::fs::read_to_string(&file).unwrap();
    let mut lines: Vec<&str> = text.lines().collect();
    let gone = id(&serde_json::from_str(lines.remove(0)).unwrap());
    let invented = text.lines().next().unwrap().replace(&gone, "invented");
    lines.push(&invented);
    std::fs::write(&file, lines.join("\n") + "\n").unwrap();
    assert!(
        export().verify(Depth::Counts).await.unwrap().is_sound(),
        "the counts are the same"
    );
    let found = export().verify(Depth::Keys).await.unwrap();
    let [difference] = &found.differences[..] else {
        panic!("{found:?}")
    };
    assert_eq!(
        (&difference.missing_keys, &difference.extra_keys),
        (&vec![gone], &vec!["invented".to_owned()])
    );
    export().again(true).only([difference.window]).await.unwrap();
    assert!(export().verify(Depth::Keys).await.unwrap().is_sound());
}

#[tokio::test]
async fn a_record_can_be_forgotten_and_read_again() {
    let sim = sim(500).await;
    let data = data(&sim).await;
    let folder = tempfile::tempdir().unwrap();
    let lake = || Dataset::open(folder.path().to_str().unwrap(), JsonLines::default()).unwrap();
    let (from, to) = last_days(&sim, 60);
    let export = || Export::of(Conversations::new(&data)).range(from, to).into(lake());
    export().await.unwrap();
    let before = exported(folder.path());
    let victims: Vec<String> = before.keys().take(3).cloned().collect();

    let forgotten = export().forget([victims[0].as_str(), "unknown"]).await.unwrap();
    assert_eq!(forgotten.keys.keys().collect::<Vec<_>>(), [&victims[0]]);
    let after = exported(folder.path());
    assert_eq!(after.len() + 1, before.len());
    assert!(!after.contains_key(&victims[0]));
    // Nothing of it is left in any file.
    for file in files(folder.path(), "") {
        assert!(
            !std::fs::read_to_string(&file).unwrap().contains(&victims[0]),
            "{}",
            file.display()
        );
    }
    let manifest = export().verify(Depth::Counts).await.unwrap();
    assert_eq!(manifest.differences.len(), 1, "the manifest knows that it is gone");

    // The service overwrote one, and tells nobody; another one is gone.
    assert!(sim.control().history().change_of(&victims[1], HistoryChange::Forget));
    assert!(sim.control().history().change_of(&victims[2], HistoryChange::Remove));
    let reread = export().reread(victims.clone()).await.unwrap();
    assert!(
        reread.written.contains(&victims[0]) && reread.written.contains(&victims[1]),
        "{reread:?}"
    );
    assert!(reread.gone.contains(&victims[2]), "{reread:?}");
    let truth = truth(&data, (from, to)).await;
    let now = exported(folder.path());
    assert_same(&now, &truth);
    assert!(now[&victims[1]].to_string().contains("LP deleted data"));
    assert!(export().verify(Depth::Keys).await.unwrap().is_sound());
}

#[tokio::test]
async fn compaction_joins_the_parts_of_a_day_and_its_windows_stay_what_they_are() {
    let sim = sim(3_000).await;
    let data = data(&sim).await;
    let folder = tempfile::tempdir().unwrap();
    let lake = || Dataset::open(folder.path().to_str().unwrap(), JsonLines::default()).unwrap();
    let (from, to) = last_days(&sim, 5);
    let export = || Export::of(Conversations::new(&data)).range(from, to).into(lake());
    export()
        .window_length(Duration::from_secs(7200))
        .concurrency(8)
        .await
        .unwrap();
    let before = exported(folder.path());
    let parts = files(&folder.path().join("conversations"), ".jsonl").len();
    assert!(parts > 12);
    // Today may be too young to have any.
    let days = std::fs::read_dir(folder.path().join("conversations")).unwrap().count();
    assert!(days >= 5);
    let done = lake().compact().await.unwrap();
    assert_eq!(
        done.parts_before - done.parts_after,
        (parts - files(&folder.path().join("conversations"), ".jsonl").len()) as u64
    );
    assert_eq!(exported(folder.path()), before);
    assert_eq!(lake().files("conversations").await.unwrap().len(), days);

    // All windows are written again, at once, each into the part that it shares with others.
    export().again(true).concurrency(8).await.unwrap();
    assert_same(&exported(folder.path()), &before);
    assert_eq!(lake().files("conversations").await.unwrap().len(), days);
    assert!(export().verify(Depth::Keys).await.unwrap().is_sound());
    sim.control().history().change(HistoryChange::Arrive).unwrap();
    let later = crate::support::data(&sim).await;
    Export::of(Conversations::new(&later))
        .into(lake())
        .since_last(true)
        .await
        .unwrap();
    let now = le_core::Timestamp::from_millis(sim.clock().now_ms());
    assert_same(&exported(folder.path()), &truth(&later, (from, now)).await);
}

#[tokio::test]
async fn a_compaction_that_was_killed_is_ended_by_the_next_run() {
    let sim = sim(3_000).await;
    let data = data(&sim).await;
    let folder = tempfile::tempdir().unwrap();
    let lake = || Dataset::open(folder.path().to_str().unwrap(), JsonLines::default()).unwrap();
    let (from, to) = last_days(&sim, 3);
    let export = || Export::of(Conversations::new(&data)).range(from, to).into(lake());
    export().window_length(Duration::from_secs(7200)).await.unwrap();
    let before = exported(folder.path());
    // The state that a kill leaves between the joined part and the removal of the old ones.
    let days = std::fs::read_dir(folder.path().join("conversations")).unwrap();
    let days = days.map(|day| day.unwrap());
    let busiest = days.max_by_key(|day| files(&day.path(), ".jsonl").len()).unwrap();
    let day = busiest.file_name().into_string().unwrap();
    let old = files(&busiest.path(), ".jsonl");
    assert!(old.len() > 1);
    let windows: Vec<String> = old
        .iter()
        .map(|file| {
            file.file_stem()
                .unwrap()
                .to_str()
                .unwrap()
                .strip_prefix("part-")
                .unwrap()
                .to_owned()
        })
        .collect();
    let into = format!(
        "{}_{}",
        windows[0].split('_').next().unwrap(),
        windows.last().unwrap().split('_').nth(1).unwrap()
    );
    let joined: String = old.iter().map(|file| std::fs::read_to_string(file).unwrap()).collect();
    std::fs::write(old[0].with_file_name(format!("part-{into}.jsonl")), joined).unwrap();
    let intents = folder.path().join("_export/compacting");
    std::fs::create_dir_all(&intents).unwrap();
    let intent = serde_json::json!({ "into": into, "from": windows });
    std::fs::write(intents.join(format!("{}.json", &day[5..])), intent.to_string()).unwrap();
    export().await.unwrap();
    assert_eq!(exported(folder.path()), before);
    assert_eq!(std::fs::read_dir(intents).unwrap().count(), 0);
}
