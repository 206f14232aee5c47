//! Login sessions, failed attempts, and how often each user logged in.

use std::collections::{BTreeMap, HashMap, VecDeque};

use serde::Serialize;

use crate::{
    behaviour::{Lockout, LoginLimit},
    clock::SimClock,
};

/// Sessions beyond this number push out the one that ends first.
const SESSION_LIMIT: usize = 100_000;

/// One login session.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Session {
    /// The user it belongs to.
    pub login_name: String,
    /// `true` if an application (API key) logged in, `false` if a password did.
    pub application: bool,
    /// When it began, epoch milliseconds.
    pub created_ms: i64,
    /// When it ends unless it is refreshed, epoch milliseconds.
    pub expires_ms: i64,
    /// How often it was refreshed.
    pub refreshes: u64,
    /// Whether it opened a messaging socket.
    #[serde(skip)]
    pub(crate) messaging: bool,
    #[serde(skip)]
    pub(crate) bearer: String,
    #[serde(skip)]
    pub(crate) session_id: String,
    #[serde(skip)]
    pub(crate) csrf: String,
    #[serde(skip)]
    pub(crate) wsuk: String,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session")
            .field("login_name", &self.login_name)
            .field("application", &self.application)
            .field("created_ms", &self.created_ms)
            .field("expires_ms", &self.expires_ms)
            .field("refreshes", &self.refreshes)
            .finish_non_exhaustive()
    }
}

/// A session that began or ended.
#[derive(Debug, Clone)]
pub(crate) struct SessionEvent {
    pub(crate) login_name: String,
    pub(crate) at_ms: i64,
    pub(crate) began: bool,
}

/// What is remembered about logins.
pub(crate) struct Sessions {
    by_bearer: HashMap<String, Session>,
    bearer_of: HashMap<String, String>,
    failures: HashMap<String, Failures>,
    attempts: HashMap<String, VecDeque<i64>>,
    logins: BTreeMap<String, u64>,
    /// What Agent Activity tells, oldest first.
    events: VecDeque<SessionEvent>,
    clock: SimClock,
    random: fastrand::Rng,
}

#[derive(Default)]
struct Failures {
    in_a_row: u32,
    locked_until_ms: i64,
}

impl Sessions {
    pub(crate) fn new(seed: u64, clock: SimClock) -> Self {
        Self {
            by_bearer: HashMap::new(),
            bearer_of: HashMap::new(),
            failures: HashMap::new(),
            attempts: HashMap::new(),
            logins: BTreeMap::new(),
            events: VecDeque::new(),
            clock,
            random: fastrand::Rng::with_seed(seed),
        }
    }

    /// Opens a session for a user who has proved who they are.
    pub(crate) fn open(&mut self, login_name: &str, application: bool, now_ms: i64, ttl_ms: u64) -> Session {
        self.forget_ended(now_ms);
        let session = Session {
            login_name: login_name.to_owned(),
            application,
            created_ms: now_ms,
            expires_ms: ends_at(now_ms, ttl_ms),
            refreshes: 0,
            messaging: false,
            bearer: self.hex(64),
            session_id: format!("{}-{}", self.hex(8), self.hex(24)),
            csrf: self.hex(32),
            wsuk: self
                .random
                .u64(100_000_000_000_000_000..1_000_000_000_000_000_000)
                .to_string(),
        };
        self.bearer_of
            .insert(session.session_id.clone(), session.bearer.clone());
        self.by_bearer.insert(session.bearer.clone(), session.clone());
        *self.logins.entry(login_name.to_owned()).or_default() += 1;
        self.failures.remove(&login_name.to_ascii_lowercase());
        self.remember(login_name, now_ms, true);
        session
    }

    /// The living session of a bearer.
    pub(crate) fn of_bearer(&self, bearer: &str, now_ms: i64) -> Option<&Session> {
        self.by_bearer.get(bearer).filter(|session| session.expires_ms > now_ms)
    }

    /// The living session of a `Session_id`, if `csrf` belongs to it.
    pub(crate) fn of_cookie(&mut self, session_id: &str, csrf: &str, now_ms: i64) -> Option<&mut Session> {
        let bearer = self.bearer_of.get(session_id)?;
        self.by_bearer
            .get_mut(bearer)
            .filter(|session| session.expires_ms > now_ms && session.csrf == csrf)
    }

