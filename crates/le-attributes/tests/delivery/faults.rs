//! Each fault of the calls, once, for a reporter.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use le_attributes::customer::CustomerInfo;
use le_attributes::journey::SearchedContent;
use le_attributes::monitoring::{Identity, SessionIds};
use le_attributes::reporter::{Delivery, Loss, LossReason, NotTaken, Reporter, ReporterBuilder};
use le_attributes::visitor::Visitor;
use serde_json::Value;

use crate::service::{Fault, Service, paused};

const LONG: Duration = Duration::from_secs(100_000);

fn search(text: &str) -> SearchedContent {
    SearchedContent::of([text])
}

fn ruth() -> Visitor {
    Visitor::new("ruth").identity(Identity::authenticated("https://id.example.org", "cu-7f31"))
}

type Losses = Arc<Mutex<Vec<Loss>>>;

fn telling(builder: ReporterBuilder) -> (Reporter, Losses) {
    let losses = Losses::default();
    let told = Arc::clone(&losses);
    let reporter = builder
        .on_loss(move |loss| told.lock().unwrap().push(loss.clone()))
        .start();
    (reporter, losses)
}

#[test]
fn a_session_that_expires_in_the_middle_is_begun_anew_with_the_same_events() {
    paused(async {
        let service = Service::failing(|number| if number == 1 { Fault::Forgetful } else { Fault::None });
        let (reporter, losses) = telling(Reporter::builder(service.monitoring()).batch_events(2));
        for text in ["a", "b", "c", "d", "e"] {
            reporter.report(&ruth(), [search(text)]).unwrap();
        }
        reporter.flush(LONG).await.unwrap();
        assert_eq!(service.searches(), ["a", "b", "c", "d", "e"]);
        let sessions: Vec<String> = service.done().into_iter().map(|done| done.session).collect();
        assert_eq!(sessions, ["s1", "s2", "s2"]);
        assert!(losses.lock().unwrap().is_empty());
        assert_eq!(reporter.state("ruth").unwrap().session_id.as_deref(), Some("s2"));
    });
}

#[test]
fn a_new_session_that_the_service_opens_by_itself_is_taken_over() {
    paused(async {
        let service = Service::good();
        let reporter = Reporter::builder(service.monitoring()).start();
        let visitor = ruth().session(SessionIds::new("vOLD", "sOLD"));
        reporter.report(&visitor, [search("a")]).unwrap();
        reporter.flush(LONG).await.unwrap();
        reporter.report(&visitor, [search("b")]).unwrap();
        reporter.flush(LONG).await.unwrap();
        let ids = reporter.state("ruth").unwrap().ids().unwrap();
        assert_eq!(ids, SessionIds::new("vOLD", "s1"), "201 replaces the session");
        assert_eq!(service.done()[1].session, "s1");
    });
}

#[test]
fn a_visitor_whom_nothing_names_is_opened_first_and_again_when_the_vid_is_lost() {
    paused(async {
        let service = Service::failing(|number| {
            if number == 2 {
                Fault::Status(404, 37, "vid")
            } else {
                Fault::None
            }
        });
        let (reporter, losses) = telling(Reporter::builder(service.monitoring()));
        let nobody = Visitor::new("nobody");
        reporter.report(&nobody, [search("a")]).unwrap();
        reporter.flush(LONG).await.unwrap();
        reporter.report(&nobody, [search("b")]).unwrap();
        reporter.flush(LONG).await.unwrap();
        let calls: Vec<(String, String)> = service
            .done()
            .into_iter()
            .map(|done| (done.call, done.visitor))
            .collect();
        let call = |call: &str, visitor: &str| (call.to_owned(), visitor.to_owned());
        assert_eq!(
            calls,
            [
                call("engagement", "v1"),
                call("report", "v1"),
                call("engagement", "v2"),
                call("report", "v2")
            ]
        );
        assert_eq!(service.searches(), ["a", "b"]);
        assert!(losses.lock().unwrap().is_empty());
    });
}

