//! Every documented refusal has its words.

use le_attributes::customer::CustomerInfo;
use le_attributes::monitoring::SessionIds;
use le_attributes::refusal;
use le_core::ErrorKind;
use le_core::retry::RetryPolicy;
use wiremock::ResponseTemplate;

use crate::stage::{APP, Stage, refusal as refused};

#[tokio::test]
async fn every_code_of_the_monitoring_api() {
    let cases = [
        (400, 33, "monitoring.version_unsupported", ErrorKind::InvalidRequest),
        (400, 5, "monitoring.member_invalid", ErrorKind::InvalidRequest),
        (404, 18, "monitoring.app_unknown", ErrorKind::NotFound),
        (404, 37, "monitoring.visitor_invalid", ErrorKind::NotFound),
        (404, 39, "monitoring.session_invalid", ErrorKind::NotFound),
        (404, 12, "monitoring.session_gone", ErrorKind::NotFound),
        (404, 6, "monitoring.account_unknown", ErrorKind::NotFound),
        (500, 18, "monitoring.unexpected", ErrorKind::Server),
        (500, 20, "monitoring.account_loading", ErrorKind::Server),
        (202, 38, "monitoring.account_loading_accepted", ErrorKind::Server),
        (503, 0, "monitoring.unavailable", ErrorKind::Server),
    ];
    for (status, code, id, kind) in cases {
        let stage = Stage::answering([refused(status, code, "customerId of ruth@example.org")]).await;
        let report = stage
            .attributes()
            .monitoring(APP)
            .report([CustomerInfo::default().customer_id("x")])
            .session(SessionIds::new("v", "s"))
            .with_retry(RetryPolicy::never());
        let error = report.await.unwrap_err();
        let problem = refusal::of(&error).unwrap();
        assert_eq!((problem.id, error.kind()), (id, kind));
        assert!(
            error.to_string().contains(problem.meaning.trim_end_matches('.')),
            "{error}"
        );
        assert!(
            !format!("{error} {error:?}").contains("ruth"),
            "the service's text may be personal"
        );
        assert_eq!(error.vendor_message(), Some("customerId of ruth@example.org"));
    }
}

#[tokio::test]
async fn a_gateway_keeps_its_words() {
    let stage = Stage::answering([ResponseTemplate::new(404).set_body_string("<html>not here</html>")]).await;
    let error = stage.attributes().monitoring(APP).engagement().await.unwrap_err();
    assert!(error.to_string().contains("HTML"), "{error}");
}
