//! The Rust handle for visitors.

use std::{sync::Arc, time::Duration};

use serde_json::Value;

use crate::{
    campaign::{self, Campaign},
    error::SimError,
    monitoring::{FunnelCount, OfferSummary, VisitorSummary},
    world::World,
};

/// Steers what is visitor-side, and reads what happened. [`Control::monitoring`](crate::Control::monitoring) gives one.
#[derive(Debug, Clone)]
pub struct MonitoringControl {
    world: Arc<World>,
}

impl MonitoringControl {
    pub(crate) fn new(world: Arc<World>) -> Self {
        Self { world }
    }

    /// The app installation id that the Monitoring API takes.
    #[must_use]
    pub fn app_installation_id(&self) -> String {
        self.world.account.app_installation_id().to_owned()
    }

    /// The campaigns as they stand.
    #[must_use]
    pub fn campaigns(&self) -> Vec<Campaign> {
        self.world.monitoring.campaigns().as_ref().clone()
    }

    /// Replaces the campaigns until the next reset, and begins to count anew.
    ///
    /// # Errors
    ///
    /// [`SimError::Campaigns`] if two campaigns or two engagements share an id; the old ones then stay.
    pub fn set_campaigns(&self, campaigns: Vec<Campaign>) -> Result<(), SimError> {
        campaign::check(&campaigns)?;
        self.world.monitoring.set_campaigns(Arc::new(campaigns));
        Ok(())
    }

    /// All visitors that are remembered.
    #[must_use]
    pub fn visitors(&self) -> Vec<VisitorSummary> {
        self.world.monitoring.summaries(&self.world)
    }

    /// The state of the newest session of a visitor as Visit Information shows it, whether the session lives or not.
    #[must_use]
    pub fn visit(&self, visitor: &str) -> Option<Value> {
        self.world.monitoring.tree(&self.world, visitor)
    }

    /// The offers in the newest session of each visitor.
    #[must_use]
    pub fn offers(&self) -> Vec<OfferSummary> {
        self.world.monitoring.offer_summaries()
    }

    /// What offers came to, by engagement.
    #[must_use]
    pub fn funnel(&self) -> Vec<FunnelCount> {
        self.world.monitoring.funnel()
    }

    /// Makes sessions older: all, or that of one visitor. After half an hour they are over. Returns how many there were.
    pub fn age_sessions(&self, visitor: Option<&str>, by: Duration) -> usize {
        let by_ms = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
        self.world.monitoring.age(visitor, by_ms)
    }

    /// The next so many calls are told that the account is loading.
    pub fn load_account(&self, answers: u64) {
        let mut behaviour = self.world.behaviour().as_ref().clone();
        behaviour.monitoring.loading_answers = answers;
        self.world.set_behaviour(behaviour);
        self.world.monitoring.load_again();
    }
}
