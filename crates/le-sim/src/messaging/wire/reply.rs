//! Putting answers into words.

use serde_json::json;

use super::{Frame, Operation, event::Events, frame_text, json, names::string_type};
use crate::messaging::{
    engine::{Refusal, Reply, Version},
    rules::DialectKnobs,
};

/// The frame of a successful answer. `id` is a JSON string.
pub(crate) fn reply(version: Version, knobs: &DialectKnobs, id: &str, operation: Operation, reply: &Reply) -> Frame {
    let mut name = operation.answer_type(version);
    if version == Version::Consumer {
        match reply {
            Reply::MessagesSubscribed if knobs.dotted_subscribe_answer => name = ".ams.GenericSubscribeResponse",
            Reply::Url { .. } if knobs.short_url_answer => name = "ms.GenerateURLResponse",
            _ => {}
        }
    }
    let code = match reply {
        Reply::Text(code, _) => *code,
        _ => 200,
    };
    let mut out = head(id, code, name);
    out.extend_from_slice(b",\"body\":");
    body(&mut out, version, knobs, reply);
    out.push(b'}');
    Frame {
        name: operation.answer_name(),
        text: frame_text(out),
    }
}

/// The frame of a refusal. `id` is a JSON string, or `null` where there was none to read.
pub(crate) fn refusal(version: Version, id: &str, operation: Option<Operation>, refusal: &Refusal) -> Frame {
    let mut out = head(id, refusal.code, string_type(version));
    out.extend_from_slice(b",\"body\":");
    // No text of an answer is longer in the vendor's schema.
    let text: String = refusal.text.chars().take(128).collect();
    json(&mut out, &text);
    out.push(b'}');
    Frame {
        name: operation.map_or("response.unknown", Operation::answer_name),
        text: frame_text(out),
    }
}

fn head(id: &str, code: u16, name: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(160);
    out.extend_from_slice(b"{\"kind\":\"resp\",\"reqId\":");
    out.extend_from_slice(id.as_bytes());
    out.extend_from_slice(b",\"code\":");
    json(&mut out, &code);
    out.extend_from_slice(b",\"type\":");
    json(&mut out, name);
    out
}

fn body(out: &mut Vec<u8>, version: Version, knobs: &DialectKnobs, reply: &Reply) {
    match reply {
        Reply::Text(_, text) => json(out, text),
        Reply::Published(sequence) => {
            out.extend_from_slice(b"{\"sequence\":");
            json(out, sequence);
            out.push(b'}');
        }
        Reply::Clock(now) => json(out, &json!({ "currentTime": now })),
        Reply::Conversations(id) | Reply::Generic(id) => json(out, &json!({ "subscriptionId": &**id })),
        Reply::MessagesSubscribed => out.extend_from_slice(b"{}"),
        Reply::Events(events) => json(out, &Events { events, version, knobs }),
        Reply::Conversation(id) => json(out, &json!({ "conversationId": &**id })),
        Reply::Profile(profile) => json(out, profile),
        Reply::Url {
            path,
            signature,
            expires,
        } => json(
            out,
            &json!({
                "relativePath": path,
                "queryParams": { "temp_url_sig": signature, "temp_url_expires": expires },
            }),
        ),
        Reply::ReadToken(token) => json(out, &json!({ "token": { "readOtk": token } })),
        Reply::FormTokens { read, write } => {
            json(
                out,
                &json!({ "type": "SecureForm", "readOtk": read, "writeOtk": write }),
            );
        }
    }
}
