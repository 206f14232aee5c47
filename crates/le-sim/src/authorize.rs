//! Who is calling: a session's bearer or an API key.

use axum::response::Response;
use http::{StatusCode, header::AUTHORIZATION, request::Parts};

use crate::{
    account::ApiKey,
    answer,
    arrival::Arrival,
    oauth::{Parameters, Problem, SignedRequest},
    world::World,
};

/// A caller whose credential was accepted.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Caller<'a> {
    /// A user or application with a living session.
    Session,
    /// A signed request of an API key.
    Key(&'a ApiKey),
    /// An application with a token of these scopes, separated by spaces.
    Application(&'static str),
}

/// Why a credential is not accepted.
#[derive(Debug)]
pub(crate) enum Denied {
    /// The signature, or something that it has to cover.
    Signature(Problem),
    /// No credential, or a bearer that is not known.
    Bearer(&'static str),
}

/// Accepts either credential that the data APIs take; a refusal has their shape.
pub(crate) fn caller<'a>(world: &'a World, parts: &Parts, body: &[u8]) -> Result<Caller<'a>, Box<Response>> {
    identified(world, parts, body).map_err(|denied| {
        Box::new(match denied {
            Denied::Signature(problem) => answer::oauth_problem(&problem),
            Denied::Bearer(message) => answer::data_error(StatusCode::UNAUTHORIZED, message),
        })
    })
}

/// Who is calling.
pub(crate) fn identified<'a>(world: &'a World, parts: &Parts, body: &[u8]) -> Result<Caller<'a>, Denied> {
    let Some(header) = parts.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()) else {
        return Err(Denied::Bearer(
            "no credential: send Authorization: Bearer <session> or Authorization: OAuth <signature>",
        ));
    };
    if let Some(parameters) = Parameters::parse(header) {
        return key(world, parts, body, &parameters)
            .map(Caller::Key)
            .map_err(Denied::Signature);
    }
    if let Some(token) = bearer(header)
        && let Some(scopes) = world.application_tokens().scopes(token, world.clock.now_ms())
    {
        return Ok(Caller::Application(scopes));
    }
    match bearer(header) {
        Some(bearer) if world.sessions().of_bearer(bearer, world.clock.now_ms()).is_some() => Ok(Caller::Session),
        Some(_) => Err(Denied::Bearer(
            "the bearer is unknown or its session has ended; log in again",
        )),
        None => Err(Denied::Bearer(
            "the Authorization header is of a scheme that this service does not know",
        )),
    }
}

/// The token of a bearer header.
pub(crate) fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.trim().split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn key<'a>(world: &'a World, parts: &Parts, body: &[u8], parameters: &Parameters) -> Result<&'a ApiKey, Problem> {
    let now_ms = world.clock.now_ms();
    let window_s = world.behaviour().oauth_window_s;
    let consumer = parameters.require("oauth_consumer_key")?;
    let token = parameters.require("oauth_token")?;
    let nonce = parameters.require("oauth_nonce")?;
    parameters.check_form(now_ms, window_s)?;
    let key = world
        .account
        .api_key(consumer)
        .ok_or_else(|| Problem::new("consumer_key_rejected", "the account has no API key with this app key"))?;
    if key.access_token != token {
        return Err(Problem::new(
            "token_rejected",
            "the access token does not belong to this app key",
        ));
    }
    let form = if is_form(parts) {
        std::str::from_utf8(body).unwrap_or("")
    } else {
        ""
    };
    let arrival = parts.extensions.get::<Arrival>();
    let request = SignedRequest {
        method: parts.method.as_str(),
        scheme: arrival.map_or("http", |arrival| arrival.scheme),
        authority: arrival.map_or("", |arrival| arrival.authority.as_str()),
        path: arrival.map_or_else(|| parts.uri.path(), |arrival| arrival.path.as_str()),
        query: parts.uri.query().unwrap_or(""),
        form,
    };
    parameters.check_signature(request, &key.secret, &key.access_token_secret)?;
    // Only a nonce of a request that was really signed is remembered: others must not be able to burn it.
    world.nonces().accept(consumer, nonce, now_ms, window_s)?;
    Ok(key)
}

fn is_form(parts: &Parts) -> bool {
    parts
        .headers
        .get(http::header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| {
            value
                .trim_start()
                .to_ascii_lowercase()
                .starts_with("application/x-www-form-urlencoded")
        })
}
