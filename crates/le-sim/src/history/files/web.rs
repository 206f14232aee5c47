//! The bodies of web sessions: pages that were looked at, engagement attributes, the engagement that was offered.

use serde_json::{Map, Value, json};

use super::Body;
use super::avro::{array, boolean, double, int, long, named, optional, string, visitor_header};
use crate::history::chats::Chat;
use crate::history::conversation::Conversation;
use crate::history::sde::{Node, SdeEvent, SdeKind};

pub(super) fn of_chat(chat: &Chat) -> Vec<Body> {
    of(&chat.story, &chat.visitor(), chat.ended)
}

pub(super) fn of_conversation(story: &Conversation) -> Vec<Body> {
    // Only the web has sessions.
    let Some(visitor) = story.channel.visitor_id.as_deref() else {
        return Vec::new();
    };
    of(story, visitor, story.end().unwrap_or(story.start))
}

fn of(story: &Conversation, visitor: &str, at: i64) -> Vec<Body> {
    let header = || visitor_header(story.channel.session_id.as_deref(), visitor);
    let body = |name: &str, key: &str, items: Vec<Value>| Body {
        at,
        body: named(name, json!({ "header": header(), key: array(items) })),
    };
    let mut bodies = Vec::new();
    let pages: Vec<Value> = story
        .page_views
        .iter()
        .map(|view| {
            let sections = Some(view.section).filter(|section| !section.is_empty());
            json!({ "timestamp": long(view.time), "url": string(view.page.to_string()),
                "referrerUrl": string(view.referrer), "sections": array(sections.into_iter().map(Value::from).collect()) })
        })
        .collect();
    if !pages.is_empty() {
        bodies.push(body("WebSessionNavigationData", "navigationData", pages));
    }
    let events = story.sdes.iter().map(|event| (event, true));
    let events = events.chain(story.unauthenticated_sdes.iter().map(|event| (event, false)));
    let attributes: Vec<Value> = events
        .filter(|(event, _)| event.kind != SdeKind::SearchContent)
        .map(|(event, authenticated)| attribute(event, authenticated, &story.id))
        .collect();
    if !attributes.is_empty() {
        bodies.push(body("WebSessionEngAttrsData", "engagementAttributes", attributes));
    }
    if let Some(impression) = impression(story) {
        bodies.push(body("WebSessionImpressionData", "impressions", vec![impression]));
    }
    bodies
}

fn impression(story: &Conversation) -> Option<Value> {
    let campaign = story.campaign.as_ref()?;
    let ids = campaign.ids;
    let revised = |id: i64| json!({ "id": long(id), "revision": long(1) });
    let engagement = json!({
        "id": long(ids.engagement), "channel": string("1"), "type": string("6"), "visitorBehaviors": array(vec![revised(ids.behavior)]),
        // The type is a 32-bit one, and newer ids are longer.
        "skillId": i32::try_from(story.latest_skill.id).map_or_else(|_| long(story.latest_skill.id), |id| int(i64::from(id))), "skillName": string(story.latest_skill.name.as_str()),
        "surveySkills": null, "isOffsiteEngagement": boolean(false), "availabilityPolicy": null,
        "interactionType": int(0), "renderingType": null,
    });
    Some(json!({
        "timestamp": long(story.start - 1_000), "engagementInstanceId": string(format!("{:x}", story.start)),
        "impressionType": named("ImpressionType", json!("Accept")), "state": string("1"),
        "engagement": named("Engagement", engagement),
        "campaign": named("Campaign", json!({ "id": long(ids.campaign), "visitorProfiles": array(vec![revised(ids.profile)]) })),
        "goal": named("Goal", json!({ "id": long(ids.goal), "type": int(0), "indicatorType": int(0) })),
        "controlGroup": boolean(false),
    }))
}

