//! Changes of the history while clients read it.

use std::sync::Arc;

use crate::{history::HistoryChange, messaging, sentinel, world::World};

/// Lets things happen to the history: conversations close, surveys are answered, late ones arrive.
///
/// ```
/// use le_sim::{HistoryChange, Sim};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), le_sim::SimError> {
/// let sim = Sim::builder().conversations(50).start().await?;
/// let history = sim.control().history();
/// let closed = history.change(HistoryChange::Close).unwrap();
/// // The clients under test exported it when it was closed. Now its survey is answered.
/// assert!(history.change_of(&closed, HistoryChange::AnswerSurvey));
/// # sim.stop().await;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct HistoryControl {
    world: Arc<World>,
}

impl HistoryControl {
    pub(crate) fn new(world: Arc<World>) -> Self {
        Self { world }
    }

    /// Lets a change happen to some conversation that it can happen to, and tells to which. `None` if there is none.
    pub fn change(&self, change: HistoryChange) -> Option<String> {
        self.apply(change, None)
    }

    /// Lets a change happen to the conversation with this id. `false` if it is not known or the change does not fit:
    /// an open conversation has no survey to answer, a closed one cannot be closed.
    pub fn change_of(&self, conversation: &str, change: HistoryChange) -> bool {
        self.apply(change, Some(conversation)).is_some()
    }

    fn apply(&self, change: HistoryChange, conversation: Option<&str>) -> Option<String> {
        messaging::publish_due(&self.world);
        self.world
            .history
            .change(change, conversation, self.world.clock.now_ms())
    }

    /// A token of the identity provider for a consumer of the history, as Consumer Messaging History and consumer sockets
    /// take it. It lives as long as `anonymous_token_ms` says.
    #[must_use]
    pub fn consumer_token(&self, consumer: &str) -> String {
        messaging::token_of_consumer(&self.world, consumer)
    }

    /// A token of an application, as `POST /sentinel/api/v2/account/{accountId}/app/token` issues it for an hour: what Bulk
    /// File Download takes.
    #[must_use]
    pub fn application_token(&self) -> String {
        sentinel::issue(
            &self.world,
            self.world.oauth_clients.first().map_or("", |client| &client.client_id),
        )
    }

    /// Puts a file into the storage and signs its path, as `ms.GenerateURLForDownloadFile` does:
    /// `/v1/{container}/{accountId}/{file}?temp_url_sig=..&temp_url_expires=..`.
    #[must_use]
    pub fn host_file(&self, kind: &str, bytes: impl Into<bytes::Bytes>) -> String {
        self.world.messaging.files.host(&self.world, kind, bytes.into())
    }

    /// How many conversations the history shows now.
    #[must_use]
    pub fn conversations(&self) -> usize {
        self.world.history.len()
    }
}
