//! The SQLite file.

use std::path::Path;

use le_core::ErrorKind;
use le_core::wire::RawRecord;
use le_export::query::{Answer, Value};
use le_export::tables::{Cell, Layout};
use le_export::{Entry, Mode, Sqlite, SqliteQuery};
use proptest::prelude::*;
use rusqlite::Connection;

use crate::support::{records, write};
use crate::{contract, kill};

fn fresh() -> (tempfile::TempDir, Sqlite) {
    let folder = tempfile::tempdir().unwrap();
    let database = Sqlite::open(folder.path().join("export.sqlite")).unwrap();
    (folder, database)
}

fn ask(path: &Path, sql: &str) -> Answer {
    SqliteQuery::open(path).unwrap().answer(sql).unwrap()
}

#[tokio::test]
async fn it_keeps_what_every_database_keeps() {
    let (_folder, database) = fresh();
    contract::windows(&database).await;
    contract::broken_and_forgotten(&database).await;
    contract::at_one_time(&database).await;
    contract::without_start(&database).await;
    contract::state(&database).await;
}

#[tokio::test]
async fn questions_are_answered() {
    let (_folder, database) = fresh();
    write(&database, 5, Mode::Replace, records(5, 20)).await;
    let sql = "SELECT skill, avg(csat) AS csat, count(*) AS n, min(start_time) AS first FROM conversations GROUP BY skill ORDER BY skill";
    let answer = ask(database.path(), sql);
    assert_eq!(answer.columns, ["skill", "csat", "n", "first"]);
    assert_eq!(answer.rows[0][0], Value::Text("skill 0".to_owned()));
    assert_eq!(answer.rows[0][2], Value::Integer(7));
    assert_eq!(answer.rows[0][3], Value::Text("2026-01-05T00:00:00.000Z".to_owned()));
    assert!(matches!(answer.rows[0][1], Value::Number(csat) if (1.0..=5.0).contains(&csat)));
    let days = ask(
        database.path(),
        "SELECT day, sum(conversations) FROM daily GROUP BY day",
    );
    assert_eq!(days.rows, [[Value::Text("2026-01-05".to_owned()), Value::Integer(20)]]);
    assert_eq!(
        ask(database.path(), "SELECT count(*) FROM transcripts").rows,
        [[Value::Integer(30)]]
    );
    assert_eq!(
        ask(database.path(), "SELECT count(*) FROM answers").rows,
        [[Value::Integer(0)]]
    );
    let raw = ask(
        database.path(),
        "SELECT raw FROM conversations WHERE conversation_id = 'c-5-3'",
    );
    assert_eq!(
        raw.rows,
        [[Value::Text(records(5, 4)[3].raw.as_str().to_owned())]],
        "byte for byte"
    );
}

#[tokio::test]
async fn a_question_changes_nothing_and_says_what_there_is() {
    let (folder, database) = fresh();
    write(&database, 5, Mode::Replace, records(5, 2)).await;
    let query = SqliteQuery::open(database.path()).unwrap();
    let other = folder.path().join("other.sqlite");
    for sql in [
        "DELETE FROM conversations".to_owned(),
        "WITH x AS (SELECT 1) DELETE FROM conversations".to_owned(),
        "PRAGMA user_version = 9".to_owned(),
        format!("ATTACH '{}' AS other", other.display()),
        format!("VACUUM INTO '{}'", other.display()),
        "SELECT 1; DROP TABLE conversations".to_owned(),
        String::new(),
    ] {
        assert_eq!(query.answer(&sql).unwrap_err().kind(), ErrorKind::Validation, "{sql}");
    }
    assert!(!other.exists());
    let advice = |sql: &str| query.answer(sql).unwrap_err().advice().unwrap().to_owned();
    assert_eq!(
        advice("SELECT * FROM chats"),
        "the tables are: broken_records, conversations, messages, participants, transfers, dialogs, surveys, sdes, daily, transcripts, answers"
    );
    let columns = advice("SELECT skil FROM conversations");
    assert!(
        columns.starts_with("conversations has the columns: conversation_id, account_id,"),
        "{columns}"
    );
    assert_eq!(
        query.answer("SELECT count(*) FROM conversations").unwrap().rows,
        [[Value::Integer(2)]]
    );
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_can_read_the_file() {
    use std::os::unix::fs::PermissionsExt as _;
    let (folder, database) = fresh();
    write(&database, 5, Mode::Replace, records(5, 2)).await;
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{:?}", entry.file_name());
    }
}

