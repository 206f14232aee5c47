//! Reads the error bodies of all LiveEngage services: the shapes differ by service and by what stands in front of it.

use std::fmt;

use bytes::Bytes;
use percent_encoding::percent_decode_str;
use serde_json::Value;

/// What an error body says, as far as it could be read.
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct VendorProblem {
    /// The vendor's code as text, whether it came as a number or as text.
    pub code: Option<String>,
    /// The vendor's text. It may hold personal values.
    pub message: Option<String>,
}

impl VendorProblem {
    /// Reads a body: the JSON shapes of the services, the form text of the OAuth 1.0a front end; anything else gives nothing.
    ///
    /// Shapes: `{"error":{"message","internalCode"}}`, `{"error":"text"}`, flat `{"message","internalCode"}`,
    /// `{"internalErrorCode"}`, `{"body":{"errorCode","title"}}`, RFC 6749 `{"error","error_description"}`,
    /// `{"debugMessage"}`, `oauth_problem=..&oauth_problem_advice=..`.
    #[must_use]
    pub fn read(body: &Bytes) -> Self {
        let Ok(text) = std::str::from_utf8(body) else {
            return Self::default();
        };
        let text = text.trim();
        if text.starts_with("oauth_problem=") {
            return Self::form(text);
        }
        if !text.starts_with('{') || text.len() > super::BODY_KEPT {
            return Self::default();
        }
        let Ok(value) = serde_json::from_str::<Value>(text) else {
            return Self::default();
        };
        Self::json(&value)
    }

    fn form(text: &str) -> Self {
        let find = |name: &str| {
            text.split('&')
                .filter_map(|pair| pair.split_once('='))
                .find(|(key, _)| *key == name)
                .map(|(_, value)| {
                    percent_decode_str(&value.replace('+', " "))
                        .decode_utf8_lossy()
                        .into_owned()
                })
        };
        Self {
            code: find("oauth_problem"),
            message: find("oauth_problem_advice"),
        }
    }

    fn json(value: &Value) -> Self {
        let nested = ["error", "body"]
            .into_iter()
            .filter_map(|key| value.get(key))
            .find(|inner| inner.is_object());
        let object = nested.unwrap_or(value);
        let mut code = first(object, &["internalCode", "internalErrorCode", "errorCode", "code"]);
        let mut message = first(
            object,
            &[
                "message",
                "debugMessage",
                "details",
                "title",
                "reason",
                "error_description",
            ],
        );
        if let Some(Value::String(error)) = value.get("error") {
            // RFC 6749 names a code here; the Login Service puts a sentence here.
            if value.get("error_description").is_some() || is_token(error) {
                code = code.or_else(|| Some(error.clone()));
            } else {
                message = message.or_else(|| Some(error.clone()));
            }
        }
        Self { code, message }
    }

    /// The code where it looks like one: what `Display` may show.
    pub(crate) fn shown_code(&self) -> Option<&str> {
        self.code.as_deref().filter(|code| is_token(code))
    }
}

impl fmt::Debug for VendorProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VendorProblem")
            .field("code", &self.shown_code())
            .finish_non_exhaustive()
    }
}

fn is_token(text: &str) -> bool {
    (1..=40).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'))
}

fn first(object: &Value, keys: &[&str]) -> Option<String> {
    keys.iter().find_map(|key| match object.get(key)? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Option<String>, Option<String>) {
        let problem = VendorProblem::read(&Bytes::copy_from_slice(text.as_bytes()));
        (problem.code, problem.message)
    }

    #[test]
    fn reads_every_known_shape() {
        let cases = [
            (
                r#"{"error":{"time":"Jan 2, 2031 3:04:05 PM","message":"m","internalCode":10}}"#,
                Some("10"),
                Some("m"),
            ),
            (
                r#"{"error":"upstream url rejected"}"#,
                None,
                Some("upstream url rejected"),
            ),
            (r#"{"time":1,"message":"m","internalCode":12}"#, Some("12"), Some("m")),
            (r#"{"internalErrorCode":"9007"}"#, Some("9007"), None),
            (r#"{"internalErrorCode":9007}"#, Some("9007"), None),
            (
                r#"{"kind":"resp","code":401,"body":{"title":"t","errorCode":40102}}"#,
                Some("40102"),
                Some("t"),
            ),
            (
                r#"{"error":"invalid_client","error_description":"d"}"#,
                Some("invalid_client"),
                Some("d"),
            ),
            (r#"{"debugMessage":"d"}"#, None, Some("d")),
            (
                "oauth_problem=signature_invalid&oauth_problem_advice=check+it%21",
                Some("signature_invalid"),
                Some("check it!"),
            ),
            ("<html>502</html>", None, None),
            ("", None, None),
            ("{broken", None, None),
        ];
        for (text, code, message) in cases {
            let (got_code, got_message) = read(text);
            assert_eq!((got_code.as_deref(), got_message.as_deref()), (code, message), "{text}");
        }
    }
}
