//! One pass over the text of a record: what no rule can reach is copied as it is.

use std::borrow::Cow;
use std::fmt;

use hmac::{Hmac, Mac as _};
use le_core::Secret;
use serde::Deserialize;
use serde::de::{Deserializer as _, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use sha2::Sha256;

use super::{Action, Rule};

/// A rule, and how far its path has been followed.
type Place = (usize, usize);

pub(super) struct Transform<'r> {
    rules: &'r [Rule],
    key: Option<&'r Secret>,
    out: String,
    changed: bool,
}

/// The first 128 bits of HMAC-SHA256, as hex.
pub(super) fn keyed_hash(key: &Secret, text: &str) -> String {
    use std::fmt::Write as _;
    // HMAC takes keys of any length.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key.expose().as_bytes()) else {
        return String::new();
    };
    mac.update(text.as_bytes());
    let bytes = mac.finalize().into_bytes();
    bytes.iter().take(16).fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

impl<'r> Transform<'r> {
    pub(super) fn new(rules: &'r [Rule], key: Option<&'r Secret>) -> Self {
        let out = String::new();
        Self {
            rules,
            key,
            out,
            changed: false,
        }
    }

    /// Whether a rule has found something.
    pub(super) fn changed(&self) -> bool {
        self.changed
    }

    pub(super) fn record(&mut self, json: &str) -> serde_json::Result<String> {
        self.out.clear();
        self.out.reserve(json.len());
        let places: Vec<Place> = (0..self.rules.len()).map(|rule| (rule, 0)).collect();
        self.value(json, &places, &[])?;
        Ok(std::mem::take(&mut self.out))
    }

    /// Writes a value. `places` are rules that may find something in it, `on` those that found it.
    fn value(&mut self, json: &str, places: &[Place], on: &[usize]) -> serde_json::Result<()> {
        if places.is_empty() && on.is_empty() {
            self.out.push_str(json);
            return Ok(());
        }
        let mut reader = serde_json::Deserializer::from_str(json);
        match json.bytes().next() {
            Some(b'{') => reader.deserialize_map(Members {
                transform: self,
                places,
                on,
            }),
            Some(b'[') => reader.deserialize_seq(Elements {
                transform: self,
                places,
                on,
            }),
            _ if on.is_empty() => {
                self.out.push_str(json);
                Ok(())
            }
            _ => self.scalar(json, on),
        }
    }

    fn scalar(&mut self, json: &str, on: &[usize]) -> serde_json::Result<()> {
        if matches!(json, "null" | "true" | "false") {
            self.out.push_str(json);
            return Ok(());
        }
        let before: Cow<'_, str> = match json.bytes().next() {
            Some(b'"') => Cow::Owned(serde_json::from_str::<String>(json)?),
            _ => Cow::Borrowed(json),
        };
        let mut text = before.clone();
        for rule in on {
            match &self.rules[*rule].action {
                Action::Drop => {}
                Action::Hash => {
                    if let Some(key) = self.key {
                        text = Cow::Owned(keyed_hash(key, &text));
                    }
                }
                Action::Mask { pattern, with } => {
                    let masked = pattern.replace_all(&text, with.as_str()).into_owned();
                    text = Cow::Owned(masked);
                }
            }
        }
        if text == before {
            self.out.push_str(json);
        } else {
            self.changed = true;
            self.out.push_str(&serde_json::to_string(&text)?);
        }
        Ok(())
    }

    /// The rules for a member: where they stand in it, and which mean it.
    fn step(&self, places: &[Place], on: &[usize], member: &str) -> (Vec<Place>, Vec<usize>, bool) {
        let (mut next, mut meant) = (Vec::new(), on.to_vec());
        let mut dropped = false;
        for (rule, at) in places {
            let path = &self.rules[*rule].path;
            path.follow(*at, member, &mut |at| {
                if !path.is_end(at) {
                    next.push((*rule, at));
                } else if matches!(self.rules[*rule].action, Action::Drop) {
                    dropped = true;
                } else if !meant.contains(rule) {
                    meant.push(*rule);
                }
            });
        }
        (next, meant, dropped)
    }
}

struct Members<'t, 'r> {
    transform: &'t mut Transform<'r>,
    places: &'t [Place],
    on: &'t [usize],
}

impl<'de> Visitor<'de> for Members<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let failed = serde::de::Error::custom::<serde_json::Error>;
        self.transform.out.push('{');
        let mut first = true;
        while let Some(Name(name)) = map.next_key::<Name<'de>>()? {
            let value: &RawValue = map.next_value()?;
            let (places, on, dropped) = self.transform.step(self.places, self.on, &name);
            if dropped {
                self.transform.changed = true;
                continue;
            }
            if !std::mem::take(&mut first) {
                self.transform.out.push(',');
            }
            let name = serde_json::to_string(&name).map_err(failed)?;
            self.transform.out.push_str(&name);
            self.transform.out.push(':');
            self.transform.value(value.get(), &places, &on).map_err(failed)?;
        }
        self.transform.out.push('}');
        Ok(())
    }
}

struct Elements<'t, 'r> {
    transform: &'t mut Transform<'r>,
    places: &'t [Place],
    on: &'t [usize],
}

impl<'de> Visitor<'de> for Elements<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        self.transform.out.push('[');
        let mut first = true;
        while let Some(value) = seq.next_element::<&RawValue>()? {
            if !std::mem::take(&mut first) {
                self.transform.out.push(',');
            }
            let written = self.transform.value(value.get(), self.places, self.on);
            written.map_err(serde::de::Error::custom::<serde_json::Error>)?;
        }
        self.transform.out.push(']');
        Ok(())
    }
}

/// A member's name, borrowed where it can be.
#[derive(Deserialize)]
#[serde(transparent)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);
