//! Data Access.

use std::io::Write as _;

use futures_util::{StreamExt as _, TryStreamExt as _};
use le_core::ErrorKind;
use le_data::data_access::{
    AgentEventType, AgentState, AttributeData, DataBody, DataFile, DataFileContent, DataFileKind, Region, binary_avro,
    broken_value,
};
use serde_json::{Value, json};
use wiremock::ResponseTemplate;

use super::stage::{START, Seen, Stage, TOKEN, crafted, crafted_json, range};

pub(crate) fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

/// A list with these files, whose addresses are on the server that is asked.
pub(crate) fn list(seen: &Seen, host: &str, names: &[&str]) -> ResponseTemplate {
    let kind = seen.path.rsplit('/').next().unwrap();
    let files: Vec<Value> = names
        .iter()
        .map(|name| json!({ "@name": name, "@href": format!("http://{host}/data_access_le/account/le1000/le/{kind}/{name}") }))
        .collect();
    ResponseTemplate::new(200).set_body_json(json!({ "dataAccessFiles": { "@id": "le1000", "file": files } }))
}

fn host(seen: &Seen) -> String {
    seen.query("host").unwrap_or("127.0.0.1").to_owned()
}

/// Serves files of agent activity: the list, and `content` for each name.
pub(crate) async fn serving(
    names: &'static [&'static str],
    content: impl Fn(&str) -> ResponseTemplate + Send + Sync + 'static,
) -> (Stage, std::sync::Arc<std::sync::OnceLock<String>>) {
    let address = std::sync::Arc::new(std::sync::OnceLock::<String>::new());
    let own = std::sync::Arc::clone(&address);
    let stage = Stage::start(move |_, seen| {
        match seen
            .path
            .strip_prefix("/data_access_le/account/le1000/le/agentActivity/")
        {
            Some(name) => content(name),
            None => list(seen, own.get().map_or(&host(seen), |own| own), names),
        }
    })
    .await;
    address.set(stage.server.address().to_string()).unwrap();
    (stage, address)
}

fn line(number: usize) -> String {
    let session = json!({ "agentID": { "long": number }, "timestamp": { "long": START } });
    let body =
        json!({ "com.liveperson.dataaccess.AgentActivityData": { "agentSessionsData": { "array": [session] } } });
    json!({ "dataType": "AgentActivity", "recordCollection": { "array": [{ "body": body }] } }).to_string()
}

#[tokio::test]
async fn kinds_lists_and_schema() {
    let stage = Stage::start(|_, seen| match seen.path.rsplit('/').next().unwrap() {
        "le" => ResponseTemplate::new(200).set_body_json(crafted_json("data_access/base.json")),
        "schema" => ResponseTemplate::new(200).set_body_json(json!({ "type": "record" })),
        _ => ResponseTemplate::new(200).set_body_json(crafted_json("data_access/files.json")),
    })
    .await;
    let access = stage.data.data_access_at(stage.base());
    let kinds = access.kinds().await.unwrap();
    assert_eq!(kinds[1].rel, Some(DataFileKind::AgentActivity));
    let files = access.files(DataFileKind::Survey, range(1)).await.unwrap();
    assert_eq!(
        files[0].name.as_deref(),
        Some("Survey.1893456000000.1893459600000.part-00000-0.gz")
    );
    assert_eq!(files[0].scope().unwrap().from().as_millis(), START);
    let name = files[0].name.clone().unwrap();
    assert!(
        access
            .files(DataFileKind::Survey, range(1))
            .without([name])
            .await
            .unwrap()
            .is_empty()
    );
    assert_eq!(
        access.schema("latest").await.unwrap().to_value().unwrap()["type"],
        "record"
    );
    let seen = stage.seen();
    assert_eq!(seen[1].path, "/data_access_le/account/le1000/le/survey");
    assert_eq!(seen[1].query("startTime"), Some(START.to_string().as_str()));
    assert_eq!(seen[1].query("source"), None);
    assert_eq!(seen[3].query("schemaId"), Some("latest"));

    let error = access.files("somethingNew", range(1)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Validation);
    for (region, host) in [(Region::Us, "va."), (Region::Uk, "lo."), (Region::Apac, "sy.")] {
        assert!(region.host().starts_with(host));
        assert!(stage.data.data_access(region).is_ok());
    }
}

