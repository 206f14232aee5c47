//! Connections, and where they lead.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use le_core::{Error, ErrorKind, Result};
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres::{Client, Config, NoTls};

use super::failed;

/// How many idle connections are kept.
const IDLE: usize = 4;

/// Connections to one database, all looking into one schema.
pub(super) struct Pool {
    config: Config,
    schema: String,
    place: String,
    idle: Mutex<Vec<Client>>,
}

impl Pool {
    pub(super) fn new(url: &str, schema: &str) -> Result<Self> {
        let is_name = |schema: &str| {
            let plain = |sign: char| sign.is_ascii_lowercase() || sign.is_ascii_digit() || sign == '_';
            schema.starts_with(|sign: char| sign.is_ascii_lowercase())
                && schema.chars().all(plain)
                && schema.len() <= 40
        };
        if !is_name(schema) {
            let message = format!("{schema:?} cannot be the name of a schema");
            return Err(Error::new(ErrorKind::Configuration, message)
                .with_advice("take lower-case letters, digits and underscores, a letter first, at most 40"));
        }
        // The reader's own message can quote the address, and the address can hold a password.
        let mut config: Config = url.parse().map_err(|_| {
            Error::new(
                ErrorKind::Configuration,
                "the address of the PostgreSQL database is not understood",
            )
            .with_advice("an address looks like postgres://user@host:5432/database?sslmode=require")
        })?;
        if config.get_password().is_none()
            && let Ok(password) = std::env::var("PGPASSWORD")
        {
            config.password(password);
        }
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(Duration::from_secs(20));
        }
        if config.get_application_name().is_none() {
            config.application_name("le-export");
        }
        if cfg!(not(feature = "postgres-tls")) {
            refuse_tls(&mut config)?;
        }
        Ok(Self {
            place: place(&config, schema),
            schema: schema.to_owned(),
            config,
            idle: Mutex::default(),
        })
    }

    /// Where it leads, without user and password.
    pub(super) fn place(&self) -> &str {
        &self.place
    }

    pub(super) fn schema(&self) -> &str {
        &self.schema
    }

    /// An idle connection, or a new one.
    pub(super) async fn take(&self) -> Result<Client> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        match idle {
            Some(client) if !client.is_closed() => Ok(client),
            _ => self.open().await,
        }
    }

    /// Takes a connection back that is in no transaction. One on which something failed is dropped instead.
    pub(super) fn give_back(&self, client: Client) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < IDLE {
            idle.push(client);
        }
    }

    /// A new connection.
    pub(super) async fn open(&self) -> Result<Client> {
        let client = self.connect().await.map_err(|error| failed(&self.place, error))?;
        // Names are without a schema everywhere else. Instants are read and written in UTC.
        let settings = format!(
            "SET search_path TO {}; SET TIME ZONE 'UTC'; SET client_min_messages TO warning",
            self.schema
        );
        client
            .batch_execute(&settings)
            .await
            .map_err(|error| failed(&self.place, error))?;
        Ok(client)
    }

    #[cfg(not(feature = "postgres-tls"))]
    async fn connect(&self) -> Result<Client, tokio_postgres::Error> {
        let (client, connection) = self.config.connect(NoTls).await?;
        tokio::spawn(connection);
        Ok(client)
    }

    #[cfg(feature = "postgres-tls")]
    async fn connect(&self) -> Result<Client, tokio_postgres::Error> {
        if self.config.get_ssl_mode() == SslMode::Disable {
            let (client, connection) = self.config.connect(NoTls).await?;
            tokio::spawn(connection);
            return Ok(client);
        }
        let tls = super::connect::tls::connector();
        let (client, connection) = self.config.connect(tls).await?;
        tokio::spawn(connection);
        Ok(client)
    }
}

/// Without TLS built in, a demand for it is an error and not a silent clear text.
fn refuse_tls(config: &mut Config) -> Result<()> {
    match config.get_ssl_mode() {
        SslMode::Disable => {}
        SslMode::Prefer => {
            config.ssl_mode(SslMode::Disable);
        }
        _ => {
            let message = "the address asks for TLS, which is not built in";
            return Err(Error::new(ErrorKind::Configuration, message)
                .with_advice("build with the feature `postgres-tls`, or use a tunnel and sslmode=disable"));
        }
    }
    Ok(())
}

fn place(config: &Config, schema: &str) -> String {
    let host = match config.get_hosts().first() {
        Some(Host::Tcp(host)) => host.clone(),
        #[cfg(unix)]
        Some(Host::Unix(path)) => path.display().to_string(),
        None => "localhost".to_owned(),
    };
    let port = config
        .get_ports()
        .first()
        .map_or_else(String::new, |port| format!(":{port}"));
    let database = config.get_dbname().or(config.get_user()).unwrap_or("postgres");
    format!("postgres://{host}{port}/{database} (schema {schema})")
}

#[cfg(feature = "postgres-tls")]
mod tls {
    //! Certificates are checked by the system's own rules.

    use std::sync::Arc;

    use rustls::ClientConfig;
    use rustls_platform_verifier::BuilderVerifierExt as _;
    use tokio_postgres_rustls::MakeRustlsConnect;

    pub(super) fn connector() -> MakeRustlsConnect {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .and_then(|builder| builder.with_platform_verifier());
        #[expect(
            clippy::expect_used,
            reason = "ring has the default versions of TLS, and every platform has a verifier"
        )]
        let config = builder.expect("TLS can be set up").with_no_client_auth();
        MakeRustlsConnect::new(config)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_message_shows_user_or_password() {
        let pool = Pool::new("postgres://ruth:hunter2@db.example:6543/lake", "liveengage").unwrap();
        assert_eq!(pool.place(), "postgres://db.example:6543/lake (schema liveengage)");
        let error = Pool::new("postgres://ruth:hunter2@db.example:port/lake", "liveengage")
            .err()
            .unwrap();
        assert!(!format!("{error:?} {error}").contains("hunter2"), "{error}");
    }

    #[test]
    fn a_schema_is_a_plain_name() {
        for schema in ["", "Lake", "x; DROP TABLE y", "1a", "a-b"] {
            assert!(Pool::new("postgres://localhost/x", schema).is_err(), "{schema}");
        }
    }

    #[cfg(not(feature = "postgres-tls"))]
    #[test]
    fn a_demand_for_tls_is_not_dropped_silently() {
        let error = Pool::new("postgres://localhost/x?sslmode=require", "x").err().unwrap();
        assert_eq!(error.kind(), ErrorKind::Configuration);
    }
}
