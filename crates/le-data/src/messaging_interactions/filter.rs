//! The filters of a search. All of them combine with AND.

use std::ops::RangeInclusive;
use std::time::Duration;

use le_core::id::{AgentGroupId, SkillId, SurveyId, UserId};
use le_core::{TimeRange, Timestamp};
use serde_json::{Map, Value, json};

use super::search::SearchConversations;
use crate::generated::enums::{
    AlertedMcs, AnnotationState, ConversationSource, ConversationStatus, Device, MessageContentType, QuestionFormat,
    QuestionType, QueueState, UserPermission,
};

le_core::open_enum! {
    /// The kinds of engagement attributes that can be searched.
    pub enum SdeKey {
        /// The person.
        PersonalInfo => "personalInfo",
        /// The customer's standing.
        CustomerInfo => "customerInfo",
        /// Profile data.
        UserUpdate => "userUpdate",
        /// The campaign that brought them.
        MarketingCampaignInfo => "marketingCampaignInfo",
        /// An interest.
        Lead => "lead",
        /// A purchase.
        Purchase => "purchase",
        /// Products that were looked at.
        ViewedProduct => "viewedProduct",
        /// What is in the cart.
        CartStatus => "cartStatus",
        /// A service request.
        ServiceActivity => "serviceActivity",
        /// An error that the visitor met.
        VisitorError => "visitorError",
        /// What was searched for.
        SearchContent => "searchContent",
    }
}

fn millis(range: TimeRange) -> Value {
    json!({ "from": range.from().as_millis(), "to": range.to().as_millis() })
}

/// Who, when and where.
impl SearchConversations {
    /// In one of these states.
    pub fn status(mut self, states: impl IntoIterator<Item = ConversationStatus>) -> Self {
        self.request.extend("status", states);
        self
    }

    /// Ended within the range. The service rounds it outwards to ten minutes; it may span three months.
    pub fn ended(mut self, range: TimeRange) -> Self {
        self.span("end", range);
        self.request.set("end", millis(range));
        self
    }

    /// Ended, survey included, within the range. Rounded and limited as [`ended`](Self::ended).
    pub fn full_dialog_ended(mut self, range: TimeRange) -> Self {
        self.span("fullDialogEndTime", range);
        self.request.set("fullDialogEndTime", millis(range));
        self
    }

    /// Changed at `since` or later (rounded down to ten minutes): the base of incremental exports.
    ///
    /// The range of starts still holds. Records do not say when they changed: take the clock before the first request of a run
    /// as the bookmark of the next, with 30 minutes of overlap.
    pub fn updated_since(mut self, since: Timestamp) -> Self {
        self.request
            .set("latestUpdateTime", json!({ "from": since.as_millis() }));
        self
    }

    /// Went through this skill.
    pub fn skill(self, skill: impl Into<SkillId>) -> Self {
        self.skills([skill.into()])
    }

    /// Went through one of these skills.
    pub fn skills(mut self, skills: impl IntoIterator<Item = impl Into<SkillId>>) -> Self {
        self.request.extend("skillIds", skills.into_iter().map(Into::into));
        self
    }

    /// Was last in one of these skills.
    pub fn latest_skills(mut self, skills: impl IntoIterator<Item = impl Into<SkillId>>) -> Self {
        self.request
            .extend("latestSkillIds", skills.into_iter().map(Into::into));
        self
    }

    /// One of these agents was assigned to it, or took part as [`user_permissions`](Self::user_permissions) says.
    pub fn agents(mut self, agents: impl IntoIterator<Item = impl Into<UserId>>) -> Self {
        self.request.extend("agentIds", agents.into_iter().map(Into::into));
        self
    }

    /// One of these agents was the latest.
    pub fn latest_agents(mut self, agents: impl IntoIterator<Item = impl Into<UserId>>) -> Self {
        self.request
            .extend("latestAgentIds", agents.into_iter().map(Into::into));
        self
    }

    /// As what the agents of [`agents`](Self::agents) took part.
    pub fn user_permissions(mut self, permissions: impl IntoIterator<Item = UserPermission>) -> Self {
        self.request.extend("userPermissions", permissions);
        self
    }

    /// Agents of one of these groups took part.
    pub fn agent_groups(mut self, groups: impl IntoIterator<Item = impl Into<AgentGroupId>>) -> Self {
        self.request.extend("agentGroupIds", groups.into_iter().map(Into::into));
        self
    }

