//! What went wrong, in the words that a caller can act on.

use std::fmt;

/// The kind of an error. Match on it; new kinds may come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The host of a service could not be found. Nothing was sent to the service. Check the account id and the bootstrap host.
    Discovery,
    /// The credential was refused (401), or could not be had. Check it; do not repeat the call with the same one.
    Authentication,
    /// The credential is good but may not do this (403, 451).
    Authorization,
    /// The service refuses calls for now (429). The call was not carried out; wait and repeat it.
    RateLimited,
    /// The service finds fault with the request (another 4xx). Correct it; repeating it does not help.
    InvalidRequest,
    /// The service does not know what was asked for (404).
    NotFound,
    /// The service failed (5xx).
    Server,
    /// The network failed: name lookup, connection, TLS, or a connection that broke. See [`Disposition`].
    Transport,
    /// No answer in time. The call may have been carried out, see [`Disposition`].
    Timeout,
    /// The answer is not of the shape that was expected. The call was carried out; the body is at hand.
    Decode,
    /// The peer broke the rules of the protocol: a redirect, an HTML page for JSON, an empty body.
    Protocol,
    /// The request is wrong and was not sent. The message names the field, the value and the rule.
    Validation,
    /// A setting is missing or wrong: credentials, files, environment, TLS roots.
    Configuration,
    /// A file or stream of this machine failed.
    Io,
    /// The owner ended the work.
    Cancelled,
}

impl ErrorKind {
    /// A short stable name, for logs and metrics (`error.type`).
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Discovery => "discovery",
            Self::Authentication => "authentication",
            Self::Authorization => "authorization",
            Self::RateLimited => "rate_limited",
            Self::InvalidRequest => "invalid_request",
            Self::NotFound => "not_found",
            Self::Server => "server",
            Self::Transport => "transport",
            Self::Timeout => "timeout",
            Self::Decode => "decode",
            Self::Protocol => "protocol",
            Self::Validation => "validation",
            Self::Configuration => "configuration",
            Self::Io => "io",
            Self::Cancelled => "cancelled",
        }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Whether a failed request can have had an effect: what a caller must know before sending it again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Disposition {
    /// No byte of the request reached the service. Sending it again is safe whatever it does.
    NotSent,
    /// The request may have been carried out: the connection broke, time ran out, or the service failed while working.
    MaybeApplied,
    /// The service refused the request and did nothing.
    Rejected,
    /// The request was carried out; what failed came after that (decoding).
    Applied,
}

impl fmt::Display for Disposition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotSent => "not sent",
            Self::MaybeApplied => "maybe applied",
            Self::Rejected => "rejected",
            Self::Applied => "applied",
        })
    }
}
