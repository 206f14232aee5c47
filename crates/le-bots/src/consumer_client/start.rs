//! How a conversation begins.

use le_core::AccountId;
use le_core::id::{CampaignId, SkillId};

use crate::conversation::{CampaignInfo, ConversationContext, RequestConversation};
use crate::dialog::ChannelType;
use crate::ttr::TtrType;

/// How a conversation begins, if none is open.
#[derive(Debug, Clone, Default)]
#[must_use]
pub struct Start {
    skill: Option<SkillId>,
    campaign: Option<CampaignInfo>,
    context: Option<ConversationContext>,
    urgency: Option<TtrType>,
    pub(super) text: Option<String>,
    pub(super) reuse: bool,
}

impl Start {
    /// With any skill, or by a [`campaign`](Self::campaign).
    pub fn new() -> Self {
        Self {
            reuse: true,
            ..Self::default()
        }
    }

    /// With this skill. The vendor advises campaigns in its place.
    pub fn for_skill(skill: impl Into<SkillId>) -> Self {
        Self {
            skill: Some(skill.into()),
            ..Self::new()
        }
    }

    /// By campaign and engagement.
    pub fn campaign(mut self, campaign: impl Into<CampaignId>, engagement: impl Into<CampaignId>) -> Self {
        self.campaign = Some(CampaignInfo {
            campaign_id: Some(campaign.into()),
            engagement_id: Some(engagement.into()),
            ..CampaignInfo::default()
        });
        self
    }

    /// Where it comes from: the visitor and the session of the web monitoring, say.
    pub fn context(mut self, context: ConversationContext) -> Self {
        self.context = Some(context);
        self
    }

    /// How urgent it is to begin with.
    pub fn urgency(mut self, urgency: TtrType) -> Self {
        self.urgency = Some(urgency);
        self
    }

    /// The first message. Automatic messages of the brand want it within ten seconds.
    pub fn saying(mut self, text: impl Into<String>) -> Self {
        self.text = Some(text.into());
        self
    }

    /// Opens a new conversation, also where one is open. Servers may refuse that.
    pub fn anew(mut self) -> Self {
        self.reuse = false;
        self
    }

    pub(super) fn request(&self, account: &AccountId) -> RequestConversation {
        RequestConversation {
            brand_id: Some(account.to_string()),
            channel_type: Some(ChannelType::Messaging),
            skill_id: self.skill.clone(),
            ttr: self.urgency.clone(),
            campaign_info: self.campaign.clone(),
            context: self.context.clone(),
            ..RequestConversation::default()
        }
    }
}
