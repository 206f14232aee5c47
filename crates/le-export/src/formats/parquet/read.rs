//! Reading parts again: for their keys, and to take their rows over into a newer one.

use std::fs::File;
use std::sync::Arc;

use arrow_array::cast::AsArray as _;
use arrow_array::types::TimestampMillisecondType;
use arrow_array::{Array as _, ArrayRef, BooleanArray, ListArray, RecordBatch, StructArray, new_null_array};
use arrow_schema::{DataType, SchemaRef};
use arrow_select::filter::filter_record_batch;
use le_core::{Error, ErrorKind, Result, Timestamp};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};

use super::{broken, schema};
use crate::tables::SCHEMA_VERSION;

/// Rows are read in batches of this many: a record can have a megabyte.
const ROWS: usize = 64;

const CANNOT: &str = "a Parquet file cannot be read";

fn open(part: File) -> Result<ParquetRecordBatchReaderBuilder<File>> {
    let reader = ParquetRecordBatchReaderBuilder::try_new(part).map_err(|error| broken(CANNOT, error))?;
    let pairs = reader.metadata().file_metadata().key_value_metadata();
    let pairs = pairs.map(Vec::as_slice).unwrap_or_default();
    let version = pairs.iter().find(|pair| pair.key == schema::VERSION);
    let version = version.and_then(|pair| pair.value.as_deref()?.parse::<u32>().ok());
    match version {
        Some(version) if version > SCHEMA_VERSION => Err(Error::new(
            ErrorKind::Decode,
            format!("a part has tables of version {version}, and this program writes version {SCHEMA_VERSION}"),
        )
        .with_advice("a newer version of this program wrote into the dataset: use that one, or another place")),
        Some(_) => Ok(reader),
        None => Err(Error::new(ErrorKind::Decode, "a part was not written by this program")
            .with_advice("the dataset holds files of others under its own names; give the export a place of its own")),
    }
}

/// The rows of a part, a few at a time.
pub(super) fn batches(part: File) -> Result<ParquetRecordBatchReader> {
    let reader = open(part)?.with_batch_size(ROWS);
    reader.build().map_err(|error| broken(CANNOT, error))
}

/// Hands out key and start of each row, until `each` says false.
pub(super) fn keys(part: File, each: &mut dyn FnMut(&str, Option<Timestamp>) -> bool) -> Result<()> {
    let reader = open(part)?;
    let columns = reader.parquet_schema();
    let start = columns
        .columns()
        .iter()
        .position(|column| column.path().string() == "start_time");
    let mask = ProjectionMask::leaves(columns, [0].into_iter().chain(start));
    let reader = reader.with_projection(mask).with_batch_size(1024);
    for batch in reader.build().map_err(|error| broken(CANNOT, error))? {
        let batch = batch.map_err(|error| broken(CANNOT, error))?;
        let keys = batch.column(0).as_string::<i32>();
        let starts = start.map(|_| batch.column(1).as_primitive::<TimestampMillisecondType>());
        for row in 0..batch.num_rows() {
            let start = starts.filter(|starts| !starts.is_null(row));
            let start = start.map(|starts| Timestamp::from_millis(starts.value(row)));
            if !each(keys.value(row), start) {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// The rows of records that stay. The key of the record is the first column of every table.
pub(super) fn without(batch: &RecordBatch, leave_out: &dyn Fn(&str) -> bool) -> Result<RecordBatch> {
    let keys = batch
        .column(0)
        .as_string_opt::<i32>()
        .ok_or_else(|| misfit("the key"))?;
    let stays: BooleanArray = keys.iter().map(|key| Some(!key.is_some_and(leave_out))).collect();
    if stays.true_count() == batch.num_rows() {
        return Ok(batch.clone());
    }
    filter_record_batch(batch, &stays).map_err(|error| broken("the rows of an older part cannot be sifted", error))
}

/// The batch with exactly the columns of `wanted`: those that an older version did not know are NULL.
pub(super) fn in_form(batch: &RecordBatch, wanted: &SchemaRef) -> Result<RecordBatch> {
    if batch.schema_ref() == wanted {
        return Ok(batch.clone());
    }
    let column = |field: &Arc<arrow_schema::Field>| match batch.column_by_name(field.name()) {
        Some(column) => array_in_form(column, field.data_type()).ok_or_else(|| misfit(field.name())),
        None => absent(field, batch.num_rows()).ok_or_else(|| misfit(field.name())),
    };
    let columns = wanted.fields().iter().map(column).collect::<Result<Vec<_>>>()?;
    RecordBatch::try_new(Arc::clone(wanted), columns)
        .map_err(|error| broken("an older part does not fit the tables of today", error))
}

/// A column that is not there: NULLs, or empty lists.
fn absent(field: &arrow_schema::Field, rows: usize) -> Option<ArrayRef> {
    match field.data_type() {
        _ if field.is_nullable() => Some(new_null_array(field.data_type(), rows)),
        DataType::List(element) => {
            let offsets = arrow_buffer::OffsetBuffer::new_zeroed(rows);
            let values = arrow_array::new_empty_array(element.data_type());
            Some(Arc::new(
                ListArray::try_new(Arc::clone(element), offsets, values, None).ok()?,
            ))
        }
        _ => None,
    }
}

fn array_in_form(array: &ArrayRef, wanted: &DataType) -> Option<ArrayRef> {
    if array.data_type() == wanted {
        return Some(Arc::clone(array));
    }
    match wanted {
        DataType::List(element) => {
            let list = array.as_list_opt::<i32>()?;
            let values = array_in_form(list.values(), element.data_type())?;
            let list = ListArray::try_new(
                Arc::clone(element),
                list.offsets().clone(),
                values,
                list.nulls().cloned(),
            );
            Some(Arc::new(list.ok()?))
        }
        DataType::Struct(fields) => {
            let own = array.as_struct_opt()?;
            let column = |field: &Arc<arrow_schema::Field>| match own.column_by_name(field.name()) {
                Some(column) => array_in_form(column, field.data_type()),
                None => absent(field, own.len()),
            };
            let columns = fields.iter().map(column).collect::<Option<Vec<_>>>()?;
            Some(Arc::new(
                StructArray::try_new(fields.clone(), columns, own.nulls().cloned()).ok()?,
            ))
        }
        _ => None,
    }
}

fn misfit(column: &str) -> Error {
    Error::new(
        ErrorKind::Decode,
        format!("the column {column} of an older part is of another type than today"),
    )
    .with_advice("export into another place, or take the old dataset away")
}
