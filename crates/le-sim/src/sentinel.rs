//! Tokens of applications (OAuth 2.0 client credentials)
//! (<https://developers.liveperson.com/oauth-2-0-client-credentials.html>).

use std::{collections::HashMap, sync::Arc};

use axum::{
    extract::{Path, Request, State},
    response::Response,
};
use http::StatusCode;
use serde_json::json;
use subtle::ConstantTimeEq as _;

use crate::{
    answer,
    messaging::signed_token,
    oauth,
    routing::read_body,
    world::{OAuthClient, World},
};

/// What applications of the simulated account may do. The vendor publishes no list of scopes; these are the ones that its
/// pages name.
const SCOPES: &str = "msg.consumer data.services.enghist data.services.msghist data.services.external.bulkfiledownload";

/// Tokens live for an hour.
const LIVES_MS: i64 = 3_600_000;

/// The tokens that were issued.
#[derive(Debug, Default)]
pub(crate) struct ApplicationTokens(HashMap<String, i64>);

impl ApplicationTokens {
    /// The scopes of a token that is good now.
    pub(crate) fn scopes(&self, token: &str, now_ms: i64) -> Option<&'static str> {
        self.0.get(token).filter(|expires| **expires > now_ms).map(|_| SCOPES)
    }
}

/// `POST /sentinel/api/account/{accountId}/app/token?v=1.0` and `POST /sentinel/api/v2/account/{accountId}/app/token`. The
/// parameters stand in a form, or, as older clients send them, in the query.
pub(crate) async fn app_token(
    State(world): State<Arc<World>>,
    Path(account): Path<String>,
    request: Request,
) -> Response {
    let query = request.uri().query().unwrap_or("").to_owned();
    let body = read_body(request).await;
    let form = std::str::from_utf8(&body).unwrap_or("");
    let value = |wanted: &str| {
        let mut pairs = oauth::form_pairs(form).chain(oauth::form_pairs(&query));
        pairs
            .find(|(name, _)| name == wanted)
            .map(|(_, value)| value)
            .unwrap_or_default()
    };
    if value("grant_type") != "client_credentials" {
        return refused("unsupported_grant_type", "grant_type must be client_credentials");
    }
    let client = world.oauth_client(&value("client_id"));
    let secret = value("client_secret");
    let proved = |client: &&OAuthClient| bool::from(client.client_secret.as_bytes().ct_eq(secret.as_bytes()));
    let Some(client) = client.filter(proved).filter(|_| account == world.account.id) else {
        return refused(
            "invalid_client",
            "the application is not known, or its secret is another one",
        );
    };
    let token = issue(&world, &client.client_id);
    let answer = json!({ "access_token": token, "token_type": "Bearer", "expires_in": LIVES_MS / 1_000 });
    answer::json(StatusCode::OK, &answer)
}

/// A token for an application.
pub(crate) fn issue(world: &World, client_id: &str) -> String {
    let now_ms = world.clock.now_ms();
    let mut tokens = world.application_tokens();
    let claims = json!({
        "aud": world.account.id, "azp": client_id, "scope": SCOPES, "iss": "Sentinel",
        "iat": now_ms / 1_000, "exp": (now_ms + LIVES_MS) / 1_000, "jti": tokens.0.len(),
    });
    let token = signed_token(world, &claims);
    tokens.0.insert(token.clone(), now_ms + LIVES_MS);
    token
}

fn refused(error: &str, description: &str) -> Response {
    let body = json!({ "error": error, "error_description": description });
    answer::json(StatusCode::UNAUTHORIZED, &body)
}
