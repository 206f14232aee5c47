//! `le export plan`.

use clap::Args;
use le_data::Data;
use le_export::Window;

use super::request::Request;
use crate::cli::Global;
use crate::exit::Exit;
use crate::failure::Result;
use crate::output::{Output, grouped};
use crate::settings::Settings;

const EXAMPLES: &str = "\
Examples:
  le export plan --into lake --from 2026-01-01 --to 2026-01-31
  le export plan --into s3://lake/conversations --last 13w --json          for a scheduler
  le export plan --into lake --last 30d | xargs -P 4 -n 1 le export run --into lake --last 30d --window";

/// The flags of `le export plan`.
#[derive(Debug, Args)]
#[command(about = "Prints the windows that an export still has to read; each can be run by itself, anywhere")]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct PlanFlags {
    #[command(flatten)]
    request: Request,
}

pub(crate) async fn run(flags: &PlanFlags, global: &Global, output: Output) -> Result<Exit> {
    // Nothing is asked of the account: only its name goes into the settings of the source.
    let client = Settings::resolve(global)?.client()?.build()?;
    let plan = flags.request.export(&Data::new(client)).await?.plan().await?;
    if output.is_json() {
        output.json(&plan)?;
        return Ok(Exit::Ok);
    }
    let ids: Vec<String> = plan.windows.iter().map(Window::id).collect();
    if !ids.is_empty() {
        output.line(ids.join("\n"))?;
    }
    output.note(format_args!(
        "{} windows to read, {} done",
        grouped(plan.windows.len() as u64),
        grouped(plan.done as u64)
    ));
    Ok(Exit::Ok)
}
