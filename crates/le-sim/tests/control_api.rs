//! The control API over HTTP.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a helper of a test fails as the test does"
)]

mod client;

use client::{ACCOUNT, client, login, password_body, person, search, try_login};
use le_sim::{FaultAction, FaultPlan, FaultRule, Sim, SimClock};
use serde_json::{Value, json};

async fn sim() -> Sim {
    let plan = FaultPlan::new(3).with(FaultRule::new(FaultAction::Delay { ms: 1 }).route("login.refresh"));
    Sim::builder()
        .conversations(20)
        .clock(SimClock::manual(1_900_000_000_000))
        .faults(plan)
        .start()
        .await
        .unwrap()
}

async fn call(sim: &Sim, method: &str, path: &str, body: Option<Value>) -> (u16, Value) {
    let url = format!("{}/_sim{path}", sim.url());
    let mut request = client(sim).request(method.parse().unwrap(), url);
    if let Some(body) = body {
        request = request.json(&body);
    }
    let answer = request.send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap_or(Value::Null))
}

async fn get(sim: &Sim, path: &str) -> Value {
    let (status, answer) = call(sim, "GET", path, None).await;
    assert_eq!(status, 200, "{path}");
    answer
}

#[tokio::test]
async fn the_state_shows_what_happened_and_no_secrets() {
    let sim = sim().await;
    let tree = login(&sim).await;
    search(&sim, tree["bearer"].as_str().unwrap(), "limit=3&sort=start:asc")
        .await
        .unwrap();
    let state = get(&sim, "").await;
    assert_eq!(state["account"], ACCOUNT);
    assert_eq!(state["conversations"], 20);
    assert_eq!(state["nowMs"], 1_900_000_000_000_i64);
    assert_eq!(state["sessions"][0]["loginName"], person(&sim).login_name);
    assert_eq!(state["counters"]["messaging_interactions.search"]["statuses"]["200"], 1);
    let log = get(&sim, "/requests").await;
    assert_eq!(log[1]["route"], "messaging_interactions.search");
    assert_eq!(log[1]["query"], json!({ "limit": "3", "sort": "start:asc" }));
    assert_eq!(log[1]["status"], 200);
    let everything = format!(
        "{state}{log}{}{}",
        get(&sim, "/sessions").await,
        get(&sim, "/users").await
    );
    for secret in ["bearer", "csrf", "sessionId"] {
        assert!(!everything.contains(tree[secret].as_str().unwrap()), "{secret}");
    }
    assert!(!everything.contains(&person(&sim).password));
    let users = get(&sim, "/users?passwords=true").await;
    assert_eq!(users[0]["password"], person(&sim).password);
}

#[tokio::test]
async fn faults_are_read_replaced_added_and_cleared() {
    let sim = sim().await;
    assert_eq!(
        get(&sim, "/faults").await["plan"]["rules"][0]["action"]["kind"],
        "delay"
    );
    let plan = json!({ "seed": 1, "rules": [{ "route": "login.login", "first": 1, "action": { "kind": "status", "status": 502, "body": "html" } }] });
    assert_eq!(call(&sim, "PUT", "/faults", Some(plan)).await.0, 200);
    assert_eq!(try_login(&sim, &password_body(person(&sim))).await.status(), 502);
    let rule = json!({ "path": "*/login", "max": 1, "action": { "kind": "status", "status": 418, "retry_after": { "date_in": 4 } } });
    assert_eq!(call(&sim, "POST", "/faults", Some(rule)).await.0, 200);
    let answer = try_login(&sim, &password_body(person(&sim))).await;
    assert_eq!(answer.status(), 418);
    assert_eq!(
        answer.json::<Value>().await.unwrap()["error"]["responseStatus"],
        "I_M_A_TEAPOT"
    );
    let counts = &get(&sim, "/faults").await["counts"];
    assert_eq!(
        (&counts[0]["matched"], &counts[0]["fired"], &counts[1]["fired"]),
        (&json!(2), &json!(1), &json!(1))
    );
    for wrong in [
        json!({ "action": { "kind": "nonsense" } }),
        json!({ "nth": 0, "action": { "kind": "malformed_json" } }),
    ] {
        let (status, answer) = call(&sim, "POST", "/faults", Some(wrong)).await;
        assert_eq!(status, 400);
        assert!(answer["error"].is_string());
    }
    assert_eq!(call(&sim, "DELETE", "/faults", None).await.0, 200);
    assert_eq!(get(&sim, "/faults").await["plan"]["rules"], json!([]));
    login(&sim).await;
}

#[tokio::test]
async fn a_plan_is_taken_as_toml() {
    let sim = sim().await;
    let toml = "[[rules]]\nroute = \"login.login\"\naction = { kind = \"status\", status = 500 }\n";
    let url = format!("{}/_sim/faults", sim.url());
    let put = client(&sim).put(&url).header("content-type", "application/toml");
    assert_eq!(put.body(toml).send().await.unwrap().status(), 200);
    assert_eq!(try_login(&sim, &password_body(person(&sim))).await.status(), 500);
    let put = client(&sim).put(&url).header("content-type", "application/toml");
    assert_eq!(put.body("[[rules]").send().await.unwrap().status(), 400);
}

#[tokio::test]
async fn the_clock_is_read_and_moved() {
    let sim = sim().await;
    let tree = login(&sim).await;
    assert_eq!(
        get(&sim, "/clock").await,
        json!({ "nowMs": 1_900_000_000_000_i64, "manual": true })
    );
    let (_, moved) = call(&sim, "POST", "/clock/advance", Some(json!({ "ms": 28_800_000 }))).await;
    assert_eq!(moved["nowMs"], 1_900_028_800_000_i64);
    assert_eq!(
        search(&sim, tree["bearer"].as_str().unwrap(), "")
            .await
            .unwrap()
            .status(),
        401
    );
    assert_eq!(
        call(&sim, "POST", "/clock/advance", Some(json!({ "ms": -1 }))).await.0,
        400
    );
}

