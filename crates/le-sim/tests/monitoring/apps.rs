//! App Engagement.

use std::time::Duration;

use crate::*;

fn open_url(sim: &Sim) -> String {
    account_url(sim, "/app/engagement/visitors?v=1.0")
}

fn url_of(sim: &Sim, answer: &Value) -> String {
    let id = |name: &str| answer[name].as_str().unwrap().to_owned();
    account_url(
        sim,
        &format!(
            "/app/engagement/visitors/{}?v=1.0&sid={}",
            id("visitorId"),
            id("sessionId")
        ),
    )
}

#[tokio::test]
async fn an_app_opens_continues_and_updates() {
    let sim = sim().await;
    let body = json!({ "appType": "EXTERNAL", "consumerSections": ["Help"],
        "appDetails": { "deviceFamily": "DESKTOP", "ipAddress": "2001:db8::1", "os": "LINUX" } });
    let (status, opened) = post(&sim, open_url(&sim), &body).await;
    assert_eq!((status, &opened["status"]), (200, &json!("Available")));
    let details = &opened["engagementDetails"];
    assert!(
        details["campaignId"].is_i64() && details["skillId"].is_i64(),
        "an object, not a list: {details}"
    );
    assert_eq!(
        (&details["validForSeconds"], &details["skillName"]),
        (&json!(900), &json!("Parcels"))
    );
    let continued = json!({ "appType": "EXTERNAL", "engagementAttributes": [cart(150.0)] });
    let (status, next) = post(&sim, url_of(&sim, &opened), &continued).await;
    assert_eq!((status, &next["visitorId"]), (200, &opened["visitorId"]));
    assert_eq!(next["engagementDetails"]["contextId"], "2");
    let mut offer = next["engagementDetails"].clone();
    offer["contextId"] = json!("2");
    let update = json!({ "pageId": next["pageId"], "impAttributes": [impression("impAccept", &offer)],
        "engagementAttributes": [{ "type": "lead", "lead": { "leadId": "L-9" } }] });
    let updated = client::client(&sim)
        .put(url_of(&sim, &next))
        .json(&update)
        .send()
        .await
        .unwrap();
    assert_eq!(updated.status(), 200);
    assert_eq!(updated.text().await.unwrap(), "");
    let overriding = client::client(&sim)
        .post(url_of(&sim, &next))
        .header("x-http-method-override", "PUT")
        .json(&update);
    assert_eq!(answer(overriding).await.0, 200);
    let visit = sim
        .control()
        .monitoring()
        .visit(next["visitorId"].as_str().unwrap())
        .unwrap();
    let session = &visit["appSessions"][0];
    assert_eq!(session["leads"].as_array().unwrap().len(), 2);
    assert_eq!(
        session["engagements"][1]["impressionAccepted"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    assert_eq!(session["ipv4"], "2001:db8::1");
    for (route, count) in [("open", 1), ("continue", 2), ("update", 1)] {
        assert_eq!(
            sim.control().requests_to(&format!("app_engagement.{route}")),
            count,
            "{route}"
        );
    }
    let (_, another) = post(&sim, open_url(&sim), &body).await;
    assert_ne!(
        another["visitorId"], opened["visitorId"],
        "each first call is a visitor"
    );
}

#[tokio::test]
async fn nothing_is_available_without_an_engagement_or_an_agent() {
    let sim = sim().await;
    let (status, nothing) = post(&sim, open_url(&sim), &json!({ "appType": "MSDK" })).await;
    assert_eq!((status, &nothing["status"]), (200, &json!("NotAvailable")));
    assert_eq!(nothing.get("engagementDetails"), None);
    assert!(nothing["sessionId"].is_string());
    sim.control()
        .adjust(|behaviour| behaviour.monitoring.availability_needs_agents = true);
    let body = json!({ "appType": "MSDK", "consumerSections": "Help,Billing" });
    let (_, unstaffed) = post(&sim, open_url(&sim), &body).await;
    assert_eq!(unstaffed["status"], "NotAvailable");
    sim.control()
        .adjust(|behaviour| behaviour.monitoring.availability_needs_agents = false);
    assert_eq!(post(&sim, open_url(&sim), &body).await.1["status"], "Available");
}

#[tokio::test]
async fn an_offer_of_an_app_ends() {
    let sim = sim().await;
    let body = json!({ "appType": "EXTERNAL", "consumerSections": ["Help"] });
    let (_, opened) = post(&sim, open_url(&sim), &body).await;
    let offer = &opened["engagementDetails"];
    let url = |sim: &Sim| {
        let id = |name: &str| opened[name].as_str().unwrap().to_owned();
        account_url(
            sim,
            &format!(
                "/monitoring/visitors/{}/visits/current/campaigns/{}/engagements/{}/contexts/1?v=1&sid={}",
                id("visitorId"),
                offer["campaignId"],
                offer["engagementId"],
                id("sessionId")
            ),
        )
    };
    assert_eq!(answer(signed(&sim, 0, "GET", &url(&sim))).await.0, 200);
    sim.clock().advance(Duration::from_secs(900));
    assert_eq!(answer(signed(&sim, 0, "GET", &url(&sim))).await.0, 404);
    let (_, again) = post(&sim, url_of(&sim, &opened), &body).await;
    assert_eq!(again["engagementDetails"]["contextId"], "2");
}

#[tokio::test]
async fn what_an_app_may_not_say_is_refused() {
    let sim = sim().await;
    let search = json!({ "type": "searchInfo", "keywords": ["a"] });
    for (body, says) in [
        (json!({}), "appType is required"),
        (json!({ "appType": "WEB" }), "appType must be MSDK or EXTERNAL"),
        (json!({ "appType": "MSDK", "engagementAttributes": [search] }), "mobile"),
        (
            json!({ "appType": "MSDK", "appDetails": { "ipAddress": "here" } }),
            "appDetails.ipAddress",
        ),
        (
            json!({ "appType": "MSDK", "engagementAttributes": [{ "type": "impClose", "campaign": 1, "engId": 1, "revision": 1 }] }),
            "impressions",
        ),
    ] {
        let (status, refusal) = post(&sim, open_url(&sim), &body).await;
        assert_eq!((status, &refusal["internalCode"]), (400, &json!(5)));
        assert!(refusal["message"].as_str().unwrap().contains(says), "{refusal}");
    }
    let (_, opened) = post(&sim, open_url(&sim), &json!({ "appType": "EXTERNAL" })).await;
    for (body, says) in [
        (json!({}), "pageId is required"),
        (
            json!({ "pageId": "1", "impAttributes": [cart(1.0)] }),
            "must be an impression",
        ),
        (
            json!({ "pageId": "1", "impAttributes": [{ "type": "impClose", "campaign": 1, "engId": 1, "revision": 1 }] }),
            "not those of an offer",
        ),
    ] {
        let (status, refusal) = put(&sim, url_of(&sim, &opened), &body).await;
        assert_eq!((status, &refusal["internalCode"]), (400, &json!(5)));
        assert!(refusal["message"].as_str().unwrap().contains(says), "{refusal}");
    }
    let (status, refusal) = post(&sim, open_url(&sim).replace("v=1.0", "v=9"), &json!({})).await;
    assert_eq!((status, &refusal["internalCode"]), (400, &json!(33)));
    let (status, refusal) = post(&sim, open_url(&sim).replace(ACCOUNT, "999"), &json!({})).await;
    assert_eq!((status, &refusal["internalCode"]), (404, &json!(6)));
    let vid = opened["visitorId"].as_str().unwrap();
    let body = json!({ "appType": "EXTERNAL", "pageId": "1" });
    let (status, refusal) = post(&sim, url_of(&sim, &opened).replace(vid, "who"), &body).await;
    assert_eq!((status, &refusal["internalCode"]), (404, &json!(37)));
    let wrong = account_url(&sim, &format!("/app/engagement/visitors/{vid}?v=1.0&sid=what"));
    assert_eq!(put(&sim, wrong, &body).await.1["internalCode"], 39);
    sim.clock().advance(Duration::from_millis(HOUR));
    let (status, refusal) = put(&sim, url_of(&sim, &opened), &body).await;
    assert_eq!((status, &refusal["internalCode"]), (404, &json!(12)));
}

#[tokio::test]
async fn a_loading_account_names_the_visitor_for_the_next_path() {
    let sim = sim().await;
    sim.control().monitoring().load_account(1);
    let body = json!({ "appType": "EXTERNAL" });
    let (status, loading) = post(&sim, open_url(&sim), &body).await;
    assert_eq!((status, &loading["internalCode"]), (500, &json!(20)));
    let vid = loading["message"]
        .as_str()
        .unwrap()
        .rsplit("vid: ")
        .next()
        .unwrap()
        .to_owned();
    let again = account_url(&sim, &format!("/app/engagement/visitors/{vid}?v=1.0"));
    let (status, opened) = post(&sim, again, &body).await;
    assert_eq!((status, &opened["visitorId"]), (200, &json!(vid)));
}
