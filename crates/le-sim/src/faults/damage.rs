//! What is done to an answer that was computed correctly.

use axum::{body::Body, response::Response};
use bytes::Bytes;
use http::{
    HeaderValue,
    header::{CONTENT_LENGTH, CONTENT_TYPE},
};

use crate::{
    body::{Chunks, Drip, Truncated},
    faults::{FaultAction, records},
    wire::ConnectionHandle,
};

/// A fault that acts on the answer.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Damage {
    Truncate(Option<u64>),
    MalformedJson,
    SlowDrip { bytes: usize, every_ms: u64 },
    DuplicateRecord(usize),
    BrokenRecord(usize),
    LostRecord(usize),
    PartialRecord(usize),
    PartialShards { failed: u32, total: u32 },
    ContentType(String),
    EmptyBody,
}

impl Damage {
    /// The damage that an action does to an answer; `None` if it acts earlier.
    pub(crate) fn of(action: &FaultAction) -> Option<Self> {
        Some(match action {
            FaultAction::TruncatedBody { keep } => Self::Truncate(*keep),
            FaultAction::MalformedJson => Self::MalformedJson,
            FaultAction::SlowDrip { bytes, every_ms } => Self::SlowDrip {
                bytes: *bytes,
                every_ms: *every_ms,
            },
            FaultAction::DuplicateRecord { index } => Self::DuplicateRecord(*index),
            FaultAction::BrokenRecord { index } => Self::BrokenRecord(*index),
            FaultAction::LostRecord { index } => Self::LostRecord(*index),
            FaultAction::PartialRecord { index } => Self::PartialRecord(*index),
            FaultAction::PartialShards { failed, total } => Self::PartialShards {
                failed: *failed,
                total: *total,
            },
            FaultAction::ContentType { value } => Self::ContentType(value.clone()),
            FaultAction::EmptyBody => Self::EmptyBody,
            // Others act before the answer, on the connection, or on frames.
            _ => return None,
        })
    }
}

/// Applies `damages` in order. How the bytes leave (truncated, slowly) is decided last, whatever the order.
pub(crate) async fn damaged(answer: Response, damages: &[Damage], connection: &ConnectionHandle) -> Response {
    let (mut parts, body) = answer.into_parts();
    let mut bytes = match axum::body::to_bytes(body, usize::MAX).await {
        Ok(bytes) => bytes,
        Err(_) => Bytes::new(),
    };
    parts.headers.remove(CONTENT_LENGTH);
    for damage in damages {
        match damage {
            Damage::MalformedJson => bytes = malformed(&bytes),
            Damage::DuplicateRecord(index) => {
                bytes = records::changed(&bytes, *index, |record| vec![record.into(), record.into()])
            }
            Damage::BrokenRecord(index) => bytes = records::changed(&bytes, *index, |_| vec![records::BROKEN.into()]),
            Damage::LostRecord(index) => bytes = records::changed(&bytes, *index, |_| Vec::new()),
            Damage::PartialRecord(index) => bytes = records::changed(&bytes, *index, records::partial),
            Damage::PartialShards { failed, total } => bytes = records::of_shards(&bytes, *failed, *total),
            Damage::EmptyBody => bytes = Bytes::new(),
            Damage::ContentType(value) => {
                if let Ok(value) = HeaderValue::from_str(value) {
                    parts.headers.insert(CONTENT_TYPE, value);
                }
            }
            Damage::Truncate(_) | Damage::SlowDrip { .. } => {}
        }
    }
    let body = damages
        .iter()
        .find_map(|damage| match damage {
            Damage::Truncate(keep) => {
                let total = bytes.len();
                let keep = keep.map_or(total / 2, |keep| usize::try_from(keep).unwrap_or(total));
                // One byte at least stays away, or it would be a whole body.
                let sent = bytes.slice(..keep.min(total.saturating_sub(1)));
                parts.headers.insert(CONTENT_LENGTH, HeaderValue::from(total.max(1)));
                Some(Body::new(Truncated::new(sent, connection.clone())))
            }
            Damage::SlowDrip { bytes: piece, every_ms } => Some(Body::new(Drip::new(bytes.clone(), *piece, *every_ms))),
            _ => None,
        })
        .unwrap_or_else(|| Body::new(Chunks::one(bytes.clone())));
    Response::from_parts(parts, body)
}

/// Cuts the text where it stands in the middle of a value and closes it with a bracket that does not belong there.
fn malformed(bytes: &Bytes) -> Bytes {
    let mut broken = bytes.slice(..bytes.len() * 2 / 3).to_vec();
    broken.extend_from_slice(b"\x22,,]");
    Bytes::from(broken)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn malformed_json_is_never_json() {
        for text in [&b"{}"[..], b"", b"[1,2,3]", b"\"text\"", b"{\"a\":[1,2]}"] {
            let broken = malformed(&Bytes::copy_from_slice(text));
            assert!(serde_json::from_slice::<serde_json::Value>(&broken).is_err());
        }
    }
}
