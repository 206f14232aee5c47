//! Which chats match, in which order, and the page of them.

use std::cmp::Ordering;
use std::sync::{Arc, PoisonError};

use serde_json::{Value, json};

use super::super::{BadRequest, HistoryKnobs, NoMatch, page};
use super::filter::Filter;
use super::{Chat, ChatKnobs, Chats};

/// LiveEngage keeps chats for 13 months.
use super::super::schedule::RETENTION;

/// One call, as it arrived.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ChatCall<'a> {
    pub(crate) query: &'a [(String, String)],
    pub(crate) body: &'a [u8],
    pub(crate) now_ms: i64,
    /// What links begin with.
    pub(crate) base: &'a str,
    pub(crate) history: &'a HistoryKnobs,
    pub(crate) chats: &'a ChatKnobs,
}

/// The result of the last search: an export asks for page after page of it.
#[derive(Debug)]
pub(super) struct Remembered {
    body: Vec<u8>,
    sort: Vec<(Field, bool)>,
    /// Chats appear as time goes on, so a result holds for a while only.
    step: i64,
    places: Arc<[u32]>,
}

/// What chats can be sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    Start,
    End,
    Duration,
    Visitor,
    Engagement,
    Interactive,
    Agent,
    Skill,
}

/// A comma list of `field:dir`. The page writes both `desc` and `des`.
fn sort(query: &[(String, String)]) -> Result<Vec<(Field, bool)>, BadRequest> {
    let Some((_, text)) = query.iter().find(|(name, _)| name == "sort") else {
        return Ok(vec![(Field::Start, true)]);
    };
    let entry = |entry: &str| {
        let (name, direction) = entry.trim().split_once(':')?;
        let field = match name {
            "start" => Field::Start,
            "end" => Field::End,
            "duration" => Field::Duration,
            "visitor" => Field::Visitor,
            "engagementId" => Field::Engagement,
            "interactive" => Field::Interactive,
            "agentId" => Field::Agent,
            "skillId" => Field::Skill,
            _ => return None,
        };
        match direction {
            "asc" => Some((field, false)),
            "desc" | "des" => Some((field, true)),
            _ => None,
        }
    };
    text.split(',').map(entry).collect::<Option<_>>().ok_or_else(|| {
        BadRequest(format!(
            "sort: must be a list of field:asc or field:desc (start, end, duration, visitor, engagementId, interactive, \
             agentId, skillId), not {text:?}"
        ))
    })
}

fn compare(sort: &[(Field, bool)], one: &Chat, other: &Chat) -> Ordering {
    let by = |field: Field| match field {
        Field::Start => one.connected.cmp(&other.connected),
        Field::End => one.ended.cmp(&other.ended),
        Field::Duration => one.duration_s().cmp(&other.duration_s()),
        Field::Visitor => one.visitor().cmp(&other.visitor()),
        Field::Engagement => one.id.cmp(&other.id),
        Field::Interactive => one.interactive.cmp(&other.interactive),
        Field::Agent => one
            .agent()
            .map(|agent| &agent.id)
            .cmp(&other.agent().map(|agent| &agent.id)),
        Field::Skill => one.story.latest_skill.id.cmp(&other.story.latest_skill.id),
    };
    sort.iter().fold(Ordering::Equal, |order, (field, descending)| {
        order.then_with(|| if *descending { by(*field).reverse() } else { by(*field) })
    })
}

impl Chats {
    /// Answers one call: status and body. `None`: 204.
    pub(crate) fn answer(&self, call: ChatCall<'_>) -> (u16, Option<Value>) {
        match self.page(call) {
            Ok(answer) => answer,
            Err(BadRequest(message)) => (400, Some(json!({ "debugMessage": message }))),
        }
    }

