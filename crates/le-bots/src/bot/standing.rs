//! How a bot stands to a conversation, and what changed in it.

use le_core::id::DialogId;
use le_core::wire::Int;

use super::handlers::{Closed, Transfer};
use super::options::Duty;
use super::record::Record;
use crate::conversation::{Conversation, Role};
use crate::dialog::{Dialog, DialogType};
use crate::identity::AgentIdentity;
use crate::ttr::Ttr;

/// Whether the bot takes part in a conversation, as its duty is.
pub(super) fn takes_part(conversation: &Conversation, me: &AgentIdentity, duty: &Duty) -> bool {
    if !conversation.is_open() {
        return false;
    }
    match duty {
        Duty::Agent => conversation.is_assigned_to(me) && main_is_open(conversation),
        Duty::Observer(role) => has_role(conversation, role, me),
        Duty::Survey { app_install_id, .. } => {
            survey_of(conversation, app_install_id).is_some_and(|dialog| dialog.has_active(&Role::Agent, me))
        }
    }
}

fn main_is_open(conversation: &Conversation) -> bool {
    conversation.main_dialog().is_none_or(Dialog::is_open)
}

fn has_role(conversation: &Conversation, role: &Role, me: &AgentIdentity) -> bool {
    let Some(details) = &conversation.details else {
        return false;
    };
    let outer = [&details.participants, &details.participants_pid];
    outer.into_iter().flatten().any(|all| all.has(role, me))
        || conversation
            .main_dialog()
            .is_some_and(|dialog| dialog.has_active(role, me))
}

/// Whether what is said in a dialog is the bot's to handle: surveys are for survey bots, and nothing else is.
pub(super) fn is_heard(conversation: &Conversation, dialog: &DialogId, duty: &Duty) -> bool {
    let of_survey = || {
        let found = conversation
            .dialogs()
            .find(|one| one.dialog_id.as_ref() == Some(dialog));
        found.filter(|dialog| dialog.dialog_type == Some(DialogType::PostSurvey))
    };
    match duty {
        Duty::Agent => of_survey().is_none(),
        Duty::Observer(_) => true,
        Duty::Survey { app_install_id, .. } => of_survey().and_then(app_of).is_some_and(|app| app == *app_install_id),
    }
}

/// The open survey that is for this installation of a bot.
pub(super) fn survey_of<'c>(conversation: &'c Conversation, app_install_id: &str) -> Option<&'c Dialog> {
    conversation.dialogs().find(|dialog| {
        dialog.dialog_type == Some(DialogType::PostSurvey)
            && dialog.is_open()
            && app_of(dialog).is_some_and(|app| app == app_install_id)
    })
}

fn app_of(dialog: &Dialog) -> Option<String> {
    let metadata = dialog.metadata.as_ref()?.to_value().ok()?;
    metadata.get("appInstallId")?.as_str().map(str::to_owned)
}

/// The dialog that a bot speaks in where no event names one: its survey, or the main one.
pub(super) fn dialog_of(conversation: &Conversation, duty: &Duty) -> Option<DialogId> {
    let dialog = match duty {
        Duty::Survey { app_install_id, .. } => survey_of(conversation, app_install_id),
        _ => conversation.main_dialog(),
    };
    let main = || conversation.id().map(|id| DialogId::new(id.as_str()));
    dialog.and_then(|dialog| dialog.dialog_id.clone()).or_else(main)
}

/// One difference between what a bot knew and what is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Change {
    Started,
    Ttr(Ttr),
    Dialog(Box<Dialog>),
    Transferred(Transfer),
    Closed(Closed),
}

impl Change {
    /// The key of its turn. It says what changed, so that the same change in the next process is the same turn.
    pub(super) fn turn(&self) -> String {
        match self {
            Self::Started => "started".to_owned(),
            Self::Ttr(ttr) => {
                let (kind, value) = ttr_of(ttr);
                format!("ttr-{kind}-{value}")
            }
            Self::Dialog(dialog) => {
                let id = dialog.dialog_id.as_ref().map_or("", DialogId::as_str);
                format!("dialog-{id}-{}", dialog.is_open())
            }
            Self::Transferred(transfer) => {
                let skill = transfer.skill.as_ref().map_or("", |skill| skill.as_str());
                format!("transferred-{skill}-{}", transfer.kept)
            }
            Self::Closed(_) => "closed".to_owned(),
        }
    }
}

fn ttr_of(ttr: &Ttr) -> (&str, i64) {
    let kind = ttr.kind.as_ref().map_or("", |kind| kind.as_str());
    (kind, ttr.value.as_ref().map_or(0, Int::get))
}

