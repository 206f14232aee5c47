//! The catalogue: `fixtures/catalogue/*.json`, read into types that refuse what they do not know.

mod attribute_rules;
mod attributes;
mod entries;
mod messages;
mod names;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde::de::DeserializeOwned;

pub(crate) use self::attributes::{Attribute, Attributes, Field, Kind, Numbers, Record};
pub(crate) use self::entries::*;
pub(crate) use self::messages::{MessageKind, Messages};
pub(crate) use self::names::screaming_case;

/// The crates that the catalogue may generate code for.
pub(crate) const CLIENT_CRATES: &[&str] = &["le-attributes", "le-auth", "le-bots", "le-data", "le-domain"];

/// The whole catalogue.
#[derive(Debug)]
pub(crate) struct Catalogue {
    pub(crate) services: Services,
    pub(crate) operations: Vec<OperationFile>,
    pub(crate) enums: Vec<WireEnum>,
    pub(crate) errors: Vec<ApiError>,
    pub(crate) close_codes: CloseCodes,
    pub(crate) messages: Messages,
    pub(crate) attributes: Attributes,
}

impl Catalogue {
    /// Reads and validates the catalogue below `root` (the workspace).
    pub(crate) fn load(root: &Path) -> Result<Self> {
        let dir = root.join("fixtures/catalogue");
        let mut names: Vec<String> = fs::read_dir(dir.join("operations"))
            .with_context(|| format!("cannot read {}", dir.join("operations").display()))?
            .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
            .collect::<Result<_>>()?;
        names.retain(|name| name.ends_with(".json"));
        names.sort();
        let mut operations = Vec::new();
        for name in names {
            let source = format!("operations/{name}");
            let mut file: OperationFile = read(&dir, &source)?;
            file.source = source;
            operations.push(file);
        }
        let catalogue = Self {
            services: read(&dir, "services.json")?,
            operations,
            enums: read::<EnumFile>(&dir, "enums.json")?.enums,
            errors: read::<ErrorFile>(&dir, "errors.json")?.errors,
            close_codes: read(&dir, "close_codes.json")?,
            messages: read(&dir, "messages.json")?,
            attributes: read(&dir, "attributes.json")?,
        };
        catalogue.validate()?;
        Ok(catalogue)
    }

    /// All operations with the crate that implements them.
    pub(crate) fn all_operations(&self) -> impl Iterator<Item = (&str, &Operation)> {
        self.operations
            .iter()
            .flat_map(|file| file.operations.iter().map(|op| (file.package.as_str(), op)))
    }

    fn validate(&self) -> Result<()> {
        self.validate_services()?;
        self.validate_operations()?;
        self.validate_enums()?;
        let mut ids = BTreeSet::new();
        for error in &self.errors {
            let entry = || format!("fixtures/catalogue/errors.json: {}", error.id);
            ensure!(ids.insert(&error.id), "{}: the id is used twice", entry());
            ensure!(
                // 202 is how a service says that it is still loading.
                (400..600).contains(&error.status) || error.status == 202,
                "{}: status {} is no error",
                entry(),
                error.status
            );
            self.known_service(&error.service).with_context(entry)?;
        }
        let mut codes = BTreeSet::new();
        for close in &self.close_codes.close_codes {
            ensure!(
                codes.insert(close.code),
                "fixtures/catalogue/close_codes.json: {} is listed twice",
                close.code
            );
        }
        known_crate(&self.close_codes.package).context("fixtures/catalogue/close_codes.json")?;
        self.messages.validate().context("fixtures/catalogue/messages.json")?;
        self.attributes
            .validate(&self.enums)
            .context("fixtures/catalogue/attributes.json")
    }

