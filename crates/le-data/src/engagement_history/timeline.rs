//! The course of a chat.

use le_core::Timestamp;

use super::chat::Chat;
use super::line::{Line, LineScore};
use super::survey::ChatSurveyAnswer;
use crate::messaging_interactions::CoBrowseSession;

/// Something that happened in a chat, and when.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct ChatTimelineEntry<'a> {
    /// When; `None` where the record does not say.
    pub at: Option<Timestamp>,
    /// What.
    pub event: ChatTimelineEvent<'a>,
}

/// Something that happened in a chat. What happened at one time comes in this order.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum ChatTimelineEvent<'a> {
    /// A question of a survey was answered.
    SurveyAnswer(&'a ChatSurveyAnswer),
    /// A co-browse session began.
    CoBrowse(&'a CoBrowseSession),
    /// A line was written.
    Line(&'a Line),
}

impl ChatTimelineEvent<'_> {
    fn rank(&self) -> u8 {
        match self {
            Self::SurveyAnswer(_) => 0,
            Self::CoBrowse(_) => 1,
            Self::Line(_) => 2,
        }
    }
}

impl Chat {
    /// Lines, answers of surveys and co-browse sessions in the order of time. What has no time stands behind what precedes it in
    /// its list.
    #[must_use]
    pub fn timeline(&self) -> Vec<ChatTimelineEntry<'_>> {
        use ChatTimelineEvent as Event;
        let mut entries: Vec<Placed<'_>> = Vec::new();
        let answers = self.surveys.iter().flat_map(|surveys| surveys.answers());
        push(
            &mut entries,
            answers.map(|answer| (answer.at(), Event::SurveyAnswer(answer))),
        );
        let sessions = self
            .co_browse_sessions
            .iter()
            .flat_map(|sessions| sessions.sessions.iter());
        push(
            &mut entries,
            sessions.map(|session| (session.start(), Event::CoBrowse(session))),
        );
        push(
            &mut entries,
            self.lines().iter().map(|line| (line.at(), Event::Line(line))),
        );
        entries.sort_by_key(|(place, entry)| (*place, entry.event.rank()));
        entries.into_iter().map(|(_, entry)| entry).collect()
    }

    /// The lines in the order of time; those of one time in the order of the record.
    #[must_use]
    pub fn lines_in_order(&self) -> Vec<&Line> {
        let events = self.timeline().into_iter().map(|entry| entry.event);
        events
            .filter_map(|event| {
                if let ChatTimelineEvent::Line(line) = event {
                    Some(line)
                } else {
                    None
                }
            })
            .collect()
    }

    /// The score of a line.
    #[must_use]
    pub fn score(&self, line: &Line) -> Option<&LineScore> {
        let seq = line.line_seq.as_ref()?;
        self.line_scores
            .iter()
            .find(|score| score.line_seq.as_ref() == Some(seq))
    }
}

type Placed<'a> = (Option<Timestamp>, ChatTimelineEntry<'a>);

fn push<'a>(entries: &mut Vec<Placed<'a>>, list: impl Iterator<Item = (Option<Timestamp>, ChatTimelineEvent<'a>)>) {
    let mut before = None;
    for (at, event) in list {
        before = at.or(before);
        entries.push((before, ChatTimelineEntry { at, event }));
    }
}
