//! Large histories: many closed conversations that are copies of a few, each with ids and times of its own.
//!
//! A copy is made by copying the text of its stencil and filling the holes where an id or a time stands. That takes a
//! fraction of the time that composing and rendering one takes, and nothing has to be kept for it.

use std::sync::{Arc, OnceLock};

use fastrand::Rng;

use super::cast::Cast;
use super::compose;
use super::conversation::Conversation;
use super::index::Times;
use super::render::{Instant, Sheet, View, default_sheet, request_sheet};
use super::schedule::{SHORTEST_CLOSED, Slot};
use crate::account::{hexadecimal, mix, uuid};

/// Numbers of conversations that serve as stencils begin here, beyond those of any history.
const FIRST_NUMBER: usize = 0x8000_0000;

const UUID_LENGTH: usize = 36;

/// A conversation that others are copied from.
#[derive(Debug)]
pub(super) struct Stencil {
    conversation: Arc<Conversation>,
    /// The ids that belong to this conversation alone.
    ids: Vec<String>,
    default_sheet: OnceLock<StencilSheet>,
    request_sheet: OnceLock<StencilSheet>,
}

/// What is special about one copy.
#[derive(Debug)]
pub(super) struct Copy {
    /// In the order of [`Stencil::ids`].
    ids: Vec<String>,
    /// How much later than the stencil everything happened, milliseconds.
    later: i64,
}

/// The wire text of a stencil with its holes.
#[derive(Debug)]
pub(super) struct StencilSheet {
    sheet: Sheet,
    holes: Vec<Hole>,
}

/// A place in the text that differs from copy to copy; the lengths are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hole {
    Id {
        at: u32,
        number: u32,
    },
    /// Thirteen digits.
    Milliseconds {
        at: u32,
        value: i64,
    },
    /// 28 characters.
    Instant {
        at: u32,
        value: i64,
    },
}

impl Stencil {
    /// The stencil with this number. All of it happens within the shortest time that a closed conversation may take, so
    /// that no copy of it reaches into the future.
    pub(super) fn make(cast: &Cast, number: usize, now: i64) -> Self {
        let start = now - SHORTEST_CLOSED;
        let slot = Slot {
            start,
            consumer: u32::try_from(number).unwrap_or(u32::MAX),
            first: false,
            open: false,
        };
        let mut conversation = compose::conversation(cast, slot, FIRST_NUMBER + number, now);
        // A survey that still runs would run for ever in a copy that is a year old.
        let mut attempt = 1;
        while conversation.full_end.is_none() && attempt < 64 {
            conversation = compose::conversation(cast, slot, FIRST_NUMBER + number + attempt * 0x0100_0000, now);
            attempt += 1;
        }
        Self {
            ids: own_ids(&conversation),
            conversation: Arc::new(conversation),
            default_sheet: OnceLock::new(),
            request_sheet: OnceLock::new(),
        }
    }

    /// What is special about the copy that is the conversation with this number.
    pub(super) fn copy(&self, cast: &Cast, number: u32, start: i64) -> Copy {
        let seed = cast.conversation_seed(number as usize);
        let id = |(place, own): (usize, &String)| {
            let mut random = Rng::with_seed(mix(seed, place as u64));
            match own.len() {
                UUID_LENGTH => uuid(&mut random),
                digits => hexadecimal(&mut random, digits),
            }
        };
        Copy {
            ids: self.ids.iter().enumerate().map(id).collect(),
            later: start - self.conversation.start,
        }
    }

    pub(super) fn id(&self, copy: &Copy) -> String {
        copy.ids.first().cloned().unwrap_or_default()
    }

    pub(super) fn consumer(&self) -> &str {
        &self.conversation.consumer.id
    }

    pub(super) fn times(&self, copy: &Copy) -> Times {
        let times = Times::of(&self.conversation);
        Times {
            end: times.end.map(|end| end + copy.later),
            full_end: times.full_end.map(|end| end + copy.later),
            updated: times.updated + copy.later,
        }
    }

    /// The copy as a conversation.
    pub(super) fn conversation(&self, copy: &Copy) -> Conversation {
        let mut conversation = Conversation::clone(&self.conversation);
        conversation.move_by(copy.later);
        for (place, id) in ids_of(&mut conversation).into_iter().zip(&copy.ids) {
            place.clone_from(id);
        }
        if let Some(main) = conversation.dialogs.first_mut() {
            main.id.clone_from(&conversation.id);
        }
        conversation
    }