    /// Ends the session of a bearer. `false` if there was none.
    pub(crate) fn end(&mut self, bearer: &str) -> bool {
        let ended = self.by_bearer.remove(bearer);
        if let Some(session) = &ended {
            self.bearer_of.remove(&session.session_id);
            let at_ms = self.clock.now_ms().min(session.expires_ms);
            self.remember(&session.login_name, at_ms, false);
        }
        ended.is_some()
    }

    /// Ends the session of a `Session_id`. `false` if there was none.
    pub(crate) fn end_cookie(&mut self, session_id: &str) -> bool {
        self.bearer_of
            .get(session_id)
            .cloned()
            .is_some_and(|bearer| self.end(&bearer))
    }

    /// Ends all sessions, or those of one user. Returns how many there were.
    pub(crate) fn end_all(&mut self, login_name: Option<&str>) -> usize {
        let bearers: Vec<String> = self
            .by_bearer
            .values()
            .filter(|session| login_name.is_none_or(|name| session.login_name.eq_ignore_ascii_case(name)))
            .map(|session| session.bearer.clone())
            .collect();
        bearers.iter().filter(|bearer| self.end(bearer)).count()
    }

    /// The session of a bearer opens a messaging socket.
    pub(crate) fn uses_messaging(&mut self, bearer: &str) {
        if let Some(session) = self.by_bearer.get_mut(bearer) {
            session.messaging = true;
        }
    }

    /// Ends the sessions of a user that messaging was used with, but for the one of this bearer.
    pub(crate) fn evict_from_messaging(&mut self, login_name: &str, but: &str) {
        let evicted: Vec<String> = self
            .by_bearer
            .values()
            .filter(|session| session.messaging && session.bearer != but && session.login_name == login_name)
            .map(|session| session.bearer.clone())
            .collect();
        for bearer in evicted {
            self.end(&bearer);
        }
    }

    /// The living sessions, oldest first.
    pub(crate) fn living(&self, now_ms: i64) -> Vec<Session> {
        let mut living: Vec<Session> = self
            .by_bearer
            .values()
            .filter(|session| session.expires_ms > now_ms)
            .cloned()
            .collect();
        living.sort_by(|a, b| (a.created_ms, &a.bearer).cmp(&(b.created_ms, &b.bearer)));
        living
    }

    fn remember(&mut self, login_name: &str, at_ms: i64, began: bool) {
        if self.events.len() == SESSION_LIMIT {
            self.events.pop_front();
        }
        self.events.push_back(SessionEvent {
            login_name: login_name.to_owned(),
            at_ms,
            began,
        });
    }

    /// Which sessions began and ended, those included that nobody ended but the time.
    pub(crate) fn events(&self, now_ms: i64) -> Vec<SessionEvent> {
        let run_out = self.by_bearer.values().filter(|session| session.expires_ms <= now_ms);
        let run_out = run_out.map(|session| SessionEvent {
            login_name: session.login_name.clone(),
            at_ms: session.expires_ms,
            began: false,
        });
        self.events.iter().cloned().chain(run_out).collect()
    }

    /// Successful logins of each user since the start or the last reset.
    pub(crate) fn logins(&self) -> &BTreeMap<String, u64> {
        &self.logins
    }

    /// Counts an attempt of a user against the limit. `false`: too many.
    pub(crate) fn admits(&mut self, login_name: &str, limit: LoginLimit, now_ms: i64) -> bool {
        let attempts = self.attempts.entry(login_name.to_ascii_lowercase()).or_default();
        let since = now_ms.saturating_sub(i64::try_from(limit.per_ms).unwrap_or(i64::MAX));
        while attempts.front().is_some_and(|at| *at <= since) {
            attempts.pop_front();
        }
        if attempts.len() >= limit.attempts as usize {
            return false;
        }
        attempts.push_back(now_ms);
        true
    }

