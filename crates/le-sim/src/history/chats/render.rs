//! The wire text of a chat.

use serde_json::{Value, json};

use super::super::cast::AgentCard;
use super::super::message::{Content, Message};
use super::super::render::{Instant, co_browse_list, sdes_as_text};
use super::Chat;

/// Kinds of lines that the system writes.
const CONNECTED: i64 = 3;
const ENDED: i64 = 5;

impl Chat {
    pub(crate) fn visitor(&self) -> String {
        let own = self.story.channel.visitor_id.as_ref();
        own.unwrap_or(&self.story.consumer.visitor_id).clone()
    }

    /// The record. `complete`: it was asked for by its id, and is never shown in part. `enriched`: engagement attributes
    /// have come.
    pub(super) fn record(&self, account: &str, complete: bool, enriched: bool) -> Value {
        let partial = self.story.partial && !complete;
        let mut record = json!({
            "info": self.info(account, partial, enriched),
            "transcript": { "lines": self.lines(partial) },
            "lineScores": self.line_scores(),
            "surveys": self.surveys(),
            "coBrowseSessions": { "coBrowseSessionsList": self.co_browse() },
            "sdes": if enriched { sdes_as_text(&self.story) } else { json!({ "events": [] }) },
        });
        if let Some(campaign) = self.campaign() {
            record["campaign"] = campaign;
        }
        if let Some(visitor) = self.visitor_info() {
            record["visitorInfo"] = visitor;
        }
        record
    }

    fn info(&self, account: &str, partial: bool, enriched: bool) -> Value {
        let story = &self.story;
        let (end_reason, end_text) = self.end_reason();
        let mut info = json!({
            "engagementId": self.id,
            "sharkEngagementId": format!("{account}_{:x}_1", story.start),
            "accountId": account,
            "startTime": Instant(self.connected), "startTimeL": self.connected,
            "endTime": Instant(self.ended), "endTimeL": self.ended,
            "chatRequestedTime": Instant(story.start), "chatRequestedTimeL": story.start,
            "duration": self.duration_s(),
            "visitorId": self.visitor(), "visitorName": self.visitor_name(),
            "isInteractive": self.interactive, "interactive": self.interactive, "ended": true,
            "skillId": story.latest_skill.id, "skillName": story.latest_skill.name,
            "channel": 1,
            "startReason": "0", "startReasonDesc": "Visitor request",
            "endReason": end_reason.to_string(), "endReasonDesc": end_text,
            "engagementSet": 0, "engagementSequence": story.transfers.len(),
            "isAgentSurvey": story.agent_survey.is_some(),
            "isPreChatSurvey": self.has_pre_chat_survey(),
            "isPostChatSurvey": story.surveys.iter().any(|survey| !survey.answers.is_empty()),
            "mcs": null, "alertedMCS": story.alerted_mcs(), "chatMCS": story.mcs(),
            "isPartial": partial, "chatDataEnriched": enriched,
        });
        if let Some(agent) = self.agent() {
            info["agentId"] = json!(agent.id);
            info["agentNickName"] = json!(agent.nickname);
            info["agentLoginName"] = json!(agent.login_name);
            info["agentFullName"] = json!(agent.full_name);
            info["agentDeleted"] = json!(agent.deleted);
            info["agentGroupId"] = json!(agent.group_id);
            info["agentGroupName"] = json!(agent.group_name);
        }
        if let Some(visit) = &story.monitoring {
            info["chatStartUrl"] = json!(visit.start_page);
            info["chatStartPage"] = json!(visit.start_page_title);
        }
        info
    }

    pub(crate) fn end_reason(&self) -> (i64, &'static str) {
        match self.story.close.as_ref().map(|close| close.reason) {
            Some("AGENT") => (201, "Agent stopped"),
            Some("CONSUMER") => (210, "Visitor closed chat"),
            Some("SYSTEM") => (208, "Visitor no longer in chat"),
            _ => (205, "Visitor disconnected"),
        }
    }

    fn visitor_name(&self) -> &str {
        &self.story.consumer.given_name
    }

    fn has_pre_chat_survey(&self) -> bool {
        self.interactive && self.place.is_multiple_of(3)
    }

    fn lines(&self, partial: bool) -> Vec<Value> {
        let all = self.main_messages().count();
        let shown = if partial { all.div_ceil(2) } else { all };
        let system = |time: i64, control: i64, text: String, seq: usize| {
            json!({ "time": Instant(time), "timeL": time, "textType": "plain", "text": text, "by": "info",
                "source": "system", "subType": "REGULAR", "controlType": control, "cannedAnswerType": 0, "agentId": 0,
                "lineSeq": seq.to_string() })
        };
        let name = self.agent().map_or("", |agent| agent.nickname.as_str());
        let mut lines = vec![system(
            self.connected,
            CONNECTED,
            format!("You are now chatting with {name}."),
            0,
        )];
        lines.extend(
            self.main_messages()
                .take(shown)
                .enumerate()
                .map(|(place, message)| self.line(place, message)),
        );
        if !partial {
            lines.push(system(self.ended, ENDED, "The chat has ended.".to_owned(), all + 1));
        }
        lines
    }

    pub(in crate::history) fn main_messages(&self) -> impl Iterator<Item = &Message> {
        self.story.messages.iter().filter(|message| message.dialog == 0)
    }

