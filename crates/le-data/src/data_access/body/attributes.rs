//! Engagement attributes of a web session.

use le_core::wire::{Int, List, RawRecord, Salvage};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::engagement::VisitorHeader;
use crate::data_access::avro::BRANCH;
use crate::messaging_interactions::{
    CartStatus, CustomerInfo, Lead, MarketingCampaignInfo, PersonalInfo, Purchase, SearchContent, ServiceActivity,
    ViewedProduct, VisitorError,
};

le_core::record! {
    /// Engagement attributes of a web session.
    pub struct WebSessionEngAttrsData {
        /// Whose.
        header: Option<VisitorHeader> = "header" [safe],
        /// The attributes.
        attributes: List<EngagementAttribute> = "engagementAttributes" [safe],
        /// The full name of the record.
        branch: Option<String> = "@branch" [safe],
    }
}

le_core::record! {
    /// One attribute.
    pub struct EngagementAttribute {
        /// When, in milliseconds since 1970.
        timestamp: Option<Int> = "timestamp" [safe],
        /// What.
        data: Option<AttributeData> = "data" [safe],
        /// The full name of the record.
        branch: Option<String> = "@branch" [safe],
    }
}

macro_rules! attributes {
    ($( $(#[$meta:meta])* $type:ident; )+) => {
        /// What an attribute holds, by the name of its branch.
        #[derive(Debug, Clone, PartialEq)]
        #[non_exhaustive]
        pub enum AttributeData {
            $( $(#[$meta])* $type(Box<$type>), )+
            /// A kind that this version does not know, as JSON without the wrappers of unions.
            Other(RawRecord),
        }

        impl AttributeData {
            fn of_branch(branch: &str, raw: &RawRecord) -> Option<Self> {
                match branch.rsplit('.').next().unwrap_or(branch) {
                    $( stringify!($type) => super::decoded(raw).map(Self::$type), )+
                    _ => None,
                }
            }
        }

        impl Serialize for AttributeData {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                match self {
                    $( Self::$type(data) => data.serialize(serializer), )+
                    Self::Other(raw) => raw.serialize(serializer),
                }
            }
        }
    };
}

attributes! {
    /// The customer's standing.
    CustomerInfo;
    /// The person.
    PersonalInfo;
    /// A purchase.
    Purchase;
    /// An interest.
    Lead;
    /// What is in the cart.
    CartStatus;
    /// Products that were looked at.
    ViewedProduct;
    /// A service request.
    ServiceActivity;
    /// An error that the visitor met.
    VisitorError;
    /// The campaign that brought them.
    MarketingCampaignInfo;
    /// What was searched for.
    SearchContent;
}

impl<'de> Deserialize<'de> for AttributeData {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = RawRecord::deserialize(deserializer)?;
        let branch = raw
            .to_value()
            .ok()
            .and_then(|value| Some(value.get(BRANCH)?.as_str()?.to_owned()));
        let typed = branch.and_then(|branch| Self::of_branch(&branch, &raw));
        Ok(typed.unwrap_or(Self::Other(raw)))
    }
}

impl Salvage for AttributeData {}
