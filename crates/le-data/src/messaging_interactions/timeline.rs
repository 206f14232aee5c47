//! The course of a conversation as one list.

use le_core::Timestamp;

use super::conversation::Conversation;
use super::dialog::{Dialog, Interaction, Transfer};
use super::message::{Message, MessageScore, MessageStatus};
use super::participant::{AgentParticipant, ConsumerParticipant};

/// Something that happened in a conversation, and when.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct TimelineEntry<'a> {
    /// When; `None` where the record does not say.
    pub at: Option<Timestamp>,
    /// What.
    pub event: TimelineEvent<'a>,
}

/// Something that happened in a conversation. What happened at one time comes in this order.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum TimelineEvent<'a> {
    /// A dialog began.
    DialogBegan(&'a Dialog),
    /// A consumer joined.
    ConsumerJoined(&'a ConsumerParticipant),
    /// The conversation moved from one skill or agent to another.
    Transferred(&'a Transfer),
    /// Somebody on the brand's side joined.
    AgentJoined(&'a AgentParticipant),
    /// An agent began to answer.
    Interaction(&'a Interaction),
    /// A message was sent.
    Message(&'a Message),
    /// A message was accepted or read.
    Status(&'a MessageStatus),
    /// A score was calculated.
    Score(&'a MessageScore),
    /// Somebody on the brand's side left.
    AgentLeft(&'a AgentParticipant),
    /// A dialog ended.
    DialogEnded(&'a Dialog),
}

impl TimelineEvent<'_> {
    fn rank(&self) -> u8 {
        match self {
            Self::DialogBegan(_) => 0,
            Self::ConsumerJoined(_) => 1,
            Self::Transferred(_) => 2,
            Self::AgentJoined(_) => 3,
            Self::Interaction(_) => 4,
            Self::Message(_) => 5,
            Self::Status(_) => 6,
            Self::Score(_) => 7,
            Self::AgentLeft(_) => 8,
            Self::DialogEnded(_) => 9,
        }
    }

    fn seq(&self) -> i64 {
        let seq = match self {
            Self::Message(message) => message.seq.as_ref(),
            Self::Status(status) => status.seq.as_ref(),
            Self::Interaction(interaction) => interaction.interactive_sequence.as_ref(),
            _ => None,
        };
        seq.map_or(i64::MAX, le_core::wire::Int::get)
    }
}

impl Conversation {
    /// Messages, transfers, participants, statuses, scores and dialogs in the order of time.
    ///
    /// It has what the record has: ask for the contents that you need. What has no time of its own stands behind what precedes
    /// it in its list.
    #[must_use]
    pub fn timeline(&self) -> Vec<TimelineEntry<'_>> {
        use TimelineEvent as Event;
        let mut entries = Entries::default();
        entries.add(
            self.dialogs
                .iter()
                .map(|dialog| (dialog.start(), Event::DialogBegan(dialog))),
        );
        entries.add(self.consumer_participants.iter().map(|consumer| {
            (
                consumer.joined().or(consumer.updated()),
                Event::ConsumerJoined(consumer),
            )
        }));
        entries.add(
            self.transfers
                .iter()
                .map(|transfer| (transfer.at(), Event::Transferred(transfer))),
        );
        entries.add(
            self.agent_participants
                .iter()
                .map(|agent| (agent.joined(), Event::AgentJoined(agent))),
        );
        entries.add(
            self.interactions
                .iter()
                .map(|stretch| (stretch.at(), Event::Interaction(stretch))),
        );
        entries.add(
            self.messages
                .iter()
                .map(|message| (message.at(), Event::Message(message))),
        );
        entries.add(
            self.message_statuses
                .iter()
                .map(|status| (status.at(), Event::Status(status))),
        );
        entries.add(
            self.message_scores
                .iter()
                .map(|score| (score.at(), Event::Score(score))),
        );
        entries.add(
            self.agent_participants_leave
                .iter()
                .map(|agent| (agent.joined(), Event::AgentLeft(agent))),
        );
        let ended = self.dialogs.iter().filter(|dialog| dialog.end().is_some());
        entries.add(ended.map(|dialog| (dialog.end(), Event::DialogEnded(dialog))));
        entries.sorted()
    }

    /// The messages in the order of time; those of one time in the order of their sequence.
    #[must_use]
    pub fn messages_in_order(&self) -> Vec<&Message> {
        let mut entries = Entries::default();
        entries.add(
            self.messages
                .iter()
                .map(|message| (message.at(), TimelineEvent::Message(message))),
        );
        let messages = entries.sorted().into_iter().map(|entry| entry.event);
        messages
            .filter_map(|event| {
                if let TimelineEvent::Message(message) = event {
                    Some(message)
                } else {
                    None
                }
            })
            .collect()
    }

    /// The transfers in the order of time.
    #[must_use]
    pub fn transfers_in_order(&self) -> Vec<&Transfer> {
        let mut transfers: Vec<&Transfer> = self.transfers.iter().collect();
        transfers.sort_by_key(|transfer| transfer.at());
        transfers
    }
}

/// Entries, each with the time that its place is decided by.
#[derive(Default)]
struct Entries<'a>(Vec<(Option<Timestamp>, TimelineEntry<'a>)>);

impl<'a> Entries<'a> {
    fn add(&mut self, list: impl Iterator<Item = (Option<Timestamp>, TimelineEvent<'a>)>) {
        let mut before = None;
        for (at, event) in list {
            before = at.or(before);
            self.0.push((before, TimelineEntry { at, event }));
        }
    }

    fn sorted(mut self) -> Vec<TimelineEntry<'a>> {
        self.0.sort_by_key(|(place, entry)| {
            // Without a time the sequence says nothing about the place in time.
            let seq = entry.at.map_or(i64::MAX, |_| entry.event.seq());
            (*place, entry.event.rank(), seq)
        });
        self.0.into_iter().map(|(_, entry)| entry).collect()
    }
}
