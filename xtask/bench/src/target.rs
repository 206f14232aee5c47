//! What the processes of a run tell each other.

use serde::{Deserialize, Serialize};

/// Where the simulator is and how to get in.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Target {
    pub(crate) csds: String,
    /// Where 200 bytes of JSON are the answer to everything.
    pub(crate) small: String,
    pub(crate) plain: String,
    /// The number of the user whose bearer it is.
    pub(crate) user: String,
    /// A skill of the account.
    pub(crate) skill: i64,
    pub(crate) ca: String,
    pub(crate) account: String,
    pub(crate) bearer: String,
    /// Windows of at most 89 days that cover the history, in epoch milliseconds.
    pub(crate) windows: Vec<(i64, i64)>,
    pub(crate) server: u32,
}

/// What was done in a measured piece of work.
#[derive(Default)]
pub(crate) struct Pull {
    pub(crate) records: u64,
    pub(crate) bytes: u64,
}

/// The figures of one run, written as one line of JSON by the client process.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Figures {
    pub(crate) records: u64,
    pub(crate) bytes: u64,
    pub(crate) wall: f64,
    pub(crate) client_cpu: Option<f64>,
    pub(crate) server_cpu: Option<f64>,
    pub(crate) peak: Option<u64>,
}
