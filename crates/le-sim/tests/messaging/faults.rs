//! What goes wrong on purpose: frames, sockets, requests.

use std::time::{Duration, Instant};

use le_sim::{FaultAction, FaultRule, MalformedJson, RequestLimit, Sim};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::{self, Message};

use crate::{
    agent_of, bot, busy_skill,
    peer::{End, Peer},
    sim, sim_with,
};

fn add(sim: &Sim, route: &str, action: FaultAction) {
    sim.control()
        .add_fault(FaultRule::new(action).route(route).max(1))
        .unwrap();
}

/// A bot with a socket, and a fault that meets the next answer to its clock request.
async fn asking(sim: &Sim, action: FaultAction) -> (Peer, String) {
    let mut agent = Peer::agent(sim, &bot(sim)).await;
    add(sim, "socket.agent.response.GetClock", action);
    let id = agent.ask(".GetClock", json!({})).await;
    (agent, id)
}

#[tokio::test]
async fn frames_are_lost_doubled_delayed_and_swapped() {
    let sim = sim().await;
    let (mut agent, first) = asking(&sim, FaultAction::FrameDrop).await;
    let second = agent.ask(".GetClock", json!({})).await;
    assert_eq!(agent.frame().await["reqId"], second.as_str());
    assert_ne!(first, second);

    let (mut agent, id) = asking(&sim, FaultAction::FrameDuplicate).await;
    assert_eq!(agent.frame().await, agent.frame().await);
    let next = agent.ask(".GetClock", json!({})).await;
    assert_eq!(agent.frame().await["reqId"], next.as_str());
    assert_ne!(id, next);

    let (mut agent, late) = asking(&sim, FaultAction::Delay { ms: 200 }).await;
    let began = Instant::now();
    let next = agent.ask(".GetClock", json!({})).await;
    assert_eq!(agent.frame().await["reqId"], next.as_str());
    assert_eq!(agent.frame().await["reqId"], late.as_str());
    assert!(began.elapsed() >= Duration::from_millis(150));

    let (mut agent, first) = asking(&sim, FaultAction::FrameReorder).await;
    let next = agent.ask(".GetClock", json!({})).await;
    assert_eq!(agent.frame().await["reqId"], next.as_str());
    assert_eq!(agent.frame().await["reqId"], first.as_str());
    sim.stop().await;
}

#[tokio::test]
async fn frames_are_ruined() {
    let sim = sim().await;
    let (mut agent, _) = asking(&sim, FaultAction::MalformedJson).await;
    let Message::Text(text) = agent.message().await else {
        panic!("no text")
    };
    assert!(serde_json::from_str::<Value>(text.as_str()).is_err());

    let (mut agent, _) = asking(&sim, FaultAction::FrameBinary).await;
    assert!(matches!(agent.message().await, Message::Binary(_)));

    let (mut agent, id) = asking(&sim, FaultAction::FrameSplit).await;
    assert_eq!(agent.frame().await["reqId"], id.as_str());

    let (mut agent, id) = asking(&sim, FaultAction::FrameOversize { bytes: 5 << 20 }).await;
    let Message::Text(text) = agent.message().await else {
        panic!("no text")
    };
    assert_eq!(text.len(), 5 << 20);
    assert_eq!(
        serde_json::from_str::<Value>(text.as_str()).unwrap()["reqId"],
        id.as_str()
    );

    let (mut agent, id) = asking(&sim, FaultAction::UnknownReqId).await;
    assert_ne!(agent.frame().await["reqId"], id.as_str());

    let (mut agent, _) = asking(&sim, FaultAction::FrameBroken).await;
    assert!(matches!(agent.next().await, Some(Err(tungstenite::Error::Protocol(_)))));
    sim.stop().await;
}

#[tokio::test]
async fn sockets_close_with_every_code() {
    let sim = sim().await;
    for code in [1000, 1001, 1005, 1008, 1011, 4401, 4407, 4999] {
        let action = FaultAction::SocketClose {
            code,
            reason: "on purpose".to_owned(),
        };
        let (mut agent, id) = asking(&sim, action).await;
        assert_eq!(agent.frame().await["reqId"], id.as_str());
        assert_eq!(agent.end().await, End::Closed(code), "{code}");
    }
    for action in [
        FaultAction::SocketClose {
            code: 1006,
            reason: String::new(),
        },
        FaultAction::ResetAfterBody,
        FaultAction::ResetBeforeBody,
    ] {
        let (mut agent, _) = asking(&sim, action).await;
        assert_eq!(agent.end().await, End::Dropped);
    }
    // 1004 is reserved, and a client that keeps to the RFC reports it as an error of the protocol.
    let (mut agent, id) = asking(
        &sim,
        FaultAction::SocketClose {
            code: 1004,
            reason: String::new(),
        },
    )
    .await;
    assert_eq!(agent.frame().await["reqId"], id.as_str());
    assert_eq!(agent.end().await, End::Closed(1002));
    sim.stop().await;
}

