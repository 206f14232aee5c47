//! The TLS port: which certificates it shows, and which clients must refuse it.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a helper of a test fails as the test does"
)]

mod client;

use std::sync::Arc;

use client::{ACCOUNT, builder, causes, client, tls};
use le_sim::{Leaf, Sim, TlsVersions};
use rustls::{ProtocolVersion, pki_types::ServerName};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

fn lookup(sim: &Sim) -> String {
    format!("{}/api/account/{ACCOUNT}/service/baseURI.json?version=1.0", sim.url())
}

/// Shakes hands under a name and returns the version and the number of certificates.
async fn shake(sim: &Sim, name: &str) -> std::io::Result<(ProtocolVersion, usize)> {
    let connector = TlsConnector::from(Arc::new(tls(sim)));
    let stream = TcpStream::connect(sim.addr()).await?;
    let name = ServerName::try_from(name.to_owned()).unwrap();
    let stream = connector.connect(name, stream).await?;
    let (_, connection) = stream.get_ref();
    Ok((
        connection.protocol_version().unwrap(),
        connection.peer_certificates().unwrap().len(),
    ))
}

#[tokio::test]
async fn the_certificate_holds_for_every_name_a_client_may_use() {
    let sim = Sim::builder()
        .conversations(1)
        .tls(true)
        .names(["le.test", "10.0.0.7"])
        .start()
        .await
        .unwrap();
    for name in [
        "localhost",
        "127.0.0.1",
        "api.liveperson.net",
        "adminlogin.liveperson.net",
        "status.liveperson.com",
        "accdn.lpsnmedia.net",
        "lo.da.liveperson.net",
        "va.da.liveperson.net",
        "sy.da.liveperson.net",
        "va.msghist.liveperson.net",
        "z1.context.liveperson.net",
        "le.test",
        "10.0.0.7",
    ] {
        let (version, certificates) = shake(&sim, name)
            .await
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!((version, certificates), (ProtocolVersion::TLSv1_3, 2), "{name}");
    }
    let error = shake(&sim, "example.org").await.unwrap_err().to_string();
    assert!(error.contains("example.org"), "{error}");
}

#[tokio::test]
async fn the_authority_is_written_where_asked() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ca.pem");
    let sim = Sim::builder()
        .conversations(1)
        .tls(true)
        .ca_out(&path)
        .start()
        .await
        .unwrap();
    assert_eq!(std::fs::read_to_string(&path).unwrap(), sim.ca_pem().unwrap());
    assert_eq!(sim.ready_json()["ca"], path.to_str().unwrap());
    let served = client(&sim)
        .get(format!("{}/_sim/ca.pem", sim.url()))
        .send()
        .await
        .unwrap();
    assert_eq!(served.text().await.unwrap(), sim.ca_pem().unwrap());
    let nowhere = folder.path().join("missing").join("ca.pem");
    let error = Sim::builder()
        .tls(true)
        .ca_out(&nowhere)
        .start()
        .await
        .unwrap_err()
        .to_string();
    assert!(error.contains("cannot write") && error.contains("missing"), "{error}");
}

#[tokio::test]
async fn the_versions_can_be_limited() {
    for (versions, spoken) in [
        (TlsVersions::Only12, ProtocolVersion::TLSv1_2),
        (TlsVersions::Only13, ProtocolVersion::TLSv1_3),
    ] {
        let sim = Sim::builder()
            .conversations(1)
            .tls(true)
            .tls_versions(versions)
            .start()
            .await
            .unwrap();
        assert_eq!(shake(&sim, "localhost").await.unwrap().0, spoken);
        assert_eq!(client(&sim).get(lookup(&sim)).send().await.unwrap().status(), 200);
    }
}

#[tokio::test]
async fn a_server_that_ends_at_tls_1_1_is_refused_by_clients() {
    let sim = Sim::builder()
        .conversations(1)
        .tls(true)
        .tls_versions(TlsVersions::Legacy11)
        .start()
        .await
        .unwrap();
    let error = client(&sim).get(lookup(&sim)).send().await.unwrap_err();
    assert!(error.is_connect(), "{}", causes(&error));
    let text = causes(&error).to_lowercase();
    assert!(text.contains("version") || text.contains("peer"), "{text}");
}

#[tokio::test]
async fn certificates_that_must_be_refused_are_refused() {
    for (leaf, word) in [
        (Leaf::SelfSigned, "certificate"),
        (Leaf::Expired, "expired"),
        (Leaf::WrongName, "elsewhere.example.org"),
    ] {
        let sim = Sim::builder()
            .conversations(1)
            .tls(true)
            .leaf(leaf)
            .start()
            .await
            .unwrap();
        let error = client(&sim).get(lookup(&sim)).send().await.unwrap_err();
        let text = causes(&error);
        assert!(
            error.is_connect() && text.to_lowercase().contains(word),
            "{leaf:?}: {text}"
        );
    }
    let (one, other) = (
        Sim::builder().conversations(1).tls(true).start().await.unwrap(),
        Sim::builder().conversations(1).tls(true).start().await.unwrap(),
    );
    let stranger = builder(&one)
        .build()
        .unwrap()
        .get(lookup(&other))
        .send()
        .await
        .unwrap_err();
    assert!(stranger.is_connect(), "each simulator has an authority of its own");
}

#[tokio::test]
async fn a_name_that_no_certificate_can_hold_is_named() {
    let error = Sim::builder()
        .tls(true)
        .names(["b\u{fc}ro.test"])
        .start()
        .await
        .unwrap_err()
        .to_string();
    assert!(error.contains("ro.test"), "{error}");
}
