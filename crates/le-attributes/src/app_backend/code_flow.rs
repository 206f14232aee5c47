//! The code flow: the app gets a code, hands it to LivePerson, and LivePerson exchanges it here.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::post;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::request::Parts;
use http::{HeaderMap, StatusCode};
use le_core::clock::{Clock, SystemClock};
use le_core::{Error, Secret, Timestamp};
use ring::rand::{SecureRandom as _, SystemRandom};
use serde_json::json;

use super::answer::{Refusal, json_answer};
use super::codes::{CodeStore, CodesInMemory};
use super::sender::basic_credential;
use super::tokens::{Issuing, seconds_left};

/// Where LivePerson sends the browser, unless the account has another address.
const REDIRECT: &str = "https://liveperson.net";

/// A form with a code is a few hundred bytes.
const LONGEST_FORM: usize = 16 * 1024;

/// The code flow of one connector.
#[derive(Clone)]
pub struct CodeFlow {
    client_id: String,
    client_secret: Secret,
    redirect_uri: String,
    lifetime: Duration,
    codes: Arc<dyn CodeStore>,
    clock: Arc<dyn Clock>,
}

impl CodeFlow {
    /// Client id and secret as they are entered in the connector.
    #[must_use]
    pub fn new(client_id: impl Into<String>, client_secret: impl Into<Secret>) -> Self {
        Self {
            client_id: client_id.into(),
            client_secret: client_secret.into(),
            redirect_uri: REDIRECT.to_owned(),
            lifetime: Duration::from_secs(60),
            codes: Arc::new(CodesInMemory::default()),
            clock: Arc::new(SystemClock::default()),
        }
    }

    /// The redirect address that LivePerson names; `https://liveperson.net` by default.
    #[must_use]
    pub fn redirect_uri(mut self, uri: impl Into<String>) -> Self {
        self.redirect_uri = uri.into();
        self
    }

    /// How long a code can be exchanged: one minute by default.
    #[must_use]
    pub fn code_lifetime(mut self, lifetime: Duration) -> Self {
        self.lifetime = lifetime;
        self
    }

    /// Keeps codes elsewhere than in this process.
    #[must_use]
    pub fn codes(mut self, store: Arc<dyn CodeStore>) -> Self {
        self.codes = store;
        self
    }

    /// Replaces the clock of this machine.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// In the header, or in the form: the pages show both.
    fn is_client(&self, headers: &HeaderMap, form: &Form) -> bool {
        let (id, secret) = match basic_credential(headers) {
            Some(credential) => credential,
            None => match (&form.client_id, &form.client_secret) {
                (Some(id), Some(secret)) => (id.clone(), secret.clone()),
                _ => return false,
            },
        };
        // Both are compared, so that the time says nothing about which one is wrong.
        (Secret::new(id) == Secret::new(self.client_id.as_str())) & (secret == self.client_secret)
    }
}

impl fmt::Debug for CodeFlow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CodeFlow")
            .field("client_id", &self.client_id)
            .field("client_secret", &self.client_secret)
            .field("redirect_uri", &self.redirect_uri)
            .field("lifetime", &self.lifetime)
            .finish_non_exhaustive()
    }
}

struct Flow {
    settings: CodeFlow,
    issuing: Arc<Issuing>,
}

pub(super) fn router(settings: CodeFlow, issuing: Arc<Issuing>) -> Router {
    Router::new()
        .route("/code", post(give))
        .route("/oauth/token", post(exchange))
        .with_state(Arc::new(Flow { settings, issuing }))
}

async fn give(State(flow): State<Arc<Flow>>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    flow.give(&parts).await.unwrap_or_else(Refusal::answer)
}

async fn exchange(State(flow): State<Arc<Flow>>, request: Request) -> Response {
    flow.exchange(request).await.unwrap_or_else(Refusal::answer)
}

impl Flow {
    async fn give(&self, parts: &Parts) -> Result<Response, Refusal> {
        let consumer = self.issuing.who(parts).await?;
        // Signed only when the code comes back, but what cannot be signed is better said now.
        self.issuing.sign(&consumer)?;
        let settings = &self.settings;
        let lifetime = settings.lifetime;
        let millis = i64::try_from(lifetime.as_millis()).unwrap_or(i64::MAX);
        let until = Timestamp::from_millis(settings.clock.now().as_millis().saturating_add(millis));
        let code = random_text()?;
        settings.codes.keep(&code, consumer, until).await.map_err(unavailable)?;
        let body = json!({ "code": code.expose(), "expires_in": lifetime.as_secs() });
        Ok(json_answer(StatusCode::OK, &body))
    }

    async fn exchange(&self, request: Request) -> Result<Response, Refusal> {
        let (parts, body) = request.into_parts();
        let body = to_bytes(body, LONGEST_FORM).await.map_err(|_| UNREADABLE)?;
        let form = Form::read(&body);
        let settings = &self.settings;
        if !settings.is_client(&parts.headers, &form) {
            return Err(NO_CLIENT);
        }
        let is_exchange = form.grant_type.as_deref() == Some("authorization_code");
        let code = form.code.filter(|_| is_exchange).ok_or(UNREADABLE)?;
        if form.redirect_uri.is_some_and(|uri| uri != settings.redirect_uri) {
            return Err(NO_CODE);
        }
        let consumer = settings.codes.take(&code).await.map_err(unavailable)?.ok_or(NO_CODE)?;
        let token = self.issuing.sign(&consumer)?;
        // LivePerson does not use the access token without delegation, but wants one.
        let access_token = random_text()?;
        let body = json!({
            "access_token": access_token.expose(),
            "token_type": "Bearer",
            "expires_in": seconds_left(&token),
            "id_token": token.secret().expose(),
        });
        Ok(json_answer(StatusCode::OK, &body))
    }
}

/// The three refusals that the pages name, all with status 400.
const UNREADABLE: Refusal = Refusal::new(StatusCode::BAD_REQUEST, "json_parse_error");
const NO_CODE: Refusal = Refusal::new(StatusCode::BAD_REQUEST, "invalid_code");
const NO_CLIENT: Refusal = Refusal::new(StatusCode::BAD_REQUEST, "unauthorized_client");

fn unavailable(error: Error) -> Refusal {
    tracing::warn!(%error, "codes cannot be kept or taken");
    Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable")
}

/// 256 random bits: nobody guesses them.
fn random_text() -> Result<Secret, Refusal> {
    let mut bytes = [0_u8; 32];
    SystemRandom::new().fill(&mut bytes).map_err(|_| {
        unavailable(Error::configuration("the system gives no random numbers").with_advice("try again"))
    })?;
    Ok(Secret::new(URL_SAFE_NO_PAD.encode(bytes)))
}

/// What LivePerson sends.
#[derive(Default)]
struct Form {
    grant_type: Option<String>,
    code: Option<Secret>,
    redirect_uri: Option<String>,
    client_id: Option<String>,
    client_secret: Option<Secret>,
}

impl Form {
    fn read(body: &[u8]) -> Self {
        let mut form = Self::default();
        for (name, value) in url::form_urlencoded::parse(body) {
            let value = value.into_owned();
            match name.as_ref() {
                "grant_type" => form.grant_type = Some(value),
                "code" => form.code = Some(value.into()),
                "redirect_uri" => form.redirect_uri = Some(value),
                "client_id" => form.client_id = Some(value),
                "client_secret" => form.client_secret = Some(value.into()),
                _ => {}
            }
        }
        form
    }
}
