//! What a call asks for: the body of the three calls, read leniently, and whether a conversation matches it.
//!
//! Numbers may come as text and the other way round, `null` counts as absent, unknown keys are ignored: clients in the
//! wild send all of that (`messaging-interactions-api-methods-conversations`).

mod body;
mod criterion;
mod matching;
mod text;

use super::content::Content;
use super::render::Capping;
use super::sde::SdeKind;
use super::{BadRequest, DAY, MINUTE};
pub(super) use body::{Body, Range};
pub(super) use criterion::Criterion;
pub(super) use text::Words;

/// Bounds of time filters move outwards to multiples of this.
const STEP: i64 = 10 * MINUTE;

/// "Three months" in the page, without a number of days: no three calendar months are longer.
const LONGEST_SPAN: i64 = 92 * DAY;

/// A closed interval of epoch milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Window {
    pub(super) from: i64,
    pub(super) to: i64,
}

impl Window {
    pub(super) fn contains(self, instant: i64) -> bool {
        (self.from..=self.to).contains(&instant)
    }
}

/// The conditions of a call; all must hold.
#[derive(Debug, Default)]
pub(super) struct Filter {
    pub(super) start: Option<Window>,
    pub(super) end: Option<Window>,
    pub(super) full_dialog_end: Option<Window>,
    pub(super) updated: Option<Window>,
    /// What only a look into the conversation can tell.
    pub(super) criteria: Vec<Criterion>,
}

/// How the matching conversations are to be shown.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Wishes {
    pub(super) content: Content,
    pub(super) selected_intent_only: bool,
    pub(super) capping: Vec<Capping>,
}

/// The body of a search by filter.
pub(super) fn search(body: &[u8], now: i64) -> Result<(Filter, Wishes), BadRequest> {
    let body = Body::parse(body)?;
    let wishes = wishes(&body)?;
    let start = window(&body, "start", now)?;
    if start.is_none() {
        return Err(BadRequest(
            "start: is required, an object with from and to in epoch milliseconds".to_owned(),
        ));
    }
    let filter = Filter {
        start,
        end: window(&body, "end", now)?,
        full_dialog_end: window(&body, "fullDialogEndTime", now)?,
        updated: updated(&body)?,
        criteria: criterion::read(&body)?,
    };
    Ok((filter, wishes))
}

/// The body of a lookup by conversation id.
pub(super) fn conversation(body: &[u8]) -> Result<(String, Wishes), BadRequest> {
    let body = Body::parse(body)?;
    // The page of 2017 spelled it conversationID, one client sends a list.
    let id = ["conversationId", "conversationID", "conversationIds"]
        .into_iter()
        .find_map(|key| body.texts(key).transpose())
        .transpose()?
        .and_then(|ids| ids.into_iter().next())
        .ok_or_else(|| BadRequest("conversationId: is required".to_owned()))?;
    Ok((id, wishes(&body)?))
}

/// The body of a search by consumer.
pub(super) fn consumer(body: &[u8]) -> Result<(String, Filter, Wishes), BadRequest> {
    let body = Body::parse(body)?;
    let consumer = body
        .text("consumer")?
        .ok_or_else(|| BadRequest("consumer: is required, the participantId of the consumer".to_owned()))?;
    let status = body.texts("status")?.filter(|status| !status.is_empty());
    let criteria = status.map(Criterion::Status).into_iter().collect();
    Ok((
        consumer,
        Filter {
            criteria,
            ..Filter::default()
        },
        wishes(&body)?,
    ))
}

fn wishes(body: &Body) -> Result<Wishes, BadRequest> {
    let names = body.texts("contentToRetrieve")?;
    Ok(Wishes {
        content: names.map_or(Content::DEFAULT, |names| {
            Content::named(names.iter().map(String::as_str))
        }),
        selected_intent_only: body.flag("selectedIntentOnly")?.unwrap_or(false),
        capping: body
            .text("cappingConfiguration")?
            .map(|text| capping(&text))
            .unwrap_or_default(),
    })
}

/// `<EventName>:<max>:<asc|desc>`, separated by commas. Undocumented, so what is not understood is skipped.
fn capping(text: &str) -> Vec<Capping> {
    let entry = |entry: &str| {
        let mut parts = entry.trim().split(':');
        let kind = SdeKind::from_capping(parts.next()?)?;
        let most = parts.next()?.trim().parse().ok()?;
        let newest_first = parts.next().is_none_or(|order| order.trim().starts_with("des"));
        Some(Capping {
            kind,
            most,
            newest_first,
        })
    };
    let mut cappings: Vec<Capping> = Vec::new();
    for capping in text.split(',').filter_map(entry) {
        if !cappings.iter().any(|known| known.kind == capping.kind) {
            cappings.push(capping);
        }
    }
    cappings
}

/// A time filter: both bounds widened to ten minutes, at most three months long.
fn window(body: &Body, key: &str, now: i64) -> Result<Option<Window>, BadRequest> {
    let Some(range) = body.range(key)? else { return Ok(None) };
    let from = range
        .from
        .map(milliseconds)
        .ok_or_else(|| BadRequest(format!("{key}.from: is required")))?;
    // One example sends "to": -1 for "until now"; a missing bound is taken the same way.
    let to = range.to.map(milliseconds).filter(|to| *to != -1).unwrap_or(now);
    if from > to {
        return Err(BadRequest(format!("{key}: from ({from}) is after to ({to})")));
    }
    if to - from > LONGEST_SPAN {
        return Err(BadRequest(format!("{key}: the range is longer than three months")));
    }
    Ok(Some(widened(from, to)))
}

pub(super) fn widened(from: i64, to: i64) -> Window {
    Window {
        from: from.div_euclid(STEP) * STEP,
        to: to.div_euclid(STEP) * STEP + if to.rem_euclid(STEP) == 0 { 0 } else { STEP },
    }
}

/// `latestUpdateTime`: the text speaks of one value, the example is an object with `from`; both are taken.
fn updated(body: &Body) -> Result<Option<Window>, BadRequest> {
    let key = "latestUpdateTime";
    let range = match body.range(key) {
        Ok(None) => return Ok(None),
        Ok(Some(range)) => range,
        Err(_) => Range {
            from: body.number(key)?,
            to: None,
        },
    };
    let from = range
        .from
        .map(milliseconds)
        .ok_or_else(|| BadRequest(format!("{key}.from: is required")))?;
    let to = range.to.map_or(i64::MAX - STEP, milliseconds);
    Ok(Some(widened(from, to)))
}

/// Epoch milliseconds of a number as it came. The cast saturates, so that absurd values stay in order.
fn milliseconds(number: f64) -> i64 {
    (number as i64).clamp(-1, i64::MAX / 4)
}
