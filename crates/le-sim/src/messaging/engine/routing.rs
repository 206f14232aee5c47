//! Rings: which agent is asked to take a waiting conversation, and what follows from the answer.

use std::sync::Arc;

use super::{Engine, Outcome, Refusal, Reply, Who};

/// One question to one agent.
#[derive(Debug, Clone)]
pub(crate) struct Ring {
    pub(crate) id: Arc<str>,
    pub(crate) agent: usize,
    pub(crate) state: RingState,
    /// Milliseconds.
    pub(crate) lasts: i64,
    pub(crate) expires: i64,
    /// The deadline of the conversation when it rang.
    pub(crate) weight: i64,
    pub(crate) skill: i64,
}

/// How a ring stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RingState {
    Waiting,
    Accepted,
    AutoAccept,
    Rejected,
    Expired,
    Cancelled,
}

impl RingState {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Waiting => "WAITING",
            Self::Accepted => "ACCEPTED",
            Self::AutoAccept => "AUTO_ACCEPT",
            Self::Rejected => "REJECTED",
            Self::Expired => "EXPIRED",
            Self::Cancelled => "CANCELLED",
        }
    }
}

/// A conversation that waits for an agent.
#[derive(Debug, Default)]
pub(crate) struct Task {
    ring: Option<Ring>,
    /// Agents who let it ring or rejected it, and until when others go first.
    avoided: Vec<(usize, i64)>,
    /// It was with an agent before: agents that take transfers only are rung, too.
    transferred: bool,
    /// Until when a suggested agent goes first.
    pub(super) suggestion_until: Option<i64>,
    last_ring_ms: i64,
}

impl Task {
    /// The ring that waits for an answer.
    pub(crate) fn waiting(&self) -> Option<&Ring> {
        self.ring.as_ref()
    }
}

impl Engine {
    /// Puts a conversation into the queue, where it may be already.
    pub(super) fn queue(&mut self, place: usize, transferred: bool) {
        self.cancel_task(place);
        let fallback = i64::try_from(self.rules().suggestion_fallback_ms).unwrap_or(i64::MAX);
        let suggested = self.conversations[place].suggested().is_some();
        self.tasks.insert(
            place,
            Task {
                transferred,
                suggestion_until: suggested.then(|| self.now.saturating_add(fallback)),
                ..Task::default()
            },
        );
        self.routing_due = true;
    }

    /// The conversation has an agent, or is over: nobody is rung for it any more. Whoever was is told.
    pub(super) fn cancel_task(&mut self, place: usize) {
        let Some(mut task) = self.tasks.remove(&place) else {
            return;
        };
        if let Some(mut ring) = task.ring.take() {
            self.end_ring(place, &mut ring, RingState::Cancelled);
            self.tell_ring(place, &ring, true);
        }
    }

    /// As [`cancel_task`](Self::cancel_task), when an agent has come.
    pub(super) fn end_task(&mut self, place: usize) {
        self.cancel_task(place);
    }

    fn end_ring(&mut self, _place: usize, ring: &mut Ring, state: RingState) {
        ring.state = state;
        self.rings.remove(&ring.id);
        self.agents[ring.agent].ringing = self.agents[ring.agent].ringing.saturating_sub(1);
        self.routing_due = true;
    }

    /// Rings agents for the conversations that wait, those that are due first before the others.
    pub(super) fn ring_waiting(&mut self) {
        if !std::mem::take(&mut self.routing_due) {
            return;
        }
        let mut waiting: Vec<(i64, usize)> = self
            .tasks
            .iter()
            .filter(|(_, task)| task.ring.is_none())
            .map(|(place, _)| (self.due_or_last(*place), *place))
            .collect();
        waiting.sort_unstable();
        for (_, place) in waiting {
            if let Some(agent) = self.next_agent(place) {
                self.ring(place, agent);
            }
        }
    }

    fn due_or_last(&self, place: usize) -> i64 {
        match self.effective_ttr(&self.conversations[place]) {
            -1 => i64::MAX,
            due => due,
        }
    }

    /// Who is to be rung: an agent of the skill that is there, has room, and has waited longest among the least busy.
    fn next_agent(&self, place: usize) -> Option<usize> {
        let conversation = &self.conversations[place];
        let task = self.tasks.get(&place)?;
        let capacity = self.rules().capacity;
        let suggested = conversation.suggested();
        let candidate = |agent: &usize| {
            let it = &self.agents[*agent];
            let takes = match it.availability.as_str() {
                "ONLINE" => true,
                "OCCUPIED" | "BACK_SOON" => task.transferred,
                _ => false,
            };
            let skilled = conversation.skill == -1 || it.skills.is_empty() || it.skills.contains(&conversation.skill);
            takes
                && !it.links.is_empty()
                && it.assigned + it.ringing < capacity
                && (skilled || suggested == Some(*agent))
        };
        if suggested.is_some() {
            return suggested
                .filter(candidate)
                .filter(|agent| self.may_ring_again(task, *agent));
        }
        (0..self.agents.len())
            .filter(candidate)
            .filter(|agent| self.may_ring_again(task, *agent))
            .min_by_key(|agent| {
                let it = &self.agents[*agent];
                let avoided = task.avoided.iter().any(|(other, _)| other == agent);
                (avoided, it.assigned + it.ringing, it.rung_at, *agent)
            })
    }

