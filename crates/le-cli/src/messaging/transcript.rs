//! Events of a dialog as lines for people, or as JSON for machines.

use le_bots::conversation::Role;
use le_bots::event::{AcceptStatus, ChatState, DialogEvent};
use serde_json::{Value, json};

use super::card::Card;

/// Text of somebody else without what a terminal would obey.
pub(crate) fn printable(text: &str) -> String {
    text.chars()
        .map(|c| if c == '\t' { ' ' } else { c })
        .filter(|c| *c == '\n' || !c.is_control())
        .collect()
}

/// Who wrote an event, in a word.
pub(crate) fn writer(event: &DialogEvent) -> &'static str {
    let role = event
        .originator
        .as_ref()
        .and_then(|originator| originator.role.as_ref());
    match role {
        Some(Role::Consumer) => "consumer",
        Some(Role::AssignedAgent | Role::Agent) => "agent",
        Some(Role::Manager) => "manager",
        Some(Role::Controller) => "system",
        _ => "somebody",
    }
}

/// The lines of an event; none where there is nothing to see.
pub(crate) fn lines(event: &DialogEvent) -> Vec<String> {
    let Some(inner) = &event.event else { return Vec::new() };
    let who = writer(event);
    if let Some(state) = &inner.chat_state {
        return remark(who, state).into_iter().collect();
    }
    let private = if event.is_private() { " (private)" } else { "" };
    let mut lines = Vec::new();
    if let Some(text) = inner.as_text() {
        lines.push(format!("{who}{private}: {}", printable(text)));
    } else if let Some(file) = inner.as_file() {
        let caption = printable(file.caption.as_deref().unwrap_or_default());
        let path = printable(file.relative_path.as_deref().unwrap_or_default());
        lines.push(format!("{who}{private}: (file) {caption} {path}"));
    }
    if let Some(card) = Card::of(inner) {
        if lines.is_empty() {
            lines.push(format!("{who}{private}: (card)"));
        }
        lines.extend(card.lines);
    }
    if let Some(status @ (AcceptStatus::Read | AcceptStatus::Action)) = &inner.status {
        let did = if *status == AcceptStatus::Read {
            "has read"
        } else {
            "has pressed a button of"
        };
        let sequences: Vec<_> = inner.receipts().map(|sequence| sequence.to_string()).collect();
        lines.push(format!("-- {who} {did} {}", sequences.join(", ")));
    }
    lines
}

fn remark(who: &str, state: &ChatState) -> Option<String> {
    let does = match state {
        ChatState::Composing => "is typing",
        ChatState::Gone => "has left",
        ChatState::Background => "is away",
        _ => return None,
    };
    Some(format!("-- {who} {does}"))
}

/// Whether the event is a message: something to read, to answer and to acknowledge.
pub(crate) fn is_message(event: &DialogEvent) -> bool {
    event
        .event
        .as_ref()
        .is_some_and(|inner| inner.status.is_none() && inner.chat_state.is_none())
}

/// One line of JSON: what happened, with the event as the service sent it.
pub(crate) fn to_json(event: &DialogEvent) -> Value {
    json!({
        "kind": "event",
        "conversation": event.conversation(),
        "dialog": event.dialog_id,
        "sequence": event.sequence,
        "by": writer(event),
        "at": event.server_timestamp,
        "private": event.is_private(),
        "event": event.event,
        "metadata": event.metadata,
    })
}

#[cfg(test)]
mod tests {
    use le_bots::Event;

    use super::*;

    fn event(role: Role, event: Event) -> DialogEvent {
        let mut originator = le_bots::event::Originator::default();
        originator.role = Some(role);
        let mut given = DialogEvent::default();
        given.originator = Some(originator);
        given.event = Some(event);
        given
    }

    #[test]
    fn what_others_write_cannot_drive_the_terminal() {
        assert_eq!(printable("a\u{1b}[31mb\u{7}\tc\nd\u{9b}"), "a[31mb c\nd");
    }

    #[test]
    fn events_are_lines() {
        let text = event(Role::Consumer, Event::text("Hello?"));
        assert_eq!(lines(&text), ["consumer: Hello?"]);
        let typing = event(Role::AssignedAgent, Event::chat_state(ChatState::Composing));
        assert_eq!(lines(&typing), ["-- agent is typing"]);
        let read = event(Role::Consumer, Event::receipt(AcceptStatus::Read, [3, 4]));
        assert_eq!(lines(&read), ["-- consumer has read 3, 4"]);
        let accept = event(Role::Consumer, Event::receipt(AcceptStatus::Accept, [3]));
        assert!(lines(&accept).is_empty());
        assert!(is_message(&text) && !is_message(&read) && !is_message(&typing));
    }
}
