//! The exit codes: a contract with scripts. A code keeps its meaning for ever.

use std::fmt::Write as _;

use le_core::ErrorKind;

/// How the program ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Exit {
    Ok = 0,
    Unexpected = 1,
    Usage = 2,
    Configuration = 3,
    Authentication = 4,
    Authorization = 5,
    NotFound = 6,
    RateLimited = 7,
    Network = 8,
    Service = 9,
    Data = 10,
    Output = 11,
    Interrupted = 130,
}

impl Exit {
    pub(crate) const ALL: [Self; 13] = [
        Self::Ok,
        Self::Unexpected,
        Self::Usage,
        Self::Configuration,
        Self::Authentication,
        Self::Authorization,
        Self::NotFound,
        Self::RateLimited,
        Self::Network,
        Self::Service,
        Self::Data,
        Self::Output,
        Self::Interrupted,
    ];

    /// The number that the shell sees.
    pub(crate) const fn code(self) -> u8 {
        self as u8
    }

    /// The name in `--json` errors that do not come from a client crate.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Unexpected => "unexpected",
            Self::Usage => "usage",
            Self::Configuration => "configuration",
            Self::Authentication => "authentication",
            Self::Authorization => "authorization",
            Self::NotFound => "not_found",
            Self::RateLimited => "rate_limited",
            Self::Network => "network",
            Self::Service => "service",
            Self::Data => "data",
            Self::Output => "output",
            Self::Interrupted => "interrupted",
        }
    }

    const fn meaning(self) -> &'static str {
        match self {
            Self::Ok => "success",
            Self::Unexpected => "unexpected failure",
            Self::Usage => "usage: a flag or value is wrong, or the service finds fault with the request",
            Self::Configuration => "configuration: a setting or a credential is missing or wrong",
            Self::Authentication => "authentication: the credential was refused",
            Self::Authorization => "authorization: the credential may not do this",
            Self::NotFound => "not found: the account, service or conversation does not exist",
            Self::RateLimited => "rate limited: the service refuses calls for now",
            Self::Network => "network: name lookup, connection, TLS, or no answer in time",
            Self::Service => "service failure: the service failed or broke the protocol",
            Self::Data => "data: some records are missing or could not be read",
            Self::Output => "file output: a file could not be written or read (disk full, permissions)",
            Self::Interrupted => "interrupted (Ctrl-C or SIGTERM); complete lines were kept",
        }
    }

    /// The exit code of an error of a client crate: the one place that says so.
    pub(crate) fn of(error: &le_core::Error) -> Self {
        let kind = error.kind();
        if kind == ErrorKind::Discovery {
            // A lookup that the network or an outage failed is that problem; a refused one means an account that is not known.
            let below = std::error::Error::source(error).and_then(|source| source.downcast_ref::<le_core::Error>());
            let below = below.map(Self::of);
            let outside = |exit: &Self| matches!(exit, Self::Network | Self::Service | Self::RateLimited);
            return below.filter(outside).unwrap_or_else(|| Self::of_kind(kind));
        }
        Self::of_kind(kind)
    }

    /// The exit code of a kind.
    pub(crate) fn of_kind(kind: ErrorKind) -> Self {
        match kind {
            ErrorKind::Validation | ErrorKind::InvalidRequest => Self::Usage,
            ErrorKind::Configuration => Self::Configuration,
            ErrorKind::Authentication => Self::Authentication,
            ErrorKind::Authorization => Self::Authorization,
            ErrorKind::NotFound | ErrorKind::Discovery => Self::NotFound,
            ErrorKind::RateLimited => Self::RateLimited,
            ErrorKind::Transport | ErrorKind::Timeout => Self::Network,
            ErrorKind::Server | ErrorKind::Protocol => Self::Service,
            ErrorKind::Decode => Self::Data,
            ErrorKind::Io => Self::Output,
            ErrorKind::Cancelled => Self::Interrupted,
            _ => Self::Unexpected,
        }
    }
}

/// The table in the help text.
pub(crate) fn table() -> String {
    let mut out = String::from("Exit codes (stable):");
    for exit in Exit::ALL {
        let _ = write!(out, "\n  {:>3}  {}", exit.code(), exit.meaning());
    }
    out
}

#[cfg(test)]
mod tests {
    use le_core::Error;

    use super::*;

    #[test]
    fn every_kind_has_its_code() {
        let expected = [
            (ErrorKind::Validation, 2),
            (ErrorKind::InvalidRequest, 2),
            (ErrorKind::Configuration, 3),
            (ErrorKind::Authentication, 4),
            (ErrorKind::Authorization, 5),
            (ErrorKind::NotFound, 6),
            (ErrorKind::Discovery, 6),
            (ErrorKind::RateLimited, 7),
            (ErrorKind::Transport, 8),
            (ErrorKind::Timeout, 8),
            (ErrorKind::Server, 9),
            (ErrorKind::Protocol, 9),
            (ErrorKind::Decode, 10),
            (ErrorKind::Io, 11),
            (ErrorKind::Cancelled, 130),
        ];
        for (kind, code) in expected {
            assert_eq!(Exit::of(&Error::new(kind, "x")).code(), code, "{kind}");
        }
    }

    #[test]
    fn a_lookup_that_the_network_failed_is_a_network_problem() {
        let network = Error::new(ErrorKind::Transport, "no route");
        let error = Error::new(ErrorKind::Discovery, "msgHist not found").with_source(network);
        assert_eq!(Exit::of(&error), Exit::Network);
        let refused = Error::new(ErrorKind::Authentication, "401");
        let error = Error::new(ErrorKind::Discovery, "no such account").with_source(refused);
        assert_eq!(Exit::of(&error), Exit::NotFound);
    }

    #[test]
    fn the_table_names_every_code_once() {
        let table = table();
        assert_eq!(table.lines().count(), Exit::ALL.len() + 1);
        for exit in Exit::ALL {
            assert!(table.contains(&format!("\n  {:>3}  ", exit.code())), "{exit:?}");
        }
    }

    #[test]
    fn the_readme_has_the_same_table() {
        let readme = include_str!("../README.md");
        for exit in Exit::ALL {
            let row = format!("| {} | {} |", exit.code(), exit.meaning());
            assert!(readme.contains(&row), "the README lacks {row:?}");
        }
    }
}
