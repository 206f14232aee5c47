//! Who may call a data API, and how often: credential, privilege, account, `source`, rate limit.

use std::collections::{HashMap, VecDeque};

use axum::response::Response;
use http::{HeaderValue, StatusCode, header::RETRY_AFTER, request::Parts};
use serde_json::json;

use crate::{
    account::{hexadecimal, mix},
    answer,
    authorize::{self, Caller},
    history::DataLimit,
    oauth,
    world::World,
};

/// What one data API asks of its callers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DataApi {
    /// Its name, for the rate limit.
    pub(crate) name: &'static str,
    /// What an API key must be allowed, in the words of the key manager; any of these.
    pub(crate) privileges: &'static [&'static str],
    /// Whether the bearer of a login is taken.
    pub(crate) bearer: bool,
    /// The scope that the token of an application must have; `None`: such tokens are not taken.
    pub(crate) scope: Option<&'static str>,
    /// Whether an API key is taken.
    pub(crate) key: bool,
    pub(crate) errors: Errors,
}

/// The shapes of refusals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Errors {
    /// `debugMessage`, which one public client reads.
    Debug,
    /// `causes`, `reason` and `internalCode` beside `message`, as Agent Activity documents.
    Causes,
}

/// Requests to each data API within the last window.
#[derive(Debug, Default)]
pub(crate) struct Frequency(HashMap<&'static str, VecDeque<i64>>);

impl Frequency {
    fn exceeds(&mut self, api: &'static str, limit: DataLimit, now: i64) -> bool {
        let recent = self.0.entry(api).or_default();
        let since = now.saturating_sub(i64::try_from(limit.per_ms).unwrap_or(i64::MAX));
        while recent.front().is_some_and(|at| *at <= since) {
            recent.pop_front();
        }
        if recent.len() >= limit.requests as usize {
            return true;
        }
        recent.push_back(now);
        false
    }
}

impl DataApi {
    /// The query of a call that may be answered.
    pub(crate) fn admit(
        &self,
        world: &World,
        parts: &Parts,
        account: &str,
        body: &[u8],
    ) -> Result<Vec<(String, String)>, Box<Response>> {
        self.limit(world)?;
        let caller = authorize::caller(world, parts, body)?;
        if account != world.account.id {
            return Err(self.refused(
                StatusCode::UNAUTHORIZED,
                "the credential does not belong to this account",
            ));
        }
        match caller {
            Caller::Key(_) if !self.key => {
                return Err(self.refused(StatusCode::UNAUTHORIZED, "this API takes no API keys"));
            }
            Caller::Key(key) if !key.has_any(self.privileges) => {
                let message = format!("the API key lacks the privilege {}", self.privileges.join(" or "));
                return Err(self.refused(StatusCode::FORBIDDEN, &message));
            }
            Caller::Session if !self.bearer => {
                return Err(self.refused(StatusCode::UNAUTHORIZED, "this API does not take the bearer of a login"));
            }
            Caller::Application(scopes) => {
                let granted = |scope: &str| scopes.split(' ').any(|one| one == scope);
                if !self.scope.is_some_and(granted) {
                    let message = format!(
                        "the token of the application lacks the scope {}",
                        self.scope.unwrap_or("(this API takes none)")
                    );
                    return Err(self.refused(StatusCode::FORBIDDEN, &message));
                }
            }
            _ => {}
        }
        Ok(oauth::form_pairs(parts.uri.query().unwrap_or("")).collect())
    }

    /// Refuses calls without `source` where the knob asks for it, or where `required` says that the page does.
    pub(crate) fn source(
        &self,
        world: &World,
        query: &[(String, String)],
        required: bool,
    ) -> Result<(), Box<Response>> {
        let given = query.iter().any(|(name, value)| name == "source" && !value.is_empty());
        if (required || world.behaviour().source_required) && !given {
            return Err(self.refused(StatusCode::BAD_REQUEST, "the query parameter source is required"));
        }
        Ok(())
    }

    fn limit(&self, world: &World) -> Result<(), Box<Response>> {
        let Some(limit) = world.behaviour().history.rate_limit else {
            return Ok(());
        };
        if !world.frequency().exceeds(self.name, limit, world.clock.now_ms()) {
            return Ok(());
        }
        let mut refusal = self.refused(StatusCode::TOO_MANY_REQUESTS, "too many requests");
        if let Some(seconds) = limit.retry_after_s {
            refusal.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        Err(refusal)
    }

    /// A refusal in the shape of this API.
    pub(crate) fn refused(&self, status: StatusCode, message: &str) -> Box<Response> {
        Box::new(match (self.errors, status) {
            (Errors::Debug, _) => answer::data_error(status, message),
            (Errors::Causes, StatusCode::BAD_REQUEST) => {
                answer::json(status, &json!({ "causes": [message], "message": "Bad request" }))
            }
            (Errors::Causes, StatusCode::INTERNAL_SERVER_ERROR) => {
                let mut random = fastrand::Rng::with_seed(mix(fold(message), 500));
                let code = hexadecimal(&mut random, 32);
                answer::json(status, &json!({ "internalCode": code, "message": message }))
            }
            (Errors::Causes, _) => answer::json(status, &json!({ "reason": message, "message": "Unauthorized" })),
        })
    }
}

fn fold(text: &str) -> u64 {
    crate::account::fold_text(text)
}
