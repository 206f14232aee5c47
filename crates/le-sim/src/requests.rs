//! What was asked: counters by route, and a log of the last requests without their secrets.

use std::collections::{BTreeMap, VecDeque};

use serde::Serialize;

/// Query parameters whose values are worth a line in the log and cannot hold a secret.
const LOGGED_PARAMETERS: &[&str] = &["v", "version", "offset", "limit", "sort", "source", "rollover", "NC"];

/// Segments longer than this in an unknown path may be tokens.
const LONGEST_LOGGED_SEGMENT: usize = 40;

/// One line of the request log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct LoggedRequest {
    /// Counted from 1 since the start or the last reset.
    pub number: u64,
    /// When it came, epoch milliseconds of the simulator's clock.
    pub at_ms: i64,
    /// The route id, or `unknown`.
    pub route: &'static str,
    /// The method.
    pub method: String,
    /// The path, with what may be a token masked.
    pub path: String,
    /// The query parameters that cannot hold a secret.
    pub query: BTreeMap<String, String>,
    /// The status of the answer; `null` if the connection was reset, or the client left, before there was one.
    pub status: Option<u16>,
    /// The faults that acted on it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<String>,
}

/// How often a route was asked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RouteCounter {
    /// All requests.
    pub requests: u64,
    /// Requests that a fault acted on.
    pub faulted: u64,
    /// Answers by status; requests without an answer (reset, or the client left) are under 0.
    pub statuses: BTreeMap<u16, u64>,
}

/// Counters and log of one simulator.
#[derive(Debug)]
pub(crate) struct Requests {
    capacity: usize,
    total: u64,
    log: VecDeque<LoggedRequest>,
    counters: BTreeMap<&'static str, RouteCounter>,
}

impl Requests {
    /// `capacity` is the length of the log; 0 keeps none.
    pub(crate) fn new(capacity: usize) -> Self {
        Self {
            capacity,
            total: 0,
            log: VecDeque::new(),
            counters: BTreeMap::new(),
        }
    }

    pub(crate) fn keeps_log(&self) -> bool {
        self.capacity > 0
    }

    pub(crate) fn count(&mut self, route: &'static str, status: Option<u16>, faulted: bool) {
        self.total += 1;
        let counter = self.counters.entry(route).or_default();
        counter.requests += 1;
        counter.faulted += u64::from(faulted);
        *counter.statuses.entry(status.unwrap_or(0)).or_default() += 1;
    }

    /// Adds a line; its number is the count of requests so far.
    pub(crate) fn log(&mut self, mut line: LoggedRequest) {
        line.number = self.total;
        if self.log.len() >= self.capacity {
            self.log.pop_front();
        }
        self.log.push_back(line);
    }

    pub(crate) fn lines(&self) -> Vec<LoggedRequest> {
        self.log.iter().cloned().collect()
    }

    pub(crate) fn counters(&self) -> &BTreeMap<&'static str, RouteCounter> {
        &self.counters
    }

    pub(crate) fn clear(&mut self) {
        *self = Self::new(self.capacity);
    }
}

/// The query as the log shows it.
pub(crate) fn logged_query(query: &str) -> BTreeMap<String, String> {
    crate::oauth::form_pairs(query)
        .filter(|(name, _)| LOGGED_PARAMETERS.contains(&name.as_str()))
        .map(|(name, value)| (name, value.chars().take(LONGEST_LOGGED_SEGMENT).collect()))
        .collect()
}

/// The path as the log shows it: a socket address carries the bearer after `brand`, and anything long may be a token.
pub(crate) fn logged_path(path: &str) -> String {
    let mut after_brand = false;
    path.split('/')
        .map(|segment| {
            let masked = after_brand || segment.len() > LONGEST_LOGGED_SEGMENT;
            after_brand = segment == "brand";
            if masked && !segment.is_empty() { "***" } else { segment }
        })
        .collect::<Vec<_>>()
        .join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_do_not_reach_the_log() {
        assert_eq!(
            logged_path("/ws_api/account/1/messaging/brand/abc"),
            "/ws_api/account/1/messaging/brand/***"
        );
        assert_eq!(logged_path(&format!("/x/{}", "a".repeat(41))), "/x/***");
        assert_eq!(logged_path("/api/account/1/login"), "/api/account/1/login");
        let query = logged_query("v=1.3&client_secret=s&offset=100&access_token=t");
        assert_eq!(
            query.into_iter().collect::<Vec<_>>(),
            [("offset".into(), "100".into()), ("v".into(), "1.3".into())]
        );
    }

    #[test]
    fn the_log_keeps_the_last_lines() {
        let mut requests = Requests::new(2);
        for status in [200, 201, 202] {
            requests.count("login.login", Some(status), false);
            requests.log(LoggedRequest {
                number: 0,
                at_ms: 0,
                route: "login.login",
                method: "POST".into(),
                path: "/".into(),
                query: BTreeMap::new(),
                status: Some(status),
                faults: Vec::new(),
            });
        }
        requests.count("login.login", None, true);
        let lines = requests.lines();
        assert_eq!(lines.iter().map(|line| line.number).collect::<Vec<_>>(), [2, 3]);
        assert_eq!(requests.counters()["login.login"].requests, 4);
        assert_eq!(requests.counters()["login.login"].statuses[&0], 1);
    }
}