#[test]
fn a_session_that_is_never_known_is_a_told_loss_and_not_an_endless_loop() {
    paused(async {
        let service = Service::failing(|number| {
            if number < 2 {
                Fault::Status(404, 39, "sid")
            } else {
                Fault::None
            }
        });
        let (reporter, losses) = telling(Reporter::builder(service.monitoring()));
        reporter.report(&ruth(), [search("a")]).unwrap();
        reporter.flush(LONG).await.unwrap();
        reporter.report(&ruth(), [search("b")]).unwrap();
        reporter.flush(LONG).await.unwrap();
        assert_eq!(service.searches(), ["b"]);
        let losses = losses.lock().unwrap();
        assert_eq!(
            (losses.len(), losses[0].events, losses[0].reason),
            (1, 1, LossReason::Refused)
        );
        assert!(losses[0].error.is_some());
    });
}

#[test]
fn loading_for_long_keeps_the_events_and_takes_the_visitor_up() {
    paused(async {
        let loading = "Loading account: 70011223, vid: vNEW";
        let service = Service::failing(move |number| match number {
            0..=5 => Fault::Status(202, 38, loading),
            6 => Fault::Status(500, 20, loading),
            _ => Fault::None,
        });
        let begun = tokio::time::Instant::now();
        let reporter = Reporter::builder(service.monitoring()).linger(Duration::ZERO).start();
        reporter.report(&ruth(), [search("a")]).unwrap();
        reporter.flush(LONG).await.unwrap();
        assert_eq!(service.done()[0].visitor, "vNEW");
        // 3, 10, 30, and then every 90 seconds.
        assert_eq!(begun.elapsed().as_secs(), 3 + 10 + 30 + 90 * 4);
    });
}

#[test]
fn loading_forever_ends_with_the_deadline_and_what_is_left_is_told() {
    paused(async {
        let service = Service::failing(|_| Fault::Status(202, 38, "Loading account: 70011223"));
        let (reporter, losses) = telling(Reporter::builder(service.monitoring()));
        reporter.report(&ruth(), [search("a"), search("b")]).unwrap();
        let unsent = reporter.flush(Duration::from_secs(600)).await.unwrap_err();
        assert_eq!(unsent.events, 2, "it stays to be delivered");
        let stats = reporter.shutdown(Duration::from_secs(60)).await;
        assert_eq!((stats.lost, stats.waiting, stats.waiting_bytes), (2, 0, 0));
        assert_eq!(losses.lock().unwrap()[0].reason, LossReason::ShutDown);
        assert!(matches!(
            reporter.report(&ruth(), [search("c")]),
            Err(NotTaken::ShutDown)
        ));
    });
}

