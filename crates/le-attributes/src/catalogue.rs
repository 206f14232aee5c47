//! The catalogue: every type of attribute with its fields and rules, as data.
//!
//! `docs/attribute-types.md` and `le attributes types` show it, and the rules of [`validate`](crate::validate) come from it.
//!
//! ```
//! use le_attributes::catalogue::{self, Repeat};
//!
//! let service = catalogue::find("service").ok_or("no such type")?;
//! assert_eq!((service.chat, service.messaging), (Repeat::Append, Repeat::Replace));
//! let paths: Vec<_> = service.fields().into_iter().map(|field| field.path).collect();
//! assert_eq!(paths, ["service.topic", "service.status", "service.category", "service.serviceId"]);
//! # Ok::<_, &str>(())
//! ```

use crate::generated::attributes as table;

/// Every type, in the order of the vendor's pages: ten attributes and five impressions.
#[must_use]
pub fn all() -> &'static [AttributeType] {
    table::TYPES
}

/// The type that is called `wire` in `type`; upper and lower case matter.
#[must_use]
pub fn find(wire: &str) -> Option<&'static AttributeType> {
    table::TYPES.iter().find(|kind| kind.wire == wire)
}

/// The type that `name` is another name of: the vendor's title, what it is called where it is read, a slip of the pen.
///
/// ```
/// use le_attributes::catalogue;
/// let meant = |name| catalogue::meant(name).map(|kind| kind.wire);
/// assert_eq!(meant("customerInfo"), Some("ctmrinfo"));
/// assert_eq!(meant("purchse"), Some("purchase"));
/// assert_eq!(meant("weather"), None);
/// ```
#[must_use]
pub fn meant(name: &str) -> Option<&'static AttributeType> {
    let names = |kind: &AttributeType| {
        let read = kind.read.map(|read| [read.name, read.sde_type]);
        let read = read.into_iter().flatten().chain(kind.widget);
        [kind.wire, kind.name].into_iter().chain(read).collect()
    };
    nearest(name, table::TYPES, names)
}

/// How alike two names are at least, from 0 to 1, to be taken for each other.
const NEAR: f64 = 0.75;

/// The entry with the name that is most like this one, if any is near it.
fn nearest<'t, T>(name: &str, entries: &'t [T], names: impl Fn(&'t T) -> Vec<&'t str>) -> Option<&'t T> {
    let name = name.to_ascii_lowercase();
    let likeness = |own: &str| strsim::normalized_damerau_levenshtein(&own.to_ascii_lowercase(), &name);
    let best = |entry: &'t T| names(entry).into_iter().map(likeness).fold(0.0, f64::max);
    let rated = entries.iter().map(|entry| (best(entry), entry));
    let (likeness, entry) = rated.max_by(|a, b| a.0.total_cmp(&b.0))?;
    (likeness >= NEAR).then_some(entry)
}

/// A type of attribute or of impression.
#[derive(Debug)]
#[non_exhaustive]
pub struct AttributeType {
    /// The text of `type`.
    pub wire: &'static str,
    /// The vendor's name.
    pub name: &'static str,
    /// What it says.
    pub summary: &'static str,
    /// The member that holds the payload; none where it lies beside `type`.
    pub payload: Option<&'static str>,
    /// The fields.
    pub record: &'static Record,
    /// What the vendor sorts it under.
    pub category: Category,
    /// Whether authenticated flows (the claim `lp_sdes`) take it.
    pub authenticated: bool,
    /// Whether mobile apps can report it.
    pub mobile: bool,
    /// What a further report does in chat.
    pub chat: Repeat,
    /// What a further report does in messaging.
    pub messaging: Repeat,
    /// What it is called where it is read; none for impressions.
    pub read: Option<ReadNames>,
    /// What it is called in the workspace's widgets.
    pub widget: Option<&'static str>,
    /// How often it is reported.
    pub frequency: Option<&'static str>,
    /// What it is used for in targeting.
    pub targeting: Option<&'static str>,
    /// What else there is to know.
    pub notes: Option<&'static str>,
    /// Where these facts come from.
    pub evidence: &'static str,
    /// The vendor's page.
    pub page: &'static str,
}

