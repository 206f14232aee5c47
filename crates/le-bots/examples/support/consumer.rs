//! A consumer who follows a script. The simulator holds the window; here is the hand that types.

use std::time::Duration;

use le_sim::{MessagingControl, NewConsumer, Sim};
use serde_json::{Value, json};

use super::Outcome;

/// Nothing here takes longer, however busy the machine is.
const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) struct Consumer {
    window: MessagingControl,
    pub(crate) id: String,
    pub(crate) conversation: String,
    /// How many frames were looked at.
    seen: usize,
    /// Who speaks, in what is shown; nothing is shown without it.
    pub(crate) name: Option<&'static str>,
}

impl Consumer {
    pub(super) fn new(sim: &Sim) -> Outcome<Self> {
        let mut new = NewConsumer::default();
        new.profile.insert("firstName".to_owned(), json!("Ada"));
        new.profile.insert(
            "claims".to_owned(),
            json!({"lp_sdes": [{"type": "ctmrinfo", "info": {"customerId": "c-17"}}]}),
        );
        let window = sim.control().messaging();
        let id = window.open_consumer(new)?.consumer_id;
        Ok(Self {
            window,
            id,
            conversation: String::new(),
            seen: 0,
            name: None,
        })
    }

    /// Shows what is said.
    pub(crate) fn aloud(mut self) -> Self {
        self.name = Some("consumer");
        self
    }

    fn show(&self, who: &str, what: &str) {
        if self.name.is_some() {
            println!("{who:>10}: {what}");
        }
    }

    /// Opens a conversation and says something.
    pub(crate) fn start(&mut self, skill: i64, text: &str) -> Outcome<&str> {
        self.conversation = self.window.start_conversation(&self.id, Some(skill))?;
        self.say(text)?;
        Ok(&self.conversation)
    }

    pub(crate) fn say(&self, text: &str) -> Outcome<i64> {
        self.show("consumer", text);
        Ok(self.window.say(&self.id, text)?)
    }

    pub(crate) fn publish(&self, event: &Value, metadata: Option<&Value>) -> Outcome<i64> {
        Ok(self.window.publish(&self.id, event, metadata)?)
    }

    pub(crate) fn read(&self) -> Outcome<Vec<i64>> {
        Ok(self.window.read(&self.id)?)
    }

    pub(crate) fn close(&self) -> Outcome {
        self.show("consumer", "(closes the conversation)");
        Ok(self.window.close(&self.id)?)
    }

    /// Answers the question of a survey.
    pub(crate) fn answer(&self, answer: &str) -> Outcome {
        self.show("consumer", &format!("[{answer}]"));
        Ok(self.window.answer_survey(&self.id, answer)?)
    }

    /// Waits for a message of somebody else that contains a text, shows what comes, and gives the event.
    pub(crate) async fn hears(&mut self, text: &str) -> Outcome<Value> {
        let of_others = |event: &Value| event["originatorMetadata"]["role"] != "CONSUMER";
        self.wait(text, |event| of_others(event) && said(event).contains(text))
            .await
    }

    /// Waits for an event of a dialog that fits.
    pub(crate) async fn wait(&mut self, what: &str, fits: impl Fn(&Value) -> bool) -> Outcome<Value> {
        let looked = async {
            loop {
                let frames = self.window.inbox(&self.id)?;
                let mut events = Vec::new();
                for frame in frames.iter().skip(self.seen) {
                    let list = frame["body"]["changes"]
                        .as_array()
                        .filter(|_| frame["type"] == "ms.MessagingEventNotification");
                    events.push(list.cloned().unwrap_or_default());
                }
                for list in events {
                    self.seen += 1;
                    let mut found = None;
                    for event in list {
                        self.show_event(&event);
                        if found.is_none() && fits(&event) {
                            found = Some(event);
                        }
                    }
                    if let Some(event) = found {
                        return Ok(event);
                    }
                }
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        let found = tokio::time::timeout(PATIENCE, looked).await;
        found.map_err(|_| format!("the consumer waited in vain for {what:?}"))?
    }

    fn show_event(&self, event: &Value) {
        if event["originatorMetadata"]["role"] == "CONSUMER" {
            return;
        }
        let text = said(event);
        if !text.is_empty() {
            self.show("bot", &text);
        }
    }

    /// Presses a button of the newest message that has one with this title: what it carried is sent, and what it says.
    pub(crate) fn press(&self, title: &str) -> Outcome {
        let frames = self.window.inbox(&self.id)?;
        let events = frames
            .iter()
            .rev()
            .flat_map(|frame| frame["body"]["changes"].as_array().into_iter().flatten().rev());
        let (sequence, button) = events
            .filter_map(|event| Some((event["sequence"].as_i64()?, button(&event["event"], title)?)))
            .next()
            .ok_or_else(|| format!("nothing shows a button {title:?}"))?;
        self.show("consumer", &format!("[{title}]"));
        let click = &button["click"];
        let action = json!({"type": "AcceptStatusEvent", "status": "ACTION", "sequenceList": [sequence]});
        self.publish(&action, Some(&click["metadata"]))?;
        let mut actions = click["actions"].as_array().into_iter().flatten();
        if let Some(text) = actions.find_map(|action| action["text"].as_str()) {
            let text = json!({"type": "ContentEvent", "contentType": "text/plain", "message": text});
            self.publish(&text, Some(&click["metadata"]))?;
        }
        Ok(())
    }

    /// Waits until the conversation, as the server has it, fits; gives it.
    pub(crate) async fn conversation(&self, what: &str, fits: impl Fn(&Value) -> bool) -> Outcome<Value> {
        let looked = async {
            loop {
                if let Some(found) = self.window.conversation(&self.conversation).filter(|found| fits(found)) {
                    return found;
                }
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        let found = tokio::time::timeout(PATIENCE, looked).await;
        let seen = || self.window.conversation(&self.conversation);
        found.map_err(|_| format!("waited in vain for {what}: {:#?}", seen()).into())
    }

    /// Waits until the conversation is closed.
    pub(crate) async fn closed(&self) -> Outcome<Value> {
        self.conversation("the close", |found| found["stage"] == "CLOSE").await
    }
}

/// What an event says, in words: a card by its texts and buttons.
pub(crate) fn said(event: &Value) -> String {
    let event = &event["event"];
    let mut words: Vec<String> = Vec::new();
    match &event["message"] {
        Value::String(text) => words.push(text.clone()),
        Value::Object(file) if file.contains_key("relativePath") => words.push(format!("(file {})", file["caption"])),
        _ => {}
    }
    collect(&event["content"], &mut words);
    collect(&event["quickReplies"], &mut words);
    words.join(" ")
}

fn collect(tree: &Value, words: &mut Vec<String>) {
    if let Some(text) = tree["text"].as_str() {
        words.push(text.to_owned());
    }
    if let Some(title) = tree["title"].as_str() {
        words.push(format!("[{title}]"));
    }
    for name in ["elements", "replies"] {
        for inner in tree[name].as_array().into_iter().flatten() {
            collect(inner, words);
        }
    }
}

fn button(tree: &Value, title: &str) -> Option<Value> {
    match tree {
        Value::Array(all) => all.iter().find_map(|one| button(one, title)),
        Value::Object(_) if tree["type"] == "button" && tree["title"] == title => Some(tree.clone()),
        Value::Object(members) => members.values().find_map(|one| button(one, title)),
        _ => None,
    }
}
