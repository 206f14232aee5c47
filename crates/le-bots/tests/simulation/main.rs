//! A deterministic simulation: supervisor, bot, consumers and the simulator in one thread, over streams in memory, in paused
//! time, while everything goes wrong that the seed says.
//!
//! What must hold, whatever the seed: each stored event is handled once and in order, no reply is lost or doubled, memory is
//! bounded, and when the faults end, everything comes to rest. `CONTRIBUTING.md` tells how to run more seeds, or one again.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test stops where something is not as expected, and says how to see it again"
)]

#[path = "../support/mod.rs"]
mod support;

mod account;
mod consumer;
mod framework;
mod ledger;
mod network;
mod plan;
mod process;
mod run;
mod seeds;
mod trace;
mod transport;

use le_bots::supervisor::Mutation;

use plan::Kind;
use run::run;
use trace::Detail;

/// Seeds of the normal test run, for links and for bots each.
const SEEDS: u64 = 1_000;

/// A supervisor that lacks something must be caught within so many seeds.
const CAUGHT_WITHIN: u64 = 200;

#[test]
fn nothing_is_lost_or_doubled_by_a_link() {
    seeds::all("nothing_is_lost_or_doubled_by_a_link", Kind::Link, SEEDS);
}

#[test]
fn nothing_is_lost_or_doubled_by_a_bot() {
    seeds::all("nothing_is_lost_or_doubled_by_a_bot", Kind::Bot, SEEDS);
}

#[test]
fn a_seed_replays_exactly() {
    for seed in 0..20 {
        let kind = if seed % 2 == 0 { Kind::Link } else { Kind::Bot };
        let replay = || run(seed, kind, Mutation::None, Detail::Text);
        let (once, again) = (replay(), replay());
        assert!(once.sum.1 > 20, "seed {seed} did nothing");
        let differs = once.lines.iter().zip(&again.lines).find(|(one, other)| one != other);
        assert_eq!(
            (once.sum, once.took),
            (again.sum, again.took),
            "seed {seed}: {differs:#?}"
        );
    }
}

fn caught(mutation: Mutation) {
    let failure = seeds::first_failure(Kind::Link, mutation, CAUGHT_WITHIN);
    assert!(
        failure.is_some(),
        "{mutation:?} goes unnoticed in {CAUGHT_WITHIN} seeds"
    );
}

#[test]
fn a_supervisor_that_does_not_catch_up_is_caught() {
    caught(Mutation::SkipCatchUp);
}

#[test]
fn a_supervisor_that_does_not_tell_doubles_is_caught() {
    caught(Mutation::SkipDeduplication);
}

#[test]
fn a_supervisor_that_passes_over_gaps_is_caught() {
    caught(Mutation::SkipGapFetch);
}

#[test]
fn a_supervisor_that_repeats_without_looking_is_caught() {
    caught(Mutation::SkipSettlement);
}
