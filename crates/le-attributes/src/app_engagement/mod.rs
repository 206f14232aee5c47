//! The App Engagement API: the older way for apps, chat and messaging.
//!
//! It works with engagements of the types `MSDK` and `EXTERNAL` only. Each call that opens a session puts a new visitor into the
//! visitor list, so open rarely. New integrations use [`monitoring`](crate::monitoring).
//!
//! Vendor pages: <https://developers.liveperson.com/app-engagement-api-overview.html>

mod answer;
mod details;

use std::sync::Arc;

use le_core::{BaseUri, Client, Error, Operation, Result};
use serde::Serialize;

pub use answer::{AppOffer, AppSession, AppSessionRecord};
pub use details::AppDetails;

use crate::call::{CallOptions, awaited, bound, call_options, send};
use crate::generated::enums::AppType;
use crate::generated::operations::{CONTINUE_APP_ENGAGEMENT, OPEN_APP_ENGAGEMENT, UPDATE_APP_ENGAGEMENT};
use crate::impression::Impression;
use crate::loading::Loading;
use crate::monitoring::SessionIds;
use crate::sde::Sde;
use crate::validate::{self, Route};

const API: &str = "app_engagement";

/// The pauses, in seconds, that the service publishes.
const PAUSES: [u64; 3] = [5, 10, 15];

/// The legacy App Engagement API. Cheap to clone.
#[derive(Debug, Clone)]
pub struct AppEngagement {
    client: Client,
    base: Option<BaseUri>,
}

impl AppEngagement {
    pub(crate) fn new(client: Client) -> Self {
        Self { client, base: None }
    }

    /// Calls this base instead of the one that discovery gives for `msdkgw`.
    #[must_use]
    pub fn at(mut self, base: BaseUri) -> Self {
        self.base = Some(base);
        self
    }

    /// Makes a visitor and asks which engagement is offered.
    pub fn open(&self, app_type: impl Into<AppType>) -> OpenAppSession {
        OpenAppSession {
            api: self.clone(),
            session: None,
            app_type: app_type.into(),
            details: None,
            sections: Vec::new(),
            attributes: Vec::new(),
            options: CallOptions::default(),
        }
    }

    /// The same for a visitor that is known.
    pub fn go_on(&self, session: SessionIds, app_type: impl Into<AppType>) -> OpenAppSession {
        OpenAppSession {
            session: Some(session),
            ..self.open(app_type)
        }
    }

    /// Reports attributes and impressions of a session. `page_id` is that of its last answer.
    pub fn update(&self, session: SessionIds, page_id: impl Into<String>) -> UpdateAppSession {
        UpdateAppSession {
            api: self.clone(),
            session,
            page_id: page_id.into(),
            impressions: Vec::new(),
            attributes: Vec::new(),
            repeat_appended: false,
            options: CallOptions::default(),
        }
    }
}

/// A loading answer's visitor id goes into the path.
const LOADING: Loading = Loading {
    take_up: |operation, visitor| {
        if operation.spec().id == OPEN_APP_ENGAGEMENT.id {
            let known = Operation::new(&CONTINUE_APP_ENGAGEMENT)
                .path_value("visitorId", visitor)
                .json_bytes(operation.body().clone())
                .idempotent(operation.is_idempotent());
            *operation = bound(known, operation.base());
        }
    },
};

/// Opens a session, or goes on with it; `.await` sends it.
///
/// <https://developers.liveperson.com/app-engagement-api-methods-create-session.html>
#[derive(Debug, Clone)]
#[must_use = "a call does nothing unless awaited"]
pub struct OpenAppSession {
    api: AppEngagement,
    session: Option<SessionIds>,
    app_type: AppType,
    details: Option<AppDetails>,
    sections: Vec<String>,
    attributes: Vec<Sde>,
    options: CallOptions,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct OpenBody<'a> {
    app_type: &'a AppType,
    #[serde(skip_serializing_if = "Option::is_none")]
    app_details: Option<&'a AppDetails>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    consumer_sections: &'a [String],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    engagement_attributes: &'a [Sde],
}

call_options!(OpenAppSession);

impl OpenAppSession {
    /// The device of the visitor.
    pub fn details(mut self, details: AppDetails) -> Self {
        self.details = Some(details);
        self
    }

    /// Adds a section in which the visitor is: plain text, no `sec://`.
    pub fn section(mut self, name: impl Into<String>) -> Self {
        self.sections.push(name.into());
        self
    }

