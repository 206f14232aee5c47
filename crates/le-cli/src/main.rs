//! `le`: the command line for LivePerson's LiveEngage.

mod cli;
mod commands;
mod connection;
mod exit;
mod failure;
mod interrupt;
mod layout;
mod messaging;
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
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return refused(&error),
    };
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

/// Prints help and version, or what is wrong with the flags: as JSON where that was asked for.
fn refused(error: &clap::Error) -> ExitCode {
    let for_machines = std::env::args_os().any(|arg| arg == "--json");
    if error.use_stderr() && for_machines {
        let text = error.render().to_string();
        let message = text
            .trim_start_matches("error: ")
            .lines()
            .next()
            .unwrap_or_default()
            .to_owned();
        Output::for_machines().failure(&Failure::usage(message).advise("see `le --help`"));
    } else {
        // Nobody can be told that there is no place for the help.
        let _ = error.print();
    }
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(exit::Exit::Usage.code()))
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