#[tokio::test]
async fn sessions_are_ended_all_or_by_user() {
    let sim = sim().await;
    let tree = login(&sim).await;
    let path = "/sessions/expire?loginName=nobody";
    assert_eq!(call(&sim, "POST", path, None).await.1["expired"], 0);
    let path = format!("/sessions/expire?loginName={}", person(&sim).login_name);
    assert_eq!(call(&sim, "POST", &path, None).await.1["expired"], 1);
    assert_eq!(
        search(&sim, tree["bearer"].as_str().unwrap(), "")
            .await
            .unwrap()
            .status(),
        401
    );
    login(&sim).await;
    login(&sim).await;
    assert_eq!(call(&sim, "DELETE", "/sessions", None).await.1["expired"], 2);
    assert_eq!(get(&sim, "/sessions").await["logins"][&person(&sim).login_name], 3);
}

#[tokio::test]
async fn knobs_are_turned_one_by_one_or_all_together() {
    let sim = sim().await;
    let (status, knobs) = call(
        &sim,
        "PATCH",
        "/behaviour",
        Some(json!({ "source_required": true, "login_errors": "text" })),
    )
    .await;
    assert_eq!(status, 200);
    assert_eq!(
        (&knobs["source_required"], &knobs["login_errors"]),
        (&json!(true), &json!("text"))
    );
    assert_eq!(knobs["session_ttl_ms"], 28_800_000);
    assert_eq!(
        call(&sim, "PATCH", "/behaviour", Some(json!({ "sourceRequired": true })))
            .await
            .0,
        400
    );
    let users = json!({ "users": { person(&sim).login_name.clone(): "password_expired" } });
    assert_eq!(
        call(&sim, "PUT", "/behaviour", Some(users)).await.1["source_required"],
        false
    );
    assert_eq!(try_login(&sim, &password_body(person(&sim))).await.status(), 401);
}

#[tokio::test]
async fn a_misspelt_control_path_is_no_request_to_an_api() {
    let sim = sim().await;
    sim.control()
        .add_fault(FaultRule::new(FaultAction::status(500)))
        .unwrap();
    assert_eq!(call(&sim, "GET", "/sesions", None).await.0, 404);
    assert_eq!(call(&sim, "POST", "/clock", None).await.0, 405);
    assert!(sim.control().requests().is_empty());
}

#[tokio::test]
async fn a_reset_goes_back_to_the_start() {
    let sim = sim().await;
    let tree = login(&sim).await;
    call(&sim, "DELETE", "/faults", None).await;
    call(&sim, "PATCH", "/behaviour", Some(json!({ "account_blocked": true }))).await;
    call(&sim, "POST", "/clock/advance", Some(json!({ "ms": 5_000 }))).await;
    assert_eq!(call(&sim, "POST", "/reset", None).await.0, 200);
    let state = get(&sim, "/state").await;
    assert_eq!(
        (&state["sessions"], &state["logins"], &state["counters"]),
        (&json!([]), &json!({}), &json!({}))
    );
    assert_eq!(state["nowMs"], 1_900_000_000_000_i64);
    assert_eq!(get(&sim, "/requests").await, json!([]));
    assert_eq!(get(&sim, "/faults").await["plan"]["rules"].as_array().unwrap().len(), 1);
    assert_eq!(
        search(&sim, tree["bearer"].as_str().unwrap(), "")
            .await
            .unwrap()
            .status(),
        401
    );
    login(&sim).await;
}

#[tokio::test]
async fn debug_output_is_short_and_holds_no_secret() {
    let sim = sim().await;
    let tree = login(&sim).await;
    let text = format!(
        "{sim:?}{:?}{:?}{:?}",
        sim.control(),
        sim.control().sessions(),
        sim.oauth_clients()
    );
    let secrets = [
        tree["bearer"].as_str().unwrap(),
        tree["csrf"].as_str().unwrap(),
        &person(&sim).password,
        &sim.api_keys()[0].secret,
        &sim.oauth_clients()[0].client_secret,
    ];
    assert!(
        secrets.iter().all(|secret| !text.contains(secret)) && text.len() < 4_000,
        "{text}"
    );
}

#[tokio::test]
async fn a_request_whose_client_gave_up_is_counted() {
    let sim = sim().await;
    let control = sim.control();
    control
        .add_fault(FaultRule::new(FaultAction::Delay { ms: 60_000 }).route("login.login"))
        .unwrap();
    let url = client::login_url(&sim);
    let short = client(&sim).post(url).timeout(std::time::Duration::from_millis(60));
    assert!(
        short
            .json(&password_body(person(&sim)))
            .send()
            .await
            .unwrap_err()
            .is_timeout()
    );
    for _ in 0..200 {
        if control.requests_to("login.login") == 1 {
            let logged = control.requests().pop().unwrap();
            assert_eq!((logged.status, logged.faults), (None, vec!["delay".to_owned()]));
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    panic!("the request was not counted");
}

#[tokio::test]
async fn the_log_can_be_off_and_the_counters_still_count() {
    let sim = Sim::builder().conversations(1).request_log(0).start().await.unwrap();
    login(&sim).await;
    assert!(sim.control().requests().is_empty());
    assert_eq!(sim.control().requests_to("login.login"), 1);
}
