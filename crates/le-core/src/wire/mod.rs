//! Reading what LiveEngage really sends, without losing any of it.
//!
//! The services mix types: an id is a string here and a number there, a flag is `"true"`, a list of one element comes bare,
//! a missing value is spelt `"undefined"`. The parts of this module read all of that and write it back as it came:
//!
//! * [`Int`], [`Float`], [`Flag`]: a number or a flag that may arrive as text.
//! * [`TimeText`]: a time that comes as text.
//! * [`List`] and [`elements`]: an array, or the bare element that stands for an array of one.
//! * [`record!`](crate::record): declares a response record whose fields are all optional and whose unknown members stay in
//!   [`Extra`].
//! * [`RawRecord`]: the exact JSON text of one record, and [`Record`]: the typed view beside that text.
//! * [`Salvage`]: a second, lenient reading of a record in which one field does not fit, so that the rest of it is not lost.
//! * [`split_records`] and [`decode_records`]: one page into its records, in one pass.

mod extra;
mod failure;
mod list;
mod number;
mod page;
mod present;
mod raw;
mod record;
mod salvage;
mod time_text;

pub use extra::Extra;
pub use failure::{DecodeError, RecordError};
pub use list::{List, elements};
pub use number::{Flag, Float, Int};
pub use page::{PageParts, PageText, decode_records, split_records};
pub use present::{present, present_id};
pub use raw::{RawRecord, Record};
pub use salvage::{Salvage, Trail};
pub use time_text::TimeText;

#[doc(hidden)]
pub use record::__record;
pub use record::Slot;

#[cfg(test)]
mod properties;
