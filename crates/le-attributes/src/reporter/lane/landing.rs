//! What follows an answer: delivered, sent again, begun anew, or lost.

use std::time::Duration;

use le_core::{Error, Result, Timestamp};

use super::{Lane, Next, Outcome, WorkKind};
use crate::monitoring::{PAUSES, SessionAnswer, SessionIds};
use crate::reporter::ledger::Ledger;
use crate::reporter::loss::LossReason;
use crate::reporter::queue::EventKind;
use crate::reporter::verdict::{self, Verdict};
use crate::reporter::{Delivery, Limits};

/// What an answer is judged by.
pub(in crate::reporter) struct Rules<'a> {
    pub(in crate::reporter) limits: &'a Limits,
    pub(in crate::reporter) now: Timestamp,
    /// From 0 to 1, for jitter.
    pub(in crate::reporter) chance: f64,
}

impl Lane {
    /// What follows the answer to a request.
    pub(in crate::reporter) fn done(
        &mut self,
        kind: WorkKind,
        outcome: Outcome,
        rules: &Rules<'_>,
        ledger: &mut Ledger,
    ) -> Next {
        self.flying = false;
        match outcome {
            Ok(answer) => {
                self.succeeded(kind, answer, rules, ledger);
                Next::Now
            }
            Err(error) => self.failed(kind, error, rules, ledger),
        }
    }

    fn succeeded(&mut self, kind: WorkKind, answer: Option<SessionAnswer>, rules: &Rules<'_>, ledger: &mut Ledger) {
        (self.failures, self.restarted) = (0, false);
        self.touch(rules.now);
        if let WorkKind::Report(events) = kind {
            ledger.delivered(events, self.pop(events));
            self.limit = self.wider(rules);
        }
        let Some(answer) = answer else { return };
        self.take_over(&answer, rules.now, ledger);
        if !matches!(kind, WorkKind::Report(_)) {
            self.held().contexts.clone_from(&answer.engagements);
        }
        if kind == WorkKind::Ask {
            self.tell(|| Ok(answer.clone()));
        }
    }

    /// The ids of an answer; those of a new session make the contexts of the old one void.
    fn take_over(&mut self, answer: &SessionAnswer, now: Timestamp, ledger: &mut Ledger) {
        if answer.is_replaced() && self.session_id.as_deref() != Some(answer.ids.session_id.as_str()) {
            let is_new = self.session_id.is_some();
            self.opened_at = Some(now.as_millis());
            if is_new {
                self.void_contexts(ledger);
            }
        }
        let SessionIds { visitor_id, session_id } = &answer.ids;
        self.visitor_id = Some(visitor_id.as_str().into());
        self.session_id = Some(session_id.as_str().into());
        self.page_id = answer.page_id.as_deref().map(Box::from).or(self.page_id.take());
    }

    fn void_contexts(&mut self, ledger: &mut Ledger) {
        if let Some(held) = &mut self.held {
            held.contexts.clear();
        }
        self.lose(
            usize::MAX,
            |kind| kind == EventKind::Impression,
            LossReason::ContextGone,
            None,
            ledger,
        );
    }

