//! One pass over a record's text that fills the rows of all tables.
//!
//! The columns decide what is looked at (see [`Program`]); everything else is skipped without being built. Text is borrowed.
//! Nothing of a record is an error but broken JSON: a value that does not fit its column leaves it empty, and `raw` has it.

mod member;

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::cell::Cell;
use super::column::Table;
use super::program::{Leaf, Program, Rows, UNSET};
use member::Member;

/// There is room for so many rows from the first one on.
const ROWS: usize = 4;

/// The rows of one table while they grow.
#[derive(Default)]
pub(super) struct Growing<'a> {
    pub(super) cells: Vec<Cell<'a>>,
    ranks: Vec<u8>,
    width: usize,
}

impl Growing<'_> {
    fn len(&self) -> usize {
        self.cells.len() / self.width
    }

    fn push(&mut self) -> usize {
        let row = self.len();
        if self.cells.is_empty() {
            // Most lists have a few rows: growing to them step by step would cost more than the room.
            self.cells.reserve(self.width * ROWS);
            self.ranks.reserve(self.width * ROWS);
        }
        self.cells.resize(self.cells.len() + self.width, Cell::Null);
        self.ranks.resize(self.cells.len(), UNSET);
        row
    }

    /// Takes the rows from `row` on away.
    fn cut(&mut self, row: usize) {
        self.cells.truncate(row * self.width);
        self.ranks.truncate(row * self.width);
    }

    /// Rows behind `parent` that were made of its parts take over what it says, and it goes.
    fn hand_down(&mut self, parent: usize) {
        let start = parent * self.width;
        let children = start + self.width;
        if self.cells.len() == children {
            return;
        }
        let (head, tail) = self.cells.split_at_mut(children);
        for row in tail.chunks_exact_mut(self.width) {
            for (cell, from) in row.iter_mut().zip(&head[start..]) {
                if cell.is_null() {
                    cell.clone_from(from);
                }
            }
        }
        self.cells.drain(start..children);
        self.ranks.drain(start..children);
    }
}

/// The walk through one record.
pub(super) struct Walk<'p, 'a> {
    program: &'p Program,
    pub(super) tables: Vec<Growing<'a>>,
}

impl<'p, 'a> Walk<'p, 'a> {
    /// Reads a record.
    pub(super) fn read(
        program: &'p Program,
        tables: &'static [Table],
        json: &'a str,
    ) -> Result<Self, serde_json::Error> {
        let growing = |table: &Table| Growing {
            width: table.columns.len(),
            ..Growing::default()
        };
        let mut walk = Self {
            program,
            tables: tables.iter().map(growing).collect(),
        };
        if let Some(table) = tables.iter().position(|table| table.lists.is_empty()) {
            walk.tables[table].push();
            walk.read_object(json, Place { node: 0, table, row: 0 })?;
        }
        Ok(walk)
    }

    fn read_object(&mut self, json: &'a str, place: Place) -> Result<(), serde_json::Error> {
        let mut reader = serde_json::Deserializer::from_str(json);
        reader.deserialize_any(Object { walk: self, place })?;
        reader.end()
    }

    fn set(&mut self, place: Place, leaf: Leaf, cell: Cell<'a>) {
        let table = &mut self.tables[place.table];
        let at = place.row * table.width + leaf.column;
        if leaf.rank <= table.ranks[at] {
            table.ranks[at] = leaf.rank;
            table.cells[at] = cell;
        }
    }

    /// A list of rows that keep their own text.
    fn texts(&mut self, rows: &Rows, column: usize, list: &'a RawValue) -> Result<(), serde_json::Error> {
        let elements: Vec<&'a RawValue> = match list.get().as_bytes().first() {
            Some(b'[') => serde_json::from_str(list.get())?,
            Some(b'{') => vec![list],
            _ => Vec::new(),
        };
        for text in elements {
            let before = self.tables[rows.table].len();
            self.element(rows, &mut serde_json::Deserializer::from_str(text.get()))?;
            let table = &mut self.tables[rows.table];
            for row in before..table.len() {
                table.cells[row * table.width + column] = Cell::Text(Cow::Borrowed(text.get()));
            }
        }
        Ok(())
    }

    /// An element of a list of rows.
    fn element<D: Deserializer<'a>>(&mut self, rows: &Rows, deserializer: D) -> Result<(), D::Error> {
        let row = self.tables[rows.table].push();
        let place = Place {
            node: rows.node,
            table: rows.table,
            row,
        };
        let start = row * self.tables[rows.table].width;
        if let Some((column, value)) = rows.given {
            let cell = match value {
                "true" => Cell::Flag(true),
                "false" => Cell::Flag(false),
                word => Cell::Text(Cow::Borrowed(word)),
            };
            self.tables[rows.table].cells[start + column] = cell;
        }
        let is_object = deserializer.deserialize_any(Object { walk: self, place })?;
        let table = &mut self.tables[rows.table];
        if is_object {
            table.hand_down(row);
        } else {
            // A bare null or number in a list of objects is no row.
            table.cut(row);
        }
        Ok(())
    }
}

/// Where in the tree the walk is, and which row it fills.
#[derive(Clone, Copy)]
struct Place {
    node: usize,
    table: usize,
    row: usize,
}