    pub(super) fn default_sheet(&self, view: &View<'_>, scratch: &mut Vec<u8>) -> &StencilSheet {
        self.default_sheet
            .get_or_init(|| self.holed(default_sheet(&self.conversation, view, scratch)))
    }

    pub(super) fn request_sheet(&self, view: &View<'_>, scratch: &mut Vec<u8>) -> &StencilSheet {
        self.request_sheet
            .get_or_init(|| self.holed(request_sheet(&self.conversation, view, scratch)))
    }

    fn holed(&self, sheet: Sheet) -> StencilSheet {
        let text = sheet.text();
        let mut holes: Vec<Hole> = Vec::new();
        for (number, id) in self.ids.iter().enumerate() {
            let found =
                (0..text.len().saturating_sub(id.len() - 1)).filter(|at| text[*at..].starts_with(id.as_bytes()));
            holes.extend(found.map(|at| Hole::Id {
                at: at as u32,
                number: number as u32,
            }));
        }
        for at in 0..text.len() {
            holes.extend(milliseconds(text, at).map(|value| Hole::Milliseconds { at: at as u32, value }));
            holes.extend(instant(text, at).map(|value| Hole::Instant { at: at as u32, value }));
        }
        StencilSheet { sheet, holes }
    }
}

impl StencilSheet {
    /// The text of a copy.
    pub(super) fn fill(&self, copy: &Copy) -> Sheet {
        let mut text = self.sheet.text().to_vec();
        for hole in &self.holes {
            match *hole {
                Hole::Id { at, number } => put(&mut text, at, copy.ids[number as usize].as_bytes()),
                Hole::Milliseconds { at, value } => {
                    let mut digits = [b'0'; 13];
                    let mut rest = (value + copy.later).unsigned_abs();
                    for digit in digits.iter_mut().rev() {
                        *digit = b'0' + (rest % 10) as u8;
                        rest /= 10;
                    }
                    put(&mut text, at, &digits);
                }
                Hole::Instant { at, value } => put(&mut text, at, &Instant(value + copy.later).bytes()),
            }
        }
        self.sheet.with_text(text)
    }
}

fn put(text: &mut [u8], at: u32, bytes: &[u8]) {
    let at = at as usize;
    text[at..at + bytes.len()].copy_from_slice(bytes);
}

/// The number that begins at `at`, if it is an instant: thirteen digits that stand alone.
fn milliseconds(text: &[u8], at: usize) -> Option<i64> {
    let digits = text.get(at..at + 13)?;
    let alone = matches!(text.get(at.checked_sub(1)?), Some(b':' | b'"' | b','))
        && matches!(text.get(at + 13), Some(b',' | b'}' | b'"' | b']'));
    (alone && digits.iter().all(u8::is_ascii_digit)).then(|| {
        digits
            .iter()
            .fold(0, |number, digit| number * 10 + i64::from(digit - b'0'))
    })
}

/// The instant whose text begins at `at`.
fn instant(text: &[u8], at: usize) -> Option<i64> {
    let part = text.get(at..at + 28)?;
    if part[0] != b'2' || part[4] != b'-' || part[10] != b' ' || !part.ends_with(b"+0000") {
        return None;
    }
    let part = std::str::from_utf8(part).ok()?;
    let stamp: jiff::Timestamp = format!("{}T{}Z", &part[..10], &part[11..23]).parse().ok()?;
    Some(stamp.as_millisecond())
}

/// The ids that no other conversation has, the conversation's own first.
fn own_ids(conversation: &Conversation) -> Vec<String> {
    let mut copy = conversation.clone();
    ids_of(&mut copy).into_iter().map(std::mem::take).collect()
}

fn ids_of(conversation: &mut Conversation) -> Vec<&mut String> {
    let mut ids = vec![&mut conversation.id];
    // The main dialog has the conversation's id.
    ids.extend(conversation.dialogs.iter_mut().skip(1).map(|dialog| &mut dialog.id));
    ids.extend(conversation.co_browse.iter_mut().map(|session| &mut session.id));
    ids
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_stands_alone_is_a_time() {
        let text = br#"{"a":1893488400120,"b":"1893488400120","c":"a1893488400120","d":18934884001201}"#;
        let found: Vec<usize> = (0..text.len()).filter(|at| milliseconds(text, *at).is_some()).collect();
        assert_eq!(found, [5, 24]);
        let text = br#""2030-01-01 09:00:00.120+0000" 2030-01-01 09:00:00.120+0100"#;
        let found: Vec<_> = (0..text.len()).filter_map(|at| instant(text, at)).collect();
        assert_eq!(found, [1_893_488_400_120]);
    }
}
