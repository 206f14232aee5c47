//! The client crates: service names, operations, wire enums, error tables, close codes.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;

use super::Files;
use super::rust::{const_array, doc, head, literal};
use crate::catalogue::{Auth, CLIENT_CRATES, Catalogue, Evidence, Limit, Operation, OperationFile, WireEnum};

pub(super) fn render(catalogue: &Catalogue, files: &mut Files) -> Result<()> {
    let mut modules: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut put = |package: &'static str, module: &'static str, text: String| {
        modules.entry(package).or_default().insert(module);
        files.insert(format!("crates/{package}/src/generated/{module}.rs"), text);
    };
    put("le-domain", "services", services(catalogue));
    put("le-auth", "errors", super::errors::render(catalogue));
    put("le-attributes", "errors", super::errors::render_visitor_side(catalogue));
    for &package in CLIENT_CRATES {
        let operations: Vec<_> = catalogue
            .operations
            .iter()
            .filter(|file| file.package == package)
            .collect();
        if !operations.is_empty() {
            put(package, "operations", operation_constants(&operations));
        }
        let enums: Vec<_> = catalogue.enums.iter().filter(|wire| wire.package == package).collect();
        if !enums.is_empty() {
            put(package, "enums", wire_enums(&enums));
        }
        if catalogue.close_codes.package == package {
            put(package, "close_codes", close_codes(catalogue));
        }
        if catalogue.attributes.package == package {
            put(package, "attributes", super::attributes::table(&catalogue.attributes)?);
            put(package, "payloads", super::attributes::payloads(&catalogue.attributes)?);
        }
        if catalogue.messages.package == package {
            put(package, "messages", super::messages::client(&catalogue.messages));
        }
    }
    for (package, modules) in modules {
        files.insert(format!("crates/{package}/src/generated/mod.rs"), module_list(&modules));
    }
    Ok(())
}

/// The `mod.rs` of a generated folder.
pub(super) fn module_list(modules: &BTreeSet<&str>) -> String {
    let mut out = head(
        "",
        "What the catalogue says, as Rust. This module is private; the crate re-exports what is public.",
    );
    out.push_str("// `cargo xtask tidy` reports operations and routes that nothing uses.\n");
    out.push_str("#![allow(dead_code, unreachable_pub)]\n\n");
    for module in modules {
        out.push_str(&format!("pub mod {module};\n"));
    }
    out
}

fn services(catalogue: &Catalogue) -> String {
    let mut out = head("services.json", "Service names of the Domain API.");
    out.push_str("le_core::open_enum! {\n");
    let summary = "The name under which the Domain API lists a service. Case matters; names that this version does not know \
                   are kept as they are.";
    out.push_str(&doc(&[summary, &format!("<{}>", catalogue.services.page)], 4));
    out.push_str("    pub enum ServiceName {\n");
    for service in &catalogue.services.documented {
        let page = service
            .page
            .as_ref()
            .map(|page| format!("<{page}>"))
            .unwrap_or_default();
        out.push_str(&doc(&[&service.purpose, &page], 8));
        out.push_str(&format!(
            "        {} => {},\n",
            service.variant(),
            literal(&service.name)
        ));
    }
    out.push_str("    }\n}\n");
    out
}

fn operation_constants(operation_files: &[&OperationFile]) -> String {
    let sources: Vec<_> = operation_files.iter().map(|file| file.source.as_str()).collect();
    let summaries: Vec<_> = operation_files.iter().map(|file| file.summary.as_str()).collect();
    let mut out = head(&sources.join(", "), &summaries.join(" "));
    out.push_str("use http::Method;\nuse le_core::operation::{AuthRequirement, CallClass, OperationSpec};\n");
    for operation in operation_files.iter().flat_map(|file| &file.operations) {
        out.push('\n');
        out.push_str(&operation_constant(operation));
    }
    out
}

