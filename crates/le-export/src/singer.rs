//! Singer messages: SCHEMA, RECORD and STATE, line by line, for pipelines that have a target already.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io::Write;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use futures_util::StreamExt as _;
use futures_util::stream::BoxStream;
use le_core::{Error, Result, Timestamp};
use serde_json::{Value, json};

use crate::destination::{Destination, Forgotten, Mode, WindowCounts, WindowWriter};
use crate::entry::{Broken, Entry, RecordKind};
use crate::place::{blocking, write_failed};
use crate::source::CONVERSATIONS;
use crate::state::{Claim, Holder, LockGuard, StateStore};
use crate::window::{DAY, Window, cut};

/// Writes Singer messages to a writer, e.g. the standard output.
///
/// A SCHEMA comes first, with the key as a member of its own (`conversationId`), which stands at the top of each RECORD beside the
/// members as received. After each window comes a STATE; given back with [`with_state`](Self::with_state), the next run goes on
/// there. Records are written as they come: after a run that was killed, a window comes again from its beginning, and the target
/// puts records of one key in each other's place, as Singer asks of it.
///
/// Records that could not be read go to the stream `broken`.
pub struct Singer {
    shared: Arc<Shared>,
}

struct Shared {
    /// What was given in place of a fresh start; it is read when the kind of records is known.
    given: Mutex<Option<Value>>,
    state: Mutex<State>,
}

struct State {
    out: Box<dyn Write + Send>,
    kind: &'static RecordKind,
    has_schema: bool,
    has_broken_schema: bool,
    names: BTreeMap<String, String>,
    done: BTreeSet<Window>,
}

impl Singer {
    /// To this writer.
    pub fn new(out: impl Write + Send + 'static) -> Self {
        let state = State {
            out: Box::new(out),
            kind: &CONVERSATIONS,
            has_schema: false,
            has_broken_schema: false,
            names: BTreeMap::new(),
            done: BTreeSet::new(),
        };
        let shared = Shared {
            given: Mutex::new(None),
            state: Mutex::new(state),
        };
        Self {
            shared: Arc::new(shared),
        }
    }

    /// Goes on from the value of a STATE message.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](le_core::ErrorKind::Configuration) where it is not one of this exporter's.
    pub fn with_state(self, value: Value) -> Result<Self> {
        if !value.get("bookmarks").is_some_and(Value::is_object) {
            return Err(Error::configuration("the state has no `bookmarks`")
                .with_advice("give the `value` of the last STATE message of the run before"));
        }
        *lock(&self.shared.given) = Some(value);
        Ok(self)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl State {
    fn send(&mut self, message: &Value) -> std::io::Result<()> {
        serde_json::to_writer(&mut self.out, message)?;
        self.out.write_all(b"\n")
    }

    fn schema(&mut self) -> std::io::Result<()> {
        if std::mem::replace(&mut self.has_schema, true) {
            return Ok(());
        }
        let kind = self.kind;
        let members = kind.members.iter().map(|(name, of)| {
            let schema = if *of == "object" {
                json!({ "type": ["null", "object"], "additionalProperties": true })
            } else {
                json!({ "type": ["null", of] })
            };
            ((*name).to_owned(), schema)
        });
        let mut properties: serde_json::Map<String, Value> = members.collect();
        properties.insert(kind.key_name.to_owned(), json!({ "type": "string" }));
        self.send(&json!({
            "type": "SCHEMA",
            "stream": kind.name,
            "key_properties": [kind.key_name],
            "schema": { "type": "object", "properties": properties, "additionalProperties": true },
        }))
    }

    /// The record as received, with its key put in front of its members.
    fn record(&mut self, entry: &Entry) -> std::io::Result<()> {
        let (name, key) = (self.kind.key_name, serde_json::to_string(&entry.key)?);
        let text = entry.raw.as_str().trim_start();
        let rest = text.strip_prefix('{').unwrap_or("}").trim_start();
        let comma = if rest.starts_with('}') { "" } else { "," };
        let stream = self.kind.name;
        let line = format!(r#"{{"type":"RECORD","stream":"{stream}","record":{{"{name}":{key}{comma}{rest}}}"#);
        // A line break in JSON stands between tokens.
        let line = line.replace(['\n', '\r'], " ");
        self.out.write_all(line.as_bytes())?;
        self.out.write_all(b"\n")
    }

    fn broken(&mut self, broken: &Broken) -> std::io::Result<()> {
        if !std::mem::replace(&mut self.has_broken_schema, true) {
            self.send(&json!({
                "type": "SCHEMA",
                "stream": "broken",
                "key_properties": [],
                "schema": { "type": "object", "properties": {
                    "reason": { "type": "string" }, "record": { "type": "string" },
                } },
            }))?;
        }
        let record = json!({ "reason": broken.reason, "record": broken.raw.as_str() });
        self.send(&json!({ "type": "RECORD", "stream": "broken", "record": record }))
    }

    /// Windows that touch are told as one stretch.
    fn tell_state(&mut self) -> std::io::Result<()> {
        let mut done: Vec<(Timestamp, Timestamp)> = Vec::new();
        for window in &self.done {
            match done.last_mut() {
                Some((_, to)) if *to == window.from() => *to = window.to(),
                _ => done.push((window.from(), window.to())),
            }
        }
        let checkpoint = self
            .names
            .get("checkpoint.json")
            .map(|text| serde_json::from_str::<Value>(text));
        let checkpoint = checkpoint.transpose()?;
        let name = self.kind.name;
        self.send(&json!({
            "type": "STATE",
            "value": { "bookmarks": { name: { "checkpoint": checkpoint, "done": done } } },
        }))?;
        self.out.flush()
    }

    fn take_up(&mut self, value: &Value) -> Result<()> {
        let own = &value["bookmarks"][self.kind.name];
        if own.is_null() {
            return Ok(());
        }
        let unreadable = |error: serde_json::Error| {
            Error::configuration(format!("the state of {} cannot be read: {error}", self.kind.name))
                .with_advice("give the `value` of the last STATE message of the run before, as it was")
        };
        let done: Vec<(Timestamp, Timestamp)> = serde_json::from_value(own["done"].clone()).map_err(unreadable)?;
        for (from, to) in done {
            self.done.extend(cut(from, to, DAY)?);
        }
        if !own["checkpoint"].is_null() {
            self.names
                .insert("checkpoint.json".to_owned(), own["checkpoint"].to_string());
        }
        Ok(())
    }
}

impl Shared {
    fn write(&self, work: impl FnOnce(&mut State) -> std::io::Result<()>) -> Result<()> {
        work(&mut lock(&self.state)).map_err(|cause| write_failed("Singer messages", cause))
    }
}

impl fmt::Debug for Singer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Singer").finish_non_exhaustive()
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SingerState").finish_non_exhaustive()
    }
}

#[async_trait]
impl Destination for Singer {
    fn bind(&mut self, kind: &'static RecordKind) -> Result<()> {
        let given = lock(&self.shared.given).take();
        let mut state = lock(&self.shared.state);
        state.kind = kind;
        given.map_or(Ok(()), |value| state.take_up(&value))
    }

