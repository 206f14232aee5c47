//! Which seeds are run, on how many threads, and how a failure is told.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use le_bots::supervisor::Mutation;

use crate::plan::Kind;
use crate::run::run;
use crate::trace::Detail;

/// How many seeds, from 0: `LE_SIMULATION_SEEDS=1000000`.
const COUNT: &str = "LE_SIMULATION_SEEDS";

/// One seed, with everything that happens: `LE_SIMULATION_SEED=4711`.
const ONE: &str = "LE_SIMULATION_SEED";

/// Threads of their own, each with its own runtime.
const THREADS: usize = 2;

/// Runs all seeds that are asked for, `count` of them unless the environment says otherwise.
pub(crate) fn all(test: &str, kind: Kind, count: u64) {
    if let Some(seed) = number(ONE) {
        let outcome = run(seed, kind, Mutation::None, Detail::Text);
        outcome.lines.iter().for_each(|line| eprintln!("{line}"));
        assert!(outcome.complaints.is_empty(), "seed {seed}: {:#?}", outcome.complaints);
        return;
    }
    let count = number(COUNT).unwrap_or(count);
    if let Some((seed, complaints)) = first_failure(kind, Mutation::None, count) {
        panic!(
            "seed {seed} fails; see it with\n    {ONE}={seed} cargo test -p le-bots --test simulation {test}\n{complaints:#?}"
        );
    }
}

/// The smallest seed below `count` that was seen to fail.
pub(crate) fn first_failure(kind: Kind, mutation: Mutation, count: u64) -> Option<(u64, Vec<String>)> {
    let (next, failed, worst) = (AtomicU64::new(0), AtomicBool::new(false), Mutex::new(None));
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                while !failed.load(Ordering::Relaxed) {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= count {
                        return;
                    }
                    let outcome = run(seed, kind, mutation, Detail::Nothing);
                    if !outcome.complaints.is_empty() {
                        failed.store(true, Ordering::Relaxed);
                        let mut worst = worst.lock().unwrap();
                        if worst.as_ref().is_none_or(|(smallest, _)| seed < *smallest) {
                            *worst = Some((seed, outcome.complaints));
                        }
                    }
                }
            });
        }
    });
    worst.into_inner().unwrap()
}

fn number(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    let number = text.replace('_', "").parse();
    Some(number.unwrap_or_else(|_| panic!("{name} is {text:?}, it must be a number")))
}