fn operation_constant(op: &Operation) -> String {
    let query: Vec<_> = op
        .query
        .iter()
        .map(|(name, value)| format!("({}, {value})", literal(name)))
        .collect();
    let auth = match op.auth {
        Auth::None => "None",
        Auth::Required => "Required",
        Auth::Optional => "Optional",
    };
    let class = match op.limit {
        Limit::Standard => "Standard",
        Limit::Login => "Login",
    };
    let mut out = doc(
        &[
            &op.summary,
            op.notes.as_deref().unwrap_or_default(),
            &format!("<{}>", op.page),
        ],
        0,
    );
    out.push_str(&format!(
        "pub static {}: OperationSpec = OperationSpec {{\n",
        op.constant
    ));
    for (field, value) in [
        ("id", literal(&op.id)),
        ("service", literal(&op.service)),
        ("method", format!("Method::{}", op.method.as_str())),
        ("path", literal(&op.path)),
        ("query", format!("&[{}]", query.join(", "))),
        ("auth", format!("AuthRequirement::{auth}")),
        ("idempotent", op.idempotent.to_string()),
        ("class", format!("CallClass::{class}")),
        ("sends_source", op.sends_source.to_string()),
        ("documentation", literal(&op.page)),
    ] {
        out.push_str(&format!("    {field}: {value},\n"));
    }
    out.push_str("};\n");
    out
}

fn wire_enums(enums: &[&WireEnum]) -> String {
    let mut out = head(
        "enums.json",
        "Texts that fields take on the wire. Unknown texts are kept.",
    );
    for (index, wire) in enums.iter().enumerate() {
        if index > 0 {
            out.push('\n');
        }
        let fields: Vec<_> = wire.fields.iter().map(|field| format!("`{field}`")).collect();
        let fields = if fields.is_empty() {
            String::new()
        } else {
            format!("Found in {}.", fields.join(", "))
        };
        let page = wire.page.as_ref().map(|page| format!("<{page}>")).unwrap_or_default();
        out.push_str("le_core::open_enum! {\n");
        out.push_str(&doc(&[&wire.summary, &fields, &page], 4));
        out.push_str(&format!("    pub enum {} {{\n", wire.name));
        for value in &wire.values {
            // A value that no page states says so.
            let evidence = match value.evidence {
                Evidence::Documentation => String::new(),
                weaker => format!(" Evidence: {}.", weaker.as_str()),
            };
            out.push_str(&doc(&[&format!("{}{evidence}", value.summary)], 8));
            out.push_str(&format!("        {} => {},\n", value.variant(), literal(&value.wire)));
        }
        out.push_str("    }\n}\n");
    }
    out
}

fn close_codes(catalogue: &Catalogue) -> String {
    let mut out = head(
        "close_codes.json",
        "WebSocket close codes, and with which token a client comes back.",
    );
    out.push_str(
        "/// With which token a client reconnects after a close code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reconnect {
    /// With the token it has, after a short wait. Codes that are not listed mean this too.
    SameToken,
    /// With a new token: a new login, or a fresh token from the brand.
    NewToken,
    /// After the identity provider extended the anonymous identity.
    ExtendIdentity,
}

/// A close code of the messaging WebSockets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct CloseCode {
    /// The code on the wire.
    pub code: u16,
    /// What it means.
    pub meaning: &'static str,
    /// What a client does about it.
    pub reconnect: Reconnect,
}
",
    );
    for close in &catalogue.close_codes.close_codes {
        let evidence = format!("Evidence: {}.", close.evidence.as_str());
        out.push('\n');
        out.push_str(&doc(&[&close.summary, &evidence], 0));
        out.push_str(&format!(
            "pub const {}: CloseCode = CloseCode {{\n    code: {},\n    meaning: {},\n    reconnect: Reconnect::{},\n}};\n",
            close.constant,
            close.code,
            literal(&close.summary),
            close.reconnect.variant()
        ));
    }
    out.push_str("\n/// All documented close codes, ascending.\n");
    let names: Vec<_> = catalogue
        .close_codes
        .close_codes
        .iter()
        .map(|close| close.constant.clone())
        .collect();
    out.push_str(&const_array("CLOSE_CODES", "CloseCode", &names));
    out
}
