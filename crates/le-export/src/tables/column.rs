//! What a table and a column are: plain data, from which readers, schemas of every format, and the documentation are made.

/// A flat table: one kind of row, keyed to the record that it came from.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Table {
    /// Its name, in files and in databases.
    pub name: &'static str,
    /// What a row is.
    pub doc: &'static str,
    /// The columns, in order.
    pub columns: &'static [Column],
    /// The columns that tell one row from another within one record. Of rows that agree in all of them the last is kept, as
    /// the services may send one several times.
    pub key: &'static [&'static str],
    /// Where the rows stand in a record; empty for the table with one row for each record.
    pub(crate) lists: &'static [List],
}

impl Table {
    /// The place of a column.
    #[must_use]
    pub fn position(&self, column: &str) -> Option<usize> {
        self.columns.iter().position(|own| own.name == column)
    }
}

/// A list in a record, each element of which is a row.
#[derive(Debug, Clone, Copy)]
pub(crate) struct List {
    /// The members that lead to it.
    pub(crate) path: &'static str,
    /// What a column holds for all rows of this list, unless a row says otherwise.
    pub(crate) given: Option<(&'static str, &'static str)>,
}

/// A column.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Column {
    /// Its name.
    pub name: &'static str,
    /// What it holds, and which spellings mean "nothing".
    pub kind: Kind,
    /// Whether it may be NULL.
    pub nullable: bool,
    /// What it means.
    pub doc: &'static str,
    /// How careful one has to be with it.
    pub privacy: Privacy,
    pub(crate) from: From,
}

/// What a column holds. The spellings of "no value" that a kind names become NULL; the column `raw` keeps what came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// Text as it came, values of open sets too. NULL for `undefined`, `null`, `NA` and the empty text.
    Text,
    /// An id, as text even where it comes as a number. NULL also for `-1`.
    Id,
    /// The name of something that may be unassigned. NULL also for `Unassigned`.
    Name,
    /// A telephone number. NULL also for `0`.
    Phone,
    /// A whole number of 64 bits.
    Integer,
    /// A number.
    Number,
    /// True or false.
    Flag,
    /// An instant in UTC with milliseconds. NULL also for `-1`.
    Time,
    /// JSON text.
    Json,
}

impl Kind {
    /// The form in which it is kept.
    #[must_use]
    pub fn storage(self) -> Storage {
        match self {
            Kind::Text | Kind::Id | Kind::Name | Kind::Phone | Kind::Json => Storage::Text,
            Kind::Integer => Storage::Integer,
            Kind::Number => Storage::Number,
            Kind::Flag => Storage::Flag,
            Kind::Time => Storage::Time,
        }
    }

    /// A word for the documentation.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Kind::Text | Kind::Name | Kind::Phone => "text",
            Kind::Id => "id (text)",
            Kind::Integer => "integer",
            Kind::Number => "number",
            Kind::Flag => "flag",
            Kind::Time => "time",
            Kind::Json => "JSON text",
        }
    }
}

/// The few forms that all formats know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Storage {
    /// UTF-8.
    Text,
    /// 64 bits with sign.
    Integer,
    /// 64 bits with a fraction.
    Number,
    /// True or false.
    Flag,
    /// Milliseconds since 1970 in UTC.
    Time,
}

/// How careful one has to be with a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Privacy {
    /// Ids, times, states, counts, configuration.
    Plain,
    /// Tells who somebody is, or where: names, addresses, devices' addresses, of consumers and of employees.
    Personal,
    /// What somebody wrote, or what a brand said about a customer: it may hold anything.
    Content,
}

impl Privacy {
    /// A word for the documentation.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Privacy::Plain => "",
            Privacy::Personal => "personal",
            Privacy::Content => "content",
        }
    }
}

