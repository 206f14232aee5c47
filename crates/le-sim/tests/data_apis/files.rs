//! Data Access: lists, files, and what stands in them.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::Read as _;
use std::time::Duration;

use le_sim::{FileFormat, FileKind, Wrappers};
use serde_json::{Value, json};

use crate::*;

const BASE: &str = "/data_access_le/account/{account}/le";

async fn list(sim: &Sim, kind: &str, from: i64, to: i64) -> Vec<Value> {
    let (status, answer) = get(sim, &format!("{BASE}/{kind}?startTime={from}&endTime={to}")).await;
    assert_eq!(status, 200, "{answer}");
    answer["dataAccessFiles"]["file"].as_array().unwrap().clone()
}

async fn download(sim: &Sim, href: &str) -> (u16, Vec<u8>) {
    let answer = signed(sim, 0, "GET", href).send().await.unwrap();
    (answer.status().as_u16(), answer.bytes().await.unwrap().to_vec())
}

fn unzipped(bytes: &[u8]) -> String {
    let mut text = String::new();
    flate2::read::GzDecoder::new(bytes).read_to_string(&mut text).unwrap();
    text
}

/// The lines of all files of a kind.
async fn lines(sim: &Sim, kind: &str) -> Vec<Value> {
    let mut lines = Vec::new();
    for file in list(sim, kind, NOW - 31 * DAY, NOW).await {
        let (status, bytes) = download(sim, file["@href"].as_str().unwrap()).await;
        assert_eq!(status, 200);
        let text = unzipped(&bytes);
        lines.extend(text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()));
    }
    assert!(!lines.is_empty(), "{kind}");
    lines
}

/// Takes the wrappers of unions off.
fn unwrap(value: &Value) -> Value {
    match value {
        Value::Object(members) if members.len() == 1 => {
            let (name, inner) = members.iter().next().unwrap();
            let branch = ["string", "long", "int", "double", "boolean", "array"].contains(&name.as_str());
            if branch || name.contains('.') {
                return unwrap(inner);
            }
            json!({ name: unwrap(inner) })
        }
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| (name.clone(), unwrap(value)))
            .collect(),
        Value::Array(values) => values.iter().map(unwrap).collect(),
        other => other.clone(),
    }
}

fn bodies(line: &Value) -> Vec<Value> {
    let line = unwrap(line);
    line["recordCollection"]
        .as_array()
        .unwrap()
        .iter()
        .map(|record| record["body"].clone())
        .collect()
}

/// Checks a value against a schema: the names and branches of Avro's JSON encoding.
fn check(value: &Value, schema: &Value, named: &HashMap<String, Value>, path: &str) {
    match schema {
        Value::String(name) => match (name.as_str(), value) {
            ("null", Value::Null) | ("string", Value::String(_)) | ("boolean", Value::Bool(_)) => {}
            ("int" | "long" | "double", Value::Number(_)) => {}
            (name, value) => check(
                value,
                named.get(name).unwrap_or_else(|| panic!("{path}: {name} for {value}")),
                named,
                path,
            ),
        },
        Value::Array(branches) if value.is_null() => assert!(branches.contains(&json!("null")), "{path}"),
        Value::Array(branches) => {
            let (branch, inner) = value
                .as_object()
                .and_then(|members| members.iter().next())
                .unwrap_or_else(|| panic!("{path}: {value} is not wrapped"));
            let wanted = branches.iter().find(|candidate| branch_name(candidate) == *branch);
            check(
                inner,
                wanted.unwrap_or_else(|| panic!("{path}: no branch {branch}")),
                named,
                &format!("{path}/{branch}"),
            );
        }
        Value::Object(shape) => match shape["type"].as_str().unwrap() {
            "record" => {
                let fields = shape["fields"].as_array().unwrap();
                let members = value.as_object().unwrap_or_else(|| panic!("{path}: {value}"));
                for (name, member) in members {
                    let field = fields.iter().find(|field| field["name"] == name.as_str());
                    let field = field.unwrap_or_else(|| panic!("{path}: {name} is not in the schema"));
                    check(member, &field["type"], named, &format!("{path}/{name}"));
                }
            }
            "enum" => assert!(shape["symbols"].as_array().unwrap().contains(value), "{path}: {value}"),
            "array" => {
                for item in value.as_array().unwrap_or_else(|| panic!("{path}: {value}")) {
                    check(item, &shape["items"], named, path);
                }
            }
            other => panic!("{path}: {other}"),
        },
        other => panic!("{path}: {other}"),
    }
}

