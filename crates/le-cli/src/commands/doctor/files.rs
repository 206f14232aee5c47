//! What can be checked without the network.

use std::path::PathBuf;

use le_auth::settings::{Field, profile};

use super::report::Check;
use crate::cli::Global;
use crate::failure::Failure;
use crate::settings::Settings;

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.trim().is_empty())
}

/// The configuration file, as far as it can be seen without reading it: what is in it is the affair of the settings.
pub(super) fn configuration(global: &Global) -> Check {
    let named = global
        .config
        .clone()
        .or_else(|| variable("LE_CONFIG").map(PathBuf::from));
    let Some(path) = named.clone().or_else(|| profile::default_file(variable)) else {
        return Check::fine(
            "configuration",
            "no place for a configuration file (HOME is not set); not needed",
        );
    };
    match path.metadata() {
        Ok(_) => Check::fine("configuration", format!("{} is there", path.display())),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound && named.is_none() => Check::fine(
            "configuration",
            format!(
                "{} is not there; not needed where the environment says all",
                path.display()
            ),
        ),
        Err(e) => {
            let failure = Failure::configuration(format!("the configuration file {} cannot be used", path.display()));
            Check::failed(
                "configuration",
                failure.because(e.to_string()).advise("check --config and LE_CONFIG"),
            )
        }
    }
}

/// Where each field comes from.
pub(super) fn environment(settings: &Settings) -> Check {
    let set: Vec<String> = Field::ALL
        .iter()
        .filter_map(|field| Some(format!("{} from {}", field.key(), settings.origin(*field)?)))
        .collect();
    if set.is_empty() {
        return Check::doubtful(
            "settings",
            "nothing is set",
            "set LE_ACCOUNT_ID and a credential; `le --help` lists them",
        );
    }
    Check::fine("settings", set.join(", "))
}

pub(super) fn account(settings: &Settings) -> Check {
    match settings.account() {
        Ok(account) => Check::fine("account", account.as_str()),
        Err(failure) => Check::failed("account", failure),
    }
}

pub(super) fn credential(settings: &Settings) -> Check {
    match settings.credential() {
        Ok(credential) => Check::fine("credential", format!("{} is complete", credential.kind())),
        Err(failure) => Check::failed("credential", failure),
    }
}

/// The file with root certificates, and what else a transport is made of.
pub(super) fn ca_file(settings: &Settings) -> Check {
    match (settings.transport(), settings.ca_file()) {
        (Ok(_), Some(path)) => Check::fine(
            "certificates",
            format!("the machine's, and those of {}", path.display()),
        ),
        (Ok(_), None) => Check::fine("certificates", "the machine's"),
        (Err(failure), _) => Check::failed("certificates", failure),
    }
}
