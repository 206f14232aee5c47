//! `le conversations`: the history of messaging conversations.

mod export;
pub(super) mod filter;
mod get;
mod resume;

use clap::Subcommand;

use crate::cli::Global;
use crate::exit::Exit;
use crate::failure::Result;
use crate::output::Output;

/// What to do with conversations.
#[derive(Debug, Subcommand)]
pub(crate) enum Conversations {
    Export(Box<export::Export>),
    Get(get::Get),
}

pub(crate) async fn run(command: &Conversations, global: &Global, output: Output) -> Result<Exit> {
    match command {
        Conversations::Export(flags) => export::run(flags, global, output).await,
        Conversations::Get(flags) => super::until_interrupted(get::run(flags, global, output)).await,
    }
}
