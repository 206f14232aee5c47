//! The App Engagement API.

use le_attributes::app_engagement::AppDetails;
use le_attributes::journey::Lead;
use le_attributes::monitoring::SessionIds;
use le_attributes::{AppType, ImpressionType, OperatingSystem, refusal};
use le_core::ErrorKind;
use serde_json::json;
use wiremock::ResponseTemplate;

use crate::stage::{Stage, answer, body, refusal as refused};

fn available() -> ResponseTemplate {
    answer(
        200,
        json!({ "status": "Available", "sessionId": "sAA1", "visitorId": "vBB2", "pageId": "33",
        "engagementDetails": { "campaignId": "700111", "engagementId": 700_222, "contextId": "2", "windowId": "700444",
            "language": "en-US", "engagementRevision": 9, "validForSeconds": 900, "skillId": -1, "connectorId": "700333" } }),
    )
}

#[tokio::test]
async fn a_session_is_opened_gone_on_with_and_updated() {
    let stage = Stage::answering([available(), available(), ResponseTemplate::new(200)]).await;
    let api = stage.attributes().app_engagement();
    let opened = api
        .open(AppType::MobileSdk)
        .details(
            AppDetails::default()
                .os(OperatingSystem::Android)
                .ip_address("2001:db8::7"),
        )
        .section("Billing")
        .attribute(Lead::default().topic("upgrade"))
        .await
        .unwrap();
    let offer = opened.offer.clone().unwrap();
    insta::assert_debug_snapshot!(offer);
    api.go_on(opened.ids.clone(), AppType::External).await.unwrap();
    api.update(opened.ids.clone(), opened.page_id.clone().unwrap())
        .impression(offer.impression(ImpressionType::Accept).unwrap())
        .attribute(Lead::default().topic("upgrade"))
        .await
        .unwrap();
    let sent = stage.sent().await;
    let lines: Vec<_> = sent
        .iter()
        .map(|sent| format!("{} {}?{}", sent.method, sent.url.path(), sent.url.query().unwrap()))
        .collect();
    let path = "/api/account/70011223/app/engagement/visitors";
    assert_eq!(
        lines,
        [
            format!("POST {path}?v=1.0"),
            format!("POST {path}/vBB2?v=1.0&sid=sAA1"),
            format!("PUT {path}/vBB2?v=1.0&sid=sAA1"),
        ]
    );
    assert_eq!(
        body(&sent[0]),
        json!({ "appType": "MSDK", "appDetails": { "os": "ANDROID", "ipAddress": "2001:db8::7" }, "consumerSections": ["Billing"],
            "engagementAttributes": [{ "type": "lead", "lead": { "topic": "upgrade" } }] })
    );
    assert_eq!(body(&sent[1]), json!({ "appType": "EXTERNAL" }));
    assert_eq!(body(&sent[2])["impAttributes"][0]["type"], "impAccept");
    assert_eq!(body(&sent[2])["pageId"], "33");
}

#[tokio::test]
async fn not_available_is_no_offer_however_it_is_spelt() {
    for status in ["NotAvailable", "Not Available"] {
        let body =
            json!({ "status": status, "sessionId": "s", "visitorId": "v", "engagementDetails": { "contextId": "1" } });
        let stage = Stage::answering([answer(200, body)]).await;
        let opened = stage
            .attributes()
            .app_engagement()
            .open(AppType::MobileSdk)
            .await
            .unwrap();
        assert!(opened.offer.is_none());
    }
}

#[tokio::test]
async fn the_visitor_of_a_loading_answer_goes_into_the_path() {
    let stage = Stage::answering([
        refused(500, 20, "Loading account: 70011223, vid: v/NEW"),
        refused(500, 20, "Loading account: 70011223, vid: v/NEW"),
        available(),
    ])
    .await;
    stage
        .attributes()
        .app_engagement()
        .open(AppType::MobileSdk)
        .await
        .unwrap();
    let sent = stage.sent().await;
    let path = "/api/account/70011223/app/engagement/visitors";
    assert_eq!(sent[0].url.path(), path);
    assert_eq!(sent[1].url.path(), format!("{path}/v%2FNEW"));
    assert_eq!(sent[2].url.path(), format!("{path}/v%2FNEW"));
    assert_eq!(sent[2].body, sent[0].body);
    assert_eq!(stage.pauses(), [5, 10]);
}

#[tokio::test]
async fn refusals_and_what_is_not_sent() {
    let stage = Stage::answering([ResponseTemplate::new(401)]).await;
    let api = stage.attributes().app_engagement();
    let error = api.open(AppType::MobileSdk).await.unwrap_err();
    assert_eq!(refusal::of(&error).unwrap().id, "app_engagement.unauthorized");
    let session = || SessionIds::new("v", "s");
    let impression = le_attributes::impression::Impression::new(ImpressionType::Close, 1, 2, 3);
    for (outcome, says) in [
        (api.open(AppType::Ivr).await.map(|_| ()), "`appType`"),
        (
            api.open(AppType::MobileSdk)
                .attribute(impression.clone())
                .await
                .map(|_| ()),
            "attributes[0]",
        ),
        (
            api.update(session(), "").impression(impression).await,
            "`pageId` is empty",
        ),
        (api.update(session(), "33").await, "without attributes"),
        (
            api.open(AppType::MobileSdk)
                .details(AppDetails::default().ip_address("here"))
                .await
                .map(|_| ()),
            "appDetails.ipAddress",
        ),
    ] {
        let error = outcome.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Validation);
        assert!(error.to_string().contains(says), "{error}");
    }
    assert_eq!(stage.sent().await.len(), 1);
}
