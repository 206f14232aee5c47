//! What agents did with their status: logins, logouts and changes, the generated past and the live present
//! (<https://developers.liveperson.com/agent-activity-api-overview.html>).

mod answer;
mod knobs;
mod past;
mod present;

use std::sync::{Arc, OnceLock};

use crate::{
    account::{Account, User},
    messaging,
    world::World,
};

pub use knobs::AgentActivityKnobs;

pub(crate) use answer::status_changes;

/// One thing that an agent did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StatusChange {
    /// The place of the user in the account.
    pub(crate) user: usize,
    /// Epoch milliseconds.
    pub(crate) at: i64,
    pub(crate) kind: Kind,
    /// The session that it belongs to.
    pub(crate) number: i64,
    /// The session as the API tells it: -1 on the first two.
    pub(crate) session: i64,
    pub(crate) sequence: i64,
    /// The custom reason of a status: id and text.
    pub(crate) reason: Option<(i64, &'static str)>,
    pub(crate) previous: Option<i64>,
    /// The status before.
    pub(crate) before: Option<Status>,
}

/// What kind of thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Status(Status),
    Login,
    Logout,
}

/// The status of an agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    Offline,
    Online,
    Occupied,
    Away,
}

impl Kind {
    /// `statusType`.
    pub(crate) const fn code(self) -> i64 {
        match self {
            Self::Status(_) => 1,
            Self::Login => 3,
            Self::Logout => 4,
        }
    }
}

impl Status {
    /// `statusSubType`.
    pub(crate) const fn code(self) -> i64 {
        match self {
            Self::Offline => 1,
            Self::Online => 2,
            Self::Occupied => 3,
            Self::Away => 4,
        }
    }

    /// The status that messaging calls so.
    fn of_availability(availability: &str) -> Self {
        match availability {
            "ONLINE" => Self::Online,
            "AWAY" => Self::Away,
            "OCCUPIED" | "BACK_SOON" => Self::Occupied,
            _ => Self::Offline,
        }
    }
}

/// The generated past of one simulator.
#[derive(Debug, Default)]
pub(crate) struct Past(OnceLock<Arc<[StatusChange]>>);

/// Everything from `from` to `to`, bounds included, agent by agent and in the order of time within each.
pub(crate) fn changes(world: &World, from: i64, to: i64) -> Vec<StatusChange> {
    let to = to.min(world.clock.now_ms());
    let past = world.past.0.get_or_init(|| past::generate(world).into());
    messaging::beat(world);
    let mut changes: Vec<StatusChange> = past
        .iter()
        .cloned()
        .chain(present::changes(world))
        .filter(|change| (from..=to).contains(&change.at))
        .collect();
    changes.sort_by_key(|change| (change.user, change.at, change.sequence.max(0)));
    changes
}

/// The number that the brand knows an employee by. The account model has none, so it follows from the id.
pub(crate) fn employee_id(user: &User) -> String {
    format!(
        "E-{}",
        user.user_id
            .get(user.user_id.len().saturating_sub(5)..)
            .unwrap_or(&user.user_id)
    )
}

/// The user with an employee number.
pub(crate) fn by_employee_id(account: &Account, id: &str) -> Option<usize> {
    account.users.iter().position(|user| employee_id(user) == id)
}
