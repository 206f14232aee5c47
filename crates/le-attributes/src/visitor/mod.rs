//! One visitor: who they are to the brand, what is remembered of them, and a session that keeps itself.

mod session;
mod state;

use std::fmt;
use std::sync::Arc;

use le_core::Result;

pub use session::VisitorSession;
pub(crate) use state::is_over;
pub use state::{AGE_MS, IDLE_MS, VisitorState};

use crate::monitoring::{ClientProperties, Identity, SessionIds};

/// A visitor as the brand knows them. `Debug` does not show the key, which may be personal.
///
/// ```
/// use le_attributes::{monitoring::Identity, visitor::Visitor};
/// let visitor = Visitor::new("cart-5512").identity(Identity::authenticated("https://id.example.org", "cu-7f31"));
/// ```
#[derive(Clone)]
pub struct Visitor {
    key: Arc<str>,
    identities: Vec<Identity>,
    properties: Option<ClientProperties>,
    state: Box<VisitorState>,
}

impl Visitor {
    /// A visitor by a key of your own, e.g. the id of their web session. It is not sent.
    #[must_use]
    pub fn new(key: impl Into<Arc<str>>) -> Self {
        Self {
            key: key.into(),
            identities: Vec::new(),
            properties: None,
            state: Box::default(),
        }
    }

    /// Adds a consumer as the brand knows them. A visitor without one, and without ids, is opened with an engagement call.
    #[must_use]
    pub fn identity(mut self, identity: Identity) -> Self {
        self.identities.push(identity);
        self
    }

    /// The device of the visitor.
    #[must_use]
    pub fn client_properties(mut self, properties: ClientProperties) -> Self {
        self.properties = Some(properties);
        self
    }

    /// The ids of their session, where they are known, e.g. from the web page.
    #[must_use]
    pub fn session(mut self, ids: SessionIds) -> Self {
        self.state.visitor_id = Some(ids.visitor_id);
        self.state.session_id = Some(ids.session_id);
        self
    }

    /// Goes on where another process stopped. Events without an acknowledgement are sent first.
    #[must_use]
    pub fn state(mut self, state: VisitorState) -> Self {
        *self.state = state;
        self
    }

    /// The key.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    pub(crate) fn key_arc(&self) -> &Arc<str> {
        &self.key
    }

    pub(crate) fn remembered(&self) -> &VisitorState {
        &self.state
    }

    pub(crate) fn is_named(&self) -> bool {
        !self.identities.is_empty()
    }

    /// What the rules say before anything is sent.
    pub(crate) fn check(&self) -> Result<()> {
        self.identities
            .iter()
            .enumerate()
            .try_for_each(|(at, identity)| identity.check(at))?;
        self.properties.as_ref().map_or(Ok(()), ClientProperties::check)
    }

    /// The members of a body that do not change, without braces.
    pub(crate) fn head(&self) -> String {
        let mut members = Vec::new();
        if let Some(json) = (!self.identities.is_empty())
            .then(|| serde_json::to_string(&self.identities).ok())
            .flatten()
        {
            members.push(format!("\"identities\":{json}"));
        }
        let properties = self.properties.clone().map(ClientProperties::under_both_names);
        if let Some(json) = properties.and_then(|properties| serde_json::to_string(&properties).ok()) {
            members.push(format!("\"clientProperties\":{json}"));
        }
        members.join(",")
    }
}

impl fmt::Debug for Visitor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Visitor")
            .field("identities", &self.identities.len())
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}
