//! `AgentActivityData`: the changes of the Agent Activity API as files tell them.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::{
    agent_activity::{self, Kind, Status, StatusChange},
    history::files::{
        Body,
        avro::{array, long, named, string},
    },
    world::World,
};

const HOUR_MS: i64 = 3_600_000;

/// Where concurrency has no meaning.
const NOT_APPLICABLE: i64 = -9;
/// How many chats an agent takes at a time.
const MOST_CHATS: i64 = 3;

/// One body for each session and hour in which it changed: a session that lasts has a line in the file of each hour.
pub(super) fn bodies(world: &World, from: i64, to: i64) -> Vec<Vec<Body>> {
    let changes = agent_activity::changes(world, from, to);
    let busy = world.chats.busy(from, to);
    let mut sessions: BTreeMap<(i64, i64), Vec<&StatusChange>> = BTreeMap::new();
    for change in &changes {
        let hour = change.at.div_euclid(HOUR_MS);
        sessions.entry((hour, change.number)).or_default().push(change);
    }
    sessions
        .into_iter()
        .map(|((_, number), session)| {
            let header = named(
                "AgentHeader",
                json!({ "agentSessionId": string(format!("{}-{number}", world.account.id)) }),
            );
            let rows = session.iter().map(|change| row(world, change, &busy)).collect();
            let body = json!({ "header": header, "agentSessionsData": array(rows) });
            let at = session.last().map_or(from, |change| change.at);
            vec![Body {
                at,
                body: named("AgentActivityData", body),
            }]
        })
        .collect()
}

fn row(world: &World, change: &StatusChange, busy: &[(String, i64, i64)]) -> Value {
    let user = &world.account.users[change.user];
    let chats = |at: i64| {
        let now = busy
            .iter()
            .filter(|(agent, from, to)| *agent == user.user_id && *from <= at && at < *to);
        i64::try_from(now.count()).unwrap_or(i64::MAX)
    };
    let (state, most) = match change.kind {
        Kind::Status(status) => (state(status), MOST_CHATS),
        Kind::Login | Kind::Logout => (0, NOT_APPLICABLE),
    };
    json!({
        "agentID": long(user.user_id.parse().unwrap_or(0)),
        "type": long(change.kind.code()),
        "state": long(state), "prevState": long(change.before.map_or(-1, self::state)),
        "timestamp": long(change.at),
        "agentEmployeeId": string(agent_activity::employee_id(user)),
        "agentUsername": string(user.nickname.as_str()), "agentNickname": string(user.nickname.as_str()),
        "agentLoginname": string(user.login_name.as_str()),
        "prevConcurrentEng": long(chats(change.at - 1)), "concurrentEng": long(chats(change.at)),
        "maxConcurrentEng": long(most), "agentGroupID": long(user.agent_group_id),
        "userProfileIDs": array(Vec::new()),
    })
}

/// The same four as in the API, where the third is called occupied.
const fn state(status: Status) -> i64 {
    status.code()
}