#[test]
fn a_burst_of_failures_loses_nothing_and_few_requests_are_sent_meanwhile() {
    paused(async {
        let service = Service::failing(|number| {
            if number < 60 {
                Fault::Status(503, 0, "busy")
            } else {
                Fault::None
            }
        });
        let (reporter, losses) = telling(
            Reporter::builder(service.monitoring())
                .concurrency(16)
                .linger(Duration::ZERO),
        );
        for number in 0..200 {
            let visitor = Visitor::new(format!("k{number}")).identity(Identity::unauthenticated(format!("s{number}")));
            reporter
                .report(
                    &visitor,
                    [search(&format!("{number}/1")), search(&format!("{number}/2"))],
                )
                .unwrap();
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
        assert!(
            service.requests() < 16 + 2 * 12,
            "an outage is not multiplied: {}",
            service.requests()
        );
        let stats = reporter.shutdown(LONG).await;
        assert_eq!((stats.delivered, stats.lost), (400, 0));
        assert!(losses.lock().unwrap().is_empty());
        let searches = service.searches();
        for number in 0..200 {
            let of_visitor: Vec<&str> = searches
                .iter()
                .map(String::as_str)
                .filter(|text| text.starts_with(&format!("{number}/")))
                .collect();
            assert_eq!(of_visitor, [format!("{number}/1"), format!("{number}/2")]);
        }
    });
}

#[test]
fn the_event_at_fault_is_found_and_the_others_are_delivered() {
    paused(async {
        let service = Service::good();
        let (reporter, losses) = telling(Reporter::builder(service.monitoring()).batch_events(32));
        let mut wanted = Vec::new();
        for number in 0..32 {
            let text = if number == 21 {
                "poison".to_owned()
            } else {
                number.to_string()
            };
            reporter.report(&ruth(), [search(&text)]).unwrap();
            wanted.push(text);
        }
        reporter.flush(LONG).await.unwrap();
        wanted.retain(|text| text != "poison");
        assert_eq!(service.searches(), wanted);
        let losses = losses.lock().unwrap();
        assert_eq!(
            (losses.len(), losses[0].events, losses[0].reason),
            (1, 1, LossReason::Refused)
        );
        let error = losses[0].error.as_ref().unwrap();
        assert_eq!(
            (error.code(), error.vendor_message()),
            (Some("5"), Some("keywords is invalid"))
        );
        assert!(
            service.requests() < 24,
            "it is looked for by halves: {}",
            service.requests()
        );
    });
}

#[test]
fn what_is_too_large_is_split_and_what_is_too_large_alone_is_told() {
    paused(async {
        let service = Service::good().largest(400);
        let (reporter, losses) = telling(Reporter::builder(service.monitoring()));
        for text in ["a", "b", &"x".repeat(600), "c", &"y".repeat(150), &"z".repeat(150)] {
            reporter.report(&ruth(), [search(text)]).unwrap();
        }
        reporter.flush(LONG).await.unwrap();
        let lengths: Vec<usize> = service.searches().iter().map(String::len).collect();
        assert_eq!(lengths, [1, 1, 1, 150, 150]);
        let losses = losses.lock().unwrap();
        assert_eq!((losses.len(), losses[0].reason), (1, LossReason::TooLarge));
    });
}

#[test]
fn at_most_once_loses_what_is_appended_and_repeats_what_is_replaced() {
    paused(async {
        let service = Service::failing(|number| if number == 0 { Fault::DoneAndBroken } else { Fault::None });
        let (reporter, losses) = telling(Reporter::builder(service.monitoring()).delivery(Delivery::AtMostOnce));
        let events = [
            CustomerInfo::default().customer_type("gold").into(),
            le_attributes::Sde::from(search("a")),
        ];
        reporter.report(&ruth(), events).unwrap();
        reporter.flush(LONG).await.unwrap();
        let kinds: Vec<Vec<Value>> = service
            .done()
            .iter()
            .map(|done| done.events().iter().map(|event| event["type"].clone()).collect())
            .collect();
        assert_eq!(
            kinds,
            [
                vec![Value::from("ctmrinfo"), "searchInfo".into()],
                vec!["ctmrinfo".into()]
            ]
        );
        let losses = losses.lock().unwrap();
        assert_eq!(
            (losses.len(), losses[0].events, losses[0].reason),
            (1, 1, LossReason::InDoubt)
        );
    });
}

#[test]
fn hostile_strings_travel_unchanged_and_are_shown_nowhere() {
    paused(async {
        let service = Service::failing(|number| {
            if number == 0 {
                Fault::Status(404, 18, "app\r\nINFO forged")
            } else {
                Fault::None
            }
        });
        let (reporter, losses) = telling(Reporter::builder(service.monitoring()));
        let hostile = "\"}],\"identities\":[{\"sub\":\"root\"}]\r\nERROR forged\u{1b}[31m</script>";
        let visitor = Visitor::new(hostile).identity(Identity::unauthenticated(hostile));
        reporter.report(&visitor, [search("lost")]).unwrap();
        reporter.flush(LONG).await.unwrap();
        reporter.report(&visitor, [search(hostile)]).unwrap();
        reporter.flush(LONG).await.unwrap();
        assert_eq!(service.searches(), [hostile]);
        assert_eq!(service.done()[0].body["identities"][0]["sub"], hostile);
        assert_eq!(service.done()[0].body["identities"].as_array().unwrap().len(), 1);
        let losses = losses.lock().unwrap();
        let shown = format!(
            "{losses:?} {:?} {:?} {:?} {}",
            visitor,
            reporter,
            reporter.state(hostile),
            losses[0].error.as_ref().unwrap()
        );
        assert!(!shown.contains("forged") && !shown.contains("root"), "{shown}");
    });
}
