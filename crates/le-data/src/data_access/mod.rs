//! Data Access: raw files of agent activity, web sessions, engagements and surveys, hour by hour.
//!
//! The hosts are fixed, one for each [`Region`]; the vendor documents OAuth 1.0a keys as the credential, and enables the API and
//! each kind of file for an account. A file is made up to six hours after a session ended (99.5 %), and deleted after 30 days.
//!
//! A file is gzip with one JSON object after the other, in the JSON encoding of Avro: what may be missing is wrapped in an object
//! that names its type. [`unwrap`] takes that apart; [`DataLine`] is the typed view, with the line as received beside it.
//!
//! Files are read while they come: [`DataFiles::stream`] and [`DataAccess::read`] hold a chunk and a line, however long a file is.
//!
//! For incremental runs ask from the last success minus 6 to 24 hours, and leave out the files whose names are known:
//! [`DataFiles::without`].
//!
//! Vendor pages: <https://developers.liveperson.com/data-access-api-overview.html>

mod address;
mod avro;
mod body;
mod codes;
mod content;
mod files;
mod line;
mod list;
mod pgp;
mod stream;
mod unpack;
mod values;
mod walk;

pub use address::Region;
pub use avro::{BRANCH, unwrap};
pub use body::*;
pub use content::{BinaryAvro, DataFileContent, binary_avro};
pub use files::{DataAccess, DataFiles};
pub use line::{DataLine, DataLineRecord, DataMetaData, DataRecord};
pub use list::{DataFile, DataFileLink};
pub use pgp::is_pgp_message;
pub use stream::DataFileStream;
pub use values::{BrokenValue, Values, broken_value};
pub use walk::DataLineStream;

pub use crate::file_stream::FileStream;
pub use crate::generated::enums::{ControlGroup, DataFileKind};
pub use crate::pages::{RawPages, RawStream};
pub use codes::{AgentEventType, AgentState, DataType, EngagementKind, ImpressionKind};
