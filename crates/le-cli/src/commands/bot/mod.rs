//! `le bot`: bots without programming.

mod run;
mod script;
#[cfg(feature = "sim")]
mod stage;

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand, ValueHint};

use crate::cli::Global;
use crate::exit::Exit;
use crate::failure::Result;
use crate::moment::length;
use crate::output::Output;

use script::{Play, Script};

const ECHO: &str = "\
Logs in as a bot user, takes every conversation, and says everything back: to see that a bot user, its skills and its key work. \
It comes back where the connection breaks, and loses nothing.

Ctrl-C ends it in good order: it takes no more conversations and gives those that it has back to their queues. Once more ends \
it at once.";

const ECHO_EXAMPLES: &str = "\
Examples:
  le bot echo --sim                            a bot and a consumer to talk to, without an account
  LE_USERNAME=my-bot LE_APP_KEY=.. LE_APP_SECRET=.. le bot echo";

const RUN: &str = "\
Logs in as a bot user and plays a script: rules that match what consumers say, and what follows. The script is checked before \
anything is sent; each fault is told with its line and rule.

State is kept in a file, so that a bot that was killed goes on where it was. Ctrl-C ends it in good order, as with `le bot echo`.";

const RUN_EXAMPLES: &str = "\
A script:
  [bot]
  no_match = \"Sorry, I did not understand that.\"
  escalate_to = 3300000011                     # the skill of people; also where the bot fails
  escalate_after = 3

  [[rule]]
  match = { start = true }                     # or contains, regex, press, any
  reply = \"Hello! What can I do for you?\"
  quick_replies = [\"Opening hours\", { title = \"A person\", id = \"person\" }]

  [[rule]]
  match = { regex = \"order ([0-9]+)\" }
  reply = \"Order $1 is on its way.\"

  [[rule]]
  match = { press = \"person\" }
  reply = \"One moment, please.\"
  transfer = { skill = 3300000011 }

Also: card = { title, text, image, buttons }, note, ttr = { type, seconds }, close = true. See docs/bots.md.

Examples:
  le bot run --script shop.toml --check        reads it, and does nothing else
  le bot run --script shop.toml --sim          a consumer to talk to, without an account
  LE_USERNAME=my-bot LE_APP_KEY=.. LE_APP_SECRET=.. le bot run --script shop.toml";

/// `le bot ..`.
#[derive(Debug, Subcommand)]
pub(crate) enum BotCommand {
    /// A bot that says everything back
    #[command(long_about = ECHO, after_long_help = ECHO_EXAMPLES)]
    Echo(BotFlags),

    /// A bot that plays a script: match, reply, card, transfer, close
    #[command(long_about = RUN, after_long_help = RUN_EXAMPLES)]
    Run(RunFlags),
}

/// The flags of both.
#[derive(Debug, Args)]
pub(crate) struct BotFlags {
    /// Starts a LiveEngage in this process with a bot user, and lets you talk to the bot as a consumer
    #[cfg(feature = "sim")]
    #[arg(long)]
    sim: bool,

    /// Where the bot keeps what it must not forget [default: a file of the user's state directory, named after the bot user]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    state: Option<PathBuf>,

    /// At most so many conversations at once
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=999))]
    conversations: Option<u16>,

    /// At Ctrl-C, finishes conversations for so long before it gives them back, e.g. 30s or 5m
    #[arg(long, value_name = "TIME", value_parser = length)]
    finish: Option<Duration>,
}

/// The flags of `le bot run`.
#[derive(Debug, Args)]
pub(crate) struct RunFlags {
    /// The script (TOML)
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    script: PathBuf,

    /// Reads and checks the script, and does nothing else
    #[arg(long)]
    check: bool,

    #[command(flatten)]
    bot: BotFlags,
}

pub(crate) async fn run(command: &BotCommand, global: &Global, output: Output) -> Result<Exit> {
    match command {
        BotCommand::Echo(flags) => run::run(run::Echo, flags, global, output).await,
        BotCommand::Run(flags) => {
            let script = Script::load(&flags.script)?;
            if flags.check {
                output.line(format_args!("{}: {} rules", flags.script.display(), script.rules.len()))?;
                return Ok(Exit::Ok);
            }
            run::run(Play::new(script), &flags.bot, global, output).await
        }
    }
}
