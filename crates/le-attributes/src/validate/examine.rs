//! Holds the fields of a payload to the rules of the catalogue.

use le_core::id::CampaignId;
use le_core::wire::{Extra, Flag, Float, Int, List, RawRecord, Slot};

use super::place::Place;
use super::violation::{Report, Rule, Told, of_text, shape};
use crate::catalogue::{AttributeType, Field, FieldRule, FieldType};
use crate::customer::CalendarDate;
use crate::generated::enums::{Gender, ImpressionType, PhoneType};
use crate::impression::EngagementContext;
use crate::payload::Payload;
use crate::personal::{Address, Age, Contact};
use crate::shopping::{Line, Product, PurchasedCart};

/// For what an attribute is checked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scope {
    pub(super) kind: &'static AttributeType,
    /// Only fields that authenticated flows take.
    pub(super) authenticated: bool,
}

/// A value that can be held to the rules of its field.
pub(crate) trait Examined {
    fn examine(&self, field: &Field, place: &Place<'_>, scope: &Scope, found: &mut Report);

    /// What it is, without what it holds.
    fn shape(&self) -> String;
}

/// One field of a payload.
#[inline]
pub(crate) fn slot<S>(
    slot: &S,
    field: &'static Field,
    extra: &Extra,
    place: &Place<'_>,
    scope: &Scope,
    found: &mut Report,
) where
    S: Slot,
    S::Wire: Examined,
{
    let Some(value) = slot.wire() else {
        if field.required || !extra.is_empty() {
            not_set(field, extra, place, scope, found);
        }
        return;
    };
    let here = place.member(field.wire);
    if !field.is_of(scope.kind) {
        let message = format!("`{{}}` is not part of `{}`", scope.kind.wire);
        let told = Told::new(
            message,
            value.shape(),
            "leave it out, or send an attribute of another type",
        );
        found.add(Rule::NotOfType, here, told);
    }
    if scope.authenticated && !field.authenticated {
        let told = Told::new(
            "`{}` is not allowed in authenticated flows",
            value.shape(),
            "leave it out",
        );
        found.add(Rule::NotAuthenticated, here, told);
    }
    value.examine(field, &here, scope, found);
}

/// A field without a typed value: it is missing, or its value did not fit.
#[cold]
fn not_set(field: &'static Field, extra: &Extra, place: &Place<'_>, scope: &Scope, found: &mut Report) {
    let here = place.member(field.wire);
    let mut names = std::iter::once(&field.wire).chain(field.aliases);
    match names.find_map(|name| extra.get(name)).filter(|json| *json != "null") {
        Some(json) => {
            let wanted = field.kind.json();
            let found_there = shape(json);
            let message = format!("`{{}}` is {found_there} and must be of type {wanted}");
            let told = Told::new(message, found_there, format!("send it as {wanted}"));
            found.add(Rule::WrongType, here, told);
        }
        None if field.required && field.is_of(scope.kind) => {
            let told = Told::new("`{}` is missing", "nothing", "set it: the service needs it");
            found.add(Rule::Missing, here, told);
        }
        None => {}
    }
}

impl Examined for Int {
    #[inline]
    fn examine(&self, field: &Field, place: &Place<'_>, _: &Scope, found: &mut Report) {
        let number = self.get();
        match (field.rule, field.kind) {
            (None, FieldType::Code(numbers)) if !numbers.iter().any(|(known, _)| *known == number) => {
                let message = format!("`{{}}` is not {}", field.rules());
                found.add(
                    Rule::NotPublished,
                    place,
                    Told::new(message, "a number", "use one of the published numbers"),
                );
            }
            (Some(FieldRule::NotNegative), _) if number < 0 => {
                found.add(
                    Rule::NotNegative,
                    place,
                    Told::new("`{}` is negative", "a number", "count from 0"),
                );
            }
            (Some(rule @ (FieldRule::Day | FieldRule::Month | FieldRule::Year)), _) if !in_range(rule, number) => {
                let message = format!("`{{}}` is not {}", rule.as_str());
                found.add(Rule::OutOfRange, place, Told::new(message, "a number", "correct it"));
            }
            _ => {}
        }
    }

    fn shape(&self) -> String {
        "a number".to_owned()
    }
}

fn in_range(rule: FieldRule, number: i64) -> bool {
    let last = match rule {
        FieldRule::Day => 31,
        FieldRule::Month => 12,
        _ => 9999,
    };
    (1..=last).contains(&number)
}

impl Examined for Float {
    #[inline]
    fn examine(&self, _: &Field, place: &Place<'_>, _: &Scope, found: &mut Report) {
        if !self.get().is_finite() {
            let told = Told::new(
                "`{}` is not a finite number",
                "a number that JSON cannot write",
                "check how it was computed",
            );
            found.add(Rule::NotFinite, place, told);
        }
    }

