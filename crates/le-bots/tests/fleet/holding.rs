//! What a lease promises its holder, with a lease store that does what the test says.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use le_bots::fleet::lease::{Grant, Lease, LeaseTimes, Leases};
use le_core::clock::Clock;
use le_core::testing::TestClock;
use le_core::{Error, ErrorKind, Timestamp};

/// What the store does with a renewal.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Mood {
    Granting,
    Failing,
    Silent,
    Taken,
}

#[derive(Debug)]
struct Store {
    mood: Mutex<Mood>,
    done: Mutex<Vec<&'static str>>,
}

impl Store {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            mood: Mutex::new(Mood::Granting),
            done: Mutex::default(),
        })
    }

    fn set(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }

    fn count(&self, what: &str) -> usize {
        self.done.lock().unwrap().iter().filter(|done| **done == what).count()
    }

    async fn answer(&self, what: &'static str) -> Result<bool, Error> {
        self.done.lock().unwrap().push(what);
        let mood = *self.mood.lock().unwrap();
        match mood {
            Mood::Granting => Ok(true),
            Mood::Failing => Err(Error::new(ErrorKind::Transport, "away")),
            Mood::Silent => std::future::pending().await,
            Mood::Taken => Ok(false),
        }
    }
}

#[async_trait]
impl Leases for Store {
    async fn acquire(&self, _: &str, _: Duration) -> Result<Option<Grant>, Error> {
        Ok(self.answer("acquire").await?.then(|| Grant::new(7)))
    }

    async fn renew(&self, _: &str, _: &Grant, _: Duration) -> Result<bool, Error> {
        self.answer("renew").await
    }

    async fn release(&self, _: &str, _: &Grant) -> Result<(), Error> {
        self.answer("release").await.map(drop)
    }
}

const TTL: Duration = Duration::from_secs(10);

async fn held() -> (Arc<Store>, TestClock, Lease) {
    let (store, clock) = (Store::new(), TestClock::manual(Timestamp::from_millis(1_000_000)));
    let (leases, time): (Arc<dyn Leases>, Arc<dyn Clock>) = (store.clone(), Arc::new(clock.clone()));
    let lease = Lease::take(&leases, "a/b", LeaseTimes::new(TTL), &time).await.unwrap();
    (store, clock, lease.unwrap())
}

/// Moves the clock in small steps, so that each task sees each moment.
async fn pass(clock: &TestClock, time: Duration) {
    let step = Duration::from_millis(100);
    for _ in 0..time.as_millis() / step.as_millis() {
        clock.advance(step);
        for _ in 0..5 {
            tokio::task::yield_now().await;
        }
    }
}

#[tokio::test]
async fn it_renews_itself_for_as_long_as_the_store_says_yes() {
    let (store, clock, lease) = held().await;
    clock.wait_for_sleepers(1).await;
    pass(&clock, Duration::from_secs(300)).await;
    assert!(lease.hold().is_held());
    assert!((80..=95).contains(&store.count("renew")), "{}", store.count("renew"));
    lease.release().await.unwrap();
    assert_eq!(store.count("release"), 1);
}

#[tokio::test]
async fn it_ends_before_its_time_where_the_store_is_away_or_silent() {
    for mood in [Mood::Failing, Mood::Silent] {
        let (store, clock, lease) = held().await;
        clock.wait_for_sleepers(1).await;
        store.set(mood);
        let hold = lease.hold().clone();
        let lost = tokio::spawn(async move { hold.lost().await });
        pass(&clock, Duration::from_millis(7_900)).await;
        assert!(lease.hold().is_held() && !lost.is_finished(), "{mood:?}");
        pass(&clock, Duration::from_millis(200)).await;
        // Two seconds are left until another process could have it.
        assert!(!lease.hold().is_held() && lost.is_finished(), "{mood:?}");
    }
}

#[tokio::test]
async fn a_store_that_comes_back_in_time_is_forgiven() {
    let (store, clock, lease) = held().await;
    clock.wait_for_sleepers(1).await;
    store.set(Mood::Failing);
    pass(&clock, Duration::from_secs(7)).await;
    store.set(Mood::Granting);
    pass(&clock, Duration::from_secs(60)).await;
    assert!(lease.hold().is_held());
    assert!(store.count("renew") > 20, "a failed renewal is tried again soon");
}

#[tokio::test]
async fn it_is_lost_at_once_where_somebody_else_has_it() {
    let (store, clock, lease) = held().await;
    clock.wait_for_sleepers(1).await;
    store.set(Mood::Taken);
    pass(&clock, Duration::from_millis(3_500)).await;
    assert!(!lease.hold().is_held());
    lease.hold().lost().await;
}

/// A machine that sleeps: the wall clock goes on, the monotonic clock does not.
#[derive(Debug, Clone)]
struct Suspended {
    clock: TestClock,
    slept: Arc<Mutex<Duration>>,
}

impl Clock for Suspended {
    fn now(&self) -> Timestamp {
        self.clock.now() + *self.slept.lock().unwrap()
    }

    fn monotonic(&self) -> Duration {
        self.clock.monotonic()
    }

    fn sleep(&self, duration: Duration) -> le_core::clock::Sleep {
        self.clock.sleep(duration)
    }
}

#[tokio::test]
async fn a_machine_that_slept_notices_when_it_wakes() {
    let clock = Suspended {
        clock: TestClock::manual(Timestamp::from_millis(1_000_000)),
        slept: Arc::default(),
    };
    let (leases, time): (Arc<dyn Leases>, Arc<dyn Clock>) = (Store::new(), Arc::new(clock.clone()));
    let lease = Lease::take(&leases, "a/b", LeaseTimes::new(TTL), &time)
        .await
        .unwrap()
        .unwrap();
    assert!(lease.hold().is_held());
    *clock.slept.lock().unwrap() = Duration::from_secs(9);
    assert!(!lease.hold().is_held());
}

#[tokio::test]
async fn a_lease_that_is_dropped_is_given_back() {
    let (store, _clock, lease) = held().await;
    let hold = lease.hold().clone();
    drop(lease);
    assert!(!hold.is_held());
    hold.lost().await;
    while store.count("release") == 0 {
        tokio::task::yield_now().await;
    }
}
