//! Whether a condition holds for a visit.

use serde_json::{Map, Value};

use super::{
    attribute::{Kind, number, text},
    visit::Visit,
};
use crate::campaign::{AmountMatch, Condition, ErrorMatch, ProductMatch, Range, ServiceMatch};

const MS_A_YEAR: f64 = 365.25 * 86_400_000.0;

/// Whether a condition holds. `None`: it cannot be told, as an attribute that it asks for was not reported in the session.
pub(super) fn holds(condition: &Condition, visit: &Visit, now: i64) -> Option<bool> {
    let info = |of: &Option<Map<String, Value>>, name: &str, one_of: &[String]| {
        let value = of.as_ref()?.get(name)?;
        Some(text(value).is_some_and(|value| is_one_of(&value, one_of)))
    };
    match condition {
        Condition::Always => Some(true),
        Condition::All(all) => together(all, visit, now, false),
        Condition::Any(any) => together(any, visit, now, true),
        Condition::Not(condition) => holds(condition, visit, now).map(|it| !it),
        Condition::CartTotal(range) => cart_number(visit, "total", range),
        Condition::CartItems(range) => cart_number(visit, "numItems", range),
        Condition::CartProduct(wanted) => {
            let cart = visit.cart.as_ref()?;
            Some(has_product(&cart.content, wanted))
        }
        Condition::ViewedProduct(wanted) => listed(visit, Kind::ProductView, |view| has_product(view, wanted)),
        Condition::UnresolvedError(wanted) => unresolved_error(visit, wanted),
        Condition::CustomerType(types) => info(&visit.customer, "ctype", types),
        Condition::CustomerStatus(statuses) => info(&visit.customer, "cstatus", statuses),
        Condition::Balance(range) => {
            let balance = visit.customer.as_ref()?.get("balance")?;
            number(balance).map(|balance| range.holds(balance))
        }
        Condition::Age(range) => age(visit, now).map(|age| range.holds(age)),
        Condition::Gender(genders) => info(&visit.personal, "gender", genders),
        Condition::MarketingChannel(channels) => {
            let channel = visit.marketing.as_ref()?.get("channel")?;
            number(channel).map(|channel| channels.iter().any(|wanted| *wanted as f64 == channel))
        }
        Condition::MarketingAffiliate(affiliates) => info(&visit.marketing, "affiliate", affiliates),
        Condition::MarketingCampaign(campaigns) => info(&visit.marketing, "campaignId", campaigns),
        Condition::Section(sections) => entry(visit, "sec://", sections),
        Condition::Language(languages) => entry(visit, "lang://", languages),
        Condition::EntryPoint(beginning) => {
            let points = visit.entry_points()?;
            Some(points.iter().any(|point| point.starts_with(beginning.as_str())))
        }
        Condition::SearchKeyword(wanted) => listed(visit, Kind::Search, |search| {
            let keywords = search["keywords"].as_array().into_iter().flatten();
            let wanted = wanted.to_lowercase();
            keywords
                .filter_map(text)
                .any(|keyword| keyword.to_lowercase().contains(&wanted))
        }),
        Condition::Purchase(wanted) => listed(visit, Kind::Purchase, |it| amount(it, "total", wanted)),
        Condition::Lead(wanted) => listed(visit, Kind::Lead, |it| amount(it, "value", wanted)),
        Condition::Service(wanted) => listed(visit, Kind::Service, |it| service(it, wanted)),
        Condition::Authenticated => Some(visit.authenticated),
    }
}

/// `any`: one that holds is enough. Otherwise one that does not hold is enough to say no.
fn together(conditions: &[Condition], visit: &Visit, now: i64, any: bool) -> Option<bool> {
    let mut unknown = false;
    for condition in conditions {
        match holds(condition, visit, now) {
            Some(it) if it == any => return Some(any),
            Some(_) => {}
            None => unknown = true,
        }
    }
    (!unknown).then_some(!any)
}

fn is_one_of(value: &str, one_of: &[String]) -> bool {
    one_of
        .iter()
        .any(|wanted| wanted.to_lowercase() == value.to_lowercase())
}

fn cart_number(visit: &Visit, member: &str, range: &Range) -> Option<bool> {
    let cart = visit.cart.as_ref()?;
    number(&cart.content[member]).map(|number| range.holds(number))
}

fn has_product(holder: &Value, wanted: &ProductMatch) -> bool {
    let lines = holder["products"].as_array().into_iter().flatten();
    lines.map(|line| &line["product"]).any(|product| {
        let member = |name: &str| text(&product[name]).unwrap_or_default().to_lowercase();
        wanted
            .name
            .as_ref()
            .is_none_or(|name| member("name").contains(&name.to_lowercase()))
            && wanted
                .category
                .as_ref()
                .is_none_or(|it| member("category") == it.to_lowercase())
            && wanted
                .sku
                .as_ref()
                .is_none_or(|sku| member("sku") == sku.to_lowercase())
            && within(&wanted.price, &product["price"])
    })
}

/// A range without bounds holds what is not there, too.
fn within(range: &Range, value: &Value) -> bool {
    *range == Range::default() || number(value).is_some_and(|number| range.holds(number))
}

/// Whether any report of this kind is meant. `None` if there is none at all.
fn listed(visit: &Visit, kind: Kind, meant: impl Fn(&Value) -> bool) -> Option<bool> {
    let items = visit.list(kind);
    (!items.is_empty()).then(|| items.iter().any(|item| meant(kind.payload(&item.reported.value()))))
}

fn unresolved_error(visit: &Visit, wanted: &ErrorMatch) -> Option<bool> {
    if visit.list(Kind::Error).is_empty() {
        return None;
    }
    let is = |error: &Value, member: &str, wanted: &Option<String>| {
        wanted
            .as_ref()
            .is_none_or(|wanted| text(&error[member]).is_some_and(|it| it == wanted.as_str()))
    };
    Some(visit.unresolved_errors().iter().any(|error| {
        is(error, "contextId", &wanted.context_id)
            && is(error, "code", &wanted.code)
            && within(&wanted.level, &error["level"])
    }))
}

fn amount(it: &Value, member: &str, wanted: &AmountMatch) -> bool {
    let topic = |topic: &String| text(&it["topic"]).is_some_and(|it| it.eq_ignore_ascii_case(topic));
    wanted.topic.as_ref().is_none_or(topic) && within(&wanted.value, &it[member])
}

fn service(it: &Value, wanted: &ServiceMatch) -> bool {
    let is = |member: &str, wanted: &Option<String>| {
        wanted
            .as_ref()
            .is_none_or(|wanted| text(&it[member]).is_some_and(|it| it.eq_ignore_ascii_case(wanted)))
    };
    let status = || number(&it["status"]);
    let meant = |statuses: &Vec<i64>| status().is_some_and(|it| statuses.iter().any(|one| *one as f64 == it));
    is("topic", &wanted.topic) && is("category", &wanted.category) && wanted.status.as_ref().is_none_or(meant)
}

/// Told in years, or from the year of birth; month and day would move it by less than a year.
fn age(visit: &Visit, now: i64) -> Option<f64> {
    let age = visit.personal.as_ref()?.get("age")?;
    number(&age["age"]).or_else(|| {
        let year = 1970.0 + (now as f64 / MS_A_YEAR).floor();
        Some(year - number(&age["year"])?)
    })
}

fn entry(visit: &Visit, scheme: &str, wanted: &[String]) -> Option<bool> {
    let points = visit.entry_points()?;
    let named = points.iter().filter_map(|point| point.strip_prefix(scheme));
    Some(named.into_iter().any(|name| is_one_of(name, wanted)))
}
