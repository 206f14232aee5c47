//! What tells one paged API from another.

use std::borrow::Cow;
use std::time::Duration;

use le_core::wire::Salvage;

/// A paged API: names, limits, and the key of its records.
pub(crate) trait Api: Send + Sync + 'static {
    /// One record of its lists.
    type Record: Salvage + Send + 'static;

    /// The name of the list in every answer.
    const RECORDS: &'static str;

    /// The name of the member that says how much there is.
    const METADATA: &'static str = "_metadata";

    /// The most records that a page can have.
    const LARGEST_PAGE: u32 = 100;

    /// Cuts of a window stand on multiples of this, since the service rounds to it.
    const GRAIN: Duration = Duration::from_secs(600);

    /// The key of a record, read from its text.
    fn raw_key(json: &str) -> Option<Cow<'_, str>>;
}
