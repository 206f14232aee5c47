//! The task of one bot user: gets its lease, starts its bot, and starts it again.

use std::sync::Arc;
use std::time::Duration;

use le_core::{Error, ErrorKind};
use tokio::sync::{OwnedSemaphorePermit, watch};

use super::Common;
use super::gate::Tenure;
use super::health::BotState;
use super::lease::{Hold, Lease};
use super::member::{BotUser, Running};
use super::status::Status;
use crate::bot::Shutdown;

/// What the owner of the fleet wants of a bot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// To run; a higher number than before: to begin again.
    Run(u64),
    Stop(Shutdown),
}

/// How a bot came to its end.
enum Outcome {
    /// As it was told.
    Stopped,
    /// It is to begin again at once.
    Again,
    /// Its lease is lost.
    Lost,
    /// It was shut down by somebody who has it in hand besides the fleet.
    Quit,
    Ended(Error),
}

/// One bot user in care.
pub(super) struct Ward {
    pub(super) user: BotUser,
    pub(super) common: Arc<Common>,
    pub(super) status: Arc<Status>,
    pub(super) orders: watch::Receiver<Order>,
}

/// What this process needs to run a bot user.
struct Right {
    lease: Option<Lease>,
    _place: Option<OwnedSemaphorePermit>,
}

impl Ward {
    pub(super) async fn run(mut self) {
        let mut attempt = 0;
        while let Some(right) = self.right().await {
            let begun = self.common.clock.monotonic();
            self.status.has(right.lease.as_ref().map(Lease::fence));
            let hold = right.lease.as_ref().map(Lease::hold).cloned();
            let outcome = self.serve(hold).await;
            self.status.counts(None);
            self.give_back(right).await;
            // Who has served for a while begins anew.
            if self.common.clock.monotonic().saturating_sub(begun) > self.common.restart.most {
                attempt = 0;
            }
            match outcome {
                Outcome::Stopped => break,
                Outcome::Again => attempt = 0,
                Outcome::Lost => {
                    tracing::warn!(
                        bot = self.user.name(),
                        "another process may have the bot: it ended here"
                    );
                    self.status.is(BotState::Elsewhere, None);
                }
                Outcome::Quit => {
                    self.status.is(BotState::Stopped, None);
                    self.ordered().await;
                }
                Outcome::Ended(error) if is_final(&error) => {
                    tracing::error!(bot = self.user.name(), %error, "the bot failed, and is not started again by itself");
                    self.status.is(BotState::Failed, Some(error));
                    self.ordered().await;
                }
                Outcome::Ended(error) => {
                    let pause = self.common.restart.pause(attempt, &*self.common.entropy);
                    attempt = attempt.saturating_add(1);
                    tracing::warn!(bot = self.user.name(), %error, pause_ms = pause.as_millis() as u64, "the bot ended, it is started again");
                    self.status.is(BotState::Waiting, Some(error));
                    self.pause(pause).await;
                }
            }
            self.status.restarted();
        }
        self.status.is(BotState::Stopped, None);
    }

