//! The entry to the data APIs.

use le_core::Client;

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

    /// The client that the calls go through.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }
}
