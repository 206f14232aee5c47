//! Who is who: the two ids of an agent, and the ids of participants.

use le_core::AccountId;
use le_core::id::{Id, UserId, UserPid};

/// Marks the id of a participant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Participant;

/// The id of a participant: an agent's old id (`<account>.<user>`) or public id, or a consumer's id.
///
/// Agent sockets mostly use old ids and consumer sockets public ones, but not reliably; compare with [`AgentIdentity::is`].
pub type ParticipantId = Id<Participant>;

/// Marks the id of a subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Subscription;

/// The id of a subscription. It is valid for one socket only.
pub type SubscriptionId = Id<Subscription>;

/// Both ids of an agent, as the login answer gives them.
///
/// ```
/// use le_bots::identity::AgentIdentity;
/// use le_core::AccountId;
/// let agent = AgentIdentity::new(AccountId::new("70000001")?, "9100000042").with_pid("5e0f1b7a-2c3d-5a41-8b9e-77aa10c0de01");
/// assert_eq!(agent.old_id().as_str(), "70000001.9100000042");
/// assert!(agent.is(&"70000001.9100000042".into()) && agent.is(&"5e0f1b7a-2c3d-5a41-8b9e-77aa10c0de01".into()));
/// # Ok::<_, le_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentIdentity {
    account: AccountId,
    old_id: ParticipantId,
    pid: Option<UserPid>,
}

impl AgentIdentity {
    /// From the account and `config.userId` of the login answer.
    #[must_use]
    pub fn new(account: AccountId, user: impl Into<UserId>) -> Self {
        let old_id = ParticipantId::new(format!("{account}.{}", user.into().as_str()));
        Self {
            account,
            old_id,
            pid: None,
        }
    }

    /// Adds the public id, `config.userPid` of the login answer.
    #[must_use]
    pub fn with_pid(mut self, pid: impl Into<UserPid>) -> Self {
        self.pid = Some(pid.into());
        self
    }

    /// The account.
    #[must_use]
    pub fn account(&self) -> &AccountId {
        &self.account
    }

    /// `<account>.<user>`, which the agent socket takes in requests.
    #[must_use]
    pub fn old_id(&self) -> &ParticipantId {
        &self.old_id
    }

    /// The public id.
    #[must_use]
    pub fn pid(&self) -> Option<&UserPid> {
        self.pid.as_ref()
    }

    /// Whether the id is this agent's, in either form.
    #[must_use]
    pub fn is(&self, id: &ParticipantId) -> bool {
        *id == self.old_id || self.pid.as_ref().is_some_and(|pid| pid.as_str() == id.as_str())
    }
}
