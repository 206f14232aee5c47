//! The connection to the server: one for all leases, made anew where it breaks.

use std::sync::Arc;
use std::time::Duration;

use le_core::clock::Clock;
use le_core::{Error, ErrorKind};
use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, RedisError};
use tokio::sync::Mutex;

#[derive(Debug, Clone)]
pub(crate) struct Connected {
    pub(crate) connection: MultiplexedConnection,
    /// When the server came up at the latest, by the monotonic clock.
    pub(crate) up_since: Up,
    /// Which connection this is.
    number: u64,
}

/// When a server came up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Up {
    /// Before this program's clock began.
    Before(Duration),
    /// Then.
    At(Duration),
}

impl Up {
    fn new(now: Duration, uptime: Duration) -> Self {
        match now.checked_sub(uptime) {
            Some(at) => Self::At(at),
            None => Self::Before(uptime - now),
        }
    }

    /// For how long the server has been up.
    pub(crate) fn lasts(self, now: Duration) -> Duration {
        match self {
            Self::Before(before) => now + before,
            Self::At(at) => now.saturating_sub(at),
        }
    }
}

#[derive(Debug)]
pub(crate) struct Server {
    client: Client,
    timeout: Duration,
    clock: Arc<dyn Clock>,
    current: Mutex<(Option<Connected>, u64)>,
}

impl Server {
    pub(crate) fn new(client: Client, timeout: Duration, clock: Arc<dyn Clock>) -> Self {
        Self {
            client,
            timeout,
            clock,
            current: Mutex::default(),
        }
    }

    pub(crate) fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    /// The connection, made if there is none. All who need one wait for the same attempt.
    pub(crate) async fn connected(&self) -> Result<Connected, Error> {
        let mut current = self.current.lock().await;
        if let Some(connected) = &current.0 {
            return Ok(connected.clone());
        }
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(self.timeout))
            .set_response_timeout(Some(self.timeout));
        let mut connection = self
            .client
            .get_multiplexed_async_connection_with_config(&config)
            .await
            .map_err(|e| failed(&e))?;
        let up_since = self.up_since(&mut connection).await?;
        current.1 += 1;
        let connected = Connected {
            connection,
            up_since,
            number: current.1,
        };
        current.0 = Some(connected.clone());
        Ok(connected)
    }

    /// A server that does not tell counts as one that has just come up.
    async fn up_since(&self, connection: &mut MultiplexedConnection) -> Result<Up, Error> {
        let now = self.clock.monotonic();
        let told: Result<String, RedisError> = redis::cmd("INFO").arg("server").query_async(connection).await;
        match told {
            Ok(info) => Ok(Up::new(now, uptime(&info).unwrap_or_default())),
            Err(error) if is_broken(&error) => Err(failed(&error)),
            Err(error) => {
                tracing::warn!(
                    category = error.category(),
                    "the server does not say since when it is up"
                );
                Ok(Up::At(now))
            }
        }
    }

    /// Reads an outcome; a connection that broke is not used again.
    pub(crate) async fn settle<T>(&self, used: &Connected, outcome: Result<T, RedisError>) -> Result<T, Error> {
        let error = match outcome {
            Ok(value) => return Ok(value),
            Err(error) => error,
        };
        if is_broken(&error) {
            self.forget(used).await;
        }
        Err(failed(&error))
    }

    /// This connection is not used again.
    pub(crate) async fn forget(&self, used: &Connected) {
        let mut current = self.current.lock().await;
        let same = |connected: &Connected| connected.number == used.number;
        if current.0.as_ref().is_some_and(same) {
            current.0 = None;
        }
    }
}

/// Whether the connection is of no more use; one that does not answer in time is none either.
fn is_broken(error: &RedisError) -> bool {
    error.is_io_error() || error.is_timeout() || error.is_connection_dropped() || error.is_unrecoverable_error()
}

/// Whether the connection broke, possibly long before it was used.
pub(crate) fn is_stale(error: &RedisError) -> bool {
    is_broken(error) && !error.is_timeout()
}

/// The text of the server is left out: it may repeat arguments.
pub(crate) fn failed(error: &RedisError) -> Error {
    let code = error.code().map(|code| format!(" ({code})")).unwrap_or_default();
    let message = format!("the lease server failed: {}{code}", error.category());
    match error.kind() {
        redis::ErrorKind::AuthenticationFailed => Error::new(ErrorKind::Authentication, message)
            .with_advice("check user and password in the address of the lease server"),
        redis::ErrorKind::InvalidClientConfig => {
            Error::configuration(message).with_advice("write the address as redis://host:port/database")
        }
        _ if is_broken(error) => Error::new(ErrorKind::Transport, message)
            .with_advice("check that Redis runs and can be reached: redis-cli ping"),
        _ => Error::new(ErrorKind::Server, message)
            .with_advice("check that Redis is 6.2 or newer, can be written to, and is no read-only replica"),
    }
}

fn uptime(info: &str) -> Option<Duration> {
    let line = info.lines().find_map(|line| line.strip_prefix("uptime_in_seconds:"))?;
    line.trim().parse().ok().map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_since_a_server_is_up_is_read_and_counted_on() {
        let info = "# Server\r\nredis_version:7.0.15\r\nuptime_in_seconds:12\r\nuptime_in_days:0\r\n";
        assert_eq!(uptime(info), Some(Duration::from_secs(12)));
        assert_eq!(uptime("# Server\r\n"), None);
        let seconds = Duration::from_secs;
        let old = Up::new(seconds(3), seconds(12));
        assert_eq!(
            (old.lasts(seconds(3)), old.lasts(seconds(5))),
            (seconds(12), seconds(14))
        );
        let young = Up::new(seconds(30), seconds(12));
        assert_eq!(young.lasts(seconds(31)), seconds(13));
    }
}
