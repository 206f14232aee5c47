//! `UpdateConversationField`: all of its changes happen, or none.

use serde_json::{Map, Value};

use super::{
    Change, Csat, Delay, Dialog, DialogKind, Engine, Outcome, ParticipantAction, Refusal, Reply, Role, Ttr, Who,
};
use crate::account::uuid;

impl Engine {
    pub(super) fn update_conversation(
        &mut self,
        who: Who,
        conversation: &str,
        changes: Vec<Change>,
        metadata: Option<&Value>,
    ) -> Outcome {
        let place = self
            .find_conversation(conversation)
            .filter(|place| self.may_see(who, (*place, 0)))
            .ok_or_else(|| Refusal::bad("Conversation does not exist"))?;
        if changes.is_empty() {
            return Err(Refusal::bad("conversationField is empty"));
        }
        for change in &changes {
            self.check_change(place, who, change)?;
        }
        if let Who::Agent(agent) = who {
            self.check_standing(place, agent, &changes)?;
            self.check_transfer(place, agent, &changes)?;
        }
        let text = success_text(&changes);
        if self.is_transfer(&changes) {
            self.transfer(place, who, &changes)?;
        }
        for change in changes {
            self.apply(place, who, change, metadata);
        }
        Ok(Reply::Text(200, text))
    }

    /// Who neither takes part nor manages may only join.
    fn check_standing(&self, place: usize, agent: usize, changes: &[Change]) -> Result<(), Refusal> {
        let joins = |change: &Change| {
            matches!(
                change,
                Change::Participant {
                    action: ParticipantAction::Add,
                    ..
                }
            )
        };
        if self.agents[agent].manager || self.conversations[place].has_agent(agent) || changes.iter().all(joins) {
            return Ok(());
        }
        Err(Refusal::bad("Participant is not part of the conversation"))
    }

    fn check_change(&self, place: usize, who: Who, change: &Change) -> Result<(), Refusal> {
        let conversation = &self.conversations[place];
        let by_consumer = matches!(who, Who::Consumer(_));
        let allowed = match change {
            Change::Close | Change::Ttr { .. } => true,
            Change::Csat { .. } => true,
            Change::Dialog { create, .. } => !(by_consumer && *create),
            _ => !by_consumer,
        };
        if !allowed {
            return Err(Refusal::bad("Consumers may not change this field"));
        }
        match change {
            Change::Csat { rate, status, .. } => check_csat(conversation.open, *rate, status),
            Change::Dialog {
                create,
                dialog,
                dialog_id,
            } => self.check_dialog_change(place, *create, dialog, dialog_id.as_deref()),
            Change::Participant {
                dialog: Some(dialog), ..
            } => {
                let found = self.dialog_of(place, dialog)?;
                open_only(conversation.dialogs[found].open, "Dialog is closed")
            }
            Change::Note(_) | Change::Topic(_) => Ok(()),
            Change::Ttr { kind, value } => {
                open_only(conversation.open, "Conversation is closed")?;
                let known = self.ttr_value(kind).is_some() || kind == "CUSTOM";
                if known && *value >= 0 {
                    return Ok(());
                }
                Err(Refusal::bad("ttrType or value is not valid"))
            }
            Change::Close => open_only(conversation.stage_open, "Conversation is closed"),
            _ => open_only(conversation.open, "Conversation is closed"),
        }
    }

    fn check_dialog_change(
        &self,
        place: usize,
        create: bool,
        dialog: &Map<String, Value>,
        dialog_id: Option<&str>,
    ) -> Result<(), Refusal> {
        if create {
            return open_only(self.conversations[place].open, "Conversation is closed");
        }
        let found = self.dialog_of(place, named_dialog(dialog, dialog_id)?)?;
        let closes = dialog.get("state").and_then(Value::as_str) == Some("CLOSE");
        open_only(
            !closes || self.conversations[place].dialogs[found].open,
            "Dialog is closed",
        )
    }

    /// The place of a dialog of this conversation.
    pub(super) fn dialog_of(&self, place: usize, id: &str) -> Result<usize, Refusal> {
        self.find_dialog(id)
            .filter(|at| at.0 == place)
            .map(|at| at.1)
            .ok_or_else(|| Refusal::bad("Dialog does not exist"))
    }

    fn apply(&mut self, place: usize, who: Who, change: Change, metadata: Option<&Value>) {
        let by = match who {
            Who::Agent(_) => "AGENT",
            Who::Consumer(_) => "CONSUMER",
        };
        let conversation = &mut self.conversations[place];
        match change {
            // Transfers were done together, before.
            Change::Skill(_) => return,
            Change::Participant {
                action,
                role,
                user,
                dialog,
            } => return self.apply_participant(place, who, action, &role, user.as_deref(), dialog.as_deref()),
            Change::Close => return self.close_all(place, by),
            Change::Dialog {
                create,
                dialog,
                dialog_id,
            } => return self.apply_dialog(place, by, create, dialog, dialog_id.as_deref(), metadata),
            Change::Ttr { kind, value } => conversation.ttr = Ttr { kind, value },
            Change::ManualEttr(time) => {
                conversation.manual_ettr = time;
                // Setting a time makes something due even where the agent spoke last.
                if time.is_some() && conversation.pending_since.is_none() {
                    conversation.pending_since = Some(self.now);
                }
            }
            Change::Delay { kind, till } => conversation.delay = Some(Delay { kind, till }),
            Change::Csat { rate, resolved, status } => {
                conversation.csat = Some(Csat { rate, resolved, status });
            }
            Change::Note(note) => conversation.note = note,
            Change::Topic(topic) => conversation.topic = Some(topic),
        }
        self.touch(place);
    }

