//! From what is written to what can be played, with every fault on the way.

use le_bots::structured_content::{Button, Element, Image, QuickReplies, Text, Vertical};
use le_bots::ttr::TtrType;
use regex::{Regex, RegexBuilder};
use toml::Spanned;

use super::{
    Choice, Escalation, Fault, OneOrMany, Script, Written, WrittenBot, WrittenButton, WrittenCard, WrittenMatch,
    WrittenRule, WrittenTransfer, WrittenTtr, line_of,
};

/// What a rule fits.
#[derive(Debug)]
pub(in super::super) enum Fits {
    Start,
    /// Lower case.
    Contains(Vec<String>),
    Regex(Regex),
    /// Lower case.
    Press(Vec<String>),
    Any,
}

/// A rule that can be played.
#[derive(Debug)]
pub(in super::super) struct Rule {
    pub(in super::super) fits: Fits,
    pub(in super::super) replies: Vec<String>,
    pub(in super::super) card: Option<Element>,
    pub(in super::super) quick_replies: Option<QuickReplies>,
    pub(in super::super) note: Option<String>,
    pub(in super::super) ttr: Option<(TtrType, u32)>,
    pub(in super::super) transfer: Option<(i64, String)>,
    pub(in super::super) close: bool,
}

/// A regular expression may need so much memory, compiled.
const REGEX_SIZE: usize = 1 << 20;

/// Collects faults.
struct Checker<'a> {
    text: &'a str,
    faults: Vec<Fault>,
    rule: Option<String>,
}

pub(super) fn script(written: Written, text: &str) -> Result<Script, Vec<Fault>> {
    let mut checker = Checker {
        text,
        faults: Vec::new(),
        rule: None,
    };
    let no_match = written.bot.no_match.clone();
    let escalation = checker.escalation(written.bot);
    if written.rule.is_empty() {
        checker.fault(0, "there is no [[rule]]: a bot without rules says nothing");
    }
    let mut rules: Vec<Rule> = Vec::new();
    let mut everything: Option<String> = None;
    for (place, written) in written.rule.into_iter().enumerate() {
        let at = written.span().start;
        let written = written.into_inner();
        let name = name(&written, place);
        checker.rule = Some(name.clone());
        let Some(rule) = checker.rule(written, at) else {
            continue;
        };
        if let (Some(earlier), false) = (&everything, matches!(rule.fits, Fits::Start)) {
            let what = format!("it is never reached: rule {earlier} before it fits everything");
            checker.fault(at, what);
        }
        if matches!(rule.fits, Fits::Any) && everything.is_none() {
            everything = Some(name);
        }
        rules.push(rule);
    }
    checker.faults.sort_by_key(|fault| fault.line);
    if !checker.faults.is_empty() {
        return Err(checker.faults);
    }
    Ok(Script {
        rules,
        no_match,
        escalation,
    })
}

/// What a rule is called in messages: its name, or its number.
fn name(rule: &WrittenRule, place: usize) -> String {
    match &rule.name {
        Some(name) => format!("{name:?}"),
        None => (place + 1).to_string(),
    }
}

