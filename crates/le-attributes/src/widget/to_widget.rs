//! From the layout in which attributes are sent to the one of the widget: what an agent's widget would show.

use std::fmt::Display;

use le_core::wire::{Int, List};
use serde::de::DeserializeOwned;

use super::attributes::{
    ContactInfo, CustomerDetails, ErrorDetails, Keyword, LeadDetails, MarketingDetails, PersonDetails, SearchDetails,
    ServiceDetails, ShoppingCart, Transaction, WidgetAttributes, WidgetProduct,
};
use super::loss::{Converted, INCOMPLETE, Losses, NO_PLACE};
use crate::customer::{CalendarDate, CustomerInfo};
use crate::journey::{Lead, SearchedContent, ServiceActivity, VisitorError};
use crate::marketing::MarketingSource;
use crate::personal::{Age, Personal};
use crate::sde::Sde;
use crate::shopping::{Cart, Line, Product, Purchase, ViewedProduct};

impl WidgetAttributes {
    /// What a widget would be told of these attributes.
    ///
    /// Money, channel and status become text. Lost are currencies, stock, kinds of phones, postal addresses, store fields,
    /// `loginStatus`, proofs of authentication, impressions, and everything of a type that the widget does not have.
    #[must_use]
    pub fn from_send(attributes: &[Sde]) -> Converted<Self> {
        let mut lost = Vec::new();
        let mut value = Self::default();
        for (at, attribute) in attributes.iter().enumerate() {
            let mut losses = Losses::at(&mut lost, format!("attributes[{at}]"));
            value.take(attribute, &mut losses);
        }
        Converted { value, lost }
    }

    fn take(&mut self, attribute: &Sde, losses: &mut Losses<'_>) {
        macro_rules! carried {
            ($sent:ident, $payload:ident, $name:literal, $list:ident, $convert:ident) => {{
                losses.without_place("auth", $sent.auth.is_some());
                losses.unknown(&$sent.extra);
                match &$sent.$payload {
                    Some(payload) => self.$list.push($convert(payload, &mut losses.below($name))),
                    None => losses.whole(INCOMPLETE),
                }
            }};
        }
        match attribute {
            Sde::CustomerInfo(sent) => carried!(sent, info, "info", customer_details, customer),
            Sde::Personal(sent) => carried!(sent, personal, "personal", personal_info, person),
            Sde::MarketingSource(sent) => carried!(sent, info, "info", marketing_source, marketing),
            Sde::Lead(sent) => carried!(sent, lead, "lead", lead_generation, lead),
            Sde::ServiceActivity(sent) => carried!(sent, service, "service", service_activity, service),
            Sde::VisitorError(sent) => carried!(sent, error, "error", error, visitor_error),
            Sde::Cart(sent) => self.shopping_cart.push(cart(sent, losses)),
            Sde::Purchase(sent) => self.transaction.push(purchase(sent, losses)),
            Sde::ViewedProduct(sent) => viewed(sent, &mut self.viewed_products, losses),
            Sde::SearchedContent(sent) => {
                losses.unknown(&sent.extra);
                searched(sent, self.search_content.get_or_insert_default());
            }
            Sde::Impression(_) | Sde::Other(_) => losses.whole(NO_PLACE),
        }
    }
}

fn customer(info: &CustomerInfo, losses: &mut Losses<'_>) -> CustomerDetails {
    losses.unknown(&info.extra);
    for (name, is_there) in [
        ("currency", info.currency.is_some()),
        ("loginStatus", info.login_status.is_some()),
        ("storeZipCode", info.store_zip_code.is_some()),
        ("storeNumber", info.store_number.is_some()),
    ] {
        losses.without_place(name, is_there);
    }
    CustomerDetails {
        account_name: info.account_name.clone(),
        balance: info.balance.as_ref().map(in_quotes),
        company_size: info.company_size.clone(),
        company_branch: info.company_branch.clone(),
        customer_id: info.customer_id.clone(),
        imei: info.imei.clone(),
        last_payment_date: day("lastPaymentDate", info.last_payment_date.as_ref(), losses),
        registration_date: day("registrationDate", info.registration_date.as_ref(), losses),
        role: info.role.clone(),
        social_id: info.social_id.clone(),
        status: info.status.clone(),
        customer_type: info.customer_type.clone(),
        user_name: info.user_name.clone(),
        ..CustomerDetails::default()
    }
}

fn person(person: &Personal, losses: &mut Losses<'_>) -> PersonDetails {
    losses.unknown(&person.extra);
    let parts: Vec<&str> = [&person.first_name, &person.last_name]
        .into_iter()
        .filter_map(|part| part.as_deref())
        .collect();
    let mut out = PersonDetails {
        company: person.company.clone(),
        gender: person.gender.clone(),
        language: person.language.clone(),
        name: (!parts.is_empty()).then(|| parts.join(" ")),
        first_name: person.first_name.clone(),
        last_name: person.last_name.clone(),
        ..PersonDetails::default()
    };
    if let Some(age) = &person.age {
        born(age, &mut out, &mut losses.below("age"));
    }
    for (at, contact) in person.contacts.iter().enumerate() {
        let mut losses = losses.below(&format!("contacts[{at}]"));
        losses.unknown(&contact.extra);
        losses.without_place("phoneType", contact.phone_type.is_some());
        losses.without_place("address", contact.address.is_some());
        let info = ContactInfo {
            email: contact.email.clone(),
            phone: contact.phone.clone(),
            ..ContactInfo::default()
        };
        out.contact_info.push(info);
    }
    out
}

