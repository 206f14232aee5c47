//! Buttons beside a message, which go away when one is pressed.

use le_core::Error;
use serde::Serialize;

use super::Problem;
use super::basic::Button;
use super::check;

/// Replies to choose from: 1 to 24 buttons, which belong to the latest message only.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "type", rename = "quickReplies", rename_all = "camelCase")]
pub struct QuickReplies {
    items_per_row: u8,
    pub(super) replies: Vec<Button>,
}

impl QuickReplies {
    /// These buttons, eight in a row.
    #[must_use]
    pub fn new(replies: impl IntoIterator<Item = Button>) -> Self {
        Self {
            items_per_row: 8,
            replies: replies.into_iter().collect(),
        }
    }

    /// Buttons that write their own titles. Each is marked with its title as `ExternalId`, so that a click on it is told from
    /// typing.
    #[must_use]
    pub fn of<T: Into<String>>(titles: impl IntoIterator<Item = T>) -> Self {
        Self::new(titles.into_iter().map(|title| {
            let title = title.into();
            let mark: String = title.chars().take(64).collect();
            Button::says(title.clone(), title).marked(mark)
        }))
    }

    /// How many stand in a row: 1 to 8.
    #[must_use]
    pub fn per_row(mut self, items: u8) -> Self {
        self.items_per_row = items;
        self
    }

    /// Everything that the vendor's schema refuses.
    #[must_use]
    pub fn problems(&self) -> Vec<Problem> {
        let mut problems = check::replies(&self.replies);
        if !(1..=8).contains(&self.items_per_row) {
            let rule = format!("is {}, must be 1 to 8", self.items_per_row);
            problems.push(Problem::new("/itemsPerRow", rule));
        }
        problems
    }

    /// Checks them against the vendor's schema.
    ///
    /// # Errors
    /// [`ErrorKind::Validation`](le_core::ErrorKind::Validation) with all [`problems`](Self::problems).
    pub fn check(&self) -> Result<(), Error> {
        check::refuse("quick replies", &self.problems())
    }
}