    fn describe(&self) -> String {
        "singer v1".to_owned()
    }

    fn state(&self) -> Arc<dyn StateStore> {
        Arc::clone(&self.shared) as Arc<dyn StateStore>
    }

    async fn begin(&self, _window: &Window, _mode: Mode) -> Result<Box<dyn WindowWriter>> {
        self.shared.write(State::schema)?;
        Ok(Box::new(Writer {
            shared: Arc::clone(&self.shared),
            counts: WindowCounts::default(),
        }))
    }

    async fn forget(&self, _keys: &BTreeSet<String>) -> Result<Forgotten> {
        Err(Error::validation("Singer has no message that removes a record")
            .with_advice("remove it where the target keeps it"))
    }

    async fn keys(&self, _window: &Window) -> Result<BoxStream<'static, Result<String>>> {
        let error = Error::validation("what was sent as Singer messages cannot be read back");
        Ok(futures_util::stream::once(async { Err(error) }).boxed())
    }
}

struct Writer {
    shared: Arc<Shared>,
    counts: WindowCounts,
}

#[async_trait]
impl WindowWriter for Writer {
    async fn write(&mut self, entries: Vec<Entry>) -> Result<()> {
        self.counts.records += entries.len() as u64;
        self.counts.bytes += entries.iter().map(|entry| entry.raw.len() as u64).sum::<u64>();
        let shared = Arc::clone(&self.shared);
        blocking(move || shared.write(|state| entries.iter().try_for_each(|entry| state.record(entry)))).await
    }

    async fn keep_broken(&mut self, broken: Vec<Broken>) -> Result<()> {
        self.counts.broken += broken.len() as u64;
        self.shared
            .write(|state| broken.iter().try_for_each(|broken| state.broken(broken)))
    }

    async fn commit(self: Box<Self>) -> Result<WindowCounts> {
        self.shared.write(|state| state.out.flush())?;
        Ok(self.counts)
    }
}

/// A pipe has one writer.
#[derive(Debug)]
struct Only;

#[async_trait]
impl LockGuard for Only {}

#[async_trait]
impl StateStore for Shared {
    async fn get(&self, name: &str) -> Result<Option<String>> {
        Ok(lock(&self.state).names.get(name).cloned())
    }

    async fn put(&self, name: &str, text: String) -> Result<()> {
        self.write(|state| {
            if let Some(id) = name
                .strip_prefix("windows/")
                .and_then(|name| name.strip_suffix(".json"))
            {
                state.done.extend(id.parse::<Window>());
            } else if name == "checkpoint.json" {
                state.names.insert(name.to_owned(), text);
            } else {
                return Ok(());
            }
            state.tell_state()
        })
    }

    async fn remove(&self, name: &str) -> Result<()> {
        lock(&self.state).names.remove(name);
        Ok(())
    }

    async fn list(&self, folder: &str) -> Result<Vec<String>> {
        if folder != "windows" {
            return Ok(Vec::new());
        }
        let state = lock(&self.state);
        Ok(state
            .done
            .iter()
            .map(|window| format!("windows/{window}.json"))
            .collect())
    }

    async fn lock(&self, _name: &str, _holder: &Holder) -> Result<Claim> {
        Ok(Claim::Held(Box::new(Only)))
    }

    fn place(&self) -> String {
        "the Singer state".to_owned()
    }
}
