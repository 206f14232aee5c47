//! The backend without a browser: what it answers to whoever can reach it.

use serde_json::{Value, json};

use crate::stage::Stage;

const WIDGET: &str = "11111111-2222-4333-8444-555555555555";
const JSON: &str = "application/json";

async fn forward(stage: &Stage, widget: &str, updates: Value) -> Value {
    let body = json!({ "widget": widget, "updates": updates }).to_string();
    let answer = stage.call("POST", "/updates", JSON, body).await;
    assert_eq!(answer.status(), 200);
    serde_json::from_slice(answer.body()).unwrap()
}

fn row(answer: &Value, label: &str) -> Option<String> {
    let rows = answer["rows"].as_array().unwrap();
    let found = rows.iter().find(|row| row["label"] == label)?;
    found["value"].as_str().map(str::to_owned)
}

#[tokio::test]
async fn the_page_says_who_may_frame_it_and_runs_no_script_of_others() {
    let stage = Stage::new(None).await;
    let page = stage.call("GET", "/", JSON, "").await;
    let policy = page.headers()["content-security-policy"].to_str().unwrap();
    assert!(
        policy.contains(&format!("frame-ancestors http://{}", stage.workspace)),
        "{policy}"
    );
    assert!(
        policy.starts_with("default-src 'none'; script-src 'self' ;"),
        "{policy}"
    );
    assert!(!policy.contains("unsafe"), "{policy}");
    assert!(page.headers().get("x-frame-options").is_none());
    assert_eq!(page.headers()["referrer-policy"], "no-referrer");
    for path in ["/widget.js", "/widget.css", "/paths"] {
        assert_eq!(stage.call("GET", path, JSON, "").await.status(), 200, "{path}");
    }
}

#[tokio::test]
async fn changes_add_up_and_each_widget_has_its_own() {
    let stage = Stage::new(None).await;
    forward(
        &stage,
        WIDGET,
        json!([{ "key": "visitorInfo.visitorName", "newValue": "Ingrid" }]),
    )
    .await;
    let cart = json!([{ "cartTotal": "61.4", "numItems": 2, "products": [] }]);
    let answer = forward(&stage, WIDGET, json!([{ "key": "SDE.shoppingCart", "newValue": cart }])).await;
    assert_eq!(row(&answer, "Name").as_deref(), Some("Ingrid"));
    assert_eq!(row(&answer, "Cart").as_deref(), Some("2 items, 61.4 in all"));
    let other = forward(&stage, "another-widget-of-the-agent", json!([])).await;
    assert_eq!(row(&other, "Name"), None);
}

#[tokio::test]
async fn what_is_no_change_is_refused_and_the_rest_is_taken() {
    let stage = Stage::new(None).await;
    let updates = json!([7, { "key": "a b" }, {}, { "key": "visitorInfo.device", "newValue": "MOBILE" }]);
    let answer = forward(&stage, WIDGET, updates).await;
    assert_eq!(answer["refused"].as_array().unwrap().len(), 3);
    assert_eq!(row(&answer, "Device").as_deref(), Some("MOBILE"));
    let good = json!({ "widget": WIDGET, "updates": [] }).to_string();
    let long = format!("{{\"widget\":\"{WIDGET}\",\"updates\":[\"{}\"]}}", "x".repeat(300_000));
    for (content_type, body) in [
        (JSON, String::new()),
        (JSON, "[]".to_owned()),
        (JSON, json!({ "widget": "short", "updates": [] }).to_string()),
        (JSON, json!({ "widget": WIDGET, "updates": vec![0; 501] }).to_string()),
        (JSON, long),
        ("text/plain", good),
    ] {
        assert_eq!(stage.call("POST", "/updates", content_type, body).await.status(), 400);
    }
}

#[tokio::test]
async fn a_text_of_somebody_else_is_cut() {
    let stage = Stage::new(None).await;
    let answer = forward(
        &stage,
        WIDGET,
        json!([{ "key": "visitorInfo.visitorName", "newValue": "å".repeat(5000) }]),
    )
    .await;
    assert_eq!(row(&answer, "Name").unwrap().chars().count(), 200);
}
