//! The generated past: whoever did something in a generated conversation or chat was logged in and online then.

use std::collections::{BTreeMap, HashSet};

use super::{Kind, Status, StatusChange};
use crate::{
    account::{UserType, mix},
    world::World,
};

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;

/// Who does nothing for so long has logged out in between.
const LONGEST_PAUSE: i64 = 3 * HOUR;

/// Why agents are away or occupied; most give no reason.
const REASONS: [Option<(i64, &str)>; 4] = [
    None,
    Some((6, "Lunch")),
    Some((7, "Team meeting")),
    Some((8, "Pause café")),
];

pub(super) fn generate(world: &World) -> Vec<StatusChange> {
    let people: Vec<(usize, &str)> = world
        .account
        .users
        .iter()
        .enumerate()
        .filter(|(_, user)| user.user_type == UserType::Human)
        .map(|(place, user)| (place, user.user_id.as_str()))
        .collect();
    let ids: HashSet<&str> = people.iter().map(|(_, id)| *id).collect();
    let mut moments: BTreeMap<String, Vec<i64>> = BTreeMap::new();
    let did = world.history.moments(&ids).into_iter().chain(world.chats.moments(&ids));
    for (agent, at) in did.filter(|(_, at)| *at <= world.generated_at) {
        moments.entry(agent).or_default().push(at);
    }
    let mut changes = Vec::new();
    let mut session = 31_000;
    for (place, id) in people {
        let mut times = moments.remove(id).unwrap_or_default();
        times.sort_unstable();
        let mut rest = times.as_slice();
        while let Some(first) = rest.first() {
            let length = rest
                .windows(2)
                .take_while(|pair| pair[1] - pair[0] < LONGEST_PAUSE)
                .count()
                + 1;
            session += 1;
            let shift = Shift {
                user: place,
                session,
                random: fastrand::Rng::with_seed(mix(world.seed ^ place as u64, first.unsigned_abs())),
                changes: Vec::new(),
            };
            changes.extend(shift.worked(&rest[..length]));
            rest = &rest[length..];
        }
    }
    changes.retain(|change| change.at <= world.generated_at);
    changes
}

/// One session of an agent.
struct Shift {
    user: usize,
    session: i64,
    random: fastrand::Rng,
    changes: Vec<StatusChange>,
}

impl Shift {
    fn worked(mut self, moments: &[i64]) -> Vec<StatusChange> {
        let (Some(first), Some(last)) = (moments.first(), moments.last()) else {
            return Vec::new();
        };
        let login = first - self.random.i64(2 * MINUTE..20 * MINUTE);
        self.push(login, Kind::Login, None);
        // The status after a login is the account's default.
        let default = login + self.random.i64(80..900);
        self.push(default, Kind::Status(Status::Offline), None);
        let online = login + self.random.i64(2_000..90_000);
        self.push(online, Kind::Status(Status::Online), None);
        for pair in moments.windows(2) {
            let pause = pair[1] - pair[0];
            if pause < 30 * MINUTE || self.random.u8(..3) == 0 {
                continue;
            }
            let status = if self.random.u8(..4) == 0 {
                Status::Occupied
            } else {
                Status::Away
            };
            let reason = REASONS[self.random.usize(..REASONS.len())];
            self.push(pair[0] + 5 * MINUTE, Kind::Status(status), reason);
            let back = pair[1] - self.random.i64(MINUTE..10 * MINUTE);
            self.push(back, Kind::Status(Status::Online), None);
        }
        let logout = last + self.random.i64(5 * MINUTE..45 * MINUTE);
        self.push(logout, Kind::Logout, None);
        self.changes
    }

    fn push(&mut self, at: i64, kind: Kind, reason: Option<(i64, &'static str)>) {
        let next = next(&self.changes, self.user, self.session, at, kind, reason);
        self.changes.push(next);
    }
}

/// The change that follows those of a session: its number, and what was before.
pub(super) fn next(
    session: &[StatusChange],
    user: usize,
    number: i64,
    at: i64,
    kind: Kind,
    reason: Option<(i64, &'static str)>,
) -> StatusChange {
    let first = session.len() < 2 && kind != Kind::Logout;
    let sequence = match kind {
        Kind::Login => -1,
        _ => session.iter().map(|change| change.sequence).max().unwrap_or(0).max(0) + 1,
    };
    let last = session
        .iter()
        .rev()
        .find(|change| matches!(change.kind, Kind::Status(_)));
    let previous = match kind {
        Kind::Status(_) => last.map(|change| change.at),
        Kind::Login | Kind::Logout => None,
    };
    StatusChange {
        user,
        at,
        kind,
        number,
        session: if first { -1 } else { number },
        sequence,
        reason,
        previous,
        before: last.and_then(|change| match change.kind {
            Kind::Status(status) => Some(status),
            _ => None,
        }),
    }
}
