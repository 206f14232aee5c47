//! Push notifications to the server of the brand.

use std::time::Duration;

use le_sim::{NewConsumer, PushDelivery, PushKnobs, Sim};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
    sync::mpsc::{UnboundedReceiver, unbounded_channel},
};

use crate::{agent_of, busy_skill, peer::Peer, sim_with};

/// The brand's end: it answers with these statuses in their order, then with 200, and hands over the heads and bodies.
async fn receiver(statuses: &'static [u16]) -> (String, UnboundedReceiver<(String, Value)>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/push?x=1", listener.local_addr().unwrap());
    let (sender, received) = unbounded_channel();
    tokio::spawn(async move {
        for status in statuses.iter().copied().chain(std::iter::repeat(200)) {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut read = Vec::new();
            let (head, body) = loop {
                stream.read_buf(&mut read).await.unwrap();
                let text = String::from_utf8_lossy(&read).into_owned();
                if let Some((head, body)) = text.split_once("\r\n\r\n")
                    && let Ok(body) = serde_json::from_str::<Value>(body)
                {
                    break (head.to_ascii_lowercase(), body);
                }
            };
            let answer = format!("HTTP/1.1 {status} Said\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            stream.write_all(answer.as_bytes()).await.unwrap();
            let _ = sender.send((head, body));
        }
    });
    (address, received)
}

/// A simulator with that proxy, an agent, and a consumer who has left the window; the conversation.
async fn away(endpoint: String, service: &str) -> (Sim, Peer, String, String) {
    let sim = sim_with(|rules| {
        let mut push = PushKnobs::new(endpoint);
        push.basic = Some(("brand".to_owned(), "secret".to_owned()));
        push.headers.insert("X-Brand".to_owned(), "shop".to_owned());
        push.pause_ms = 1;
        rules.push = Some(push);
    })
    .await;
    let skill = busy_skill(&sim);
    let mut agent = Peer::ready_agent(&sim, &agent_of(&sim, skill, 0)).await;
    let messaging = sim.control().messaging();
    let device = json!({ "privateData": { "pushNotificationData":
        { "serviceName": service, "certName": "com.example.shop", "token": "ab12" } } });
    let mut consumer = NewConsumer::default();
    consumer.profile = device.as_object().unwrap().clone();
    let consumer = messaging.open_consumer(consumer).unwrap().consumer_id;
    let id = messaging.start_conversation(&consumer, Some(skill)).unwrap();
    assert_eq!(agent.accept().await, id);
    (sim, agent, consumer, id)
}

/// What became of the `count` notifications, once that is certain.
async fn settled(sim: &Sim, count: usize) -> Vec<PushDelivery> {
    loop {
        let pushes = sim.control().messaging().pushes();
        if pushes.len() == count && pushes.iter().all(|push| push.done) {
            return pushes;
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

#[tokio::test]
async fn a_consumer_who_left_is_told() {
    let (endpoint, mut received) = receiver(&[]).await;
    let (sim, mut agent, consumer, id) = away(endpoint, "APNS").await;
    agent.say(&id, "While you are here").await;
    sim.control().messaging().read(&consumer).unwrap();
    let drop = format!("{}/_sim/messaging/consumers/{consumer}", sim.url());
    crate::client::client(&sim).delete(drop).send().await.unwrap();
    agent.say(&id, "Your parcel left").await;
    let sequence = agent.say(&id, "It is there").await;
    let mut both = [received.recv().await.unwrap(), received.recv().await.unwrap()];
    both.sort_by_key(|(_, body)| body["sequence"].as_i64());
    let (head, body) = &both[1];
    assert!(head.starts_with("post /push?x=1 http/1.1"), "{head}");
    for line in [
        "authorization: basic ynjhbmq6c2vjcmv0",
        "x-brand: shop",
        "content-type: application/json",
    ] {
        assert!(head.contains(line), "{head}");
    }
    assert_eq!(
        body,
        &json!({ "aps": { "alert": "It is there", "sound": "default" }, "push-service": 1, "notificationType": "apn",
            "device-token": "ab12", "backendService": "ams", "conversationId": id, "dialogId": id,
            "originatorId": agent.id, "brandId": crate::client::ACCOUNT, "badge": 2, "sequence": sequence })
    );
    let deliveries = settled(&sim, 2).await;
    let sent = deliveries
        .iter()
        .all(|one| (one.status, one.attempts) == (Some(200), 1));
    assert!(sent, "nothing was sent while the window was open: {deliveries:?}");
}

#[tokio::test]
async fn a_failing_server_is_asked_again_and_a_refusing_one_is_not() {
    let (endpoint, mut received) = receiver(&[500, 503, 403]).await;
    let (sim, mut agent, _, id) = away(endpoint, "FCM").await;
    sim.control().adjust(|behaviour| {
        let push = behaviour.messaging.push.as_mut().unwrap();
        push.when_connected = true;
        push.without_dialog = true;
    });
    agent.say(&id, "Hello").await;
    for _ in 0..3 {
        let (_, body) = received.recv().await.unwrap();
        assert_eq!(
            (&body["push-service"], &body["notificationType"]),
            (&json!(2), &json!("gcm"))
        );
        assert_eq!(body["data"]["message"], "Hello");
        let payload = &body["data"]["payload"];
        assert_eq!(
            (&payload["conversationId"], payload.get("dialogId")),
            (&json!(id), None)
        );
    }
    let delivery = &settled(&sim, 1).await[0];
    assert_eq!((delivery.status, delivery.attempts), (Some(403), 3));
    // Nobody listens there.
    sim.control().adjust(|behaviour| {
        let push = behaviour.messaging.push.as_mut().unwrap();
        push.endpoint = "http://127.0.0.1:9/".to_owned();
        push.attempts = 2;
    });
    agent.say(&id, "Still there?").await;
    let delivery = &settled(&sim, 2).await[1];
    assert_eq!((delivery.status, delivery.attempts), (None, 2));
}
