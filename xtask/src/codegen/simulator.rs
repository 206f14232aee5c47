//! le-sim: plain tables that share no type with the clients.

use std::collections::BTreeSet;

use anyhow::Result;

use super::Files;
use super::rust::{const_array, doc, head, literal};
use super::wire::module_list;
use crate::catalogue::Catalogue;

const DIR: &str = "crates/le-sim/src/generated";

pub(super) fn render(catalogue: &Catalogue, files: &mut Files) -> Result<()> {
    files.insert(format!("{DIR}/services.rs"), services(catalogue));
    files.insert(format!("{DIR}/routes.rs"), routes(catalogue));
    files.insert(format!("{DIR}/enums.rs"), enums(catalogue));
    files.insert(
        format!("{DIR}/messages.rs"),
        super::messages::simulator(&catalogue.messages),
    );
    files.insert(
        format!("{DIR}/attributes.rs"),
        super::attribute_rows::simulator(&catalogue.attributes)?,
    );
    files.insert(
        format!("{DIR}/mod.rs"),
        module_list(&BTreeSet::from([
            "attributes",
            "enums",
            "messages",
            "routes",
            "services",
        ])),
    );
    Ok(())
}

fn services(catalogue: &Catalogue) -> String {
    let mut out = head("services.json", "Service names that the Domain API lists.");
    out.push_str("/// Names that are tied to an API.\n");
    let documented: Vec<_> = catalogue
        .services
        .documented
        .iter()
        .map(|service| literal(&service.name))
        .collect();
    out.push_str(&const_array("SERVICES", "&str", &documented));
    out.push_str("\n/// Names that a full listing holds besides, of unknown purpose.\n");
    let listed: Vec<_> = catalogue
        .services
        .listed_only
        .iter()
        .map(|name| literal(name))
        .collect();
    out.push_str(&const_array("LISTED_ONLY_SERVICES", "&str", &listed));
    out
}

fn routes(catalogue: &Catalogue) -> String {
    let mut out = head("operations/", "The operations of the vendor's APIs as routes.");
    out.push_str(
        "/// One operation: where it is served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Route {
    /// The name in the catalogue.
    pub id: &'static str,
    /// The service whose host serves it; empty for the Domain API.
    pub service: &'static str,
    /// The HTTP method.
    pub method: &'static str,
    /// The path, with parameters in braces.
    pub path: &'static str,
}
",
    );
    for (_, op) in catalogue.all_operations() {
        out.push('\n');
        out.push_str(&doc(&[&op.summary], 0));
        out.push_str(&format!(
            "pub const {}: Route = Route {{\n    id: {},\n    service: {},\n    method: {},\n    path: {},\n}};\n",
            op.constant,
            literal(&op.id),
            literal(&op.service),
            literal(op.method.as_str()),
            literal(&op.path)
        ));
    }
    out.push_str("\n/// Every route.\n");
    let names: Vec<_> = catalogue.all_operations().map(|(_, op)| op.constant.clone()).collect();
    out.push_str(&const_array("ROUTES", "Route", &names));
    out
}

fn enums(catalogue: &Catalogue) -> String {
    let mut out = head(
        "enums.json",
        "Texts that fields take on the wire, in the order of the catalogue.",
    );
    for (index, wire) in catalogue.enums.iter().enumerate() {
        if index > 0 {
            out.push('\n');
        }
        out.push_str(&doc(&[&wire.summary], 0));
        let values: Vec<_> = wire.values.iter().map(|value| literal(&value.wire)).collect();
        out.push_str(&const_array(&wire.sim_name(), "&str", &values));
    }
    out
}
