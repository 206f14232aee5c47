//! The Monitoring API: tell LiveEngage who a visitor is and what happens, and learn which engagement is offered.
//!
//! It is made for servers, devices and apps that no web tag runs on. It takes no credential: account and app installation are all
//! that it asks for, so nothing that it reports proves who somebody is; attributes that have to be trusted travel in a signed
//! token.
//!
//! Two calls: [`engagement`](Monitoring::engagement) opens or continues a session, reports attributes, and answers with what is
//! offered; [`report`](Monitoring::report) reports attributes and impressions. Both answer with two ids, which belong into every
//! later call of the visitor. [`VisitorSession`](crate::visitor::VisitorSession) does that by itself, and
//! [`Reporter`](crate::reporter::Reporter) for thousands of visitors.
//!
//! A call is repeated after 3, 10, 30 and 90 seconds while the service loads the account, with the visitor id that its answer
//! names. After a failure in which it may have been carried out it is repeated only where nothing in it is appended, since the
//! service is not known to tell a repetition; see [`ReportCall::repeat_appended`].
//!
//! Vendor pages: <https://developers.liveperson.com/monitoring-api-overview.html>

mod answer;
mod client_properties;
mod entry_point;
mod identity;
mod prepared;
mod request;

use std::sync::Arc;

use le_core::{BaseUri, Client, Result};

pub use answer::{
    ConnectorId, ContextId, ConversationStart, OfferedEngagement, SessionAnswer, SessionChange, SessionIds,
    SessionRecord, WindowId, kind,
};
pub use client_properties::ClientProperties;
pub use entry_point::EntryPoint;
pub use identity::Identity;

use crate::call::{CallOptions, awaited, call_options, send};
use crate::generated::operations::{GET_ENGAGEMENT, REPORT};
use crate::sde::Sde;
use crate::validate::Route;
use request::{LOADING, Request};

/// The first word of this API's refusals in the catalogue.
const API: &str = "monitoring";

/// The pauses, in seconds, that the service publishes.
pub(crate) const PAUSES: [u64; 4] = [3, 10, 30, 90];

/// The version of the API. The only difference that is documented is how a loading account is answered, and both are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Version {
    /// 1.0: a loading account is a 500 with code 20.
    V1_0,
    /// 1.1: a loading account is a 202 with code 38.
    #[default]
    V1_1,
}

impl Version {
    fn as_str(self) -> &'static str {
        match self {
            Self::V1_0 => "1.0",
            Self::V1_1 => "1.1",
        }
    }
}

/// The Monitoring API for one app installation. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Monitoring {
    pub(crate) client: Client,
    app_installation_id: Arc<str>,
    version: Version,
    on_behalf: bool,
    base: Option<BaseUri>,
}

impl Monitoring {
    pub(crate) fn new(client: Client, app_installation_id: String) -> Self {
        Self {
            client,
            app_installation_id: app_installation_id.into(),
            version: Version::default(),
            on_behalf: true,
            base: None,
        }
    }

    /// Speaks this version.
    #[must_use]
    pub fn version(mut self, version: Version) -> Self {
        self.version = version;
        self
    }

    /// Whether the caller is not the visitor (`obh`; default yes). Otherwise the caller's IP address becomes the visitor's
    /// geography: right for a device, wrong for a server.
    #[must_use]
    pub fn on_behalf(mut self, yes: bool) -> Self {
        self.on_behalf = yes;
        self
    }

    /// Calls this base instead of the one that discovery gives for `smt`.
    #[must_use]
    pub fn at(mut self, base: BaseUri) -> Self {
        self.base = Some(base);
        self
    }

    /// Opens or continues a session and asks which engagement is offered.
    pub fn engagement(&self) -> EngagementCall {
        EngagementCall {
            api: self.clone(),
            request: Request::default(),
            options: CallOptions::default(),
        }
    }

    /// Reports attributes and impressions. Impressions count only in a session that had an engagement call.
    pub fn report(&self, attributes: impl IntoIterator<Item = impl Into<Sde>>) -> ReportCall {
        ReportCall {
            api: self.clone(),
            request: Request {
                attributes: attributes.into_iter().map(Into::into).collect(),
                ..Request::default()
            },
            options: CallOptions::default(),
        }
    }

