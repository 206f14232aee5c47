//! Structured content and quick replies on a terminal: lines of text, and buttons with numbers.

use le_bots::Event;
use le_core::wire::{RawRecord, elements};
use serde_json::Value;

use super::transcript::printable;

/// What the lines of a card are indented with.
const INDENT: &str = "    ";

/// Something that can be pressed.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Button {
    pub(crate) title: String,
    /// What the click carries, for the receipt and the answer.
    pub(crate) metadata: Vec<Value>,
    /// What is written in the consumer's name.
    pub(crate) text: Option<String>,
    /// Where it leads.
    pub(crate) link: Option<String>,
}

/// A message with more than text.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Card {
    pub(crate) lines: Vec<String>,
    pub(crate) buttons: Vec<Button>,
}

impl Card {
    /// The card and the quick replies of an event; `None` for plain messages.
    pub(crate) fn of(event: &Event) -> Option<Self> {
        let mut card = Self::default();
        let value = |raw: &RawRecord| raw.to_value().ok();
        if let Some(content) = event.as_rich().and_then(value) {
            card.element(&content);
        }
        if let Some(replies) = event.quick_replies.as_ref().and_then(value) {
            card.replies(&replies);
        }
        (!card.lines.is_empty()).then_some(card)
    }

    fn element(&mut self, element: &Value) {
        let text = |name: &str| printable(element[name].as_str().unwrap_or_default());
        match element["type"].as_str().unwrap_or_default() {
            "text" => self.line(text("text")),
            "button" => return self.button(element),
            "image" => self.line(format!("(picture) {} {}", text("caption"), text("url"))),
            "map" => self.line(format!("(map) {}, {}", element["la"], element["lo"])),
            "linkPreview" => self.line(format!("{} {}", text("title"), text("url"))),
            _ => {}
        }
        for inner in elements(&element["elements"]) {
            self.element(inner);
        }
        // Pictures and maps can be pressed, too.
        if element["click"].is_object() {
            self.button(element);
        }
    }

    fn line(&mut self, text: impl Into<String>) {
        self.lines.push(format!("{INDENT}{}", text.into()));
    }

    fn button(&mut self, element: &Value) {
        let button = Button::of(element);
        let number = self.buttons.len() + 1;
        let leads = button.link.as_deref().map(|link| format!(" ({})", printable(link)));
        self.line(format!("[{number}] {}{}", button.title, leads.unwrap_or_default()));
        self.buttons.push(button);
    }

    /// Quick replies are short and stand in one line. Those that are numbers themselves, as a survey has them, get no others.
    fn replies(&mut self, replies: &Value) {
        let replies: Vec<_> = elements(&replies["replies"]).map(Button::of).collect();
        let numbers = !replies.is_empty() && replies.iter().all(Button::is_number);
        let shown = replies
            .iter()
            .zip(self.buttons.len() + 1..)
            .map(|(reply, number)| match numbers {
                true => format!("[{}]", reply.title),
                false => format!("[{number}] {}", reply.title),
            });
        let line = shown.collect::<Vec<_>>().join("  ");
        if !line.is_empty() {
            self.line(line);
        }
        self.buttons.extend(replies);
    }
}

impl Button {
    fn of(element: &Value) -> Self {
        let named = |name: &str| element[name].as_str().map(printable);
        let click = &element["click"];
        let action = |kind: &str, member: &str| {
            let mut actions = elements(&click["actions"]);
            let found = actions.find(|action| action["type"] == kind)?;
            found[member].as_str().map(str::to_owned)
        };
        Self {
            title: named("title").or_else(|| named("tooltip")).unwrap_or_default(),
            metadata: elements(&click["metadata"]).cloned().collect(),
            text: action("publishText", "text"),
            link: action("link", "uri"),
        }
    }

    fn is_number(&self) -> bool {
        self.title.parse::<i64>().is_ok()
    }
}

/// The button that a line stands for: by its title, or by its number where no title is one.
pub(crate) fn pressed<'a>(buttons: &'a [Button], line: &str) -> Option<&'a Button> {
    if let Some(button) = buttons.iter().find(|button| button.title.eq_ignore_ascii_case(line)) {
        return Some(button);
    }
    let number: usize = line.parse().ok()?;
    if buttons.iter().any(Button::is_number) {
        return None;
    }
    buttons.get(number.checked_sub(1)?)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_card_is_lines_and_numbered_buttons() {
        let content = json!({"type": "vertical", "elements": [
            {"type": "text", "text": "Blue kettle\u{1b}[2J"},
            {"type": "horizontal", "elements": [
                {"type": "button", "title": "Buy", "click": {
                    "metadata": [{"type": "ExternalId", "id": "buy"}],
                    "actions": [{"type": "publishText", "text": "I take it"}]}},
                {"type": "button", "title": "Look", "click": {
                    "actions": {"type": "link", "uri": "https://shop.example/k/1"}}},
            ]},
            {"type": "image", "url": "https://shop.example/k.png", "tooltip": "Kettle", "click": {"actions": []}},
        ]});
        let replies = json!({"type": "quickReplies", "replies": [
            {"type": "button", "title": "Yes"}, {"type": "button", "title": "No"}]});
        let event = Event::rich(&content).unwrap().with_quick_replies(&replies).unwrap();
        let card = Card::of(&event).unwrap();
        assert_eq!(
            card.lines,
            [
                "    Blue kettle[2J",
                "    [1] Buy",
                "    [2] Look (https://shop.example/k/1)",
                "    (picture)  https://shop.example/k.png",
                "    [3] Kettle",
                "    [4] Yes  [5] No",
            ]
        );
        assert_eq!(card.buttons[0].text.as_deref(), Some("I take it"));
        assert_eq!(card.buttons[0].metadata, [json!({"type": "ExternalId", "id": "buy"})]);
        assert_eq!(card.buttons[1].link.as_deref(), Some("https://shop.example/k/1"));
        assert_eq!(Card::of(&Event::text("hello")), None);
    }

    #[test]
    fn a_button_is_pressed_by_its_title_or_its_number() {
        let buttons = |titles: &[&str]| -> Vec<Button> {
            titles
                .iter()
                .map(|title| Button::of(&json!({"title": title})))
                .collect()
        };
        let title = |buttons: &[Button], line: &str| pressed(buttons, line).map(|button| button.title.clone());
        let words = buttons(&["Yes", "No"]);
        assert_eq!(title(&words, "2").as_deref(), Some("No"));
        assert_eq!(title(&words, "yes").as_deref(), Some("Yes"));
        assert_eq!(title(&words, "3"), None);
        assert_eq!(title(&words, "0"), None);
        // 1 is what the survey offers as 1, not the first of its replies.
        let grades = buttons(&["0", "1", "2"]);
        assert_eq!(title(&grades, "1").as_deref(), Some("1"));
        assert_eq!(title(&grades, "3"), None);
    }

    #[test]
    fn replies_that_are_numbers_are_shown_as_they_are() {
        let replies = json!({"replies": [{"title": "0"}, {"title": "1"}]});
        let event = Event::text("How likely?").with_quick_replies(&replies).unwrap();
        assert_eq!(Card::of(&event).unwrap().lines, ["    [0]  [1]"]);
    }
}
