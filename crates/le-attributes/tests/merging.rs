//! What several reports amount to, against a model that knows nothing but JSON.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

use le_attributes::catalogue::{self, Repeat};
use le_attributes::customer::CustomerInfo;
use le_attributes::impression::Impression;
use le_attributes::journey::ServiceActivity;
use le_attributes::personal::{Contact, Personal};
use le_attributes::shopping::Cart;
use le_attributes::{Channel, ImpressionType, Sde, merge_preview};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

const CHANNELS: [Channel; 2] = [Channel::Chat, Channel::Messaging];

fn shown(existing: &[Sde], new: &[Sde], channel: Channel) -> Value {
    serde_json::to_value(merge_preview(existing, new, channel)).unwrap()
}

#[test]
fn the_rule_of_each_type_is_that_of_the_table() {
    let rules = |channel: Channel| catalogue::all().iter().map(move |kind| channel.repeat(kind.wire));
    use Repeat::{Append, NotShown, Replace, Update};
    let ten = |info, service| {
        [
            info, info, info, Replace, Append, Append, Append, service, Append, Append,
        ]
    };
    let expected = |info, service| ten(info, service).into_iter().chain([NotShown; 5]);
    assert!(rules(Channel::Chat).eq(expected(Update, Append)));
    assert!(rules(Channel::Messaging).eq(expected(Replace, Replace)));
}

#[test]
fn service_activities_append_in_chat_and_replace_in_messaging() {
    let first = Sde::from(ServiceActivity::default().topic("repair"));
    let second = Sde::from(ServiceActivity::default().topic("refund"));
    let count = |channel| merge_preview(std::slice::from_ref(&first), std::slice::from_ref(&second), channel).len();
    assert_eq!((count(Channel::Chat), count(Channel::Messaging)), (2, 1));
}

#[test]
fn an_update_sets_whole_members() {
    let before = Personal::default().first_name("Ingrid").contacts(vec![
        Contact::default().email("old@example.org"),
        Contact::default().phone("1"),
    ]);
    let now = Personal::default().contacts(vec![Contact::default().email("new@example.org")]);
    assert_eq!(
        shown(&[before.into()], &[now.into()], Channel::Chat),
        json!([{"type": "personal", "personal": {"firstname": "Ingrid", "contacts": [{"email": "new@example.org"}]}}])
    );
}

#[test]
fn spellings_do_not_make_two_members_and_null_is_a_value() {
    let read = |json: &str| Sde::read(json).unwrap();
    let before = [read(
        r#"{"type":"mrktInfo","info":{"campaignId":"a","affiliate":"x","odd":1}}"#,
    )];
    let now = [read(
        r#"{"type":"mrktInfo","info":{"campaignID":"b","affiliate":null,"odd":2}}"#,
    )];
    let merged = shown(&before, &now, Channel::Chat);
    assert_eq!(
        merged,
        json!([{"type": "mrktInfo", "info": {"campaignId": "b", "affiliate": null, "odd": 2}}])
    );
}

#[test]
fn a_replaced_cart_keeps_its_place_and_impressions_are_not_shown() {
    let before = [
        Sde::from(Cart::new(1.0, 1).currency("EUR")),
        CustomerInfo::default().role("buyer").into(),
    ];
    let now = [
        Sde::from(Impression::new(ImpressionType::Close, 1, 2, 3)),
        Cart::new(2.0, 2).into(),
    ];
    for channel in CHANNELS {
        let expected = json!([
            {"type": "cart", "total": 2.0, "numItems": 2},
            {"type": "ctmrinfo", "info": {"role": "buyer"}},
        ]);
        assert_eq!(shown(&before, &now, channel), expected);
    }
}

/// Reports with few members, so that they meet.
fn report() -> impl Strategy<Value = Value> {
    let value = prop_oneof![
        Just(Value::Null),
        (0..3_i64).prop_map(Value::from),
        "[ab]".prop_map(Value::from)
    ];
    let members = |names: &'static [&'static str]| {
        prop::collection::btree_map(prop::sample::select(names), value.clone(), 0..4).prop_map(|members| {
            members
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect::<Map<_, _>>()
        })
    };
    let inside = |wire: &'static str, payload: &'static str, names| {
        members(names).prop_map(move |members| json!({"type": wire, payload: members}))
    };
    let beside = |wire: &'static str, names| {
        members(names).prop_map(move |mut members| {
            members.insert("type".to_owned(), wire.into());
            Value::from(members)
        })
    };
    prop_oneof![
        inside("ctmrinfo", "info", &["ctype", "role", "balance", "odd"]),
        inside("personal", "personal", &["firstname", "age", "odd"]),
        inside("mrktInfo", "info", &["channel", "affiliate"]),
        inside("service", "service", &["topic", "status"]),
        inside("lead", "lead", &["topic", "value"]),
        beside("cart", &["total", "numItems", "odd"]),
        beside("purchase", &["total", "orderId"]),
        beside("hologram", &["depth"]),
        Just(json!({"type": "impClose", "campaign": 1})),
    ]
}

/// The rules once more, over plain JSON.
fn model(reports: &[Value], channel: Channel) -> Vec<Value> {
    let mut out: Vec<Value> = Vec::new();
    for report in reports {
        let wire = report["type"].as_str().unwrap();
        let older = out.iter_mut().find(|one| one["type"] == wire);
        match (wire, channel) {
            ("impClose", _) => {}
            ("ctmrinfo" | "personal" | "mrktInfo", Channel::Chat) if older.is_some() => {
                let payload = if wire == "personal" { "personal" } else { "info" };
                let target = older.unwrap()[payload].as_object_mut().unwrap();
                target.extend(report[payload].as_object().unwrap().clone());
            }
            ("ctmrinfo" | "personal" | "mrktInfo" | "service", Channel::Messaging) | ("cart", _) if older.is_some() => {
                *older.unwrap() = report.clone();
            }
            _ => out.push(report.clone()),
        }
    }
    out
}

fn read(reports: &[Value]) -> Vec<Sde> {
    reports
        .iter()
        .map(|json| Sde::read(&json.to_string()).unwrap())
        .collect()
}

proptest! {
    #[test]
    fn the_preview_is_what_the_rules_say(
        before in prop::collection::vec(report(), 0..6),
        now in prop::collection::vec(report(), 0..6),
    ) {
        for channel in CHANNELS {
            let all = [before.clone(), now.clone()].concat();
            prop_assert_eq!(shown(&read(&before), &read(&now), channel), Value::from(model(&all, channel)));
        }
    }

    /// A preview can be gone on from: merging in steps is merging at once.
    #[test]
    fn steps_do_not_matter(reports in prop::collection::vec(report(), 0..9), cut in 0..9_usize) {
        let reports = read(&reports);
        let (before, now) = reports.split_at(cut.min(reports.len()));
        for channel in CHANNELS {
            let first = merge_preview(&[], before, channel);
            prop_assert_eq!(shown(&first, now, channel), shown(&[], &reports, channel));
        }
    }

    /// What was shown once is not shown twice for being reported again, unless it appends.
    #[test]
    fn a_report_that_comes_again_changes_nothing_unless_it_appends(report in report()) {
        let once = read(std::slice::from_ref(&report));
        let appends = |channel: Channel| channel.repeat(report["type"].as_str().unwrap()) == Repeat::Append;
        for channel in CHANNELS {
            let (one, two) = (merge_preview(&[], &once, channel), merge_preview(&once, &once, channel));
            prop_assert_eq!(two.len(), if appends(channel) { 2 } else { one.len() });
            prop_assert!(appends(channel) || two == one);
        }
    }
}
