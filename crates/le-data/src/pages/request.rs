//! One request as it is put together: body, query, and the first setting that was wrong.

use std::borrow::Cow;

use le_core::wire::RawRecord;
use le_core::{Client, Error, Operation, OperationSpec, TimeRange};
use serde::Serialize;
use serde_json::{Map, Value, json};

/// Where a request carries its range of time.
#[derive(Debug, Clone, Copy)]
pub(crate) enum RangePlace {
    /// As an object `{from, to}` of the body, in milliseconds.
    Body(&'static str),
    /// In two query parameters, in milliseconds.
    QueryMillis(&'static str, &'static str),
    /// In two query parameters, as RFC 3339.
    QueryText(&'static str, &'static str),
}

/// What is asked for, kept as the JSON that is sent.
#[derive(Clone)]
pub(crate) struct Request {
    pub(crate) client: Client,
    spec: &'static OperationSpec,
    place: RangePlace,
    body: Map<String, Value>,
    query: Vec<(Cow<'static, str>, String)>,
    pub(crate) limit: u32,
    largest_page: u32,
    pub(crate) offset: u64,
    pub(crate) look_ahead: usize,
    /// The first setting that was wrong; it is reported when the request is sent.
    failure: Option<Error>,
}

impl Request {
    pub(crate) fn new(client: Client, spec: &'static OperationSpec, place: RangePlace, largest_page: u32) -> Self {
        let (body, query) = (Map::new(), Vec::new());
        Self {
            client,
            spec,
            place,
            body,
            query,
            limit: largest_page,
            largest_page,
            offset: 0,
            look_ahead: 1,
            failure: None,
        }
    }

    /// Keeps the first failure.
    pub(crate) fn check(&mut self, fits: bool, message: impl FnOnce() -> String) {
        if !fits {
            self.refuse(Error::validation(message()));
        }
    }

    /// Keeps this failure, unless there was one before.
    pub(crate) fn refuse(&mut self, error: Error) {
        if self.failure.is_none() {
            self.failure = Some(error.with_operation(self.spec.id));
        }
    }

    pub(crate) fn checked(&self) -> Result<(), Error> {
        self.failure.clone().map_or(Ok(()), Err)
    }

    pub(crate) fn set(&mut self, key: &str, value: impl Serialize) {
        match serde_json::to_value(value) {
            Ok(value) => {
                self.body.insert(key.to_owned(), value);
            }
            Err(_) => self.check(false, || format!("`{key}` cannot be written as JSON")),
        }
    }