    fn validate_services(&self) -> Result<()> {
        let (mut names, mut variants) = (BTreeSet::new(), BTreeSet::new());
        for service in &self.services.documented {
            let entry = || format!("fixtures/catalogue/services.json: {}", service.name);
            ensure!(
                names.insert(service.name.as_str()),
                "{}: the name is listed twice",
                entry()
            );
            check_variant(&service.variant(), &mut variants).with_context(entry)?;
        }
        for name in &self.services.listed_only {
            ensure!(
                names.insert(name),
                "fixtures/catalogue/services.json: {name}: the name is listed twice"
            );
        }
        Ok(())
    }

    fn validate_operations(&self) -> Result<()> {
        let (mut ids, mut constants) = (BTreeSet::new(), BTreeSet::new());
        for file in &self.operations {
            known_crate(&file.package).with_context(|| format!("fixtures/catalogue/{}", file.source))?;
            for op in &file.operations {
                let entry = || format!("fixtures/catalogue/{}: {}", file.source, op.id);
                ensure!(ids.insert(&op.id), "{}: the id is used twice", entry());
                ensure!(
                    constants.insert(&op.constant),
                    "{}: {} is used twice",
                    entry(),
                    op.constant
                );
                ensure!(
                    op.constant
                        .bytes()
                        .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_'),
                    "{}: `const` {:?} is not in SCREAMING_CASE",
                    entry(),
                    op.constant
                );
                ensure!(
                    op.path.starts_with('/'),
                    "{}: path {:?} does not start with a slash",
                    entry(),
                    op.path
                );
                ensure!(
                    op.page.starts_with("https://"),
                    "{}: page {:?} is no https address",
                    entry(),
                    op.page
                );
                for (name, value) in &op.query {
                    ensure!(
                        value.is_string(),
                        "{}: query parameter {name} must be a string",
                        entry()
                    );
                }
                self.known_service(&op.service).with_context(entry)?;
            }
        }
        Ok(())
    }

    fn validate_enums(&self) -> Result<()> {
        let (mut names, mut tables) = (BTreeSet::new(), BTreeSet::new());
        for wire in &self.enums {
            let entry = || format!("fixtures/catalogue/enums.json: {} ({})", wire.name, wire.package);
            known_crate(&wire.package).with_context(entry)?;
            ensure!(
                names.insert((&wire.package, &wire.name)),
                "{}: the enum is listed twice",
                entry()
            );
            ensure!(
                tables.insert(wire.sim_name()),
                "{}: set `sim_name`, {} is taken",
                entry(),
                wire.sim_name()
            );
            ensure!(!wire.values.is_empty(), "{}: no values", entry());
            let (mut texts, mut variants) = (BTreeSet::new(), BTreeSet::new());
            for value in &wire.values {
                ensure!(
                    texts.insert(&value.wire),
                    "{}: {:?} is listed twice",
                    entry(),
                    value.wire
                );
                check_variant(&value.variant(), &mut variants)
                    .with_context(|| format!("{}: {:?}", entry(), value.wire))?;
            }
        }
        Ok(())
    }

    fn known_service(&self, name: &str) -> Result<()> {
        let known = name.is_empty() || self.services.documented.iter().any(|service| service.name == name);
        ensure!(known, "service {name:?} is not in services.json");
        Ok(())
    }
}

fn read<T: DeserializeOwned>(dir: &Path, name: &str) -> Result<T> {
    let path = dir.join(name);
    let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    serde_json::from_str(&text).with_context(|| format!("fixtures/catalogue/{name}"))
}

fn known_crate(name: &str) -> Result<()> {
    ensure!(
        CLIENT_CRATES.contains(&name),
        "`crate` {name:?} is none of {CLIENT_CRATES:?}"
    );
    Ok(())
}

