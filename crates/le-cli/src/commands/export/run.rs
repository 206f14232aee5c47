//! `le export run`.

use std::path::PathBuf;

use clap::{Args, ValueHint};
use le_data::Data;
use le_export::{RunError, RunOutcome, RunSummary, Window};

use super::request::Request;
use super::tell;
use crate::cli::Global;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::interrupt;
use crate::output::Output;
use crate::progress::Progress;
use crate::settings::Settings;
use crate::target;

const LONG_ABOUT: &str = "\
Exports conversations into a dataset of files (Parquet, JSON Lines, CSV), on this machine or in an object store, or into a \
database. The range is cut into windows; a window is there whole or not at all. Whatever ends the command, Ctrl-C (exit code 130), \
a service that fails (7, 8, 9), a full disk (11) or kill -9: the same command again goes on where it was, and no conversation is \
lost or there twice.

With --since-last it reads what is new and what changed since the run before, and merges it: for every night. A conversation that \
is answered, closed or rated later is there once, as it is now. Records that cannot be read are kept as text, counted, and make \
the exit code 10.";

const EXAMPLES: &str = "\
Examples:
  le export run --into lake --from 2025-01-01 --to 2025-12-31
  le export run --into lake --since-last
  le export run --last 7d && le query 'SELECT count(*) FROM conversations'        into history.sqlite
  le export run --into s3://lake/conversations --format jsonl --compression zstd --last 13w --redact rules.toml
  le export run --into lake --window 2026-01-05T00-00Z_2026-01-06T00-00Z      one unit of `le export plan`";

/// The flags of `le export run`.
#[derive(Debug, Args)]
#[command(about = "Exports history so that it can be resumed and brought up to date", long_about = LONG_ABOUT)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct RunFlags {
    #[command(flatten)]
    request: Request,

    /// Reads what is new and what changed since the run before
    #[arg(long, help_heading = "Export")]
    since_last: bool,

    /// Reads this window only, as `le export plan` prints it; can be given several times
    #[arg(long, value_name = "ID", help_heading = "Export")]
    window: Vec<Window>,

    /// Works beside other processes that run the same command: each takes windows that no other has
    #[arg(long, help_heading = "Export")]
    shared: bool,

    /// The most requests at once; it begins with one, and goes down when the service refuses
    #[arg(long, value_name = "N", default_value_t = 4, help_heading = "Export")]
    concurrency: usize,

    /// Writes the summary of the run into this file as JSON, whatever came of it
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Export")]
    summary: Option<PathBuf>,
}

pub(crate) async fn run(flags: &RunFlags, global: &Global, output: Output) -> Result<Exit> {
    let mut stop = Box::pin(interrupt::interrupted());
    let settings = Settings::resolve_asking(global)?;
    let connection = tokio::select! {
        connection = settings.connect() => connection?,
        () = &mut stop => return Err(interrupt::failure()),
    };
    let outcome = pull(flags, &Data::new(connection.client().clone()), output, stop).await;
    connection.close().await;
    let outcome = outcome?;
    let summary = outcome.as_ref().unwrap_or_else(RunError::summary);
    keep(flags, summary)?;
    if output.is_json() && !flags.request.place.is_stdout() {
        output.json(summary)?;
    }
    match &outcome {
        Ok(summary) if summary.outcome == RunOutcome::Cancelled => {
            let (done, planned) = (summary.windows.done, summary.windows.planned);
            Err(Failure::new(
                Exit::Interrupted,
                format!("interrupted: {done} of {planned} windows are done"),
            )
            .advise("run the same command to go on"))
        }
        Ok(summary) => {
            tell::summary(summary, flags.request.place.name(), output);
            Ok(if summary.is_clean() { Exit::Ok } else { Exit::Data })
        }
        Err(error) => Err(failed(error)),
    }
}

async fn pull(
    flags: &RunFlags,
    data: &Data,
    output: Output,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<Result<RunSummary, RunError>> {
    let mut progress = Progress::of_windows(output);
    let export = flags
        .request
        .export(data)
        .await?
        .since_last(flags.since_last)
        .only(flags.window.iter().copied())
        .shared(flags.shared)
        .concurrency(flags.concurrency)
        .on_progress(move |now| progress.windows(now))
        .cancel_on(stop);
    Ok(export.run().await)
}

fn failed(error: &RunError) -> Failure {
    let windows = &error.summary().windows;
    let failure = target::failed(error.error());
    if windows.planned == 0 {
        return failure;
    }
    let before = failure
        .advice()
        .map_or_else(String::new, |advice| format!("{advice}; "));
    failure
        .while_(format!("{} of {} windows are done", windows.done, windows.planned))
        .advise(format!(
            "{before}what is done stays done: run the same command to go on"
        ))
}

fn keep(flags: &RunFlags, summary: &RunSummary) -> Result<()> {
    let Some(file) = &flags.summary else { return Ok(()) };
    let text = serde_json::to_string_pretty(summary)
        .map_err(|e| Failure::new(Exit::Unexpected, format!("cannot write JSON: {e}")))?;
    std::fs::write(file, text + "\n").map_err(|e| Failure::file("write", file, &e))
}
