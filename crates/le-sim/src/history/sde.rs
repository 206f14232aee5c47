//! Engagement attributes (SDEs) as the history keeps them.

use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};
use serde_json::Value;

use super::conversation::Text;

/// The kinds of engagement attributes that occur in the history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SdeKind {
    CustomerInfo,
    PersonalInfo,
    MarketingCampaignInfo,
    Lead,
    ServiceActivity,
    VisitorError,
    Purchase,
    CartStatus,
    ViewedProduct,
    SearchContent,
}

/// The names of one kind, in all the places where it has one.
struct Names {
    sde_type: &'static str,
    payload: &'static str,
    capping: &'static str,
    double_nested: bool,
}

impl SdeKind {
    pub(super) const ALL: [Self; 10] = [
        Self::CustomerInfo,
        Self::PersonalInfo,
        Self::MarketingCampaignInfo,
        Self::Lead,
        Self::ServiceActivity,
        Self::VisitorError,
        Self::Purchase,
        Self::CartStatus,
        Self::ViewedProduct,
        Self::SearchContent,
    ];

    const fn names(self) -> Names {
        let (sde_type, payload, capping, double_nested) = match self {
            Self::CustomerInfo => ("CUSTOMER_INFO", "customerInfo", "CustomerInfoEvent", true),
            Self::PersonalInfo => ("PERSONAL_INFO", "personalInfo", "PersonalInfoEvent", true),
            Self::MarketingCampaignInfo => (
                "MARKETING_CAMPAIGN_INFO",
                "marketingCampaignInfo",
                "MarketingCampaignInfoEvent",
                true,
            ),
            Self::Lead => ("LEAD", "lead", "LeadEvent", true),
            Self::ServiceActivity => ("SERVICE_ACTIVITY", "serviceActivity", "ServiceActivityEvent", true),
            Self::VisitorError => ("VISITOR_ERROR", "visitorError", "VisitorErrorEvent", true),
            Self::Purchase => ("PURCHASE", "purchase", "PurchaseEvent", false),
            Self::CartStatus => ("CART_STATUS", "cartStatus", "CartStatusEvent", false),
            Self::ViewedProduct => ("VIEWED_PRODUCT", "viewedProduct", "ViewedProductEvent", false),
            Self::SearchContent => ("SEARCH_CONTENT", "searchContent", "SearchContentEvent", false),
        };
        Names {
            sde_type,
            payload,
            capping,
            double_nested,
        }
    }

    /// The wire value of `sdeType`.
    pub(super) const fn sde_type(self) -> &'static str {
        self.names().sde_type
    }

    /// The member that holds the payload; also the key in the `sdeSearch` filter.
    pub(super) const fn payload(self) -> &'static str {
        self.names().payload
    }

    /// The name in `cappingConfiguration`.
    pub(super) const fn capping(self) -> &'static str {
        self.names().capping
    }

    /// Whether the fields sit in an inner object of the same name, or next to the timestamps.
    pub(super) const fn double_nested(self) -> bool {
        self.names().double_nested
    }
}

/// One reported attribute.
#[derive(Debug, Clone)]
pub(super) struct SdeEvent {
    pub(super) kind: SdeKind,
    pub(super) server_time: i64,
    pub(super) original_time: i64,
    /// The timestamps are text even where they should be numbers (seen on the wire with v=2).
    pub(super) text_times: bool,
    pub(super) fields: Vec<(&'static str, Node)>,
}

impl SdeEvent {
    /// All the text of the payload, for searching.
    pub(super) fn visit_text<'a>(&'a self, visit: &mut dyn FnMut(&'a str)) {
        for (_, node) in &self.fields {
            node.visit_text(visit);
        }
    }
}

/// A value inside an engagement attribute.
#[derive(Debug, Clone)]
pub(super) enum Node {
    Null,
    Text(Text),
    Integer(i64),
    Number(f64),
    Flag(bool),
    /// As it was sent by a live consumer.
    Json(Value),
    List(Vec<Node>),
    Object(Vec<(&'static str, Node)>),
}

impl Node {
    fn visit_text<'a>(&'a self, visit: &mut dyn FnMut(&'a str)) {
        match self {
            Self::Text(text) => visit(text),
            Self::List(nodes) => nodes.iter().for_each(|node| node.visit_text(visit)),
            Self::Object(members) => members.iter().for_each(|(_, node)| node.visit_text(visit)),
            Self::Json(value) => visit_json(value, visit),
            Self::Null | Self::Integer(_) | Self::Number(_) | Self::Flag(_) => {}
        }
    }
}

fn visit_json<'a>(value: &'a Value, visit: &mut dyn FnMut(&'a str)) {
    match value {
        Value::String(text) => visit(text),
        Value::Array(values) => values.iter().for_each(|value| visit_json(value, visit)),
        Value::Object(members) => members.values().for_each(|value| visit_json(value, visit)),
        _ => {}
    }
}

/// The value with every scalar as a string.
fn as_text(value: &Value) -> Value {
    match value {
        Value::Number(number) => Value::String(number.to_string()),
        Value::Bool(flag) => Value::String(flag.to_string()),
        Value::Array(values) => values.iter().map(as_text).collect(),
        Value::Object(members) => Value::Object(
            members
                .iter()
                .map(|(name, value)| (name.clone(), as_text(value)))
                .collect(),
        ),
        other => other.clone(),
    }
}

/// Renders a [`Node`]: with `text` every scalar becomes a string, as version 1 of the API has it.
pub(super) struct Rendered<'a> {
    pub(super) node: &'a Node,
    pub(super) text: bool,
}

impl Serialize for Rendered<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = self.text;
        match self.node {
            Node::Null => serializer.serialize_none(),
            Node::Text(value) => serializer.serialize_str(value),
            Node::Integer(value) if text => serializer.collect_str(value),
            Node::Integer(value) => serializer.serialize_i64(*value),
            // `{:?}` keeps the ".0" that the wire shows for whole numbers ("34.0").
            Node::Number(value) if text => serializer.collect_str(&format_args!("{value:?}")),
            Node::Number(value) => serializer.serialize_f64(*value),
            Node::Flag(value) if text => serializer.serialize_str(if *value { "true" } else { "false" }),
            Node::Flag(value) => serializer.serialize_bool(*value),
            Node::Json(value) if text => as_text(value).serialize(serializer),
            Node::Json(value) => value.serialize(serializer),
            Node::List(nodes) => {
                let mut list = serializer.serialize_seq(Some(nodes.len()))?;
                for node in nodes {
                    list.serialize_element(&Rendered { node, text })?;
                }
                list.end()
            }
            Node::Object(members) => {
                let mut object = serializer.serialize_map(Some(members.len()))?;
                for (key, node) in members {
                    object.serialize_entry(key, &Rendered { node, text })?;
                }
                object.end()
            }
        }
    }
}
