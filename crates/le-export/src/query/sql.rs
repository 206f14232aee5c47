//! What a question may be, and what to say where it names something that is not there.

use le_core::{Error, Result};

/// Refuses what is no single question: exports are read here, never changed.
///
/// It looks at the first word alone; engines are told to refuse writes besides.
///
/// # Errors
/// [`ErrorKind::Validation`](le_core::ErrorKind::Validation), with the word that it begins with.
pub fn only_reads(sql: &str) -> Result<()> {
    let rest = without_comments(sql);
    let word: String = rest.chars().take_while(char::is_ascii_alphabetic).collect();
    match word.to_ascii_uppercase().as_str() {
        "SELECT" | "WITH" | "VALUES" | "EXPLAIN" | "SHOW" | "DESCRIBE" => Ok(()),
        "" if rest.starts_with('(') => Ok(()),
        "" => {
            Err(Error::validation("there is no question")
                .with_advice("for example: SELECT count(*) FROM conversations"))
        }
        word => Err(
            Error::validation(format!("{word} is no question: an export is only read here"))
                .with_advice("begin with SELECT or WITH; to change data, use the database's own tools"),
        ),
    }
}

/// The text behind blanks and comments.
fn without_comments(sql: &str) -> &str {
    let mut rest = sql.trim_start();
    loop {
        let behind = if let Some(line) = rest.strip_prefix("--") {
            line.split_once('\n').map_or("", |(_, behind)| behind)
        } else if let Some(block) = rest.strip_prefix("/*") {
            block.split_once("*/").map_or("", |(_, behind)| behind)
        } else {
            return rest;
        };
        rest = behind.trim_start();
    }
}

/// The advice for a question that names a table or a column that is not there: which ones there are.
///
/// `tables` are all tables with their columns. Only those that the question names are listed with columns.
#[must_use]
pub fn explain_unknown(sql: &str, tables: &[(String, Vec<String>)]) -> String {
    let words: Vec<String> = sql
        .split(|sign: char| !sign.is_alphanumeric() && sign != '_')
        .map(str::to_ascii_lowercase)
        .collect();
    let named: Vec<&(String, Vec<String>)> = tables
        .iter()
        .filter(|(name, _)| words.contains(&name.to_ascii_lowercase()))
        .collect();
    if named.is_empty() {
        let names: Vec<&str> = tables.iter().map(|(name, _)| name.as_str()).collect();
        return format!("the tables are: {}", names.join(", "));
    }
    let columns = |(name, columns): &&(String, Vec<String>)| format!("{name} has the columns: {}", columns.join(", "));
    named.iter().map(columns).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_questions_are_let_through() {
        for sql in [
            "select 1",
            "  -- why\n/* so */ WITH x AS (SELECT 1) SELECT * FROM x",
            "(SELECT 1)",
            "EXPLAIN SELECT 1",
            "values (1)",
        ] {
            assert!(only_reads(sql).is_ok(), "{sql}");
        }
        for sql in [
            "",
            " -- only this",
            "/* open",
            "DROP TABLE x",
            "insert into x values (1)",
            "PRAGMA x",
            "ATTACH 'y' AS z",
            "COPY x TO 'y'",
            ";",
        ] {
            assert!(only_reads(sql).is_err(), "{sql}");
        }
    }

    #[test]
    fn the_advice_lists_what_there_is() {
        let tables = [
            ("conversations".to_owned(), vec!["skill".to_owned(), "csat".to_owned()]),
            ("messages".to_owned(), vec!["text".to_owned()]),
        ];
        assert_eq!(
            explain_unknown("SELECT * FROM chats", &tables),
            "the tables are: conversations, messages"
        );
        assert_eq!(
            explain_unknown("SELECT skil FROM \"Conversations\"", &tables),
            "conversations has the columns: skill, csat"
        );
    }
}
