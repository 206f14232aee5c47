//! How conversations end, with a survey and without.

use le_sim::{Sim, SurveyKnobs};
use serde_json::{Value, json};

use super::engaged;
use crate::{NOW, bot, peer::Peer, sim, sim_with};

#[tokio::test]
async fn a_full_close_by_the_agent() {
    let sim = sim().await;
    let (mut agent, mut consumer, id) = engaged(&sim).await;
    let close = json!({ "conversationId": id,
        "conversationField": [{ "field": "ConversationStateField", "conversationState": "CLOSE" }] });
    agent.ok(".ams.cm.UpdateConversationField", close).await;
    let change = consumer
        .change(|change| change["result"]["conversationDetails"]["state"] == "CLOSE")
        .await;
    let details = &change["result"]["conversationDetails"];
    assert_eq!(
        (&details["stage"], &details["closeReason"]),
        (&json!("CLOSE"), &json!("AGENT"))
    );
    assert_eq!(
        (&details["endTs"], &details["dialogs"][0]["closedBy"]),
        (&json!(NOW), &json!("AGENT"))
    );
    assert_eq!(change["result"]["effectiveTTR"], -1);
    let change = agent.change(|change| change["type"] == "DELETE").await;
    assert_eq!(change["result"]["conversationDetails"]["state"], "CLOSE");
    let late =
        json!({ "dialogId": id, "event": { "type": "ContentEvent", "contentType": "text/plain", "message": "?" } });
    assert_eq!(agent.refused(".ams.ms.PublishEvent", late.clone()).await, 400);
    assert_eq!(consumer.refused("ms.PublishEvent", late).await, 400);
    let csat = json!({ "conversationId": id, "conversationField": { "field": "CSATRate", "csatRate": 5,
        "csatResolutionConfirmation": true, "status": "FILLED" } });
    consumer.ok("cm.UpdateConversationField", csat).await;
    let change = consumer
        .change(|change| change["result"]["conversationDetails"]["csat"].is_object())
        .await;
    assert_eq!(change["result"]["conversationDetails"]["csat"]["csatRate"], 5);
    // A second conversation is possible now, and not the first one.
    let second = consumer.start("-1", "Again").await;
    let change = consumer
        .change(|change| change["result"]["convId"] == second.as_str())
        .await;
    assert_eq!(change["result"]["conversationDetails"]["firstConversation"], false);
    sim.stop().await;
}

fn close_main(id: &str) -> Value {
    json!({ "conversationId": id, "conversationField": { "field": "DialogChange", "type": "UPDATE",
        "dialog": { "dialogId": id, "state": "CLOSE", "closedCause": "Closed by consumer" } } })
}

#[tokio::test]
async fn closing_the_main_dialog_without_a_survey_closes_all() {
    let sim = sim().await;
    let (_agent, mut consumer, id) = engaged(&sim).await;
    consumer.ok("cm.UpdateConversationField", close_main(&id)).await;
    let change = consumer
        .change(|change| change["result"]["conversationDetails"]["state"] == "CLOSE")
        .await;
    let details = &change["result"]["conversationDetails"];
    assert_eq!(
        (&details["stage"], &details["closeReason"]),
        (&json!("CLOSE"), &json!("CONSUMER"))
    );
    assert_eq!(details["dialogs"][0]["closedCause"], "Closed by consumer");
    assert_eq!(
        consumer.refused("cm.UpdateConversationField", close_main(&id)).await,
        400
    );
    sim.stop().await;
}

fn with_survey(built_in_bot: bool) -> SurveyKnobs {
    let mut survey = SurveyKnobs::default();
    survey.built_in_bot = built_in_bot;
    survey
}

