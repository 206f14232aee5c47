//! Flat tables from records: which columns there are, and one record as rows of them.
//!
//! The columns are data: names, kinds, documentation, and the members of the record that each comes from. All formats and
//! databases take their schema from them, and so does `docs/tables.md`. A record is read in one pass over its text; the column
//! `raw` keeps that text, so what has no column is not lost.

mod cell;
mod column;
mod columns;
mod docs;
mod layout;
mod program;
mod read;
mod surrogates;

pub use cell::Cell;
pub use column::{Column, Kind, Privacy, Storage, Table};
pub use docs::markdown;
pub use layout::{Layout, Rows};

/// The version of the tables as written to files and databases. It rises when a column is added; columns are never renamed or
/// given another type within a major version of this crate.
pub const SCHEMA_VERSION: u32 = 1;
