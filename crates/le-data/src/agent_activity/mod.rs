//! Agent Activity: logins, logouts and status changes of agents, in chat and messaging.
//!
//! The service has two versions behind one path; version 2, a flat list, is what this module reads. Version 1 groups by agent,
//! leaves changes out where there are many, and is not maintained: it is given as JSON ([`StatusChangesSearch::version_1`]).
//!
//! The list has no order that can be relied on, and two changes of a session may bear the session id -1: see
//! [`StatusChange::key`].
//!
//! Vendor pages: <https://developers.liveperson.com/agent-activity-api-overview.html>

mod change;
mod codes;
mod search;

pub use change::{StatusChange, Timeframe, head};
pub use search::{AgentActivity, StatusChangesSearch};

pub use crate::pages::{RawPages as RawChangePages, RawStream as RawChangeStream, record_error};
pub use codes::{AgentStatusSubType, AgentStatusType};

/// One page of status changes.
pub type ChangePage = crate::pages::RecordPage<StatusChange>;

/// All status changes of a search, typed. See [`RecordStream`](crate::pages::RecordStream).
pub type ChangeStream = crate::pages::RecordStream<StatusChange>;
