//! Every code of the page, and what is refused.

use le_sim::{FaultAction, FaultPlan, FaultRule};

use crate::*;

/// Status and code of a refused call of the Monitoring API, and its message.
async fn refused(sim: &Sim, call: &str, query: &str, body: &Value) -> (u16, i64, String) {
    let url = app_url(sim, call, query);
    let (status, answer) = if call == "report" {
        put(sim, url, body).await
    } else {
        post(sim, url, body).await
    };
    assert_eq!(answer["time"], NOW, "{answer}");
    let message = answer["message"].as_str().unwrap().to_owned();
    (status, answer["internalCode"].as_i64().unwrap(), message)
}

#[tokio::test]
async fn versions_accounts_and_installations_are_checked() {
    let sim = sim().await;
    for query in ["", "v=", "v=2.0", "v=x"] {
        assert_eq!(refused(&sim, "engagement", query, &json!({})).await.1, 33, "{query}");
    }
    for query in ["v=1.0", "v=1", "v=1.1"] {
        assert_eq!(post(&sim, app_url(&sim, "engagement", query), &json!({})).await.0, 201);
    }
    let elsewhere = account_url(&sim, "/app/0a0b0c0d-1111-4222-8333-444455556666/engagement?v=1.1");
    let (status, refusal) = post(&sim, elsewhere, &json!({})).await;
    assert_eq!((status, &refusal["internalCode"]), (404, &json!(18)));
    let other = format!(
        "{}/api/account/999/app/{}/engagement?v=1.1",
        sim.url(),
        sim.app_installation_id()
    );
    let (status, refusal) = post(&sim, other, &json!({})).await;
    assert_eq!((status, &refusal["internalCode"]), (404, &json!(6)));
}

#[tokio::test]
async fn a_refused_body_names_the_member() {
    let sim = sim().await;
    let refusals = [
        (json!("no object"), "the body is not a JSON object"),
        (json!({ "identities": {} }), "identities must be an array"),
        (
            json!({ "identities": [{ "sub": "a" }] }),
            "identities[0].acr is required",
        ),
        (
            json!({ "identities": [{ "sub": "a", "acr": "loa2" }] }),
            "identities[0].acr must be",
        ),
        (
            json!({ "identities": [{ "acr": "0" }] }),
            "identities[0].sub is required",
        ),
        (json!({ "entryPoints": [{}] }), "entryPoints must be"),
        (
            json!({ "engagementAttributes": {} }),
            "engagementAttributes must be an array",
        ),
        (
            json!({ "engagementAttributes": [{}] }),
            "engagementAttributes[0].type is required",
        ),
        (
            json!({ "engagementAttributes": [{ "type": "nope" }] }),
            "engagementAttributes[0].type",
        ),
        (
            json!({ "engagementAttributes": [cart(1.0), { "type": "cart", "total": 3 }] }),
            "engagementAttributes[1].numItems is required",
        ),
        (
            json!({ "clientProperties": { "ipAddress": "::1" } }),
            "clientProperties.ipAddress must be an IPv4",
        ),
        (
            json!({ "clientProperties": { "os": "OSX" } }),
            "clientProperties.os must be one of",
        ),
        (
            json!({ "clientProperties": { "deviceFamily": "FRIDGE" } }),
            "clientProperties.deviceFamily must be one of",
        ),
        (
            json!({ "engagementAttributes": [{ "type": "impDisplay", "campaign": 1, "engId": 2, "revision": 3 }] }),
            "impressions are not taken here",
        ),
    ];
    for (body, begins) in refusals {
        let (status, code, message) = refused(&sim, "engagement", "v=1.1", &body).await;
        assert_eq!((status, code), (400, 5), "{message}");
        assert!(message.contains(begins), "{message} should say {begins}");
    }
    let broken = client::client(&sim)
        .post(app_url(&sim, "engagement", "v=1.1"))
        .body("{\"a\":");
    let (status, refusal) = answer(broken).await;
    assert_eq!((status, &refusal["internalCode"]), (400, &json!(5)));
    assert!(
        sim.control().monitoring().visitors().is_empty(),
        "nobody came of a refused call"
    );
    sim.control()
        .adjust(|behaviour| behaviour.monitoring.unknown_types_ignored = true);
    let unknown = json!({ "engagementAttributes": [{ "type": "nope" }] });
    assert_eq!(post(&sim, app_url(&sim, "engagement", "v=1.1"), &unknown).await.0, 201);
}

