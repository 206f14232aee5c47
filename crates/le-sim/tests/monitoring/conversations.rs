//! What visitors reported reaches the conversations that they start, and the agents who have them.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use futures_util::{SinkExt as _, StreamExt as _};
use tokio::net::TcpStream;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async, tungstenite::Message};

use crate::*;

/// A socket of messaging.
struct Socket {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    /// The consumer id, or the old id of the agent.
    id: String,
}

impl Socket {
    /// A consumer with a token of the brand, or an anonymous one.
    async fn consumer(sim: &Sim, subject: Option<&str>) -> Self {
        let url = |call: &str| account_url(sim, call);
        let external = match subject {
            None => {
                let (_, token) = post(sim, url("/anonymous/authorize"), &json!({})).await;
                token["token"].as_str().unwrap().to_owned()
            }
            Some(subject) => {
                let claims = json!({ "iss": "https://id.example.org", "sub": subject, "exp": NOW / 1000 + 7 * 86_400,
                    "lp_sdes": [{ "type": "ctmrinfo", "info": { "ctype": "vip" } }] });
                let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
                format!("{}.{}.c2ln", part(&json!({ "alg": "RS256" })), part(&claims))
            }
        };
        let (status, token) = post(sim, url("/app/1/authenticate?v=3"), &json!({ "id_token": external })).await;
        assert_eq!(status, 200, "{token}");
        let token = token["token"].as_str().unwrap().to_owned();
        let payload = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
        let claims: Value = serde_json::from_slice(&payload).unwrap();
        let address = format!("ws://{}/ws_api/account/{ACCOUNT}/messaging/consumer?v=3", sim.plain());
        let (socket, _) = connect_async(address).await.unwrap();
        let mut consumer = Self {
            socket,
            id: claims["sub"].as_str().unwrap().to_owned(),
        };
        let headers = json!([
            { "type": ".ams.headers.ClientProperties", "deviceFamily": "DESKTOP", "os": "LINUX", "features": [] },
            { "type": ".ams.headers.ConsumerAuthentication", "jwt": token },
        ]);
        let init = json!({ "kind": "req", "id": "0", "type": "InitConnection", "headers": headers });
        consumer.exchange(&init).await;
        consumer
    }

    /// The first user, who is an administrator and sees all conversations.
    async fn agent(sim: &Sim) -> Self {
        let bearer = client::login(sim).await["bearer"].as_str().unwrap().to_owned();
        let address = format!(
            "ws://{}/ws_api/account/{ACCOUNT}/messaging/brand/{bearer}?v=2.1",
            sim.plain()
        );
        let (socket, _) = connect_async(address).await.unwrap();
        Self {
            socket,
            id: format!("{ACCOUNT}.{}", client::person(sim).user_id),
        }
    }

    async fn send(&mut self, request: &Value) {
        self.socket.send(Message::text(request.to_string())).await.unwrap();
    }

    /// The next frame that is wanted.
    async fn until(&mut self, wanted: impl Fn(&Value) -> bool) -> Value {
        loop {
            let frame = self.socket.next().await.unwrap().unwrap();
            let Ok(text) = frame.to_text() else { continue };
            let frame: Value = serde_json::from_str(text).unwrap_or_default();
            if wanted(&frame) {
                return frame;
            }
        }
    }

    async fn exchange(&mut self, request: &Value) -> Value {
        self.send(request).await;
        let answer = self.until(|frame| frame["reqId"] == request["id"]).await;
        assert_eq!(answer["code"], 200, "{answer}");
        answer["body"].clone()
    }

    /// Starts a conversation out of an offer.
    async fn start(&mut self, visitor: &Visitor<'_>, offer: &Value) -> String {
        let body = json!({ "brandId": ACCOUNT, "ttrDefName": "NORMAL",
            "campaignInfo": { "campaignId": offer["campaignId"], "engagementId": offer["engagementId"] },
            "conversationContext": { "type": "SharkContext", "lang": "en-US", "visitorId": visitor.vid,
                "sessionId": visitor.sid, "interactionContextId": offer["contextId"] } });
        let request = json!({ "kind": "req", "id": "1", "type": "cm.ConsumerRequestConversation", "body": body });
        let answer = self.exchange(&request).await;
        answer["conversationId"].as_str().unwrap().to_owned()
    }
}