fn branch_name(branch: &Value) -> String {
    match branch {
        Value::String(name) => name.clone(),
        other if other["type"] == "array" => "array".to_owned(),
        other => format!("com.liveperson.dataaccess.{}", other["name"].as_str().unwrap()),
    }
}

fn collect_named(schema: &Value, named: &mut HashMap<String, Value>) {
    if let Some(name) = schema
        .get("name")
        .and_then(Value::as_str)
        .filter(|_| schema.get("type") == Some(&json!("record")))
    {
        named.insert(format!("com.liveperson.dataaccess.{name}"), schema.clone());
    }
    match schema {
        Value::Array(values) => values.iter().for_each(|value| collect_named(value, named)),
        Value::Object(members) => members.values().for_each(|value| collect_named(value, named)),
        _ => {}
    }
}

#[tokio::test]
async fn every_line_of_every_kind_follows_the_schema() {
    let sim = sim().await;
    let (status, schema) = get(&sim, &format!("{BASE}/schema?schemaId=latest")).await;
    assert_eq!(status, 200);
    let mut named = HashMap::new();
    collect_named(&schema, &mut named);
    for kind in ["agentActivity", "engagement", "survey", "webSession"] {
        for line in lines(&sim, kind).await {
            check(&line, &schema, &named, kind);
        }
    }
    assert_eq!(get(&sim, &format!("{BASE}/schema?schemaId=0.0.0.1")).await.0, 404);
    assert_eq!(get(&sim, &format!("{BASE}/schema")).await.0, 400);
}

#[tokio::test]
async fn files_agree_with_the_other_apis() {
    let sim = sim().await;
    // Chats and conversations that ended while files are kept, and early enough to be in one.
    let range = NOW - 29 * DAY..NOW - 2 * HOUR;
    let mut ended: BTreeMap<String, i64> = BTreeMap::new();
    let body = json!({"start": {"from": NOW - 30 * DAY, "to": NOW}});
    let address = url(
        &sim,
        "/interaction_history/api/account/{account}/interactions/search?limit=100",
    );
    let (_, chats) = answer(signed(&sim, 0, "POST", &address).json(&body)).await;
    for chat in chats["interactionHistoryRecords"].as_array().unwrap() {
        let info = &chat["info"];
        ended.insert(
            info["engagementId"].as_str().unwrap().to_owned(),
            info["endTimeL"].as_i64().unwrap(),
        );
    }
    let address = url(
        &sim,
        "/messaging_history/api/account/{account}/conversations/search?limit=100",
    );
    let body = json!({"start": {"from": NOW - 60 * DAY, "to": NOW}, "status": ["CLOSE"]});
    let (_, page) = answer(signed(&sim, 0, "POST", &address).json(&body)).await;
    for record in page["conversationHistoryRecords"].as_array().unwrap() {
        let info = &record["info"];
        ended.insert(
            info["conversationId"].as_str().unwrap().to_owned(),
            info["endTimeL"].as_i64().unwrap(),
        );
    }
    let mut filed: BTreeMap<String, i64> = BTreeMap::new();
    for line in lines(&sim, "engagement").await {
        for body in bodies(&line) {
            for engagement in body["engagements"].as_array().unwrap() {
                let id = engagement["conversationId"].as_str().unwrap().to_owned();
                filed.insert(id, engagement["conversationEndTime"].as_i64().unwrap());
            }
        }
    }
    let expected: Vec<(&String, &i64)> = ended.iter().filter(|(_, end)| range.contains(end)).collect();
    assert!(expected.len() > 20, "{}", expected.len());
    for (id, end) in expected {
        assert_eq!(filed.get(id), Some(end), "{id}");
    }
    let surveyed: HashSet<String> = lines(&sim, "survey")
        .await
        .iter()
        .flat_map(bodies)
        .flat_map(|body| body["surveys"].as_array().unwrap().clone())
        .map(|survey| survey["conversationId"].as_str().unwrap().to_owned())
        .collect();
    assert!(!surveyed.is_empty() && surveyed.iter().all(|id| filed.contains_key(id)));

    let path = "/api/v2/account/{account}/status-changes?v=2&source=t&limit=5000";
    let (_, api) = get(
        &sim,
        &format!("{path}&from=2030-02-13T00:00:00Z&to=2030-03-14T12:00:00Z"),
    )
    .await;
    let rows: Vec<Value> = lines(&sim, "agentActivity")
        .await
        .iter()
        .flat_map(bodies)
        .flat_map(|body| body["agentSessionsData"].as_array().unwrap().clone())
        .collect();
    let changes = api["stateChanges"].as_array().unwrap();
    assert!(changes.len() > 50);
    for change in changes.iter().step_by(7) {
        let same = rows.iter().any(|row| {
            row["agentID"] == change["agentId"]
                && row["type"] == change["statusType"]
                && row["agentLoginname"] == change["agentLoginName"]
                && (change["statusType"] != 1 || row["state"] == change["statusSubType"])
        });
        assert!(same, "{change}");
    }
}

