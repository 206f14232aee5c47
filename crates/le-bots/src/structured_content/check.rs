//! The limits of the vendor's schema. Lengths count characters, not bytes.

use std::fmt;

use http::Uri;
use le_core::Error;

use super::Element;
use super::basic::{Button, Looks};
use super::click::Action;

/// One thing that is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Problem {
    /// JSON pointer; empty for the whole.
    pub pointer: String,
    /// The rule, and the length or number that breaks it. No text of the content.
    pub rule: String,
}

impl Problem {
    pub(super) fn new(pointer: impl Into<String>, rule: impl Into<String>) -> Self {
        Self {
            pointer: pointer.into(),
            rule: rule.into(),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.pointer, self.rule)
    }
}

/// An error that lists all problems, if there are any.
pub(super) fn refuse(what: &str, problems: &[Problem]) -> Result<(), Error> {
    if problems.is_empty() {
        return Ok(());
    }
    let list: Vec<_> = problems.iter().map(Problem::to_string).collect();
    let message = format!("the {what} would be refused: {}", list.join("; "));
    Err(Error::validation(message).with_advice("correct it, or send it as JSON, which is not checked"))
}

pub(super) fn element(element: &Element) -> Vec<Problem> {
    let mut check = Check::default();
    check.element("", element);
    check.problems
}

pub(super) fn replies(replies: &[Button]) -> Vec<Problem> {
    let mut check = Check::default();
    check.count("/replies", replies.len(), 1, 24);
    for (at, reply) in replies.iter().enumerate() {
        check.button(&format!("/replies/{at}"), reply);
    }
    check.problems
}

#[derive(Default)]
struct Check {
    problems: Vec<Problem>,
}

impl Check {
    fn add(&mut self, at: &str, member: &str, rule: String) {
        self.problems.push(Problem::new(format!("{at}{member}"), rule));
    }

    fn length(&mut self, at: &str, member: &str, text: &str, most: usize) {
        let length = text.chars().count();
        if length > most {
            self.add(at, member, format!("has {length} characters, the most is {most}"));
        }
    }

    fn optional(&mut self, at: &str, member: &str, text: Option<&String>, most: usize) {
        if let Some(text) = text {
            self.length(at, member, text, most);
        }
    }

    fn count(&mut self, at: &str, count: usize, least: usize, most: usize) {
        if !(least..=most).contains(&count) {
            self.add(at, "", format!("has {count} elements, needs {least} to {most}"));
        }
    }

    fn element(&mut self, at: &str, element: &Element) {
        match element {
            Element::Text(text) => {
                self.length(at, "/text", &text.text, 5000);
                self.looks(at, &text.looks);
            }
            Element::Button(button) => self.button(at, button),
            Element::Image(image) => {
                self.length(at, "/url", &image.url, 2048);
                self.optional(at, "/caption", image.caption.as_ref(), 128);
                if !image.url.starts_with("https://") {
                    self.add(at, "/url", "does not begin with https://".to_owned());
                }
                self.looks(at, &image.looks);
            }
            Element::Map(map) => {
                self.place(at, map.la, map.lo);
                self.looks(at, &map.looks);
            }
            Element::LinkPreview(preview) => {
                self.length(at, "/url", &preview.url, 2048);
                self.optional(at, "/title", preview.title.as_ref(), 128);
                self.looks(at, &preview.looks);
            }
            Element::Vertical(card) => {
                self.optional(at, "/tag", card.tag.as_ref(), 64);
                self.optional(at, "/alt", card.alt.as_ref(), 2000);
                self.elements(at, &card.elements, 0, 256);
            }
            Element::Horizontal(row) => {
                self.optional(at, "/tag", row.tag.as_ref(), 64);
                if row.percentages.len() > 256 {
                    self.add(
                        at,
                        "/percentages",
                        format!("has {} numbers, the most is 256", row.percentages.len()),
                    );
                }
                self.elements(at, &row.elements, 0, 256);
            }
            Element::Carousel(carousel) => {
                self.optional(at, "/alt", carousel.alt.as_ref(), 2000);
                if let Some(padding) = carousel.padding.filter(|padding| !(0.0..=10.0).contains(padding)) {
                    self.add(at, "/padding", format!("is {padding}, must be 0 to 10"));
                }
                for (index, card) in carousel.elements.iter().enumerate() {
                    if matches!(card, Element::Carousel(_)) {
                        self.add(
                            at,
                            &format!("/elements/{index}"),
                            "is a carousel in a carousel".to_owned(),
                        );
                    }
                }
                self.elements(at, &carousel.elements, 2, 10);
            }
            Element::Json(_) => {}
        }
    }

