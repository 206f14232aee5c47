//! The tables themselves.

mod conversations;
mod course;
mod messages;
mod outcome;
mod records;

use super::column::Table;

/// The tables of messaging conversations.
pub(super) const CONVERSATIONS: &[Table] = &[
    conversations::CONVERSATIONS,
    messages::MESSAGES,
    messages::PARTICIPANTS,
    course::TRANSFERS,
    course::DIALOGS,
    outcome::SURVEYS,
    outcome::SDES,
];

/// The table of records of any other kind.
pub(super) const RECORDS: &[Table] = &[records::RECORDS];
