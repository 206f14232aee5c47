//! One text frame of the messaging socket: a request, its response, or a notification.
//!
//! The envelope is the same in both dialects. It is read once; the body keeps its JSON text until somebody wants it typed.

pub use crate::generated::enums::FrameKind;

use le_core::id::Id;
use le_core::wire::{DecodeError, Int, List, RawRecord, Salvage};
use le_core::{Error, ErrorKind};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::dialect::TypeName;

/// Marks the id of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Correlation;

/// The id of a request, which its response repeats: 1 to 64 characters, unique on its socket.
///
/// A number is read too. The server repeats one as text, and the two are equal.
pub type RequestId = Id<Correlation>;

/// The result code of a response: an HTTP status, or the text `OK` where the same answer comes over REST.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum ResponseCode {
    /// A number.
    Number(Int),
    /// A text that is no number.
    Text(String),
}

impl ResponseCode {
    /// The number; `OK` counts as 200.
    #[must_use]
    pub fn number(&self) -> Option<i64> {
        match self {
            Self::Number(number) => Some(number.get()),
            Self::Text(text) => text.eq_ignore_ascii_case("ok").then_some(200),
        }
    }

    /// Whether the request was carried out: every code up to 399. The vendor's own clients draw the line there.
    #[must_use]
    pub fn is_success(&self) -> bool {
        self.number().is_some_and(|number| (0..400).contains(&number))
    }
}

impl Serialize for ResponseCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Number(number) => number.serialize(serializer),
            Self::Text(text) => text.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for ResponseCode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Form {
            Number(Int),
            Text(String),
        }
        Ok(match Form::deserialize(deserializer)? {
            Form::Number(number) => Self::Number(number),
            Form::Text(text) => Self::Text(text),
        })
    }
}

impl Salvage for ResponseCode {}

le_core::record! {
    /// A frame with every member that it came with.
    ///
    /// Read it with [`Envelope::read`], tell what it is with [`frame`](Self::frame), write it with `serde_json`. The body, the headers
    /// and the metadata are JSON texts as received. `Debug` prints neither.
    pub struct Envelope {
        /// What the frame is. The server takes requests without it.
        kind: Option<FrameKind> = "kind" [safe],
        /// The id of a request.
        id: Option<RequestId> = "id" [safe],
        /// The id of the request that a response answers.
        request_id: Option<RequestId> = "reqId" [safe],
        /// The name of the message in the dialect of the socket.
        type_name: Option<TypeName> = "type" [safe],
        /// The result code of a response.
        code: Option<ResponseCode> = "code" [safe],
        /// The body: any JSON.
        body: Option<RawRecord> = "body" [safe],
        /// Headers; `InitConnection` alone has them.
        headers: List<RawRecord> = "headers" [safe],
        /// Objects that go with the message, beside its body.
        metadata: List<RawRecord> = "metadata" [safe],
        /// Passed through as it is; what it holds is not published.
        encoded_metadata: Option<String> = "encodedMetadata",
    }
}

/// What a frame is, by `kind`, or by its other members where `kind` is missing or unknown.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Frame<'a> {
    /// A request.
    Request {
        /// Its id; the server tolerates a request without one but cannot answer it.
        id: Option<&'a RequestId>,
        /// The name of the message.
        name: &'a TypeName,
    },
    /// The response to a request.
    Response {
        /// The request that it answers. Match on this, not on the name: the names of some responses are not published.
        to: &'a RequestId,
        /// The result; without a code the vendor's clients take it for success.
        code: Option<&'a ResponseCode>,
    },
    /// A notification.
    Notification {
        /// The name of the message.
        name: &'a TypeName,
    },
    /// None of these: keep it, log its member names, go on.
    Unknown,
}

impl Envelope {
    /// Reads one text frame. A member whose value does not fit is in `extra`, the rest is typed.
    ///
    /// # Errors
    /// The text is not a JSON object.
    pub fn read(text: &str) -> Result<Self, DecodeError> {
        if let Ok(envelope) = serde_json::from_str(text) {
            return Ok(envelope);
        }
        let record = RawRecord::new(text)?.decode::<Self>().map_err(|e| e.cause().clone())?;
        Ok(record.into_inner())
    }