    /// Waits for the next order.
    async fn ordered(&mut self) {
        // The fleet that is gone wants nothing any more: the task ends with it.
        if self.orders.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// Waits, or until there is another order.
    async fn pause(&mut self, pause: Duration) {
        let sleep = self.common.clock.sleep(pause);
        tokio::select! {
            biased;
            () = self.ordered() => {}
            () = sleep => {}
        }
    }

    fn is_stopped(&mut self) -> bool {
        matches!(*self.orders.borrow_and_update(), Order::Stop(_))
    }

    /// A place in this process, and the lease. `None` where the bot is told to end meanwhile.
    async fn right(&mut self) -> Option<Right> {
        if self.is_stopped() {
            return None;
        }
        let place = match self.common.places.clone() {
            None => None,
            Some(places) => {
                if places.available_permits() == 0 {
                    self.status.is(BotState::Elsewhere, None);
                }
                let place = async move { places.acquire_owned().await.ok() };
                tokio::select! {
                    biased;
                    () = stopped(&mut self.orders) => return None,
                    place = place => place,
                }
            }
        };
        let common = Arc::clone(&self.common);
        let Some((leases, times)) = &common.leases else {
            return Some(Right {
                lease: None,
                _place: place,
            });
        };
        let key = common.key(self.user.name());
        loop {
            let taken = tokio::select! {
                biased;
                () = stopped(&mut self.orders) => return None,
                taken = Lease::take(leases, &key, *times, &common.clock) => taken,
            };
            match taken {
                Ok(Some(lease)) => {
                    return Some(Right {
                        lease: Some(lease),
                        _place: place,
                    });
                }
                Ok(None) => self.status.is(BotState::Elsewhere, None),
                Err(error) => self.status.is(BotState::Elsewhere, Some(error)),
            }
            // A part is drawn, so that a thousand bots do not ask at the same moment.
            let pause = times.poll.mul_f64(0.75 + 0.5 * common.entropy.unit());
            self.pause(pause).await;
            if self.is_stopped() {
                return None;
            }
        }
    }

    async fn give_back(&self, right: Right) {
        self.status.has(None);
        if let Some(lease) = right.lease
            && let Err(error) = lease.release().await
        {
            tracing::warn!(bot = self.user.name(), %error, "the lease was not given back; it ends by its time");
        }
    }

    /// Runs the bot until it ends, is told to, or loses its lease.
    async fn serve(&mut self, hold: Option<Hold>) -> Outcome {
        self.status.is(BotState::Starting, None);
        let tenure = Tenure::new(self.user.shared_name(), Arc::clone(&self.common.gate), hold.clone());
        let starting = self.user.start(tenure);
        let mut running: Box<dyn Running> = tokio::select! {
            biased;
            () = lost(hold.as_ref()) => return Outcome::Lost,
            () = self.ordered() => return self.again_or_stopped(),
            started = starting => match started {
                Ok(running) => running,
                Err(error) => return Outcome::Ended(error),
            },
        };
        self.status.counts(running.gauge());
        let mut state = running.state();
        loop {
            let now = state.borrow_and_update().clone();
            self.status.link_is(&now);
            tokio::select! {
                biased;
                () = lost(hold.as_ref()) => {
                    running.abort().await;
                    return Outcome::Lost;
                }
                () = self.ordered() => return self.farewell(running, hold.as_ref()).await,
                ended = running.ended() => return ended.err().map_or(Outcome::Quit, Outcome::Ended),
                Ok(()) = state.changed() => {}
            }
        }
    }

    fn again_or_stopped(&mut self) -> Outcome {
        if self.is_stopped() {
            Outcome::Stopped
        } else {
            Outcome::Again
        }
    }

    /// Ends the bot as it was told; at once where its lease is lost meanwhile, or where it is told once more.
    async fn farewell(&mut self, running: Box<dyn Running>, hold: Option<&Hold>) -> Outcome {
        let order = *self.orders.borrow_and_update();
        let (how, outcome) = match order {
            Order::Stop(how) => {
                self.status.is(BotState::Stopping, None);
                (how, Outcome::Stopped)
            }
            Order::Run(_) => (Shutdown::Keep, Outcome::Again),
        };
        tokio::select! {
            biased;
            () = lost(hold) => {}
            () = self.ordered() => {}
            () = running.shutdown(how) => {}
        }
        outcome
    }
}

async fn stopped(orders: &mut watch::Receiver<Order>) {
    if orders.wait_for(|order| matches!(order, Order::Stop(_))).await.is_err() {
        std::future::pending::<()>().await;
    }
}

async fn lost(hold: Option<&Hold>) {
    match hold {
        Some(hold) => hold.lost().await,
        None => std::future::pending().await,
    }
}

/// Whether starting the bot again cannot help: the user is refused, or another program logs in as the same user, and both would evict
/// each other for ever.
fn is_final(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::Authentication | ErrorKind::Authorization)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::{BotUser, Fleet};

    /// A thousand bots wait here most of the time.
    #[test]
    fn what_a_bot_waits_in_is_small() {
        let fleet = Fleet::builder().build();
        let user = BotUser::new("one", |_| async {
            Err::<crate::AgentLink, _>(Error::validation("never started"))
        });
        let ward = fleet.ward(user, watch::channel(Order::Run(0)).1);
        let size = std::mem::size_of_val(&ward.run());
        assert!(size < 4_096, "{size} bytes");
    }
}
