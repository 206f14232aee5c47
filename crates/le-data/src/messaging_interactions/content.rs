//! What a message says, whatever its kind.

use serde_json::Value;

use super::message::{FileContent, LinkContent, Message, SecureForm, StructuredContent};

/// What a message says.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum MessageContent<'a> {
    /// Text.
    Text(&'a str),
    /// Structured content, parsed.
    Rich(Value),
    /// A file that the vendor stores.
    File(&'a FileContent),
    /// A link to a file elsewhere.
    Link(LinkContent),
    /// A secure form.
    SecureForm(SecureForm),
}

impl Message {
    /// What the message says; `None` where there is nothing that this version knows. Structured content wins over the text
    /// beside it.
    #[must_use]
    pub fn content(&self) -> Option<MessageContent<'_>> {
        let data = self.data.as_ref()?;
        if let Some(rich) = self.rich_content() {
            return Some(MessageContent::Rich(rich));
        }
        if let Some(file) = &data.file {
            return Some(MessageContent::File(file));
        }
        if let Some(text) = self.text() {
            return Some(MessageContent::Text(text));
        }
        if let Some(form) = data.secure_form() {
            return Some(MessageContent::SecureForm(form));
        }
        data.link().map(MessageContent::Link)
    }

    /// The structured content, parsed.
    #[must_use]
    pub fn rich_content(&self) -> Option<Value> {
        self.data.as_ref()?.rich_content.as_ref()?.to_value()
    }

    /// The quick replies, parsed.
    #[must_use]
    pub fn quick_replies(&self) -> Option<Value> {
        self.data.as_ref()?.quick_replies.as_ref()?.to_value()
    }

    /// The file.
    #[must_use]
    pub fn file(&self) -> Option<&FileContent> {
        self.data.as_ref()?.file.as_ref()
    }

    /// All that a person would read of it: the text, or the texts and titles of structured content, one a line, then quick
    /// replies.
    #[must_use]
    pub fn plain_text(&self) -> Option<String> {
        let mut lines: Vec<String> = self.text().map(str::to_owned).into_iter().collect();
        if let Some(data) = &self.data {
            for content in [&data.rich_content, &data.quick_replies].into_iter().flatten() {
                lines.extend(content.texts());
            }
        }
        (!lines.is_empty()).then(|| lines.join("\n"))
    }
}

impl StructuredContent {
    /// The texts and titles in the order in which they stand.
    #[must_use]
    pub fn texts(&self) -> Vec<String> {
        let mut texts = Vec::new();
        if let Some(value) = self.to_value() {
            collect(&value, &mut texts);
        }
        texts
    }
}

fn collect(value: &Value, texts: &mut Vec<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect(item, texts)),
        Value::Object(members) => {
            for key in ["text", "title", "caption"] {
                if let Some(Value::String(text)) = members.get(key) {
                    texts.push(text.clone());
                }
            }
            // What is clicked carries text for the bot, not for the reader.
            let shown = members
                .iter()
                .filter(|(key, _)| !matches!(key.as_str(), "click" | "style" | "metadata"));
            shown.for_each(|(_, inner)| collect(inner, texts));
        }
        _ => {}
    }
}
