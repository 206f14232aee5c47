//! The present: real logins, and what agents set through messaging.

use std::collections::BTreeMap;

use super::{Kind, Status, StatusChange, past::next};
use crate::world::World;

pub(super) fn changes(world: &World) -> Vec<StatusChange> {
    let now = world.clock.now_ms();
    let users = &world.account.users;
    let place = |login_name: &str| {
        users
            .iter()
            .position(|user| user.login_name.eq_ignore_ascii_case(login_name))
    };
    let mut by_user: BTreeMap<usize, Vec<(i64, Kind)>> = BTreeMap::new();
    for event in world.sessions().events(now) {
        if let Some(user) = place(&event.login_name) {
            let kind = if event.began { Kind::Login } else { Kind::Logout };
            by_user.entry(user).or_default().push((event.at_ms, kind));
        }
    }
    for (agent, at, availability) in world.messaging.hub().engine.availability_changes() {
        // The survey bot stands behind the users of the account.
        if agent < users.len() {
            let kind = Kind::Status(Status::of_availability(&availability));
            by_user.entry(agent).or_default().push((at, kind));
        }
    }
    let mut all = Vec::new();
    let mut number = 61_000;
    for (user, mut events) in by_user {
        // What happens in one millisecond: the session begins first and ends last.
        events.sort_by_key(|(at, kind)| (*at, rank(*kind)));
        let mut session: Vec<StatusChange> = Vec::new();
        for (at, kind) in events {
            if kind == Kind::Login || session.is_empty() {
                all.append(&mut session);
                number += 1;
            }
            session.push(next(&session, user, number, at, kind, None));
            if kind == Kind::Login {
                session.push(next(&session, user, number, at, Kind::Status(Status::Offline), None));
            }
            if kind == Kind::Logout {
                all.append(&mut session);
            }
        }
        all.append(&mut session);
    }
    all
}

const fn rank(kind: Kind) -> u8 {
    match kind {
        Kind::Login => 0,
        Kind::Status(_) => 1,
        Kind::Logout => 2,
    }
}
