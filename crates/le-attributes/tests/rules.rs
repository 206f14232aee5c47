//! The published rules, each with an attribute that keeps it and one that breaks it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

use le_attributes::customer::{CalendarDate, CustomerInfo};
use le_attributes::impression::Impression;
use le_attributes::journey::{SearchedContent, ServiceActivity};
use le_attributes::marketing::MarketingSource;
use le_attributes::personal::{Age, Contact, Personal};
use le_attributes::shopping::{Cart, Line, Product, Purchase, PurchasedCart, ViewedProduct};
use le_attributes::validate::{self, Report, Route, Rule};
use le_attributes::{ImpressionType, Sde, catalogue};
use le_core::ErrorKind;

/// The message with which the attribute is refused.
fn refusal(sde: impl Into<Sde>, route: Route) -> String {
    let error = validate::attributes(&[sde.into()], route).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Validation);
    assert!(error.advice().is_some(), "{error}");
    error.message().to_owned()
}

fn read(json: &str) -> Sde {
    Sde::read(json).unwrap()
}

fn passes(sde: impl Into<Sde>, route: Route) {
    validate::attributes(&[sde.into()], route).unwrap();
}

fn mug() -> Product {
    Product::default().name("Mug")
}

#[test]
fn carts_and_transactions_have_their_required_members() {
    passes(Cart::new(0.0, 0), Route::Engagement);
    assert_eq!(
        refusal(read(r#"{"type":"cart","numItems":1}"#), Route::Engagement),
        "attributes[0]: `total` is missing"
    );
    assert_eq!(
        refusal(read(r#"{"type":"cart","total":1,"numItems":null}"#), Route::Engagement),
        "attributes[0]: `numItems` is missing"
    );
    assert!(refusal(Cart::new(1.0, -1), Route::Report).contains("`numItems` is negative"));
    assert!(refusal(Cart::new(f64::NAN, 1), Route::Report).contains("`total` is not a finite number"));
    let hollow = read(r#"{"type":"cart","total":1,"numItems":2,"products":[{"product":{}},{"quantity":-1}]}"#);
    let message = refusal(hollow, Route::Report);
    assert!(message.contains("`products[1].product` is missing"), "{message}");
    assert!(message.contains("`products[1].quantity` is negative"), "{message}");

    passes(Purchase::default(), Route::Report);
    passes(
        Purchase::default().cart(PurchasedCart::of([Line::of(mug(), 1)])),
        Route::Report,
    );
    let bare = read(r#"{"type":"purchase","cart":{"numItems":1}}"#);
    assert!(refusal(bare, Route::Report).contains("`cart.products` is missing"));
}

#[test]
fn fields_belong_to_some_types_only() {
    passes(ViewedProduct::of([mug().status_in_stock("low")]), Route::Report);
    let counted = ViewedProduct::default().products(vec![Line::of(mug(), 2)]);
    assert!(refusal(counted, Route::Report).contains("`products[0].quantity` is not part of `prodView`"));
    let stocked = Cart::new(1.0, 1).products(vec![Line::of(mug().quantity_in_stock(3), 1)]);
    assert!(refusal(stocked, Route::Report).contains("`products[0].product.quantityInStock` is not part of `cart`"));
}

#[test]
fn dates_are_days_of_the_calendar() {
    let paid = |date| CustomerInfo::default().last_payment_date(date);
    passes(paid(CalendarDate::new(2024, 2, 29)), Route::Engagement);
    let partial = read(r#"{"type":"ctmrinfo","info":{"lastPaymentDate":{"day":3,"month":2}}}"#);
    assert!(refusal(partial, Route::Engagement).contains("lastPaymentDate.year` is missing"));
    assert!(refusal(paid(CalendarDate::new(2024, 13, 1)), Route::Engagement).contains("month` is not 1 to 12"));
    assert!(
        refusal(paid(CalendarDate::new(2023, 2, 29)), Route::Engagement)
            .contains("`info.lastPaymentDate` is no day of the calendar")
    );
    let born = |age: Age| Personal::default().age(age);
    passes(born(Age::default().year(1983)), Route::Engagement);
    assert!(refusal(born(Age::default().month(0)), Route::Engagement).contains("`personal.age.month` is not 1 to 12"));
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
    assert!(refused[0].contains("one of MALE FEMALE OTHER"), "{}", refused[0]);
    assert!(refused[2].contains("personal.contacts[0].phoneType"));
    assert!(refused[3].contains("`info.channel` is not 0 to 6"), "{}", refused[3]);
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
    let complete = Personal::default()
        .age(Age::default().age(41.0))
        .contacts(vec![Contact::default().email("i@example.org")]);
    passes(complete, Route::SignedToken);
}

#[test]
fn impressions_carry_what_the_offer_gave() {
    let shown = || Impression::new(ImpressionType::Display, 1, 2, 3);
    passes(shown().context("1"), Route::Report);
    passes(Impression::accepted(1, 2, 3, "1"), Route::Report);
    passes(Impression::new(ImpressionType::Expanded, 1, 2, 3), Route::Report);
    assert!(refusal(shown(), Route::Report).contains("`eContext` is missing"));
    let message = refusal(read(r#"{"type":"impClose","engId":"x"}"#), Route::Report);
    for expected in [
        "`campaign` is missing",
        "`engId` is not a number",
        "`revision` is missing",
    ] {
        assert!(message.contains(expected), "{message}");
    }
    let talkative = Impression::new(ImpressionType::Close, 1, 2, 3).context("1");
    assert!(refusal(talkative, Route::Report).contains("`eContext` is not part of `impClose`"));
}

#[test]
fn an_empty_envelope_is_refused_and_an_unknown_type_passes() {
    assert!(refusal(read(r#"{"type":"ctmrinfo"}"#), Route::Report).contains("`info` is missing"));
    assert!(refusal(read(r#"{"type":"lead","lead":7}"#), Route::Report).contains("`lead` is a number"));
    passes(read(r#"{"type":"hologram"}"#), Route::Report);
    assert!(refusal(read(r#"{"type":"hologram"}"#), Route::SignedToken).contains("`hologram` cannot be sent"));
    assert!(refusal(read("{}"), Route::Report).contains("without a `type`"));
}

#[test]
fn values_of_another_type_are_named_and_not_shown() {
    let json = r#"{"type":"cart","total":"a lot","numItems":1.5,"products":[7,{"product":"Mug"}]}"#;
    let report = validate::report(&[read(json)], Route::Report);
    let found: Vec<_> = report
        .iter()
        .map(|violation| (violation.path(), violation.rule(), violation.found()))
        .collect();
    assert_eq!(
        found,
        [
            ("total", Rule::WrongType, "text of length 5"),
            ("numItems", Rule::WrongType, "a number"),
            ("products[0]", Rule::WrongType, "a number"),
            ("products[1].product", Rule::WrongType, "text of length 3"),
        ]
    );
    assert!(!format!("{report:?}").contains("a lot"));
    passes(read(r#"{"type":"cart","total":"61.40","numItems":"2"}"#), Route::Report);
}

#[test]
fn the_report_lists_everything_in_order() {
    let attributes = [
        Sde::from(Cart::new(1.0, -1)),
        Sde::from(Personal::default().gender("x").language("y")),
        Sde::from(Cart::new(1.0, 1)),
        Sde::from(SearchedContent::of(["z"])),
    ];
    let report = validate::report(&attributes, Route::MobileReport);
    let places: Vec<_> = report
        .iter()
        .map(|one| (one.attribute().unwrap(), one.path()))
        .collect();
    assert_eq!(
        places,
        [
            (0, "numItems"),
            (1, "personal.gender"),
            (1, "personal.language"),
            (3, "type")
        ]
    );
    assert!(
        report
            .iter()
            .all(|one| !one.advice().is_empty() && !one.found().is_empty())
    );
    insta::assert_json_snapshot!(report.iter().collect::<Vec<_>>());
    let error = report.into_result().unwrap_err();
    assert_eq!(error.message().matches("attributes[").count(), 4);
    assert!(Report::default().into_result().is_ok());
}

/// Whatever the catalogue calls required is missed in an object that has nothing.
#[test]
fn every_required_field_of_the_catalogue_is_asked_for() {
    for kind in catalogue::all() {
        let json = match kind.payload {
            Some(payload) => format!(r#"{{"type":"{}","{payload}":{{}}}}"#, kind.wire),
            None => format!(r#"{{"type":"{}"}}"#, kind.wire),
        };
        let report = validate::report(&[read(&json)], Route::Report);
        let missing: Vec<_> = report.iter().map(|one| one.path().to_owned()).collect();
        let required: Vec<_> = kind
            .fields()
            .into_iter()
            .filter(|at| at.field.required && !at.path.contains(['[', '.']) && at.path != "type")
            .map(|at| at.path)
            .collect();
        assert_eq!(missing, required, "{}", kind.wire);
    }
}

/// No message, wherever the value stands, has its text in it.
#[test]
fn no_violation_shows_a_value() {
    for kind in catalogue::all() {
        for field in kind.record.fields {
            let value = r#""Xq7Zt9""#;
            let object = format!(r#"{{"{}":{value}}}"#, field.wire);
            let json = match kind.payload {
                Some(payload) => format!(r#"{{"type":"{}","{payload}":{object}}}"#, kind.wire),
                None => object.replacen('{', &format!(r#"{{"type":"{}","#, kind.wire), 1),
            };
            for route in Route::ALL {
                let shown = format!("{:?}", validate::report(&[read(&json)], route));
                assert!(!shown.contains("Xq7Zt9"), "{json}: {shown}");
            }
        }
    }
}
