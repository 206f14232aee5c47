//! The Login Service.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a helper of a test fails as the test does"
)]

mod client;

use std::time::Duration;

use client::{ACCOUNT, client, login, login_url, password_body, person, search, try_login};
use le_sim::{Lockout, LoginErrors, LoginLimit, Sim, SimClock, UserState};
use serde_json::{Value, json};

const START_MS: i64 = 1_900_000_000_000;

async fn sim() -> Sim {
    Sim::builder()
        .conversations(20)
        .clock(SimClock::manual(START_MS))
        .start()
        .await
        .unwrap()
}

async fn refused(sim: &Sim, body: &Value) -> (u16, Value) {
    let answer = try_login(sim, body).await;
    (answer.status().as_u16(), answer.json().await.unwrap())
}

#[tokio::test]
async fn a_login_is_answered_with_the_full_tree() {
    let sim = sim().await;
    let user = person(&sim);
    let answer = try_login(&sim, &password_body(user)).await;
    let cookie = answer.headers()["set-cookie"].to_str().unwrap().to_owned();
    let tree: Value = answer.json().await.unwrap();
    assert_eq!(tree["sessionTTl"], "28800000");
    assert_eq!(tree["config"]["loginName"], user.login_name);
    assert_eq!(tree["config"]["userId"], user.user_id);
    assert_eq!(tree["config"]["userPid"], user.user_pid);
    assert_eq!(tree["config"]["userPrivileges"], json!(user.privileges));
    assert_eq!(tree["config"]["serverCurrentTime"], START_MS);
    assert_eq!(tree["config"]["isAdmin"], true);
    assert_eq!(tree["accountData"]["agentGroupsData"]["items"][0]["id"], -1);
    let agent_vep = json!({ "service": "agentVep", "account": ACCOUNT, "baseURI": sim.csds() });
    assert!(
        tree["csdsCollectionResponse"]["baseURIs"]
            .as_array()
            .unwrap()
            .contains(&agent_vep)
    );
    for field in ["bearer", "csrf", "wsuk", "sessionId"] {
        assert!(!tree[field].as_str().unwrap().is_empty(), "{field}");
    }
    let session_id = tree["sessionId"].as_str().unwrap();
    assert_eq!(cookie, format!("Session_id={session_id}; Path=/; HttpOnly"));
    let answer = search(&sim, tree["bearer"].as_str().unwrap(), "limit=1").await.unwrap();
    assert_eq!(answer.status(), 200);
}

#[tokio::test]
async fn sessions_of_a_user_live_side_by_side_and_are_counted() {
    let sim = sim().await;
    let (one, two) = (login(&sim).await, login(&sim).await);
    assert_ne!(one["bearer"], two["bearer"]);
    for tree in [&one, &two] {
        assert_eq!(
            search(&sim, tree["bearer"].as_str().unwrap(), "")
                .await
                .unwrap()
                .status(),
            200
        );
    }
    let control = sim.control();
    assert_eq!(control.logins_of(&person(&sim).login_name), 2);
    assert_eq!(control.sessions().len(), 2);
    assert_eq!(control.requests_to("login.login"), 2);
}

#[tokio::test]
async fn bad_bodies_are_refused_with_400() {
    let sim = sim().await;
    for body in [
        json!({}),
        json!([]),
        json!({ "username": "x" }),
        json!({ "username": "", "password": "p" }),
        json!({ "username": 7, "password": "p" }),
    ] {
        let (status, answer) = refused(&sim, &body).await;
        assert_eq!(status, 400, "{body}");
        assert_eq!(answer["error"]["responseStatus"], "BAD_REQUEST");
    }
    let answer = client(&sim).post(login_url(&sim)).body("{").send().await.unwrap();
    assert_eq!(answer.status(), 400);
    let other_version = login_url(&sim).replace("1.3", "7");
    assert_eq!(
        client(&sim)
            .post(other_version)
            .json(&password_body(person(&sim)))
            .send()
            .await
            .unwrap()
            .status(),
        400
    );
}

#[tokio::test]
async fn wrong_credentials_are_refused_with_401_in_the_documented_shape() {
    let sim = sim().await;
    let (status, answer) = refused(
        &sim,
        &json!({ "username": person(&sim).login_name, "password": "wrong" }),
    )
    .await;
    assert_eq!(status, 401);
    assert_eq!(answer["error"]["time"], "Mar 17, 2030 5:46:40 PM");
    assert_eq!(answer["error"]["responseStatus"], "UNAUTHORIZED");
    assert!(answer["error"]["internalCode"].is_u64());
    assert!(answer["error"]["message"].is_string());
    assert_eq!(
        refused(&sim, &json!({ "username": "nobody", "password": "x" })).await.0,
        401
    );
    let elsewhere = login_url(&sim).replace(ACCOUNT, "12345678");
    let answer = client(&sim)
        .post(elsewhere)
        .json(&password_body(person(&sim)))
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 401);
    let disabled = sim.users().iter().find(|user| !user.enabled).unwrap();
    assert_eq!(refused(&sim, &password_body(disabled)).await.0, 401);
}

