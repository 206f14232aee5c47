//! Personal data is changed before anything is written.

mod path;
mod rules;
mod transform;

use std::fmt;

use le_core::wire::RawRecord;
use le_core::{Error, Result, Secret};
use regex::Regex;

use crate::checkpoint::short_hash;
use crate::entry::{Broken, Entry, RecordKind};
use path::Path;
use transform::Transform;

/// Rules that change records before anything is written, wherever they go.
///
/// A rule names members by their path in the record as received. Lists are passed through, `*` is any member, and `**` any number of
/// members: `messageRecords.messageData.msg.text` is the text of each message, `**.ipAddress` an address wherever it stands. Text
/// that no rule names stays byte for byte.
///
/// ```
/// use le_core::Secret;
/// use le_export::Redaction;
///
/// let redaction = Redaction::new()
///     .drop("monitoring")?
///     .hash("consumerParticipants.email")?
///     .mask("messageRecords.**", r"\b\d{12,19}\b", "<number>")?
///     .key(Secret::new("from a secret store"));
/// # let _ = redaction;
/// # Ok::<_, le_core::Error>(())
/// ```
///
/// The same as TOML, see [`Redaction::from_toml`]:
///
/// ```toml
/// [[rule]]
/// path = "monitoring"
/// action = "drop"
///
/// [[rule]]
/// path = "consumerParticipants.email"
/// action = "hash"
///
/// [[rule]]
/// path = "messageRecords.**"
/// action = "mask"
/// pattern = '\b\d{12,19}\b'
/// with = "<number>"
/// ```
#[derive(Clone, Default)]
pub struct Redaction {
    rules: Vec<Rule>,
    key: Option<Secret>,
}

#[derive(Debug, Clone)]
struct Rule {
    path: Path,
    action: Action,
}

#[derive(Debug, Clone)]
enum Action {
    Drop,
    Hash,
    Mask { pattern: Regex, with: String },
}

impl Redaction {
    /// No rules: records stay as received.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn rule(mut self, path: &str, action: Action) -> Result<Self> {
        let path = path.parse()?;
        self.rules.push(Rule { path, action });
        Ok(self)
    }

    /// Leaves the member out.
    ///
    /// # Errors
    /// [`ErrorKind::Validation`](le_core::ErrorKind::Validation) where the path is none.
    pub fn drop(self, path: &str) -> Result<Self> {
        self.rule(path, Action::Drop)
    }

    /// Puts a keyed hash (the first 128 bits of HMAC-SHA256, as hex) in place of each text and number of the member: who has the
    /// key can still tell what belongs together. Needs a [`key`](Self::key).
    ///
    /// # Errors
    /// As [`drop`](Self::drop).
    pub fn hash(self, path: &str) -> Result<Self> {
        self.rule(path, Action::Hash)
    }

    /// Puts `with` in place of whatever matches the pattern in each text of the member.
    ///
    /// # Errors
    /// As [`drop`](Self::drop); also where the pattern is no regular expression.
    pub fn mask(self, path: &str, pattern: &str, with: &str) -> Result<Self> {
        let pattern = Regex::new(pattern).map_err(|error| {
            Error::validation(format!("the pattern for {path:?} is no regular expression: {error}"))
                .with_advice("the syntax is that of the Rust crate `regex`")
        })?;
        let with = with.to_owned();
        self.rule(path, Action::Mask { pattern, with })
    }

    /// The key of the hashes. Another key gives other hashes, so keep it.
    #[must_use]
    pub fn key(mut self, key: Secret) -> Self {
        self.key = Some(key);
        self
    }

    /// Whether there is no rule.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// Refuses rules that change what makes a record one record, and hashes without a key.
    pub(crate) fn check(&self, kind: &RecordKind) -> Result<()> {
        if self.key.is_none() && self.rules.iter().any(|rule| matches!(rule.action, Action::Hash)) {
            return Err(Error::configuration("a rule hashes, but there is no key")
                .with_advice("give a key: a hash without one can be undone by trying"));
        }
        let (all, single) = (&self.rules[..], self.rules.chunks(1));
        for rules in single.chain([all]) {
            let alone = Self {
                rules: rules.to_vec(),
                key: Some(Secret::new("any")),
            };
            let changed = alone.text(kind.sample).ok().flatten();
            if changed.is_some_and(|changed| kind.head_of(&changed) != kind.head_of(kind.sample)) {
                let paths: Vec<&str> = rules.iter().map(|rule| rule.path.as_str()).collect();
                let message = format!(
                    "the rule for {} changes the key or the time of records (`{}`)",
                    paths.join(", "),
                    kind.key_path
                );
                return Err(Error::validation(message)
                    .with_advice("they are needed to find a record again; name the members beside them one by one"));
            }
        }
        Ok(())
    }

    /// Tells rules apart, and keys, without giving either away.
    pub(crate) fn fingerprint(&self) -> String {
        use std::fmt::Write as _;
        if self.is_empty() {
            return "none".to_owned();
        }
        let mut text = String::new();
        for Rule { path, action } in &self.rules {
            let _ = match action {
                Action::Drop => writeln!(text, "drop {}", path.as_str()),
                Action::Hash => writeln!(text, "hash {}", path.as_str()),
                Action::Mask { pattern, with } => writeln!(text, "mask {} {pattern} {with}", path.as_str()),
            };
        }
        if let Some(key) = &self.key {
            text.push_str(&transform::keyed_hash(key, "fingerprint"));
        }
        short_hash(&text)
    }

    /// The text with the rules applied; `None` where none of them finds anything.
    fn text(&self, json: &str) -> Result<Option<String>> {
        let mut transform = Transform::new(&self.rules, self.key.as_ref());
        let text = transform
            .record(json)
            .map_err(|_| Error::validation("the record is not JSON"))?;
        Ok(transform.changed().then_some(text))
    }

    /// Applies the rules. A record that they cannot be applied to is not given on.
    pub(crate) fn apply(&self, entries: Vec<Entry>, broken: Vec<Broken>) -> (Vec<Entry>, Vec<Broken>) {
        let mut out = Vec::with_capacity(entries.len());
        let mut unread: Vec<Broken> = broken.into_iter().map(|broken| self.broken(broken)).collect();
        for mut entry in entries {
            match self.text(entry.raw.as_str()).map(|text| text.map(RawRecord::new)) {
                Ok(None) => out.push(entry),
                Ok(Some(Ok(raw))) => {
                    entry.raw = raw;
                    out.push(entry);
                }
                Ok(Some(Err(_))) | Err(_) => unread.extend(nothing("the record could not be redacted")),
            }
        }
        (out, unread)
    }

    /// In a record of an unknown shape no rule can be trusted to find what it should.
    fn broken(&self, broken: Broken) -> Broken {
        nothing(&format!(
            "{}; its text is left out, since there are rules for redaction",
            broken.reason
        ))
        .unwrap_or(broken)
    }
}