    fn shape(&self) -> String {
        "a number".to_owned()
    }
}

/// Two lower-case letters, a dash or underscore, two upper-case letters.
pub(super) fn is_language(tag: &str) -> bool {
    matches!(tag.as_bytes(), [a, b, b'-' | b'_', c, d]
        if a.is_ascii_lowercase() && b.is_ascii_lowercase() && c.is_ascii_uppercase() && d.is_ascii_uppercase())
}

impl Examined for String {
    #[inline]
    fn examine(&self, field: &Field, place: &Place<'_>, _: &Scope, found: &mut Report) {
        if field.rule == Some(FieldRule::Language) && !is_language(self) {
            let message = "`{}` is not an ISO 639-1 language and an ISO 3166-1 country";
            found.add(
                Rule::Language,
                place,
                Told::new(message, of_text(self), "write it like fr-CA"),
            );
        }
    }

    fn shape(&self) -> String {
        of_text(self)
    }
}

impl Examined for CampaignId {
    fn examine(&self, _: &Field, place: &Place<'_>, _: &Scope, found: &mut Report) {
        if self.as_i64().is_none() {
            let told = Told::new(
                "`{}` is not a number",
                self.shape(),
                "copy it from the engagement that was offered",
            );
            found.add(Rule::WrongType, place, told);
        }
    }

    fn shape(&self) -> String {
        of_text(self.as_str())
    }
}

/// Any flag and any JSON will do.
macro_rules! without_rules {
    ($($type:ty => $shape:literal),+) => {
        $(
            impl Examined for $type {
                #[inline]
                fn examine(&self, _: &Field, _: &Place<'_>, _: &Scope, _: &mut Report) {}

                fn shape(&self) -> String {
                    $shape.to_owned()
                }
            }
        )+
    };
}

without_rules!(Flag => "a flag", RawRecord => "a JSON value");

/// Texts of which some are published.
macro_rules! published {
    ($($type:ty),+) => {
        $(
            impl Examined for $type {
                #[inline]
                fn examine(&self, field: &Field, place: &Place<'_>, _: &Scope, found: &mut Report) {
                    if !self.is_known() {
                        let message = format!("`{{}}` is not {}", field.rules());
                        found.add(Rule::NotPublished, place, Told::new(message, self.shape(), "use one of these"));
                    }
                }

                fn shape(&self) -> String {
                    of_text(self.as_str())
                }
            }
        )+
    };
}

published!(Gender, PhoneType, ImpressionType);

impl<T: Examined> Examined for List<T> {
    #[inline]
    fn examine(&self, field: &Field, place: &Place<'_>, scope: &Scope, found: &mut Report) {
        // Places count what does not fit, too.
        let mut misfits = self.misfits().peekable();
        let mut at = 0;
        for element in self.iter() {
            while let Some((_, json)) = misfits.next_if(|(place, _)| *place == at) {
                misfit(json, place.element(at), found);
                at += 1;
            }
            element.examine(field, &place.element(at), scope, found);
            at += 1;
        }
        for (at, json) in misfits {
            misfit(json, place.element(at), found);
        }
    }

    fn shape(&self) -> String {
        format!("an array of {}", self.len())
    }
}

#[cold]
fn misfit(json: &str, place: Place<'_>, found: &mut Report) {
    let told = Told::new("`{}` does not fit the list", shape(json), "correct it, or leave it out");
    found.add(Rule::WrongType, place, told);
}

/// Objects whose rules are those of their fields.
macro_rules! by_fields {
    ($($type:ty),+) => {
        $(
            impl Examined for $type {
                #[inline]
                fn examine(&self, _: &Field, place: &Place<'_>, scope: &Scope, found: &mut Report) {
                    self.examine_fields(place, scope, found);
                }

                fn shape(&self) -> String {
                    "an object".to_owned()
                }
            }
        )+
    };
}

by_fields!(Address, Age, Contact, EngagementContext, Line, Product, PurchasedCart);

impl Examined for CalendarDate {
    fn examine(&self, _: &Field, place: &Place<'_>, scope: &Scope, found: &mut Report) {
        let before = found.len();
        self.examine_fields(place, scope, found);
        if found.len() == before && !self.is_day() {
            found.add(
                Rule::NotADay,
                place,
                Told::new("`{}` is no day of the calendar", "an object", "correct it"),
            );
        }
    }

    fn shape(&self) -> String {
        "an object".to_owned()
    }
}
