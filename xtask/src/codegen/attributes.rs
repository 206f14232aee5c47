//! Engagement attributes: the payloads and the table of le-attributes, and the table of le-sim.

use anyhow::{Context as _, Result};

use super::rust::{doc, head, literal};
use crate::catalogue::{Attribute, Attributes, Evidence, Field, Kind, Numbers, Record, screaming_case};

const SOURCE: &str = "attributes.json";

/// The payload records of le-attributes, and what their numbers mean.
pub(super) fn payloads(catalogue: &Attributes) -> Result<String> {
    let mut out = head(
        SOURCE,
        "The payloads of engagement attributes, with their fields in the order of the pages.",
    );
    out.push_str(
        "use le_core::id::CampaignId;
use le_core::wire::{Flag, Float, Int, List, RawRecord};

use super::attributes as table;
use super::enums::{Gender, ImpressionType, PhoneType};
use crate::amount::Amount;
use crate::payload::{numbers, payload};
",
    );
    for record in &catalogue.records {
        out.push('\n');
        out.push_str(&payload(record).with_context(|| record.name.clone())?);
    }
    for list in &catalogue.numbers {
        out.push('\n');
        out.push_str(&numbers(list));
    }
    Ok(out)
}

fn payload(record: &Record) -> Result<String> {
    let mut out = String::from("payload! {\n");
    out.push_str(&doc(&[&record.summary, &format!("<{}>", record.page)], 4));
    let default = if record.is_constructed() {
        " without Default"
    } else {
        ""
    };
    out.push_str(&format!(
        "    pub struct {}{default} by table::{} {{\n",
        record.name,
        screaming_case(&record.name)
    ));
    for field in &record.fields {
        let required = if field.required { " Required." } else { "" };
        out.push_str(&doc(&[&format!("{}{required}", field.summary)], 8));
        let aliases: String = field
            .aliases
            .iter()
            .map(|alias| format!(" | {}", literal(alias)))
            .collect();
        let mark = if field.safe { " [safe]" } else { "" };
        let (kind, setter) = rust_type(field)?;
        out.push_str(&format!(
            "        {}: {kind} = {}{aliases}{setter}{mark},\n",
            field.field,
            literal(&field.wire)
        ));
    }
    out.push_str("    }\n}\n");
    Ok(out)
}

/// The type of the Rust field, and from what its setter takes the value where that is not the wire type.
fn rust_type(field: &Field) -> Result<(String, &'static str)> {
    Ok(match field.kind()? {
        Kind::Text => ("Option<String>".to_owned(), ""),
        Kind::Integer | Kind::Numbers(_) => ("Option<Int>".to_owned(), ""),
        Kind::Number => ("Option<Float>".to_owned(), ""),
        Kind::Money => ("Option<Float>".to_owned(), " from Amount"),
        Kind::Boolean => ("Option<Flag>".to_owned(), ""),
        Kind::Id => ("Option<CampaignId>".to_owned(), ""),
        Kind::Json => ("Option<RawRecord>".to_owned(), ""),
        Kind::Enum(name) | Kind::Record(name) => (format!("Option<{name}>"), ""),
        Kind::Records(name) => (format!("List<{name}>"), ""),
        Kind::Texts => ("List<String>".to_owned(), ""),
    })
}

fn numbers(list: &Numbers) -> String {
    let mut out = String::from("numbers! {\n");
    out.push_str(&doc(&[&list.summary, &format!("<{}>", list.page)], 4));
    out.push_str(&format!("    pub enum {} {{\n", list.name));
    for value in &list.values {
        // A number that no page states says so.
        let evidence = match value.evidence {
            Evidence::Documentation => String::new(),
            weaker => format!(" Evidence: {}.", weaker.as_str()),
        };
        out.push_str(&doc(&[&format!("{}{evidence}", value.summary)], 8));
        out.push_str(&format!("        {} = {},\n", value.variant, value.number));
    }
    out.push_str("    }\n}\n");
    out
}

