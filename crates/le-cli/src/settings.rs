//! What the flags, the environment and the profile say, and the clients that follow from it.

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use le_auth::settings::{Credential, Field, Origin};
use le_core::auth::StaticBearer;
use le_core::hook::{Hook, Report};
use le_core::retry::RetryPolicy;
use le_core::transport::HttpTransport;
use le_core::{AccountId, Authorize, BaseUri, Client, ClientBuilder, Transport, TrustedHosts};
use le_domain::{Domain, ServiceName};

use crate::cli::Global;
use crate::connection::Connection;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::moment::length;
use crate::output::Output;

/// Settings from all sources: flags before environment before profile. Nothing was sent yet.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    given: le_auth::Settings,
    timeout: Option<Duration>,
    retry: RetryPolicy,
    output: Output,
}

/// The names that loopback has.
const LOOPBACK: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

/// What the calls name themselves in the `source` parameter.
const SOURCE: &str = "le_cli";

impl Settings {
    pub(crate) fn resolve(global: &Global) -> Result<Self> {
        Ok(Self {
            given: given(global, None)?,
            timeout: timeout(global)?,
            retry: RetryPolicy::default(),
            output: Output::new(global),
        })
    }

    /// The same settings for calls that are made once: to find out what is wrong, not to get through.
    pub(crate) fn without_retries(self) -> Self {
        Self {
            retry: RetryPolicy::never(),
            ..self
        }
    }

    /// As [`resolve`](Self::resolve); a password that is missing is asked for, where somebody is there to answer.
    pub(crate) fn resolve_asking(global: &Global) -> Result<Self> {
        let settings = Self::resolve(global)?;
        if !settings.lacks_password() || !std::io::stdin().is_terminal() {
            return Ok(settings);
        }
        let password = ask()?;
        Ok(Self {
            given: given(global, Some(password))?,
            ..settings
        })
    }

    /// Whether a user is named, and nothing that proves who it is.
    fn lacks_password(&self) -> bool {
        let has = |field| self.given.origin(field).is_some();
        has(Field::Username) && ![Field::Password, Field::AppKey, Field::Bearer].into_iter().any(has)
    }

    pub(crate) fn account(&self) -> Result<AccountId> {
        self.given.account().map_err(|e| {
            let advice = e.advice().map(str::to_owned);
            let failure = Failure::from(e).in_settings();
            match advice {
                Some(advice) => failure.advise(format!("give --account, or {advice}")),
                None => failure.advise("correct --account, LE_ACCOUNT_ID or the profile"),
            }
        })
    }

    pub(crate) fn credential(&self) -> Result<Credential> {
        Ok(self.given.credential()?)
    }

    /// Where a field comes from, in the words of the command line.
    pub(crate) fn origin(&self, field: Field) -> Option<String> {
        Some(match self.given.origin(field)? {
            Origin::Code => "the command line".to_owned(),
            other => other.to_string(),
        })
    }

    pub(crate) fn domain_host(&self) -> Option<&str> {
        self.given.domain_host()
    }

    pub(crate) fn ca_file(&self) -> Option<PathBuf> {
        self.given.ca_file()
    }

    fn talks_to_loopback(&self) -> bool {
        let base = self.domain_host().and_then(|host| BaseUri::new(host).ok());
        base.is_some_and(|base| base.is_loopback())
    }

    fn trusted(&self) -> TrustedHosts {
        let trusted = self.given.trusted_hosts();
        if self.talks_to_loopback() {
            return LOOPBACK.iter().fold(trusted, |trusted, host| trusted.with_host(host));
        }
        trusted
    }

    pub(crate) fn transport(&self) -> Result<Arc<dyn Transport>> {
        let mut builder = HttpTransport::builder();
        if let Some(path) = self.ca_file() {
            let pem = read_ca(&path)?;
            builder = builder.add_root_pem(&pem).map_err(|e| {
                Failure::from(e).while_(format!("the root certificate file {} cannot be used", path.display()))
            })?;
        }
        builder = match self.given.proxy() {
            Some(proxy) => builder.proxy(proxy),
            // A proxy of the environment does not reach this machine's loopback.
            None if self.talks_to_loopback() => builder.no_proxy(),
            None => builder,
        };
        Ok(Arc::new(builder.build()?))
    }

    /// A client without discovery and credential.
    pub(crate) fn client(&self) -> Result<ClientBuilder> {
        let builder = Client::builder(self.account()?)
            .transport(self.transport()?)
            .trusted_hosts(self.trusted())
            .retry(self.retry.clone())
            .hook(Arc::new(Waiting(self.output)))
            .application(concat!("le/", env!("CARGO_PKG_VERSION")))
            .source(SOURCE);
        Ok(match self.timeout {
            Some(timeout) => builder.attempt_timeout(timeout),
            None => builder,
        })
    }