#[tokio::test]
async fn a_file_of_an_older_version_is_brought_up_to_date_from_its_raw_texts() {
    let (_folder, database) = fresh();
    write(&database, 5, Mode::Replace, records(5, 9)).await;
    let path = database.path().to_owned();
    drop(database);
    let before = ask(&path, "SELECT * FROM messages ORDER BY conversation_id, position");
    let old = Connection::open(&path).unwrap();
    old.execute_batch(
        "DROP VIEW daily; ALTER TABLE conversations DROP COLUMN csat; DROP TABLE sdes;
         UPDATE messages SET text = NULL; PRAGMA user_version = 0;",
    )
    .unwrap();
    drop(old);
    let again = Sqlite::open(&path).unwrap();
    assert_eq!(
        ask(&path, "SELECT * FROM messages ORDER BY conversation_id, position"),
        before
    );
    assert_eq!(
        ask(&path, "SELECT count(csat) FROM conversations").rows,
        [[Value::Integer(9)]]
    );
    assert_eq!(
        ask(&path, "SELECT sum(conversations) FROM daily").rows,
        [[Value::Integer(9)]]
    );
    assert_eq!(write(&again, 5, Mode::Replace, records(5, 1)).await.records, 1);
}

#[test]
fn files_of_newer_versions_and_of_others_are_refused_and_not_changed() {
    let folder = tempfile::tempdir().unwrap();
    let newer = folder.path().join("newer.sqlite");
    drop(Sqlite::open(&newer).unwrap());
    Connection::open(&newer)
        .unwrap()
        .execute_batch("PRAGMA user_version = 999")
        .unwrap();
    let error = Sqlite::open(&newer).unwrap_err();
    assert!(error.to_string().contains("version 999"), "{error}");

    let foreign = folder.path().join("foreign.sqlite");
    Connection::open(&foreign)
        .unwrap()
        .execute_batch("CREATE TABLE mine (x)")
        .unwrap();
    let error = Sqlite::open(&foreign).unwrap_err();
    assert!(error.to_string().contains("another program"), "{error}");
    assert!(SqliteQuery::open(&foreign).is_err());

    let text = folder.path().join("text.sqlite");
    std::fs::write(&text, "this is no database at all, whatever its name says".repeat(40)).unwrap();
    assert!(Sqlite::open(&text).is_err());
    assert!(SqliteQuery::open(folder.path().join("none.sqlite")).is_err());
}

#[tokio::test]
#[ignore = "is started by the test below, and killed"]
async fn writes_until_killed() {
    if let Some(place) = kill::place() {
        kill::write_until_killed(&Sqlite::open(place).unwrap()).await;
    }
}

#[tokio::test]
async fn killed_in_the_middle_it_loses_nothing_and_has_nothing_twice() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("export.sqlite");
    let place = path.display().to_string();
    let count = async |database: &Sqlite| -> Vec<(u64, u64)> {
        let number = |value: &Value| match value {
            Value::Integer(number) => u64::try_from(*number).unwrap(),
            other => panic!("{other:?}"),
        };
        let answer = ask(
            database.path(),
            &kill::question("substr(c.start_time, 1, 10)", "conversations"),
        );
        answer
            .rows
            .iter()
            .map(|row| (number(&row[1]), number(&row[2])))
            .collect()
    };
    let open = || async { Sqlite::open(&place).unwrap() };
    kill::survives("sqlite::writes_until_killed", &place, open, count).await;
}

fn shown(cell: &Cell<'_>) -> Value {
    match cell {
        Cell::Null => Value::Null,
        Cell::Text(text) => Value::Text(text.to_string()),
        Cell::Integer(number) => Value::Integer(*number),
        Cell::Number(number) => Value::Number(*number),
        Cell::Flag(flag) => Value::Integer(i64::from(*flag)),
        Cell::Time(millis) => Value::Text(le_core::Timestamp::from_millis(*millis).to_string()),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn rows_come_back_as_they_went(
        texts in prop::collection::vec(".{0,30}", 0..4),
        number in any::<i64>(),
        csat in -1e9_f64..1e9,
        time in 0_i64..4_000_000_000_000,
    ) {
        let messages: Vec<_> = texts
            .iter()
            .enumerate()
            .map(|(at, text)| serde_json::json!({"messageId": at, "timeL": time, "seq": number, "messageData": {"msg": {"text": text}}}))
            .collect();
        let json = serde_json::json!({"info": {"csatRate": csat, "duration": number, "startTimeL": time}, "messageRecords": messages});
        let entry = Entry::new("c", None, RawRecord::new(json.to_string()).unwrap());
        let (_folder, database) = fresh();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(write(&database, 5, Mode::Replace, vec![entry.clone()]));
        let layout = Layout::conversations();
        let rows = layout.rows(&entry);
        for (at, table) in layout.tables().iter().enumerate() {
            let wanted: Vec<Vec<Value>> = rows.of(at).map(|row| row.iter().map(shown).collect()).collect();
            let answer = ask(database.path(), &format!("SELECT * FROM {} ORDER BY rowid", table.name));
            prop_assert_eq!(answer.rows, wanted);
        }
    }
}
