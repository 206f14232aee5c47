//! `attributes.json`: engagement attributes and impression events, with the records that they carry.

use anyhow::Result;
use serde::Deserialize;

use super::Evidence;

/// `attributes.json`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Attributes {
    #[serde(rename = "crate")]
    pub(crate) package: String,
    pub(crate) page: String,
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) records: Vec<Record>,
    pub(crate) numbers: Vec<Numbers>,
}

/// A type of attribute, or of impression event.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Attribute {
    /// The text of `type`.
    #[serde(rename = "type")]
    pub(crate) wire: String,
    /// The variant of `SdeType` or `ImpressionType`.
    pub(crate) variant: String,
    /// The vendor's name.
    pub(crate) name: String,
    pub(crate) summary: String,
    /// The member that holds the payload; none where it lies beside `type`.
    pub(crate) payload: Option<String>,
    pub(crate) record: String,
    pub(crate) category: Category,
    /// Whether authenticated flows take the type.
    pub(crate) authenticated: bool,
    /// Whether mobile apps can report it.
    pub(crate) mobile: bool,
    pub(crate) chat: Repeat,
    pub(crate) messaging: Repeat,
    pub(crate) read: Option<Read>,
    pub(crate) widget: Option<String>,
    /// How often it is reported.
    pub(crate) frequency: Option<String>,
    /// What it is used for in targeting.
    pub(crate) targeting: Option<String>,
    pub(crate) notes: Option<String>,
    pub(crate) evidence: Evidence,
    pub(crate) page: String,
}

impl Attribute {
    pub(crate) fn is_impression(&self) -> bool {
        self.category == Category::CampaignFunnel
    }
}

/// What the vendor sorts a type under.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Category {
    VisitorInfo,
    Ecommerce,
    VisitorJourney,
    CampaignFunnel,
}

impl Category {
    pub(crate) fn variant(self) -> &'static str {
        match self {
            Self::VisitorInfo => "VisitorInfo",
            Self::Ecommerce => "Ecommerce",
            Self::VisitorJourney => "VisitorJourney",
            Self::CampaignFunnel => "CampaignFunnel",
        }
    }

    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::VisitorInfo => "visitor info",
            Self::Ecommerce => "eCommerce",
            Self::VisitorJourney => "visitor journey",
            Self::CampaignFunnel => "campaign funnel",
        }
    }
}

/// What a further report of the same type does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Repeat {
    Update,
    Replace,
    Append,
    None,
}

impl Repeat {
    pub(crate) fn variant(self) -> &'static str {
        match self {
            Self::Update => "Update",
            Self::Replace => "Replace",
            Self::Append => "Append",
            Self::None => "NotShown",
        }
    }

    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Update => "update",
            Self::Replace => "replace",
            Self::Append => "append",
            Self::None => "not shown",
        }
    }
}

/// What a type is called where it is read.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Read {
    /// The key of the payload in events.
    pub(crate) name: String,
    /// The `sdeType` of the history.
    pub(crate) sde_type: String,
    /// Whether the fields lie one level below the times, under the same key.
    pub(crate) nested: bool,
    /// The member of a visit's state that holds the list, where it has a name of its own.
    pub(crate) list: Option<String>,
}

/// An object with fields.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Record {
    /// The Rust type.
    pub(crate) name: String,
    pub(crate) summary: String,
    /// Whether authenticated flows take its fields, unless one says otherwise.
    #[serde(default)]
    pub(crate) authenticated: bool,
    pub(crate) evidence: Evidence,
    pub(crate) page: String,
    pub(crate) fields: Vec<Field>,
    /// Members that only answers have.
    #[serde(default)]
    pub(crate) read_only: Vec<ReadOnly>,
}

impl Record {
    /// Whether a sender must give one of the fields, so that the record has no default.
    pub(crate) fn is_constructed(&self) -> bool {
        self.fields.iter().any(|field| field.required)
    }
}

