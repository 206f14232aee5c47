//! Names of socket messages: a table for the client and a plain one for le-sim.

use super::rust::{const_array, doc, head, literal};
use crate::catalogue::{MessageKind, Messages};

/// The table of the client crate.
pub(super) fn client(messages: &Messages) -> String {
    table(messages, "Name", "le_core::Error::operation")
}

/// The table of le-sim. It has the same columns, since there is nothing else to say, but no type of the clients.
pub(super) fn simulator(messages: &Messages) -> String {
    table(messages, "Message", "the client's errors")
}

fn table(messages: &Messages, type_name: &str, seen_in: &str) -> String {
    let mut out = head("messages.json", "Socket messages, with their names in both dialects.");
    out.push_str(&format!(
        "/// What a message is called on the agent socket and on the consumer socket; `None` where it does not exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct {type_name} {{
    /// The name in the catalogue, as in `{seen_in}`.
    pub id: &'static str,
    /// On the agent socket.
    pub agent: Option<&'static str>,
    /// The response there; notifications have none.
    pub agent_response: Option<&'static str>,
    /// On the consumer socket.
    pub consumer: Option<&'static str>,
    /// The response there; notifications have none.
    pub consumer_response: Option<&'static str>,
}}
"
    ));
    for message in &messages.messages {
        let evidence = format!("Evidence: {}.", message.evidence.as_str());
        out.push('\n');
        out.push_str(&doc(&[&message.summary, &evidence], 0));
        out.push_str(&format!(
            "pub const {}: {type_name} = {type_name} {{\n",
            message.constant
        ));
        out.push_str(&format!("    id: {},\n", literal(&message.id)));
        for (field, value) in [
            ("agent", &message.agent),
            ("agent_response", &message.agent_response),
            ("consumer", &message.consumer),
            ("consumer_response", &message.consumer_response),
        ] {
            let value = value
                .as_ref()
                .map_or_else(|| "None".to_owned(), |text| format!("Some({})", literal(text)));
            out.push_str(&format!("    {field}: {value},\n"));
        }
        out.push_str("};\n");
    }
    for (kind, constant, what) in [
        (MessageKind::Request, "REQUESTS", "request"),
        (MessageKind::Notification, "NOTIFICATIONS", "notification"),
    ] {
        out.push_str(&format!("\n/// Every {what}.\n"));
        let names: Vec<_> = messages
            .messages
            .iter()
            .filter(|message| message.kind == kind)
            .map(|message| message.constant.clone())
            .collect();
        out.push_str(&const_array(constant, type_name, &names));
    }
    out
}
