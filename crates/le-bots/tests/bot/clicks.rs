//! A click is one message for the bot, however many events it is on the wire; a secure form is one that says where its data is.

use serde_json::json;

use crate::parrot::Parrot;
use crate::support::{Outcome, Stage};

#[tokio::test]
async fn a_click_that_writes_comes_once_with_its_title_text_and_mark() -> Outcome {
    let stage = Stage::new().await?;
    let parrot = Parrot::default();
    let _bot = parrot.run(&stage).await;
    let mut consumer = stage.consumer()?;
    consumer.start(stage.skill(0), "card")?;
    consumer.hears("Blue kettle").await?;
    consumer.press("Buy")?;
    consumer.hears("You said: I take it").await?;
    consumer.say("echo done")?;
    consumer.hears("You said: done").await?;
    let presses: Vec<_> = parrot
        .log
        .lines()
        .into_iter()
        .filter(|line| line.contains("take it"))
        .collect();
    assert_eq!(presses, ["message press echo I take it"]);
    Ok(())
}

#[tokio::test]
async fn a_click_on_a_link_comes_without_text() -> Outcome {
    let stage = Stage::new().await?;
    let parrot = Parrot::default();
    let _bot = parrot.run(&stage).await;
    let mut consumer = stage.consumer()?;
    consumer.start(stage.skill(0), "card")?;
    consumer.hears("Blue kettle").await?;
    consumer.press("Look")?;
    assert_eq!(parrot.log.wait("message press").await, "Look");
    Ok(())
}

#[tokio::test]
async fn quick_replies_are_clicks() -> Outcome {
    let stage = Stage::new().await?;
    let parrot = Parrot::default();
    let _bot = parrot.run(&stage).await;
    let mut consumer = stage.consumer()?;
    consumer.start(stage.skill(0), "choose")?;
    consumer.hears("Which one?").await?;
    consumer.press("Blue")?;
    assert_eq!(parrot.log.wait("message press").await, "Blue");
    Ok(())
}

#[tokio::test]
async fn text_that_only_looks_like_an_echo_is_text() -> Outcome {
    let stage = Stage::new().await?;
    let parrot = Parrot::default();
    let _bot = parrot.run(&stage).await;
    let mut consumer = stage.consumer()?;
    consumer.start(stage.skill(0), "card")?;
    consumer.hears("Blue kettle").await?;
    // A channel attaches its own metadata to whatever is typed.
    let text = json!({"type": "ContentEvent", "contentType": "text/plain", "message": "echo typed"});
    let social = json!([{"type": "SocialMessagingEventData", "channel": "Public"}]);
    consumer.publish(&text, Some(&social))?;
    consumer.hears("You said: typed").await?;
    // The same words twice, with the mark of a button that was never pressed.
    let mark = json!([{"type": "ExternalId", "id": "buy-kettle"}]);
    consumer.publish(&text, Some(&mark))?;
    consumer.hears("You said: typed").await?;
    assert_eq!(parrot.log.count("message text echo typed"), 2);
    Ok(())
}

#[tokio::test]
async fn a_secure_form_tells_its_submission_and_nothing_of_what_it_holds() -> Outcome {
    let stage = Stage::new().await?;
    let parrot = Parrot::default();
    let _bot = parrot.run(&stage).await;
    let mut consumer = stage.consumer()?;
    consumer.start(stage.skill(0), "echo hello")?;
    consumer.hears("You said: hello").await?;
    let message = json!({"invitationId": "i-1", "submissionId": "s-1"});
    let form = json!({"type": "ContentEvent", "contentType": "forms/secure-submission", "message": message});
    consumer.publish(&form, None)?;
    consumer.hears("one token: true").await?;
    assert_eq!(parrot.log.count("message form "), 1);
    Ok(())
}
