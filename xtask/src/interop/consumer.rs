//! The consumer of a scenario, driven through the control API of le-sim.

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Value, json};

use super::control::Control;

/// One consumer with one conversation.
#[derive(Debug)]
pub(super) struct Consumer {
    control: Control,
    id: String,
    pub(super) conversation: String,
}

impl Consumer {
    /// Opens a conversation for a skill with a first message.
    pub(super) fn open(control: &Control, with: &Value) -> Result<Self> {
        let profile = json!({ "firstName": "Ingrid", "lastName": "Moe" });
        let opened = control.post("/messaging/consumers", &json!({ "profile": profile }))?;
        let id = opened["consumerId"].as_str().context("no consumerId")?.to_owned();
        let start = json!({ "skillId": with["skill"], "message": with["text"] });
        let started = control.post(&format!("/messaging/consumers/{id}/conversation"), &start)?;
        Ok(Self {
            control: control.clone(),
            id,
            conversation: started["conversationId"]
                .as_str()
                .context("no conversationId")?
                .to_owned(),
        })
    }

    pub(super) fn say(&self, text: &str) -> Result<Value> {
        self.post("say", &json!({ "text": text }))
    }

    pub(super) fn types(&self) -> Result<Value> {
        let event = json!({ "type": "ChatStateEvent", "chatState": "COMPOSING" });
        self.post("publish", &json!({ "event": event }))
    }

    /// Presses a button of the card that it was sent with this sequence, as a window does: a receipt with the metadata of
    /// the click, then the text in the consumer's name with the same.
    pub(super) fn click(&self, sequence: &Value, title: &str) -> Result<Value> {
        let events = self.events()?;
        let card = events.iter().find(|event| event["sequence"] == *sequence);
        let card = card.with_context(|| format!("the consumer was not sent sequence {sequence}"))?;
        let button = button(&card["event"]["content"], title);
        let click = &button.with_context(|| format!("no button {title:?} in {card}"))?["click"];
        let receipt = json!({ "type": "AcceptStatusEvent", "status": "ACTION", "sequenceList": [sequence] });
        self.post("publish", &json!({ "event": receipt, "metadata": click["metadata"] }))?;
        let text = click["actions"][0]["text"].as_str().context("the button has no text")?;
        let text = json!({ "type": "ContentEvent", "contentType": "text/plain", "message": text });
        self.post("publish", &json!({ "event": text, "metadata": click["metadata"] }))
    }

    /// The message events that it was sent, in their order.
    pub(super) fn events(&self) -> Result<Vec<Value>> {
        let frames = self.frames("ms.MessagingEventNotification")?;
        Ok(elements(&frames))
    }

    /// The states of its conversation that it was sent, in their order.
    pub(super) fn conversations(&self) -> Result<Vec<Value>> {
        let frames = self.frames("cqm.ExConversationChangeNotification")?;
        let details = elements(&frames)
            .into_iter()
            .map(|change| change["result"]["conversationDetails"].clone());
        Ok(details.collect())
    }

    /// Fails unless it was sent an event that matches.
    pub(super) fn was_sent(&self, what: &str, matches: impl Fn(&Value) -> bool) -> Result<()> {
        ensure!(self.events()?.iter().any(matches), "the consumer was not sent {what}");
        Ok(())
    }

    fn frames(&self, name: &str) -> Result<Vec<Value>> {
        let inbox = self.control.get(&format!("/messaging/consumers/{}/inbox", self.id))?;
        let Some(frames) = inbox["frames"].as_array() else {
            bail!("the inbox of the consumer is no list of frames: {inbox}");
        };
        Ok(frames.iter().filter(|frame| frame["type"] == name).cloned().collect())
    }

    fn post(&self, what: &str, body: &Value) -> Result<Value> {
        self.control
            .post(&format!("/messaging/consumers/{}/{what}", self.id), body)
    }
}

/// The elements of `body.changes` of all frames.
fn elements(frames: &[Value]) -> Vec<Value> {
    let changes = frames.iter().filter_map(|frame| frame["body"]["changes"].as_array());
    changes.flatten().cloned().collect()
}

/// The button with this title, however deep it lies.
fn button<'a>(element: &'a Value, title: &str) -> Option<&'a Value> {
    if element["type"] == "button" && element["title"] == title {
        return Some(element);
    }
    let inner = element["elements"].as_array()?;
    inner.iter().find_map(|element| button(element, title))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_button_is_found_in_its_card() {
        let card = json!({"type": "vertical", "elements": [
            {"type": "text", "text": "Buy"},
            {"type": "horizontal", "elements": [{"type": "button", "title": "Buy", "click": 1}]},
        ]});
        assert_eq!(button(&card, "Buy").unwrap()["click"], 1);
        assert!(button(&card, "Sell").is_none());
    }
}
