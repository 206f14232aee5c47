//! The history as the consumer sees it: Consumer Messaging History
//! (<https://developers.liveperson.com/consumer-messaging-history-api-overview.html>).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::conversation::{Conversation, Dialog};
use super::message::{Content, Message};
use super::schedule::RETENTION;
use super::{BadRequest, History, HistoryKnobs, NoMatch, page};

/// How Consumer Messaging History behaves. A part of [`Behaviour`](crate::Behaviour), under `consumer_history`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct ConsumerHistoryKnobs {
    /// What must stand before the consumer's token in `Authorization`. The pages do not say.
    pub prefix: TokenPrefix,
    /// How long after its end a conversation counts as archived, milliseconds; before, its state is `close`.
    pub archived_ms: u64,
    /// `true`: records of one conversation come in the order of time (the default); `false`: receipts come behind the
    /// messages, as in the example.
    pub in_order: bool,
}

impl Default for ConsumerHistoryKnobs {
    fn default() -> Self {
        Self {
            prefix: TokenPrefix::Any,
            archived_ms: 0,
            in_order: true,
        }
    }
}

/// The scheme of the `Authorization` header of a consumer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum TokenPrefix {
    /// `Bearer`, `jwt`, or the bare token.
    #[default]
    Any,
    /// `Bearer`.
    Bearer,
    /// `jwt`, as on consumer sockets.
    Jwt,
    /// The bare token.
    Bare,
}

/// A call of a consumer that is known.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ConsumerCall<'a> {
    pub(crate) consumer: &'a str,
    pub(crate) query: &'a [(String, String)],
    pub(crate) now_ms: i64,
    pub(crate) base: &'a str,
    pub(crate) history: &'a HistoryKnobs,
    pub(crate) knobs: &'a ConsumerHistoryKnobs,
}

