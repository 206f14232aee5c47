//! A bot that answers each message, and consumers that wait for the answer: what one message costs the bot's process.
//!
//! The bot is a process on core 1. The consumers are a process on core 0, beside the simulator: they are the same for every bot.

pub(crate) mod bare;
pub(crate) mod driver;
pub(crate) mod ours;

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};

use anyhow::{Context as _, Result, bail};

use crate::measure;
use crate::target::{Figures, Target};

/// What a bot puts before the text that it repeats.
pub(crate) const ECHO: &str = "You said: ";

/// A bot that is measured.
pub(crate) struct Contest {
    /// The scenario.
    pub(crate) name: &'static str,
    bot: Bot,
    /// How many consumers hold a conversation at the same time, each with one message on its way.
    conversations: usize,
    /// Whether each says something once a second, in place of as soon as it is answered.
    paced: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Bot {
    /// A process of this program: `bot <name>`.
    Rust(&'static str),
    /// `node echo.js`, on the vendor's client.
    Node,
}

const fn contest(name: &'static str, bot: Bot, conversations: usize) -> Contest {
    Contest {
        name,
        bot,
        conversations,
        paced: false,
    }
}

const fn paced(name: &'static str, bot: Bot) -> Contest {
    Contest {
        paced: true,
        ..contest(name, bot, MANY)
    }
}

/// The messages of one conversation at a time would measure the way there and back, so there are some.
const FEW: usize = 32;
/// The vendor's ceiling for one bot user, so one conversation for each request in flight.
const MANY: usize = 999;

const CONTESTS: [Contest; 11] = [
    contest("bare-bot", Bot::Rust("bare"), FEW),
    contest("bot", Bot::Rust("ours"), FEW),
    contest("bot-store", Bot::Rust("ours-store"), FEW),
    contest("bot-tls", Bot::Rust("ours-tls"), FEW),
    contest("node-bot", Bot::Node, FEW),
    contest("bare-bot-many", Bot::Rust("bare"), MANY),
    contest("bot-many", Bot::Rust("ours"), MANY),
    contest("bot-tls-many", Bot::Rust("ours-tls"), MANY),
    contest("node-bot-many", Bot::Node, MANY),
    paced("bare-bot-paced", Bot::Rust("bare")),
    paced("bot-paced", Bot::Rust("ours")),
];

/// All that can run here.
pub(crate) fn contests() -> impl Iterator<Item = &'static Contest> {
    let node = node_modules().is_some();
    CONTESTS.iter().filter(move |contest| node || contest.bot != Bot::Node)
}

/// Where node-agent-sdk is, if it is: `cargo xtask bench` installs it and says so.
fn node_modules() -> Option<PathBuf> {
    std::env::var_os("LE_BENCH_NODE_MODULES").map(PathBuf::from)
}

/// Starts the bot, lets the consumers talk to it, and ends it.
pub(crate) fn measure(contest: &Contest, target: &str, messages: usize) -> Result<Figures> {
    let mut bot = Running::start(contest.bot, target)?;
    let pid = bot.process.id();
    let words = [
        "drive",
        &pid.to_string(),
        &contest.conversations.to_string(),
        &messages.to_string(),
        if contest.paced { "paced" } else { "at-once" },
    ];
    let figures = crate::figures_of(&words, target).with_context(|| contest.name)?;
    bot.end()?;
    Ok(figures)
}

/// A bot's process; ends with this.
struct Running {
    process: Child,
    input: Option<ChildStdin>,
}

impl Running {
    /// Starts it and waits until it says that it is online.
    fn start(bot: Bot, target: &str) -> Result<Self> {
        let mut command = match bot {
            Bot::Rust(name) => {
                let mut command = Command::new(std::env::current_exe()?);
                command.args(["bot", name]);
                command
            }
            Bot::Node => node(target)?,
        };
        let mut process = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot start a bot")?;
        let mut input = process.stdin.take().context("no input of the bot")?;
        input.write_all(target.trim_end().as_bytes())?;
        input.write_all(b"\n")?;
        let output = process.stdout.take().context("no output of the bot")?;
        let mut running = Self {
            process,
            input: Some(input),
        };
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line)?;
        if line.trim() != "ready" {
            let status = running.end();
            bail!("the bot did not get online: {line:?} {status:?}");
        }
        Ok(running)
    }

    /// A bot runs until its standard input ends.
    fn end(&mut self) -> Result<()> {
        drop(self.input.take());
        self.process.wait()?;
        Ok(())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It has mostly ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn node(target: &str) -> Result<Command> {
    let target: Target = serde_json::from_str(target)?;
    let modules = node_modules().context("node-agent-sdk is not installed")?;
    let ca = modules.with_file_name("bench-ca.pem");
    std::fs::write(&ca, &target.ca)?;
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/node/echo.js");
    let mut command = Command::new("node");
    command
        .arg(script)
        .env("NODE_PATH", &modules)
        .env("NODE_EXTRA_CA_CERTS", ca)
        .env("NODE_NO_WARNINGS", "1");
    for proxy in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"] {
        command.env_remove(proxy).env_remove(proxy.to_lowercase());
    }
    Ok(command)
}

/// The process of a bot of this program: reads the target, is a bot until its standard input ends.
#[expect(clippy::print_stdout, reason = "the parent process waits for the line")]
pub(crate) async fn be(name: &str) -> Result<()> {
    measure::pin(1);
    let mut text = String::new();
    std::io::stdin().read_line(&mut text)?;
    let target: Target = serde_json::from_str(&text)?;
    let ready = || {
        println!("ready");
        std::io::stdout().flush()
    };
    let end = tokio::task::spawn_blocking(|| std::io::copy(&mut std::io::stdin(), &mut std::io::sink()));
    match name {
        "bare" => bare::run(&target, ready, end).await,
        "ours" => ours::run(&target, ours::Way::Plain, ready, end).await,
        "ours-store" => ours::run(&target, ours::Way::Stored, ready, end).await,
        "ours-tls" => ours::run(&target, ours::Way::Tls, ready, end).await,
        other => bail!("no bot is called {other:?}"),
    }
}