fn nothing(reason: &str) -> Option<Broken> {
    RawRecord::new("null").ok().map(|raw| Broken::new(reason, raw))
}

impl fmt::Debug for Redaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redaction")
            .field("rules", &self.rules)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::CONVERSATIONS;

    fn redacted(redaction: &Redaction, json: &str) -> String {
        redaction.text(json).unwrap().unwrap_or_else(|| json.to_owned())
    }

    #[test]
    fn rules_find_members_and_leave_the_rest_byte_for_byte() {
        let rules = Redaction::new()
            .drop("a.b")
            .unwrap()
            .mask("**.text", r"\d{3,}", "#")
            .unwrap();
        for (before, after) in [
            (r#"{"a": {"b":1, "c" : 1.50}, "x":2}"#, r#"{"a":{"c":1.50},"x":2}"#),
            (r#"{"a":[{"b":1},{"c":2},7]}"#, r#"{"a":[{},{"c":2},7]}"#),
            (
                r#"{"m":[{"text":"call 12345 \u00e9"}],"text":1234}"#,
                r##"{"m":[{"text":"call # é"}],"text":"#"}"##,
            ),
            (r#"{"text":["1234",{"x":"99 1"}]}"#, r##"{"text":["#",{"x":"99 1"}]}"##),
            ("{ \"other\" : 1e5 }", "{ \"other\" : 1e5 }"),
        ] {
            assert_eq!(redacted(&rules, before), after);
        }
    }

    #[test]
    fn hashes_are_keyed_and_the_same_for_the_same_value() {
        let with = |key: &str| Redaction::new().hash("*.mail").unwrap().key(Secret::new(key));
        let one = redacted(
            &with("k1"),
            r#"{"a":{"mail":"x@example.org"},"b":{"mail":["x@example.org",null]}}"#,
        );
        let value: serde_json::Value = serde_json::from_str(&one).unwrap();
        assert_eq!(value["a"]["mail"], value["b"]["mail"][0]);
        assert!(value["b"]["mail"][1].is_null());
        assert_eq!(value["a"]["mail"].as_str().unwrap().len(), 32);
        assert_ne!(
            one,
            redacted(
                &with("k2"),
                r#"{"a":{"mail":"x@example.org"},"b":{"mail":["x@example.org",null]}}"#
            )
        );
        assert_ne!(with("k1").fingerprint(), with("k2").fingerprint());
        assert!(!format!("{:?}", with("k1")).contains("k1"));
    }

    #[test]
    fn rules_that_break_an_export_are_refused() {
        let key = || Secret::new("k");
        assert!(
            Redaction::new()
                .hash("a")
                .unwrap()
                .check(&CONVERSATIONS)
                .unwrap_err()
                .message()
                .contains("no key")
        );
        for path in ["info", "info.conversationId", "**", "info.*"] {
            let error = Redaction::new()
                .hash(path)
                .unwrap()
                .key(key())
                .check(&CONVERSATIONS)
                .unwrap_err();
            assert!(error.message().contains("key or the time"), "{path}: {error}");
        }
        let times = Redaction::new().drop("**.startTimeL").unwrap();
        times.check(&CONVERSATIONS).unwrap();
        assert!(times.drop("info.startTime").unwrap().check(&CONVERSATIONS).is_err());
        let fine = Redaction::new()
            .drop("info.ipAddress")
            .unwrap()
            .drop("messageRecords.**.text")
            .unwrap();
        fine.check(&CONVERSATIONS).unwrap();
        assert!(
            Redaction::new()
                .mask("a", "(", "")
                .unwrap_err()
                .message()
                .contains("regular expression")
        );
        for path in ["", "a..b", ".a", "a."] {
            assert!(Redaction::new().drop(path).is_err(), "{path}");
        }
    }

    #[test]
    fn a_broken_record_is_kept_without_its_text_where_there_are_rules() {
        let rules = Redaction::new().drop("a").unwrap();
        let broken = Broken::new("no key", RawRecord::new("\"Max\"").unwrap());
        let (_, broken) = rules.apply(Vec::new(), vec![broken]);
        assert_eq!(broken[0].raw.as_str(), "null");
        assert!(broken[0].reason.contains("no key"));
    }
}