/// Reads an object, and tells whether it was one.
struct Object<'w, 'p, 'a> {
    walk: &'w mut Walk<'p, 'a>,
    place: Place,
}

macro_rules! ignored {
    ($value:expr) => {
        fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
            Ok($value)
        }
        fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
            Ok($value)
        }
        fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
            Ok($value)
        }
        fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
            Ok($value)
        }
        fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
            Ok($value)
        }
        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok($value)
        }
    };
}

impl<'a> Visitor<'a> for Object<'_, '_, 'a> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    ignored!(false);

    fn visit_seq<S: SeqAccess<'a>>(self, mut seq: S) -> Result<bool, S::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(false)
    }

    fn visit_map<M: MapAccess<'a>>(self, mut map: M) -> Result<bool, M::Error> {
        let program = self.walk.program;
        let node = &program.nodes[self.place.node];
        let mut before = None;
        while let Some(found) = map.next_key_seed(Name { node, before })? {
            let Some(at) = found else {
                match node.any {
                    Some(node) => {
                        let place = Place { node, ..self.place };
                        map.next_value_seed(Object {
                            walk: &mut *self.walk,
                            place,
                        })?;
                    }
                    None => {
                        map.next_value::<IgnoredAny>()?;
                    }
                }
                continue;
            };
            before = Some(at);
            let step = node.step(at);
            if let Some(rows) = &step.rows {
                map.next_value_seed(List {
                    walk: &mut *self.walk,
                    rows,
                })?;
            } else if let Some(node) = step.many {
                map.next_value_seed(Many {
                    walk: &mut *self.walk,
                    place: Place { node, ..self.place },
                })?;
            } else {
                map.next_value_seed(Member {
                    walk: &mut *self.walk,
                    place: self.place,
                    leaf: step.leaf,
                    mark: step.mark,
                    object: step.object,
                })?;
            }
        }
        Ok(true)
    }
}

/// Finds a member by its name.
struct Name<'p> {
    node: &'p super::program::Node,
    before: Option<usize>,
}

impl<'a> DeserializeSeed<'a> for Name<'_> {
    type Value = Option<usize>;
    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<Option<usize>, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Name<'_> {
    type Value = Option<usize>;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a member")
    }
    fn visit_str<E>(self, name: &str) -> Result<Option<usize>, E> {
        Ok(self.node.find(name, self.before))
    }
}

impl<'a> DeserializeSeed<'a> for Object<'_, '_, 'a> {
    type Value = bool;
    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_any(self)
    }
}

/// A list of rows, or the bare element that stands for a list of one.
struct List<'w, 'p, 'a> {
    walk: &'w mut Walk<'p, 'a>,
    rows: &'p Rows,
}

impl<'a> DeserializeSeed<'a> for List<'_, '_, 'a> {
    type Value = ();
    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<(), D::Error> {
        use serde::de::Error as _;
        let Some(column) = self.rows.text else {
            return deserializer.deserialize_any(self);
        };
        let list = <&'a RawValue as serde::Deserialize<'a>>::deserialize(deserializer)?;
        self.walk.texts(self.rows, column, list).map_err(D::Error::custom)
    }
}

impl<'a> Visitor<'a> for List<'_, '_, 'a> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    ignored!(());

    fn visit_seq<S: SeqAccess<'a>>(self, mut seq: S) -> Result<(), S::Error> {
        while seq
            .next_element_seed(Element {
                walk: &mut *self.walk,
                rows: self.rows,
            })?
            .is_some()
        {}
        Ok(())
    }

    fn visit_map<M: MapAccess<'a>>(self, map: M) -> Result<(), M::Error> {
        self.walk
            .element(self.rows, serde::de::value::MapAccessDeserializer::new(map))
    }
}

struct Element<'w, 'p, 'a> {
    walk: &'w mut Walk<'p, 'a>,
    rows: &'p Rows,
}

impl<'a> DeserializeSeed<'a> for Element<'_, '_, 'a> {
    type Value = ();
    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<(), D::Error> {
        self.walk.element(self.rows, deserializer)
    }
}

/// A list within a row: each element makes a row of its own, which takes over what the row says.
struct Many<'w, 'p, 'a> {
    walk: &'w mut Walk<'p, 'a>,
    place: Place,
}

impl<'a> DeserializeSeed<'a> for Many<'_, '_, 'a> {
    type Value = ();
    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'a> Visitor<'a> for Many<'_, '_, 'a> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    ignored!(());

    fn visit_seq<S: SeqAccess<'a>>(self, mut seq: S) -> Result<(), S::Error> {
        loop {
            let row = self.walk.tables[self.place.table].push();
            let place = Place { row, ..self.place };
            let is_object = seq.next_element_seed(Object {
                walk: &mut *self.walk,
                place,
            })?;
            let table = &mut self.walk.tables[self.place.table];
            match is_object {
                Some(true) => table.hand_down(row),
                Some(false) => table.cut(row),
                None => {
                    table.cut(row);
                    return Ok(());
                }
            }
        }
    }

    fn visit_map<M: MapAccess<'a>>(self, map: M) -> Result<(), M::Error> {
        let row = self.walk.tables[self.place.table].push();
        let place = Place { row, ..self.place };
        Object {
            walk: &mut *self.walk,
            place,
        }
        .visit_map(map)?;
        self.walk.tables[self.place.table].hand_down(row);
        Ok(())
    }
}
