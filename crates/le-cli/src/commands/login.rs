//! `le login`: who the credential is.

use clap::Args;
use le_auth::login::LoginConfig;
use le_auth::settings::Credential;
use le_auth::{LoginAnswer, LoginCredentials};
use le_core::Timestamp;
use le_core::wire::{Flag, Int};
use serde_json::{Value, json};

use crate::cli::Global;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::output::{Output, table};
use crate::settings::Settings;

const LONG_ABOUT: &str = "\
Logs in with the user or bot user of the settings, shows the account, the user, the session's lifetime and the difference \
between the clocks, and logs out again. No token is ever shown.

An API key (OAuth 1.0a) needs no login; `le doctor` tests it with a call.";

/// The flags of `le login`.
#[derive(Debug, Args)]
#[command(about = "Logs in, shows who that is, and logs out again", long_about = LONG_ABOUT)]
pub(crate) struct LoginFlags {}

pub(crate) async fn run(_flags: &LoginFlags, global: &Global, output: Output) -> Result<Exit> {
    let settings = Settings::resolve_asking(global)?;
    let account = settings.account()?;
    let kind = match settings.credential()? {
        Credential::Login(LoginCredentials::User(_)) => "user",
        Credential::Login(_) => "application (bot user)",
        other => {
            let message = format!("the credential is of the kind {}, which needs no login", other.kind());
            return Err(Failure::configuration(message).advise("set LE_USERNAME, or test the key with `le doctor`"));
        }
    };
    let connection = settings.connect().await?;
    let now = Timestamp::now();
    let answer = connection.answer();
    connection.close().await;
    let answer = answer.ok_or_else(|| Failure::new(Exit::Service, "the session ended right after the login"))?;
    let facts = Facts::of(&answer, now);
    if output.is_json() {
        output.json(&facts.to_json(account.as_str(), kind))?;
    } else {
        output.line(
            table(["", ""], facts.rows(account.as_str(), kind))
                .trim_fmt()
                .trim_start_matches('\n'),
        )?;
    }
    Ok(Exit::Ok)
}

/// What a login tells.
struct Facts {
    login_name: Option<String>,
    user_id: Option<String>,
    user_pid: Option<String>,
    is_admin: Option<bool>,
    is_lpa: Option<bool>,
    privileges: usize,
    groups: usize,
    session_seconds: Option<i64>,
    clock_ahead_ms: Option<i64>,
    time_zone: Option<String>,
    services: usize,
}

impl Facts {
    fn of(answer: &LoginAnswer, now: Timestamp) -> Self {
        let config: Option<&LoginConfig> = answer.config.as_ref();
        let flag = |read: fn(&LoginConfig) -> Option<&Flag>| config.and_then(read).map(|flag| flag.get());
        let groups = answer
            .account_data
            .as_ref()
            .and_then(|data| data.agent_groups_data.as_ref());
        Self {
            login_name: config.and_then(|config| config.login_name.clone()),
            user_id: answer.user_id().map(ToString::to_string),
            user_pid: answer.user_pid().map(ToString::to_string),
            is_admin: flag(|config| config.is_admin.as_ref()),
            is_lpa: flag(|config| config.is_lpa.as_ref()),
            privileges: config.map_or(0, |config| config.user_privileges.iter().count()),
            groups: groups.map_or(0, |groups| groups.items.iter().count()),
            session_seconds: answer.session_ttl.as_ref().map(|ttl| ttl.get() / 1000),
            clock_ahead_ms: config
                .and_then(|config| config.server_current_time.as_ref())
                .map(Int::get)
                .map(|server| server.saturating_sub(now.as_millis())),
            time_zone: config.and_then(|config| config.account_time_zone_id.clone()),
            services: answer.base_uris().count(),
        }
    }

    fn role(&self) -> &'static str {
        match (self.is_lpa, self.is_admin) {
            (Some(true), _) => "LivePerson staff",
            (_, Some(true)) => "administrator",
            (_, Some(false)) => "user",
            (_, None) => "not told",
        }
    }

    fn rows(&self, account: &str, kind: &str) -> Vec<[String; 2]> {
        let or_dash = |value: &Option<String>| value.clone().unwrap_or_else(|| "not told".to_owned());
        let row = |label: &str, value: String| [label.to_owned(), value];
        vec![
            row("account", account.to_owned()),
            row("login name", or_dash(&self.login_name)),
            row("user id", or_dash(&self.user_id)),
            row("user pid", or_dash(&self.user_pid)),
            row("credential", kind.to_owned()),
            row("role", self.role().to_owned()),
            row("privileges", self.privileges.to_string()),
            row("agent groups", self.groups.to_string()),
            row("services", self.services.to_string()),
            row(
                "session",
                self.session_seconds.map_or_else(|| "not told".to_owned(), lasts),
            ),
            row(
                "clock",
                self.clock_ahead_ms.map_or_else(|| "not told".to_owned(), clock),
            ),
            row("time zone", or_dash(&self.time_zone)),
        ]
    }

    fn to_json(&self, account: &str, kind: &str) -> Value {
        json!({
            "account": account,
            "login_name": self.login_name,
            "user_id": self.user_id,
            "user_pid": self.user_pid,
            "credential": kind,
            "is_admin": self.is_admin,
            "is_lpa": self.is_lpa,
            "privileges": self.privileges,
            "agent_groups": self.groups,
            "services": self.services,
            "session_seconds": self.session_seconds,
            "server_clock_ahead_ms": self.clock_ahead_ms,
            "time_zone": self.time_zone,
        })
    }
}

fn lasts(seconds: i64) -> String {
    format!(
        "lasts {} h {} min without a refresh",
        seconds / 3600,
        seconds % 3600 / 60
    )
}

/// The way of the answer is part of the difference, so that a second is no finding.
fn clock(ahead_ms: i64) -> String {
    match ahead_ms {
        -1000..=1000 => "this machine's agrees with LivePerson's".to_owned(),
        _ => format!(
            "LivePerson's is {:+.1} s ahead of this machine's",
            ahead_ms as f64 / 1000.0
        ),
    }
}
