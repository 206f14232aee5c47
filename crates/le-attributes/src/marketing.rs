//! Marketing source (`mrktInfo`): where the visitor came from.

use le_core::wire::Int;

use crate::payload::{around, numbers, payload};

around! {
    /// The marketing source as it is sent: `{"type":"mrktInfo","info":{...}}`.
    MarketingSourceSde { info: MarketingSource = "info" }
}

payload! {
    /// The campaign of the brand that brought the visitor.
    ///
    /// <https://developers.liveperson.com/engagement-attributes-types-of-engagement-attributes.html>
    pub struct MarketingSource {
        /// The number of a [`MarketingChannel`].
        channel: Option<Int> = "channel",
        /// Affiliate.
        affiliate: Option<String> = "affiliate" | "Affiliate",
        /// The brand's own key of the campaign, not a LivePerson campaign.
        campaign_id: Option<String> = "campaignId" | "campaignID",
    }
}

impl MarketingSource {
    /// What the number of [`channel`](Self::channel) means.
    #[must_use]
    pub fn channel_kind(&self) -> Option<MarketingChannel> {
        self.channel.as_ref().map(MarketingChannel::from)
    }
}

numbers! {
    /// How the visitor came.
    pub enum MarketingChannel {
        /// Typed the address.
        Direct = 0,
        /// From a search engine.
        Search = 1,
        /// From a social network.
        Social = 2,
        /// From an e-mail.
        Email = 3,
        /// From a link elsewhere.
        Referral = 4,
        /// From a paid search result; listed by the history pages only.
        PaidSearch = 5,
        /// From a display advertisement; listed by the history pages only.
        Display = 6,
    }
}