#[tokio::test]
async fn refusals_come_in_the_shapes_seen_in_the_wild() {
    let sim = sim().await;
    let wrong = json!({ "username": person(&sim).login_name, "password": "wrong" });
    sim.control()
        .adjust(|behaviour| behaviour.login_errors = LoginErrors::Text);
    let (status, answer) = refused(&sim, &wrong).await;
    assert_eq!(status, 500);
    assert!(answer["error"].is_string());
    sim.control()
        .adjust(|behaviour| behaviour.login_errors = LoginErrors::ObjectInSuccess);
    let (status, answer) = refused(&sim, &wrong).await;
    assert_eq!(status, 200);
    assert!(answer["error"]["internalCode"].is_u64());
}

#[tokio::test]
async fn failures_in_a_row_lock_the_user_for_a_while() {
    let sim = sim().await;
    sim.control().adjust(|behaviour| {
        behaviour.lockout = Some(Lockout {
            failures: 3,
            for_ms: 60_000,
        })
    });
    let user = person(&sim);
    for _ in 0..3 {
        assert_eq!(
            refused(&sim, &json!({ "username": user.login_name, "password": "wrong" }))
                .await
                .0,
            401
        );
    }
    let (status, answer) = refused(&sim, &password_body(user)).await;
    assert_eq!(status, 401, "the right password does not open a locked user");
    assert!(answer["error"]["message"].as_str().unwrap().contains("locked"));
    sim.clock().advance(Duration::from_secs(60));
    login(&sim).await;
}

#[tokio::test]
async fn states_of_users_and_account_are_told_apart() {
    let sim = sim().await;
    let user = person(&sim);
    for (state, status, word) in [
        (UserState::Blocked, 451, "blocked"),
        (UserState::Locked, 401, "locked"),
        (UserState::PasswordExpired, 401, "expired"),
        (UserState::MustChangePassword, 401, "changed"),
        (UserState::MfaRequired, 401, "multi-factor"),
    ] {
        sim.control().set_user_state(&user.login_name, state);
        let (got, answer) = refused(&sim, &password_body(user)).await;
        assert_eq!(got, status);
        assert!(answer["error"]["message"].as_str().unwrap().contains(word), "{answer}");
    }
    sim.control().set_user_state(&user.login_name, UserState::Normal);
    sim.control().adjust(|behaviour| behaviour.account_blocked = true);
    assert_eq!(refused(&sim, &password_body(user)).await.0, 451);
    sim.control().adjust(|behaviour| behaviour.account_blocked = false);
    login(&sim).await;
}

#[tokio::test]
async fn too_many_attempts_are_throttled() {
    let sim = sim().await;
    sim.control().adjust(|behaviour| {
        behaviour.login_limit = Some(LoginLimit {
            attempts: 2,
            per_ms: 10_000,
            retry_after_s: Some(5),
        });
    });
    login(&sim).await;
    login(&sim).await;
    let answer = try_login(&sim, &password_body(person(&sim))).await;
    assert_eq!(answer.status(), 429);
    assert_eq!(answer.headers()["retry-after"], "5");
    let other = &sim.users()[1];
    assert_eq!(
        try_login(&sim, &password_body(other)).await.status(),
        200,
        "the limit is per user"
    );
    sim.clock().advance(Duration::from_secs(10));
    login(&sim).await;
}