    fn failed(&mut self, kind: WorkKind, error: Error, rules: &Rules<'_>, ledger: &mut Ledger) -> Next {
        match (verdict::of(&error), kind) {
            (Verdict::Delivered, WorkKind::Report(_)) => {
                self.succeeded(kind, None, rules, ledger);
                Next::Now
            }
            (Verdict::SessionUnknown, _) if !self.restarted => {
                self.restarted = true;
                (self.visitor_id, self.session_id, self.page_id) = (None, None, None);
                self.void_contexts(ledger);
                Next::Now
            }
            (Verdict::Split { .. }, WorkKind::Report(events)) if events > 1 => {
                self.limit = u32::try_from(events / 2).unwrap_or(u32::MAX);
                Next::Now
            }
            (
                Verdict::Later {
                    in_doubt,
                    asked,
                    visitor,
                },
                _,
            ) => {
                if let (None, Some(visitor)) = (&self.visitor_id, visitor) {
                    self.visitor_id = Some(visitor.into());
                }
                self.later(kind, in_doubt, asked, error, rules, ledger)
            }
            (verdict, WorkKind::Report(events)) => {
                let reason = match verdict {
                    Verdict::Split { too_large: true } => LossReason::TooLarge,
                    _ => LossReason::Refused,
                };
                (self.failures, self.restarted) = (0, false);
                self.lose(events, |_| true, reason, Some(error), ledger);
                // The one at fault is gone: the next are believed again, a few at first.
                self.limit = self.wider(rules).max(2);
                Next::Now
            }
            (_, WorkKind::Ask) => {
                self.restarted = false;
                self.tell(|| Err(error.clone()));
                Next::Now
            }
            (_, WorkKind::Open) => {
                self.restarted = false;
                self.lose(usize::MAX, |_| true, LossReason::Refused, Some(error), ledger);
                Next::Now
            }
        }
    }

    fn later(
        &mut self,
        kind: WorkKind,
        in_doubt: bool,
        asked: Option<Duration>,
        error: Error,
        rules: &Rules<'_>,
        ledger: &mut Ledger,
    ) -> Next {
        ledger.stats.failures += 1;
        let step = PAUSES[usize::from(self.failures).min(PAUSES.len() - 1)];
        self.failures = self.failures.saturating_add(1);
        match kind {
            // Who waits for an answer is told after the published number of retries.
            WorkKind::Ask if usize::from(self.failures) > PAUSES.len() => {
                self.failures = 0;
                self.tell(|| Err(error.clone()));
                return Next::Now;
            }
            WorkKind::Report(events) if in_doubt && rules.limits.delivery == Delivery::AtMostOnce => {
                self.lose(
                    events,
                    |kind| kind != EventKind::Replaced,
                    LossReason::InDoubt,
                    Some(error),
                    ledger,
                );
            }
            _ => {}
        }
        let pause = Duration::from_secs(step).max(asked.unwrap_or_default().min(rules.limits.longest_wait));
        Next::After(pause + pause.mul_f64(0.2 * rules.chance))
    }

    /// Twice as many events in the next request, or as many as go into one.
    fn wider(&self, rules: &Rules<'_>) -> u32 {
        let limit = self.limit.saturating_mul(2);
        if limit as usize >= rules.limits.batch_events {
            u32::MAX
        } else {
            limit
        }
    }

    fn pop(&mut self, events: usize) -> usize {
        if let Some(held) = &mut self.held {
            held.asks
                .iter_mut()
                .for_each(|ask| ask.after = ask.after.saturating_sub(events));
        }
        self.queue.pop(events)
    }

    /// Takes events out of the first `within` that are not to be sent, and counts them.
    pub(in crate::reporter) fn lose(
        &mut self,
        within: usize,
        gone: impl Fn(EventKind) -> bool + Copy,
        reason: LossReason,
        error: Option<Error>,
        ledger: &mut Ledger,
    ) {
        if let Some(held) = &mut self.held {
            for ask in &mut held.asks {
                let before = self
                    .queue
                    .iter()
                    .take(within.min(ask.after))
                    .filter(|(_, kind)| gone(*kind))
                    .count();
                ask.after -= before;
            }
        }
        let (events, bytes) = self.queue.remove(within, gone);
        if events > 0 {
            ledger.lost(&self.key, events, bytes, reason, error);
        }
    }

    /// Answers those who wait in front of all events.
    fn tell(&mut self, answer: impl Fn() -> Result<SessionAnswer>) {
        let Some(held) = &mut self.held else { return };
        for ask in std::mem::take(&mut held.asks) {
            if ask.after == 0 {
                // Who no longer waits has dropped the other end.
                _ = ask.answer.send(answer());
            } else {
                held.asks.push(ask);
            }
        }
    }
}
