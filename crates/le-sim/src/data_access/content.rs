//! What stands in the files.

use std::io::Write as _;

use flate2::{Compression, write::GzEncoder};
use serde_json::{Value, json};

use super::{DataAccessKnobs, FileFormat, FileKind, Wrappers, agents, files::File};
use crate::{
    history::files::{
        Body, FileContent,
        avro::{array, long, named, string},
    },
    world::World,
};

/// The version of the schema that lines follow.
pub(super) const SCHEMA_VERSION: &str = "1.0.0.40";

/// The bodies of a kind whose time lies in a range, bounds included, one list for each line.
pub(super) fn of(world: &World, kind: FileKind, from: i64, to: i64, knobs: &DataAccessKnobs) -> Vec<Vec<Body>> {
    let content = match kind {
        FileKind::AgentActivity => return agents::bodies(world, from, to),
        FileKind::WebSession => FileContent::WebSession,
        FileKind::Engagement => FileContent::Engagement,
        FileKind::Survey => FileContent::Survey,
    };
    let mut bodies = world.chats.bodies(content, from, to);
    if !knobs.chats_only {
        bodies.extend(world.history.bodies(content, from, to));
    }
    bodies.sort_by_key(|bodies| bodies.first().map_or(from, |body| body.at));
    bodies
}

/// The lines of a file; empty if there is no such part.
pub(super) fn lines(world: &World, file: File, knobs: &DataAccessKnobs) -> Vec<Value> {
    let bodies = of(world, file.kind, file.from, file.to() - 1, knobs);
    let size = knobs.lines_per_part.max(1);
    bodies
        .into_iter()
        .skip(file.part.saturating_mul(size))
        .take(size)
        .map(|bodies| line(&world.account.id, file.kind, bodies, knobs.wrappers))
        .collect()
}

fn line(account: &str, kind: FileKind, bodies: Vec<Body>, wrappers: Wrappers) -> Value {
    let start = bodies.iter().map(|body| body.at).min().unwrap_or(0);
    let collection: Vec<Value> = bodies.into_iter().map(|body| json!({ "body": body.body })).collect();
    let meta = json!({ "accountId": string(account), "schemaVersion": SCHEMA_VERSION, "startTime": long(start),
        "endTime": null });
    let (meta, collection) = match wrappers {
        Wrappers::Live => (named("MetaData", meta), array(collection)),
        Wrappers::Documentation => (meta, Value::Array(collection)),
    };
    json!({ "dataType": named("DataTypeEnum", json!(kind.data_type())), "metaData": meta,
        "recordCollection": collection })
}

/// The bytes of a file.
pub(super) fn bytes(lines: &[Value], format: FileFormat) -> std::io::Result<Vec<u8>> {
    let text = match format {
        FileFormat::Lines | FileFormat::Plain => joined(lines.iter().map(Value::to_string)),
        FileFormat::Concatenated => joined(lines.iter().map(|line| format!("{line:#}"))),
        FileFormat::AvroContainer => container(lines),
    };
    if format == FileFormat::Plain {
        return Ok(text);
    }
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(&text)?;
    gzip.finish()
}

fn joined(lines: impl Iterator<Item = String>) -> Vec<u8> {
    let mut text = Vec::new();
    for line in lines {
        text.extend_from_slice(line.as_bytes());
        text.push(b'\n');
    }
    text
}

/// An Avro object container file of strings
/// (<https://avro.apache.org/docs/1.11.1/specification/#object-container-files>).
fn container(lines: &[Value]) -> Vec<u8> {
    const SYNC: [u8; 16] = *b"le-sim sync mark";
    let mut file = b"Obj\x01".to_vec();
    put_long(&mut file, 2);
    for (key, value) in [("avro.schema", "\"string\""), ("avro.codec", "null")] {
        put_text(&mut file, key);
        put_text(&mut file, value);
    }
    put_long(&mut file, 0);
    file.extend_from_slice(&SYNC);
    let mut block = Vec::new();
    lines.iter().for_each(|line| put_text(&mut block, &line.to_string()));
    put_long(&mut file, i64::try_from(lines.len()).unwrap_or(i64::MAX));
    put_long(&mut file, i64::try_from(block.len()).unwrap_or(i64::MAX));
    file.extend_from_slice(&block);
    file.extend_from_slice(&SYNC);
    file
}

/// A number in zigzag coding, seven bits in a byte.
fn put_long(out: &mut Vec<u8>, value: i64) {
    let mut rest = ((value << 1) ^ (value >> 63)).cast_unsigned();
    while rest >= 0x80 {
        out.push((rest & 0x7f) as u8 | 0x80);
        rest >>= 7;
    }
    out.push(rest as u8);
}

fn put_text(out: &mut Vec<u8>, text: &str) {
    put_long(out, i64::try_from(text.len()).unwrap_or(i64::MAX));
    out.extend_from_slice(text.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_a_container_are_zigzag() {
        for (value, bytes) in [
            (0, vec![0]),
            (-1, vec![1]),
            (1, vec![2]),
            (64, vec![0x80, 1]),
            (-64, vec![0x7f]),
        ] {
            let mut out = Vec::new();
            put_long(&mut out, value);
            assert_eq!(out, bytes, "{value}");
        }
        let file = container(&[json!({"a": 1})]);
        assert!(file.starts_with(b"Obj\x01"));
        assert_eq!(file.windows(16).filter(|part| *part == b"le-sim sync mark").count(), 2);
    }
}
