//! What opening a session answers.

use le_core::id::{CampaignId, SkillId};
use le_core::wire::Int;
use le_core::{ErrorKind, RawResponse, Result};

use crate::call::read;
use crate::generated::enums::Availability;
use crate::impression::Impression;
use crate::monitoring::{ConnectorId, ContextId, ConversationStart, OfferedEngagement, SessionIds, WindowId};

le_core::record! {
    /// The body of an answer as it came.
    pub struct AppSessionRecord {
        /// Whether something is offered.
        status: Option<Availability> = "status" [safe],
        /// The session.
        session_id: Option<String> = "sessionId" | "sid" [safe],
        /// The visitor.
        visitor_id: Option<String> = "visitorId" | "vid" [safe],
        /// The page.
        page_id: Option<String> = "pageId" [safe],
        /// What is offered: one object.
        engagement: Option<AppOffer> = "engagementDetails" [safe],
    }
}

le_core::record! {
    /// The engagement that is offered.
    pub struct AppOffer {
        /// The campaign.
        campaign_id: Option<CampaignId> = "campaignId" [safe],
        /// The engagement of the campaign.
        engagement_id: Option<CampaignId> = "engagementId" [safe],
        /// Its revision.
        revision: Option<Int> = "engagementRevision" [safe],
        /// That it was offered here.
        context_id: Option<ContextId> = "contextId" [safe],
        /// The window.
        window_id: Option<WindowId> = "windowId" [safe],
        /// The language.
        language: Option<String> = "language" [safe],
        /// For how many seconds the offer holds.
        valid_for_seconds: Option<Int> = "validForSeconds" [safe],
        /// The skill.
        skill_id: Option<SkillId> = "skillId" [safe],
        /// Its name.
        skill_name: Option<String> = "skillName" [safe],
        /// By which consumers are authenticated; only for engagements that ask for it.
        connector_id: Option<ConnectorId> = "connectorId" [safe],
    }
}

impl AppOffer {
    fn as_offered(&self) -> OfferedEngagement {
        OfferedEngagement {
            campaign_id: self.campaign_id.clone(),
            engagement_id: self.engagement_id.clone(),
            revision: self.revision.clone(),
            context_id: self.context_id.clone(),
            language: self.language.clone(),
            ..OfferedEngagement::default()
        }
    }

    /// The impression event for what the visitor did with this engagement.
    ///
    /// # Errors
    /// As [`OfferedEngagement::impression`].
    pub fn impression(&self, what: crate::ImpressionType) -> Result<Impression> {
        self.as_offered().impression(what)
    }

    /// What a conversation is started with.
    #[must_use]
    pub fn conversation_start(&self, ids: &SessionIds) -> ConversationStart {
        self.as_offered().conversation_start(ids)
    }
}

/// A session of an app.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct AppSession {
    /// The ids for later calls.
    pub ids: SessionIds,
    /// The page for updates.
    pub page_id: Option<String>,
    /// What is offered, where something is.
    pub offer: Option<AppOffer>,
    /// The answer as it came.
    pub record: AppSessionRecord,
}

impl AppSession {
    pub(super) fn read(response: &RawResponse) -> Result<Self> {
        let record: AppSessionRecord = read(response)?;
        let (Some(visitor), Some(session)) = (&record.visitor_id, &record.session_id) else {
            return Err(response.fail(ErrorKind::Protocol, "the answer has no `visitorId` or no `sessionId`"));
        };
        let available = record
            .status
            .as_ref()
            .is_none_or(|status| *status == Availability::Available);
        Ok(Self {
            ids: SessionIds::new(visitor, session),
            page_id: record.page_id.clone(),
            offer: record.engagement.clone().filter(|_| available),
            record,
        })
    }
}
