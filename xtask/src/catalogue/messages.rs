//! `messages.json`: the names of socket messages in both dialects.

use std::collections::BTreeSet;

use anyhow::{Result, ensure};
use serde::Deserialize;

use super::Evidence;

/// `messages.json`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Messages {
    #[serde(rename = "crate")]
    pub(crate) package: String,
    pub(crate) messages: Vec<Message>,
}

/// A request with its response, or a notification.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Message {
    #[serde(rename = "const")]
    pub(crate) constant: String,
    pub(crate) id: String,
    pub(crate) kind: MessageKind,
    pub(crate) summary: String,
    pub(crate) agent: Option<String>,
    pub(crate) agent_response: Option<String>,
    pub(crate) consumer: Option<String>,
    pub(crate) consumer_response: Option<String>,
    pub(crate) evidence: Evidence,
}

/// Who sends a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum MessageKind {
    Request,
    Notification,
}

impl Messages {
    pub(super) fn validate(&self) -> Result<()> {
        super::known_crate(&self.package)?;
        let (mut constants, mut names) = (BTreeSet::new(), BTreeSet::new());
        for message in &self.messages {
            let id = &message.id;
            ensure!(
                constants.insert(&message.constant),
                "{id}: {} is used twice",
                message.constant
            );
            ensure!(
                message.agent.is_some() || message.consumer.is_some(),
                "{id}: neither dialect has a name for it"
            );
            for (name, response) in [
                (&message.agent, &message.agent_response),
                (&message.consumer, &message.consumer_response),
            ] {
                ensure!(
                    response.is_some() == (name.is_some() && message.kind == MessageKind::Request),
                    "{id}: a request has a response in each dialect that it exists in, and a notification has none"
                );
            }
            // `KeepAlive` is spelt alike in both dialects.
            let spelt: BTreeSet<_> = [&message.agent, &message.consumer].into_iter().flatten().collect();
            for name in spelt {
                ensure!(names.insert(name), "{id}: the name {name} is taken");
            }
        }
        Ok(())
    }
}
