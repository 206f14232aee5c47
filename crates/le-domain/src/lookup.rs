//! The two forms of the lookup, and what their failures mean.

use le_core::retry::RetryPolicy;
use le_core::{AccountId, Client, Error, ErrorKind, Operation};

use crate::generated::operations::{DOMAIN_ALL_SERVICES, DOMAIN_SERVICE};
use crate::listing::{Read, Services};
use crate::unknown;

/// Which form of the lookup is used. Either answer shape is understood on either form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Lookup {
    /// One request lists all services: `/service/baseURI.json`.
    #[default]
    All,
    /// One request for each service that is used: `/service/{name}/baseURI.json`.
    Single,
}

/// What is looked up: also what is looked up at most once at a time.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Key {
    All,
    One(String),
}

/// Asks the Domain API once (with the client's retries, or without).
pub(crate) async fn ask(client: &Client, key: &Key, plain: bool, retries: bool) -> Result<Services, Error> {
    let operation = match key {
        Key::All => Operation::new(&DOMAIN_ALL_SERVICES),
        Key::One(service) => Operation::new(&DOMAIN_SERVICE).path_value("serviceName", service.as_str()),
    };
    let mut call = client.call(operation);
    if !retries {
        call = call.with_retry(RetryPolicy::never());
    }
    let answer = call.send().await.map_err(|e| failed(e, key, client.account()))?;
    let read = Read::answer(&answer, plain).map_err(|e| failed(e, key, client.account()))?;
    if read.entries.is_empty() {
        let message = match read.skipped.len() {
            0 => "the answer lists no service".to_owned(),
            1 => format!(
                "the answer's only entry cannot be used: {}",
                read.skipped[0].reason.message()
            ),
            skipped => format!("none of the answer's {skipped} entries can be used"),
        };
        return Err(failed(answer.fail(ErrorKind::Protocol, message), key, client.account()));
    }
    Ok(Services::new(read, client.clock().now(), answer.into_body()))
}

/// A failed lookup, as an error of discovery. The original error is its source.
fn failed(error: Error, key: &Key, account: &AccountId) -> Error {
    let what = match key {
        Key::All => format!("the services of account {account} could not be looked up"),
        Key::One(service) => format!("service `{service}` of account {account} could not be looked up"),
    };
    let message = format!("{what}: {}", error.message());
    let advice = match (error.status(), key) {
        (Some(status), Key::One(service)) if status.is_success() || matches!(status.as_u16(), 400 | 404) => {
            Some(unknown::advice_without_list(service))
        }
        (Some(status), _) if matches!(status.as_u16(), 400 | 401 | 404) => {
            Some("check the account id (LE_ACCOUNT_ID)".to_owned())
        }
        _ => error.advice().map(str::to_owned),
    };
    let source = error.clone();
    let error = error
        .with_kind(ErrorKind::Discovery)
        .with_message(message)
        .with_disposition(le_core::Disposition::NotSent)
        .with_source(source);
    match advice {
        Some(advice) => error.with_advice(advice),
        None => error,
    }
}

/// Whether the other form of the lookup may do better: the Domain API answered, and not that it is out of order.
pub(crate) fn other_form_may_help(error: &Error) -> bool {
    error
        .status()
        .is_some_and(|status| status.is_success() || (status.is_client_error() && status.as_u16() != 429))
}