#[tokio::test]
async fn a_report_says_whose_it_is() {
    let sim = sim().await;
    let attributes = json!({ "engagementAttributes": [cart(1.0)] });
    let (status, code, message) = refused(&sim, "report", "v=1.1", &attributes).await;
    assert_eq!((status, code), (400, 5));
    for name in ["consumerId", "identities[].sub", "vid"] {
        assert!(message.contains(name), "{message}");
    }
    for body in [
        json!({ "consumerId": "cu-1", "engagementAttributes": [cart(1.0)] }),
        json!({ "identities": [{ "acr": "0", "sub": "cu-1" }], "engagementAttributes": [] }),
    ] {
        let (status, answer) = put(&sim, app_url(&sim, "report", "v=1.1"), &body).await;
        assert_eq!(status, 201, "{answer}");
        assert!(answer["sessionId"].is_string() && answer.get("engagementDetails").is_none());
    }
    let (status, _) = put(&sim, app_url(&sim, "report", "v=1.1&vid=who"), &attributes).await;
    assert_eq!(status, 201, "an id that is not valid is one, and is replaced");
    assert_eq!(
        refused(&sim, "report", "v=1.1&vid=who", &json!({})).await.2,
        "engagementAttributes is required"
    );
    sim.control()
        .adjust(|behaviour| behaviour.monitoring.report_short_names = true);
    let (_, answer) = put(&sim, app_url(&sim, "report", "v=1.1&vid=who"), &attributes).await;
    assert!(answer["sid"].is_string() && answer["vid"].is_string(), "{answer}");
}

#[tokio::test]
async fn a_report_may_come_as_a_post_that_says_so() {
    let sim = sim().await;
    let (visitor, _) = Visitor::open(&sim, &json!({})).await;
    let body = json!({ "engagementAttributes": [cart(7.0)] });
    let url = app_url(&sim, "report", &visitor.query());
    let plain = client::client(&sim).post(&url).json(&body);
    assert_eq!(answer(plain).await.0, 405);
    let overriding = client::client(&sim)
        .post(&url)
        .header("X-HTTP-Method-Override", "PUT")
        .json(&body);
    assert_eq!(answer(overriding).await.0, 200);
    assert_eq!(visitor.state().await["cart"]["cartStatus"]["total"], 7.0);
    assert_eq!(sim.control().requests_to("monitoring.report"), 2);
}

#[tokio::test]
async fn impressions_need_an_offer_of_the_session() {
    let sim = sim().await;
    let offer = json!({ "campaignId": 1, "engagementId": 2, "engagementRevision": 3, "contextId": "1" });
    let body = json!({ "consumerId": "c", "engagementAttributes": [cart(150.0), impression("impDisplay", &offer)] });
    let (status, code, message) = refused(&sim, "report", "v=1.1", &body).await;
    assert_eq!((status, code), (400, 5));
    assert!(message.contains("no engagement was asked for"), "{message}");
    let (visitor, _) = Visitor::open(&sim, &json!({ "engagementAttributes": [cart(150.0)] })).await;
    let real = visitor.engagement(&json!({})).await.1["engagementDetails"][0].clone();
    let mut wrong = real.clone();
    wrong["contextId"] = json!("99");
    for (entry, says) in [
        (impression("impDisplay", &offer), "not those of an offer"),
        (impression("impAccept", &wrong), "not those of an offer"),
        (
            json!({ "type": "impAccept", "campaign": real["campaignId"], "engId": real["engagementId"], "revision": 1 }),
            "eContext is required",
        ),
    ] {
        let body = json!({ "engagementAttributes": [cart(1.0), entry] });
        let (_, code, message) = refused(&sim, "report", &visitor.query(), &body).await;
        assert!(code == 5 && message.contains(says), "{message}");
    }
    assert_eq!(
        visitor.state().await["cart"]["cartStatus"]["total"],
        150.0,
        "nothing of it was done"
    );
    let mut close = impression("impClose", &real);
    close.as_object_mut().unwrap().remove("eContext");
    visitor.tell(json!([close])).await;
}

