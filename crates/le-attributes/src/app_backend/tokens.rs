//! Tokens for those who are logged in to the app, and the public keys.

use std::sync::Arc;

use async_trait::async_trait;
use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::{get, post};
use http::request::Parts;
use http::{HeaderValue, StatusCode, header};
use le_core::Result;
use serde_json::json;

use super::answer::{Refusal, json_answer};
use crate::identity::{BrandToken, Consumer, TokenSigner};

/// The app's own way to know its users.
#[async_trait]
pub trait AppAuthentication: Send + Sync + 'static {
    /// Who sends this request, by its cookie, bearer or whatever the app uses. `None` where nobody is logged in.
    ///
    /// # Errors
    /// The question cannot be answered now. The app gets 503 and asks again.
    async fn consumer(&self, request: &Parts) -> Result<Option<Consumer>>;
}

pub(super) struct Issuing {
    pub(super) signer: TokenSigner,
    pub(super) authentication: Arc<dyn AppAuthentication>,
}

impl Issuing {
    /// Who asks; or the answer for those who may not.
    pub(super) async fn who(&self, request: &Parts) -> Result<Consumer, Refusal> {
        match self.authentication.consumer(request).await {
            Ok(Some(consumer)) => Ok(consumer),
            Ok(None) => Err(Refusal::new(StatusCode::UNAUTHORIZED, "login_required").challenging(Some("Bearer"))),
            Err(error) => {
                tracing::warn!(kind = ?error.kind(), "the app's authentication does not answer");
                Err(Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable"))
            }
        }
    }

    /// A token for the consumer; or the answer where the app made one that cannot be signed, which is the app's mistake.
    pub(super) fn sign(&self, consumer: &Consumer) -> Result<BrandToken, Refusal> {
        self.signer.sign(consumer).map_err(|error| {
            tracing::error!(%error, "no token can be signed");
            Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "server_error")
        })
    }
}

/// Seconds that a token has to live.
pub(super) fn seconds_left(token: &BrandToken) -> u64 {
    token.expires_at().since(token.issued_at()).as_secs()
}

pub(super) fn router(issuing: Arc<Issuing>) -> Router {
    Router::new()
        .route("/token", post(issue))
        .route("/.well-known/jwks.json", get(publish))
        .with_state(issuing)
}

async fn issue(State(issuing): State<Arc<Issuing>>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    issue_to(&issuing, &parts).await.unwrap_or_else(Refusal::answer)
}

async fn issue_to(issuing: &Issuing, parts: &Parts) -> Result<Response, Refusal> {
    let token = issuing.sign(&issuing.who(parts).await?)?;
    let expires_in = seconds_left(&token);
    let body = json!({ "id_token": token.secret().expose(), "token_type": "Bearer", "expires_in": expires_in });
    Ok(json_answer(StatusCode::OK, &body))
}

async fn publish(State(issuing): State<Arc<Issuing>>) -> Response {
    let keys = serde_json::to_value(issuing.signer.keys().jwks()).unwrap_or_default();
    let mut response = json_answer(StatusCode::OK, &keys);
    let headers = response.headers_mut();
    // Short, so that a new key is known soon.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"));
    headers.remove(header::PRAGMA);
    response
}
