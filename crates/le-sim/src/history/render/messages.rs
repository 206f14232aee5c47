//! `messageRecords`, `messageStatuses`, `messageScores`.

use serde::ser::{Serialize, SerializeSeq, Serializer};
use serde_json::{Value, json};

use super::super::conversation::Conversation;
use super::super::message::{Content, ContextData, Message};
use super::values::{MessageId, dialog_id};
use super::{Instant, View};

/// How many of the messages are shown: a partial record shows the first half.
pub(super) fn shown(conversation: &Conversation, view: &View<'_>) -> usize {
    let all = conversation.messages.len();
    if conversation.partial && !view.complete {
        all.div_ceil(2)
    } else {
        all
    }
}

pub(super) struct Records<'a> {
    pub(super) conversation: &'a Conversation,
    pub(super) view: &'a View<'a>,
    pub(super) shown: usize,
}

impl Serialize for Records<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(Some(self.shown))?;
        for (place, message) in self.conversation.messages.iter().take(self.shown).enumerate() {
            list.serialize_element(&record(self.conversation, self.view, place, message))?;
        }
        list.end()
    }
}

#[derive(serde::Serialize)]
#[serde(rename_all = "camelCase")]
struct Record<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    message_data: MessageData<'a>,
    message_id: MessageId<'a>,
    seq: u32,
    dialog_id: &'a str,
    participant_id: &'a str,
    audience: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    device: Option<&'static str>,
    time: Instant,
    time_l: i64,
    sent_by: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    context_data: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    predefined_content: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    predefined_content_edited: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    predefined_content_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    predefined_content_category_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    predefined_content_language: Option<&'static str>,
}

fn record<'a>(conversation: &'a Conversation, view: &View<'_>, place: usize, message: &'a Message) -> Record<'a> {
    let predefined = message.predefined.as_ref();
    Record {
        kind: message.content.kind(),
        message_data: data(&message.content, view.complete),
        message_id: MessageId {
            conversation,
            message: place,
        },
        seq: message.seq,
        dialog_id: dialog_id(conversation, message.dialog),
        participant_id: message
            .agent
            .as_ref()
            .map_or(&conversation.consumer.id, |agent| &agent.id),
        audience: if message.internal { "AGENTS_AND_MANAGERS" } else { "ALL" },
        // Both are deprecated, and sent with what the consumer wrote.
        source: message.agent.is_none().then_some(conversation.channel.source),
        device: message.agent.is_none().then_some(conversation.channel.device).flatten(),
        time: Instant(message.time),
        time_l: message.time,
        sent_by: if message.agent.is_some() { "Agent" } else { "Consumer" },
        context_data: message.context.as_deref().map(context),
        predefined_content: predefined.map(|_| true),
        predefined_content_edited: predefined.map(|predefined| predefined.edited),
        predefined_content_id: predefined.map(|predefined| predefined.id.to_string()),
        predefined_content_category_id: predefined.map(|predefined| predefined.category.to_string()),
        predefined_content_language: predefined.map(|predefined| predefined.language),
    }
}

#[derive(Default, serde::Serialize)]
#[serde(rename_all = "camelCase")]
struct MessageData<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    msg: Option<Words<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rich_content: Option<Encoded<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    quick_replies: Option<Encoded<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<File<'a>>,
    /// The pages give the fields of links and secure forms, not the key around them: these two keys are our choice.
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<Link<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    secure_form: Option<SecureForm<'a>>,
}

#[derive(serde::Serialize)]
struct Words<'a> {
    text: &'a str,
}

#[derive(serde::Serialize)]
struct Encoded<'a> {
    content: &'a str,
}

#[derive(serde::Serialize)]
#[serde(rename_all = "camelCase")]
struct File<'a> {
    relative_path: &'a str,
    file_type: &'static str,
    caption: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    preview: Option<&'a str>,
}

#[derive(serde::Serialize)]
#[serde(rename_all = "camelCase")]
struct Link<'a> {
    external_file_link: &'a str,
    file_type: Option<&'static str>,
    caption: &'a str,
}

#[derive(serde::Serialize)]
#[serde(rename_all = "camelCase")]
struct SecureForm<'a> {
    form_id: String,
    form_name: &'static str,
    invitation_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    submission_id: Option<&'a str>,
}

