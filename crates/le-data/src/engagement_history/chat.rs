//! One record of the history: an ended chat.

use le_core::wire::{List, present};

use super::info::{ChatInfo, EngagementId};
use super::line::{Line, LineScore, Transcript};
use super::survey::ChatSurveys;
use crate::generated::enums::{Device, OperatingSystem};
use crate::messaging_interactions::{Campaign, CoBrowseSessions, Sdes};

le_core::record! {
    /// An ended chat.
    ///
    /// Vendor page: <https://developers.liveperson.com/engagement-history-api-methods.html>
    pub struct Chat {
        /// The head of the record.
        info: Option<ChatInfo> = "info" [safe],
        /// What was written.
        transcript: Option<Transcript> = "transcript" [safe],
        /// The sentiment score of each line.
        line_scores: List<LineScore> = "lineScores" [safe],
        /// Surveys before and after the chat, and of the agent.
        surveys: Option<ChatSurveys> = "surveys" [safe],
        /// Campaign and engagement that the chat came from.
        campaign: Option<Campaign> = "campaign" [safe],
        /// Where the visitor was and with which device.
        visitor_info: Option<VisitorInfo> = "visitorInfo" [safe],
        /// Co-browse sessions.
        co_browse_sessions: Option<CoBrowseSessions> = "coBrowseSessions" [safe],
        /// Engagement attributes; all scalars are text here.
        sdes: Option<Sdes> = "sdes" | "SDEs" [safe],
    }
}

impl Chat {
    /// The chat's id: the key of the record.
    #[must_use]
    pub fn id(&self) -> Option<&EngagementId> {
        self.info.as_ref()?.engagement_id.as_ref()
    }

    /// Whether the service says that the record is not whole; then read it again by its id.
    #[must_use]
    pub fn is_partial(&self) -> bool {
        let flag = self.info.as_ref().and_then(|info| info.is_partial.as_ref());
        flag.is_some_and(|flag| flag.get())
    }

    /// Whether engagement attributes and other derived data are still to come; then read it again two hours after its end.
    #[must_use]
    pub fn is_still_enriched(&self) -> bool {
        let flag = self.info.as_ref().and_then(|info| info.chat_data_enriched.as_ref());
        flag.is_some_and(|flag| !flag.get())
    }

    /// The lines, in the order of the record.
    #[must_use]
    pub fn lines(&self) -> &[Line] {
        self.transcript.as_ref().map_or(&[], |transcript| &transcript.lines)
    }
}

le_core::record! {
    /// Where the visitor was and with which device. The texts are often empty.
    pub struct VisitorInfo {
        /// Country.
        country: Option<String> = "country",
        /// Its code.
        country_code: Option<String> = "countryCode",
        /// State or region.
        state: Option<String> = "state",
        /// City.
        city: Option<String> = "city",
        /// Internet provider.
        isp: Option<String> = "isp",
        /// Organisation.
        org: Option<String> = "org",
        /// The kind of device.
        device: Option<Device> = "device" [safe],
        /// The visitor's address.
        ip_address: Option<String> = "ipAddress",
        /// The browser.
        browser: Option<String> = "browser" [safe],
        /// Its kind, e.g. `CHROME`.
        browser_type: Option<String> = "browserType" [safe],
        /// The operating system.
        operating_system: Option<OperatingSystem> = "operatingSystem" [safe],
    }
}

impl VisitorInfo {
    /// The country's code, unless it is one of the spellings of "none".
    #[must_use]
    pub fn country(&self) -> Option<&str> {
        present(self.country_code.as_deref()?)
    }
}