#[tokio::test]
async fn no_available_files_is_an_empty_list_whatever_the_status_and_is_not_asked_for_again() {
    for status in [400, 404, 500, 503, 200] {
        let stage = Stage::start(move |_, _| {
            ResponseTemplate::new(status).set_body_string("Error: no available FILES for range")
        })
        .await;
        let access = stage.data.data_access_at(stage.base());
        let files = access.files(DataFileKind::AgentActivity, range(7));
        assert!(files.list().await.unwrap().is_empty(), "{status}");
        assert!(files.stream().try_collect::<Vec<_>>().await.unwrap().is_empty());
        assert_eq!(stage.seen().len(), 2, "{status}");
        assert!(stage.clock.slept().is_empty(), "{status}");
    }
    let stage = Stage::start(|_, _| ResponseTemplate::new(403).set_body_string("not enabled")).await;
    let access = stage.data.data_access_at(stage.base());
    let error = access.files(DataFileKind::Survey, range(1)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Authorization);
}

#[tokio::test]
async fn credentials_go_to_the_hosts_of_files_and_to_named_ones_only() {
    let (stage, _) = serving(&[], |_| ResponseTemplate::new(200).set_body_string(line(1))).await;
    let access = stage.data.data_access_at(stage.base());
    let elsewhere = DataFile::at("https://files.example/data_access_le/account/le1000/le/survey/x.gz");
    let error = access.download(&elsewhere).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Validation);
    assert!(error.to_string().contains("files.example"), "{error}");
    // Named here, but not among the trusted hosts of the client.
    let error = access
        .clone()
        .trust_host("files.example")
        .download(&elsewhere)
        .await
        .unwrap_err();
    assert!(error.to_string().contains("not trusted"), "{error}");
    assert!(stage.seen().is_empty());

    let href = format!(
        "{}/data_access_le/account/le1000/le/agentActivity/x",
        stage.server.uri()
    );
    access.download(&DataFile::at(href)).await.unwrap();
    assert_eq!(
        stage.seen()[0].authorization.as_deref(),
        Some(format!("Bearer {TOKEN}").as_str())
    );
}

