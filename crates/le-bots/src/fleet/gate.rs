//! What all bots of a fleet share towards the vendor: how often they log in and how fast they connect.

use std::fmt;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use futures_util::future::{Either, select};
use le_core::auth::{Renewal, Stamp};
use le_core::clock::{Clock, Entropy};
use le_core::{Error, ErrorKind, Secret};
use tokio::sync::{Semaphore, SemaphorePermit};

use super::lease::Hold;
use crate::credential::SocketCredential;
use crate::recovery::NextStep;

/// How often something may happen. LivePerson publishes no numbers, but asks to avoid bursts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rate(Option<Duration>);

impl Rate {
    /// So often in a second, evenly spread. Less than once in an hour counts as that.
    #[must_use]
    pub fn per_second(times: f64) -> Self {
        let seconds = if times > 0.0 {
            (1.0 / times).min(3_600.0)
        } else {
            3_600.0
        };
        Self(Some(Duration::from_secs_f64(seconds)))
    }

    /// Without a limit: for a simulator.
    #[must_use]
    pub const fn unlimited() -> Self {
        Self(None)
    }
}

/// The least pause of all logins after one was answered with 429.
/// <https://developers.liveperson.com/login-service-retry-policy.html>
const THROTTLED: Duration = Duration::from_secs(5);

/// Logins that are under way at once. They share that many connections to the Login Service, where a thousand at once would open
/// and keep a thousand.
const TOGETHER: usize = 32;

/// A login that takes longer does not count any more: a service that does not answer holds up nobody else's bots.
const PATIENCE: Duration = Duration::from_secs(1);

/// Gives out places in time. Places that nobody uses are lost.
#[derive(Debug)]
struct Pace {
    rate: Rate,
    /// The next free place, by the monotonic clock.
    next: Mutex<Duration>,
}

impl Pace {
    fn new(rate: Rate) -> Self {
        Self {
            rate,
            next: Mutex::default(),
        }
    }

    /// How long to wait for a place that is taken herewith. A part of the pause is drawn, so that processes of one fleet do not
    /// march in step.
    fn place(&self, now: Duration, entropy: &dyn Entropy) -> Duration {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let at = now.max(*next);
        let Some(pause) = self.rate.0 else {
            return at.saturating_sub(now);
        };
        *next = at + pause;
        at.saturating_sub(now) + pause.mul_f64(0.2 * entropy.unit())
    }

    fn hold_off(&self, until: Duration) {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        *next = until.max(*next);
    }
}

/// The gate of a fleet.
#[derive(Debug)]
pub(super) struct Gate {
    logins: Pace,
    connections: Pace,
    under_way: Semaphore,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

impl Gate {
    pub(super) fn new(logins: Rate, connections: Rate, clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> Self {
        Self {
            logins: Pace::new(logins),
            connections: Pace::new(connections),
            under_way: Semaphore::new(TOGETHER),
            clock,
            entropy,
        }
    }

    async fn wait(&self, pace: &Pace) {
        let wait = pace.place(self.clock.monotonic(), &*self.entropy);
        if !wait.is_zero() {
            self.clock.sleep(wait).await;
        }
    }

    /// Does this, and keeps its place among those that are under way until it is done, or has taken long.
    async fn keeping<T>(&self, place: Option<SemaphorePermit<'_>>, login: impl Future<Output = T>) -> T {
        let mut login = pin!(login);
        let patience = pin!(async { self.clock.sleep(PATIENCE).await });
        match select(login.as_mut(), patience).await {
            Either::Left((outcome, _)) => outcome,
            Either::Right(_) => {
                drop(place);
                login.await
            }
        }
    }

    /// A login that was throttled stops those of all bots for a while.
    fn heed<T>(&self, outcome: Result<T, Error>) -> Result<T, Error> {
        if let Err(error) = &outcome
            && error.kind() == ErrorKind::RateLimited
        {
            let pause = error.retry_after().unwrap_or_default().max(THROTTLED);
            tracing::warn!(pause_s = pause.as_secs(), "logins are throttled, all bots wait");
            self.logins.hold_off(self.clock.monotonic() + pause);
        }
        outcome
    }
}

/// The right to run one bot user, for as long as this process has it: what a bot is made with.
///
/// Give it the credential with [`Tenure::credential`], and log in through [`Tenure::login`]; a store takes [`Tenure::fence`].
#[derive(Clone)]
pub struct Tenure {
    name: Arc<str>,
    gate: Arc<Gate>,
    hold: Option<Hold>,
    logged_in: Arc<AtomicBool>,
}

impl Tenure {
    pub(super) fn new(name: Arc<str>, gate: Arc<Gate>, hold: Option<Hold>) -> Self {
        Self {
            name,
            gate,
            hold,
            logged_in: Arc::default(),
        }
    }

