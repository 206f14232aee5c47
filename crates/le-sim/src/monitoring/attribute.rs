//! Engagement attributes and impressions as they are sent, and the values in them
//! (<https://developers.liveperson.com/engagement-attributes-types-of-engagement-attributes.html>).

use std::borrow::Cow;

use serde_json::Value;

use crate::generated::attributes::{ATTRIBUTES, Attribute};

/// The types of engagement attributes, in the order of the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    Customer,
    Personal,
    Marketing,
    Cart,
    Purchase,
    ProductView,
    Lead,
    Service,
    Error,
    Search,
}

/// What a visitor did with an engagement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Display,
    Accept,
    Expanded,
    Timeout,
    Close,
}

/// What the `type` of an entry says that it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Entry {
    Attribute(Kind),
    Impression(Step),
}

impl Entry {
    /// By the name on the wire.
    pub(super) fn named(name: &str) -> Option<Self> {
        let step = match name {
            "impDisplay" => Step::Display,
            "impAccept" => Step::Accept,
            "impExpanded" => Step::Expanded,
            "impTimeout" => Step::Timeout,
            "impClose" => Step::Close,
            _ => return Kind::named(name).map(Self::Attribute),
        };
        Some(Self::Impression(step))
    }
}

impl Kind {
    pub(crate) const ALL: [Self; 10] = [
        Self::Customer,
        Self::Personal,
        Self::Marketing,
        Self::Cart,
        Self::Purchase,
        Self::ProductView,
        Self::Lead,
        Self::Service,
        Self::Error,
        Self::Search,
    ];

    /// What the catalogue says of it.
    pub(crate) const fn attribute(self) -> &'static Attribute {
        &ATTRIBUTES[self as usize]
    }

    /// By the name on the wire.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.attribute().name == name)
    }

    /// Every kind whose reports add up in chat instead of taking each other's place, and its place among them.
    pub(super) const fn list(self) -> Option<usize> {
        match self {
            Self::Purchase => Some(0),
            Self::ProductView => Some(1),
            Self::Lead => Some(2),
            Self::Service => Some(3),
            Self::Error => Some(4),
            Self::Search => Some(5),
            Self::Customer | Self::Personal | Self::Marketing | Self::Cart => None,
        }
    }

    /// The member that names the thing again when it is reported twice.
    pub(super) const fn key(self) -> Option<&'static str> {
        match self {
            Self::Purchase => Some("orderId"),
            Self::Lead => Some("leadId"),
            Self::Service => Some("serviceId"),
            _ => None,
        }
    }

    /// What holds the members of an attribute of this kind: an inner object, or the attribute itself.
    pub(super) fn payload(self, attribute: &Value) -> &Value {
        self.attribute().payload.map_or(attribute, |inner| &attribute[inner])
    }
}

/// A number that may have come as text.
pub(super) fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok().filter(|number: &f64| number.is_finite()),
        _ => None,
    }
}

/// A flag that may have come as text.
pub(super) fn flag(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(flag) => Some(*flag),
        Value::String(text) => text.trim().to_ascii_lowercase().parse().ok(),
        _ => None,
    }
}

/// Text that may have come as a number.
pub(super) fn text(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::String(text) => Some(text.as_str().into()),
        Value::Number(number) => Some(number.to_string().into()),
        Value::Bool(flag) => Some(flag.to_string().into()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_what_the_catalogue_has_in_its_order() {
        let names: Vec<&str> = Kind::ALL.iter().map(|kind| kind.attribute().name).collect();
        let expected = [
            "ctmrinfo",
            "personal",
            "mrktInfo",
            "cart",
            "purchase",
            "prodView",
            "lead",
            "service",
            "error",
            "searchInfo",
        ];
        assert_eq!(names, expected);
        for kind in Kind::ALL {
            assert_eq!(Kind::named(kind.attribute().name), Some(kind));
            assert_eq!(kind.list().is_some(), kind.attribute().chat == "append", "{kind:?}");
        }
        for attribute in &ATTRIBUTES[Kind::ALL.len()..] {
            assert!(
                matches!(Entry::named(attribute.name), Some(Entry::Impression(_))),
                "{}",
                attribute.name
            );
        }
        assert_eq!(Entry::named("no such type"), None);
    }
}
