//! A bot as a file: rules that match what a consumer says, and what follows.
//!
//! A script is checked as a whole before anything is sent: each error names the line and the rule.

mod check;
mod play;
#[cfg(test)]
mod tests;

use std::fmt;
use std::path::Path;

use serde::Deserialize;
use toml::Spanned;

use crate::exit::Exit;
use crate::failure::{Failure, Result};

pub(super) use check::Rule;
pub(super) use play::Play;

/// The file as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default)]
    bot: WrittenBot,
    #[serde(default)]
    rule: Vec<Spanned<WrittenRule>>,
}

/// What holds for all conversations.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table with the keys of `[bot]`")]
struct WrittenBot {
    /// Said where no rule fits.
    no_match: Option<String>,
    /// Where conversations go that the bot cannot serve.
    escalate_to: Option<Spanned<i64>>,
    /// After so many messages in a row without a rule.
    escalate_after: Option<Spanned<u32>>,
    /// Said before that.
    escalate_reply: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table that begins with `[[rule]]`")]
struct WrittenRule {
    name: Option<String>,
    #[serde(rename = "match")]
    when: Option<Spanned<WrittenMatch>>,
    #[serde(default)]
    reply: OneOrMany,
    #[serde(default)]
    quick_replies: Vec<Spanned<Choice>>,
    card: Option<Spanned<WrittenCard>>,
    note: Option<String>,
    transfer: Option<Spanned<WrittenTransfer>>,
    ttr: Option<Spanned<WrittenTtr>>,
    close: Option<bool>,
}

/// What a rule fits; exactly one of these.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, expecting = "what it fits, such as { contains = \"hello\" }")]
struct WrittenMatch {
    /// The conversation begins.
    start: Option<bool>,
    /// One of these is in the text; upper and lower case are the same.
    contains: Option<OneOrMany>,
    regex: Option<String>,
    /// A button with one of these ids or titles.
    press: Option<OneOrMany>,
    any: Option<bool>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(untagged, expecting = "a text, or a list of texts, was expected")]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
    #[default]
    None,
}

impl OneOrMany {
    fn into_vec(self) -> Vec<String> {
        match self {
            Self::One(one) => vec![one],
            Self::Many(many) => many,
            Self::None => Vec::new(),
        }
    }
}

/// A quick reply or a button: its title, or all of it.
#[derive(Debug, Deserialize)]
#[serde(
    untagged,
    expecting = "a title, or a button such as { title = \"My order\", id = \"order\" }, was expected"
)]
enum Choice {
    Title(String),
    Button(WrittenButton),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a button, such as { title = \"My order\" }")]
struct WrittenButton {
    title: String,
    /// What a rule with `press` sees; the title where it is missing.
    id: Option<String>,
    /// What the button writes in the consumer's name; the title where it is missing.
    say: Option<String>,
    /// An address to open instead.
    link: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a card, such as { title = \"Blue kettle\" }")]
struct WrittenCard {
    title: Option<String>,
    text: Option<String>,
    image: Option<String>,
    #[serde(default)]
    buttons: Vec<Spanned<Choice>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "where to, such as { skill = 700388830 }")]
struct WrittenTransfer {
    skill: i64,
    reason: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a time to respond, such as { type = \"URGENT\" }")]
struct WrittenTtr {
    #[serde(rename = "type")]
    kind: String,
    seconds: Option<u32>,
}

/// A script that can be played.
#[derive(Debug)]
pub(super) struct Script {
    pub(super) rules: Vec<Rule>,
    pub(super) no_match: Option<String>,
    pub(super) escalation: Option<Escalation>,
}

/// The way out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Escalation {
    pub(super) skill: i64,
    pub(super) after: u32,
    pub(super) reply: Option<String>,
}

/// Something that is wrong in a script.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fault {
    line: usize,
    rule: Option<String>,
    what: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}", self.line)?;
        if let Some(rule) = &self.rule {
            write!(f, ", rule {rule}")?;
        }
        write!(f, ": {}", self.what)
    }
}

impl Script {
    /// Reads and checks a file.
    pub(super) fn load(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).map_err(|e| Failure::file("read", path, &e))?;
        Self::read(&text).map_err(|faults| {
            let count = faults.len();
            let message = format!("{} is no script that can be played: {count} fault(s)", path.display());
            let failure = Failure::new(Exit::Usage, message);
            let failure = faults
                .iter()
                .fold(failure, |failure, fault| failure.because(fault.to_string()));
            failure.advise("correct these lines; `le bot run --help` shows a script, docs/bots.md all of it")
        })
    }

    /// Reads and checks a text; all faults at once, in the order of their lines.
    pub(super) fn read(text: &str) -> Result<Self, Vec<Fault>> {
        let written: Written = toml::from_str(text).map_err(|error| {
            let line = error.span().map_or(1, |span| line_of(text, span.start));
            let what = error.message().trim_end().replace('\n', "; ");
            vec![Fault { line, rule: None, what }]
        })?;
        check::script(written, text)
    }
}

fn line_of(text: &str, at: usize) -> usize {
    let before = text.as_bytes().get(..at.min(text.len())).unwrap_or_default();
    1 + before.iter().filter(|byte| **byte == b'\n').count()
}
