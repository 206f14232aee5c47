//! The JSON encoding of Avro: a value of a union is `null`, or an object whose one key names the branch
//! (<https://avro.apache.org/docs/1.11.1/specification/#json-encoding>).

use serde_json::{Map, Value, json};

/// The namespace of all records.
const NAMESPACE: &str = "com.liveperson.dataaccess";

pub(crate) fn string(value: impl Into<String>) -> Value {
    json!({ "string": value.into() })
}

pub(crate) fn long(value: i64) -> Value {
    json!({ "long": value })
}

pub(crate) fn int(value: i64) -> Value {
    json!({ "int": value })
}

pub(crate) fn double(value: f64) -> Value {
    json!({ "double": value })
}

pub(crate) fn boolean(value: bool) -> Value {
    json!({ "boolean": value })
}

pub(crate) fn array(values: Vec<Value>) -> Value {
    json!({ "array": values })
}

/// The value, or `null`.
pub(crate) fn optional<T>(value: Option<T>, wrap: impl Fn(T) -> Value) -> Value {
    value.map_or(Value::Null, wrap)
}

/// A record or an enum, as the branch of a union.
pub(crate) fn named(name: &str, value: Value) -> Value {
    Value::Object(Map::from_iter([(format!("{NAMESPACE}.{name}"), value)]))
}

/// `VisitorHeader`.
pub(crate) fn visitor_header(visit: Option<&str>, visitor: &str) -> Value {
    named(
        "VisitorHeader",
        json!({ "visitId": optional(visit, string), "visitorId": string(visitor), "contextId": null }),
    )
}
