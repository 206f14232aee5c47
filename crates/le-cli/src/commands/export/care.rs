//! `le export verify`, `compact` and `forget`: what is done with an export that is there.

use std::collections::BTreeSet;

use clap::Args;
use le_data::Data;
use le_export::{Depth, Export, Verification};

use super::place::{Opened, Place};
use super::request::Request;
use crate::cli::Global;
use crate::connection::Connection;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::output::{BAD, GOOD, Output, grouped, styled};
use crate::settings::Settings;

const VERIFY: &str = "\
Compares an export with the service, window by window: counts, and where they differ the ids of what is missing or too much; with \
--keys the ids of everything. Exit code 10 says that there are differences. Conversations that the service has deleted since, and \
those that began in the last minutes, differ for good reason. Give the same filters as for `le export run`.";

/// The flags of `le export verify`.
#[derive(Debug, Args)]
#[command(about = "Compares an export with the service", long_about = VERIFY)]
pub(crate) struct VerifyFlags {
    #[command(flatten)]
    request: Request,

    /// Compares the ids of all records, also where the counts agree
    #[arg(long, help_heading = "Export")]
    keys: bool,
}

pub(crate) async fn verify(flags: &VerifyFlags, global: &Global, output: Output) -> Result<Exit> {
    let depth = if flags.keys { Depth::Keys } else { Depth::Counts };
    let (connection, export) = with_service(&flags.request, global).await?;
    let outcome = export.verify(depth).await;
    connection.close().await;
    let found = outcome?;
    if output.is_json() {
        output.json(&found)?;
    } else {
        output.line(told(&found))?;
    }
    Ok(if found.is_sound() { Exit::Ok } else { Exit::Data })
}

fn told(found: &Verification) -> String {
    let mut lines = Vec::new();
    for one in &found.differences {
        let (missing, extra) = (one.missing_keys.join(" "), one.extra_keys.join(" "));
        lines.push(styled(
            BAD,
            format!("{}: {} here, {} at the service", one.window, one.stored, one.service),
        ));
        lines.extend((one.missing > 0).then(|| format!("  {} missing: {missing}", one.missing)));
        lines.extend((one.extra > 0).then(|| format!("  {} too much: {extra}", one.extra)));
    }
    let verdict = if found.is_sound() {
        styled(GOOD, "the export is as the service")
    } else {
        styled(BAD, format!("{} windows differ", found.differences.len()))
    };
    let (windows, stored) = (grouped(found.windows), grouped(found.stored));
    lines.push(format!(
        "{verdict}: {windows} windows compared, {stored} records here, {} at the service",
        grouped(found.service)
    ));
    if found.expired > 0 {
        lines.push(format!(
            "{} windows are older than what the service keeps",
            grouped(found.expired)
        ));
    }
    lines.join("\n")
}

/// The export, on a connection of its own.
async fn with_service(request: &Request, global: &Global) -> Result<(Connection, Export)> {
    request.place.existing().await?;
    let connection = Settings::resolve_asking(global)?.connect().await?;
    let export = request.export(&Data::new(connection.client().clone())).await;
    match export {
        Ok(export) => Ok((connection, export)),
        Err(failure) => {
            connection.close().await;
            Err(failure)
        }
    }
}

/// The flags of `le export compact`.
#[derive(Debug, Args)]
#[command(about = "Joins the files of each day of a dataset into one; run it while nobody reads")]
pub(crate) struct CompactFlags {
    #[command(flatten)]
    place: Place,
}

pub(crate) async fn compact(flags: &CompactFlags, output: Output) -> Result<Exit> {
    let Opened::Dataset(dataset) = flags.place.existing().await? else {
        return Err(Failure::usage("a database has no files to join").advise("compact is for datasets of files"));
    };
    let done = dataset.compact().await?;
    if output.is_json() {
        output.json(&done)?;
    } else {
        output.note(format_args!(
            "{} days: {} files before, {} now",
            grouped(done.days),
            grouped(done.parts_before),
            grouped(done.parts_after)
        ));
    }
    Ok(Exit::Ok)
}

const FORGET: &str = "\
Removes records from an export, with everything that was derived from them: for deletion requests. With --reread it asks the service \
for each of them once more and keeps what it has now: LivePerson's own deletion (Personal Data Deletion) rewrites texts without a \
sign. What the service does not have any more is removed. Give the same filters as for `le export run`.";

/// The flags of `le export forget`.
#[derive(Debug, Args)]
#[command(about = "Removes records from an export, or reads them again", long_about = FORGET)]
pub(crate) struct ForgetFlags {
    #[command(flatten)]
    request: Request,

    /// Reads them again in place of removing them
    #[arg(long, help_heading = "Export")]
    reread: bool,

    /// The ids of the conversations
    #[arg(required = true, value_name = "ID")]
    ids: Vec<String>,
}

pub(crate) async fn forget(flags: &ForgetFlags, global: &Global, output: Output) -> Result<Exit> {
    let wanted: BTreeSet<String> = flags.ids.iter().cloned().collect();
    if flags.reread {
        return reread(flags, wanted, global, output).await;
    }
    flags.request.place.existing().await?;
    // Nothing is asked of the account: only its settings are part of what makes an export the same.
    let client = Settings::resolve(global)?.client()?.build()?;
    let export = flags.request.export(&Data::new(client)).await?;
    let gone = export.forget(wanted.iter().cloned()).await?;
    let missing: Vec<&String> = wanted.iter().filter(|id| !gone.keys.contains_key(*id)).collect();
    if output.is_json() {
        output.json(&serde_json::json!({ "forgotten": gone.keys, "not_found": missing }))?;
    } else {
        output.note(format_args!(
            "{} of {} were there and are gone",
            gone.keys.len(),
            wanted.len()
        ));
        for id in &missing {
            output.note(format_args!("not there: {id}"));
        }
    }
    Ok(if missing.is_empty() { Exit::Ok } else { Exit::NotFound })
}

async fn reread(flags: &ForgetFlags, wanted: BTreeSet<String>, global: &Global, output: Output) -> Result<Exit> {
    let (connection, export) = with_service(&flags.request, global).await?;
    let outcome = export.reread(wanted).await;
    connection.close().await;
    let done = outcome?;
    if output.is_json() {
        output.json(&done)?;
    } else {
        let (written, gone, outside) = (done.written.len(), done.gone.len(), done.outside.len());
        output.note(format_args!(
            "{written} read again, {gone} removed since the service does not have them, {outside} not part of this export"
        ));
    }
    Ok(Exit::Ok)
}
