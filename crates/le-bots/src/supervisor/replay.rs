//! Asking for what is missing: an agent asks the history, a consumer subscribes again and is told it.

use std::time::Duration;

use le_core::wire::Int;
use le_core::{Error, ErrorKind};

use super::ledger::Question;
use super::session::{Done, Session};
use super::side::Side;
use crate::connection::Connection;
use crate::event::DialogEvent;
use crate::history::{QueryMessages, SubscribeMessages};
use crate::notification::DialogEvents;
use crate::request::Acknowledged;

/// Questions of an agent at once: the window of a connection has places for requests of the application too.
const AT_ONCE: usize = 3;
/// How long a consumer waits to be told, after its subscription was answered.
const REPLAY_TIMEOUT: Duration = Duration::from_secs(5);

/// A consumer waits to be told a dialog. One at a time: an empty answer does not say which dialog it is of.
#[derive(Debug)]
pub(super) struct Replay {
    number: u64,
    question: Question,
}

impl Session<'_> {
    /// Asks for what is missing, as far as there is room.
    pub(super) fn ask(&mut self) {
        let most = match self.side {
            Side::Agent(_) => AT_ONCE,
            Side::Consumer(_) => 1,
        };
        while self.asking < most && !self.connection.is_closed() {
            let Some(question) = self.shared.with(super::core::Core::ask) else {
                return;
            };
            self.asking += 1;
            let connection = self.connection.clone();
            if matches!(self.side, Side::Agent(_)) {
                self.jobs.push(Box::pin(async move {
                    let told = query(&connection, &question).await;
                    Done::Told(question, told)
                }));
                continue;
            }
            self.replays += 1;
            let number = self.replays;
            self.replay = Some(Replay {
                number,
                question: question.clone(),
            });
            self.jobs.push(Box::pin(async move {
                let Question {
                    conversation,
                    dialog,
                    from,
                } = question.clone();
                let subscribed = connection
                    .request(SubscribeMessages::from(conversation, dialog, from))
                    .await;
                Done::ReplayAsked(number, question, subscribed)
            }));
        }
    }

    /// The history answered.
    pub(super) fn told(&mut self, question: &Question, answer: Result<Vec<DialogEvent>, Error>) {
        match answer {
            Ok(events) => {
                self.asking -= 1;
                self.shared.with(|core| core.page(question, events, false));
                self.shared.advance();
            }
            Err(error) => self.not_told(question.clone(), &error),
        }
    }

    fn not_told(&mut self, question: Question, error: &Error) {
        let passes = error.is_transient() || error.kind() == ErrorKind::Cancelled;
        if passes && !self.connection.is_closed() {
            tracing::debug!(%error, "the history did not answer");
            self.later(self.connection.settings().throttled_pause, Done::Retry(question));
            return;
        }
        self.asking -= 1;
        if passes || self.connection.is_closed() {
            // The next connection asks again.
            return;
        }
        tracing::debug!(%error, "the history of a dialog is not told");
        self.shared.with(|core| core.refused(&question));
        self.shared.advance();
    }

    /// A consumer's subscription was answered.
    pub(super) fn replay_asked(&mut self, number: u64, question: Question, answer: Result<Acknowledged, Error>) {
        let awaited = self.replay.as_ref().is_some_and(|replay| replay.number == number);
        match answer {
            Ok(_) if awaited => self.later(REPLAY_TIMEOUT, Done::ReplayLate(number)),
            Ok(_) => {}
            Err(error) if awaited => {
                self.replay = None;
                self.not_told(question, &error);
            }
            Err(_) => {}
        }
    }

    /// A server that tells nothing where there is nothing to tell.
    pub(super) fn replay_late(&mut self, number: u64) {
        if let Some(replay) = self.replay.take_if(|replay| replay.number == number) {
            self.replayed(&replay.question, Vec::new());
        }
    }

    fn replayed(&mut self, question: &Question, events: Vec<DialogEvent>) {
        self.asking -= 1;
        self.shared.with(|core| core.page(question, events, true));
        self.shared.advance();
        self.settle();
    }

    /// Events came by themselves, or because a consumer asked for them.
    pub(super) fn dialog_events(&mut self, news: DialogEvents) {
        let Some(replay) = self.replay.take_if(|replay| is_told(replay, &news)) else {
            return self.shared.with(|core| {
                news.events
                    .into_vec()
                    .into_iter()
                    .for_each(|event| core.event(Box::new(event)))
            });
        };
        let events = news.events.into_vec();
        if let [event] = events.as_slice()
            && let Some((dialog, sequence)) = event.key()
        {
            // One alone may be the whole history, or live: only if nothing can be missing before it, it does not matter.
            let certain = self.shared.read(|core| {
                core.ledger.next(dialog).is_none_or(|next| sequence <= next) || core.ledger.holds(dialog, sequence)
            });
            if !certain {
                let event = Box::new(event.clone());
                self.asking -= 1;
                return self.shared.with(|core| {
                    core.event(event);
                    core.ledger.unanswered(&replay.question.dialog);
                });
            }
        }
        self.replayed(&replay.question, events);
    }
}

/// Whether these events may be what a consumer waits to be told.
fn is_told(replay: &Replay, news: &DialogEvents) -> bool {
    let dialog = &replay.question.dialog;
    if news.events.is_empty() {
        return news.dialog_id.as_ref().is_none_or(|named| named == dialog);
    }
    news.events.iter().all(|event| {
        event
            .key()
            .is_some_and(|(of, sequence)| of == dialog && sequence >= replay.question.from)
    })
}

/// Asks an agent's history for the events from a sequence on. The lower bound is taken as inclusive by some servers and as
/// exclusive by others, so the one before is named; for the first of all there is none before.
async fn query(connection: &Connection, question: &Question) -> Result<Vec<DialogEvent>, Error> {
    let Question {
        conversation,
        dialog,
        from,
    } = question;
    let query = QueryMessages::from(dialog.clone(), (from - 1).max(0)).in_conversation(conversation.clone());
    let mut events = connection.request(query.clone()).await?.into_vec();
    let first = events.iter().filter_map(|event| Some(event.key()?.1)).min();
    if *from == 0 && first != Some(0) {
        let unbounded = QueryMessages {
            newer_than: None,
            older_than: first.map(Int::from),
            ..query
        };
        let earlier = connection.request(unbounded).await?.into_vec();
        events.splice(0..0, earlier);
    }
    Ok(events)
}
