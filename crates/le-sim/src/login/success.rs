//! The answer to a login that succeeded.

use axum::response::Response;
use http::StatusCode;
use serde_json::{Map, Value, json};

use crate::{account::User, answer, arrival::Arrival, behaviour::Behaviour, domain, sessions::Session, world::World};

/// The time zone of the account: one without daylight saving time, so that the offset needs no table.
const TIME_ZONE: &str = "America/Phoenix";

/// Its distance from UTC.
const OFFSET_MS: i64 = -7 * 3_600_000;

/// The full answer tree, computed from the account.
pub(super) fn answer(
    world: &World,
    behaviour: &Behaviour,
    arrival: &Arrival,
    user: &User,
    session: &Session,
) -> Response {
    let ttl = if behaviour.session_ttl_as_number {
        json!(behaviour.session_ttl_ms)
    } else {
        json!(behaviour.session_ttl_ms.to_string())
    };
    let mut tree = json!({
        "csrf": session.csrf,
        "wsuk": session.wsuk,
        "sessionId": session.session_id,
        "config": config(world, user),
        "csdsCollectionResponse": { "baseURIs": domain::base_uris(world, arrival) },
        "accountData": { "agentGroupsData": agent_groups(world) },
        "sessionTTl": ttl,
        "bearer": session.bearer,
    });
    for field in &behaviour.login_omits {
        omit(&mut tree, field);
    }
    answer::json(StatusCode::OK, &tree)
}

fn config(world: &World, user: &User) -> Value {
    json!({
        "loginName": user.login_name,
        "userId": user.user_id,
        "userPid": user.user_pid,
        "userPrivileges": user.privileges,
        "serverCurrentTime": world.clock.now_ms(),
        "timeDiff": -OFFSET_MS,
        "serverTimeZoneName": TIME_ZONE,
        "serverTimeGMTDiff": OFFSET_MS,
        "isLPA": false,
        "isAdmin": user.agent_group_id == -1,
        "accountTimeZoneId": TIME_ZONE,
    })
}

fn agent_groups(world: &World) -> Value {
    let items: Vec<Value> = world
        .account
        .agent_groups
        .iter()
        .map(|group| json!({ "id": group.id, "deleted": false, "name": group.name }))
        .collect();
    json!({ "items": items, "revision": items.len() })
}

/// Takes a field such as `config.userId` out of the tree.
fn omit(tree: &mut Value, field: &str) {
    let (parents, leaf) = field.rsplit_once('.').unwrap_or(("", field));
    let parent = parents
        .split('.')
        .filter(|name| !name.is_empty())
        .try_fold(tree, |at, name| at.get_mut(name));
    if let Some(members) = parent.and_then(Value::as_object_mut) {
        Map::remove(members, leaf);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_taken_out_by_their_path() {
        let mut tree = json!({ "a": { "b": 1, "c": 2 }, "d": 3 });
        omit(&mut tree, "a.b");
        omit(&mut tree, "d");
        omit(&mut tree, "x.y");
        assert_eq!(tree, json!({ "a": { "c": 2 } }));
    }
}