impl ConsumerCall<'_> {
    fn value(&self, name: &str) -> Option<&str> {
        let found = self.query.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// Which conversations are asked for.
struct Wanted {
    closed: bool,
    archived: bool,
    from: i64,
    to: i64,
}

impl Wanted {
    fn read(call: &ConsumerCall<'_>) -> Result<Self, BadRequest> {
        let (mut closed, mut archived) = (false, false);
        for state in call.value("state").unwrap_or("archive").split(',') {
            match state.trim().to_ascii_lowercase().as_str() {
                "close" => closed = true,
                "archive" => archived = true,
                other => return Err(BadRequest(format!("state: must be close or archive, not {other:?}"))),
            }
        }
        let bound = |name: &str| {
            let parse = |text: &str| {
                let wrong = || BadRequest(format!("{name}: must be epoch milliseconds, not {text:?}"));
                text.parse::<i64>().map_err(|_| wrong())
            };
            call.value(name).map(parse).transpose()
        };
        let (from, to) = match (bound("startFrom")?, bound("startTo")?) {
            (None, None) => (call.now_ms - RETENTION, call.now_ms),
            (Some(from), Some(to)) if from > to => {
                return Err(BadRequest("startFrom: is after startTo".to_owned()));
            }
            (Some(from), Some(to)) => (from.max(call.now_ms - RETENTION), to),
            _ => return Err(BadRequest("startFrom, startTo: both or none must be given".to_owned())),
        };
        Ok(Self {
            closed,
            archived,
            from,
            to,
        })
    }

    /// Open conversations are not part of this history.
    fn has(&self, conversation: &Conversation, call: &ConsumerCall<'_>) -> bool {
        let archived_ms = i64::try_from(call.knobs.archived_ms).unwrap_or(i64::MAX);
        let archived = conversation
            .full_end
            .is_some_and(|end| end.saturating_add(archived_ms) <= call.now_ms);
        !conversation.is_open()
            && (self.from..=self.to).contains(&conversation.start)
            && if archived { self.archived } else { self.closed }
    }
}

impl History {
    /// The consumer's conversations: status and body. `None`: 204.
    pub(crate) fn consumer_metadata(&self, call: ConsumerCall<'_>) -> (u16, Option<Value>) {
        match self.metadata_page(&call) {
            Ok(answer) => answer,
            Err(BadRequest(message)) => (400, Some(json!({ "debugMessage": message }))),
        }
    }

    fn metadata_page(&self, call: &ConsumerCall<'_>) -> Result<(u16, Option<Value>), BadRequest> {
        let (offset, limit) = page::place(call.query, call.history.above_limit)?;
        let wanted = Wanted::read(call)?;
        let sort = page::sort(call.value("sort"))?;
        let index = self.read();
        let places = index.of_consumer(call.consumer).iter();
        let mut found: Vec<Conversation> = places
            .map(|place| index.conversation(*place as usize))
            .filter(|conversation| wanted.has(conversation, call))
            .collect();
        found.sort_by_key(|conversation| {
            if sort.by_end {
                conversation.end().unwrap_or(i64::MAX)
            } else {
                conversation.start
            }
        });
        if sort.descending {
            found.reverse();
        }
        let path = format!(
            "{}/messaging_history/api/account/{}/conversations/consumer/metadata/search",
            call.base.trim_end_matches('/'),
            self.account
        );
        let metadata = page::links(&path, call.query, offset, limit, found.len());
        if found.is_empty() && call.history.no_match == NoMatch::NoContent {
            return Ok((204, None));
        }
        let mut body = json!({ "_responseMetadata": metadata });
        if !found.is_empty() || call.history.no_match == NoMatch::EmptyList {
            let records = found.iter().skip(offset).take(limit).map(metadata_record);
            body["conversationHistoryMetadataRecords"] = records.collect();
        }
        Ok((200, Some(body)))
    }

    /// The messages of one of the consumer's conversations.
    pub(crate) fn consumer_content(&self, call: ConsumerCall<'_>) -> (u16, Option<Value>) {
        let Some(id) = call.value("conversationId") else {
            return (400, Some(json!({ "debugMessage": "conversationId: is required" })));
        };
        let index = self.read();
        let place = index
            .find(id)
            .filter(|place| index.of_consumer(call.consumer).contains(place));
        let Some(conversation) = place.map(|place| index.conversation(place as usize)) else {
            let message = "the consumer has no conversation with this id";
            return (404, Some(json!({ "debugMessage": message })));
        };
        let mut records = events(&conversation);
        if call.knobs.in_order {
            records.sort_by_key(|record| record["serverTimestamp"].as_i64());
        }
        (200, Some(json!({ "messageEventRecords": records })))
    }
}

/// Who takes part: ids that consumers may know, without repetition.
fn participants(conversation: &Conversation, dialog: Option<usize>) -> Vec<Value> {
    let mut all: Vec<(&str, &str)> = vec![(&conversation.consumer.id, "CONSUMER")];
    let joins = conversation.joins.iter();
    for join in joins.filter(|join| dialog.is_none_or(|dialog| join.dialog == dialog)) {
        let role = match join.permission {
            "SUGGESTED_ASSIGNED_AGENT" => continue,
            // The surveying bot takes part as an agent, which this API has no role for.
            "AGENT" => "ASSIGNED_AGENT",
            role => role,
        };
        if !all.contains(&(&join.agent.pid, role)) {
            all.push((&join.agent.pid, role));
        }
    }
    all.into_iter()
        .map(|(id, role)| json!({ "id": id, "role": role }))
        .collect()
}

fn state(ended: bool) -> &'static str {
    if ended { "CLOSE" } else { "OPEN" }
}

