//! Handing over, urgency, and the end.

use le_core::Error;
use le_core::id::{DialogId, SkillId};
use le_core::wire::RawRecord;
use serde::Serialize;

use super::Context;
use crate::bot::journal::fingerprint_of;
use crate::bot::standing;
use crate::change::{FieldChange, UpdateConversation};
use crate::conversation::{CloseReason, Conversation, Role};
use crate::dialog::Dialog;
use crate::frame::raw;
use crate::identity::ParticipantId;
use crate::metadata::ActionReason;
use crate::ttr::TtrType;

/// What the bot tells about a hand-over. Default: nothing.
///
/// The vendor asks for an [`ActionReason`] and an [`EscalationSummary`](crate::metadata::EscalationSummary): they feed the agent's
/// escalation widget.
///
/// ```
/// use le_bots::bot::HandOver;
/// use le_bots::metadata::EscalationSummary;
/// let why = HandOver::because("escalated_by_user").with(&EscalationSummary::new("asked for a person")?);
/// # let _ = why;
/// # Ok::<_, le_core::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct HandOver {
    metadata: Vec<RawRecord>,
    error: Option<Error>,
}

impl HandOver {
    /// For this reason: at most 64 characters. The vendor suggests `escalated_by_user`, `escalated_by_bot`,
    /// `escalated_by_configuration` and `escalated_by_error`.
    #[must_use]
    pub fn because(reason: impl Into<String>) -> Self {
        match ActionReason::new(reason) {
            Ok(reason) => Self::default().with(&reason),
            Err(error) => Self {
                error: Some(error),
                ..Self::default()
            },
        }
    }

    /// Adds any object: see [`metadata`](crate::metadata).
    #[must_use]
    pub fn with<T: Serialize + ?Sized>(mut self, metadata: &T) -> Self {
        match raw("metadata", metadata) {
            Ok(metadata) => self.metadata.push(metadata),
            Err(error) => self.error = Some(error),
        }
        self
    }

    fn checked(self) -> Result<Vec<RawRecord>, Error> {
        self.error.map_or(Ok(self.metadata), Err)
    }
}

impl Context {
    /// Moves the conversation to the queue of a skill. The bot does not have it any more then.
    ///
    /// # Errors
    /// As the request.
    pub async fn transfer_to_skill(&self, skill: impl Into<SkillId> + Send, why: HandOver) -> Result<(), Error> {
        let (skill, metadata) = (skill.into(), why.checked()?);
        let changes = self.leaving([FieldChange::skill(skill.clone())]);
        self.update("transfer", changes, &metadata, |now, mine| {
            let details = now.details.as_ref();
            !mine || details.is_some_and(|details| details.skill_id.as_ref() == Some(&skill))
        })
        .await
    }

    /// Proposes the conversation to an agent, by old id (`<account>.<user>`). The server rings that agent when it is there and has
    /// room, and after a while any agent of the skill.
    ///
    /// # Errors
    /// As the request.
    pub async fn transfer_to_agent(
        &self,
        agent: impl Into<ParticipantId> + Send,
        skill: impl Into<SkillId> + Send,
        why: HandOver,
    ) -> Result<(), Error> {
        let metadata = why.checked()?;
        let changes = self.leaving([FieldChange::suggest(agent), FieldChange::skill(skill)]);
        self.update("transfer", changes, &metadata, |_, mine| !mine).await
    }

    /// Gives the conversation back to the queue of its skill.
    ///
    /// # Errors
    /// As the request.
    pub async fn back_to_queue(&self, why: HandOver) -> Result<(), Error> {
        let metadata = why.checked()?;
        self.update("back", self.leaving([]), &metadata, |_, mine| !mine).await
    }

    /// The changes, and before them that the assigned agent goes: the server refuses the one without the other.
    fn leaving<const N: usize>(&self, rest: [FieldChange; N]) -> Vec<FieldChange> {
        let assigned = self.known().is_assigned_to(&self.hub.me);
        let leave = assigned.then(|| FieldChange::leave(Role::AssignedAgent));
        leave.into_iter().chain(rest).collect()
    }

