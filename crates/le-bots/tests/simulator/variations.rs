//! The same flow with every variation that servers show: section 9 of the sheet.

use le_bots::conversation::{ChangeKind, Conversation};
use le_bots::event::{AcceptStatus, FileType};

use crate::party::sim_with;
use crate::traces::{engaged, receipt};

/// A variation of how servers write: section 9 of the sheet.
type Knob = (&'static str, fn(&mut le_sim::DialectKnobs));

#[tokio::test]
async fn every_way_of_writing_that_servers_have_is_read_alike() {
    let knobs: [Knob; 15] = [
        ("single elements for arrays", |knobs| knobs.single_element_bare = true),
        ("notifications before the answer", |knobs| {
            knobs.response_after_notification = true
        }),
        ("no last content event", |knobs| knobs.no_last_content_event = true),
        ("a missing public id", |knobs| knobs.missing_pid = true),
        ("public ids everywhere", |knobs| knobs.pids_everywhere = true),
        ("no unread counts", |knobs| knobs.no_unread_counts = true),
        ("no time of sending", |knobs| knobs.no_sent_ts = true),
        ("no conversation id in events", |knobs| knobs.no_conversation_id = true),
        ("metadata that is null", |knobs| knobs.null_metadata = true),
        ("campaigns as numbers", |knobs| knobs.numeric_campaign = true),
        ("participants of 2017", |knobs| knobs.consumer_participants_map = true),
        ("deprecated rings too", |knobs| knobs.legacy_rings = true),
        ("another name of an answer", |knobs| {
            knobs.dotted_subscribe_answer = true
        }),
        ("another name of a URL answer", |knobs| knobs.short_url_answer = true),
        ("an exclusive lower bound", |knobs| knobs.exclusive_lower_bound = true),
    ];
    for (name, turn) in knobs {
        let sim = sim_with(|messaging| turn(&mut messaging.dialect)).await;
        let (mut agent, mut consumer, id) = engaged(&sim).await;
        let assigned = |one: &Conversation| one.is_assigned_to(agent.agent());
        consumer.conversation(name, assigned).await;
        agent.publish_text(id.as_str(), "hi").await.unwrap();
        let heard = consumer.message("hi").await;
        assert_eq!(heard.conversation().unwrap().as_str(), id, "{name}");
        assert!(heard.is_by(agent.agent()), "{name}");
        let read = heard.key().unwrap().1;
        consumer.mark_read(id.as_str(), [read]).await.unwrap();
        let seen = agent
            .event(name, |event| receipt(event) == Some(AcceptStatus::Read))
            .await;
        assert_eq!(seen.event.unwrap().receipts().collect::<Vec<_>>(), [read], "{name}");
        consumer.upload_url(9, FileType::Png).await.unwrap();
        consumer.close_conversation(id.as_str()).await.unwrap();
        agent
            .change(name, |change| change.kind == Some(ChangeKind::Delete))
            .await;
        sim.stop().await;
    }
}
