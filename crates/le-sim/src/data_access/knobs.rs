use serde::{Deserialize, Serialize};

/// How Data Access behaves. A part of [`Behaviour`](crate::Behaviour), under `data_access`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct DataAccessKnobs {
    /// The kinds that LivePerson has enabled for the account; others are refused with 403 and not in the base resource.
    pub kinds: Vec<FileKind>,
    /// How long after its hour a file is made, milliseconds. "Up to 6 hours after a session is considered closed."
    pub lag_ms: u64,
    /// Days after which a file is deleted.
    pub kept_days: u32,
    /// Lines in a part; an hour with more has several parts.
    pub lines_per_part: usize,
    /// Which members of a line are wrapped.
    pub wrappers: Wrappers,
    /// What the bytes of a file are.
    pub format: FileFormat,
    /// `true` (the default): names end in `.gz`.
    pub gz_suffix: bool,
    /// The status of an answer without files, whose text is "No Available Files".
    pub no_files_status: u16,
    /// `true`: a list of one file, or one link, is that object itself, as JSON made from XML often is.
    pub single_entry_bare: bool,
    /// `true`: chats only, as the page that calls the engagement files legacy says; `false` (the default): conversations, too,
    /// with the type `MESSAGING`.
    pub chats_only: bool,
    /// `host:port` that the addresses of files name instead of the one that the client used: clients must not send their
    /// credentials to any host that a list names.
    pub file_host: Option<String>,
    /// `true`: the bearer of a login is taken. The pages document API keys only.
    pub bearer: bool,
}

impl Default for DataAccessKnobs {
    fn default() -> Self {
        Self {
            kinds: FileKind::ALL.to_vec(),
            lag_ms: 10 * 60_000,
            kept_days: 30,
            lines_per_part: 100,
            wrappers: Wrappers::Live,
            format: FileFormat::Lines,
            gz_suffix: true,
            no_files_status: 404,
            single_entry_bare: false,
            chats_only: false,
            file_host: None,
            bearer: false,
        }
    }
}

/// A kind of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum FileKind {
    /// Logins and changes of status.
    AgentActivity,
    /// What visitors did on the web.
    WebSession,
    /// Chats and conversations.
    Engagement,
    /// Answers to surveys.
    Survey,
}

impl FileKind {
    pub(super) const ALL: [Self; 4] = [Self::AgentActivity, Self::WebSession, Self::Engagement, Self::Survey];

    /// The name in paths and links.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::AgentActivity => "agentActivity",
            Self::WebSession => "webSession",
            Self::Engagement => "engagement",
            Self::Survey => "survey",
        }
    }

    /// What names of files begin with.
    pub(super) const fn prefix(self) -> &'static str {
        match self {
            Self::AgentActivity => "Agent",
            Self::WebSession => "WebSession",
            Self::Engagement => "Engagement",
            Self::Survey => "Survey",
        }
    }

    /// `dataType` of a line.
    pub(super) const fn data_type(self) -> &'static str {
        match self {
            Self::AgentActivity => "AgentActivity",
            other => other.prefix(),
        }
    }
}

/// The two forms of a line that are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Wrappers {
    /// `metaData` and `recordCollection` are wrapped, as in files that clients read.
    #[default]
    Live,
    /// They are bare, as in the examples of the documentation.
    Documentation,
}

/// The bytes of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FileFormat {
    /// gzip, one JSON object in a line.
    #[default]
    Lines,
    /// gzip, objects over several lines one after the other, as the example of the documentation.
    Concatenated,
    /// The lines without gzip.
    Plain,
    /// gzip, a binary Avro container whose records are the lines as strings; older accounts had binary files.
    AvroContainer,
}
