//! `le query`: SQL over an export.

use std::path::PathBuf;

use clap::{Args, ValueEnum, ValueHint};
use le_export::query::{AnswerFormat, Printer};

use super::export::DEFAULT;
use crate::exit::Exit;
#[cfg(not(all(feature = "sqlite", feature = "query")))]
use crate::failure::Failure;
use crate::failure::Result;
use crate::output::Output;
use crate::target;

const LONG_ABOUT: &str = "\
Asks an export in SQL. It is only read: what would write is refused. A SQLite file is asked by SQLite; a dataset of Parquet files, \
on this machine or in an object store, by DataFusion, where the program was built with `--features query`. Tables: conversations, \
messages, participants, transfers, dialogs, surveys, sdes; docs/tables.md has their columns.";

const EXAMPLES: &str = "\
Examples:
  le query 'SELECT skill, count(*), avg(duration_ms) / 60000 AS minutes FROM conversations GROUP BY skill'
  le query --format csv \"SELECT * FROM messages WHERE conversation_id = '..' ORDER BY time\" > messages.csv
  le query --in s3://lake/conversations 'SELECT date, count(*) FROM conversations GROUP BY date ORDER BY date'";

/// The flags of `le query`.
#[derive(Debug, Args)]
#[command(about = "Asks an export in SQL", long_about = LONG_ABOUT, after_long_help = EXAMPLES)]
pub(crate) struct QueryFlags {
    /// The question
    #[arg(value_name = "SQL")]
    sql: String,

    /// The SQLite file, or the place of a Parquet dataset
    #[arg(long = "in", value_name = "EXPORT", default_value = DEFAULT, value_hint = ValueHint::AnyPath)]
    export: PathBuf,

    /// The form of the answer [default: table; json with --json]
    #[arg(long, value_name = "FORMAT")]
    format: Option<Form>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    /// Columns under each other
    Table,
    /// With a header line (RFC 4180)
    Csv,
    /// An object a row, one on each line
    Json,
}

pub(crate) async fn run(flags: &QueryFlags, output: Output) -> Result<Exit> {
    let form = match flags.format {
        Some(Form::Table) => AnswerFormat::Table,
        Some(Form::Csv) => AnswerFormat::Csv,
        Some(Form::Json) => AnswerFormat::Json,
        None if output.is_json() => AnswerFormat::Json,
        None => AnswerFormat::Table,
    };
    let mut printer = Printer::new(form, std::io::BufWriter::new(std::io::stdout()));
    ask(flags, &mut printer).await?;
    printer.finish().map_err(|e| target::failed(&e))?;
    Ok(Exit::Ok)
}

async fn ask<W: std::io::Write + Send>(flags: &QueryFlags, printer: &mut Printer<W>) -> Result<()> {
    let address = flags.export.to_string_lossy();
    if flags.export.is_dir() || address.contains("://") {
        return lake(&address, &flags.sql, printer).await;
    }
    #[cfg(feature = "sqlite")]
    return le_export::SqliteQuery::open(&flags.export)?
        .run(&flags.sql, printer)
        .map_err(|e| target::failed(&e));
    #[cfg(not(feature = "sqlite"))]
    return Err(
        Failure::configuration("this program was built without SQLite").advise("build it with `--features sqlite`")
    );
}

#[cfg(not(feature = "query"))]
async fn lake<W: std::io::Write + Send>(address: &str, _: &str, _: &mut Printer<W>) -> Result<()> {
    let message = format!("{address} is a dataset of files, and this program was built without DataFusion");
    Err(Failure::configuration(message).advise("build it with `--features query`, or export into a SQLite file"))
}

#[cfg(feature = "query")]
async fn lake<W: std::io::Write + Send>(address: &str, sql: &str, printer: &mut Printer<W>) -> Result<()> {
    let place = le_export::Place::open(address)?;
    let lake = le_query::Lake::open(&place).await?;
    lake.run(sql, printer).await.map_err(|e| target::failed(&e))
}
