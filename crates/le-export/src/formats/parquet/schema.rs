//! The tables as Arrow and Parquet schemas.

use std::sync::Arc;

use arrow_schema::{DataType, Field, Fields, Schema, SchemaRef, TimeUnit};
use parquet::arrow::{ArrowSchemaConverter, add_encoded_arrow_schema_to_metadata};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterPropertiesBuilder, WriterPropertiesPtr};
use parquet::schema::types::{ColumnPath, TypePtr};

use super::Parquet;
use crate::tables::{Column, Kind, Privacy, SCHEMA_VERSION, Storage, Table};

/// Where a file says which version of the tables it has.
pub(super) const VERSION: &str = "le_export.schema_version";

/// The name of a list's elements, as the Parquet specification has it.
pub(super) const ELEMENT: &str = "element";

/// How large pages grow. The writer begins each with a new buffer: those that fit an allocator's usual sizes and a core's cache are
/// had again and again, where larger ones are mapped and cleared each time. Files are larger by a hundredth.
pub(super) const PAGE: usize = 64 << 10;

/// What the files of one table have in common. It is made once for all files of a dataset: to name, describe and tune two hundred
/// columns takes as long as to encode some records.
#[derive(Debug)]
pub(super) struct Shape {
    pub(super) schema: SchemaRef,
    pub(super) root: TypePtr,
    pub(super) properties: WriterPropertiesPtr,
}

impl Shape {
    /// The shape of the table at this place.
    pub(super) fn new(format: &Parquet, at: usize) -> Result<Self, ParquetError> {
        let tables = format.layout.tables();
        let schema = schema(tables, at, format.nested);
        let root = ArrowSchemaConverter::new().convert(&schema)?.root_schema_ptr();
        let mut properties = properties(format, tables, at);
        add_encoded_arrow_schema_to_metadata(&schema, &mut properties);
        Ok(Self {
            schema,
            root,
            properties: Arc::new(properties),
        })
    }
}

fn data_type(storage: Storage) -> DataType {
    match storage {
        Storage::Text => DataType::Utf8,
        Storage::Integer => DataType::Int64,
        Storage::Number => DataType::Float64,
        Storage::Flag => DataType::Boolean,
        Storage::Time => DataType::Timestamp(TimeUnit::Millisecond, Some("UTC".into())),
    }
}

fn field(column: &Column) -> Field {
    Field::new(column.name, data_type(column.kind.storage()), column.nullable)
}

/// The columns of a table within a list: the record's key stands outside.
pub(super) fn within(table: &Table) -> impl Iterator<Item = (usize, &Column)> {
    table.columns.iter().enumerate().skip(1)
}

/// The fields of a list's elements.
pub(super) fn elements(table: &Table) -> Fields {
    within(table).map(|(_, column)| field(column)).collect()
}

/// The list that holds the rows of `table` in the first table.
pub(super) fn list(table: &Table) -> Field {
    let element = Field::new(ELEMENT, DataType::Struct(elements(table)), false);
    Field::new(table.name, DataType::List(Arc::new(element)), false)
}

/// The schema of the table at this place; the first one may have a list for each other.
fn schema(tables: &[Table], at: usize, nested: bool) -> SchemaRef {
    let mut fields: Vec<Field> = tables[at].columns.iter().map(field).collect();
    if nested && at == 0 {
        // `raw` stays the last.
        let raw = fields.pop();
        fields.extend(tables[1..].iter().map(list));
        fields.extend(raw);
    }
    Arc::new(Schema::new(fields))
}

fn properties(format: &Parquet, tables: &[Table], at: usize) -> WriterProperties {
    let version = KeyValue::new(VERSION.to_owned(), SCHEMA_VERSION.to_string());
    let mut properties = WriterProperties::builder()
        .set_compression(format.codec())
        .set_created_by(format!("le-export {}", env!("CARGO_PKG_VERSION")))
        .set_key_value_metadata(Some(vec![version]))
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_dictionary_page_size_limit(256 << 10)
        .set_data_page_size_limit(PAGE)
        // Row groups end by their bytes.
        .set_max_row_group_row_count(None);
    for column in tables[at].columns {
        properties = tune(properties, column, at == 0, vec![column.name.to_owned()]);
    }
    if format.nested && at == 0 {
        for table in &tables[1..] {
            for (_, column) in within(table) {
                let path = [table.name, "list", ELEMENT, column.name].map(str::to_owned);
                // Engines do not prune by what is within lists.
                let path: Vec<String> = path.into();
                properties = tune(properties, column, false, path.clone());
                properties = properties.set_column_statistics_enabled(ColumnPath::new(path), EnabledStatistics::None);
            }
        }
    }
    properties.build()
}

/// Dictionaries and statistics where they pay: not for text that hardly repeats.
fn tune(
    properties: WriterPropertiesBuilder,
    column: &Column,
    of_record: bool,
    path: Vec<String>,
) -> WriterPropertiesBuilder {
    let path = ColumnPath::new(path);
    let is_bulky = column.kind == Kind::Json || column.privacy == Privacy::Content;
    let is_unique = column.name == "message_id" || (of_record && !column.nullable && column.kind == Kind::Id);
    let properties = match column.kind.storage() {
        Storage::Text if is_bulky || is_unique => properties.set_column_dictionary_enabled(path.clone(), false),
        Storage::Text => properties,
        _ => properties.set_column_dictionary_enabled(path.clone(), false),
    };
    if is_bulky {
        properties.set_column_statistics_enabled(path, EnabledStatistics::None)
    } else {
        properties
    }
}
