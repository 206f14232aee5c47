//! `le conversations export`: every conversation of a range, as received, one on each line.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum, ValueHint};
use futures_util::future::{FutureExt as _, Shared, ready};
use futures_util::stream::{BoxStream, StreamExt as _};
use le_core::page::Page;
use le_core::wire::RawRecord;
use le_core::{TimeRange, Timestamp};
use le_data::Data;
use le_data::messaging_interactions::Conversations;
use le_export::{ExportError, Outcome, Summary};
use serde_json::json;

use super::filter::Filter;
use super::resume::Resumed;
use crate::cli::Global;
use crate::connection::Connection;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::interrupt;
use crate::moment::length;
use crate::output::{Output, grouped, size};
use crate::progress::Progress;
use crate::settings::Settings;
use crate::target::{self, Existing, is_stdout};

const LONG_ABOUT: &str = "\
Exports every conversation of a range of time, oldest first, exactly as the service sent it: one JSON text on each line.

The range may be of any length: it is read in windows, and windows with too many matches are cut in half. Conversations that \
appear on two pages are written once. The file ends with a complete line at every moment: Ctrl-C (exit code 130), a full disk \
(11) or a service that fails (7, 8, 9) leave it valid, and the same command with --resume goes on where it ended.";

const EXAMPLES: &str = "\
Examples:
  le conversations export --last 7d --out week.jsonl
  le conversations export --from 2025-01-01 --to 2025-12-31 --status close --out 2025.jsonl
  le conversations export --from 2025-01-01 --to 2025-12-31 --status close --out 2025.jsonl --resume
  le conversations export --last 24h --skill 700100200 --content messageRecords,sdes | jq -c .info.conversationId";

/// The flags of `le conversations export`.
#[derive(Debug, Args)]
#[command(about = "Exports all conversations of a range of time as JSON Lines", long_about = LONG_ABOUT)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Export {
    #[command(flatten)]
    filter: Filter,

    /// The file to write; `-` is the standard output
    #[arg(long, short, value_name = "FILE", default_value = "-", value_hint = ValueHint::FilePath, help_heading = "Export")]
    out: PathBuf,

    /// The format
    #[arg(long, value_name = "FORMAT", default_value = "jsonl", help_heading = "Export")]
    format: Format,

    /// Replaces the file if it is there
    #[arg(long, conflicts_with = "resume", help_heading = "Export")]
    force: bool,

    /// Goes on with a file that an earlier export with the same flags left unfinished
    #[arg(long, help_heading = "Export")]
    resume: bool,

    /// Ends after this many conversations
    #[arg(long, value_name = "N", help_heading = "Export")]
    max: Option<usize>,

    /// How many pages to ask for before they are wanted; 0 asks for one at a time
    #[arg(long, value_name = "PAGES", default_value_t = 2, help_heading = "Export")]
    look_ahead: usize,

    /// How many conversations to ask for at once, 1 to 100
    #[arg(long, value_name = "N", default_value_t = 100, help_heading = "Export")]
    page_size: u32,

    /// The length of the windows that the range is read in, 10 minutes to 92 days
    #[arg(long, value_name = "LENGTH", default_value = "1d", value_parser = length, help_heading = "Export")]
    window: Duration,
}

/// How records are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// JSON Lines: each conversation as received, on a line of its own
    Jsonl,
}

impl Format {
    fn name(self) -> &'static str {
        match self {
            Self::Jsonl => "jsonl",
        }
    }
}

/// One run of an export.
struct Run<'a> {
    flags: &'a Export,
    range: TimeRange,
    now: Timestamp,
    resumed: Option<Resumed>,
    output: Output,
}

type Stop = Shared<std::pin::Pin<Box<dyn Future<Output = ()> + Send>>>;

pub(crate) async fn run(flags: &Export, global: &Global, output: Output) -> Result<Exit> {
    let stop: Stop = interrupt::interrupted().boxed().shared();
    let settings = Settings::resolve_asking(global)?;
    let run = Run::new(flags, output)?;
    let connection = tokio::select! {
        connection = settings.connect() => connection?,
        () = stop.clone() => return Err(interrupt::failure()),
    };
    let outcome = Box::pin(run.pull(&connection, stop)).await;
    connection.close().await;
    match outcome? {
        Ok(summary) if summary.outcome == Outcome::Cancelled => {
            let message = format!("interrupted after {} conversations", grouped(summary.records));
            Err(run.hint(Failure::new(Exit::Interrupted, message)))
        }
        Ok(summary) => run.tell(&summary).map(|()| Exit::Ok),
        Err(error) => {
            let step = format!(
                "the export ended after {} conversations",
                grouped(error.summary().records)
            );
            Err(run.hint(target::failed(error.error()).while_(step)))
        }
    }
}

