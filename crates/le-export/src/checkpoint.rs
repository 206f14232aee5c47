//! What an export remembers between runs: what it is, which windows are done, and up to when changes are known.

use std::collections::BTreeSet;
use std::sync::Arc;

use le_core::{Error, ErrorKind, Result, Timestamp};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::destination::WindowCounts;
use crate::state::{Claim, Holder, LockGuard, StateStore};
use crate::window::Window;

/// The version of the files that this module writes.
const VERSION: u32 = 1;

const CHECKPOINT: &str = "checkpoint.json";
const WINDOWS: &str = "windows";

/// What must stay the same from run to run, or the result would be a mixture.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Fingerprint {
    pub(crate) source: String,
    /// Hash of filters and parts: they can be personal.
    pub(crate) settings: String,
    /// Hash of the rules and their key.
    pub(crate) redaction: String,
    pub(crate) destination: String,
}

/// The first half of a SHA-256, as hex: enough to tell settings apart.
pub(crate) fn short_hash(text: &str) -> String {
    use std::fmt::Write as _;
    let digest = Sha256::digest(text.as_bytes());
    digest.iter().take(16).fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

impl Fingerprint {
    fn check(&self, now: &Self, place: &str) -> Result<()> {
        let parts = [
            ("source", &self.source, &now.source),
            ("filters", &self.settings, &now.settings),
            ("redaction rules", &self.redaction, &now.redaction),
            ("format", &self.destination, &now.destination),
        ];
        let Some((what, before, now)) = parts.into_iter().find(|(_, before, now)| before != now) else {
            return Ok(());
        };
        let message = format!("{place} was begun with other {what} ({before}, now {now})");
        Err(Error::new(ErrorKind::Validation, message).with_advice(format!(
            "use the same {what}, or export to another place: the result would be a mixture"
        )))
    }
}

/// The file `checkpoint.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Checkpoint {
    version: u32,
    pub(crate) fingerprint: Fingerprint,
    /// The stretch that is exported, its end not included.
    pub(crate) from: Timestamp,
    pub(crate) to: Timestamp,
    /// When the first request of a load was about to be sent that has not come to its end.
    pub(crate) begun: Option<Timestamp>,
    /// All that changed before is in the export.
    pub(crate) bookmark: Option<Timestamp>,
    /// The run that wrote this.
    pub(crate) run: String,
}

impl Checkpoint {
    pub(crate) fn new(fingerprint: Fingerprint, from: Timestamp, to: Timestamp, begun: Timestamp, run: &str) -> Self {
        Self {
            version: VERSION,
            fingerprint,
            from,
            to,
            begun: Some(begun),
            bookmark: None,
            run: run.to_owned(),
        }
    }

    /// From when on changes are not known.
    pub(crate) fn known_until(&self) -> Option<Timestamp> {
        self.bookmark.or(self.begun)
    }
}

/// The manifest entry of a window, a small file of its own, so that processes which work on windows do not meet in one file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct WindowEntry {
    /// The window.
    pub window: Window,
    /// What it came to.
    #[serde(flatten)]
    pub counts: WindowCounts,
    /// The run that wrote it last.
    pub run: String,
    /// When.
    pub at: Timestamp,
}

/// The state of one export.
#[derive(Debug, Clone)]
pub(crate) struct Ledger {
    state: Arc<dyn StateStore>,
}

impl Ledger {
    pub(crate) fn new(state: Arc<dyn StateStore>) -> Self {
        Self { state }
    }

    pub(crate) fn place(&self) -> String {
        self.state.place()
    }

    async fn read<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>> {
        let Some(text) = self.state.get(name).await? else {
            return Ok(None);
        };
        match serde_json::from_str(&text) {
            Ok(value) => Ok(Some(value)),
            Err(error) => {
                let message = format!("{}/{name} cannot be read: {error}", self.place());
                Err(Error::new(ErrorKind::Configuration, message)
                    .with_advice("it is written whole or not at all, so something else changed it; restore it, or begin anew in another place"))
            }
        }
    }

    async fn write(&self, name: &str, value: &impl Serialize) -> Result<()> {
        let text = serde_json::to_string_pretty(value)
            .map_err(|error| Error::new(ErrorKind::Io, format!("{name} cannot be written: {error}")))?;
        self.state.put(name, text).await
    }

    pub(crate) async fn checkpoint(&self, fingerprint: &Fingerprint) -> Result<Option<Checkpoint>> {
        let checkpoint: Option<Checkpoint> = self.read(CHECKPOINT).await?;
        if let Some(checkpoint) = &checkpoint {
            if checkpoint.version != VERSION {
                let message = format!(
                    "{} was written by another version ({})",
                    self.place(),
                    checkpoint.version
                );
                return Err(Error::new(ErrorKind::Configuration, message)
                    .with_advice("use that version, or begin anew in another place"));
            }
            checkpoint.fingerprint.check(fingerprint, &self.place())?;
        }
        Ok(checkpoint)
    }

    pub(crate) async fn save(&self, checkpoint: &Checkpoint) -> Result<()> {
        self.write(CHECKPOINT, checkpoint).await
    }

    /// The windows that are done, by the names of their entries.
    pub(crate) async fn done(&self) -> Result<BTreeSet<Window>> {
        let names = self.state.list(WINDOWS).await?;
        let ids = names
            .iter()
            .filter_map(|name| name.strip_prefix("windows/")?.strip_suffix(".json")?.parse().ok());
        Ok(ids.collect())
    }

    pub(crate) async fn entry(&self, window: &Window) -> Result<Option<WindowEntry>> {
        self.read(&format!("{WINDOWS}/{window}.json")).await
    }

    pub(crate) async fn record(&self, entry: &WindowEntry) -> Result<()> {
        self.write(&format!("{WINDOWS}/{}.json", entry.window), entry).await
    }

    /// Writes the manifest: all entries in one file.
    pub(crate) async fn put_manifest(&self, manifest: &impl Serialize) -> Result<()> {
        self.write("manifest.json", manifest).await
    }

    /// Takes the lock of a run, or says who has it.
    pub(crate) async fn lock(&self, name: &str, holder: &Holder) -> Result<Box<dyn LockGuard>> {
        match self.state.lock(name, holder).await? {
            Claim::Held(guard) => Ok(guard),
            Claim::Taken(other) => Err(self.taken(other.as_ref())),
        }
    }

    /// As [`lock`](Self::lock); `None` where somebody else has it.
    pub(crate) async fn try_lock(&self, name: &str, holder: &Holder) -> Result<Option<Box<dyn LockGuard>>> {
        match self.state.lock(name, holder).await? {
            Claim::Held(guard) => Ok(Some(guard)),
            Claim::Taken(_) => Ok(None),
        }
    }

    fn taken(&self, other: Option<&Holder>) -> Error {
        let who = other.map_or_else(|| "another process".to_owned(), Holder::to_string);
        Error::new(ErrorKind::Validation, format!("{} is in use by {who}", self.place())).with_advice(
            "wait until it is done; to spread one export over several processes, run all of them as shared",
        )
    }
}
