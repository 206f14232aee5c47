//! External engagement (IVR).

use std::sync::Arc;

use le_attributes::journey::ServiceActivity;
use le_attributes::{Attributes, refusal};
use le_core::discover::FixedBase;
use le_core::testing::{Scripted, ScriptedTransport};
use le_core::{AccountId, BaseUri, Client, ErrorKind};
use serde_json::json;

use crate::stage::{Stage, answer, body};

#[tokio::test]
async fn a_link_is_given_and_never_shown() {
    let details = json!({ "urlToChat": "https://s.example/one-time-77", "validForSeconds": 120, "expectedWaitTimeSeconds": "30", "queueSize": 2 });
    let stage = Stage::answering([answer(
        200,
        json!({ "status": "Available", "engagementDetails": details }),
    )])
    .await;
    let call = stage.attributes().external_engagement().create();
    let offer = call
        .section("Billing")
        .attribute(ServiceActivity::default().topic("card"))
        .await
        .unwrap();
    assert_eq!(offer.url().unwrap().expose(), "https://s.example/one-time-77");
    insta::assert_debug_snapshot!(offer);
    let sent = &stage.sent().await[0];
    assert_eq!(sent.url.path(), "/api/account/70011223/external/engagement");
    assert_eq!(sent.url.query(), Some("v=1.0"));
    assert!(
        sent.headers.contains_key("authorization"),
        "signed, where the client has a credential"
    );
    assert_eq!(
        body(sent),
        json!({ "appType": "IVR", "consumerSections": ["Billing"],
            "engagementAttributes": [{ "type": "service", "service": { "topic": "card" } }] })
    );
}

#[tokio::test]
async fn not_available_is_spelt_in_two_ways() {
    for status in ["Not Available", "NotAvailable"] {
        let stage = Stage::answering([answer(200, json!({ "status": status }))]).await;
        let offer = stage.attributes().external_engagement().create().await.unwrap();
        assert!(!offer.is_available() && offer.url().is_none());
    }
}

#[tokio::test]
async fn the_error_body_of_its_own_is_read() {
    let body = json!({ "time": "2024-05-02T10:11:12.000+0000", "message": "illegal version", "internalCode": "33" });
    let stage = Stage::answering([answer(400, body)]).await;
    let error = stage.attributes().external_engagement().create().await.unwrap_err();
    assert_eq!(
        refusal::of(&error).unwrap().id,
        "external_engagement.version_unsupported"
    );
    assert_eq!(error.code(), Some("33"));
}

#[tokio::test]
async fn without_a_credential_it_is_sent_unsigned_and_a_401_says_what_is_missing() {
    let transport = ScriptedTransport::new([Scripted::status(401, "")]);
    let client = Client::builder(AccountId::new("70011223").unwrap())
        .transport(Arc::new(transport.clone()))
        .discover(Arc::new(FixedBase(BaseUri::new("lo.v.liveperson.net").unwrap())))
        .build()
        .unwrap();
    let error = Attributes::new(client)
        .external_engagement()
        .create()
        .await
        .unwrap_err();
    assert!(transport.sent()[0].headers.get("authorization").is_none());
    assert_eq!(error.kind(), ErrorKind::Authentication);
    assert!(error.to_string().contains("IVR Engagement"), "{error}");
}
