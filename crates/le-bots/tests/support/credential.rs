//! A credential that is asked for over HTTP when it is first needed.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::Request;
use le_bots::{NextStep, SocketCredential};
use le_core::auth::{Renewal, Stamp};
use le_core::transport::{Transport, TransportError};
use le_core::{Error, ErrorKind, Secret};
use le_sim::account::User;
use serde_json::{Value, json};

/// How long a login may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// An agent's bearer, or a consumer's token.
#[derive(Debug)]
pub(crate) struct Credential {
    transport: Arc<dyn Transport>,
    url: String,
    body: Value,
    /// Where it stands in the answer.
    member: &'static str,
    /// Whether one that was refused is asked for again. A consumer who signs up again would be somebody else.
    renews: bool,
    state: tokio::sync::Mutex<(Option<Secret>, u64)>,
}

impl Credential {
    /// The login session of an agent; a new one when it was refused.
    pub(crate) fn login(transport: Arc<dyn Transport>, base: &str, account: &str, user: &User) -> Arc<Self> {
        Arc::new(Self {
            transport,
            url: format!("{base}/api/account/{account}/login?v=1.3"),
            body: json!({"username": user.login_name, "password": user.password}),
            member: "bearer",
            renews: true,
            state: tokio::sync::Mutex::default(),
        })
    }

    /// A new anonymous consumer, whose token lives for years.
    pub(crate) fn consumer(transport: Arc<dyn Transport>, base: &str, account: &str) -> Arc<Self> {
        Arc::new(Self {
            transport,
            url: format!("{base}/api/account/{account}/signup"),
            body: json!({}),
            member: "jwt",
            renews: false,
            state: tokio::sync::Mutex::default(),
        })
    }

    async fn fetch(&self, state: &mut (Option<Secret>, u64)) -> Result<(), Error> {
        let answer = tokio::time::timeout(PATIENCE, posted(&*self.transport, &self.url, &self.body)).await;
        let answer = answer.map_err(|_| Error::new(ErrorKind::Timeout, "no answer in time"))??;
        let token = answer[self.member].as_str();
        let token = token.ok_or_else(|| Error::new(ErrorKind::Decode, "the answer has no token"))?;
        *state = (Some(Secret::new(token)), state.1 + 1);
        Ok(())
    }
}

#[async_trait]
impl SocketCredential for Credential {
    async fn token(&self) -> Result<(Secret, Stamp), Error> {
        let mut state = self.state.lock().await;
        if state.0.is_none() {
            self.fetch(&mut state).await?;
        }
        Ok((state.0.clone().unwrap(), Stamp(state.1)))
    }

    async fn renew(&self, refused: Stamp, _: NextStep) -> Result<Renewal, Error> {
        let mut state = self.state.lock().await;
        if self.renews && state.1 == refused.0 {
            self.fetch(&mut state).await?;
        }
        Ok(Renewal::Renewed)
    }
}

async fn posted(transport: &dyn Transport, url: &str, body: &Value) -> Result<Value, Error> {
    let request = Request::post(url)
        .header("content-type", "application/json")
        .body(Bytes::from(body.to_string()))
        .unwrap();
    let broken = |error: TransportError| Error::new(ErrorKind::Transport, error.to_string());
    let answer = transport.execute(request).await.map_err(broken)?;
    let status = answer.status();
    let body = answer.into_body().collect(1 << 20).await.map_err(broken)?;
    let kind = match status.as_u16() {
        200..=299 => return serde_json::from_slice(&body).map_err(|_| Error::new(ErrorKind::Decode, "no JSON")),
        401 => ErrorKind::Authentication,
        429 => ErrorKind::RateLimited,
        _ => ErrorKind::Server,
    };
    Err(Error::new(kind, "the login failed").with_status(status))
}
