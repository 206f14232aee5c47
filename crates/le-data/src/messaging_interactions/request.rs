//! One request as it is put together: body, query, and the first setting that was wrong.

use std::borrow::Cow;

use le_core::wire::RawRecord;
use le_core::{Client, Error, Operation, OperationSpec, TimeRange};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::generated::enums::ContentToRetrieve;

/// The most records that a page can have.
pub(super) const LARGEST_PAGE: u32 = 100;

/// The version of the answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Version {
    /// Engagement attributes of authenticated consumers only, all scalars in them as text.
    V1,
    /// Unauthenticated engagement attributes too, with native types. The default of this crate.
    V2,
}

/// What is asked for, kept as the JSON that is sent.
#[derive(Clone)]
pub(super) struct Request {
    pub(super) client: Client,
    spec: &'static OperationSpec,
    body: Map<String, Value>,
    query: Vec<(Cow<'static, str>, String)>,
    pub(super) limit: u32,
    pub(super) offset: u64,
    pub(super) look_ahead: usize,
    /// The first setting that was wrong; it is reported when the request is sent.
    failure: Option<Error>,
}

impl Request {
    pub(super) fn new(client: Client, spec: &'static OperationSpec) -> Self {
        let (body, query) = (Map::new(), Vec::new());
        Self {
            client,
            spec,
            body,
            query,
            limit: LARGEST_PAGE,
            offset: 0,
            look_ahead: 1,
            failure: None,
        }
    }

    /// Keeps the first failure.
    pub(super) fn check(&mut self, fits: bool, message: impl FnOnce() -> String) {
        if !fits && self.failure.is_none() {
            self.failure = Some(Error::validation(message()).with_operation(self.spec.id));
        }
    }

    pub(super) fn checked(&self) -> Result<(), Error> {
        self.failure.clone().map_or(Ok(()), Err)
    }

    pub(super) fn set(&mut self, key: &str, value: impl Serialize) {
        match serde_json::to_value(value) {
            Ok(value) => {
                self.body.insert(key.to_owned(), value);
            }
            Err(_) => self.check(false, || format!("`{key}` cannot be written as JSON")),
        }
    }

    /// Adds to the array `key`.
    pub(super) fn extend<T: Serialize>(&mut self, key: &str, values: impl IntoIterator<Item = T>) {
        let array = self.body.entry(key).or_insert_with(|| Value::Array(Vec::new()));
        let Value::Array(array) = array else { return };
        let before = array.len();
        array.extend(values.into_iter().filter_map(|value| serde_json::to_value(value).ok()));
        let added = array.len() > before;
        self.check(added, || {
            format!("`{key}` is given no value; leave the filter out to match everything")
        });
    }

    /// Sets a member of the object `key`.
    pub(super) fn member(&mut self, key: &str, name: &str, value: Value) {
        let object = self.body.entry(key).or_insert_with(|| Value::Object(Map::new()));
        if let Value::Object(object) = object {
            object.insert(name.to_owned(), value);
        }
    }

    pub(super) fn text(&mut self, key: &str, text: String) {
        self.check(!text.trim().is_empty(), || {
            format!("`{key}` is empty; leave the filter out to match everything")
        });
        self.set(key, text);
    }

    pub(super) fn content(&mut self, parts: impl IntoIterator<Item = impl Into<ContentToRetrieve>>) {
        let parts: Vec<ContentToRetrieve> = parts.into_iter().map(Into::into).collect();
        self.set("contentToRetrieve", parts);
    }

    pub(super) fn extra_body(&mut self, key: String, value: impl Serialize) {
        self.check(
            !matches!(key.as_str(), "" | "start" | "conversationId" | "consumer"),
            || format!("`extra_body` cannot set {key:?}, which is an argument of the call"),
        );
        self.set(&key, value);
    }

    pub(super) fn query(&mut self, name: impl Into<Cow<'static, str>>, value: impl Into<String>) {
        let name = name.into();
        self.query.retain(|(own, _)| *own != name);
        self.query.push((name, value.into()));
    }

    pub(super) fn limit(&mut self, limit: u32) {
        self.check((1..=LARGEST_PAGE).contains(&limit), || {
            format!("`limit` is {limit}; a page has 1 to {LARGEST_PAGE} records")
        });
        self.limit = limit;
    }

