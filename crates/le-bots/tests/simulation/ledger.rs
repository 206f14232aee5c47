//! What the two sides of a run saw, and the comparison with what the simulator stored.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use le_bots::DialogEvent;
use le_bots::supervisor::Figures;
use serde_json::Value;

use crate::plan::Kind;
use crate::trace::Trace;

/// Conversations of a run, with some to spare.
const MOST_CONVERSATIONS: usize = 8;

/// Events of a dialog that wait for earlier ones: the supervisor asks for the others again.
const MOST_HELD: usize = 64;

/// Sequence and text of stored events; receipts and cards have no text.
pub(crate) type Story = Vec<(i64, String)>;

/// What was seen. Clones share it.
#[derive(Debug, Clone)]
pub(crate) struct Ledger {
    kind: Kind,
    seen: Arc<Mutex<Seen>>,
    trace: Trace,
}

#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// Events that the bot handled, by dialog, in the order in which it did.
    pub(crate) handled: BTreeMap<String, Story>,
    /// In which process a handler of the bot came to its end last, by dialog, count and message.
    pub(crate) runs: BTreeMap<(String, (i64, String)), u64>,
    /// Processes that came to their end in good order.
    pub(crate) ended_well: BTreeSet<u64>,
    /// Conversations that the bot was told of.
    pub(crate) known: BTreeSet<String>,
    /// Events that consumers with a socket were handed, by dialog.
    pub(crate) received: BTreeMap<String, Story>,
    /// What consumers said, or tried to say.
    pub(crate) said: BTreeSet<String>,
    /// What was said for sure.
    pub(crate) settled: BTreeSet<String>,
    /// Replies of which a link that ended did not know what became.
    pub(crate) unsure: BTreeSet<String>,
    /// Consumers that are through.
    pub(crate) through: usize,
    /// The figures of the bot's link, when they were looked at last.
    pub(crate) figures: Figures,
    /// Errors that must not be.
    pub(crate) offences: Vec<String>,
}

impl Ledger {
    pub(crate) fn new(kind: Kind, trace: Trace) -> Self {
        Self {
            kind,
            seen: Arc::default(),
            trace,
        }
    }

    pub(crate) fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn note(&self, what: std::fmt::Arguments<'_>) {
        self.trace.note(what, &[]);
    }

    /// The bot is done with an event.
    pub(crate) fn handled(&self, event: &DialogEvent) {
        let (dialog, entry) = entry(event);
        self.note(format_args!("handled {dialog} {entry:?}"));
        self.seen().handled.entry(dialog).or_default().push(entry);
    }

    /// A handler of the bot came to its end in this process: how many it had counted before, and what the message was.
    pub(crate) fn turned(&self, process: u64, dialog: &str, count: i64, text: &str) {
        self.note(format_args!("handled {dialog} {count} {text}"));
        let entry = (count, text.to_owned());
        let mut seen = self.seen();
        let seen = &mut *seen;
        let earlier = seen.runs.insert((dialog.to_owned(), entry.clone()), process);
        // A process that was killed before it had saved where it was leaves handlers to be run again, with the state of then.
        let killed = earlier.is_some_and(|earlier| earlier != process && !seen.ended_well.contains(&earlier));
        if !killed {
            seen.handled.entry(dialog.to_owned()).or_default().push(entry);
        }
    }

    /// A consumer was handed an event.
    pub(crate) fn received(&self, event: &DialogEvent) {
        let (dialog, entry) = entry(event);
        self.note(format_args!("received {dialog} {entry:?}"));
        self.seen().received.entry(dialog).or_default().push(entry);
    }

    /// Figures of the bot's link: what it keeps in memory is bounded, whatever happens.
    pub(crate) fn measured(&self, figures: Figures, queue: usize) {
        // Beside events: a state, a ring, an end of each conversation, 64 chat states, and where the link is.
        let deliveries = queue + 64 + 8 * (figures.conversations + figures.remembered + 1);
        if figures.conversations > MOST_CONVERSATIONS
            || figures.held > figures.dialogs * MOST_HELD
            || figures.waiting_deliveries > deliveries
        {
            self.offence(format!("too much is kept: {figures:?}"));
        }
        self.seen().figures = figures;
    }

