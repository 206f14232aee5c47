//! The documentation of the tables is what the tables are.

use std::collections::HashSet;
use std::path::PathBuf;

use le_export::tables::{Layout, markdown};

/// `UPDATE_DOCS=1 cargo test -p le-export --test tables` writes it anew.
#[test]
fn the_page_of_the_tables_is_true() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/tables.md");
    let text = std::fs::read_to_string(&path).unwrap();
    let mark = "<!-- Made from the columns by a test of le-export; see its file documents.rs. -->\n";
    let (head, _) = text.split_once(mark).expect("the mark");
    let wanted = format!("{head}{mark}{}", markdown(Layout::conversations().tables()));
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, wanted).unwrap();
    } else {
        assert!(
            text == wanted,
            "docs/tables.md is not what the columns say: UPDATE_DOCS=1 cargo test -p le-export --test tables"
        );
    }
}

#[test]
fn names_are_unique_and_keys_exist() {
    let layout = Layout::conversations();
    let mut tables = HashSet::new();
    for table in layout.tables() {
        assert!(tables.insert(table.name));
        let mut names = HashSet::new();
        for column in table.columns {
            assert!(names.insert(column.name), "{}.{}", table.name, column.name);
            let plain = |sign: char| sign.is_ascii_lowercase() || sign == '_';
            assert!(column.name.chars().all(plain), "{}", column.name);
            assert!(!column.doc.is_empty());
        }
        assert!(!table.columns[0].nullable);
        for key in table.key {
            assert!(table.position(key).is_some(), "{}: {key}", table.name);
        }
    }
}
