//! What a client can ask for, and how it is written in the dialect of the socket.
//!
//! A request is a record of the same fields in both dialects. Its name comes from the catalogue; the few bodies that differ
//! are written by [`Request::body`].

use std::sync::Arc;

use le_core::wire::{RawRecord, Salvage};
use le_core::{Error, ErrorKind};
use serde::Serialize;

use crate::change::UpdateConversation;
use crate::dialect::{Dialect, TypeName};
use crate::event::PublishEvent;
use crate::frame::Envelope;
pub use crate::generated::messages::Name;

/// The names of all messages, by constant.
pub mod names {
    pub use crate::generated::messages::*;
}

impl Name {
    /// How the message is called in a dialect; `None` where that dialect does not have it.
    #[must_use]
    pub fn spelled(&self, dialect: Dialect) -> Option<&'static str> {
        match dialect {
            Dialect::Agent => self.agent,
            Dialect::Public => self.consumer,
        }
    }
}

/// A request that can be sent on a socket.
pub trait Request: Send + Sync {
    /// What the server answers.
    type Answer: Answer + Send;
    /// The body as it is written.
    type Body<'a>: Serialize
    where
        Self: 'a;

    /// The catalogue id, which errors name.
    fn operation(&self) -> &'static str;

    /// The name in this dialect; `None` where it does not exist there.
    fn spelled(&self, dialect: Dialect) -> Option<&str>;

    /// The body in this dialect, where the request has one.
    fn body(&self, dialect: Dialect) -> Option<Self::Body<'_>>;

    /// Headers; `InitConnection` alone has them.
    fn headers(&self) -> &[RawRecord] {
        &[]
    }

    /// The event that it publishes, if that is what it does: a link looks for it before it sends it again.
    #[doc(hidden)]
    fn as_publish(&self) -> Option<&PublishEvent> {
        None
    }

    /// The change of a conversation that it makes, if that is what it does: a link looks whether it shows before it is made again.
    #[doc(hidden)]
    fn as_update(&self) -> Option<&UpdateConversation> {
        None
    }
}

impl<R: Request> Request for Arc<R> {
    type Answer = R::Answer;
    type Body<'a>
        = R::Body<'a>
    where
        Self: 'a;

    fn operation(&self) -> &'static str {
        R::operation(self)
    }

    fn spelled(&self, dialect: Dialect) -> Option<&str> {
        R::spelled(self, dialect)
    }

    fn body(&self, dialect: Dialect) -> Option<R::Body<'_>> {
        R::body(self, dialect)
    }

    fn headers(&self) -> &[RawRecord] {
        R::headers(self)
    }

    fn as_publish(&self) -> Option<&PublishEvent> {
        R::as_publish(self)
    }

    fn as_update(&self) -> Option<&UpdateConversation> {
        R::as_update(self)
    }
}

/// What a response becomes.
pub trait Answer: Sized {
    /// Reads a successful response. Its name is not looked at: the names of some responses are not published.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`] where the body is of another shape altogether.
    fn read(response: Envelope) -> Result<Self, Error>;
}

impl<T: Salvage> Answer for T {
    fn read(response: Envelope) -> Result<Self, Error> {
        response.decode_body()
    }
}

/// The answer to a request that brings nothing back. Its text, if any, is for people; do not depend on it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Acknowledged {
    /// The text of the server, such as `Ring state updated successfully`.
    pub text: Option<String>,
}

impl Answer for Acknowledged {
    fn read(response: Envelope) -> Result<Self, Error> {
        let text = response.body.and_then(|body| serde_json::from_str(body.as_str()).ok());
        Ok(Self { text })
    }
}

/// The whole response to a [`RawRequest`].
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct RawResponse {
    /// The frame.
    pub envelope: Envelope,
}

impl Answer for RawResponse {
    fn read(envelope: Envelope) -> Result<Self, Error> {
        Ok(Self { envelope })
    }
}

/// A request that this crate has no type for: a name and a body as they are to stand on the wire.
#[derive(Debug, Clone, PartialEq)]
pub struct RawRequest {
    name: TypeName,
    body: Option<RawRecord>,
}

impl RawRequest {
    /// A request without a body.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self {
            name: TypeName::from(name),
            body: None,
        }
    }

    /// Sets the body.
    ///
    /// # Errors
    /// [`ErrorKind::Validation`] where it cannot be written as JSON.
    pub fn with_body<T: Serialize + ?Sized>(mut self, body: &T) -> Result<Self, Error> {
        self.body = Some(crate::frame::raw("body", body)?);
        Ok(self)
    }
}

impl Request for RawRequest {
    type Answer = RawResponse;
    type Body<'a> = &'a RawRecord;

    fn operation(&self) -> &'static str {
        "messaging.raw"
    }

    fn spelled(&self, _: Dialect) -> Option<&str> {
        Some(self.name.as_str())
    }

    fn body(&self, _: Dialect) -> Option<&RawRecord> {
        self.body.as_ref()
    }
}

/// Makes a record a request whose body is the record itself.
macro_rules! request {
    ($type:ty, $name:ident, $answer:ty) => {
        impl $crate::request::Request for $type {
            type Answer = $answer;
            type Body<'a> = &'a Self;

            fn operation(&self) -> &'static str {
                $crate::request::names::$name.id
            }

            fn spelled(&self, dialect: $crate::Dialect) -> Option<&str> {
                $crate::request::names::$name.spelled(dialect)
            }

            fn body(&self, _: $crate::Dialect) -> Option<&Self> {
                Some(self)
            }
        }
    };
}
pub(crate) use request;

/// The frame of a request, written in one pass.
#[derive(Serialize)]
struct Frame<'a, B: Serialize> {
    kind: &'static str,
    id: &'a str,
    #[serde(rename = "type")]
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    headers: Option<&'a [RawRecord]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<B>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    metadata: &'a [RawRecord],
}

/// Writes a request as the text frame that carries it: for transports of one's own. A connection does it by itself.
///
/// # Errors
/// [`ErrorKind::Validation`] where the dialect does not have the request, or a part of it cannot be written as JSON.
pub fn text_frame<R: Request + ?Sized>(
    request: &R,
    dialect: Dialect,
    id: &str,
    metadata: &[RawRecord],
) -> Result<String, Error> {
    let Some(name) = request.spelled(dialect) else {
        let who = match dialect {
            Dialect::Agent => "agent",
            Dialect::Public => "consumer",
        };
        return Err(
            Error::new(ErrorKind::Validation, format!("{who} sockets do not have this request"))
                .with_operation(request.operation())
                .with_advice("send it on the other socket, or send what this one has in its place"),
        );
    };
    let headers = Some(request.headers()).filter(|headers| !headers.is_empty());
    let frame = Frame {
        kind: "req",
        id,
        name,
        headers,
        body: request.body(dialect),
        metadata,
    };
    serde_json::to_string(&frame).map_err(|e| {
        Error::validation("the request cannot be written as JSON")
            .with_operation(request.operation())
            .with_source(e)
    })
}
