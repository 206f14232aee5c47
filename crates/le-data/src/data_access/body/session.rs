//! Web sessions: pages, goals, campaigns that fitted, engagements that were shown, place and browser.

use le_core::id::{CampaignId, SkillId};
use le_core::wire::{Flag, Float, Int, List};

use super::engagement::VisitorHeader;
use crate::data_access::codes::ImpressionKind;
use crate::generated::enums::ControlGroup;

le_core::record! {
    /// Pages of a web session.
    pub struct WebSessionNavigationData {
        /// Whose.
        header: Option<VisitorHeader> = "header" [safe],
        /// The pages.
        pages: List<NavigationEvent> = "navigationData" [safe],
        /// The full name of the record.
        branch: Option<String> = "@branch" [safe],
    }
}

le_core::record! {
    /// A page that was seen.
    pub struct NavigationEvent {
        /// When, in milliseconds since 1970.
        timestamp: Option<Int> = "timestamp" [safe],
        /// The page.
        url: Option<String> = "url",
        /// The page before.
        referrer_url: Option<String> = "referrerUrl",
        /// The sections that the page is in.
        sections: List<String> = "sections" [safe],
        /// The full name of the record.
        branch: Option<String> = "@branch" [safe],
    }
}

le_core::record! {
    /// Goals that were reached in a web session.
    pub struct WebSessionGoalAchievedData {
        /// Whose.
        header: Option<VisitorHeader> = "header" [safe],
        /// The goals.
        goals: List<AchievedGoal> = "achievedGoals" [safe],
        /// The full name of the record.
        branch: Option<String> = "@branch" [safe],
    }
}

le_core::record! {
    /// A goal that was reached.
    pub struct AchievedGoal {
        /// This time of reaching it.
        id: Option<Int> = "id" [safe],
        /// When, in milliseconds since 1970.
        timestamp: Option<Int> = "timestamp" [safe],
        /// The goal.
        campaign_goal_id: Option<Int> = "campaignGoalId" [safe],
        /// Its revision.
        campaign_goal_revision: Option<Int> = "campaignGoalRevision" [safe],
        /// Its kind, as a code.
        campaign_goal_type: Option<Int> = "campaignGoalType" [safe],
        /// By what it was reached; which fields are there depends on the branch.
        metadata: Option<GoalMetadata> = "goalMetaData" [safe],
        /// The full name of the record.
        branch: Option<String> = "@branch" [safe],
    }
}

le_core::record! {
    /// By what a goal was reached: `UrlGoalMetadata`, `PurchaseMetadata`, `ReduceAbandonmentGoalMetadata`,
    /// `IncreaseInteractionGoalMetadata`, `LeadMetadata` or `ServiceActivityMetadata`, as `branch` says.
    pub struct GoalMetadata {
        /// The page (URL).
        url: Option<String> = "url",
        /// The sum (purchase).
        total: Option<Float> = "total" [safe],
        /// The order (purchase).
        order_id: Option<String> = "orderId" [safe],
        /// The cart (purchase).
        cart_status: Option<crate::messaging_interactions::CartStatus> = "cartStatus" [safe],
        /// How many pages (reduce abandonment).
        number_of_pages: Option<Int> = "numberOfPages" [safe],
        /// The engagement (increase interaction).
        engagement: Option<SessionEngagement> = "engagement" [safe],
        /// The campaign (increase interaction).
        campaign: Option<SessionCampaign> = "campaign" [safe],
        /// What in (lead, service activity).
        topic: Option<String> = "topic",
        /// The brand's own id (lead).
        lead_id: Option<String> = "leadId" [safe],
        /// What it is worth (lead).
        value: Option<Float> = "value" [safe],
        /// The status, as a code (service activity).
        status: Option<Int> = "status" [safe],
        /// The category (service activity).
        category: Option<String> = "category",
        /// The brand's own id (service activity).
        service_id: Option<String> = "serviceId" [safe],
        /// The full name of the record.
        branch: Option<String> = "@branch" [safe],
    }
}

le_core::record! {
    /// Campaigns for which the visitor was eligible.
    pub struct WebSessionEligibilityData {
        /// Whose.
        header: Option<VisitorHeader> = "header" [safe],
        /// When and for what.
        eligibility: List<Eligibility> = "eligibilityData" [safe],
        /// The full name of the record.
        branch: Option<String> = "@branch" [safe],
    }
}

le_core::record! {
    /// For what the visitor was eligible at one time.
    pub struct Eligibility {
        /// When, in milliseconds since 1970.
        timestamp: Option<Int> = "timestamp" [safe],
        /// The campaigns.
        campaigns: List<EligibleCampaign> = "eligibleCampaigns" [safe],
        /// The full name of the record.
        branch: Option<String> = "@branch" [safe],
    }
}

le_core::record! {
    /// A campaign for which the visitor was eligible.
    pub struct EligibleCampaign {
        /// The campaign.
        campaign: Option<SessionCampaign> = "campaign" [safe],
        /// Its engagements.
        engagements: List<SessionEngagement> = "engagements" [safe],
        /// Its goal.
        goal: Option<SessionGoal> = "goal" [safe],
        /// In which group of a test the visitor was.
        control_group: Option<ControlGroup> = "controlGroupType" [safe],
        /// The full name of the record.
        branch: Option<String> = "@branch" [safe],
    }
}

le_core::record! {
    /// Engagements that were shown.
    pub struct WebSessionImpressionData {
        /// Whose.
        header: Option<VisitorHeader> = "header" [safe],
        /// The impressions.
        impressions: List<Impression> = "impressions" [safe],
        /// The full name of the record.
        branch: Option<String> = "@branch" [safe],
    }
}

