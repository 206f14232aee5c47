//! Everything that a link knows: positions, conversations, rings, and what waits for the reader. It does no input or output and
//! knows no time; the owner feeds it with what comes, and asks it what to ask for.

mod conversations;
mod resuming;
mod rings;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use le_core::id::{ConversationId, DialogId};

use super::delivery::{Delivery, RingId};
use super::figures::Figures;
use super::glimpse::{Kept, OwnEvent};
use super::ledger::{Arrival, Handed, Ledger, Outlet, Question};
use super::mailbox::{Item, Mailbox};
use super::policy::Mutation;
use super::publishing::Publishing;
use super::roster::{Entry, Roster};
use crate::agent_state::AgentState;
use crate::conversation::{Conversation, Role};
use crate::event::DialogEvent;
use crate::identity::AgentIdentity;
use crate::ring::Ring;

/// Whose link it is.
#[derive(Debug, Clone)]
pub(super) enum Who {
    /// An agent; with `selective`, events come of conversations alone that it takes part in.
    Agent { identity: AgentIdentity, selective: bool },
    /// A consumer.
    Consumer,
}

impl Who {
    /// Whether this user wrote an event, on whichever device.
    pub(super) fn wrote(&self, event: &DialogEvent) -> bool {
        match self {
            Self::Agent { identity, .. } => event.is_by(identity),
            Self::Consumer => {
                let role = event
                    .originator
                    .as_ref()
                    .and_then(|originator| originator.role.as_ref());
                role == Some(&Role::Consumer)
            }
        }
    }

    /// Whether events of this conversation are told to this user.
    fn takes_part(&self, conversation: &Conversation) -> bool {
        let Self::Agent { identity, selective } = self else {
            return true;
        };
        let everywhere = || conversation.dialogs().flat_map(|dialog| dialog.participants.iter());
        let of_dialogs = |active: bool| {
            everywhere().any(|one| one.is_active() == active && one.id.as_ref().is_some_and(|id| identity.is(id)))
        };
        let details = conversation.details.iter();
        let mut outer = details
            .flat_map(|details| [&details.participants, &details.participants_pid])
            .flatten();
        let active = outer.any(|all| all.iter().any(|(_, id)| identity.is(id))) || of_dialogs(true);
        // An agent who is merely proposed is told nothing yet. Else a subscription of one's own holds one's own.
        active || (!selective && !of_dialogs(false))
    }
}

/// All of it.
#[derive(Debug)]
pub(super) struct Core {
    pub(super) who: Who,
    pub(super) ledger: Ledger,
    pub(super) roster: Roster,
    pub(super) mailbox: Mailbox,
    pub(super) publishing: Publishing,
    rings: BTreeMap<RingId, Offer>,
    /// Rings that are being answered.
    answering: BTreeSet<RingId>,
    /// Rings wait until everything is caught up.
    rings_wait: bool,
    /// Some conversation is leaving, perhaps.
    leaving: bool,
    /// No more rings are taken.
    pub(super) draining: bool,
    /// The text of the state that is being taken.
    text: Option<Kept>,
    /// States in which nothing but times is new are not delivered, nor own events that come in turn.
    pub(super) brief: bool,
    agent_state: Option<AgentState>,
    /// Dialogs of conversations that left, with events that are not handled yet.
    unhandled: BTreeMap<DialogId, ConversationId>,
    /// Events on their way from the ledger to the mailbox.
    out: Handed,
    /// The history is to be asked as soon as the reader makes room.
    pub(super) starved: bool,
    /// Events that a state of their conversation spoke of, and that have not come.
    hints: BTreeMap<DialogId, i64>,
    /// Dialogs whose history a publish waits for.
    urgent: BTreeSet<DialogId>,
}

/// A ring that waits for an answer.
#[derive(Debug)]
struct Offer {
    ring: Box<Ring>,
    /// The reader has it.
    handed: bool,
    /// It was not named since the connection began.
    stale: bool,
}

impl Core {
    pub(super) fn new(who: Who, capacity: usize, mutation: Mutation) -> Self {
        Self {
            who,
            ledger: Ledger::new(mutation),
            roster: Roster::default(),
            mailbox: Mailbox::new(capacity),
            publishing: Publishing::default(),
            rings: BTreeMap::new(),
            answering: BTreeSet::new(),
            rings_wait: true,
            leaving: false,
            draining: false,
            text: None,
            brief: false,
            agent_state: None,
            unhandled: BTreeMap::new(),
            out: Handed::default(),
            starved: false,
            hints: BTreeMap::new(),
            urgent: BTreeSet::new(),
        }
    }

    /// An event came by itself.
    pub(super) fn event(&mut self, event: Box<DialogEvent>) {
        let Some((dialog, sequence)) = event.key() else {
            return self.passing(event);
        };
        if self.who.wrote(&event) {
            self.publishing.noticed(dialog, sequence, &event);
        }
        let conversation = event.conversation().filter(|_| self.leaving);
        let conversation = conversation.map(std::borrow::Cow::into_owned);
        let arrival = self.outlet(|ledger, outlet| ledger.arrive(event, outlet));
        if arrival == Arrival::Handed
            && let Some(conversation) = conversation
        {
            self.leave_if_settled(&conversation);
        }
    }

