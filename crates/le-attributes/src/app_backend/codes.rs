//! Codes between the moment the app gets one and the moment LivePerson exchanges it.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use le_core::clock::{Clock, SystemClock};
use le_core::{Error, ErrorKind, Result, Secret, Timestamp};

use crate::identity::Consumer;

/// Where codes are kept. Several processes need a common store, since LivePerson may reach another one than the app did.
#[async_trait]
pub trait CodeStore: Send + Sync + 'static {
    /// Keeps a code until `until`.
    ///
    /// # Errors
    /// It cannot be kept now. The app gets 503.
    async fn keep(&self, code: &Secret, consumer: Consumer, until: Timestamp) -> Result<()>;

    /// Takes a code out, so that it is exchanged once at most. `None` for an unknown, used or expired one.
    ///
    /// # Errors
    /// The store does not answer. LivePerson gets 503.
    async fn take(&self, code: &Secret) -> Result<Option<Consumer>>;
}

/// Codes in this process.
#[derive(Debug)]
pub struct CodesInMemory {
    most: usize,
    clock: Arc<dyn Clock>,
    waiting: Mutex<Waiting>,
}

#[derive(Default)]
struct Waiting {
    codes: HashMap<String, (Consumer, Timestamp)>,
    /// In the order of arrival; codes that were taken are still in it.
    order: VecDeque<(String, Timestamp)>,
}

impl Default for CodesInMemory {
    /// At most 10 000 codes at a time.
    fn default() -> Self {
        Self::new(10_000, Arc::new(SystemClock::default()))
    }
}

impl CodesInMemory {
    /// At most so many codes at a time.
    #[must_use]
    pub fn new(most: usize, clock: Arc<dyn Clock>) -> Self {
        Self {
            most,
            clock,
            waiting: Mutex::default(),
        }
    }
}

/// Who sees a code can be the consumer, so none is shown.
impl fmt::Debug for Waiting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Waiting")
            .field("codes", &self.codes.len())
            .finish_non_exhaustive()
    }
}

impl Waiting {
    fn forget_expired(&mut self, now: Timestamp) {
        while self
            .order
            .front()
            .is_some_and(|(code, until)| *until <= now || !self.codes.contains_key(code))
        {
            if let Some((code, _)) = self.order.pop_front() {
                self.codes.remove(&code);
            }
        }
    }
}

#[async_trait]
impl CodeStore for CodesInMemory {
    async fn keep(&self, code: &Secret, consumer: Consumer, until: Timestamp) -> Result<()> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.forget_expired(self.clock.now());
        if waiting.order.len() >= self.most {
            return Err(
                Error::new(ErrorKind::RateLimited, format!("{} codes wait already", self.most))
                    .with_advice("raise the limit, or slow the app down"),
            );
        }
        waiting.order.push_back((code.expose().to_owned(), until));
        waiting.codes.insert(code.expose().to_owned(), (consumer, until));
        Ok(())
    }

    async fn take(&self, code: &Secret) -> Result<Option<Consumer>> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.clock.now();
        let taken = waiting.codes.remove(code.expose());
        Ok(taken.filter(|(_, until)| now < *until).map(|(consumer, _)| consumer))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_code_is_not_shown() {
        let codes = CodesInMemory::default();
        let until = Timestamp::from_millis(Timestamp::now().as_millis() + 60_000);
        let code = Secret::new("s3cret-code");
        codes.keep(&code, Consumer::of("cu-7f31"), until).await.unwrap();
        assert!(!format!("{codes:?}").contains("s3cret"));
        assert!(codes.take(&code).await.unwrap().is_some());
        assert!(codes.take(&code).await.unwrap().is_none());
    }
}