#[tokio::test]
async fn broken_lines_are_errors_in_their_places_and_raw_texts_in_exports() {
    let content = format!("{}\n{{\"cut\": \"off\n{}\n", line(1), line(2));
    let (stage, _) = serving(&["Agent.1.2.part-0-0.gz"], move |_| {
        ResponseTemplate::new(200).set_body_bytes(packed(content.as_bytes()))
    })
    .await;
    let files = stage
        .data
        .data_access_at(stage.base())
        .files(DataFileKind::AgentActivity, range(1));
    let lines: Vec<_> = files.clone().stream().collect().await;
    assert_eq!(lines.len(), 3);
    let error = lines[1].as_ref().unwrap_err();
    assert_eq!(broken_value(error).unwrap().text(), "{\"cut\": \"off");
    assert!(!error.to_string().contains("off\""));
    assert!(lines[0].is_ok() && lines[2].is_ok());
    let raw: Vec<_> = files.raw_stream().try_collect().await.unwrap();
    assert_eq!(raw[1].as_str(), r#""{\"cut\": \"off""#);
    assert_eq!(raw[2].as_str(), line(2));
}

#[tokio::test]
async fn a_damaged_or_binary_file_is_an_error_behind_the_lines_before_it() {
    let (stage, _) = serving(&["Agent.1.2.part-0-0.gz", "Agent.3.4.part-0-0.gz"], |name| {
        let body = if name.starts_with("Agent.1") {
            packed(line(1).as_bytes())
        } else {
            b"Obj\x01binary".to_vec()
        };
        ResponseTemplate::new(200).set_body_bytes(body)
    })
    .await;
    let files = stage
        .data
        .data_access_at(stage.base())
        .files(DataFileKind::AgentActivity, range(1));
    let lines: Vec<_> = files.stream().collect().await;
    assert_eq!(lines.len(), 2);
    assert!(lines[0].is_ok());
    let error = lines[1].as_ref().unwrap_err();
    assert!(binary_avro(error).unwrap().content().is_none(), "it was not held");
    let file = files_of(&stage).await.remove(1);
    let access = stage.data.data_access_at(stage.base());
    let bytes = access.fetch(&file).await.unwrap().collect(100).await.unwrap();
    assert_eq!(bytes, &b"Obj\x01binary"[..]);
    let whole = access.download(&file).await.unwrap();
    let error = whole.values().err().unwrap();
    assert_eq!(binary_avro(&error).unwrap().content().unwrap().bytes(), &bytes);
}

async fn files_of(stage: &Stage) -> Vec<DataFile> {
    let access = stage.data.data_access_at(stage.base());
    access
        .files(DataFileKind::AgentActivity, range(1))
        .list()
        .await
        .unwrap()
}

fn bodies(path: &str) -> Vec<DataBody> {
    let lines = DataFileContent::new(crafted(path)).lines().unwrap();
    lines
        .flat_map(|line| line.unwrap().bodies().cloned().collect::<Vec<_>>())
        .collect()
}

#[test]
fn the_live_and_the_documented_form_of_a_file_read_alike() {
    let live = bodies("data_access/agent_activity.jsonl");
    let documented = bodies("data_access/agent_activity_documented.json");
    assert_eq!(documented, [live.clone(), live.clone()].concat());
    let DataBody::AgentActivity(agent) = &live[0] else {
        panic!("{live:?}")
    };
    let row = &agent.sessions[0];
    assert_eq!(row.event_type(), Some(AgentEventType::Chat));
    assert_eq!(
        (row.state(), row.previous_state()),
        (Some(AgentState::Away), Some(AgentState::Online))
    );
    assert_eq!(row.user_profile_ids.len(), 2);
    assert_eq!(agent.keys(), ["le1000-4242|77|1893456010000|1|4"]);
    assert_eq!(
        agent.branch.as_deref(),
        Some("com.liveperson.dataaccess.AgentActivityData")
    );
}

#[test]
fn every_kind_of_body_is_typed_and_an_unknown_one_is_json() {
    let DataBody::Engagement(engagement) = &bodies("data_access/engagement.jsonl")[0] else {
        panic!()
    };
    let details = &engagement.engagements[0];
    assert_eq!(details.skills[0].as_str(), "12");
    assert_eq!(details.transcripts[0].text.as_deref(), Some("Hello"));
    assert_eq!(details.end_reason_id.as_ref().unwrap(), &210);
    let DataBody::Survey(survey) = &bodies("data_access/survey.jsonl")[0] else {
        panic!()
    };
    assert_eq!(survey.surveys[0].contents[0].answer.as_deref(), Some("Sold"));

    let web = bodies("data_access/web_session.jsonl");
    let kinds: Vec<&str> = web
        .iter()
        .map(|body| match body {
            DataBody::Navigation(_) => "navigation",
            DataBody::Attributes(_) => "attributes",
            DataBody::Goals(_) => "goals",
            DataBody::Eligibility(_) => "eligibility",
            DataBody::Impressions(_) => "impressions",
            DataBody::Geo(_) => "geo",
            DataBody::SessionInfo(_) => "session",
            DataBody::Other(_) => "other",
            _ => "else",
        })
        .collect();
    assert_eq!(
        kinds,
        [
            "navigation",
            "attributes",
            "attributes",
            "goals",
            "eligibility",
            "impressions",
            "geo",
            "session",
            "other"
        ]
    );
    let DataBody::Attributes(attributes) = &web[2] else {
        panic!()
    };
    let AttributeData::CustomerInfo(customer) = attributes.attributes[0].data.as_ref().unwrap() else {
        panic!()
    };
    assert!(customer.is_authenticated.as_ref().unwrap().get());
    assert!(matches!(
        attributes.attributes[1].data,
        Some(AttributeData::VisitorError(_))
    ));
    assert!(matches!(attributes.attributes[3].data, Some(AttributeData::Other(_))));
    let DataBody::Attributes(person) = &web[1] else {
        panic!()
    };
    let AttributeData::PersonalInfo(person) = person.attributes[0].data.as_ref().unwrap() else {
        panic!()
    };
    assert_eq!(
        (person.surname.as_deref(), person.contacts[0].email()),
        (Some("Roy"), None)
    );
    let DataBody::Other(other) = &web[8] else { panic!() };
    let other = other.to_value().unwrap();
    assert_eq!(other["@branch"], "com.liveperson.dataaccess.WebSessionNewThing");
    assert_eq!(other["things"], json!([{ "at": 5 }]));
}
