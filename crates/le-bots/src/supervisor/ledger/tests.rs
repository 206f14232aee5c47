use proptest::prelude::*;

use super::*;
use crate::event::Event;

const DIALOG: &str = "d";

fn event(sequence: i64) -> DialogEvent {
    DialogEvent {
        sequence: Some(sequence.into()),
        dialog_id: Some(DIALOG.into()),
        event: Some(Event::text(sequence.to_string())),
        ..DialogEvent::default()
    }
}

/// A ledger of one dialog, and what it handed over.
struct Desk {
    ledger: Ledger,
    handed: Vec<i64>,
    room: usize,
}

impl Desk {
    fn new(mutation: Mutation) -> Self {
        let mut ledger = Ledger::new(mutation);
        ledger.follow(&"c".into(), &DIALOG.into(), -1, -1);
        Self {
            ledger,
            handed: Vec::new(),
            room: usize::MAX,
        }
    }

    fn with<T>(&mut self, act: impl FnOnce(&mut Ledger, &mut Outlet<'_>) -> T) -> T {
        let mut events = Handed::default();
        let mut outlet = Outlet {
            events: &mut events,
            room: self.room,
        };
        let result = act(&mut self.ledger, &mut outlet);
        self.room = outlet.room;
        self.handed.extend(events.iter().map(|event| event.key().unwrap().1));
        result
    }

    fn live(&mut self, sequence: i64) -> Arrival {
        self.with(|ledger, outlet| ledger.arrive(Box::new(event(sequence)), outlet))
    }

    /// Answers one question from a history that has these events, in pages of this size. Gives whether there was one.
    fn answer(&mut self, history: &[i64], page: usize) -> bool {
        let Some(question) = self.ledger.ask() else {
            return false;
        };
        let events = history.iter().filter(|sequence| **sequence >= question.from - 1);
        let events = events.take(page).map(|sequence| event(*sequence)).collect();
        self.with(|ledger, outlet| ledger.page(&DIALOG.into(), question.from, events, outlet));
        true
    }

    fn settle(&mut self, history: &[i64], page: usize) {
        for _ in 0..1_000 {
            if !self.answer(history, page) {
                return;
            }
        }
        panic!("it never stops asking");
    }
}

#[test]
fn what_is_passed_needs_no_handling_once_the_reader_is_done() {
    let dialog = DIALOG.into();
    let mut desk = Desk::new(Mutation::None);
    desk.with(|ledger, out| ledger.whole(&dialog, 0, vec![event(0)], out));
    assert!(desk.ledger.pass(DIALOG, 1), "it is its turn");
    assert!(!desk.ledger.pass(DIALOG, 1), "once");
    assert!(!desk.ledger.pass(DIALOG, 3), "another is missing before it");
    assert_eq!(desk.ledger.next(&dialog), Some(2));
    let handled = |desk: &Desk| desk.ledger.positions().next().map(|(.., handled)| handled);
    assert_eq!(handled(&desk), Some(-1), "the one before it is not handled yet");
    desk.ledger.handled(&dialog, 0);
    assert_eq!(handled(&desk), Some(1));
    assert!(desk.ledger.pass(DIALOG, 2));
    assert_eq!(handled(&desk), Some(2), "nothing that was handed over waits");
    desk.with(|ledger, out| ledger.arrive(Box::new(event(3)), out));
    assert!(desk.ledger.pass(DIALOG, 4));
    // Whoever leaves in the middle has all behind the last that it got told again.
    assert_eq!(
        (desk.handed.clone(), desk.ledger.forget(&dialog)),
        (vec![0, 3], Some((3, 2)))
    );
}

#[test]
fn a_gap_is_asked_for_and_filled() {
    let mut desk = Desk::new(Mutation::None);
    desk.settle(&[0, 1], 200);
    assert_eq!(desk.live(4), Arrival::Early);
    assert_eq!(desk.handed, [0, 1]);
    desk.settle(&[0, 1, 2, 3, 4], 200);
    assert_eq!(desk.handed, [0, 1, 2, 3, 4]);
    assert_eq!(desk.live(3), Arrival::Known);
    assert_eq!(desk.live(5), Arrival::Handed);
    assert!(desk.ledger.is_all_settled());
}

#[test]
fn sequences_that_the_history_does_not_have_are_passed_over() {
    let mut desk = Desk::new(Mutation::None);
    desk.settle(&[0, 2, 5], 2);
    assert_eq!(desk.handed, [0, 2, 5]);
    // The server counted something that it does not tell, such as a private note: asked for, then believed.
    desk.live(8);
    desk.settle(&[0, 2, 5], 200);
    assert_eq!(desk.handed, [0, 2, 5, 8]);
    assert!(desk.ledger.is_all_settled());
}

#[test]
fn a_hint_that_nobody_can_follow_is_dropped() {
    let mut desk = Desk::new(Mutation::None);
    desk.settle(&[], 200);
    desk.ledger.heard_of(&DIALOG.into(), 7);
    desk.settle(&[], 200);
    assert!(desk.handed.is_empty());
    assert_eq!(desk.live(0), Arrival::Handed);
}

#[test]
fn a_refusal_ends_the_asking_until_something_changes() {
    let mut desk = Desk::new(Mutation::None);
    assert!(desk.ledger.ask().is_some());
    desk.ledger.refused(&DIALOG.into());
    assert!(desk.ledger.ask().is_none() && desk.ledger.is_all_settled());
    desk.ledger.changed(&DIALOG.into());
    desk.settle(&[0], 200);
    assert_eq!(desk.handed, [0]);
}

#[test]
fn what_was_not_handed_over_cannot_be_handled() {
    let mut desk = Desk::new(Mutation::None);
    desk.settle(&[0, 1, 2], 200);
    desk.ledger.handled(&DIALOG.into(), 1);
    desk.ledger.handled(&DIALOG.into(), 0);
    assert_eq!(desk.ledger.positions().next().unwrap().2, 1);
    desk.ledger.handled(&DIALOG.into(), 99);
    assert_eq!(desk.ledger.positions().next().unwrap().2, 2);
}

#[test]
fn going_back_delivers_again() {
    let mut desk = Desk::new(Mutation::None);
    desk.settle(&[0, 1, 2], 200);
    desk.ledger.rewind(&DIALOG.into(), 0);
    desk.settle(&[0, 1, 2], 200);
    assert_eq!(desk.handed, [0, 1, 2, 1, 2]);
}

/// Something that happens to a link.
#[derive(Debug, Clone)]
enum Step {
    /// The server stores so many events, and tells of each this often (0: it never comes).
    Stored(Vec<u8>),
    /// Those told of arrive, in an order that this number makes.
    Arrive(u64),
    /// The connection ends; what was under way is lost.
    Drop,
    /// One question is answered, by pages of this size.
    Answer(usize),
    /// The reader makes room.
    Room(usize),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        3 => proptest::collection::vec(0_u8..3, 1..8).prop_map(Step::Stored),
        3 => any::<u64>().prop_map(Step::Arrive),
        1 => Just(Step::Drop),
        3 => (1_usize..6).prop_map(Step::Answer),
        2 => (0_usize..5).prop_map(Step::Room),
    ];
    proptest::collection::vec(step, 1..60)
}

