//! The entry to the data APIs.

use le_core::{BaseUri, Client, Result};

use crate::agent_activity::AgentActivity;
use crate::bulk_files::BulkFiles;
use crate::consumer_history::{ConsumerHistory, ConsumerJwt};
use crate::data_access::{DataAccess, Region};
use crate::engagement_history::Chats;
use crate::hosted_files::HostedFiles;
use crate::messaging_interactions::Conversations;

/// The data APIs of one account. Cheap to clone.
///
/// ```
/// # async fn run(client: le_core::Client) -> le_core::Result<()> {
/// use std::time::Duration;
/// use le_core::{TimeRange, Timestamp};
///
/// let data = le_data::Data::new(client);
/// let yesterday = TimeRange::last(Duration::from_secs(86_400), Timestamp::now());
/// let page = data.conversations().search(yesterday).skill(12).limit(20).await?;
/// for conversation in &page.records {
///     println!("{:?}", conversation.id());
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Data {
    client: Client,
}

impl Data {
    /// The data APIs through `client`, which brings account, credential and discovery.
    #[must_use]
    pub fn new(client: Client) -> Self {
        Self { client }
    }

    /// Messaging conversations, open and closed (Messaging Interactions).
    #[must_use]
    pub fn conversations(&self) -> Conversations {
        Conversations::new(self.client.clone())
    }

    /// Ended chats (Engagement History).
    #[must_use]
    pub fn chats(&self) -> Chats {
        Chats::new(self.client.clone())
    }

    /// Logins, logouts and status changes of agents (Agent Activity).
    #[must_use]
    pub fn agent_activity(&self) -> AgentActivity {
        AgentActivity::new(self.client.clone())
    }

    /// What one consumer may read of their own conversations (Consumer Messaging History).
    #[must_use]
    pub fn consumer_history(&self, consumer: ConsumerJwt) -> ConsumerHistory {
        ConsumerHistory::new(&self.client, consumer)
    }

    /// Raw files of agent activity, web sessions, engagements and surveys (Data Access).
    ///
    /// # Errors
    /// None in practice: the hosts of the regions are well-formed.
    pub fn data_access(&self, region: Region) -> Result<DataAccess> {
        DataAccess::new(&self.client, region)
    }

    /// The same at a base of your own, e.g. a gateway.
    #[must_use]
    pub fn data_access_at(&self, base: BaseUri) -> DataAccess {
        DataAccess::at(&self.client, base)
    }

    /// Zips of the files of conversations (Bulk File Download).
    #[must_use]
    pub fn bulk_files(&self) -> BulkFiles {
        BulkFiles::new(self.client.clone())
    }

    /// The storage of files, by signed paths.
    #[must_use]
    pub fn hosted_files(&self) -> HostedFiles {
        HostedFiles::new(self.client.clone())
    }

    /// The client that the calls go through.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }
}
