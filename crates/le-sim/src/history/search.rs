//! Which conversations match, in which order.

use std::sync::{Arc, Mutex, PoisonError};

use super::filter::{Criterion, Filter};
use super::index::{Entry, Index};
use super::page::Sort;

/// How many results are remembered: an export asks for page after page of the same one.
const REMEMBERED: usize = 8;

/// Bodies above this size are not worth remembering.
const LONGEST_BODY: usize = 16 * 1024;

/// Conditions that depend on the time are evaluated once in this time, so that a result can be paged through.
const TIME_STEP: i64 = 60_000;

/// Places of the matching conversations.
#[derive(Debug, Clone)]
pub(super) enum Matches {
    /// All between two places.
    Run {
        first: usize,
        past: usize,
        descending: bool,
    },
    /// These.
    List(Arc<[u32]>),
}

impl Matches {
    pub(super) fn count(&self) -> usize {
        match self {
            Self::Run { first, past, .. } => past - first,
            Self::List(places) => places.len(),
        }
    }

    /// The places of one page.
    pub(super) fn page(&self, offset: usize, limit: usize) -> Vec<u32> {
        let count = self.count();
        let from = offset.min(count);
        let to = from.saturating_add(limit).min(count);
        match self {
            Self::Run {
                first,
                descending: false,
                ..
            } => (first + from..first + to).map(|place| place as u32).collect(),
            Self::Run {
                past, descending: true, ..
            } => (from..to).map(|place| (past - 1 - place) as u32).collect(),
            Self::List(places) => places[from..to].to_vec(),
        }
    }
}

/// Results of the last searches.
#[derive(Debug, Default)]
pub(super) struct Remembered(Mutex<Vec<Result>>);

#[derive(Debug)]
struct Result {
    body: Vec<u8>,
    sort: Sort,
    /// The time step it holds for; `None`: any.
    step: Option<i64>,
    matches: Arc<[u32]>,
}

impl Index {
    /// The conversations that match `filter`. `body` is the text it was read from: the same text at the same time is
    /// answered from memory.
    pub(super) fn search(
        &self,
        remembered: &Remembered,
        body: &[u8],
        filter: &Filter,
        sort: Sort,
        now: i64,
    ) -> Matches {
        let start = filter.start.unwrap_or(super::filter::Window {
            from: i64::MIN,
            to: i64::MAX,
        });
        let first = self.entries.partition_point(|entry| entry.start < start.from);
        let past = self.entries.partition_point(|entry| entry.start <= start.to).max(first);
        if filter.is_start_only() && !sort.by_end {
            return Matches::Run {
                first,
                past,
                descending: sort.descending,
            };
        }
        let step = filter
            .criteria
            .iter()
            .any(Criterion::depends_on_time)
            .then(|| now.div_euclid(TIME_STEP));
        if let Some(matches) = remembered.get(body, sort, step) {
            return Matches::List(matches);
        }
        let now = step.map_or(now, |step| (step + 1) * TIME_STEP - 1);
        let places = (first..past).map(|place| place as u32);
        let matches = self.matching(places, filter, sort, now);
        remembered.put(body, sort, step, &matches);
        Matches::List(matches)
    }

    /// Those of `places` (in the order of their start) that match, in the wanted order.
    pub(super) fn matching(
        &self,
        places: impl Iterator<Item = u32>,
        filter: &Filter,
        sort: Sort,
        now: i64,
    ) -> Arc<[u32]> {
        let mut matches: Vec<u32> = places
            .filter(|place| self.matches(*place as usize, filter, now))
            .collect();
        if sort.by_end {
            let end = |place: &u32| self.entries[*place as usize].end;
            // Open conversations have no end and come last both ways, as search engines sort missing values.
            matches.sort_by_key(|place| match (end(place), sort.descending) {
                (None, _) => (true, 0),
                (Some(end), false) => (false, end),
                (Some(end), true) => (false, -end),
            });
        } else if sort.descending {
            matches.reverse();
        }
        matches.into()
    }

    fn matches(&self, place: usize, filter: &Filter, now: i64) -> bool {
        if !filter.admits(&self.entries[place]) {
            return false;
        }
        if filter.criteria.is_empty() {
            return true;
        }
        let conversation = self.conversation(place);
        filter
            .criteria
            .iter()
            .all(|criterion| criterion.met_by(&conversation, now))
    }
}

impl Filter {
    fn is_start_only(&self) -> bool {
        self.end.is_none() && self.full_dialog_end.is_none() && self.updated.is_none() && self.criteria.is_empty()
    }

    /// The conditions on times.
    fn admits(&self, entry: &Entry) -> bool {
        let ended = |end: Option<i64>, window: super::filter::Window| end.is_some_and(|end| window.contains(end));
        self.start.is_none_or(|window| window.contains(entry.start))
            && self.end.is_none_or(|window| ended(entry.end, window))
            && self.full_dialog_end.is_none_or(|window| ended(entry.full_end, window))
            && self.updated.is_none_or(|window| window.contains(entry.updated))
    }
}

impl Remembered {
    /// Something changed that results may depend on.
    pub(super) fn clear(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    fn get(&self, body: &[u8], sort: Sort, step: Option<i64>) -> Option<Arc<[u32]>> {
        let results = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = |result: &&Result| result.sort == sort && result.step == step && result.body == body;
        results.iter().find(known).map(|result| Arc::clone(&result.matches))
    }

    fn put(&self, body: &[u8], sort: Sort, step: Option<i64>, matches: &Arc<[u32]>) {
        if body.len() > LONGEST_BODY {
            return;
        }
        let mut results = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if results.len() == REMEMBERED {
            results.remove(0);
        }
        results.push(Result {
            body: body.to_vec(),
            sort,
            step,
            matches: Arc::clone(matches),
        });
    }
}
