//! Engagement attributes of live consumers: from the layout in which brands send them to the one that the history shows
//! (<https://developers.liveperson.com/engagement-attributes-types-of-engagement-attributes.html>).

use serde_json::{Map, Value};

use super::sde::{Node, Rendered, SdeEvent, SdeKind};
use crate::{generated::attributes::Member, monitoring::Kind};

/// What of the sent attributes has a place in the history; types that nobody knows have none.
pub(super) fn events(sent: &[(i64, Value)]) -> Vec<SdeEvent> {
    sent.iter().filter_map(|(at, sde)| event(*at, sde)).collect()
}

fn event(at: i64, sde: &Value) -> Option<SdeEvent> {
    let kind = Kind::named(sde.get("type")?.as_str()?)?;
    Some(SdeEvent {
        kind: kind.into(),
        server_time: at,
        original_time: at,
        text_times: false,
        fields: payload(kind, sde, true),
    })
}

/// The members of an attribute under the names that are read. `wrapped`: contacts are, as only the history has them.
fn payload(kind: Kind, sde: &Value, wrapped: bool) -> Vec<(&'static str, Node)> {
    let attribute = kind.attribute();
    let sent = match attribute.payload {
        // Samples put the personal payload under `info`, too.
        Some(inner) => sde.get(inner).or_else(|| sde.get("info")).unwrap_or(&Value::Null),
        None => sde,
    };
    fields(attribute.members, sent, wrapped)
}

impl From<Kind> for SdeKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Customer => Self::CustomerInfo,
            Kind::Personal => Self::PersonalInfo,
            Kind::Marketing => Self::MarketingCampaignInfo,
            Kind::Cart => Self::CartStatus,
            Kind::Purchase => Self::Purchase,
            Kind::ProductView => Self::ViewedProduct,
            Kind::Lead => Self::Lead,
            Kind::Service => Self::ServiceActivity,
            Kind::Error => Self::VisitorError,
            Kind::Search => Self::SearchContent,
        }
    }
}

/// The members of an attribute under the names that Visit Information shows.
pub(crate) fn read_payload(kind: Kind, sde: &Value) -> Map<String, Value> {
    payload(kind, sde, false)
        .iter()
        .map(|(name, node)| {
            let value = serde_json::to_value(Rendered { node, text: false }).unwrap_or_default();
            ((*name).to_owned(), value)
        })
        .collect()
}

/// Members that are shown, each under the name in which it is read.
fn fields(members: &'static [Member], sent: &Value, wrapped: bool) -> Vec<(&'static str, Node)> {
    let shown = members.iter().filter_map(|member| Some((member, member.read?)));
    shown
        .filter_map(|(member, read)| Some((read, node(member, sent.get(member.sent)?, wrapped))))
        .collect()
}

fn node(member: &'static Member, sent: &Value, wrapped: bool) -> Node {
    match member.sent {
        "contacts" => contacts(sent, wrapped),
        // The one object whose members have other names where they are read.
        "age" if !member.members.is_empty() => Node::Object(fields(member.members, sent, wrapped)),
        _ => Node::Json(sent.clone()),
    }
}

fn contacts(sent: &Value, wrapped: bool) -> Node {
    let contacts = match sent {
        Value::Array(contacts) => contacts.as_slice(),
        single => std::slice::from_ref(single),
    };
    let contacts = contacts.iter().map(|contact| match wrapped {
        true => Node::Object(vec![("personalContact", Node::Json(contact.clone()))]),
        false => Node::Json(contact.clone()),
    });
    Node::List(contacts.collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn sent_attributes_get_the_names_that_are_read() {
        let sent = [
            (
                5,
                json!({"type": "ctmrinfo", "info": {"ctype": "gold", "balance": -12.5, "unheard": 1}}),
            ),
            (
                6,
                json!({"type": "personal", "personal": {"firstname": "A", "age": {"age": 41},
                "contacts": {"email": "a@example.org"}}}),
            ),
            (7, json!({"type": "cart", "total": 3, "numItems": 1})),
            (8, json!({"type": "no such type"})),
        ];
        let events = events(&sent);
        let shown: Vec<String> = events
            .iter()
            .map(|event| {
                let fields = event.fields.iter().map(|(name, node)| {
                    let text = serde_json::to_string(&Rendered { node, text: true }).unwrap();
                    format!("{name}={text}")
                });
                format!("{} {}", event.kind.sde_type(), fields.collect::<Vec<_>>().join(" "))
            })
            .collect();
        assert_eq!(
            shown,
            [
                r#"CUSTOMER_INFO customerType="gold" balance="-12.5""#,
                r#"PERSONAL_INFO name="A" customerAge={"customerAgeInYears":"41"} contacts=[{"personalContact":{"email":"a@example.org"}}]"#,
                r#"CART_STATUS total="3" numItems="1""#,
            ]
        );
    }
}
