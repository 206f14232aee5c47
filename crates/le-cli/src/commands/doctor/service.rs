//! The services of the account, the login, and a call.

use std::time::Duration;

use le_auth::settings::Credential;
use le_core::{TimeRange, Timestamp};
use le_data::Data;
use le_domain::ServiceName;

use super::report::{Check, Report};
use crate::connection::Connection;
use crate::failure::Result;
use crate::settings::{Settings, trusted};

/// What the commands of this program call.
const NEEDED: [ServiceName; 2] = [ServiceName::AgentVep, ServiceName::MsgHist];

pub(super) async fn examine(settings: &Settings, no_login: bool, report: &mut Report) -> Result<()> {
    if !services(settings, report).await? || no_login || report.has_failed("credential") {
        return report.skip(&["login", "call"]);
    }
    match settings.connect().await {
        Ok(connection) => {
            report.add(login(settings, &connection)?)?;
            report.add(call(&connection).await)?;
            connection.close().await;
            Ok(())
        }
        Err(failure) => {
            report.add(Check::failed("login", failure))?;
            report.skip(&["call"])
        }
    }
}

async fn services(settings: &Settings, report: &mut Report) -> Result<bool> {
    let client = settings.client()?.build()?;
    let domain = settings.domain(&client)?;
    let services = match domain.all().await {
        Ok(services) => services,
        Err(error) => {
            report.add(Check::failed("services", error.into()))?;
            return Ok(false);
        }
    };
    let missing: Vec<&str> = NEEDED
        .iter()
        .map(ServiceName::as_str)
        .filter(|name| services.get(name).is_none())
        .collect();
    let distrust = NEEDED
        .iter()
        .filter_map(|name| services.get(name.as_str()))
        .find_map(|base| trusted(&client, base).err());
    report.add(if !missing.is_empty() {
        Check::doubtful(
            "services",
            format!("{} found, but not {}", services.len(), missing.join(" and ")),
            "ask LivePerson whether the feature is on for this account",
        )
    } else if let Some(failure) = distrust {
        Check::failed("services", failure)
    } else {
        Check::fine(
            "services",
            format!("{} found by {}", services.len(), domain.bootstrap().as_authority()),
        )
    })?;
    Ok(true)
}

fn login(settings: &Settings, connection: &Connection) -> Result<Check> {
    Ok(match (settings.credential()?, connection.answer()) {
        (Credential::Login(_), Some(answer)) => {
            let user = answer
                .user_id()
                .map_or_else(|| "a user without an id".to_owned(), |id| format!("user {id}"));
            Check::fine("login", format!("logged in as {user}"))
        }
        (Credential::Login(_), None) => Check::doubtful(
            "login",
            "the session ended right after the login",
            "log in again; look whether the user is logged in elsewhere",
        ),
        (other, _) => Check::fine(
            "login",
            format!("not needed with a credential of the kind {}", other.kind()),
        ),
    })
}

/// A call that every reader of the history may make: how many conversations began in the last day.
async fn call(connection: &Connection) -> Check {
    let range = TimeRange::last(Duration::from_secs(86_400), Timestamp::now());
    match Data::new(connection.client().clone())
        .conversations()
        .search(range)
        .count()
        .await
    {
        Ok(count) => Check::fine(
            "call",
            format!("the history answers: {count} conversations began in the last 24 hours"),
        ),
        Err(error) => Check::failed("call", error.into()),
    }
}