fn attribute(event: &SdeEvent, authenticated: bool, conversation: &str) -> Value {
    let name = match event.kind {
        SdeKind::CustomerInfo => "CustomerInfo",
        SdeKind::PersonalInfo => "PersonalInfo",
        SdeKind::MarketingCampaignInfo => "MarketingCampaignInfo",
        SdeKind::Lead => "Lead",
        SdeKind::ServiceActivity => "ServiceActivity",
        SdeKind::VisitorError => "VisitorError",
        SdeKind::Purchase => "Purchase",
        SdeKind::CartStatus => "CartStatus",
        SdeKind::ViewedProduct | SdeKind::SearchContent => "ViewedProduct",
    };
    let mut members = members(&event.fields);
    if matches!(event.kind, SdeKind::CustomerInfo | SdeKind::PersonalInfo) {
        members.insert("isAuthenticated".to_owned(), boolean(authenticated));
        let by = authenticated.then_some(conversation);
        members.insert("authenticatedConversationId".to_owned(), optional(by, string));
    }
    json!({ "timestamp": long(event.server_time), "data": named(name, Value::Object(members)) })
}

fn members(fields: &[(&'static str, Node)]) -> Map<String, Value> {
    fields
        .iter()
        .map(|(name, node)| ((*name).to_owned(), encoded(name, node)))
        .collect()
}

/// The records of members that are objects.
fn record_of(name: &str) -> Option<&'static str> {
    Some(match name {
        "lastPaymentDate" | "registrationDate" => "Date",
        "customerAge" => "CustomerAge",
        "cart" => "PurchaseCart",
        _ => return None,
    })
}

/// Members whose numbers are floating ones.
const FRACTIONS: &[&str] = &[
    "balance",
    "value",
    "total",
    "price",
    "customerAgeInYears",
    "customerYearOfBirth",
    "customerMonthOfBirth",
    "customerDateOfBirth",
];

/// A member in the encoding of Avro, where everything may be missing and is the branch of a union. Contacts are flat here,
/// and the code of an error is a number.
fn encoded(name: &str, node: &Node) -> Value {
    match node {
        Node::Null => Value::Null,
        Node::Text(text) if name == "code" => error_code(text),
        Node::Text(text) => string(text.to_string()),
        Node::Integer(value) => long(*value),
        Node::Number(value) => double(*value),
        Node::Flag(value) => boolean(*value),
        Node::List(nodes) => array(nodes.iter().map(item).collect()),
        Node::Object(fields) => in_record(name, Value::Object(members(fields))),
        Node::Json(value) => sent(name, value),
    }
}

/// `product` is the one object that no union holds.
fn in_record(name: &str, object: Value) -> Value {
    match record_of(name) {
        Some(record) => named(record, object),
        None => object,
    }
}

/// An item of a list, which no union wraps.
fn item(node: &Node) -> Value {
    match node {
        Node::Object(fields) => match fields.as_slice() {
            [("personalContact", Node::Object(contact))] => flat_contact(members(contact)),
            [("personalContact", Node::Json(Value::Object(contact)))] => flat_contact(sent_members(contact)),
            fields => Value::Object(members(fields)),
        },
        Node::Text(text) => Value::from(text.to_string()),
        Node::Json(Value::Object(object)) => Value::Object(sent_members(object)),
        other => encoded("", other),
    }
}

fn flat_contact(contact: Map<String, Value>) -> Value {
    json!({ "email": contact.get("email"), "phone": contact.get("phone") })
}

fn error_code(text: &str) -> Value {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    long(digits.parse().unwrap_or(0))
}

/// A member as a live consumer's brand sent it.
fn sent(name: &str, value: &Value) -> Value {
    match value {
        Value::Null => Value::Null,
        Value::Bool(flag) => boolean(*flag),
        Value::Number(number) => match number.as_i64().filter(|_| !FRACTIONS.contains(&name)) {
            Some(whole) => long(whole),
            None => double(number.as_f64().unwrap_or(0.0)),
        },
        Value::String(text) if name == "code" => error_code(text),
        Value::String(text) => string(text.as_str()),
        Value::Array(values) => array(
            values
                .iter()
                .map(|value| match value {
                    Value::Object(members) => Value::Object(sent_members(members)),
                    plain => plain.clone(),
                })
                .collect(),
        ),
        Value::Object(members) => in_record(name, Value::Object(sent_members(members))),
    }
}

fn sent_members(members: &Map<String, Value>) -> Map<String, Value> {
    members
        .iter()
        .map(|(name, value)| (name.clone(), sent(name, value)))
        .collect()
}
