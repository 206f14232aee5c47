//! Data Access: hourly files of everything that happened
//! (<https://developers.liveperson.com/data-access-api-overview.html>). It has no entry in the Domain API: clients are
//! pointed to the simulator's address.

mod agents;
mod content;
mod endpoint;
mod files;
mod knobs;

pub(crate) use endpoint::{agent_activity, base, engagement, file, schema, survey, web_session};
pub use knobs::{DataAccessKnobs, FileFormat, FileKind, Wrappers};
