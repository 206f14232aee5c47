//! A store that refuses what a process writes that has lost the bot user.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use le_core::Error;

use super::gate::Tenure;
use crate::store::{Batch, Store};

/// Under this key, behind the name of the bot user, a store remembers the highest fence.
const FENCE: &str = "fence/";

#[derive(Debug)]
struct Fenced {
    inner: Arc<dyn Store>,
    tenure: Tenure,
    fence: u64,
}

#[async_trait]
impl Store for Fenced {
    async fn get(&self, key: &str) -> Result<Option<Bytes>, Error> {
        self.inner.get(key).await
    }

    async fn scan(&self, prefix: &str) -> Result<Vec<(Box<str>, Bytes)>, Error> {
        self.inner.scan(prefix).await
    }

    async fn write(&self, batch: Batch) -> Result<(), Error> {
        self.tenure.check()?;
        let key = format!("{FENCE}{}", self.tenure.name());
        self.inner.write(batch.fence(key, self.fence)).await
    }

    fn survives(&self) -> bool {
        self.inner.survives()
    }
}

impl Tenure {
    /// The store behind the fence of the lease: once the process that has the bot user next has written, nothing of this one is
    /// taken any more, also where it has not noticed that it lost the lease. Without leases, the store as it is.
    #[must_use]
    pub fn store(&self, inner: Arc<dyn Store>) -> Arc<dyn Store> {
        match self.fence() {
            None => inner,
            Some(fence) => Arc::new(Fenced {
                inner,
                tenure: self.clone(),
                fence,
            }),
        }
    }
}