    /// Adds to the array `key`.
    pub(crate) fn extend<T: Serialize>(&mut self, key: &str, values: impl IntoIterator<Item = T>) {
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
    pub(crate) fn member(&mut self, key: &str, name: &str, value: Value) {
        let object = self.body.entry(key).or_insert_with(|| Value::Object(Map::new()));
        if let Value::Object(object) = object {
            object.insert(name.to_owned(), value);
        }
    }

    pub(crate) fn text(&mut self, key: &str, text: String) {
        self.check(!text.trim().is_empty(), || {
            format!("`{key}` is empty; leave the filter out to match everything")
        });
        self.set(key, text);
    }

    /// Sets the object `{from, to}` of lengths in whole seconds.
    pub(crate) fn seconds(&mut self, key: &str, from: std::time::Duration, to: std::time::Duration) {
        let (from, to) = (from.as_secs(), to.as_secs());
        self.check(from <= to, || {
            format!("`{key}` ends ({to} s) before it begins ({from} s)")
        });
        self.set(key, json!({ "from": from, "to": to }));
    }

    /// Sets the object `{from, to}` of scores, which have to lie within `allowed`.
    pub(crate) fn score(
        &mut self,
        key: &str,
        scores: std::ops::RangeInclusive<u32>,
        allowed: std::ops::RangeInclusive<u32>,
    ) {
        let (from, to) = (*scores.start(), *scores.end());
        let fits = from <= to && allowed.contains(&from) && allowed.contains(&to);
        self.check(fits, || {
            format!(
                "`{key}` from {from} to {to} does not lie within {} to {}",
                allowed.start(),
                allowed.end()
            )
        });
        self.set(key, json!({ "from": from, "to": to }));
    }

    pub(crate) fn extra_body(&mut self, key: String, value: impl Serialize) {
        self.check(
            !matches!(
                key.as_str(),
                "" | "start" | "conversationId" | "consumer" | "engagementId"
            ),
            || format!("`extra_body` cannot set {key:?}, which is an argument of the call"),
        );
        self.set(&key, value);
    }

    pub(crate) fn query(&mut self, name: impl Into<Cow<'static, str>>, value: impl Into<String>) {
        let name = name.into();
        self.query.retain(|(own, _)| *own != name);
        self.query.push((name, value.into()));
    }

    pub(crate) fn limit(&mut self, limit: u32) {
        let largest = self.largest_page;
        self.check((1..=largest).contains(&limit), || {
            format!("`limit` is {limit}; a page has 1 to {largest} records")
        });
        self.limit = limit;
    }

    pub(crate) fn source(&mut self, source: String) {
        let fits = (1..=20).contains(&source.len()) && source.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        self.check(fits, || {
            format!("`source` {source:?} is not 1 to 20 letters, digits or underscores")
        });
        self.query("source", source);
    }

    /// The call for the records from `offset` on, of those that lie within `window`.
    pub(crate) fn operation(&self, window: Option<TimeRange>, offset: u64, limit: u32) -> Operation {
        let mut body = Cow::Borrowed(&self.body);
        let mut query = Vec::new();
        if let Some(window) = window {
            let (from, to) = (window.from(), window.to());
            match self.place {
                RangePlace::Body(key) => {
                    let range = json!({ "from": from.as_millis(), "to": to.as_millis() });
                    body.to_mut().insert(key.to_owned(), range);
                }
                RangePlace::QueryMillis(begin, end) => {
                    query = vec![(begin, from.as_millis().to_string()), (end, to.as_millis().to_string())];
                }
                RangePlace::QueryText(begin, end) => query = vec![(begin, from.to_string()), (end, to.to_string())],
            }
        }
        let mut operation = self
            .plain_operation(&body)
            .query("offset", offset.to_string())
            .query("limit", limit.to_string());
        for (name, value) in query {
            operation = operation.query(name, value);
        }
        self.with_query(operation)
    }

    /// The call for one record, which has no pages.
    pub(crate) fn single(&self) -> Operation {
        self.with_query(self.plain_operation(&self.body))
    }

    fn with_query(&self, operation: Operation) -> Operation {
        self.query.iter().fold(operation, |operation, (name, value)| {
            operation.query(name.clone(), value.clone())
        })
    }

    fn plain_operation(&self, body: &Map<String, Value>) -> Operation {
        if self.spec.method != http::Method::POST {
            return Operation::new(self.spec);
        }
        // Values are JSON already, so nothing can fail in writing them.
        Operation::new(self.spec).json_bytes(serde_json::to_vec(body).unwrap_or_default())
    }

    /// The body as it would be sent, without the time range of a search.
    pub(crate) fn body(&self) -> Option<RawRecord> {
        RawRecord::new(serde_json::to_string(&self.body).ok()?).ok()
    }
}

/// The options that every call takes: ways around what has no method, and the name of the caller.
macro_rules! common_options {
    ($builder:ident) => {
        impl $builder {
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
        }

        impl ::std::fmt::Debug for $builder {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.debug_struct(stringify!($builder)).finish_non_exhaustive()
            }
        }
    };
    ($builder:ident with a body) => {
        $crate::pages::common_options!($builder);

        impl $builder {
            /// Adds a member to the request's body that has no method here, e.g. `cappingConfiguration`.
            pub fn extra_body(mut self, key: impl Into<String>, value: impl ::serde::Serialize) -> Self {
                self.request.extra_body(key.into(), value);
                self
            }

            /// The body as it stands, without arguments of the call. For logs it is too telling: filters can be personal.
            #[must_use]
            pub fn body(&self) -> Option<::le_core::wire::RawRecord> {
                self.request.body()
            }
        }
    };
}
pub(crate) use common_options;

/// The options of calls that have pages.
macro_rules! paging_options {
    ($builder:ident) => {
        impl $builder {
            /// How many records a page has, from 1 (default: as many as the service allows).
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
pub(crate) use paging_options;
