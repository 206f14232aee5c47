//! The language of conditions.

use serde::{Deserialize, Serialize};

/// Whom an engagement is offered to.
///
/// A condition on an attribute is evaluated only when that attribute was reported in the session
/// (<https://developers.liveperson.com/engagement-attributes-overview.html>). Until then it is neither true nor false, and neither
/// is its negation: to offer something to whoever is *not* a gold customer, the customer type must have been reported.
///
/// In TOML and JSON a condition is its name in snake case, or an object with that name as the one member:
/// `"authenticated"`, `{ cart_total = { at_least = 100 } }`, `{ any = [..] }`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Condition {
    /// Everyone.
    #[default]
    Always,
    /// All of these; true for none.
    All(Vec<Condition>),
    /// Any of these; false for none.
    Any(Vec<Condition>),
    /// Not this, where this can be told.
    Not(Box<Condition>),
    /// `cart.total`.
    CartTotal(Range),
    /// `cart.numItems`.
    CartItems(Range),
    /// A product in the cart.
    CartProduct(ProductMatch),
    /// A product that was looked at.
    ViewedProduct(ProductMatch),
    /// An error that was reported and not since reported as resolved.
    UnresolvedError(ErrorMatch),
    /// `ctmrinfo.info.ctype` is one of these, whatever the case.
    CustomerType(Vec<String>),
    /// `ctmrinfo.info.cstatus` is one of these, whatever the case.
    CustomerStatus(Vec<String>),
    /// `ctmrinfo.info.balance`.
    Balance(Range),
    /// The age in years, told or from the year of birth.
    Age(Range),
    /// `personal.personal.gender` is one of these.
    Gender(Vec<String>),
    /// `mrktInfo.info.channel` is one of these.
    MarketingChannel(Vec<i64>),
    /// `mrktInfo.info.affiliate` is one of these.
    MarketingAffiliate(Vec<String>),
    /// `mrktInfo.info.campaignId` is one of these.
    MarketingCampaign(Vec<String>),
    /// The page is in one of these sections: `sec://Name` among the entry points, or a consumer section.
    Section(Vec<String>),
    /// An entry point begins with this.
    EntryPoint(String),
    /// The language of the page is one of these: `lang://Name` among the entry points.
    Language(Vec<String>),
    /// A keyword that was searched for contains this, whatever the case.
    SearchKeyword(String),
    /// A purchase.
    Purchase(AmountMatch),
    /// A lead.
    Lead(AmountMatch),
    /// A service activity.
    Service(ServiceMatch),
    /// The last call named an identity with `acr` `loa1`.
    Authenticated,
}

/// A range of numbers. Without bounds it holds every number.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Range {
    /// The least.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at_least: Option<f64>,
    /// The most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at_most: Option<f64>,
}

impl Range {
    /// This or more.
    #[must_use]
    pub const fn at_least(bound: f64) -> Self {
        Self {
            at_least: Some(bound),
            at_most: None,
        }
    }

    /// This or less.
    #[must_use]
    pub const fn at_most(bound: f64) -> Self {
        Self {
            at_least: None,
            at_most: Some(bound),
        }
    }

    /// Whether it holds a number.
    #[must_use]
    pub fn holds(&self, number: f64) -> bool {
        self.at_least.is_none_or(|bound| number >= bound) && self.at_most.is_none_or(|bound| number <= bound)
    }
}

/// Which product. What is not set does not matter.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct ProductMatch {
    /// The name contains this, whatever the case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The category is this, whatever the case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// The SKU is this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sku: Option<String>,
    /// The price.
    pub price: Range,
}

/// Which error. What is not set does not matter.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct ErrorMatch {
    /// `contextId`: the form or flow.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub context_id: Option<String>,
    /// `code`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// `level`.
    pub level: Range,
}

/// Which purchase or lead. What is not set does not matter.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct AmountMatch {
    /// The topic of a lead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub topic: Option<String>,
    /// The total of a purchase, the value of a lead.
    pub value: Range,
}

/// Which service activity. What is not set does not matter.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct ServiceMatch {
    /// `topic`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub topic: Option<String>,
    /// `category`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// `status` is one of these.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<Vec<i64>>,
}
