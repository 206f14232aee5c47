//! Rows into arrays.

use std::sync::Arc;

use arrow_array::builder::{BooleanBuilder, Float64Builder, Int64Builder, StringBuilder, TimestampMillisecondBuilder};
use arrow_array::{ArrayRef, ListArray, StructArray};
use arrow_buffer::{OffsetBuffer, ScalarBuffer};
use arrow_schema::{DataType, Field};

use super::schema::{ELEMENT, elements, within};
use crate::tables::{Cell, Column, Storage, Table};

/// The values of one column.
enum Values {
    Text(StringBuilder),
    Integer(Int64Builder),
    Number(Float64Builder),
    Flag(BooleanBuilder),
    Time(TimestampMillisecondBuilder),
}

/// Does the same to the builder of whichever kind.
macro_rules! each {
    ($values:expr, $column:ident => $do:expr) => {
        match $values {
            Values::Text($column) => $do,
            Values::Integer($column) => $do,
            Values::Number($column) => $do,
            Values::Flag($column) => $do,
            Values::Time($column) => $do,
        }
    };
}

/// One column while it grows.
struct Growing {
    values: Values,
    /// So many rows at the end have no value. They are written with the next value, all at once, since half of all cells are such.
    nulls: usize,
}

impl Growing {
    fn new(storage: Storage) -> Self {
        let values = match storage {
            Storage::Text => Values::Text(StringBuilder::new()),
            Storage::Integer => Values::Integer(Int64Builder::new()),
            Storage::Number => Values::Number(Float64Builder::new()),
            Storage::Flag => Values::Flag(BooleanBuilder::new()),
            Storage::Time => Values::Time(TimestampMillisecondBuilder::new().with_timezone("UTC")),
        };
        Self { values, nulls: 0 }
    }

    fn finish(&mut self) -> ArrayRef {
        self.settle_nulls();
        each!(&mut self.values, column => Arc::new(column.finish()))
    }

    fn settle_nulls(&mut self) {
        if self.nulls > 0 {
            let nulls = std::mem::take(&mut self.nulls);
            each!(&mut self.values, column => column.append_nulls(nulls));
        }
    }

    /// Takes a cell. One of another form than the column's, which readers of rows never make, counts as no value.
    fn push(&mut self, cell: &Cell<'_>) {
        if cell.is_null() {
            self.nulls += 1;
            return;
        }
        self.settle_nulls();
        match (&mut self.values, cell) {
            (Values::Text(column), Cell::Text(text)) => column.append_value(text),
            (Values::Integer(column), Cell::Integer(value)) => column.append_value(*value),
            (Values::Number(column), Cell::Number(value)) => column.append_value(*value),
            (Values::Flag(column), Cell::Flag(value)) => column.append_value(*value),
            (Values::Time(column), Cell::Time(value)) => column.append_value(*value),
            _ => self.nulls += 1,
        }
    }
}

/// The rows of one table while they are collected for a batch.
pub(super) struct Collected {
    table: &'static Table,
    columns: Vec<Growing>,
    rows: usize,
    /// Where the rows of each record end: what a list needs to know.
    ends: Vec<i32>,
}

impl Collected {
    /// All columns but that of the record's own text, which is not collected.
    pub(super) fn new(table: &'static Table) -> Self {
        let columns = match (table.lists, table.columns) {
            ([], [columns @ .., _text]) => columns,
            (_, columns) => columns,
        };
        let growing = |column: &Column| Growing::new(column.kind.storage());
        Self {
            table,
            columns: columns.iter().map(growing).collect(),
            rows: 0,
            ends: vec![0],
        }
    }

    /// Takes the rows of one record.
    pub(super) fn push<'r, 'c: 'r>(&mut self, rows: impl Iterator<Item = &'r [Cell<'c>]>) {
        for row in rows {
            for (column, cell) in self.columns.iter_mut().zip(row) {
                column.push(cell);
            }
            self.rows += 1;
        }
        self.ends.push(self.rows as i32);
    }

    /// The columns, and how the rows of records lie in them; it is empty afterwards.
    pub(super) fn finish(&mut self) -> (Vec<ArrayRef>, Vec<i32>) {
        self.rows = 0;
        let columns = self.columns.iter_mut().map(Growing::finish).collect();
        (columns, std::mem::replace(&mut self.ends, vec![0]))
    }

    /// The rows as one list for each record, from what [`finish`](Self::finish) gave. Nothing is copied.
    pub(super) fn list(
        table: &Table,
        columns: &[ArrayRef],
        ends: Vec<i32>,
    ) -> Result<ArrayRef, arrow_schema::ArrowError> {
        let arrays = within(table).map(|(at, _)| Arc::clone(&columns[at])).collect();
        let fields = elements(table);
        let structs = StructArray::try_new(fields.clone(), arrays, None)?;
        let element = Arc::new(Field::new(ELEMENT, DataType::Struct(fields), false));
        let offsets = OffsetBuffer::new(ScalarBuffer::from(ends));
        Ok(Arc::new(ListArray::try_new(element, offsets, Arc::new(structs), None)?))
    }

    pub(super) fn table(&self) -> &'static Table {
        self.table
    }
}