/// The table of types and fields, which the rules and `le attributes types` read.
pub(super) fn table(catalogue: &Attributes) -> Result<String> {
    let mut out = head(SOURCE, "Types of engagement attributes and their fields, as data.");
    out.push_str(
        "use super::enums::{Gender, ImpressionType, PhoneType};
use crate::catalogue::{AttributeType, Category, FieldRule, FieldType, ReadNames, Repeat, records};

records! {
",
    );
    for (at, record) in catalogue.records.iter().enumerate() {
        if at > 0 {
            out.push('\n');
        }
        out.push_str(&record_rows(record).with_context(|| record.name.clone())?);
    }
    out.push_str("}\n");
    for list in &catalogue.numbers {
        let name = screaming_case(&list.name);
        out.push_str(&format!(
            "\n/// The numbers of `{}`.\npub static {name}: &[(i64, &str)] = &[\n",
            list.name
        ));
        for value in &list.values {
            out.push_str(&format!("    ({}, {}),\n", value.number, literal(&value.summary)));
        }
        out.push_str("];\n");
    }
    out.push_str("\n/// Every type, in the order of the pages.\npub static TYPES: &[AttributeType] = &[\n");
    for attribute in &catalogue.attributes {
        out.push_str(&attribute_entry(attribute));
    }
    out.push_str("];\n");
    Ok(out)
}

fn record_rows(record: &Record) -> Result<String> {
    let name = screaming_case(&record.name);
    let mut out = format!("    {name}: {}, {} {{\n", literal(&record.name), literal(&record.page));
    for field in &record.fields {
        let mut facts = Vec::new();
        if field.required {
            facts.push("required: true".to_owned());
        }
        if let Some(rule) = field.rule {
            facts.push(format!("rule: Some(FieldRule::{})", rule.variant()));
        }
        if field.authenticated.unwrap_or(record.authenticated) {
            facts.push("authenticated: true".to_owned());
        }
        for (fact, list) in [("of", &field.of), ("aliases", &field.aliases)] {
            if !list.is_empty() {
                let list: Vec<_> = list.iter().map(|text| literal(text)).collect();
                facts.push(format!("{fact}: &[{}]", list.join(", ")));
            }
        }
        for (fact, name) in [("read", &field.read), ("widget", &field.widget)] {
            if let Some(name) = name {
                facts.push(format!("{fact}: Some({})", literal(name)));
            }
        }
        out.push_str(&format!(
            "        {}: {}, {}, {} {{ {} }}\n",
            literal(&field.wire),
            field_type(field.kind()?),
            literal(&plain(&field.summary)),
            literal(field.evidence.unwrap_or(record.evidence).as_str()),
            facts.join(", ")
        ));
    }
    out.push_str("    }\n");
    Ok(out)
}

fn field_type(kind: Kind<'_>) -> String {
    match kind {
        Kind::Text => "FieldType::Text".to_owned(),
        Kind::Integer => "FieldType::Integer".to_owned(),
        Kind::Number => "FieldType::Number".to_owned(),
        Kind::Money => "FieldType::Money".to_owned(),
        Kind::Boolean => "FieldType::Boolean".to_owned(),
        Kind::Id => "FieldType::Id".to_owned(),
        Kind::Json => "FieldType::Json".to_owned(),
        Kind::Texts => "FieldType::Texts".to_owned(),
        Kind::Enum(name) => format!("FieldType::Choice({name}::KNOWN)"),
        Kind::Numbers(name) => format!("FieldType::Code({})", screaming_case(name)),
        Kind::Record(name) => format!("FieldType::Object(&{})", screaming_case(name)),
        Kind::Records(name) => format!("FieldType::Objects(&{})", screaming_case(name)),
    }
}

fn attribute_entry(attribute: &Attribute) -> String {
    let option = |text: &Option<String>| option(text.as_deref());
    let mut out = String::from("    AttributeType {\n");
    for (field, value) in [
        ("wire", literal(&attribute.wire)),
        ("name", literal(&attribute.name)),
        ("summary", literal(&attribute.summary)),
        ("payload", option(&attribute.payload)),
        ("record", format!("&{}", screaming_case(&attribute.record))),
        ("category", format!("Category::{}", attribute.category.variant())),
        ("authenticated", attribute.authenticated.to_string()),
        ("mobile", attribute.mobile.to_string()),
        ("chat", format!("Repeat::{}", attribute.chat.variant())),
        ("messaging", format!("Repeat::{}", attribute.messaging.variant())),
    ] {
        out.push_str(&format!("        {field}: {value},\n"));
    }
    match &attribute.read {
        None => out.push_str("        read: None,\n"),
        Some(read) => out.push_str(&format!(
            "        read: Some(ReadNames {{\n            name: {},\n            sde_type: {},\n            nested: {},\n            list: {},\n        }}),\n",
            literal(&read.name),
            literal(&read.sde_type),
            read.nested,
            option(&read.list)
        )),
    }
    for (field, value) in [
        ("widget", option(&attribute.widget)),
        ("frequency", option(&attribute.frequency)),
        ("targeting", option(&attribute.targeting)),
        ("notes", option(&attribute.notes)),
        ("evidence", literal(attribute.evidence.as_str())),
        ("page", literal(&attribute.page)),
    ] {
        out.push_str(&format!("        {field}: {value},\n"));
    }
    out.push_str("    },\n");
    out
}

/// A text that may be missing, as Rust writes it.
pub(super) fn option(text: Option<&str>) -> String {
    text.map_or_else(|| "None".to_owned(), |text| format!("Some({})", literal(text)))
}

/// A summary without the links that only rustdoc follows.
pub(super) fn plain(summary: &str) -> String {
    let mut out = String::new();
    let mut rest = summary;
    while let Some((before, after)) = rest.split_once('[') {
        let Some((text, target)) = after.split_once(']') else {
            break;
        };
        out.push_str(before);
        out.push_str(text);
        rest = target
            .strip_prefix('(')
            .and_then(|target| target.split_once(')'))
            .map_or(target, |(_, rest)| rest);
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_of_rustdoc_become_their_text() {
        assert_eq!(
            plain("Balance in [`currency`](Self::currency); x"),
            "Balance in `currency`; x"
        );
        assert_eq!(plain("The number of a [`Status`]."), "The number of a `Status`.");
        assert_eq!(plain("no link"), "no link");
    }
}
