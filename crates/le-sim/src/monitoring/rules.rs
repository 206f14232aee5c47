//! What has to be in an attribute or an impression
//! (<https://developers.liveperson.com/engagement-attributes-types-of-engagement-attributes.html>).

use serde_json::Value;

use super::attribute::{Entry, flag, number};
use crate::generated::attributes::{IMPRESSION, Member};

/// Checks an attribute or an impression that stands at `path`. The error says which member breaks which rule.
pub(super) fn check(entry: Entry, value: &Value, path: &str) -> Result<(), String> {
    let Entry::Attribute(kind) = entry else {
        return object(value, IMPRESSION, path);
    };
    let attribute = kind.attribute();
    match attribute.payload {
        None => object(value, attribute.members, path),
        Some(inner) => match present(value, inner) {
            None => Err(format!("{path}.{inner} is required")),
            Some(payload) => object(payload, attribute.members, &format!("{path}.{inner}")),
        },
    }
}

fn present<'v>(value: &'v Value, name: &str) -> Option<&'v Value> {
    value.get(name).filter(|value| !value.is_null())
}

fn object(value: &Value, members: &[Member], path: &str) -> Result<(), String> {
    if !value.is_object() {
        return Err(format!("{path} must be an object"));
    }
    for member in members {
        // Which types need a member that not all of them have is seen to elsewhere; and the type of a context says nothing.
        let required = member.required && member.of.is_empty() && member.sent != "type";
        match present(value, member.sent) {
            None if required => return Err(format!("{path}.{} is required", member.sent)),
            None => {}
            Some(value) => shape(value, member, &|| format!("{path}.{}", member.sent))?,
        }
    }
    Ok(())
}

/// Numbers may come as text, and text as numbers, as the vendor's own samples have it.
fn shape(value: &Value, member: &Member, path: &dyn Fn() -> String) -> Result<(), String> {
    let wrong = |what: &str| Err(format!("{} must be {what}", path()));
    match member.json {
        "string" if value.is_object() || value.is_array() => wrong("a string"),
        "number" | "integer" if number(value).is_none() => wrong("a number"),
        "boolean" if flag(value).is_none() => wrong("true or false"),
        "object" => object(value, member.members, &path()),
        "array" if member.members.is_empty() => match value.as_array() {
            Some(texts) if texts.iter().all(|text| !text.is_object() && !text.is_array()) => Ok(()),
            _ => wrong("an array of strings"),
        },
        "array" => match value {
            Value::Array(elements) => elements
                .iter()
                .enumerate()
                .try_for_each(|(place, element)| object(element, member.members, &format!("{}[{place}]", path()))),
            // A sample of the vendor has one contact bare.
            one if member.sent == "contacts" => object(one, member.members, &path()),
            _ => wrong("an array"),
        },
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn checked(value: Value) -> Result<(), String> {
        let entry = Entry::named(value["type"].as_str().unwrap()).unwrap();
        check(entry, &value, "engagementAttributes[0]")
    }

    #[test]
    fn the_rules_name_the_member_that_breaks_them() {
        let message = |value| checked(value).unwrap_err();
        assert_eq!(
            message(json!({"type": "cart", "numItems": 1})),
            "engagementAttributes[0].total is required"
        );
        assert_eq!(
            message(json!({"type": "cart", "numItems": 1, "total": "many"})),
            "engagementAttributes[0].total must be a number"
        );
        assert_eq!(
            message(json!({"type": "cart", "numItems": 1, "total": 1, "products": [{"product": {}}, {}]})),
            "engagementAttributes[0].products[1].product is required"
        );
        assert_eq!(
            message(json!({"type": "purchase", "cart": {}})),
            "engagementAttributes[0].cart.products is required"
        );
        assert_eq!(
            message(json!({"type": "ctmrinfo", "info": {"lastPaymentDate": {"day": 3}}})),
            "engagementAttributes[0].info.lastPaymentDate.month is required"
        );
        assert_eq!(
            message(json!({"type": "error", "error": {"resolved": 1}})),
            "engagementAttributes[0].error.resolved must be true or false"
        );
        assert_eq!(
            message(json!({"type": "impAccept", "campaign": 1, "engId": 2})),
            "engagementAttributes[0].revision is required"
        );
        assert_eq!(
            message(json!({"type": "searchInfo", "keywords": "one"})),
            "engagementAttributes[0].keywords must be an array of strings"
        );
    }

    #[test]
    fn what_the_samples_show_is_taken() {
        for sample in [
            json!({"type": "mrktInfo", "info": {"channel": "1", "unheard": {}}}),
            json!({"type": "personal", "personal": {"contacts": {"email": "a@example.org"}, "age": {"year": "1983"}}}),
            json!({"type": "cart", "total": 61.4, "numItems": 2, "currency": null}),
            json!({"type": "impExpanded", "campaign": 1, "engId": 2, "revision": 3, "expanded": null}),
            json!({"type": "lead", "lead": {}}),
        ] {
            checked(sample).unwrap();
        }
    }
}
