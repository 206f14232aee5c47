//! Several processes, as far as one can play them: fleets that share nothing but the directory of leases.

use std::sync::Arc;
use std::time::{Duration, Instant};

use le_bots::bot::Shutdown;
use le_bots::fleet::lease::{FileLeases, Grant, LeaseTimes, Leases as _};
use le_bots::fleet::{BotState, Fleet};
use le_bots::store::{MemoryStore, Store};
use le_sim::account::User;

use crate::stage::{Stage, hasty, online, until};

fn fleet(directory: &std::path::Path) -> Fleet {
    let leases = FileLeases::open(directory).unwrap();
    hasty()
        .leases(Arc::new(leases))
        .lease_times(LeaseTimes::new(Duration::from_secs(1)))
        .scope("70011223")
        .build()
}

/// Both fleets could run all users; stores are shared, as a database would be.
fn join(stage: &Stage, fleet: &Fleet, stores: &[Arc<dyn Store>], users: &[User]) {
    for (user, store) in users.iter().zip(stores) {
        fleet.add(stage.bot_with(user, Arc::clone(store))).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bot_user_is_in_one_process_at_a_time_and_moves_when_that_ends() {
    let stage = Stage::new(4).await;
    let directory = tempfile::tempdir().unwrap();
    let (users, stores) = (stage.users(), stores(4));
    let (one, two) = (fleet(directory.path()), fleet(directory.path()));
    join(&stage, &one, &stores, &users);
    online(&one, 4).await;
    join(&stage, &two, &stores, &users);
    let consumers = stage.converse(8, "one").await;
    until("the second one has seen that they are elsewhere", || {
        two.health().count(BotState::Elsewhere) == 4
    })
    .await;
    assert_eq!((one.health().online, two.health().online), (4, 0));
    assert!(users.iter().all(|user| stage.logins(user) == 1));
    let before: Vec<_> = one.health().bots.iter().filter_map(|bot| bot.fence).collect();

    let begun = Instant::now();
    one.shutdown(Shutdown::Keep).await;
    online(&two, 4).await;
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    for consumer in &consumers {
        stage.says(consumer, "two").await;
    }
    assert!(
        users.iter().all(|user| stage.logins(user) == 2),
        "one login for each move"
    );
    let after: Vec<_> = two.health().bots.iter().filter_map(|bot| bot.fence).collect();
    assert!(before.iter().zip(&after).all(|(before, after)| after > before));
    two.shutdown(Shutdown::Keep).await;
    stage.sim.stop().await;
}

#[tokio::test]
async fn a_bot_that_loses_its_lease_ends_and_writes_nothing_more() {
    let stage = Stage::new(1).await;
    let directory = tempfile::tempdir().unwrap();
    let (users, stores) = (stage.users(), stores(1));
    let (one, two) = (fleet(directory.path()), fleet(directory.path()));
    join(&stage, &one, &stores, &users);
    online(&one, 1).await;
    let consumers = stage.converse(1, "one").await;
    let thief = FileLeases::open(directory.path()).unwrap();
    let (key, stolen) = stolen(directory.path(), &thief, users[0].full_name.as_str()).await;
    until("the first one has noticed", || one.health().online == 0).await;
    // The server learns of it a moment later.
    let open = || {
        let state = stage.sim.control().messaging().state();
        let sockets = state["sockets"].as_array().cloned().unwrap_or_default();
        sockets.iter().filter(|socket| socket["kind"] == "agent v2.1").count()
    };
    until("its socket is closed", || open() == 0).await;
    until("it waits for whoever has the lease", || {
        one.health().count(BotState::Elsewhere) == 1
    })
    .await;
    one.shutdown(Shutdown::Keep).await;
    thief.release(&key, &stolen).await.unwrap();
    join(&stage, &two, &stores, &users);
    online(&two, 1).await;
    stage.says(&consumers[0], "two").await;
    two.shutdown(Shutdown::Keep).await;
    stage.sim.stop().await;
}

/// Takes the lease of this bot away behind its holder's back, and keeps it: a lease that is free, the holder would take again.
async fn stolen(directory: &std::path::Path, thief: &FileLeases, bot: &str) -> (String, Grant) {
    let key = format!("70011223/{bot}");
    loop {
        for entry in std::fs::read_dir(directory).unwrap() {
            std::fs::remove_file(entry.unwrap().path()).unwrap();
        }
        if let Some(grant) = thief.acquire(&key, Duration::ZERO).await.unwrap() {
            return (key, grant);
        }
    }
}

fn stores(count: usize) -> Vec<Arc<dyn Store>> {
    (0..count)
        .map(|_| Arc::new(MemoryStore::new()) as Arc<dyn Store>)
        .collect()
}