impl Checker<'_> {
    fn fault(&mut self, at: usize, what: impl Into<String>) {
        self.faults.push(Fault {
            line: line_of(self.text, at),
            rule: self.rule.clone(),
            what: what.into(),
        });
    }

    fn escalation(&mut self, bot: WrittenBot) -> Option<Escalation> {
        match (bot.escalate_to, bot.escalate_after) {
            (None, Some(after)) => {
                self.fault(
                    after.span().start,
                    "`escalate_after` needs `escalate_to`, the skill to go to",
                );
                None
            }
            (None, None) => None,
            (Some(skill), after) => {
                if let Some(after) = after.as_ref().filter(|after| *after.get_ref() == 0) {
                    self.fault(after.span().start, "`escalate_after` is at least 1");
                }
                Some(Escalation {
                    skill: skill.into_inner(),
                    after: after.map_or(3, Spanned::into_inner),
                    reply: bot.escalate_reply,
                })
            }
        }
    }

    /// `None` where the rule has a fault that leaves nothing to look at.
    fn rule(&mut self, written: WrittenRule, at: usize) -> Option<Rule> {
        let Some(when) = written.when else {
            self.fault(
                at,
                "it has no `match`: say what it fits, such as match = { contains = \"order\" }",
            );
            return None;
        };
        let fits = self.fits(when);
        let replies = written.reply.into_vec();
        if replies.iter().any(|reply| reply.trim().is_empty()) {
            self.fault(at, "a `reply` is empty");
        }
        let card = written.card.and_then(|card| self.card(card));
        let quick_replies = self.quick_replies(written.quick_replies, !replies.is_empty() || card.is_some(), at);
        let rule = Rule {
            replies,
            card,
            quick_replies,
            note: written.note,
            ttr: written.ttr.and_then(|ttr| self.ttr(ttr)),
            transfer: written.transfer.map(|transfer| self.transfer(transfer)),
            close: written.close == Some(true),
            fits: fits?,
        };
        if rule.transfer.is_some() && rule.close {
            self.fault(
                at,
                "it has both `transfer` and `close`: a conversation that went to others is not closed",
            );
        }
        let does_something = !rule.replies.is_empty()
            || rule.card.is_some()
            || rule.note.is_some()
            || rule.ttr.is_some()
            || rule.transfer.is_some()
            || rule.close;
        if !does_something {
            self.fault(
                at,
                "nothing follows: give it a `reply`, `card`, `note`, `ttr`, `transfer` or `close`",
            );
        }
        Some(rule)
    }

    fn fits(&mut self, when: Spanned<WrittenMatch>) -> Option<Fits> {
        let at = when.span().start;
        let WrittenMatch {
            start,
            contains,
            regex,
            press,
            any,
        } = when.into_inner();
        let flag = |flag: Option<bool>, fits: Fits| flag.filter(|yes| *yes).map(|_| fits);
        let mut found: Vec<Fits> = Vec::new();
        found.extend(flag(start, Fits::Start));
        found.extend(flag(any, Fits::Any));
        for (name, words) in [("contains", contains), ("press", press)] {
            let Some(words) = words.map(OneOrMany::into_vec) else {
                continue;
            };
            if words.is_empty() || words.iter().any(|word| word.trim().is_empty()) {
                self.fault(at, format!("`{name}` holds an empty text, which would fit everything"));
                return None;
            }
            let words = words.iter().map(|word| word.to_lowercase()).collect();
            found.push(if name == "press" {
                Fits::Press(words)
            } else {
                Fits::Contains(words)
            });
        }
        if let Some(regex) = regex {
            let built = RegexBuilder::new(&regex)
                .case_insensitive(true)
                .size_limit(REGEX_SIZE)
                .build();
            match built {
                Ok(regex) => found.push(Fits::Regex(regex)),
                Err(error) => {
                    let what = error.to_string();
                    let last = what.lines().next_back().unwrap_or("it cannot be read");
                    self.fault(
                        at,
                        format!(
                            "the regular expression is wrong: {}",
                            last.trim_start_matches("error: ")
                        ),
                    );
                    return None;
                }
            }
        }
        if found.len() != 1 {
            let what = format!(
                "`match` has {} conditions; it takes one of start, contains, regex, press, any",
                found.len()
            );
            self.fault(at, what);
            return None;
        }
        found.pop()
    }

    fn card(&mut self, card: Spanned<WrittenCard>) -> Option<Element> {
        let at = card.span().start;
        let card = card.into_inner();
        let mut content = Vertical::new();
        let mut empty = true;
        if let Some(image) = card.image {
            content = content.with(Image::new(image));
            empty = false;
        }
        if let Some(title) = card.title {
            content = content.with(Text::new(title).bold());
            empty = false;
        }
        if let Some(text) = card.text {
            content = content.with(Text::new(text));
            empty = false;
        }
        for choice in card.buttons {
            let button = self.button(choice);
            content = content.with(button.solid());
            empty = false;
        }
        if empty {
            self.fault(at, "the `card` is empty: give it a title, text, image or buttons");
            return None;
        }
        let card = Element::from(content);
        for problem in card.problems() {
            self.fault(at, format!("the `card`: {problem}"));
        }
        Some(card)
    }

    fn quick_replies(&mut self, choices: Vec<Spanned<Choice>>, has_message: bool, at: usize) -> Option<QuickReplies> {
        let begin = choices.first()?.span().start;
        if !has_message {
            self.fault(
                at,
                "`quick_replies` stand below a message: give it a `reply` or a `card`",
            );
        }
        let buttons: Vec<Button> = choices.into_iter().map(|choice| self.button(choice)).collect();
        let replies = QuickReplies::new(buttons);
        for problem in replies.problems() {
            self.fault(begin, format!("the `quick_replies`: {problem}"));
        }
        Some(replies)
    }

    fn button(&mut self, choice: Spanned<Choice>) -> Button {
        let at = choice.span().start;
        let written = match choice.into_inner() {
            Choice::Title(title) => WrittenButton {
                title,
                id: None,
                say: None,
                link: None,
            },
            Choice::Button(button) => button,
        };
        if written.say.is_some() && written.link.is_some() {
            self.fault(at, format!("the button {:?} has both `say` and `link`", written.title));
        }
        let id = written.id.unwrap_or_else(|| written.title.clone());
        let button = match (written.link, written.say) {
            (Some(link), _) => Button::opens(written.title, link),
            (None, Some(say)) => Button::says(written.title, say),
            (None, None) => Button::says(written.title.clone(), written.title),
        };
        button.marked(id)
    }

    fn ttr(&mut self, ttr: Spanned<WrittenTtr>) -> Option<(TtrType, u32)> {
        let at = ttr.span().start;
        let ttr = ttr.into_inner();
        let kind = match ttr.kind.to_uppercase().as_str() {
            "NORMAL" => TtrType::Normal,
            "URGENT" => TtrType::Urgent,
            "PRIORITIZED" => TtrType::Prioritized,
            "CUSTOM" => TtrType::Custom,
            _ => {
                let what = format!(
                    "`ttr` has the type {:?}; it is NORMAL, URGENT, PRIORITIZED or CUSTOM",
                    ttr.kind
                );
                self.fault(at, what);
                return None;
            }
        };
        let Some(seconds) = ttr.seconds.filter(|seconds| *seconds > 0) else {
            self.fault(at, "`ttr` needs `seconds`, the time to respond");
            return None;
        };
        Some((kind, seconds))
    }

    fn transfer(&mut self, transfer: Spanned<WrittenTransfer>) -> (i64, String) {
        let at = transfer.span().start;
        let WrittenTransfer { skill, reason } = transfer.into_inner();
        let reason = reason.unwrap_or_else(|| "escalated_by_bot".to_owned());
        if reason.is_empty() || reason.chars().count() > 64 {
            self.fault(at, "the `reason` of a transfer has 1 to 64 characters");
        }
        (skill, reason)
    }
}
