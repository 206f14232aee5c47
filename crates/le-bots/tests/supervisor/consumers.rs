//! Consumers: whole conversations over links that break, several devices, surveys.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use le_bots::ConsumerConnector;
use le_bots::consumer_client::{ConsumerClient, ConsumerEvent, ConsumerEvents, Start};
use le_bots::credential::FixedToken;
use le_bots::event::{Event, PublishEvent};
use le_bots::supervisor::{ConsumerLink, Delivery, Offline};
use le_core::id::DialogId;
use le_core::{Error, ErrorKind};
use le_sim::{FaultAction, FaultRule, SurveyKnobs};
use serde_json::json;

use crate::party::sim_with;
use crate::stage::{Agent, PATIENCE, Stage, quick, settings};

/// A device of a consumer, and what it was told.
struct Device {
    client: ConsumerClient,
    events: ConsumerEvents,
    heard: BTreeMap<DialogId, Vec<i64>>,
}

impl Device {
    fn new(connector: ConsumerConnector) -> Self {
        let (link, deliveries) = ConsumerLink::builder(connector.settings(settings()))
            .backoff(quick())
            .offline(Offline::Wait {
                at_most: 100,
                deadline: PATIENCE,
            })
            .start()
            .unwrap();
        let (client, events) = ConsumerClient::over(link, deliveries);
        Self {
            client,
            events,
            heard: BTreeMap::new(),
        }
    }

    async fn find<T>(&mut self, what: &str, fits: impl Fn(&ConsumerEvent) -> Option<T>) -> T {
        loop {
            let next = tokio::time::timeout(PATIENCE, self.events.next()).await;
            let next = next.unwrap_or_else(|_| panic!("waited for {what} in {:?}", self.client.link()));
            let next = next.unwrap_or_else(|| panic!("waited for {what}; the link ended"));
            if let ConsumerEvent::Message(event) | ConsumerEvent::Own(event) | ConsumerEvent::Receipt(event) = &next {
                let (dialog, sequence) = event.key().unwrap();
                let heard = self.heard.entry(dialog.clone()).or_default();
                assert!(
                    heard.last().is_none_or(|last| *last < sequence),
                    "{sequence} came after {heard:?}"
                );
                heard.push(sequence);
            }
            if let Some(found) = fits(&next) {
                return found;
            }
        }
    }

    async fn message(&mut self, text: &str) -> le_bots::DialogEvent {
        self.find(text, |event| match event {
            ConsumerEvent::Message(event) => (text_of(event) == Some(text)).then(|| (**event).clone()),
            _ => None,
        })
        .await
    }

    async fn own(&mut self, text: &str) {
        self.find(text, |event| match event {
            ConsumerEvent::Own(event) => (text_of(event) == Some(text)).then_some(()),
            _ => None,
        })
        .await;
    }

    async fn offline(&mut self) {
        self.find("being offline", |event| {
            (*event == ConsumerEvent::Offline).then_some(())
        })
        .await;
    }
}

fn text_of(event: &le_bots::DialogEvent) -> Option<&str> {
    event.event.as_ref()?.as_text()
}

async fn token(stage: &Stage) -> Arc<FixedToken> {
    let url = format!("{}/api/account/{}/signup", stage.sim.url(), crate::party::ACCOUNT);
    let (_, answer) = crate::party::http("POST", &url, "{}").await;
    let answer: serde_json::Value = serde_json::from_slice(&answer).unwrap();
    Arc::new(FixedToken::new(answer["jwt"].as_str().unwrap()))
}

async fn device(stage: &Stage) -> Device {
    Device::new(crate::party::consumer_connector_with(&stage.sim, token(stage).await))
}

async fn agent(stage: &Stage) -> Agent {
    let mut agent = stage.link().await;
    agent.online().await;
    agent
}

/// Drops all sockets of consumers and the agent.
fn drop_all(stage: &Stage) {
    stage.sim.control().messaging().close_sockets(None, 1006, "");
}

