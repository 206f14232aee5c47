//! What goes wrong in the demo.

use le_sim::{FaultAction, FaultPlan, FaultRule};

const DOMAIN: &str = "domain.all_services";
const LOGIN: &str = "login.login";
const SEARCH: &str = "messaging_interactions.search";

/// One fault of each kind. The search is asked for at least once in each of fourteen windows, so every rule finds its call
/// however few conversations there are.
pub(super) fn faults(seed: u64) -> FaultPlan {
    let rule = |name: &str, route: &str, nth: u64, action| FaultRule::new(action).named(name).route(route).nth(nth);
    FaultPlan::new(seed)
        .with(rule("503 from the Domain API", DOMAIN, 1, FaultAction::status(503)))
        .with(rule("429 at the login", LOGIN, 1, FaultAction::status(429)))
        .with(rule(
            "429 with Retry-After: 2",
            SEARCH,
            2,
            FaultAction::retry_after(429, 2),
        ))
        .with(rule("503 from the history", SEARCH, 4, FaultAction::status(503)))
        .with(rule(
            "connection reset before the request was read",
            SEARCH,
            6,
            FaultAction::ResetBeforeBody,
        ))
        .with(rule(
            "connection reset after the request was read",
            SEARCH,
            8,
            FaultAction::ResetAfterBody,
        ))
        .with(rule(
            "answer cut off in the middle",
            SEARCH,
            10,
            FaultAction::TruncatedBody { keep: None },
        ))
        .with(rule(
            "session ended by the server",
            SEARCH,
            12,
            FaultAction::ExpireSession,
        ))
        .with(rule("503 twice in a row, first", SEARCH, 15, FaultAction::status(503)))
        .with(rule("503 twice in a row, second", SEARCH, 16, FaultAction::status(503)))
}
