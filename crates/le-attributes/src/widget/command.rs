//! What a widget may do in the workspace.

use le_core::wire::RawRecord;
use le_core::{Error, Result};
use serde::Serialize;
use serde::ser::SerializeStruct as _;

le_core::open_enum! {
    /// The name of a command on the wire. In the browser they are constants of `lpTag.agentSDK.cmdNames`.
    pub enum CommandName {
        /// `cmdNames.write`.
        WriteChatLine => "Write ChatLine",
        /// `cmdNames.writeSC`.
        WriteStructuredContent => "Write StructuredContent",
        /// `cmdNames.notify`.
        SendNotification => "Send Notification",
        /// `cmdNames.sendFile`.
        SendFile => "Send File",
    }
}

/// A command with its payload. Written as `{"command": "...", "data": {...}}`; a page hands both to `lpTag.agentSDK.command`.
///
/// ```
/// use le_attributes::widget::Command;
///
/// let command = Command::write("Shall I send the form?");
/// assert_eq!(
///     serde_json::to_string(&command)?,
///     r#"{"command":"Write ChatLine","data":{"text":"Shall I send the form?"}}"#
/// );
/// # Ok::<_, serde_json::Error>(())
/// ```
///
/// <https://developers.liveperson.com/agent-workspace-widget-sdk-methods.html>
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Command {
    /// Puts text where the agent writes. HTML in chat, plain text in messaging.
    Write {
        /// The text.
        text: String,
        /// Quick replies under it, as JSON.
        quick_replies: Option<RawRecord>,
    },
    /// Sends structured content.
    WriteStructuredContent {
        /// The content, as JSON.
        json: RawRecord,
        /// Quick replies under it, as JSON.
        quick_replies: Option<RawRecord>,
        /// Metadata, each as JSON.
        metadata: Vec<RawRecord>,
    },
    /// Draws the agent's attention to the widget.
    Notify,
    /// Sends a file; messaging only, and only with one of two file-sharing permissions.
    SendFile {
        /// Its name.
        name: String,
        /// What is in it.
        content: FileContent,
    },
}

/// What is in a file. The SDK wants a `Blob`, which only a browser has: the page makes one from this.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FileContent {
    /// Media type, e.g. `application/pdf`.
    pub media_type: String,
    /// The bytes in base64.
    pub base64: String,
}

impl Command {
    /// Text where the agent writes.
    #[must_use]
    pub fn write(text: impl Into<String>) -> Self {
        Self::Write {
            text: text.into(),
            quick_replies: None,
        }
    }

    /// Structured content.
    #[must_use]
    pub fn structured_content(json: RawRecord) -> Self {
        Self::WriteStructuredContent {
            json,
            quick_replies: None,
            metadata: Vec::new(),
        }
    }

    /// Puts quick replies under text or structured content; other commands have none.
    #[must_use]
    pub fn with_quick_replies(mut self, replies: RawRecord) -> Self {
        if let Self::Write { quick_replies, .. } | Self::WriteStructuredContent { quick_replies, .. } = &mut self {
            *quick_replies = Some(replies);
        }
        self
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> CommandName {
        match self {
            Self::Write { .. } => CommandName::WriteChatLine,
            Self::WriteStructuredContent { .. } => CommandName::WriteStructuredContent,
            Self::Notify => CommandName::SendNotification,
            Self::SendFile { .. } => CommandName::SendFile,
        }
    }

    /// Whether the SDK can carry it out.
    ///
    /// # Errors
    /// [`ErrorKind::Validation`](le_core::ErrorKind::Validation) naming the member and the rule.
    pub fn check(&self) -> Result<()> {
        let object = |name: &str, json: &RawRecord| {
            if json.as_str().starts_with('{') {
                return Ok(());
            }
            Err(Error::validation(format!("`{name}` is not a JSON object")).with_advice("give the whole document"))
        };
        let filled = |name: &str, text: &str| {
            if text.trim().is_empty() {
                return Err(Error::validation(format!("`{name}` is empty")).with_advice("fill it"));
            }
            Ok(())
        };
        match self {
            Self::Write { text, quick_replies } => {
                filled("text", text)?;
                quick_replies
                    .iter()
                    .try_for_each(|replies| object("quickReplies", replies))
            }
            Self::WriteStructuredContent {
                json,
                quick_replies,
                metadata,
            } => {
                object("json", json)?;
                quick_replies
                    .iter()
                    .try_for_each(|replies| object("quickReplies", replies))?;
                metadata.iter().try_for_each(|item| object("metadata", item))
            }
            Self::Notify => Ok(()),
            Self::SendFile { name, content } => {
                filled("name", name)?;
                filled("file", &content.base64)
            }
        }
    }
}

/// The payload of a command.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Payload<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    json: Option<&'a RawRecord>,
    #[serde(skip_serializing_if = "Option::is_none")]
    quick_replies: Option<&'a RawRecord>,
    #[serde(skip_serializing_if = "<[RawRecord]>::is_empty")]
    metadata: &'a [RawRecord],
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'a FileContent>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
}

impl Serialize for Command {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut payload = Payload {
            text: None,
            json: None,
            quick_replies: None,
            metadata: &[],
            file: None,
            name: None,
        };
        match self {
            Self::Write { text, quick_replies } => {
                payload.text = Some(text);
                payload.quick_replies = quick_replies.as_ref();
            }
            Self::WriteStructuredContent {
                json,
                quick_replies,
                metadata,
            } => {
                payload.json = Some(json);
                payload.quick_replies = quick_replies.as_ref();
                payload.metadata = metadata;
            }
            Self::Notify => {}
            Self::SendFile { name, content } => {
                payload.name = Some(name);
                payload.file = Some(content);
            }
        }
        let mut out = serializer.serialize_struct("Command", 2)?;
        out.serialize_field("command", self.name().as_str())?;
        out.serialize_field("data", &payload)?;
        out.end()
    }
}

/// The profile of a consumer who is not authenticated, for `setConsumerProfile`. A field that is not known is empty text: the SDK
/// throws on `null`.
///
/// The account needs the feature AgentSetConsumerProfile, and the agent who is assigned the permission to update consumer profiles.
#[derive(Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ConsumerProfile {
    /// Address of a picture.
    pub avatar_url: String,
    /// Address of a background.
    #[serde(rename = "backgndImgUri")]
    pub background_image: String,
    /// E-mail address.
    pub email: String,
    /// First name.
    pub first_name: String,
    /// Last name.
    pub last_name: String,
    /// Phone number.
    pub phone: String,
}

impl std::fmt::Debug for ConsumerProfile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ConsumerProfile(<redacted>)")
    }
}
