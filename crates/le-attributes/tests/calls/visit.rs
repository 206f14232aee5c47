//! Visits: state, events from outside, validation of engagements.

use le_attributes::journey::{SearchedContent, ServiceActivity};
use le_attributes::refusal;
use le_core::ErrorKind;
use le_core::wire::Int;
use serde_json::{Value, json};
use wiremock::ResponseTemplate;

use crate::stage::{Stage, answer, body, refusal as refused};

/// A state in the layout of the vendor's sample, with invented values.
fn state() -> Value {
    json!({ "id": "sAA1.00ff", "appSessions": [{
        "id": "sAA1.00ff", "startTime": 1_700_000_000_000_i64, "ipv4": "192.0.2.7", "deviceFamily": "DESKTOP", "deviceOS": "MAC_OSX",
        "mobileDeviceInfo": { "mobile": false, "detected": true }, "siteControlGroup": "NA", "externalReferrer": "",
        "geo": { "country": "Norway", "countryCode": "NO", "state": "Oslo", "city": "Oslo", "isp": "ExampleNet", "org": "ExampleNet" },
        "searchEngine": { "searchEngine": "example", "keywords": "lamp" },
        "revActiveVPs": { "700900": { "revision": 3 } },
        "customerInfo": { "customerInfo": { "customerType": "gold", "customerId": "cu-7f31", "balance": -12.5, "role": null } },
        "cart": { "cartStatus": { "total": 61.4, "numItems": 2, "products": [] }, "lastTotalChange": -3.5 },
        "pages": [{ "id": "3300771", "url": "shop.example/help", "pageTitle": "Help", "startTime": 1_700_000_000_100_i64, "timeOnPage": 5000,
            "pageLoaded": true, "revActiveOSLs": {}, "pageBasic": { "url": "https://shop.example/help", "title": "Help", "sections": ["Billing"] } }],
        "engagements": [{ "id": "1", "impressionAccepted": [{ "activityTime": 1_700_000_000_900_i64, "pageId": "3300771" }],
            "engagement": { "state": 1, "zoneId": 7, "pageId": "3300771", "campaignControl": "x",
                "campaignEntity": { "id": 700_111, "revision": 4, "goalId": 5, "activeVPs": {} },
                "engagementEntity": { "id": 700_222, "revision": 9, "channel": 1, "type": 5, "isOffsiteEngagement": false,
                    "engagementSkill": { "skillName": "*!@NULL*!@", "skillId": -1 }, "surveySkills": [], "conversationType": 1 },
                "goalEntity": { "id": 5, "revision": 1, "type": 2, "indicatorType": 0 } } }],
        "events": [
            { "lead": { "serverTimeStamp": 1_700_000_001_000_i64, "contexts": { "page": { "id": "3300771" } },
                "lead": { "topic": "upgrade", "value": 80.0, "ticketId": null, "leadId": "L-9" } } },
            { "cartStatus": { "serverTimeStamp": 1_700_000_002_000_i64, "contexts": {}, "total": 61.4, "numItems": 2 } },
            { "laterKind": { "x": 1 } },
        ],
        "laterMember": [1],
    }] })
}

#[tokio::test]
async fn the_state_of_a_visit() {
    let stage = Stage::answering([answer(200, state())]).await;
    let visit = stage.attributes().visit("vBB2", "sAA1");
    let read = visit.state().await.unwrap();
    let sent = &stage.sent().await[0];
    assert_eq!(
        sent.url.path(),
        "/api/account/70011223/monitoring/visitors/vBB2/visits/current/state"
    );
    assert_eq!(sent.url.query(), Some("v=1&sid=sAA1&filter=agent"));
    assert!(sent.headers.contains_key("authorization"));
    assert_eq!(serde_json::to_value(&read).unwrap(), state(), "nothing is lost");
    insta::assert_debug_snapshot!(read);
    let session = &read.app_sessions[0];
    let entity = session.engagements[0]
        .engagement
        .as_ref()
        .unwrap()
        .entity
        .as_ref()
        .unwrap();
    assert!(entity.skill().is_none(), "the placeholder for no skill");
    let sent: Vec<Value> = session
        .events
        .iter()
        .flat_map(|event| event.sent())
        .map(|sde| serde_json::to_value(sde).unwrap())
        .collect();
    assert_eq!(
        sent,
        [
            json!({ "type": "lead", "lead": { "topic": "upgrade", "value": 80.0, "leadId": "L-9" } }),
            json!({ "type": "cart", "total": 61.4, "numItems": 2 }),
        ]
    );
    assert_eq!(session.events[0].stamp().page_id.as_deref(), Some("3300771"));
    let customer = session.customer_info.as_ref().unwrap().customer_info.as_ref().unwrap();
    assert_eq!(customer.customer_type.as_deref(), Some("gold"));
    assert!(session.events[2].attribute_type().is_none());
}