    fn page(&self, call: ChatCall<'_>) -> Result<(u16, Option<Value>), BadRequest> {
        let (offset, limit) = page::place(call.query, call.history.above_limit)?;
        let sort = sort(call.query)?;
        let filter = Filter::read(call.body, call.now_ms)?;
        let deepest = call.history.deepest_record;
        if deepest.is_some_and(|deepest| offset.saturating_add(limit) > deepest) {
            return Ok((500, Some(super::super::search_engine_failure())));
        }
        let places = self.matching(&call, &filter, sort);
        let path = format!("interaction_history/api/account/{}/interactions/search", self.account);
        let mut metadata = page::links(
            &format!("{}/{path}", call.base.trim_end_matches('/')),
            call.query,
            offset,
            limit,
            places.len(),
        );
        metadata["shardsStatusResult"] = if call.chats.shard_counters {
            json!({ "partialResult": false, "failureShards": 0, "totalShards": 4 })
        } else {
            json!({ "partialResult": false })
        };
        if places.is_empty() && call.history.no_match != NoMatch::EmptyList {
            let without = json!({ "_metadata": metadata });
            let list_left_out = call.history.no_match == NoMatch::NoList;
            return Ok(if list_left_out {
                (200, Some(without))
            } else {
                (204, None)
            });
        }
        // The documented cure for a record in part is to ask for it by its id.
        let complete = filter.engagement.is_some();
        let enriched_ms = i64::try_from(call.chats.enriched_ms).unwrap_or(i64::MAX);
        let records: Vec<Value> = places
            .iter()
            .skip(offset)
            .take(limit)
            .map(|place| {
                let chat = self.chat(*place as usize);
                let enriched = chat.ended.saturating_add(enriched_ms) <= call.now_ms;
                chat.record(&self.account, complete, enriched)
            })
            .collect();
        Ok((
            200,
            Some(json!({ "_metadata": metadata, "interactionHistoryRecords": records })),
        ))
    }

    fn matching(&self, call: &ChatCall<'_>, filter: &Filter, sort: Vec<(Field, bool)>) -> Arc<[u32]> {
        let step = call.now_ms.div_euclid(60_000);
        let mut remembered = self.remembered.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = remembered.as_ref()
            && known.step == step
            && known.sort == sort
            && known.body == call.body
        {
            return Arc::clone(&known.places);
        }
        let latency = i64::try_from(call.chats.latency_ms).unwrap_or(i64::MAX);
        let appeared = |chat: &Chat| {
            chat.ended.saturating_add(latency) <= call.now_ms && chat.connected >= call.now_ms - RETENTION
        };
        let by_id = call.chats.ids_ignore_times && (filter.engagement.is_some() || filter.visitor.is_some());
        let window = filter.start.filter(|_| !by_id);
        let candidates: Vec<usize> = match &filter.engagement {
            Some(id) => self.find(id).into_iter().collect(),
            // A chat starts when an agent is connected, which is a while after it was asked for.
            None => window.map_or_else(
                || (0..self.len()).collect(),
                |window| self.places(window.from, window.to),
            ),
        };
        let plain = filter.is_start_only();
        let mut chats: Vec<(u32, Chat)> = candidates
            .into_iter()
            .map(|place| (place as u32, self.chat(place)))
            .filter(|(_, chat)| appeared(chat) && window.is_none_or(|window| window.contains(chat.connected)))
            .filter(|(_, chat)| plain || filter.met_by(chat))
            .collect();
        chats.sort_by(|(_, one), (_, other)| compare(&sort, one, other));
        let places: Arc<[u32]> = chats.into_iter().map(|(place, _)| place).collect();
        *remembered = Some(Remembered {
            body: call.body.to_vec(),
            sort,
            step,
            places: Arc::clone(&places),
        });
        places
    }

    /// Places of chats that may have been connected in a range.
    fn places(&self, from: i64, to: i64) -> Vec<usize> {
        let earliest = from - super::SHORTEST_CLOSED;
        let first = self.slots.partition_point(|slot| slot.start < earliest);
        let past = self.slots.partition_point(|slot| slot.start <= to);
        (first..past).collect()
    }
}
