//! Reading `conversationField`.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::decode::{required, text_or_number};
use crate::messaging::engine::{Change, ParticipantAction, Refusal};

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Field {
    field: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    role: Option<String>,
    user_id: Option<String>,
    dialog_id: Option<String>,
    #[serde(deserialize_with = "text_or_number")]
    skill: Option<String>,
    conversation_state: Option<String>,
    dialog: Option<Map<String, Value>>,
    ttr_type: Option<String>,
    value: Option<i64>,
    time: Option<i64>,
    till_when: Option<i64>,
    csat_rate: Option<i64>,
    csat_resolution_confirmation: Option<bool>,
    status: Option<String>,
    note: Option<String>,
}

/// The changes of a request: a list, or one alone.
pub(super) fn all(field: Option<Value>) -> Result<Vec<Change>, Refusal> {
    match field {
        Some(Value::Array(fields)) => fields.into_iter().map(one).collect(),
        Some(field @ Value::Object(_)) => one(field).map(|change| vec![change]),
        _ => Err(Refusal::bad("conversationField must be an object or a list of objects")),
    }
}

fn one(field: Value) -> Result<Change, Refusal> {
    let field: Field = serde_json::from_value(field)
        .map_err(|_| Refusal::bad("a member of conversationField is of the wrong type"))?;
    let name = required(field.field.clone(), "conversationField.field")?;
    match name.as_str() {
        "ParticipantsChange" => participant(field),
        "Skill" => Ok(Change::Skill(required(field.skill, "skill")?)),
        "ConversationStateField" | "Stage" => match field.conversation_state.as_deref() {
            Some("CLOSE") => Ok(Change::Close),
            _ => Err(Refusal::bad("conversationState must be CLOSE")),
        },
        "DialogChange" => dialog(field),
        "TTRField" => Ok(Change::Ttr {
            kind: required(field.ttr_type, "ttrType")?,
            value: field.value.ok_or_else(|| Refusal::bad("value is missing"))?,
        }),
        "ManualETTR" => Ok(Change::ManualEttr(field.time)),
        "DelayField" => delay(field),
        "CSATRate" => Ok(Change::Csat {
            rate: field.csat_rate.unwrap_or(0),
            resolved: field.csat_resolution_confirmation,
            status: field.status.unwrap_or_else(|| "FILLED".to_owned()),
        }),
        "Note" => Ok(Change::Note(field.note.unwrap_or_default())),
        "TopicField" => Ok(Change::Topic(field.note.unwrap_or_default())),
        other => Err(Refusal::bad(format!("conversationField {other:?} is not known"))),
    }
}

fn participant(field: Field) -> Result<Change, Refusal> {
    let action = match field.kind.as_deref() {
        Some("ADD") => ParticipantAction::Add,
        Some("REMOVE") => ParticipantAction::Remove,
        Some("UPDATE") => ParticipantAction::Update,
        Some("SUGGEST") => ParticipantAction::Suggest,
        _ => return Err(Refusal::bad("type must be ADD, REMOVE, UPDATE or SUGGEST")),
    };
    Ok(Change::Participant {
        action,
        role: required(field.role, "role")?,
        user: field.user_id.filter(|user| !user.is_empty()),
        dialog: field.dialog_id,
    })
}

fn dialog(field: Field) -> Result<Change, Refusal> {
    let create = match field.kind.as_deref() {
        Some("CREATE") => true,
        Some("UPDATE") => false,
        _ => return Err(Refusal::bad("type must be UPDATE or CREATE")),
    };
    Ok(Change::Dialog {
        create,
        dialog: field.dialog.unwrap_or_default(),
        dialog_id: field.dialog_id,
    })
}

fn delay(field: Field) -> Result<Change, Refusal> {
    match field.kind.as_deref() {
        Some(kind @ ("NIGHT" | "WEEKEND" | "HOLIDAY")) => Ok(Change::Delay {
            kind: kind.to_owned(),
            till: field.till_when.ok_or_else(|| Refusal::bad("tillWhen is missing"))?,
        }),
        _ => Err(Refusal::bad("type must be NIGHT, WEEKEND or HOLIDAY")),
    }
}
