//! What a link does while nothing is wrong, and how it comes back when something is.

use le_bots::supervisor::{Delivery, Gone};

use crate::stage::Stage;

#[tokio::test]
async fn rings_conversations_and_messages_come_and_replies_go() {
    let stage = Stage::new().await;
    let mut agent = stage.link().await;
    agent.online().await;
    let (consumer, id) = stage.consumer("one");
    let taken = agent.take().await;
    assert_eq!(taken.as_str(), id);
    let first = agent.message("one").await;
    assert_eq!(first.key().unwrap().1, 0);
    let published = agent.link.publish_text(id.as_str(), "hello").await.unwrap();
    assert_eq!(published.sequence.unwrap(), 1);
    stage.say(&consumer, "two");
    agent.message("two").await;
    assert_eq!(stage.texts(&id), ["one", "hello", "two"]);

    stage.sim.control().messaging().close(&consumer).unwrap();
    let left = agent
        .find("the end", |delivery| match delivery {
            Delivery::Left(id, gone) => Some((id.clone(), *gone)),
            _ => None,
        })
        .await;
    assert_eq!((left.0.as_str(), left.1), (id.as_str(), Gone::Closed));
    assert!(agent.link.conversations().is_empty());
    assert!(agent.link.shutdown().await.error().is_none());
    while agent.deliveries.next().await.is_some() {}
}

#[tokio::test]
async fn every_way_of_breaking_is_survived_without_loss() {
    let stage = Stage::new().await;
    let mut agent = stage.link().await;
    agent.online().await;
    let (consumer, id) = stage.consumer("one");
    agent.take().await;
    agent.message("one").await;
    for code in [1000, 1001, 1006, 1008, 1011, 4401, 4407, 4999] {
        stage.close(code);
        // While away: one message is stored that nobody is told of.
        stage.say(&consumer, &format!("during {code}"));
        agent.comes_back().await;
        agent.message(&format!("during {code}")).await;
        stage.say(&consumer, &format!("after {code}"));
        agent.message(&format!("after {code}")).await;
        agent
            .link
            .publish_text(id.as_str(), format!("seen {code}"))
            .await
            .unwrap();
        agent.message(&format!("seen {code}")).await;
    }
    assert_eq!(stage.texts(&id).len(), 1 + 3 * 8);
    assert!(agent.texts().is_empty(), "nothing else came: {:?}", agent.texts());
}