    /// The name of the bot user in the fleet.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The number of the lease, where the fleet has leases: higher than that of all processes that had this bot before.
    #[must_use]
    pub fn fence(&self) -> Option<u64> {
        self.hold.as_ref().map(Hold::fence)
    }

    /// Whether this process still has the bot user. Always so without leases.
    #[must_use]
    pub fn is_held(&self) -> bool {
        self.hold.as_ref().is_none_or(Hold::is_held)
    }

    /// Waits for a place among the logins of the fleet, then logs in. A login that is throttled makes all others wait.
    ///
    /// # Errors
    /// Those of `login`; [`ErrorKind::Cancelled`] where this process has lost the bot user meanwhile.
    ///
    /// # Cancel safety
    /// As `login`.
    pub async fn login<T>(&self, login: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        // The semaphore is never closed.
        let place = self.gate.under_way.acquire().await.ok();
        self.gate.wait(&self.gate.logins).await;
        self.check()?;
        let outcome = self.gate.heed(self.gate.keeping(place, login).await)?;
        self.logged_in.store(true, Ordering::Relaxed);
        Ok(outcome)
    }

    /// The credential behind the gate of the fleet: each connection and each login waits for its place, and there is none for a
    /// process that has lost the bot user.
    #[must_use]
    pub fn credential(&self, inner: Arc<dyn SocketCredential>) -> Arc<dyn SocketCredential> {
        Arc::new(Gated {
            tenure: self.clone(),
            inner,
        })
    }

    pub(super) fn check(&self) -> Result<(), Error> {
        if self.is_held() {
            return Ok(());
        }
        let message = "this process has lost the lease of the bot user, so it does nothing for it any more";
        Err(Error::new(ErrorKind::Cancelled, message))
    }
}

impl fmt::Debug for Tenure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tenure")
            .field("name", &self.name)
            .field("hold", &self.hold)
            .finish_non_exhaustive()
    }
}

#[derive(Debug)]
struct Gated {
    tenure: Tenure,
    inner: Arc<dyn SocketCredential>,
}

#[async_trait]
impl SocketCredential for Gated {
    async fn token(&self) -> Result<(Secret, Stamp), Error> {
        let Tenure { gate, logged_in, .. } = &self.tenure;
        gate.wait(&gate.connections).await;
        // The first token is what a session logs in for.
        if !logged_in.load(Ordering::Relaxed) {
            return self.tenure.login(self.inner.token()).await;
        }
        self.tenure.check()?;
        gate.heed(self.inner.token().await)
    }

    async fn renew(&self, refused: Stamp, step: NextStep) -> Result<Renewal, Error> {
        self.tenure.login(self.inner.renew(refused, step)).await
    }
}

#[cfg(test)]
mod tests {
    use le_core::Timestamp;
    use le_core::testing::{FixedEntropy, TestClock};

    use super::*;

    fn gate(logins: Rate, connections: Rate) -> (Arc<Gate>, TestClock) {
        let clock = TestClock::auto(Timestamp::from_millis(0));
        let gate = Gate::new(logins, connections, Arc::new(clock.clone()), Arc::new(FixedEntropy(0)));
        (Arc::new(gate), clock)
    }

    #[test]
    fn places_are_evenly_spread_and_not_saved_up() {
        let pace = Pace::new(Rate::per_second(4.0));
        let place = |at: u64| pace.place(Duration::from_millis(at), &FixedEntropy(0)).as_millis();
        assert_eq!([place(0), place(0), place(0)], [0, 250, 500]);
        assert_eq!([place(10_000), place(10_000)], [0, 250]);
        let free = Pace::new(Rate::unlimited());
        assert_eq!(free.place(Duration::ZERO, &FixedEntropy(u64::MAX)), Duration::ZERO);
        assert_eq!(Rate::per_second(0.0), Rate::per_second(-1.0));
    }