#[tokio::test]
async fn applications_log_in_with_the_key_or_the_oauth2_pair() {
    let sim = sim().await;
    let bot = sim.users().iter().find(|user| user.app_key.is_some()).unwrap();
    let key = sim
        .api_keys()
        .iter()
        .find(|key| Some(&key.app_key) == bot.app_key.as_ref())
        .unwrap();
    let body = json!({
        "username": bot.login_name, "appKey": key.app_key, "secret": key.secret,
        "accessToken": key.access_token, "accessTokenSecret": key.access_token_secret,
    });
    let answer = try_login(&sim, &body).await;
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.json::<Value>().await.unwrap()["config"]["userId"], bot.user_id);
    assert!(sim.control().sessions()[0].application);
    for field in ["secret", "accessToken", "accessTokenSecret", "appKey"] {
        let mut wrong = body.clone();
        wrong[field] = json!("wrong");
        assert_eq!(try_login(&sim, &wrong).await.status(), 401, "{field}");
        sim.control().adjust(|behaviour| behaviour.lockout = None);
        wrong[field] = json!("");
        assert_eq!(try_login(&sim, &wrong).await.status(), 400, "{field}");
    }
    let mut human = body.clone();
    human["username"] = json!(person(&sim).login_name);
    assert_eq!(try_login(&sim, &human).await.status(), 401);

    let client = &sim.oauth_clients()[0];
    let mut pair = json!({
        "username": client.login_name, "appKey": client.client_id, "secret": client.client_secret,
        "accessToken": "dummy", "accessTokenSecret": "dummy",
    });
    assert_eq!(try_login(&sim, &pair).await.status(), 200);
    pair["secret"] = json!("wrong");
    assert_eq!(try_login(&sim, &pair).await.status(), 401);
    sim.control().adjust(|behaviour| behaviour.bot_users = false);
    assert_eq!(try_login(&sim, &body).await.status(), 403);
}

async fn held(sim: &Sim, call: &str, tree: &Value, csrf: &Value) -> reqwest::Response {
    client(sim)
        .post(format!("{}/api/account/{ACCOUNT}/{call}", sim.url()))
        .header(
            "cookie",
            format!("other=1; Session_id={}", tree["sessionId"].as_str().unwrap()),
        )
        .json(&json!({ "csrf": csrf }))
        .send()
        .await
        .unwrap()
}

#[tokio::test]
async fn a_refresh_prolongs_and_the_clock_ends_a_session() {
    let sim = sim().await;
    let tree = login(&sim).await;
    let bearer = tree["bearer"].as_str().unwrap();
    sim.clock().advance(Duration::from_secs(8 * 3600 - 1));
    let answer = held(&sim, "refresh", &tree, &tree["csrf"]).await;
    assert_eq!(answer.status(), 200);
    assert!(answer.headers().contains_key("set-cookie"));
    assert_eq!(answer.text().await.unwrap(), "");
    sim.clock().advance(Duration::from_secs(8 * 3600 - 1));
    assert_eq!(search(&sim, bearer, "").await.unwrap().status(), 200);
    sim.clock().advance(Duration::from_secs(1));
    assert_eq!(search(&sim, bearer, "").await.unwrap().status(), 401);
    let answer = held(&sim, "refresh", &tree, &tree["csrf"]).await;
    assert_eq!(answer.status(), 401);
    assert_eq!(answer.json::<Value>().await.unwrap()["error"]["internalCode"], 10);
}

#[tokio::test]
async fn a_csrf_that_does_not_belong_is_code_10_and_a_logout_ends_the_session() {
    let sim = sim().await;
    let tree = login(&sim).await;
    for call in ["refresh", "logout"] {
        let answer = held(&sim, call, &tree, &json!("c0ffee")).await;
        assert_eq!(answer.status(), 401);
        let answer: Value = answer.json().await.unwrap();
        assert_eq!(answer["error"]["internalCode"], 10);
        assert_eq!(answer["error"]["message"], "csrf does not match");
        assert_eq!(held(&sim, call, &tree, &Value::Null).await.status(), 400);
    }
    let no_cookie = client(&sim)
        .post(format!("{}/api/account/{ACCOUNT}/refresh?v=1.3", sim.url()))
        .json(&json!({ "csrf": tree["csrf"] }))
        .send()
        .await
        .unwrap();
    assert_eq!(no_cookie.status(), 401);
    let answer = held(&sim, "logout", &tree, &tree["csrf"]).await;
    assert_eq!(
        (answer.status().as_u16(), answer.text().await.unwrap().as_str()),
        (200, "")
    );
    assert_eq!(
        search(&sim, tree["bearer"].as_str().unwrap(), "")
            .await
            .unwrap()
            .status(),
        401
    );
    assert_eq!(held(&sim, "logout", &tree, &tree["csrf"]).await.status(), 401);
}

#[tokio::test]
async fn fields_and_the_cookie_can_be_left_out() {
    let sim = sim().await;
    sim.control().adjust(|behaviour| {
        behaviour.login_omits = vec!["csrf".into(), "config.userId".into()];
        behaviour.session_cookie = false;
        behaviour.session_ttl_as_number = true;
        behaviour.session_ttl_ms = 1_000;
    });
    let answer = try_login(&sim, &password_body(person(&sim))).await;
    assert!(!answer.headers().contains_key("set-cookie"));
    let tree: Value = answer.json().await.unwrap();
    assert!(tree.get("csrf").is_none() && tree["config"].get("userId").is_none());
    assert_eq!(tree["sessionTTl"], 1_000);
}
