//! Handing a conversation over: back to the queue, to a skill, to an agent.

use super::{Change, Engine, Handover, Participant, ParticipantAction, Refusal, Role, Who};

impl Engine {
    /// Whether some of the changes, taken together, hand the conversation over.
    pub(super) fn is_transfer(&self, changes: &[Change]) -> bool {
        changes.iter().any(|change| match change {
            Change::Skill(_) => true,
            Change::Participant {
                action, role, dialog, ..
            } => {
                dialog.is_none()
                    && role == Role::AssignedAgent.name()
                    && matches!(action, ParticipantAction::Remove | ParticipantAction::Suggest)
            }
            _ => false,
        })
    }

    /// Checks what depends on several changes at once, and on who takes part.
    pub(super) fn check_transfer(&self, place: usize, caller: usize, changes: &[Change]) -> Result<(), Refusal> {
        let conversation = &self.conversations[place];
        let mut removes_assigned = false;
        for change in changes {
            let Change::Participant {
                action,
                role,
                user,
                dialog,
            } = change
            else {
                continue;
            };
            let (agent, role) = self
                .named_participant(Who::Agent(caller), role, user.as_deref())
                .ok_or_else(|| Refusal::bad("role or userId is not valid"))?;
            let number = dialog.as_deref().map_or(Ok(0), |id| self.dialog_of(place, id))?;
            match action {
                ParticipantAction::Remove => {
                    let there = conversation.dialogs[number]
                        .participants
                        .iter()
                        .any(|one| one.who == Who::Agent(agent) && one.role == role && !one.suggested);
                    if !there {
                        return Err(Refusal::bad("Agent does not exist in conversation"));
                    }
                    removes_assigned |= role == Role::AssignedAgent;
                }
                ParticipantAction::Add => self.check_add(place, caller, agent, role)?,
                ParticipantAction::Suggest if role != Role::AssignedAgent => {
                    return Err(Refusal::bad("only ASSIGNED_AGENT can be suggested"));
                }
                ParticipantAction::Suggest | ParticipantAction::Update => {}
            }
        }
        self.check_handover(place, caller, changes, removes_assigned)
    }

    fn check_add(&self, place: usize, caller: usize, agent: usize, role: Role) -> Result<(), Refusal> {
        let conversation = &self.conversations[place];
        if role == Role::AssignedAgent && conversation.assigned().is_some_and(|assigned| assigned != agent) {
            return Err(Refusal::bad("The conversation has an assigned agent already"));
        }
        let manages = self.agents[caller].manager || conversation.has_agent(caller);
        if role == Role::Manager && !manages {
            return Err(Refusal::bad("The agent is not allowed to join as MANAGER"));
        }
        Ok(())
    }

    fn check_handover(&self, place: usize, caller: usize, changes: &[Change], removes: bool) -> Result<(), Refusal> {
        if !self.is_transfer(changes) {
            return Ok(());
        }
        let conversation = &self.conversations[place];
        if !conversation.has_agent(caller) && conversation.assigned().is_some() && !self.agents[caller].manager {
            return Err(Refusal::bad("Participant is not part of the conversation"));
        }
        for change in changes {
            if let Change::Skill(skill) = change {
                self.skill(skill)?;
                if conversation.assigned().is_some() && !removes && self.rules().skill_change_needs_removal {
                    return Err(Refusal::bad(
                        "The assigned agent must be removed in the same request as the skill change",
                    ));
                }
            }
        }
        Ok(())
    }

    /// Hands over, as a set: the order of the changes does not matter.
    pub(super) fn transfer(&mut self, place: usize, who: Who, changes: &[Change]) -> Result<(), Refusal> {
        let from_agent = self.conversations[place].assigned();
        let from_skill = self.conversations[place].skill;
        let mut removed = false;
        let mut suggested = None;
        let mut to_skill = None;
        for change in changes {
            match change {
                Change::Skill(skill) => to_skill = Some(self.skill(skill)?),
                Change::Participant { action, role, user, .. } => {
                    let Some((agent, role)) = self.named_participant(who, role, user.as_deref()) else {
                        continue;
                    };
                    match action {
                        ParticipantAction::Remove if role == Role::AssignedAgent => {
                            removed |= self.leave(place, 0, agent, role);
                        }
                        ParticipantAction::Suggest => suggested = Some(agent),
                        _ => {}
                    }
                }
                _ => {}
            }
        }
        if let Some(skill) = to_skill {
            self.conversations[place].skill = skill;
        }
        if let Some(agent) = suggested {
            self.suggest(place, agent);
        }
        self.note_handover(place, who, from_agent, from_skill, suggested);
        if self.conversations[place].assigned().is_none() {
            self.queue(place, removed || suggested.is_some());
        }
        self.touch(place);
        Ok(())
    }

    fn note_handover(&mut self, place: usize, by: Who, from_agent: Option<usize>, from_skill: i64, to: Option<usize>) {
        let conversation = &mut self.conversations[place];
        let reason = match to {
            Some(_) => "Agent",
            None if conversation.skill != from_skill => "Skill",
            None => "back2Q",
        };
        conversation.story.transfers.push(Handover {
            at: self.now,
            reason,
            by,
            from_skill,
            to_skill: conversation.skill,
            from_agent,
            to_agent: to,
        });
    }

    fn suggest(&mut self, place: usize, agent: usize) {
        let main = self.conversations[place].main_mut();
        main.participants.retain(|participant| !participant.suggested);
        let mut participant = Participant::new(Who::Agent(agent), Role::AssignedAgent);
        participant.suggested = true;
        main.participants.push(participant);
    }

    /// Gives up waiting for suggested agents whose time has passed: anyone of the skill is rung then.
    pub(super) fn expire_suggestions(&mut self) {
        let now = self.now;
        let due: Vec<usize> = self
            .tasks
            .iter()
            .filter(|(_, task)| task.suggestion_until.is_some_and(|until| until <= now))
            .map(|(place, _)| *place)
            .collect();
        for place in due {
            let from_skill = self.conversations[place].skill;
            let agent = self.conversations[place].suggested();
            self.conversations[place]
                .main_mut()
                .participants
                .retain(|participant| !participant.suggested);
            if let Some(task) = self.tasks.get_mut(&place) {
                task.suggestion_until = None;
            }
            if let Some(agent) = agent {
                self.conversations[place].story.transfers.push(Handover {
                    at: now,
                    reason: "SuggestedAgentTimeout",
                    by: Who::Agent(agent),
                    from_skill,
                    to_skill: from_skill,
                    from_agent: None,
                    to_agent: None,
                });
            }
            self.routing_due = true;
            self.touch(place);
        }
    }
}