    fn apply_participant(
        &mut self,
        place: usize,
        who: Who,
        action: ParticipantAction,
        role: &str,
        user: Option<&str>,
        dialog: Option<&str>,
    ) {
        let Some((agent, role)) = self.named_participant(who, role, user) else {
            return;
        };
        let number = dialog.map_or(Ok(0), |id| self.dialog_of(place, id)).unwrap_or(0);
        match action {
            ParticipantAction::Add | ParticipantAction::Update if role == Role::AssignedAgent && number == 0 => {
                if self.conversations[place].assigned() != Some(agent) {
                    self.assign(place, agent);
                }
            }
            ParticipantAction::Add => {
                if self.conversations[place].dialogs[number].role_of(Who::Agent(agent)) != Some(role) {
                    self.join(place, number, agent, role);
                }
            }
            ParticipantAction::Update => {
                let dialog = &mut self.conversations[place].dialogs[number];
                let own = |participant: &&mut super::Participant| {
                    participant.who == Who::Agent(agent) && participant.role != Role::AssignedAgent
                };
                if let Some(participant) = dialog.participants.iter_mut().find(own) {
                    participant.role = role;
                }
                self.touch(place);
            }
            ParticipantAction::Remove if role != Role::AssignedAgent => {
                self.leave(place, number, agent, role);
            }
            // Done by the transfer.
            ParticipantAction::Remove | ParticipantAction::Suggest => {}
        }
    }

    /// The agent and the role of a change; the agent itself where none is named.
    pub(super) fn named_participant(&self, who: Who, role: &str, user: Option<&str>) -> Option<(usize, Role)> {
        let agent = match user {
            Some(user) => self.find_agent(user)?,
            None => who.agent()?,
        };
        Some((agent, Role::of_agent(role)?))
    }

    fn apply_dialog(
        &mut self,
        place: usize,
        by: &'static str,
        create: bool,
        members: Map<String, Value>,
        dialog_id: Option<&str>,
        metadata: Option<&Value>,
    ) {
        if create {
            return self.create_dialog(place, members);
        }
        let Ok(number) = named_dialog(&members, dialog_id).and_then(|id| self.dialog_of(place, id)) else {
            return;
        };
        let text = |name: &str| members.get(name).and_then(Value::as_str).map(str::to_owned);
        if text("state").as_deref() == Some("CLOSE") {
            let cause = text("closedCause");
            match (number, text("closedBy")) {
                (0, _) => self.close_main_dialog(place, by, cause),
                (_, Some(named)) => self.close_side_dialog(place, number, &named, cause),
                (_, None) => self.close_side_dialog(place, number, by, cause),
            }
            return;
        }
        let now = self.now;
        let dialog = &mut self.conversations[place].dialogs[number];
        dialog.updated = now;
        if let Some(Value::Object(more)) = members.get("metaData") {
            dialog.metadata.extend(more.clone());
        }
        // An annotation: the envelope's metadata is kept with the dialog, as survey bots do it.
        for entry in metadata.and_then(Value::as_array).into_iter().flatten() {
            if let Some(kind) = entry.get("type").and_then(Value::as_str) {
                dialog.metadata.insert(kind.to_owned(), entry.clone());
            }
        }
        self.touch(place);
    }

    /// A dialog beside the main one, such as an invitation to co-browse.
    fn create_dialog(&mut self, place: usize, members: Map<String, Value>) {
        let id = members.get("dialogId").and_then(Value::as_str);
        let fresh = id.filter(|id| self.find_dialog(id).is_none()).map(str::to_owned);
        let id: std::sync::Arc<str> = fresh.unwrap_or_else(|| uuid(&mut self.random)).into();
        let mut dialog = Dialog::new(std::sync::Arc::clone(&id), DialogKind::Other, self.now);
        if let Some(Value::Object(metadata)) = members.get("metaData") {
            dialog.metadata = metadata.clone();
        }
        dialog.participants = self.conversations[place].main().participants.clone();
        for participant in &mut dialog.participants {
            participant.unread.clear();
        }
        let number = self.conversations[place].dialogs.len();
        self.conversations[place].dialogs.push(dialog);
        self.dialog_places.insert(id, (place, number));
        self.touch(place);
    }
}

fn named_dialog<'a>(dialog: &'a Map<String, Value>, dialog_id: Option<&'a str>) -> Result<&'a str, Refusal> {
    dialog
        .get("dialogId")
        .and_then(Value::as_str)
        .or(dialog_id)
        .ok_or_else(|| Refusal::bad("dialog.dialogId is missing"))
}

fn check_csat(open: bool, rate: i64, status: &str) -> Result<(), Refusal> {
    if open {
        return Err(Refusal::bad("The conversation is not closed"));
    }
    let skipped = status == "SKIPPED";
    if (1..=5).contains(&rate) || skipped {
        return Ok(());
    }
    Err(Refusal::bad("csatRate must be 1 to 5"))
}

fn open_only(open: bool, text: &str) -> Result<(), Refusal> {
    if open { Ok(()) } else { Err(Refusal::bad(text)) }
}

/// The text that goes with success; clients must not depend on it.
fn success_text(changes: &[Change]) -> &'static str {
    match &changes[0] {
        Change::Participant {
            action: ParticipantAction::Remove,
            ..
        } => "OK Agent removed successfully",
        Change::Participant { .. } => "OK Agent added successfully",
        Change::Close => "OK Conversation resolved successfully",
        _ => "OK",
    }
}
