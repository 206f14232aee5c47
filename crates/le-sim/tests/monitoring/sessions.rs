//! How sessions begin, go on and end.

use std::time::Duration;

use le_sim::InvalidIds;

use crate::*;

#[tokio::test]
async fn a_session_is_made_and_goes_on() {
    let sim = sim().await;
    let (visitor, first) = Visitor::open(&sim, &json!({})).await;
    assert!(first["pageId"].as_str().unwrap().parse::<u64>().is_ok());
    let (status, second) = visitor.engagement(&json!({})).await;
    assert_eq!(status, 200);
    assert_eq!(
        (&second["visitorId"], &second["sessionId"]),
        (&first["visitorId"], &first["sessionId"])
    );
    assert_ne!(second["pageId"], first["pageId"], "each call is a page of its own");
    let (status, report) = visitor
        .report(&json!({ "pageId": "my-page", "engagementAttributes": [cart(1.0)] }))
        .await;
    assert_eq!((status, &report["pageId"]), (200, &json!("my-page")));
    assert_eq!(
        visitor.state().await["events"][0]["cartStatus"]["contexts"]["page"]["id"],
        "my-page"
    );
    // The suffix that other services show is taken off.
    let url = app_url(
        &sim,
        "engagement",
        &format!("v=1.0&vid={}&sid={}.00ff", visitor.vid, visitor.sid),
    );
    assert_eq!(post(&sim, url.clone(), &json!({})).await.0, 200);
    sim.control()
        .adjust(|behaviour| behaviour.monitoring.suffix_refused = true);
    assert_eq!(post(&sim, url, &json!({})).await.0, 201);
}

#[tokio::test]
async fn the_same_seed_and_clock_give_the_same_ids() {
    let (one, two) = (sim().await, sim().await);
    let (first, _) = Visitor::open(&one, &json!({})).await;
    let (second, _) = Visitor::open(&two, &json!({})).await;
    assert_eq!((&first.vid, &first.sid), (&second.vid, &second.sid));
    let (third, _) = Visitor::open(&two, &json!({})).await;
    assert_ne!(third.vid, second.vid);
}

#[tokio::test]
async fn a_session_ends_after_half_an_hour_of_silence() {
    let sim = sim().await;
    let (visitor, first) = Visitor::open(&sim, &json!({})).await;
    sim.clock().advance(Duration::from_millis(30 * MINUTE - 1));
    assert_eq!(visitor.engagement(&json!({})).await.0, 200);
    sim.clock().advance(Duration::from_millis(30 * MINUTE));
    let (status, next) = visitor.engagement(&json!({})).await;
    assert_eq!(status, 201);
    assert_eq!(next["visitorId"], first["visitorId"], "the visitor stays");
    assert_ne!(next["sessionId"], first["sessionId"]);
}

#[tokio::test]
async fn a_session_ends_after_six_hours() {
    let sim = sim().await;
    let (visitor, _) = Visitor::open(&sim, &json!({})).await;
    for _ in 0..17 {
        sim.clock().advance(Duration::from_millis(20 * MINUTE));
        assert_eq!(visitor.engagement(&json!({})).await.0, 200);
    }
    sim.clock().advance(Duration::from_millis(20 * MINUTE));
    assert_eq!(visitor.engagement(&json!({})).await.0, 201);
}

#[tokio::test]
async fn ids_that_are_not_valid_are_replaced_or_refused() {
    let sim = sim().await;
    let (visitor, _) = Visitor::open(&sim, &json!({})).await;
    let with = |vid: &str, sid: &str| app_url(&sim, "engagement", &format!("v=1.1&vid={vid}&sid={sid}"));
    let (status, fresh) = post(&sim, with("who", "what"), &json!({})).await;
    assert_eq!(status, 201);
    assert_ne!(fresh["visitorId"], "who");
    let (status, fresh) = post(&sim, with(&visitor.vid, "what"), &json!({})).await;
    assert_eq!((status, &fresh["visitorId"]), (201, &json!(visitor.vid)));
    sim.control()
        .adjust(|behaviour| behaviour.monitoring.invalid_ids = InvalidIds::NotFound);
    let (status, refusal) = post(&sim, with("who", &visitor.sid), &json!({})).await;
    assert_eq!((status, &refusal["internalCode"]), (404, &json!(37)));
    let (status, refusal) = post(&sim, with(&visitor.vid, "what"), &json!({})).await;
    assert_eq!((status, &refusal["internalCode"]), (404, &json!(39)));
    // A session that is over is no invalid one.
    sim.clock().advance(Duration::from_millis(HOUR));
    assert_eq!(visitor.engagement(&json!({})).await.0, 201);
}

