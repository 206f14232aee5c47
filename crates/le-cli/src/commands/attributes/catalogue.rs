//! `le attributes types`: the catalogue.

use clap::Args;
use le_attributes::catalogue::{self, AttributeType, FieldAt, FieldType};
use serde_json::{Value, json};

use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::output::{Output, table};

const LONG_ABOUT: &str = "\
Shows the types of engagement attributes (SDEs) that LiveEngage knows, or the fields and rules of one type. Nothing is asked of \
any service: it is the catalogue that this program was built with.";

const EXAMPLES: &str = "\
Examples:
  le attributes types                          all types, and what a further report of each does
  le attributes types purchase                 its fields and rules
  le attributes types --json | jq '.[] | select(.authenticated) | .type'";

/// The flags of `le attributes types`.
#[derive(Debug, Args)]
#[command(about = "Shows the types of attributes, their fields and rules", long_about = LONG_ABOUT, after_long_help = EXAMPLES)]
pub(crate) struct TypesFlags {
    /// One type, e.g. cart; upper and lower case matter
    #[arg(value_name = "TYPE")]
    name: Option<String>,
}

pub(super) fn run(flags: &TypesFlags, output: Output) -> Result<Exit> {
    match &flags.name {
        Some(name) => one(find(name)?, output)?,
        None => all(output)?,
    }
    Ok(Exit::Ok)
}

/// The type, or what it may have been meant to be.
fn find(name: &str) -> Result<&'static AttributeType> {
    catalogue::find(name).ok_or_else(|| {
        let failure = Failure::new(Exit::NotFound, format!("there is no type {name:?}"));
        match catalogue::meant(name) {
            Some(kind) => failure.advise(format!("did you mean `{}`?", kind.wire)),
            None => failure.advise("`le attributes types` lists them"),
        }
    })
}

fn all(output: Output) -> Result<()> {
    if output.is_json() {
        return output.json(&catalogue::all().iter().map(described).collect::<Vec<_>>());
    }
    let rows = catalogue::all().iter().map(|kind| {
        [
            kind.wire.to_owned(),
            kind.name.to_owned(),
            kind.payload.unwrap_or("-").to_owned(),
            kind.chat.as_str().to_owned(),
            kind.messaging.as_str().to_owned(),
            yes(kind.authenticated).to_owned(),
            kind.read.map_or("-", |read| read.name).to_owned(),
        ]
    });
    let header = [
        "TYPE",
        "NAME",
        "PAYLOAD",
        "IN CHAT",
        "IN MESSAGING",
        "AUTHENTICATED",
        "READ AS",
    ];
    output.line(table(header, rows).trim_fmt())
}

fn yes(flag: bool) -> &'static str {
    if flag { "yes" } else { "no" }
}

fn one(kind: &AttributeType, output: Output) -> Result<()> {
    if output.is_json() {
        return output.json(&described(kind));
    }
    let mut facts = vec![
        format!("{}: {} ({})", kind.wire, kind.name, kind.category.as_str()),
        kind.summary.to_owned(),
    ];
    facts.extend(kind.notes.map(str::to_owned));
    if !kind.is_impression() {
        facts.push(format!(
            "A further report: in chat {}, in messaging {}.",
            kind.chat.as_str(),
            kind.messaging.as_str()
        ));
    }
    facts.extend(kind.frequency.map(|text| format!("Reported: {text}.")));
    facts.extend(kind.targeting.map(|text| format!("Targeting: {text}.")));
    facts.push(kind.page.to_owned());
    output.line(facts.join("\n"))?;
    output.line("")?;
    let rows = kind.fields().into_iter().map(|FieldAt { path, field, .. }| {
        [
            path,
            field.kind.json().to_owned(),
            field.rules(),
            yes(kind.authenticated && field.authenticated).to_owned(),
            field.read.unwrap_or("-").to_owned(),
            field.summary.to_owned(),
        ]
    });
    output.line(table(["FIELD", "JSON", "RULE", "AUTHENTICATED", "READ AS", "MEANING"], rows).trim_fmt())
}

fn described(kind: &AttributeType) -> Value {
    json!({
        "type": kind.wire,
        "name": kind.name,
        "summary": kind.summary,
        "category": kind.category.as_str(),
        "payload": kind.payload,
        "authenticated": kind.authenticated,
        "mobile": kind.mobile,
        "repeat": {"chat": kind.chat.as_str(), "messaging": kind.messaging.as_str()},
        "read": kind.read.map(|read| json!({"name": read.name, "sde_type": read.sde_type, "nested": read.nested, "list": read.list})),
        "widget": kind.widget,
        "frequency": kind.frequency,
        "targeting": kind.targeting,
        "notes": kind.notes,
        "evidence": kind.evidence,
        "page": kind.page,
        "fields": kind.fields().iter().map(|at| field(kind, at)).collect::<Vec<_>>(),
    })
}

fn field(kind: &AttributeType, at: &FieldAt) -> Value {
    let field = at.field;
    let values = match field.kind {
        FieldType::Choice(texts) => json!(texts),
        FieldType::Code(numbers) => numbers
            .iter()
            .map(|(number, meaning)| json!({"value": number, "meaning": meaning}))
            .collect(),
        _ => Value::Null,
    };
    json!({
        "path": at.path,
        "json": field.kind.json(),
        "required": field.required,
        "rule": field.rule.map(|rule| rule.as_str()),
        "values": values,
        "authenticated": kind.authenticated && field.authenticated,
        "also_read_as": field.aliases,
        "read": field.read,
        "widget": field.widget,
        "summary": field.summary,
        "evidence": field.evidence,
    })
}
