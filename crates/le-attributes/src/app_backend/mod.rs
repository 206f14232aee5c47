//! What the server of a native app needs, as an axum [`Router`]: tokens for its consumers, the keys that they are
//! checked with, and the receiver of push messages.
//!
//! | Path | Who calls it | What it does |
//! |---|---|---|
//! | `POST /token` | the app | signs a token for the consumer who is logged in (implicit flow) |
//! | `POST /code` | the app | gives a code that can be exchanged once (code flow) |
//! | `POST /oauth/token` | LivePerson | exchanges a code for a token |
//! | `GET /.well-known/jwks.json` | anyone | the public keys |
//! | `POST /push` | LivePerson | takes a push message and hands it over |
//!
//! Each is there only if it was asked for; the keys come with tokens. LivePerson calls the brand over https on port 443, so
//! put the router behind something that ends TLS, or serve it with a TLS listener.
//!
//! ```
//! use std::sync::Arc;
//! use le_attributes::app_backend::{
//!     AppAuthentication, AppBackend, PushHandler, PushNotification, PushReceiver, PushRefusal, SenderCheck,
//! };
//! use le_attributes::identity::{Consumer, KeyRing, SigningKey, TokenSigner};
//! use le_core::wire::Record;
//!
//! struct Sessions;
//!
//! #[async_trait::async_trait]
//! impl AppAuthentication for Sessions {
//!     async fn consumer(&self, request: &http::request::Parts) -> le_core::Result<Option<Consumer>> {
//!         // Look the session up that the app's cookie or bearer names.
//!         Ok(request.headers.get("authorization").map(|_| Consumer::of("cu-7f31")))
//!     }
//! }
//!
//! struct Devices;
//!
//! #[async_trait::async_trait]
//! impl PushHandler for Devices {
//!     async fn deliver(&self, push: &Record<PushNotification>) -> Result<(), PushRefusal> {
//!         // Hand it to Apple, Google, or a queue. Only then is it acknowledged.
//!         push.device_token().map(|_| ()).ok_or(PushRefusal::Device)
//!     }
//! }
//! # let pem = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/keys/first.pem"));
//!
//! let signer = TokenSigner::new("https://id.example.org", KeyRing::new(SigningKey::from_pem(&pem.into())?));
//! let router: axum::Router = AppBackend::default()
//!     .tokens(signer, Arc::new(Sessions))
//!     .pushes(PushReceiver::new(Arc::new(Devices), SenderCheck::basic("liveperson", "hunter2")))
//!     .router();
//! # Ok::<_, le_core::Error>(())
//! ```

mod answer;
mod code_flow;
mod codes;
mod deliveries;
mod push;
mod receiver;
mod sender;
mod tokens;

use std::sync::Arc;

use axum::Router;

use crate::identity::TokenSigner;

pub use code_flow::CodeFlow;
pub use codes::{CodeStore, CodesInMemory};
pub use push::{Aps, BackendService, NotificationType, PushData, PushNotification, PushPayload, PushService};
pub use receiver::{PushFigures, PushHandler, PushReceiver, PushRefusal};
pub use sender::SenderCheck;
pub use tokens::AppAuthentication;

use tokens::Issuing;

/// Builds the router out of the parts that are wanted.
#[derive(Default)]
pub struct AppBackend {
    issuing: Option<Arc<Issuing>>,
    code_flow: Option<CodeFlow>,
    pushes: Option<PushReceiver>,
}

impl AppBackend {
    /// Signs tokens for whom `authentication` knows, and publishes the keys.
    #[must_use]
    pub fn tokens(mut self, signer: TokenSigner, authentication: Arc<dyn AppAuthentication>) -> Self {
        self.issuing = Some(Arc::new(Issuing { signer, authentication }));
        self
    }

    /// Offers the code flow beside the implicit one. It needs [`tokens`](Self::tokens) too.
    #[must_use]
    pub fn code_flow(mut self, flow: CodeFlow) -> Self {
        self.code_flow = Some(flow);
        self
    }

    /// Receives push messages.
    #[must_use]
    pub fn pushes(mut self, receiver: PushReceiver) -> Self {
        self.pushes = Some(receiver);
        self
    }

    /// The router, to be served as it is or nested into the app's own.
    pub fn router(self) -> Router {
        let mut router = Router::new();
        if let Some(issuing) = self.issuing {
            if let Some(flow) = self.code_flow {
                router = router.merge(code_flow::router(flow, Arc::clone(&issuing)));
            }
            router = router.merge(tokens::router(issuing));
        }
        if let Some(receiver) = self.pushes {
            router = router.merge(receiver::router(receiver));
        }
        router
    }
}

impl std::fmt::Debug for AppBackend {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AppBackend")
            .field("tokens", &self.issuing.is_some())
            .field("code_flow", &self.code_flow.is_some())
            .field("pushes", &self.pushes.is_some())
            .finish()
    }
}
