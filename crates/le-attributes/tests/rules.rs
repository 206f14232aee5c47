//! The published rules, each with an attribute that keeps it and one that breaks it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

use le_attributes::customer::{CalendarDate, CustomerInfo};
use le_attributes::impression::Impression;
use le_attributes::journey::{SearchedContent, ServiceActivity};
use le_attributes::marketing::MarketingSource;
use le_attributes::personal::{Contact, Personal};
use le_attributes::shopping::{Cart, Line, Product, Purchase, PurchasedCart, ViewedProduct};
use le_attributes::validate::{self, Route};
use le_attributes::{ImpressionType, Sde};
use le_core::ErrorKind;

/// The message with which the attribute is refused.
fn refusal(sde: impl Into<Sde>, route: Route) -> String {
    let error = validate::attributes(&[sde.into()], route).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Validation);
    assert!(error.advice().is_some(), "{error}");
    error.message().to_owned()
}

fn passes(sde: impl Into<Sde>, route: Route) {
    validate::attributes(&[sde.into()], route).unwrap();
}

#[test]
fn carts_and_transactions_have_their_required_members() {
    let mug = || Product::default().name("Mug");
    passes(Cart::new(0.0, 0), Route::Engagement);
    assert_eq!(
        refusal(Cart::default().num_items(1), Route::Engagement),
        "attributes[0]: `total` is missing"
    );
    assert_eq!(
        refusal(Cart::default().total(1.0), Route::Engagement),
        "attributes[0]: `numItems` is missing"
    );
    assert!(refusal(Cart::new(1.0, -1), Route::Report).contains("`numItems` is negative"));
    let hollow = Cart::new(1.0, 1).products(vec![Line::of(mug(), 1), Line::default()]);
    assert!(refusal(hollow, Route::Report).contains("`products[1].product` is missing"));

    passes(Purchase::default(), Route::Report);
    passes(
        Purchase::default().cart(PurchasedCart::default().products(vec![Line::of(mug(), 1)])),
        Route::Report,
    );
    let bare = Purchase::default().cart(PurchasedCart::default().num_items(1));
    assert!(refusal(bare, Route::Report).contains("`cart.products` is missing"));

    let viewed = |line| ViewedProduct::default().products(vec![line]);
    passes(viewed(Line::default().product(mug())), Route::Report);
    assert!(refusal(viewed(Line::of(mug(), 2)), Route::Report).contains("`products[0].quantity`"));
}

#[test]
fn dates_have_three_parts() {
    let paid = |date| CustomerInfo::default().last_payment_date(date);
    passes(paid(CalendarDate::new(2024, 2, 29)), Route::Engagement);
    assert!(
        refusal(paid(CalendarDate::default().day(3).month(2)), Route::Engagement)
            .contains("lastPaymentDate.year` is missing")
    );
    assert!(refusal(paid(CalendarDate::new(2024, 13, 1)), Route::Engagement).contains("month` is not 1 to 12"));
}

#[test]
fn published_values_only_and_none_is_shown() {
    let refused = [
        refusal(Personal::default().gender("Klingon"), Route::Report),
        refusal(Personal::default().language("Klingon"), Route::Report),
        refusal(
            Personal::default().contacts(vec![Contact::default().phone_type("Klingon")]),
            Route::Report,
        ),
        refusal(MarketingSource::default().channel(7), Route::Report),
        refusal(ServiceActivity::default().status(14), Route::Report),
    ];
    for message in &refused {
        assert!(!message.contains("Klingon"), "{message}");
    }
    assert!(refused[2].contains("personal.contacts[0].phoneType"));
    passes(MarketingSource::default().channel(6), Route::Report);
    passes(ServiceActivity::default().status(13), Route::Report);
}

#[test]
fn each_route_takes_its_types() {
    let impression = || Impression::new(ImpressionType::Close, 1, 2, 3);
    passes(impression(), Route::Report);
    for route in [
        Route::Engagement,
        Route::Visit,
        Route::ConnectToMessaging,
        Route::SignedToken,
    ] {
        assert!(refusal(impression(), route).contains("cannot be sent"));
    }
    passes(SearchedContent::of(["x"]), Route::Visit);
    assert!(refusal(SearchedContent::of(["x"]), Route::MobileReport).contains("`searchInfo`"));
    assert!(refusal(Cart::new(1.0, 1), Route::ConnectToMessaging).contains("`cart`"));

    let store = || CustomerInfo::default().store_number("12");
    passes(store(), Route::ConnectToMessaging);
    assert!(refusal(store(), Route::SignedToken).contains("`info.storeNumber` is not allowed"));
    passes(CustomerInfo::default().customer_type("gold"), Route::SignedToken);
}

#[test]
fn impressions_carry_what_the_offer_gave() {
    let shown = || Impression::new(ImpressionType::Display, 1, 2, 3);
    passes(shown().context("1"), Route::Report);
    assert!(refusal(shown(), Route::Report).contains("`eContext` is missing"));
    assert!(refusal(Impression::default(), Route::Report).contains("`type` is missing"));
}

#[test]
fn an_empty_envelope_is_refused_and_an_unknown_type_passes() {
    let empty = Sde::read(r#"{"type":"ctmrinfo"}"#).unwrap();
    assert!(refusal(empty, Route::Report).contains("`info` is missing"));
    passes(Sde::read(r#"{"type":"hologram"}"#).unwrap(), Route::Report);
    let nameless = Sde::read("{}").unwrap();
    assert!(refusal(nameless, Route::Report).contains("without a type"));
}
