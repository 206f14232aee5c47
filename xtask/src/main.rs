//! The tasks of this repository: `cargo xtask --help`.

mod catalogue;
mod codegen;
mod flags;
mod workspace;

use std::process::ExitCode;

use anyhow::Result;

use crate::flags::{Xtask, XtaskCmd};

fn main() -> ExitCode {
    let flags = Xtask::from_env_or_exit();
    match run(flags) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&format!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn run(flags: Xtask) -> Result<()> {
    let root = workspace::root();
    match flags.subcommand {
        XtaskCmd::Codegen(args) => codegen::run(&root, args.check),
        _ => anyhow::bail!("not yet"),
    }
}

/// Prints a line of the task's result.
#[expect(clippy::print_stdout, reason = "this is a command line program")]
pub(crate) fn say(line: &str) {
    println!("{line}");
}

/// Prints a line about what went wrong.
#[expect(clippy::print_stderr, reason = "this is a command line program")]
pub(crate) fn complain(line: &str) {
    eprintln!("{line}");
}
