//! What is written, and that nothing which was read is lost.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

use insta::assert_json_snapshot;
use le_attributes::customer::{CalendarDate, CustomerInfo};
use le_attributes::impression::Impression;
use le_attributes::journey::{Lead, SearchedContent, ServiceActivity, ServiceStatus, VisitorError};
use le_attributes::marketing::{MarketingChannel, MarketingSource};
use le_attributes::personal::{Address, Age, Contact, Personal};
use le_attributes::shopping::{Cart, Line, Product, Purchase, PurchasedCart, ViewedProduct};
use le_attributes::{Gender, ImpressionType, PhoneType, Sde, SdeType};
use proptest::prelude::*;
use serde_json::{Value, json};

fn lamp() -> Product {
    Product::default().name("Lamp").category("Home").sku("LP-9").price(54.9)
}

fn one_of_each() -> Vec<Sde> {
    let customer = CustomerInfo::default()
        .customer_type("gold")
        .status("active")
        .customer_id("cu-7f31")
        .balance(-12.5)
        .currency("NOK")
        .company_size(40)
        .last_payment_date(CalendarDate::new(2023, 2, 3));
    let contact = Contact::default()
        .email("ingrid@example.org")
        .phone("+4700000000")
        .phone_type(PhoneType::Mobile)
        .address(Address::default().country("Norway").region("Oslo"));
    let person = Personal::default()
        .first_name("Ingrid")
        .last_name("Moe")
        .age(Age::default().age(41.0).year(1983).month(6).day(2))
        .contacts(vec![contact])
        .gender(Gender::Female)
        .language("nb-NO")
        .company("Fjord AS");
    let mug = Product::default()
        .name("Mug")
        .category("Kitchen")
        .sku("MG-2")
        .price(30.7);
    vec![
        customer.into(),
        person.into(),
        MarketingSource::default()
            .channel(MarketingChannel::Email)
            .affiliate("PartnerMail")
            .campaign_id("spring-24")
            .into(),
        Cart::new(61.4, 2)
            .currency("EUR")
            .products(vec![Line::of(mug, 2)])
            .into(),
        Purchase::default()
            .total(54.9)
            .currency("EUR")
            .order_id("O-5512")
            .cart(PurchasedCart::of([Line::of(lamp(), 1)]).num_items(1))
            .into(),
        ViewedProduct::default()
            .currency("EUR")
            .products(vec![Line::single(
                lamp().status_in_stock("high").quantity_in_stock(120),
            )])
            .into(),
        Lead::default()
            .topic("loan")
            .value(2500.0)
            .currency("EUR")
            .lead_id("L-1")
            .into(),
        ServiceActivity::default()
            .topic("repair")
            .status(ServiceStatus::WaitingForResponse)
            .category("hardware")
            .service_id("S-1")
            .into(),
        VisitorError::default()
            .context_id("checkout")
            .message("Card refused")
            .code("PAY-7")
            .level(3)
            .resolved(false)
            .into(),
        SearchedContent::of(["return policy"]).into(),
        Impression::new(ImpressionType::Display, 700_111, 700_222, 9)
            .context("1")
            .into(),
        Impression::new(ImpressionType::Close, 700_111, 700_222, 9).into(),
    ]
}

#[test]
fn every_attribute_is_written_as_documented() {
    let written: Vec<Value> = one_of_each()
        .iter()
        .map(|sde| serde_json::to_value(sde).unwrap())
        .collect();
    assert_json_snapshot!(written);
}

#[test]
fn every_known_type_has_a_variant() {
    let mut seen: Vec<_> = one_of_each().iter().filter_map(Sde::sde_type).collect();
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), SdeType::KNOWN.len());
    assert!(seen.iter().all(SdeType::is_known));
}

