//! Locks in an object store: a lease that its holder renews, and that runs out when the holder is no more.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use le_core::clock::Clock;
use le_core::{Error, Result, Timestamp};
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt as _, PutMode, PutOptions, PutPayload, UpdateVersion};
use serde::{Deserialize, Serialize};
use tokio::task::JoinHandle;

use super::{Claim, Holder, LockGuard};
use crate::place::store_failed;

/// A lease that was not renewed for so long is free. Clocks of machines may differ by less than half of it.
const TERM: Duration = Duration::from_secs(180);

/// How often it is renewed.
const RENEWAL: Duration = Duration::from_secs(30);

#[derive(Serialize, Deserialize)]
struct Lease {
    holder: Holder,
    renewed: Timestamp,
}

struct Keeper {
    store: Arc<dyn ObjectStore>,
    path: Path,
    holder: Holder,
    clock: Arc<dyn Clock>,
    held: Arc<AtomicBool>,
}

struct Guard {
    keeper: Arc<Keeper>,
    renewing: JoinHandle<()>,
}

#[async_trait]
impl LockGuard for Guard {
    async fn release(self: Box<Self>) {
        self.renewing.abort();
        if self.keeper.held.swap(false, Ordering::AcqRel)
            && let Err(error) = self.keeper.store.delete(&self.keeper.path).await
        {
            tracing::warn!(error = %store_failed(&self.keeper.path, &error), "a lease could not be given back; it runs out by itself");
        }
    }

    fn is_held(&self) -> bool {
        self.keeper.held.load(Ordering::Acquire)
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.renewing.abort();
        if !self.is_held() {
            return;
        }
        let keeper = Arc::clone(&self.keeper);
        // Without a runtime the lease runs out by itself.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move { keeper.store.delete(&keeper.path).await });
        }
    }
}

impl fmt::Debug for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lease")
            .field("path", &self.keeper.path)
            .finish_non_exhaustive()
    }
}

/// What a conditional write came to.
enum Put {
    Done(UpdateVersion),
    Lost,
}

impl Keeper {
    async fn put(&self, mode: PutMode) -> Result<Put, object_store::Error> {
        let lease = Lease {
            holder: self.holder.clone(),
            renewed: self.clock.now(),
        };
        let text = serde_json::to_vec(&lease).unwrap_or_default();
        match self
            .store
            .put_opts(&self.path, PutPayload::from(text), PutOptions::from(mode))
            .await
        {
            Ok(put) => Ok(Put::Done(put.into())),
            Err(object_store::Error::AlreadyExists { .. } | object_store::Error::Precondition { .. }) => Ok(Put::Lost),
            Err(error) => Err(error),
        }
    }

    /// Renews until it is stopped, or until somebody else has taken the lease over.
    async fn renew(self: Arc<Self>, mut version: UpdateVersion) {
        let mut renewed = self.clock.monotonic();
        loop {
            self.clock.sleep(RENEWAL).await;
            match self.put(PutMode::Update(version.clone())).await {
                Ok(Put::Done(next)) => (version, renewed) = (next, self.clock.monotonic()),
                Ok(Put::Lost) => break,
                Err(error) => {
                    tracing::warn!(error = %store_failed(&self.path, &error), "a lease could not be renewed");
                    if self.clock.monotonic().saturating_sub(renewed) >= TERM / 2 {
                        break;
                    }
                }
            }
        }
        self.held.store(false, Ordering::Release);
    }
}

pub(super) async fn take(
    store: Arc<dyn ObjectStore>,
    path: Path,
    name: &str,
    holder: &Holder,
    clock: Arc<dyn Clock>,
) -> Result<Claim> {
    let failed = |error: object_store::Error| -> Error { store_failed(name, &error) };
    let keeper = Arc::new(Keeper {
        store,
        path,
        holder: holder.clone(),
        clock,
        held: Arc::new(AtomicBool::new(true)),
    });
    let version = match keeper.put(PutMode::Create).await.map_err(failed)? {
        Put::Done(version) => version,
        Put::Lost => {
            let (mode, before) = match expired(&keeper).await.map_err(failed)? {
                Ok(mode) => mode,
                Err(holder) => return Ok(Claim::Taken(holder)),
            };
            match keeper.put(mode).await.map_err(failed)? {
                Put::Done(version) => {
                    tracing::warn!(lock = name, %before, "a lease that ran out is taken over");
                    version
                }
                Put::Lost => return Ok(Claim::Taken(None)),
            }
        }
    };
    let renewing = tokio::spawn(Arc::clone(&keeper).renew(version));
    Ok(Claim::Held(Box::new(Guard { keeper, renewing })))
}

type Expired = std::result::Result<(PutMode, String), Option<Holder>>;

/// How to take over the lease that is there, where it has run out; otherwise who has it.
async fn expired(keeper: &Keeper) -> Result<Expired, object_store::Error> {
    let found = match keeper.store.get(&keeper.path).await {
        Ok(found) => found,
        // It was given back just now.
        Err(object_store::Error::NotFound { .. }) => return Ok(Ok((PutMode::Create, "nobody".to_owned()))),
        Err(error) => return Err(error),
    };
    let version = UpdateVersion {
        e_tag: found.meta.e_tag.clone(),
        version: found.meta.version.clone(),
    };
    let lease: Option<Lease> = serde_json::from_slice(&found.bytes().await?).ok();
    match lease {
        Some(lease) if keeper.clock.now().since(lease.renewed) < TERM => Ok(Err(Some(lease.holder))),
        Some(lease) => Ok(Ok((PutMode::Update(version), lease.holder.to_string()))),
        None => Ok(Ok((PutMode::Update(version), "an unreadable lease".to_owned()))),
    }
}
