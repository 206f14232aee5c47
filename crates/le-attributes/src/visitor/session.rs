//! The session of one visitor, kept.

use std::fmt;
use std::time::Duration;

use le_core::{Error, ErrorKind, Result};
use tokio::sync::oneshot;

use super::{Visitor, VisitorState};
use crate::generated::enums::ImpressionType;
use crate::monitoring::{ConversationStart, EntryPoint, Monitoring, OfferedEngagement, SessionAnswer, SessionIds};
use crate::reporter::{NotTaken, Reporter, Unsent};
use crate::sde::Sde;

/// The session of one visitor: it keeps the ids and the page, knows what was offered, and delivers what is reported in order.
///
/// Reporting returns at once. Events of the visitor go out in the order in which they were reported, several in one request, and stay
/// until the service has acknowledged them; a failure repeats them after 3, 10, 30 and then every 90 seconds, so an event may arrive
/// twice (see [`Delivery`](crate::reporter::Delivery)), and never before one that was reported earlier.
///
/// A session lasts six hours and ends after 30 minutes without a call. The service then opens a new one by itself: the ids are
/// replaced, and the contexts of the old one are void, so its impressions are no longer sent. Where the service says that it does
/// not know the session, the ids are dropped and it is begun anew, once.
///
/// ```
/// # async fn run(monitoring: le_attributes::monitoring::Monitoring) -> Result<(), Box<dyn std::error::Error>> {
/// use le_attributes::{ImpressionType, journey::VisitorError, visitor::{Visitor, VisitorSession}};
///
/// let session = VisitorSession::start(monitoring, Visitor::new("browser-7"))?;
/// session.report(VisitorError::default().context_id("checkout").code("PAY-7"))?;
/// let answer = session.engagement().await?;
/// if let Some(offer) = answer.first() {
///     session.impression(offer, ImpressionType::Display)?;
/// }
/// let state = session.state();
/// # Ok(())
/// # }
/// ```
pub struct VisitorSession {
    reporter: Reporter,
    visitor: Visitor,
}

impl VisitorSession {
    /// A session with a task of its own, which ends with it. For many visitors see [`Reporter::session`].
    ///
    /// # Errors
    /// An identity or a client property breaks a rule.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    pub fn start(monitoring: Monitoring, visitor: Visitor) -> Result<Self, NotTaken> {
        let reporter = Reporter::builder(monitoring)
            .concurrency(1)
            .visitors(1)
            .events(10_000)
            .bytes(8 << 20)
            .linger(Duration::ZERO)
            .start();
        Self::of(reporter, visitor)
    }

    pub(crate) fn of(reporter: Reporter, visitor: Visitor) -> Result<Self, NotTaken> {
        visitor.check().map_err(NotTaken::Invalid)?;
        reporter.pin(&visitor)?;
        let session = Self { reporter, visitor };
        session.report_again()?;
        Ok(session)
    }

    /// Takes up the events that another process did not see acknowledged.
    fn report_again(&self) -> Result<(), NotTaken> {
        let undelivered = &self.visitor.remembered().undelivered;
        let events: Vec<Sde> = undelivered
            .iter()
            .filter_map(|raw| Sde::read(raw.as_str()).ok())
            .collect();
        if events.is_empty() {
            return Ok(());
        }
        self.reporter.report(&self.visitor, events)
    }

    /// Reports one event. Returns at once.
    ///
    /// # Errors
    /// See [`NotTaken`].
    pub fn report(&self, event: impl Into<Sde>) -> Result<(), NotTaken> {
        self.reporter.report(&self.visitor, [event.into()])
    }

    /// Reports several events, all or none. Returns at once.
    ///
    /// # Errors
    /// See [`NotTaken`].
    pub fn report_all(&self, events: impl IntoIterator<Item = impl Into<Sde>>) -> Result<(), NotTaken> {
        self.reporter.report(&self.visitor, events)
    }

    /// Reports what the visitor did with an engagement that this session was offered. Returns at once.
    ///
    /// # Errors
    /// [`NotTaken::NoContext`] where this session was not offered it, or is expected to be over; see [`NotTaken`].
    pub fn impression(&self, offer: &OfferedEngagement, what: ImpressionType) -> Result<(), NotTaken> {
        let context = offer.context_id.as_ref().ok_or(NotTaken::NoContext)?;
        if !self.reporter.holds(self.visitor.key(), context.as_str()) {
            return Err(NotTaken::NoContext);
        }
        let event = offer.impression(what).map_err(NotTaken::Invalid)?;
        self.reporter.report(&self.visitor, [Sde::from(event)])
    }

    /// Asks which engagement is offered, after everything that was reported before.
    ///
    /// # Errors
    /// What the service said; after 3, 10, 30 and 90 seconds also that it failed or is still loading.
    /// [`ErrorKind::Cancelled`] where the reporter was shut down meanwhile.
    pub async fn engagement(&self) -> Result<SessionAnswer> {
        let (tell, told) = oneshot::channel();
        let ended = || Error::new(ErrorKind::Cancelled, "the session was shut down");
        if !self.reporter.ask(self.visitor.key(), tell) {
            return Err(ended());
        }
        told.await.unwrap_or_else(|_| Err(ended()))
    }

    /// The visitor is on another page now: later events belong to it, and the next engagement is asked for there.
    pub fn turn_page(&self, entry_points: impl IntoIterator<Item = impl Into<EntryPoint>>) {
        let entry_points = entry_points.into_iter().map(Into::into).collect();
        self.reporter.turn_page(self.visitor.key(), entry_points);
    }

    /// Tells who the visitor is, e.g. after a login: the identities and properties of `visitor` take the place of those before.
    ///
    /// # Errors
    /// An identity or a client property breaks a rule.
    pub fn describe(&self, visitor: Visitor) -> Result<(), NotTaken> {
        let visitor = Visitor {
            key: self.visitor.key.clone(),
            ..visitor
        };
        self.reporter.describe(&visitor)
    }

    /// The ids, where the session was opened.
    #[must_use]
    pub fn ids(&self) -> Option<SessionIds> {
        self.reporter.standing(self.visitor.key()).ids()
    }

    /// Where the visitor stands, with what is not acknowledged yet: enough to go on in another process.
    #[must_use]
    pub fn state(&self) -> VisitorState {
        self.reporter.state(self.visitor.key()).unwrap_or_default()
    }

    /// Whether the next call is expected to be answered with a new session. A hint: the service decides.
    #[must_use]
    pub fn expects_new_session(&self) -> bool {
        self.reporter
            .standing(self.visitor.key())
            .expects_new_session(self.reporter.now())
    }

    /// What a conversation is started with: the first engagement that this session was offered.
    #[must_use]
    pub fn conversation_start(&self) -> Option<ConversationStart> {
        let state = self.reporter.standing(self.visitor.key());
        let ids = state.ids()?;
        Some(state.contexts.first()?.conversation_start(&ids))
    }

    /// Waits until nothing waits any more.
    ///
    /// # Errors
    /// How much still waits, where the deadline passed.
    pub async fn flush(&self, deadline: Duration) -> Result<(), Unsent> {
        self.reporter.flush(deadline).await
    }
}

impl Drop for VisitorSession {
    fn drop(&mut self) {
        self.reporter.unpin(self.visitor.key());
    }
}

impl fmt::Debug for VisitorSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VisitorSession")
            .field("state", &self.reporter.standing(self.visitor.key()))
            .finish_non_exhaustive()
    }
}
