//! A session of an application within a visit.

use le_core::wire::{Flag, Float, Int, List, RawRecord};

use super::{VisitEngagement, VisitPage};
use crate::read;

le_core::record! {
    /// A session: the device, where the visitor is, what was reported, and what was offered.
    ///
    /// Reported attributes are those of the [`read`] family: `customerType` for `ctype`, and so on.
    pub struct AppSession {
        /// As the visit's.
        id: Option<String> = "id" [safe],
        /// Milliseconds since 1970.
        start_time: Option<Int> = "startTime" [safe],
        /// The browser or application.
        user_agent: Option<String> = "userAgent",
        /// The operating system, e.g. `MAC_OSX`.
        device_os: Option<String> = "deviceOS" [safe],
        /// E.g. `DESKTOP`.
        device_family: Option<String> = "deviceFamily" [safe],
        /// Whether it is mobile.
        mobile: Option<MobileDevice> = "mobileDeviceInfo" [safe],
        /// The visitor's address; one page calls it `lpv4`.
        ipv4: Option<String> = "ipv4" | "lpv4",
        /// Where the address is.
        geo: Option<Geo> = "geo",
        /// From which site they came; may be empty.
        external_referrer: Option<String> = "externalReferrer",
        /// What they searched for elsewhere.
        search_engine: Option<SearchEngine> = "searchEngine",
        /// `NA` where there is none.
        site_control_group: Option<String> = "siteControlGroup" [safe],
        /// Visitor profiles that hold, by id, each with its revision.
        active_profiles: Option<RawRecord> = "revActiveVPs",
        /// All visitor profiles.
        all_profiles: Option<RawRecord> = "revAllVPs",
        /// Visitor behaviours that hold.
        active_behaviours: Option<RawRecord> = "revActiveVBs",
        /// All visitor behaviours.
        all_behaviours: Option<RawRecord> = "revAllVBs",
        /// All on-site locations.
        all_locations: Option<RawRecord> = "revAllOSLs",
        /// Personal info, merged.
        personal_info: Option<MergedPersonalInfo> = "personalInfo" [safe],
        /// Customer info, merged.
        customer_info: Option<MergedCustomerInfo> = "customerInfo" [safe],
        /// Marketing source, merged.
        marketing_campaign_info: Option<MergedMarketingInfo> = "marketingCampaignInfo" [safe],
        /// The cart.
        cart: Option<CartState> = "cart" [safe],
        /// Viewed products.
        viewed_products: List<read::ViewedProductEvent> = "viewedProduct" [safe],
        /// Transactions.
        purchases: List<read::PurchaseEvent> = "purchases" [safe],
        /// Leads.
        leads: List<read::Lead> = "leads" [safe],
        /// Service activities.
        service_activities: List<read::ServiceActivity> = "serviceActivity" [safe],
        /// Errors of the visitor.
        visitor_errors: List<read::VisitorError> = "visitorError" [safe],
        /// Pages.
        pages: List<VisitPage> = "pages" [safe],
        /// What was offered.
        engagements: List<VisitEngagement> = "engagements" [safe],
        /// Every report, in order.
        events: List<read::Event> = "events" [safe],
    }
}

le_core::record! {
    /// Whether the device is mobile.
    pub struct MobileDevice {
        /// It is.
        mobile: Option<Flag> = "mobile" [safe],
        /// It was recognised.
        detected: Option<Flag> = "detected" [safe],
    }
}

le_core::record! {
    /// Where the visitor's address is. Fixed when the conversation starts.
    pub struct Geo {
        /// Country.
        country: Option<String> = "country",
        /// Two letters.
        country_code: Option<String> = "countryCode",
        /// State or region.
        state: Option<String> = "state",
        /// City.
        city: Option<String> = "city",
        /// Provider.
        isp: Option<String> = "isp",
        /// Organisation.
        organization: Option<String> = "org",
    }
}

le_core::record! {
    /// A search that brought the visitor.
    pub struct SearchEngine {
        /// The engine.
        engine: Option<String> = "searchEngine" [safe],
        /// The keywords.
        keywords: Option<String> = "keywords",
    }
}

le_core::record! {
    /// Customer info, one level down.
    pub struct MergedCustomerInfo {
        /// The members, merged over all reports.
        customer_info: Option<read::CustomerInfo> = "customerInfo" [safe],
    }
}

le_core::record! {
    /// Personal info, one level down.
    pub struct MergedPersonalInfo {
        /// The members, merged over all reports.
        personal_info: Option<read::PersonalInfo> = "personalInfo" [safe],
    }
}

le_core::record! {
    /// Marketing source, one level down.
    pub struct MergedMarketingInfo {
        /// The members, merged over all reports.
        marketing_campaign_info: Option<read::MarketingCampaignInfo> = "marketingCampaignInfo" [safe],
    }
}

le_core::record! {
    /// The cart of a visit.
    pub struct CartState {
        /// What is in it.
        cart_status: Option<read::CartStatusEvent> = "cartStatus" [safe],
        /// By how much the total changed last.
        last_total_change: Option<Float> = "lastTotalChange",
    }
}
