//! Questions to datasets as exports leave them.

#![cfg(feature = "datafusion")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use le_core::wire::RawRecord;
use le_core::{ErrorKind, Timestamp};
use le_export::formats::{Format, Parquet, PartSink};
use le_export::query::Value;
use le_export::{Entry, Place};
use le_query::Lake;
use object_store::memory::InMemory;
use object_store::{ObjectStoreExt as _, path};

fn record(day: u32, number: u32) -> Entry {
    let start: Timestamp = format!("2026-01-{day:02}T00:00:00Z").parse().unwrap();
    let key = format!("c-{day}-{number}");
    let messages: Vec<String> = (0..number)
        .map(|at| format!(r#"{{"messageId":"{key}-{at}","seq":{at},"messageData":{{"msg":{{"text":"text {at}"}}}}}}"#))
        .collect();
    let json = format!(
        r#"{{"info":{{"conversationId":"{key}","startTimeL":{},"latestSkillName":"skill {}","csatRate":{number},"firstConversation":true}},"messageRecords":[{}]}}"#,
        start.as_millis(),
        number % 2,
        messages.join(",")
    );
    Entry::new(key, Some(start), RawRecord::new(json).unwrap())
}

/// Three days of four conversations.
fn export(root: &Path, format: &Parquet) {
    for day in 5..8 {
        let sinks = format.tables().iter().map(|table| {
            let folder = root.join(table).join(format!("date=2026-01-{day:02}"));
            std::fs::create_dir_all(&folder).unwrap();
            let next = day + 1;
            let name = format!("part-2026-01-{day:02}T00-00Z_2026-01-{next:02}T00-00Z.parquet");
            Box::new(File::create(folder.join(name)).unwrap()) as PartSink
        });
        let mut encoder = format.encoder(sinks.collect()).unwrap();
        let entries: Vec<Entry> = (0..4).map(|number| record(day, number)).collect();
        assert!(encoder.write(&entries).unwrap().is_empty());
        encoder.finish().unwrap();
    }
}

async fn rows(lake: &Lake, sql: &str) -> Vec<Vec<Value>> {
    lake.answer(sql)
        .await
        .unwrap_or_else(|error| panic!("{sql}: {error}"))
        .rows
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

async fn questions(lake: &Lake) {
    let sql = "SELECT skill, avg(csat) AS csat, count(*) AS n FROM conversations GROUP BY skill ORDER BY skill";
    let answer = lake.answer(sql).await.unwrap();
    assert_eq!(answer.columns, ["skill", "csat", "n"]);
    assert_eq!(answer.rows[0], [text("skill 0"), Value::Number(1.0), Value::Integer(6)]);
    assert_eq!(answer.rows[1], [text("skill 1"), Value::Number(2.0), Value::Integer(6)]);

    let one_day = "SELECT conversation_id, start_time, first_conversation, end_time FROM conversations WHERE date = '2026-01-06' ORDER BY 1 LIMIT 1";
    let wanted = [
        text("c-6-0"),
        text("2026-01-06T00:00:00.000Z"),
        Value::Flag(true),
        Value::Null,
    ];
    assert_eq!(rows(lake, one_day).await, [wanted]);

    let joined = "SELECT c.date, count(*) FROM conversations c JOIN messages m ON m.conversation_id = c.conversation_id
                   WHERE m.text = 'text 0' AND m.date >= '2026-01-06' GROUP BY c.date ORDER BY 1";
    assert_eq!(
        rows(lake, joined).await,
        [
            [text("2026-01-06"), Value::Integer(3)],
            [text("2026-01-07"), Value::Integer(3)]
        ]
    );
    assert_eq!(
        rows(lake, "SELECT sum(seq), max(position) FROM messages").await,
        [[Value::Integer(12), Value::Integer(2)]]
    );
}

#[tokio::test]
async fn datasets_are_asked_with_flat_tables_and_with_lists_alone() {
    for format in [
        Parquet::new(),
        Parquet::new().flat_tables(true),
        Parquet::new().nested_lists(false).flat_tables(true),
    ] {
        let folder = tempfile::tempdir().unwrap();
        export(folder.path(), &format);
        let lake = Lake::open(&Place::folder(folder.path())).await.unwrap();
        let names: Vec<&str> = lake.tables().iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(
            names,
            [
                "conversations",
                "messages",
                "participants",
                "transfers",
                "dialogs",
                "surveys",
                "sdes"
            ]
        );
        questions(&lake).await;
    }
}

#[tokio::test]
async fn datasets_in_object_stores_are_asked_in_the_same_way() {
    let folder = tempfile::tempdir().unwrap();
    export(folder.path(), &Parquet::new());
    let store = Arc::new(InMemory::new());
    for table in Parquet::new().tables() {
        for day in std::fs::read_dir(folder.path().join(table)).unwrap() {
            for part in std::fs::read_dir(day.unwrap().path()).unwrap() {
                let part = part.unwrap().path();
                let name = part.strip_prefix(folder.path()).unwrap().to_str().unwrap();
                let bytes = std::fs::read(&part).unwrap();
                store
                    .put(&path::Path::from(format!("lake/{name}")), bytes.into())
                    .await
                    .unwrap();
            }
        }
    }
    let lake = Lake::open(&Place::store(store, "lake", "memory")).await.unwrap();
    questions(&lake).await;
}

#[tokio::test]
async fn a_question_changes_nothing_and_says_what_there_is() {
    let folder = tempfile::tempdir().unwrap();
    export(folder.path(), &Parquet::new());
    let lake = Lake::open(&Place::folder(folder.path())).await.unwrap();
    let other = folder.path().join("other.csv");
    for sql in [
        "DROP TABLE conversations".to_owned(),
        "INSERT INTO dialogs SELECT * FROM dialogs".to_owned(),
        format!("COPY conversations TO '{}'", other.display()),
        format!("EXPLAIN ANALYZE COPY conversations TO '{}'", other.display()),
        "CREATE EXTERNAL TABLE x STORED AS CSV LOCATION '/etc/hosts'".to_owned(),
        "SET datafusion.execution.batch_size = 1".to_owned(),
        "SELECT 1; SELECT 2".to_owned(),
        "SELECT FROM WHERE".to_owned(),
    ] {
        let error = lake.answer(&sql).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Validation, "{sql}: {error}");
    }
    assert!(!other.exists());
    let advice = async |sql: &str| lake.answer(sql).await.unwrap_err().advice().unwrap().to_owned();
    assert!(
        advice("SELECT * FROM chats")
            .await
            .starts_with("the tables are: conversations, messages,")
    );
    let columns = advice("SELECT skil FROM conversations").await;
    assert!(
        columns.starts_with("conversations has the columns: conversation_id, account_id,"),
        "{columns}"
    );
    assert!(columns.ends_with("date"), "{columns}");
}

#[tokio::test]
async fn a_place_without_an_export_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let error = Lake::open(&Place::folder(folder.path())).await.unwrap_err();
    assert!(error.to_string().contains("no Parquet export"), "{error}");
    assert!(Lake::open(&Place::folder(folder.path().join("none"))).await.is_err());
}