#[tokio::test]
async fn a_survey_bot_asks_after_the_conversation() {
    let sim = sim_with(|rules| rules.survey = Some(with_survey(false))).await;
    let mut bot = Peer::agent(&sim, &bot(&sim)).await;
    bot.ok(".ams.aam.SubscribeExConversations", json!({ "stage": ["OPEN"] }))
        .await;
    bot.notification("ExConversationChange").await;
    let (agent, mut consumer, id) = engaged(&sim).await;
    consumer.ok("cm.UpdateConversationField", close_main(&id)).await;
    let closed = |change: &Value| change["result"]["conversationDetails"]["state"] == "CLOSE";
    let change = consumer.change(closed).await;
    let details = &change["result"]["conversationDetails"];
    assert_eq!(
        (&details["stage"], &details["closeReason"]),
        (&json!("OPEN"), &json!("CONSUMER"))
    );
    let survey = details["dialogs"][1].clone();
    assert_eq!(
        (&survey["dialogType"], &survey["state"]),
        (&json!("POST_SURVEY"), &json!("OPEN"))
    );
    assert_eq!(survey["metaData"]["appInstallId"], "inst-1");
    let dialog = survey["dialogId"].as_str().unwrap().to_owned();
    assert_eq!(dialog.len(), 22);
    let change = bot.change(closed).await;
    let reader = json!({ "id": agent.id, "role": "READER", "state": "ACTIVE" });
    let people = &change["result"]["conversationDetails"]["dialogs"][1]["participantsDetails"];
    assert!(people.as_array().unwrap().contains(&reader), "{people}");

    let own = bot.id.clone();
    let update = |field: Value| json!({ "conversationId": id, "conversationField": [field] });
    let join =
        json!({ "field": "ParticipantsChange", "type": "ADD", "role": "AGENT", "dialogId": dialog, "userId": own });
    bot.ok(".ams.cm.UpdateConversationField", update(join)).await;
    let note = json!({ "field": "DialogChange", "type": "UPDATE", "dialog": { "dialogId": dialog } });
    let metadata = json!([{ "type": "Survey", "id": "sv1", "revision": "1", "provider": "External" }]);
    bot.request_with(".ams.cm.UpdateConversationField", update(note), metadata)
        .await;
    let question = json!([{ "type": "Question", "id": "q1", "surveyId": "sv1", "provider": "External" }]);
    let text = |text: &str| {
        json!({ "dialogId": dialog, "conversationId": id,
            "event": { "type": "ContentEvent", "contentType": "text/plain", "message": text } })
    };
    let answer = bot
        .request_with(".ams.ms.PublishEvent", text("1 to 5?"), question.clone())
        .await;
    assert_eq!(answer["body"]["sequence"], 0, "{answer}");
    let subscribe = json!({ "dialogId": dialog, "conversationId": id, "fromSeq": 0 });
    consumer.ok("ms.SubscribeMessagingEvents", subscribe).await;
    let replay = consumer.event(|event| event["dialogId"] == dialog.as_str()).await;
    assert_eq!((&replay["sequence"], &replay["metadata"]), (&json!(0), &question));
    let given = json!([{ "type": "Answer", "id": "a2", "questionId": "q1", "provider": "External" }]);
    let action = json!({ "dialogId": dialog, "conversationId": id,
        "event": { "type": "AcceptStatusEvent", "status": "ACTION", "sequenceList": [0] } });
    assert_eq!(
        consumer.request_with("ms.PublishEvent", action, given.clone()).await["body"]["sequence"],
        1
    );
    assert_eq!(
        consumer.request_with("ms.PublishEvent", text("5"), given).await["body"]["sequence"],
        2
    );
    bot.event(|event| event["sequence"] == 2 && event["dialogId"] == dialog.as_str())
        .await;
    let end = json!({ "field": "DialogChange", "type": "UPDATE",
        "dialog": { "dialogId": dialog, "state": "CLOSE", "closedBy": "AGENT", "closedCause": "Completed" } });
    bot.ok(".ams.cm.UpdateConversationField", update(end)).await;
    let change = consumer
        .change(|change| change["result"]["conversationDetails"]["stage"] == "CLOSE")
        .await;
    let survey = &change["result"]["conversationDetails"]["dialogs"][1];
    assert_eq!(
        (&survey["closedBy"], &survey["closedCause"]),
        (&json!("AGENT"), &json!("Completed"))
    );
    assert!(change["result"]["conversationDetails"]["endTs"].is_i64());
    the_history_has_the_answer(&sim, &id, &dialog).await;
    sim.stop().await;
}

/// What the consumer answered to the bot reaches the record, a while later.
async fn the_history_has_the_answer(sim: &Sim, conversation: &str, dialog: &str) {
    sim.clock().advance(std::time::Duration::from_secs(90));
    let tree = crate::client::login(sim).await;
    let url = format!(
        "{}/messaging_history/api/account/{}/conversations/conversation/search?v=2",
        sim.url(),
        crate::client::ACCOUNT
    );
    let answer = crate::client::client(sim)
        .post(url)
        .bearer_auth(tree["bearer"].as_str().unwrap())
        .json(&json!({ "conversationId": conversation, "contentToRetrieve": ["conversationSurveys", "dialogs"] }))
        .send()
        .await
        .unwrap();
    let answer: Value = answer.json().await.unwrap();
    let survey = &answer["conversationHistoryRecords"][0]["conversationSurveys"][0];
    assert_eq!(
        (&survey["surveyStatus"], &survey["surveyId"], &survey["dialogId"]),
        (&json!("FILLED"), &json!("sv1"), &json!(dialog))
    );
    let given = &survey["surveyData"][0];
    assert_eq!(
        (&given["question"], &given["answer"], &given["questionId"]),
        (&json!("1 to 5?"), &json!("5"), &json!("q1"))
    );
    assert_eq!(given["isValidAnswer"], true);
}

#[tokio::test]
async fn the_built_in_survey_asks_and_ends() {
    let sim = sim_with(|rules| rules.survey = Some(with_survey(true))).await;
    let (_agent, mut consumer, id) = engaged(&sim).await;
    consumer.ok("cm.UpdateConversationField", close_main(&id)).await;
    let change = consumer
        .change(|change| change["result"]["conversationDetails"]["dialogs"][1].is_object())
        .await;
    let dialog = change["result"]["conversationDetails"]["dialogs"][1]["dialogId"]
        .as_str()
        .unwrap()
        .to_owned();
    consumer
        .ok("ms.SubscribeMessagingEvents", json!({ "dialogId": dialog }))
        .await;
    let question = consumer.event(|event| event["dialogId"] == dialog.as_str()).await;
    assert_eq!(
        question["event"]["quickReplies"]["replies"].as_array().unwrap().len(),
        5
    );
    consumer.say(&dialog, "dunno").await;
    consumer
        .event(|event| {
            event["event"]["message"]
                .as_str()
                .is_some_and(|text| text.starts_with("Please"))
        })
        .await;
    consumer.say(&dialog, "4").await;
    consumer
        .event(|event| {
            event["event"]["quickReplies"]["replies"]
                .as_array()
                .is_some_and(|all| all.len() == 11)
        })
        .await;
    consumer.say(&dialog, "9").await;
    let change = consumer
        .change(|change| change["result"]["conversationDetails"]["stage"] == "CLOSE")
        .await;
    assert_eq!(
        change["result"]["conversationDetails"]["dialogs"][1]["closedCause"],
        "Completed"
    );
    sim.stop().await;
}
