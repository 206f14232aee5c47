//! Reads the file again: what counts is what is on the disk.

use std::collections::{BTreeSet, HashSet};
use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::Path;

use serde::Deserialize;

use crate::failure::{Failure, Result};

/// What the file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Verified {
    pub(super) lines: u64,
    pub(super) distinct: u64,
    pub(super) bytes: u64,
    /// Kinds of attributes that the conversation of the visitor has.
    pub(super) attributes: usize,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Line {
    info: Info,
    #[serde(default)]
    un_auth_sdes: Attributes,
}

/// What unauthenticated visitors reported.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Attributes {
    events: Vec<Attribute>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Attribute {
    sde_type: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Info {
    conversation_id: String,
}

/// Counts lines and distinct conversations, and the attributes of one of them.
pub(super) fn verify(path: &Path, of_visit: &str) -> Result<Verified> {
    let failed = |e: std::io::Error| Failure::file("read", path, &e);
    let file = File::open(path).map_err(failed)?;
    let bytes = file.metadata().map_err(failed)?.len();
    let mut seen = HashSet::new();
    let mut attributes = BTreeSet::new();
    let mut lines = 0;
    for line in BufReader::new(file).lines() {
        let line = line.map_err(failed)?;
        lines += 1;
        let read: Line = serde_json::from_str(&line).map_err(|e| {
            Failure::new(
                crate::exit::Exit::Data,
                format!("line {lines} of {} is no conversation", path.display()),
            )
            .because(e.to_string())
        })?;
        if read.info.conversation_id == of_visit {
            attributes.extend(read.un_auth_sdes.events.into_iter().map(|event| event.sde_type));
        }
        seen.insert(read.info.conversation_id);
    }
    Ok(Verified {
        lines,
        distinct: seen.len() as u64,
        bytes,
        attributes: attributes.len(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_conversations_once() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("c.jsonl");
        std::fs::write(
            &path,
            "{\"info\":{\"conversationId\":\"a\"}}\n{\"info\":{\"conversationId\":\"a\"},\"unAuthSdes\":{\"events\":[{\"sdeType\":\"LEAD\"}]}}\n",
        )
        .unwrap();
        let expected = Verified {
            lines: 2,
            distinct: 1,
            bytes: 109,
            attributes: 1,
        };
        assert_eq!(verify(&path, "a").unwrap(), expected);
        assert_eq!(verify(&path, "b").unwrap().attributes, 0);
        std::fs::write(&path, "{\"info\":{\"conversationId\":\"a\"").unwrap();
        assert_eq!(verify(&path, "").unwrap_err().exit(), crate::exit::Exit::Data);
    }
}
