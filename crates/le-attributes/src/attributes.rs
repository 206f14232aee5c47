//! The entry to the calls.

use le_core::Client;

use crate::app_engagement::AppEngagement;
use crate::external_engagement::ExternalEngagement;
use crate::monitoring::Monitoring;
use crate::visit::Visit;

/// The visitor-side services of one account. Cheap to clone.
///
/// ```
/// # async fn run(client: le_core::Client) -> le_core::Result<()> {
/// use le_attributes::{Attributes, customer::CustomerInfo, monitoring::Identity};
///
/// let monitoring = Attributes::new(client).monitoring("0a0b0c0d-1111-4222-8333-444455556666");
/// let answer = monitoring
///     .engagement()
///     .identity(Identity::authenticated("https://id.example.org", "cu-7f31"))
///     .attribute(CustomerInfo::default().customer_type("gold"))
///     .await?;
/// if let Some(offer) = answer.first() {
///     println!("offer engagement {:?}", offer.engagement_id);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Attributes {
    client: Client,
}

impl Attributes {
    /// The services through `client`, which brings account, discovery and, where a call needs one, the credential.
    #[must_use]
    pub fn new(client: Client) -> Self {
        Self { client }
    }

    /// The Monitoring API: reports attributes of visitors and asks which engagement is offered. It needs no credential: the key of
    /// the app installation is all there is, so its attributes are unauthenticated.
    #[must_use]
    pub fn monitoring(&self, app_installation_id: impl Into<String>) -> Monitoring {
        Monitoring::new(self.client.clone(), app_installation_id.into())
    }

    /// The legacy App Engagement API.
    #[must_use]
    pub fn app_engagement(&self) -> AppEngagement {
        AppEngagement::new(self.client.clone())
    }

    /// A visit that is going on: what is known of it, and what is added to it from outside. Needs a credential.
    #[must_use]
    pub fn visit(&self, visitor_id: impl Into<String>, session_id: impl Into<String>) -> Visit {
        Visit::new(self.client.clone(), visitor_id.into(), session_id.into())
    }

    /// Links that open a chat for callers of a phone line.
    #[must_use]
    pub fn external_engagement(&self) -> ExternalEngagement {
        ExternalEngagement::new(self.client.clone())
    }

    /// The client that the calls go through.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }
}
