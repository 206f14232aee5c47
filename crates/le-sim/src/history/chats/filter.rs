//! The body of a chat search, and whether a chat matches it.

use super::super::filter::{Body, Range, Window, Words, widened};
use super::super::message::Content;
use super::super::sde::{SdeEvent, SdeKind};
use super::super::{BadRequest, DAY};
use super::Chat;

/// "One month" in the page, without a number of days: no month is longer.
const LONGEST_SPAN: i64 = 31 * DAY;

/// Areas that a keyword can be looked for in, without those of engagement attributes.
const AREAS: &[&str] = &["chatLine", "surveyAnswer", "surveyQuestion", "visitorInfo", "mcs"];

/// What a search asks for; all must hold.
#[derive(Debug, Default)]
pub(super) struct Filter {
    pub(super) start: Option<Window>,
    pub(super) visitor: Option<String>,
    pub(super) engagement: Option<String>,
    interactive: bool,
    keyword: Option<(Words, Vec<String>)>,
    skills: Option<Vec<i64>>,
    agents: Option<Vec<String>>,
    groups: Option<Vec<i64>>,
    duration: Option<Range>,
    channel: Option<f64>,
    alerted: Option<Vec<i64>>,
    mcs: Option<Range>,
    co_browse: Option<bool>,
    co_browse_duration: Option<Range>,
    rich: bool,
}

impl Filter {
    pub(super) fn read(body: &[u8], now: i64) -> Result<Self, BadRequest> {
        let body = Body::parse(body)?;
        if body.flag("interactive")? == Some(false) {
            return Err(bad("interactive: only true is supported"));
        }
        if body.flag("ended")? == Some(false) {
            return Err(bad("ended: only ended chats are kept, so only true finds any"));
        }
        let keyword = keyword(&body)?;
        let rich = body.texts("lineContentTypes")?;
        if let Some(kinds) = &rich
            && kinds.iter().any(|kind| kind != "RICH_CONTENT")
        {
            return Err(bad("lineContentTypes: only RICH_CONTENT is supported"));
        }
        Ok(Self {
            start: Some(start(&body, now)?),
            visitor: body.text("visitor")?,
            engagement: body.text("engagementId")?,
            interactive: body.flag("interactive")?.unwrap_or(false),
            keyword,
            skills: body.integers("skillIds")?,
            agents: body.texts("agentIds")?,
            groups: body.integers("agentGroupIds")?,
            duration: both(&body, "duration")?,
            channel: body.number("channel")?,
            alerted: body.integers("alertedMcsValues")?,
            mcs: body.range("chatMCS")?,
            co_browse: body.flag("hasInteractiveCoBrowse")?,
            co_browse_duration: both(&body, "coBrowseDuration")?,
            rich: rich.is_some(),
        })
    }

    /// Whether only the start decides.
    pub(super) fn is_start_only(&self) -> bool {
        let Self {
            start: _,
            visitor,
            engagement,
            interactive,
            keyword,
            skills,
            agents,
            groups,
            duration,
            channel,
            alerted,
            mcs,
            co_browse,
            co_browse_duration,
            rich,
        } = self;
        let none = [
            visitor.is_none() && engagement.is_none() && keyword.is_none() && skills.is_none(),
            agents.is_none() && groups.is_none() && duration.is_none() && channel.is_none(),
            alerted.is_none() && mcs.is_none() && co_browse.is_none() && co_browse_duration.is_none(),
        ];
        none.iter().all(|none| *none) && !interactive && !rich
    }

