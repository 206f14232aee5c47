//! `le chat`: a person as a consumer, in the terminal.

mod window;

use clap::Args;
use le_bots::ttr::TtrType;

use crate::cli::Global;
use crate::exit::Exit;
use crate::failure::Result;
use crate::interrupt;
use crate::messaging::keyboard::Keyboard;
use crate::messaging::socket::{ConsumerDoor, Ended, end_of};
use crate::output::Output;
use crate::settings::Settings;

use window::Window;

const LONG_ABOUT: &str = "\
Starts a conversation as a consumer and holds it in the terminal. A line is said to the brand; the number of a button presses \
it; lines that begin with a slash are commands, which /help lists. Where the brand has a survey, its questions follow the end \
of the conversation.

It reads lines from the standard input, so it can be driven through a pipe. When the connection breaks it comes back and shows \
what was missed.

The consumer is a new anonymous one, who stays the same for as long as the window is open. For one that the brand has authenticated put its LivePerson token (a JWT) into \
LE_CONSUMER_JWT.";

/// The flags of `le chat`.
#[derive(Debug, Args)]
#[command(about = "Be a consumer in the terminal: text, cards, a survey", long_about = LONG_ABOUT)]
pub(crate) struct ChatFlags {
    /// The skill that shall answer; any where none is given
    #[arg(long, value_name = "ID", default_value = "-1", allow_hyphen_values = true)]
    skill: String,

    /// The first name that agents see
    #[arg(long, value_name = "NAME")]
    name: Option<String>,

    /// Say that it is urgent
    #[arg(long)]
    urgent: bool,
}

pub(crate) async fn run(flags: &ChatFlags, global: &Global, output: Output) -> Result<Exit> {
    let settings = Settings::resolve(global)?;
    let stopped = interrupt::interrupted();
    let mut door = ConsumerDoor::find(&settings).await?;
    let mut window = Window::new(
        &flags.skill,
        flags.name.clone(),
        flags.urgent.then_some(TtrType::Urgent),
        output,
    );
    let mut keyboard = Keyboard::open();
    tokio::select! {
        outcome = Box::pin(talk(&mut door, &mut window, &mut keyboard, output)) => outcome.map(|()| Exit::Ok),
        () = stopped => Ok(Exit::Ok),
    }
}

/// Holds one conversation with a skill, for a command that is more than a window.
#[cfg(feature = "sim")]
pub(crate) async fn converse(mut door: ConsumerDoor, skill: &str, output: Output) -> Result<()> {
    let mut window = Window::new(skill, None, None, output);
    let mut keyboard = Keyboard::open();
    Box::pin(talk(&mut door, &mut window, &mut keyboard, output)).await
}

/// Talks until the conversation is over or the person leaves; comes back where the connection breaks.
async fn talk(door: &mut ConsumerDoor, window: &mut Window, keyboard: &mut Keyboard, output: Output) -> Result<()> {
    loop {
        let (connection, events) = door.open(output).await?;
        let served = async {
            window.begin(&connection).await?;
            door.good();
            window.serve(&connection, events, keyboard).await
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
