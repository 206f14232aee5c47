//! The pages of a visit.

use le_core::wire::{Flag, Int, List, RawRecord};

le_core::record! {
    /// A page that the visitor saw.
    pub struct VisitPage {
        /// The page; events name it.
        id: Option<String> = "id" [safe],
        /// The address, without its scheme.
        url: Option<String> = "url",
        /// The title.
        title: Option<String> = "pageTitle",
        /// Where the visitor came from.
        referrer: Option<String> = "referrer",
        /// When they came, milliseconds since 1970.
        start_time: Option<Int> = "startTime" [safe],
        /// How long they stayed. The unit is in doubt: the pages say seconds, the sample fits milliseconds.
        time_on_page: Option<Int> = "timeOnPage" [safe],
        /// Whether it was loaded.
        page_loaded: Option<Flag> = "pageLoaded" [safe],
        /// On-site locations by id, each with its revision.
        active_locations: Option<RawRecord> = "revActiveOSLs",
        /// The same page in short.
        basic: Option<PageBasic> = "pageBasic" [safe],
    }
}

le_core::record! {
    /// A page in short.
    pub struct PageBasic {
        /// The address, with its scheme.
        url: Option<String> = "url",
        /// The title.
        title: Option<String> = "title",
        /// Where the visitor came from.
        referrer: Option<String> = "referrer",
        /// The sections of the page.
        sections: List<String> = "sections" [safe],
        /// When they came, milliseconds since 1970.
        start_time: Option<Int> = "startTime" [safe],
    }
}
