//! Lines of raw files (Data Access).

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use le_core::clock::Clock;
use le_core::hook::Hook;
use le_core::wire::RawRecord;
use le_core::{BaseUri, Client, Error, ErrorKind, Result, TimeRange, Timestamp};
use le_data::Data;
use le_data::data_access::{DataAccess, DataFile, DataFileKind, Region, broken_value};
use serde::{Deserialize, Serialize};

use super::{PageStream, Source, SourcePage};
use crate::entry::{Broken, Entry, Head, RecordKind};
use crate::window::Window;

/// Files are deleted 30 days after they were made.
const RETENTION: Duration = Duration::from_secs(30 * 86_400);

/// A file is made up to six hours after what it is about, for 99.5 % of the sessions.
const LATE: Duration = Duration::from_secs(24 * 3600);

/// How many lines are moved at once, and how many bytes of them.
const GROUP: usize = 200;
const GROUP_BYTES: usize = 1 << 20;

static KIND: RecordKind = RecordKind {
    name: "data_access",
    table: &["data_access"],
    key_path: "file` and `line",
    key_name: "lineId",
    members: &[
        ("file", "string"),
        ("line", "integer"),
        ("start", "integer"),
        ("record", "object"),
    ],
    head,
    sample: r#"{"file":"f","line":1,"start":1767571200000,"record":{}}"#,
};

/// A line with where it stood: lines have no key of their own.
#[derive(Serialize, Deserialize)]
struct Line<R> {
    file: String,
    line: u64,
    start: Option<Timestamp>,
    record: R,
}

fn head(record: &RawRecord) -> Option<Head> {
    let line: Line<serde::de::IgnoredAny> = serde_json::from_str(record.as_str()).ok()?;
    Some(Head::new(format!("{}#{}", line.file, line.line), line.start))
}

#[derive(Debug, Clone)]
enum Host {
    Region(Region),
    Base(BaseUri),
}

/// Lines of the files of one kind, from the Data Access API: each as `{"file", "line", "start", "record"}`, where `record` is the
/// line as received, in the JSON encoding of Avro, and `start` the beginning of what the file is about.
#[derive(Clone)]
pub struct DataFileLines {
    client: Client,
    host: Host,
    kind: DataFileKind,
}

impl DataFileLines {
    /// Files of this kind, from the hosts of a region.
    #[must_use]
    pub fn new(data: &Data, region: Region, kind: impl Into<DataFileKind>) -> Self {
        Self {
            client: data.client().clone(),
            host: Host::Region(region),
            kind: kind.into(),
        }
    }

    /// The same at a base of your own, e.g. a gateway.
    #[must_use]
    pub fn at(data: &Data, base: BaseUri, kind: impl Into<DataFileKind>) -> Self {
        Self {
            client: data.client().clone(),
            host: Host::Base(base),
            kind: kind.into(),
        }
    }

    fn access(&self) -> Result<DataAccess> {
        let data = Data::new(self.client.clone());
        match &self.host {
            Host::Region(region) => data.data_access(*region),
            Host::Base(base) => Ok(data.data_access_at(base.clone())),
        }
    }

    /// The files that were made within a range and are about a time that `fits`, one after the other.
    fn lines(&self, range: TimeRange, fits: impl Fn(Option<Timestamp>) -> bool + Send + Sync + 'static) -> PageStream {
        let access = self.access();
        let kind = self.kind.clone();
        let files = stream::once(async move {
            let access = access?;
            let mut files = access.files(kind, range).list().await?;
            files.retain(|file| fits(file.scope().map(|scope| scope.from())));
            Ok::<_, Error>(stream::iter(files).map(move |file| Ok((access.clone(), file))))
        });
        let pages = files
            .try_flatten()
            .and_then(|(access, file)| async move { content(access, file).await });
        pages.try_flatten().boxed()
    }
}

/// The lines of a file, in groups, while it comes.
async fn content(access: DataAccess, file: DataFile) -> Result<PageStream> {
    let values = access.read(&file).await?;
    let Some(name) = file.name.clone() else {
        return Err(Error::new(ErrorKind::Protocol, "a file of the list has no name"));
    };
    let start = file.scope().map(|scope| scope.from());
    let groups = stream::try_unfold((values, 0_u64), move |(mut values, mut line)| {
        let name = name.clone();
        async move {
            let (mut page, mut bytes) = (SourcePage::default(), 0);
            while page.entries.len() + page.broken.len() < GROUP && bytes < GROUP_BYTES {
                let Some(value) = values.next().await else { break };
                line += 1;
                match value {
                    Ok(record) => {
                        bytes += record.len();
                        page.entries.push(entry(&name, line, start, record)?);
                    }
                    Err(error) => page.broken.push(broken(&name, line, &error).ok_or(error)?),
                }
            }
            let ended = page.entries.is_empty() && page.broken.is_empty();
            Ok::<_, Error>((!ended).then_some((page, (values, line))))
        }
    });
    Ok(groups.boxed())
}

fn entry(file: &str, line: u64, start: Option<Timestamp>, record: RawRecord) -> Result<Entry> {
    let wrapped = Line {
        file: file.to_owned(),
        line,
        start,
        record,
    };
    let text = serde_json::to_string(&wrapped).map_err(|error| Error::new(ErrorKind::Decode, error.to_string()))?;
    let raw = RawRecord::new(text).map_err(|error| Error::new(ErrorKind::Decode, error.to_string()))?;
    Ok(Entry::new(format!("{file}#{line}"), start, raw))
}

/// A line that is no JSON, as a JSON text; `None` where the error is about the file.
fn broken(file: &str, line: u64, error: &Error) -> Option<Broken> {
    let value = broken_value(error)?;
    let text = serde_json::to_string(value.text()).ok()?;
    let raw = RawRecord::new(text).ok()?;
    Some(Broken::new(format!("line {line} of {file}: {}", value.reason()), raw))
}

impl fmt::Debug for DataFileLines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DataFileLines")
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl Source for DataFileLines {
    fn name(&self) -> &'static str {
        "data_access"
    }

    fn kind(&self) -> &'static RecordKind {
        &KIND
    }

    fn settings(&self) -> String {
        self.kind.to_string()
    }

    fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(self.client.clock())
    }

    fn retention(&self) -> Duration {
        RETENTION
    }

    fn observe(&mut self, hook: Arc<dyn Hook>) {
        self.client = self.client.with_hook(hook);
    }

    /// A file belongs to the window that holds the beginning of what it is about, whenever it was made.
    fn pages(&self, window: &Window) -> PageStream {
        let window = *window;
        let end = (window.to() + LATE).min(self.client.clock().now());
        let made = TimeRange::last(end.since(window.from()), end);
        self.lines(made, move |start| start.is_some_and(|start| window.contains(start)))
    }

    fn overlap(&self) -> Duration {
        LATE
    }

    fn changed_since(&self, since: Timestamp, now: Timestamp) -> PageStream {
        self.lines(TimeRange::last(now.since(since), now), |_| true)
    }

    async fn count(&self, _window: &Window) -> Result<Option<u64>> {
        Ok(None)
    }

    /// Lines cannot be asked for one by one.
    async fn by_id(&self, _key: &str) -> Result<Option<Entry>> {
        Ok(None)
    }
}