    pub(super) fn met_by(&self, chat: &Chat) -> bool {
        let story = &chat.story;
        let agent = chat.agent();
        let co_browse_s = |session: &super::super::conversation::CoBrowseSession| (session.end - session.start) / 1_000;
        (!self.interactive || chat.interactive)
            && self.engagement.as_ref().is_none_or(|id| *id == chat.id)
            && self.visitor.as_ref().is_none_or(|id| *id == chat.visitor())
            && self.skills.as_ref().is_none_or(|ids| ids.contains(&story.latest_skill.id))
            && self.agents.as_ref().is_none_or(|ids| agent.is_some_and(|agent| ids.contains(&agent.id)))
            && self.groups.as_ref().is_none_or(|ids| agent.is_some_and(|agent| ids.contains(&agent.group_id)))
            && self.duration.is_none_or(|range| range.contains(chat.duration_s() as f64))
            // All chats are on the web.
            && self.channel.is_none_or(|channel| channel == 1.0)
            && self.alerted.as_ref().is_none_or(|values| story.alerted_mcs().is_some_and(|value| values.contains(&value)))
            && self.mcs.is_none_or(|range| story.mcs().is_some_and(|mcs| range.contains(mcs as f64)))
            && self.co_browse.is_none_or(|wanted| wanted == story.co_browse.iter().any(|one| one.interactive.is_some()))
            && self.co_browse_duration.is_none_or(|range| story.co_browse.iter().any(|one| range.contains(co_browse_s(one) as f64)))
            && (!self.rich || story.messages.iter().any(|message| matches!(message.content, Content::Rich { .. })))
            && self.keyword.as_ref().is_none_or(|(words, areas)| areas.iter().any(|area| in_area(chat, area, words)))
    }
}

fn bad(message: &str) -> BadRequest {
    BadRequest(message.to_owned())
}

fn start(body: &Body, now: i64) -> Result<Window, BadRequest> {
    let range = body
        .range("start")?
        .ok_or_else(|| bad("start: is required, an object with from and to in epoch milliseconds"))?;
    let from = range.from.ok_or_else(|| bad("start.from: is required"))? as i64;
    let to = range.to.map_or(now, |to| to as i64);
    if from > to {
        return Err(BadRequest(format!("start: from ({from}) is after to ({to})")));
    }
    if to.saturating_sub(from) > LONGEST_SPAN {
        return Err(bad("start: the range is longer than one month"));
    }
    Ok(widened(from, to))
}

/// A range of seconds whose bounds are both mandatory.
fn both(body: &Body, key: &str) -> Result<Option<Range>, BadRequest> {
    match body.range(key)? {
        Some(range) if range.from.is_none() || range.to.is_none() => {
            Err(BadRequest(format!("{key}: from and to are both mandatory")))
        }
        range => Ok(range),
    }
}

/// The words and where to look for them. Without an area the lines are searched.
fn keyword(body: &Body) -> Result<Option<(Words, Vec<String>)>, BadRequest> {
    let areas = match body.object("keyword_search_area")? {
        Some(area) => area.texts("types")?.unwrap_or_default(),
        None => Vec::new(),
    };
    for area in &areas {
        let known = AREAS.contains(&area.as_str())
            || area
                .strip_prefix("ea.")
                .is_some_and(|name| SdeKind::ALL.iter().any(|kind| kind.payload() == name));
        if !known {
            return Err(BadRequest(format!("keyword_search_area.types: {area:?} is not known")));
        }
    }
    let Some(text) = body.text("keyword")? else {
        return Ok(None);
    };
    let areas = if areas.is_empty() {
        vec!["chatLine".to_owned()]
    } else {
        areas
    };
    Ok(Some((Words::parse(&text), areas)))
}

fn in_area(chat: &Chat, area: &str, words: &Words) -> bool {
    let story = &chat.story;
    match area {
        "chatLine" => words.within(story.messages.iter().filter_map(|message| message.content.searchable())),
        "surveyAnswer" => words.within(
            story
                .surveys
                .iter()
                .flat_map(|survey| &survey.answers)
                .map(|one| &*one.answer),
        ),
        "surveyQuestion" => words.within(
            story
                .surveys
                .iter()
                .flat_map(|survey| &survey.answers)
                .map(|one| &*one.question),
        ),
        "visitorInfo" => words.within(
            story
                .monitoring
                .iter()
                .flat_map(|visit| [visit.country, visit.country_code, visit.city, visit.isp].into_iter()),
        ),
        // Legacy: the keyword is the alerted value.
        "mcs" => story
            .alerted_mcs()
            .is_some_and(|value| words.within([value.to_string().as_str()])),
        area => {
            let kind = area.strip_prefix("ea.").unwrap_or_default();
            let mut events = story.sdes.iter().chain(&story.unauthenticated_sdes);
            events.any(|event| event.kind.payload() == kind && attribute_has(event, words))
        }
    }
}

fn attribute_has(event: &SdeEvent, words: &Words) -> bool {
    let mut found = false;
    event.visit_text(&mut |text| found = found || words.within([text]));
    found
}
