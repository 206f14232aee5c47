//! The visitor and their way through the site.

use le_core::wire::{Flag, Int, List};

le_core::record! {
    /// The visitor.
    pub struct VisitorInfo {
        /// Visitor; in messaging the consumer.
        visitor_id: Option<String> = "visitorId",
        /// Name.
        visitor_name: Option<String> = "visitorName",
        /// Single sign-on; old accounts only.
        visitor_sso: Option<Flag> = "visitorSso" [safe],
        /// `DESKTOP`, `TABLET`, `MOBILE`.
        device: Option<String> = "device" [safe],
        /// Browser.
        browser: Option<String> = "browser" [safe],
        /// Operating system.
        operating_system: Option<String> = "operatingSystem" [safe],
        /// Country.
        country: Option<String> = "country",
        /// ISO 3166-1 alpha-2; new workspace only.
        country_code: Option<String> = "countryCode",
        /// State.
        state: Option<String> = "state",
        /// City.
        city: Option<String> = "city",
        /// Internet provider.
        isp: Option<String> = "isp",
        /// Organization.
        organization: Option<String> = "organization",
        /// Address; with a capital letter on the wire.
        ip_address: Option<String> = "IpAddress",
        /// Time zone.
        visitor_timezone: Option<String> = "visitorTimezone",
        /// When they came to the site; in messaging when the conversation began.
        visit_start_time: Option<String> = "visitStartTime" [safe],
        /// `CHATTING` or `ENDED`.
        chatting_visitor_state: Option<String> = "chattingVisitorState" [safe],
        /// Whether they are typing; not in messaging.
        visitor_typing: Option<Flag> = "visitorTyping" [safe],
        /// When they asked; in the sample only.
        chat_requested_time: Option<String> = "chatRequestedTime" [safe],
        /// Where they asked; in the sample only.
        chat_start_url: Option<String> = "chatStartUrl",
    }
}

le_core::record! {
    /// The visitor's way through the site.
    pub struct VisitorJourney {
        /// The pages.
        pages: List<JourneyPage> = "pages" [safe],
        /// The search that led here.
        search_engine: Option<SearchEngine> = "searchEngine" [safe],
    }
}

le_core::record! {
    /// A page.
    pub struct JourneyPage {
        /// Id.
        id: Option<String> = "id" [safe],
        /// Address.
        url: Option<String> = "url",
        /// Title.
        page_title: Option<String> = "pageTitle",
        /// Where they came from.
        referrer: Option<String> = "referrer",
        /// When. Milliseconds since 1970.
        start_time: Option<Int> = "startTime" [safe],
        /// How long; seconds by the page, which samples contradict.
        time_on_page: Option<Int> = "timeOnPage" [safe],
    }
}

le_core::record! {
    /// The search that led here.
    pub struct SearchEngine {
        /// Search engine.
        search_provider: Option<String> = "searchProvider" [safe],
        /// The words.
        search_keywords: Option<String> = "searchKeywords",
    }
}
