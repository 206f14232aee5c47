//! What the two calls of the Monitoring API send.

use le_core::{Error, Operation, OperationSpec, Result, Secret};
use serde::Serialize;

use super::{ClientProperties, EntryPoint, Identity, Monitoring, SessionIds};
use crate::call::bound;
use crate::loading::Loading;
use crate::sde::Sde;
use crate::validate::{self, Route};

/// The values of one call.
#[derive(Debug, Clone, Default)]
pub(super) struct Request {
    pub(super) visitor_id: Option<String>,
    pub(super) session_id: Option<String>,
    pub(super) identities: Vec<Identity>,
    /// The brand's own key: it may be an address.
    pub(super) consumer_id: Option<Secret>,
    pub(super) attributes: Vec<Sde>,
    pub(super) entry_points: Vec<EntryPoint>,
    pub(super) page_id: Option<String>,
    pub(super) properties: Option<ClientProperties>,
    pub(super) repeat_appended: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    identities: &'a [Identity],
    #[serde(skip_serializing_if = "Option::is_none")]
    consumer_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    page_id: Option<&'a str>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    entry_points: &'a [EntryPoint],
    #[serde(skip_serializing_if = "Option::is_none")]
    client_properties: Option<ClientProperties>,
    engagement_attributes: &'a [Sde],
}

impl Request {
    /// The ids that are sent, where both are.
    pub(super) fn ids(&self) -> Option<SessionIds> {
        Some(SessionIds::new(self.visitor_id.clone()?, self.session_id.clone()?))
    }

    pub(super) fn send_ids(&mut self, ids: SessionIds) {
        self.visitor_id = Some(ids.visitor_id);
        self.session_id = Some(ids.session_id);
    }

    /// What must hold before anything is sent.
    pub(super) fn check(&self, route: Route) -> Result<()> {
        for (name, sent) in [("vid", &self.visitor_id), ("sid", &self.session_id)] {
            if sent.as_deref() == Some("") {
                return Err(
                    Error::validation(format!("`{name}` is empty")).with_advice("leave it out where there is none")
                );
            }
        }
        self.identities
            .iter()
            .enumerate()
            .try_for_each(|(at, identity)| identity.check(at))?;
        if let Some(properties) = &self.properties {
            properties.check()?;
        }
        validate::attributes(&self.attributes, route)
    }

    /// A report names a visitor, and reports something.
    pub(super) fn check_report(&self) -> Result<()> {
        let named = self.visitor_id.is_some() || !self.identities.is_empty() || self.consumer_id.is_some();
        if !named {
            return Err(Error::validation(
                "a report names nobody: `vid`, `identities` and `consumerId` are all missing",
            )
            .with_advice("give the session that an engagement call answered with, or an identity"));
        }
        if self.attributes.is_empty() {
            return Err(Error::validation("`engagementAttributes` is empty")
                .with_advice("report at least one attribute or impression"));
        }
        Ok(())
    }

    pub(super) fn operation(&self, api: &Monitoring, spec: &'static OperationSpec) -> Result<Operation> {
        let body = Body {
            identities: &self.identities,
            consumer_id: self.consumer_id.as_ref().map(Secret::expose),
            page_id: self.page_id.as_deref(),
            entry_points: &self.entry_points,
            client_properties: self.properties.clone().map(ClientProperties::under_both_names),
            engagement_attributes: &self.attributes,
        };
        let appends = self.attributes.iter().any(Sde::is_appended);
        let operation = api
            .operation(spec, self.visitor_id.as_deref(), self.session_id.as_deref())?
            .idempotent(!appends || self.repeat_appended);
        operation.json(&body)
    }
}

impl Monitoring {
    /// An operation with path and query, without a body.
    pub(crate) fn operation(
        &self,
        spec: &'static OperationSpec,
        visitor_id: Option<&str>,
        session_id: Option<&str>,
    ) -> Result<Operation> {
        if self.app_installation_id.trim().is_empty() {
            return Err(Error::validation("the app installation id is empty")
                .with_operation(spec.id)
                .with_advice(
                    "take the app key from Data Sources > Conversation sources > Mobile App, or ask LivePerson for it",
                ));
        }
        let mut operation = Operation::new(spec)
            .path_value("appInstallationId", &*self.app_installation_id)
            .query("v", self.version.as_str());
        for (name, id) in [("vid", visitor_id), ("sid", session_id)] {
            if let Some(id) = id {
                operation = operation.query(name, id);
            }
        }
        let behalf = if self.on_behalf { "true" } else { "false" };
        Ok(bound(operation.query("obh", behalf), self.base.as_ref()))
    }
}

/// A loading answer's visitor id goes into `vid`.
pub(crate) const LOADING: Loading = Loading {
    take_up: |operation, visitor| *operation = operation.clone().set_query("vid", visitor),
};
