//! The fields of the settings and where they come from.

use std::fmt;
use std::path::PathBuf;

/// A field of the settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Field {
    /// The account (site) id.
    Account,
    /// The host of the Domain API.
    DomainHost,
    /// A PEM file with a certificate authority.
    CaFile,
    /// The proxy.
    Proxy,
    /// Further hosts that may receive a credential.
    TrustedHosts,
    /// The login name.
    Username,
    /// The password.
    Password,
    /// The app key, or the `client_id` of a bot application.
    AppKey,
    /// The secret of the app key, or the `client_secret`.
    AppSecret,
    /// The access token.
    AccessToken,
    /// The secret of the access token.
    AccessTokenSecret,
    /// A ready bearer.
    Bearer,
}

impl Field {
    /// All fields.
    pub const ALL: &'static [Self] = &[
        Self::Account,
        Self::DomainHost,
        Self::CaFile,
        Self::Proxy,
        Self::TrustedHosts,
        Self::Username,
        Self::Password,
        Self::AppKey,
        Self::AppSecret,
        Self::AccessToken,
        Self::AccessTokenSecret,
        Self::Bearer,
    ];

    /// The variable of the environment.
    #[must_use]
    pub const fn variable(self) -> &'static str {
        match self {
            Self::Account => "LE_ACCOUNT_ID",
            Self::DomainHost => "LE_DOMAIN_HOST",
            Self::CaFile => "LE_CA_FILE",
            Self::Proxy => "LE_PROXY",
            Self::TrustedHosts => "LE_TRUSTED_HOSTS",
            Self::Username => "LE_USERNAME",
            Self::Password => "LE_PASSWORD",
            Self::AppKey => "LE_APP_KEY",
            Self::AppSecret => "LE_APP_SECRET",
            Self::AccessToken => "LE_ACCESS_TOKEN",
            Self::AccessTokenSecret => "LE_ACCESS_TOKEN_SECRET",
            Self::Bearer => "LE_BEARER",
        }
    }

    /// The key in a profile.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::DomainHost => "domain_host",
            Self::CaFile => "ca_file",
            Self::Proxy => "proxy",
            Self::TrustedHosts => "trusted_hosts",
            Self::Username => "username",
            Self::Password => "password",
            Self::AppKey => "app_key",
            Self::AppSecret => "app_secret",
            Self::AccessToken => "access_token",
            Self::AccessTokenSecret => "access_token_secret",
            Self::Bearer => "bearer",
        }
    }
}

/// Where a field comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Origin {
    /// The program set it, e.g. from its command line.
    Code,
    /// A variable of the environment.
    Environment(&'static str),
    /// A profile.
    Profile {
        /// The name of the profile.
        name: String,
        /// The file.
        file: PathBuf,
    },
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Code => f.write_str("the program"),
            Self::Environment(variable) => f.write_str(variable),
            Self::Profile { name, file } => write!(f, "profile {name} in {}", file.display()),
        }
    }
}
