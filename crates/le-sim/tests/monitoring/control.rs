//! The control API of visitors.

use crate::*;

async fn call(sim: &Sim, method: &str, path: &str, body: Option<Value>) -> (u16, Value) {
    let url = format!("{}/_sim/monitoring{path}", sim.url());
    let mut request = client::client(sim).request(method.parse().unwrap(), url);
    if let Some(body) = body {
        request = request.json(&body);
    }
    answer(request).await
}

#[tokio::test]
async fn campaigns_are_read_and_replaced() {
    let sim = sim().await;
    let (_, campaigns) = call(&sim, "GET", "/campaigns", None).await;
    assert_eq!(
        campaigns[0]["engagements"][0]["when"]["unresolved_error"]["context_id"],
        "checkout"
    );
    assert_eq!(
        call(&sim, "PUT", "/campaigns", Some(campaigns.clone())).await.0,
        200,
        "what is read can be written"
    );
    let twice = json!([{ "id": 1, "name": "a" }, { "id": 1, "name": "b" }]);
    let (status, refusal) = call(&sim, "PUT", "/campaigns", Some(twice)).await;
    assert_eq!(status, 400);
    assert!(refusal["error"].as_str().unwrap().contains("id 1"), "{refusal}");
    let toml = "[[campaigns]]\nid = 5\nname = 'Mine'\n[[campaigns.engagements]]\nid = 6\nname = 'It'\nwhen = 'always'";
    let put = client::client(&sim)
        .put(format!("{}/_sim/monitoring/campaigns", sim.url()))
        .header("content-type", "application/toml")
        .body(toml);
    assert_eq!(answer(put).await.0, 200);
    let (_, offered) = Visitor::open(&sim, &json!({})).await;
    assert_eq!(offered["engagementDetails"][0]["campaignId"], 5);
    sim.control().reset();
    assert_eq!(call(&sim, "GET", "/campaigns", None).await.1, campaigns);
}

#[tokio::test]
async fn visitors_offers_and_counts_are_shown() {
    let sim = sim().await;
    let body = json!({ "engagementAttributes": [cart(150.0)], "identities": [{ "acr": "0", "sub": "cu-1" }] });
    let (visitor, answer) = Visitor::open(&sim, &body).await;
    let offer = &answer["engagementDetails"][0];
    visitor.tell(json!([impression("impAccept", offer)])).await;
    let (_, visitors) = call(&sim, "GET", "/visitors", None).await;
    assert_eq!(visitors[0]["visitorId"], visitor.vid);
    assert_eq!(
        (&visitors[0]["live"], &visitors[0]["cartTotal"]),
        (&json!(true), &json!(150.0))
    );
    assert_eq!(visitors[0]["consumers"], json!(["cu-1"]));
    let (_, tree) = call(&sim, "GET", &format!("/visitors/{}", visitor.vid), None).await;
    assert_eq!(tree["appSessions"][0]["cart"]["cartStatus"]["total"], 150.0);
    assert_eq!(call(&sim, "GET", "/visitors/who", None).await.0, 404);
    let (_, offers) = call(&sim, "GET", "/offers", None).await;
    assert_eq!(
        (&offers[0]["contextId"], &offers[0]["accepted"]),
        (&json!("1"), &json!(1))
    );
    let (_, funnel) = call(&sim, "GET", "/funnel", None).await;
    assert_eq!((&funnel[0]["offered"], &funnel[0]["accepted"]), (&json!(1), &json!(1)));
    let (_, overview) = call(&sim, "GET", "", None).await;
    assert_eq!((&overview["visitors"], &overview["offers"]), (&json!(1), &json!(1)));
    assert_eq!(overview["appInstallations"][0]["id"], sim.app_installation_id());
    assert_eq!(sim.ready_json()["appInstallations"][0]["id"], sim.app_installation_id());
}

#[tokio::test]
async fn sessions_age_and_accounts_load() {
    let sim = sim().await;
    let (one, _) = Visitor::open(&sim, &json!({})).await;
    let (two, _) = Visitor::open(&sim, &json!({})).await;
    let age = json!({ "ms": 30 * MINUTE, "visitorId": one.vid });
    assert_eq!(
        call(&sim, "POST", "/sessions/age", Some(age)).await,
        (200, json!({ "aged": 1 }))
    );
    assert_eq!(one.engagement(&json!({})).await.0, 201);
    assert_eq!(two.engagement(&json!({})).await.0, 200);
    let all = json!({ "ms": 30 * MINUTE });
    assert_eq!(
        call(&sim, "POST", "/sessions/age", Some(all)).await,
        (200, json!({ "aged": 2 }))
    );
    assert_eq!(two.engagement(&json!({})).await.0, 201);
    assert_eq!(
        call(&sim, "POST", "/loading", Some(json!({ "answers": 1 }))).await.0,
        200
    );
    assert_eq!(
        post(&sim, app_url(&sim, "engagement", "v=1.1"), &json!({})).await.0,
        202
    );
    assert_eq!(
        post(&sim, app_url(&sim, "engagement", "v=1.1"), &json!({})).await.0,
        201
    );
}