/// What changed, in the order in which a bot is told. The record stays as it is: see [`note`].
pub(super) fn changes(record: &Record, now: &Conversation, active: bool) -> Vec<Change> {
    let mut changes = Vec::new();
    let details = now.details.as_ref();
    let known = record.active || record.after;
    if active && !record.active {
        changes.push(Change::Started);
    }
    if known {
        let ttr = details.and_then(|details| details.ttr.as_ref());
        if let Some(ttr) = ttr.filter(|ttr| differs(record, ttr)) {
            changes.push(Change::Ttr(ttr.clone()));
        }
        for dialog in now.dialogs() {
            let Some(id) = &dialog.dialog_id else { continue };
            if record.dialogs.get(id) != Some(&dialog.is_open()) {
                changes.push(Change::Dialog(Box::new(dialog.clone())));
            }
        }
        let skill = details.and_then(|details| details.skill_id.clone());
        let moved = skill.is_some() && record.skill.is_some() && skill != record.skill;
        if record.active && now.is_open() && (moved || (!active && main_is_open(now))) {
            let (kept, certain) = (active, true);
            changes.push(Change::Transferred(Transfer { skill, kept, certain }));
        }
    }
    if (known || active) && !record.closed && !now.is_open() {
        changes.push(Change::Closed(closed(now)));
    }
    changes
}

/// Whether the bot, which takes part, knows all of this already: there are no [`changes`], and [`note`] would change nothing.
pub(super) fn is_known(record: &Record, now: &Conversation) -> bool {
    let Some(details) = &now.details else { return false };
    let skill = details.skill_id.is_none() || details.skill_id == record.skill;
    let ttr = details.ttr.as_ref().is_none_or(|ttr| {
        let known = record.ttr.as_ref();
        known.is_some_and(|(kind, value)| (kind.as_str(), *value) == ttr_of(ttr))
    });
    let mut dialogs = now
        .dialogs()
        .filter_map(|dialog| Some((dialog.dialog_id.as_ref()?, dialog.is_open())));
    let same = record.active && record.left.is_none() && !record.after && !record.closed && now.is_open();
    same && skill && ttr && dialogs.all(|(id, open)| record.dialogs.get(id) == Some(&open))
}

/// How a conversation was closed.
pub(super) fn closed(now: &Conversation) -> Closed {
    let details = now.details.as_ref();
    Closed {
        by: details.and_then(|details| details.close_reason.clone()),
        at: details.and_then(|details| details.ended_at),
    }
}

fn differs(record: &Record, ttr: &Ttr) -> bool {
    let (kind, value) = ttr_of(ttr);
    record
        .ttr
        .as_ref()
        .is_some_and(|(known, seconds)| known != kind || *seconds != value)
}

/// Notes what a bot knows now.
pub(super) fn note(record: &mut Record, now: &Conversation, active: bool) {
    let had = record.active || record.after;
    record.after = had && !active && now.is_open() && !main_is_open(now);
    record.active = active;
    record.opened = record.opened && active;
    record.closed = record.closed || !now.is_open();
    if active {
        record.left = None;
    }
    let Some(details) = &now.details else { return };
    if details.skill_id.is_some() {
        record.skill.clone_from(&details.skill_id);
    }
    if let Some(ttr) = &details.ttr {
        let (kind, value) = ttr_of(ttr);
        record.ttr = Some((kind.to_owned(), value));
    }
    let dialogs = now
        .dialogs()
        .filter_map(|dialog| Some((dialog.dialog_id.clone()?, dialog.is_open())));
    record.dialogs.extend(dialogs);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Known is what would call no handler and change no record.
    #[test]
    fn what_is_known_calls_nobody_and_is_not_noted() {
        let conversation = |skill: &str, seconds: i64, dialogs: &str, stage: &str| -> Conversation {
            let text = format!(
                r#"{{"convId":"c","effectiveTTR":1,"conversationDetails":{{"skillId":"{skill}","stage":"{stage}",
                "ttr":{{"ttrType":"NORMAL","value":{seconds}}},"dialogs":[{dialogs}]}}}}"#
            );
            serde_json::from_str(&text).unwrap()
        };
        let main = |state: &str| format!(r#"{{"dialogId":"c","dialogType":"MAIN","state":"{state}"}}"#);
        let survey = r#"{"dialogId":"s","dialogType":"POST_SURVEY","state":"OPEN"}"#;
        let first = conversation("1", 60, &main("OPEN"), "OPEN");
        let others = [
            first.clone(),
            conversation("2", 60, &main("OPEN"), "OPEN"),
            conversation("1", 90, &main("OPEN"), "OPEN"),
            conversation("1", 60, &main("CLOSE"), "OPEN"),
            conversation("1", 60, &format!("{},{survey}", main("OPEN")), "OPEN"),
            conversation("1", 60, &main("OPEN"), "CLOSE"),
            Conversation::default(),
        ];
        let mut record = Record::default();
        assert!(!is_known(&record, &first), "the bot was not told of it yet");
        note(&mut record, &first, true);
        let known: Vec<bool> = others.iter().map(|now| is_known(&record, now)).collect();
        assert_eq!(known, [true, false, false, false, false, false, false]);
        let mut noted = record.clone();
        note(&mut noted, &first, true);
        assert_eq!((changes(&record, &first, true), noted), (Vec::new(), record));
    }
}