    pub(crate) async fn answer(
        &self,
        operation: le_core::Operation,
        sent: Option<&SessionIds>,
        options: CallOptions,
    ) -> Result<SessionAnswer> {
        let response = send(&self.client, API, operation, options, &PAUSES, Some(Arc::new(LOADING))).await?;
        SessionAnswer::read(&response, sent)
    }
}

/// The chained values that both calls take.
macro_rules! values {
    ($builder:ty) => {
        call_options!($builder);

        impl $builder {
            /// The session of the visitor, as the last answer gave it.
            pub fn session(mut self, ids: SessionIds) -> Self {
                self.request.send_ids(ids);
                self
            }

            /// The visitor alone, where the session is not known.
            pub fn visitor_id(mut self, id: impl Into<String>) -> Self {
                self.request.visitor_id = Some(id.into());
                self
            }

            /// Adds a consumer as the brand knows them; there can be several, e.g. one of each level.
            pub fn identity(mut self, identity: Identity) -> Self {
                self.request.identities.push(identity);
                self
            }

            /// Adds an attribute.
            pub fn attribute(mut self, attribute: impl Into<Sde>) -> Self {
                self.request.attributes.push(attribute.into());
                self
            }

            /// Adds where the visitor stands.
            pub fn entry_point(mut self, at: impl Into<EntryPoint>) -> Self {
                self.request.entry_points.push(at.into());
                self
            }

            /// The device of the visitor.
            pub fn client_properties(mut self, properties: ClientProperties) -> Self {
                self.request.properties = Some(properties);
                self
            }

            /// The key of the consumer in the older form; [`identity`](Self::identity) has taken its place.
            pub fn consumer_id(mut self, id: impl Into<::le_core::Secret>) -> Self {
                self.request.consumer_id = Some(id.into());
                self
            }

            /// Repeats the call after failures in which it may have been carried out, although it holds attributes that are
            /// appended (default no): a purchase may then be there twice. What is replaced is always repeated.
            pub fn repeat_appended(mut self, yes: bool) -> Self {
                self.request.repeat_appended = yes;
                self
            }
        }
    };
}

/// Opens or continues a session; `.await` sends it.
///
/// <https://developers.liveperson.com/monitoring-api-methods-engagement.html>
#[derive(Debug, Clone)]
#[must_use = "a call does nothing unless awaited"]
pub struct EngagementCall {
    api: Monitoring,
    request: Request,
    options: CallOptions,
}

values!(EngagementCall);

impl EngagementCall {
    /// Sends the call.
    ///
    /// # Errors
    /// [`ErrorKind::Validation`](le_core::ErrorKind::Validation) before anything is sent, among others for impressions, which only
    /// a report takes; otherwise see [`ErrorKind`](le_core::ErrorKind) and [`refusal`](crate::refusal).
    pub async fn send(self) -> Result<SessionAnswer> {
        self.request
            .check(Route::Engagement)
            .map_err(|error| error.with_operation(GET_ENGAGEMENT.id))?;
        let operation = self.request.operation(&self.api, &GET_ENGAGEMENT)?;
        self.api
            .answer(operation, self.request.ids().as_ref(), self.options)
            .await
    }
}

awaited!(EngagementCall => SessionAnswer);

/// Reports attributes and impressions; `.await` sends it.
///
/// <https://developers.liveperson.com/monitoring-api-methods-report.html>
#[derive(Debug, Clone)]
#[must_use = "a call does nothing unless awaited"]
pub struct ReportCall {
    api: Monitoring,
    request: Request,
    options: CallOptions,
}

values!(ReportCall);

impl ReportCall {
    /// The page that the events belong to, as an earlier answer gave it. Not called: the service invents one.
    pub fn page_id(mut self, id: impl Into<String>) -> Self {
        self.request.page_id = Some(id.into());
        self
    }

    /// Sends the call.
    ///
    /// # Errors
    /// [`ErrorKind::Validation`](le_core::ErrorKind::Validation) before anything is sent, among others where nothing names the
    /// visitor; otherwise see [`ErrorKind`](le_core::ErrorKind) and [`refusal`](crate::refusal).
    pub async fn send(self) -> Result<SessionAnswer> {
        self.request
            .check_report()
            .and_then(|()| self.request.check(Route::Report))
            .map_err(|error| error.with_operation(REPORT.id))?;
        let operation = self.request.operation(&self.api, &REPORT)?;
        self.api
            .answer(operation, self.request.ids().as_ref(), self.options)
            .await
    }
}

awaited!(ReportCall => SessionAnswer);
