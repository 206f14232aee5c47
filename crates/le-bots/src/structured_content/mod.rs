//! Structured content: cards, carousels, buttons and pictures, and the quick replies beside a message.
//!
//! What is built here is checked against the vendor's schema of 2024 before it is sent: an error names each problem by its
//! JSON pointer. What has no builder can be sent as JSON: [`Element::json`].
//! <https://developers.liveperson.com/structured-content-introduction-to-structured-content.html>
//!
//! ```
//! use le_bots::structured_content::{Button, Carousel, Element, Image, QuickReplies, Text, Vertical};
//!
//! let kettle = Vertical::new()
//!     .with(Image::new("https://shop.example/kettle.png").alt("A blue kettle"))
//!     .with(Text::new("Blue kettle").bold().tag("title"))
//!     .with(Button::says("Buy", "I take the kettle").marked("buy-kettle"));
//! let card = Element::from(kettle);
//! card.check()?;
//!
//! let lonely = Element::from(Carousel::new([card]));
//! assert!(lonely.check().unwrap_err().to_string().contains("/elements: has 1 elements, needs 2 to 10"));
//!
//! let replies = QuickReplies::of(["Yes", "No"]);
//! replies.check()?;
//! # Ok::<_, le_core::Error>(())
//! ```

mod basic;
mod check;
mod click;
mod layout;
mod quick_replies;
#[cfg(test)]
mod tests;

use le_core::Error;
use le_core::wire::RawRecord;
use serde::Serialize;

pub use basic::{Button, Image, LinkPreview, Map, Size, Style, Text};
pub use check::Problem;
pub(crate) use click::clicked;
pub use click::{Action, Click, Press};
pub use layout::{Border, Carousel, Horizontal, Vertical};
pub use quick_replies::QuickReplies;

/// Anything that a card can be made of.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum Element {
    /// Text.
    Text(Text),
    /// Button.
    Button(Button),
    /// Picture.
    Image(Image),
    /// Map.
    Map(Map),
    /// Preview of a page.
    LinkPreview(LinkPreview),
    /// Elements below each other: the usual card.
    Vertical(Vertical),
    /// Elements beside each other.
    Horizontal(Horizontal),
    /// Cards to leaf through.
    Carousel(Carousel),
    /// JSON as it is; nothing of it is checked.
    Json(RawRecord),
}

macro_rules! element_from {
    ($($name:ident),+) => {
        $(impl From<$name> for Element {
            fn from(element: $name) -> Self {
                Self::$name(element)
            }
        })+
    };
}
element_from!(Text, Button, Image, Map, LinkPreview, Vertical, Horizontal, Carousel);

impl Element {
    /// Content that was made elsewhere. Nothing of it is checked.
    ///
    /// # Errors
    /// [`ErrorKind::Validation`](le_core::ErrorKind::Validation) where it cannot be written as JSON.
    pub fn json<T: Serialize + ?Sized>(content: &T) -> Result<Self, Error> {
        crate::frame::raw("content", content).map(Self::Json)
    }

    /// Everything that the vendor's schema refuses, or that renderers refuse in spite of it.
    #[must_use]
    pub fn problems(&self) -> Vec<Problem> {
        check::element(self)
    }

    /// Checks it against the vendor's schema.
    ///
    /// # Errors
    /// [`ErrorKind::Validation`](le_core::ErrorKind::Validation) with all [`problems`](Self::problems).
    pub fn check(&self) -> Result<(), Error> {
        check::refuse("structured content", &self.problems())
    }
}
