//! What happened in a run, as one number: two runs of a seed must give the same.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::time::Instant;

/// How much of a run is kept. Keeping everything takes longer than the run itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Detail {
    Nothing,
    Text,
}

/// The trace of one run. Clones write to the same.
#[derive(Debug, Clone)]
pub(crate) struct Trace(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    origin: Instant,
    detail: Detail,
    hash: u64,
    steps: u64,
    lines: Vec<String>,
}

impl Trace {
    pub(crate) fn new(detail: Detail) -> Self {
        Self(Arc::new(Mutex::new(State {
            origin: Instant::now(),
            detail,
            hash: 0xcbf2_9ce4_8422_2325,
            steps: 0,
            lines: Vec::new(),
        })))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds something that happens now.
    pub(crate) fn note(&self, what: std::fmt::Arguments<'_>, bytes: &[u8]) {
        let mut state = self.state();
        if state.detail == Detail::Nothing {
            return;
        }
        let at = state.origin.elapsed();
        let head = format!("{:>9.3} {what}", at.as_secs_f64());
        for byte in head.as_bytes().iter().chain(bytes) {
            state.hash = (state.hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
        state.steps += 1;
        if state.detail == Detail::Text {
            let text: String = String::from_utf8_lossy(bytes)
                .chars()
                .filter(|c| !c.is_control())
                .collect();
            state.lines.push(format!("{head} {text}"));
        }
    }

    /// The hash of everything, and how many steps it was.
    pub(crate) fn sum(&self) -> (u64, u64) {
        let state = self.state();
        (state.hash, state.steps)
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        self.state().lines.clone()
    }
}
