//! A consumer's socket that comes back.

use std::sync::Arc;

use le_core::AccountId;
use le_core::id::{ConversationId, DialogId, SkillId};
use serde::Serialize;

use super::builder::LinkBuilder;
use super::call::LinkCall;
use super::junction::{Lifeline, Shared};
use super::link::common_methods;
use crate::change::{FieldChange, UpdateConversation};
use crate::connector::ConsumerConnector;
use crate::consumer::consumer_requests;
use crate::conversation::{CloseReason, Conversation, CsatStatus, RequestConversation};
use crate::conversing::conversing;
use crate::dialect::Dialect;
use crate::event::{AcceptStatus, ChatState, Event, FileType, PublishEvent};
use crate::file::{DownloadUrl, UploadUrl};
use crate::identity::ParticipantId;
use crate::profile::{GetProfile, SetProfile};
use crate::request::Request;
use crate::server_clock::GetClock;
use crate::ttr::TtrType;

/// A consumer's socket that comes back and loses nothing. Clones share it.
///
/// It follows the consumer's open conversations and all of their dialogs. [`ConsumerClient`](crate::consumer_client::ConsumerClient) stands
/// on it. The link ends with [`shutdown`](Self::shutdown), or when the last clone and the [`Deliveries`](super::Deliveries) are dropped.
#[derive(Debug, Clone)]
pub struct ConsumerLink {
    shared: Arc<Shared>,
    lifeline: Lifeline,
    account: Arc<AccountId>,
}

common_methods!(ConsumerLink);
conversing!(ConsumerLink, LinkCall);
consumer_requests!(ConsumerLink, LinkCall);

impl ConsumerLink {
    /// A link over the sockets of this connector.
    pub fn builder(connector: ConsumerConnector) -> LinkBuilder<ConsumerConnector> {
        LinkBuilder::new(connector)
    }

    pub(super) fn new(shared: Arc<Shared>, lifeline: Lifeline, account: AccountId) -> Self {
        Self {
            shared,
            lifeline,
            account: Arc::new(account),
        }
    }

    /// The account.
    #[must_use]
    pub fn account(&self) -> &AccountId {
        &self.account
    }

    /// The dialect of its sockets.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        Dialect::Public
    }

    /// The number of the connection; it grows with each.
    pub(crate) fn epoch(&self) -> u64 {
        self.shared.gate.borrow().epoch
    }

    pub(crate) fn clock_of_link(&self) -> Arc<dyn le_core::clock::Clock> {
        Arc::clone(&self.shared.clock)
    }

    /// How long something may take that was asked for and not answered.
    pub(crate) fn patience(&self) -> std::time::Duration {
        self.shared.publish_timeout
    }
}
