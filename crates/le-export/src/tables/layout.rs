//! Which tables there are for a kind of record, and a record as rows of them.

use std::borrow::Cow;
use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, Hasher};
use std::sync::{Arc, LazyLock};

use super::cell::Cell;
use super::column::{From, Kind, Table};
use super::program::Program;
use super::read::Walk;
use super::{columns, surrogates};
use crate::entry::Entry;

/// The tables for one kind of record. Cheap to clone.
///
/// ```
/// use le_export::tables::Layout;
///
/// let names: Vec<_> = Layout::conversations().tables().iter().map(|table| table.name).collect();
/// assert_eq!(names, ["conversations", "messages", "participants", "transfers", "dialogs", "surveys", "sdes"]);
/// ```
#[derive(Debug, Clone)]
pub struct Layout {
    name: &'static str,
    tables: &'static [Table],
    program: Arc<Program>,
}

static CONVERSATIONS: LazyLock<Layout> = LazyLock::new(|| Layout::new("conversations", columns::CONVERSATIONS));
static RECORDS: LazyLock<Layout> = LazyLock::new(|| Layout::new("records", columns::RECORDS));

impl Layout {
    /// Messaging conversations: seven tables.
    #[must_use]
    pub fn conversations() -> Self {
        CONVERSATIONS.clone()
    }

    /// Records of any API, not taken apart: key, start and text.
    #[must_use]
    pub fn records() -> Self {
        RECORDS.clone()
    }

    fn new(name: &'static str, tables: &'static [Table]) -> Self {
        Self {
            name,
            tables,
            program: Arc::new(Program::new(tables)),
        }
    }

    /// Its name, which is that of its main table.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The tables. The first has one row for each record.
    #[must_use]
    pub fn tables(&self) -> &'static [Table] {
        self.tables
    }

    /// The table of that name.
    #[must_use]
    pub fn table(&self, name: &str) -> Option<&'static Table> {
        self.tables.iter().find(|table| table.name == name)
    }

    /// The rows of a record.
    ///
    /// It never fails: where the text is not the JSON of a record of this kind, there is one row with key, start and text.
    #[must_use]
    pub fn rows<'a>(&self, entry: &'a Entry) -> Rows<'a> {
        let json = entry.raw.as_str();
        let (cells, is_whole) = match Walk::read(&self.program, self.tables, json) {
            Ok(walk) => (walk.tables.into_iter().map(|table| table.cells).collect(), true),
            Err(_) => self.rows_of_mended(json),
        };
        let mut rows = Rows {
            tables: self.tables,
            cells,
            is_whole,
        };
        for table in 0..self.tables.len() {
            rows.settle_times(table);
        }
        for table in 1..self.tables.len() {
            rows.drop_repeated(table);
        }
        for table in (0..self.tables.len()).rev() {
            rows.fill(table, entry);
        }
        rows
    }

    /// Half of a surrogate pair is legal in JSON text and in no other text: it becomes the sign for what cannot be shown.
    fn rows_of_mended<'a>(&self, json: &str) -> (Vec<Vec<Cell<'a>>>, bool) {
        let mended = surrogates::mended(json);
        let walk = Walk::read(&self.program, self.tables, &mended);
        let Ok(walk) = walk else {
            let alone = |table: &Table| match table.lists {
                [] => vec![Cell::Null; table.columns.len()],
                _ => Vec::new(),
            };
            return (self.tables.iter().map(alone).collect(), false);
        };
        let owned = |cell: Cell<'_>| match cell {
            Cell::Text(text) => Cell::Text(Cow::Owned(text.into_owned())),
            Cell::Null => Cell::Null,
            Cell::Integer(value) => Cell::Integer(value),
            Cell::Number(value) => Cell::Number(value),
            Cell::Flag(value) => Cell::Flag(value),
            Cell::Time(value) => Cell::Time(value),
        };
        let tables = walk.tables.into_iter();
        (
            tables
                .map(|table| table.cells.into_iter().map(owned).collect())
                .collect(),
            true,
        )
    }
}

/// One record as rows of the tables of its [`Layout`].
#[derive(Debug, Clone, PartialEq)]
pub struct Rows<'a> {
    tables: &'static [Table],
    cells: Vec<Vec<Cell<'a>>>,
    is_whole: bool,
}

impl PartialEq for Table {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl<'a> Rows<'a> {
    /// Whether the record could be read. Where not, there is one row with its key, start and text.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.is_whole
    }

    /// The rows of the table at this place of the layout, in order; each is as wide as the table.
    #[must_use]
    pub fn of(&self, table: usize) -> impl ExactSizeIterator<Item = &[Cell<'a>]> {
        self.cells[table].chunks_exact(self.tables[table].columns.len())
    }

    /// How many rows the table at this place of the layout has.
    #[must_use]
    pub fn count(&self, table: usize) -> usize {
        self.cells[table].len() / self.tables[table].columns.len()
    }

