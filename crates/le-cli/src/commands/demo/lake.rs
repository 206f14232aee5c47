//! What a data team does next: the same history in a Parquet dataset and in a SQLite file, and a question to it.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use le_core::{Client, Timestamp};
use le_data::Data;
use le_data::messaging_interactions::ContentToRetrieve;
use le_export::formats::Parquet;
use le_export::query::{Answer, AnswerFormat, Printer, Rows as _};
use le_export::{Conversations, Dataset, Export, RunSummary, Sqlite, SqliteQuery};
use serde_json::{Value, json};

use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::target;

/// As far back as the service looks, less a few minutes for the export to begin.
const HISTORY: Duration = Duration::from_secs(396 * 86_400 - 300);

/// The question that is asked at the end.
pub(super) const QUESTION: &str = "SELECT skill, count(*) AS conversations, round(avg(duration_ms) / 60000.0, 1) AS minutes, \
                                   round(avg(csat), 2) AS csat FROM conversations GROUP BY skill ORDER BY conversations DESC LIMIT 5";

/// What was exported, and the answer.
#[derive(Debug)]
pub(super) struct Lake {
    pub(super) parquet: PathBuf,
    pub(super) parquet_records: u64,
    pub(super) sqlite: PathBuf,
    pub(super) sqlite_records: u64,
    /// Kinds of attributes that the conversation of the visitor has in SQLite.
    pub(super) attributes: u64,
    pub(super) answer: Answer,
    pub(super) elapsed: Duration,
}

impl Lake {
    pub(super) fn to_json(&self) -> Value {
        json!({
            "parquet": {"place": self.parquet, "conversations": self.parquet_records},
            "sqlite": {"place": self.sqlite, "conversations": self.sqlite_records, "attributes_of_the_visitor": self.attributes},
            "question": QUESTION,
            "answer": {"columns": self.answer.columns, "rows": self.answer.rows.len()},
            "seconds": self.elapsed.as_secs_f64(),
        })
    }

    /// The answer, laid out.
    pub(super) fn to_text(&self) -> Result<String> {
        let mut out = Vec::new();
        let mut printer = Printer::new(AnswerFormat::Table, &mut out);
        printer.columns(&self.answer.columns)?;
        for row in &self.answer.rows {
            printer.row(row)?;
        }
        printer.finish()?;
        Ok(String::from_utf8_lossy(&out).into_owned())
    }
}

/// Where both go.
fn places(folder: &Path) -> (PathBuf, PathBuf) {
    (folder.join("lake"), folder.join("history.sqlite"))
}

/// Refuses a folder that holds an export already, before any work is done.
pub(super) fn check(folder: &Path) -> Result<()> {
    let (parquet, sqlite) = places(folder);
    match [parquet, sqlite].into_iter().find(|place| place.exists()) {
        None => Ok(()),
        Some(place) => Err(
            Failure::new(Exit::Output, format!("{} is there already", place.display()))
                .advise("the demo puts its other exports beside the file of --out: choose another folder"),
        ),
    }
}

/// Exports into both, and asks, also for the attributes of the conversation `of_visit`.
pub(super) async fn fill(client: &Client, folder: &Path, of_visit: &str) -> Result<Lake> {
    let begun = Instant::now();
    let (parquet, sqlite) = places(folder);
    let data = Data::new(client.clone());
    let now = Timestamp::now();
    let source = Conversations::new(&data).search(|search| search.content(ContentToRetrieve::documented()));
    let export = || Export::of(source.clone()).range(now - HISTORY, now);
    let lake = Dataset::open(&parquet.to_string_lossy(), Parquet::new())?;
    let in_parquet = run(export().into(lake)).await?;
    let in_sqlite = run(export().into(Sqlite::open(&sqlite)?)).await?;
    let history = SqliteQuery::open(&sqlite)?;
    let answer = history.answer(QUESTION)?;
    // An id is letters, digits and hyphens.
    let of_visit: String = of_visit
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || *c == '-')
        .collect();
    let kinds = format!("SELECT DISTINCT type FROM sdes WHERE NOT authenticated AND conversation_id = '{of_visit}'");
    let attributes = history.answer(&kinds)?.rows.len() as u64;
    Ok(Lake {
        parquet,
        parquet_records: in_parquet.records,
        sqlite,
        sqlite_records: in_sqlite.records,
        attributes,
        answer,
        elapsed: begun.elapsed(),
    })
}

async fn run(export: Export) -> Result<RunSummary> {
    export.run().await.map_err(|e| target::failed(e.error()))
}
