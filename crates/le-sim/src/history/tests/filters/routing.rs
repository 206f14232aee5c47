//! Times, skills, agents.

use serde_json::{Value, json};

use super::super::{COMPLETE, NOW, SHARED, id, list, pages, whole};
use super::{STEP, check, common, found, in_window};
use crate::history::{DAY, MINUTE};

#[test]
fn by_status() {
    check(json!({"status": ["OPEN"]}), |record| record["info"]["status"] == "OPEN");
    check(json!({"status": "CLOSE"}), |record| record["info"]["status"] == "CLOSE");
    check(json!({"status": ["OVERDUE"]}), |record| {
        (0..NOW).contains(&whole(&record["responseTime"]["latestEffectiveResponseDueTime"]))
    });
    assert!(found(&json!({"status": ["UNKNOWN"]})).is_empty());
}

#[test]
fn by_end() {
    let (from, to) = (NOW - 40 * DAY, NOW - 20 * DAY);
    let window = from / STEP * STEP..=to / STEP * STEP + STEP;
    let within = |key: &'static str| {
        let window = window.clone();
        move |record: &Value| record["info"][key].as_i64().is_some_and(|end| window.contains(&end))
    };
    check(json!({"end": {"from": from, "to": to}}), within("endTimeL"));
    check(
        json!({"fullDialogEndTime": {"from": from.to_string(), "to": to}}),
        within("fullDialogEndTimeL"),
    );
}

#[test]
fn bounds_are_widened_to_ten_minutes() {
    let mut starts: Vec<i64> = COMPLETE
        .iter()
        .map(|record| whole(&record["info"]["startTimeL"]))
        .collect();
    starts.dedup();
    let count = |from: i64, to: i64| {
        let body = json!({"start": {"from": from, "to": to}, "contentToRetrieve": []});
        pages(&SHARED, "v=2", &body).len()
    };
    for start in starts.into_iter().step_by(97).filter(|start| start % STEP > 2 * MINUTE) {
        let (floor, ceiling) = (start / STEP * STEP, start / STEP * STEP + STEP);
        let expected = COMPLETE
            .iter()
            .filter(|record| (floor..=ceiling).contains(&whole(&record["info"]["startTimeL"])))
            .count();
        assert!(expected >= 1);
        assert_eq!(
            count(floor + 1, floor + 2),
            expected,
            "both bounds lie before the start and are widened around it"
        );
        assert_eq!(count(ceiling - 1, ceiling - 1), expected);
        assert_eq!(count(floor, ceiling), expected);
    }
}

#[test]
fn by_latest_update() {
    let after = |from: i64| found(&json!({"latestUpdateTime": {"from": from}}));
    let all = in_window().count();
    let recent = NOW - 3 * DAY;
    let some = after(recent);
    assert!(!some.is_empty() && some.len() < all);
    // Whatever shows a newer time was updated since; what was not cannot show one.
    for record in in_window() {
        let mut latest = 0;
        newest(record, &mut latest);
        if latest >= recent {
            assert!(some.contains(id(record)), "{latest} {record}");
        }
    }
    assert_eq!(found(&json!({"latestUpdateTime": recent})), some, "a bare number");
    assert_eq!(
        after(recent / STEP * STEP),
        after(recent / STEP * STEP + STEP - 1),
        "rounded down"
    );
    assert_eq!(after(0).len(), all);
    let count = some.len() as i64 - after(NOW - DAY).len() as i64;
    assert!(count > 0, "a later bound finds less");
}

/// The newest epoch time in the record that is not about the page visit before.
fn newest(value: &Value, latest: &mut i64) {
    match value {
        Value::Object(members) => members.values().for_each(|member| newest(member, latest)),
        Value::Array(entries) => entries.iter().for_each(|entry| newest(entry, latest)),
        Value::Number(number) => {
            if let Some(number) = number
                .as_i64()
                .filter(|number| (1_700_000_000_000..=NOW).contains(number))
            {
                *latest = number.max(*latest);
            }
        }
        _ => {}
    }
}

#[test]
fn by_skill() {
    let skill = common("latestSkillId");
    check(json!({"latestSkillIds": [skill]}), |record| {
        record["info"]["latestSkillId"] == skill
    });
    check(json!({"latestSkillIds": [skill.to_string(), "-1"]}), |record| {
        record["info"]["latestSkillId"] == skill || record["info"]["latestSkillId"] == -1
    });
    for skill in [skill, json!(-1)] {
        check(json!({"skillIds": [skill.to_string()]}), |record| {
            let passed = |transfer: &Value| transfer["sourceSkillId"] == skill || transfer["targetSkillId"] == skill;
            record["info"]["latestSkillId"] == skill || list(record, "transfers").iter().any(passed)
        });
    }
}

#[test]
fn by_agent() {
    let agent = common("latestAgentId");
    check(
        json!({"latestAgentIds": [agent.as_str().unwrap().parse::<i64>().unwrap()]}),
        |record| record["info"]["latestAgentId"] == agent,
    );
    let joined = |record: &Value, agent: &Value, permissions: &[&str]| {
        list(record, "agentParticipants").iter().any(|join| {
            (agent.is_null() || join["agentId"] == *agent || join["agentPid"] == *agent)
                && permissions.iter().any(|permission| join["permission"] == *permission)
        })
    };
    check(json!({"agentIds": [agent]}), |record| {
        joined(record, &agent, &["ASSIGNED_AGENT"])
    });
    let first = in_window()
        .find_map(|record| list(record, "agentParticipants").first())
        .unwrap();
    let pid = first["agentPid"].clone();
    check(json!({"agentIds": [pid]}), |record| {
        joined(record, &pid, &["ASSIGNED_AGENT"])
    });
    check(json!({"userPermissions": ["READER"]}), |record| {
        joined(record, &Value::Null, &["READER"])
    });
    let manager = in_window()
        .flat_map(|record| list(record, "agentParticipants"))
        .find(|join| join["permission"] == "MANAGER")
        .map(|join| join["agentId"].clone())
        .unwrap();
    check(
        json!({"agentIds": [manager], "userPermissions": ["AGENT_MANGER", "READER"]}),
        |record| joined(record, &manager, &["MANAGER", "READER"]),
    );
    let group = common("latestAgentGroupId");
    check(json!({"agentGroupIds": [group.to_string()]}), |record| {
        list(record, "agentParticipants")
            .iter()
            .any(|join| join["agentGroupId"] == group)
    });
}
