//! All visitors of one simulator, in shards, so that thousands of them do not wait for each other.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex},
};

use super::{
    identifier::Minter,
    knobs::{InvalidIds, MonitoringKnobs},
    refusal::{Refusal, Refused},
    visit::{Consumers, Reported, Visit},
};
use crate::{account::fold_text, campaign::EngagementSource, world::lock};

const SHARDS: usize = 64;

/// How long somebody who does nothing is remembered: attributes attach to conversations that begin up to so much later.
const REMEMBERED_MS: i64 = 12 * 3_600_000;

/// A shard is tidied when it holds so many visitors, and then when it has doubled.
const FIRST_SWEEP: usize = 256;

/// Somebody with a visitor id.
#[derive(Debug, Default)]
pub(super) struct Visitor {
    /// The newest session, which may be over.
    pub(super) visit: Option<Visit>,
    /// Everything that was reported, newest last, beyond the session, too.
    pub(super) reported: VecDeque<Arc<Reported>>,
    /// The consumer keys that the last report named.
    pub(super) named: Consumers,
    /// All that any report named.
    pub(super) consumers: Vec<Arc<str>>,
    last: i64,
}

#[derive(Debug, Default)]
struct Shard {
    visitors: HashMap<Box<str>, Visitor>,
    sweep_at: usize,
}

/// Which session a call means.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ask<'a> {
    pub(super) visitor: Option<&'a str>,
    pub(super) session: Option<&'a str>,
    pub(super) source: EngagementSource,
    pub(super) now: i64,
    pub(super) knobs: &'a MonitoringKnobs,
}

/// The session that a call got.
#[derive(Debug)]
pub(super) struct Seat {
    pub(super) visitor: String,
    pub(super) session: String,
    /// It was made for this call.
    pub(super) fresh: bool,
}

/// All visitors.
#[derive(Debug)]
pub(super) struct Visitors {
    pub(super) minter: Minter,
    shards: Box<[Mutex<Shard>]>,
    /// Visitors by the keys of consumers whom they said to be.
    of_consumers: Mutex<HashMap<Arc<str>, Vec<Box<str>>>>,
    /// When the last new sessions were made.
    births: Mutex<VecDeque<i64>>,
}

impl Visitors {
    pub(super) fn new(seed: u64, start: u64) -> Self {
        Self {
            minter: Minter::new(seed, start),
            shards: (0..SHARDS).map(|_| Mutex::default()).collect(),
            of_consumers: Mutex::default(),
            births: Mutex::default(),
        }
    }

    pub(super) fn clear(&self) {
        for shard in &self.shards {
            *lock(shard) = Shard::default();
        }
        lock(&self.of_consumers).clear();
        lock(&self.births).clear();
        self.minter.restart();
    }

    fn shard(&self, visitor: &str) -> &Mutex<Shard> {
        &self.shards[fold_text(visitor) as usize % SHARDS]
    }

    /// Does something in the session that a call means. If its ids are missing or not valid a new session is made, which is only
    /// kept if `run` succeeds.
    pub(super) fn enter<T>(
        &self,
        ask: Ask<'_>,
        first_number: u64,
        run: impl FnOnce(&str, &mut Visitor) -> Refused<T>,
    ) -> Refused<(Seat, T)> {
        let known = ask.visitor.filter(|id| self.minter.knows_visitor(id));
        if ask.visitor.is_some() && known.is_none() && ask.knobs.invalid_ids == InvalidIds::NotFound {
            return Err(Refusal::visitor());
        }
        let id = known.map_or_else(|| self.minter.visitor(), str::to_owned);
        let mut shard = lock(self.shard(&id));
        let living = shard.visitors.get_mut(&*id).filter(|visitor| {
            let visit = visitor.visit.as_ref();
            visit.is_some_and(|visit| Some(&*visit.id) == ask.session && ask.lives(visit))
        });
        if let Some(visitor) = living {
            visitor.touch(ask.now);
            let done = run(&id, visitor)?;
            let session = visitor
                .visit
                .as_ref()
                .map_or_else(String::new, |visit| visit.id.to_string());
            drop(shard);
            let seat = Seat {
                visitor: id,
                session,
                fresh: false,
            };
            return Ok((seat, done));
        }
        self.refuse_session(&id, ask)?;
        self.limit(ask)?;
        self.sweep(&mut shard, ask);
        let session = self.minter.session(&id);
        let mut visitor = shard.visitors.remove(&*id).unwrap_or_default();
        let before = visitor.visit.take();
        visitor.visit = Some(Visit::new(session.clone(), ask.source, ask.now, first_number));
        let done = run(&id, &mut visitor);
        match &done {
            Ok(_) => visitor.touch(ask.now),
            Err(_) => visitor.visit = before,
        }
        if done.is_ok() || visitor.visit.is_some() || !visitor.reported.is_empty() {
            shard.visitors.insert(id.as_str().into(), visitor);
        }
        drop(shard);
        let seat = Seat {
            visitor: id,
            session,
            fresh: true,
        };
        done.map(|done| (seat, done))
    }

    /// Ids that are not valid are refused where the knob says so; those that are over are not.
    fn refuse_session(&self, visitor: &str, ask: Ask<'_>) -> Refused<()> {
        match ask.session {
            Some(session)
                if ask.knobs.invalid_ids == InvalidIds::NotFound && !self.minter.knows_session(visitor, session) =>
            {
                Err(Refusal::session())
            }
            _ => Ok(()),
        }
    }

