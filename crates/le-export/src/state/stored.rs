//! State in a folder or an object store.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use le_core::Result;
use le_core::clock::{Clock, SystemClock};

use super::{Claim, Holder, StateStore, lease, lock_file};
use crate::place::Place;

/// The folder below a dataset for state; readers of datasets pass over names that begin with `_`.
const FOLDER: &str = "_export";

/// State beside the data: in the folder `_export` of a [`Place`].
///
/// Locks are file locks in folders, which the system takes back from a killed process at once, and leases in object stores,
/// which run out after three minutes.
#[derive(Clone)]
pub struct PlaceState {
    place: Place,
    clock: Arc<dyn Clock>,
}

impl PlaceState {
    /// In this place.
    #[must_use]
    pub fn new(place: Place) -> Self {
        let clock = Arc::new(SystemClock::default());
        Self { place, clock }
    }

    /// With another clock for leases.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }
}

fn path(name: &str) -> String {
    format!("{FOLDER}/{name}")
}

#[async_trait]
impl StateStore for PlaceState {
    async fn get(&self, name: &str) -> Result<Option<String>> {
        self.place.read(&path(name)).await
    }

    async fn put(&self, name: &str, text: String) -> Result<()> {
        self.place.write(&path(name), text).await
    }

    async fn remove(&self, name: &str) -> Result<()> {
        self.place.remove(&path(name)).await
    }

    async fn list(&self, folder: &str) -> Result<Vec<String>> {
        let found = self.place.list(&path(folder)).await?;
        let own = format!("{FOLDER}/");
        let names = found
            .into_iter()
            .filter_map(|found| found.name.strip_prefix(&own).map(str::to_owned));
        Ok(names.collect())
    }

    async fn lock(&self, name: &str, holder: &Holder) -> Result<Claim> {
        let name = path(&format!("locks/{name}"));
        match self.place.leases() {
            Some((store, prefix)) => {
                let path = crate::place::below(&prefix, &name);
                lease::take(store, path, &self.place.name_of(&name), holder, Arc::clone(&self.clock)).await
            }
            None => {
                let root = self.place.path().unwrap_or(std::path::Path::new("."));
                lock_file::take(root.join(name), holder.clone()).await
            }
        }
    }

    fn place(&self) -> String {
        self.place.name_of(FOLDER)
    }
}

impl fmt::Debug for PlaceState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PlaceState").field(&self.place).finish()
    }
}
