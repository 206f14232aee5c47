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
    /// Their name and password, for clients that log in by themselves.
    pub(crate) login_name: String,
    pub(crate) password: String,
    /// A skill of that user.
    pub(crate) skill: i64,
    pub(crate) ca: String,
    pub(crate) account: String,
    /// The application whose visitors are reported.
    pub(crate) app_installation: String,
    pub(crate) bearer: String,
    /// Windows of at most 89 days that cover the history, in epoch milliseconds.
    pub(crate) windows: Vec<(i64, i64)>,
    pub(crate) server: u32,
    /// Bot users of their own, where the server was started with some.
    #[serde(default)]
    pub(crate) fleet: Vec<Member>,
}

/// A bot user who logs in by itself.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Member {
    pub(crate) user: String,
    pub(crate) login_name: String,
    pub(crate) password: String,
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
    /// The 99th percentile of how long one took, seconds; only where each was timed.
    #[serde(default)]
    pub(crate) p99: Option<f64>,
}
