//! A progress bar on a terminal, nothing in a pipe.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::output::Output;

/// Shows how far an export has come. It is cleared when it is dropped.
#[derive(Debug)]
pub(crate) struct Progress {
    bar: ProgressBar,
    total: u64,
}

const KNOWN: &str = "{msg} [{bar:30}] {human_pos}/{human_len} conversations, {per_sec}, {eta} left";
const UNKNOWN: &str = "{spinner} {msg} {human_pos} conversations, {per_sec}";

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
        Self { bar, total: 0 }
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

fn style(template: &str) -> ProgressStyle {
    // The templates are constants of this file; a broken one would only look plain.
    ProgressStyle::with_template(template)
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .progress_chars("=> ")
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
