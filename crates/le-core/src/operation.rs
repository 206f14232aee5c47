//! What is asked of LiveEngage, as plain data: printable, testable and replayable without a client.
//!
//! [`OperationSpec`] is the constant part, generated from the catalogue. [`Operation`] adds the values of one call.

use std::borrow::Cow;
use std::fmt;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;

use crate::base::BaseUri;
use crate::error::Error;

/// Whether an operation carries a credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AuthRequirement {
    /// The call is public (the Domain API) or carries its credential in its body (login).
    None,
    /// The call is refused without a credential.
    Required,
    /// The pages do not say: a credential is put on where the client has one.
    Optional,
}

/// The class of an operation: which waiting rules and limits hold for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CallClass {
    /// An ordinary call: after a 429 it waits at least one second.
    Standard,
    /// A login or token call: after a 429 it waits at least five seconds.
    Login,
}

/// The constant part of an operation, as the catalogue states it.
#[derive(Debug, Clone)]
pub struct OperationSpec {
    /// The name in the catalogue, e.g. `messaging_interactions.search`.
    pub id: &'static str,
    /// The service name that is looked up in the Domain API; empty where the host is fixed.
    pub service: &'static str,
    /// The HTTP method.
    pub method: Method,
    /// The path with parameters in braces; `{accountId}` is filled by the client.
    pub path: &'static str,
    /// Query parameters that never change.
    pub query: &'static [(&'static str, &'static str)],
    /// Whether a credential is needed.
    pub auth: AuthRequirement,
    /// Whether repeating the call does no harm.
    pub idempotent: bool,
    /// Which waiting rules hold.
    pub class: CallClass,
    /// Whether the vendor asks for the `source` query parameter.
    pub sends_source: bool,
    /// The vendor page that this implements.
    pub documentation: &'static str,
}

/// RFC 3986 unreserved characters stay, everything else is percent-encoded.
pub(crate) const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// One call: a specification and its values.
///
/// `Debug` prints the operation, its parameter names and the body's length; it never prints values.
#[derive(Clone)]
pub struct Operation {
    spec: &'static OperationSpec,
    base: Option<BaseUri>,
    path: Vec<(&'static str, String)>,
    query: Vec<(Cow<'static, str>, String)>,
    headers: Vec<(HeaderName, HeaderValue)>,
    body: Bytes,
    idempotent: bool,
}

impl Operation {
    /// A call of `spec` with no values yet.
    #[must_use]
    pub fn new(spec: &'static OperationSpec) -> Self {
        Self {
            spec,
            base: None,
            path: Vec::new(),
            query: Vec::new(),
            headers: Vec::new(),
            body: Bytes::new(),
            idempotent: spec.idempotent,
        }
    }

    /// Sends the call to this base instead of the one that discovery gives.
    #[must_use]
    pub fn at(mut self, base: BaseUri) -> Self {
        self.base = Some(base);
        self
    }

    /// Fills the path parameter `{name}`; the value is percent-encoded.
    #[must_use]
    pub fn path_value(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.path.push((name, value.into()));
        self
    }

    /// Adds a query parameter.
    #[must_use]
    pub fn query(mut self, name: impl Into<Cow<'static, str>>, value: impl Into<String>) -> Self {
        self.query.push((name.into(), value.into()));
        self
    }

    /// Sets a query parameter: its value takes the place of one that is there.
    #[must_use]
    pub fn set_query(mut self, name: impl Into<Cow<'static, str>>, value: impl Into<String>) -> Self {
        let name = name.into();
        self.query.retain(|(own, _)| *own != name);
        self.query(name, value)
    }

    /// Adds a header. Mark secret values with [`HeaderValue::set_sensitive`].
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// Sets a JSON body and its content type.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidRequest`](crate::ErrorKind::InvalidRequest) where the value cannot be written as JSON.
    pub fn json<T: Serialize + ?Sized>(self, value: &T) -> Result<Self, Error> {
        let body = serde_json::to_vec(value)
            .map_err(|e| Error::validation("the request body cannot be written as JSON").with_source(e))?;
        Ok(self.json_bytes(body))
    }

    /// Sets a body that is JSON text already, and its content type.
    #[must_use]
    pub fn json_bytes(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self.header(http::header::CONTENT_TYPE, HeaderValue::from_static("application/json"))
    }

    /// Declares this one call safe to repeat (or not), whatever the catalogue says.
    #[must_use]
    pub fn idempotent(mut self, yes: bool) -> Self {
        self.idempotent = yes;
        self
    }

    /// The constant part.
    #[must_use]
    pub fn spec(&self) -> &'static OperationSpec {
        self.spec
    }

    /// Whether repeating this call does no harm.
    #[must_use]
    pub fn is_idempotent(&self) -> bool {
        self.idempotent
    }

    /// The base that this call is bound to, where it does not go through discovery.
    #[must_use]
    pub fn base(&self) -> Option<&BaseUri> {
        self.base.as_ref()
    }

    /// The body, empty where there is none.
    #[must_use]
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    pub(crate) fn headers(&self) -> &[(HeaderName, HeaderValue)] {
        &self.headers
    }

    /// Path and query, ready to stand behind an authority.
    ///
    /// # Errors
    /// A path parameter without a value is an [`ErrorKind::InvalidRequest`](crate::ErrorKind::InvalidRequest) naming it.
    pub fn path_and_query(&self, account: &str, source: Option<&str>) -> Result<String, Error> {
        let mut out = String::with_capacity(self.spec.path.len() + 64);
        let mut rest = self.spec.path;
        while let Some((before, after)) = rest.split_once('{') {
            out.push_str(before);
            let Some((name, tail)) = after.split_once('}') else {
                break;
            };
            let value = match self.path.iter().find(|(known, _)| *known == name) {
                Some((_, value)) => value.as_str(),
                None if name == "accountId" => account,
                None => {
                    return Err(Error::validation(format!(
                        "the path parameter `{name}` of {} has no value",
                        self.spec.id
                    )));
                }
            };
            out.extend(utf8_percent_encode(value, UNRESERVED));
            rest = tail;
        }
        out.push_str(rest);
        let mut separator = '?';
        let fixed = self
            .spec
            .query
            .iter()
            .filter(|(name, _)| !self.query.iter().any(|(own, _)| own == name));
        let fixed = fixed.map(|(name, value)| (*name, *value));
        let own = self.query.iter().map(|(name, value)| (name.as_ref(), value.as_str()));
        let source = source.filter(|_| self.spec.sends_source && !self.query.iter().any(|(name, _)| name == "source"));
        for (name, value) in fixed.chain(own).chain(source.map(|value| ("source", value))) {
            out.push(separator);
            out.extend(utf8_percent_encode(name, UNRESERVED));
            out.push('=');
            out.extend(utf8_percent_encode(value, UNRESERVED));
            separator = '&';
        }
        Ok(out)
    }
}

impl fmt::Debug for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Operation")
            .field("id", &self.spec.id)
            .field("method", &self.spec.method)
            .field("path", &self.spec.path)
            .field(
                "query",
                &self.query.iter().map(|(name, _)| name.as_ref()).collect::<Vec<_>>(),
            )
            .field("body_len", &self.body.len())
            .finish()
    }
}