#[tokio::test]
async fn lists_go_by_the_time_of_generation_and_files_are_deleted() {
    let sim = sim().await;
    let files = list(&sim, "engagement", NOW - 31 * DAY, NOW).await;
    let times = |file: &Value| -> (i64, i64) {
        let name = file["@name"].as_str().unwrap().to_owned();
        let parts: Vec<&str> = name.split('.').collect();
        assert_eq!((parts[0], parts.last()), ("Engagement", Some(&"gz")));
        (parts[1].parse().unwrap(), parts[2].parse().unwrap())
    };
    for file in &files {
        let (from, to) = times(file);
        assert_eq!((from % HOUR, to - from), (0, HOUR));
        assert!(to + 10 * 60_000 <= NOW && to > NOW - 31 * DAY);
        assert!(file["@scopeStartDate"].as_str().unwrap().ends_with("-05:00"));
    }
    // Made ten minutes after the hour: a range of a second around that finds it, its own hour does not.
    let (from, to) = times(&files[3]);
    let made = to + 10 * 60_000;
    let found = list(&sim, "engagement", made, made + 1_000).await;
    assert!(found.contains(&files[3]));
    let none = get(
        &sim,
        &format!("{BASE}/engagement?startTime={from}&endTime={}", from + 1),
    )
    .await;
    assert!(none.0 == 404 || !none.1.to_string().contains(files[3]["@name"].as_str().unwrap()));

    let address = url(&sim, &format!("{BASE}/survey?startTime=0&endTime=1000"));
    let nothing = signed(&sim, 0, "GET", &address).send().await.unwrap();
    assert_eq!(nothing.status(), 404);
    assert_eq!(nothing.text().await.unwrap(), "No Available Files");

    let oldest = files[0]["@href"].as_str().unwrap();
    assert_eq!(download(&sim, oldest).await.0, 200);
    sim.clock().advance(Duration::from_secs(30 * 86_400));
    assert_eq!(download(&sim, oldest).await.0, 404);
    let now = sim.clock().now_ms();
    assert_eq!(
        get(
            &sim,
            &format!("{BASE}/engagement?startTime={}&endTime={now}", now - HOUR)
        )
        .await
        .0,
        404
    );
}

