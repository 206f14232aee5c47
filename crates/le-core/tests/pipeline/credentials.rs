//! Credentials: renewed once, sent to trusted hosts only.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use bytes::Bytes;
use http::Request;
use le_core::auth::{Refusal, Renewal, Stamp};
use le_core::discover::FixedBase;
use le_core::testing::{Scripted, ScriptedTransport};
use le_core::{Authorize, BaseUri, Error, ErrorKind, Operation, TrustedHosts};

use super::{SECURE, builder, clock};

/// Counts renewals; the bearer is the stamp.
#[derive(Debug, Default)]
struct Counter {
    stamp: AtomicU64,
    renewable: bool,
}

#[async_trait]
impl Authorize for Counter {
    async fn authorize(&self, request: &mut Request<Bytes>) -> Result<Stamp, Error> {
        let stamp = self.stamp.load(Ordering::SeqCst);
        request
            .headers_mut()
            .insert("authorization", format!("Bearer {stamp}").parse().unwrap());
        Ok(Stamp(stamp))
    }

    async fn renew(&self, refused: Stamp, refusal: &Refusal<'_>) -> Result<Renewal, Error> {
        assert_eq!(refusal.status, 401);
        if !self.renewable {
            return Ok(Renewal::NotPossible);
        }
        let _ = self
            .stamp
            .compare_exchange(refused.0, refused.0 + 1, Ordering::SeqCst, Ordering::SeqCst);
        Ok(Renewal::Renewed)
    }
}

#[tokio::test]
async fn a_refused_credential_is_renewed_once_and_the_call_replayed_once() {
    let bearers = |transport: &ScriptedTransport| -> Vec<String> {
        transport
            .sent()
            .iter()
            .map(|sent| sent.headers["authorization"].to_str().unwrap().to_owned())
            .collect()
    };
    let clock = clock();
    let transport = ScriptedTransport::new([Scripted::status(401, ""), Scripted::ok("{}")]);
    let auth = Arc::new(Counter {
        renewable: true,
        ..Counter::default()
    });
    let client = builder(&transport, &clock).authorize(auth.clone()).build().unwrap();
    client.call(Operation::new(&SECURE)).await.unwrap();
    assert_eq!(bearers(&transport), ["Bearer 0", "Bearer 1"]);
    assert!(clock.slept().is_empty(), "the replay does not wait");

    for _ in 0..2 {
        transport.push(Scripted::status(401, ""));
    }
    let error = client.call(Operation::new(&SECURE)).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.attempts()),
        (ErrorKind::Authentication, 2),
        "a second refusal is final"
    );

    let transport = ScriptedTransport::new([Scripted::status(401, "")]);
    let client = builder(&transport, &clock)
        .authorize(Arc::new(Counter::default()))
        .build()
        .unwrap();
    assert_eq!(client.call(Operation::new(&SECURE)).await.unwrap_err().attempts(), 1);
}

#[tokio::test]
async fn each_attempt_is_authorized_anew() {
    #[derive(Debug, Default)]
    struct Nonce(AtomicU64);
    #[async_trait]
    impl Authorize for Nonce {
        async fn authorize(&self, request: &mut Request<Bytes>) -> Result<Stamp, Error> {
            let nonce = self.0.fetch_add(1, Ordering::SeqCst).to_string();
            request.headers_mut().insert("authorization", nonce.parse().unwrap());
            Ok(Stamp::default())
        }
    }
    let transport = ScriptedTransport::new([Scripted::status(503, ""), Scripted::status(429, ""), Scripted::ok("{}")]);
    let client = builder(&transport, &clock())
        .authorize(Arc::new(Nonce::default()))
        .build()
        .unwrap();
    client.call(Operation::new(&SECURE)).await.unwrap();
    let nonces: Vec<_> = transport
        .sent()
        .iter()
        .map(|sent| sent.headers["authorization"].clone())
        .collect();
    assert_eq!(nonces, ["0", "1", "2"]);
}

#[tokio::test]
async fn a_credential_goes_to_trusted_hosts_only() {
    let transport = ScriptedTransport::new([Scripted::ok("{}")]);
    let elsewhere = Arc::new(FixedBase(BaseUri::new("liveperson.net.evil.example").unwrap()));
    let client = builder(&transport, &clock())
        .discover(elsewhere)
        .authorize(Arc::new(Counter::default()));
    let error = client.build().unwrap().call(Operation::new(&SECURE)).await.unwrap_err();
    assert_eq!((error.kind(), transport.sent().len()), (ErrorKind::Validation, 0));
    assert!(error.to_string().contains("liveperson.net.evil.example"), "{error}");

    let trusted = TrustedHosts::default().with_domain("evil.example");
    let client = builder(&transport, &clock())
        .trusted_hosts(trusted)
        .authorize(Arc::new(Counter::default()));
    client.build().unwrap().call(Operation::new(&SECURE)).await.unwrap();
}
