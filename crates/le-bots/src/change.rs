//! Changes of a conversation: who takes part, skill, urgency, close, survey answers, notes.

pub use crate::generated::enums::{FieldChangeType, FieldName};

use le_core::Timestamp;
use le_core::id::{ConversationId, DialogId, SkillId};
use le_core::wire::{Flag, Int, List};

use crate::conversation::{CloseReason, ConversationState, CsatStatus, Role};
use crate::dialect::Dialect;
use crate::dialog::Dialog;
use crate::identity::ParticipantId;
use crate::request::{Acknowledged, Request, names};
use crate::ttr::TtrType;

le_core::record! {
    /// One change. Which members it has depends on the field.
    pub struct FieldChange {
        /// What is changed.
        field: Option<FieldName> = "field" [safe],
        /// How.
        kind: Option<FieldChangeType> = "type" [safe],
        /// Role of the participant.
        role: Option<Role> = "role" [safe],
        /// Participant, by old id. An agent's connection fills in its own where it is missing.
        user_id: Option<ParticipantId> = "userId" [safe],
        /// Dialog, where only that one is joined.
        dialog_id: Option<DialogId> = "dialogId" [safe],
        /// Skill.
        skill: Option<SkillId> = "skill" [safe],
        /// State of the conversation.
        conversation_state: Option<ConversationState> = "conversationState" [safe],
        /// Dialog, with what is to change in it.
        dialog: Option<Dialog> = "dialog" [safe],
        /// Urgency.
        ttr_type: Option<TtrType> = "ttrType" [safe],
        /// Seconds of the urgency.
        value: Option<Int> = "value" [safe],
        /// When the next answer is due.
        time: Option<Timestamp> = "time" [safe],
        /// Until when answers are delayed.
        till_when: Option<Timestamp> = "tillWhen" [safe],
        /// 1 to 5.
        csat_rate: Option<Int> = "csatRate" [safe],
        /// Whether the matter is settled.
        csat_resolved: Option<Flag> = "csatResolutionConfirmation" [safe],
        /// How far the survey got.
        csat_status: Option<CsatStatus> = "status" [safe],
        /// Note or topic.
        note: Option<String> = "note",
    }
}

impl FieldChange {
    fn of(field: FieldName) -> Self {
        Self {
            field: Some(field),
            ..Self::default()
        }
    }

    fn participant(kind: FieldChangeType, role: Role) -> Self {
        Self {
            kind: Some(kind),
            role: Some(role),
            ..Self::of(FieldName::Participants)
        }
    }

    /// Joins with this role: the caller, unless [`of_user`](Self::of_user) names another.
    #[must_use]
    pub fn join(role: Role) -> Self {
        Self::participant(FieldChangeType::Add, role)
    }

    /// Leaves this role. Fails where nobody has it.
    #[must_use]
    pub fn leave(role: Role) -> Self {
        Self::participant(FieldChangeType::Remove, role)
    }

    /// Proposes an agent, by old id, for a transfer.
    #[must_use]
    pub fn suggest(agent: impl Into<ParticipantId>) -> Self {
        Self::participant(FieldChangeType::Suggest, Role::AssignedAgent).of_user(agent)
    }

    /// Names the participant, by old id.
    #[must_use]
    pub fn of_user(mut self, user: impl Into<ParticipantId>) -> Self {
        self.user_id = Some(user.into());
        self
    }

    /// Joins or leaves this dialog only.
    #[must_use]
    pub fn in_dialog(mut self, dialog: impl Into<DialogId>) -> Self {
        self.dialog_id = Some(dialog.into());
        self
    }

    /// Moves to a skill. Where an agent is assigned, that agent must be removed in the same request.
    #[must_use]
    pub fn skill(skill: impl Into<SkillId>) -> Self {
        Self {
            kind: Some(FieldChangeType::Update),
            skill: Some(skill.into()),
            ..Self::of(FieldName::Skill)
        }
    }

    /// Closes the conversation and all its dialogs, without a survey.
    #[must_use]
    pub fn close_conversation() -> Self {
        Self {
            conversation_state: Some(ConversationState::Close),
            ..Self::of(FieldName::ConversationState)
        }
    }

