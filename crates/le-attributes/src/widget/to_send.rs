//! From the layout of the widget to the one in which attributes are sent.

use le_core::wire::{Extra, Int, List};

use super::attributes::{
    ContactInfo, CustomerDetails, ErrorDetails, LeadDetails, MarketingDetails, PersonDetails, SearchDetails,
    ServiceDetails, ShoppingCart, Transaction, WidgetAttributes, WidgetProduct,
};
use super::loss::{Converted, INCOMPLETE, Loss, Losses, UNREADABLE};
use super::model::AuthenticatedData;
use crate::customer::{CalendarDate, CustomerInfo};
use crate::journey::{Lead, SearchedContent, ServiceActivity, VisitorError};
use crate::marketing::MarketingSource;
use crate::personal::{Age, Contact, Personal};
use crate::plain::Plain as _;
use crate::sde::Sde;
use crate::shopping::{Cart, Line, Product, Purchase, PurchasedCart, ViewedProduct};

impl WidgetAttributes {
    /// The attributes as they would be sent, in the order of the widget's groups.
    ///
    /// Money, numbers and dates are text here and are read; a text that does not read is lost, since its form is not documented.
    /// Lost too are which report a product belonged to, and currencies, which the widget never has. `name` is taken from its parts;
    /// alone it is lost.
    #[must_use]
    pub fn to_send(&self) -> Converted<Vec<Sde>> {
        let mut lost = Vec::new();
        let mut value: Vec<Sde> = Vec::new();
        {
            let mut group = |name: &str, count: usize, make: &mut dyn FnMut(usize, &mut Losses<'_>) -> Option<Sde>| {
                for at in 0..count {
                    value.extend(make(at, &mut Losses::at(&mut lost, format!("{name}[{at}]"))));
                }
            };
            macro_rules! groups {
                ($( $name:literal: $field:ident by $convert:ident; )+) => {
                    $(
                        group($name, self.$field.len(), &mut |at, losses| {
                            let item = self.$field.get(at)?;
                            losses.unknown(&item.extra);
                            $convert(item, losses)
                        });
                    )+
                };
            }
            groups! {
                "customerDetails": customer_details by customer;
                "personalInfo": personal_info by person;
                "marketingSource": marketing_source by marketing;
                "leadGeneration": lead_generation by lead;
                "transaction": transaction by purchase;
                "shoppingCart": shopping_cart by cart;
                "serviceActivity": service_activity by service;
                "error": error by visitor_error;
            }
        }
        value.extend(viewed(&self.viewed_products, &mut lost));
        if let Some(search) = &self.search_content {
            value.extend(searched(search, &mut Losses::at(&mut lost, "searchContent")));
        }
        Converted { value, lost }
    }
}

fn customer(widget: &CustomerDetails, losses: &mut Losses<'_>) -> Option<Sde> {
    let info = CustomerInfo {
        account_name: widget.account_name.clone(),
        balance: widget.balance.plain(),
        company_size: widget.company_size.plain(),
        company_branch: widget.company_branch.clone(),
        customer_id: widget.customer_id.clone(),
        imei: widget.imei.clone(),
        last_payment_date: date("lastPaymentDate", widget.last_payment_date.as_deref(), losses),
        registration_date: date("registrationDate", widget.registration_date.as_deref(), losses),
        role: widget.role.clone(),
        social_id: widget.social_id.clone(),
        status: widget.status.clone(),
        customer_type: widget.customer_type.clone(),
        user_name: widget.user_name.clone(),
        ..CustomerInfo::default()
    };
    Some(info.into())
}

fn person(widget: &PersonDetails, losses: &mut Losses<'_>) -> Option<Sde> {
    let parts = widget.first_name.is_some() || widget.last_name.is_some();
    losses.without_place("name", widget.name.is_some() && !parts);
    let mut person = Personal {
        first_name: widget.first_name.clone(),
        last_name: widget.last_name.clone(),
        company: widget.company.clone(),
        language: widget.language.clone(),
        gender: widget.gender.clone(),
        age: born(widget, losses),
        ..Personal::default()
    };
    if widget.contact_info.is_sent() {
        let contact = |(at, info): (usize, &ContactInfo)| {
            losses.below(&format!("contactInfo[{at}]")).unknown(&info.extra);
            Contact {
                email: info.email.clone(),
                phone: info.phone.clone(),
                ..Contact::default()
            }
        };
        person.contacts = widget.contact_info.iter().enumerate().map(contact).collect();
    }
    Some(person.into())
}

