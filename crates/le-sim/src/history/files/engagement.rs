//! `EngagementData`.

use serde_json::{Value, json};

use super::Body;
use super::avro::{array, boolean, int, long, named, optional, string, visitor_header};
use crate::history::chats::Chat;
use crate::history::conversation::{Conversation, Transfer};
use crate::history::message::{Content, Message};

/// Visitor request.
const REQUESTED: i64 = 0;

pub(super) fn of_chat(chat: &Chat) -> Body {
    let told = Told {
        story: &chat.story,
        kind: "LIVE_CHAT",
        id: &chat.id,
        consumer: None,
        visitor: &chat.visitor(),
        connected: chat.connected,
        ended: chat.ended,
        interactive: chat.interactive,
        end_reason: chat.end_reason().0,
        messages: chat.main_messages().collect(),
    };
    told.body()
}

pub(super) fn of_conversation(story: &Conversation) -> Body {
    let ended = story.end().unwrap_or(story.start);
    let told = Told {
        story,
        kind: "MESSAGING",
        id: &story.id,
        consumer: Some(&story.consumer.id),
        visitor: story.channel.visitor_id.as_deref().unwrap_or(""),
        connected: story.joins.iter().map(|join| join.time).min().unwrap_or(story.start),
        ended,
        interactive: story.messages.iter().any(|message| message.agent.is_none()),
        end_reason: match story.close.as_ref().map(|close| close.reason) {
            Some("AGENT") => 201,
            Some("CONSUMER") => 210,
            Some("SYSTEM") => 208,
            _ => 205,
        },
        messages: story.messages.iter().collect(),
    };
    told.body()
}

/// What a chat and a conversation have in common.
struct Told<'a> {
    story: &'a Conversation,
    kind: &'static str,
    id: &'a str,
    consumer: Option<&'a str>,
    visitor: &'a str,
    connected: i64,
    ended: i64,
    interactive: bool,
    end_reason: i64,
    messages: Vec<&'a Message>,
}

impl Told<'_> {
    fn body(&self) -> Body {
        let channel = &self.story.channel;
        let header = visitor_header(channel.session_id.as_deref(), self.visitor);
        let body = json!({ "header": header, "engagements": array(vec![named("Conversation", self.conversation())]) });
        Body {
            at: self.ended,
            body: named("EngagementData", body),
        }
    }

    fn conversation(&self) -> Value {
        let story = self.story;
        let campaign = story.campaign.as_ref().map(|campaign| {
            let ids = campaign.ids;
            named(
                "CampaignData",
                json!({ "campaignId": long(ids.campaign), "campaignEngagementId": long(ids.engagement) }),
            )
        });
        let visit = story.monitoring.as_ref();
        let device = story.channel.device.filter(|device| *device != "undefined");
        json!({
            "type": named("ConversationType", json!(self.kind)),
            "conversationId": string(self.id),
            "conversationStartTime": long(story.start),
            "interactionStartTime": long(self.connected),
            "conversationEndTime": long(self.ended),
            "consumerId": optional(self.consumer, string),
            "isInteractive": boolean(self.interactive),
            "sourceOrigin": string(if story.channel.source == "SHARK" { "Web" } else { story.channel.source }),
            "sourceDevice": optional(device, |device| named("DeviceFamily", json!(device))),
            "startReasonId": int(REQUESTED),
            "endReasonId": int(self.end_reason),
            "campaignData": campaign,
            "skills": array(self.skills()),
            "startPage": optional(visit.map(|visit| visit.start_page_title), string),
            "startUrl": optional(visit.map(|visit| visit.start_page.to_string()), string),
            "transcripts": array(self.messages.iter().map(|message| self.line(message)).collect()),
            "transfers": array(story.transfers.iter().map(transfer).collect()),
            "secureForms": array(Vec::new()),
            "mcs": optional(story.mcs(), int),
            "queueStartTime": long(story.start),
            "queueEndTime": long(self.connected),
        })
    }

    fn skills(&self) -> Vec<Value> {
        let mut skills: Vec<i64> = self.story.skills().filter(|skill| *skill != -1).collect();
        skills.sort_unstable();
        skills.dedup();
        skills.into_iter().map(Value::from).collect()
    }

    fn line(&self, message: &Message) -> Value {
        let agent = message.agent.as_deref();
        let (kind, format) = match (&message.content, agent) {
            (Content::Html(_), Some(_)) => ("4", "TEXT_HTML"),
            (Content::Link { .. }, Some(_)) => ("3", "LINK"),
            (Content::File { .. }, _) => ("0", "HOSTED_FILE"),
            (_, Some(_)) if message.internal => ("5", "TEXT_PLAIN"),
            (_, Some(_)) => ("1", "TEXT_PLAIN"),
            (_, None) => ("0", "TEXT_PLAIN"),
        };
        let text = match &message.content {
            Content::Link { address, .. } => address.to_string(),
            Content::Rich { content, .. } => content.clone(),
            content => content.searchable().unwrap_or("").to_owned(),
        };
        let dialog = &self.story.dialogs[message.dialog].id;
        json!({
            "text": string(text), "timestamp": long(message.time),
            "by": string(agent.map_or(&*self.story.consumer.given_name, |agent| agent.nickname.as_str())),
            "type": string(kind), "controlType": string("0"),
            "agentId": string(agent.map_or("0", |agent| agent.id.as_str())),
            // The example writes "Text" where the table has the enumeration.
            "contentFormat": string(if self.kind == "LIVE_CHAT" && format == "TEXT_PLAIN" { "Text" } else { format }),
            "messageId": string(format!("ms::dialog:{dialog}::msg:{}", message.seq)),
            "dialogId": optional((self.kind == "MESSAGING").then_some(dialog.as_str()), string),
            "fileData": null, "linkData": null, "mcs": null,
        })
    }
}

fn transfer(transfer: &Transfer) -> Value {
    let id = |agent: &Option<std::sync::Arc<crate::history::cast::AgentCard>>| {
        optional(agent.as_ref().map(|agent| agent.id.as_str()), string)
    };
    json!({
        "timestamp": long(transfer.time),
        "skillId": long(transfer.source_skill.id), "targetSkillId": long(transfer.target_skill.id),
        "agentId": id(&transfer.source_agent), "targetAgentId": id(&transfer.target_agent),
        "reason": long(2), "queueStartTime": long(transfer.time), "queueEndTime": long(transfer.time),
        "isInteractive": boolean(true),
    })
}
