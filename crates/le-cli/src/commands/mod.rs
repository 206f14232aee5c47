//! The commands, one module each.

pub(crate) mod agent;
pub(crate) mod attributes;
pub(crate) mod bot;
pub(crate) mod chat;
pub(crate) mod completions;
pub(crate) mod conversations;
#[cfg(feature = "sim")]
pub(crate) mod demo;
pub(crate) mod doctor;
pub(crate) mod domain;
pub(crate) mod export;
pub(crate) mod login;
pub(crate) mod query;
#[cfg(feature = "sim")]
pub(crate) mod sim;
pub(crate) mod visitor;
pub(crate) mod watch;

use std::future::Future;

use crate::cli::{Cli, Command};
use crate::exit::Exit;
use crate::failure::Result;
use crate::interrupt;
use crate::output::Output;

/// Runs the command that was asked for.
pub(crate) async fn run(cli: Cli, output: Output) -> Result<Exit> {
    let global = &cli.global;
    match &cli.command {
        #[cfg(feature = "sim")]
        Command::Demo(flags) => Box::pin(demo::run(flags, global, output)).await,
        #[cfg(feature = "sim")]
        Command::Sim(flags) => sim::run(flags, global, output).await,
        Command::Domain(flags) => until_interrupted(domain::run(flags, global, output)).await,
        Command::Login(flags) => until_interrupted(login::run(flags, global, output)).await,
        Command::Conversations(command) => Box::pin(conversations::run(command, global, output)).await,
        Command::Export(command) => Box::pin(export::run(command, global, output)).await,
        Command::Query(flags) => until_interrupted(query::run(flags, output)).await,
        Command::Agent(flags) => Box::pin(agent::run(flags, global, output)).await,
        Command::Bot(command) => Box::pin(bot::run(command, global, output)).await,
        Command::Chat(flags) => Box::pin(chat::run(flags, global, output)).await,
        Command::Watch(flags) => Box::pin(watch::run(flags, global, output)).await,
        Command::Attributes(command) => Box::pin(attributes::run(command, global, output)).await,
        Command::Visitor(flags) => Box::pin(visitor::run(flags, global, output)).await,
        Command::Doctor(flags) => until_interrupted(doctor::run(flags, global, output)).await,
        Command::Completions(flags) => completions::run(flags, output),
    }
}

/// Runs a command that leaves nothing behind where it is interrupted.
async fn until_interrupted(command: impl Future<Output = Result<Exit>>) -> Result<Exit> {
    let command = Box::pin(command);
    tokio::select! {
        outcome = command => outcome,
        () = interrupt::interrupted() => Err(interrupt::failure()),
    }
}
