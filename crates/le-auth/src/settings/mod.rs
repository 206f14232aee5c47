//! Account, hosts and credential of a program, from code, environment and a profile file.
//!
//! The order is: what the program sets itself, then the environment (`LE_ACCOUNT_ID`, `LE_USERNAME` ...), then the profile
//! file. Each field is taken from the first that has it. Secrets of one user are never combined with another user's name: once
//! a source names a user, an app key or a bearer, later sources that name another one add nothing to the credential.
//!
//! | field | environment | profile | |
//! |---|---|---|---|
//! | [`Field::Account`] | `LE_ACCOUNT_ID` | `account` | the account (site) id |
//! | [`Field::DomainHost`] | `LE_DOMAIN_HOST` | `domain_host` | host of the Domain API, in place of LivePerson's |
//! | [`Field::CaFile`] | `LE_CA_FILE` | `ca_file` | PEM file with a certificate authority to trust besides the machine's |
//! | [`Field::Proxy`] | `LE_PROXY` | `proxy` | `http://host:port` |
//! | [`Field::TrustedHosts`] | `LE_TRUSTED_HOSTS` | `trusted_hosts` | further hosts that may receive a credential, by commas |
//! | [`Field::Username`] | `LE_USERNAME` | `username` | login name of a user or a bot user |
//! | [`Field::Password`] | `LE_PASSWORD` | `password` | its password |
//! | [`Field::AppKey`] | `LE_APP_KEY` | `app_key` | app key, or OAuth 2.0 `client_id` of a bot application |
//! | [`Field::AppSecret`] | `LE_APP_SECRET` | `app_secret` | its secret |
//! | [`Field::AccessToken`] | `LE_ACCESS_TOKEN` | `access_token` | access token of the key |
//! | [`Field::AccessTokenSecret`] | `LE_ACCESS_TOKEN_SECRET` | `access_token_secret` | its secret |
//! | [`Field::Bearer`] | `LE_BEARER` | `bearer` | a bearer that somebody else keeps fresh |
//!
//! `LE_PROFILE` names the profile (default `default`) and `LE_CONFIG` its file (default `~/.config/le/config.toml`, with
//! `XDG_CONFIG_HOME` respected).

mod credential;
mod field;
mod loader;
#[cfg(feature = "profile")]
#[cfg_attr(docsrs, doc(cfg(feature = "profile")))]
pub mod profile;

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use le_core::{AccountId, Error, Secret, TrustedHosts};

pub use credential::Credential;
pub use field::{Field, Origin};
pub use loader::Loader;

/// What a program was given. `Debug` shows where each field came from, and no value.
///
/// ```
/// use le_auth::settings::{Credential, Field, Settings};
///
/// let environment = |name: &str| match name {
///     "LE_USERNAME" => Some("ops@example.org".to_owned()),
///     "LE_PASSWORD" => Some("password".to_owned()),
///     _ => None,
/// };
/// let settings = Settings::loader().set(Field::Account, "70011223").environment(environment).load()?;
/// assert_eq!(settings.account()?.as_str(), "70011223");
/// assert!(matches!(settings.credential()?, Credential::Login(_)));
/// # Ok::<_, le_core::Error>(())
/// ```
#[derive(Clone)]
pub struct Settings {
    /// From the first to the last that counts.
    layers: Vec<Layer>,
}

/// The fields of one source.
#[derive(Clone)]
pub(crate) struct Layer {
    pub(crate) source: Source,
    pub(crate) values: BTreeMap<Field, Secret>,
}

/// Where a layer comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Source {
    Code,
    Environment,
    #[cfg_attr(not(feature = "profile"), allow(dead_code, reason = "made by the feature `profile`"))]
    Profile {
        name: String,
        file: PathBuf,
    },
}

impl Settings {
    /// Reads the environment, and the profile file where the feature `profile` is on.
    ///
    /// # Errors
    /// See [`Loader::load`].
    pub fn load() -> Result<Self, Error> {
        Self::loader().load()
    }

    /// Starts with nothing set by the program, and the environment of the process.
    pub fn loader() -> Loader {
        Loader::default()
    }

    pub(crate) fn new(layers: Vec<Layer>) -> Self {
        Self { layers }
    }

    /// The account.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](le_core::ErrorKind::Configuration) where none is set, [`ErrorKind::Validation`](le_core::ErrorKind::Validation)
    /// where it is malformed; both say where it comes from, or could come from.
    pub fn account(&self) -> Result<AccountId, Error> {
        let Some((layer, value)) = self.find(Field::Account) else {
            return Err(Error::configuration("no account id is set").with_advice(format!(
                "set {}, or `{}` in a profile",
                Field::Account.variable(),
                Field::Account.key()
            )));
        };
        AccountId::new(value.expose().trim()).map_err(|e| {
            let message = format!("{} (from {})", e.message(), layer.origin(Field::Account));
            e.with_message(message)
        })
    }

    /// The host of the Domain API, where LivePerson's is not to be asked.
    #[must_use]
    pub fn domain_host(&self) -> Option<&str> {
        self.text(Field::DomainHost)
    }

    /// The PEM file with a certificate authority to trust.
    #[must_use]
    pub fn ca_file(&self) -> Option<PathBuf> {
        self.text(Field::CaFile).map(PathBuf::from)
    }

    /// The proxy. Its URL may hold a password: do not log it.
    #[must_use]
    pub fn proxy(&self) -> Option<&str> {
        self.text(Field::Proxy)
    }

    /// LivePerson's domains, and the hosts that are set besides.
    #[must_use]
    pub fn trusted_hosts(&self) -> TrustedHosts {
        let hosts = self.text(Field::TrustedHosts).unwrap_or_default();
        let hosts = hosts.split(',').map(str::trim).filter(|host| !host.is_empty());
        hosts.fold(TrustedHosts::vendor(), |trusted, host| trusted.with_host(host))
    }

    /// The credential. See [`Credential`] for how the fields make one.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](le_core::ErrorKind::Configuration) naming the variables and fields that are missing, or that
    /// contradict each other.
    pub fn credential(&self) -> Result<Credential, Error> {
        credential::resolve(&self.layers)
    }

    /// Where a field comes from.
    #[must_use]
    pub fn origin(&self, field: Field) -> Option<Origin> {
        self.find(field).map(|(layer, _)| layer.origin(field))
    }

    fn find(&self, field: Field) -> Option<(&Layer, &Secret)> {
        self.layers
            .iter()
            .find_map(|layer| Some((layer, layer.values.get(&field)?)))
    }

    fn text(&self, field: Field) -> Option<&str> {
        self.find(field).map(|(_, value)| value.expose())
    }
}

impl Layer {
    pub(crate) fn origin(&self, field: Field) -> Origin {
        match &self.source {
            Source::Code => Origin::Code,
            Source::Environment => Origin::Environment(field.variable()),
            Source::Profile { name, file } => Origin::Profile {
                name: name.clone(),
                file: file.clone(),
            },
        }
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("Settings");
        for field in Field::ALL {
            if let Some(origin) = self.origin(*field) {
                out.field(field.key(), &format_args!("<{origin}>"));
            }
        }
        out.finish()
    }
}