#[test]
fn the_type_stands_first_and_once() {
    for sde in one_of_each() {
        let text = serde_json::to_string(&sde).unwrap();
        assert!(text.starts_with(r#"{"type":"#), "{text}");
        let again = Sde::read(&text).unwrap();
        assert_eq!(again, sde);
        assert_eq!(serde_json::to_string(&again).unwrap(), text);
    }
}

#[test]
fn debug_shows_fields_and_no_values() {
    let shown = format!("{:#?}", one_of_each());
    for value in [
        "Ingrid",
        "gold",
        "cu-7f31",
        "12.5",
        "Lamp",
        "54.9",
        "O-5512",
        "return policy",
        "Card refused",
        "FEMALE",
        "1983",
    ] {
        assert!(!shown.contains(value), "{value} in {shown}");
    }
    insta::assert_snapshot!(shown);
}

#[test]
fn what_the_pages_show_otherwise_is_read_and_written_back() {
    for text in [
        r#"{"type":"mrktInfo","info":{"channel":"1","campaignID":"spring"}}"#,
        r#"{"type":"personal","info":{"firstname":"Ingrid"}}"#,
        r#"{"type":"personal","personal":{"contacts":{"email":"i@example.org"},"age":{"age":30.0,"year":"1990"}}}"#,
        r#"{"type":"ctmrinfo","auth":{"amr":["pwd","swk"],"iss":"https://id.example.org"},"info":{"balance":"n/a"}}"#,
        r#"{"type":"impExpanded","campaign":1,"engId":"2","revision":3,"expanded":null,"userInit":null}"#,
    ] {
        let sde = Sde::read(text).unwrap();
        assert!(!matches!(sde, Sde::Other(_)), "{text}");
        let (written, came) = (
            serde_json::to_value(&sde).unwrap(),
            serde_json::from_str::<Value>(text).unwrap(),
        );
        assert_eq!(written, came);
    }
    let Sde::MarketingSource(sent) =
        Sde::read(r#"{"type":"mrktInfo","info":{"channel":"1","campaignID":"x"}}"#).unwrap()
    else {
        panic!("another variant")
    };
    let info = sent.info.unwrap();
    assert_eq!(info.channel_kind(), Some(MarketingChannel::Search));
    assert_eq!(info.campaign_id.as_deref(), Some("x"));
}

#[test]
fn unknown_and_missing_types_stay_raw_and_only_objects_are_attributes() {
    let text = r#"{"type":"hologram","depth":{"x":[1,null]}}"#;
    let sde = Sde::read(text).unwrap();
    assert_eq!(sde.sde_type(), Some(SdeType::Other("hologram".to_owned())));
    assert_eq!(serde_json::to_string(&sde).unwrap(), text);
    for odd in ["{}", r#"{"type":7}"#, r#"{"type":null,"info":{}}"#] {
        assert!(matches!(Sde::read(odd).unwrap(), Sde::Other(_)), "{odd}");
        assert_eq!(serde_json::to_string(&Sde::read(odd).unwrap()).unwrap(), odd);
    }
    for wrong in ["7", "null", "[]", "\"ctmrinfo\"", "{", ""] {
        assert!(Sde::read(wrong).is_err(), "{wrong}");
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<i32>().prop_map(|n| json!(f64::from(n) / 8.0)),
        ".{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(member_name(), inner, 0..4).prop_map(|m| m.into_iter().collect()),
        ]
    })
}

/// Names that records know, so that values of the wrong type meet them, and others.
fn member_name() -> impl Strategy<Value = String> {
    let known = [
        "type",
        "info",
        "personal",
        "auth",
        "lead",
        "service",
        "error",
        "products",
        "product",
        "cart",
        "contacts",
        "age",
        "keywords",
        "total",
        "balance",
        "campaignId",
        "campaignID",
        "eContext",
        "resolved",
        "lastPaymentDate",
        "year",
    ];
    prop_oneof![
        prop::sample::select(known.to_vec()).prop_map(str::to_owned),
        "[a-zA-Z_]{0,6}"
    ]
}

proptest! {
    /// Whatever object arrives under whatever type, it is written back with the same members and values.
    #[test]
    fn nothing_that_was_read_is_lost(
        name in prop::sample::select([SdeType::KNOWN, ImpressionType::KNOWN, &["hologram"]].concat()),
        members in prop::collection::btree_map(member_name(), any_json(), 0..6),
    ) {
        let mut object: serde_json::Map<String, Value> = members.into_iter().collect();
        object.insert("type".to_owned(), name.into());
        let text = Value::from(object.clone()).to_string();
        let written = serde_json::to_value(Sde::read(&text).unwrap()).unwrap();
        prop_assert_eq!(written, Value::from(object));
    }
}
