//! The two calls of the Monitoring API.

use le_attributes::customer::CustomerInfo;
use le_attributes::journey::Lead;
use le_attributes::monitoring::{ClientProperties, EntryPoint, Identity, SessionChange, SessionIds, Version};
use le_attributes::{DeviceFamily, ImpressionType, OperatingSystem, Sde};
use le_core::{Disposition, ErrorKind};
use serde_json::json;
use wiremock::ResponseTemplate;

use crate::stage::{APP, Stage, body, ids, offered, query};

#[tokio::test]
async fn an_engagement_call_is_sent_as_documented() {
    let stage = Stage::answering([offered(201, "v BB/2", "sAA1.00ff")]).await;
    let answer = stage
        .attributes()
        .monitoring(APP)
        .engagement()
        .identity(Identity::authenticated("https://id.example.org", "cu-7f31"))
        .entry_point(EntryPoint::page("https://shop.example/help"))
        .entry_point(EntryPoint::section("Billing"))
        .entry_point(EntryPoint::phone("4700000000"))
        .client_properties(
            ClientProperties::default()
                .device_family(DeviceFamily::Mobile)
                .system(OperatingSystem::Ios)
                .os_version("17.2")
                .ip_address("192.0.2.7"),
        )
        .attribute(CustomerInfo::default().customer_type("gold"))
        .await
        .unwrap();

    let sent = &stage.sent().await[0];
    assert_eq!(sent.method.as_str(), "POST");
    assert_eq!(sent.url.path(), format!("/api/account/70011223/app/{APP}/engagement"));
    assert_eq!(sent.url.query(), Some("v=1.1&obh=true"));
    assert!(sent.headers.get("authorization").is_none(), "the API is public");
    assert_eq!(
        body(sent),
        json!({
            "identities": [{ "iss": "https://id.example.org", "acr": "loa1", "sub": "cu-7f31" }],
            "entryPoints": ["https://shop.example/help", "sec://Billing", "tel://4700000000"],
            "clientProperties": { "deviceFamily": "MOBILE", "os": "IOS", "osName": "IOS", "osVersion": "17.2", "ipAddress": "192.0.2.7" },
            "engagementAttributes": [{ "type": "ctmrinfo", "info": { "ctype": "gold" } }],
        })
    );
    assert_eq!(answer.session, SessionChange::Replaced);
    assert_eq!(answer.ids, SessionIds::new("v BB/2", "sAA1.00ff"));
    assert_eq!(answer.page_id.as_deref(), Some("3300771"));
    assert_eq!(answer.record.extra.get("later"), Some(r#"{"x":1}"#));
    insta::assert_debug_snapshot!(answer.first().unwrap());
}

#[tokio::test]
async fn an_offer_becomes_impressions_and_the_start_of_a_conversation() {
    let stage = Stage::answering([offered(201, "vBB2", "sAA1")]).await;
    let answer = stage.attributes().monitoring(APP).engagement().await.unwrap();
    let offer = answer.first().unwrap();
    let shown = Sde::from(offer.impression(ImpressionType::Display).unwrap());
    assert_eq!(
        serde_json::to_value(&shown).unwrap(),
        json!({ "type": "impDisplay", "campaign": 700_111, "engId": 700_222, "revision": 9,
            "eContext": [{ "type": "engagementContext", "id": "1" }] })
    );
    let closed = Sde::from(offer.impression(ImpressionType::Close).unwrap());
    assert_eq!(serde_json::to_value(&closed).unwrap().get("eContext"), None);
    assert_eq!(
        serde_json::to_value(offer.conversation_start(&answer.ids)).unwrap(),
        json!({ "visitorId": "vBB2", "sessionId": "sAA1", "interactionContextId": "1", "campaignId": "700111",
            "engagementId": "700222", "lang": "nb-NO" })
    );
}

#[tokio::test]
async fn a_report_carries_the_ids_and_tells_whether_they_held() {
    let stage = Stage::answering([ids(200, "vBB2", "sAA1"), ids(201, "vBB2", "sCC3")]).await;
    let monitoring = stage
        .attributes()
        .monitoring(APP)
        .version(Version::V1_0)
        .on_behalf(false);
    let session = SessionIds::new("vBB2", "s&A=1");
    let report = monitoring
        .report([Lead::default().topic("upgrade").value(80.0)])
        .session(session.clone())
        .page_id("3300771");
    let replaced_by_body = report.clone().await.unwrap();
    // The pair was not the one that was sent, whatever the status says.
    assert!(replaced_by_body.is_replaced());
    let replaced = report.await.unwrap();
    assert_eq!(replaced.session, SessionChange::Replaced);
    assert_eq!(replaced.ids.session_id, "sCC3");
    let sent = &stage.sent().await[0];
    assert_eq!(sent.method.as_str(), "PUT");
    assert_eq!(sent.url.path(), format!("/api/account/70011223/app/{APP}/report"));
    assert_eq!(sent.url.query(), Some("v=1.0&vid=vBB2&sid=s%26A%3D1&obh=false"));
    assert_eq!(body(sent)["pageId"], "3300771");
}

#[tokio::test]
async fn a_live_session_may_answer_with_nothing_and_a_new_one_may_not() {
    let stage = Stage::answering([ResponseTemplate::new(200), ResponseTemplate::new(201)]).await;
    let session = SessionIds::new("vBB2", "sAA1");
    let report = stage
        .attributes()
        .monitoring(APP)
        .report([CustomerInfo::default().customer_type("gold")])
        .session(session.clone());
    let kept = report.clone().await.unwrap();
    assert_eq!((kept.ids, kept.session), (session, SessionChange::Kept));
    assert_eq!(report.await.unwrap_err().kind(), ErrorKind::Protocol);
}

#[tokio::test]
async fn what_is_wrong_is_not_sent() {
    let stage = Stage::answering([ids(200, "v", "s")]).await;
    let monitoring = stage.attributes().monitoring(APP);
    let gold = || CustomerInfo::default().customer_type("gold-secret");
    let session = SessionIds::new("v", "s");
    let impression = le_attributes::impression::Impression::new(ImpressionType::Close, 1, 2, 3);
    let nothing: [Sde; 0] = [];
    let cases = [
        (monitoring.report([gold()]).send().await, "names nobody"),
        (
            monitoring.report(nothing).session(session.clone()).send().await,
            "`engagementAttributes` is empty",
        ),
        (
            monitoring.engagement().attribute(impression).send().await,
            "attributes[0]",
        ),
        (monitoring.engagement().visitor_id("").send().await, "`vid` is empty"),
        (
            monitoring
                .engagement()
                .identity(Identity::unauthenticated(""))
                .send()
                .await,
            "`identities[0].sub` is missing",
        ),
        (
            monitoring
                .engagement()
                .client_properties(ClientProperties::default().ip_address("2001:db8::7"))
                .send()
                .await,
            "ipAddress",
        ),
        (
            stage.attributes().monitoring(" ").engagement().send().await,
            "app installation id is empty",
        ),
        (
            monitoring
                .report([Sde::read(r#"{"type":"purchase","cart":{}}"#).unwrap()])
                .session(session)
                .send()
                .await,
            "cart.products",
        ),
    ];
    for (outcome, says) in cases {
        let error = outcome.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Validation, "{error}");
        assert!(error.to_string().contains(says), "{says}: {error}");
        assert!(!format!("{error} {error:?}").contains("gold-secret"));
        assert_eq!(error.disposition(), Disposition::NotSent);
    }
    assert!(stage.sent().await.is_empty());
}

#[tokio::test]
async fn an_unauthenticated_customer_id_is_sent_only_where_it_was_given() {
    let stage = Stage::answering([ids(201, "v", "s")]).await;
    let monitoring = stage.attributes().monitoring(APP);
    let call = monitoring.engagement().identity(Identity::unauthenticated("6f1c"));
    call.clone()
        .attribute(CustomerInfo::default().customer_type("gold"))
        .await
        .unwrap();
    call.attribute(CustomerInfo::default().customer_id("cu-7f31"))
        .await
        .unwrap();
    let sent = stage.sent().await;
    assert_eq!(
        body(&sent[0])["engagementAttributes"][0]["info"].get("customerId"),
        None
    );
    assert_eq!(
        body(&sent[1])["engagementAttributes"][0]["info"]["customerId"],
        "cu-7f31"
    );
    assert_eq!(query(&sent[0], "vid"), None);
}

#[test]
fn nothing_personal_is_shown() {
    let client = le_core::Client::builder(le_core::AccountId::new("70011223").unwrap())
        .transport(std::sync::Arc::new(le_core::testing::ScriptedTransport::default()))
        .build()
        .unwrap();
    let call = le_attributes::Attributes::new(client)
        .monitoring(APP)
        .report([CustomerInfo::default().customer_id("ruth\r\nINFO forged")])
        .identity(Identity::authenticated("https://id.example.org", "ruth-sub"))
        .consumer_id("ruth-consumer")
        .entry_point(EntryPoint::page("https://shop.example/?mail=ruth@example.org"))
        .client_properties(ClientProperties::default().ip_address("192.0.2.99"));
    let shown = format!("{call:?}");
    for personal in ["ruth", "forged", "192.0.2.99", "example.org"] {
        assert!(!shown.contains(personal), "{personal}: {shown}");
    }
}
