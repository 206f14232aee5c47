//! Elements that hold elements.

use serde::Serialize;

use super::Element;
use super::basic::Style;

/// How a card is framed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Border {
    /// A line around it.
    Border,
    /// None.
    BorderLess,
    /// A shadow.
    DropShadow,
}

/// Elements below each other: at most 256.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "type", rename = "vertical")]
pub struct Vertical {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) tag: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) alt: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    border: Option<Border>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scroll: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    style: Option<Style>,
    pub(super) elements: Vec<Element>,
}

impl Default for Vertical {
    fn default() -> Self {
        Self::new()
    }
}

impl Vertical {
    /// Nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            tag: None,
            alt: None,
            border: None,
            scroll: None,
            style: None,
            elements: Vec::new(),
        }
    }

    /// Adds an element.
    #[must_use]
    pub fn with(mut self, element: impl Into<Element>) -> Self {
        self.elements.push(element.into());
        self
    }

    /// Names the kind of card, as channels want it: `generic`, `richLink` and others. At most 64 characters.
    #[must_use]
    pub fn tag(mut self, tag: impl Into<String>) -> Self {
        self.tag = Some(tag.into());
        self
    }

    /// What is read aloud in its place: at most 2 000 characters.
    #[must_use]
    pub fn alt(mut self, text: impl Into<String>) -> Self {
        self.alt = Some(text.into());
        self
    }

    /// The frame.
    #[must_use]
    pub fn border(mut self, border: Border) -> Self {
        self.border = Some(border);
        self
    }

    /// Makes it scroll; the size of the style is its height.
    #[must_use]
    pub fn scrolling(mut self, style: Style) -> Self {
        (self.scroll, self.style) = (Some("enable"), Some(style));
        self
    }
}

/// Elements beside each other: at most 256.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "type", rename = "horizontal")]
pub struct Horizontal {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) tag: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) percentages: Vec<f64>,
    pub(super) elements: Vec<Element>,
}

impl Default for Horizontal {
    fn default() -> Self {
        Self::new()
    }
}

impl Horizontal {
    /// Nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            tag: None,
            percentages: Vec::new(),
            elements: Vec::new(),
        }
    }

    /// Adds an element.
    #[must_use]
    pub fn with(mut self, element: impl Into<Element>) -> Self {
        self.elements.push(element.into());
        self
    }

    /// Names the kind of row: at most 64 characters.
    #[must_use]
    pub fn tag(mut self, tag: impl Into<String>) -> Self {
        self.tag = Some(tag.into());
        self
    }

    /// How wide the elements are, in percent; those without a number share the rest.
    #[must_use]
    pub fn widths(mut self, percentages: impl IntoIterator<Item = f64>) -> Self {
        self.percentages = percentages.into_iter().collect();
        self
    }
}

/// Cards to leaf through: 2 to 10. A card may be any element but a carousel.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "type", rename = "carousel")]
pub struct Carousel {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) padding: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) alt: Option<String>,
    pub(super) elements: Vec<Element>,
}

impl Carousel {
    /// These cards.
    #[must_use]
    pub fn new(cards: impl IntoIterator<Item = Element>) -> Self {
        Self {
            padding: None,
            alt: None,
            elements: cards.into_iter().collect(),
        }
    }

    /// Space around the cards: 0 to 10.
    #[must_use]
    pub fn padding(mut self, padding: f64) -> Self {
        self.padding = Some(padding);
        self
    }

    /// What is read aloud in its place: at most 2 000 characters.
    #[must_use]
    pub fn alt(mut self, text: impl Into<String>) -> Self {
        self.alt = Some(text.into());
        self
    }
}
