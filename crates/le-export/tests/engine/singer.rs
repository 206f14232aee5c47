//! Singer messages.

use std::collections::BTreeSet;
use std::io::Write;
use std::sync::{Arc, Mutex};

use le_export::{Conversations, Export, Singer};
use le_sim::HistoryChange;
use serde_json::Value;

use crate::support::*;

#[derive(Clone, Default)]
struct Pipe(Arc<Mutex<Vec<u8>>>);

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Pipe {
    fn messages(&self) -> Vec<Value> {
        let text = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

fn of<'a>(messages: &'a [Value], kind: &str) -> Vec<&'a Value> {
    messages.iter().filter(|message| message["type"] == kind).collect()
}

#[tokio::test]
async fn schema_records_and_state_that_is_taken_up_again() {
    let sim = sim(400).await;
    let first = data(&sim).await;
    let (from, to) = last_days(&sim, 40);
    let pipe = Pipe::default();
    Export::of(Conversations::new(&first))
        .range(from, to)
        .into(Singer::new(pipe.clone()))
        .await
        .unwrap();
    let truth = truth(&first, (from, to)).await;
    let messages = pipe.messages();
    let schemas = of(&messages, "SCHEMA");
    assert_eq!(schemas.len(), 1);
    assert_eq!(schemas[0]["key_properties"], serde_json::json!(["conversationId"]));
    let records = of(&messages, "RECORD");
    let keys: BTreeSet<String> = records
        .iter()
        .map(|record| record["record"]["conversationId"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!((records.len(), keys), (truth.len(), ids(&truth)));
    let schema_at = messages.iter().position(|message| message["type"] == "SCHEMA");
    assert!(schema_at < messages.iter().position(|message| message["type"] == "RECORD"));
    for record in records {
        let record = &record["record"];
        assert_eq!(record["info"]["conversationId"], record["conversationId"]);
        let declared = &schemas[0]["schema"]["properties"];
        assert!(
            record.as_object().unwrap().keys().all(|name| !declared[name].is_null()),
            "{record}"
        );
    }
    let state = of(&messages, "STATE").last().unwrap()["value"].clone();
    assert_eq!(
        state["bookmarks"]["conversations"]["done"].as_array().unwrap().len(),
        1,
        "{state}"
    );

    let changed = sim.control().history().change(HistoryChange::Say).unwrap();
    let (again, second) = (Pipe::default(), data(&sim).await);
    let singer = Singer::new(again.clone()).with_state(state).unwrap();
    let summary = Export::of(Conversations::new(&second))
        .into(singer)
        .since_last(true)
        .await
        .unwrap();
    let messages = again.messages();
    let keys: BTreeSet<&str> = of(&messages, "RECORD")
        .iter()
        .filter_map(|record| record["record"]["conversationId"].as_str())
        .collect();
    assert!(keys.contains(changed.as_str()) || !truth.contains_key(&changed));
    assert!(keys.len() < truth.len(), "only what changed comes again");
    assert!(summary.changes.is_some() && summary.bookmark.is_some());
    assert!(Singer::new(Pipe::default()).with_state(serde_json::json!({})).is_err());
}
