//! The error for a service that is not there: it says which names come near.

use http::StatusCode;
use le_core::{AccountId, Error, ErrorKind};

use crate::generated::services::ServiceName;
use crate::listing::Services;

/// How alike two names must be to be offered, from 0 to 1.
const NEAR: f64 = 0.6;

/// A service that the list of an account does not hold.
pub(crate) fn not_listed(service: &str, account: &AccountId, services: &Services) -> Error {
    if let Some(skipped) = services
        .skipped()
        .iter()
        .find(|skipped| skipped.service.as_ref().is_some_and(|name| name.as_str() == service))
    {
        let message = format!("the Domain API gives service `{service}` a place that cannot be used");
        return Error::new(ErrorKind::Discovery, message)
            .with_body(services.body())
            .with_source(skipped.reason.clone())
            .with_advice("report it to LivePerson, or bind the call to a host of your own");
    }
    let mut message = format!("the Domain API lists no service `{service}` for account {account}");
    if services.is_stale() {
        message = format!(
            "{message} in its last answer, of {}; a newer one could not be had",
            services.fetched_at()
        );
    }
    let listed: Vec<&str> = services.iter().map(|(name, _)| name.as_str()).collect();
    let mut error = Error::new(ErrorKind::Discovery, message);
    if !services.body().is_empty() {
        error = error.with_status(StatusCode::OK).with_body(services.body());
    }
    match advice(service, listed.iter().copied()) {
        Some(advice) => error.with_advice(advice),
        None => error.with_advice(format!("the account has: {}", listed.join(", "))),
    }
}

/// What to do about a name that was refused without a list at hand.
pub(crate) fn advice_without_list(service: &str) -> String {
    advice(service, ServiceName::KNOWN.iter().copied())
        .unwrap_or_else(|| "check the account id and the exact, case-sensitive name of the service".to_owned())
}

fn advice<'a>(service: &str, names: impl Iterator<Item = &'a str> + Clone) -> Option<String> {
    if let Some(same) = names
        .clone()
        .find(|name| name.eq_ignore_ascii_case(service) && *name != service)
    {
        return Some(format!("did you mean `{same}`? Names of services are case-sensitive"));
    }
    let mut near: Vec<(f64, &str)> = names
        .filter(|name| *name != service)
        .map(|name| {
            let (a, b) = (name.to_ascii_lowercase(), service.to_ascii_lowercase());
            (strsim::normalized_damerau_levenshtein(&a, &b), name)
        })
        .filter(|(likeness, _)| *likeness >= NEAR)
        .collect();
    near.sort_by(|a, b| b.0.total_cmp(&a.0));
    let near: Vec<String> = near.iter().take(3).map(|(_, name)| format!("`{name}`")).collect();
    (!near.is_empty()).then(|| format!("did you mean {}?", near.join(" or ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_come_near_are_offered() {
        let known = || ServiceName::KNOWN.iter().copied();
        assert_eq!(
            advice("MsgHist", known()).unwrap(),
            "did you mean `msgHist`? Names of services are case-sensitive"
        );
        assert!(advice("faaSGW", known()).unwrap().contains("`faasGW`"));
        assert!(advice("msgHst", known()).unwrap().starts_with("did you mean `msgHist`"));
        assert_eq!(advice("zzzzzzzz", known()), None);
    }
}
