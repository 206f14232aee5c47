//! The published rules for attributes, as plain functions. Nothing here runs by itself: call it before you send.
//!
//! LivePerson publishes no length limit for what is sent and no greatest number of attributes, so there is none here either; a
//! limit of your own is a [`Guard`](crate::guard::Guard).
//!
//! No error shows the value of a field.

use le_core::wire::{Int, List};
use le_core::{Error, Result};

use crate::customer::{CalendarDate, CustomerInfo};
use crate::generated::enums::{ImpressionType, SdeType};
use crate::impression::Impression;
use crate::journey::ServiceActivity;
use crate::marketing::MarketingSource;
use crate::personal::{Contact, Personal};
use crate::sde::Sde;
use crate::shopping::{Cart, Line, Purchase, ViewedProduct};

/// A way on which attributes reach LivePerson. Each takes some types and refuses others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Route {
    /// The `engagement` call of the Monitoring API: all attributes, no impressions.
    Engagement,
    /// The `report` call of the Monitoring API: attributes and impressions.
    Report,
    /// A report from a mobile app: as `Report`, but without searched content.
    MobileReport,
    /// The Engagement Attributes API: all attributes, no impressions.
    Visit,
    /// The eligibility call of Connect to Messaging: customer and personal info only.
    ConnectToMessaging,
    /// The claim `lp_sdes` of a token that the brand signs: customer and personal info only, without store fields.
    SignedToken,
}

impl Route {
    fn takes(self, kind: &SdeType) -> bool {
        match self {
            Self::Engagement | Self::Report | Self::Visit => true,
            Self::MobileReport => *kind != SdeType::SearchedContent,
            Self::ConnectToMessaging | Self::SignedToken => {
                matches!(kind, SdeType::CustomerInfo | SdeType::Personal)
            }
        }
    }

    fn takes_impressions(self) -> bool {
        matches!(self, Self::Report | Self::MobileReport)
    }
}

/// All attributes of one request on `route`.
///
/// ```
/// use le_attributes::{Sde, journey::SearchedContent, validate::{self, Route}};
///
/// let search = Sde::from(SearchedContent::of(["return policy"]));
/// assert!(validate::attributes(std::slice::from_ref(&search), Route::Report).is_ok());
/// let error = validate::attributes(&[search], Route::MobileReport).unwrap_err();
/// assert!(error.to_string().contains("attributes[0]"));
/// ```
///
/// # Errors
/// [`ErrorKind::Validation`](le_core::ErrorKind::Validation) naming the place of the attribute, the field and the rule.
pub fn attributes(attributes: &[Sde], route: Route) -> Result<()> {
    for (at, attribute) in attributes.iter().enumerate() {
        on_route(attribute, route)
            .and_then(|()| sde(attribute))
            .map_err(|error| {
                error
                    .clone()
                    .with_message(format!("attributes[{at}]: {}", error.message()))
            })?;
    }
    Ok(())
}

fn on_route(attribute: &Sde, route: Route) -> Result<()> {
    let taken = match (attribute, attribute.sde_type()) {
        (Sde::Impression(_), _) => route.takes_impressions(),
        (_, Some(kind)) => route.takes(&kind),
        (_, None) => false,
    };
    if !taken {
        let name = attribute.sde_type();
        let name = name
            .as_ref()
            .map_or("impression or object without a type", SdeType::as_str);
        return Err(broken(
            format!("`{name}` cannot be sent on the route {route:?}"),
            "leave it out",
        ));
    }
    match attribute {
        Sde::CustomerInfo(sent) if route == Route::SignedToken => sent.info.as_ref().map_or(Ok(()), without_store),
        _ => Ok(()),
    }
}

fn without_store(info: &CustomerInfo) -> Result<()> {
    for (field, sent) in [
        ("info.storeZipCode", info.store_zip_code.is_some()),
        ("info.storeNumber", info.store_number.is_some()),
    ] {
        if sent {
            return Err(broken(
                format!("`{field}` is not allowed in authenticated flows"),
                "leave it out",
            ));
        }
    }
    Ok(())
}