#[tokio::test]
async fn a_conversation_from_the_first_word_to_the_last_through_breaks() {
    let stage = Stage::new().await;
    let mut agent = agent(&stage).await;
    let mut consumer = device(&stage).await;
    let start = Start::for_skill(stage.skill.to_string()).saying("hello");
    let chat = consumer.client.converse(start).await.unwrap();
    let id = agent.take().await;
    assert_eq!(id, *chat.id());
    agent.message("hello").await;
    for round in 0..5 {
        agent
            .link
            .publish_text(id.as_str(), format!("question {round}"))
            .await
            .unwrap();
        let question = consumer.message(&format!("question {round}")).await;
        chat.delivered(&question).await.unwrap();
        chat.read(&question).await.unwrap();
        drop_all(&stage);
        agent
            .link
            .publish_private(id.as_str(), "a note that consumers do not see")
            .await
            .unwrap();
        agent
            .link
            .publish_text(id.as_str(), format!("more {round}"))
            .await
            .unwrap();
        chat.typing(true).await.ok();
        chat.say(format!("answer {round}")).await.unwrap();
        consumer.message(&format!("more {round}")).await;
        consumer.own(&format!("answer {round}")).await;
        agent.message(&format!("answer {round}")).await;
    }
    // The same conversation is gone on with, not a second one begun.
    let same = consumer
        .client
        .converse(Start::for_skill(stage.skill.to_string()))
        .await
        .unwrap();
    assert_eq!(same.id(), chat.id());
    chat.urgent(Duration::from_secs(300)).await.unwrap();
    chat.close().await.unwrap();
    consumer
        .find("the end", |event| matches!(event, ConsumerEvent::Left(_)).then_some(()))
        .await;
    chat.rate(5, true).await.unwrap();
    assert_eq!(chat.rate(6, true).await.unwrap_err().kind(), ErrorKind::Validation);
    assert_eq!(stage.texts(id.as_str()).len(), 1 + 5 * 4);
}

#[tokio::test]
async fn two_devices_are_told_the_same() {
    let stage = Stage::new().await;
    let mut agent = agent(&stage).await;
    let token = token(&stage).await;
    let mut phone = Device::new(crate::party::consumer_connector_with(&stage.sim, token.clone()));
    let mut desk = Device::new(crate::party::consumer_connector_with(&stage.sim, token));
    desk.client.caught_up().await.unwrap();
    let start = Start::for_skill(stage.skill.to_string()).saying("from the phone");
    let chat = phone.client.converse(start.clone()).await.unwrap();
    desk.own("from the phone").await;
    let other = desk
        .client
        .converse(Start::for_skill(stage.skill.to_string()))
        .await
        .unwrap();
    assert_eq!(other.id(), chat.id());
    other.say("from the desk").await.unwrap();
    phone.own("from the desk").await;
    let id = agent.take().await;
    drop_all(&stage);
    agent.link.publish_text(id.as_str(), "to both").await.unwrap();
    phone.message("to both").await;
    desk.message("to both").await;
}

#[tokio::test]
async fn a_request_for_a_conversation_whose_answer_was_lost_opens_one() {
    let stage = Stage::new().await;
    let consumer = device(&stage).await;
    let answer = "socket.consumer.response.cm.ConsumerRequestConversation";
    stage.fault(FaultRule::new(FaultAction::FrameDrop).route(answer).first(1));
    let event = "socket.consumer.notification.cqm.ExConversationChangeNotification";
    stage.fault(
        FaultRule::new(FaultAction::SocketClose {
            code: 1006,
            reason: String::new(),
        })
        .route(event)
        .nth(2),
    );
    let chat = consumer
        .client
        .converse(Start::for_skill(stage.skill.to_string()).saying("once"))
        .await
        .unwrap();
    assert_eq!(stage.texts(chat.id().as_str()), ["once"]);
    assert_eq!(consumer.client.link().conversations().len(), 1);
}

#[tokio::test]
async fn a_lost_request_for_a_conversation_is_repeated() {
    let stage = Stage::new().await;
    let consumer = device(&stage).await;
    let request = "socket.consumer.request.cm.ConsumerRequestConversation";
    stage.fault(FaultRule::new(FaultAction::ResetBeforeBody).route(request).first(2));
    let chat = consumer
        .client
        .converse(Start::for_skill(stage.skill.to_string()).saying("once"))
        .await
        .unwrap();
    assert_eq!(stage.texts(chat.id().as_str()), ["once"]);
}

#[tokio::test]
async fn messages_of_a_consumer_are_settled_too() {
    let stage = Stage::new().await;
    let mut consumer = device(&stage).await;
    let chat = consumer
        .client
        .converse(Start::for_skill(stage.skill.to_string()).saying("one"))
        .await
        .unwrap();
    consumer.own("one").await;
    let response = "socket.consumer.response.ms.PublishEvent";
    let request = "socket.consumer.request.ms.PublishEvent";
    for (number, rule) in [
        FaultRule::new(FaultAction::FrameDrop).route(response).first(1),
        FaultRule::new(FaultAction::ResetAfterBody).route(response).first(1),
        FaultRule::new(FaultAction::ResetBeforeBody).route(request).first(1),
        FaultRule::new(FaultAction::FrameDrop).route(request).first(1),
    ]
    .into_iter()
    .enumerate()
    {
        stage.sim.control().clear_faults();
        stage.fault(rule);
        let published = chat.say("the same").await.unwrap();
        assert_eq!(published.sequence.unwrap().get(), i64::try_from(number).unwrap() + 1);
        consumer.own("the same").await;
    }
    assert_eq!(
        stage.texts(chat.id().as_str()),
        ["one", "the same", "the same", "the same", "the same"]
    );
}

