//! What a bot says.

use std::time::Duration;

use le_core::Error;
use le_core::wire::RawRecord;

use super::{Cause, Context};
use crate::bot::journal::{Entry, Step, fingerprint, is_the_one};
use crate::bot::record::{JOURNAL, bytes_of};
use crate::bot::reply::{Reply, split};
use crate::event::{ChatState, Event, EventType};
use crate::store::Batch;
use crate::structured_content::{Element, QuickReplies};

const PUBLISH: &str = "publish";

/// The pause before the history is asked once more what became of an effect.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// An effect that is to be carried out now.
pub(super) struct Begun {
    index: u32,
    /// `None` where no journal is kept.
    entry: Option<Entry>,
    /// Whether an earlier run may have carried it out.
    pub(super) doubtful: bool,
}

impl Context {
    /// Says something: text, or a [`Reply`] with quick replies, metadata and more. Gives the number of the message.
    ///
    /// Long texts are cut into several messages where [`BotRunner::split_text`](crate::bot::BotRunner::split_text) says so; the number
    /// is then that of the last.
    ///
    /// # Errors
    /// As the request: see [`LinkCall`](crate::supervisor::LinkCall). [`ErrorKind::Validation`](le_core::ErrorKind::Validation) where
    /// the reply breaks a limit.
    pub async fn reply(&self, reply: impl Into<Reply>) -> Result<i64, Error> {
        let Reply {
            event,
            metadata,
            private,
        } = reply.into();
        let event = event?;
        let parts = match (self.hub.options.split_text, event.as_text()) {
            (Some(most), Some(text)) if text.chars().nth(most.get()).is_some() => split(text, most),
            _ => return self.publish(event, private, &metadata).await,
        };
        Box::pin(self.reply_in_parts(&parts, &event, private, &metadata)).await
    }

    async fn reply_in_parts(
        &self,
        parts: &[&str],
        event: &Event,
        private: bool,
        metadata: &[RawRecord],
    ) -> Result<i64, Error> {
        let (last, first) = parts.split_last().unwrap_or((&"", &[]));
        for part in first {
            self.publish(Event::text(*part), private, &[]).await?;
        }
        // Quick replies and metadata belong to the last part.
        let mut end = Event::text(*last);
        end.quick_replies.clone_from(&event.quick_replies);
        self.publish(end, private, metadata).await
    }

    /// Shows a card. It is checked against the vendor's limits.
    ///
    /// # Errors
    /// As [`reply`](Self::reply).
    pub async fn rich(&self, card: impl Into<Element> + Send) -> Result<i64, Error> {
        self.reply(Reply::rich(card)).await
    }

    /// Says something with buttons to answer it: `ctx.quick_replies("Sure?", ["Yes", "No"])`.
    ///
    /// # Errors
    /// As [`reply`](Self::reply).
    pub async fn quick_replies(
        &self,
        text: impl Into<String> + Send,
        replies: impl Into<QuickReplies> + Send,
    ) -> Result<i64, Error> {
        self.reply(Reply::text(text).quick_replies(replies)).await
    }

    /// Says something that the consumer does not get, to agents and managers.
    ///
    /// # Errors
    /// As [`reply`](Self::reply).
    pub async fn private_note(&self, text: impl Into<String> + Send) -> Result<i64, Error> {
        self.reply(Reply::text(text).private()).await
    }

    /// Shows that the bot writes, or does not any more. A message alone does not end it.
    ///
    /// # Errors
    /// As the request. It is not stored, so it is not journalled.
    pub async fn typing(&self, writes: bool) -> Result<(), Error> {
        let state = if writes {
            ChatState::Composing
        } else {
            ChatState::Active
        };
        let publish = self
            .hub
            .publish(self.id(), &self.dialog, Event::chat_state(state), false, &[]);
        publish.await.map(drop)
    }

    /// Shows that the bot writes, waits a moment, says it, and shows that it is done.
    ///
    /// # Errors
    /// As [`reply`](Self::reply); where only the typing cannot be shown, it is said all the same.
    pub async fn type_and_reply(&self, reply: impl Into<Reply> + Send, after: Duration) -> Result<i64, Error> {
        let reply = reply.into();
        let shown = self.typing(true).await;
        self.hub.clock.sleep(after).await;
        let said = self.reply(reply).await;
        if shown.is_ok() {
            // The next state that is shown clears it, too.
            let _ = self.typing(false).await;
        }
        said
    }