fn born(age: &Age, out: &mut PersonDetails, losses: &mut Losses<'_>) {
    losses.unknown(&age.extra);
    out.age.clone_from(&age.age);
    match (&age.year, &age.month, &age.day) {
        (Some(year), Some(month), Some(day)) => {
            out.birthday = Some(written(year, month, day));
        }
        (year, month, day) => {
            // A birthday with a part missing is none.
            for (name, part) in [("year", year), ("month", month), ("day", day)] {
                if part.is_some() {
                    losses.add(name, INCOMPLETE);
                }
            }
        }
    }
}

fn marketing(source: &MarketingSource, losses: &mut Losses<'_>) -> MarketingDetails {
    losses.unknown(&source.extra);
    MarketingDetails {
        originating_channel: source.channel.as_ref().map(in_quotes),
        affiliate: source.affiliate.clone(),
        campaign_id: source.campaign_id.clone(),
        ..MarketingDetails::default()
    }
}

fn lead(lead: &Lead, losses: &mut Losses<'_>) -> LeadDetails {
    losses.unknown(&lead.extra);
    losses.without_place("currency", lead.currency.is_some());
    LeadDetails {
        lead_id: lead.lead_id.clone(),
        topic: lead.topic.clone(),
        value: lead.value.as_ref().map(in_quotes),
        ..LeadDetails::default()
    }
}

fn service(service: &ServiceActivity, losses: &mut Losses<'_>) -> ServiceDetails {
    losses.unknown(&service.extra);
    ServiceDetails {
        id: service.service_id.clone(),
        topic: service.topic.clone(),
        category: service.category.clone(),
        status: service.status.as_ref().map(Int::to_string),
        ..ServiceDetails::default()
    }
}

fn visitor_error(error: &VisitorError, losses: &mut Losses<'_>) -> ErrorDetails {
    losses.unknown(&error.extra);
    ErrorDetails {
        context_id: error.context_id.clone(),
        message: error.message.clone(),
        code: error.code.clone(),
        level: error.level.clone(),
        resolved: error.resolved.clone(),
        ..ErrorDetails::default()
    }
}

fn cart(cart: &Cart, losses: &mut Losses<'_>) -> ShoppingCart {
    losses.unknown(&cart.extra);
    losses.without_place("currency", cart.currency.is_some());
    ShoppingCart {
        cart_total: cart.total.as_ref().map(in_quotes),
        num_items: cart.num_items.clone(),
        products: products(&cart.products, losses),
        ..ShoppingCart::default()
    }
}

fn purchase(purchase: &Purchase, losses: &mut Losses<'_>) -> Transaction {
    losses.unknown(&purchase.extra);
    losses.without_place("currency", purchase.currency.is_some());
    let mut out = Transaction {
        total: purchase.total.as_ref().map(in_quotes),
        order_id: purchase.order_id.clone(),
        ..Transaction::default()
    };
    if let Some(cart) = &purchase.cart {
        let mut losses = losses.below("cart");
        losses.unknown(&cart.extra);
        out.num_items.clone_from(&cart.num_items);
        out.products = products(&cart.products, &mut losses);
    }
    out
}

fn viewed(sent: &ViewedProduct, list: &mut List<WidgetProduct>, losses: &mut Losses<'_>) {
    losses.unknown(&sent.extra);
    losses.without_place("currency", sent.currency.is_some());
    for (at, line) in sent.products.iter().enumerate() {
        let mut losses = losses.below(&format!("products[{at}]"));
        losses.without_place("quantity", line.quantity.is_some());
        if let Some(product) = from_line(line, &mut losses) {
            list.push(WidgetProduct {
                quantity: None,
                ..product
            });
        }
    }
}

fn searched(sent: &SearchedContent, search: &mut SearchDetails) {
    for word in &sent.keywords {
        search.keywords.push(Keyword::of(word));
    }
}

fn products(lines: &List<Line>, losses: &mut Losses<'_>) -> List<WidgetProduct> {
    if !lines.is_sent() {
        return List::default();
    }
    lines
        .iter()
        .enumerate()
        .filter_map(|(at, line)| from_line(line, &mut losses.below(&format!("products[{at}]"))))
        .collect()
}

fn from_line(line: &Line, losses: &mut Losses<'_>) -> Option<WidgetProduct> {
    losses.unknown(&line.extra);
    let Some(product) = &line.product else {
        losses.whole(INCOMPLETE);
        return None;
    };
    let Product {
        name,
        category,
        sku,
        price,
        status_in_stock,
        quantity_in_stock,
        extra,
    } = product;
    let mut losses = losses.below("product");
    losses.unknown(extra);
    losses.without_place("statusInStock", status_in_stock.is_some());
    losses.without_place("quantityInStock", quantity_in_stock.is_some());
    Some(WidgetProduct {
        name: name.clone(),
        category: category.clone(),
        sku: sku.clone(),
        price: price.as_ref().map(in_quotes),
        quantity: line.quantity.clone(),
        ..WidgetProduct::default()
    })
}

/// The number in quotes, as the widget has money, channels and the like.
fn in_quotes<T: Clone + Display + DeserializeOwned>(number: &T) -> T {
    let text = serde_json::Value::String(number.to_string());
    serde_json::from_value(text).unwrap_or_else(|_| number.clone())
}

fn day(member: &str, date: Option<&CalendarDate>, losses: &mut Losses<'_>) -> Option<String> {
    let date = date?;
    let (Some(year), Some(month), Some(day)) = (&date.year, &date.month, &date.day) else {
        losses.add(member, INCOMPLETE);
        return None;
    };
    losses.below(member).unknown(&date.extra);
    Some(written(year, month, day))
}

fn written(year: &Int, month: &Int, day: &Int) -> String {
    format!("{:04}-{:02}-{:02}", year.get(), month.get(), day.get())
}
