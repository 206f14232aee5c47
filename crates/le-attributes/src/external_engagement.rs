//! External engagement (IVR): a link that opens a chat for a caller of a phone line.
//!
//! The link works once, for a short time, and must not be cached. The pages print neither the service nor the authorisation of the
//! call: it goes to `smt` unless [`ExternalEngagement::at`] says otherwise, and carries a credential where the client has one.
//!
//! Vendor pages: <https://developers.liveperson.com/ivr-engagement-api-methods-external-engagement.html>

use le_core::wire::Int;
use le_core::{BaseUri, Client, Operation, Result, Secret};
use serde::Serialize;

use crate::call::{CallOptions, awaited, bound, call_options, read, send};
use crate::generated::enums::{AppType, Availability};
use crate::generated::operations::CREATE_EXTERNAL_ENGAGEMENT;
use crate::sde::Sde;
use crate::validate::{self, Route};

const API: &str = "external_engagement";

/// External engagements of one account. Cheap to clone.
#[derive(Debug, Clone)]
pub struct ExternalEngagement {
    client: Client,
    base: Option<BaseUri>,
}

impl ExternalEngagement {
    pub(crate) fn new(client: Client) -> Self {
        Self { client, base: None }
    }

    /// Calls this base instead of the one that discovery gives for `smt`.
    #[must_use]
    pub fn at(mut self, base: BaseUri) -> Self {
        self.base = Some(base);
        self
    }

    /// Asks for a link.
    pub fn create(&self) -> CreateExternalEngagement {
        CreateExternalEngagement {
            api: self.clone(),
            sections: Vec::new(),
            attributes: Vec::new(),
            wait: None,
            options: CallOptions::default(),
        }
    }
}

/// Asks for a link; `.await` sends it.
#[derive(Debug, Clone)]
#[must_use = "a call does nothing unless awaited"]
pub struct CreateExternalEngagement {
    api: ExternalEngagement,
    sections: Vec<String>,
    attributes: Vec<Sde>,
    wait: Option<u64>,
    options: CallOptions,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    app_type: AppType,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    consumer_sections: &'a [String],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    engagement_attributes: &'a [Sde],
    #[serde(skip_serializing_if = "Option::is_none")]
    external_wait_time_seconds: Option<u64>,
}

le_core::record! {
    /// What is offered to a caller.
    pub struct ExternalOffer {
        /// Whether something is; use [`ExternalOffer::is_available`], since it is spelt in two ways.
        status: Option<Availability> = "status" [safe],
        /// The link and how long it holds.
        details: Option<ExternalDetails> = "engagementDetails" [safe],
    }
}

le_core::record! {
    /// The link.
    pub struct ExternalDetails {
        /// The address. Whoever has it can open the chat, once: treat it like a password.
        url_to_chat: Option<String> = "urlToChat",
        /// For how many seconds it works.
        valid_for_seconds: Option<Int> = "validForSeconds" [safe],
        /// How many seconds a chat is expected to wait.
        expected_wait_time_seconds: Option<Int> = "expectedWaitTimeSeconds" [safe],
        /// How many wait.
        queue_size: Option<Int> = "queueSize" [safe],
    }
}

impl ExternalOffer {
    /// Whether an engagement is offered. `Not Available` and `NotAvailable` both mean that none is.
    #[must_use]
    pub fn is_available(&self) -> bool {
        self.status == Some(Availability::Available)
    }

    /// The link, where one is offered.
    #[must_use]
    pub fn url(&self) -> Option<Secret> {
        let details = self.details.as_ref().filter(|_| self.is_available())?;
        details.url_to_chat.clone().map(Secret::from)
    }
}

call_options!(CreateExternalEngagement);

impl CreateExternalEngagement {
    /// Adds a section in which the caller is: plain text, no `sec://`.
    pub fn section(mut self, name: impl Into<String>) -> Self {
        self.sections.push(name.into());
        self
    }

    /// Adds an attribute.
    pub fn attribute(mut self, attribute: impl Into<Sde>) -> Self {
        self.attributes.push(attribute.into());
        self
    }

    /// How many seconds the caller has waited. Reserved by the vendor.
    pub fn external_wait_time_seconds(mut self, seconds: u64) -> Self {
        self.wait = Some(seconds);
        self
    }

    /// Sends the call. It is not repeated after a failure in which a link may have been made.
    ///
    /// # Errors
    /// [`ErrorKind::Validation`](le_core::ErrorKind::Validation) before anything is sent;
    /// [`ErrorKind::Authentication`](le_core::ErrorKind::Authentication) where the service wants a credential, or another one;
    /// otherwise see [`ErrorKind`](le_core::ErrorKind) and [`refusal`](crate::refusal).
    pub async fn send(self) -> Result<ExternalOffer> {
        validate::attributes(&self.attributes, Route::Visit)
            .map_err(|error| error.with_operation(CREATE_EXTERNAL_ENGAGEMENT.id))?;
        let operation = Operation::new(&CREATE_EXTERNAL_ENGAGEMENT).json(&Body {
            app_type: AppType::Ivr,
            consumer_sections: &self.sections,
            engagement_attributes: &self.attributes,
            external_wait_time_seconds: self.wait,
        })?;
        let operation = bound(operation, self.api.base.as_ref());
        let response = send(&self.api.client, API, operation, self.options, &[5, 10, 15], None).await?;
        read(&response)
    }
}

awaited!(CreateExternalEngagement => ExternalOffer);
