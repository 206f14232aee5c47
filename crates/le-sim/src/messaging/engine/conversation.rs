//! Conversations and their dialogs.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
};

use serde_json::{Map, Value, value::RawValue};

use super::{
    event::Event,
    party::{LinkId, Participant, Role, Who},
};
use crate::monitoring::Reported;

/// A conversation with everything that its notifications show.
#[derive(Debug)]
pub(crate) struct Conversation {
    /// Also the id of the main dialog.
    pub(crate) id: Arc<str>,
    pub(crate) consumer: usize,
    pub(crate) skill: i64,
    /// The main dialog first.
    pub(crate) dialogs: Vec<Dialog>,
    /// The main dialog is open.
    pub(crate) open: bool,
    /// Anything of it is open.
    pub(crate) stage_open: bool,
    pub(crate) close_reason: Option<&'static str>,
    pub(crate) started: i64,
    pub(crate) ended: Option<i64>,
    pub(crate) updated: i64,
    pub(crate) first: bool,
    pub(crate) ttr: Ttr,
    /// Since when an answer is due; `None`: nothing is.
    pub(crate) pending_since: Option<i64>,
    /// The consumer has written since the last answer, or ever.
    pub(crate) consumer_waits: bool,
    pub(crate) manual_ettr: Option<i64>,
    pub(crate) delay: Option<Delay>,
    pub(crate) note: String,
    pub(crate) topic: Option<String>,
    pub(crate) campaign: Option<Value>,
    pub(crate) context: Map<String, Value>,
    pub(crate) properties: Option<Arc<RawValue>>,
    pub(crate) csat: Option<Csat>,
    pub(crate) last_content: Option<Arc<Event>>,
    pub(crate) last_activity: i64,
    /// Subscriptions that hold it now.
    pub(crate) held_by: Vec<u64>,
    pub(crate) story: Story,
}

/// The urgency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ttr {
    pub(crate) kind: String,
    /// Seconds.
    pub(crate) value: i64,
}

/// The contact centre is closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Delay {
    pub(crate) kind: String,
    pub(crate) till: i64,
}

/// The legacy satisfaction survey.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Csat {
    pub(crate) rate: i64,
    pub(crate) resolved: Option<bool>,
    pub(crate) status: String,
}

/// One dialog.
#[derive(Debug)]
pub(crate) struct Dialog {
    pub(crate) id: Arc<str>,
    pub(crate) kind: DialogKind,
    pub(crate) open: bool,
    pub(crate) started: i64,
    pub(crate) ended: Option<i64>,
    pub(crate) updated: i64,
    pub(crate) closed_by: Option<String>,
    pub(crate) closed_cause: Option<String>,
    pub(crate) metadata: Map<String, Value>,
    pub(crate) participants: Vec<Participant>,
    pub(crate) next_sequence: i64,
    pub(crate) events: VecDeque<Arc<Event>>,
    /// Ratings that the built-in survey bot was given, in the order of its questions.
    pub(crate) answers: Vec<u8>,
    /// Consumer links that subscribed to its messages.
    pub(crate) subscribers: Vec<LinkId>,
}

/// What a dialog is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DialogKind {
    Main,
    Survey,
    /// Co-browse and the like, made by an agent.
    Other,
}

impl DialogKind {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Main => "MAIN",
            Self::Survey => "POST_SURVEY",
            Self::Other => "OTHER",
        }
    }

    pub(crate) const fn channel(self) -> &'static str {
        match self {
            Self::Main | Self::Survey => "MESSAGING",
            Self::Other => "COBROWSE",
        }
    }
}

impl Dialog {
    pub(crate) fn new(id: Arc<str>, kind: DialogKind, now: i64) -> Self {
        Self {
            id,
            kind,
            open: true,
            started: now,
            ended: None,
            updated: now,
            closed_by: None,
            closed_cause: None,
            metadata: Map::new(),
            participants: Vec::new(),
            next_sequence: 0,
            events: VecDeque::new(),
            answers: Vec::new(),
            subscribers: Vec::new(),
        }
    }

    /// The role in which someone takes part now.
    pub(crate) fn role_of(&self, who: Who) -> Option<Role> {
        self.participants
            .iter()
            .find(|participant| participant.who == who && !participant.suggested)
            .map(|participant| participant.role)
    }

    /// Stored events from `first` on, in their order.
    pub(crate) fn events_from(&self, first: i64) -> impl Iterator<Item = &Arc<Event>> {
        let begin = self
            .events
            .partition_point(|event| event.sequence.unwrap_or(-1) < first);
        self.events.range(begin..)
    }
}

impl Conversation {
    pub(crate) fn main(&self) -> &Dialog {
        &self.dialogs[0]
    }

    pub(crate) fn main_mut(&mut self) -> &mut Dialog {
        &mut self.dialogs[0]
    }

    /// The agent that is assigned now.
    pub(crate) fn assigned(&self) -> Option<usize> {
        self.main()
            .participants
            .iter()
            .find(|participant| participant.role == Role::AssignedAgent && !participant.suggested)
            .and_then(|participant| participant.who.agent())
    }

    /// The agent that a transfer proposed.
    pub(crate) fn suggested(&self) -> Option<usize> {
        self.main()
            .participants
            .iter()
            .find(|participant| participant.suggested)
            .and_then(|participant| participant.who.agent())
    }

    /// Everyone who is really there, in any dialog, without repetition.
    pub(crate) fn participants(&self) -> Vec<(Who, Role)> {
        let mut all: Vec<(Who, Role)> = Vec::with_capacity(4);
        for participant in self.dialogs.iter().flat_map(|dialog| &dialog.participants) {
            let entry = (participant.who, participant.role);
            if !participant.suggested && !all.contains(&entry) {
                all.push(entry);
            }
        }
        all
    }

    /// Whether this agent takes part in any dialog.
    pub(crate) fn has_agent(&self, agent: usize) -> bool {
        self.dialogs.iter().any(|dialog| {
            dialog
                .participants
                .iter()
                .any(|participant| participant.who == Who::Agent(agent) && !participant.suggested)
        })
    }
}

/// What the history tells and messaging itself forgets: who came, who went, who handed over.
#[derive(Debug, Default)]
pub(crate) struct Story {
    pub(crate) joins: Vec<Presence>,
    pub(crate) leaves: Vec<Presence>,
    pub(crate) transfers: Vec<Handover>,
    /// What visitors reported that belongs to it, by number.
    pub(crate) attributes: BTreeMap<u64, Arc<Reported>>,
    /// The consumer logged in while it wrote, and has another id since.
    pub(crate) stepped_up: bool,
    /// Since when the history does not know the newest state; `None`: it does.
    pub(crate) unpublished_since: Option<i64>,
    /// When anything of it changed last.
    pub(crate) changed_at: i64,
}

/// An agent joined or left.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Presence {
    pub(crate) agent: usize,
    pub(crate) role: Role,
    pub(crate) at: i64,
    pub(crate) dialog: usize,
}

/// A conversation went from one hand to another.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Handover {
    pub(crate) at: i64,
    pub(crate) reason: &'static str,
    pub(crate) by: Who,
    pub(crate) from_skill: i64,
    pub(crate) to_skill: i64,
    pub(crate) from_agent: Option<usize>,
    pub(crate) to_agent: Option<usize>,
}