    /// Adds an attribute. Impressions belong into [`AppEngagement::update`].
    pub fn attribute(mut self, attribute: impl Into<Sde>) -> Self {
        self.attributes.push(attribute.into());
        self
    }

    /// Sends the call.
    ///
    /// # Errors
    /// [`ErrorKind::Validation`](le_core::ErrorKind::Validation) before anything is sent; otherwise see
    /// [`ErrorKind`](le_core::ErrorKind) and [`refusal`](crate::refusal).
    pub async fn send(self) -> Result<AppSession> {
        let spec = if self.session.is_some() {
            &CONTINUE_APP_ENGAGEMENT
        } else {
            &OPEN_APP_ENGAGEMENT
        };
        self.check().map_err(|error| error.with_operation(spec.id))?;
        let mut operation = Operation::new(spec).json(&OpenBody {
            app_type: &self.app_type,
            app_details: self.details.as_ref(),
            consumer_sections: &self.sections,
            engagement_attributes: &self.attributes,
        })?;
        if let Some(ids) = self.session {
            operation = operation
                .path_value("visitorId", ids.visitor_id)
                .query("sid", ids.session_id);
        }
        let operation = bound(operation, self.api.base.as_ref());
        let loading = Some(Arc::new(LOADING) as _);
        let response = send(&self.api.client, API, operation, self.options, &PAUSES, loading).await?;
        AppSession::read(&response)
    }

    fn check(&self) -> Result<()> {
        if !matches!(self.app_type, AppType::MobileSdk | AppType::External) {
            return Err(Error::validation("`appType` is not MSDK or EXTERNAL")
                .with_advice("use AppType::MobileSdk or AppType::External"));
        }
        if let Some(details) = &self.details {
            details.check()?;
        }
        validate::attributes(&self.attributes, Route::Engagement)
    }
}

awaited!(OpenAppSession => AppSession);

/// Reports attributes and impressions; `.await` sends it.
///
/// <https://developers.liveperson.com/app-engagement-api-methods-update-session.html>
#[derive(Debug, Clone)]
#[must_use = "a call does nothing unless awaited"]
pub struct UpdateAppSession {
    api: AppEngagement,
    session: SessionIds,
    page_id: String,
    impressions: Vec<Sde>,
    attributes: Vec<Sde>,
    repeat_appended: bool,
    options: CallOptions,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct UpdateBody<'a> {
    page_id: &'a str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    imp_attributes: &'a [Sde],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    engagement_attributes: &'a [Sde],
}

call_options!(UpdateAppSession);

impl UpdateAppSession {
    /// Adds an attribute.
    pub fn attribute(mut self, attribute: impl Into<Sde>) -> Self {
        self.attributes.push(attribute.into());
        self
    }

    /// Adds an impression.
    pub fn impression(mut self, impression: Impression) -> Self {
        self.impressions.push(impression.into());
        self
    }

    /// Repeats the call after failures in which it may have been carried out, although it holds what is appended (default no).
    pub fn repeat_appended(mut self, yes: bool) -> Self {
        self.repeat_appended = yes;
        self
    }

    /// Sends the call.
    ///
    /// # Errors
    /// As [`OpenAppSession::send`].
    pub async fn send(self) -> Result<()> {
        self.check()
            .map_err(|error| error.with_operation(UPDATE_APP_ENGAGEMENT.id))?;
        let appends = !self.impressions.is_empty() || self.attributes.iter().any(Sde::is_appended);
        let operation = Operation::new(&UPDATE_APP_ENGAGEMENT)
            .path_value("visitorId", self.session.visitor_id)
            .query("sid", self.session.session_id)
            .idempotent(!appends || self.repeat_appended)
            .json(&UpdateBody {
                page_id: &self.page_id,
                imp_attributes: &self.impressions,
                engagement_attributes: &self.attributes,
            })?;
        let operation = bound(operation, self.api.base.as_ref());
        let loading = Some(Arc::new(LOADING) as _);
        send(&self.api.client, API, operation, self.options, &PAUSES, loading).await?;
        Ok(())
    }

    fn check(&self) -> Result<()> {
        if self.page_id.is_empty() {
            return Err(Error::validation("`pageId` is empty").with_advice("send the one of the last answer"));
        }
        if self.impressions.is_empty() && self.attributes.is_empty() {
            return Err(Error::validation("an update without attributes and impressions").with_advice("add one"));
        }
        validate::attributes(&self.impressions, Route::Report)?;
        validate::attributes(&self.attributes, Route::Engagement)
    }
}

awaited!(UpdateAppSession => ());
