//! What the server is asked, and what comes of its death.

use std::sync::Arc;
use std::time::{Duration, Instant};

use le_bots::fleet::lease::{Grant, Lease, LeaseTimes, Leases};
use le_core::ErrorKind;
use le_core::clock::{Clock, SystemClock};
use le_lease_redis::RedisLeases;

use crate::server::RedisServer;

const TTL: Duration = Duration::from_millis(1_500);
const KEY: &str = "70011223/night-bot";

fn leases(server: &RedisServer) -> RedisLeases {
    RedisLeases::builder(server.address())
        .timeout(Duration::from_millis(300))
        .build()
        .unwrap()
}

/// Asks until it is granted, which takes until the server has been up for long enough.
async fn get(leases: &dyn Leases) -> Grant {
    let begun = Instant::now();
    loop {
        if let Ok(Some(grant)) = leases.acquire(KEY, TTL).await {
            return grant;
        }
        assert!(begun.elapsed() < Duration::from_secs(20), "the lease was never granted");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
#[ignore = "needs redis-server: cargo xtask ci --only redis"]
async fn one_has_it_until_it_is_given_back_or_over() {
    let server = RedisServer::forgetful().await;
    let (one, two) = (leases(&server), leases(&server));
    let first = get(&one).await;
    assert_eq!(two.acquire(KEY, TTL).await.unwrap(), None);
    while two.acquire("another", TTL).await.unwrap().is_none() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(one.renew(KEY, &first, TTL).await.unwrap());
    assert!(
        !two.renew(KEY, &first, TTL).await.unwrap(),
        "a grant is of use to its holder only"
    );
    two.release(KEY, &first).await.unwrap();
    assert_eq!(two.acquire(KEY, TTL).await.unwrap(), None);
    one.release(KEY, &first).await.unwrap();
    let second = two.acquire(KEY, TTL).await.unwrap().unwrap();
    assert!(second.fence > first.fence);
    assert!(!one.renew(KEY, &first, TTL).await.unwrap());
    // Nobody renews: it ends by itself, and not before.
    let begun = Instant::now();
    let third = get(&one).await;
    assert!(
        begun.elapsed() > TTL - Duration::from_millis(100),
        "{:?}",
        begun.elapsed()
    );
    assert!(third.fence > second.fence);
    assert!(!two.renew(KEY, &second, TTL).await.unwrap());
    // Who has it and asks again gets a higher fence.
    let fourth = one.acquire(KEY, TTL).await.unwrap().unwrap();
    assert!(fourth.fence > third.fence);
    assert!(!one.renew(KEY, &third, TTL).await.unwrap());
}

#[tokio::test]
#[ignore = "needs redis-server: cargo xtask ci --only redis"]
async fn fleets_of_other_prefixes_do_not_meet() {
    let server = RedisServer::forgetful().await;
    let (one, two) = (
        leases(&server),
        RedisLeases::builder(server.address()).prefix("other").build(),
    );
    get(&one).await;
    get(&two.unwrap()).await;
}

#[tokio::test]
#[ignore = "needs redis-server: cargo xtask ci --only redis"]
async fn a_server_that_has_forgotten_everything_grants_nothing_that_somebody_may_hold() {
    let mut server = RedisServer::forgetful().await;
    let (one, two) = (leases(&server), leases(&server));
    let held = get(&one).await;
    let granted = Instant::now();
    server.kill().await;
    let error = one.renew(KEY, &held, TTL).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Transport);
    assert!(error.to_string().contains("redis-cli ping"), "{error}");
    server.restart().await;
    let restarted = Instant::now();
    // The holder goes on, though the server knows nothing of it.
    assert!(granted.elapsed() < TTL, "this machine is too slow for the test");
    assert!(one.renew(KEY, &held, TTL).await.unwrap());
    while restarted.elapsed() < TTL - Duration::from_millis(200) {
        assert_eq!(two.acquire(KEY, TTL).await.unwrap(), None);
        assert!(one.renew(KEY, &held, TTL).await.unwrap());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    one.release(KEY, &held).await.unwrap();
    let next = get(&two).await;
    assert!(
        next.fence > held.fence,
        "fences rise although the server has forgotten them"
    );
}

#[tokio::test]
#[ignore = "needs redis-server: cargo xtask ci --only redis"]
async fn a_holder_that_was_away_for_too_long_does_not_take_it_back_from_another() {
    let mut server = RedisServer::forgetful().await;
    let (one, two) = (leases(&server), leases(&server));
    let old = get(&one).await;
    server.kill().await;
    server.restart().await;
    let new = get(&two).await;
    assert!(new.fence > old.fence);
    assert!(!one.renew(KEY, &old, TTL).await.unwrap());
    two.release(KEY, &new).await.unwrap();
    assert!(
        !one.renew(KEY, &old, TTL).await.unwrap(),
        "the lease is free, but was somebody else's since"
    );
}

#[tokio::test]
#[ignore = "needs redis-server: cargo xtask ci --only redis"]
async fn a_lease_outlives_the_death_of_the_server_within_its_time() {
    for persistent in [false, true] {
        let mut server = if persistent {
            RedisServer::persistent().await
        } else {
            RedisServer::forgetful().await
        };
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::default());
        let store: Arc<dyn Leases> = Arc::new(leases(&server));
        let times = LeaseTimes::new(Duration::from_secs(4));
        let lease = loop {
            if let Some(lease) = Lease::take(&store, KEY, times, &clock).await.unwrap() {
                break lease;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        };
        server.kill().await;
        tokio::time::sleep(Duration::from_secs(1)).await;
        server.restart().await;
        tokio::time::sleep(Duration::from_secs(5)).await;
        assert!(
            lease.hold().is_held(),
            "it was renewed after the return (persistent: {persistent})"
        );
        // The server is gone for good: the lease ends before anybody else could have it.
        server.kill().await;
        let gone = Instant::now();
        lease.hold().lost().await;
        assert!(gone.elapsed() < times.ttl, "{:?}", gone.elapsed());
    }
}

#[tokio::test]
#[ignore = "needs redis-server: cargo xtask ci --only redis"]
async fn a_server_that_falls_silent_counts_as_away() {
    let server = RedisServer::forgetful().await;
    let one = leases(&server);
    let held = get(&one).await;
    let long = Duration::from_secs(60);
    assert!(one.renew(KEY, &held, long).await.unwrap());
    server.command("CLIENT PAUSE 1500 ALL").await;
    let begun = Instant::now();
    let error = one.renew(KEY, &held, long).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Transport);
    assert!(begun.elapsed() < Duration::from_millis(1_500), "{:?}", begun.elapsed());
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert!(
        one.renew(KEY, &held, long).await.unwrap(),
        "it comes back on a new connection"
    );
}

#[tokio::test]
#[ignore = "needs redis-server: cargo xtask ci --only redis"]
async fn an_address_and_its_password_are_not_shown() {
    let server = RedisServer::forgetful().await;
    server.command("CONFIG SET requirepass s3cr3t-right").await;
    let address = server.address().replace("redis://", "redis://:s3cr3t-wrong@");
    let wrong = RedisLeases::new(address).unwrap();
    let error = wrong.acquire(KEY, TTL).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Authentication, "{error}");
    let shown = format!("{wrong:?} {error} {error:?}");
    assert!(!shown.contains("s3cr3t"), "{shown}");
    let right = RedisLeases::new(server.address().replace("redis://", "redis://:s3cr3t-right@")).unwrap();
    get(&right).await;
    let nonsense = RedisLeases::new("http://:s3cr3t@x").unwrap_err();
    assert_eq!(nonsense.kind(), ErrorKind::Configuration);
    assert!(!format!("{nonsense} {nonsense:?}").contains("s3cr3t"));
}