    pub(super) fn source(&mut self, source: String) {
        let fits = (1..=20).contains(&source.len()) && source.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        self.check(fits, || {
            format!("`source` {source:?} is not 1 to 20 letters, digits or underscores")
        });
        self.query("source", source);
    }

    pub(super) fn version(&mut self, version: Version) {
        self.query("v", if version == Version::V1 { "1" } else { "2" });
    }

    /// The call for the records from `offset` on, of conversations that began within `window`.
    pub(super) fn operation(&self, window: Option<TimeRange>, offset: u64, limit: u32) -> Operation {
        let mut body = self.body.clone();
        if let Some(window) = window {
            let range = json!({ "from": window.from().as_millis(), "to": window.to().as_millis() });
            body.insert("start".to_owned(), range);
        }
        let mut operation = self
            .plain_operation(&body)
            .query("offset", offset.to_string())
            .query("limit", limit.to_string());
        for (name, value) in &self.query {
            operation = operation.query(name.clone(), value.clone());
        }
        operation
    }

    /// The call for one conversation, which has no pages.
    pub(super) fn single(&self) -> Operation {
        self.query
            .iter()
            .fold(self.plain_operation(&self.body), |operation, (name, value)| {
                operation.query(name.clone(), value.clone())
            })
    }

    fn plain_operation(&self, body: &Map<String, Value>) -> Operation {
        // Values are JSON already, so nothing can fail in writing them.
        Operation::new(self.spec).json_bytes(serde_json::to_vec(body).unwrap_or_default())
    }

    /// The body as it would be sent, without the time range of a search.
    pub(super) fn body(&self) -> Option<RawRecord> {
        RawRecord::new(serde_json::to_string(&self.body).ok()?).ok()
    }
}

/// The options that every call of this API takes.
macro_rules! options {
    ($builder:ident) => {
        impl $builder {
            /// Asks for these parts only; the default set is not added to them. `info` is always sent.
            ///
            /// An empty list asks for `info` alone. Not called: the default set (see the vendor's page).
            pub fn content(
                mut self,
                parts: impl IntoIterator<Item = impl Into<$crate::messaging_interactions::ContentToRetrieve>>,
            ) -> Self {
                self.request.content(parts);
                self
            }

            /// The version of the answers (default 2).
            pub fn version(mut self, version: $crate::messaging_interactions::Version) -> Self {
                self.request.version(version);
                self
            }

            /// Adds a member to the request's body that has no method here, e.g. `cappingConfiguration`.
            pub fn extra_body(mut self, key: impl Into<String>, value: impl ::serde::Serialize) -> Self {
                self.request.extra_body(key.into(), value);
                self
            }

            /// Adds a query parameter that has no method here.
            pub fn extra_query(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
                self.request.query(name.into(), value);
                self
            }

            /// Names the caller in this call's `source` parameter: 1 to 20 letters, digits or underscores. Not called: as the
            /// client says.
            pub fn with_source(mut self, source: impl Into<String>) -> Self {
                self.request.source(source.into());
                self
            }

            /// The body as it stands, without arguments of the call. For logs it is too telling: filters can be personal.
            #[must_use]
            pub fn body(&self) -> Option<::le_core::wire::RawRecord> {
                self.request.body()
            }
        }

        impl ::std::fmt::Debug for $builder {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.debug_struct(stringify!($builder)).finish_non_exhaustive()
            }
        }
    };
}
pub(super) use options;

/// The options of calls that have pages.
macro_rules! paging_options {
    ($builder:ident) => {
        impl $builder {
            /// How many records a page has: 1 to 100 (default 100).
            pub fn limit(mut self, records: u32) -> Self {
                self.request.limit(records);
                self
            }

            /// Begins behind this many records.
            pub fn offset(mut self, records: u64) -> Self {
                self.request.offset = records;
                self
            }

            /// How many pages a stream may ask for before they are wanted (default 1). 0 asks for a page when the one before is
            /// used up, and needs no tokio runtime of its own.
            pub fn look_ahead(mut self, pages: usize) -> Self {
                self.request.look_ahead = pages;
                self
            }
        }
    };
}
pub(super) use paging_options;