    /// A request with a body.
    ///
    /// # Errors
    /// [`ErrorKind::Validation`] where the id is not 1 to 64 characters, or the body cannot be written as JSON.
    pub fn request<T: Serialize + ?Sized>(id: impl Into<String>, name: &str, body: &T) -> Result<Self, Error> {
        let mut request = Self::request_without_body(id, name)?;
        request.body = Some(raw("body", body)?);
        Ok(request)
    }

    /// A request without a body, such as `KeepAlive`.
    ///
    /// # Errors
    /// [`ErrorKind::Validation`] where the id is not 1 to 64 characters.
    pub fn request_without_body(id: impl Into<String>, name: &str) -> Result<Self, Error> {
        let id = id.into();
        if !(1..=64).contains(&id.chars().count()) {
            let message = format!(
                "a request id has 1 to 64 characters, this one has {}",
                id.chars().count()
            );
            return Err(Error::validation(message).with_advice("a counter as text will do"));
        }
        Ok(Self {
            kind: Some(FrameKind::Request),
            id: Some(RequestId::new(id)),
            type_name: Some(TypeName::from(name)),
            ..Self::default()
        })
    }

    /// The request `InitConnection`: the only one with headers, and the first on a socket that was opened without them.
    ///
    /// Wait for its response before anything else is sent.
    ///
    /// # Errors
    /// As [`request`](Self::request).
    pub fn init_connection<T: Serialize>(id: impl Into<String>, headers: &[T]) -> Result<Self, Error> {
        let mut request = Self::request_without_body(id, "InitConnection")?;
        request.headers = headers
            .iter()
            .map(|header| raw("headers", header))
            .collect::<Result<Vec<_>, _>>()?
            .into();
        Ok(request)
    }

    /// Adds an object to the metadata, beside the body.
    ///
    /// # Errors
    /// [`ErrorKind::Validation`] where it cannot be written as JSON.
    pub fn with_metadata<T: Serialize + ?Sized>(mut self, metadata: &T) -> Result<Self, Error> {
        let mut all = std::mem::take(&mut self.metadata).into_vec();
        all.push(raw("metadata", metadata)?);
        self.metadata = all.into();
        Ok(self)
    }

    /// What the frame is.
    #[must_use]
    pub fn frame(&self) -> Frame<'_> {
        let guessed = match (&self.request_id, &self.id) {
            (Some(_), _) => FrameKind::Response,
            (None, Some(_)) => FrameKind::Request,
            (None, None) => FrameKind::Notification,
        };
        let kind = self.kind.as_ref().filter(|kind| kind.is_known()).unwrap_or(&guessed);
        match (kind, &self.request_id, &self.type_name) {
            (FrameKind::Response, Some(to), _) => Frame::Response {
                to,
                code: self.code.as_ref(),
            },
            (FrameKind::Request, _, Some(name)) => Frame::Request {
                id: self.id.as_ref(),
                name,
            },
            (FrameKind::Notification, _, Some(name)) => Frame::Notification { name },
            _ => Frame::Unknown,
        }
    }

    /// The body as `T`; what does not fit its field stays in the record's `extra`.
    ///
    /// # Errors
    /// There is no body, or it is of another kind altogether.
    pub fn decode_body<T: Salvage>(&self) -> Result<T, Error> {
        let name = self.type_name.as_ref().map_or("", TypeName::as_str);
        let Some(body) = &self.body else {
            return Err(Error::new(ErrorKind::Decode, format!("message `{name}` has no body")));
        };
        let record = body.decode::<T>();
        let record = record.map_err(|e| {
            Error::new(
                ErrorKind::Decode,
                format!("the body of message `{name}` is of another shape"),
            )
            .with_source(e)
        })?;
        Ok(record.into_inner())
    }

    /// The frame as text, ready to be sent.
    ///
    /// # Errors
    /// [`ErrorKind::Validation`] where a member cannot be written as JSON.
    pub fn to_text(&self) -> Result<String, Error> {
        serde_json::to_string(self).map_err(|e| Error::validation("the frame cannot be written as JSON").with_source(e))
    }
}

pub(crate) fn raw<T: Serialize + ?Sized>(part: &'static str, value: &T) -> Result<RawRecord, Error> {
    let refused = || Error::validation(format!("the {part} of the frame cannot be written as JSON"));
    let text = serde_json::to_string(value).map_err(|e| refused().with_source(e))?;
    RawRecord::new(text).map_err(|e| refused().with_source(e))
}
