//! Finding out what became of a change of a conversation whose answer was lost.

use le_core::Error;

use super::core::Who;
use super::way::Way;
use crate::change::{FieldChange, FieldName, UpdateConversation};
use crate::conversation::{Conversation, ConversationState, Role};
use crate::identity::AgentIdentity;
use crate::request::Request;

/// Whether a change shows in a conversation. Others are made again, with the same result.
fn shows(change: &FieldChange, now: &Conversation, me: Option<&AgentIdentity>) -> bool {
    let details = now.details.as_ref();
    match change.field {
        Some(FieldName::Skill) => details.is_some_and(|details| details.skill_id == change.skill),
        Some(FieldName::Participants) if change.role == Some(Role::AssignedAgent) && change.user_id.is_none() => {
            // Proposals and removals alike come with the end of the own assignment.
            me.is_some_and(|me| !now.is_assigned_to(me))
        }
        Some(FieldName::ConversationState) => !now.is_open(),
        Some(FieldName::Ttr) => {
            let ttr = details.and_then(|details| details.ttr.as_ref());
            let wanted = change.ttr_type.as_ref().zip(change.value.as_ref());
            ttr.zip(wanted)
                .is_some_and(|(ttr, (kind, seconds))| ttr.is(kind, seconds.get()))
        }
        Some(FieldName::Dialog) => {
            let wanted = change
                .dialog
                .as_ref()
                .filter(|dialog| dialog.state == Some(ConversationState::Close));
            wanted.is_some_and(|wanted| {
                let mut dialogs = now.dialogs().filter(|dialog| dialog.dialog_id == wanted.dialog_id);
                dialogs.next().is_some_and(|dialog| !dialog.is_open())
            })
        }
        _ => false,
    }
}

/// Whether the change may be why a conversation is no longer there.
fn ends_it(change: &FieldChange) -> bool {
    match change.field {
        Some(FieldName::ConversationState) => true,
        Some(FieldName::Participants) => change.kind == Some(crate::change::FieldChangeType::Remove),
        Some(FieldName::Dialog) => {
            let state = change.dialog.as_ref().and_then(|dialog| dialog.state.as_ref());
            state == Some(&ConversationState::Close)
        }
        _ => false,
    }
}

/// Whether all of an update shows in what is known of the conversation.
fn is_done(update: &UpdateConversation, now: Option<&Conversation>, me: Option<&AgentIdentity>) -> bool {
    match now {
        Some(now) => !update.changes.is_empty() && update.changes.iter().all(|change| shows(change, now, me)),
        None => update.changes.iter().any(ends_it),
    }
}

impl<R: Request + 'static> Way<R> {
    /// Whether what was lost shows to be made, as soon as the link has caught up.
    ///
    /// # Errors
    /// The link ended, or there is no time left.
    pub(super) async fn settled(&self, update: &UpdateConversation) -> Result<bool, Error> {
        let mut state = self.shared.state.subscribe();
        let caught_up = state.wait_for(|state| state.is_online() || state.ended().is_some());
        self.within(caught_up).await.map(drop)?;
        Ok(self.is_made(update))
    }

    /// Whether the change shows in what is known of the conversation now.
    pub(super) fn is_made(&self, update: &UpdateConversation) -> bool {
        self.shared.read(|core| {
            let now = update.conversation_id.as_ref().and_then(|id| core.conversation(id));
            let me = match &core.who {
                Who::Agent { identity, .. } => Some(identity),
                Who::Consumer => None,
            };
            is_done(update, now.as_deref(), me)
        })
    }
}

#[cfg(test)]
mod tests {
    use le_core::AccountId;

    use super::*;
    use crate::ttr::TtrType;

    fn conversation(text: &str) -> Conversation {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn a_transfer_shows_by_its_skill_and_by_the_agent_who_left() {
        let me = AgentIdentity::new(AccountId::new("1").unwrap(), "9");
        let transfer = UpdateConversation::new("c", [FieldChange::leave(Role::AssignedAgent), FieldChange::skill("7")]);
        let before = r#"{"convId":"c","conversationDetails":{"skillId":"5","stage":"OPEN","participants":{"ASSIGNED_AGENT":["1.9"]}}}"#;
        let after = r#"{"convId":"c","conversationDetails":{"skillId":"7","stage":"OPEN","participants":{}}}"#;
        assert!(!is_done(&transfer, Some(&conversation(before)), Some(&me)));
        assert!(is_done(&transfer, Some(&conversation(after)), Some(&me)));
        assert!(
            is_done(&transfer, None, Some(&me)),
            "who has left does not see it any more"
        );
    }

    #[test]
    fn a_close_shows_and_an_urgency_does() {
        let close = UpdateConversation::new("c", [FieldChange::close_conversation()]);
        let open = conversation(r#"{"convId":"c","conversationDetails":{"stage":"OPEN","state":"OPEN"}}"#);
        let closed = conversation(r#"{"convId":"c","conversationDetails":{"stage":"CLOSE","state":"CLOSE"}}"#);
        assert!(!is_done(&close, Some(&open), None) && is_done(&close, Some(&closed), None));
        let urgent = UpdateConversation::new("c", [FieldChange::ttr(TtrType::Urgent, 60)]);
        assert!(!is_done(&urgent, Some(&open), None) && !is_done(&urgent, None, None));
        let details = |ttr: &str| format!(r#"{{"convId":"c","conversationDetails":{{"stage":"OPEN","ttr":{ttr}}}}}"#);
        let set = conversation(&details(r#"{"ttrType":"URGENT","value":60}"#));
        let other = conversation(&details(r#"{"ttrType":"URGENT","value":90}"#));
        assert!(is_done(&urgent, Some(&set), None) && !is_done(&urgent, Some(&other), None));
    }
}
