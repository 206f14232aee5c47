//! The JSON encoding of Avro, and how it is taken apart.

use serde_json::{Map, Value};

/// The member in which [`unwrap`] keeps the branch of a record.
pub const BRANCH: &str = "@branch";

/// Takes the wrappers of unions away, at every level.
///
/// In the JSON encoding of Avro a value that may be missing is `null`, or an object with one member whose name is the type:
/// `{"long": 5}`, `{"array": [..]}`, `{"com.liveperson.dataaccess.MetaData": {..}}`. The value takes the place of that object. A
/// record keeps the name of its branch in the member [`BRANCH`], since some records are told apart by nothing else.
///
/// What is not wrapped stays as it is: documentation and files differ in what they wrap.
///
/// ```
/// use le_data::data_access::unwrap;
/// use serde_json::json;
///
/// let line = json!({ "accountId": { "string": "le1000" }, "body": { "com.liveperson.dataaccess.SurveyData": { "surveys": { "array": [] } } } });
/// assert_eq!(
///     unwrap(line),
///     json!({ "accountId": "le1000", "body": { "@branch": "com.liveperson.dataaccess.SurveyData", "surveys": [] } })
/// );
/// ```
#[must_use]
pub fn unwrap(value: Value) -> Value {
    match value {
        Value::Array(items) => items.into_iter().map(unwrap).collect(),
        Value::Object(members) => object(members),
        scalar => scalar,
    }
}

fn object(members: Map<String, Value>) -> Value {
    if members.len() > 1 || !members.keys().all(|name| is_branch(name)) {
        return members.into_iter().map(|(name, value)| (name, unwrap(value))).collect();
    }
    let Some((branch, inner)) = members.into_iter().next() else {
        return Value::Object(Map::new());
    };
    let named = branch.contains('.');
    match unwrap(inner) {
        Value::Object(mut record) if named => {
            // Of branches within each other the inner one says more.
            record.entry(BRANCH).or_insert(Value::String(branch));
            Value::Object(record)
        }
        inner => inner,
    }
}

/// Whether a member's name is that of a type: one of Avro's own, or a full name.
fn is_branch(name: &str) -> bool {
    const TYPES: [&str; 14] = [
        "null", "boolean", "int", "long", "float", "double", "bytes", "string", "array", "map", "record", "enum",
        "fixed", "error",
    ];
    TYPES.contains(&name) || (name.contains('.') && !name.contains(|c: char| c.is_whitespace() || c == '/'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn both_variants_of_the_wrapping_come_to_the_same() {
        let live = json!({
            "dataType": { "com.liveperson.dataaccess.DataTypeEnum": "AgentActivity" },
            "metaData": { "com.liveperson.dataaccess.MetaData": { "accountId": { "string": "le1000" }, "schemaVersion": "1.0.0.40", "endTime": null } },
            "recordCollection": { "array": [{ "body": { "x.A": { "n": { "long": 1 } } } }] },
        });
        let documented = json!({
            "dataType": "AgentActivity",
            "metaData": { "accountId": "le1000", "schemaVersion": "1.0.0.40", "endTime": null },
            "recordCollection": [{ "body": { "x.A": { "n": 1 } } }],
        });
        let mut live = unwrap(live);
        live["metaData"].as_object_mut().unwrap().remove(BRANCH);
        assert_eq!(live, unwrap(documented));
        assert_eq!(live["recordCollection"][0]["body"][BRANCH], "x.A");
    }

    #[test]
    fn what_only_looks_wrapped_stays() {
        for plain in [
            json!({ "url": "https://shop.example" }),
            json!({ "string": "a", "long": 1 }),
            json!({}),
            json!({ "https://x.example/a": 1 }),
        ] {
            assert_eq!(unwrap(plain.clone()), plain);
        }
        assert_eq!(
            unwrap(json!({ "array": [{ "string": "a" }, null, { "int": 2 }] })),
            json!(["a", null, 2])
        );
    }
}
