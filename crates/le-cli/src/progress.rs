//! A progress bar on a terminal, nothing in a pipe.

use std::fmt::Write;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use indicatif::{HumanDuration, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use le_export::RunProgress;

use crate::output::{Output, grouped, size};

/// Shows how far an export has come. It is cleared when it is dropped.
#[derive(Debug)]
pub(crate) struct Progress {
    bar: ProgressBar,
    total: u64,
}

const KNOWN: &str = "{msg} [{bar:30}] {done} of {all} conversations, {rate}/s, {eta} left";
const WINDOWS: &str = "[{bar:30}] {done} of {all} windows: {msg}";
const UNKNOWN: &str = "{spinner} {msg} {done} conversations, {rate}/s";

impl Progress {
    pub(crate) fn new(output: Output, message: &'static str) -> Self {
        let bar = if output.draws_progress() {
            // At most ten drawings a second: a terminal must not slow the export down.
            ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(10))
        } else {
            ProgressBar::hidden()
        };
        bar.set_style(style(UNKNOWN));
        bar.set_message(message);
        bar.enable_steady_tick(Duration::from_millis(200));
        *drawn() = Some(bar.clone());
        Self { bar, total: 0 }
    }

    /// For an export by windows.
    pub(crate) fn of_windows(output: Output) -> Self {
        let progress = Self::new(output, "exporting");
        progress.bar.set_style(style(WINDOWS));
        progress
    }

    /// How far such an export is.
    pub(crate) fn windows(&mut self, now: &RunProgress) {
        self.bar.set_length(now.windows);
        self.bar.set_position(now.windows_done);
        let left = now
            .eta()
            .map_or_else(String::new, |eta| format!(", {} left", HumanDuration(eta)));
        self.bar.set_message(format!(
            "{} conversations, {}, {}/s{left}",
            grouped(now.records),
            size(now.bytes),
            grouped(now.rate() as u64)
        ));
    }

    /// How many records there will be, as far as is known now.
    pub(crate) fn total(&mut self, total: u64) {
        if total == self.total {
            return;
        }
        if self.total == 0 {
            self.bar.set_style(style(KNOWN));
        }
        self.total = total;
        self.bar.set_length(total);
    }

    /// How many records there are now.
    pub(crate) fn position(&self, records: u64) {
        self.bar.set_position(records);
    }
}

/// The bar that stands on the terminal now. There is one terminal, so there is one place for it.
static DRAWN: Mutex<Option<ProgressBar>> = Mutex::new(None);

fn drawn() -> MutexGuard<'static, Option<ProgressBar>> {
    DRAWN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Takes the bar away while something is said on the standard error.
pub(crate) fn aside(say: impl FnOnce()) {
    let bar = drawn().clone();
    match bar {
        Some(bar) => bar.suspend(say),
        None => say(),
    }
}

fn style(template: &str) -> ProgressStyle {
    // The templates are constants of this file; a broken one would only look plain.
    ProgressStyle::with_template(template)
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .with_key("done", |state: &ProgressState, out: &mut dyn Write| {
            let _ = out.write_str(&grouped(state.pos()));
        })
        .with_key("all", |state: &ProgressState, out: &mut dyn Write| {
            let _ = out.write_str(&grouped(state.len().unwrap_or(0)));
        })
        .with_key("rate", |state: &ProgressState, out: &mut dyn Write| {
            let _ = out.write_str(&grouped(state.per_sec() as u64));
        })
        .progress_chars("=> ")
}

impl Drop for Progress {
    fn drop(&mut self) {
        *drawn() = None;
        self.bar.finish_and_clear();
    }
}
