//! The calls.

use std::collections::HashSet;
use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderValue;
use http::header::ACCEPT;
use le_core::clock::Clock;
use le_core::hook::Hook;
use le_core::wire::{RawRecord, Salvage};
use le_core::{BaseUri, Client, Error, ErrorKind, Operation, OperationSpec, RawResponse, Result, TimeRange};

use super::address::{FileAddress, Region, is_trusted};
use super::content::DataFileContent;
use super::list::{Base, DataFile, DataFileLink, Listing};
use super::walk::{DataLineStream, line_stream, raw_stream};
use crate::file_stream::FileStream;
use crate::generated::enums::DataFileKind;
use crate::generated::operations::{
    DATA_ACCESS_BASE, DATA_ACCESS_SCHEMA, DOWNLOAD_DATA_FILE, LIST_AGENT_ACTIVITY_FILES, LIST_ENGAGEMENT_FILES,
    LIST_SURVEY_FILES, LIST_WEB_SESSION_FILES,
};
use crate::pages::{RawStream, of_record};

/// How long one attempt at a file may take.
const DOWNLOAD_TIMEOUT: Duration = Duration::from_secs(300);

/// How long the head of an answer, and each chunk of a file that is read while it comes, may take.
const CHUNK_TIMEOUT: Duration = Duration::from_secs(60);

/// The raw files of an account. Cheap to clone.
#[derive(Debug, Clone)]
pub struct DataAccess {
    client: Client,
    base: BaseUri,
    /// Hosts outside of the vendor's domain of files that the user trusts.
    trusted: Vec<String>,
}

impl DataAccess {
    pub(crate) fn new(client: &Client, region: Region) -> Result<Self> {
        BaseUri::new(region.host()).map(|base| Self::at(client, base))
    }

    pub(crate) fn at(client: &Client, base: BaseUri) -> Self {
        Self {
            client: client.with_hook(Arc::new(NoFilesIsNoFailure)),
            trusted: vec![base.host().to_owned()],
            base,
        }
    }

    /// Trusts one more host with the credential, for files whose addresses are there. Hosts below `da.liveperson.net` and the
    /// host of the lists are trusted already; the trusted hosts of the client have to allow it too.
    #[must_use]
    pub fn trust_host(mut self, host: &str) -> Self {
        self.trusted.push(host.to_ascii_lowercase());
        self
    }

    /// The kinds of files that the account has, with their addresses, `self` among them.
    ///
    /// # Errors
    /// See [`ErrorKind`].
    pub async fn kinds(&self) -> Result<Vec<DataFileLink>> {
        let response = self.client.call(self.operation(&DATA_ACCESS_BASE)).await?;
        Ok(read::<Base>(&response)?.into_links())
    }

    /// Files of a kind that were generated within `range`. It is the time of their making, up to six hours after what they are
    /// about; files are deleted after 30 days.
    pub fn files(&self, kind: impl Into<DataFileKind>, range: TimeRange) -> DataFiles {
        DataFiles {
            access: self.clone(),
            kind: kind.into(),
            range,
            without: HashSet::new(),
        }
    }

    /// The Avro schema of the files as JSON: of this version, or of the newest with `latest`.
    ///
    /// # Errors
    /// See [`ErrorKind`].
    pub async fn schema(&self, version: impl Into<String>) -> Result<RawRecord> {
        let operation = self.operation(&DATA_ACCESS_SCHEMA).query("schemaId", version.into());
        let response = self.client.call(operation).await?;
        RawRecord::new(response.json_text()?).map_err(|error| {
            let message = format!("the schema cannot be read: {error}");
            response.fail(ErrorKind::Decode, message).with_source(error)
        })
    }

    /// The content of a file, held whole and packed, as received, and unpacked while it is read. For files that are too large
    /// to be held there is [`read`](Self::read).
    ///
    /// # Errors
    /// As [`fetch`](Self::fetch).
    pub async fn download(&self, file: &DataFile) -> Result<DataFileContent> {
        let call = self.client.call(self.of_file(file)?);
        let response = call.with_attempt_timeout(DOWNLOAD_TIMEOUT).await?;
        Ok(DataFileContent::new(response.into_body()))
    }

    /// The bytes of a file as received, while they come: to store it as it is.
    ///
    /// # Errors
    /// [`ErrorKind::Validation`] where the file lies on a host that is not trusted with a credential; otherwise see [`ErrorKind`].
    pub async fn fetch(&self, file: &DataFile) -> Result<FileStream> {
        let call = self.client.call(self.of_file(file)?);
        let answer = call.with_attempt_timeout(CHUNK_TIMEOUT).stream().await?;
        Ok(FileStream::answer(answer))
    }

