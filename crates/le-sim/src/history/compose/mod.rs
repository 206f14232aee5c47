//! Makes a conversation from a seed: what was said, by whom, when, and what came of it.
//!
//! The composer walks through the conversation in the order of time, so that everything it records is consistent by
//! construction: an agent speaks after joining and before leaving, a transfer leads to the skill that follows, a
//! survey opens when the main dialog closes.

mod aftermath;
mod attributes;
mod channel;
mod dialogue;
mod lines;

use std::sync::Arc;

use fastrand::Rng;

use super::cast::{AgentCard, Cast, SkillCard};
use super::conversation::{Conversation, Dialog, ResponseTime};
use super::schedule::Slot;
use super::vocabulary::{Slots, Topic};
use crate::account::uuid;

const SECOND: i64 = 1_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// Two neighbouring events of a dialog are at least this far apart; reports about a message come sooner.
const SHORTEST_GAP: i64 = 5 * SECOND;

/// No main dialog takes more steps than this.
const MOST_STEPS: i64 = 48;

/// What follows the main dialog of a closed conversation (survey, wrap-up) takes less than this.
const AFTERMATH: i64 = 20 * MINUTE;

/// The conversation number `number` of the history, as it is at `now`.
pub(super) fn conversation(cast: &Cast, slot: Slot, number: usize, now: i64) -> Conversation {
    let mut composer = Composer::new(cast, slot, number, now);
    composer.main_dialog();
    if !slot.open {
        composer.close();
        composer.consumer_survey();
    }
    composer.agent_survey();
    composer.write_summary();
    composer.attributes();
    composer.finish()
}

struct Composer<'a> {
    cast: &'a Cast,
    random: Rng,
    now: i64,
    open: bool,
    /// The current instant of the story.
    clock: i64,
    /// The longest pause between two steps.
    longest_gap: i64,
    /// The next sequence number in the current dialog.
    seq: u32,
    topic: usize,
    skill: Arc<SkillCard>,
    assigned: Option<Arc<AgentCard>>,
    order: String,
    /// The running conversation score; `None`: this conversation is not scored.
    mood: Option<i64>,
    draft: Conversation,
}

impl<'a> Composer<'a> {
    fn new(cast: &'a Cast, slot: Slot, number: usize, now: i64) -> Self {
        let mut random = Rng::with_seed(cast.conversation_seed(number));
        let consumer = Arc::new(cast.consumer(slot.consumer));
        let topic = random.usize(..6);
        let channel = channel::channel(&mut random, &consumer);
        let monitoring = channel::monitoring(&mut random, &channel, consumer.language);
        let draft = Conversation {
            id: uuid(&mut random),
            start: slot.start,
            close: None,
            full_end: None,
            updated: slot.start,
            before_dialogs: now - slot.start > 330 * DAY && random.u8(..4) == 0,
            first_conversation: slot.first,
            partial: !slot.open && random.u16(..250) == 0,
            stepped_up: random.u8(..15) == 0,
            in_queue: true,
            campaign: channel::campaign(&mut random, &channel),
            page_views: channel::page_views(&mut random, &monitoring, slot.start),
            channel,
            monitoring,
            latest_skill: Arc::clone(&cast.unassigned),
            latest_agent: None,
            annotation: annotation(&mut random, slot.open),
            dialogs: Vec::with_capacity(2),
            messages: Vec::with_capacity(12),
            statuses: Vec::with_capacity(16),
            scores: Vec::new(),
            joins: Vec::with_capacity(4),
            leaves: Vec::new(),
            transfers: Vec::new(),
            interactions: Vec::with_capacity(2),
            surveys: Vec::new(),
            co_browse: Vec::new(),
            summary: None,
            sdes: Vec::new(),
            unauthenticated_sdes: Vec::new(),
            response_time: ResponseTime {
                due: None,
                configured: 300_000,
            },
            intents: Vec::new(),
            agent_survey: None,
            previous_agent_surveys: Vec::new(),
            skill_changes: Vec::new(),
            consumer,
        };
        let room = now - slot.start - if slot.open { 0 } else { AFTERMATH };
        let tempo = match random.u8(..20) {
            0..=11 => 90 * SECOND,
            12..=17 => 25 * MINUTE,
            _ => 8 * HOUR,
        };
        let mut composer = Self {
            cast,
            now,
            open: slot.open,
            clock: slot.start,
            longest_gap: tempo.min(room / MOST_STEPS).max(SHORTEST_GAP + 1),
            seq: 0,
            topic,
            skill: Arc::clone(&cast.unassigned),
            assigned: None,
            order: format!(
                "{}-{:06}",
                ["AB", "ÖX", "K7", "nr"][random.usize(..4)],
                random.u32(..1_000_000)
            ),
            mood: (random.u8(..10) > 0).then_some(50),
            random,
            draft,
        };
        composer.draft.dialogs.push(Dialog {
            id: composer.draft.id.clone(),
            start: slot.start,
            end: None,
            close_reason: None,
            skill: Arc::clone(&composer.skill),
            survey: None,
        });
        composer
    }

    /// Lets time pass until the next step.
    fn pause(&mut self) {
        self.clock += self.random.i64(SHORTEST_GAP..self.longest_gap);
    }

    fn chance(&mut self, percent: u8) -> bool {
        self.random.u8(..100) < percent
    }

    fn topic(&self) -> &'static Topic {
        &self.draft.consumer.language.topics[self.topic]
    }

    /// A line made of one of the templates.
    fn line(&mut self, templates: &[&'static str]) -> super::conversation::Text {
        let template = templates[self.random.usize(..templates.len())];
        if !template.contains('{') {
            return template.into();
        }
        let mut text = String::with_capacity(template.len() + 24);
        let slots = Slots {
            consumer: &self.draft.consumer.given_name,
            agent: self.assigned.as_ref().map_or("", |agent| agent.nickname.as_str()),
            order: &self.order,
            language: self.draft.consumer.language,
        };
        slots.fill(template, &mut self.random, &mut text);
        text.into()
    }

    /// What only the whole story tells: the latest skill and agent, the queue, the last change.
    fn finish(mut self) -> Conversation {
        let draft = &mut self.draft;
        draft.latest_skill = Arc::clone(&self.skill);
        draft.in_queue = self.assigned.is_none();
        draft.dialogs[0].skill = Arc::clone(&self.skill);
        if draft.is_open() {
            let waits = draft.messages.iter().rev().find(|message| !message.internal);
            draft.response_time.due = waits
                .filter(|message| message.agent.is_none())
                .map(|message| message.time + draft.response_time.configured);
        }
        let last = [
            Some(self.clock),
            draft.full_end,
            draft.summary.as_ref().map(|summary| summary.updated),
            draft.agent_survey.as_ref().map(|survey| survey.updated),
            draft.statuses.iter().map(|status| status.time).max(),
            draft.scores.iter().map(|score| score.time).max(),
            draft
                .sdes
                .iter()
                .chain(&draft.unauthenticated_sdes)
                .map(|event| event.server_time)
                .max(),
        ];
        draft.updated = last.into_iter().flatten().fold(draft.start, i64::max);
        // Enrichment comes late and leaves no other trace in the record.
        if self.random.u8(..10) == 0 {
            draft.updated = (draft.updated + self.random.i64(MINUTE..3 * HOUR)).min(self.now);
        }
        self.draft
    }
}

fn annotation(random: &mut Rng, open: bool) -> Option<&'static str> {
    match random.u8(..25) {
        0 => Some("OPEN"),
        1 if !open => Some("SUBMITTED"),
        2 if !open => Some("VETTED"),
        _ => None,
    }
}
