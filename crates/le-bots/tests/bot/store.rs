use std::sync::Arc;

use le_bots::store::{Batch, Durability, FileStore, MemoryStore, Store};
use le_core::ErrorKind;

use crate::child::{self, Process};

/// What every store must do.
async fn behaves(store: &dyn Store) {
    assert_eq!(store.get("a/1").await.unwrap(), None);
    store
        .write(Batch::new().put("a/1", "one").put("a/2", "two").put("b/1", "three"))
        .await
        .unwrap();
    assert_eq!(store.get("a/2").await.unwrap().as_deref(), Some(&b"two"[..]));
    let keys = async |prefix: &str| {
        let found = store.scan(prefix).await.unwrap();
        found.into_iter().map(|(key, _)| key.into_string()).collect::<Vec<_>>()
    };
    assert_eq!(keys("a/").await, ["a/1", "a/2"]);
    assert_eq!(keys("").await, ["a/1", "a/2", "b/1"]);
    // Of several changes of a key the last counts.
    store
        .write(
            Batch::new()
                .put("a/1", "x")
                .delete("a/1")
                .delete("nothing")
                .put("a/2", "2"),
        )
        .await
        .unwrap();
    assert_eq!(keys("a/").await, ["a/2"]);

    store
        .write(Batch::new().fence("z/fence", 7).put("c", "seven"))
        .await
        .unwrap();
    store
        .write(Batch::new().fence("z/fence", 7).put("c", "again"))
        .await
        .unwrap();
    let refused = store
        .write(Batch::new().fence("z/fence", 6).put("c", "six").put("d", "six"))
        .await
        .unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Authorization);
    assert!(refused.to_string().contains("fence 7"), "{refused}");
    assert_eq!(store.get("c").await.unwrap().as_deref(), Some(&b"again"[..]));
    assert_eq!(store.get("d").await.unwrap(), None);
}

#[tokio::test]
async fn a_store_in_memory_behaves() {
    behaves(&MemoryStore::new()).await;
}

#[tokio::test]
async fn a_store_in_a_file_behaves_and_keeps_what_it_was_given() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("deep/bot.redb");
    for durability in [Durability::Machine, Durability::Process] {
        let store = FileStore::builder(&path).durability(durability).open().unwrap();
        behaves(&store).await;
        let second = FileStore::open(&path).unwrap_err();
        assert_eq!(second.kind(), ErrorKind::Configuration);
        assert!(second.to_string().contains("another process"), "{second}");
        drop(store);
        let store = FileStore::open(&path).unwrap();
        assert_eq!(store.get("c").await.unwrap().as_deref(), Some(&b"again"[..]));
        let all = store.scan("").await.unwrap().into_iter();
        store
            .write(all.fold(Batch::new(), |batch, (key, _)| batch.delete(key)))
            .await
            .unwrap();
    }
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_reads_the_file() {
    use std::os::unix::fs::PermissionsExt as _;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("bot.redb");
    let _store = FileStore::open(&path).unwrap();
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_writers_share_few_flushes_and_lose_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let store = Arc::new(FileStore::open(directory.path().join("bot.redb")).unwrap());
    let writers = (0..200).map(|writer| {
        let store = Arc::clone(&store);
        tokio::spawn(async move {
            for turn in 0..5 {
                store
                    .write(Batch::new().put(format!("{writer:03}/{turn}"), vec![0; 100]))
                    .await
                    .unwrap();
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    assert_eq!(store.scan("").await.unwrap().len(), 1000);
}

/// Writes pairs until it is killed, and says after each one that it is safe.
#[tokio::main(flavor = "current_thread")]
async fn write_until_killed(path: &str, durability: Durability) {
    let store = FileStore::builder(path).durability(durability).open().unwrap();
    for number in 0_u64.. {
        let value = number.to_string();
        store
            .write(Batch::new().put("left", value.clone()).put("right", value.clone()))
            .await
            .unwrap();
        println!("written {number}");
    }
}

/// A process is killed in the middle of writing, again and again: what it was told to be written is there, and never half a batch.
fn survives_kill(test: &str, durability: Durability) {
    if let Some(arguments) = child::plays("writer") {
        return write_until_killed(&arguments[0], durability);
    }
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("bot.redb");
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    for round in 1..6_u64 {
        let mut writer = Process::start(test, "writer", &[path.to_str().unwrap()]);
        let mut last = 0;
        for _ in 0..round * 7 {
            last = writer.next("written").unwrap().parse().unwrap();
        }
        writer.kill();
        // What it still said before it died counts, too.
        while let Some(number) = writer.next("written") {
            last = number.parse().unwrap();
        }
        let store = FileStore::open(&path).unwrap();
        let read = |key| runtime.block_on(store.get(key)).unwrap().unwrap();
        let (left, right) = (read("left"), read("right"));
        assert_eq!(left, right, "half a batch was written");
        let kept: u64 = std::str::from_utf8(&left).unwrap().parse().unwrap();
        assert!(kept >= last, "{kept} was kept of {last}");
    }
}

#[test]
fn what_was_written_survives_kill_9() {
    survives_kill("store::what_was_written_survives_kill_9", Durability::Machine);
}

#[test]
fn what_was_written_without_flush_survives_kill_9() {
    survives_kill(
        "store::what_was_written_without_flush_survives_kill_9",
        Durability::Process,
    );
}

/// A bot with no store named, and a second one for the same user.
#[tokio::main(flavor = "current_thread")]
async fn run_twice_by_default() {
    use le_bots::bot::BotRunner;
    let stage = crate::support::Stage::new().await.unwrap();
    let connector = || async { stage.connector(stage.agent(stage.skill(0), 0)).await.unwrap() };
    let bot = BotRunner::new(crate::parrot::Parrot::default(), connector().await)
        .run()
        .await
        .unwrap();
    crate::parrot::online(&bot).await;
    let second = BotRunner::new(crate::parrot::Parrot::default(), connector().await)
        .run()
        .await;
    println!("\nsecond {}", second.unwrap_err());
}

#[test]
fn a_bot_without_a_store_of_its_own_keeps_its_state_in_a_file_named_after_it() {
    const TEST: &str = "store::a_bot_without_a_store_of_its_own_keeps_its_state_in_a_file_named_after_it";
    if child::plays("default").is_some() {
        return run_twice_by_default();
    }
    let directory = tempfile::tempdir().unwrap();
    let variables = [("LE_STATE_DIR", directory.path().to_str().unwrap())];
    let mut bot = Process::start_with(TEST, "default", &[], &variables);
    let refused = bot.next("second").unwrap();
    assert!(refused.contains("another process has the store"), "{refused}");
    let files: Vec<_> = std::fs::read_dir(directory.path())
        .unwrap()
        .map(|file| file.unwrap().file_name())
        .collect();
    assert_eq!(files.len(), 1);
    assert!(files[0].to_str().unwrap().ends_with(".redb"), "{files:?}");
}
