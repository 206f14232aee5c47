//! Who may open a socket, and what comes before the first request.

use serde_json::{Value, json};
use tokio_tungstenite::{connect_async, tungstenite};

use le_sim::{FaultAction, FaultBody, FaultPlan, FaultRule};

use crate::{
    bot,
    client::{self, ACCOUNT},
    peer::{End, Peer, bearer, signed_up, socket_url, subject},
    sim, sim_with,
};

async fn status_of(url: String) -> u16 {
    match connect_async(url).await {
        Err(tungstenite::Error::Http(answer)) => answer.status().as_u16(),
        Err(error) => panic!("{error}"),
        Ok(_) => 101,
    }
}

#[tokio::test]
async fn only_good_tokens_and_versions_open_a_socket() {
    let sim = sim().await;
    let bearer = bearer(&sim, &bot(&sim)).await;
    for (rest, status) in [
        (format!("brand/{bearer}?v=2.1"), 101),
        (format!("brand/{bearer}?v=2"), 101),
        (format!("brand/{bearer}?v=1"), 400),
        (format!("brand/{bearer}"), 400),
        ("brand/nonsense?v=2.1".to_owned(), 401),
        ("consumer?v=3".to_owned(), 101),
        ("consumer?v=2".to_owned(), 400),
        ("consumer/nonsense?v=2".to_owned(), 401),
    ] {
        assert_eq!(status_of(socket_url(&sim, &rest)).await, status, "{rest}");
    }
    let elsewhere = socket_url(&sim, &format!("brand/{bearer}?v=2.1")).replace(ACCOUNT, "70099999");
    assert_eq!(status_of(elsewhere).await, 401);
    let plain = client::client(&sim)
        .get(socket_url(&sim, "consumer?v=3").replace("ws:", "http:"))
        .send()
        .await
        .unwrap();
    assert_eq!(plain.status(), 400);
    let log = format!("{:?}", sim.control().requests());
    assert!(!log.contains(&bearer), "a bearer reached the request log");
    sim.stop().await;
}

#[tokio::test]
async fn a_refused_upgrade_is_a_fault_like_any_other() {
    let plan = FaultPlan::new(0)
        .with(
            FaultRule::new(FaultAction::status(403))
                .route("messaging.agent_socket")
                .nth(1),
        )
        .with(
            FaultRule::new(FaultAction::Status {
                status: 502,
                body: FaultBody::Html,
                retry_after: None,
            })
            .route("messaging.agent_socket")
            .nth(2),
        );
    let sim = sim().await;
    sim.control().set_faults(plan).unwrap();
    let bearer = bearer(&sim, &bot(&sim)).await;
    let url = socket_url(&sim, &format!("brand/{bearer}?v=2.1"));
    let mut seen = Vec::new();
    for _ in 0..3 {
        seen.push(status_of(url.clone()).await);
    }
    assert_eq!(seen, [403, 502, 101]);
    sim.stop().await;
}

#[tokio::test]
async fn headers_spare_the_first_frame() {
    let sim = sim().await;
    let token = signed_up(&sim).await;
    let properties = r#"{"type":".ClientProperties","appId":"my-app","features":["MULTI_DIALOG"]}"#;
    let mut consumer = Peer::with_headers(&sim, &token, Some(properties)).await.unwrap();
    consumer
        .ok("cqm.SubscribeExConversations", json!({ "stage": ["OPEN"] }))
        .await;
    assert_eq!(consumer.init(&token).await["code"], 200, "once more does no harm");
    consumer.ok("cm.ConsumerRequestConversation", Value::Null).await;
    let change = consumer.change(|_| true).await;
    assert_eq!(
        change["result"]["conversationDetails"]["context"]["clientProperties"]["appId"],
        "my-app"
    );
    let error = Peer::with_headers(&sim, "bad", None).await.err().unwrap();
    assert!(error.to_string().contains("401"), "{error}");
    sim.stop().await;
}