/// Plays the steps, then lets everything come to rest. Gives what was handed over, and what the server has.
fn play(steps: &[Step], holes: u64, mutation: Mutation) -> (Vec<i64>, Vec<i64>) {
    let mut desk = Desk::new(mutation);
    desk.room = 3;
    let (mut history, mut next, mut pending) = (Vec::new(), 0, Vec::new());
    for step in steps {
        match step {
            Step::Stored(copies) => {
                for count in copies {
                    // Sequences that are counted and never told.
                    next += i64::from(holes >> (next % 61) & 1 == 1);
                    history.push(next);
                    pending.extend(std::iter::repeat_n(next, usize::from(*count)));
                    next += 1;
                }
            }
            Step::Arrive(order) => {
                let mut random = fastrand::Rng::with_seed(*order);
                random.shuffle(&mut pending);
                for sequence in pending.drain(..) {
                    desk.live(sequence);
                }
            }
            Step::Drop => {
                pending.clear();
                desk.ledger.disconnected();
            }
            Step::Answer(page) => drop(desk.answer(&history, *page + 1)),
            Step::Room(more) => desk.room = desk.room.saturating_add(*more),
        }
    }
    // The last connection ends and comes back, the reader reads everything.
    desk.ledger.disconnected();
    desk.room = usize::MAX;
    desk.settle(&history, 3);
    (desk.handed, history)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn each_event_is_handed_over_once_and_in_order(steps in steps(), holes in any::<u64>()) {
        let (handed, history) = play(&steps, holes, Mutation::None);
        prop_assert_eq!(handed, history);
    }
}

#[test]
fn without_its_parts_events_are_lost_or_doubled() {
    let stored = Step::Stored(vec![1, 1]);
    let dropped = [
        stored.clone(),
        Step::Arrive(1),
        Step::Answer(5),
        Step::Drop,
        Step::Stored(vec![0]),
    ];
    let (handed, history) = play(&dropped, 0, Mutation::SkipCatchUp);
    assert!(
        handed.len() < history.len(),
        "what happened while away is missed: {handed:?}"
    );
    let (handed, history) = play(&dropped, 0, Mutation::SkipDeduplication);
    assert!(handed.len() > history.len(), "what was known comes again: {handed:?}");
}
