//! What a message that was published while the simulator runs says in the history.

use serde_json::Value;

use super::message::Content;

/// The content of an event as messaging published it; a kind that the history does not know is text.
pub(super) fn content(event: &Value) -> Content {
    let text = |value: &Value, name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let replies = event.get("quickReplies").map(Value::to_string);
    if event.get("type").and_then(Value::as_str) == Some("RichContentEvent") {
        let content = event.get("content").or_else(|| event.get("message"));
        return Content::Rich {
            content: content.map(Value::to_string).unwrap_or_default(),
            replies,
        };
    }
    let message = event.get("message").unwrap_or(&Value::Null);
    let plain = message.as_str().map_or_else(|| message.to_string(), str::to_owned);
    match event.get("contentType").and_then(Value::as_str).unwrap_or("") {
        "text/html" => Content::Html(plain.into()),
        "hosted/file" | "HostedFile" => Content::File {
            path: text(message, "relativePath"),
            kind: file_kind(&text(message, "fileType")),
            caption: text(message, "caption").into(),
            preview: text(message, "preview"),
        },
        "forms/secure-invitation" => Content::FormInvitation {
            form: text(message, "formId").parse().unwrap_or(0),
            name: "Secure form",
            invitation: text(message, "invitationId"),
        },
        "forms/secure-submission" => Content::FormSubmission {
            form: 0,
            name: "Secure form",
            invitation: text(message, "invitationId"),
            submission: text(message, "submissionId"),
        },
        _ => match replies {
            Some(replies) => Content::QuickReplies {
                text: plain.into(),
                replies,
            },
            None => Content::Plain(plain.into()),
        },
    }
}

fn file_kind(kind: &str) -> &'static str {
    ["JPG", "JPEG", "PNG", "GIF", "PDF", "TXT"]
        .into_iter()
        .find(|known| known.eq_ignore_ascii_case(kind))
        .unwrap_or("IMG")
}
