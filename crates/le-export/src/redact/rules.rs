//! Rules as TOML.

use le_core::{Error, Result, Secret};
use serde::Deserialize;

use super::Redaction;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    rule: Vec<Rule>,
}

#[derive(Deserialize)]
#[serde(tag = "action", rename_all = "snake_case", deny_unknown_fields)]
enum Rule {
    Drop {
        path: String,
    },
    Hash {
        path: String,
    },
    Mask {
        path: String,
        pattern: String,
        with: Option<String>,
    },
}

impl Redaction {
    /// Reads rules from TOML. The key of hashes does not stand in it.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](le_core::ErrorKind::Configuration) with line and column; [`ErrorKind::Validation`](le_core::ErrorKind::Validation)
    /// for a path or a pattern that is none.
    pub fn from_toml(text: &str, key: Option<Secret>) -> Result<Self> {
        let file: File = toml::from_str(text).map_err(|error| {
            Error::configuration(format!(
                "the rules for redaction cannot be read: {}",
                error.to_string().trim()
            ))
            .with_advice(
                "each [[rule]] has `path`, and `action` drop, hash or mask; mask has `pattern`, and may have `with`",
            )
        })?;
        let mut redaction = Self { key, ..Self::new() };
        for rule in file.rule {
            redaction = match rule {
                Rule::Drop { path } => redaction.drop(&path)?,
                Rule::Hash { path } => redaction.hash(&path)?,
                Rule::Mask { path, pattern, with } => {
                    redaction.mask(&path, &pattern, with.as_deref().unwrap_or("***"))?
                }
            };
        }
        Ok(redaction)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_read_and_mistakes_named() {
        let rules = Redaction::from_toml(
            "[[rule]]\npath = 'a'\naction = 'drop'\n[[rule]]\npath = 'b'\naction = 'mask'\npattern = 'x+'\n",
            None,
        )
        .unwrap();
        assert_eq!(rules.text(r#"{"a":1,"b":"axx"}"#).unwrap().unwrap(), r#"{"b":"a***"}"#);
        for (text, part) in [
            ("[[rule]]\npath = 'a'\naction = 'burn'\n", "burn"),
            ("[[rule]]\naction = 'drop'\n", "path"),
            ("[[rules]]\n", "rules"),
        ] {
            let error = Redaction::from_toml(text, None).unwrap_err();
            assert!(error.message().contains(part), "{error}");
        }
    }
}
