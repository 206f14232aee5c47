//! The tasks of this repository: `cargo xtask --help`.

mod bench;
mod catalogue;
mod ci;
mod codegen;
mod debian;
mod fixtures;
mod flags;
mod interop;
mod postgres;
mod redis;
mod release;
mod steps;
mod tidy;
mod widget;
mod workspace;

use std::process::ExitCode;

use anyhow::Result;

use crate::flags::{FixturesCmd, Xtask, XtaskCmd};
use crate::steps::Selection;

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
        XtaskCmd::Fixtures(args) => match args.subcommand {
            FixturesCmd::Refresh(args) => fixtures::refresh(&root, args.check, args.live),
            FixturesCmd::Verify(_) => fixtures::verify(&root),
        },
        XtaskCmd::Tidy(_) => tidy::run(&root),
        XtaskCmd::Ci(args) => ci::run(
            &root,
            &Selection {
                only: args.only,
                skip: args.skip,
                list: args.list,
            },
        ),
        XtaskCmd::ReleaseCheck(args) => release::run(
            &root,
            &Selection {
                only: args.only,
                skip: args.skip,
                list: args.list,
            },
        ),
        XtaskCmd::Interop(args) => interop::run(
            &root,
            &Selection {
                only: args.only,
                skip: args.skip,
                list: args.list,
            },
        ),
        XtaskCmd::Bench(args) => bench::run(&args.args),
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
