//! The main dialog, step by step.

use std::sync::Arc;

use super::super::cast::{AgentCard, SkillCard};
use super::super::conversation::{
    Classification, CoBrowseSession, Intent, Interaction, Participation, SkillChange, Transfer,
};
use super::super::message::ContextData;
use super::super::vocabulary::TOPIC_LABELS;
use super::{Composer, MINUTE, SECOND};
use crate::account::hexadecimal;

impl Composer<'_> {
    /// From the consumer's first words to the last ones.
    pub(super) fn main_dialog(&mut self) {
        let target = Arc::clone(&self.cast.skills[self.topic.min(self.cast.skills.len() - 1)]);
        let bot_first = self.chance(24);
        if !bot_first {
            self.skill = Arc::clone(&target);
        }
        self.clock += self.random.i64(200..2_000);
        self.opener();
        if bot_first && !self.bot_takes_the_first_turn(&target) {
            return;
        }
        // Some consumers give up in the queue, and some open conversations still wait there.
        if self.chance(if self.open { 30 } else { 4 }) {
            self.pause();
            return;
        }
        self.skill_fallback();
        self.pause();
        let agent = self.cast.agent_for(self.skill.id, &mut self.random);
        self.assign(agent);
        self.pause();
        let greetings = self.draft.consumer.language.greetings;
        let greeting = self.line(greetings);
        self.agent_says(greeting);
        self.exchanges();
        if !self.open && self.chance(25) {
            self.farewell();
        }
        self.pause();
    }

    /// A few turns of consumer and agent, with what may come between.
    fn exchanges(&mut self) {
        let turns = [0, 1, 1, 1, 1, 2][self.random.usize(..6)];
        for turn in 0..turns {
            if self.chance(if turn == 0 { 30 } else { 80 }) {
                self.pause();
                self.consumer_turn();
            }
            if self.chance(8) {
                self.hand_over();
            }
            if self.chance(6) {
                self.manager_looks_in();
            }
            if self.open && self.chance(25) {
                return;
            }
            self.pause();
            self.agent_turn();
            if self.chance(3) {
                self.co_browse();
            }
        }
    }

    /// The router bot asks, and sends the conversation to its skill. `false`: the consumer does not go on.
    fn bot_takes_the_first_turn(&mut self, target: &Arc<SkillCard>) -> bool {
        let Some(bot) = self.cast.bots.first().cloned() else {
            return true;
        };
        self.clock += self.random.i64(300..1_500);
        self.assign(Arc::clone(&bot));
        self.pause();
        self.bot_offers_choices();
        if self.chance(6) {
            self.pause();
            return false;
        }
        if self.chance(70) {
            self.pause();
            let products = self.draft.consumer.language.products;
            let choice = self.line(products);
            self.consumer_says(choice);
        }
        self.pause();
        self.leave(&bot, "ASSIGNED_AGENT");
        self.transfer("Skill", &bot.id, target, None);
        true
    }

    /// The account's fallback skill is tried before the one the campaign names.
    fn skill_fallback(&mut self) {
        if !self.chance(3) {
            return;
        }
        let change = SkillChange {
            time: self.clock,
            reason: "DefaultSkill",
            source: Arc::clone(&self.cast.unassigned),
            target: Arc::clone(&self.skill),
        };
        self.draft.skill_changes.push(change);
    }

    /// An agent becomes the assigned one: a join, an interaction, and the waiting messages are accepted.
    fn assign(&mut self, agent: Arc<AgentCard>) {
        self.join(&agent, "ASSIGNED_AGENT");
        self.draft.interactions.push(Interaction {
            time: self.clock,
            agent: Arc::clone(&agent),
        });
        self.draft.latest_agent = Some(Arc::clone(&agent));
        self.assigned = Some(agent);
        self.accept_waiting();
    }

    pub(super) fn join(&mut self, agent: &Arc<AgentCard>, permission: &'static str) {
        let dialog = self.draft.dialogs.len() - 1;
        self.draft.joins.push(Participation {
            agent: Arc::clone(agent),
            permission,
            time: self.clock,
            dialog,
        });
        self.seq += 1;
    }

    fn leave(&mut self, agent: &Arc<AgentCard>, permission: &'static str) {
        let dialog = self.draft.dialogs.len() - 1;
        self.draft.leaves.push(Participation {
            agent: Arc::clone(agent),
            permission,
            time: self.clock,
            dialog,
        });
        self.seq += 1;
        if permission == "ASSIGNED_AGENT" {
            self.assigned = None;
        }
    }

    fn transfer(&mut self, reason: &'static str, by: &str, target: &Arc<SkillCard>, agent: Option<&Arc<AgentCard>>) {
        self.draft.transfers.push(Transfer {
            time: self.clock,
            reason,
            by: by.to_owned(),
            source_skill: Arc::clone(&self.skill),
            target_skill: Arc::clone(target),
            source_agent: self.draft.latest_agent.clone(),
            target_agent: agent.cloned(),
        });
        self.skill = Arc::clone(target);
        self.seq += 1;
    }

    /// The conversation goes to someone else, in one of the ways LiveEngage has.
    fn hand_over(&mut self) {
        let Some(agent) = self.assigned.clone() else { return };
        self.pause();
        let skills = &self.cast.skills;
        let other_skill = Arc::clone(&skills[self.random.usize(..skills.len())]);
        let same_skill = Arc::clone(&self.skill);
        let next = match self.random.u8(..10) {
            0..=3 => {
                self.leave(&agent, "ASSIGNED_AGENT");
                self.transfer("Skill", &agent.id, &other_skill, None);
                None
            }
            4..=5 => {
                self.leave(&agent, "ASSIGNED_AGENT");
                self.transfer("back2Q", &agent.id, &same_skill, None);
                None
            }
            6..=7 => {
                let colleague = self.cast.agent_for(same_skill.id, &mut self.random);
                self.leave(&agent, "ASSIGNED_AGENT");
                self.transfer("Agent", &agent.id, &same_skill, Some(&colleague));
                Some(colleague)
            }
            8 => {
                self.suggest_in_vain(&agent, &same_skill);
                None
            }
            _ => {
                let manager = Arc::clone(&self.cast.managers[self.random.usize(..self.cast.managers.len())]);
                self.leave(&agent, "ASSIGNED_AGENT");
                self.transfer("TakeOver", &manager.id, &same_skill, Some(&manager));
                Some(manager)
            }
        };
        self.pause();
        let next = next.unwrap_or_else(|| self.cast.agent_for(self.skill.id, &mut self.random));
        self.assign(next);
    }

    /// A suggested agent does not take the conversation in time; the system puts it back into the queue.
    fn suggest_in_vain(&mut self, agent: &Arc<AgentCard>, skill: &Arc<SkillCard>) {
        let suggested = self.cast.agent_for(skill.id, &mut self.random);
        self.leave(agent, "ASSIGNED_AGENT");
        self.join(&suggested, "SUGGESTED_ASSIGNED_AGENT");
        self.pause();
        self.leave(&suggested, "SUGGESTED_ASSIGNED_AGENT");
        let system = self.cast.system.id.clone();
        self.transfer("SuggestedAgentTimeout", &system, skill, None);
    }

    /// A manager reads along, and may leave a note that the consumer does not see.
    fn manager_looks_in(&mut self) {
        let manager = Arc::clone(&self.cast.managers[self.random.usize(..self.cast.managers.len())]);
        let permission = if self.random.bool() { "MANAGER" } else { "READER" };
        self.pause();
        self.join(&manager, permission);
        if permission == "MANAGER" {
            self.pause();
            self.internal_note(&manager);
        }
        self.pause();
        self.leave(&manager, permission);
    }

    fn co_browse(&mut self) {
        let start = self.clock + SECOND;
        let interactive = self.random.bool().then_some(start + SECOND);
        let ended_by = self.random.usize(..5);
        self.clock += self
            .random
            .i64(8 * SECOND..self.longest_gap.clamp(9 * SECOND, 20 * MINUTE));
        self.draft.co_browse.push(CoBrowseSession {
            id: hexadecimal(&mut self.random, 16),
            start,
            interactive,
            end: self.clock - SECOND,
            end_reason: ["AGENT", "VISITOR", "SERVER", "TIMEOUT", "UNKOWN"][ended_by],
            in_app: self.draft.channel.source == "APP",
            agent: self.assigned.clone(),
        });
    }

    /// The classifier looks at the message that was recorded last.
    pub(super) fn classify(&mut self) {
        let message = self.draft.messages.len() - 1;
        let selected = self.topic;
        let confidence = self.random.u32(420..999);
        let mut weighed = Vec::new();
        if self.random.bool() {
            let other = (selected + 1 + self.random.usize(..5)) % 6;
            let below = self.random.u32(20..confidence.min(400));
            weighed.push(self.classification(other, below));
        }
        let selected = self.classification(selected, confidence);
        self.draft.intents.push(Intent {
            message,
            selected,
            others: weighed,
        });
    }

    fn classification(&self, topic: usize, confidence: u32) -> Classification {
        Classification {
            name: self.cast.intents[topic].clone(),
            label: TOPIC_LABELS[topic],
            confidence,
        }
    }

    /// What a bot knows about its own message.
    pub(super) fn bot_context(&mut self) -> ContextData {
        match self.random.u8(..3) {
            0 => ContextData::ActionReason("escalate"),
            _ => ContextData::BotResponse {
                conversation: hexadecimal(&mut self.random, 12),
                business_case: TOPIC_LABELS[self.topic],
                intent: TOPIC_LABELS[self.topic],
                confidence: self.random.u32(300..999),
            },
        }
    }
}
