//! What the records of a file hold.

mod agent;
mod attributes;
mod engagement;
mod session;
mod survey;

use le_core::wire::{RawRecord, Salvage};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub use agent::{AgentActivityData, AgentHeader, AgentSessionData};
pub use attributes::{AttributeData, EngagementAttribute, WebSessionEngAttrsData};
pub use engagement::{
    CampaignData, EngagementData, EngagementDetails, FileData, LinkData, TranscriptMessage, TransferData, VisitorHeader,
};
pub use session::{
    AchievedGoal, Eligibility, EligibleCampaign, GeoData, GoalMetadata, Impression, NavigationEvent, Revision,
    SessionCampaign, SessionEngagement, SessionGoal, SessionInfoData, SurveySkill, WebSessionEligibilityData,
    WebSessionGoalAchievedData, WebSessionImpressionData, WebSessionNavigationData,
};
pub use survey::{SurveyContent, SurveyData, SurveyDetails};

macro_rules! bodies {
    ($( $(#[$meta:meta])* $variant:ident($type:ident) = $list:literal; )+) => {
        /// What a record of a file holds, by the name of its branch; where that is missing, by the list in it.
        #[derive(Debug, Clone, PartialEq)]
        #[non_exhaustive]
        pub enum DataBody {
            $( $(#[$meta])* $variant(Box<$type>), )+
            /// The visitor's place. The vendor does not show its branch, so it is told by its fields.
            Geo(Box<GeoData>),
            /// The browser and the time of a session. The vendor does not show its branch, so it is told by its fields.
            SessionInfo(Box<SessionInfoData>),
            /// A kind that this version does not know, as JSON without the wrappers of unions.
            Other(RawRecord),
        }

        impl DataBody {
            fn of_branch(branch: &str, raw: &RawRecord) -> Option<Self> {
                let name = branch.rsplit('.').next().unwrap_or(branch);
                match name {
                    $( stringify!($type) => decoded(raw).map(Self::$variant), )+
                    _ => None,
                }
            }

            fn of_list(value: &serde_json::Map<String, serde_json::Value>, raw: &RawRecord) -> Option<Self> {
                $( if value.contains_key($list) {
                    return decoded(raw).map(Self::$variant);
                } )+
                if value.contains_key("sessionStartTime") || value.contains_key("userAgent") {
                    return decoded(raw).map(Self::SessionInfo);
                }
                if value.contains_key("iPV4") || value.contains_key("iPV6") || value.contains_key("countryCode") {
                    return decoded(raw).map(Self::Geo);
                }
                None
            }
        }

        impl Serialize for DataBody {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                match self {
                    $( Self::$variant(data) => data.serialize(serializer), )+
                    Self::Geo(data) => data.serialize(serializer),
                    Self::SessionInfo(data) => data.serialize(serializer),
                    Self::Other(raw) => raw.serialize(serializer),
                }
            }
        }
    };
}

bodies! {
    /// Logins, logouts and states of an agent.
    AgentActivity(AgentActivityData) = "agentSessionsData";
    /// Chats and conversations.
    Engagement(EngagementData) = "engagements";
    /// Answers of surveys.
    Survey(SurveyData) = "surveys";
    /// Engagement attributes of a web session.
    Attributes(WebSessionEngAttrsData) = "engagementAttributes";
    /// Pages of a web session.
    Navigation(WebSessionNavigationData) = "navigationData";
    /// Goals that were reached in a web session.
    Goals(WebSessionGoalAchievedData) = "achievedGoals";
    /// Campaigns for which the visitor was eligible.
    Eligibility(WebSessionEligibilityData) = "eligibilityData";
    /// Engagements that were shown.
    Impressions(WebSessionImpressionData) = "impressions";
}

fn decoded<T: Salvage>(raw: &RawRecord) -> Option<Box<T>> {
    Some(Box::new(raw.decode::<T>().ok()?.into_inner()))
}

impl DataBody {
    fn read(raw: RawRecord) -> Self {
        let typed = match raw.to_value() {
            Ok(serde_json::Value::Object(members)) => match members.get(super::avro::BRANCH) {
                Some(serde_json::Value::String(branch)) => {
                    Self::of_branch(branch, &raw).or_else(|| Self::of_list(&members, &raw))
                }
                _ => Self::of_list(&members, &raw),
            },
            _ => None,
        };
        typed.unwrap_or(Self::Other(raw))
    }

    /// The body as JSON, where its kind is not known.
    #[must_use]
    pub fn as_other(&self) -> Option<&RawRecord> {
        match self {
            Self::Other(raw) => Some(raw),
            _ => None,
        }
    }
}

impl<'de> Deserialize<'de> for DataBody {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        RawRecord::deserialize(deserializer).map(Self::read)
    }
}

impl Salvage for DataBody {}
