//! Impression events: an engagement was shown, clicked, closed. They are reported like attributes.

use le_core::id::CampaignId;
use le_core::wire::{Extra, List};

use crate::generated::enums::ImpressionType;

pub use crate::generated::payloads::{EngagementContext, Impression};

impl Impression {
    /// An event with the three numbers of the offer: `campaignId`, `engagementId`, `engagementRevision`.
    ///
    /// `impDisplay` and `impAccept` need a [`context`](Self::context) besides; [`shown`](Self::shown) and
    /// [`accepted`](Self::accepted) ask for it. `impExpanded` gets its three members of unknown type as `null`, as the samples
    /// have them.
    #[must_use]
    pub fn new(
        what: ImpressionType,
        campaign: impl Into<CampaignId>,
        engagement: impl Into<CampaignId>,
        revision: i64,
    ) -> Self {
        let mut extra = Extra::default();
        if what == ImpressionType::Expanded {
            for name in ["expanded", "userInit", "actionableItems"] {
                // `null` can always be written.
                let _ = extra.insert(name, &());
            }
        }
        Self {
            impression_type: Some(what),
            campaign: Some(campaign.into()),
            engagement: Some(engagement.into()),
            revision: Some(revision.into()),
            contexts: List::default(),
            expanded: None,
            user_init: None,
            actionable_items: None,
            extra,
        }
    }

    /// `impDisplay`: the engagement was shown, in the context with this `contextId`.
    #[must_use]
    pub fn shown(campaign: i64, engagement: i64, revision: i64, context: impl Into<String>) -> Self {
        Self::new(ImpressionType::Display, campaign, engagement, revision).context(context)
    }

    /// `impAccept`: the engagement was clicked, in the context with this `contextId`.
    #[must_use]
    pub fn accepted(campaign: i64, engagement: i64, revision: i64, context: impl Into<String>) -> Self {
        Self::new(ImpressionType::Accept, campaign, engagement, revision).context(context)
    }

    /// Adds the `contextId` of the offer.
    #[must_use]
    pub fn context(mut self, id: impl Into<String>) -> Self {
        self.contexts.push(EngagementContext::of(id));
        self
    }
}

impl EngagementContext {
    /// The context with this `contextId`.
    #[must_use]
    pub fn of(id: impl Into<String>) -> Self {
        Self {
            kind: Some("engagementContext".to_owned()),
            id: Some(id.into()),
            extra: Extra::default(),
        }
    }
}
