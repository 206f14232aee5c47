//! `le agent`: a person as an agent, in the terminal.

mod act;
mod command;
mod desk;

use clap::Args;
use le_bots::agent_state::Availability;

use crate::cli::Global;
use crate::exit::Exit;
use crate::failure::Result;
use crate::interrupt;
use crate::messaging::keyboard::Keyboard;
use crate::messaging::socket::{AgentDoor, Ended, end_of};
use crate::output::Output;
use crate::settings::Settings;

use desk::Desk;

const LONG_ABOUT: &str = "\
Logs in as an agent, goes online, and lets a person take conversations in the terminal: rings, accept, reply, transfer, close.

A line is said to the consumer of the conversation that was touched last. Lines that begin with a slash are commands; /help \
lists them. It reads lines from the standard input, so it can be driven through a pipe. When the connection breaks it comes \
back and shows what was missed.";

/// The flags of `le agent`.
#[derive(Debug, Args)]
#[command(about = "Be an agent in the terminal: rings, accept, reply, transfer, close", long_about = LONG_ABOUT)]
pub(crate) struct AgentFlags {
    /// Accept every ring at once
    #[arg(long)]
    accept: bool,

    /// Stay away: nothing rings until /online
    #[arg(long)]
    away: bool,
}

pub(crate) async fn run(flags: &AgentFlags, global: &Global, output: Output) -> Result<Exit> {
    let settings = Settings::resolve_asking(global)?;
    let stopped = interrupt::interrupted();
    let mut door = AgentDoor::log_in(&settings).await?;
    let availability = if flags.away {
        Availability::Away
    } else {
        Availability::Online
    };
    let mut desk = Desk::new(door.identity().clone(), availability, flags.accept, output);
    let mut keyboard = Keyboard::open();
    let outcome = tokio::select! {
        outcome = Box::pin(work(&mut door, &mut desk, &mut keyboard, output)) => outcome,
        () = stopped => Ok(()),
    };
    door.log_out().await;
    outcome.map(|()| Exit::Ok)
}

/// Works until the person leaves; comes back where the connection breaks.
async fn work(door: &mut AgentDoor, desk: &mut Desk, keyboard: &mut Keyboard, output: Output) -> Result<()> {
    loop {
        let (connection, events) = door.open(output).await?;
        let served = async {
            desk.sit_down(&connection).await?;
            door.good();
            desk.work(&connection, events, keyboard).await
        };
        match end_of(&connection, served.await).await? {
            Ended::Left => {
                connection.close().await;
                return Ok(());
            }
            Ended::Lost(close) => door.lost(&close, output).await?,
        }
    }
}
