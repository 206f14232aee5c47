//! Every fault action, seen from the client's side of the wire.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a helper of a test fails as the test does"
)]

mod client;

use std::{
    io::ErrorKind,
    time::{Duration, Instant},
};

use client::{ACCOUNT, causes, client, login, login_url, password_body, person, recent, search, search_url, try_login};
use le_sim::{FaultAction, FaultBody, FaultPlan, FaultRule, RetryAfter, Sim, SimClock};
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

const SEARCH: &str = "messaging_interactions.search";

/// A simulator that does `action` to the first search, and a bearer for it.
async fn faulty(action: FaultAction) -> (Sim, String) {
    let plan = FaultPlan::new(0).with(FaultRule::new(action).route(SEARCH).first(1));
    let sim = Sim::builder()
        .conversations(60)
        .clock(SimClock::manual(1_900_000_000_000))
        .faults(plan)
        .start()
        .await
        .unwrap();
    let bearer = login(&sim).await["bearer"].as_str().unwrap().to_owned();
    (sim, bearer)
}

/// After a fault the next call is served as if nothing had been.
async fn assert_well(sim: &Sim, bearer: &str) -> Value {
    let answer = search(sim, bearer, "limit=10").await.unwrap();
    assert_eq!(answer.status(), 200);
    answer.json().await.unwrap()
}

#[tokio::test]
async fn a_status_comes_with_the_body_and_the_header_asked_for() {
    for (body, content_type, start) in [
        (
            FaultBody::Json,
            Some("application/json;charset=UTF-8"),
            "{\"debugMessage\"",
        ),
        (FaultBody::Html, Some("text/html; charset=utf-8"), "<html>"),
        (FaultBody::Empty, None, ""),
    ] {
        let action = FaultAction::Status {
            status: 503,
            body,
            retry_after: Some(RetryAfter::Seconds(2)),
        };
        let (sim, bearer) = faulty(action).await;
        let answer = search(&sim, &bearer, "").await.unwrap();
        assert_eq!(answer.status(), 503);
        assert_eq!(answer.headers()["retry-after"], "2");
        assert_eq!(
            answer
                .headers()
                .get("content-type")
                .map(|value| value.to_str().unwrap()),
            content_type
        );
        assert!(answer.text().await.unwrap().starts_with(start));
        assert_well(&sim, &bearer).await;
    }
}

#[tokio::test]
async fn retry_after_can_be_a_date_of_the_simulated_clock() {
    let action = FaultAction::Status {
        status: 429,
        body: FaultBody::Json,
        retry_after: Some(RetryAfter::Date { date_in: 3 }),
    };
    let (sim, bearer) = faulty(action).await;
    let answer = search(&sim, &bearer, "").await.unwrap();
    assert_eq!(answer.status(), 429);
    assert_eq!(answer.headers()["retry-after"], "Sun, 17 Mar 2030 17:46:43 GMT");
}

#[tokio::test]
async fn a_delay_holds_the_answer_back() {
    let (sim, bearer) = faulty(FaultAction::Delay { ms: 150 }).await;
    let begun = Instant::now();
    assert_well(&sim, &bearer).await;
    assert!(begun.elapsed() >= Duration::from_millis(150));
}

