//! Credentials, privileges and tolerance of the Messaging Interactions routes. What the history answers is tested
//! with the history.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a helper of a test fails as the test does"
)]

mod client;

use client::{ACCOUNT, Signature, client, login, recent, search, search_url};
use le_sim::{Sim, SimClock};
use serde_json::{Value, json};

async fn sim() -> Sim {
    Sim::builder()
        .conversations(120)
        .clock(SimClock::manual(1_900_000_000_000))
        .start()
        .await
        .unwrap()
}

async fn signed(sim: &Sim, url: &str, signature: &Signature<'_>) -> (u16, String) {
    let header = signature.header("POST", url);
    let answer = client(sim)
        .post(url)
        .header("authorization", header)
        .json(&recent(sim))
        .send()
        .await
        .unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

#[tokio::test]
async fn both_credentials_are_taken() {
    let sim = sim().await;
    let url = search_url(&sim, "offset=0&limit=50&sort=start:desc&source=a%20b");
    let (status, page) = signed(&sim, &url, &Signature::of(&sim, 0, "n1")).await;
    assert_eq!(status, 200, "{page}");
    let page: Value = serde_json::from_str(&page).unwrap();
    assert!(page["_metadata"]["count"].as_u64().unwrap() > 0);
    let tree = login(&sim).await;
    let by_bearer = search(
        &sim,
        tree["bearer"].as_str().unwrap(),
        "offset=0&limit=50&sort=start:desc",
    )
    .await
    .unwrap();
    assert_eq!(by_bearer.status(), 200);
    let by_bearer: Value = by_bearer.json().await.unwrap();
    assert_eq!(
        by_bearer["conversationHistoryRecords"],
        page["conversationHistoryRecords"]
    );
}

#[tokio::test]
async fn answers_announce_their_length_and_are_not_compressed() {
    let sim = sim().await;
    let tree = login(&sim).await;
    let answer = client(&sim)
        .post(search_url(&sim, "limit=100"))
        .header("accept-encoding", "gzip")
        .bearer_auth(tree["bearer"].as_str().unwrap())
        .json(&recent(&sim))
        .send()
        .await
        .unwrap();
    assert!(!answer.headers().contains_key("content-encoding"));
    assert!(!answer.headers().contains_key("transfer-encoding"));
    let announced: usize = answer.headers()["content-length"].to_str().unwrap().parse().unwrap();
    assert_eq!(answer.bytes().await.unwrap().len(), announced);
}

#[tokio::test]
async fn each_wrong_signature_has_its_problem() {
    let sim = sim().await;
    let url = search_url(&sim, "limit=1");
    let good = |nonce| Signature::of(&sim, 0, nonce);
    for (signature, problem) in [
        (
            Signature {
                secret: "wrong",
                ..good("a")
            },
            "signature_invalid",
        ),
        (
            Signature {
                token_secret: "wrong",
                ..good("b")
            },
            "signature_invalid",
        ),
        (
            Signature {
                app_key: "unknown",
                ..good("c")
            },
            "consumer_key_rejected",
        ),
        (
            Signature {
                token: "unknown",
                ..good("d")
            },
            "token_rejected",
        ),
        (
            Signature {
                timestamp: good("").timestamp - 301,
                ..good("e")
            },
            "timestamp_refused",
        ),
        (
            Signature {
                timestamp: good("").timestamp + 301,
                ..good("f")
            },
            "timestamp_refused",
        ),
    ] {
        let (status, body) = signed(&sim, &url, &signature).await;
        assert_eq!(status, 401);
        assert!(
            body.starts_with(&format!("oauth_problem={problem}&oauth_problem_advice=")),
            "{body}"
        );
    }
    assert_eq!(signed(&sim, &url, &good("g")).await.0, 200);
    let (status, body) = signed(&sim, &url, &good("g")).await;
    assert_eq!(status, 401);
    assert!(body.starts_with("oauth_problem=nonce_used"), "{body}");
    let answer = client(&sim)
        .post(&url)
        .header("authorization", good("h").header("POST", &search_url(&sim, "limit=2")))
        .json(&recent(&sim))
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 401, "the query is signed");
    assert_eq!(answer.headers()["content-type"], "application/x-www-form-urlencoded");
    assert_eq!(
        answer.headers()["date"],
        "Sun, 17 Mar 2030 17:46:40 GMT",
        "a client can correct its clock"
    );
}

#[tokio::test]
async fn a_key_without_the_privilege_is_forbidden() {
    let sim = sim().await;
    let url = search_url(&sim, "limit=1");
    let (status, body) = signed(&sim, &url, &Signature::of(&sim, 1, "n")).await;
    assert_eq!(status, 403);
    assert!(body.contains("Messaging Interactions"), "{body}");
}

