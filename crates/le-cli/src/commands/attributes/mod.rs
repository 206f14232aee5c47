//! `le attributes`: engagement attributes.

mod catalogue;
mod reports;
mod send;
mod validate;

use clap::Subcommand;

use crate::cli::Global;
use crate::exit::Exit;
use crate::failure::Result;
use crate::output::Output;

/// What to do with engagement attributes.
#[derive(Debug, Subcommand)]
pub(crate) enum Attributes {
    Types(catalogue::TypesFlags),

    Validate(validate::ValidateFlags),

    Send(send::SendFlags),
}

pub(crate) async fn run(command: &Attributes, global: &Global, output: Output) -> Result<Exit> {
    match command {
        Attributes::Types(flags) => catalogue::run(flags, output),
        Attributes::Validate(flags) => validate::run(flags, output),
        Attributes::Send(flags) => super::until_interrupted(send::run(flags, global, output)).await,
    }
}
