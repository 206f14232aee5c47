//! Where a conversation came from.

use le_core::id::{CampaignId, LobId};
use le_core::wire::{Flag, Int, List};

use crate::generated::enums::{Device, EngagementSource};

le_core::record! {
    /// The campaign, the engagement and what matched the visitor.
    pub struct Campaign {
        /// The engagement.
        campaign_engagement_id: Option<CampaignId> = "campaignEngagementId" [safe],
        /// Its name.
        campaign_engagement_name: Option<String> = "campaignEngagementName" [safe],
        /// The campaign.
        campaign_id: Option<CampaignId> = "campaignId" [safe],
        /// Its name.
        campaign_name: Option<String> = "campaignName" [safe],
        /// The goal.
        goal_id: Option<CampaignId> = "goalId" [safe],
        /// Its name.
        goal_name: Option<String> = "goalName" [safe],
        /// What the engagement tells the agent.
        engagement_agent_note: Option<String> = "engagementAgentNote",
        /// Where the engagement stood.
        engagement_source: Option<EngagementSource> = "engagementSource" [safe],
        /// The behaviour that matched.
        visitor_behavior_id: Option<CampaignId> = "visitorBehaviorId" [safe],
        /// Its name.
        visitor_behavior_name: Option<String> = "visitorBehaviorName" [safe],
        /// The profile that matched.
        visitor_profile_id: Option<CampaignId> = "visitorProfileId" [safe],
        /// Its name.
        visitor_profile_name: Option<String> = "visitorProfileName" [safe],
        /// The line of business; -1 is none.
        lob_id: Option<LobId> = "lobId" [safe],
        /// Its name.
        lob_name: Option<String> = "lobName" [safe],
        /// The location on the site.
        location_id: Option<CampaignId> = "locationId" | "LocationId" [safe],
        /// Its name.
        location_name: Option<String> = "locationName" | "LocationName" [safe],
        /// Whether the profile is the system's default.
        profile_system_default: Option<Flag> = "profileSystemDefault" [safe],
        /// Whether the behaviour is the system's default.
        behavior_system_default: Option<Flag> = "behaviorSystemDefault" [safe],
        /// The app that shows the engagement.
        engagement_application_id: Option<String> = "engagementApplicationId" [safe],
        /// Its name.
        engagement_application_name: Option<String> = "engagementApplicationName" [safe],
        /// The kind of that app.
        engagement_application_type_id: Option<CampaignId> = "engagementApplicationTypeId" [safe],
        /// Its name.
        engagement_application_type_name: Option<String> = "engagementApplicationTypeName" [safe],
    }
}

le_core::record! {
    /// Where the consumer was and with which device. Personal throughout.
    pub struct Monitoring {
        /// The country.
        country: Option<String> = "country",
        /// Its code.
        country_code: Option<String> = "countryCode" [safe],
        /// The state or region.
        state: Option<String> = "state",
        /// The city.
        city: Option<String> = "city",
        /// The internet provider.
        isp: Option<String> = "isp",
        /// The organisation that the address belongs to.
        org: Option<String> = "org",
        /// The kind of device.
        device: Option<Device> = "device" [safe],
        /// The address.
        ip_address: Option<String> = "ipAddress",
        /// The browser.
        browser: Option<String> = "browser" [safe],
        /// The operating system.
        operating_system: Option<String> = "operatingSystem" [safe],
        /// The page on which it began.
        conversation_start_page: Option<String> = "conversationStartPage",
        /// That page's title.
        conversation_start_page_title: Option<String> = "conversationStartPageTitle",
    }
}

le_core::record! {
    /// A page that the consumer visited. Not documented; seen in clients.
    pub struct PageVisit {
        /// The address.
        page: Option<String> = "page",
        /// The title.
        title: Option<String> = "title",
        /// The page before it.
        referrer: Option<String> = "referrer",
        /// The sections of the site that the page belongs to.
        sections: List<String> = "sections",
        /// When, in milliseconds since 1970.
        visit_time: Option<Int> = "visitTime" [safe],
    }
}
