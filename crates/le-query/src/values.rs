//! Arrays as values.

use datafusion::arrow::array::{Array, ArrayRef, AsArray as _, RecordBatch};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Float64Type, Int64Type, TimeUnit, TimestampMillisecondType};
use datafusion::arrow::util::display::{ArrayFormatter, FormatOptions};
use le_core::{Error, ErrorKind, Result, Timestamp};
use le_export::query::{Rows, Value};

/// Hands the rows of a batch on.
pub(crate) fn each_row(batch: &RecordBatch, rows: &mut (dyn Rows + Send)) -> Result<()> {
    let columns = batch.columns().iter().map(Column::new).collect::<Result<Vec<_>>>()?;
    let mut values = Vec::with_capacity(columns.len());
    for row in 0..batch.num_rows() {
        values.clear();
        for column in &columns {
            values.push(column.value(row));
        }
        rows.row(&values)?;
    }
    Ok(())
}

/// A column in one of few forms.
enum Column {
    Text(ArrayRef),
    Integer(ArrayRef),
    Number(ArrayRef),
    Flag(ArrayRef),
    Time(ArrayRef),
    /// Whatever else, in the engine's own spelling.
    Other(ArrayRef),
}

impl Column {
    fn new(array: &ArrayRef) -> Result<Self> {
        let to = |wanted: &DataType| {
            cast(array, wanted)
                .map_err(|error| Error::new(ErrorKind::Decode, format!("an answer cannot be shown: {error}")))
        };
        Ok(match array.data_type() {
            DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => Self::Text(to(&DataType::Utf8)?),
            DataType::Dictionary(_, value) if value.is_string() => Self::Text(to(&DataType::Utf8)?),
            // What 64 bits with sign do not hold stays text.
            DataType::UInt64 | DataType::Decimal128(..) | DataType::Decimal256(..) => Self::Other(array.clone()),
            number if number.is_integer() => Self::Integer(to(&DataType::Int64)?),
            number if number.is_floating() => Self::Number(to(&DataType::Float64)?),
            DataType::Boolean => Self::Flag(array.clone()),
            DataType::Timestamp(..) => {
                let utc = DataType::Timestamp(TimeUnit::Millisecond, Some("UTC".into()));
                Self::Time(to(&utc)?)
            }
            _ => Self::Other(array.clone()),
        })
    }

    fn value(&self, row: usize) -> Value {
        match self {
            Self::Text(array)
            | Self::Integer(array)
            | Self::Number(array)
            | Self::Flag(array)
            | Self::Time(array)
            | Self::Other(array)
                if array.is_null(row) =>
            {
                Value::Null
            }
            Self::Text(array) => Value::Text(array.as_string::<i32>().value(row).to_owned()),
            Self::Integer(array) => Value::Integer(array.as_primitive::<Int64Type>().value(row)),
            Self::Number(array) => Value::Number(array.as_primitive::<Float64Type>().value(row)),
            Self::Flag(array) => Value::Flag(array.as_boolean().value(row)),
            Self::Time(array) => {
                let millis = array.as_primitive::<TimestampMillisecondType>().value(row);
                Value::Text(Timestamp::from_millis(millis).to_string())
            }
            Self::Other(array) => {
                let shown = ArrayFormatter::try_new(array, &FormatOptions::default());
                Value::Text(shown.map_or_else(|_| String::new(), |shown| shown.value(row).to_string()))
            }
        }
    }
}
