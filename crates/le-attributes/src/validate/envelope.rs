//! Holds an attribute as a whole to the rules: its type, its way, and where its payload lies.

use super::examine::Scope;
use super::place::Place;
use super::route::Route;
use super::violation::{Report, Rule, Told, shape};
use crate::catalogue::{self, AttributeType};
use crate::payload::{Envelope, Payload};
use crate::sde::Sde;

/// One attribute, on `route` or wherever it goes.
pub(super) fn examine(attribute: &Sde, route: Option<Route>, found: &mut Report) {
    let Some(name) = attribute.type_name() else {
        if route.is_some() {
            let told = Told::new(
                "an object without a `type` cannot be sent",
                "nothing",
                "say in `type` what it is",
            );
            found.add(Rule::Missing, "type", told);
        }
        // An impression lacks its type like a member.
        if let Sde::Impression(sent) = attribute {
            let kind = catalogue::find("impClose");
            fields(sent, kind, route, found);
        }
        return;
    };
    let kind = catalogue::find(&name);
    if let Some(route) = route.filter(|route| !takes(*route, kind)) {
        let message = format!("`{name}` cannot be sent on the route {route:?}");
        found.add(
            Rule::NotOnRoute,
            "type",
            Told::new(message, "an object", "leave it out"),
        );
    }
    match attribute {
        Sde::CustomerInfo(sent) => payload(&**sent, kind, route, found),
        Sde::Personal(sent) => payload(sent, kind, route, found),
        Sde::MarketingSource(sent) => payload(sent, kind, route, found),
        Sde::Lead(sent) => payload(sent, kind, route, found),
        Sde::ServiceActivity(sent) => payload(sent, kind, route, found),
        Sde::VisitorError(sent) => payload(sent, kind, route, found),
        Sde::Cart(sent) => fields(sent, kind, route, found),
        Sde::Purchase(sent) => fields(sent, kind, route, found),
        Sde::ViewedProduct(sent) => fields(sent, kind, route, found),
        Sde::SearchedContent(sent) => fields(sent, kind, route, found),
        Sde::Impression(sent) => fields(sent, kind, route, found),
        Sde::Other(_) => {}
    }
}

fn takes(route: Route, kind: Option<&AttributeType>) -> bool {
    kind.map_or_else(|| route.takes_unknown(), |kind| route.takes(kind))
}

fn scope(kind: Option<&'static AttributeType>, route: Option<Route>) -> Option<Scope> {
    let authenticated = route.is_some_and(Route::is_authenticated);
    kind.map(|kind| Scope { kind, authenticated })
}

/// A payload that lies beside `type`.
fn fields<T: Payload>(sent: &T, kind: Option<&'static AttributeType>, route: Option<Route>, found: &mut Report) {
    if let Some(scope) = scope(kind, route) {
        sent.examine_fields(&Place::TOP, &scope, found);
    }
}

/// A payload in a member of its own.
fn payload<T: Envelope>(sent: &T, kind: Option<&'static AttributeType>, route: Option<Route>, found: &mut Report) {
    let (payload, extra) = sent.parts();
    let top = Place::TOP;
    let place = top.member(T::MEMBER);
    match (payload, scope(kind, route)) {
        (Some(payload), Some(scope)) => payload.examine_fields(&place, &scope, found),
        (Some(_), None) => {}
        (None, _) => without_payload(extra.get(T::MEMBER), &place, found),
    }
}

#[cold]
fn without_payload(there: Option<&str>, place: &Place<'_>, found: &mut Report) {
    let (rule, told) = match there.filter(|json| *json != "null") {
        Some(json) => {
            let there = shape(json);
            let message = format!("`{{}}` is {there} and must be an object");
            (
                Rule::WrongType,
                Told::new(message, there, "put the fields into an object"),
            )
        }
        None => (
            Rule::Missing,
            Told::new("`{}` is missing", "nothing", "set it: the service needs it"),
        ),
    };
    found.add(rule, place, told);
}