    fn elements(&mut self, at: &str, elements: &[Element], least: usize, most: usize) {
        self.count(&format!("{at}/elements"), elements.len(), least, most);
        for (index, element) in elements.iter().enumerate() {
            self.element(&format!("{at}/elements/{index}"), element);
        }
    }

    fn button(&mut self, at: &str, button: &Button) {
        self.length(at, "/title", &button.title, 128);
        if button.looks.click.as_ref().is_none_or(|click| click.actions.is_empty()) {
            self.add(at, "/click", "has no action: a button needs one".to_owned());
        }
        self.looks(at, &button.looks);
    }

    fn looks(&mut self, at: &str, looks: &Looks) {
        self.optional(at, "/tag", looks.tag.as_ref(), 64);
        self.optional(at, "/tooltip", looks.tooltip.as_ref(), 256);
        self.optional(at, "/alt", looks.alt.as_ref(), 2000);
        let Some(click) = &looks.click else { return };
        if click.actions.len() > 4 {
            self.add(
                at,
                "/click/actions",
                format!("has {} actions, the most is 4", click.actions.len()),
            );
        }
        for (index, action) in click.actions.iter().enumerate() {
            self.action(&format!("{at}/click/actions/{index}"), action);
        }
        for (index, metadata) in click.metadata.iter().enumerate() {
            self.metadata(&format!("{at}/click/metadata/{index}"), metadata);
        }
    }

    /// Of what a click can carry only `ExternalId` has a published limit that is common.
    fn metadata(&mut self, at: &str, metadata: &le_core::wire::RawRecord) {
        let Ok(value) = metadata.to_value() else { return };
        if value["type"] == "ExternalId" {
            self.length(at, "/id", value["id"].as_str().unwrap_or_default(), 64);
        }
    }

    fn action(&mut self, at: &str, action: &Action) {
        match action {
            Action::PublishText { text } => self.length(at, "/text", text, 256),
            Action::Link { uri, name, target } => {
                self.length(at, "/uri", uri, 1024);
                self.optional(at, "/name", name.as_ref(), 256);
                self.address(at, uri);
                if target.is_some_and(|target| !["self", "blank", "slideout"].contains(&target)) {
                    self.add(at, "/target", "must be self, blank or slideout".to_owned());
                }
            }
            Action::Navigate { la, lo, name } => {
                self.place(at, *la, *lo);
                self.optional(at, "/name", name.as_ref(), 256);
            }
            Action::Json(_) => {}
        }
    }

    /// An address needs a scheme; those that run scripts are refused whatever the schema says.
    fn address(&mut self, at: &str, uri: &str) {
        let scheme = uri.split_once(':').map(|(scheme, _)| scheme.to_ascii_lowercase());
        let fits = |scheme: &String| {
            let mut letters = scheme.chars();
            letters.next().is_some_and(|first| first.is_ascii_alphabetic())
                && letters.all(|one| one.is_ascii_alphanumeric() || "+-.".contains(one))
        };
        let readable = uri.is_ascii() && !uri.contains([' ', '"', '<', '>', '\\', '^', '`', '{', '|', '}']);
        match scheme.filter(fits) {
            Some(scheme) if scheme == "javascript" || scheme == "data" => {
                self.add(
                    at,
                    "/uri",
                    format!("has the scheme {scheme}, which consumers' windows must not run"),
                );
            }
            Some(scheme) if readable && (!scheme.starts_with("http") || uri.parse::<Uri>().is_ok()) => {}
            _ => self.add(
                at,
                "/uri",
                "is no address with a scheme, such as https://shop.example or tel:+15550100".to_owned(),
            ),
        }
    }

    fn place(&mut self, at: &str, la: f64, lo: f64) {
        if !(-90.0..=90.0).contains(&la) || !(-180.0..=180.0).contains(&lo) {
            self.add(
                at,
                "",
                "is no place: latitude is -90 to 90, longitude -180 to 180".to_owned(),
            );
        }
    }
}
