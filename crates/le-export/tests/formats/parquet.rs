//! Parquet.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use ::parquet::arrow::ArrowWriter;
use ::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use ::parquet::file::metadata::KeyValue;
use ::parquet::file::properties::WriterProperties;
use ::parquet::file::reader::{FileReader as _, SerializedFileReader};
use arrow_array::cast::AsArray as _;
use arrow_array::types::{Float64Type, Int64Type, TimestampMillisecondType};
use arrow_array::{Array, ArrayRef, RecordBatch, StringArray, StructArray};
use arrow_schema::{DataType, Field, Schema};
use le_export::formats::{Format, Parquet, ParquetCompression};
use le_export::tables::{Cell, Layout};
use proptest::prelude::*;

use crate::support::{crafted, generated, keys, merge, path, record, write};

fn batches(folder: &Path, table: &str) -> Vec<RecordBatch> {
    let file = File::open(folder.join(format!("{table}.parquet"))).unwrap();
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).unwrap().build().unwrap();
    reader.map(Result::unwrap).collect()
}

fn cell(array: &ArrayRef, row: usize) -> Cell<'static> {
    if array.is_null(row) {
        return Cell::Null;
    }
    match array.data_type() {
        DataType::Utf8 => Cell::Text(array.as_string::<i32>().value(row).to_owned().into()),
        DataType::Int64 => Cell::Integer(array.as_primitive::<Int64Type>().value(row)),
        DataType::Float64 => Cell::Number(array.as_primitive::<Float64Type>().value(row)),
        DataType::Boolean => Cell::Flag(array.as_boolean().value(row)),
        DataType::Timestamp(..) => Cell::Time(array.as_primitive::<TimestampMillisecondType>().value(row)),
        other => panic!("{other}"),
    }
}

/// The flat columns of a table, row by row.
fn rows(folder: &Path, table: &str) -> Vec<Vec<Cell<'static>>> {
    let mut rows = Vec::new();
    for batch in batches(folder, table) {
        let flat: Vec<ArrayRef> = batch
            .columns()
            .iter()
            .filter(|array| !array.data_type().is_nested())
            .cloned()
            .collect();
        rows.extend((0..batch.num_rows()).map(|row| flat.iter().map(|array| cell(array, row)).collect()));
    }
    rows
}

/// The rows of a list in the first table, with the key of the record in front.
fn listed(folder: &Path, list: &str) -> Vec<Vec<Cell<'static>>> {
    let mut rows = Vec::new();
    for batch in batches(folder, "conversations") {
        let lists = batch.column_by_name(list).unwrap().as_list::<i32>().clone();
        for row in 0..batch.num_rows() {
            let elements: StructArray = lists.value(row).as_struct().clone();
            for element in 0..elements.len() {
                let cells = elements.columns().iter().map(|array| cell(array, element));
                rows.push([cell(batch.column(0), row)].into_iter().chain(cells).collect());
            }
        }
    }
    rows
}

fn wanted(entries: &[le_export::Entry], at: usize) -> Vec<Vec<Cell<'static>>> {
    let own = |cell: &Cell<'_>| match cell {
        Cell::Null => Cell::Null,
        Cell::Text(text) => Cell::Text(text.to_string().into()),
        Cell::Integer(value) => Cell::Integer(*value),
        Cell::Number(value) => Cell::Number(*value),
        Cell::Flag(value) => Cell::Flag(*value),
        Cell::Time(value) => Cell::Time(*value),
    };
    let layout = Layout::conversations();
    let rows = |entry| {
        layout
            .rows(entry)
            .of(at)
            .map(|row| row.iter().map(own).collect())
            .collect::<Vec<_>>()
    };
    entries.iter().flat_map(rows).collect()
}

#[test]
fn rows_are_read_again_as_they_were_flat_and_in_lists() {
    for compression in [ParquetCompression::Snappy, ParquetCompression::None] {
        let format = Parquet::new().flat_tables(true).compression(compression);
        let folder = tempfile::tempdir().unwrap();
        let entries = crafted();
        let counts = write(folder.path(), &format, &entries);
        for (at, table) in Layout::conversations().tables().iter().enumerate() {
            let wanted = wanted(&entries, at);
            assert_eq!(counts[table.name], wanted.len() as u64);
            if at > 0 {
                assert_eq!(listed(folder.path(), table.name), wanted, "{}", table.name);
            }
            assert_eq!(rows(folder.path(), table.name), wanted, "{}", table.name);
        }
    }
}

