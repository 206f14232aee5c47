//! What a bot is for, and how much of it there may be.

use std::num::NonZeroUsize;
use std::time::Duration;

use crate::conversation::Role;
use crate::metadata::SurveyMark;

/// Limits of a bot user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Open conversations beyond which rings are left to others. The vendor's ceiling is 999, and no more can be set.
    pub conversations: usize,
    /// Open conversations from which on a warning is logged, and the health says so (250). The vendor's older advice is 50.
    pub recommended: usize,
    /// What happens to rings beyond the limit.
    pub beyond: Beyond,
    /// How many conversations have a handler running at once; others wait (1 024).
    pub running: usize,
    /// How many events wait for the handlers of one conversation (64). Beyond, their contents are forgotten and read again from the
    /// history when their turn comes.
    pub waiting: usize,
}

/// The vendor's ceiling of open conversations for one user.
pub const MOST_CONVERSATIONS: usize = 999;

impl Default for Limits {
    fn default() -> Self {
        Self {
            conversations: MOST_CONVERSATIONS,
            recommended: 250,
            beyond: Beyond::default(),
            running: 1024,
            waiting: 64,
        }
    }
}

impl Limits {
    /// At most so many open conversations; never more than [`MOST_CONVERSATIONS`].
    #[must_use]
    pub fn conversations(mut self, most: usize) -> Self {
        self.conversations = most.clamp(1, MOST_CONVERSATIONS);
        self
    }

    /// A warning from so many open conversations on.
    #[must_use]
    pub fn recommended(mut self, most: usize) -> Self {
        self.recommended = most;
        self
    }

    /// What happens to rings beyond the limit.
    #[must_use]
    pub fn beyond(mut self, beyond: Beyond) -> Self {
        self.beyond = beyond;
        self
    }

    /// At most so many conversations with a running handler.
    #[must_use]
    pub fn running(mut self, most: usize) -> Self {
        self.running = most.max(1);
        self
    }

    /// At most so many waiting events for each conversation.
    #[must_use]
    pub fn waiting(mut self, most: usize) -> Self {
        self.waiting = most.max(1);
        self
    }
}

/// What happens to a ring that the bot has no room for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Beyond {
    /// It is rejected, so that another agent gets it at once.
    #[default]
    Reject,
    /// It is left alone, so that it expires; by then there may be room.
    Leave,
}

/// Which messages of a conversation are the bot's to answer, when it comes to a conversation that others had before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Opening {
    /// Those of the consumer that no agent has answered: for bots that take conversations. The others are in
    /// [`Context::history`](super::Context::history).
    #[default]
    Unanswered,
    /// All of them, from the first: for observers that write down what was said.
    Everything,
    /// Those that come from now on.
    New,
}

/// What a bot user is for.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Duty {
    /// It takes conversations by rings.
    Agent,
    /// It joins conversations that others have.
    Observer(Role),
    /// It holds surveys.
    Survey {
        app_install_id: String,
        mark: Option<Box<SurveyMark>>,
    },
}

/// The settings of a bot.
#[derive(Debug, Clone)]
pub(super) struct Options {
    pub(super) limits: Limits,
    pub(super) opening: Opening,
    pub(super) read_receipts: bool,
    pub(super) split_text: Option<NonZeroUsize>,
    pub(super) handler_timeout: Option<Duration>,
    pub(super) show_conversation_ids: bool,
    pub(super) remember: Duration,
}

impl Options {
    pub(super) fn new(duty: &Duty) -> Self {
        Self {
            limits: Limits::default(),
            opening: match duty {
                Duty::Observer(_) => Opening::Everything,
                _ => Opening::Unanswered,
            },
            read_receipts: true,
            split_text: None,
            handler_timeout: None,
            show_conversation_ids: false,
            remember: Duration::from_secs(30 * 86_400),
        }
    }
}
