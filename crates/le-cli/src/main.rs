//! `le`: the command line for LivePerson's LiveEngage.

mod cli;
mod commands;
mod connection;
mod exit;
mod failure;
mod interrupt;
mod layout;
mod moment;
mod output;
mod progress;
mod settings;
mod target;
mod telemetry;

use std::process::ExitCode;

use clap::Parser as _;

use crate::cli::Cli;
use crate::failure::{Failure, Result};
use crate::output::Output;

fn main() -> ExitCode {
    let color = cli::early_color(std::env::args_os());
    anstream::ColorChoice::from(color).write_global();
    let cli = Cli::parse();
    let output = Output::new(&cli.global);
    telemetry::start(&cli);
    match run(cli, output) {
        Ok(exit) => ExitCode::from(exit.code()),
        Err(failure) => {
            output.failure(&failure);
            ExitCode::from(failure.exit().code())
        }
    }
}

fn run(cli: Cli, output: Output) -> Result<exit::Exit> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|e| Failure::new(exit::Exit::Unexpected, "cannot start the runtime").because(e.to_string()))?;
    let outcome = runtime.block_on(commands::run(cli, output));
    // A name lookup that hangs in the system's resolver must not hold the program up after its result is printed.
    runtime.shutdown_background();
    outcome
}
