//! What waits to be sent to one link, and the faults that meet it on the way.

use std::{collections::VecDeque, time::Duration};

use bytes::Bytes;
use serde_json::{Value, json};
use tokio::sync::mpsc::UnboundedSender;
use tokio_tungstenite::tungstenite::Utf8Bytes;

use super::wire::Frame;
use crate::faults::FaultAction;

/// Frames that the inbox of a driven consumer keeps.
const INBOX: usize = 2_000;

/// What a socket is to do next.
#[derive(Debug, Clone)]
pub(crate) enum Outgoing {
    Text(Utf8Bytes),
    Binary(Bytes),
    /// One message in several WebSocket frames.
    Split(Utf8Bytes),
    /// Bytes that are no WebSocket frame.
    Raw(Bytes),
    Close(u16, String),
    /// End the connection without a close frame.
    Abort,
    /// Freeze: keep the connection, answer nothing any more.
    Silence,
    /// Frames that come later, whatever is sent in between.
    Later(Duration, Vec<Outgoing>),
}

/// The way to a link.
#[derive(Debug)]
pub(crate) enum Outbox {
    Socket {
        sender: UnboundedSender<Outgoing>,
        /// A frame that is to come after the next one.
        held: Vec<Outgoing>,
    },
    /// A consumer that the control API drives: what it saw is kept.
    Inbox(VecDeque<Value>),
}

impl Outbox {
    pub(crate) fn socket(sender: UnboundedSender<Outgoing>) -> Self {
        Self::Socket {
            sender,
            held: Vec::new(),
        }
    }

    pub(crate) fn inbox() -> Self {
        Self::Inbox(VecDeque::new())
    }

    /// Sends a frame as it is.
    pub(crate) fn send(&mut self, frame: Frame) {
        match self {
            // A receiver that is gone has its end on the way.
            Self::Socket { sender, held } => {
                let _ = sender.send(Outgoing::Text(frame.text));
                for late in held.drain(..) {
                    let _ = sender.send(late);
                }
            }
            Self::Inbox(frames) => {
                if frames.len() >= INBOX {
                    frames.pop_front();
                }
                frames.push_back(serde_json::from_str(frame.text.as_str()).unwrap_or(Value::Null));
            }
        }
    }

    /// Has the socket do something else than send a frame.
    pub(crate) fn order(&mut self, order: Outgoing) {
        if let Self::Socket { sender, .. } = self {
            let _ = sender.send(order);
        }
    }

    /// Sends a frame as the faults that fired on it say.
    pub(crate) fn send_faulted(&mut self, frame: Frame, actions: &[FaultAction]) {
        let Self::Socket { sender, held } = self else {
            return self.send(frame);
        };
        let mut out = vec![Outgoing::Text(frame.text.clone())];
        let mut delay = None;
        let mut after = Vec::new();
        let mut reorder = false;
        for action in actions {
            match action {
                FaultAction::FrameDrop => out.clear(),
                FaultAction::FrameDuplicate => out.extend(out.clone()),
                FaultAction::FrameReorder => reorder = true,
                FaultAction::Delay { ms } => delay = Some(Duration::from_millis(*ms)),
                FaultAction::SocketClose { code, reason } => after.push(Outgoing::Close(*code, reason.clone())),
                FaultAction::SocketSilent => after.push(Outgoing::Silence),
                FaultAction::ResetBeforeBody => {
                    out.clear();
                    after.push(Outgoing::Abort);
                }
                FaultAction::ResetAfterBody => after.push(Outgoing::Abort),
                other => out.iter_mut().for_each(|one| damage(one, &frame.text, other)),
            }
        }
        out.extend(after);
        if reorder {
            held.extend(out);
            return;
        }
        out.append(held);
        if let Some(delay) = delay {
            let _ = sender.send(Outgoing::Later(delay, out));
            return;
        }
        for one in out {
            let _ = sender.send(one);
        }
    }
}

/// Changes the look of one frame.
fn damage(out: &mut Outgoing, text: &Utf8Bytes, action: &FaultAction) {
    let whole = text.as_str();
    *out = match action {
        FaultAction::MalformedJson => Outgoing::Text(half(whole).into()),
        FaultAction::TruncatedBody { keep } => {
            let keep = keep
                .and_then(|keep| usize::try_from(keep).ok())
                .unwrap_or(whole.len() / 2);
            Outgoing::Text(floor(whole, keep).into())
        }
        FaultAction::FrameBinary => Outgoing::Binary(Bytes::copy_from_slice(whole.as_bytes())),
        FaultAction::FrameSplit => Outgoing::Split(text.clone()),
        // Final, reserved opcode 3, no payload: RFC 6455 lets no peer accept it.
        FaultAction::FrameBroken => Outgoing::Raw(Bytes::from_static(&[0x83, 0x00])),
        FaultAction::FrameOversize { bytes } => {
            let padding = usize::try_from(*bytes)
                .unwrap_or(usize::MAX)
                .saturating_sub(whole.len())
                .min(64 << 20);
            Outgoing::Text(format!("{whole}{}", " ".repeat(padding)).into())
        }
        FaultAction::UnknownReqId => Outgoing::Text(renamed(whole).into()),
        _ => return,
    };
}

fn half(text: &str) -> &str {
    floor(text, text.len() / 2)
}

/// The first bytes of a text, cut between characters.
fn floor(text: &str, mut at: usize) -> &str {
    at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    &text[..at]
}

/// An answer under an id that nobody used.
fn renamed(text: &str) -> String {
    match serde_json::from_str::<Value>(text) {
        Ok(mut frame) if frame.get("reqId").is_some() => {
            frame["reqId"] = json!("unknown-to-everyone");
            frame.to_string()
        }
        _ => text.to_owned(),
    }
}
