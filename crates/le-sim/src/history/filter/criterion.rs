//! The conditions that look into a conversation, and how they stand in the body.

use super::super::BadRequest;
use super::super::sde::SdeKind;
use super::body::{Body, Range};
use super::text::Words;

/// One condition. Lists mean "any of these".
#[derive(Debug)]
pub(in crate::history) enum Criterion {
    Status(Vec<String>),
    Skills(Vec<i64>),
    LatestSkills(Vec<i64>),
    /// Agents with one of these permissions; no ids: any agent.
    Agents {
        ids: Option<Vec<String>>,
        permissions: Vec<String>,
    },
    LatestAgents(Vec<String>),
    AgentGroups(Vec<i64>),
    Keyword(Words),
    Summary(Words),
    /// Seconds.
    Duration(Range),
    Mcs(Range),
    AlertedMcs(Vec<i64>),
    Csat(Range),
    Nps(Range),
    Source(Vec<String>),
    Device(Vec<String>),
    ContentTypes(Vec<String>),
    QueueState(String),
    /// Any of these.
    Sdes(Vec<(SdeTarget, Words)>),
    ResponseTime(Range),
    QuestionBrick(Words),
    InvalidFreeTextAnswer,
    SurveyBot,
    SurveyIds(Vec<String>),
    Fcr(Vec<String>),
    Question {
        question_type: Option<String>,
        format: Option<String>,
    },
    AnswerText(Vec<Words>),
    Intent {
        names: Option<Vec<String>>,
        confidence: Option<f64>,
        selected_only: bool,
    },
    StepUp,
    AgentSurvey(Box<AgentSurveySearch>),
    Annotation(Vec<String>),
}

/// What a key of `sdeSearch` looks into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::history) enum SdeTarget {
    Kind(SdeKind),
    /// `userUpdate`: the consumer's profile.
    Profile,
}

/// The parts of `agentSurveySearch`; all that are given must hold.
#[derive(Debug, Default)]
pub(in crate::history) struct AgentSurveySearch {
    pub(super) pending: Option<Vec<bool>>,
    pub(super) question_ids: Option<Vec<String>>,
    pub(super) question_names: Option<Vec<String>>,
    pub(super) question_keywords: Option<Vec<Words>>,
    pub(super) answer_keywords: Option<Vec<Words>>,
    pub(super) survey_ids: Option<Vec<i64>>,
}

/// Reads every condition of the body.
pub(super) fn read(body: &Body) -> Result<Vec<Criterion>, BadRequest> {
    let read = [
        body.texts("status")?.map(Criterion::Status),
        body.integers("skillIds")?.map(Criterion::Skills),
        body.integers("latestSkillIds")?.map(Criterion::LatestSkills),
        agents(body)?,
        body.texts("latestAgentIds")?.map(Criterion::LatestAgents),
        body.integers("agentGroupIds")?.map(Criterion::AgentGroups),
        words(body, "keyword")?.map(Criterion::Keyword),
        words(body, "summary")?.map(Criterion::Summary),
        body.range("duration")?.map(Criterion::Duration),
        body.range("mcs")?.map(Criterion::Mcs),
        body.integers("alertedMcsValues")?.map(Criterion::AlertedMcs),
        body.range("csat")?.map(Criterion::Csat),
        body.range("nps")?.map(Criterion::Nps),
        body.texts("source")?.map(Criterion::Source),
        body.texts("device")?.map(Criterion::Device),
        body.texts("messageContentTypes")?.map(Criterion::ContentTypes),
        body.text("latestConversationQueueState")?.map(Criterion::QueueState),
        sdes(body)?,
        response_time(body)?,
        words(body, "questionBrick")?.map(Criterion::QuestionBrick),
        constant(body, "invalidFreeTextAnswer", "INVALID_FREE_TEXT_ANSWER")?
            .then_some(Criterion::InvalidFreeTextAnswer),
        constant(body, "surveyBotConversations", "SURVEY_BOT")?.then_some(Criterion::SurveyBot),
        body.texts("surveyIds")?.map(Criterion::SurveyIds),
        body.texts("fcr")?.map(Criterion::Fcr),
        question(body)?,
        word_lists(body, "answerText")?.map(Criterion::AnswerText),
        intent(body)?,
        body.flag("conversationsWithStepUpOnly")?
            .unwrap_or(false)
            .then_some(Criterion::StepUp),
        agent_survey(body)?,
        body.texts("annotationStates")?.map(Criterion::Annotation),
    ];
    // An empty list restricts nothing: clients send their unset options as [].
    Ok(read
        .into_iter()
        .flatten()
        .filter(|criterion| !criterion.is_empty())
        .collect())
}