/// One attribute, whatever its type. What this version does not know passes.
///
/// # Errors
/// [`ErrorKind::Validation`](le_core::ErrorKind::Validation) naming the field and the rule.
pub fn sde(attribute: &Sde) -> Result<()> {
    fn payload<T>(name: &'static str, payload: Option<&T>, rule: impl Fn(&T) -> Result<()>) -> Result<()> {
        payload.map_or_else(|| Err(missing(name)), rule)
    }
    match attribute {
        Sde::CustomerInfo(sent) => payload("info", sent.info.as_ref(), customer_info),
        Sde::Personal(sent) => payload("personal", sent.personal.as_ref(), personal),
        Sde::MarketingSource(sent) => payload("info", sent.info.as_ref(), marketing_source),
        Sde::Cart(sent) => cart(sent),
        Sde::Purchase(sent) => purchase(sent),
        Sde::ViewedProduct(sent) => viewed_product(sent),
        Sde::Lead(sent) => payload("lead", sent.lead.as_ref(), |_| Ok(())),
        Sde::ServiceActivity(sent) => payload("service", sent.service.as_ref(), service_activity),
        Sde::VisitorError(sent) => payload("error", sent.error.as_ref(), |_| Ok(())),
        Sde::Impression(sent) => impression(sent),
        Sde::SearchedContent(_) | Sde::Other(_) => Ok(()),
    }
}

/// Dates of customer info are complete.
///
/// # Errors
/// As [`sde`].
pub fn customer_info(info: &CustomerInfo) -> Result<()> {
    for (name, date) in [
        ("info.lastPaymentDate", &info.last_payment_date),
        ("info.registrationDate", &info.registration_date),
    ] {
        if let Some(date) = date {
            calendar_date(name, date)?;
        }
    }
    Ok(())
}

/// A date has its day, month and year, and they are such.
///
/// # Errors
/// As [`sde`].
pub fn calendar_date(name: &str, date: &CalendarDate) -> Result<()> {
    for (part, number, range) in [
        ("day", &date.day, 1..=31),
        ("month", &date.month, 1..=12),
        ("year", &date.year, 1..=9999),
    ] {
        match number {
            None => return Err(missing(&format!("{name}.{part}"))),
            Some(number) if !range.contains(&number.get()) => {
                let (from, to) = (range.start(), range.end());
                return Err(broken(format!("`{name}.{part}` is not {from} to {to}"), "correct it"));
            }
            Some(_) => {}
        }
    }
    Ok(())
}

/// Gender, language and phone types are of the published values.
///
/// # Errors
/// As [`sde`].
pub fn personal(person: &Personal) -> Result<()> {
    if person.gender.as_ref().is_some_and(|gender| !gender.is_known()) {
        return Err(broken(
            "`personal.gender` is not MALE, FEMALE or OTHER".to_owned(),
            "use one of these",
        ));
    }
    if let Some(language) = &person.language {
        language_tag(language)?;
    }
    person
        .contacts
        .iter()
        .enumerate()
        .try_for_each(|(at, one)| contact(at, one))
}

fn contact(at: usize, contact: &Contact) -> Result<()> {
    match &contact.phone_type {
        Some(kind) if !kind.is_known() => Err(broken(
            format!("`personal.contacts[{at}].phoneType` is not a published value"),
            "use one of le_attributes::PhoneType::KNOWN",
        )),
        _ => Ok(()),
    }
}

/// A language as the service takes it: two lower-case letters, `-` or `_`, two upper-case letters.
///
/// ```
/// use le_attributes::validate::language_tag;
/// assert!(language_tag("fr-CA").is_ok() && language_tag("nb_NO").is_ok());
/// assert!(language_tag("fr").is_err() && language_tag("FR-ca").is_err());
/// ```
///
/// # Errors
/// As [`sde`].
pub fn language_tag(tag: &str) -> Result<()> {
    let fits = matches!(tag.as_bytes(), [a, b, b'-' | b'_', c, d]
        if a.is_ascii_lowercase() && b.is_ascii_lowercase() && c.is_ascii_uppercase() && d.is_ascii_uppercase());
    if fits {
        return Ok(());
    }
    Err(broken(
        "`personal.language` is not an ISO 639-1 language and an ISO 3166-1 country".to_owned(),
        "write it like fr-CA",
    ))
}