fn data(content: &Content, complete: bool) -> MessageData<'_> {
    let empty = MessageData::default();
    match content {
        Content::Plain(text) | Content::Html(text) => MessageData {
            msg: Some(Words { text }),
            ..empty
        },
        Content::QuickReplies { text, replies } => MessageData {
            msg: Some(Words { text }),
            quick_replies: Some(Encoded { content: replies }),
            ..empty
        },
        Content::Rich { content, replies } => MessageData {
            rich_content: Some(Encoded { content }),
            quick_replies: replies.as_deref().map(|content| Encoded { content }),
            ..empty
        },
        Content::Link { address, caption } => MessageData {
            link: Some(Link {
                external_file_link: address,
                file_type: None,
                caption,
            }),
            ..empty
        },
        Content::File {
            path,
            kind,
            caption,
            preview,
        } => MessageData {
            file: Some(File {
                relative_path: path,
                file_type: kind,
                caption,
                preview: complete.then_some(preview.as_str()),
            }),
            ..empty
        },
        Content::FormInvitation { form, name, invitation } => MessageData {
            secure_form: Some(SecureForm {
                form_id: form.to_string(),
                form_name: name,
                invitation_id: invitation,
                submission_id: None,
            }),
            ..empty
        },
        Content::FormSubmission {
            form,
            name,
            invitation,
            submission,
        } => MessageData {
            secure_form: Some(SecureForm {
                form_id: form.to_string(),
                form_name: name,
                invitation_id: invitation,
                submission_id: Some(submission),
            }),
            ..empty
        },
    }
}

/// `contextData`: the raw form is JSON text of typed entries, the structured form has one key per entry.
fn context(context: &ContextData) -> Value {
    match context {
        ContextData::BotResponse {
            conversation,
            business_case,
            intent,
            confidence,
        } => {
            let level = match confidence {
                0..500 => "LOW",
                500..800 => "MEDIUM",
                _ => "HIGH",
            };
            let score = f64::from(*confidence) / 1000.0;
            let intents = json!([{"id": intent, "name": intent, "confidence": level, "confidenceScore": score}]);
            let response = json!({
                "externalConversationId": conversation, "businessCases": [business_case], "intents": intents,
            });
            let raw = json!([{
                "type": "BotResponse", "externalConversationId": conversation, "businessCases": [business_case],
                "intents": intents,
            }]);
            json!({"rawMetadata": raw.to_string(), "structuredMetadata": [{"botResponse": response}]})
        }
        ContextData::ActionReason(reason) => {
            let raw = json!([{"type": "ActionReason", "reason": reason, "reasonId": "12"}]);
            json!({"rawMetadata": raw.to_string(), "structuredMetadata": [{"actionReason": {"reason": reason}}]})
        }
        ContextData::Summary(text) => {
            json!({"rawMetadata": json!([{"type": "ConversationSummary", "text": text}]).to_string()})
        }
    }
}

pub(super) struct Statuses<'a> {
    pub(super) conversation: &'a Conversation,
    pub(super) shown: usize,
}

#[derive(serde::Serialize)]
#[serde(rename_all = "camelCase")]
struct Status<'a> {
    message_id: MessageId<'a>,
    seq: u32,
    dialog_id: &'a str,
    time: Instant,
    time_l: i64,
    participant_id: &'a str,
    participant_type: &'static str,
    message_delivery_status: &'static str,
}

impl Serialize for Statuses<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let conversation = self.conversation;
        serializer.collect_seq(
            conversation
                .statuses
                .iter()
                .filter(|status| status.message < self.shown)
                .map(|status| {
                    let message = &conversation.messages[status.message];
                    Status {
                        message_id: MessageId {
                            conversation,
                            message: status.message,
                        },
                        seq: message.seq,
                        dialog_id: dialog_id(conversation, message.dialog),
                        time: Instant(status.time),
                        time_l: status.time,
                        participant_id: status
                            .agent
                            .as_ref()
                            .map_or(&conversation.consumer.id, |agent| &agent.id),
                        participant_type: if status.agent.is_some() { "Agent" } else { "Consumer" },
                        message_delivery_status: status.status,
                    }
                }),
        )
    }
}

pub(super) struct Scores<'a> {
    pub(super) conversation: &'a Conversation,
    pub(super) shown: usize,
}

#[derive(serde::Serialize)]
#[serde(rename_all = "camelCase")]
struct Score<'a> {
    message_id: MessageId<'a>,
    message_raw_score: i64,
    mcs: i64,
    time: Instant,
    time_l: i64,
}

impl Serialize for Scores<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let conversation = self.conversation;
        serializer.collect_seq(
            conversation
                .scores
                .iter()
                .filter(|score| score.message < self.shown)
                .map(|score| Score {
                    message_id: MessageId {
                        conversation,
                        message: score.message,
                    },
                    message_raw_score: score.raw,
                    mcs: score.mcs,
                    time: Instant(score.time),
                    time_l: score.time,
                }),
        )
    }
}
