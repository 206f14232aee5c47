//! PostgreSQL, on a real server.

use le_export::{Mode, Postgres};
use tokio_postgres::{Client, NoTls};

use crate::support::{records, write};
use crate::{contract, kill};

fn url() -> String {
    std::env::var("LE_POSTGRES_URL")
        .expect("LE_POSTGRES_URL: the address of a server, see `cargo xtask ci --only postgres`")
}

/// A connection that looks into a schema.
async fn client(schema: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(&url(), NoTls).await.unwrap();
    tokio::spawn(connection);
    client
        .batch_execute(&format!("SET search_path TO {schema}; SET TIME ZONE 'UTC'"))
        .await
        .unwrap();
    client
}

async fn fresh(schema: &str) -> Postgres {
    client(schema)
        .await
        .batch_execute(&format!("DROP SCHEMA IF EXISTS {schema} CASCADE"))
        .await
        .unwrap();
    Postgres::connect_to_schema(&url(), schema).await.unwrap()
}

#[tokio::test]
#[ignore = "needs a PostgreSQL server: cargo xtask ci --only postgres"]
async fn it_keeps_what_every_database_keeps() {
    let database = fresh("t_contract").await;
    contract::windows(&database).await;
    contract::broken_and_forgotten(&database).await;
    contract::at_one_time(&database).await;
    contract::without_start(&database).await;
    contract::state(&database).await;
}

#[tokio::test]
#[ignore = "needs a PostgreSQL server: cargo xtask ci --only postgres"]
async fn values_arrive_as_they_are() {
    let database = fresh("t_values").await;
    write(&database, 5, Mode::Replace, records(5, 5)).await;
    let client = client("t_values").await;
    let row = client
        .query_one(
            "SELECT raw, skill, csat, first_conversation, end_time IS NULL, to_char(start_time, 'YYYY-MM-DD HH24:MI:SS.MS')
               FROM conversations WHERE conversation_id = 'c-5-3'",
            &[],
        )
        .await
        .unwrap();
    assert_eq!(row.get::<_, String>(0), records(5, 5)[3].raw.as_str(), "byte for byte");
    assert_eq!(
        (row.get::<_, String>(1), row.get::<_, f64>(2)),
        ("skill 0".to_owned(), 4.0)
    );
    assert!(row.get::<_, bool>(3) && row.get::<_, bool>(4));
    assert_eq!(row.get::<_, String>(5), "2026-01-05 00:00:00.003");
    let text: String = client
        .query_one("SELECT text FROM messages WHERE message_id = 'c-5-3::2'", &[])
        .await
        .unwrap()
        .get(0);
    assert_eq!(text, "tab\t \\ \"é\" 2\n\u{fffd}.", "PostgreSQL has no U+0000");
    let days = client
        .query_one("SELECT sum(conversations)::bigint FROM daily", &[])
        .await
        .unwrap();
    assert_eq!(days.get::<_, i64>(0), 5);
}

#[tokio::test]
#[ignore = "needs a PostgreSQL server: cargo xtask ci --only postgres"]
async fn several_processes_may_start_at_once() {
    let schema = "t_start";
    client(schema)
        .await
        .batch_execute(&format!("DROP SCHEMA IF EXISTS {schema} CASCADE"))
        .await
        .unwrap();
    let url = url();
    let all = (0..4).map(|_| Postgres::connect_to_schema(&url, schema));
    for database in futures_util::future::join_all(all).await {
        database.unwrap();
    }
}

#[tokio::test]
#[ignore = "needs a PostgreSQL server: cargo xtask ci --only postgres"]
async fn an_older_schema_is_brought_up_to_date_and_a_newer_one_refused() {
    let schema = "t_version";
    let database = fresh(schema).await;
    write(&database, 5, Mode::Replace, records(5, 9)).await;
    drop(database);
    let client = client(schema).await;
    let old = "DROP VIEW daily; ALTER TABLE conversations DROP COLUMN csat; DROP TABLE sdes; UPDATE messages SET text = NULL; UPDATE le_version SET version = 0";
    client.batch_execute(old).await.unwrap();
    let database = Postgres::connect_to_schema(&url(), schema).await.unwrap();
    let row = client
        .query_one(
            "SELECT (SELECT count(csat) FROM conversations), (SELECT count(text) FROM messages)",
            &[],
        )
        .await
        .unwrap();
    assert_eq!((row.get::<_, i64>(0), row.get::<_, i64>(1)), (9, 12));
    assert_eq!(write(&database, 5, Mode::Replace, records(5, 1)).await.records, 1);

    client
        .batch_execute("UPDATE le_version SET version = 999")
        .await
        .unwrap();
    let error = Postgres::connect_to_schema(&url(), schema).await.unwrap_err();
    assert!(error.to_string().contains("version 999"), "{error}");
}

#[tokio::test]
#[ignore = "needs a PostgreSQL server: cargo xtask ci --only postgres"]
async fn a_refused_login_names_the_place_and_no_secret() {
    let wrong = url().replacen("://", "://nobody:hunter2@", 1);
    let wrong = wrong
        .rsplit_once('@')
        .map(|(_, behind)| format!("postgres://nobody:hunter2@{behind}"))
        .unwrap();
    let error = Postgres::connect(&wrong).await.unwrap_err();
    let text = format!("{error} {error:?}");
    assert!(!text.contains("hunter2"), "{text}");
}

#[tokio::test]
#[ignore = "is started by the test below, and killed"]
async fn writes_until_killed() {
    if let Some(place) = kill::place() {
        kill::write_until_killed(&Postgres::connect_to_schema(&url(), &place).await.unwrap()).await;
    }
}

#[tokio::test]
#[ignore = "needs a PostgreSQL server: cargo xtask ci --only postgres"]
async fn killed_in_the_middle_it_loses_nothing_and_has_nothing_twice() {
    let schema = "t_kill";
    drop(fresh(schema).await);
    let address = url();
    let count = async |_: &Postgres| -> Vec<(u64, u64)> {
        let question = kill::question("to_char(c.start_time, 'YYYY-MM-DD')", "conversations");
        let question = format!("SELECT conversations::bigint, messages::bigint FROM ({question}) AS counted");
        let rows = client(schema).await.query(&question, &[]).await.unwrap();
        let number = |row: &tokio_postgres::Row, at| u64::try_from(row.get::<_, i64>(at)).unwrap();
        rows.iter().map(|row| (number(row, 0), number(row, 1))).collect()
    };
    let open = || async { Postgres::connect_to_schema(&address, schema).await.unwrap() };
    kill::survives("postgres::writes_until_killed", schema, open, count).await;
}
