//! Impression events: an engagement was shown, clicked, closed. They are reported like attributes.

use le_core::id::CampaignId;
use le_core::wire::{Int, List};

use crate::generated::enums::ImpressionType;
use crate::payload::payload;

payload! {
    /// What the visitor did with an engagement. All numbers are copied from the answer that offered it.
    ///
    /// <https://developers.liveperson.com/app-engagement-api-impression-events-body-example.html>
    pub struct Impression {
        /// What happened.
        impression_type: Option<ImpressionType> = "type" [safe],
        /// `campaignId` of the offer.
        campaign: Option<CampaignId> = "campaign" [safe],
        /// `engagementId` of the offer.
        engagement: Option<CampaignId> = "engId" [safe],
        /// `engagementRevision` of the offer.
        revision: Option<Int> = "revision" [safe],
        /// The context of the offer; with `impDisplay` and `impAccept`.
        contexts: List<EngagementContext> = "eContext" [safe],
    }
}

impl Impression {
    /// An event without a context: `impExpanded`, `impTimeout`, `impClose`.
    #[must_use]
    pub fn new(what: ImpressionType, campaign: i64, engagement: i64, revision: i64) -> Self {
        Self::default()
            .impression_type(what)
            .campaign(campaign)
            .engagement(engagement)
            .revision(revision)
    }

    /// Adds the `contextId` of the offer.
    #[must_use]
    pub fn context(mut self, id: impl Into<String>) -> Self {
        let mut contexts = std::mem::take(&mut self.contexts).into_vec();
        contexts.push(EngagementContext::default().kind("engagementContext".to_owned()).id(id));
        self.contexts(contexts)
    }
}

payload! {
    /// The context of an offer.
    pub struct EngagementContext {
        /// `engagementContext`.
        kind: Option<String> = "type" [safe],
        /// `contextId` of the offer.
        id: Option<String> = "id" [safe],
    }
}