    #[tokio::test]
    async fn a_throttled_login_holds_up_those_of_all_bots() {
        let (gate, clock) = gate(Rate::unlimited(), Rate::unlimited());
        let one = Tenure::new("one".into(), Arc::clone(&gate), None);
        let two = Tenure::new("two".into(), gate, None);
        let throttled = Error::new(ErrorKind::RateLimited, "slow down").with_retry_after(Some(Duration::from_secs(9)));
        one.login(async { Err::<(), _>(throttled) }).await.unwrap_err();
        two.login(async { Ok(()) }).await.unwrap();
        assert_eq!(clock.slept(), [Duration::from_secs(9)]);
        one.login(async { Err::<(), _>(Error::new(ErrorKind::RateLimited, "slow down")) })
            .await
            .unwrap_err();
        two.login(async { Ok(()) }).await.unwrap();
        assert_eq!(clock.slept()[1], THROTTLED);
    }

    #[tokio::test]
    async fn few_logins_are_under_way_at_once_and_one_that_hangs_holds_up_nobody() {
        let clock = TestClock::manual(Timestamp::from_millis(0));
        let (free, entropy) = (Rate::unlimited(), Arc::new(FixedEntropy(0)));
        let gate = Arc::new(Gate::new(free, free, Arc::new(clock.clone()), entropy));
        let begun = Arc::new(std::sync::atomic::AtomicUsize::new(0));
        for number in 0..TOGETHER * 2 {
            let (tenure, begun) = (Tenure::new("one".into(), Arc::clone(&gate), None), Arc::clone(&begun));
            tokio::spawn(async move {
                let login = async {
                    begun.fetch_add(1, Ordering::Relaxed);
                    if number < TOGETHER - 1 {
                        std::future::pending::<()>().await;
                    }
                    tokio::task::yield_now().await;
                    Ok(())
                };
                tenure.login(login).await
            });
        }
        let come_to_rest = || async {
            for _ in 0..TOGETHER * 10 {
                tokio::task::yield_now().await;
            }
        };
        tokio::task::yield_now().await;
        assert_eq!(begun.load(Ordering::Relaxed), TOGETHER);
        come_to_rest().await;
        assert_eq!(begun.load(Ordering::Relaxed), TOGETHER * 2, "one place goes round");
        assert_eq!(gate.under_way.available_permits(), 1);
        clock.advance(PATIENCE);
        come_to_rest().await;
        assert_eq!(gate.under_way.available_permits(), TOGETHER);
    }

    #[derive(Debug, Default)]
    struct Counting(Mutex<Vec<&'static str>>);

    #[async_trait]
    impl SocketCredential for Counting {
        async fn token(&self) -> Result<(Secret, Stamp), Error> {
            self.0.lock().unwrap().push("token");
            Ok((Secret::new("t"), Stamp(1)))
        }

        async fn renew(&self, _: Stamp, _: NextStep) -> Result<Renewal, Error> {
            self.0.lock().unwrap().push("renew");
            Ok(Renewal::Renewed)
        }
    }

    #[tokio::test]
    async fn connections_take_their_places_and_logins_theirs() {
        let (gate, clock) = gate(Rate::per_second(1.0), Rate::per_second(10.0));
        let tenure = Tenure::new("one".into(), gate, None);
        let inner = Arc::new(Counting::default());
        let credential = tenure.credential(inner.clone());
        for _ in 0..3 {
            credential.token().await.unwrap();
        }
        assert_eq!(clock.slept(), [Duration::from_millis(100), Duration::from_millis(100)]);
        credential.renew(Stamp(1), NextStep::RenewCredential).await.unwrap();
        assert_eq!(
            clock.monotonic(),
            Duration::from_secs(1),
            "the second login waits for its place"
        );
        assert_eq!(*inner.0.lock().unwrap(), ["token", "token", "token", "renew"]);
    }
}