le_core::record! {
    /// What became of an engagement on the page.
    pub struct Impression {
        /// When, in milliseconds since 1970.
        timestamp: Option<Int> = "timestamp" [safe],
        /// Which one.
        engagement_instance_id: Option<String> = "engagementInstanceId" [safe],
        /// Shown, clicked, closed, gone.
        kind: Option<ImpressionKind> = "impressionType" [safe],
        /// The state: a number in examples; content, chatonline or chatoffline in the text.
        state: Option<String> = "state" [safe],
        /// The engagement.
        engagement: Option<SessionEngagement> = "engagement" [safe],
        /// The campaign.
        campaign: Option<SessionCampaign> = "campaign" [safe],
        /// The goal.
        goal: Option<SessionGoal> = "goal" [safe],
        /// In which group of a test the visitor was. Since schema version 1.0.0.35.
        control_group: Option<ControlGroup> = "controlGroup" [safe],
        /// The full name of the record.
        branch: Option<String> = "@branch" [safe],
    }
}

le_core::record! {
    /// A campaign.
    pub struct SessionCampaign {
        /// The campaign.
        id: Option<CampaignId> = "id" [safe],
        /// For which visitors.
        visitor_profiles: List<Revision> = "visitorProfiles" [safe],
        /// The full name of the record.
        branch: Option<String> = "@branch" [safe],
    }
}

le_core::record! {
    /// Something that has revisions.
    pub struct Revision {
        /// Its id.
        id: Option<Int> = "id" [safe],
        /// Which revision.
        revision: Option<Int> = "revision" [safe],
        /// The full name of the record.
        branch: Option<String> = "@branch" [safe],
    }
}

le_core::record! {
    /// An engagement of a campaign.
    pub struct SessionEngagement {
        /// The engagement.
        id: Option<Int> = "id" [safe],
        /// The channel.
        channel: Option<String> = "channel" [safe],
        /// How it looks: 0 peeling corner, 1 overlay, 2 toaster, 3 slide-out, 5 embedded, 6 sticky.
        r#type: Option<Int> = "type" [safe],
        /// For which behaviours.
        visitor_behaviors: List<Revision> = "visitorBehaviors" [safe],
        /// The skill.
        skill_id: Option<SkillId> = "skillId" [safe],
        /// Its name.
        skill_name: Option<String> = "skillName" [safe],
        /// Skills that a survey chooses from.
        survey_skills: List<SurveySkill> = "surveySkills" [safe],
        /// Whether it is shown elsewhere than on the brand's pages.
        is_offsite: Option<Flag> = "isOffsiteEngagement" [safe],
        /// When it can be used.
        availability_policy: Option<String> = "availabilityPolicy" [safe],
        /// The kind of interaction, as a code.
        interaction_type: Option<Int> = "interactionType" [safe],
        /// How it is rendered, as a code.
        rendering_type: Option<Int> = "renderingType" [safe],
        /// The full name of the record.
        branch: Option<String> = "@branch" [safe],
    }
}

le_core::record! {
    /// A skill that a survey chooses from.
    pub struct SurveySkill {
        /// The skill.
        id: Option<SkillId> = "id" [safe],
        /// Its name.
        name: Option<String> = "name" [safe],
        /// The full name of the record.
        branch: Option<String> = "@branch" [safe],
    }
}

le_core::record! {
    /// A goal of a campaign.
    pub struct SessionGoal {
        /// The goal.
        id: Option<Int> = "id" [safe],
        /// Its kind, as a code.
        r#type: Option<Int> = "type" [safe],
        /// Its indicator, as a code.
        indicator_type: Option<Int> = "indicatorType" [safe],
        /// The full name of the record.
        branch: Option<String> = "@branch" [safe],
    }
}

le_core::record! {
    /// Where a visitor was.
    pub struct GeoData {
        /// Whose.
        header: Option<VisitorHeader> = "header" [safe],
        /// Address.
        ip_v4: Option<String> = "iPV4",
        /// Address.
        ip_v6: Option<String> = "iPV6",
        /// Country.
        country: Option<String> = "country",
        /// Its code.
        country_code: Option<String> = "countryCode",
        /// State or region.
        state: Option<String> = "state",
        /// City.
        city: Option<String> = "city",
        /// Organisation.
        org: Option<String> = "org",
        /// Internet provider.
        isp: Option<String> = "isp",
        /// The full name of the record.
        branch: Option<String> = "@branch" [safe],
    }
}

le_core::record! {
    /// The browser and the time of a session. The search engine and its words are in `extra`: their spelling is not clear.
    pub struct SessionInfoData {
        /// Whose.
        header: Option<VisitorHeader> = "header" [safe],
        /// When it began, in milliseconds since 1970.
        session_start_time: Option<Int> = "sessionStartTime" [safe],
        /// What the browser says of itself.
        user_agent: Option<String> = "userAgent",
        /// `NA`, `WINDOWS`, `MAC_OS`, `LINUX`, `IOS`, `ANDROID`.
        device_os: Option<String> = "deviceOS" [safe],
        /// The kind of device.
        device_family: Option<String> = "deviceFamily" [safe],
        /// In which group of a test of the whole site the visitor was.
        site_control_group: Option<ControlGroup> = "siteControlGroup" [safe],
        /// The full name of the record.
        branch: Option<String> = "@branch" [safe],
    }
}
