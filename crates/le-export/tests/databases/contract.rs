//! What every database keeps.

use std::collections::BTreeSet;

use futures_util::TryStreamExt as _;
use le_core::wire::RawRecord;
use le_export::state::{Claim, Holder};
use le_export::{Broken, Destination, Entry, Mode};

use crate::support::{record, records, window, write};

async fn keys(of: &dyn Destination, day: u32) -> BTreeSet<String> {
    of.keys(&window(day)).await.unwrap().try_collect().await.unwrap()
}

fn named(day: u32, numbers: impl IntoIterator<Item = usize>) -> BTreeSet<String> {
    numbers.into_iter().map(|number| format!("c-{day}-{number}")).collect()
}

/// Windows are replaced and merged as a whole; rows go with their record.
pub(crate) async fn windows(to: &dyn Destination) {
    for _ in 0..2 {
        let counts = write(to, 5, Mode::Replace, records(5, 20)).await;
        assert_eq!((counts.records, counts.broken), (20, 0));
        assert_eq!(counts.rows["conversations"], 20);
        assert_eq!(counts.rows["messages"], (0..20).map(|number| number % 4).sum::<u64>());
        assert_eq!(counts.rows["participants"], 20);
    }
    write(to, 6, Mode::Replace, records(6, 3)).await;
    let fewer = write(to, 5, Mode::Replace, records(5, 4)).await;
    assert_eq!((fewer.records, fewer.rows["messages"]), (4, 6));
    assert_eq!(keys(to, 6).await, named(6, 0..3), "the neighbour stays");

    let newer = vec![record(5, 3, 9), record(5, 7, 1), record(5, 3, 1)];
    let merged = write(to, 5, Mode::Merge, newer).await;
    assert_eq!(keys(to, 5).await, named(5, [0, 1, 2, 3, 7]));
    assert_eq!(merged.records, 5);
    assert_eq!(
        merged.rows["messages"],
        1 + 2 + 1 + 1,
        "of two with one key, the last stays, with its rows alone"
    );

    let mut dropped = to.begin(&window(5), Mode::Replace).await.unwrap();
    dropped.write(records(5, 1)).await.unwrap();
    drop(dropped);
    assert_eq!(keys(to, 5).await.len(), 5, "what is not committed leaves no trace");
    to.finish().await.unwrap();
}

/// What cannot be read is kept as text, once, and what is to be forgotten is gone from everywhere.
pub(crate) async fn broken_and_forgotten(to: &dyn Destination) {
    for mode in [Mode::Replace, Mode::Merge, Mode::Merge] {
        let mut writer = to.begin(&window(8), mode).await.unwrap();
        writer.write(records(8, 2)).await.unwrap();
        let raw = RawRecord::new(r#"{"odd":"c-8-9"}"#).unwrap();
        writer
            .keep_broken(vec![Broken::new("the record has no key", raw)])
            .await
            .unwrap();
        let counts = writer.commit().await.unwrap();
        assert_eq!((counts.records, counts.broken), (2, 1));
    }
    let forgotten = to.forget(&named(8, [1, 9, 77])).await.unwrap();
    assert_eq!(
        forgotten.keys.keys().cloned().collect::<BTreeSet<_>>(),
        named(8, [1, 9])
    );
    assert_eq!(forgotten.keys["c-8-1"], record(8, 1, 0).start);
    assert_eq!(keys(to, 8).await, named(8, [0]));
    assert!(to.forget(&named(8, [1, 9])).await.unwrap().keys.is_empty());
}

/// Several windows at one time do not disturb each other.
pub(crate) async fn at_one_time(to: &dyn Destination) {
    let days = [10, 11, 12, 13];
    let all = days.map(|day| write(to, day, Mode::Replace, records(day, 50)));
    for counts in futures_util::future::join_all(all).await {
        assert_eq!(counts.records, 50);
    }
    for day in days {
        assert_eq!(keys(to, day).await, named(day, 0..50));
    }
}

/// A record without a start belongs to the window that it came in.
pub(crate) async fn without_start(to: &dyn Destination) {
    let raw = RawRecord::new(r#"{"info":{"conversationId":"c-14-0"}}"#).unwrap();
    write(to, 14, Mode::Replace, vec![Entry::new("c-14-0", None, raw)]).await;
    assert_eq!(keys(to, 14).await, named(14, [0]));
    write(to, 14, Mode::Replace, Vec::new()).await;
    assert!(keys(to, 14).await.is_empty());
}

/// The export's own state: texts by name, and locks that one holder has.
pub(crate) async fn state(to: &dyn Destination) {
    let state = to.state();
    assert_eq!(state.get("windows/a.json").await.unwrap(), None);
    for (name, text) in [
        ("windows/a.json", "1"),
        ("windows/b.json", "é"),
        ("windows/a.json", "2"),
        ("other.json", "3"),
    ] {
        state.put(name, text.to_owned()).await.unwrap();
    }
    assert_eq!(state.get("windows/a.json").await.unwrap().as_deref(), Some("2"));
    assert_eq!(
        state.list("windows").await.unwrap(),
        ["windows/a.json", "windows/b.json"]
    );
    state.remove("windows/a.json").await.unwrap();
    state.remove("windows/a.json").await.unwrap();
    assert_eq!(state.list("windows").await.unwrap(), ["windows/b.json"]);

    let Claim::Held(guard) = state.lock("run", &Holder::here("first")).await.unwrap() else {
        panic!("it is free")
    };
    assert!(guard.is_held());
    match to.state().lock("run", &Holder::here("second")).await.unwrap() {
        Claim::Taken(Some(holder)) => assert_eq!(holder.run, "first"),
        other => panic!("{other:?}"),
    }
    assert!(matches!(
        state.lock("other", &Holder::here("second")).await.unwrap(),
        Claim::Held(_)
    ));
    drop(guard);
    // A server takes a moment to notice that a connection is gone.
    for attempt in 0.. {
        match state.lock("run", &Holder::here("third")).await.unwrap() {
            Claim::Held(_) => break,
            Claim::Taken(_) => assert!(attempt < 200, "the lock was not given back"),
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}