    fn may_ring_again(&self, task: &Task, agent: usize) -> bool {
        task.avoided
            .iter()
            .all(|(avoided, until)| *avoided != agent || *until <= self.now)
    }

    fn ring(&mut self, place: usize, agent: usize) {
        let lasts = i64::try_from(self.rules().ring_ms).unwrap_or(i64::MAX);
        let automatic = self.rules().auto_accept;
        let conversation = &self.conversations[place];
        let weight = self.effective_ttr(conversation);
        let skill = conversation.skill;
        let Some(task) = self.tasks.get_mut(&place) else { return };
        // The time is part of the id, so two rings of one millisecond must not share it.
        task.last_ring_ms = self.now.max(task.last_ring_ms + 1);
        let id: Arc<str> = format!("{}_{}_{}", conversation.id, self.brand, task.last_ring_ms).into();
        let ring = Ring {
            id: Arc::clone(&id),
            agent,
            state: RingState::Waiting,
            lasts,
            expires: self.now.saturating_add(lasts),
            weight,
            skill,
        };
        task.ring = Some(ring.clone());
        self.rings.insert(id, place);
        self.agents[agent].ringing += 1;
        self.agents[agent].rung_at = self.now;
        if automatic {
            self.taken(place, RingState::AutoAccept);
        } else {
            self.tell_ring(place, &ring, false);
        }
    }

    pub(super) fn answer_ring(&mut self, agent: usize, ring: &str, accepted: bool) -> Outcome {
        let place = *self
            .rings
            .get(ring)
            .ok_or_else(|| Refusal::bad("Ring does not exist"))?;
        let task = self.tasks.get_mut(&place);
        let own = task
            .and_then(|task| task.ring.as_ref())
            .is_some_and(|one| one.agent == agent && &*one.id == ring);
        if !own {
            return Err(Refusal::bad("Ring does not belong to this agent"));
        }
        if accepted {
            self.taken(place, RingState::Accepted);
        } else {
            let again = i64::try_from(self.rules().ring_again_ms).unwrap_or(i64::MAX);
            self.refused(place, RingState::Rejected, self.now.saturating_add(again));
        }
        Ok(Reply::Text(202, "Ring state updated successfully"))
    }

    fn taken(&mut self, place: usize, state: RingState) {
        let ring = self.tasks.get_mut(&place).and_then(|task| task.ring.take());
        let Some(mut ring) = ring else { return };
        self.end_ring(place, &mut ring, state);
        self.tell_ring(place, &ring, true);
        self.assign(place, ring.agent);
    }

    fn refused(&mut self, place: usize, state: RingState, again: i64) {
        let Some(task) = self.tasks.get_mut(&place) else { return };
        let Some(mut ring) = task.ring.take() else { return };
        task.avoided.retain(|(agent, _)| *agent != ring.agent);
        task.avoided.push((ring.agent, again));
        self.end_ring(place, &mut ring, state);
        self.tell_ring(place, &ring, false);
    }

    /// Ends rings that nobody answered, and lets agents be rung again whose pause is over.
    pub(super) fn expire_rings(&mut self) {
        let now = self.now;
        let due: Vec<usize> = self
            .tasks
            .iter()
            .filter(|(_, task)| task.ring.as_ref().is_some_and(|ring| ring.expires <= now))
            .map(|(place, _)| *place)
            .collect();
        for place in due {
            self.refused(place, RingState::Expired, now);
        }
        if self.tasks.values().any(|task| task.ring.is_none()) {
            self.routing_due = true;
        }
    }

    /// When something happens to a waiting conversation by itself.
    pub(super) fn task_due(&self, task: &Task) -> Option<i64> {
        let ring = task.ring.as_ref().map(|ring| ring.expires);
        let again = task
            .avoided
            .iter()
            .map(|(_, until)| *until)
            .filter(|until| *until > self.now);
        ring.into_iter().chain(again).chain(task.suggestion_until).min()
    }

    /// The agent who is on a conversation for a consumer to see, if one is.
    pub(crate) fn assigned_to(&self, place: usize) -> Option<Who> {
        self.conversations[place].assigned().map(Who::Agent)
    }
}
