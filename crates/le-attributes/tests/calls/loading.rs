//! Loading answers, failures in which a report may have been carried out, and how often what is sent again.

use le_attributes::customer::CustomerInfo;
use le_attributes::journey::Lead;
use le_attributes::monitoring::{SessionIds, Version};
use le_attributes::refusal;
use le_core::retry::RetryPolicy;
use le_core::{Disposition, ErrorKind};
use wiremock::ResponseTemplate;

use crate::stage::{APP, Stage, ids, offered, query, refusal as refused};

const LOADING: &str = "Loading account: 70011223, vid: vNEW";

#[tokio::test]
async fn the_visitor_of_a_loading_answer_is_in_the_next_attempt() {
    for (version, status, code) in [(Version::V1_1, 202, 38), (Version::V1_0, 500, 20)] {
        let stage = Stage::answering([
            refused(status, code, LOADING),
            refused(status, code, "Loading account: 70011223"),
            offered(201, "vNEW", "sAA1"),
        ])
        .await;
        let monitoring = stage.attributes().monitoring(APP).version(version);
        // What is appended is repeated, too: the service has done nothing yet.
        let answer = monitoring
            .engagement()
            .attribute(Lead::default().topic("x"))
            .await
            .unwrap();
        assert_eq!(answer.ids.visitor_id, "vNEW");
        let sent = stage.sent().await;
        let visitors: Vec<_> = sent.iter().map(|request| query(request, "vid")).collect();
        let new = Some("vNEW".to_owned());
        assert_eq!(visitors, [None, new.clone(), new]);
        assert_eq!(stage.pauses(), [3, 10]);
        assert_eq!(sent[0].body, sent[2].body);
    }
}

#[tokio::test]
async fn loading_forever_ends_after_the_published_pauses() {
    for (status, code, id) in [
        (202, 38, "monitoring.account_loading_accepted"),
        (500, 20, "monitoring.account_loading"),
    ] {
        let stage = Stage::answering([refused(status, code, LOADING)]).await;
        let error = stage.attributes().monitoring(APP).engagement().await.unwrap_err();
        assert_eq!(stage.pauses(), [3, 10, 30, 90]);
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::Server, 5));
        assert_eq!(error.disposition(), Disposition::Rejected, "nothing was done");
        assert_eq!(refusal::of(&error).unwrap().id, id);
        assert_eq!(error.vendor_message(), Some(LOADING));
        assert!(!error.to_string().contains("vNEW"), "{error}");
    }
}

#[tokio::test]
async fn what_is_replaced_is_repeated_and_what_is_appended_only_on_request() {
    let session = SessionIds::new("v", "s");
    let gold = || CustomerInfo::default().customer_type("gold");
    let stage = Stage::answering([ResponseTemplate::new(503), ids(200, "v", "s")]).await;
    let report = stage
        .attributes()
        .monitoring(APP)
        .report([gold()])
        .session(session.clone());
    report.await.unwrap();
    assert_eq!(stage.pauses(), [3]);

    let stage = Stage::answering([refused(500, 18, "boom")]).await;
    let monitoring = stage.attributes().monitoring(APP);
    let report = monitoring
        .report([gold()])
        .attribute(Lead::default().topic("x"))
        .session(session);
    let error = report.clone().await.unwrap_err();
    assert_eq!(
        (stage.sent().await.len(), error.disposition()),
        (1, Disposition::MaybeApplied)
    );
    assert_eq!(refusal::of(&error).unwrap().id, "monitoring.unexpected");
    report.repeat_appended(true).await.unwrap_err();
    assert_eq!(stage.sent().await.len(), 1 + 5);
}

#[tokio::test]
async fn a_policy_of_ones_own_is_kept() {
    let stage = Stage::answering([refused(202, 38, LOADING)]).await;
    let call = stage.attributes().monitoring(APP).engagement();
    call.with_retry(RetryPolicy::never()).await.unwrap_err();
    assert!(stage.pauses().is_empty());
}