    /// Whether a user is locked now.
    pub(crate) fn is_locked(&self, login_name: &str, now_ms: i64) -> bool {
        self.failures
            .get(&login_name.to_ascii_lowercase())
            .is_some_and(|failures| failures.locked_until_ms > now_ms)
    }

    /// Counts a wrong credential; the last of the allowed ones locks the user.
    pub(crate) fn failed(&mut self, login_name: &str, lockout: Option<Lockout>, now_ms: i64) {
        let failures = self.failures.entry(login_name.to_ascii_lowercase()).or_default();
        failures.in_a_row += 1;
        if let Some(lockout) = lockout
            && failures.in_a_row >= lockout.failures
        {
            failures.in_a_row = 0;
            failures.locked_until_ms = ends_at(now_ms, lockout.for_ms);
        }
    }

    fn hex(&mut self, digits: usize) -> String {
        (0..digits)
            .map(|_| char::from(b"0123456789abcdef"[self.random.usize(..16)]))
            .collect()
    }

    fn forget_ended(&mut self, now_ms: i64) {
        if self.by_bearer.len() < SESSION_LIMIT {
            return;
        }
        let mut ends: Vec<(i64, String)> = self
            .by_bearer
            .values()
            .map(|session| (session.expires_ms, session.bearer.clone()))
            .collect();
        ends.sort_unstable();
        let over = ends
            .iter()
            .take_while(|(at, _)| *at <= now_ms)
            .count()
            .max(SESSION_LIMIT / 10);
        for (_, bearer) in ends.into_iter().take(over) {
            self.end(&bearer);
        }
    }
}

/// The end of something that lives `ttl_ms` from `now_ms`.
pub(crate) fn ends_at(now_ms: i64, ttl_ms: u64) -> i64 {
    now_ms.saturating_add(i64::try_from(ttl_ms).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_lives_until_its_time_and_a_csrf_is_its_own() {
        let mut sessions = Sessions::new(1, SimClock::manual(0));
        let one = sessions.open("a", false, 0, 1_000);
        let two = sessions.open("a", false, 0, 1_000);
        assert!(sessions.of_bearer(&one.bearer, 999).is_some());
        assert!(sessions.of_bearer(&one.bearer, 1_000).is_none());
        assert!(sessions.of_cookie(&one.session_id, &two.csrf, 0).is_none());
        assert!(sessions.of_cookie(&one.session_id, &one.csrf, 0).is_some());
        assert!(sessions.end_cookie(&one.session_id));
        assert!(!sessions.end(&one.bearer));
        assert_eq!(sessions.end_all(Some("A")), 1);
        assert_eq!(sessions.logins()["a"], 2);
    }

    #[test]
    fn failures_in_a_row_lock_and_the_lock_ends() {
        let mut sessions = Sessions::new(1, SimClock::manual(0));
        let lockout = Some(Lockout {
            failures: 2,
            for_ms: 100,
        });
        sessions.failed("a", lockout, 0);
        sessions.open("a", false, 0, 1);
        sessions.failed("a", lockout, 0);
        assert!(!sessions.is_locked("A", 0), "a login in between clears the count");
        sessions.failed("A", lockout, 0);
        assert!(sessions.is_locked("a", 99));
        assert!(!sessions.is_locked("a", 100));
    }

    #[test]
    fn the_limit_is_a_sliding_window() {
        let mut sessions = Sessions::new(1, SimClock::manual(0));
        let limit = LoginLimit {
            attempts: 2,
            per_ms: 1_000,
            retry_after_s: None,
        };
        let admitted: Vec<bool> = [0, 500, 900, 1_000, 1_400, 1_500]
            .into_iter()
            .map(|now| sessions.admits("a", limit, now))
            .collect();
        assert_eq!(admitted, [true, true, false, true, false, true]);
        assert!(sessions.admits("b", limit, 900));
    }

    #[test]
    fn secrets_stay_out_of_debug_and_json() {
        let session = Sessions::new(1, SimClock::manual(0)).open("a", false, 0, 1);
        let text = format!("{session:?}{}", serde_json::to_string(&session).unwrap());
        for secret in [&session.bearer, &session.csrf, &session.session_id] {
            assert!(!text.contains(secret.as_str()));
        }
    }
}
