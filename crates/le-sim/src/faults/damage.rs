//! What is done to an answer that was computed correctly.

use axum::{body::Body, response::Response};
use bytes::Bytes;
use http::{
    HeaderValue,
    header::{CONTENT_LENGTH, CONTENT_TYPE},
};
use serde_json::value::RawValue;

use crate::{
    body::{Chunks, Drip, Truncated},
    faults::FaultAction,
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
            Damage::DuplicateRecord(index) => bytes = with_records(&bytes, *index, |record| vec![record, record]),
            Damage::BrokenRecord(index) => {
                bytes = with_records(&bytes, *index, |_| vec![r#"{"info":[7],"messageRecords":"none"}"#])
            }
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

/// Rewrites one record of a history page; anything else stays as it is.
fn with_records<'a>(page: &'a Bytes, index: usize, change: impl Fn(&'a str) -> Vec<&'a str>) -> Bytes {
    #[derive(serde::Deserialize)]
    struct Page<'a> {
        #[serde(rename = "_metadata", borrow, default)]
        metadata: Option<&'a RawValue>,
        #[serde(rename = "conversationHistoryRecords", borrow)]
        records: Vec<&'a RawValue>,
    }
    let Ok(Page { metadata, records }) = serde_json::from_slice::<Page<'a>>(page) else {
        return page.clone();
    };
    let records: Vec<&str> = records
        .iter()
        .enumerate()
        .flat_map(|(at, record)| {
            if at == index {
                change(record.get())
            } else {
                vec![record.get()]
            }
        })
        .collect();
    let metadata = metadata.map_or("null", RawValue::get);
    Bytes::from(format!(
        r#"{{"_metadata":{metadata},"conversationHistoryRecords":[{}]}}"#,
        records.join(",")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page() -> Bytes {
        Bytes::from_static(
            br#"{"_metadata":{"count":2},"conversationHistoryRecords":[{"info":{"a": 1}},{"info":{"b":2}}]}"#,
        )
    }

    #[test]
    fn a_record_is_repeated_or_broken_and_its_neighbours_keep_their_text() {
        let twice = with_records(&page(), 1, |record| vec![record, record]);
        let value: serde_json::Value = serde_json::from_slice(&twice).unwrap();
        assert_eq!(value["conversationHistoryRecords"].as_array().unwrap().len(), 3);
        assert_eq!(value["_metadata"]["count"], 2);
        let broken = with_records(&page(), 0, |_| vec!["{}"]);
        assert_eq!(
            &broken[..],
            br#"{"_metadata":{"count":2},"conversationHistoryRecords":[{},{"info":{"b":2}}]}"#
        );
    }

    #[test]
    fn what_is_not_a_page_stays() {
        let text = Bytes::from_static(b"<html>");
        assert_eq!(with_records(&text, 0, |record| vec![record]), text);
        assert_eq!(with_records(&page(), 9, |_| vec![]).len(), page().len());
    }

    #[test]
    fn malformed_json_is_never_json() {
        for text in [&b"{}"[..], b"", b"[1,2,3]", b"\"text\"", &page()] {
            let broken = malformed(&Bytes::copy_from_slice(text));
            assert!(serde_json::from_slice::<serde_json::Value>(&broken).is_err());
        }
    }
}