#[tokio::test]
async fn without_a_good_credential_there_is_no_history() {
    let sim = sim().await;
    let url = search_url(&sim, "limit=1");
    assert_eq!(
        client(&sim)
            .post(&url)
            .json(&recent(&sim))
            .send()
            .await
            .unwrap()
            .status(),
        401
    );
    assert_eq!(search(&sim, "unknown", "").await.unwrap().status(), 401);
    let basic = client(&sim)
        .post(&url)
        .basic_auth("a", Some("b"))
        .json(&recent(&sim))
        .send()
        .await
        .unwrap();
    assert_eq!(basic.status(), 401);
    let tree = login(&sim).await;
    let elsewhere = client(&sim)
        .post(url.replace(ACCOUNT, "12345678"))
        .bearer_auth(tree["bearer"].as_str().unwrap())
        .json(&recent(&sim))
        .send()
        .await
        .unwrap();
    assert_eq!(elsewhere.status(), 401);
}

#[tokio::test]
async fn the_source_parameter_can_be_required() {
    let sim = sim().await;
    let tree = login(&sim).await;
    let bearer = tree["bearer"].as_str().unwrap();
    assert_eq!(search(&sim, bearer, "limit=1").await.unwrap().status(), 200);
    sim.control().adjust(|behaviour| behaviour.source_required = true);
    assert_eq!(search(&sim, bearer, "limit=1").await.unwrap().status(), 400);
    assert_eq!(
        search(&sim, bearer, "limit=1&source=le_test").await.unwrap().status(),
        200
    );
}

#[tokio::test]
async fn habits_of_clients_in_the_wild_are_tolerated() {
    let sim = sim().await;
    let tree = login(&sim).await;
    let bearer = tree["bearer"].as_str().unwrap();
    let client = client(&sim);
    let mut nulls = recent(&sim);
    nulls["status"] = Value::Null;
    nulls["skillIds"] = Value::Null;
    let slashes = search_url(&sim, "limit=1")
        .replace("/messaging_history/", "//messaging_history//")
        .replace("search?", "search/?");
    let header = Signature::of(&sim, 0, "slashes").header("POST", &slashes);
    let requests = [
        client
            .post(search_url(&sim, "limit=1"))
            .bearer_auth(bearer)
            .json(&nulls),
        client
            .get(search_url(&sim, "limit=1"))
            .bearer_auth(bearer)
            .json(&recent(&sim)),
        client.post(&slashes).bearer_auth(bearer).json(&recent(&sim)),
        client
            .post(&slashes)
            .header("authorization", header)
            .json(&recent(&sim)),
        client
            .get(format!(
                "{}/api/account/{ACCOUNT}/service/baseURI.json?version=1.0",
                sim.url()
            ))
            .header("authorization", "OAuth oauth_consumer_key=\"ignored\"")
            .json(&json!({})),
    ];
    for request in requests {
        let answer = request.send().await.unwrap();
        let url = answer.url().clone();
        assert_eq!(answer.status(), 200, "{url}: {}", answer.text().await.unwrap());
    }
}

#[tokio::test]
async fn one_conversation_and_one_consumer_are_found() {
    let sim = sim().await;
    let tree = login(&sim).await;
    let bearer = tree["bearer"].as_str().unwrap();
    let page: Value = search(&sim, bearer, "limit=1").await.unwrap().json().await.unwrap();
    let record = &page["conversationHistoryRecords"][0];
    let (conversation, consumer) = (
        &record["info"]["conversationId"],
        &record["consumerParticipants"][0]["participantId"],
    );
    assert!(conversation.is_string() && consumer.is_string(), "{record}");
    for (call, body) in [
        ("conversation", json!({ "conversationId": conversation })),
        ("consumer", json!({ "consumer": consumer, "status": ["OPEN", "CLOSE"] })),
    ] {
        let url = search_url(&sim, "").replace("conversations/search", &format!("conversations/{call}/search"));
        let answer = client(&sim)
            .post(url)
            .bearer_auth(bearer)
            .json(&body)
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 200, "{call}");
        let answer: Value = answer.json().await.unwrap();
        let found = answer["conversationHistoryRecords"].as_array().unwrap();
        assert!(
            found
                .iter()
                .any(|record| &record["info"]["conversationId"] == conversation),
            "{call}"
        );
    }
}

#[tokio::test]
async fn links_lead_nowhere_unless_asked_for() {
    let sim = sim().await;
    let tree = login(&sim).await;
    let link = async || {
        let page: Value = search(&sim, tree["bearer"].as_str().unwrap(), "limit=1")
            .await
            .unwrap()
            .json()
            .await
            .unwrap();
        page["_metadata"]["self"]["href"].as_str().unwrap().to_owned()
    };
    assert!(!link().await.contains(&sim.csds()));
    sim.control().adjust(|behaviour| behaviour.reachable_links = true);
    assert!(link().await.starts_with(&format!("{}/messaging_history/", sim.url())));
}

#[tokio::test]
async fn a_body_beyond_all_reason_is_not_read() {
    let sim = sim().await;
    let answer = client(&sim)
        .post(search_url(&sim, ""))
        .body(vec![b' '; (4 << 20) + 1])
        .send()
        .await;
    // The server may close before all of it is sent, which some clients report as an error of the connection.
    if let Ok(answer) = answer {
        assert_eq!(answer.status(), 413);
    }
    assert_eq!(
        sim.control().counters()["messaging_interactions.search"].statuses[&413],
        1
    );
}