/// Where the value of a column comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum From {
    /// Members of the record (or of the list's element), the first that has a value. `a.b` goes into an object, `a[].b` makes a
    /// row of each element, `*` is any member, and `a=WORD` is `WORD` where there is a member `a`.
    Wire(&'static [&'static str]),
    /// The key of the record.
    Key,
    /// The start of the record as the engine read it.
    Start,
    /// The place of the row among those of its record, from 0.
    Place,
    /// How many rows the record has in another table.
    Count(&'static str),
    /// The first value of a column in another table, of those rows in which a third column has this value.
    First(&'static str, &'static str, (&'static str, &'static str)),
    /// The text of the record, or of the list's element.
    Text,
}

impl Column {
    const fn new(name: &'static str, kind: Kind, from: From, doc: &'static str) -> Self {
        Self {
            name,
            kind,
            nullable: true,
            doc,
            privacy: Privacy::Plain,
            from,
        }
    }

    pub(crate) const fn text(name: &'static str, from: &'static [&'static str], doc: &'static str) -> Self {
        Self::new(name, Kind::Text, From::Wire(from), doc)
    }

    pub(crate) const fn id(name: &'static str, from: &'static [&'static str], doc: &'static str) -> Self {
        Self::new(name, Kind::Id, From::Wire(from), doc)
    }

    pub(crate) const fn named(name: &'static str, from: &'static [&'static str], doc: &'static str) -> Self {
        Self::new(name, Kind::Name, From::Wire(from), doc)
    }

    pub(crate) const fn phone(name: &'static str, from: &'static [&'static str], doc: &'static str) -> Self {
        Self::new(name, Kind::Phone, From::Wire(from), doc)
    }

    pub(crate) const fn integer(name: &'static str, from: &'static [&'static str], doc: &'static str) -> Self {
        Self::new(name, Kind::Integer, From::Wire(from), doc)
    }

    pub(crate) const fn number(name: &'static str, from: &'static [&'static str], doc: &'static str) -> Self {
        Self::new(name, Kind::Number, From::Wire(from), doc)
    }

    pub(crate) const fn flag(name: &'static str, from: &'static [&'static str], doc: &'static str) -> Self {
        Self::new(name, Kind::Flag, From::Wire(from), doc)
    }

    pub(crate) const fn time(name: &'static str, from: &'static [&'static str], doc: &'static str) -> Self {
        Self::new(name, Kind::Time, From::Wire(from), doc)
    }

    pub(crate) const fn json(name: &'static str, from: &'static [&'static str], doc: &'static str) -> Self {
        Self::new(name, Kind::Json, From::Wire(from), doc)
    }

    pub(crate) const fn key(name: &'static str, doc: &'static str) -> Self {
        Self::new(name, Kind::Id, From::Key, doc).required()
    }

    pub(crate) const fn start(name: &'static str, doc: &'static str) -> Self {
        Self::new(name, Kind::Time, From::Start, doc)
    }

    pub(crate) const fn place(doc: &'static str) -> Self {
        Self::new("position", Kind::Integer, From::Place, doc).required()
    }

    pub(crate) const fn count(name: &'static str, table: &'static str, doc: &'static str) -> Self {
        Self::new(name, Kind::Integer, From::Count(table), doc).required()
    }

    pub(crate) const fn first(
        name: &'static str,
        table: &'static str,
        column: &'static str,
        of: (&'static str, &'static str),
        doc: &'static str,
    ) -> Self {
        Self::new(name, Kind::Id, From::First(table, column, of), doc)
    }

    pub(crate) const fn raw(name: &'static str, doc: &'static str) -> Self {
        Self::new(name, Kind::Json, From::Text, doc).required().content()
    }

    pub(crate) const fn required(mut self) -> Self {
        self.nullable = false;
        self
    }

    pub(crate) const fn personal(mut self) -> Self {
        self.privacy = Privacy::Personal;
        self
    }

    pub(crate) const fn content(mut self) -> Self {
        self.privacy = Privacy::Content;
        self
    }
}
