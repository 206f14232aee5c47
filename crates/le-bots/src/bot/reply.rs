//! What a bot says: text, cards, files, with quick replies and metadata.

use std::num::NonZeroUsize;

use le_core::Error;
use le_core::wire::RawRecord;
use serde::Serialize;

use crate::event::{Event, HostedFile};
use crate::frame::raw;
use crate::metadata::ExternalId;
use crate::structured_content::{Carousel, Element, Horizontal, QuickReplies, Vertical};

/// Something to say. Plain text and cards are turned into one by themselves.
///
/// ```
/// use le_bots::bot::Reply;
/// use le_bots::structured_content::QuickReplies;
/// let question = Reply::text("Shall I connect you?").quick_replies(QuickReplies::of(["Yes", "No"])).external_id("ask-connect");
/// # let _ = question;
/// ```
#[derive(Debug, Clone)]
pub struct Reply {
    /// The first thing that was wrong is told when it is sent.
    pub(super) event: Result<Event, Error>,
    pub(super) metadata: Vec<RawRecord>,
    pub(super) private: bool,
}

impl Reply {
    fn of(event: Result<Event, Error>) -> Self {
        Self {
            event,
            metadata: Vec::new(),
            private: false,
        }
    }

    /// Text.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self::of(Ok(Event::text(text)))
    }

    /// A card. It is checked against the vendor's limits.
    #[must_use]
    pub fn rich(card: impl Into<Element>) -> Self {
        let card = card.into();
        Self::of(card.check().and_then(|()| Event::rich(&card)))
    }

    /// A file that is in the vendor's storage already.
    #[must_use]
    pub fn file(file: &HostedFile) -> Self {
        Self::of(Event::file(file))
    }

    /// Any event.
    #[must_use]
    pub fn event(event: Event) -> Self {
        Self::of(Ok(event))
    }

    /// Adds buttons beside the message.
    #[must_use]
    pub fn quick_replies(mut self, replies: impl Into<QuickReplies>) -> Self {
        let replies = replies.into();
        let checked = replies.check();
        self.event = self
            .event
            .and_then(|event| checked.and_then(|()| event.with_quick_replies(&replies)));
        self
    }

    /// Marks the message for reports: at most 64 characters.
    #[must_use]
    pub fn external_id(self, id: impl Into<String>) -> Self {
        match ExternalId::new(id) {
            Ok(id) => self.metadata(&id),
            Err(error) => self.refused(error),
        }
    }

    /// Adds an object beside the message: see [`metadata`](crate::metadata).
    #[must_use]
    pub fn metadata<T: Serialize + ?Sized>(mut self, metadata: &T) -> Self {
        match raw("metadata", metadata) {
            Ok(metadata) => {
                self.metadata.push(metadata);
                self
            }
            Err(error) => self.refused(error),
        }
    }

    fn refused(mut self, error: Error) -> Self {
        self.event = self.event.and(Err(error));
        self
    }

    /// For agents and managers only: the consumer does not get it.
    #[must_use]
    pub fn private(mut self) -> Self {
        self.private = true;
        self
    }
}

macro_rules! reply_from {
    ($($from:ty => $make:ident),+ $(,)?) => {
        $(impl From<$from> for Reply {
            fn from(content: $from) -> Self {
                Self::$make(content)
            }
        })+
    };
}
reply_from!(&str => text, String => text, Element => rich, Vertical => rich, Horizontal => rich, Carousel => rich, Event => event);

impl<T: Into<String>, const N: usize> From<[T; N]> for QuickReplies {
    fn from(titles: [T; N]) -> Self {
        Self::of(titles)
    }
}

/// Cuts a text into parts of at most so many characters, behind a paragraph, a sentence or a word where there is one.
pub(super) fn split(text: &str, most: NonZeroUsize) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((end, _)) = rest.char_indices().nth(most.get()) {
        let head = &rest[..end];
        let cuts = [
            head.rfind("\n\n"),
            head.rfind(". ").map(|at| at + 1),
            head.rfind('\n'),
            head.rfind(' '),
        ];
        // A cut in the first half would make many short parts.
        let cut = cuts.into_iter().flatten().find(|at| *at > end / 2).unwrap_or(end);
        let part = rest[..cut].trim_end();
        if !part.is_empty() {
            parts.push(part);
        }
        rest = rest[cut..].trim_start();
    }
    if parts.is_empty() {
        parts.push(rest);
    } else if !rest.trim_end().is_empty() {
        parts.push(rest.trim_end());
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_cut_where_it_hurts_least() {
        let cut = |text, most| split(text, NonZeroUsize::new(most).unwrap());
        assert_eq!(cut("short", 10), ["short"]);
        assert_eq!(cut("", 10), [""]);
        assert_eq!(cut("One two. Three four", 12), ["One two.", "Three four"]);
        assert_eq!(cut("first part\n\nsecond part", 14), ["first part", "second part"]);
        assert_eq!(cut("abcdefghij", 4), ["abcd", "efgh", "ij"]);
        assert_eq!(
            cut("\u{e4}\u{f6}\u{fc}\u{e4}\u{f6}", 2),
            ["\u{e4}\u{f6}", "\u{fc}\u{e4}", "\u{f6}"]
        );
        let whole = "word ".repeat(500);
        let parts = cut(&whole, 100);
        assert!(parts.iter().all(|part| part.chars().count() <= 100));
        assert_eq!(parts.join(" "), whole.trim_end());
    }

    #[test]
    fn what_is_wrong_is_told_when_it_is_sent() {
        let reply = Reply::text("x").external_id("y".repeat(65));
        assert!(reply.event.unwrap_err().to_string().contains("ExternalId.id"));
        assert!(Reply::text("x").quick_replies(QuickReplies::new([])).event.is_err());
        assert!(Reply::rich(Carousel::new([])).event.is_err());
    }
}
