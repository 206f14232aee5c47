//! What is exported: the flags that the commands share, since they decide together whether an export is the same.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum, ValueHint};
use le_core::{BaseUri, Secret, Timestamp};
use le_data::Data;
use le_data::data_access::{DataFileKind, Region};
use le_export::{AgentStatusChanges, Chats, Conversations, DataFileLines, Export, Redaction};

use super::place::Place;
use crate::commands::conversations::filter::{Span, Which};
use crate::failure::{Failure, Result};
use crate::moment::length;

/// Everything that decides what an export holds.
#[derive(Debug, Clone, Args)]
pub(crate) struct Request {
    #[command(flatten)]
    pub(crate) place: Place,

    /// The records to export; all but conversations go into jsonl and singer
    #[arg(
        long,
        value_name = "RECORDS",
        default_value = "conversations",
        help_heading = "Export"
    )]
    source: Records,

    /// Where the data files are: va (US), lo (UK), sy (APAC), or a base address of your own
    #[arg(long, value_name = "REGION", default_value = "va", help_heading = "Export")]
    region: String,

    #[command(flatten)]
    span: Span,

    #[command(flatten)]
    which: Which,

    /// Rules for personal data: a TOML file, see docs/exporting.md. The key of hashes is in LE_REDACTION_KEY
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Export")]
    redact: Option<PathBuf>,

    /// The length of the windows that are the units of work, 10m to 1d
    #[arg(long, value_name = "LENGTH", default_value = "1d", value_parser = length, help_heading = "Export")]
    window_length: Duration,

    /// Also reads windows once more that are done already
    #[arg(long, help_heading = "Export")]
    again: bool,
}

/// What can be exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Records {
    /// Messaging conversations (Messaging Interactions API)
    Conversations,
    /// Ended chats (Engagement History API)
    Chats,
    /// Status changes of agents (Agent Activity API)
    AgentActivity,
    /// Files of the Data Access API: agent sessions
    AgentFiles,
    /// The same: engagements
    EngagementFiles,
    /// The same: surveys
    SurveyFiles,
    /// The same: web sessions
    WebSessionFiles,
}

const KEY: &str = "LE_REDACTION_KEY";

impl Request {
    /// The export without anything that is about one run only.
    pub(crate) async fn export(&self, data: &Data) -> Result<Export> {
        let mut export = self
            .source(data)?
            .redact(self.redaction()?)
            .window_length(self.window_length)
            .again(self.again);
        if self.span.is_given() {
            let range = self.span.range(Timestamp::now())?;
            // Ranges of the command line include their last millisecond.
            export = export.range(range.from(), range.to() + Duration::from_millis(1));
        }
        Ok(self.place.open().await?.of(export))
    }

    fn source(&self, data: &Data) -> Result<Export> {
        let which = self.which.clone();
        if self.source != Records::Conversations && which.is_given() {
            return Err(Failure::usage("filters and parts are for conversations only")
                .advise("leave them out, or export conversations"));
        }
        Ok(match self.source {
            Records::Conversations => Export::of(Conversations::new(data).search(move |search| which.apply(search))),
            Records::Chats => Export::of(Chats::new(data)),
            Records::AgentActivity => Export::of(AgentStatusChanges::new(data)),
            Records::AgentFiles => Export::of(self.files(data, DataFileKind::AgentActivity)?),
            Records::EngagementFiles => Export::of(self.files(data, DataFileKind::Engagement)?),
            Records::SurveyFiles => Export::of(self.files(data, DataFileKind::Survey)?),
            Records::WebSessionFiles => Export::of(self.files(data, DataFileKind::WebSession)?),
        })
    }

    fn files(&self, data: &Data, kind: DataFileKind) -> Result<DataFileLines> {
        let region = match self.region.as_str() {
            "va" => Region::Us,
            "lo" => Region::Uk,
            "sy" => Region::Apac,
            base => return Ok(DataFileLines::at(data, BaseUri::new(base)?, kind)),
        };
        Ok(DataFileLines::new(data, region, kind))
    }

    fn redaction(&self) -> Result<Redaction> {
        let Some(file) = &self.redact else {
            return Ok(Redaction::new());
        };
        let text = std::fs::read_to_string(file).map_err(|e| Failure::file("read", file, &e))?;
        let key = std::env::var(KEY).ok().filter(|key| !key.is_empty()).map(Secret::new);
        let read = Redaction::from_toml(&text, key);
        read.map_err(|e| Failure::from(e).while_(format!("{} cannot be used", file.display())))
    }
}
