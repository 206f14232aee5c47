//! What became of offers, counted by engagement.

use serde::Serialize;

use super::{Monitoring, attribute::Step};
use crate::world::lock;

/// The counts of one engagement.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Funnel {
    offered: u64,
    displayed: u64,
    accepted: u64,
    expanded: u64,
    timed_out: u64,
    closed: u64,
}

/// How far the offers of one engagement came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct FunnelCount {
    /// The campaign.
    pub campaign_id: i64,
    /// The engagement.
    pub engagement_id: i64,
    /// Offers that were made, each once however often it was asked for.
    pub offered: u64,
    /// `impDisplay`.
    pub displayed: u64,
    /// `impAccept`.
    pub accepted: u64,
    /// `impExpanded`.
    pub expanded: u64,
    /// `impTimeout`.
    pub timed_out: u64,
    /// `impClose`.
    pub closed: u64,
}

impl Monitoring {
    pub(super) fn count_offer(&self, campaign: i64, engagement: i64) {
        lock(&self.funnel).entry((campaign, engagement)).or_default().offered += 1;
    }

    pub(super) fn count_step(&self, campaign: i64, engagement: i64, step: Step) {
        let mut funnel = lock(&self.funnel);
        let counts = funnel.entry((campaign, engagement)).or_default();
        *match step {
            Step::Display => &mut counts.displayed,
            Step::Accept => &mut counts.accepted,
            Step::Expanded => &mut counts.expanded,
            Step::Timeout => &mut counts.timed_out,
            Step::Close => &mut counts.closed,
        } += 1;
    }

    /// The counts of all engagements that were offered.
    pub(crate) fn funnel(&self) -> Vec<FunnelCount> {
        let funnel = lock(&self.funnel);
        funnel
            .iter()
            .map(|((campaign_id, engagement_id), counts)| FunnelCount {
                campaign_id: *campaign_id,
                engagement_id: *engagement_id,
                offered: counts.offered,
                displayed: counts.displayed,
                accepted: counts.accepted,
                expanded: counts.expanded,
                timed_out: counts.timed_out,
                closed: counts.closed,
            })
            .collect()
    }
}
