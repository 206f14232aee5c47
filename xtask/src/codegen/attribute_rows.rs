//! Engagement attributes in le-sim: names and repeat rules, without a type of the clients.

use anyhow::Result;

use super::attributes::option;
use super::rust::{head, literal};
use crate::catalogue::{Attributes, Record, screaming_case};

const TYPES: &str = "/// A type of attribute: how it is sent, how it is read, and what a further report does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attribute {
    /// The text of `type`.
    pub name: &'static str,
    /// The member that holds the payload; none where it lies beside `type`.
    pub payload: Option<&'static str>,
    /// The members of the payload.
    pub members: &'static [Member],
    /// The key in events and in a visit's state; none for impressions, which nobody reads.
    pub read: Option<&'static str>,
    /// The member of a visit's state that holds the list or the latest, where it is another.
    pub list: Option<&'static str>,
    /// The `sdeType` of the history.
    pub sde_type: Option<&'static str>,
    /// Whether the fields lie one level below the times, under the same key.
    pub nested: bool,
    /// What a further report does in chat: `update`, `replace`, `append`, or `not shown`.
    pub chat: &'static str,
    /// The same in messaging.
    pub messaging: &'static str,
    /// Whether authenticated flows take the type.
    pub authenticated: bool,
    /// Whether mobile apps can report it.
    pub mobile: bool,
}

/// A member of a payload or of an object in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Member {
    /// The name in which it is sent.
    pub sent: &'static str,
    /// The name under which it is read; none where no page shows it.
    pub read: Option<&'static str>,
    /// Whether a report must have it.
    pub required: bool,
    /// Whether authenticated flows take it.
    pub authenticated: bool,
    /// The JSON type: `string`, `integer`, `number`, `boolean`, `object`, `array`, `any`.
    pub json: &'static str,
    /// The members of the object, or of each object in the array.
    pub members: &'static [Member],
    /// The types that have it, where not all do that use the object.
    pub of: &'static [&'static str],
}

/// Builds the tables of members.
macro_rules! members {
    ($( $name:ident { $( $sent:literal: $json:literal { $($fact:ident: $value:expr),* } )* } )*) => {
        $(
            pub const $name: &[Member] = &[$(
                Member {
                    $($fact: $value,)*
                    ..Member { sent: $sent, read: None, required: false, authenticated: false, json: $json, members: &[], of: &[] }
                },
            )*];
        )*
    };
}
";

/// The table of le-sim.
pub(super) fn simulator(catalogue: &Attributes) -> Result<String> {
    let mut out = head(
        "attributes.json",
        "Engagement attributes: how they are sent, how they are read, and what repetition does.",
    );
    out.push_str(TYPES);
    out.push_str("\nmembers! {\n");
    for (at, record) in catalogue.records.iter().enumerate() {
        if at > 0 {
            out.push('\n');
        }
        out.push_str(&members(record)?);
    }
    out.push_str("}\n\n/// Every type, in the order of the pages.\npub const ATTRIBUTES: &[Attribute] = &[\n");
    for attribute in &catalogue.attributes {
        let read = attribute.read.as_ref();
        out.push_str("    Attribute {\n");
        for (field, value) in [
            ("name", literal(&attribute.wire)),
            ("payload", option(attribute.payload.as_deref())),
            ("members", screaming_case(&attribute.record)),
            ("read", option(read.map(|read| &*read.name))),
            ("list", option(read.and_then(|read| read.list.as_deref()))),
            ("sde_type", option(read.map(|read| &*read.sde_type))),
            ("nested", read.is_some_and(|read| read.nested).to_string()),
            ("chat", literal(attribute.chat.text())),
            ("messaging", literal(attribute.messaging.text())),
            ("authenticated", attribute.authenticated.to_string()),
            ("mobile", attribute.mobile.to_string()),
        ] {
            out.push_str(&format!("        {field}: {value},\n"));
        }
        out.push_str("    },\n");
    }
    out.push_str("];\n");
    Ok(out)
}

fn members(record: &Record) -> Result<String> {
    let mut out = format!("    {} {{\n", screaming_case(&record.name));
    for field in &record.fields {
        let mut facts = Vec::new();
        if let Some(read) = &field.read {
            facts.push(format!("read: Some({})", literal(read)));
        }
        if field.required {
            facts.push("required: true".to_owned());
        }
        if field.authenticated.unwrap_or(record.authenticated) {
            facts.push("authenticated: true".to_owned());
        }
        if let Some(name) = field.kind()?.record() {
            facts.push(format!("members: {}", screaming_case(name)));
        }
        if !field.of.is_empty() {
            let types: Vec<_> = field.of.iter().map(|name| literal(name)).collect();
            facts.push(format!("of: &[{}]", types.join(", ")));
        }
        out.push_str(&format!(
            "        {}: {} {{ {} }}\n",
            literal(&field.wire),
            literal(field.kind()?.json()),
            facts.join(", ")
        ));
    }
    out.push_str("    }\n");
    Ok(out)
}
