//! `le conversations get`: single conversations by id.

use clap::Args;
use le_core::ErrorKind;
use le_core::wire::RawRecord;
use le_data::Data;
use le_data::messaging_interactions::ContentToRetrieve;

use crate::cli::Global;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::layout::indented;
use crate::output::Output;
use crate::settings::Settings;

const EXAMPLES: &str = "\
Examples:
  le conversations get 0a1b2c3d-1111-4222-8333-444455556666
  le conversations get --json $(cat ids.txt) > conversations.jsonl

The text is laid out for reading; with --json each conversation is one line, as received. An id that is not found is named on \
the standard error, the others are printed, and the exit code is 6.";

/// The flags of `le conversations get`.
#[derive(Debug, Args)]
#[command(about = "Reads single conversations with all their engagement attributes", after_help = EXAMPLES)]
pub(crate) struct Get {
    /// The ids
    #[arg(required = true, value_name = "ID")]
    ids: Vec<String>,

    /// The parts to fetch (comma separated); without it the service's default set comes
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    content: Vec<String>,
}

pub(crate) async fn run(flags: &Get, global: &Global, output: Output) -> Result<Exit> {
    let connection = Settings::resolve(global)?.connect().await?;
    let outcome = each(flags, &Data::new(connection.client().clone()), output).await;
    connection.close().await;
    outcome
}

async fn each(flags: &Get, data: &Data, output: Output) -> Result<Exit> {
    let mut exit = Exit::Ok;
    for id in &flags.ids {
        let mut call = data.conversations().by_id(id.as_str());
        if !flags.content.is_empty() {
            call = call.content(flags.content.iter().map(|part| ContentToRetrieve::from(part.trim())));
        }
        match call.get_raw().await {
            Ok(record) => print(&record, output)?,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                output.failure(&Failure::from(error).while_(format!("conversation {id:?} was not found")));
                exit = Exit::NotFound;
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(exit)
}

fn print(record: &RawRecord, output: Output) -> Result<()> {
    if output.is_json() {
        let mut line = Vec::with_capacity(record.len() + 1);
        record.write_line(&mut line).map_err(|e| Failure::stdout(&e))?;
        return output.line(String::from_utf8_lossy(&line).trim_end());
    }
    output.line(indented(record.as_str()))
}
