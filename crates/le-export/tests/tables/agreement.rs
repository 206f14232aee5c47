//! The rows say the same as the typed records of le-data.

use le_core::Timestamp;
use le_data::messaging_interactions::Conversation;
use le_export::Entry;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::{column, crafted};

fn instant(at: Option<Timestamp>) -> Option<String> {
    at.map(|at| at.to_string())
}

fn id<K>(id: &Option<le_core::id::Id<K>>) -> Option<String> {
    Some(id.as_ref()?.assigned()?.to_string())
}

/// Compares what both views show of a record.
fn agree(entry: &Entry) {
    let Ok(typed) = entry.raw.decode::<Conversation>() else {
        return;
    };
    let one = |name: &str| column(entry, "conversations", name).remove(0);
    let info = typed.info.clone().unwrap_or_default();
    assert_eq!(one("end_time"), instant(info.end()));
    assert_eq!(one("conversation_end_time"), instant(info.conversation_end()));
    assert_eq!(one("skill_id"), info.latest_skill().map(ToString::to_string));
    assert_eq!(one("agent_id"), info.latest_agent().map(ToString::to_string));
    assert_eq!(
        one("duration_ms"),
        info.duration.as_ref().map(|ms| ms.get().to_string())
    );
    assert_eq!(one("status"), info.status.as_ref().map(ToString::to_string));
    if typed.salvaged().is_empty() {
        let messages: Vec<_> = typed.messages.iter().map(|message| instant(message.at())).collect();
        assert_eq!(column(entry, "messages", "time"), messages);
        let texts: Vec<_> = typed
            .messages
            .iter()
            .map(|message| message.text().and_then(le_core::wire::present).map(str::to_owned))
            .collect();
        assert_eq!(column(entry, "messages", "text"), texts);
        let by: Vec<_> = typed.transfers.iter().map(|transfer| id(&transfer.by)).collect();
        assert_eq!(column(entry, "transfers", "by"), by);
        let assigned = typed
            .transfers
            .iter()
            .map(|transfer| transfer.assigned_agent().map(ToString::to_string));
        assert_eq!(
            column(entry, "transfers", "assigned_agent_id"),
            assigned.collect::<Vec<_>>()
        );
        let dialogs: Vec<_> = typed.dialogs.iter().map(|dialog| id(&dialog.dialog_id)).collect();
        assert_eq!(column(entry, "dialogs", "dialog_id"), dialogs);
    }
}

#[test]
fn on_crafted_records() {
    for name in ["full_page.json", "quirks.json"] {
        for raw in crafted(name) {
            agree(&Entry::new("c", None, raw));
        }
    }
}

fn text() -> impl Strategy<Value = Value> {
    prop_oneof![
        4 => "[a-zé\"\\\\]{1,2}.{0,10}".prop_map(Value::from),
        1 => prop::sample::select(vec!["undefined", "null", "NA", "", "-1", "Unassigned"]).prop_map(Value::from),
    ]
}

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        3 => (-2_i64..2_000_000_000_000).prop_map(Value::from),
        1 => (-2_i64..99).prop_map(|number| Value::from(number.to_string())),
        1 => Just(Value::Null),
    ]
}

fn conversation() -> impl Strategy<Value = Value> {
    let info = (scalar(), scalar(), text(), scalar(), text());
    let message = (text(), scalar(), text()).prop_map(|(text, at, by)| {
        json!({"messageData": {"msg": {"text": text}}, "timeL": at, "participantId": by, "odd": [text, {}]})
    });
    let transfer = (scalar(), text()).prop_map(|(by, to)| json!({"by": by, "assignedAgentId": to}));
    let dialog = scalar().prop_map(|id| json!({"dialogId": id}));
    (
        info,
        prop::collection::vec(message, 0..6),
        prop::collection::vec(transfer, 0..2),
        prop::collection::vec(dialog, 0..2),
    )
        .prop_map(|((end, skill, agent, duration, status), messages, transfers, dialogs)| {
            json!({
                "info": {"endTimeL": end, "latestSkillId": skill, "latestAgentId": agent, "duration": duration, "status": status},
                "messageRecords": messages, "transfers": transfers, "dialogs": dialogs,
            })
        })
}

proptest! {
    #[test]
    fn on_generated_records(value in conversation()) {
        // Rows that repeat a key are dropped; those of this generator have none, or differ.
        let keys = |list: &str, key: &str| {
            let mut keys: Vec<String> = value[list].as_array().unwrap().iter().map(|row| row[key].to_string()).collect();
            let all = keys.len();
            keys.sort();
            keys.dedup();
            keys.len() == all
        };
        prop_assume!(keys("transfers", "by") && keys("dialogs", "dialogId"));
        prop_assume!(value["info"]["status"].as_str() != Some("Unassigned"));
        let status = value["info"]["status"].as_str().is_some_and(|status| le_core::wire::present(status).is_some());
        prop_assume!(status);
        agree(&super::support::record(&value.to_string()));
    }
}
