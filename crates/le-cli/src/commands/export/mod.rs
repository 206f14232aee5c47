//! `le export`: history into a dataset or a database that can be trusted: resumed, brought up to date, verified.

mod care;
mod place;
mod plan;
mod request;
mod run;
mod tell;

use clap::Subcommand;

pub(crate) use place::DEFAULT;

use crate::cli::Global;
use crate::exit::Exit;
use crate::failure::Result;
use crate::output::Output;

/// What to do with an export.
#[derive(Debug, Subcommand)]
pub(crate) enum Export {
    Run(Box<run::RunFlags>),
    Plan(Box<plan::PlanFlags>),
    Verify(Box<care::VerifyFlags>),
    Compact(care::CompactFlags),
    Forget(Box<care::ForgetFlags>),
}

pub(crate) async fn run(command: &Export, global: &Global, output: Output) -> Result<Exit> {
    match command {
        Export::Run(flags) => Box::pin(run::run(flags, global, output)).await,
        Export::Plan(flags) => super::until_interrupted(plan::run(flags, global, output)).await,
        Export::Verify(flags) => super::until_interrupted(care::verify(flags, global, output)).await,
        Export::Compact(flags) => care::compact(flags, output).await,
        Export::Forget(flags) => care::forget(flags, global, output).await,
    }
}
