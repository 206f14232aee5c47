//! The session of one visitor.

use std::time::Duration;

use le_attributes::ImpressionType;
use le_attributes::journey::SearchedContent;
use le_attributes::monitoring::{EntryPoint, Identity};
use le_attributes::reporter::NotTaken;
use le_attributes::visitor::{Visitor, VisitorSession, VisitorState};
use le_core::ErrorKind;
use serde_json::{Value, json};

use crate::service::{Fault, Service, paused};

const LONG: Duration = Duration::from_secs(100_000);

fn search(text: &str) -> SearchedContent {
    SearchedContent::of([text])
}

#[test]
fn events_stand_before_and_behind_the_question_for_the_engagement() {
    paused(async {
        let service = Service::good().offering();
        let session = VisitorSession::start(service.monitoring(), Visitor::new("browser-7")).unwrap();
        session.turn_page([EntryPoint::section("Billing")]);
        session.report(search("a")).unwrap();
        session.report(search("b")).unwrap();
        let asking = session.engagement();
        let (answer, ()) = tokio::join!(asking, async { session.report(search("c")).unwrap() });
        session.flush(LONG).await.unwrap();
        let calls: Vec<(String, usize)> = service
            .done()
            .iter()
            .map(|done| (done.call.clone(), done.events().len()))
            .collect();
        let call = |call: &str, events| (call.to_owned(), events);
        assert_eq!(
            calls,
            [
                call("engagement", 0),
                call("report", 2),
                call("engagement", 0),
                call("report", 1)
            ]
        );
        assert_eq!(service.done()[2].body, json!({ "entryPoints": ["sec://Billing"] }));
        let answer = answer.unwrap();
        assert_eq!(Some(answer.ids.clone()), session.ids());
        let start = session.conversation_start().unwrap();
        assert_eq!(
            serde_json::to_value(start).unwrap(),
            json!({ "visitorId": "v1", "sessionId": "s1",
            "interactionContextId": "c-s1", "campaignId": "1", "engagementId": "2" })
        );
        assert_eq!(
            service.done()[3].body["pageId"],
            "p1",
            "the page of the answer is used on"
        );
    });
}

#[test]
fn impressions_go_out_only_while_the_session_holds_their_context() {
    paused(async {
        let service = Service::failing(|number| if number == 2 { Fault::Forgetful } else { Fault::None }).offering();
        let visitor = Visitor::new("browser-7").identity(Identity::unauthenticated("sub-7"));
        let session = VisitorSession::start(service.monitoring(), visitor).unwrap();
        let answer = session.engagement().await.unwrap();
        let offer = answer.first().unwrap();
        session.impression(offer, ImpressionType::Display).unwrap();
        session.flush(LONG).await.unwrap();
        assert_eq!(service.done()[1].events()[0]["type"], "impDisplay");
        // The service forgets the session: what waits for it is void, the rest goes into the new one.
        session.impression(offer, ImpressionType::Accept).unwrap();
        session.report(search("a")).unwrap();
        session.flush(LONG).await.unwrap();
        let last: Vec<Value> = service.done()[2].events();
        assert_eq!((last.len(), &last[0]["type"]), (1, &Value::from("searchInfo")));
        assert!(matches!(
            session.impression(offer, ImpressionType::Close),
            Err(NotTaken::NoContext)
        ));
        assert!(session.state().contexts.is_empty());
    });
}

#[test]
fn half_an_hour_and_six_hours_are_hints() {
    paused(async {
        let service = Service::good().offering();
        let session = VisitorSession::start(service.monitoring(), Visitor::new("browser-7")).unwrap();
        assert!(session.expects_new_session());
        let answer = session.engagement().await.unwrap();
        assert!(!session.expects_new_session());
        tokio::time::sleep(Duration::from_secs(31 * 60)).await;
        assert!(session.expects_new_session());
        let offer = answer.first().unwrap();
        assert!(matches!(
            session.impression(offer, ImpressionType::Display),
            Err(NotTaken::NoContext)
        ));
        // The service decides: it goes on with the session, so the session holds.
        session.report(search("a")).unwrap();
        session.flush(LONG).await.unwrap();
        assert!(!session.expects_new_session());
        for _ in 0..12 {
            tokio::time::sleep(Duration::from_secs(29 * 60)).await;
            session.report(search("b")).unwrap();
            session.flush(LONG).await.unwrap();
        }
        assert!(session.expects_new_session(), "older than six hours");
    });
}

#[test]
fn another_process_goes_on_with_the_state() {
    let service = Service::failing(|number| if number == 1 { Fault::DoneAndBroken } else { Fault::None }).offering();
    let state: VisitorState = paused(async {
        let session = VisitorSession::start(service.monitoring(), Visitor::new("browser-7")).unwrap();
        session.engagement().await.unwrap();
        session.report(search("a")).unwrap();
        session.report(search("b")).unwrap();
        // The process dies before the service acknowledged them.
        tokio::time::sleep(Duration::from_secs(1)).await;
        let written = serde_json::to_string(&session.state()).unwrap();
        assert!(!format!("{:?}", session.state()).contains("\"a\""));
        serde_json::from_str(&written).unwrap()
    });
    assert_eq!(state.undelivered.len(), 2);
    paused(async {
        let session = VisitorSession::start(service.monitoring(), Visitor::new("browser-7").state(state)).unwrap();
        session.report(search("c")).unwrap();
        session.flush(LONG).await.unwrap();
        assert_eq!(service.searches(), ["a", "b", "a", "b", "c"]);
        assert!(service.done().iter().all(|done| done.session == "s1"), "no new session");
        assert!(session.conversation_start().is_some());
    });
}

#[test]
fn a_login_changes_who_the_visitor_is_and_not_the_session() {
    paused(async {
        let service = Service::good();
        let session = VisitorSession::start(service.monitoring(), Visitor::new("browser-7")).unwrap();
        session.report(search("a")).unwrap();
        session.flush(LONG).await.unwrap();
        let known = Visitor::new("unused").identity(Identity::authenticated("https://id.example.org", "cu-7f31"));
        session.describe(known).unwrap();
        session.report(search("b")).unwrap();
        session.flush(LONG).await.unwrap();
        let last = service.done().pop().unwrap();
        assert_eq!(
            (last.session.as_str(), &last.body["identities"][0]["sub"]),
            ("s1", &Value::from("cu-7f31"))
        );
    });
}

#[test]
fn who_waits_for_the_engagement_is_told_when_it_is_given_up() {
    paused(async {
        let service = Service::failing(|number| {
            if number < 5 {
                Fault::Status(202, 38, "Loading account: 1, vid: v9")
            } else {
                Fault::None
            }
        });
        let session = VisitorSession::start(service.monitoring(), Visitor::new("browser-7")).unwrap();
        let begun = tokio::time::Instant::now();
        let error = session.engagement().await.unwrap_err();
        assert_eq!((error.kind(), error.code()), (ErrorKind::Server, Some("38")));
        assert_eq!(begun.elapsed().as_secs(), 3 + 10 + 30 + 90);
        let answer = session.engagement().await.unwrap();
        assert_eq!(answer.ids.visitor_id, "v9", "the visitor of the loading answer");
        let refused = Service::failing(|_| Fault::Status(404, 18, "app"));
        let session = VisitorSession::start(refused.monitoring(), Visitor::new("browser-7")).unwrap();
        let error = session.engagement().await.unwrap_err();
        assert_eq!(le_attributes::refusal::of(&error).unwrap().id, "monitoring.app_unknown");
    });
}