    /// Publishes any event once, and gives its number.
    ///
    /// # Errors
    /// As the request.
    pub(super) fn publish(
        &self,
        event: Event,
        private: bool,
        metadata: &[RawRecord],
    ) -> impl Future<Output = Result<i64, Error>> + Send + use<'_> {
        let passing = matches!(event.kind, Some(EventType::ChatState));
        let hash = (!passing && self.journals()).then(|| fingerprint(&event, private));
        // The event goes where it stays: what is done for each message is kept small.
        let publish = Box::pin(self.hub.publish(self.id(), &self.dialog, event, private, metadata));
        async move {
            if passing {
                return publish.await;
            }
            let begun = match self.begin(PUBLISH, || hash.unwrap_or_default()).await? {
                Ok(begun) => begun,
                Err(known) => return Ok(known),
            };
            if begun.doubtful
                && let Some(sequence) = Box::pin(self.published(&begun)).await?
            {
                self.end(begun, sequence);
                return Ok(sequence);
            }
            publish.await.inspect(|sequence| self.end(begun, *sequence))
        }
    }

    /// Whether effects are noted before they go out.
    fn journals(&self) -> bool {
        self.hub.journals && !self.turn.key.is_empty() && !matches!(self.cause, Cause::Outside)
    }

    /// Begins an effect: it is in the journal when this returns. Gives what came of it where it was done before.
    pub(super) async fn begin(
        &self,
        kind: &'static str,
        hash: impl FnOnce() -> String,
    ) -> Result<Result<Begun, i64>, Error> {
        if !self.journals() {
            return Ok(Ok(Begun {
                index: 0,
                entry: None,
                doubtful: false,
            }));
        }
        let hash = hash();
        let (index, step) = self.turn.next(kind, &hash);
        match step {
            Step::Done(outcome) => Ok(Err(outcome)),
            Step::Settle(entry) => Ok(Ok(Begun {
                index,
                entry: Some(entry),
                doubtful: true,
            })),
            Step::Act => {
                let entry = Entry {
                    kind: kind.to_owned(),
                    hash,
                    after: self.last,
                    outcome: None,
                };
                Box::pin(self.write(self.turn.begin(index, entry.clone()))).await?;
                Ok(Ok(Begun {
                    index,
                    entry: Some(entry),
                    doubtful: false,
                }))
            }
        }
    }

    async fn write(&self, entries: Vec<(u32, Entry)>) -> Result<(), Error> {
        let prefix = self.hub.keys.conversation(self.id());
        let mut batch = Batch::new();
        for (index, entry) in entries {
            batch = batch.put(format!("{prefix}{JOURNAL}{}/{index}", self.turn.key), bytes_of(&entry)?);
        }
        // Without a journal nothing may go out.
        let written = self.hub.store.write(batch).await;
        written.inspect_err(|error| self.hub.give_up(error.clone()))
    }

    /// Notes what came of an effect.
    pub(super) fn end(&self, begun: Begun, outcome: i64) {
        if let Some(entry) = begun.entry {
            self.turn.done(begun.index, entry, outcome);
        }
    }

    /// Looks in the history for what an earlier run began to publish.
    async fn published(&self, begun: &Begun) -> Result<Option<i64>, Error> {
        let Some(entry) = &begun.entry else { return Ok(None) };
        let mut at = entry.after;
        loop {
            let page = match self.hub.messages(self.id(), &self.dialog, at + 1).await {
                Ok(page) => page,
                // As long as nobody knows, it is neither done again nor given up.
                Err(error) if error.is_transient() && !self.hub.is_over() => {
                    tracing::warn!(conversation = %self.lane.name, error = %error, "what an earlier process said cannot be looked up; trying again");
                    self.hub.clock.sleep(LOOK_AGAIN).await;
                    continue;
                }
                Err(error) => return Err(error),
            };
            let last = page
                .iter()
                .filter_map(|event| event.key())
                .map(|(_, sequence)| sequence)
                .max();
            for event in &page {
                let Some((_, sequence)) = event.key() else { continue };
                if event.is_by(&self.hub.me) && !self.turn.has_claimed(sequence) && is_the_one(event, &entry.hash) {
                    return Ok(Some(sequence));
                }
            }
            match last.filter(|last| *last > at) {
                Some(last) => at = last,
                None => return Ok(None),
            }
        }
    }
}
