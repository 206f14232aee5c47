//! The engagements of a visit.

use le_core::id::{CampaignId, SkillId};
use le_core::wire::{Flag, Int, List, RawRecord};

use crate::monitoring::ContextId;
use crate::payload::numbers;

le_core::record! {
    /// An engagement that was offered in the visit.
    pub struct VisitEngagement {
        /// The context in which it was offered.
        context_id: Option<ContextId> = "id" [safe],
        /// The engagement.
        engagement: Option<VisitedEngagement> = "engagement" [safe],
        /// When it was accepted, and on which page.
        accepted: List<ImpressionAccepted> = "impressionAccepted" [safe],
    }
}

le_core::record! {
    /// That an offer was accepted.
    pub struct ImpressionAccepted {
        /// Milliseconds since 1970.
        activity_time: Option<Int> = "activityTime" [safe],
        /// The page.
        page_id: Option<String> = "pageId" [safe],
    }
}

le_core::record! {
    /// What was offered, and where.
    pub struct VisitedEngagement {
        /// See [`EngagementState`].
        state: Option<Int> = "state" [safe],
        /// The zone of the page.
        zone_id: Option<Int> = "zoneId" [safe],
        /// The page.
        page_id: Option<String> = "pageId" [safe],
        /// The first context of an engagement that follows the visitor.
        first_follow_me_context_id: Option<ContextId> = "firstFollowMeEngagementContextId" [safe],
        /// The control group of the campaign.
        campaign_control: Option<String> = "campaignControl" [safe],
        /// The campaign.
        campaign: Option<CampaignEntity> = "campaignEntity" [safe],
        /// The engagement of the campaign.
        entity: Option<EngagementEntity> = "engagementEntity" [safe],
        /// The goal of the campaign.
        goal: Option<GoalEntity> = "goalEntity" [safe],
    }
}

impl VisitedEngagement {
    /// What [`state`](Self::state) means.
    #[must_use]
    pub fn state_kind(&self) -> Option<EngagementState> {
        self.state.as_ref().map(EngagementState::from)
    }
}

numbers! {
    /// Whether agents were there, by the codes of the tag's documentation.
    pub enum EngagementState {
        /// Agents were online.
        Online = 1,
        /// None was.
        Offline = 2,
        /// All were busy.
        Busy = 4,
    }
}

numbers! {
    /// How an engagement looks, by the codes of the tag's documentation.
    pub enum EngagementType {
        /// A peeling corner.
        PeelingCorner = 0,
        /// An overlay.
        Overlay = 1,
        /// A toaster.
        Toaster = 2,
        /// A slide-out.
        SlideOut = 3,
        /// Embedded in the page.
        Embedded = 5,
        /// Sticky.
        Sticky = 6,
    }
}

numbers! {
    /// What an engagement opens.
    pub enum ConversationType {
        /// A chat.
        Chat = 0,
        /// A messaging conversation.
        Messaging = 1,
    }
}

le_core::record! {
    /// The campaign.
    pub struct CampaignEntity {
        /// Its id.
        id: Option<CampaignId> = "id" [safe],
        /// Its revision.
        revision: Option<Int> = "revision" [safe],
        /// Its goal.
        goal_id: Option<CampaignId> = "goalId" [safe],
        /// A number of the service.
        event_sequence: Option<Int> = "campaignEventSequence" [safe],
        /// Visitor profiles by id, each with its revision.
        active_profiles: Option<RawRecord> = "activeVPs",
    }
}

le_core::record! {
    /// The engagement of a campaign.
    pub struct EngagementEntity {
        /// Its id.
        id: Option<CampaignId> = "id" [safe],
        /// Its revision.
        revision: Option<Int> = "revision" [safe],
        /// The channel; its codes are not published.
        channel: Option<Int> = "channel" [safe],
        /// See [`EngagementType`].
        engagement_type: Option<Int> = "type" [safe],
        /// Whether it stands outside of the site.
        is_offsite: Option<Flag> = "isOffsiteEngagement" [safe],
        /// Visitor behaviours by id, each with its revision.
        active_behaviours: Option<RawRecord> = "activeVBs",
        /// On-site locations by id, each with its revision.
        active_locations: Option<RawRecord> = "activeOSLs",
        /// The skill as it came; [`EngagementEntity::skill`] gives none where there is none.
        engagement_skill: Option<EngagementSkill> = "engagementSkill" [safe],
        /// Skills of the survey before a chat.
        survey_skills: List<RawRecord> = "surveySkills",
        /// Its codes are not published.
        availability_policy: Option<Int> = "availabilityPolicy" [safe],
        /// Its codes are not published.
        rendering_type: Option<Int> = "renderingType" [safe],
        /// See [`ConversationType`].
        conversation_type: Option<Int> = "conversationType" [safe],
    }
}

impl EngagementEntity {
    /// The skill, unless it is the placeholder for none: id -1, name `*!@NULL*!@`.
    #[must_use]
    pub fn skill(&self) -> Option<&EngagementSkill> {
        self.engagement_skill.as_ref().filter(|skill| {
            let id = skill.id.as_ref();
            id.is_some_and(|id| id.assigned().is_some()) && skill.name.as_deref() != Some(NO_SKILL)
        })
    }

    /// What [`engagement_type`](Self::engagement_type) means.
    #[must_use]
    pub fn type_kind(&self) -> Option<EngagementType> {
        self.engagement_type.as_ref().map(EngagementType::from)
    }

    /// What [`conversation_type`](Self::conversation_type) means.
    #[must_use]
    pub fn conversation_kind(&self) -> Option<ConversationType> {
        self.conversation_type.as_ref().map(ConversationType::from)
    }
}

/// The name of no skill.
const NO_SKILL: &str = "*!@NULL*!@";

le_core::record! {
    /// A skill.
    pub struct EngagementSkill {
        /// Its id; -1 is none.
        id: Option<SkillId> = "skillId" [safe],
        /// Its name.
        name: Option<String> = "skillName" [safe],
    }
}

le_core::record! {
    /// The goal of a campaign.
    pub struct GoalEntity {
        /// Its id.
        id: Option<CampaignId> = "id" [safe],
        /// Its revision.
        revision: Option<Int> = "revision" [safe],
        /// Its codes are not published.
        goal_type: Option<Int> = "type" [safe],
        /// Its codes are not published.
        indicator_type: Option<Int> = "indicatorType" [safe],
    }
}
