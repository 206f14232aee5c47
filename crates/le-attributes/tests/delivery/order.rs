//! What always holds, whatever goes wrong: the order of each visitor, and that each event is delivered or told as lost.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use le_attributes::journey::SearchedContent;
use le_attributes::monitoring::Identity;
use le_attributes::reporter::{Delivery, Loss, LossReason, Reporter};
use le_attributes::visitor::Visitor;
use proptest::prelude::*;

use crate::service::{Fault, Service, paused};

/// A generator whose whole course follows from its seed.
fn chance(mut seed: u64) -> impl FnMut(u64) -> u64 {
    move |below| {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % below
    }
}

fn fault(roll: u64) -> Fault {
    match roll {
        0 => Fault::Status(503, 0, "busy"),
        1 => Fault::Status(500, 18, "boom"),
        2 => Fault::Status(202, 38, "Loading account: 70011223, vid: vLoad"),
        3 => Fault::Status(429, 0, "slow down"),
        4 => Fault::Done(500),
        5 => Fault::DoneAndBroken,
        6 => Fault::Unreachable,
        7 => Fault::Forgetful,
        _ => Fault::None,
    }
}

#[derive(Debug, Clone)]
struct Plan {
    seed: u64,
    visitors: usize,
    events: usize,
    /// Of ten requests so many fail, about.
    faults: u64,
    poison: u64,
    delivery: Delivery,
}

struct Course {
    service: Service,
    taken: BTreeMap<String, Vec<String>>,
    losses: Vec<Loss>,
    stats: le_attributes::reporter::Stats,
}

fn course(plan: &Plan) -> Course {
    paused(async {
        let mut roll = chance(plan.seed);
        let faults = plan.faults;
        // After a while the service is well again, so that everything can be delivered.
        let service = Service::failing(move |number| {
            if number < 400 && roll(10) < faults {
                fault(roll(8))
            } else {
                Fault::None
            }
        });
        let losses: Arc<Mutex<Vec<Loss>>> = Arc::default();
        let told = Arc::clone(&losses);
        let reporter = Reporter::builder(service.monitoring())
            .concurrency(4)
            .batch_events(5)
            .delivery(plan.delivery)
            .linger(Duration::from_millis(50))
            .on_loss(move |loss| told.lock().unwrap().push(loss.clone()))
            .start();
        let mut roll = chance(plan.seed ^ 0x5eed);
        let mut taken: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for number in 0..plan.events {
            let name = format!("k{}", roll(plan.visitors as u64));
            // Every other visitor is known by an identity; the others have to be opened.
            let visitor = Visitor::new(name.as_str());
            let visitor = if name.len() % 2 == 0 {
                visitor.identity(Identity::unauthenticated(format!("sub-{name}")))
            } else {
                visitor
            };
            let poison = if roll(100) < plan.poison { "poison" } else { "" };
            let event = format!("{name}/{number}{poison}");
            reporter
                .report(&visitor, [SearchedContent::of([event.as_str()])])
                .unwrap();
            taken.entry(name).or_default().push(event);
            if roll(4) == 0 {
                tokio::time::sleep(Duration::from_millis(roll(40_000))).await;
            }
        }
        let stats = reporter.shutdown(Duration::from_secs(100_000)).await;
        let losses = losses.lock().unwrap().clone();
        Course {
            service,
            taken,
            losses,
            stats,
        }
    })
}

/// The events in the order in which each arrived first.
fn first_arrivals(service: &Service) -> BTreeMap<String, Vec<String>> {
    let mut arrived: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for event in service.searches() {
        let of_visitor = arrived.entry(event.split('/').next().unwrap().to_owned()).or_default();
        if !of_visitor.contains(&event) {
            of_visitor.push(event);
        }
    }
    arrived
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn each_event_arrives_in_order_or_is_told_as_lost(
        seed in any::<u64>(), visitors in 1..8_usize, events in 1..150_usize, faults in 0..8_u64, poison in 0..6_u64,
    ) {
        let plan = Plan { seed, visitors, events, faults, poison, delivery: Delivery::AtLeastOnce };
        let course = course(&plan);
        let arrived = first_arrivals(&course.service);
        let mut refused = 0;
        for (visitor, taken) in &course.taken {
            let good: Vec<String> = taken.iter().filter(|event| !event.contains("poison")).cloned().collect();
            refused += taken.len() - good.len();
            let got = arrived.get(visitor).cloned().unwrap_or_default();
            // Two losses of a session in a row end in a refusal of that batch, which is told; nothing else is missing.
            let lost: usize = course.losses.iter().filter(|loss| &*loss.visitor == visitor.as_str()).map(|loss| loss.events).sum();
            prop_assert!(got.len() + lost >= taken.len(), "{visitor}: {} arrived, {lost} lost of {}", got.len(), taken.len());
            let kept: Vec<String> = good.iter().filter(|event| got.contains(event)).cloned().collect();
            prop_assert_eq!(&got, &kept, "the order of a visitor");
        }
        let lost: usize = course.losses.iter().map(|loss| loss.events).sum();
        prop_assert!(lost >= refused);
        prop_assert!(course.losses.iter().all(|loss| loss.reason == LossReason::Refused));
        prop_assert_eq!(course.stats.taken, events as u64);
        prop_assert_eq!(course.stats.lost, lost as u64);
        prop_assert_eq!(course.stats.delivered + course.stats.lost, course.stats.taken);
        prop_assert_eq!((course.stats.waiting, course.stats.waiting_bytes), (0, 0));
        prop_assert!(course.service.most_at_once() <= 4);
    }

    #[test]
    fn at_most_once_sends_nothing_twice_that_is_appended(seed in any::<u64>(), faults in 0..8_u64) {
        let plan = Plan { seed, visitors: 3, events: 80, faults, poison: 0, delivery: Delivery::AtMostOnce };
        let course = course(&plan);
        let mut arrived = course.service.searches();
        let all = arrived.len();
        arrived.sort();
        arrived.dedup();
        prop_assert_eq!(arrived.len(), all, "an event arrived twice");
        prop_assert_eq!(course.stats.delivered + course.stats.lost, course.stats.taken);
    }
}