#[tokio::test]
async fn apps_of_phones_cannot_report_searches() {
    let sim = sim().await;
    let search = json!({ "type": "searchInfo", "keywords": ["lamp"] });
    let body = json!({ "clientProperties": { "os": "IOS" }, "engagementAttributes": [search] });
    let (_, code, message) = refused(&sim, "engagement", "v=1.1", &body).await;
    assert!(code == 5 && message.contains("mobile"), "{message}");
    let (visitor, _) = Visitor::open(&sim, &json!({ "engagementAttributes": [search] })).await;
    assert_eq!(
        visitor.state().await["events"][0]["searchContent"]["keywords"][0],
        "lamp"
    );
}

#[tokio::test]
async fn bodies_that_are_too_long_are_refused() {
    let sim = sim().await;
    sim.control()
        .adjust(|behaviour| behaviour.monitoring.longest_body = Some(2_000));
    let body = |length: usize| json!({ "engagementAttributes": [{ "type": "lead", "lead": { "topic": "x".repeat(length) } }] });
    let (status, code, message) = refused(&sim, "engagement", "v=1.1", &body(2_000)).await;
    assert_eq!((status, code), (400, 5));
    assert!(message.contains("2000 bytes"), "{message}");
    assert_eq!(
        post(&sim, app_url(&sim, "engagement", "v=1.1"), &body(1_000)).await.0,
        201
    );
    sim.control()
        .adjust(|behaviour| behaviour.monitoring.longest_body = None);
    let huge = body(5 << 20).to_string();
    let announced = client::client(&sim)
        .post(app_url(&sim, "engagement", "v=1.1"))
        .body(huge.clone());
    assert_eq!(
        answer(announced).await.0,
        413,
        "what is longer than the simulator reads"
    );
    let chunked = reqwest::Body::wrap_stream(futures_util::stream::iter([Ok::<_, std::io::Error>(huge)]));
    let chunked = client::client(&sim)
        .post(app_url(&sim, "engagement", "v=1.1"))
        .body(chunked);
    let (status, refusal) = answer(chunked).await;
    assert_eq!((status, &refusal["internalCode"]), (400, &json!(5)));
    assert_eq!(
        post(&sim, app_url(&sim, "engagement", "v=1.1"), &body(50_000)).await.0,
        201
    );
}

#[tokio::test]
async fn faults_have_the_shape_of_the_service() {
    let rule = |route: &str, status| FaultRule::new(FaultAction::status(status)).route(route).first(1);
    let plan = FaultPlan::new(1)
        .with(rule("monitoring.engagement", 500))
        .with(rule("visit.state", 503))
        .with(rule("external_engagement.create", 500));
    let sim = builder().faults(plan).start().await.unwrap();
    let (status, code, _) = refused(&sim, "engagement", "v=1.1", &json!({})).await;
    assert_eq!((status, code), (500, 18), "the same code as a wrong installation has");
    let (visitor, _) = Visitor::open(&sim, &json!({})).await;
    let url = format!("{}?v=1&sid={}", visitor.visit_url("state"), visitor.sid);
    assert_eq!(answer(signed(&sim, 0, "GET", &url)).await.0, 503);
    assert_eq!(answer(signed(&sim, 0, "GET", &url)).await.0, 200);
    let url = account_url(&sim, "/external/engagement?v=1.0");
    let (status, refusal) = post(&sim, url, &json!({})).await;
    assert_eq!((status, &refusal["internalCode"]), (500, &json!("18")));
    assert!(refusal["time"].as_str().unwrap().starts_with("2030-03-14T15:09:26"));
}