#[test]
fn raw_texts_are_there_byte_for_byte() {
    let folder = tempfile::tempdir().unwrap();
    let entries = crafted();
    write(folder.path(), &Parquet::new(), &entries);
    let mut texts = Vec::new();
    for batch in batches(folder.path(), "conversations") {
        let raw = batch.column_by_name("raw").unwrap().as_string::<i32>().clone();
        texts.extend(raw.iter().map(|text| text.unwrap().to_owned()));
    }
    assert_eq!(
        texts,
        entries
            .iter()
            .map(|entry| entry.raw.as_str().to_owned())
            .collect::<Vec<_>>()
    );
}

#[test]
fn flat_tables_and_lists_can_be_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let lists_only = Parquet::new();
    assert_eq!(write(folder.path(), &lists_only, &[record(1, 3)])["conversations"], 1);
    assert_eq!(listed(folder.path(), "messages").len(), 3);
    assert!(!path(folder.path(), &lists_only, "messages").exists());

    let flat_only = Parquet::new().nested_lists(false).flat_tables(true);
    assert_ne!(
        lists_only.describe(),
        flat_only.describe(),
        "they do not go into one dataset"
    );
    write(folder.path(), &flat_only, &[record(1, 3)]);
    assert!(
        batches(folder.path(), "conversations")[0]
            .column_by_name("messages")
            .is_none()
    );
    assert_eq!(rows(folder.path(), "messages").len(), 3);
}

#[test]
fn row_groups_end_before_memory_does() {
    let folder = tempfile::tempdir().unwrap();
    let format = Parquet::new()
        .flat_tables(true)
        .row_group_bytes(1)
        .compression(ParquetCompression::None);
    let entries: Vec<_> = (0..600).map(|number| record(number, 60)).collect();
    write(folder.path(), &format, &entries);
    let file = File::open(folder.path().join("conversations.parquet")).unwrap();
    let groups = ParquetRecordBatchReaderBuilder::try_new(file)
        .unwrap()
        .metadata()
        .num_row_groups();
    assert!(groups > 1, "{groups}");
    assert_eq!(rows(folder.path(), "messages").len(), 36_000);
}

/// The sizes of the pages that hold the texts of records, as they are read.
fn pages_of_texts(folder: &Path) -> Vec<usize> {
    let file = File::open(folder.join("conversations.parquet")).unwrap();
    let file = SerializedFileReader::new(file).unwrap();
    let mut sizes = Vec::new();
    for group in 0..file.num_row_groups() {
        let group = file.get_row_group(group).unwrap();
        let pages = group.get_column_page_reader(group.num_columns() - 1).unwrap();
        sizes.extend(pages.map(|page| page.unwrap().buffer().len()));
    }
    sizes
}

#[test]
fn texts_of_records_are_in_pages_that_are_small_but_full_whether_they_are_new_or_copied() {
    let format = Parquet::new();
    let (old, new) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let entries: Vec<_> = (0..100).map(|number| record(number, 60)).collect();
    write(old.path(), &format, &entries);
    merge(old.path(), new.path(), &format, &["c-1"], &[record(100, 1)]);
    let bytes: usize = entries.iter().map(|entry| entry.raw.len()).sum();
    for folder in [old.path(), new.path()] {
        let pages = pages_of_texts(folder);
        let most = bytes / (64 << 10) + 3;
        assert!(
            pages.iter().all(|page| *page < 128 << 10) && pages.len() <= most,
            "{pages:?}"
        );
    }
}

#[test]
fn parts_are_merged_and_their_keys_found() {
    let format = Parquet::new().flat_tables(true);
    let (old, new) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    write(
        old.path(),
        &format,
        &(0..5).map(|number| record(number, 2)).collect::<Vec<_>>(),
    );
    let counts = merge(old.path(), new.path(), &format, &["c-1", "c-3"], &[record(3, 7)]);
    assert_eq!(
        (counts["conversations"], counts["messages"], counts["transfers"]),
        (4, 6 + 7, 4)
    );
    let entries = [record(0, 2), record(2, 2), record(4, 2), record(3, 7)];
    for (at, table) in Layout::conversations().tables().iter().enumerate() {
        assert_eq!(rows(new.path(), table.name), wanted(&entries, at));
    }
    let start = Some(1_700_000_000_000);
    assert_eq!(
        keys(new.path(), &format),
        ["c-0", "c-2", "c-4", "c-3"].map(|key| (key.to_owned(), start))
    );
}

