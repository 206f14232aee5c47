//! The model of the widget SDK: what is read, what is kept, and what converting it loses.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

use insta::{assert_debug_snapshot, assert_json_snapshot};
use le_attributes::Sde;
use le_attributes::customer::{CalendarDate, CustomerInfo};
use le_attributes::journey::{Lead, SearchedContent, ServiceActivity, VisitorError};
use le_attributes::marketing::MarketingSource;
use le_attributes::personal::{Age, Contact, Personal};
use le_attributes::shopping::{Cart, Line, Product, Purchase};
use le_attributes::widget::{
    Command, ConsumerProfile, Converted, FileContent, LiveModel, Loss, ModelPath, ModelUpdate, PublicModel,
    WidgetAttributes,
};
use le_core::wire::RawRecord;
use proptest::prelude::*;
use serde_json::{Value, json};

const MESSAGING: &str = include_str!("../../../fixtures/crafted/widget/messaging.json");
const CHAT: &str = include_str!("../../../fixtures/crafted/widget/chat.json");
const QUIRKS: &str = include_str!("../../../fixtures/crafted/widget/quirks.json");

fn value(json: &str) -> Value {
    serde_json::from_str(json).unwrap()
}

fn lost(converted: &[Loss]) -> Vec<String> {
    converted.iter().map(Loss::to_string).collect()
}

#[test]
fn nothing_that_was_read_is_lost() {
    for json in [MESSAGING, CHAT, QUIRKS] {
        let model = PublicModel::read(json).unwrap();
        assert_eq!(serde_json::to_value(&model).unwrap(), value(json));
    }
    for json in ["", "7", "[]", "{"] {
        assert!(PublicModel::read(json).is_err(), "{json}");
    }
}

#[test]
fn fields_are_read_in_all_their_forms() {
    let model = PublicModel::read(MESSAGING).unwrap();
    assert_eq!(model.started_at(), Some(1_700_000_003_000), "a number in quotes");
    assert_eq!(
        model.agent_info.as_ref().unwrap().agent_id.as_ref().unwrap().get(),
        900_001
    );
    let claims = model.claims_and_auth_type.as_ref().unwrap();
    assert!(claims.is_authenticated());
    assert!(matches!(
        claims.claims.as_ref().unwrap().attributes[..],
        [Sde::CustomerInfo(_), Sde::Other(_)]
    ));
    let authenticated = model.authenticated_data.as_ref().unwrap();
    assert_eq!(
        authenticated.customer_details[0].customer_type.as_deref(),
        Some("gold"),
        "an object in place of an array"
    );
    let chat = PublicModel::read(CHAT).unwrap();
    assert!(!chat.claims_and_auth_type.as_ref().unwrap().is_authenticated());
    assert!(
        chat.visitor_info
            .as_ref()
            .unwrap()
            .visitor_typing
            .as_ref()
            .unwrap()
            .get()
    );
    let quirks = PublicModel::read(QUIRKS).unwrap();
    assert!(
        !quirks.claims_and_auth_type.as_ref().unwrap().is_authenticated(),
        "an object is no proof"
    );
}

#[test]
fn debug_shows_what_there_is_and_nobody() {
    let model = PublicModel::read(MESSAGING).unwrap();
    assert_debug_snapshot!(model);
    let shown = format!("{model:?} {:?}", PublicModel::read(CHAT).unwrap());
    for personal in [
        "Ingrid",
        "example.org",
        "+1555",
        "203.0.113",
        "Hello",
        "cu-7f31",
        "Ruth",
        "O-5512",
        "gold",
    ] {
        assert!(!shown.contains(personal), "{personal}");
    }
}

fn leaves(model: &Value) -> Vec<ModelUpdate> {
    let at = |path: &str| model.pointer(&format!("/{}", path.replace('.', "/"))).cloned();
    ModelPath::all()
        .filter_map(|path| at(path.as_str()).map(|value| ModelUpdate::new(path.as_str(), value)))
        .collect()
}

#[test]
fn a_model_is_built_from_what_a_page_forwards() {
    for json in [MESSAGING, CHAT] {
        let updates = leaves(&value(json));
        let mut live = LiveModel::default();
        for update in &updates {
            // A page forwards what the SDK says, and binds again after a refresh.
            let forwarded = ModelUpdate::read(&serde_json::to_string(update).unwrap()).unwrap();
            live.apply(&forwarded).unwrap();
            live.apply(&forwarded).unwrap();
        }
        assert_eq!(
            live.to_json().unwrap().to_value().unwrap(),
            value(json),
            "every leaf has its path, and comes once"
        );
        assert_eq!(serde_json::to_value(live.view()).unwrap(), value(json));
        assert_eq!(live.size(), live.to_json().unwrap().len());
    }
}

