//! The command line's arguments and their help.

use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum, ValueHint};

use crate::commands;
use crate::exit;
use crate::moment::length;

const ABOUT: &str = "The command line for LivePerson's LiveEngage (Conversational Cloud)";

const LONG_ABOUT: &str = "\
The command line for LivePerson's LiveEngage (Conversational Cloud).

Try it without an account: `le demo` runs a LiveEngage on this machine, lets a bot talk and exports all. With an account, `le doctor` \
checks settings and credentials one by one and says what to fix.

Settings are taken from flags, then from the environment, then from a profile in the configuration file \
(~/.config/le/config.toml). Secrets come from the environment or a profile, or are asked for on a terminal; there is no \
flag for them, since other users of the machine can read flags.";

const EXAMPLES: &str = "\
Examples:
  le demo                                      everything at once, without an account
  le bot echo --sim                            a bot, and you as the consumer
  le doctor                                    what is wrong with my settings
  le domain msgHist                            the host of one service
  le conversations export --last 7d --out week.jsonl
  le conversations export --from 2026-01-01 --to 2026-01-31 --status close --out - | gzip > january.jsonl.gz

";

const CREDENTIALS: &str = "\
Credentials (environment, or the same names in lower case without LE_ in a profile):
  LE_USERNAME, LE_PASSWORD                     a user; the password is asked for on a terminal where it is missing
  LE_USERNAME, LE_APP_KEY, LE_APP_SECRET       a bot user of an OAuth 2.0 application (with LE_ACCESS_TOKEN and
                                               LE_ACCESS_TOKEN_SECRET of an OAuth 1.0 key)
  LE_APP_KEY, LE_APP_SECRET, LE_ACCESS_TOKEN, LE_ACCESS_TOKEN_SECRET
                                               an API key (OAuth 1.0a), without a user
  LE_BEARER                                    a bearer that somebody else keeps fresh

A profile is a table of the configuration file, which nobody but its owner may read (chmod 600):
  [profile.default]
  account = \"70011223\"
  username = \"ops@example.org\"
  password = \"...\"

";

/// The arguments of `le`.
#[derive(Debug, Parser)]
#[command(name = "le", version, about = ABOUT, long_about = LONG_ABOUT, propagate_version = true)]
#[command(after_long_help = format!("{EXAMPLES}{CREDENTIALS}{}", exit::table()))]
#[command(after_help = "`le --help` shows examples, how to give credentials, and the exit codes.")]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,

    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Flags that every command takes.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Settings")]
pub(crate) struct Global {
    /// The account (site) id [env: LE_ACCOUNT_ID]
    #[arg(long, global = true, value_name = "ID")]
    pub(crate) account: Option<String>,

    /// The profile of the configuration file to use [env: LE_PROFILE]
    #[arg(long, global = true, value_name = "NAME")]
    pub(crate) profile: Option<String>,

    /// The configuration file [env: LE_CONFIG] [default: ~/.config/le/config.toml]
    #[arg(long, global = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) config: Option<PathBuf>,

    /// The host of the Domain API, e.g. of a simulator [env: LE_DOMAIN_HOST]
    ///
    /// `host:port` is called over TLS, `http://host:port` is for loopback only. The default follows from the account id.
    /// Where it is a loopback address, loopback hosts are trusted with credentials; for other hosts see --trust-host.
    #[arg(long, global = true, value_name = "HOST", value_hint = ValueHint::Hostname)]
    pub(crate) domain_host: Option<String>,

    /// A further host that may receive credentials, besides LivePerson's domains; can be given several times
    /// [env: LE_TRUSTED_HOSTS, comma separated]
    #[arg(long, global = true, value_name = "HOST", value_hint = ValueHint::Hostname)]
    pub(crate) trust_host: Vec<String>,

    /// A PEM file with further root certificates [env: LE_CA_FILE]
    #[arg(long, global = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) ca_file: Option<PathBuf>,

    /// The proxy for everything, http://host:port [env: LE_PROXY; else HTTPS_PROXY and NO_PROXY are respected]
    #[arg(long, global = true, value_name = "URL", value_hint = ValueHint::Url)]
    pub(crate) proxy: Option<String>,