/// A part as another version of this program may have written it.
fn part_of_version(folder: &Path, table: &str, version: &str, columns: &[(&str, &str)]) {
    let fields: Vec<Field> = columns
        .iter()
        .map(|(name, _)| Field::new(*name, DataType::Utf8, true))
        .collect();
    let schema = Arc::new(Schema::new(fields));
    let arrays = columns
        .iter()
        .map(|(_, value)| Arc::new(StringArray::from(vec![*value])) as ArrayRef);
    let batch = RecordBatch::try_new(Arc::clone(&schema), arrays.collect()).unwrap();
    let note = KeyValue::new("le_export.schema_version".to_owned(), version.to_owned());
    let properties = WriterProperties::builder()
        .set_key_value_metadata(Some(vec![note]))
        .build();
    let file = File::create(folder.join(format!("{table}.parquet"))).unwrap();
    let mut writer = ArrowWriter::try_new(file, schema, Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
}

#[test]
fn parts_of_older_versions_are_taken_over_and_newer_or_foreign_ones_refused() {
    let format = Parquet::new().flat_tables(true);
    let (old, new) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    write(old.path(), &format, &[record(0, 1)]);
    let columns = [("conversation_id", "c-0"), ("status", "OPEN")];
    part_of_version(old.path(), "dialogs", "0", &columns);
    let mut encoder = format.encoder(crate::support::sinks(new.path(), &format)).unwrap();
    let open = |table: &str| File::open(old.path().join(format!("{table}.parquet"))).unwrap();
    let error = encoder.copy(4, open("dialogs"), &|_| false).unwrap_err();
    assert!(
        error.to_string().contains("position"),
        "a column that must have a value cannot be made up: {error}"
    );

    let part = |version| {
        part_of_version(old.path(), "conversations", version, &columns);
        format.keys(open("conversations"), &mut |_, _| true)
    };
    assert!(part("1").is_ok());
    let error = part("999").unwrap_err();
    assert!(error.to_string().contains("version 999"), "{error}");
    assert!(part("of another kind").is_err());
}

#[test]
fn columns_that_an_older_version_did_not_know_are_null() {
    let format = Parquet::new().nested_lists(false).flat_tables(true);
    let (old, new) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    write(old.path(), &format, &[record(0, 2), record(1, 0)]);
    // The same part without some columns.
    let before = batches(old.path(), "messages").remove(0);
    let kept: Vec<usize> = (0..before.num_columns())
        .filter(|at| before.schema().field(*at).name() != "text")
        .collect();
    let batch = before.project(&kept).unwrap();
    let note = KeyValue::new("le_export.schema_version".to_owned(), "0".to_owned());
    let properties = WriterProperties::builder()
        .set_key_value_metadata(Some(vec![note]))
        .build();
    let file = File::create(old.path().join("messages.parquet")).unwrap();
    let mut writer = ArrowWriter::try_new(file, batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();

    merge(old.path(), new.path(), &format, &[], &[record(2, 1)]);
    let after = batches(new.path(), "messages");
    let texts: Vec<Option<String>> = after
        .iter()
        .flat_map(|batch| {
            let texts = batch.column_by_name("text").unwrap().as_string::<i32>().clone();
            texts.iter().map(|text| text.map(str::to_owned)).collect::<Vec<_>>()
        })
        .collect();
    assert_eq!((texts.len(), texts.iter().flatten().count()), (3, 1));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn generated_records_come_back(entries in generated()) {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), &Parquet::new().flat_tables(true), &entries);
        for (at, table) in Layout::conversations().tables().iter().enumerate() {
            let wanted = wanted(&entries, at);
            if at > 0 {
                prop_assert_eq!(&listed(folder.path(), table.name), &wanted);
            }
            prop_assert_eq!(rows(folder.path(), table.name), wanted);
        }
    }
}
