//! What was said, sorted by what a bot does with it.

use le_core::id::DialogId;
use le_core::wire::RawRecord;

use crate::conversation::Role;
use crate::event::{AcceptStatus, ContentType, DialogEvent, Event, EventType, HostedFile};
use crate::identity::ParticipantId;
pub use crate::structured_content::Press;

/// A message. Its number, time, author and metadata are those of [`Context::event`](super::Context::event).
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub enum Message {
    /// Text.
    Text(String),
    /// Structured content, as it came.
    Rich(RawRecord),
    /// A file: [`Context::receive_file`](super::Context::receive_file) fetches it.
    File(HostedFile),
    /// A button or quick reply was used. The text that it writes in the consumer's name is in here and does not come again.
    Press(Press),
    /// A secure form was submitted. What it holds never travels over the socket.
    SecureForm(SecureForm),
    /// Anything else.
    Other(Box<Event>),
}

impl std::fmt::Debug for Message {
    /// The kind alone, since what was said is personal.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Text(_) => "Text(..)",
            Self::Rich(_) => "Rich(..)",
            Self::File(_) => "File(..)",
            Self::Press(_) => "Press(..)",
            Self::SecureForm(_) => "SecureForm(..)",
            Self::Other(_) => "Other(..)",
        })
    }
}

impl Message {
    /// What was said, in words: the text, or what a pressed button writes or is called.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Press(press) => press.text.as_deref().or(press.title.as_deref()),
            _ => None,
        }
    }

    /// The id that the pressed button carried, or else the text.
    #[must_use]
    pub fn choice(&self) -> Option<String> {
        match self {
            Self::Press(press) => press.external_id().or_else(|| self.text().map(str::to_owned)),
            _ => self.text().map(str::to_owned),
        }
    }

    /// The message in a stored event; `None` for receipts.
    pub(super) fn of(event: &Event) -> Option<Self> {
        match &event.kind {
            Some(EventType::AcceptStatus | EventType::ChatState) => None,
            Some(EventType::RichContent) => Some(match event.as_rich() {
                Some(content) => Self::Rich(content.clone()),
                None => Self::Other(Box::new(event.clone())),
            }),
            _ => Some(content(event)),
        }
    }
}

fn content(event: &Event) -> Message {
    if let Some(file) = event.as_file() {
        return Message::File(file);
    }
    if event.content_type == Some(ContentType::SecureFormSubmission)
        && let Some(crate::event::Message::Json(raw)) = &event.message
        && let Ok(form) = raw.decode::<SecureForm>()
    {
        return Message::SecureForm(form.into_inner());
    }
    match event.as_text() {
        Some(text) => Message::Text(text.to_owned()),
        None => Message::Other(Box::new(event.clone())),
    }
}

le_core::record! {
    /// A secure form that was submitted.
    pub struct SecureForm {
        /// The invitation that it answers.
        invitation_id: Option<String> = "invitationId" [safe],
        /// The submission: [`DownloadToken`](crate::secure_form::DownloadToken) asks for the token that reads it once.
        submission_id: Option<String> = "submissionId" [safe],
    }
}

/// Who did something.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Author {
    /// Role at that time.
    pub role: Option<Role>,
    /// Id: old or public.
    pub id: Option<ParticipantId>,
}

impl Author {
    /// Of an event.
    #[must_use]
    pub fn of(event: &DialogEvent) -> Self {
        let originator = event.originator.as_ref();
        Self {
            role: originator.and_then(|one| one.role.clone()),
            id: event.originator_id.clone().or_else(|| originator?.id.clone()),
        }
    }

    /// Whether it is the consumer.
    #[must_use]
    pub fn is_consumer(&self) -> bool {
        self.role == Some(Role::Consumer)
    }
}

/// What became of messages.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Receipt {
    /// What is said of them.
    pub status: AcceptStatus,
    /// Their numbers in the dialog.
    pub sequences: Vec<i64>,
    /// The dialog.
    pub dialog: DialogId,
    /// Who says so.
    pub author: Author,
}