    pub(crate) fn offence(&self, what: String) {
        self.note(format_args!("offence: {what}"));
        self.seen().offences.push(what);
    }

    /// What is wrong as things stand; nothing, at rest.
    pub(crate) fn complaints(&self, conversations: &[Value], consumers: usize) -> Vec<String> {
        let seen = self.seen();
        let mut complaints = seen.offences.clone();
        if seen.through < consumers {
            complaints.push(format!("{} of {consumers} consumers are through", seen.through));
        }
        let mut found: BTreeMap<&str, usize> = BTreeMap::new();
        let left = &seen.figures;
        if left.held + left.behind + left.waiting_requests + left.waiting_deliveries > 0 {
            complaints.push(format!("the link is not at rest: {left:?}"));
        }
        for conversation in conversations {
            let id = conversation["conversationId"].as_str().unwrap_or_default();
            let open = conversation["state"] == "OPEN";
            for (dialog, story) in stories(conversation) {
                let handled = seen.handled.get(&dialog).cloned().unwrap_or_default();
                let (known, expected) = match self.kind {
                    Kind::Link => (seen.known.contains(id), story.clone()),
                    Kind::Bot => (!handled.is_empty(), questions(&story)),
                };
                if (open || known) && handled != expected {
                    complaints.push(format!("the bot handled {handled:?}, of {expected:?} in {dialog}"));
                }
                if let Some(received) = seen.received.get(&dialog)
                    && *received != story
                {
                    complaints.push(format!(
                        "the consumer got {received:?}, stored in {dialog} is {story:?}"
                    ));
                }
                complaints.extend(replies(&story, open));
            }
            for event in conversation["events"].as_array().into_iter().flatten() {
                if let Some(text) = event["event"]["message"].as_str() {
                    *found.entry(text).or_default() += 1;
                }
            }
        }
        for text in &seen.said {
            let times = found.get(text.as_str()).copied().unwrap_or(0);
            let once = times == 1 || (times == 0 && !seen.settled.contains(text));
            if !once {
                complaints.push(format!("{text:?} is stored {times} times"));
            }
        }
        complaints
    }
}

/// What consumers said, counted.
fn questions(story: &Story) -> Story {
    let said = story.iter().map(|(_, text)| text);
    let said = said.filter(|text| !text.is_empty() && !text.starts_with("re: "));
    (0..).zip(said.cloned()).collect()
}

/// Each message has one reply; where the conversation is closed, it may have none.
fn replies(story: &Story, open: bool) -> Vec<String> {
    let mut complaints = Vec::new();
    for (_, text) in story {
        if text.is_empty() || text.starts_with("re: ") {
            continue;
        }
        let reply = format!("re: {text}");
        let times = story.iter().filter(|(_, other)| *other == reply).count();
        if times > 1 || (open && times == 0) {
            complaints.push(format!("{text:?} has {times} replies"));
        }
    }
    complaints
}

fn entry(event: &DialogEvent) -> (String, (i64, String)) {
    let dialog = event.dialog_id.as_ref().map(ToString::to_string).unwrap_or_default();
    let sequence = event.sequence.as_ref().map_or(-1, |sequence| sequence.get());
    let text = event
        .event
        .as_ref()
        .and_then(|event| event.as_text())
        .unwrap_or_default();
    (dialog, (sequence, text.to_owned()))
}

/// The stored events of each dialog.
fn stories(conversation: &Value) -> BTreeMap<String, Story> {
    let mut stories: BTreeMap<String, Story> = BTreeMap::new();
    for event in conversation["events"].as_array().into_iter().flatten() {
        let Some(sequence) = event["sequence"].as_i64() else {
            continue;
        };
        let dialog = event["dialogId"].as_str().unwrap_or_default().to_owned();
        let text = event["event"]["message"].as_str().unwrap_or_default().to_owned();
        stories.entry(dialog).or_default().push((sequence, text));
    }
    stories
}
