//! The model of one widget, as its page forwards it.

use le_core::wire::{Int, RawRecord, Salvage as _, Trail};
use le_core::{Error, Result};
use serde_json::{Map, Value};

use super::model::PublicModel;
use super::path::ModelPath;

/// The longest path of the model has four names.
const DEEPEST: usize = 8;
const LONGEST_KEY: usize = 200;

le_core::record! {
    /// A change that the SDK told the page: `{key, newValue}`.
    pub struct ModelUpdate {
        /// The path.
        key: Option<ModelPath> = "key" [safe],
        /// What is there now.
        new_value: Option<Value> = "newValue",
    }
}

impl ModelUpdate {
    /// The change of the value at `path`.
    #[must_use]
    pub fn new(path: impl Into<ModelPath>, value: impl Into<Value>) -> Self {
        Self {
            key: Some(path.into()),
            new_value: Some(value.into()),
            ..Self::default()
        }
    }

    /// Reads what a page forwarded.
    ///
    /// # Errors
    /// [`ErrorKind::Validation`](le_core::ErrorKind::Validation): it is no JSON object. The text is not shown.
    pub fn read(json: &str) -> Result<Self> {
        let read = RawRecord::new(json).ok().and_then(|raw| raw.decode::<Self>().ok());
        read.map(le_core::wire::Record::into_inner).ok_or_else(|| {
            broken(
                "a forwarded update is not a JSON object",
                "forward {key, newValue} as it came",
            )
        })
    }
}

/// The model of one widget, built from updates, within bounds: whoever has the page open decides what is forwarded.
#[derive(Clone)]
pub struct LiveModel {
    members: Map<String, Value>,
    size: usize,
    largest: usize,
    most_lines: usize,
}

impl Default for LiveModel {
    /// At most a mebibyte of JSON, and the newest 500 lines of the transcript.
    fn default() -> Self {
        Self {
            members: Map::new(),
            size: 2,
            largest: 1024 * 1024,
            most_lines: 500,
        }
    }
}

impl LiveModel {
    /// The most bytes of JSON.
    #[must_use]
    pub fn largest(mut self, bytes: usize) -> Self {
        self.largest = bytes;
        self
    }

    /// The most lines of the transcript; older ones are forgotten.
    #[must_use]
    pub fn most_lines(mut self, lines: usize) -> Self {
        self.most_lines = lines;
        self
    }

    /// Puts the new value in its place. New lines of the transcript go behind those that are there, each once.
    ///
    /// # Errors
    /// [`ErrorKind::Validation`](le_core::ErrorKind::Validation): no key, one that is no path, or the model would become too
    /// large. The model stays as it was.
    pub fn apply(&mut self, update: &ModelUpdate) -> Result<()> {
        let path = update
            .key
            .as_ref()
            .ok_or_else(|| broken("`key` is missing", "forward {key, newValue} as it came"))?;
        let names = names_of(path.as_str())?;
        let value = update.new_value.clone().unwrap_or(Value::Null);
        let mut members = self.members.clone();
        let place = place(&mut members, &names).ok_or_else(|| {
            broken(
                "`key` leads through a value that is no object",
                "bind leaves of the model",
            )
        })?;
        if *path == ModelPath::ChatTranscriptLines {
            add_lines(place, value, self.most_lines);
        } else {
            *place = value;
        }
        let size = serde_json::to_vec(&members).map_or(usize::MAX, |json| json.len());
        if size > self.largest {
            let largest = self.largest;
            return Err(
                Error::validation(format!("the model would have {size} bytes; {largest} are allowed"))
                    .with_advice("forward fewer paths, or raise the limit"),
            );
        }
        (self.members, self.size) = (members, size);
        Ok(())
    }

    /// The model as records. What does not fit its field is in the record's `extra`.
    #[must_use]
    pub fn view(&self) -> PublicModel {
        let raw = serde_json::value::to_raw_value(&self.members).ok();
        raw.and_then(|raw| PublicModel::salvage(&raw, &mut Trail::default()))
            .unwrap_or_default()
    }

    /// The model as one JSON text.
    ///
    /// # Errors
    /// It cannot be written, which no JSON that was read is.
    pub fn to_json(&self) -> Result<RawRecord> {
        let text = serde_json::to_string(&self.members)
            .map_err(|error| Error::validation("the model cannot be written as JSON").with_source(error))?;
        RawRecord::new(text).map_err(|error| Error::validation("the model is no JSON").with_source(error))
    }

    /// How many bytes of JSON it has.
    #[must_use]
    pub fn size(&self) -> usize {
        self.size
    }
}

impl std::fmt::Debug for LiveModel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LiveModel")
            .field("size", &self.size)
            .finish_non_exhaustive()
    }
}

fn names_of(key: &str) -> Result<Vec<&str>> {
    let names: Vec<&str> = key.split('.').collect();
    let fits = |name: &&str| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "_@-".contains(c));
    if key.len() > LONGEST_KEY || names.len() > DEEPEST || !names.iter().all(fits) {
        return Err(broken(
            "`key` is no path of the model",
            "paths are names joined by points, e.g. chatInfo.rtSessionId",
        ));
    }
    Ok(names)
}

/// The place at the end of the path; objects on the way to it are made.
fn place<'a>(members: &'a mut Map<String, Value>, names: &[&str]) -> Option<&'a mut Value> {
    let (last, way) = names.split_last()?;
    let mut at = members;
    for name in way {
        let next = at.entry(*name).or_insert(Value::Null);
        if next.is_null() {
            *next = Value::Object(Map::new());
        }
        at = next.as_object_mut()?;
    }
    Some(at.entry(*last).or_insert(Value::Null))
}

/// A page that binds again, after a refresh, is told all lines again.
fn add_lines(place: &mut Value, new: Value, most: usize) {
    let mut lines = match place.take() {
        Value::Array(lines) => lines,
        _ => Vec::new(),
    };
    let new = match new {
        Value::Array(new) => new,
        Value::Null => Vec::new(),
        only => vec![only],
    };
    let known = |lines: &[Value], line: &Value| {
        line.get("id")
            .is_some_and(|id| lines.iter().any(|other| other.get("id") == Some(id)))
    };
    for line in new {
        if !known(&lines, &line) {
            lines.push(line);
        }
    }
    let old = lines.len().saturating_sub(most);
    lines.drain(..old);
    *place = Value::Array(lines);
}

fn broken(rule: &'static str, advice: &'static str) -> Error {
    Error::validation(rule).with_advice(advice)
}

impl PublicModel {
    /// Reads the model from one JSON text, as a page that asked for all of it has it.
    ///
    /// # Errors
    /// [`ErrorKind::Validation`](le_core::ErrorKind::Validation): it is no JSON object.
    pub fn read(json: &str) -> Result<Self> {
        RawRecord::new(json)
            .ok()
            .and_then(|raw| raw.decode::<Self>().ok())
            .map(le_core::wire::Record::into_inner)
            .ok_or_else(|| broken("the model is not a JSON object", "forward it as it came"))
    }

    /// When the conversation began, in milliseconds since 1970.
    #[must_use]
    pub fn started_at(&self) -> Option<i64> {
        self.chat_info.as_ref()?.chat_start_time.as_ref().map(Int::get)
    }
}