fn check_variant(variant: &str, seen: &mut BTreeSet<String>) -> Result<()> {
    let valid =
        variant.starts_with(|c: char| c.is_ascii_uppercase()) && variant.bytes().all(|b| b.is_ascii_alphanumeric());
    ensure!(valid, "variant {variant:?} is no Rust type name; set `variant`");
    ensure!(
        variant != "Other",
        "variant `Other` is taken by unknown values; set `variant`"
    );
    ensure!(
        seen.insert(variant.to_owned()),
        "variant {variant:?} is used twice; set `variant`"
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(result: Result<impl std::fmt::Debug>) -> String {
        format!("{:#}", result.unwrap_err())
    }

    /// A copy of the committed catalogue in which `file` is changed by `edit`.
    fn edited(file: &str, edit: impl Fn(&str) -> String) -> Result<Catalogue> {
        let dir = tempfile::tempdir().unwrap();
        let from = crate::workspace::root().join("fixtures/catalogue");
        let to = dir.path().join("fixtures/catalogue");
        fs::create_dir_all(to.join("operations")).unwrap();
        for folder in ["", "operations"] {
            for entry in fs::read_dir(from.join(folder)).unwrap() {
                let name = entry.unwrap().file_name();
                let source = from.join(folder).join(&name);
                if source.is_file() {
                    fs::copy(source, to.join(folder).join(&name)).unwrap();
                }
            }
        }
        let path = to.join(file);
        let before = fs::read_to_string(&path).unwrap();
        let after = edit(&before);
        assert_ne!(before, after, "the edit did not change {file}");
        fs::write(&path, after).unwrap();
        Catalogue::load(dir.path())
    }

    #[test]
    fn the_committed_catalogue_is_valid() {
        Catalogue::load(&crate::workspace::root()).unwrap();
    }

    #[test]
    fn errors_name_the_file_and_the_entry() {
        let unknown_field = edited("services.json", |text| text.replacen("\"use\"", "\"usage\"", 1));
        assert!(message(unknown_field).contains("services.json: unknown field `usage`"));

        let twice = edited("operations/login.json", |text| {
            text.replace("login.refresh", "login.login")
        });
        assert!(message(twice).contains("operations/login.json: login.login: the id is used twice"));

        let service = edited("operations/login.json", |text| text.replace("agentVep", "agentVap"));
        assert!(message(service).contains("login.login: service \"agentVap\" is not in services.json"));

        let clash = edited("enums.json", |text| {
            text.replace("\"wire\": \"CLOSE\"", "\"wire\": \"Open\"")
        });
        let clash = message(clash);
        assert!(
            clash.contains("enums.json: ConversationStatus (le-data)") && clash.contains("variant"),
            "{clash}"
        );

        let renamed = edited("messages.json", |text| {
            text.replacen("ms.PublishEvent", "cm.PublishEvent", 1)
        });
        assert!(renamed.is_ok(), "a name may change");
        let taken = edited("messages.json", |text| {
            text.replace("\"ms.PublishEvent\"", "\"GetClock\"")
        });
        assert!(message(taken).contains("messages.json: messaging.publish_event: the name GetClock is taken"));

        for (from, to, expected) in [
            (
                "\"enum:Gender\"",
                "\"enum:Gendre\"",
                "record Personal: gender: there is no Enum",
            ),
            (
                "\"rule\": \"language\"",
                "\"rule\": \"day\"",
                "language: the rule Some(Day) is not for Text",
            ),
            (
                "\"record\": \"Lead\"",
                "\"record\": \"Leads\"",
                "lead: there is no record Leads",
            ),
            (
                "\"variant\": \"Cart\"",
                "\"variant\": \"Basket\"",
                "cart: SdeType of enums.json says",
            ),
            (
                "\"wire\": \"leadId\"",
                "\"wire\": \"topic\"",
                "record Lead: topic: the member is listed twice",
            ),
        ] {
            let problem = message(edited("attributes.json", |text| text.replacen(from, to, 1)));
            assert!(
                problem.contains("attributes.json: ") && problem.contains(expected),
                "{problem}"
            );
        }

        let status = edited("errors.json", |text| {
            text.replacen("\"status\": 451", "\"status\": 200", 1)
        });
        assert!(message(status).contains("errors.json: login.blocked: status 200 is no error"));
    }
}