#[tokio::test]
async fn odd_members_do_not_lose_the_rest() {
    let odd = json!({ "appSessions": { "id": 7, "startTime": "1700000000000", "pages": "none", "geo": [], "events": [3, { "lead": 4 }] } });
    let stage = Stage::answering([answer(200, odd.clone())]).await;
    let read = stage
        .attributes()
        .visit("v", "s")
        .state()
        .agent_filter(false)
        .await
        .unwrap();
    assert_eq!(
        read.app_sessions[0].start_time.as_ref().map(Int::get),
        Some(1_700_000_000_000)
    );
    assert_eq!(serde_json::to_value(&read).unwrap(), odd);
    assert_eq!(stage.sent().await[0].url.query(), Some("v=1&sid=s"));
}

#[tokio::test]
async fn a_session_id_with_a_dot_is_tried_once_more_without_what_follows() {
    for code in [39, 12] {
        let stage = Stage::answering([refused(404, code, "session"), answer(200, state())]).await;
        stage.attributes().visit("v", "sAA1.00ff.x").state().await.unwrap();
        let sent = stage.sent().await;
        let sids: Vec<_> = sent
            .iter()
            .map(|sent| crate::stage::query(sent, "sid").unwrap())
            .collect();
        assert_eq!(sids, ["sAA1.00ff.x", "sAA1"]);
    }
    // Not for other reasons, not where there is no dot, and not twice.
    for (code, sid, calls) in [(37, "a.b", 1), (39, "ab", 1), (39, "a.b", 2)] {
        let stage = Stage::answering([refused(404, code, "session")]).await;
        let error = stage.attributes().visit("v", sid).state().await.unwrap_err();
        assert_eq!(
            (error.kind(), stage.sent().await.len()),
            (ErrorKind::NotFound, calls),
            "{code} {sid}"
        );
    }
}

#[tokio::test]
async fn events_are_added_with_the_documented_header() {
    let stage = Stage::answering([answer(200, json!({}))]).await;
    let visit = stage.attributes().visit("v/BB", "s");
    visit
        .add_events([ServiceActivity::default().topic("card").status(13)])
        .await
        .unwrap();
    let sent = &stage.sent().await[0];
    assert_eq!(sent.method.as_str(), "POST");
    assert_eq!(
        sent.url.path(),
        "/api/account/70011223/monitoring/visitors/v%2FBB/visits/current/events"
    );
    assert_eq!(sent.url.query(), Some("v=1&sid=s"));
    assert_eq!(sent.headers.get("x-http-method-override").unwrap(), "PUT");
    assert_eq!(
        body(sent),
        json!([{ "type": "service", "service": { "topic": "card", "status": 13 } }])
    );
    let nothing: [SearchedContent; 0] = [];
    assert_eq!(
        visit.add_events(nothing).await.unwrap_err().kind(),
        ErrorKind::Validation
    );
}

#[tokio::test]
async fn whether_an_engagement_was_offered() {
    for (status, valid) in [(200, true), (404, false)] {
        let stage = Stage::answering([ResponseTemplate::new(status)]).await;
        let visit = stage.attributes().visit("v", "s");
        assert_eq!(visit.validate_engagement("1", "2", "3").await.unwrap(), valid);
        assert_eq!(
            stage.sent().await[0].url.path(),
            "/api/account/70011223/monitoring/visitors/v/visits/current/campaigns/1/engagements/2/contexts/3"
        );
    }
    for (status, id, pauses) in [
        (401, "visit.unauthorized", vec![]),
        (422, "visit.account_invalid", vec![]),
        (503, "visit.unavailable", vec![5, 5, 5]),
    ] {
        let stage = Stage::answering([ResponseTemplate::new(status)]).await;
        let error = stage
            .attributes()
            .visit("v", "s")
            .validate_engagement("1", "2", "3")
            .await
            .unwrap_err();
        assert_eq!(refusal::of(&error).unwrap().id, id);
        assert_eq!(stage.pauses(), pauses);
    }
    let stage = Stage::answering([ResponseTemplate::new(200)]).await;
    let visit = stage.attributes().visit("v", "s");
    assert_eq!(
        visit.validate_engagement("", "2", "3").await.unwrap_err().kind(),
        ErrorKind::Validation
    );
}
