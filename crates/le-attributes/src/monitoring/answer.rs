//! What the Monitoring API answers.

use http::StatusCode;
use le_core::id::{CampaignId, ConversationId, Id};
use le_core::wire::{Int, List};
use le_core::{Error, ErrorKind, RawResponse, Result};
use serde::{Deserialize, Serialize};

use crate::call::read;
use crate::generated::enums::{EngagementStatus, ImpressionType};
use crate::impression::Impression;

/// The kinds of ids of offered engagements. Never made: they only tell ids apart.
pub mod kind {
    /// A context: that this engagement was offered in this session.
    #[derive(Debug, Clone, Copy)]
    pub enum Context {}
    /// A connector, by which consumers are authenticated.
    #[derive(Debug, Clone, Copy)]
    pub enum Connector {}
    /// A window.
    #[derive(Debug, Clone, Copy)]
    pub enum Window {}
}

/// The id of a context.
pub type ContextId = Id<kind::Context>;
/// The id of a connector.
pub type ConnectorId = Id<kind::Connector>;
/// The id of a window.
pub type WindowId = Id<kind::Window>;

/// The two ids of a monitored session. Store both, and send both with every call of this visitor.
///
/// They are opaque. Creating sessions at an abnormal rate, which is what not storing them comes to, is capped by the service.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct SessionIds {
    /// `vid`: the visitor, over all their sessions.
    #[serde(rename = "vid")]
    pub visitor_id: String,
    /// `sid`: the session. It lasts about six hours, and ends after about 30 minutes without a call.
    #[serde(rename = "sid")]
    pub session_id: String,
}

impl SessionIds {
    /// Ids that were stored, or read from a page.
    #[must_use]
    pub fn new(visitor_id: impl Into<String>, session_id: impl Into<String>) -> Self {
        Self {
            visitor_id: visitor_id.into(),
            session_id: session_id.into(),
        }
    }
}

le_core::record! {
    /// The body of an answer as it came.
    pub struct SessionRecord {
        /// The session; one page calls it `sid`.
        session_id: Option<String> = "sessionId" | "sid" [safe],
        /// The visitor; one page calls it `vid`.
        visitor_id: Option<String> = "visitorId" | "vid" [safe],
        /// Groups the events of one page. Send it with later reports of that page.
        page_id: Option<String> = "pageId" [safe],
        /// What is offered; missing where nothing is.
        engagements: List<OfferedEngagement> = "engagementDetails" [safe],
    }
}

le_core::record! {
    /// An engagement that is offered to the visitor, or the conversation that they have already.
    pub struct OfferedEngagement {
        /// The campaign.
        campaign_id: Option<CampaignId> = "campaignId" [safe],
        /// The engagement of the campaign.
        engagement_id: Option<CampaignId> = "engagementId" [safe],
        /// Its revision.
        revision: Option<Int> = "engagementRevision" [safe],
        /// That it was offered here: impressions and the start of a conversation name it.
        context_id: Option<ContextId> = "contextId" [safe],
        /// By which consumers of this engagement are authenticated.
        connector_id: Option<ConnectorId> = "connectorId" [safe],
        /// The window.
        window_id: Option<WindowId> = "windowId" [safe],
        /// A language that is enabled on the engagement.
        language: Option<String> = "language" [safe],
        /// The open conversation; with [`EngagementStatus::Conversation`].
        conversation_id: Option<ConversationId> = "conversationId" [safe],
        /// What to do with it.
        status: Option<EngagementStatus> = "status" [safe],
    }
}

impl OfferedEngagement {
    /// Whether the visitor has an open conversation already, which is to be gone on with instead of a new one.
    #[must_use]
    pub fn has_conversation(&self) -> bool {
        matches!(
            self.status,
            Some(EngagementStatus::Conversation | EngagementStatus::Interaction)
        )
    }

    /// The impression event for what the visitor did with this engagement.
    ///
    /// # Errors
    /// [`ErrorKind::Validation`] where the answer lacked one of the numbers that the event copies.
    pub fn impression(&self, what: ImpressionType) -> Result<Impression> {
        let lacking = |name: &str| {
            Error::validation(format!(
                "the offered engagement has no `{name}`, which an impression copies"
            ))
            .with_advice("ask for the engagement again")
        };
        let campaign = self.campaign_id.clone().ok_or_else(|| lacking("campaignId"))?;
        let engagement = self.engagement_id.clone().ok_or_else(|| lacking("engagementId"))?;
        let revision = self.revision.clone().ok_or_else(|| lacking("engagementRevision"))?;
        let with_context = matches!(what, ImpressionType::Display | ImpressionType::Accept);
        // Ids that came as text are written as the numbers that the event wants.
        let number = |id: CampaignId| id.as_i64().map_or(id, CampaignId::from);
        let event = Impression::new(what, number(campaign), number(engagement), revision.get());
        match &self.context_id {
            Some(context) if with_context => Ok(event.context(context.as_str())),
            None if with_context => Err(lacking("contextId")),
            _ => Ok(event),
        }
    }