#[test]
fn new_lines_go_behind_the_old_ones_and_old_ones_go() {
    let mut live = LiveModel::default().most_lines(3);
    let line = |id: u32| json!({"id": id.to_string(), "text": "x"});
    let mut add = |lines: Value| live.apply(&ModelUpdate::new("chatTranscript.lines", lines)).unwrap();
    add(json!([line(1), line(2)]));
    add(json!([line(2), line(3)]));
    add(line(4));
    add(Value::Null);
    let view = live.view();
    let ids: Vec<_> = view
        .chat_transcript
        .as_ref()
        .unwrap()
        .lines
        .iter()
        .map(|line| line.id.clone().unwrap())
        .collect();
    assert_eq!(ids, ["2", "3", "4"]);
}

#[test]
fn what_a_hostile_page_forwards_is_kept_within_bounds() {
    let mut live = LiveModel::default().largest(100);
    live.apply(&ModelUpdate::new("visitorInfo.city", "Oslo")).unwrap();
    let before = live.to_json().unwrap();
    let refused = |live: &mut LiveModel, update: &ModelUpdate| live.apply(update).unwrap_err().to_string();
    let large = refused(&mut live, &ModelUpdate::new("visitorInfo.state", "x".repeat(100)));
    assert!(large.contains("bytes; 100 are allowed"), "{large}");
    for key in [
        "",
        ".",
        "a..b",
        "a.b.",
        "<script>",
        "a b",
        &"a.".repeat(9),
        &"a".repeat(201),
    ] {
        assert!(
            refused(&mut live, &ModelUpdate::new(key, 1)).contains("no path"),
            "{key}"
        );
    }
    assert!(refused(&mut live, &ModelUpdate::new("visitorInfo.city.name", 1)).contains("no object"));
    assert!(refused(&mut live, &ModelUpdate::read("{}").unwrap()).contains("`key` is missing"));
    assert!(refused(&mut live, &ModelUpdate::read(r#"{"key":7}"#).unwrap()).contains("`key` is missing"));
    assert_eq!(live.to_json().unwrap(), before, "what was refused changed nothing");
    live.apply(&ModelUpdate::new("tomorrow.mood", "calm")).unwrap();
    assert!(
        live.view().extra.get("tomorrow").is_some(),
        "a path that is not known yet is kept"
    );
    for json in ["", "null", "7", "{\"key\":"] {
        let error = ModelUpdate::read(json).unwrap_err();
        assert!(error.advice().is_some(), "{json}");
    }
}

#[test]
fn commands_are_what_the_sdk_wants() {
    let raw = |json: &str| RawRecord::new(json).unwrap();
    let card = raw(r#"{"type":"vertical","elements":[]}"#);
    let replies = raw(r#"{"type":"quickReplies","replies":[]}"#);
    let commands = [
        Command::write("Hello").with_quick_replies(replies.clone()),
        Command::structured_content(card.clone()).with_quick_replies(replies),
        Command::WriteStructuredContent {
            json: card,
            quick_replies: None,
            metadata: vec![raw(r#"{"type":"ExternalId","id":"x"}"#)],
        },
        Command::Notify,
        Command::SendFile {
            name: "form.pdf".into(),
            content: FileContent {
                media_type: "application/pdf".into(),
                base64: "JVBERi0=".into(),
            },
        },
    ];
    assert!(commands.iter().all(|command| command.check().is_ok()));
    assert_json_snapshot!(value(&serde_json::to_string(&commands).unwrap()));
    for (bad, member) in [
        (Command::write(" "), "`text`"),
        (Command::write("a").with_quick_replies(raw("[]")), "`quickReplies`"),
        (Command::structured_content(raw("\"<b>\"")), "`json`"),
    ] {
        assert!(bad.check().unwrap_err().to_string().contains(member), "{member}");
    }
    let profile = ConsumerProfile {
        first_name: "Ingrid".into(),
        ..ConsumerProfile::default()
    };
    assert_json_snapshot!(profile, @r#"
    {
      "avatarUrl": "",
      "backgndImgUri": "",
      "email": "",
      "firstName": "Ingrid",
      "lastName": "",
      "phone": ""
    }
    "#);
    assert!(!format!("{profile:?}").contains("Ingrid"));
}

#[test]
fn a_widgets_attributes_become_those_that_are_sent() {
    let model = PublicModel::read(MESSAGING).unwrap();
    let Converted { value, lost: losses } = model.attributes.as_ref().unwrap().to_send();
    assert_json_snapshot!(value);
    assert_json_snapshot!(lost(&losses), @r#"
    [
      "`customerDetails[0].registrationDate`: it cannot be read as a number or date",
      "`error[0].messageTooltip`: no field takes it: it is unknown, or not of the type that the pages name"
    ]
    "#);
    let quirks = PublicModel::read(QUIRKS).unwrap().attributes.unwrap().to_send();
    assert_json_snapshot!(lost(&quirks.lost));
    assert!(
        quirks.value.iter().all(|sde| !matches!(sde, Sde::Cart(_))),
        "a cart without its count is none"
    );
    let authenticated = model.authenticated_data.as_ref().unwrap().to_send();
    assert_eq!((authenticated.value.len(), authenticated.lost.len()), (2, 0));
}

fn sent() -> Vec<Sde> {
    let mug = Product::default().name("Mug").sku("MG-2").price(30.7);
    let customer = CustomerInfo::default()
        .customer_type("gold")
        .balance(-12.5)
        .currency("NOK")
        .store_number("S-12")
        .last_payment_date(CalendarDate::new(2023, 2, 3));
    let person = Personal::default()
        .first_name("Ingrid")
        .last_name("Moe")
        .age(Age::default().age(41.0).year(1983).month(6))
        .contacts(vec![Contact::default().email("ingrid@example.org")]);
    vec![
        customer.into(),
        person.into(),
        MarketingSource::default().channel(3).campaign_id("spring-24").into(),
        Cart::new(61.4, 2).currency("EUR").products(vec![Line::of(mug, 2)]).into(),
        Sde::read(r#"{"type":"purchase","total":54.9,"orderId":"O-5512","cart":{"numItems":1,"products":[{"product":{"sku":"LP-9","statusInStock":"low"},"quantity":1}]}}"#).unwrap(),
        Sde::read(r#"{"type":"prodView","products":[{"product":{"sku":"LP-9","price":54.9}}]}"#).unwrap(),
        Purchase::default().total(5.0).into(),
        Lead::default().topic("mortgage").value(80.0).currency("EUR").into(),
        ServiceActivity::default().status(1).service_id("S-4").into(),
        VisitorError::default().code("PAY-7").level(3).resolved(false).into(),
        SearchedContent::of(["return policy"]).into(),
        Sde::read(r#"{"type":"impDisplay","campaign":1,"engId":2,"revision":3}"#).unwrap(),
        Sde::read(r#"{"type":"mood","calm":true}"#).unwrap(),
        Sde::read(r#"{"type":"lead","auth":{"iss":"x"},"later":1}"#).unwrap(),
    ]
}

#[test]
fn what_is_sent_becomes_what_a_widget_would_be_told() {
    let converted = WidgetAttributes::from_send(&sent());
    assert_json_snapshot!(converted.value);
    assert_json_snapshot!("losses_of_sent", lost(&converted.lost));
    // Back again: only what was lost on the way is missing.
    let back = converted.value.to_send();
    assert_eq!(lost(&back.lost), Vec::<String>::new());
    assert_json_snapshot!("there_and_back", back.value);
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map("[a-zA-Z@]{1,6}", inner, 0..4).prop_map(|members| json!(members)),
        ]
    })
}

proptest! {
    /// Whatever a page forwards, the model stays within its bound, reads, and is written back as it is.
    #[test]
    fn any_updates_are_survived(updates in prop::collection::vec((prop::sample::select(ModelPath::KNOWN), any_json()), 0..12)) {
        let mut live = LiveModel::default().largest(2000);
        for (path, value) in updates {
            let _ = live.apply(&ModelUpdate::new(path, value));
            prop_assert!(live.size() <= 2000);
        }
        let json = live.to_json().unwrap().to_value().unwrap();
        prop_assert_eq!(serde_json::to_value(live.view()).unwrap(), json);
        if let Some(attributes) = live.view().attributes {
            let _ = attributes.to_send();
        }
    }
}
