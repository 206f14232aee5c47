//! Visit Information, Validate Engagement, and events from outside.

use std::time::Duration;

use crate::*;

async fn code(request: RequestBuilder) -> (u16, Value) {
    let (status, answer) = answer(request).await;
    (status, answer["internalCode"].clone())
}

#[tokio::test]
async fn the_state_of_a_visit_has_the_shape_of_the_page() {
    let sim = sim().await;
    let page = json!({ "entryPoints": ["https://shop.example/help?q=1", "sec://Billing"],
        "clientProperties": { "deviceFamily": "MOBILE", "os": "IOS", "osVersion": "17.2", "appVersion": "5.4.1" } });
    let (visitor, answer_of_open) = Visitor::open(&sim, &page).await;
    sim.clock().advance(Duration::from_secs(40));
    visitor.engagement(&json!({})).await;
    let url = format!("{}?v=1&sid={}", visitor.visit_url("state"), visitor.sid);
    let (status, tree) = answer(signed(&sim, 0, "GET", &url)).await;
    assert_eq!(status, 200);
    let id = tree["id"].as_str().unwrap();
    let (sid, suffix) = id.split_once('.').unwrap();
    assert_eq!((sid, suffix.len()), (visitor.sid.as_str(), 40));
    let session = &tree["appSessions"][0];
    assert_eq!((&session["id"], &session["startTime"]), (&tree["id"], &json!(NOW)));
    assert_eq!(session["mobileDeviceInfo"], json!({ "mobile": true, "detected": true }));
    let first = &session["pages"][0];
    assert_eq!(first["id"], answer_of_open["pageId"]);
    assert_eq!(first["url"], "shop.example/help?q=1");
    assert_eq!(first["pageBasic"]["url"], "https://shop.example/help?q=1");
    assert_eq!(
        (&first["pageBasic"]["sections"], &first["timeOnPage"]),
        (&json!(["Billing"]), &json!(40_000))
    );
    let engagement = &session["engagements"][0];
    assert_eq!(engagement["id"], "1");
    let entity = &engagement["engagement"]["engagementEntity"];
    assert_eq!(entity["id"], answer_of_open["engagementDetails"][0]["engagementId"]);
    assert_eq!(entity["engagementSkill"]["skillName"], "Parcels");
    let goal = &engagement["engagement"]["goalEntity"]["id"];
    assert_eq!(&engagement["engagement"]["campaignEntity"]["goalId"], goal);
    // The id with its suffix opens it, too, and so does the bearer of a login.
    let dotted = format!("{}?v=1&sid={id}&filter=agent", visitor.visit_url("state"));
    let bearer = client::login(&sim).await["bearer"].as_str().unwrap().to_owned();
    let request = client::client(&sim).get(dotted).bearer_auth(bearer);
    assert_eq!(answer(request).await.0, 200);
}

#[tokio::test]
async fn the_codes_of_visit_information() {
    let sim = sim().await;
    let (visitor, _) = Visitor::open(&sim, &json!({})).await;
    let (other, _) = Visitor::open(&sim, &json!({})).await;
    let state = |vid: &str, query: String| {
        account_url(
            &sim,
            &format!("/monitoring/visitors/{vid}/visits/current/state?{query}"),
        )
    };
    let of = |vid: &str, sid: &str| state(vid, format!("v=1&sid={sid}"));
    let get = |url: String| code(signed(&sim, 0, "GET", &url));
    assert_eq!(get(of("who", &visitor.sid)).await, (404, json!(37)));
    assert_eq!(get(of(&visitor.vid, "what")).await, (404, json!(39)));
    assert_eq!(
        get(of(&visitor.vid, &other.sid)).await,
        (404, json!(39)),
        "the session of somebody else"
    );
    assert_eq!(
        get(state(&visitor.vid, format!("sid={}", visitor.sid))).await,
        (400, json!(33))
    );
    assert_eq!(get(state(&visitor.vid, "v=1".to_owned())).await, (400, json!(33)));
    let filtered = state(&visitor.vid, format!("v=1&sid={}&filter=bot", visitor.sid));
    assert_eq!(get(filtered).await, (400, json!(33)));
    let elsewhere = of(&visitor.vid, &visitor.sid).replace(ACCOUNT, "999");
    assert_eq!(get(elsewhere).await, (404, json!(6)));
    let bare = client::client(&sim).get(of(&visitor.vid, &visitor.sid));
    assert_eq!(code(bare).await, (401, json!(10)));
    let unknown = client::client(&sim)
        .get(of(&visitor.vid, &visitor.sid))
        .bearer_auth("x");
    assert_eq!(code(unknown).await, (401, json!(10)));
    let url = of(&visitor.vid, &visitor.sid);
    assert_eq!(
        code(signed(&sim, 1, "GET", &url)).await,
        (401, json!(10)),
        "a key without the privilege"
    );
    let forged = client::Signature {
        secret: "wrong",
        ..client::Signature::of(&sim, 0, "forged")
    };
    let forged = client::client(&sim)
        .get(&url)
        .header("authorization", forged.header("GET", &url));
    let (status, refusal) = answer(forged).await;
    assert_eq!((status, &refusal["internalCode"]), (401, &json!(10)));
    assert!(
        refusal["message"].as_str().unwrap().contains("signature_invalid"),
        "{refusal}"
    );
    sim.clock().advance(Duration::from_millis(7 * HOUR));
    assert_eq!(get(url).await, (404, json!(12)), "too old");
}