impl AttributeType {
    /// Whether it is an impression.
    #[must_use]
    pub fn is_impression(&self) -> bool {
        self.category == Category::CampaignFunnel
    }

    /// All its fields with their paths, those of objects behind the objects.
    #[must_use]
    pub fn fields(&self) -> Vec<FieldAt> {
        let mut fields = Vec::new();
        let prefix = self.payload.map_or_else(String::new, |payload| format!("{payload}."));
        self.collect(self.record, &prefix, &mut fields);
        fields
    }

    fn collect(&self, record: &'static Record, prefix: &str, into: &mut Vec<FieldAt>) {
        for field in record.fields.iter().filter(|field| field.is_of(self)) {
            let path = format!("{prefix}{}", field.wire);
            let (inner, below) = match field.kind {
                FieldType::Object(inner) => (Some(inner), format!("{path}.")),
                FieldType::Objects(inner) => (Some(inner), format!("{path}[].")),
                _ => (None, String::new()),
            };
            into.push(FieldAt { path, field });
            if let Some(inner) = inner {
                self.collect(inner, &below, into);
            }
        }
    }
}

/// A field and its place in an attribute.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct FieldAt {
    /// The place, e.g. `products[].product.name`.
    pub path: String,
    /// The field.
    pub field: &'static Field,
}

/// The names of a type where it is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReadNames {
    /// The key of the payload in events.
    pub name: &'static str,
    /// The `sdeType` of the history.
    pub sde_type: &'static str,
    /// Whether the fields lie one level below the times, under the same key.
    pub nested: bool,
    /// The member of a visit's state.
    pub list: Option<&'static str>,
}

/// What the vendor sorts a type under.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Category {
    /// Who the visitor is.
    VisitorInfo,
    /// What they buy and look at.
    Ecommerce,
    /// What happens to them.
    VisitorJourney,
    /// What they do with an engagement.
    CampaignFunnel,
}

impl Category {
    /// The vendor's words.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::VisitorInfo => "visitor info",
            Self::Ecommerce => "eCommerce",
            Self::VisitorJourney => "visitor journey",
            Self::CampaignFunnel => "campaign funnel",
        }
    }
}

/// What a further report of the same type does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Repeat {
    /// The members that the newer report has are set, the others stay. Chat only.
    Update,
    /// The newer report takes the place of the older; members that it lacks are gone.
    Replace,
    /// It adds one to those that were reported.
    Append,
    /// Agents do not see it: impressions.
    NotShown,
}

impl Repeat {
    /// One or two words.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Update => "update",
            Self::Replace => "replace",
            Self::Append => "append",
            Self::NotShown => "not shown",
        }
    }
}

/// An object with fields.
#[derive(Debug)]
#[non_exhaustive]
pub struct Record {
    /// The name of its Rust type.
    pub name: &'static str,
    /// The vendor's page.
    pub page: &'static str,
    /// The fields, in the order of the page.
    pub fields: &'static [Field],
}

impl Record {
    /// The field with this name, as it is sent or may be spelt.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&'static Field> {
        let mut fields = self.fields.iter();
        fields.find(|field| field.wire == name || field.aliases.contains(&name))
    }

    /// The field that `name` is another name of: what it is called where it is read, a slip of the pen.
    #[must_use]
    pub fn meant(&self, name: &str) -> Option<&'static Field> {
        nearest(name, self.fields, |field| {
            std::iter::once(field.wire)
                .chain(field.read)
                .chain(field.widget)
                .collect()
        })
    }
}

