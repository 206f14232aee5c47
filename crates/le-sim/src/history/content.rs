//! The parts of a record, and which of them a call wants (`contentToRetrieve`).

/// One part of a record: a top-level member next to `info`. The order is the order in a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Info,
    Campaign,
    MessageRecords,
    AgentParticipants,
    AgentParticipantsLeave,
    AgentParticipantsActive,
    ConsumerParticipants,
    Transfers,
    Interactions,
    MessageScores,
    MessageStatuses,
    ConversationSurveys,
    CoBrowseSessions,
    Summary,
    Sdes,
    UnAuthSdes,
    Monitoring,
    ResponseTime,
    Dialogs,
    SkillChanges,
    Intents,
    UniqueIntents,
    LatestAgentSurvey,
    PreviouslySubmittedAgentSurveys,
    PageView,
}

impl Part {
    /// The default set, in order; [`Part::Sdes`] is last.
    pub(super) const DEFAULT: [Self; 15] = [
        Self::Info,
        Self::Campaign,
        Self::MessageRecords,
        Self::AgentParticipants,
        Self::AgentParticipantsLeave,
        Self::AgentParticipantsActive,
        Self::ConsumerParticipants,
        Self::Transfers,
        Self::Interactions,
        Self::MessageScores,
        Self::MessageStatuses,
        Self::ConversationSurveys,
        Self::CoBrowseSessions,
        Self::Summary,
        Self::Sdes,
    ];

    /// What comes only when it is asked for, in order.
    pub(super) const ON_REQUEST: [Self; 10] = [
        Self::UnAuthSdes,
        Self::Monitoring,
        Self::ResponseTime,
        Self::Dialogs,
        Self::SkillChanges,
        Self::Intents,
        Self::UniqueIntents,
        Self::LatestAgentSurvey,
        Self::PreviouslySubmittedAgentSurveys,
        Self::PageView,
    ];

    /// The key in the record, which is also the value in `contentToRetrieve`.
    pub(super) const fn key(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Campaign => "campaign",
            Self::MessageRecords => "messageRecords",
            Self::AgentParticipants => "agentParticipants",
            Self::AgentParticipantsLeave => "agentParticipantsLeave",
            Self::AgentParticipantsActive => "agentParticipantsActive",
            Self::ConsumerParticipants => "consumerParticipants",
            Self::Transfers => "transfers",
            Self::Interactions => "interactions",
            Self::MessageScores => "messageScores",
            Self::MessageStatuses => "messageStatuses",
            Self::ConversationSurveys => "conversationSurveys",
            Self::CoBrowseSessions => "coBrowseSessions",
            Self::Summary => "summary",
            Self::Sdes => "sdes",
            Self::UnAuthSdes => "unAuthSdes",
            Self::Monitoring => "monitoring",
            Self::ResponseTime => "responseTime",
            Self::Dialogs => "dialogs",
            Self::SkillChanges => "skillChanges",
            Self::Intents => "intents",
            Self::UniqueIntents => "uniqueIntents",
            Self::LatestAgentSurvey => "latestAgentSurvey",
            Self::PreviouslySubmittedAgentSurveys => "previouslySubmittedAgentSurveys",
            Self::PageView => "pageView",
        }
    }

    /// Reads a value of `contentToRetrieve`. The default set is documented as `SDEs`; `pageViews` is one client's spelling.
    fn parse(text: &str) -> Option<Self> {
        match text {
            "SDEs" => Some(Self::Sdes),
            "pageViews" => Some(Self::PageView),
            _ => Self::DEFAULT
                .into_iter()
                .chain(Self::ON_REQUEST)
                .find(|part| part.key() == text),
        }
    }

    const fn bit(self) -> u32 {
        1 << self as u32
    }
}

/// A set of parts. `info` is always in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Content(u32);

impl Content {
    /// What comes when `contentToRetrieve` is absent.
    pub(super) const DEFAULT: Self = {
        let mut bits = 0;
        let mut place = 0;
        while place < Part::DEFAULT.len() {
            bits |= Part::DEFAULT[place].bit();
            place += 1;
        }
        Self(bits)
    };

    /// The parts with these names; unknown names are ignored, as the service does.
    pub(super) fn named<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        let bits = names
            .into_iter()
            .filter_map(Part::parse)
            .fold(Part::Info.bit(), |bits, part| bits | part.bit());
        Self(bits)
    }

    pub(super) const fn has(self, part: Part) -> bool {
        self.0 & part.bit() != 0
    }

    /// The same without one part.
    pub(super) const fn without(self, part: Part) -> Self {
        Self(self.0 & !part.bit())
    }

    /// Whether any part beyond the default set is wanted.
    pub(super) const fn beyond_default(self) -> bool {
        self.0 & !Self::DEFAULT.0 != 0
    }
}