    /// Does something with a session that has to be there.
    pub(super) fn visit<T>(&self, ask: Ask<'_>, run: impl FnOnce(&mut Visitor) -> Refused<T>) -> Refused<T> {
        let id = ask.visitor.unwrap_or_default();
        if !self.minter.knows_visitor(id) {
            return Err(Refusal::visitor());
        }
        let session = ask.session.unwrap_or_default();
        if !self.minter.knows_session(id, session) {
            return Err(Refusal::session());
        }
        let mut shard = lock(self.shard(id));
        let living = shard.visitors.get_mut(id).filter(|visitor| {
            let visit = visitor.visit.as_ref();
            visit.is_some_and(|visit| &*visit.id == session && ask.lives(visit))
        });
        living.ok_or_else(Refusal::gone).and_then(run)
    }

    /// Refuses new sessions where they come too fast.
    fn limit(&self, ask: Ask<'_>) -> Refused<()> {
        let Some(limit) = ask.knobs.new_sessions else {
            return Ok(());
        };
        let mut births = lock(&self.births);
        let since = ask.now.saturating_sub(i64::try_from(limit.per_ms).unwrap_or(i64::MAX));
        while births.front().is_some_and(|at| *at <= since) {
            births.pop_front();
        }
        if births.len() >= limit.sessions as usize {
            return Err(Refusal::capped());
        }
        births.push_back(ask.now);
        Ok(())
    }

    /// Forgets those who did nothing for long, when a shard has grown; and those who did nothing for longest, when it is full.
    fn sweep(&self, shard: &mut Shard, ask: Ask<'_>) {
        let most = (ask.knobs.most_visitors / SHARDS).max(1);
        if shard.visitors.len() < shard.sweep_at.max(FIRST_SWEEP).min(most) {
            return;
        }
        let mut gone = Vec::new();
        shard.visitors.retain(|id, visitor| {
            let stays = ask.now.saturating_sub(visitor.last) < REMEMBERED_MS;
            if !stays {
                gone.push((id.clone(), visitor.consumers.clone()));
            }
            stays
        });
        if shard.visitors.len() >= most {
            let mut ages: Vec<(i64, Box<str>)> = shard
                .visitors
                .iter()
                .map(|(id, visitor)| (visitor.last, id.clone()))
                .collect();
            ages.sort_unstable();
            // An eighth at once, so that this is not done for each new visitor.
            for (_, id) in ages.into_iter().take(most.div_ceil(8)) {
                if let Some(visitor) = shard.visitors.remove(&id) {
                    gone.push((id, visitor.consumers.clone()));
                }
            }
        }
        shard.sweep_at = shard.visitors.len() * 2;
        self.forget(&gone);
    }

    fn forget(&self, gone: &[(Box<str>, Vec<Arc<str>>)]) {
        if gone.iter().all(|(_, keys)| keys.is_empty()) {
            return;
        }
        let mut index = lock(&self.of_consumers);
        for (visitor, keys) in gone {
            for key in keys {
                if let Some(visitors) = index.get_mut(key) {
                    visitors.retain(|id| id != visitor);
                    if visitors.is_empty() {
                        index.remove(key);
                    }
                }
            }
        }
    }

    /// Remembers as whom a visitor reports.
    pub(super) fn name(&self, visitor: &str, keys: &[Arc<str>]) {
        let mut index = lock(&self.of_consumers);
        for key in keys {
            let visitors = index.entry(Arc::clone(key)).or_default();
            if !visitors.iter().any(|id| &**id == visitor) {
                visitors.push(visitor.into());
            }
        }
    }

    /// The visitors who said to be one of these consumers.
    pub(super) fn of_consumer(&self, keys: &[&str]) -> Vec<Box<str>> {
        let index = lock(&self.of_consumers);
        let mut found: Vec<Box<str>> = keys
            .iter()
            .filter_map(|key| index.get(*key))
            .flatten()
            .cloned()
            .collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Looks at a visitor, whatever became of the sessions.
    pub(super) fn look<T>(&self, visitor: &str, run: impl FnOnce(&mut Visitor) -> T) -> Option<T> {
        lock(self.shard(visitor)).visitors.get_mut(visitor).map(run)
    }

    /// Looks at all visitors, in the order of their ids.
    pub(super) fn each(&self, mut run: impl FnMut(&str, &mut Visitor)) {
        for shard in &self.shards {
            let mut shard = lock(shard);
            let mut ids: Vec<Box<str>> = shard.visitors.keys().cloned().collect();
            ids.sort_unstable();
            for id in ids {
                if let Some(visitor) = shard.visitors.get_mut(&id) {
                    run(&id, visitor);
                }
            }
        }
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.shards.iter().map(|shard| lock(shard).visitors.len()).sum()
    }
}

impl Ask<'_> {
    /// Whether a session lives.
    pub(super) fn lives(&self, visit: &Visit) -> bool {
        visit.lives(self.now, self.knobs.session_life_ms, self.knobs.session_idle_ms)
    }
}

impl Visitor {
    /// It did something: idle time begins anew.
    pub(super) fn touch(&mut self, now: i64) {
        self.last = now;
        if let Some(visit) = &mut self.visit {
            visit.last = now;
        }
    }
}