    /// What a conversation is started with, so that agents and bots see what was reported.
    #[must_use]
    pub fn conversation_start(&self, ids: &SessionIds) -> ConversationStart {
        let text = |id: Option<&CampaignId>| id.map(|id| id.as_str().to_owned());
        ConversationStart {
            visitor_id: ids.visitor_id.clone(),
            session_id: ids.session_id.clone(),
            interaction_context_id: self.context_id.as_ref().map(|id| id.as_str().to_owned()),
            campaign_id: text(self.campaign_id.as_ref()),
            engagement_id: text(self.engagement_id.as_ref()),
            language: self.language.clone(),
        }
    }
}

/// The values of a conversation that starts from an engagement: `campaignInfo` and a `conversationContext` of the type
/// [`ConversationStart::CONTEXT_TYPE`] in the request for a conversation.
///
/// Without visitor and session the agent does not see the reported attributes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ConversationStart {
    /// `conversationContext.visitorId`.
    pub visitor_id: String,
    /// `conversationContext.sessionId`.
    pub session_id: String,
    /// `conversationContext.interactionContextId`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interaction_context_id: Option<String>,
    /// `campaignInfo.campaignId`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub campaign_id: Option<String>,
    /// `campaignInfo.engagementId`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub engagement_id: Option<String>,
    /// `conversationContext.lang`; else a locale that is enabled on the engagement.
    #[serde(rename = "lang", skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
}

impl ConversationStart {
    /// `conversationContext.type`.
    pub const CONTEXT_TYPE: &'static str = "SharkContext";
}

/// Whether the service went on with the session that was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SessionChange {
    /// 200: it is the session that was sent.
    Kept,
    /// 201: it is a new session. The stored ids are to be replaced, and contexts of the old session hold no more.
    Replaced,
}

/// What came of a call.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct SessionAnswer {
    /// The ids that hold from now on.
    pub ids: SessionIds,
    /// Whether they are those that were sent.
    pub session: SessionChange,
    /// The page, to be sent with later reports of it.
    pub page_id: Option<String>,
    /// What is offered; empty where nothing is, and always after a report.
    pub engagements: Vec<OfferedEngagement>,
    /// The answer as it came, with members that this version does not know.
    pub record: SessionRecord,
}

impl SessionAnswer {
    /// The first engagement. More than one was never seen.
    #[must_use]
    pub fn first(&self) -> Option<&OfferedEngagement> {
        self.engagements.first()
    }

    /// Whether the ids were replaced by new ones.
    #[must_use]
    pub fn is_replaced(&self) -> bool {
        self.session == SessionChange::Replaced
    }

    /// Reads an answer to a call that carried `sent`.
    pub(crate) fn read(response: &RawResponse, sent: Option<&SessionIds>) -> Result<Self> {
        let created = response.status() == StatusCode::CREATED;
        let record = match sent {
            Some(_) if !created && response.is_empty() => SessionRecord::default(),
            _ => read::<SessionRecord>(response)?,
        };
        let id = |came: &Option<String>, sent: Option<&String>| {
            // A live session may answer without its ids; a new one may not.
            came.clone()
                .filter(|id| !id.is_empty())
                .or_else(|| sent.filter(|_| !created).cloned())
        };
        let visitor = id(&record.visitor_id, sent.map(|ids| &ids.visitor_id));
        let session = id(&record.session_id, sent.map(|ids| &ids.session_id));
        let (Some(visitor_id), Some(session_id)) = (visitor, session) else {
            return Err(response.fail(ErrorKind::Protocol, "the answer has no `visitorId` or no `sessionId`"));
        };
        let ids = SessionIds { visitor_id, session_id };
        let kept = !created && sent.is_none_or(|sent| sent.session_id == ids.session_id);
        Ok(Self {
            session: if kept {
                SessionChange::Kept
            } else {
                SessionChange::Replaced
            },
            page_id: record.page_id.clone(),
            engagements: record.engagements.iter().cloned().collect(),
            ids,
            record,
        })
    }
}