#[tokio::test]
async fn nothing_is_served_before_init_connection_unless_the_knob_says_so() {
    let sim = sim().await;
    let token = signed_up(&sim).await;
    let mut consumer = Peer::unauthenticated(&sim).await;
    assert_eq!(consumer.request("GetClock", json!({})).await["code"], 401);
    assert_eq!(consumer.init(&token).await["code"], 200);
    consumer.ok("GetClock", json!({})).await;

    sim.control()
        .adjust(|behaviour| behaviour.messaging.init_pipelining = true);
    let mut hasty = Peer::unauthenticated(&sim).await;
    let early = hasty.ask("GetClock", json!({})).await;
    assert_eq!(hasty.init(&token).await["code"], 200);
    assert_eq!(hasty.response(&early).await["code"], 200);
    sim.stop().await;
}

#[tokio::test]
async fn a_consumer_that_says_nothing_is_dropped() {
    let sim = sim_with(|rules| rules.init_ms = 50).await;
    let mut silent = Peer::unauthenticated(&sim).await;
    assert_eq!(silent.end().await, End::Dropped);
    sim.stop().await;
}

#[tokio::test]
async fn an_idle_socket_is_closed_and_a_ping_keeps_it() {
    let sim = sim_with(|rules| rules.idle_ms = Some(300)).await;
    let mut agent = Peer::agent(&sim, &bot(&sim)).await;
    for _ in 0..4 {
        tokio::time::sleep(std::time::Duration::from_millis(150)).await;
        agent.send(tungstenite::Message::Ping("x".into())).await;
        assert!(matches!(agent.next().await, Some(Ok(tungstenite::Message::Pong(_)))));
    }
    assert_eq!(agent.end().await, End::Closed(1000));
    sim.stop().await;
}

#[tokio::test]
async fn a_second_login_evicts_the_first_socket() {
    let sim = sim().await;
    let user = bot(&sim);
    let mut first = Peer::agent(&sim, &user).await;
    let second = bearer(&sim, &user).await;
    assert_eq!(first.end().await, End::Closed(4401));
    let url = socket_url(&sim, &format!("brand/{}?v=2.1", first.token));
    assert_eq!(status_of(url).await, 401);
    let mut second = Peer::agent_with(&sim, &user, &second, "2.1").await;
    second.ok(".GetClock", json!({})).await;
    sim.control()
        .adjust(|behaviour| behaviour.messaging.one_session_per_user = false);
    bearer(&sim, &user).await;
    second.ok(".GetClock", json!({})).await;
    sim.stop().await;
}

#[tokio::test]
async fn a_revoked_token_can_look_like_a_broken_line_or_like_nothing() {
    use le_sim::TokenInvalidation;
    let sim = sim_with(|rules| rules.token_invalidation = TokenInvalidation::Abort).await;
    let mut agent = Peer::agent(&sim, &bot(&sim)).await;
    sim.control().expire_sessions();
    assert_eq!(agent.end().await, End::Dropped);
    sim.control()
        .adjust(|behaviour| behaviour.messaging.token_invalidation = TokenInvalidation::StaysOpen);
    let mut agent = Peer::agent(&sim, &bot(&sim)).await;
    sim.control().expire_sessions();
    agent.ok(".GetClock", json!({})).await;
    sim.stop().await;
}

