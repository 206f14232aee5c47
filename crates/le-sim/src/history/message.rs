//! Messages and what was reported about them.

use std::sync::Arc;

use super::cast::AgentCard;
use super::conversation::Text;

/// One entry of `messageRecords`.
#[derive(Debug, Clone)]
pub(super) struct Message {
    pub(super) seq: u32,
    /// Which of the conversation's dialogs.
    pub(super) dialog: usize,
    pub(super) time: i64,
    /// `None`: the consumer.
    pub(super) agent: Option<Arc<AgentCard>>,
    /// Only agents and managers see it.
    pub(super) internal: bool,
    pub(super) content: Content,
    pub(super) context: Option<Box<ContextData>>,
    pub(super) predefined: Option<Predefined>,
}

/// What a message says.
#[derive(Debug, Clone)]
pub(super) enum Content {
    Plain(Text),
    Html(Text),
    /// Text with quick replies under it (JSON text).
    QuickReplies {
        text: Text,
        replies: String,
    },
    /// Structured content (JSON text), with or without quick replies.
    Rich {
        content: String,
        replies: Option<String>,
    },
    Link {
        address: Text,
        caption: Text,
    },
    File {
        path: String,
        kind: &'static str,
        caption: Text,
        preview: String,
    },
    FormInvitation {
        form: u64,
        name: &'static str,
        invitation: String,
    },
    FormSubmission {
        form: u64,
        name: &'static str,
        invitation: String,
        submission: String,
    },
}

impl Content {
    /// The wire value of `type`.
    pub(super) const fn kind(&self) -> &'static str {
        match self {
            Self::Plain(_) | Self::QuickReplies { .. } => "TEXT_PLAIN",
            Self::Html(_) => "TEXT_HTML",
            Self::Rich { .. } => "RICH_CONTENT",
            Self::Link { .. } => "LINK",
            Self::File { .. } => "HOSTED_FILE",
            Self::FormInvitation { .. } => "SECURE_FORM_INVITATION",
            Self::FormSubmission { .. } => "SECURE_FORM_SUBMIT",
        }
    }

    /// What the `keyword` filter looks into. The page says "text in messages" and no more: captions count, cards do not.
    pub(super) fn searchable(&self) -> Option<&str> {
        match self {
            Self::Plain(text) | Self::Html(text) | Self::QuickReplies { text, .. } => Some(text),
            Self::Link { caption, .. } | Self::File { caption, .. } => Some(caption),
            Self::Rich { .. } | Self::FormInvitation { .. } | Self::FormSubmission { .. } => None,
        }
    }
}

/// `contextData`: what a bot or an assisting service attached.
#[derive(Debug, Clone)]
pub(super) enum ContextData {
    BotResponse {
        conversation: String,
        business_case: &'static str,
        intent: &'static str,
        confidence: u32,
    },
    ActionReason(&'static str),
    /// An automatic summary of a segment: only the raw form.
    Summary(String),
}

/// A canned answer was used.
#[derive(Debug, Clone)]
pub(super) struct Predefined {
    pub(super) id: u32,
    pub(super) category: u32,
    pub(super) language: &'static str,
    pub(super) edited: bool,
}

/// One entry of `messageStatuses`.
#[derive(Debug, Clone)]
pub(super) struct MessageStatus {
    /// Which of the conversation's messages.
    pub(super) message: usize,
    pub(super) time: i64,
    /// Who reports; `None`: the consumer.
    pub(super) agent: Option<Arc<AgentCard>>,
    pub(super) status: &'static str,
}

/// One entry of `messageScores`.
#[derive(Debug, Clone)]
pub(super) struct MessageScore {
    /// Which of the conversation's messages.
    pub(super) message: usize,
    pub(super) raw: i64,
    pub(super) mcs: i64,
    pub(super) time: i64,
}