/// Sends a login by hand with half of its body, or all of it, and returns how the connection ended.
async fn raw_login(sim: &Sim, whole: bool) -> std::io::Result<usize> {
    let body = password_body(person(sim)).to_string();
    let sent = if whole { &body[..] } else { &body[..body.len() / 2] };
    let head = format!(
        "POST /api/account/{ACCOUNT}/login?v=1.3 HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        sim.csds(),
        body.len()
    );
    let mut stream = TcpStream::connect(sim.addr()).await.unwrap();
    stream.write_all(format!("{head}{sent}").as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    tokio::time::timeout(Duration::from_secs(5), stream.read_to_end(&mut answer))
        .await
        .unwrap()
}

#[tokio::test]
async fn a_reset_before_the_body_does_not_wait_for_it_and_does_nothing() {
    let plan = FaultPlan::new(0).with(
        FaultRule::new(FaultAction::ResetBeforeBody)
            .route("login.login")
            .first(1),
    );
    let sim = Sim::builder().conversations(1).faults(plan).start().await.unwrap();
    let error = raw_login(&sim, false).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    assert!(sim.control().logins().is_empty());
    assert_eq!(sim.control().counters()["login.login"].statuses[&0], 1);
    login(&sim).await;
}

#[tokio::test]
async fn a_reset_after_the_body_happens_when_the_work_is_done() {
    let plan = FaultPlan::new(0).with(
        FaultRule::new(FaultAction::ResetAfterBody)
            .route("login.login")
            .first(1),
    );
    let sim = Sim::builder().conversations(1).faults(plan).start().await.unwrap();
    let error = raw_login(&sim, true).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    assert_eq!(
        sim.control().logins_of(&person(&sim).login_name),
        1,
        "the session was opened, its answer was lost"
    );
    login(&sim).await;
}

#[tokio::test]
async fn resets_also_cut_tls_connections_and_tunnels() {
    let plan = FaultPlan::new(0)
        .with(FaultRule::new(FaultAction::ResetBeforeBody).route("login.login").nth(1))
        .with(FaultRule::new(FaultAction::ResetAfterBody).route("login.login").nth(2));
    let sim = Sim::builder()
        .conversations(1)
        .tls(true)
        .proxy(true)
        .faults(plan)
        .start()
        .await
        .unwrap();
    for client in [client(&sim), client::proxied(&sim)] {
        let error = client
            .post(login_url(&sim))
            .json(&password_body(person(&sim)))
            .send()
            .await
            .unwrap_err();
        let text = causes(&error).to_lowercase();
        assert!(text.contains("reset"), "{text}");
    }
    assert_eq!(try_login(&sim, &password_body(person(&sim))).await.status(), 200);
}

#[tokio::test]
async fn a_truncated_body_ends_before_its_announced_length() {
    for tls in [false, true] {
        let plan = FaultPlan::new(0).with(
            FaultRule::new(FaultAction::TruncatedBody { keep: Some(100) })
                .route("domain.*")
                .first(1),
        );
        let sim = Sim::builder()
            .conversations(1)
            .tls(tls)
            .faults(plan)
            .start()
            .await
            .unwrap();
        let url = format!("{}/api/account/{ACCOUNT}/service/baseURI.json?version=1.0", sim.url());
        let mut answer = client(&sim).get(&url).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        assert!(answer.content_length().unwrap() > 100);
        let mut arrived = 0;
        let error = loop {
            match answer.chunk().await {
                Ok(Some(chunk)) => arrived += chunk.len(),
                Ok(None) => panic!("the body ended as if it were whole"),
                Err(error) => break error,
            }
        };
        assert_eq!(arrived, 100);
        assert!(error.is_body() || error.is_decode(), "{}", causes(&error));
        assert_eq!(
            client(&sim)
                .get(&url)
                .send()
                .await
                .unwrap()
                .bytes()
                .await
                .unwrap()
                .len() as u64,
            {
                let length = client(&sim).get(&url).send().await.unwrap();
                length.content_length().unwrap()
            }
        );
    }
}

#[tokio::test]
async fn malformed_json_is_whole_for_http() {
    let (sim, bearer) = faulty(FaultAction::MalformedJson).await;
    let answer = search(&sim, &bearer, "limit=10").await.unwrap();
    assert_eq!(answer.status(), 200);
    let body = answer.bytes().await.unwrap();
    assert!(body.len() > 20);
    assert!(serde_json::from_slice::<Value>(&body).is_err());
    assert_well(&sim, &bearer).await;
}

#[tokio::test]
async fn a_slow_drip_arrives_in_pieces_and_whole() {
    let (sim, bearer) = faulty(FaultAction::SlowDrip {
        bytes: 400,
        every_ms: 5,
    })
    .await;
    let begun = Instant::now();
    let mut answer = search(&sim, &bearer, "limit=1").await.unwrap();
    let (mut pieces, mut body) = (0, Vec::new());
    while let Some(chunk) = answer.chunk().await.unwrap() {
        pieces += 1;
        body.extend_from_slice(&chunk);
    }
    let took = begun.elapsed();
    let expected = u64::try_from(body.len().div_ceil(400)).unwrap();
    assert!(
        pieces > 1 && took >= Duration::from_millis((expected - 1) * 5),
        "{pieces} pieces in {took:?}"
    );
    let slow: Value = serde_json::from_slice(&body).unwrap();
    let quick: Value = search(&sim, &bearer, "limit=1").await.unwrap().json().await.unwrap();
    assert_eq!(slow, quick);
}

#[tokio::test]
async fn a_session_can_end_under_a_call() {
    let (sim, bearer) = faulty(FaultAction::ExpireSession).await;
    let other = login(&sim).await["bearer"].as_str().unwrap().to_owned();
    assert_eq!(search(&sim, &bearer, "").await.unwrap().status(), 401);
    assert_eq!(search(&sim, &bearer, "").await.unwrap().status(), 401);
    assert_well(&sim, &other).await;
}

#[tokio::test]
async fn a_record_is_repeated_in_its_page() {
    let (sim, bearer) = faulty(FaultAction::DuplicateRecord { index: 1 }).await;
    let page = assert_well(&sim, &bearer).await;
    let clean = assert_well(&sim, &bearer).await;
    let (records, clean) = (
        &page["conversationHistoryRecords"],
        &clean["conversationHistoryRecords"],
    );
    assert_eq!(records.as_array().unwrap().len(), clean.as_array().unwrap().len() + 1);
    assert_eq!(records[1], clean[1]);
    assert_eq!(records[2], clean[1]);
}

#[tokio::test]
async fn one_broken_record_leaves_the_others_alone() {
    let (sim, bearer) = faulty(FaultAction::BrokenRecord { index: 0 }).await;
    let page = assert_well(&sim, &bearer).await;
    let clean = assert_well(&sim, &bearer).await;
    assert!(page["conversationHistoryRecords"][0]["info"].is_array());
    assert_eq!(
        page["conversationHistoryRecords"][1],
        clean["conversationHistoryRecords"][1]
    );
    assert_eq!(page["_metadata"], clean["_metadata"]);
}

#[tokio::test]
async fn content_type_and_body_can_be_wrong() {
    let (sim, bearer) = faulty(FaultAction::ContentType {
        value: "text/html".into(),
    })
    .await;
    let answer = search(&sim, &bearer, "").await.unwrap();
    assert_eq!(answer.headers()["content-type"], "text/html");
    answer.json::<Value>().await.unwrap();

    let (sim, bearer) = faulty(FaultAction::EmptyBody).await;
    let answer = search(&sim, &bearer, "").await.unwrap();
    assert_eq!((answer.status().as_u16(), answer.content_length()), (200, Some(0)));
}

#[tokio::test]
async fn several_rules_act_on_one_request() {
    let (sim, bearer) = faulty(FaultAction::MalformedJson).await;
    let control = sim.control();
    control
        .add_fault(
            FaultRule::new(FaultAction::Delay { ms: 30 })
                .path("/messaging_history/*")
                .named("slow"),
        )
        .unwrap();
    let begun = Instant::now();
    let answer = search(&sim, &bearer, "").await.unwrap();
    assert!(answer.json::<Value>().await.is_err());
    assert!(begun.elapsed() >= Duration::from_millis(30));
    let logged = control.requests().pop().unwrap();
    assert_eq!(logged.faults, ["malformed_json", "slow"]);
    let counts: Vec<_> = control
        .fault_counts()
        .into_iter()
        .map(|count| (count.rule, count.fired))
        .collect();
    assert_eq!(counts, [("malformed_json".to_owned(), 1), ("slow".to_owned(), 1)]);
}

#[tokio::test]
async fn the_seed_of_the_plan_decides_which_requests_fail() {
    let statuses = async |seed: u64| {
        let rule = FaultRule::new(FaultAction::status(500))
            .route("domain.all_services")
            .probability(0.5);
        let sim = Sim::builder()
            .conversations(1)
            .faults(FaultPlan::new(seed).with(rule))
            .start()
            .await
            .unwrap();
        let (client, mut statuses) = (client(&sim), Vec::new());
        for _ in 0..32 {
            let url = format!("{}/api/account/{ACCOUNT}/service/baseURI.json?version=1.0", sim.url());
            statuses.push(client.get(url).send().await.unwrap().status().as_u16());
        }
        statuses
    };
    let one = statuses(1).await;
    assert_eq!(one, statuses(1).await);
    assert_ne!(one, statuses(2).await);
    assert!(one.contains(&200) && one.contains(&500));
}

#[tokio::test]
async fn a_rule_that_cannot_be_done_does_not_start() {
    let plan = FaultPlan::new(0).with(FaultRule::new(FaultAction::status(99)));
    let error = Sim::builder().faults(plan).start().await.unwrap_err().to_string();
    assert!(error.contains("rules[0]") && error.contains("99"), "{error}");
}

#[tokio::test]
async fn keep_alive_survives_faults_that_do_not_end_the_connection() {
    let (sim, bearer) = faulty(FaultAction::status(500)).await;
    let client = client(&sim);
    for status in [500, 200, 200] {
        let answer = client
            .post(search_url(&sim, "limit=1"))
            .bearer_auth(&bearer)
            .json(&recent(&sim))
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), status);
        answer.bytes().await.unwrap();
    }
}