async fn idp(sim: &le_sim::Sim, path: &str, body: Value) -> (u16, Value) {
    let url = format!("{}/api/account/{ACCOUNT}/{path}", sim.url());
    let answer = client::client(sim).post(url).json(&body).send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

#[tokio::test]
async fn anonymous_consumers_get_renew_and_lose_their_identity() {
    let sim = sim().await;
    let messaging = sim.control().messaging();
    let (status, external) = idp(&sim, "anonymous/authorize", json!({})).await;
    assert_eq!(status, 200);
    let external = external["token"].as_str().unwrap().to_owned();
    let (_, token) = idp(&sim, "app/123/authenticate?v=3.0", json!({ "id_token": external })).await;
    let token = token["token"].as_str().unwrap().to_owned();
    assert_eq!(subject(&token), subject(&external));
    let mut consumer = Peer::consumer_with(&sim, &token).await;
    messaging.advance(std::time::Duration::from_secs(601));
    assert_eq!(consumer.end().await, End::Closed(4407));
    let (status, expired) = idp(&sim, "app/123/authenticate?v=3.0", json!({ "id_token": external })).await;
    assert_eq!((status, &expired["internalErrorCode"]), (500, &json!("1012")));
    let (_, renewed) = idp(&sim, "anonymous/authorize", json!({ "id_token": external })).await;
    let renewed = renewed["token"].as_str().unwrap().to_owned();
    assert_eq!(subject(&renewed), subject(&external));
    let (_, token) = idp(&sim, "app/123/authenticate?v=3.0", json!({ "id_token": renewed })).await;
    Peer::consumer_with(&sim, token["token"].as_str().unwrap()).await;
    messaging.advance(std::time::Duration::from_secs(731 * 3600));
    let (_, too_old) = idp(&sim, "anonymous/authorize", json!({ "id_token": external })).await;
    assert_eq!(too_old["internalErrorCode"], "2001");
    sim.stop().await;
}

#[tokio::test]
async fn a_token_of_the_brand_vouches_for_a_profile() {
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
    let sim = sim().await;
    let claims = |exp: i64| {
        let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let payload = json!({ "sub": "crm-000417", "iss": "https://id.example.org", "exp": exp, "given_name": "Rivka",
            "lp_sdes": [{ "type": "ctmrinfo", "info": { "ctype": "gold" } }] });
        format!("{}.{}.c2ln", part(json!({ "alg": "RS256" })), part(payload))
    };
    let good = claims(crate::NOW / 1_000 + 900);
    let (_, one) = idp(&sim, "authenticate", json!({ "authCode": good })).await;
    let token = one["jwt"].as_str().unwrap().to_owned();
    assert_eq!(subject(&token).len(), 64);
    let mut consumer = Peer::consumer_with(&sim, &token).await;
    let profile = consumer.ok("userprofile.GetUserProfile", json!({})).await;
    assert_eq!(profile["firstName"], "Rivka");
    assert_eq!(profile["claims"]["lp_sdes"][0]["info"]["ctype"], "gold");
    let (status, old) = idp(&sim, "authenticate", json!({ "authCode": claims(1_600_000_000) })).await;
    assert_eq!((status, &old["internalErrorCode"]), (500, &json!("1012")));
    sim.control().messaging().advance(std::time::Duration::from_secs(901));
    assert_eq!(consumer.end().await, End::Closed(4401));
    sim.stop().await;
}

#[tokio::test]
async fn a_socket_opens_through_tls_and_a_proxy() {
    use futures_util::{SinkExt as _, StreamExt as _};
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    let sim = le_sim::Sim::builder()
        .conversations(0)
        .tls(true)
        .proxy(true)
        .start()
        .await
        .unwrap();
    let bearer = bearer(&sim, &bot(&sim)).await;
    let host = "va.asyncmessagingent.liveperson.net";
    let mut tunnel = tokio::net::TcpStream::connect(sim.proxy().unwrap()).await.unwrap();
    let connect = format!("CONNECT {host}:443 HTTP/1.1\r\nHost: {host}:443\r\n\r\n");
    tunnel.write_all(connect.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        answer.push(tunnel.read_u8().await.unwrap());
    }
    assert!(answer.starts_with(b"HTTP/1.1 200"));
    let tls = tokio_rustls::TlsConnector::from(std::sync::Arc::new(client::tls(&sim)));
    let stream = tls.connect(host.try_into().unwrap(), tunnel).await.unwrap();
    let url = format!("wss://{host}/ws_api/account/{ACCOUNT}/messaging/brand/{bearer}?v=2.1");
    let (mut socket, answer) = tokio_tungstenite::client_async(url, stream).await.unwrap();
    assert!(!answer.headers().contains_key("sec-websocket-extensions"));
    let clock = r#"{"kind":"req","id":"c","type":".GetClock"}"#;
    socket.send(tungstenite::Message::text(clock)).await.unwrap();
    let answer = socket.next().await.unwrap().unwrap();
    assert!(answer.to_text().unwrap().contains("currentTime"));
    sim.stop().await;
}