/// One member of a record.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Field {
    pub(crate) wire: String,
    /// Other spellings that are read.
    #[serde(default)]
    pub(crate) aliases: Vec<String>,
    /// The Rust field.
    pub(crate) field: String,
    #[serde(rename = "type")]
    kind: String,
    pub(crate) summary: String,
    #[serde(default)]
    pub(crate) required: bool,
    pub(crate) rule: Option<Rule>,
    /// Overrides what the record says.
    pub(crate) authenticated: Option<bool>,
    /// The types that have the field, where not all that use the record do.
    #[serde(default)]
    pub(crate) of: Vec<String>,
    pub(crate) read: Option<String>,
    pub(crate) widget: Option<String>,
    /// Whether `Debug` may show it.
    #[serde(default)]
    pub(crate) safe: bool,
    /// Overrides what the record says.
    pub(crate) evidence: Option<Evidence>,
}

impl Field {
    pub(crate) fn kind(&self) -> Result<Kind<'_>> {
        Kind::parse(&self.kind)
    }
}

/// What a field must keep to beyond its type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Rule {
    NotNegative,
    Day,
    Month,
    Year,
    Language,
}

impl Rule {
    pub(crate) fn variant(self) -> &'static str {
        match self {
            Self::NotNegative => "NotNegative",
            Self::Day => "Day",
            Self::Month => "Month",
            Self::Year => "Year",
            Self::Language => "Language",
        }
    }

    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::NotNegative => "0 or more",
            Self::Day => "1 to 31",
            Self::Month => "1 to 12",
            Self::Year => "1 to 9999",
            Self::Language => "like `fr-CA`",
        }
    }

    pub(super) fn fits(self, kind: Kind<'_>) -> bool {
        match self {
            Self::Language => kind == Kind::Text,
            _ => kind == Kind::Integer,
        }
    }
}

/// The type of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind<'a> {
    Text,
    Integer,
    Number,
    /// A number that counts money.
    Money,
    Boolean,
    Id,
    /// Any JSON value.
    Json,
    /// One of the texts of an enum of `enums.json`.
    Enum(&'a str),
    /// One of the numbers of `numbers`.
    Numbers(&'a str),
    Record(&'a str),
    Records(&'a str),
    Texts,
}

impl<'a> Kind<'a> {
    fn parse(text: &'a str) -> Result<Self> {
        Ok(match text {
            "string" => Self::Text,
            "integer" => Self::Integer,
            "number" => Self::Number,
            "money" => Self::Money,
            "boolean" => Self::Boolean,
            "id" => Self::Id,
            "json" => Self::Json,
            "list:string" => Self::Texts,
            _ => match text.split_once(':') {
                Some(("enum", name)) => Self::Enum(name),
                Some(("numbers", name)) => Self::Numbers(name),
                Some(("record", name)) => Self::Record(name),
                Some(("list", name)) => Self::Records(name),
                _ => anyhow::bail!("type {text:?} is none of this file's"),
            },
        })
    }

    /// The type in JSON's words.
    pub(crate) fn json(self) -> &'static str {
        match self {
            Self::Text | Self::Enum(_) => "string",
            Self::Integer | Self::Numbers(_) | Self::Id => "integer",
            Self::Number | Self::Money => "number",
            Self::Boolean => "boolean",
            Self::Json => "any",
            Self::Record(_) => "object",
            Self::Records(_) | Self::Texts => "array",
        }
    }

    /// The record of the field's value or of its elements.
    pub(crate) fn record(self) -> Option<&'a str> {
        match self {
            Self::Record(name) | Self::Records(name) => Some(name),
            _ => None,
        }
    }
}

/// A member that only answers have.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReadOnly {
    pub(crate) read: String,
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) summary: String,
}

/// What the numbers of a field mean.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Numbers {
    pub(crate) name: String,
    pub(crate) summary: String,
    pub(crate) page: String,
    pub(crate) values: Vec<NumberValue>,
}

/// One of the numbers.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NumberValue {
    pub(crate) number: i64,
    pub(crate) variant: String,
    pub(crate) summary: String,
    pub(crate) evidence: Evidence,
}

impl Attributes {
    /// The record with this name.
    pub(crate) fn record(&self, name: &str) -> Option<&Record> {
        self.records.iter().find(|record| record.name == name)
    }
}