    /// An event came by itself. Gives whether it was dealt with: it is an own one, and nobody wants to know what it says. Else it is to be
    /// decoded.
    pub(super) fn own_event(&mut self, text: &Arc<str>) -> bool {
        let own = match &self.who {
            Who::Agent { identity, .. } if self.brief => OwnEvent::of(text, identity),
            _ => None,
        };
        let Some(own) = own else { return false };
        // What it says matters if it is to be found out whether it is the outcome of a publish.
        if !self.publishing.noticed_unread(own.dialog, own.sequence, text) {
            return false;
        }
        if self.leaving || !self.ledger.pass(own.dialog, own.sequence) {
            self.event(own.silent());
        }
        true
    }

    fn passing(&mut self, event: Box<DialogEvent>) {
        let followed = event
            .dialog_id
            .as_ref()
            .is_some_and(|dialog| self.ledger.follows(dialog));
        let known = || event.conversation().is_some_and(|id| self.roster.get(&id).is_some());
        if followed || known() {
            self.mailbox.push(Item::Passing(event));
        }
    }

    /// The history told everything that was asked for, up to the last of these events; `whole` where there is no more.
    pub(super) fn page(&mut self, question: &Question, events: Vec<DialogEvent>, whole: bool) {
        for event in &events {
            if let Some((dialog, sequence)) = event.key()
                && self.who.wrote(event)
            {
                self.publishing.noticed(dialog, sequence, event);
            }
        }
        self.outlet(|ledger, outlet| {
            if whole {
                ledger.whole(&question.dialog, question.from, events, outlet);
            } else {
                ledger.page(&question.dialog, question.from, events, outlet);
            }
        });
        self.leave_if_settled(&question.conversation);
    }

    /// The server does not tell the history of a dialog.
    pub(super) fn refused(&mut self, question: &Question) {
        self.ledger.refused(&question.dialog);
        self.leave_if_settled(&question.conversation);
    }

    fn outlet<T>(&mut self, act: impl FnOnce(&mut Ledger, &mut Outlet<'_>) -> T) -> T {
        let room = self.mailbox.room();
        let result = act(
            &mut self.ledger,
            &mut Outlet {
                events: &mut self.out,
                room,
            },
        );
        for event in self.out.drain(..) {
            self.mailbox.push(Item::Event(event));
        }
        result
    }

    /// Asks about this dialog also if the reader has no room: a publish waits for the answer.
    pub(super) fn urge(&mut self, dialog: &DialogId) {
        self.urgent.insert(dialog.clone());
    }

    /// What to ask next, if the reader has room for the answer.
    pub(super) fn ask(&mut self) -> Option<Question> {
        while let Some(dialog) = self.urgent.pop_first() {
            if let Some(question) = self.ledger.ask_about(&dialog) {
                return Some(question);
            }
        }
        if !self.ledger.has_questions() || self.mailbox.abandoned {
            return None;
        }
        if !self.mailbox.is_roomy() {
            self.starved = true;
            return None;
        }
        self.ledger.ask()
    }

    pub(super) fn agent_state(&mut self, state: AgentState) {
        self.agent_state = Some(state);
        self.mailbox.push(Item::AgentState);
    }

    /// The connection is gone.
    pub(super) fn disconnected(&mut self) {
        self.ledger.disconnected();
        self.hints.clear();
        for (_, entry) in self.roster.iter_mut() {
            entry.listed = false;
        }
        self.rings_wait = true;
        for offer in self.rings.values_mut() {
            offer.stale = true;
        }
    }

    /// Whether nothing is left to ask for.
    pub(super) fn is_caught_up(&self) -> bool {
        self.mailbox.abandoned
            || self.ledger.is_all_settled() && self.roster.iter().all(|(_, entry)| entry.leaving.is_none())
    }

    /// The next delivery.
    pub(super) fn deliver(&mut self) -> Option<Delivery> {
        loop {
            let delivery = match self.mailbox.pop()? {
                Item::Event(event) => Delivery::Event(event),
                Item::Passing(event) => Delivery::Passing(event),
                Item::Conversation(id) => match self.conversation(&id) {
                    Some(state) => Delivery::Conversation(state),
                    None => continue,
                },
                Item::Final(state) => Delivery::Conversation(state),
                Item::Left(id, gone) => Delivery::Left(id, gone),
                Item::Ring(id) => match self.hand_over(&id) {
                    Some(ring) => Delivery::Ring(ring),
                    None => continue,
                },
                Item::RingGone(id) => Delivery::RingGone(id),
                Item::AgentState => match self.agent_state.clone() {
                    Some(state) => Delivery::AgentState(state),
                    None => continue,
                },
                Item::Online => Delivery::Online,
                Item::Offline => Delivery::Offline,
                Item::Other(notification) => Delivery::Other(notification),
            };
            return Some(delivery);
        }
    }

    /// How much there is of everything.
    pub(super) fn figures(&self) -> Figures {
        let (dialogs, behind, held) = self.ledger.sizes();
        Figures {
            conversations: self.roster.iter().count(),
            remembered: self.roster.remembered().count(),
            dialogs,
            behind,
            held,
            waiting_deliveries: self.mailbox.len(),
            rings: self.rings.len(),
            ..Figures::default()
        }
    }

    /// The newest state of a conversation.
    pub(super) fn conversation(&mut self, id: &ConversationId) -> Option<Arc<Conversation>> {
        self.roster.get_mut(id).and_then(Entry::newest)
    }
}
