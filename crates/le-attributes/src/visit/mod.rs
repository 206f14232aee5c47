//! A visit that is going on: its state, attributes that are added from outside, and whether an engagement was really offered.
//!
//! A visit is kept for six hours at most. Its two ids come from the web page (`lpTag`), or from an answer of
//! [`monitoring`](crate::monitoring) or [`app_engagement`](crate::app_engagement). All calls need a credential: an API key with the
//! permission of the call (OAuth 1.0a), or, for the state, the bearer of a login.
//!
//! Vendor pages: <https://developers.liveperson.com/visit-information-api-overview.html>,
//! <https://developers.liveperson.com/validate-engagement-api-overview.html>,
//! <https://developers.liveperson.com/engagement-attributes-api-overview.html>

mod app_session;
mod engagement;
mod page;

use http::{HeaderName, HeaderValue};
use le_core::wire::List;
use le_core::{Client, Error, ErrorKind, Operation, OperationSpec, Result};

pub use app_session::{
    AppSession, CartState, Geo, MergedCustomerInfo, MergedMarketingInfo, MergedPersonalInfo, MobileDevice, SearchEngine,
};
pub use engagement::{
    CampaignEntity, ConversationType, EngagementEntity, EngagementSkill, EngagementState, EngagementType, GoalEntity,
    ImpressionAccepted, VisitEngagement, VisitedEngagement,
};
pub use page::{PageBasic, VisitPage};

use crate::call::{CallOptions, awaited, call_options, read, send};
use crate::generated::operations::{ADD_VISIT_EVENTS, VALIDATE_ENGAGEMENT, VISIT_STATE};
use crate::sde::Sde;
use crate::validate::{self, Route};

const API: &str = "visit";

le_core::record! {
    /// What is known of a visit. Every member may be missing.
    pub struct VisitState {
        /// The session, longer than the id that was asked with: `{sid}.{40 hexadecimal digits}`.
        id: Option<String> = "id" [safe],
        /// The sessions of the applications in it; one, in all that was seen.
        app_sessions: List<AppSession> = "appSessions" [safe],
    }
}

/// One visit. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Visit {
    client: Client,
    visitor_id: String,
    session_id: String,
}

impl Visit {
    pub(crate) fn new(client: Client, visitor_id: String, session_id: String) -> Self {
        Self {
            client,
            visitor_id,
            session_id,
        }
    }

    /// Everything that is known of it (Visit Information).
    pub fn state(&self) -> ReadVisit {
        ReadVisit {
            visit: self.clone(),
            agent_filter: true,
            options: CallOptions::default(),
        }
    }

    /// Adds attributes from outside, e.g. the outcome of a phone call (Engagement Attributes).
    pub fn add_events(&self, attributes: impl IntoIterator<Item = impl Into<Sde>>) -> AddVisitEvents {
        AddVisitEvents {
            visit: self.clone(),
            attributes: attributes.into_iter().map(Into::into).collect(),
            repeat_appended: false,
            options: CallOptions::default(),
        }
    }

    /// Whether this engagement was really offered in this visit (Validate Engagement): protects against forged calls.
    pub fn validate_engagement(
        &self,
        campaign_id: impl Into<String>,
        engagement_id: impl Into<String>,
        context_id: impl Into<String>,
    ) -> ValidateEngagement {
        ValidateEngagement {
            visit: self.clone(),
            campaign_id: campaign_id.into(),
            engagement_id: engagement_id.into(),
            context_id: context_id.into(),
            options: CallOptions::default(),
        }
    }

    fn operation(&self, spec: &'static OperationSpec, session_id: &str) -> Result<Operation> {
        for (name, id) in [("visitorId", self.visitor_id.as_str()), ("sid", session_id)] {
            if id.is_empty() {
                return Err(Error::validation(format!("`{name}` is empty"))
                    .with_operation(spec.id)
                    .with_advice("both ids of a visit are needed"));
            }
        }
        Ok(Operation::new(spec)
            .path_value("visitorId", &*self.visitor_id)
            .query("sid", session_id))
    }

    /// The session id without what stands behind its first dot.
    fn short_session(&self) -> Option<&str> {
        self.session_id
            .split_once('.')
            .map(|(short, _)| short)
            .filter(|short| !short.is_empty())
    }
}

/// Reads the state of a visit; `.await` sends it.
///
/// <https://developers.liveperson.com/visit-information-api-overview.html>
#[derive(Debug, Clone)]
#[must_use = "a call does nothing unless awaited"]
pub struct ReadVisit {
    visit: Visit,
    agent_filter: bool,
    options: CallOptions,
}

call_options!(ReadVisit);