fn born(widget: &PersonDetails, losses: &mut Losses<'_>) -> Option<Age> {
    let years = widget.age.plain();
    match date("birthday", widget.birthday.as_deref(), losses) {
        Some(CalendarDate { year, month, day, .. }) => Some(Age {
            age: years,
            year,
            month,
            day,
            ..Age::default()
        }),
        None => years.map(|years| Age {
            age: Some(years),
            ..Age::default()
        }),
    }
}

fn marketing(widget: &MarketingDetails, _: &mut Losses<'_>) -> Option<Sde> {
    let source = MarketingSource {
        channel: widget.originating_channel.plain(),
        affiliate: widget.affiliate.clone(),
        campaign_id: widget.campaign_id.clone(),
        ..MarketingSource::default()
    };
    Some(source.into())
}

fn lead(widget: &LeadDetails, _: &mut Losses<'_>) -> Option<Sde> {
    let lead = Lead {
        lead_id: widget.lead_id.clone(),
        topic: widget.topic.clone(),
        value: widget.value.plain(),
        ..Lead::default()
    };
    Some(lead.into())
}

fn purchase(widget: &Transaction, losses: &mut Losses<'_>) -> Option<Sde> {
    let cart = widget.products.is_sent().then(|| PurchasedCart {
        num_items: widget.num_items.plain(),
        products: lines(&widget.products, losses),
        extra: Extra::default(),
    });
    // A purchase holds its count in a cart, and a cart must have products.
    losses.without_place("numItems", widget.num_items.is_some() && cart.is_none());
    let purchase = Purchase {
        total: widget.total.plain(),
        order_id: widget.order_id.clone(),
        cart,
        ..Purchase::default()
    };
    Some(purchase.into())
}

fn cart(widget: &ShoppingCart, losses: &mut Losses<'_>) -> Option<Sde> {
    let (Some(total), Some(items)) = (&widget.cart_total, &widget.num_items) else {
        losses.whole(INCOMPLETE);
        return None;
    };
    let mut cart = Cart::new(total.get(), items.get());
    if widget.products.is_sent() {
        cart.products = lines(&widget.products, losses);
    }
    Some(cart.into())
}

fn service(widget: &ServiceDetails, losses: &mut Losses<'_>) -> Option<Sde> {
    let status = widget.status.as_deref().map(|status| status.trim().parse::<i64>());
    if matches!(status, Some(Err(_))) {
        losses.add("status", UNREADABLE);
    }
    let service = ServiceActivity {
        service_id: widget.id.clone(),
        topic: widget.topic.clone(),
        category: widget.category.clone(),
        status: status.and_then(Result::ok).map(Int::from),
        ..ServiceActivity::default()
    };
    Some(service.into())
}

fn visitor_error(widget: &ErrorDetails, _: &mut Losses<'_>) -> Option<Sde> {
    let error = VisitorError {
        context_id: widget.context_id.clone(),
        message: widget.message.clone(),
        code: widget.code.clone(),
        level: widget.level.plain(),
        resolved: widget.resolved.plain(),
        ..VisitorError::default()
    };
    Some(error.into())
}

/// All products that were looked at, as one attribute: the widget does not say which were reported together.
fn viewed(products: &List<WidgetProduct>, lost: &mut Vec<Loss>) -> Option<Sde> {
    let line = |(at, widget): (usize, &WidgetProduct)| {
        let mut losses = Losses::at(lost, format!("viewedProducts[{at}]"));
        losses.unknown(&widget.extra);
        losses.without_place("quantity", widget.quantity.is_some());
        Line {
            product: Some(product(widget)),
            quantity: None,
            extra: Extra::default(),
        }
    };
    let lines: List<Line> = products.iter().enumerate().map(line).collect();
    let viewed = ViewedProduct {
        products: lines,
        ..ViewedProduct::default()
    };
    (!products.is_empty()).then(|| viewed.into())
}

