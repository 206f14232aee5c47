//! The server of a native app: tokens for its consumers (both flows), its public keys, and the push proxy.
//!
//! ```sh
//! cargo run -p le-attributes --example app_backend
//! ```
//!
//! It listens on 127.0.0.1:8080, or on `APP_LISTEN`. What to try in another terminal:
//!
//! ```sh
//! # The app, logged in as ingrid, asks for a token (implicit flow); the keys that LivePerson checks it with.
//! curl -X POST -H 'Authorization: Bearer ingrid' http://127.0.0.1:8080/token
//! curl http://127.0.0.1:8080/.well-known/jwks.json
//! # Code flow: the app asks for a code, LivePerson exchanges it.
//! curl -X POST -H 'Authorization: Bearer ingrid' http://127.0.0.1:8080/code
//! curl -u liveperson:client-secret -d grant_type=authorization_code -d code=THE_CODE http://127.0.0.1:8080/oauth/token
//! # LivePerson sends a push; the second time it is a repetition and only acknowledged.
//! curl -u push:push-secret -d @fixtures/crafted/push/apn.json http://127.0.0.1:8080/push
//! ```
//!
//! | Variable | What it is | Without it |
//! |---|---|---|
//! | `APP_LISTEN` | address and port | `127.0.0.1:8080` |
//! | `APP_KEYS` | JWKS file with private keys, or a PEM file with one | a key that everybody knows, for trying out |
//! | `APP_ISSUER` | the issuer's name as it is configured in LivePerson | `https://id.example.org` |
//! | `APP_CLIENT_SECRET` | the client secret of the connector | `client-secret` |
//! | `APP_PUSH_PASSWORD` | the password of the push proxy's settings | `push-secret` |

#![allow(clippy::print_stdout, reason = "an example shows what it does")]

use std::env;
use std::error::Error;
use std::fs;
use std::sync::Arc;

use async_trait::async_trait;
use http::request::Parts;
use le_attributes::app_backend::{
    AppAuthentication, AppBackend, CodeFlow, PushHandler, PushNotification, PushReceiver, PushRefusal, SenderCheck,
};
use le_attributes::customer::CustomerInfo;
use le_attributes::identity::{Consumer, KeyRing, SigningKey, TokenSigner};
use le_attributes::personal::Personal;
use le_core::Secret;
use le_core::wire::Record;
use tokio::net::TcpListener;
use tokio::sync::mpsc;

/// A real app looks its sessions up in a store; here the bearer is the name of the customer.
struct Customers;

#[async_trait]
impl AppAuthentication for Customers {
    async fn consumer(&self, request: &Parts) -> le_core::Result<Option<Consumer>> {
        let bearer = request.headers.get(http::header::AUTHORIZATION);
        let name = bearer.and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
        Ok(match name {
            Some("ingrid") => {
                let customer = CustomerInfo::default()
                    .customer_type("gold")
                    .balance(-12.5)
                    .currency("NOK");
                let person = Personal::default().language("nb-NO");
                let consumer = Consumer::of("cu-7f31").given_name("Ingrid").family_name("Moe");
                Some(consumer.attributes(vec![customer.into(), person.into()]))
            }
            Some("ruth") => Some(Consumer::of("cu-0004").given_name("Ruth")),
            _ => None,
        })
    }
}

/// Pushes wait in a queue of bounded length. Where it is full, LivePerson is told to come back.
struct Queue(mpsc::Sender<Record<PushNotification>>);

#[async_trait]
impl PushHandler for Queue {
    async fn deliver(&self, push: &Record<PushNotification>) -> Result<(), PushRefusal> {
        if push.device_token().is_none() {
            return Err(PushRefusal::Device);
        }
        self.0.try_send(push.clone()).map_err(|_| PushRefusal::Failed)
    }
}

fn setting(name: &str, default: &str) -> String {
    env::var(name).unwrap_or_else(|_| default.to_owned())
}

fn keys() -> Result<KeyRing, Box<dyn Error>> {
    let Some(path) = env::var_os("APP_KEYS") else {
        println!("No APP_KEYS: tokens are signed with a key that everybody knows.");
        let known = Secret::new(include_str!("../tests/keys/first.pem"));
        return Ok(KeyRing::new(SigningKey::from_pem(&known)?));
    };
    let text = Secret::new(fs::read_to_string(path)?);
    if text.expose().trim_start().starts_with('{') {
        return Ok(KeyRing::from_jwks(&text)?);
    }
    Ok(KeyRing::new(SigningKey::from_pem(&text)?))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let keys = keys()?;
    for key in keys.public_keys() {
        println!("Public key {} for the connector: {}", key.id(), key.connector_setting());
    }
    let signer = TokenSigner::new(setting("APP_ISSUER", "https://id.example.org"), keys);
    let (queue, mut waiting) = mpsc::channel(1000);
    let sender = SenderCheck::basic("push", setting("APP_PUSH_PASSWORD", "push-secret"));
    let router = AppBackend::default()
        .tokens(signer, Arc::new(Customers))
        .code_flow(CodeFlow::new(
            "liveperson",
            setting("APP_CLIENT_SECRET", "client-secret"),
        ))
        .pushes(PushReceiver::new(Arc::new(Queue(queue)), sender))
        .router();

    // Here a real service calls Apple or Google.
    tokio::spawn(async move {
        while let Some(push) = waiting.recv().await {
            let (conversation, sequence) = (push.conversation_id(), push.sequence_number());
            println!("Push for conversation {conversation:?}, message {sequence:?}, to a device.");
        }
    });
    let listener = TcpListener::bind(setting("APP_LISTEN", "127.0.0.1:8080")).await?;
    println!("Listening on http://{}", listener.local_addr()?);
    axum::serve(listener, router)
        .with_graceful_shutdown(async {
            tokio::signal::ctrl_c().await.ok();
        })
        .await?;
    Ok(())
}
