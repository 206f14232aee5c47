//! Consumer Messaging History.

use futures_util::TryStreamExt as _;
use le_core::ErrorKind;
use le_data::consumer_history::{ConsumerEventType, ConsumerHistoryState, ConsumerJwt, CsatStatus};
use serde_json::json;

use super::stage::{DAY, START, Stage, crafted_json, range};

#[tokio::test]
async fn conversations_are_asked_for_with_the_consumers_own_token() {
    let stage = Stage::json(crafted_json("consumer_history/metadata.json")).await;
    let history = stage
        .data
        .consumer_history(ConsumerJwt::new("a.consumer.jwt").prefix("jwt"));
    let search = history
        .conversations()
        .started(range(100))
        .states([ConsumerHistoryState::Close, ConsumerHistoryState::Archive]);
    let records: Vec<_> = search.clone().stream().try_collect().await.unwrap();
    let conversation = &records[0];
    assert_eq!(conversation.conversation_id.as_ref().unwrap().as_str(), "0a1b");
    assert_eq!(conversation.start().unwrap().as_millis(), 1_893_488_400_120);
    let csat = conversation.csat.as_ref().unwrap();
    assert_eq!(
        (csat.rate.as_ref().unwrap().get(), csat.status.clone()),
        (4.0, Some(CsatStatus::Filled))
    );
    let seen = &stage.seen()[0];
    assert_eq!(seen.authorization.as_deref(), Some("jwt a.consumer.jwt"));
    assert_eq!(seen.method, "GET");
    assert_eq!(
        seen.path,
        "/messaging_history/api/account/le1000/conversations/consumer/metadata/search"
    );
    let (from, to) = (START.to_string(), (START + 100 * DAY - 1).to_string());
    for (name, value) in [
        ("state", "close,archive"),
        ("sort", "start:asc"),
        ("limit", "100"),
        ("source", "le_test"),
    ] {
        assert_eq!(seen.query(name), Some(value));
    }
    assert_eq!(
        (seen.query("startFrom"), seen.query("startTo")),
        (Some(from.as_str()), Some(to.as_str()))
    );

    let page = history.conversations().await.unwrap();
    assert_eq!((page.len(), page.total()), (1, Some(1)));
    assert_eq!(stage.seen()[1].query("startFrom"), None, "both bounds or none");
    assert_eq!(stage.seen()[1].query("state"), None);

    let error = history.conversations().started(range(400)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Validation);
    assert!(error.to_string().contains("13 months"), "{error}");
}

#[tokio::test]
async fn messages_come_in_order_and_by_kind() {
    let stage = Stage::json(crafted_json("consumer_history/content.json")).await;
    let history = stage.data.consumer_history(ConsumerJwt::new("a.consumer.jwt"));
    let page = history.messages("0a1b").await.unwrap();
    assert_eq!(stage.seen()[0].query("conversationId"), Some("0a1b"));
    assert_eq!(stage.seen()[0].authorization.as_deref(), Some("Bearer a.consumer.jwt"));
    let ordered = page.in_order();
    let events: Vec<_> = ordered.iter().map(|record| record.event.as_ref().unwrap()).collect();
    assert_eq!(ordered[0].text().as_deref(), Some("Hi"));
    assert_eq!(events[1].r#type, Some(ConsumerEventType::AcceptStatusEvent));
    assert_eq!(events[1].sequences[0].get(), 0);
    assert_eq!(events[2].rich_content().unwrap()["type"], "vertical");
    assert_eq!(events[3].file().unwrap().file_type.as_deref(), Some("PNG"));
    assert_eq!(events[3].text(), None);
    assert_eq!(events[4].secure_form().unwrap().form_name.as_deref(), Some("Payment"));
    assert!(!events[5].r#type.as_ref().unwrap().is_known());
    assert!(history.messages("").await.is_err());

    let stage = Stage::json(json!({ "messageEventRecords": [] })).await;
    let history = stage.data.consumer_history(ConsumerJwt::new("a.consumer.jwt"));
    assert!(history.messages("0a1b").await.unwrap().is_empty());
}
