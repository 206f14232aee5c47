//! The health over HTTP.

use bytes::Bytes;
use http::Request;
use le_bots::bot::Shutdown;
use le_bots::fleet::HealthEndpoint;
use le_core::Transport as _;
use le_core::transport::HttpTransport;
use serde_json::Value;

use crate::stage::{Stage, hasty, online, until};

async fn asked(endpoint: &HealthEndpoint, method: &str, path: &str) -> (u16, String) {
    let transport = HttpTransport::builder().no_proxy().build().unwrap();
    let request = Request::builder()
        .method(method)
        .uri(format!("http://{}{path}", endpoint.address()))
        .body(Bytes::new())
        .unwrap();
    let answer = transport.execute(request).await.unwrap();
    let status = answer.status().as_u16();
    let body = answer.into_body().collect(1 << 20).await.unwrap();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn it_tells_each_bot_and_whether_anything_serves() {
    let stage = Stage::new(2).await;
    let users = stage.users();
    let fleet = hasty().build();
    let endpoint = HealthEndpoint::listen(&fleet, "127.0.0.1:0".parse().unwrap())
        .await
        .unwrap();
    let (status, body) = asked(&endpoint, "GET", "/health").await;
    assert_eq!((status, body.as_str()), (503, r#"{"online":0,"bots":[]}"#));
    assert_eq!(asked(&endpoint, "GET", "/live").await.0, 200);
    for user in &users {
        fleet.add(stage.bot(user)).unwrap();
    }
    online(&fleet, 2).await;
    stage.converse(3, "hello").await;
    let (status, body) = asked(&endpoint, "GET", "/health").await;
    let health: Value = serde_json::from_str(&body).unwrap();
    assert_eq!((status, &health["online"]), (200, &Value::from(2)));
    let bots = health["bots"].as_array().unwrap();
    assert_eq!(bots.len(), 2);
    for (bot, user) in bots.iter().zip(&users) {
        assert_eq!(
            (&bot["name"], &bot["state"]),
            (&user.full_name.as_str().into(), &"online".into())
        );
        assert_eq!((bot["restarts"].as_u64(), bot["since"].is_i64()), (Some(0), true));
        assert!(bot.get("error").is_none() && bot.get("fence").is_none());
    }
    let open: u64 = bots.iter().filter_map(|bot| bot["conversations"].as_u64()).sum();
    assert_eq!(open, 3);
    assert_eq!(asked(&endpoint, "POST", "/health").await.0, 405);
    assert_eq!(asked(&endpoint, "GET", "/else").await.0, 404);
    fleet.shutdown(Shutdown::Keep).await;
    assert_eq!(asked(&endpoint, "GET", "/health").await.0, 503);
    let address = endpoint.address();
    drop(endpoint);
    let mut closed = false;
    until("it listens no more", || {
        closed = std::net::TcpStream::connect(address).is_err();
        closed
    })
    .await;
    stage.sim.stop().await;
}