    fn settle_times(&mut self, table: usize) {
        let columns = self.tables[table].columns;
        let times = columns
            .iter()
            .enumerate()
            .filter(|(_, column)| column.kind == Kind::Time);
        for (at, _) in times {
            self.cells[table]
                .iter_mut()
                .skip(at)
                .step_by(columns.len())
                .for_each(Cell::settle_time);
        }
    }

    /// Whether one column of the key rises from row to row, so that no two rows have the same key. Sequences nearly always do.
    fn rises(&self, table: usize, column: usize) -> bool {
        let numbers = self.of(table).map(|row| match row[column] {
            Cell::Integer(value) | Cell::Time(value) => Some(value),
            _ => None,
        });
        let mut before = None;
        for number in numbers {
            if number.is_none() || number <= before {
                return false;
            }
            before = number;
        }
        true
    }

    /// Of rows with the same key, the last stays. A key that has no value at all tells nothing.
    fn drop_repeated(&mut self, table: usize) {
        let definition = &self.tables[table];
        let width = definition.columns.len();
        let count = self.cells[table].len() / width;
        if count < 2 {
            return;
        }
        let key: Vec<usize> = definition
            .key
            .iter()
            .filter_map(|name| definition.position(name))
            .collect();
        if key.iter().any(|at| self.rises(table, *at)) {
            return;
        }
        let given = |at: &usize| {
            definition
                .lists
                .iter()
                .any(|list| list.given.is_some_and(|(name, _)| name == definition.columns[*at].name))
        };
        let telling: Vec<usize> = key.iter().copied().filter(|at| !given(at)).collect();
        let cells = &self.cells[table];
        let hasher = std::hash::RandomState::new();
        let mut last: HashMap<u64, usize> = HashMap::with_capacity(count);
        let mut repeated = Vec::new();
        for (row, own) in cells.chunks_exact(width).enumerate() {
            if telling.iter().all(|at| own[*at].is_null()) {
                continue;
            }
            let mut state = hasher.build_hasher();
            key.iter().for_each(|at| hash(&own[*at], &mut state));
            if let Some(earlier) = last.insert(state.finish(), row)
                && key.iter().all(|at| own[*at] == cells[earlier * width + at])
            {
                repeated.push(earlier);
            }
        }
        repeated.sort_unstable();
        for row in repeated.into_iter().rev() {
            self.cells[table].drain(row * width..(row + 1) * width);
        }
    }

    /// Fills in what does not stand in the record's members.
    fn fill(&mut self, table: usize, entry: &'a Entry) {
        let definition = &self.tables[table];
        let width = definition.columns.len();
        let of_record = definition.lists.is_empty();
        for (at, column) in definition.columns.iter().enumerate() {
            let cell = match column.from {
                From::Wire(_) => continue,
                From::Text if !of_record => continue,
                From::Key => Cell::Text(Cow::Borrowed(entry.key.as_str())),
                From::Start => entry.start.map_or(Cell::Null, |start| Cell::time(start.as_millis())),
                From::Text => Cell::Text(Cow::Borrowed(entry.raw.as_str())),
                From::Place => {
                    for (place, row) in self.cells[table].chunks_exact_mut(width).enumerate() {
                        row[at] = Cell::Integer(place as i64);
                    }
                    continue;
                }
                From::Count(other) => self
                    .table(other)
                    .map_or(Cell::Null, |other| Cell::Integer(self.count(other) as i64)),
                From::First(other, value, of) => self.first(other, value, of),
            };
            for row in self.cells[table].chunks_exact_mut(width) {
                row[at] = cell.clone();
            }
        }
        if of_record && let Some(start) = definition.position("start_time") {
            let cell = &mut self.cells[table][start];
            if cell.is_null() {
                *cell = entry.start.map_or(Cell::Null, |start| Cell::time(start.as_millis()));
            }
        }
    }

    fn table(&self, name: &str) -> Option<usize> {
        self.tables.iter().position(|table| table.name == name)
    }

    fn first(&self, other: &str, value: &str, of: (&str, &str)) -> Cell<'a> {
        let find = || {
            let table = self.table(other)?;
            let definition = &self.tables[table];
            let (value, kind) = (definition.position(value)?, definition.position(of.0)?);
            let mut rows = self.of(table);
            rows.find(|row| row[kind].as_str() == Some(of.1) && !row[value].is_null())
                .map(|row| row[value].clone())
        };
        find().unwrap_or_default()
    }
}

fn hash(cell: &Cell<'_>, state: &mut impl Hasher) {
    match cell {
        Cell::Null => 0_u8.hash(state),
        Cell::Text(text) => text.hash(state),
        Cell::Integer(value) | Cell::Time(value) => value.hash(state),
        Cell::Number(value) => value.to_bits().hash(state),
        Cell::Flag(value) => value.hash(state),
    }
}