#[tokio::test]
async fn reading_does_not_keep_a_session_alive() {
    let sim = sim().await;
    let (visitor, _) = Visitor::open(&sim, &json!({})).await;
    sim.clock().advance(Duration::from_millis(29 * MINUTE));
    visitor.state().await;
    sim.clock().advance(Duration::from_millis(2 * MINUTE));
    let url = format!("{}?v=1&sid={}", visitor.visit_url("state"), visitor.sid);
    assert_eq!(code(signed(&sim, 0, "GET", &url)).await, (404, json!(12)));
}

#[tokio::test]
async fn an_engagement_is_valid_for_whom_it_was_offered_to() {
    let sim = sim().await;
    let (visitor, answer) = Visitor::open(&sim, &json!({ "engagementAttributes": [cart(150.0)] })).await;
    let offer = &answer["engagementDetails"][0];
    let path = |campaign: &Value, engagement: &Value, context: &str| {
        format!("campaigns/{campaign}/engagements/{engagement}/contexts/{context}")
    };
    let real = path(&offer["campaignId"], &offer["engagementId"], "1");
    let url = |path: &str| format!("{}?v=1&sid={}", visitor.visit_url(path), visitor.sid);
    let simulator = &sim;
    let get = |url: String| async move {
        let answer = signed(simulator, 0, "GET", &url).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    };
    assert_eq!(get(url(&real)).await, (200, String::new()));
    assert_eq!(
        get(url(&path(&offer["campaignId"], &offer["engagementId"], "2"))).await,
        (404, String::new())
    );
    assert_eq!(get(url(&path(&json!(1), &offer["engagementId"], "1"))).await.0, 404);
    assert_eq!(get(url(&real).replace(&visitor.sid, "what")).await.0, 404);
    assert_eq!(get(url(&real).replace(ACCOUNT, "999")).await.0, 422);
    assert_eq!(get(url(&real).replace("v=1", "v=7")).await.0, 400);
    let bare = client::client(visitor.sim).get(url(&real)).send().await.unwrap();
    assert_eq!(bare.status(), 401);
    let without = signed(visitor.sim, 1, "GET", &url(&real)).send().await.unwrap();
    assert_eq!(without.status(), 401);
}

#[tokio::test]
async fn events_from_outside_join_the_visit() {
    let sim = sim().await;
    let (visitor, opened) = Visitor::open(&sim, &json!({})).await;
    let url = format!("{}?v=1&sid={}", visitor.visit_url("events"), visitor.sid);
    let service =
        json!([{ "type": "service", "service": { "topic": "card replacement", "status": 13, "serviceId": "SV-44" } }]);
    let send = |body: &Value| {
        signed(&sim, 0, "POST", &url)
            .header("x-http-method-override", "PUT")
            .json(body)
    };
    assert_eq!(answer(send(&service)).await, (200, json!({})));
    assert_eq!(
        answer(signed(&sim, 0, "POST", &url).json(&service)).await.0,
        200,
        "clients leave the header out"
    );
    assert_eq!(answer(signed(&sim, 0, "PUT", &url).json(&service)).await.0, 200);
    let state = visitor.state().await;
    assert_eq!(state["serviceActivity"].as_array().unwrap().len(), 3);
    assert_eq!(state["serviceActivity"][2]["repeatedServiceActivity"], true);
    assert_eq!(
        state["events"][0]["serviceActivity"]["contexts"]["page"]["id"],
        opened["pageId"]
    );
    for (body, says) in [
        (json!({}), "must be an array"),
        (json!([{ "type": "service" }]), "body[0].service is required"),
        (
            json!([{ "type": "impClose", "campaign": 1, "engId": 1, "revision": 1 }]),
            "impressions are not taken",
        ),
    ] {
        let (status, refusal) = answer(send(&body)).await;
        assert_eq!((status, &refusal["internalCode"]), (400, &json!(5)));
        assert!(refusal["message"].as_str().unwrap().contains(says), "{refusal}");
    }
    let other = url.replace(ACCOUNT, "999");
    assert_eq!(
        code(signed(&sim, 0, "POST", &other).json(&service)).await,
        (422, json!(6))
    );
    assert_eq!(
        code(client::client(&sim).post(&url).json(&service)).await,
        (401, json!(10))
    );
    assert_eq!(
        code(signed(&sim, 1, "POST", &url).json(&service)).await,
        (401, json!(10))
    );
    let gone = url.replace(&visitor.vid, "who");
    assert_eq!(
        code(signed(&sim, 0, "POST", &gone).json(&service)).await,
        (404, json!(37))
    );
    // What happens outside keeps the session alive.
    sim.clock().advance(Duration::from_millis(29 * MINUTE));
    assert_eq!(answer(send(&service)).await.0, 200);
    sim.clock().advance(Duration::from_millis(29 * MINUTE));
    assert_eq!(answer(send(&service)).await.0, 200);
}