fn searched(search: &SearchDetails, losses: &mut Losses<'_>) -> Option<Sde> {
    losses.unknown(&search.extra);
    for (at, word) in search.keywords.iter().enumerate() {
        losses.below(&format!("keywords[{at}]")).unknown(&word.extra);
    }
    let words: Vec<&str> = search
        .keywords
        .iter()
        .filter_map(|word| word.value.as_deref())
        .collect();
    (!words.is_empty()).then(|| SearchedContent::of(words).into())
}

fn lines(products: &List<WidgetProduct>, losses: &mut Losses<'_>) -> List<Line> {
    products
        .iter()
        .enumerate()
        .map(|(at, widget)| {
            losses.below(&format!("products[{at}]")).unknown(&widget.extra);
            Line {
                product: Some(product(widget)),
                quantity: widget.quantity.plain(),
                extra: Extra::default(),
            }
        })
        .collect()
}

fn product(widget: &WidgetProduct) -> Product {
    Product {
        name: widget.name.clone(),
        category: widget.category.clone(),
        sku: widget.sku.clone(),
        price: widget.price.plain(),
        ..Product::default()
    }
}

/// A day that is written like 2024-02-29, with or without a time behind it. No page says what form the widget has.
fn date(member: &str, text: Option<&str>, losses: &mut Losses<'_>) -> Option<CalendarDate> {
    let text = le_core::wire::present(text?)?;
    let within = |part: &Option<Int>, last: i64| part.as_ref().is_some_and(|part| (1..=last).contains(&part.get()));
    let day = text.get(..10).and_then(CalendarDate::of_text);
    let day = day.filter(|date| within(&date.month, 12) && within(&date.day, 31));
    let followed = text.get(10..).and_then(|rest| rest.chars().next());
    if day.is_none() || followed.is_some_and(|c| c != 'T' && c != ' ') {
        losses.add(member, UNREADABLE);
        return None;
    }
    day
}

impl AuthenticatedData {
    /// The attributes as they would be sent; see [`WidgetAttributes::to_send`].
    #[must_use]
    pub fn to_send(&self) -> Converted<Vec<Sde>> {
        let attributes = WidgetAttributes {
            customer_details: self.customer_details.clone(),
            personal_info: self.personal_info.clone(),
            ..WidgetAttributes::default()
        };
        let mut converted = attributes.to_send();
        Losses::at(&mut converted.lost, "authenticatedData").unknown(&self.extra);
        converted
    }
}

#[cfg(test)]
mod tests {
    use super::super::loss::NO_PLACE;
    use super::*;

    fn read(text: &str) -> (Option<(i64, i64, i64)>, usize) {
        let mut lost = Vec::new();
        let day = date("day", Some(text), &mut Losses::at(&mut lost, "x"));
        let day = day.map(|day| {
            let number = |part: &Option<Int>| part.as_ref().map_or(0, Int::get);
            (number(&day.year), number(&day.month), number(&day.day))
        });
        (day, lost.len())
    }

    #[test]
    fn only_a_clear_day_is_read() {
        assert_eq!(read("2024-02-29"), (Some((2024, 2, 29)), 0));
        assert_eq!(read("2024-02-29T10:00:00Z"), (Some((2024, 2, 29)), 0));
        for text in [
            "02/03/2024",
            "2024-13-01",
            "2024-00-10",
            "1700000000000",
            "2024-02-291",
            "+024-02-10",
            "2024-2-29xx",
        ] {
            assert_eq!(read(text), (None, 1), "{text}");
        }
        assert_eq!(read("undefined"), (None, 0), "no value is no loss");
    }

    #[test]
    fn nothing_has_no_place_in_a_name_with_parts() {
        let mut lost = Vec::new();
        let mut widget = PersonDetails {
            name: Some("Ingrid Moe".to_owned()),
            ..PersonDetails::default()
        };
        person(&widget, &mut Losses::at(&mut lost, "personalInfo[0]"));
        assert_eq!(lost[0].to_string(), format!("`personalInfo[0].name`: {NO_PLACE}"));
        widget.first_name = Some("Ingrid".to_owned());
        lost.clear();
        person(&widget, &mut Losses::at(&mut lost, "personalInfo[0]"));
        assert!(lost.is_empty());
    }
}
