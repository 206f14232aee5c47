//! Who is rung, and when.

use super::*;

#[test]
fn a_rejecting_agent_gets_a_pause_and_others_go_first() {
    let mut stage = Stage::new();
    let (one, two) = (stage.agent(1), stage.agent(2));
    let consumer = stage.consumer("c");
    let place = stage.open(consumer, -1);
    assert_eq!(stage.ring_of(place).unwrap().1, 1);
    stage.answer(one, place, false).unwrap();
    assert_eq!(stage.ring_of(place).unwrap().1, 2);
    stage.answer(two, place, false).unwrap();
    assert_eq!(stage.ring_of(place), None, "both said no just now");
    assert_eq!(stage.engine.next_due(), Some(BEGIN + 5_000));
    stage.pass(5_000);
    assert_eq!(stage.ring_of(place).unwrap().1, 1);
    stage.pass(72_000);
    assert_eq!(
        stage.ring_of(place).unwrap().1,
        2,
        "the other one, who was rung longer ago"
    );
}

#[test]
fn ids_of_rings_differ_even_within_a_millisecond() {
    let mut stage = Stage::with(|rules| rules.ring_again_ms = 0);
    let agent = stage.agent(1);
    let consumer = stage.consumer("c");
    let place = stage.open(consumer, -1);
    let mut seen = Vec::new();
    for _ in 0..4 {
        let (ring, _) = stage.ring_of(place).unwrap();
        assert!(!seen.contains(&ring));
        seen.push(ring);
        stage.answer(agent, place, false).unwrap();
    }
}

#[test]
fn the_least_busy_agent_is_rung_and_the_one_due_first_goes_first() {
    let mut stage = Stage::with(|rules| rules.capacity = 2);
    let consumers: Vec<LinkId> = ["a", "b", "c"].map(|id| stage.consumer(id)).to_vec();
    let late = stage.open(consumers[0], -1);
    stage.now += 10;
    let urgent = stage.open(consumers[1], -1);
    let change = Change::Ttr {
        kind: "URGENT".to_owned(),
        value: 60,
    };
    stage.change(consumers[1], urgent, vec![change]).unwrap();
    let one = stage.agent(1);
    assert!(
        stage.ring_of(urgent).is_some() && stage.ring_of(late).is_some(),
        "there is room for both"
    );
    stage.answer(one, urgent, true).unwrap();
    stage.answer(one, late, true).unwrap();
    let third = stage.open(consumers[2], -1);
    assert_eq!(stage.ring_of(third), None, "the agent is full");
    stage.agent(2);
    assert_eq!(stage.ring_of(third).unwrap().1, 2);
}