/// One member of a record.
#[derive(Debug)]
#[non_exhaustive]
pub struct Field {
    /// The name as it is sent.
    pub wire: &'static str,
    /// Other spellings that are read.
    pub aliases: &'static [&'static str],
    /// The type of the value.
    pub kind: FieldType,
    /// What it says.
    pub summary: &'static str,
    /// Whether a report must have it.
    pub required: bool,
    /// What the value must keep to beyond its type.
    pub rule: Option<FieldRule>,
    /// Whether authenticated flows take it.
    pub authenticated: bool,
    /// The types that have it, where not all that use the record do; else empty.
    pub of: &'static [&'static str],
    /// The name where it is read.
    pub read: Option<&'static str>,
    /// The name in the workspace's widgets.
    pub widget: Option<&'static str>,
    /// Where these facts come from.
    pub evidence: &'static str,
}

impl Field {
    /// Whether attributes of this type have the field.
    #[must_use]
    pub fn is_of(&self, kind: &AttributeType) -> bool {
        self.of.is_empty() || self.of.contains(&kind.wire)
    }

    /// The rules in words, shortest first, e.g. `required, 0 or more`; empty where there is none.
    #[must_use]
    pub fn rules(&self) -> String {
        let mut rules = Vec::new();
        if self.required {
            rules.push("required".to_owned());
        }
        rules.extend(self.rule.map(|rule| rule.as_str().to_owned()));
        match self.kind {
            FieldType::Choice(texts) => rules.push(format!("one of {}", texts.join(" "))),
            FieldType::Code(numbers) => {
                let ends = numbers.first().zip(numbers.last());
                rules.extend(ends.map(|((from, _), (to, _))| format!("{from} to {to}")));
            }
            _ => {}
        }
        rules.join(", ")
    }
}

/// The type of a field's value.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum FieldType {
    /// Text.
    Text,
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// A number that counts money; see [`Amount`](crate::Amount).
    Money,
    /// `true` or `false`.
    Boolean,
    /// The number of an object of the account.
    Id,
    /// Any value: no page says more.
    Json,
    /// One of these texts.
    Choice(&'static [&'static str]),
    /// One of these numbers, with what they mean.
    Code(&'static [(i64, &'static str)]),
    /// An object.
    Object(&'static Record),
    /// An array of objects.
    Objects(&'static Record),
    /// An array of texts.
    Texts,
}

impl FieldType {
    /// The type in JSON's words.
    #[must_use]
    pub fn json(self) -> &'static str {
        match self {
            Self::Text | Self::Choice(_) => "string",
            Self::Integer | Self::Code(_) | Self::Id => "integer",
            Self::Number | Self::Money => "number",
            Self::Boolean => "boolean",
            Self::Json => "any",
            Self::Object(_) => "object",
            Self::Objects(_) | Self::Texts => "array",
        }
    }
}

/// What a value must keep to beyond its type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FieldRule {
    /// A count: 0 or more.
    NotNegative,
    /// A day of a month.
    Day,
    /// A month.
    Month,
    /// A year.
    Year,
    /// A language and a country, e.g. `fr-CA`.
    Language,
}

impl FieldRule {
    /// The rule in words.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotNegative => "0 or more",
            Self::Day => "1 to 31",
            Self::Month => "1 to 12",
            Self::Year => "1 to 9999",
            Self::Language => "like fr-CA",
        }
    }
}

/// Declares records of the table: `NAME: "Name", "page" { "wire": type, "summary", "evidence" { facts } }`.
macro_rules! records {
    ($(
        $name:ident: $title:literal, $page:literal {
            $( $wire:literal: $kind:expr, $summary:literal, $evidence:literal { $($fact:ident: $value:expr),* } )*
        }
    )*) => {
        $(
            pub static $name: $crate::catalogue::Record = $crate::catalogue::Record {
                name: $title,
                page: $page,
                fields: &[$(
                    $crate::catalogue::Field {
                        $($fact: $value,)*
                        ..$crate::catalogue::Field {
                            wire: $wire,
                            aliases: &[],
                            kind: $kind,
                            summary: $summary,
                            required: false,
                            rule: None,
                            authenticated: false,
                            of: &[],
                            read: None,
                            widget: None,
                            evidence: $evidence,
                        }
                    },
                )*],
            };
        )*
    };
}

pub(crate) use records;