impl ReadVisit {
    /// Whether to send `filter=agent`, the only value that is documented (default yes). What its absence gives is not.
    pub fn agent_filter(mut self, yes: bool) -> Self {
        self.agent_filter = yes;
        self
    }

    /// Sends the call. Where the service does not know the session (code 39 or 12) and the id has a dot in it, the call is made once
    /// more with what stands before the dot.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] where the visit is over; otherwise see [`ErrorKind`] and [`refusal`](crate::refusal).
    pub async fn send(self) -> Result<VisitState> {
        let first = self.once(&self.visit.session_id).await;
        match (first, self.visit.short_session()) {
            (Err(error), Some(short))
                if error.kind() == ErrorKind::NotFound && matches!(error.code(), Some("39" | "12")) =>
            {
                self.once(short).await
            }
            (outcome, _) => outcome,
        }
    }

    async fn once(&self, session_id: &str) -> Result<VisitState> {
        let mut operation = self.visit.operation(&VISIT_STATE, session_id)?;
        if self.agent_filter {
            operation = operation.query("filter", "agent");
        }
        let response = send(
            &self.visit.client,
            API,
            operation,
            self.options.clone(),
            &[5, 5, 5],
            None,
        )
        .await?;
        read(&response)
    }
}

awaited!(ReadVisit => VisitState);

/// Adds attributes to a visit; `.await` sends them.
///
/// <https://developers.liveperson.com/engagement-attributes-api-engagement-attributes.html>
#[derive(Debug, Clone)]
#[must_use = "a call does nothing unless awaited"]
pub struct AddVisitEvents {
    visit: Visit,
    attributes: Vec<Sde>,
    repeat_appended: bool,
    options: CallOptions,
}

call_options!(AddVisitEvents);

impl AddVisitEvents {
    /// Repeats the call after failures in which it may have been carried out, although it holds attributes that are appended
    /// (default no).
    pub fn repeat_appended(mut self, yes: bool) -> Self {
        self.repeat_appended = yes;
        self
    }

    /// Sends the call.
    ///
    /// # Errors
    /// [`ErrorKind::Validation`] before anything is sent; otherwise see [`ErrorKind`] and [`refusal`](crate::refusal).
    pub async fn send(self) -> Result<()> {
        let mut checked = validate::attributes(&self.attributes, Route::Visit);
        if self.attributes.is_empty() {
            checked = Err(Error::validation("there are no attributes to add").with_advice("add at least one"));
        }
        checked.map_err(|error| error.with_operation(ADD_VISIT_EVENTS.id))?;
        let appends = self.attributes.iter().any(Sde::is_appended);
        let operation = self
            .visit
            .operation(&ADD_VISIT_EVENTS, &self.visit.session_id)?
            // Documented so, although the service takes the call without it, as clients of others show.
            .header(
                HeaderName::from_static("x-http-method-override"),
                HeaderValue::from_static("PUT"),
            )
            .idempotent(!appends || self.repeat_appended)
            .json(&self.attributes)?;
        send(&self.visit.client, API, operation, self.options, &[5, 10, 15], None).await?;
        Ok(())
    }
}

awaited!(AddVisitEvents => ());

/// Asks whether an engagement was offered; `.await` sends it.
///
/// <https://developers.liveperson.com/validate-engagement-api-overview.html>
#[derive(Debug, Clone)]
#[must_use = "a call does nothing unless awaited"]
pub struct ValidateEngagement {
    visit: Visit,
    campaign_id: String,
    engagement_id: String,
    context_id: String,
    options: CallOptions,
}

call_options!(ValidateEngagement);

impl ValidateEngagement {
    /// Sends the call: true for 200, false for 404.
    ///
    /// # Errors
    /// Everything else: [`ErrorKind::Authentication`] for 401, which also says that the key lacks the permission "Validate
    /// Engagement"; [`ErrorKind::InvalidRequest`] for 422, an invalid account.
    pub async fn send(self) -> Result<bool> {
        let mut operation = self.visit.operation(&VALIDATE_ENGAGEMENT, &self.visit.session_id)?;
        for (name, id) in [
            ("campaignId", self.campaign_id),
            ("engagementId", self.engagement_id),
            ("contextId", self.context_id),
        ] {
            if id.is_empty() {
                return Err(Error::validation(format!("`{name}` is empty")).with_operation(VALIDATE_ENGAGEMENT.id));
            }
            operation = operation.path_value(name, id);
        }
        match send(&self.visit.client, API, operation, self.options, &[5, 5, 5], None).await {
            Ok(_) => Ok(true),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }
}

awaited!(ValidateEngagement => bool);
