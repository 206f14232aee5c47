//! Messaging over real sockets, with a client that shares nothing with the simulator.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a helper of a test fails as the test does"
)]

#[path = "../client/mod.rs"]
mod client;
mod control;
mod faults;
mod features;
mod handshake;
mod knobs;
mod peer;
mod push;
mod traces;

use le_sim::{MessagingBehaviour, Sim, SimClock, account::User};

/// When the clocks of these tests begin.
pub(crate) const NOW: i64 = 1_760_000_000_000;

/// A simulator without history, whose clock stands.
pub(crate) async fn sim() -> Sim {
    sim_with(|_| {}).await
}

pub(crate) async fn sim_with(change: impl FnOnce(&mut MessagingBehaviour)) -> Sim {
    let mut behaviour = le_sim::Behaviour::default();
    change(&mut behaviour.messaging);
    Sim::builder()
        .account(client::ACCOUNT)
        .conversations(0)
        .clock(SimClock::manual(NOW))
        .behaviour(behaviour)
        .start()
        .await
        .unwrap()
}

/// An agent without manager rights who has this place among those with the skill; and the skill.
pub(crate) fn agent_of(sim: &Sim, skill: i64, place: usize) -> User {
    let humans = sim
        .users()
        .iter()
        .skip(1)
        .filter(|user| user.enabled && user.agent_group_id != -1);
    let mut of_skill = humans.filter(|user| user.user_type.code() == "1" && user.skills.contains(&skill));
    of_skill.nth(place).expect("an agent with the skill").clone()
}

/// A skill that at least two people have.
pub(crate) fn busy_skill(sim: &Sim) -> i64 {
    skill_with(sim, &[])
}

/// A skill that at least two people have and that is none of these.
pub(crate) fn skill_with(sim: &Sim, but: &[i64]) -> i64 {
    let count = |id: i64| {
        sim.users()
            .iter()
            .skip(1)
            .filter(|user| user.enabled && user.skills.contains(&id))
            .count()
    };
    sim.account()
        .skills
        .iter()
        .map(|skill| skill.id)
        .find(|id| !but.contains(id) && count(*id) > 2)
        .expect("a skill with agents")
}

/// A bot with manager rights.
pub(crate) fn bot(sim: &Sim) -> User {
    sim.users()
        .iter()
        .find(|user| user.user_type.code() == "2")
        .unwrap()
        .clone()
}