/// The channel is one of the published numbers.
///
/// # Errors
/// As [`sde`].
pub fn marketing_source(source: &MarketingSource) -> Result<()> {
    match source.channel_kind() {
        Some(channel) if !channel.is_known() => Err(broken(
            "`info.channel` is not 0 to 6".to_owned(),
            "use a number of le_attributes::marketing::MarketingChannel",
        )),
        _ => Ok(()),
    }
}

/// The status is one of the published numbers.
///
/// # Errors
/// As [`sde`].
pub fn service_activity(service: &ServiceActivity) -> Result<()> {
    match service.status_kind() {
        Some(status) if !status.is_known() => Err(broken(
            "`service.status` is not 0 to 13".to_owned(),
            "use a number of le_attributes::journey::ServiceStatus",
        )),
        _ => Ok(()),
    }
}

/// A cart has its total and its number of items, and each line a product.
///
/// # Errors
/// As [`sde`].
pub fn cart(cart: &Cart) -> Result<()> {
    if cart.total.is_none() {
        return Err(missing("total"));
    }
    count("numItems", cart.num_items.as_ref().ok_or_else(|| missing("numItems"))?)?;
    lines("products", &cart.products)
}

/// The cart of a transaction has products.
///
/// # Errors
/// As [`sde`].
pub fn purchase(purchase: &Purchase) -> Result<()> {
    let Some(cart) = &purchase.cart else { return Ok(()) };
    if !cart.products.is_sent() {
        return Err(missing("cart.products"));
    }
    if let Some(items) = &cart.num_items {
        count("cart.numItems", items)?;
    }
    lines("cart.products", &cart.products)
}

/// Each line of viewed products has a product and no quantity.
///
/// # Errors
/// As [`sde`].
pub fn viewed_product(viewed: &ViewedProduct) -> Result<()> {
    lines("products", &viewed.products)?;
    match viewed.products.iter().position(|line| line.quantity.is_some()) {
        Some(at) => Err(broken(
            format!("`products[{at}].quantity` is not part of a viewed product"),
            "leave it out, or send a cart",
        )),
        None => Ok(()),
    }
}

fn lines(name: &str, lines: &List<Line>) -> Result<()> {
    for (at, line) in lines.iter().enumerate() {
        if line.product.is_none() {
            return Err(missing(&format!("{name}[{at}].product")));
        }
        if let Some(quantity) = &line.quantity {
            count(&format!("{name}[{at}].quantity"), quantity)?;
        }
    }
    Ok(())
}

/// An impression has its type and the numbers of the engagement; one that was shown or accepted has a context.
///
/// # Errors
/// As [`sde`].
pub fn impression(impression: &Impression) -> Result<()> {
    for (name, sent) in [
        ("type", impression.impression_type.is_some()),
        ("campaign", impression.campaign.is_some()),
        ("engId", impression.engagement.is_some()),
        ("revision", impression.revision.is_some()),
    ] {
        if !sent {
            return Err(missing(name));
        }
    }
    let kind = impression.impression_type.as_ref();
    let needs_context = matches!(kind, Some(ImpressionType::Display | ImpressionType::Accept));
    if needs_context && impression.contexts.is_empty() {
        return Err(missing("eContext"));
    }
    Ok(())
}

fn count(name: &str, number: &Int) -> Result<()> {
    if number.get() >= 0 {
        return Ok(());
    }
    Err(broken(format!("`{name}` is negative"), "count from 0"))
}

fn missing(name: &str) -> Error {
    broken(format!("`{name}` is missing"), "set it: the service needs it")
}

fn broken(rule: String, advice: &'static str) -> Error {
    Error::validation(rule).with_advice(advice)
}
