//! A bot as a process: from the login to its last conversation.

use async_trait::async_trait;
use le_bots::bot::{Bot, BotHandle, BotRunner, Context, Handled, Limits, Message, Shutdown};
use le_bots::store::{FileStore, MemoryStore};
use le_bots::supervisor::LinkState;

use super::BotFlags;
use crate::cli::Global;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::interrupt;
use crate::messaging::socket::AgentDoor;
use crate::output::Output;
use crate::settings::Settings;

/// Says everything back.
#[derive(Debug)]
pub(super) struct Echo;

#[async_trait]
impl Bot for Echo {
    async fn message(&self, ctx: &Context, message: Message) -> Handled {
        match message.text() {
            Some(text) => ctx.reply(format!("You said: {text}")).await?,
            None => ctx.reply("I can read text only.").await?,
        };
        Ok(())
    }
}

pub(super) async fn run(bot: impl Bot, flags: &BotFlags, global: &Global, output: Output) -> Result<Exit> {
    #[cfg(feature = "sim")]
    if flags.sim {
        return Box::pin(super::stage::run(bot, flags, global, output)).await;
    }
    let stopped = interrupt::interrupted();
    let settings = Settings::resolve_asking(global)?;
    let door = AgentDoor::log_in(&settings).await?;
    let (connector, connection) = door.into_parts();
    let outcome = serve(limited(BotRunner::new(bot, connector), flags), flags, stopped, output).await;
    connection.close().await;
    outcome.map(|()| Exit::Ok)
}

/// The runner with what the flags say.
pub(super) fn limited(runner: BotRunner, flags: &BotFlags) -> BotRunner {
    match flags.conversations {
        Some(most) => runner.limits(Limits::default().conversations(usize::from(most))),
        None => runner,
    }
}

async fn serve(runner: BotRunner, flags: &BotFlags, stopped: impl Future<Output = ()>, output: Output) -> Result<()> {
    let runner = match &flags.state {
        Some(path) => runner.store(FileStore::open(path)?),
        None => runner,
    };
    let mut bot = Box::pin(runner.run()).await?;
    let telling = tokio::spawn(tell(bot.state(), output));
    let ended = tokio::select! {
        ended = bot.ended() => Some(ended),
        () = stopped => None,
    };
    let outcome = match ended {
        Some(ended) => ended.map_err(|e| Failure::from(e).while_("the bot ended")),
        None => farewell(bot, flags, output).await,
    };
    telling.abort();
    outcome
}

/// Ends a bot in good order; at once where it is asked once more.
pub(super) async fn farewell(bot: BotHandle, flags: &BotFlags, output: Output) -> Result<()> {
    let open = bot.health().conversations;
    let how = match flags.finish {
        Some(within) => Shutdown::finish(within),
        None => Shutdown::HandBack,
    };
    if open > 0 {
        let what = if flags.finish.is_some() {
            "finishing"
        } else {
            "handing back"
        };
        output.note(format_args!("{what} {open} conversation(s); Ctrl-C ends at once"));
    }
    let again = interrupt::interrupted();
    tokio::select! {
        outcome = bot.shutdown(how) => Ok(outcome?),
        () = again => Err(interrupt::failure()),
    }
}

/// Tells what the connection does.
async fn tell(mut state: tokio::sync::watch::Receiver<LinkState>, output: Output) {
    let mut was_online = false;
    loop {
        let now = state.borrow_and_update().clone();
        match now {
            LinkState::Online if !was_online => {
                was_online = true;
                output.note("online; Ctrl-C ends the bot in good order");
            }
            LinkState::Waiting { why, .. } => {
                was_online = false;
                output.note(format_args!("{why}; coming back"));
            }
            LinkState::Ended { .. } => return,
            _ => {}
        }
        if state.changed().await.is_err() {
            return;
        }
    }
}

/// For a bot that is gone with its process.
pub(super) fn forgetful(runner: BotRunner) -> BotRunner {
    runner.store(MemoryStore::new())
}