    pub(crate) fn domain(&self, client: &Client) -> Result<Domain> {
        let builder = Domain::builder(client.account().clone()).client(client.clone());
        let builder = match self.domain_host() {
            Some(host) => builder.host(host),
            None => builder,
        };
        Ok(builder.build()?)
    }

    /// Finds the services and logs in, where the credential needs a login.
    pub(crate) async fn connect(&self) -> Result<Connection> {
        let client = self.client()?.build()?;
        let domain = self.domain(&client)?;
        let client = client.with_discover(Arc::new(domain.clone()));
        let credential = self.credential()?;
        let first = match &credential {
            Credential::Login(_) => ServiceName::AgentVep,
            _ => ServiceName::MsgHist,
        };
        // Asked for first, so that an account or host that is wrong is reported as that and not as a credential that fails.
        trusted(&client, &domain.service(first).await?)?;
        let authorize: Arc<dyn Authorize> = match credential {
            Credential::Login(credentials) => return Connection::log_in(client, domain, credentials).await,
            Credential::ApiKey(key) => Arc::new(key),
            Credential::Bearer(bearer) => Arc::new(StaticBearer::new(bearer)),
            other => {
                let message = format!("a credential of the kind {} cannot be used here", other.kind());
                return Err(Failure::configuration(message));
            }
        };
        Ok(Connection::without_login(client.with_authorize(authorize)))
    }
}

/// Refuses a host that may not receive a credential, with the flag that allows it.
pub(crate) fn trusted(client: &Client, base: &BaseUri) -> Result<()> {
    let advice = format!(
        "if the host is yours, add --trust-host {}, or set LE_TRUSTED_HOSTS",
        base.host()
    );
    client
        .check_trusted(base)
        .map_err(|e| Failure::from(e).in_settings().advise(advice))
}

/// Tells people why nothing happens for a while.
#[derive(Debug)]
struct Waiting(Output);

/// Shorter pauses need no explanation.
const WORTH_A_WORD: Duration = Duration::from_secs(2);

impl Hook for Waiting {
    fn before_retry(&self, report: &Report, pause: Duration) {
        if self.0.is_json() || pause < WORTH_A_WORD {
            return;
        }
        let what = match (report.status, report.error) {
            (Some(status), _) => format!("status {}", status.as_u16()),
            (None, Some(kind)) => format!("{kind} error"),
            (None, None) => "failure".to_owned(),
        };
        let (id, host, seconds) = (report.spec.id, &report.host, pause.as_secs_f64());
        self.0
            .note(format_args!("{id}: {what} at {host}; trying again in {seconds:.0} s"));
    }
}

fn given(global: &Global, password: Option<String>) -> Result<le_auth::Settings> {
    let trusted = (!global.trust_host.is_empty()).then(|| global.trust_host.join(","));
    let mut loader = le_auth::Settings::loader()
        .set_optional(Field::Account, global.account.clone())
        .set_optional(Field::DomainHost, global.domain_host.clone())
        .set_optional(
            Field::CaFile,
            global.ca_file.as_ref().map(|path| path.display().to_string()),
        )
        .set_optional(Field::Proxy, global.proxy.clone())
        .set_optional(Field::TrustedHosts, trusted)
        .set_optional(Field::Password, password);
    if let Some(profile) = &global.profile {
        loader = loader.profile(profile);
    }
    if let Some(file) = &global.config {
        loader = loader.file(file);
    }
    Ok(loader.load()?)
}

fn timeout(global: &Global) -> Result<Option<Duration>> {
    if global.timeout.is_some() {
        return Ok(global.timeout);
    }
    let Some(text) = std::env::var("LE_TIMEOUT").ok().filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let read = length(&text);
    read.map(Some)
        .map_err(|e| Failure::configuration(format!("LE_TIMEOUT={text:?} cannot be used")).because(e))
}

/// Asks for the password on the terminal, without an echo.
fn ask() -> Result<String> {
    let terminal = console::Term::stderr();
    let failed =
        |e: std::io::Error| Failure::new(Exit::Configuration, "the password could not be read").because(e.to_string());
    terminal.write_str("Password: ").map_err(failed)?;
    terminal.read_secure_line().map_err(failed)
}

fn read_ca(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).map_err(|e| {
        Failure::configuration(format!("the root certificate file {} cannot be read", path.display()))
            .because(e.to_string())
            .advise("check --ca-file, LE_CA_FILE or `ca_file` of the profile")
    })
}
