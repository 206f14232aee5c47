//! Frames of both dialects, and that nothing which was read is lost.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

use le_bots::client_properties::{ClientProperties, DeviceFamily, Feature, consumer_authentication};
use le_bots::frame::RequestId;
use le_bots::ring::{RingState, RoutingTask};
use le_bots::{Dialect, Envelope, Frame};
use le_core::{ErrorKind, Secret};
use proptest::prelude::*;
use serde_json::{Value, json};

#[test]
fn requests_responses_and_notifications_are_told_apart() {
    let request = Envelope::read(r#"{"kind":"req","id":"s1","type":".ams.routing.SetAgentState","body":{}}"#).unwrap();
    let Frame::Request { id: Some(id), name } = request.frame() else {
        panic!("{request:?}")
    };
    assert_eq!((id.as_str(), name.dialect()), ("s1", Dialect::Agent));

    let response =
        Envelope::read(r#"{"kind":"resp","reqId":"s1","code":202,"type":".ReqBody$StringResp","body":"ok"}"#).unwrap();
    let Frame::Response { to, code: Some(code) } = response.frame() else {
        panic!("{response:?}")
    };
    assert_eq!(
        (to, code.number(), code.is_success()),
        (&RequestId::from("s1"), Some(202), true)
    );

    let event =
        Envelope::read(r#"{"kind":"notification","type":"ms.MessagingEventNotification","body":{"changes":[]}}"#)
            .unwrap();
    assert!(matches!(event.frame(), Frame::Notification { name } if name.is("ms.MessagingEventNotification")));
}

#[test]
fn frames_without_a_kind_are_guessed_by_their_members() {
    let of = |text: &str| format!("{:?}", Envelope::read(text).unwrap().frame());
    assert!(of(r#"{"id":7,"type":"GetClock"}"#).starts_with("Request"));
    assert!(of(r#"{"kind":"answer","reqId":"7","type":"X"}"#).starts_with("Response"));
    assert!(of(r#"{"type":"X","body":{}}"#).starts_with("Notification"));
    for nothing in [
        "{}",
        r#"{"kind":"resp","code":200}"#,
        r#"{"kind":"notification","body":{}}"#,
    ] {
        assert_eq!(of(nothing), "Unknown", "{nothing}");
    }
}

#[test]
fn a_number_as_id_answers_to_its_text() {
    let request = Envelope::read(r#"{"kind":"req","id":7,"type":"GetClock"}"#).unwrap();
    let response = Envelope::read(r#"{"kind":"resp","reqId":"7","code":"OK","type":"GetClockResponse"}"#).unwrap();
    assert_eq!(request.id, response.request_id);
    assert!(response.code.unwrap().is_success());
}

#[test]
fn codes_decide_success() {
    for (code, success) in [
        ("200", true),
        ("202", true),
        ("\"OK\"", true),
        ("\"200\"", true),
        ("399", true),
        ("400", false),
        ("429", false),
        ("\"FAILED\"", false),
        ("-1", false),
    ] {
        let envelope = Envelope::read(&format!(r#"{{"kind":"resp","reqId":"1","code":{code}}}"#)).unwrap();
        assert_eq!(envelope.code.unwrap().is_success(), success, "{code}");
    }
}

#[test]
fn a_ring_is_found_in_the_body_as_the_wire_has_it() {
    let text = r#"{"routingTaskId":"c1","taskCompleted":false,"conversationId":"c1","skillId":"3300000011","ringsDetails":
        {"ringId":"c1_70000001_1760000005000","ringState":"WAITING","ringExpiration":72000,"ringExpirationTs":1760000077000}}"#;
    let envelope = Envelope::read(&format!(r#"{{"kind":"notification","type":"t","body":{text}}}"#)).unwrap();
    let task: RoutingTask = envelope.decode_body().unwrap();
    let waiting: Vec<_> = task.waiting().collect();
    assert_eq!(waiting.len(), 1, "one ring, bare in place of an array of one");
    assert_eq!(waiting[0].state, Some(RingState::Waiting));
    assert_eq!(
        serde_json::to_value(&task).unwrap(),
        serde_json::from_str::<Value>(text).unwrap()
    );

    let error = Envelope::read(r#"{"kind":"notification","type":"t","body":[1]}"#)
        .unwrap()
        .decode_body::<RoutingTask>();
    assert_eq!(error.unwrap_err().kind(), ErrorKind::Decode);
}

#[test]
fn init_connection_is_written_as_documented() {
    let mut properties = ClientProperties::default();
    properties.app_id = Some("shop-window".to_owned());
    properties.device_family = Some(DeviceFamily::Desktop);
    properties.features = vec![Feature::RichContent, Feature::MultiDialog].into();
    let headers = [
        serde_json::to_value(properties.in_request().unwrap()).unwrap(),
        serde_json::to_value(consumer_authentication(&Secret::new("e.y.J"))).unwrap(),
    ];
    let request = Envelope::init_connection("1", &headers).unwrap();
    assert!(!format!("{request:?}").contains("e.y.J"));
    insta::assert_json_snapshot!(request);

    let header = properties.as_header().unwrap();
    assert!(
        header
            .to_str()
            .unwrap()
            .starts_with(r#"{"type":".ClientProperties","appId":"shop-window""#)
    );
    properties.app_version = Some("9".repeat(33));
    assert!(
        properties
            .as_header()
            .unwrap_err()
            .to_string()
            .contains("`appVersion` has 33 characters, the most is 32")
    );
}

#[test]
fn metadata_stands_beside_the_body() {
    let request = Envelope::request("a-17", "ms.PublishEvent", &json!({"dialogId": "d"})).unwrap();
    let request = request
        .with_metadata(&json!({"type": "ExternalId", "id": "greeting-1"}))
        .unwrap();
    let text = request.to_text().unwrap();
    assert_eq!(
        text,
        r#"{"kind":"req","id":"a-17","type":"ms.PublishEvent","body":{"dialogId":"d"},"metadata":[{"id":"greeting-1","type":"ExternalId"}]}"#
    );
    for id in ["", &"x".repeat(65)] {
        assert_eq!(
            Envelope::request_without_body(id, "KeepAlive").unwrap_err().kind(),
            ErrorKind::Validation
        );
    }
}

#[test]
fn only_objects_are_frames() {
    for text in ["", "[]", "7", "\"x\"", "{", "{} {}", "null"] {
        assert!(Envelope::read(text).is_err(), "{text}");
    }
    let odd = r#"{"kind":7,"type":["x"],"metadata":null,"code":{},"body":null}"#;
    let envelope = Envelope::read(odd).unwrap();
    assert_eq!(envelope.frame(), Frame::Unknown);
    assert_eq!(envelope.to_text().unwrap().len(), odd.len());
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-z]{0,4}", inner, 0..4).prop_map(|m| m.into_iter().collect()),
        ]
    })
}

fn member() -> impl Strategy<Value = (String, Value)> {
    let known = [
        "kind",
        "id",
        "reqId",
        "type",
        "code",
        "body",
        "headers",
        "metadata",
        "encodedMetadata",
    ];
    let name = prop_oneof![3 => prop::sample::select(known.to_vec()).prop_map(str::to_owned), 1 => "[a-zA-Z]{0,6}"];
    let plausible = prop::sample::select(vec![
        json!("req"),
        json!("resp"),
        json!("notification"),
        json!("OK"),
        json!(200),
        json!("7"),
        json!([{"type": "ExternalId"}]),
        json!({"type": "X"}),
    ]);
    (name, prop_oneof![plausible, any_json()])
}

proptest! {
    /// Any envelope, with members of any type, is written back with the same members and values.
    #[test]
    fn any_envelope_round_trips(members in prop::collection::vec(member(), 0..9)) {
        let object = Value::from_iter(members);
        let envelope = Envelope::read(&object.to_string()).unwrap();
        let written: Value = serde_json::from_str(&envelope.to_text().unwrap()).unwrap();
        prop_assert_eq!(written, object);
        // Telling what it is never fails, whatever is missing.
        let _ = envelope.frame();
    }

    /// A request that was built is read as the same request.
    #[test]
    fn what_is_built_is_read(id in ".{1,64}", name in "[.a-zA-Z$]{1,40}", body in any_json()) {
        let request = Envelope::request(id.as_str(), &name, &body).unwrap();
        let again = Envelope::read(&request.to_text().unwrap()).unwrap();
        if body.is_null() {
            prop_assert!(again.body.is_none());
        } else {
            prop_assert_eq!(&again, &request);
        }
        let Frame::Request { id: Some(read), name: spelled } = again.frame() else { panic!("no request") };
        prop_assert_eq!((read.as_str(), spelled.as_str()), (id.as_str(), name.as_str()));
    }
}