impl<'a> Run<'a> {
    fn new(flags: &'a Export, output: Output) -> Result<Self> {
        let now = Timestamp::now();
        let mut range = flags.filter.range(now)?;
        let resumed = if flags.resume { Resumed::read(&flags.out)? } else { None };
        if let Some(resumed) = &resumed {
            range = resumed.rest_of(range)?;
            let known = grouped(resumed.records());
            output.note(format_args!(
                "{known} conversations are in the file already; going on at {}",
                range.from()
            ));
        }
        let run = Self {
            flags,
            range,
            now,
            resumed,
            output,
        };
        target::check(&flags.out, run.existing())?;
        Ok(run)
    }

    fn existing(&self) -> Existing {
        if self.flags.resume {
            Existing::Append
        } else {
            Existing::of(self.flags.force)
        }
    }

    /// Pulls until the end, or until `stop`.
    async fn pull(&self, connection: &Connection, stop: Stop) -> Result<Result<Summary, ExportError>> {
        let conversations = Data::new(connection.client().clone()).conversations();
        let mut progress = Progress::new(self.output, "exporting");
        if self.output.draws_progress() {
            tokio::select! {
                total = self.count(&conversations) => progress.total(total),
                () = stop.clone() => return Err(interrupt::failure()),
            }
        }
        let sink = target::open(&self.flags.out, self.existing())?;
        let export = le_export::PageExport::new(self.pages(&conversations), sink)
            .on_progress(move |now| progress.position(now.records))
            .cancel_on(stop);
        Ok(export.run().await)
    }

    /// The pages, without what the file has already and what is beyond `--max`.
    fn pages(&self, conversations: &Conversations) -> BoxStream<'_, le_core::Result<Page<RawRecord>>> {
        let search = self.flags.filter.search(conversations, self.range, self.now);
        let search = search
            .windows(self.flags.window)
            .limit(self.flags.page_size)
            .look_ahead(self.flags.look_ahead);
        let pages = search.raw_stream().pages();
        let left = self.flags.max.unwrap_or(usize::MAX);
        let wanted = pages.scan(left, move |left, page| {
            if *left == 0 {
                return ready(None);
            }
            ready(Some(page.map(|mut page| {
                page.items
                    .retain(|record| !self.resumed.as_ref().is_some_and(|resumed| resumed.has(record)));
                page.items.truncate(*left);
                *left -= page.items.len();
                page
            })))
        });
        wanted.boxed()
    }

    /// How many there will be, for the progress bar; 0 where the service does not say.
    async fn count(&self, conversations: &Conversations) -> u64 {
        const LONGEST: Duration = Duration::from_secs(92 * 86_400);
        let mut total = 0;
        for part in self.range.windows(LONGEST, Duration::from_secs(600)) {
            match self.flags.filter.search(conversations, part, self.now).count().await {
                Ok(count) => total += count,
                // The export itself will meet the failure and report it.
                Err(error) => {
                    tracing::debug!(%error, "the conversations could not be counted");
                    return 0;
                }
            }
        }
        self.flags.max.map_or(total, |max| total.min(max as u64))
    }

    /// Adds how to go on, where there is something to go on with.
    fn hint(&self, failure: Failure) -> Failure {
        if failure.is_quiet() || !self.flags.out.is_file() {
            return failure;
        }
        let before = failure
            .advice()
            .map_or_else(String::new, |advice| format!("{advice}; "));
        let file = self.flags.out.display();
        failure.advise(format!(
            "{before}{file} holds complete lines only: run the same command with --resume to go on"
        ))
    }

    fn tell(&self, summary: &Summary) -> Result<()> {
        let to_file = !is_stdout(&self.flags.out);
        if self.output.is_json() {
            // On the standard output stand the conversations themselves.
            return if to_file {
                self.output.json(&self.to_json(summary))
            } else {
                Ok(())
            };
        }
        let place = if to_file {
            format!(" to {}", self.flags.out.display())
        } else {
            String::new()
        };
        self.output.note(format_args!(
            "{} conversations ({}) in {} pages{place} in {:.1} s",
            grouped(summary.records),
            size(summary.bytes),
            grouped(summary.pages),
            summary.elapsed.as_secs_f64()
        ));
        Ok(())
    }

    fn to_json(&self, summary: &Summary) -> serde_json::Value {
        json!({
            "conversations": summary.records,
            "already_in_file": self.resumed.as_ref().map_or(0, Resumed::records),
            "bytes": summary.bytes,
            "pages": summary.pages,
            "file": self.flags.out,
            "format": self.flags.format.name(),
            "from": self.range.from().to_string(),
            "to": self.range.to().to_string(),
            "seconds": summary.elapsed.as_secs_f64(),
        })
    }
}