    /// Changes a dialog: the members that are set.
    #[must_use]
    pub fn dialog(dialog: Dialog) -> Self {
        Self {
            kind: Some(FieldChangeType::Update),
            dialog: Some(dialog),
            ..Self::of(FieldName::Dialog)
        }
    }

    /// Closes a dialog. The close of the main one begins the survey, where there is one.
    #[must_use]
    pub fn close_dialog(dialog: impl Into<DialogId>, by: CloseReason, cause: impl Into<String>) -> Self {
        Self::dialog(Dialog {
            dialog_id: Some(dialog.into()),
            state: Some(ConversationState::Close),
            closed_by: Some(by),
            closed_cause: Some(cause.into()),
            ..Dialog::default()
        })
    }

    /// Names a dialog without changing it, so that the metadata of the request is attached to it.
    #[must_use]
    pub fn annotate_dialog(dialog: impl Into<DialogId>) -> Self {
        Self::dialog(Dialog {
            dialog_id: Some(dialog.into()),
            ..Dialog::default()
        })
    }

    /// Changes the urgency; the seconds are the promised time to respond.
    #[must_use]
    pub fn ttr(kind: TtrType, seconds: u32) -> Self {
        Self {
            ttr_type: Some(kind),
            value: Some(Int::from(i64::from(seconds))),
            ..Self::of(FieldName::Ttr)
        }
    }

    /// Says when the next answer is due; `None` goes back to the promised time.
    #[must_use]
    pub fn due(at: Option<Timestamp>) -> Self {
        let mut change = Self {
            time: at,
            ..Self::of(FieldName::ManualEffectiveTtr)
        };
        if at.is_none() {
            // Writing `null` as JSON cannot fail.
            let _ = change.extra.insert("time", &());
        }
        change
    }

    /// Says that answers are delayed: night, weekend or holiday.
    #[must_use]
    pub fn delay(kind: FieldChangeType, until: Timestamp) -> Self {
        Self {
            kind: Some(kind),
            till_when: Some(until),
            ..Self::of(FieldName::Delay)
        }
    }

    /// The consumer's satisfaction, after the close.
    #[must_use]
    pub fn csat(rate: u8, resolved: bool, status: CsatStatus) -> Self {
        Self {
            csat_rate: Some(Int::from(i64::from(rate))),
            csat_resolved: Some(Flag::from(resolved)),
            csat_status: Some(status),
            ..Self::of(FieldName::Csat)
        }
    }

    /// Replaces the agents' note.
    #[must_use]
    pub fn note(text: impl Into<String>) -> Self {
        Self {
            note: Some(text.into()),
            ..Self::of(FieldName::Note)
        }
    }
}

le_core::record! {
    /// Changes a conversation: all of the fields, or an error and none. Re-read the state from the notification.
    pub struct UpdateConversation {
        /// Conversation.
        conversation_id: Option<ConversationId> = "conversationId" [safe],
        /// The changes.
        changes: List<FieldChange> = "conversationField" [safe],
        /// Dialog; some clients repeat it here.
        dialog_id: Option<DialogId> = "dialogId" [safe],
    }
}

impl Request for UpdateConversation {
    type Answer = Acknowledged;
    type Body<'a> = &'a Self;

    fn operation(&self) -> &'static str {
        names::UPDATE_CONVERSATION.id
    }

    fn spelled(&self, dialect: Dialect) -> Option<&str> {
        names::UPDATE_CONVERSATION.spelled(dialect)
    }

    fn body(&self, _: Dialect) -> Option<&Self> {
        Some(self)
    }

    fn as_update(&self) -> Option<&UpdateConversation> {
        Some(self)
    }
}

impl UpdateConversation {
    /// These changes at once.
    #[must_use]
    pub fn new(conversation: impl Into<ConversationId>, changes: impl IntoIterator<Item = FieldChange>) -> Self {
        Self {
            conversation_id: Some(conversation.into()),
            changes: changes.into_iter().collect(),
            ..Self::default()
        }
    }
}