    /// Opened through one of these channels (the body's `source`).
    pub fn channels(mut self, channels: impl IntoIterator<Item = impl Into<ConversationSource>>) -> Self {
        self.request.extend("source", channels.into_iter().map(Into::into));
        self
    }

    /// From one of these kinds of device.
    pub fn devices(mut self, devices: impl IntoIterator<Item = impl Into<Device>>) -> Self {
        self.request.extend("device", devices.into_iter().map(Into::into));
        self
    }

    /// Waiting or with an agent.
    pub fn queue_state(mut self, state: QueueState) -> Self {
        self.request.set("latestConversationQueueState", state);
        self
    }

    /// Whether only those count in which the consumer signed in on the way.
    pub fn step_up_only(mut self, yes: bool) -> Self {
        self.request.set("conversationsWithStepUpOnly", yes);
        self
    }

    fn span(&mut self, key: &str, range: TimeRange) {
        let days = range.length().as_secs().div_ceil(86_400);
        self.request.check(days <= 92, || {
            format!("`{key}` spans {days} days; the service takes three months at most (use 89 days or less)")
        });
    }
}

/// What was said and how it went.
impl SearchConversations {
    /// Messages hold this text. Put it in double quotes to look for the phrase.
    pub fn keyword(mut self, text: impl Into<String>) -> Self {
        self.request.text("keyword", text.into());
        self
    }

    /// The summary holds this text. Put it in double quotes to look for the phrase.
    pub fn summary(mut self, text: impl Into<String>) -> Self {
        self.request.text("summary", text.into());
        self
    }

    /// Took between `from` and `to` (whole seconds).
    pub fn duration(mut self, from: Duration, to: Duration) -> Self {
        self.request.seconds("duration", from, to);
        self
    }

    /// Meaningful connection score, within 0 to 100.
    pub fn mcs(mut self, scores: RangeInclusive<u32>) -> Self {
        self.request.score("mcs", scores, 0..=100);
        self
    }

    /// One of these alerted scores.
    pub fn alerted_mcs(mut self, values: impl IntoIterator<Item = AlertedMcs>) -> Self {
        self.request.extend("alertedMcsValues", values);
        self
    }

    /// Customer satisfaction, within 1 to 5.
    pub fn csat(mut self, scores: RangeInclusive<u32>) -> Self {
        self.request.score("csat", scores, 1..=5);
        self
    }

    /// Net promoter score, within 0 to 10.
    pub fn nps(mut self, scores: RangeInclusive<u32>) -> Self {
        self.request.score("nps", scores, 0..=10);
        self
    }

    /// Messages of one of these kinds are in it.
    pub fn message_content_types(mut self, types: impl IntoIterator<Item = MessageContentType>) -> Self {
        self.request.extend("messageContentTypes", types);
        self
    }

    /// Engagement attributes of this kind hold this text; several kinds combine with OR. They can be searched two hours after
    /// they were sent.
    ///
    /// The vendor cannot search numbers of more than three digits: such a text is refused here, since it would find nothing.
    pub fn sde(mut self, kind: impl Into<SdeKey>, text: impl Into<String>) -> Self {
        let (kind, text) = (kind.into(), text.into());
        let longest = text
            .split(|c: char| !c.is_ascii_digit())
            .map(str::len)
            .max()
            .unwrap_or(0);
        self.request.check(longest <= 3, || {
            format!("`sdeSearch.{kind}` holds a number of {longest} digits; the vendor cannot search more than three")
        });
        self.request
            .check(!text.trim().is_empty(), || format!("`sdeSearch.{kind}` is empty"));
        self.request.member("sdeSearch", kind.as_str(), json!(text));
        self
    }

    /// The next answer is due within these bounds; at least one has to be given.
    pub fn response_due(mut self, from: Option<Timestamp>, to: Option<Timestamp>) -> Self {
        self.request.check(from.is_some() || to.is_some(), || {
            "`responseTime` needs at least one bound".to_owned()
        });
        self.request
            .check(from.zip(to).is_none_or(|(from, to)| from <= to), || {
                "`responseTime` ends before it begins".to_owned()
            });
        let bounds = [("from", from), ("to", to)];
        let bounds = bounds
            .into_iter()
            .filter_map(|(key, at)| Some((key.to_owned(), json!(at?.as_millis()))));
        self.request.set("responseTime", bounds.collect::<Map<_, _>>());
        self
    }
}

