//! CSV.

use std::fs::File;
use std::path::Path;

use le_core::Timestamp;
use le_export::formats::{Compression, Csv, Format};
use le_export::tables::{Cell, Layout};
use proptest::prelude::*;

use crate::support::{crafted, generated, keys, merge, path, record, write};

fn rows(folder: &Path, format: &dyn Format, table: &str) -> Vec<Vec<String>> {
    let file = File::open(path(folder, format, table)).unwrap();
    let input: Box<dyn std::io::Read> = match format.extension() {
        "csv.gz" => Box::new(flate2::read::MultiGzDecoder::new(file)),
        _ => Box::new(file),
    };
    let mut reader = ::csv::Reader::from_reader(input);
    reader
        .records()
        .map(|row| row.unwrap().iter().map(str::to_owned).collect())
        .collect()
}

fn shown(cell: &Cell<'_>) -> String {
    match cell {
        Cell::Null => String::new(),
        Cell::Text(text) => text.to_string(),
        Cell::Integer(value) => value.to_string(),
        Cell::Number(value) => value.to_string(),
        Cell::Flag(value) => value.to_string(),
        Cell::Time(millis) => Timestamp::from_millis(*millis).to_string(),
    }
}

#[test]
fn rows_are_read_again_as_they_were() {
    for format in [Csv::default(), Csv::new(Compression::Gzip)] {
        let folder = tempfile::tempdir().unwrap();
        let entries = crafted();
        let counts = write(folder.path(), &format, &entries);
        let layout = Layout::conversations();
        for (at, table) in layout.tables().iter().enumerate() {
            let all: Vec<Vec<String>> = entries
                .iter()
                .flat_map(|entry| {
                    layout
                        .rows(entry)
                        .of(at)
                        .map(|row| row.iter().map(shown).collect())
                        .collect::<Vec<_>>()
                })
                .collect();
            assert_eq!(rows(folder.path(), &format, table.name), all, "{}", table.name);
            assert_eq!(counts[table.name], all.len() as u64);
        }
    }
}

#[test]
fn it_is_what_rfc_4180_says() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &Csv::default(), &[record(1, 1)]);
    let text = std::fs::read_to_string(folder.path().join("messages.csv")).unwrap();
    let mut lines = text.split("\r\n");
    assert!(
        lines
            .next()
            .unwrap()
            .starts_with("conversation_id,position,message_id,dialog_id,seq,time,")
    );
    let row = lines.next().unwrap();
    assert!(row.starts_with("c-1,0,m1-0,,0,2023-11-14T22:13:20.000Z,,"), "{row}");
    assert!(row.ends_with("\"=1+1, \"\"é\"\""), "{row}");
}

#[test]
fn formulas_are_disarmed_for_spreadsheets_and_only_then() {
    for (format, skill) in [
        (Csv::default(), "=skill"),
        (Csv::default().for_spreadsheets(true), "'=skill"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), &format, &[record(1, 0)]);
        let at = Layout::conversations().tables()[0].position("skill").unwrap();
        assert_eq!(rows(folder.path(), &format, "conversations")[0][at], skill);
    }
    assert_ne!(
        Csv::default().describe(),
        Csv::default().for_spreadsheets(true).describe()
    );
}

#[test]
fn parts_are_merged_and_their_keys_found() {
    let format = Csv::new(Compression::Gzip);
    let (old, new) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    write(
        old.path(),
        &format,
        &(0..5).map(|number| record(number, 2)).collect::<Vec<_>>(),
    );
    let counts = merge(old.path(), new.path(), &format, &["c-1", "c-3"], &[record(3, 7)]);
    assert_eq!((counts["conversations"], counts["messages"]), (4, 6 + 7));
    let start = Some(1_700_000_000_000);
    let wanted = ["c-0", "c-2", "c-4", "c-3"].map(|key| (key.to_owned(), start));
    assert_eq!(keys(new.path(), &format), wanted);
}

#[test]
fn parts_of_older_versions_are_taken_over_and_newer_ones_refused() {
    let format = Csv::default();
    let (old, new) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    write(old.path(), &format, &[record(0, 1)]);
    std::fs::write(old.path().join("dialogs.csv"), "status,conversation_id\r\nOPEN,c-0\r\n").unwrap();
    merge(old.path(), new.path(), &format, &[], &[]);
    let dialogs = Layout::conversations()
        .table("dialogs")
        .unwrap()
        .position("status")
        .unwrap();
    let row = rows(new.path(), &format, "dialogs").remove(0);
    assert_eq!(
        (row[0].as_str(), row[dialogs].as_str(), row[1].as_str()),
        ("c-0", "OPEN", "")
    );

    std::fs::write(
        old.path().join("conversations.csv"),
        "conversation_id,unheard_of\r\nc-0,1\r\n",
    )
    .unwrap();
    let part = File::open(old.path().join("conversations.csv")).unwrap();
    let error = format.keys(part, &mut |_, _| true).unwrap_err();
    assert!(error.to_string().contains("unheard_of"), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn generated_records_come_back(entries in generated()) {
        let folder = tempfile::tempdir().unwrap();
        let format = Csv::default();
        write(folder.path(), &format, &entries);
        let layout = Layout::conversations();
        for (at, table) in layout.tables().iter().enumerate() {
            let mut all: Vec<Vec<String>> = Vec::new();
            for entry in &entries {
                all.extend(layout.rows(entry).of(at).map(|row| row.iter().map(shown).collect()));
            }
            prop_assert_eq!(rows(folder.path(), &format, table.name), all);
        }
    }
}