impl Criterion {
    fn is_empty(&self) -> bool {
        match self {
            Self::Status(list)
            | Self::LatestAgents(list)
            | Self::Source(list)
            | Self::Device(list)
            | Self::ContentTypes(list)
            | Self::SurveyIds(list)
            | Self::Fcr(list)
            | Self::Annotation(list) => list.is_empty(),
            Self::Skills(list) | Self::LatestSkills(list) | Self::AgentGroups(list) | Self::AlertedMcs(list) => {
                list.is_empty()
            }
            Self::Sdes(list) => list.is_empty(),
            Self::AnswerText(list) => list.is_empty(),
            _ => false,
        }
    }

    /// Whether the same conversation may match at one time and not at another, without having changed.
    pub(in crate::history) fn depends_on_time(&self) -> bool {
        match self {
            Self::Duration(_) | Self::Sdes(_) => true,
            Self::Status(list) => list.iter().any(|status| status == "OVERDUE"),
            _ => false,
        }
    }
}

fn words(body: &Body, key: &str) -> Result<Option<Words>, BadRequest> {
    Ok(body
        .text(key)?
        .filter(|text| !text.trim().is_empty())
        .map(|text| Words::parse(&text)))
}

fn word_lists(body: &Body, key: &str) -> Result<Option<Vec<Words>>, BadRequest> {
    Ok(body
        .texts(key)?
        .map(|texts| texts.iter().map(|text| Words::parse(text)).collect()))
}

/// Without `userPermissions`, agents match as assigned agents. `AGENT_MANGER` is the documented spelling.
fn agents(body: &Body) -> Result<Option<Criterion>, BadRequest> {
    let ids = body.texts("agentIds")?.filter(|ids| !ids.is_empty());
    let permissions = body
        .texts("userPermissions")?
        .filter(|permissions| !permissions.is_empty());
    if ids.is_none() && permissions.is_none() {
        return Ok(None);
    }
    let wire = |permission: String| match permission.as_str() {
        "AGENT_MANGER" | "AGENT_MANAGER" => "MANAGER".to_owned(),
        _ => permission,
    };
    let permissions = permissions.unwrap_or_else(|| vec!["ASSIGNED_AGENT".to_owned()]);
    Ok(Some(Criterion::Agents {
        ids,
        permissions: permissions.into_iter().map(wire).collect(),
    }))
}

fn sdes(body: &Body) -> Result<Option<Criterion>, BadRequest> {
    let Some(object) = body.object("sdeSearch")? else {
        return Ok(None);
    };
    let mut targets: Vec<(&str, SdeTarget)> = SdeKind::ALL
        .into_iter()
        .map(|kind| (kind.payload(), SdeTarget::Kind(kind)))
        .collect();
    targets.push(("userUpdate", SdeTarget::Profile));
    let mut wanted = Vec::new();
    for (key, target) in targets {
        if let Some(words) = words(&object, key)? {
            wanted.push((target, words));
        }
    }
    Ok(Some(Criterion::Sdes(wanted)))
}

fn response_time(body: &Body) -> Result<Option<Criterion>, BadRequest> {
    match body.range("responseTime")? {
        Some(Range { from: None, to: None }) => Err(BadRequest("responseTime: needs from or to".to_owned())),
        range => Ok(range.map(Criterion::ResponseTime)),
    }
}

/// A filter that has one value only.
fn constant(body: &Body, key: &str, value: &str) -> Result<bool, BadRequest> {
    match body.text(key)? {
        None => Ok(false),
        Some(text) if text == value => Ok(true),
        Some(_) => Err(BadRequest(format!("{key}: the only value is {value}"))),
    }
}

fn question(body: &Body) -> Result<Option<Criterion>, BadRequest> {
    let Some(object) = body.object("questionTypeAndFormatToRetrieve")? else {
        return Ok(None);
    };
    let criterion = Criterion::Question {
        question_type: object.text("type")?,
        format: object.text("format")?,
    };
    Ok(Some(criterion))
}

fn intent(body: &Body) -> Result<Option<Criterion>, BadRequest> {
    let names = body.texts("intentName")?.filter(|names| !names.is_empty());
    let confidence = body.number("intentConfidenceScore")?;
    let selected_only = body.flag("selectedIntentOnly")?.unwrap_or(false);
    Ok((names.is_some() || confidence.is_some()).then_some(Criterion::Intent {
        names,
        confidence,
        selected_only,
    }))
}

fn agent_survey(body: &Body) -> Result<Option<Criterion>, BadRequest> {
    let Some(object) = body.object("agentSurveySearch")? else {
        return Ok(None);
    };
    fn some<T>(list: Option<Vec<T>>) -> Option<Vec<T>> {
        list.filter(|list| !list.is_empty())
    }
    Ok(Some(Criterion::AgentSurvey(Box::new(AgentSurveySearch {
        pending: some(object.flags("pendingAgentSurvey")?),
        question_ids: some(object.texts("questionId")?),
        question_names: some(object.texts("questionName")?),
        question_keywords: some(word_lists(&object, "questionKeywords")?),
        answer_keywords: some(word_lists(&object, "answerKeywords")?),
        survey_ids: some(object.integers("surveyId")?),
    }))))
}