#[tokio::test]
async fn a_caller_who_is_the_visitor_is_somewhere() {
    let sim = sim().await;
    let (visitor, _) = Visitor::open(&sim, &json!({})).await;
    assert_eq!(
        visitor.state().await["geo"],
        Value::Null,
        "obh=true tells nothing of the visitor's place"
    );
    let query = format!("v=1.1&vid={}&sid={}", visitor.vid, visitor.sid);
    assert_eq!(post(&sim, app_url(&sim, "engagement", &query), &json!({})).await.0, 200);
    let state = visitor.state().await;
    assert!(state["geo"]["city"].is_string(), "{state}");
    assert_eq!(state["ipv4"], "127.0.0.1");
    // What the client tells of itself stays, and a server that calls later moves nobody.
    let client =
        json!({ "clientProperties": { "ipAddress": "192.0.2.7", "osName": "LINUX", "deviceFamily": "DESKTOP" } });
    assert_eq!(visitor.engagement(&client).await.0, 200);
    let later = visitor.state().await;
    assert_eq!(
        (&later["ipv4"], &later["deviceOS"]),
        (&json!("192.0.2.7"), &json!("LINUX"))
    );
    assert_eq!(later["geo"], state["geo"]);
}

#[tokio::test]
async fn new_sessions_that_come_too_fast_are_refused() {
    let sim = sim().await;
    let patch = json!({ "monitoring": { "new_sessions": { "sessions": 2, "per_ms": 1000 } } });
    let url = format!("{}/_sim/behaviour", sim.url());
    assert_eq!(answer(client::client(&sim).patch(url).json(&patch)).await.0, 200);
    let (visitor, _) = Visitor::open(&sim, &json!({})).await;
    Visitor::open(&sim, &json!({})).await;
    let (status, refusal) = post(&sim, app_url(&sim, "engagement", "v=1.1"), &json!({})).await;
    assert_eq!(status, 503, "{refusal}");
    assert!(refusal["internalCode"].is_i64());
    assert_eq!(
        visitor.engagement(&json!({})).await.0,
        200,
        "those who keep their ids are served"
    );
    sim.clock().advance(Duration::from_secs(1));
    Visitor::open(&sim, &json!({})).await;
}

#[tokio::test]
async fn a_loading_account_tells_the_visitor_to_come_back_as() {
    let sim = sim().await;
    sim.control().monitoring().load_account(2);
    let (status, loading) = post(&sim, app_url(&sim, "engagement", "v=1.1"), &json!({})).await;
    assert_eq!((status, &loading["internalCode"]), (202, &json!(38)));
    let message = loading["message"].as_str().unwrap();
    let vid = message.rsplit("vid:").next().unwrap().trim();
    assert_eq!(message, format!("Loading account: {ACCOUNT}, vid: {vid}"));
    let again = app_url(&sim, "engagement", &format!("v=1.0&vid={vid}"));
    let (status, loading) = post(&sim, again.clone(), &json!({})).await;
    assert_eq!((status, &loading["internalCode"]), (500, &json!(20)));
    assert!(
        loading["message"].as_str().unwrap().ends_with(vid),
        "the visitor stays the same"
    );
    let (status, done) = post(&sim, again, &json!({})).await;
    assert_eq!((status, &done["visitorId"]), (201, &json!(vid)));
    sim.control()
        .adjust(|behaviour| behaviour.monitoring.loading_tells_visitor = false);
    sim.control().monitoring().load_account(1);
    let (_, loading) = post(&sim, app_url(&sim, "report", "v=1.1"), &json!({})).await;
    assert_eq!(loading, Value::Null, "report is a PUT");
    let (status, loading) = put(&sim, app_url(&sim, "report", "v=1.1"), &json!({})).await;
    assert_eq!(
        (status, &loading["message"]),
        (202, &json!(format!("Loading account: {ACCOUNT}")))
    );
}

#[tokio::test]
async fn visitors_beyond_the_bound_are_forgotten() {
    let sim = sim().await;
    sim.control()
        .adjust(|behaviour| behaviour.monitoring.most_visitors = 128);
    for _ in 0..400 {
        Visitor::open(&sim, &json!({})).await;
        sim.clock().advance(Duration::from_millis(1));
    }
    let kept = sim.control().monitoring().visitors();
    assert!(kept.len() <= 192, "{}", kept.len());
    let newest = kept.iter().map(|visitor| visitor.last_at.unwrap()).max().unwrap();
    assert_eq!(newest, NOW + 399);
}

#[tokio::test]
async fn a_reset_forgets_everybody() {
    let sim = sim().await;
    let (visitor, _) = Visitor::open(&sim, &json!({})).await;
    visitor.tell(json!([cart(5.0)])).await;
    sim.control().reset();
    assert!(sim.control().monitoring().visitors().is_empty());
    let (again, _) = Visitor::open(&sim, &json!({})).await;
    assert_eq!(again.vid, visitor.vid, "ids begin anew");
    assert_eq!(again.state().await["cart"], Value::Null);
}
