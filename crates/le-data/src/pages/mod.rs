//! Pages and streams, the same for every API whose results come in pages.
//!
//! A walk over a result asks page by page (or window by window), tells what it gave out already, goes back where the result
//! became shorter meanwhile, asks again for a page that came back partial, and cuts a window in half where it has too many
//! matches. An API says what its lists are called, where the key of a record stands, and how a range of time is asked for.

mod answer;
mod api;
mod head;
mod request;
mod seen;
mod span;
mod stream;
mod walk;

pub use answer::{PageLink, PageMetadata, RecordPage, ShardsStatus};
pub use head::RecordHead;
pub use stream::{RawPages, RawStream, RecordStream, record_error};

pub(crate) use answer::{Answer, unreadable};
pub(crate) use api::Api;
pub(crate) use head::{Scalar, head_of_info, key_of_info, scalars};
pub(crate) use request::{RangePlace, Request, common_options, paging_options};
pub(crate) use span::{Span, days};
pub(crate) use stream::{of_record, raw_source, raw_stream, record_stream, typed_source};
pub(crate) use walk::{Walk, first_answer};