fn metadata_record(conversation: &Conversation) -> Value {
    let dialogs: Vec<Value> = conversation
        .dialogs
        .iter()
        .enumerate()
        .map(|(number, dialog)| dialog_record(conversation, number, dialog))
        .collect();
    let mut record = json!({
        "convId": conversation.id,
        "participants": participants(conversation, None),
        "dialogs": dialogs,
        "state": state(conversation.close.is_some()),
        "stage": state(conversation.full_end.is_some()),
        "startTs": conversation.start,
        "endTs": conversation.end(),
    });
    if let Some(close) = &conversation.close {
        record["closeReason"] = json!(close.reason);
    }
    if let Some(rate) = conversation.csat() {
        let solved = conversation.surveys.iter().flat_map(|survey| &survey.answers);
        let solved = solved.filter(|answer| answer.question_type == "fcr" && answer.valid);
        let confirmed = solved.map(|answer| matches!(&*answer.answer, "yes" | "1")).next();
        let status = if confirmed.is_some() {
            "FILLED"
        } else {
            "PARTIALLY_FILLED"
        };
        let mut csat = Map::from_iter([
            ("csatRate".to_owned(), json!(rate)),
            ("status".to_owned(), json!(status)),
        ]);
        csat.extend(confirmed.map(|confirmed| ("csatResolutionConfirmation".to_owned(), json!(confirmed))));
        record["csat"] = Value::Object(csat);
    }
    record
}

fn dialog_record(conversation: &Conversation, number: usize, dialog: &Dialog) -> Value {
    let by = |reason: &str| match reason {
        "AGENT" => "Agent",
        "CONSUMER" => "Consumer",
        "TIMEOUT" => "Timeout",
        _ => "System",
    };
    json!({
        "dialogId": dialog.id,
        "participantsDetails": participants(conversation, Some(number)),
        "dialogType": if dialog.survey.is_some() { "POST_SURVEY" } else { "MAIN" },
        "state": state(dialog.end.is_some()),
        "closedBy": dialog.close_reason.map(|(reason, _)| by(reason)),
        "creationTs": dialog.start, "endTs": dialog.end, "channelType": "MESSAGING",
    })
}

/// Messages that consumers see, and what was reported about them.
fn events(conversation: &Conversation) -> Vec<Value> {
    let messages = conversation.messages.iter().filter(|message| !message.internal);
    let said = messages.map(|message| {
        let mut record = envelope(conversation, message.agent.as_deref(), message.dialog, message.time);
        record["sequence"] = json!(message.seq);
        record["event"] = event(message);
        record
    });
    let reported = conversation.statuses.iter().filter_map(|status| {
        let about = conversation
            .messages
            .get(status.message)
            .filter(|message| !message.internal)?;
        let mut record = envelope(conversation, status.agent.as_deref(), about.dialog, status.time);
        record["event"] = json!({ "type": "AcceptStatusEvent", "status": status.status, "sequenceList": [about.seq] });
        Some(record)
    });
    said.chain(reported).collect()
}

fn envelope(conversation: &Conversation, agent: Option<&super::cast::AgentCard>, dialog: usize, at: i64) -> Value {
    let id = agent.map_or(&conversation.consumer.id, |agent| &agent.pid);
    let role = if agent.is_some() { "ASSIGNED_AGENT" } else { "CONSUMER" };
    json!({
        "originatorId": id, "originatorMetadata": { "id": id, "role": role },
        "serverTimestamp": at, "dialogId": conversation.dialogs[dialog].id,
    })
}

fn event(message: &Message) -> Value {
    let content =
        |kind: &str, message: Value| json!({ "type": "ContentEvent", "contentType": kind, "message": message });
    match &message.content {
        Content::Plain(text) | Content::QuickReplies { text, .. } => content("text/plain", json!(text)),
        Content::Html(text) => content("text/html", json!(text)),
        Content::Rich { content, .. } => json!({ "type": "RichContentEvent", "content": content }),
        Content::Link { address, .. } => content("text/plain", json!(address)),
        Content::File {
            path,
            kind,
            caption,
            preview,
        } => {
            let file = json!({ "caption": caption, "relativePath": path, "fileType": kind, "preview": preview });
            content("hosted/file", file)
        }
        Content::FormInvitation { name, invitation, .. } => content(
            "forms/secure-invitation",
            json!({ "invitationId": invitation, "title": name }),
        ),
        Content::FormSubmission { invitation, .. } => {
            content("forms/secure-submission", json!({ "invitationId": invitation }))
        }
    }
}
