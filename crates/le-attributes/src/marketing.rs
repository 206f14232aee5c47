//! Marketing source (`mrktInfo`): where the visitor came from.

use crate::payload::around;

pub use crate::generated::payloads::{MarketingChannel, MarketingSource};

around! {
    /// The marketing source as it is sent: `{"type":"mrktInfo","info":{...}}`.
    MarketingSourceSde { info: MarketingSource = "info" }
}

impl MarketingSource {
    /// What the number of [`channel`](Self::channel) means.
    #[must_use]
    pub fn channel_kind(&self) -> Option<MarketingChannel> {
        self.channel.as_ref().map(MarketingChannel::from)
    }
}