    /// Changes the urgency: the seconds are the promised time to respond.
    ///
    /// # Errors
    /// As the request.
    pub async fn set_ttr(&self, kind: TtrType, seconds: u32) -> Result<(), Error> {
        let change = FieldChange::ttr(kind.clone(), seconds);
        self.update("ttr", vec![change], &[], |now, _| {
            let ttr = now.details.as_ref().and_then(|details| details.ttr.as_ref());
            ttr.is_some_and(|ttr| ttr.is(&kind, seconds.into()))
        })
        .await
    }

    /// Closes the dialog that replies go to. The close of the main one begins the survey, where there is one; that of a survey
    /// completes it, for which [`complete_survey`](Self::complete_survey) is better.
    ///
    /// # Errors
    /// As the request.
    pub async fn close_dialog(&self, cause: impl Into<String> + Send) -> Result<(), Error> {
        let dialog = self.dialog.clone();
        let close = FieldChange::close_dialog(dialog.clone(), CloseReason::Agent, cause);
        self.update("close-dialog", vec![close], &[], |now, _| is_closed(now, &dialog))
            .await
    }

    /// Closes the survey as completed, which ends the conversation.
    ///
    /// # Errors
    /// As the request.
    pub async fn complete_survey(&self) -> Result<(), Error> {
        self.close_dialog("Completed").await
    }

    /// Closes the conversation with all its dialogs, without a survey.
    ///
    /// # Errors
    /// As the request.
    pub async fn close_conversation(&self) -> Result<(), Error> {
        self.update("close", vec![FieldChange::close_conversation()], &[], |now, _| {
            !now.is_open()
        })
        .await
    }

    /// Attaches metadata to the dialog that replies go to, such as the mark of a survey.
    ///
    /// # Errors
    /// As the request.
    pub async fn annotate_dialog<T: Serialize + Sync + ?Sized>(&self, metadata: &T) -> Result<(), Error> {
        let metadata = raw("metadata", metadata)?;
        let annotate = FieldChange::annotate_dialog(self.dialog.clone());
        self.update("annotate", vec![annotate], &[metadata], |_, _| false).await
    }

    /// Makes any other change of the conversation: all of the fields or none.
    ///
    /// # Errors
    /// As the request.
    pub async fn change(&self, changes: Vec<FieldChange>, metadata: &[RawRecord]) -> Result<(), Error> {
        self.update("change", changes, metadata, |_, _| false).await
    }

    /// Makes a change once. `done` tells from the conversation, and from whether the bot still has it, that an earlier run has made it;
    /// where that cannot be told, the change is one that may be made twice.
    async fn update(
        &self,
        kind: &'static str,
        changes: Vec<FieldChange>,
        metadata: &[RawRecord],
        done: impl Fn(&Conversation, bool) -> bool + Send,
    ) -> Result<(), Error> {
        let hash = || {
            let request = UpdateConversation::new(self.id().clone(), changes.iter().cloned());
            serde_json::to_string(&request)
                .map(|text| fingerprint_of(&text))
                .unwrap_or_default()
        };
        let begun = match self.begin(kind, hash).await? {
            Ok(begun) => begun,
            Err(_) => return Ok(()),
        };
        let is_done = || {
            let now = self.known();
            done(&now, standing::takes_part(&now, &self.hub.me, &self.hub.duty))
        };
        if begun.doubtful && is_done() {
            self.end(begun, 0);
            return Ok(());
        }
        let doubtful = begun.doubtful;
        match self.hub.update(self.id(), changes, metadata).await {
            // What is refused because it is done already was done by the earlier run.
            Err(error) if doubtful && error.disposition() == le_core::Disposition::Rejected => {
                tracing::debug!(conversation = %self.lane.name, kind, "refused after a restart: it counts as done before");
            }
            outcome => outcome?,
        }
        self.end(begun, 0);
        Ok(())
    }
}

fn is_closed(now: &Conversation, dialog: &DialogId) -> bool {
    let mut dialogs = now.dialogs().filter(|one| one.dialog_id.as_ref() == Some(dialog));
    dialogs.next().is_some_and(|dialog| !Dialog::is_open(dialog))
}