    /// How long one attempt of a call may take, e.g. 35s or 2m [env: LE_TIMEOUT]
    #[arg(long, global = true, value_name = "TIME", value_parser = length)]
    pub(crate) timeout: Option<Duration>,

    /// Writes JSON for machines instead of text for people; errors become a JSON object on the standard error
    #[arg(long, global = true, help_heading = "Output")]
    pub(crate) json: bool,

    /// Prints results and errors only: no progress, no remarks
    #[arg(long, short, global = true, help_heading = "Output")]
    pub(crate) quiet: bool,

    /// Says more on the standard error; -vv shows each call, -vvv everything
    #[arg(long, short, global = true, action = ArgAction::Count, help_heading = "Output")]
    pub(crate) verbose: u8,

    /// Whether to use colours; `auto` respects NO_COLOR and uses none in a pipe
    #[arg(
        long,
        global = true,
        value_name = "WHEN",
        default_value = "auto",
        help_heading = "Output"
    )]
    pub(crate) color: Color,
}

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    Auto,
    Always,
    Never,
}

impl From<Color> for anstream::ColorChoice {
    fn from(color: Color) -> Self {
        match color {
            Color::Auto => Self::Auto,
            Color::Always => Self::Always,
            Color::Never => Self::Never,
        }
    }
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    #[cfg(feature = "sim")]
    Demo(commands::demo::Demo),

    #[cfg(feature = "sim")]
    Sim(commands::sim::SimFlags),

    Domain(commands::domain::DomainFlags),

    #[command(visible_alias = "whoami")]
    Login(commands::login::LoginFlags),

    /// Exports or reads conversations (Messaging Interactions)
    #[command(subcommand)]
    Conversations(commands::conversations::Conversations),

    /// Exports history into datasets and databases that can be resumed and brought up to date
    #[command(subcommand)]
    Export(commands::export::Export),

    Query(commands::query::QueryFlags),

    Agent(commands::agent::AgentFlags),

    /// Runs a bot: an echo, or a script of rules
    #[command(subcommand)]
    Bot(commands::bot::BotCommand),

    Chat(commands::chat::ChatFlags),

    Visitor(commands::visitor::VisitorFlags),

    Watch(commands::watch::WatchFlags),

    /// Shows and checks engagement attributes (SDEs)
    #[command(subcommand)]
    Attributes(commands::attributes::Attributes),

    Doctor(commands::doctor::DoctorFlags),

    Completions(commands::completions::Completions),
}

/// Colours for help and errors that are printed before the flags are read.
pub(crate) fn early_color(args: impl Iterator<Item = std::ffi::OsString>) -> Color {
    let args: Vec<_> = args.filter_map(|arg| arg.into_string().ok()).collect();
    let given = args
        .iter()
        .enumerate()
        .find_map(|(at, arg)| match arg.strip_prefix("--color") {
            Some("") => args.get(at + 1).map(String::as_str),
            Some(rest) => rest.strip_prefix('='),
            None => None,
        });
    given
        .and_then(|when| Color::from_str(when, true).ok())
        .unwrap_or(Color::Auto)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_arguments_are_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn there_is_no_flag_for_a_secret() {
        fn walk(command: &clap::Command) {
            for argument in command.get_arguments() {
                let name = argument.get_id().as_str();
                for secret in ["password", "secret", "token", "bearer", "app_key"] {
                    assert!(!name.contains(secret), "{} --{name}", command.get_name());
                }
            }
            command.get_subcommands().for_each(walk);
        }
        walk(&Cli::command());
    }

    #[test]
    fn colour_is_known_before_the_flags_are_read() {
        let of = |args: &[&str]| early_color(args.iter().map(Into::into));
        assert_eq!(of(&["le", "--color", "never", "x"]), Color::Never);
        assert_eq!(of(&["le", "--color=always"]), Color::Always);
        assert_eq!(of(&["le", "--color"]), Color::Auto);
        assert_eq!(of(&["le", "--colorful"]), Color::Auto);
    }
}
