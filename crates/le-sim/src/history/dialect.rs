//! Other spellings of records that the vendor's pages, earlier versions and clients in the field show.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// How the records of the data APIs are spelt where sources differ. The default is what clients see today.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct RecordDialect {
    /// One spelling for values that are missing, instead of the mixture.
    pub missing: Missing,
    /// Whether numbers and flags come as text, or numeric text as numbers.
    pub scalars: Scalars,
    /// `true`: a list of one element comes as that element, as services do whose JSON was made from XML.
    pub single_element_bare: bool,
    /// `true`: the names that tables and older pages have: `csat`, `consumerParticipant`, `messageScore`, `isInteractive`,
    /// `agentLoginName` in interactions, `agentName`, `questionId` and `surveyId` in chat surveys.
    pub table_names: bool,
    /// `true`: lists and objects that are empty are left out.
    pub empty_left_out: bool,
}

/// The spelling of "no value".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Missing {
    /// Each member has its own, as on the wire.
    #[default]
    Mixed,
    /// JSON `null`.
    Null,
    /// The member is not there.
    Absent,
    /// `"undefined"`.
    Undefined,
    /// `"null"`.
    NullText,
    /// `"NA"`.
    Na,
    /// `""`.
    Empty,
}

/// The types of scalars.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Scalars {
    /// As on the wire.
    #[default]
    Mixed,
    /// All are strings.
    Text,
    /// Strings of digits are numbers, unless a number cannot hold them.
    Numbers,
}

const TABLE_NAMES: &[(&str, &str)] = &[
    ("csatRate", "csat"),
    ("consumerParticipants", "consumerParticipant"),
    ("messageScores", "messageScore"),
    ("interactive", "isInteractive"),
    ("agentNickName", "agentName"),
    ("questionID", "questionId"),
    ("surveyID", "surveyId"),
];

impl RecordDialect {
    pub(crate) fn is_plain(&self) -> bool {
        *self == Self::default()
    }

    /// Rewrites an answer of records. What is no JSON object stays.
    pub(crate) fn rewrite(&self, answer: &[u8]) -> Option<Vec<u8>> {
        let Ok(Value::Object(mut members)) = serde_json::from_slice(answer) else {
            return None;
        };
        for (name, value) in &mut members {
            if !name.ends_with("etadata") || name == "conversationHistoryMetadataRecords" {
                *value = self.value(std::mem::take(value), name).unwrap_or(Value::Null);
            }
        }
        serde_json::to_vec(&members).ok()
    }

    /// The value in this dialect; `None`: the member is left out.
    fn value(&self, value: Value, name: &str) -> Option<Value> {
        match value {
            Value::Object(members) => self.object(members, name),
            Value::Array(values) => self.list(values, name),
            Value::Null => self.missing(Value::Null),
            Value::String(text) if matches!(text.as_str(), "undefined" | "null" | "NA" | "") => {
                self.missing(Value::String(text))
            }
            scalar => Some(self.scalar(scalar)),
        }
    }

    fn object(&self, members: Map<String, Value>, name: &str) -> Option<Value> {
        let in_interactions = name == "interactions";
        let mut object = Map::new();
        for (name, value) in members {
            if let Some(value) = self.value(value, &name) {
                object.insert(self.name(name, in_interactions), value);
            }
        }
        (!self.empty_left_out || !object.is_empty()).then_some(Value::Object(object))
    }

    fn list(&self, values: Vec<Value>, name: &str) -> Option<Value> {
        let mut values: Vec<Value> = values.into_iter().filter_map(|value| self.value(value, name)).collect();
        if values.is_empty() && self.empty_left_out {
            return None;
        }
        if values.len() == 1 && self.single_element_bare {
            return values.pop();
        }
        Some(Value::Array(values))
    }

    fn name(&self, name: String, in_interactions: bool) -> String {
        if !self.table_names {
            return name;
        }
        if in_interactions && let Some(rest) = name.strip_prefix("assignedA") {
            return format!("a{rest}");
        }
        let renamed = TABLE_NAMES.iter().find(|(wire, _)| *wire == name);
        renamed.map_or(name, |(_, table)| (*table).to_owned())
    }

    fn missing(&self, as_sent: Value) -> Option<Value> {
        let text = match self.missing {
            Missing::Mixed => return Some(as_sent),
            Missing::Absent => return None,
            Missing::Null => return Some(Value::Null),
            Missing::Undefined => "undefined",
            Missing::NullText => "null",
            Missing::Na => "NA",
            Missing::Empty => "",
        };
        Some(Value::String(text.to_owned()))
    }

    fn scalar(&self, value: Value) -> Value {
        match (self.scalars, value) {
            (Scalars::Text, Value::Number(number)) => Value::String(number.to_string()),
            (Scalars::Text, Value::Bool(flag)) => Value::String(flag.to_string()),
            (Scalars::Numbers, Value::String(text)) => {
                let number = text.parse::<i64>().ok().filter(|number| number.to_string() == text);
                number.map_or(Value::String(text), Value::from)
            }
            (_, value) => value,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn rewritten(dialect: RecordDialect) -> Value {
        let page = json!({"_metadata": {"count": 1, "x": null}, "conversationHistoryRecords": [{
            "info": {"csatRate": 4, "agentId": "77", "device": "undefined", "flag": true},
            "interactions": [{"assignedAgentId": "5"}, {"assignedAgentId": "6"}], "transfers": []}]});
        serde_json::from_slice(&dialect.rewrite(page.to_string().as_bytes()).unwrap()).unwrap()
    }

    #[test]
    fn each_knob_changes_what_it_names_and_never_the_metadata() {
        let plain = RecordDialect::default();
        let texts = rewritten(RecordDialect {
            scalars: Scalars::Text,
            missing: Missing::Na,
            ..plain
        });
        assert_eq!(texts["_metadata"], json!({"count": 1, "x": null}));
        let info = &texts["conversationHistoryRecords"][0]["info"];
        assert_eq!(
            info,
            &json!({"csatRate": "4", "agentId": "77", "device": "NA", "flag": "true"})
        );

        let bare = rewritten(RecordDialect {
            single_element_bare: true,
            empty_left_out: true,
            ..plain
        });
        let record = &bare["conversationHistoryRecords"];
        assert_eq!(record["info"]["agentId"], "77");
        assert!(record.get("transfers").is_none());
        assert_eq!(record["interactions"].as_array().unwrap().len(), 2);

        let old = rewritten(RecordDialect {
            table_names: true,
            scalars: Scalars::Numbers,
            missing: Missing::Absent,
            ..plain
        });
        let record = &old["conversationHistoryRecords"][0];
        assert_eq!(record["info"], json!({"csat": 4, "agentId": 77, "flag": true}));
        assert_eq!(record["interactions"][1], json!({"agentId": 6}));
    }
}