    fn line(&self, place: usize, message: &Message) -> Value {
        let agent = message.agent.as_deref();
        let canned = message.predefined.as_ref().map_or(0, |canned| {
            let id = i64::from(canned.id);
            if canned.edited { -id } else { id }
        });
        let mut line = json!({
            "time": Instant(message.time), "timeL": message.time,
            "by": agent.map_or(self.visitor_name(), |agent| agent.nickname.as_str()),
            "source": if agent.is_some() { "agent" } else { "visitor" },
            "subType": if message.internal { "ONLY_TO_REP" } else { "REGULAR" },
            "controlType": 0, "cannedAnswerType": canned,
            "agentId": agent.map_or(0, number),
            "lineSeq": (place + 1).to_string(),
        });
        match &message.content {
            Content::Rich { content, .. } => {
                line["textType"] = json!("rich-content");
                line["json"] = serde_json::from_str(content).unwrap_or(Value::Null);
            }
            Content::Html(text) => {
                line["textType"] = json!("html");
                line["text"] = json!(text);
            }
            Content::Link { address, .. } => {
                line["textType"] = json!("url");
                line["text"] = json!(address);
            }
            content => {
                line["textType"] = json!("plain");
                line["text"] = json!(content.searchable().unwrap_or(""));
            }
        }
        line
    }

    fn line_scores(&self) -> Vec<Value> {
        let seq = |message: usize| {
            let scored = &self.story.messages[message];
            self.main_messages().position(|one| std::ptr::eq(one, scored))
        };
        self.story
            .scores
            .iter()
            .filter_map(|score| {
                let seq = seq(score.message)? + 1;
                Some(json!({ "lineSeq": seq.to_string(), "lineRawScore": score.raw, "mcs": score.mcs }))
            })
            .collect()
    }

    fn surveys(&self) -> Value {
        let story = &self.story;
        let entry = |source: &str,
                     question: &str,
                     value: &str,
                     answers: Vec<i64>,
                     name: &str,
                     at: i64,
                     id: usize,
                     survey: i64| {
            json!({ "scope": "Session", "source": source, "displayName": question, "value": value, "values": [value],
                "answersId": answers, "name": name, "time": Instant(at), "timeL": at, "questionID": id,
                "surveyID": survey })
        };
        let mut surveys = json!({});
        if self.has_pre_chat_survey() {
            let at = story.start - 2_000;
            let name = entry("Pre-Chat", "Name", self.visitor_name(), vec![-1], "Intake", at, 1, 500);
            surveys["preChat"] = json!([name]);
        }
        let answers = story.surveys.iter().flat_map(|survey| &survey.answers);
        let exit: Vec<Value> = answers
            .enumerate()
            .map(|(place, one)| {
                let ids = match one.answer.parse::<i64>() {
                    _ if !one.valid => vec![-2],
                    Ok(index) => vec![index],
                    Err(_) => vec![-1],
                };
                entry(
                    "Exit",
                    &one.question,
                    &one.answer,
                    ids,
                    "Exit survey",
                    self.ended + 5_000,
                    place + 1,
                    501,
                )
            })
            .collect();
        if !exit.is_empty() {
            surveys["postChat"] = Value::Array(exit);
        }
        if let Some(survey) = &story.agent_survey {
            let answers = survey.answers.iter().enumerate().map(|(place, one)| {
                entry(
                    "Operator",
                    one.question,
                    one.answer,
                    vec![0],
                    survey.name,
                    survey.updated,
                    place + 1,
                    502,
                )
            });
            surveys["operator"] = answers.collect();
        }
        surveys
    }

    fn campaign(&self) -> Option<Value> {
        let campaign = self.story.campaign.as_ref()?;
        let ids = campaign.ids;
        let (lob_id, lob_name) = campaign.line_of_business.unwrap_or((-1, "NA"));
        // The id of the line of business comes as a number and as text.
        let lob_id = if self.place.is_multiple_of(2) {
            json!(lob_id)
        } else {
            json!(lob_id.to_string())
        };
        let mut wire = json!({
            "campaignId": ids.campaign.to_string(), "campaignName": campaign.name,
            "campaignEngagementId": ids.engagement.to_string(), "campaignEngagementName": campaign.engagement_name,
            "goalId": ids.goal.to_string(), "goalName": campaign.goal_name,
            "visitorBehaviorId": ids.behavior.to_string(), "visitorBehaviorName": campaign.behavior_name,
            "visitorProfileId": ids.profile.to_string(), "visitorProfileName": campaign.profile_name,
            "lobId": lob_id, "lobName": lob_name,
        });
        if let Some(note) = &campaign.agent_note {
            wire["engagementAgentNote"] = json!(note);
        }
        Some(wire)
    }

    fn visitor_info(&self) -> Option<Value> {
        let visit = self.story.monitoring.as_ref()?;
        let channel = &self.story.channel;
        let browser = channel.browser.unwrap_or("");
        Some(json!({
            "country": visit.country, "countryCode": visit.country_code, "state": visit.state.unwrap_or(""),
            "city": visit.city, "isp": visit.isp, "org": visit.isp, "device": channel.device.unwrap_or("NA"),
            "ipAddress": channel.ip_address.as_deref().unwrap_or(""),
            "browser": format!("{browser} {}", channel.browser_version.as_deref().unwrap_or("")).trim(),
            "operatingSystem": channel.operating_system.unwrap_or("NA"), "browserType": browser,
        }))
    }

    /// As in conversations, without agent and capabilities.
    fn co_browse(&self) -> Vec<Value> {
        let mut sessions = co_browse_list(&self.story);
        for session in sessions.iter_mut().filter_map(Value::as_object_mut) {
            session.remove("agentId");
            session.remove("capabilities");
        }
        sessions
    }
}

/// An agent id as the number that it is.
pub(in crate::history) fn number(agent: &AgentCard) -> i64 {
    agent.id.parse().unwrap_or(0)
}