    fn of_file(&self, file: &DataFile) -> Result<Operation> {
        let Some(href) = file.href.as_deref() else {
            return Err(Error::validation("the file has no address").with_operation(DOWNLOAD_DATA_FILE.id));
        };
        let address = FileAddress::new(href)?;
        if !is_trusted(&address.base, &self.trusted) {
            let message = format!(
                "the file lies on {:?}, which is not trusted with a credential",
                address.base.host()
            );
            return Err(Error::validation(message)
                .with_operation(DOWNLOAD_DATA_FILE.id)
                .with_advice("if it is the vendor's or yours, name it with trust_host(..)"));
        }
        let operation = Operation::new(&DOWNLOAD_DATA_FILE)
            .at(address.base)
            .path_value("accountId", address.account)
            .path_value("kind", address.kind)
            .path_value("fileName", address.name)
            .header(ACCEPT, HeaderValue::from_static("*/*"));
        let query = address.query.into_iter();
        Ok(query.fold(operation, |operation, (name, value)| operation.query(name, value)))
    }

    pub(super) fn clock(&self) -> &dyn Clock {
        &**self.client.clock()
    }

    fn operation(&self, spec: &'static OperationSpec) -> Operation {
        Operation::new(spec).at(self.base.clone())
    }
}

/// Files of one kind; `.await` gives the list, [`stream`](Self::stream) and [`raw_stream`](Self::raw_stream) their content.
#[derive(Clone)]
#[must_use = "a list does nothing unless awaited or streamed"]
pub struct DataFiles {
    pub(super) access: DataAccess,
    kind: DataFileKind,
    range: TimeRange,
    without: HashSet<String>,
}

impl DataFiles {
    /// Leaves out the files with these names, e.g. those that an earlier run has read.
    pub fn without(mut self, names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.without.extend(names.into_iter().map(Into::into));
        self
    }

    /// The files, oldest first. None is an empty list, also where the service answers that with an error.
    ///
    /// # Errors
    /// See [`ErrorKind`].
    pub async fn list(&self) -> Result<Vec<DataFile>> {
        let spec = match self.kind {
            DataFileKind::AgentActivity => &LIST_AGENT_ACTIVITY_FILES,
            DataFileKind::WebSession => &LIST_WEB_SESSION_FILES,
            DataFileKind::Engagement => &LIST_ENGAGEMENT_FILES,
            DataFileKind::Survey => &LIST_SURVEY_FILES,
            DataFileKind::Other(ref kind) => {
                return Err(
                    Error::validation(format!("there is no call for files of kind {kind:?}"))
                        .with_advice("agentActivity, webSession, engagement and survey are known"),
                );
            }
        };
        let operation = self
            .access
            .operation(spec)
            .query("startTime", self.range.from().as_millis().to_string())
            .query("endTime", self.range.to().as_millis().to_string());
        let response = match self.access.client.call(operation).await {
            Ok(response) if response.is_empty() || says_no_files(response.body()) => return Ok(Vec::new()),
            Ok(response) => response,
            Err(error) if error.body().is_some_and(|body| says_no_files(body)) => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut files = read::<Listing>(&response)?.into_files();
        files.retain(|file| file.name.as_ref().is_none_or(|name| !self.without.contains(name)));
        files.sort_by_key(|file| file.scope().map(|scope| scope.from()));
        Ok(files)
    }

    /// The lines of all files, typed, one file after the other. A line that cannot be read is an error in its place, and the
    /// stream goes on behind it; any other error is the last item.
    pub fn stream(self) -> DataLineStream {
        line_stream(self)
    }

    /// The lines of all files as received. A stretch that is no JSON object comes as a JSON string that holds its text, so that
    /// nothing is lost.
    pub fn raw_stream(self) -> RawStream {
        raw_stream(self)
    }
}

impl IntoFuture for DataFiles {
    type Output = Result<Vec<DataFile>>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move { self.list().await })
    }
}

impl fmt::Debug for DataFiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DataFiles")
            .field("kind", &self.kind)
            .field("range", &self.range)
            .finish_non_exhaustive()
    }
}

fn read<T: Salvage>(response: &RawResponse) -> Result<T> {
    let raw = RawRecord::new(response.json_text()?).map_err(|error| {
        let message = format!("the list cannot be read: {error}");
        response.fail(ErrorKind::Decode, message).with_source(error)
    })?;
    Ok(raw.decode::<T>().map_err(of_record)?.into_inner())
}

/// Whether the answer says, with whatever status, that the range has no file.
fn says_no_files(body: &[u8]) -> bool {
    const WORDS: &[u8] = b"no available files";
    body.len() < 4096 && body.windows(WORDS.len()).any(|part| part.eq_ignore_ascii_case(WORDS))
}

/// An empty range is answered with an error: it is not asked for again.
#[derive(Debug)]
struct NoFilesIsNoFailure;

impl Hook for NoFilesIsNoFailure {
    fn permits_retry(&self, error: &Error) -> bool {
        error.body().is_none_or(|body| !says_no_files(body))
    }
}