#[tokio::test]
async fn a_survey_is_answered_through_a_break() {
    let sim = sim_with(|messaging| messaging.survey = Some(SurveyKnobs::default())).await;
    let stage = Stage::of(sim);
    let mut agent = agent(&stage).await;
    let mut consumer = device(&stage).await;
    let chat = consumer
        .client
        .converse(Start::for_skill(stage.skill.to_string()).saying("hello"))
        .await
        .unwrap();
    agent.take().await;
    chat.close().await.unwrap();
    let dialog = consumer
        .find("the survey", |event| match event {
            ConsumerEvent::Survey { dialog, .. } => Some(dialog.clone()),
            _ => None,
        })
        .await;
    assert_eq!(chat.survey(), Some(dialog.clone()));
    let mut answered = 0;
    while answered < 2 {
        let question = consumer
            .find("a question", |event| match event {
                ConsumerEvent::Message(event) if event.dialog_id.as_ref() == Some(&dialog) => Some((**event).clone()),
                _ => None,
            })
            .await;
        let replies = question.event.as_ref().and_then(|event| event.quick_replies.as_ref());
        let Some(replies) = replies.map(|replies| replies.to_value().unwrap()) else {
            chat.say("fine").await.unwrap();
            answered += 1;
            continue;
        };
        drop_all(&stage);
        let title = replies["replies"][0]["title"].as_str().unwrap().to_owned();
        chat.press(&question, &title).await.unwrap();
        answered += 1;
    }
    consumer
        .find("the end", |event| matches!(event, ConsumerEvent::Left(_)).then_some(()))
        .await;
}

#[tokio::test]
async fn pressing_a_button_reports_it_and_writes_its_text() -> Result<(), Error> {
    let stage = Stage::new().await;
    let mut agent = agent(&stage).await;
    let mut consumer = device(&stage).await;
    let chat = consumer
        .client
        .converse(Start::for_skill(stage.skill.to_string()).saying("hello"))
        .await?;
    let id = agent.take().await;
    let card = json!({"type": "vertical", "elements": [{"type": "button", "title": "Buy", "tooltip": "Buy",
        "click": {"metadata": [{"type": "ExternalId", "id": "buy-kettle"}], "actions": [{"type": "publishText", "text": "Yes please"}]}}]});
    agent
        .link
        .publish(PublishEvent::new(id.as_str(), Event::rich(&card)?))
        .await?;
    let shown = consumer
        .find("the card", |event| match event {
            ConsumerEvent::Message(event) => event.event.as_ref()?.as_rich().map(|_| (**event).clone()),
            _ => None,
        })
        .await;
    chat.press(&shown, "Buy").await?;
    let pressed = agent.message("Yes please").await;
    let metadata = pressed.metadata.iter().next().unwrap().to_value().unwrap();
    assert_eq!(metadata["id"], "buy-kettle");
    let reported = agent
        .find("the report", |delivery| match delivery {
            Delivery::Event(event) => {
                let said = event.event.as_ref()?;
                (said.status == Some(le_bots::event::AcceptStatus::Action)).then(|| said.receipts().collect::<Vec<_>>())
            }
            _ => None,
        })
        .await;
    assert_eq!(reported, [shown.key().unwrap().1]);
    assert_eq!(
        chat.press(&shown, "Sell").await.unwrap_err().kind(),
        ErrorKind::Validation
    );
    Ok(())
}

#[tokio::test]
async fn what_was_missed_before_a_restart_comes_after_it() {
    let stage = Stage::new().await;
    let mut agent = agent(&stage).await;
    let token = token(&stage).await;
    let mut first = Device::new(crate::party::consumer_connector_with(&stage.sim, token.clone()));
    let chat = first
        .client
        .converse(Start::for_skill(stage.skill.to_string()).saying("hello"))
        .await
        .unwrap();
    let id = agent.take().await;
    agent.link.publish_text(id.as_str(), "one").await.unwrap();
    first.message("one").await;
    agent.link.publish_text(id.as_str(), "two").await.unwrap();
    first.message("two").await;
    let resume = first.client.link().resume();
    assert_eq!(
        resume.handled(&chat.dialog()),
        Some(1),
        "`two` was given out, and not handled yet"
    );
    first.client.shutdown().await;
    agent.link.publish_text(id.as_str(), "three").await.unwrap();
    let connector = crate::party::consumer_connector_with(&stage.sim, token).settings(settings());
    let (link, deliveries) = ConsumerLink::builder(connector)
        .backoff(quick())
        .resume(resume)
        .start()
        .unwrap();
    let (client, events) = ConsumerClient::over(link, deliveries);
    let mut second = Device {
        client,
        events,
        heard: BTreeMap::new(),
    };
    second.message("three").await;
    assert_eq!(second.heard.values().next().unwrap(), &[2, 3]);
    drop_all(&stage);
    second.offline().await;
}
