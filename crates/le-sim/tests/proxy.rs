//! The stand-in proxy: clients that believe to talk to the vendor.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a helper of a test fails as the test does"
)]

mod client;

use client::{ACCOUNT, Signature, password_body, person, proxied, recent};
use le_sim::Sim;
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

async fn sim() -> Sim {
    Sim::builder()
        .conversations(40)
        .tls(true)
        .proxy(true)
        .start()
        .await
        .unwrap()
}

async fn raw(sim: &Sim, request: &str) -> String {
    let mut stream = TcpStream::connect(sim.proxy().unwrap()).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn a_client_finds_logs_in_and_reads_under_the_vendors_names() {
    let sim = sim().await;
    let client = proxied(&sim);
    let host = async |service: &str| {
        let url =
            format!("https://api.liveperson.net/api/account/{ACCOUNT}/service/{service}/baseURI.json?version=1.0");
        let answer: Value = client.get(url).send().await.unwrap().json().await.unwrap();
        answer["baseURI"].as_str().unwrap().to_owned()
    };
    assert_eq!(host("msgHist").await, "va.msghist.liveperson.net");
    let url = format!("https://{}/api/account/{ACCOUNT}/login?v=1.3", host("agentVep").await);
    let answer = client
        .post(url)
        .json(&password_body(person(&sim)))
        .send()
        .await
        .unwrap();
    assert!(answer.headers()["set-cookie"].to_str().unwrap().ends_with("; Secure"));
    let tree: Value = answer.json().await.unwrap();
    let listed = tree["csdsCollectionResponse"]["baseURIs"].as_array().unwrap();
    assert!(
        listed
            .iter()
            .any(|entry| entry["baseURI"] == "va.msghist.liveperson.net")
    );

    let url = format!(
        "https://va.msghist.liveperson.net/messaging_history/api/account/{ACCOUNT}/conversations/search?limit=5"
    );
    let answer = client
        .post(&url)
        .bearer_auth(tree["bearer"].as_str().unwrap())
        .json(&recent(&sim))
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 200);
    let header = Signature::of(&sim, 0, "tunnel").header("POST", &url);
    let answer = client
        .post(&url)
        .header("authorization", header)
        .json(&recent(&sim))
        .send()
        .await
        .unwrap();
    assert_eq!(
        answer.status(),
        200,
        "a signature over the vendor's host holds: {}",
        answer.text().await.unwrap()
    );
}

#[tokio::test]
async fn plain_requests_with_absolute_targets_are_answered() {
    let sim = sim().await;
    let client = proxied(&sim);
    let url = format!("http://api.liveperson.net/api/account/{ACCOUNT}/service/smt/baseURI.json?version=1.0");
    let answer: Value = client.get(url).send().await.unwrap().json().await.unwrap();
    assert_eq!(answer["baseURI"], "va.smt.liveperson.net");
    let url = format!("http://va.msghist.liveperson.net/messaging_history/api/account/{ACCOUNT}/conversations/search");
    let header = Signature::of(&sim, 0, "plain").header("POST", &url);
    let answer = client
        .post(&url)
        .header("authorization", header)
        .json(&recent(&sim))
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 200, "{}", answer.text().await.unwrap());
    let host = sim.csds();
    let answer = raw(
        &sim,
        &format!(
            "GET http://{host}/api/account/{ACCOUNT}/service/smt/baseURI.json?version=1.0 HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
        ),
    )
    .await;
    assert!(
        answer.starts_with("HTTP/1.1 200") && answer.contains(&sim.plain_csds()),
        "{answer}"
    );
}

#[tokio::test]
async fn the_simulator_itself_is_reached_through_the_proxy() {
    let sim = sim().await;
    let path = format!("/api/account/{ACCOUNT}/service/smt/baseURI.json?version=1.0");
    for url in [
        format!("https://{}{path}", sim.csds()),
        format!("http://{}{path}", sim.plain_csds()),
    ] {
        let answer: Value = proxied(&sim).get(&url).send().await.unwrap().json().await.unwrap();
        assert!(url.contains(answer["baseURI"].as_str().unwrap()), "{url} {answer}");
    }
    let tunnel = raw(
        &sim,
        &format!(
            "CONNECT {host} HTTP/1.1\r\nHost: {host}\r\n\r\nGET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n",
            host = sim.plain_csds()
        ),
    )
    .await;
    assert!(
        tunnel.contains("\"baseURI\""),
        "a tunnel to the plain port carries plain HTTP: {tunnel}"
    );
}

#[tokio::test]
async fn other_hosts_are_refused_with_a_clear_text() {
    let sim = sim().await;
    for request in [
        "CONNECT example.org:443 HTTP/1.1\r\nHost: example.org:443\r\n\r\n",
        "GET http://example.org/ HTTP/1.1\r\nHost: api.liveperson.net\r\nConnection: close\r\n\r\n",
        "CONNECT evil-liveperson.net:443 HTTP/1.1\r\nHost: api.liveperson.net\r\nConnection: close\r\n\r\n",
    ] {
        let request = request.replacen("\r\n\r\n", "\r\nConnection: close\r\n\r\n", 1);
        let answer = raw(&sim, &request).await;
        assert!(answer.starts_with("HTTP/1.1 403"), "{answer}");
        assert!(answer.contains("is not forwarded"), "{answer}");
    }
    let error = proxied(&sim).get("https://example.org/").send().await.unwrap_err();
    assert!(error.is_connect());
    assert!(sim.control().requests().is_empty(), "nothing of it reached an API");
}

#[tokio::test]
async fn ports_keep_to_their_trade() {
    let sim = sim().await;
    let origin_form = raw(
        &sim,
        "GET /api/x HTTP/1.1\r\nHost: api.liveperson.net\r\nConnection: close\r\n\r\n",
    )
    .await;
    assert!(origin_form.starts_with("HTTP/1.1 400"), "{origin_form}");
    let control = raw(&sim, "GET /_sim/clock HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await;
    assert!(control.starts_with("HTTP/1.1 200"), "{control}");
    let mut stream = TcpStream::connect(sim.plain()).await.unwrap();
    let connect =
        "CONNECT api.liveperson.net:443 HTTP/1.1\r\nHost: api.liveperson.net:443\r\nConnection: close\r\n\r\n";
    stream.write_all(connect.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 405"), "{answer}");
}

#[tokio::test]
async fn names_given_at_start_are_stood_in_for() {
    let sim = Sim::builder()
        .conversations(1)
        .proxy(true)
        .names(["csds.brand.test"])
        .start()
        .await
        .unwrap();
    let url = format!("https://csds.brand.test/api/account/{ACCOUNT}/service/smt/baseURI.json?version=1.0");
    let answer: Value = proxied(&sim).get(url).send().await.unwrap().json().await.unwrap();
    assert_eq!(answer["service"], "smt");
}
