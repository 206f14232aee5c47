//! What a reporter holds, and what it tells when that is not enough.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use le_attributes::ImpressionType;
use le_attributes::guard::Guard;
use le_attributes::impression::Impression;
use le_attributes::journey::SearchedContent;
use le_attributes::monitoring::Identity;
use le_attributes::reporter::{LossReason, NotTaken, Reporter};
use le_attributes::visitor::Visitor;

use crate::service::{Fault, Service, paused};

const LONG: Duration = Duration::from_secs(100_000);

fn search(text: &str) -> SearchedContent {
    SearchedContent::of([text])
}

fn visitor(number: usize) -> Visitor {
    Visitor::new(format!("k{number}")).identity(Identity::unauthenticated(format!("s{number}")))
}

#[test]
fn what_does_not_fit_is_refused_at_once_counted_and_told() {
    paused(async {
        let service = Service::failing(|number| if number < 3 { Fault::Unreachable } else { Fault::None });
        let losses: Arc<Mutex<Vec<(usize, LossReason)>>> = Arc::default();
        let told = Arc::clone(&losses);
        let reporter = Reporter::builder(service.monitoring())
            .events(10)
            .bytes(2_000)
            .on_loss(move |loss| told.lock().unwrap().push((loss.events, loss.reason)))
            .start();
        for number in 0..10 {
            reporter.report(&visitor(number % 3), [search("x")]).unwrap();
        }
        assert!(matches!(
            reporter.report(&visitor(0), [search("y")]),
            Err(NotTaken::NoRoom)
        ));
        let stats = reporter.stats();
        assert_eq!(
            (stats.taken, stats.not_taken, stats.waiting, stats.visitors),
            (10, 1, 10, 3)
        );
        assert_eq!(*losses.lock().unwrap(), [(1, LossReason::NoRoom)]);
        // Whoever would rather wait than lose waits.
        reporter.room().await;
        reporter.report(&visitor(0), [search("z")]).unwrap();
        let stats = reporter.shutdown(LONG).await;
        assert_eq!((stats.delivered, stats.lost), (11, 0));
        let large = search(&"x".repeat(3_000));
        let reporter = Reporter::builder(service.monitoring()).bytes(2_000).start();
        assert!(matches!(reporter.report(&visitor(0), [large]), Err(NotTaken::NoRoom)));
    });
}

#[test]
fn a_report_is_taken_whole_or_not_at_all() {
    paused(async {
        let service = Service::good();
        let reporter = Reporter::builder(service.monitoring())
            .events(2)
            .guard(Guard::default().longest_text(10))
            .start();
        assert!(matches!(
            reporter.report(&visitor(0), [search("1"), search("2"), search("3")]),
            Err(NotTaken::NoRoom)
        ));
        let refused = reporter
            .report(&visitor(0), [search("1"), search("far too long a text")])
            .unwrap_err();
        assert!(
            matches!(&refused, NotTaken::Invalid(error) if error.to_string().contains("attributes[1].keywords[0]"))
        );
        let nobody = Visitor::new("k").identity(Identity::unauthenticated(""));
        assert!(matches!(
            reporter.report(&nobody, [search("1")]),
            Err(NotTaken::Invalid(_))
        ));
        assert!(matches!(
            reporter.report(&visitor(0), [Impression::new(ImpressionType::Close, 1, 2, 3)]),
            Err(NotTaken::NoContext)
        ));
        reporter.flush(LONG).await.unwrap();
        assert_eq!((service.requests(), reporter.stats().taken), (0, 0));
    });
}

#[test]
fn events_that_come_soon_after_each_other_go_together() {
    paused(async {
        let service = Service::good();
        let reporter = Reporter::builder(service.monitoring())
            .batch_events(4)
            .linger(Duration::from_millis(200))
            .start();
        for number in 0..6 {
            reporter.report(&visitor(0), [search(&number.to_string())]).unwrap();
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
        let sizes: Vec<usize> = service.done().iter().map(|done| done.events().len()).collect();
        assert_eq!(sizes, [4, 2], "four are enough at once, two wait for more");
        reporter.report(&visitor(0), [search("6")]).unwrap();
        tokio::time::sleep(Duration::from_millis(150)).await;
        assert_eq!(service.requests(), 2);
        tokio::time::sleep(Duration::from_millis(100)).await;
        assert_eq!(service.requests(), 3);
    });
}

#[test]
fn idle_visitors_are_handed_out_and_forgotten() {
    paused(async {
        let service = Service::good();
        let gone = Arc::new(Mutex::new(Vec::<(String, Option<String>)>::new()));
        let told = Arc::clone(&gone);
        let reporter = Reporter::builder(service.monitoring())
            .visitors(2)
            .on_evicted(move |key, state| told.lock().unwrap().push((key.to_owned(), state.visitor_id.clone())))
            .start();
        let session = reporter.session(visitor(0)).unwrap();
        for number in 0..2 {
            reporter.report(&visitor(number), [search("x")]).unwrap();
            reporter.flush(LONG).await.unwrap();
        }
        // The third visitor takes the place of the idle one; the one with a session stays.
        reporter.report(&visitor(2), [search("x")]).unwrap();
        reporter.flush(LONG).await.unwrap();
        assert_eq!(*gone.lock().unwrap(), [("k1".to_owned(), Some("v2".to_owned()))]);
        tokio::time::sleep(Duration::from_secs(32 * 60)).await;
        assert_eq!(gone.lock().unwrap().len(), 2);
        assert_eq!((reporter.stats().visitors, reporter.stats().evicted), (1, 2));
        drop(session);
        tokio::time::sleep(Duration::from_secs(2 * 60)).await;
        assert_eq!(reporter.stats().visitors, 0);
        // Busy visitors are not forgotten: there is no room for a third.
        let busy = Service::failing(|_| Fault::Unreachable);
        let reporter = Reporter::builder(busy.monitoring()).visitors(2).start();
        reporter.report(&visitor(0), [search("x")]).unwrap();
        reporter.report(&visitor(1), [search("x")]).unwrap();
        assert!(matches!(
            reporter.report(&visitor(2), [search("x")]),
            Err(NotTaken::NoRoom)
        ));
    });
}

#[test]
fn the_task_ends_with_the_last_handle() {
    paused(async {
        let service = Service::failing(|_| Fault::Unreachable);
        let reporter = Reporter::builder(service.monitoring()).linger(Duration::ZERO).start();
        reporter.report(&visitor(0), [search("x")]).unwrap();
        tokio::time::sleep(Duration::from_secs(2)).await;
        let sent = service.requests();
        assert!(sent > 0);
        drop(reporter.clone());
        drop(reporter);
        tokio::time::sleep(Duration::from_secs(1_000)).await;
        assert_eq!(service.requests(), sent);
    });
}