#[tokio::test]
async fn a_silent_peer_says_nothing_but_stays() {
    let sim = sim().await;
    let (mut agent, id) = asking(&sim, FaultAction::SocketSilent).await;
    assert_eq!(agent.frame().await["reqId"], id.as_str());
    agent.ask(".GetClock", json!({})).await;
    agent.send(Message::Ping("x".into())).await;
    let more = tokio::time::timeout(Duration::from_millis(200), agent.next()).await;
    assert!(more.is_err(), "{more:?}");
    sim.stop().await;
}

#[tokio::test]
async fn requests_are_refused_slowed_and_lost() {
    let sim = sim().await;
    let mut agent = Peer::agent(&sim, &bot(&sim)).await;
    add(&sim, "socket.agent.request.GetClock", FaultAction::status(429));
    let answer = agent.request(".GetClock", json!({})).await;
    assert_eq!(
        (&answer["code"], &answer["body"]),
        (&json!(429), &json!("Too many requests"))
    );
    add(&sim, "socket.agent.request.*", FaultAction::Delay { ms: 150 });
    let began = Instant::now();
    agent.ok(".GetClock", json!({})).await;
    assert!(began.elapsed() >= Duration::from_millis(140));
    add(&sim, "socket.agent.request.*", FaultAction::ExpireSession);
    agent.ok(".GetClock", json!({})).await;
    assert_eq!(agent.end().await, End::Closed(4401));
    sim.stop().await;
}

#[tokio::test]
async fn a_rule_without_a_route_means_http_only() {
    let sim = sim().await;
    let mut agent = Peer::agent(&sim, &bot(&sim)).await;
    sim.control()
        .add_fault(FaultRule::new(FaultAction::status(503)))
        .unwrap();
    agent.ok(".GetClock", json!({})).await;
    sim.stop().await;
}

#[tokio::test]
async fn faults_can_mean_one_user() {
    let sim = sim().await;
    let skill = busy_skill(&sim);
    let mut one = Peer::agent(&sim, &agent_of(&sim, skill, 0)).await;
    let mut two = Peer::agent(&sim, &agent_of(&sim, skill, 1)).await;
    let rule = FaultRule::new(FaultAction::status(500))
        .route("socket.agent.request.*")
        .path(two.id.as_str());
    sim.control().add_fault(rule).unwrap();
    one.ok(".GetClock", json!({})).await;
    assert_eq!(two.refused(".GetClock", json!({})).await, 500);
    sim.stop().await;
}

#[tokio::test]
async fn bad_input_is_answered_or_ends_the_socket() {
    let sim = sim().await;
    let mut agent = Peer::agent(&sim, &bot(&sim)).await;
    assert_eq!(agent.refused(".ams.ms.Nonsense", json!({})).await, 400);
    assert_eq!(
        agent
            .refused(".ams.ms.PublishEvent", json!({ "dialogId": "nobody", "event": 1 }))
            .await,
        400
    );
    assert_eq!(
        agent
            .refused(".ams.cm.UpdateConversationField", json!({ "conversationId": "x" }))
            .await,
        400
    );
    agent.raw(r#"{"kind":"req","id":17,"type":".GetClock"}"#).await;
    assert_eq!(agent.frame().await["reqId"], "17");
    agent
        .raw(r#"{"type":".GetClock","id":"no-kind","headers":null,"body":null}"#)
        .await;
    assert_eq!(agent.frame().await["code"], 200);
    agent.raw(r#"{"kind":"req","type":".GetClock"}"#).await;
    assert_eq!(agent.frame().await["code"], 400);
    agent.send(Message::Binary("{}".into())).await;
    assert_eq!(agent.end().await, End::Closed(1003));
    let mut agent = Peer::agent(&sim, &bot(&sim)).await;
    agent.raw("{not json").await;
    assert_eq!(agent.end().await, End::Closed(1007));
    sim.control()
        .adjust(|behaviour| behaviour.messaging.dialect.malformed_json = MalformedJson::Answer);
    let mut agent = Peer::agent(&sim, &bot(&sim)).await;
    agent.raw("{not json").await;
    assert_eq!(agent.frame().await["code"], 400);
    sim.control()
        .adjust(|behaviour| behaviour.messaging.dialect.malformed_json = MalformedJson::Ignore);
    agent.raw("{not json").await;
    agent.ok(".GetClock", json!({})).await;
    sim.stop().await;
}

#[tokio::test]
async fn the_agents_clock_ends_a_consumers_socket() {
    let sim = sim().await;
    let mut consumer = Peer::consumer(&sim).await;
    assert!(consumer.ok("GetClock", json!({})).await["currentTime"].is_i64());
    consumer.ask(".GetClock", json!({})).await;
    assert_eq!(consumer.end().await, End::Dropped);
    sim.stop().await;
}

#[tokio::test]
async fn too_many_requests_are_answered_with_429() {
    let sim = sim_with(|rules| {
        rules.rate_limit = Some(RequestLimit {
            requests: 3,
            per_ms: 1_000,
        })
    })
    .await;
    let mut agent = Peer::agent(&sim, &bot(&sim)).await;
    let mut codes = Vec::new();
    for _ in 0..5 {
        codes.push(agent.request(".GetClock", json!({})).await["code"].as_i64().unwrap());
    }
    assert_eq!(codes, [200, 200, 200, 429, 429]);
    sim.clock().advance(Duration::from_secs(1));
    agent.ok(".GetClock", json!({})).await;
    sim.stop().await;
}
