//! `le completions`: scripts for shells.

use clap::{Args, CommandFactory as _};
use clap_complete::Shell;

use crate::cli::Cli;
use crate::exit::Exit;
use crate::failure::Result;
use crate::output::Output;

/// The flags of `le completions`.
#[derive(Debug, Args)]
#[command(
    about = "Prints a completion script for a shell",
    after_help = "\
Examples:
  le completions bash > ~/.local/share/bash-completion/completions/le
  le completions zsh > ~/.zfunc/_le
  le completions fish > ~/.config/fish/completions/le.fish"
)]
pub(crate) struct Completions {
    /// The shell
    shell: Shell,
}

pub(crate) fn run(flags: &Completions, output: Output) -> Result<Exit> {
    let mut script = Vec::new();
    clap_complete::generate(flags.shell, &mut Cli::command(), "le", &mut script);
    output.line(String::from_utf8_lossy(&script).trim_end())?;
    Ok(Exit::Ok)
}
