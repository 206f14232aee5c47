//! Why a simulator did not start.

use std::{io, net::SocketAddr, path::PathBuf};

/// What the control API refuses, in the words that a client of messaging would have read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("refused with code {code}: {reason}")]
#[non_exhaustive]
pub struct ControlError {
    /// As in a response frame: 400, 401, 404.
    pub code: u16,
    /// What is wrong.
    pub reason: String,
}

/// Why a simulator could not start, or could not read what it was given.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SimError {
    /// The account id breaks the vendor's rule for account ids.
    #[error("account id {value:?} is malformed: 1 to 20 letters, digits or underscores are allowed")]
    AccountId {
        /// What was given.
        value: String,
    },
    /// A port could not be opened.
    #[error("cannot listen on {address}: {source}; choose another address, or port 0 for any free one")]
    Listen {
        /// The address that was asked for.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// The certificate authority or a certificate could not be made, usually because of a name that is not a DNS name.
    #[error("cannot make the certificates for {names}: {source}")]
    Certificate {
        /// The names asked for, comma separated.
        names: String,
        /// What the certificate library said.
        source: rcgen::Error,
    },
    /// The TLS settings contradict each other.
    #[error("cannot set up TLS: {source}")]
    Tls {
        /// What the TLS library said.
        source: rustls::Error,
    },
    /// A file could not be read or written.
    #[error("cannot {action} {}: {source}", path.display())]
    File {
        /// `read` or `write`.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Campaigns are not valid, or share an id.
    #[error("the campaigns are not valid: {message}")]
    Campaigns {
        /// The place and the rule that it breaks.
        message: String,
    },
    /// A fault plan is not valid TOML, or says something that cannot be done.
    #[error("the fault plan is not valid: {reason}")]
    FaultPlan {
        /// The place and the rule that it breaks.
        reason: String,
    },
}