#[tokio::test]
async fn parts_formats_and_wrappers() {
    let sim = sim().await;
    let control = sim.control();
    let whole = list(&sim, "agentActivity", NOW - 31 * DAY, NOW).await;
    let mut lines_of: HashMap<String, usize> = HashMap::new();
    for file in &whole {
        let (_, bytes) = download(&sim, file["@href"].as_str().unwrap()).await;
        let scope = file["@scopeStartDate"].as_str().unwrap().to_owned();
        *lines_of.entry(scope).or_default() += unzipped(&bytes).lines().count();
    }
    control.adjust(|behaviour| behaviour.data_access.lines_per_part = 1);
    let parts = list(&sim, "agentActivity", NOW - 31 * DAY, NOW).await;
    assert_eq!(parts.len(), lines_of.values().sum::<usize>());
    let href = parts[0]["@href"].as_str().unwrap();

    control.adjust(|behaviour| {
        behaviour.data_access.wrappers = Wrappers::Documentation;
        behaviour.data_access.format = FileFormat::Concatenated;
    });
    let text = unzipped(&download(&sim, href).await.1);
    assert!(text.lines().count() > 5);
    let line: Value = serde_json::from_str(&text).unwrap();
    assert!(line["metaData"]["schemaVersion"].is_string() && line["recordCollection"].is_array());

    control.adjust(|behaviour| behaviour.data_access.format = FileFormat::Plain);
    assert!(download(&sim, href).await.1.starts_with(b"{"));
    control.adjust(|behaviour| behaviour.data_access.format = FileFormat::AvroContainer);
    let mut container = Vec::new();
    let bytes = download(&sim, href).await.1;
    flate2::read::GzDecoder::new(&bytes[..])
        .read_to_end(&mut container)
        .unwrap();
    assert!(container.starts_with(b"Obj\x01"));

    control.adjust(|behaviour| behaviour.data_access.single_entry_bare = true);
    let from = parts[0]["@name"]
        .as_str()
        .unwrap()
        .split('.')
        .nth(2)
        .unwrap()
        .parse::<i64>()
        .unwrap()
        + 600_000;
    let (_, one) = get(&sim, &format!("{BASE}/agentActivity?startTime={from}&endTime={from}")).await;
    let entries = &one["dataAccessFiles"]["file"];
    assert!(
        entries.is_object() || entries.as_array().unwrap().len() > 1,
        "{entries}"
    );
}

#[tokio::test]
async fn kinds_links_and_credentials() {
    let sim = sim().await;
    sim.control()
        .adjust(|behaviour| behaviour.data_access.kinds = vec![FileKind::Survey]);
    let (_, base) = get(&sim, BASE).await;
    let rels: Vec<&str> = base["le"]["link"]
        .as_array()
        .unwrap()
        .iter()
        .map(|link| link["@rel"].as_str().unwrap())
        .collect();
    assert_eq!(rels, ["self", "survey", "schema"]);
    assert_eq!(
        get(&sim, &format!("{BASE}/engagement?startTime=0&endTime={NOW}"))
            .await
            .0,
        403
    );
    assert_eq!(get(&sim, &format!("{BASE}/survey?startTime=0")).await.0, 400);
    assert_eq!(answer(signed(&sim, 1, "GET", &url(&sim, BASE))).await.0, 403);
    let bearer = client::login(&sim).await["bearer"].as_str().unwrap().to_owned();
    let by_bearer = || client::client(&sim).get(url(&sim, BASE)).bearer_auth(&bearer);
    assert_eq!(answer(by_bearer()).await.0, 401);
    sim.control().adjust(|behaviour| {
        behaviour.data_access.bearer = true;
        behaviour.data_access.file_host = Some("elsewhere.example:1".to_owned());
    });
    let (status, base) = answer(by_bearer()).await;
    assert_eq!(status, 200);
    assert!(
        base["le"]["link"][0]["@href"]
            .as_str()
            .unwrap()
            .starts_with("http://elsewhere.example:1/")
    );
}
