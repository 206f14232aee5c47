//! A connection: one task owns the socket, any number of callers share it.
//!
//! Requests are matched with their answers by id, at most [`Settings::in_flight`] of them at once. What comes unasked goes to
//! [`Events`]. When the socket ends, every request that was without an answer fails with what is known of it
//! ([`Disposition`](le_core::Disposition)), the stream of events ends, and [`Connection::closed`] tells why. A connection does not come
//! back by itself: [`Recovery`](crate::Recovery) says what to do.

mod call;
mod events;
mod owner;
mod pending;
mod reading;
mod refusal;
mod settings;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use le_core::Timestamp;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, SetOnce, mpsc};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};

pub use call::Call;
pub(crate) use events::{Came, NOTIFICATION};
pub use events::{Events, Incoming, Unreadable};
pub use settings::Settings;

use crate::close::Close;
use crate::dialect::Dialect;
use crate::request::Request;
use crate::server_clock::ClockReading;
use events::Inbox;
use owner::Owner;
use pending::Reply;

/// The defaults of the library make each connection thirteen times as large.
const BUFFER: usize = 8 * 1024;

/// A handle to an open socket. Clones share it.
///
/// The socket is closed when the last handle and the [`Events`] are gone.
#[derive(Clone)]
pub struct Connection {
    shared: Arc<Shared>,
    commands: mpsc::UnboundedSender<Command>,
}

/// What callers tell the owner. Their number is bounded by the window, so the channel is too; it has room for dozens from the
/// beginning, so they are small.
enum Command {
    Request(Box<Outgoing>),
    Close,
    Abort,
}

/// A request that is to be written.
struct Outgoing {
    id: u64,
    text: String,
    timeout: Duration,
    reply: Reply,
    place: OwnedSemaphorePermit,
}

/// What handles and owner share.
struct Shared {
    dialect: Dialect,
    settings: Settings,
    next_id: AtomicU64,
    window: Arc<Semaphore>,
    inbox: Arc<Inbox>,
    /// Milliseconds of the monotonic clock until which no request is sent.
    throttled_until: AtomicU64,
    /// Milliseconds that the server's clock is ahead of this machine's.
    clock_offset: AtomicI64,
    end: SetOnce<Close>,
}

/// No offset is known.
const UNKNOWN: i64 = i64::MIN;

impl Shared {
    fn new_id(&self) -> u64 {
        self.next_id.fetch_add(1, Ordering::Relaxed)
    }

    fn learn_time(&self, reading: Option<ClockReading>) {
        if let Some(server) = reading.and_then(|reading| reading.current_time) {
            let offset = server.as_millis() - self.settings.clock.now().as_millis();
            self.clock_offset.store(offset, Ordering::Relaxed);
        }
    }

    /// The first end counts.
    fn end(&self, close: Close) {
        if self.end.set(close).is_ok() {
            self.window.close();
            self.inbox.finish();
        }
    }
}

impl Connection {
    /// Takes over a stream on which the upgrade has happened, and starts its owner on the current runtime.
    ///
    /// [`AgentConnector`](crate::AgentConnector) and [`ConsumerConnector`](crate::ConsumerConnector) also do the upgrade.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    ///
    /// # Cancel safety
    /// Dropping the future drops the stream.
    pub async fn over<S>(stream: S, dialect: Dialect, settings: Settings) -> (Self, Events)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let config = WebSocketConfig::default()
            .read_buffer_size(BUFFER)
            .write_buffer_size(BUFFER)
            .max_message_size(Some(settings.largest_message))
            .max_frame_size(Some(settings.largest_message));
        let socket = WebSocketStream::from_raw_socket(stream, Role::Client, Some(config)).await;
        let (commands, received) = mpsc::unbounded_channel();
        let inbox = Arc::new(Inbox::new(settings.waiting_events, settings.waiting_bytes));
        let window = usize::try_from(settings.in_flight.get()).unwrap_or(Semaphore::MAX_PERMITS);
        let shared = Arc::new(Shared {
            dialect,
            next_id: AtomicU64::new(1),
            window: Arc::new(Semaphore::new(window.min(Semaphore::MAX_PERMITS))),
            inbox: Arc::clone(&inbox),
            throttled_until: AtomicU64::new(0),
            clock_offset: AtomicI64::new(UNKNOWN),
            end: SetOnce::new(),
            settings,
        });
        tokio::spawn(Owner::new(socket, received, Arc::clone(&shared)));
        let connection = Self { shared, commands };
        let events = Events::new(inbox, connection.clone());
        (connection, events)
    }

    /// Sends a request when it is awaited; see [`Call`] for metadata and another timeout.
    pub fn request<R: Request>(&self, request: R) -> Call<R> {
        Call::new(self.clone(), request)
    }

    /// The dialect of the socket.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        self.shared.dialect
    }

    /// The settings.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.shared.settings
    }

    /// The time at the server: this machine's, corrected by the last answer about the server's clock. Due times are to be
    /// compared with it.
    #[must_use]
    pub fn server_now(&self) -> Timestamp {
        self.server_time().unwrap_or_else(|| self.shared.settings.clock.now())
    }

    /// The time at the server, if it has told it on this connection.
    pub(crate) fn server_time(&self) -> Option<Timestamp> {
        let now = self.shared.settings.clock.now();
        match self.shared.clock_offset.load(Ordering::Relaxed) {
            UNKNOWN => None,
            offset => Some(Timestamp::from_millis(now.as_millis().saturating_add(offset))),
        }
    }

    /// Whether the socket has ended.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.end().is_some()
    }

    /// How the socket ended, if it has.
    #[must_use]
    pub fn end(&self) -> Option<&Close> {
        self.shared.end.get()
    }

    /// Waits until the socket has ended, and tells how. It is the same answer for everyone, however often it is asked.
    ///
    /// # Cancel safety
    /// Dropping the future changes nothing.
    pub async fn closed(&self) -> Close {
        self.shared.end.wait().await.clone()
    }

    /// Closes in good order: requests that were handed over before are still written, later ones are refused; then the close
    /// frame goes out, and answers that come before the server's own are delivered. At most [`Settings::close_timeout`].
    ///
    /// # Cancel safety
    /// The close goes on when the future is dropped.
    pub async fn close(&self) -> Close {
        // Where the owner is gone, the socket has ended already.
        let _ = self.commands.send(Command::Close);
        self.closed().await
    }

    /// Breaks the connection off at once. What was not answered may have been carried out.
    pub fn abort(&self) {
        let _ = self.commands.send(Command::Abort);
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("dialect", &self.shared.dialect)
            .field("end", &self.shared.end.get())
            .finish_non_exhaustive()
    }
}