/// Surveys, intents and annotations.
impl SearchConversations {
    /// A question's name, or the id of its brick, holds this word (survey bot).
    pub fn question_brick(mut self, text: impl Into<String>) -> Self {
        self.request.text("questionBrick", text.into());
        self
    }

    /// The consumer gave a free-text answer that does not fit.
    pub fn invalid_free_text_answer(mut self) -> Self {
        self.request.set("invalidFreeTextAnswer", "INVALID_FREE_TEXT_ANSWER");
        self
    }

    /// Has a survey after the conversation.
    pub fn with_survey_bot(mut self) -> Self {
        self.request.set("surveyBotConversations", "SURVEY_BOT");
        self
    }

    /// One of these surveys was used.
    pub fn surveys(mut self, surveys: impl IntoIterator<Item = impl Into<SurveyId>>) -> Self {
        self.request.extend("surveyIds", surveys.into_iter().map(Into::into));
        self
    }

    /// Solved at the first contact, by the consumer's answer: `yes`, `no`; newer pages add `1`, `0`.
    pub fn first_contact_resolution(mut self, answers: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.request.extend("fcr", answers.into_iter().map(Into::into));
        self
    }

    /// Has survey questions of this kind and form.
    pub fn question_type(mut self, r#type: QuestionType, format: QuestionFormat) -> Self {
        self.request.set(
            "questionTypeAndFormatToRetrieve",
            json!({ "type": r#type, "format": format }),
        );
        self
    }

    /// A free-text answer of a survey is one of these.
    pub fn answers(mut self, texts: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.request.extend("answerText", texts.into_iter().map(Into::into));
        self
    }

    /// One of these intents was found. Not in the vendor's table; seen in clients.
    pub fn intents(mut self, names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.request.extend("intentName", names.into_iter().map(Into::into));
        self
    }

    /// Intents are at least this sure, 0 to 1. Not in the vendor's table; seen in clients.
    pub fn intent_confidence(mut self, score: f64) -> Self {
        self.request.check((0.0..=1.0).contains(&score), || {
            format!("`intentConfidenceScore` {score} does not lie within 0 to 1")
        });
        self.request.set("intentConfidenceScore", score);
        self
    }

    /// Leaves out the intents that were considered and not chosen.
    pub fn selected_intent_only(mut self, yes: bool) -> Self {
        self.request.set("selectedIntentOnly", yes);
        self
    }

    /// Matches surveys of agents.
    pub fn agent_survey(mut self, filter: AgentSurveyFilter) -> Self {
        self.request
            .check(!filter.0.is_empty(), || "`agentSurveySearch` has no part".to_owned());
        self.request.set("agentSurveySearch", filter.0);
        self
    }

    /// Annotations are in one of these states.
    pub fn annotation_states(mut self, states: impl IntoIterator<Item = AnnotationState>) -> Self {
        self.request.extend("annotationStates", states);
        self
    }
}

/// What to look for in surveys of agents. The parts combine with AND.
#[derive(Debug, Clone, Default)]
#[must_use]
pub struct AgentSurveyFilter(Map<String, Value>);

impl AgentSurveyFilter {
    /// Matches everything until a part is added.
    pub fn new() -> Self {
        Self::default()
    }

    fn with(mut self, key: &str, values: impl IntoIterator<Item = Value>) -> Self {
        self.0.insert(key.to_owned(), values.into_iter().collect());
        self
    }

    /// Whether one is still to be filled in.
    pub fn pending(self, yes: bool) -> Self {
        self.with("pendingAgentSurvey", [json!(yes)])
    }

    /// One of these surveys, by number.
    pub fn surveys(self, ids: impl IntoIterator<Item = i64>) -> Self {
        self.with("surveyId", ids.into_iter().map(Value::from))
    }

    /// One of these questions, by id.
    pub fn question_ids(self, ids: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.with("questionId", ids.into_iter().map(|id| Value::from(id.into())))
    }

    /// One of these questions, by name.
    pub fn question_names(self, names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.with("questionName", names.into_iter().map(|name| Value::from(name.into())))
    }

    /// Questions hold one of these words.
    pub fn question_keywords(self, words: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.with(
            "questionKeywords",
            words.into_iter().map(|word| Value::from(word.into())),
        )
    }

    /// Answers hold one of these words.
    pub fn answer_keywords(self, words: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.with("answerKeywords", words.into_iter().map(|word| Value::from(word.into())))
    }
}