/// The record of a conversation, two minutes later.
async fn record(sim: &Sim, id: &str) -> Value {
    sim.clock().advance(Duration::from_secs(120));
    let url = format!(
        "{}/messaging_history/api/account/{ACCOUNT}/conversations/conversation/search?v=2",
        sim.url()
    );
    let body = json!({ "conversationId": id, "contentToRetrieve": ["campaign", "consumerParticipants", "sdes", "unAuthSdes"] });
    let (status, page) = answer(signed(sim, 0, "POST", &url).json(&body)).await;
    assert_eq!(status, 200, "{page}");
    page["conversationHistoryRecords"][0].clone()
}

fn kinds(record: &Value, list: &str) -> Vec<String> {
    let events = record[list]["events"].as_array().cloned().unwrap_or_default();
    events
        .iter()
        .map(|event| event["sdeType"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn a_cart_is_offered_help_and_the_history_knows_both() {
    let sim = sim().await;
    let (visitor, _) = Visitor::open(&sim, &json!({ "engagementAttributes": [cart(20.0), cart(150.0)] })).await;
    visitor
        .tell(json!([{ "type": "searchInfo", "keywords": ["return policy"] }]))
        .await;
    let offer = visitor.engagement(&json!({})).await.1["engagementDetails"][0].clone();
    let mut consumer = Socket::consumer(&sim, None).await;
    let id = consumer.start(&visitor, &offer).await;
    let campaigns = sim.control().monitoring().campaigns();
    let mut engagements = campaigns.iter().flat_map(|campaign| &campaign.engagements);
    let chosen = engagements
        .find(|engagement| offer["engagementId"] == engagement.id)
        .unwrap();
    let live = sim.control().messaging().conversation(&id).unwrap();
    assert_eq!(
        live["skillId"],
        chosen.skill.unwrap().to_string(),
        "a conversation without a skill goes where its engagement sends it"
    );
    let first = record(&sim, &id).await;
    assert_eq!(
        kinds(&first, "unAuthSdes"),
        ["CART_STATUS", "SEARCH_CONTENT"],
        "a cart replaces a cart"
    );
    assert_eq!(first["unAuthSdes"]["events"][0]["cartStatus"]["total"], 150.0);
    assert_eq!(first["campaign"]["campaignName"], "Cart rescue");
    assert_eq!(
        first["campaign"]["campaignEngagementId"],
        offer["engagementId"].to_string()
    );
    assert_eq!(first["campaign"]["engagementApplicationId"], sim.app_installation_id());
    let participants = &first["consumerParticipants"][0];
    assert_eq!(
        participants["consumerId"]
            .as_str()
            .or_else(|| participants["participantId"].as_str()),
        Some(&*consumer.id)
    );
    // What is reported later is in the next record, although messaging itself has nothing new.
    let error = json!({ "type": "error", "error": { "contextId": "checkout", "code": "PAY-7" } });
    visitor
        .tell(json!([error, { "type": "service", "service": { "status": 1 } }]))
        .await;
    visitor
        .tell(json!([error, { "type": "service", "service": { "status": 13 } }]))
        .await;
    let later = record(&sim, &id).await;
    assert_eq!(
        kinds(&later, "unAuthSdes"),
        [
            "CART_STATUS",
            "SEARCH_CONTENT",
            "VISITOR_ERROR",
            "VISITOR_ERROR",
            "SERVICE_ACTIVITY"
        ],
        "messaging keeps one service activity"
    );
}

#[tokio::test]
async fn the_agent_sees_where_the_consumer_came_from_and_who_it_is() {
    let sim = sim().await;
    let (visitor, opened) = Visitor::open(&sim, &json!({ "entryPoints": ["sec://Help"] })).await;
    let offer = &opened["engagementDetails"][0];
    let mut consumer = Socket::consumer(&sim, Some("cu-7f31")).await;
    consumer.start(&visitor, offer).await;
    let mut agent = Socket::agent(&sim).await;
    let all =
        json!({ "kind": "req", "id": "a", "type": ".ams.aam.SubscribeExConversations", "body": { "stage": ["OPEN"] } });
    agent.send(&all).await;
    let is_change = |frame: &Value| {
        let kind = frame["type"].as_str().unwrap_or_default();
        kind.contains("ExConversationChange")
    };
    let change = agent.until(is_change).await;
    let details = &change["body"]["changes"][0]["result"]["conversationDetails"];
    assert_eq!(details["context"]["type"], "SharkContext", "{change}");
    assert_eq!(details["context"]["visitorId"], visitor.vid);
    assert_eq!(details["context"]["sessionId"], visitor.sid);
    assert_eq!(details["context"]["interactionContextId"], offer["contextId"]);
    assert_eq!(details["campaignInfo"]["engagementId"], offer["engagementId"]);
    // With the ids of the context the visit can be read.
    assert_eq!(visitor.state().await["engagements"][0]["id"], offer["contextId"]);
    let ask = json!({ "kind": "req", "id": "b", "type": ".ams.userprofile.GetUserProfile", "body": consumer.id });
    let profile = agent.exchange(&ask).await;
    assert_eq!(profile["acr"], "loa1");
    assert_eq!(profile["claims"]["lp_sdes"][0]["info"]["ctype"], "vip");
}

#[tokio::test]
async fn the_window_is_twelve_hours_before_and_after() {
    let sim = sim().await;
    let lead = |id: &str| json!([{ "type": "lead", "lead": { "leadId": id } }]);
    let (mut visitor, opened) = Visitor::open(&sim, &json!({ "entryPoints": ["sec://Help"] })).await;
    let offer = &opened["engagementDetails"][0];
    let renew = |visitor: &mut Visitor<'_>, answer: &Value| {
        visitor.sid = answer["sessionId"].as_str().unwrap().to_owned();
    };
    visitor.tell(lead("too early")).await;
    sim.clock().advance(Duration::from_millis(HOUR));
    let (_, answer) = visitor.report(&json!({ "engagementAttributes": lead("early") })).await;
    renew(&mut visitor, &answer);
    sim.clock().advance(Duration::from_millis(11 * HOUR + MINUTE));
    let mut consumer = Socket::consumer(&sim, None).await;
    let id = consumer.start(&visitor, offer).await;
    let leads = |record: &Value| -> Vec<Value> {
        let events = record["unAuthSdes"]["events"].as_array().cloned().unwrap_or_default();
        events
            .iter()
            .map(|event| event["lead"]["lead"]["leadId"].clone())
            .collect()
    };
    assert_eq!(leads(&record(&sim, &id).await), ["early"]);
    let close = json!({ "kind": "req", "id": "2", "type": "cm.UpdateConversationField", "body": {
        "conversationId": id, "conversationField": [{ "field": "ConversationStateField", "conversationState": "CLOSE" }] } });
    consumer.exchange(&close).await;
    sim.clock().advance(Duration::from_millis(12 * HOUR - MINUTE));
    let (_, answer) = visitor.report(&json!({ "engagementAttributes": lead("late") })).await;
    renew(&mut visitor, &answer);
    assert_eq!(leads(&record(&sim, &id).await), ["early", "late"]);
    visitor.tell(lead("too late")).await;
    assert_eq!(leads(&record(&sim, &id).await), ["early", "late"]);
}

#[tokio::test]
async fn a_known_consumer_has_one_conversation_on_all_devices() {
    let sim = sim().await;
    let identity = json!([{ "iss": "https://id.example.org", "acr": "loa1", "sub": "cu-7f31" }]);
    let (desk, _) = Visitor::open(&sim, &json!({ "entryPoints": ["sec://Help"], "identities": identity })).await;
    let offer = desk.engagement(&json!({ "identities": identity })).await.1["engagementDetails"][0].clone();
    assert_eq!(offer["status"], "expose");
    let mut consumer = Socket::consumer(&sim, Some("cu-7f31")).await;
    let id = consumer.start(&desk, &offer).await;
    // Another device of the same consumer, and one of somebody else.
    let lead = |id: &str| json!([{ "type": "lead", "lead": { "leadId": id } }]);
    let (phone, answer) = Visitor::open(
        &sim,
        &json!({ "identities": identity, "engagementAttributes": lead("phone") }),
    )
    .await;
    let details = &answer["engagementDetails"][0];
    assert_eq!(
        (&details["status"], &details["conversationId"]),
        (&json!("conversation"), &json!(id))
    );
    assert_eq!(
        (&details["engagementId"], &details["contextId"]),
        (&offer["engagementId"], &offer["contextId"])
    );
    let stranger = json!([{ "acr": "loa1", "sub": "cu-1" }]);
    let (other, _) = Visitor::open(
        &sim,
        &json!({ "identities": stranger, "engagementAttributes": lead("other") }),
    )
    .await;
    assert_ne!(other.vid, phone.vid);
    let first = record(&sim, &id).await;
    assert_eq!(kinds(&first, "unAuthSdes"), ["LEAD"]);
    assert_eq!(first["unAuthSdes"]["events"][0]["lead"]["lead"]["leadId"], "phone");
    assert_eq!(
        kinds(&first, "sdes"),
        ["CUSTOMER_INFO"],
        "what the brand vouches for stands apart"
    );
    assert_eq!(
        first["sdes"]["events"][0]["customerInfo"]["customerInfo"]["customerType"],
        "vip"
    );
    sim.control()
        .adjust(|behaviour| behaviour.monitoring.interaction_status = true);
    let (_, answer) = phone.engagement(&json!({ "identities": identity })).await;
    assert_eq!(answer["engagementDetails"][0]["status"], "interaction");
    // An anonymous consumer is known by the consumer id.
    let mut anonymous = Socket::consumer(&sim, None).await;
    let known = json!([{ "acr": "0", "sub": anonymous.id }]);
    anonymous.start(&other, &offer).await;
    let (_, answer) = Visitor::open(&sim, &json!({ "identities": known })).await;
    assert_eq!(answer["engagementDetails"][0]["status"], "interaction");
}

#[tokio::test]
async fn an_old_call_without_the_version_shows_authenticated_attributes_only() {
    let sim = sim().await;
    let (visitor, opened) = Visitor::open(
        &sim,
        &json!({ "entryPoints": ["sec://Help"], "engagementAttributes": [cart(1.0)] }),
    )
    .await;
    let mut consumer = Socket::consumer(&sim, Some("cu-7f31")).await;
    let id = consumer.start(&visitor, &opened["engagementDetails"][0]).await;
    sim.clock().advance(Duration::from_secs(120));
    let base = format!(
        "{}/messaging_history/api/account/{ACCOUNT}/conversations/search",
        sim.url()
    );
    sim.clock().advance(Duration::from_millis(2 * HOUR));
    let ask = |url: String, wanted: &str| {
        let body =
            json!({ "start": { "from": NOW - 1, "to": NOW + 9_000_000 }, "sdeSearch": { "cartStatus": wanted } });
        answer(signed(&sim, 0, "POST", &url).json(&body))
    };
    let whole = json!({ "start": { "from": NOW - 1, "to": NOW + 9_000_000 } });
    let (_, old) = answer(signed(&sim, 0, "POST", &base).json(&whole)).await;
    let shown = &old["conversationHistoryRecords"][0];
    assert_eq!(shown["info"]["conversationId"], id.as_str());
    assert_eq!(shown.get("unAuthSdes"), None);
    assert_eq!(kinds(shown, "sdes"), ["CUSTOMER_INFO"]);
    let (status, found) = ask(format!("{base}?v=2"), "EUR").await;
    assert_eq!(
        (status, found["_metadata"]["count"].clone()),
        (200, json!(1)),
        "{found}"
    );
    let (_, found) = ask(format!("{base}?v=2"), "JPY").await;
    assert_eq!(found["_metadata"]["count"], 0);
}
