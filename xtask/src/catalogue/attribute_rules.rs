//! What `attributes.json` must keep to: names that exist, and none twice.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result, ensure};

use super::WireEnum;
use super::attributes::{Attribute, Attributes, Kind, Record};

impl Attributes {
    pub(super) fn validate(&self, enums: &[WireEnum]) -> Result<()> {
        super::known_crate(&self.package)?;
        let mut names = BTreeSet::new();
        for record in &self.records {
            ensure!(
                names.insert(&record.name),
                "{}: the record is listed twice",
                record.name
            );
            self.validate_record(record, enums)
                .with_context(|| format!("record {}", record.name))?;
        }
        for numbers in &self.numbers {
            let name = &numbers.name;
            let (mut seen, mut variants) = (BTreeSet::new(), BTreeSet::new());
            ensure!(names.insert(name), "{name}: the name is listed twice");
            for value in &numbers.values {
                ensure!(seen.insert(value.number), "{name}: {} is listed twice", value.number);
                super::check_variant(&value.variant, &mut variants).with_context(|| name.clone())?;
            }
        }
        let mut types = BTreeSet::new();
        for attribute in &self.attributes {
            let wire = &attribute.wire;
            ensure!(types.insert(wire), "{wire}: the type is listed twice");
            self.validate_attribute(attribute, enums)
                .with_context(|| wire.clone())?;
        }
        let listed = |name: &str| {
            enums
                .iter()
                .find(|wire| wire.package == self.package && wire.name == name)
        };
        for value in ["SdeType", "ImpressionType"]
            .into_iter()
            .filter_map(listed)
            .flat_map(|list| &list.values)
        {
            ensure!(
                types.contains(&value.wire),
                "{}: in enums.json, and not here",
                value.wire
            );
        }
        self.every_record_is_used()
    }

    fn validate_attribute(&self, attribute: &Attribute, enums: &[WireEnum]) -> Result<()> {
        ensure!(
            attribute.page.starts_with("https://"),
            "page {:?} is no https address",
            attribute.page
        );
        ensure!(
            self.record(&attribute.record).is_some(),
            "there is no record {}",
            attribute.record
        );
        let list = if attribute.is_impression() {
            "ImpressionType"
        } else {
            "SdeType"
        };
        let values = enums
            .iter()
            .filter(|wire| wire.package == self.package && wire.name == list);
        let value = values
            .flat_map(|list| &list.values)
            .find(|value| value.wire == attribute.wire);
        let variant = value.map(super::WireValue::variant);
        ensure!(
            variant.as_deref() == Some(attribute.variant.as_str()),
            "{list} of enums.json says {variant:?}, not {:?}",
            attribute.variant
        );
        ensure!(
            attribute.is_impression() == attribute.read.is_none(),
            "an attribute has a name where it is read, and an impression has none"
        );
        Ok(())
    }

    fn validate_record(&self, record: &Record, enums: &[WireEnum]) -> Result<()> {
        ensure!(
            record.page.starts_with("https://"),
            "page {:?} is no https address",
            record.page
        );
        let (mut spelt, mut fields) = (BTreeSet::new(), BTreeSet::new());
        for field in &record.fields {
            let wire = &field.wire;
            for name in std::iter::once(wire).chain(&field.aliases) {
                ensure!(spelt.insert(name), "{name}: the member is listed twice");
            }
            ensure!(
                fields.insert(&field.field),
                "{wire}: the field {} is listed twice",
                field.field
            );
            let kind = field.kind().with_context(|| wire.clone())?;
            let known = match kind {
                Kind::Enum(name) => enums.iter().any(|one| one.package == self.package && one.name == name),
                Kind::Numbers(name) => self.numbers.iter().any(|one| one.name == name),
                Kind::Record(name) | Kind::Records(name) => self.record(name).is_some(),
                _ => true,
            };
            ensure!(known, "{wire}: there is no {kind:?}");
            ensure!(
                field.rule.is_none_or(|rule| rule.fits(kind)),
                "{wire}: the rule {:?} is not for {kind:?}",
                field.rule
            );
            for of in &field.of {
                let known = self.attributes.iter().any(|attribute| attribute.wire == *of);
                ensure!(known, "{wire}: there is no type {of:?}");
            }
        }
        Ok(())
    }

    fn every_record_is_used(&self) -> Result<()> {
        let roots = self.attributes.iter().map(|attribute| attribute.record.as_str());
        let mut used: BTreeSet<&str> = roots.collect();
        for record in &self.records {
            used.extend(record.fields.iter().filter_map(|field| field.kind().ok()?.record()));
        }
        for record in &self.records {
            ensure!(
                used.contains(record.name.as_str()),
                "{}: nothing uses the record",
                record.name
            );
        }
        Ok(())
    }
}
