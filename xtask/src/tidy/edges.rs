//! Which crate may depend on which (ARCHITECTURE.md, "Dependency rule").

use super::{Problem, Repository};
use crate::workspace::Package;

/// What a package may depend on inside the workspace.
enum Allowed {
    These(&'static [&'static str]),
    Everything,
}

/// `None` for a package that the rule does not know.
fn allowed_for(package: &str) -> Option<Allowed> {
    Some(match package {
        "le-core" | "le-sim" | "xtask" => Allowed::These(&[]),
        "le-domain" | "le-auth" | "le-data" | "le-attributes" | "le-bots" => Allowed::These(&["le-core"]),
        "le-export" => Allowed::These(&["le-core", "le-data"]),
        "le-query" => Allowed::These(&["le-core", "le-export"]),
        "le-cli" | "le-bench" => Allowed::Everything,
        adapter if adapter.starts_with("le-inbox-") || adapter.starts_with("le-lease-") => {
            Allowed::These(&["le-core", "le-bots"])
        }
        example if example.starts_with("example-") => Allowed::Everything,
        _ => return None,
    })
}

fn place(package: &Package) -> String {
    format!("{} (Cargo.toml)", package.name)
}

/// Ordinary and build dependencies follow the picture.
pub(super) fn allowed(repository: &Repository) -> Vec<Problem> {
    let mut problems = Vec::new();
    for package in &repository.members {
        let Some(allowed) = allowed_for(&package.name) else {
            problems.push(Problem::new(
                place(package),
                "say in xtask/src/tidy/edges.rs what this package may depend on",
            ));
            continue;
        };
        let Allowed::These(allowed) = allowed else { continue };
        for dependency in package
            .dependencies
            .iter()
            .filter(|d| d.path.is_some() && d.kind.as_deref() != Some("dev"))
        {
            if !allowed.contains(&dependency.name.as_str()) {
                let message = format!("depends on {}, but may depend on {allowed:?} only", dependency.name);
                problems.push(Problem::new(place(package), message));
            }
        }
    }
    problems
}

/// A dev-dependency with a version would have to be published first, which a circle makes impossible; le-sim and xtask share nothing with the clients
/// even in tests.
pub(super) fn dev_dependencies(repository: &Repository) -> Vec<Problem> {
    let mut problems = Vec::new();
    for package in &repository.members {
        for dependency in package
            .dependencies
            .iter()
            .filter(|d| d.path.is_some() && d.kind.as_deref() == Some("dev"))
        {
            // What is an ordinary dependency too is published before this package anyway.
            let ordinary = package
                .dependencies
                .iter()
                .any(|d| d.name == dependency.name && d.kind.is_none());
            if dependency.req != "*" && !ordinary && package.is_published() {
                let message = format!("dev-dependency {}: give the path only, no version", dependency.name);
                problems.push(Problem::new(place(package), message));
            }
            if ["le-sim", "xtask"].contains(&package.name.as_str()) {
                let message = format!(
                    "dev-dependency {}: this package shares nothing with the clients",
                    dependency.name
                );
                problems.push(Problem::new(place(package), message));
            }
        }
    }
    problems
}

/// Versions of foreign crates stand in the root manifest, once.
pub(super) fn versions_in_one_place(repository: &Repository) -> Vec<Problem> {
    let manifest = |path: &str| path.ends_with("/Cargo.toml");
    let mut problems = Vec::new();
    for file in repository.files.iter().filter(|file| manifest(&file.path)) {
        let mut in_dependencies = false;
        for (index, line) in file.text.lines().enumerate() {
            if line.starts_with('[') {
                in_dependencies = line.trim_end().ends_with("dependencies]");
                continue;
            }
            let Some((name, value)) = line
                .split_once('=')
                .filter(|_| in_dependencies && !line.starts_with('#'))
            else {
                continue;
            };
            let inherited = name.trim().ends_with(".workspace") || value.contains("workspace = true");
            if !inherited && !value.contains("path = ") {
                let message = format!(
                    "{}: write the version into the root manifest and `workspace = true` here",
                    name.trim()
                );
                problems.push(Problem::new(format!("{}:{}", file.path, index + 1), message));
            }
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::super::tests::package;
    use super::*;

    fn depending(on: &str, kind: Option<&str>, req: &str, name: &str) -> Repository {
        let mut repository = Repository::with_files(&[]);
        let dependency = serde_json::json!({"name": on, "req": req, "kind": kind, "path": "/r/crates/x"});
        repository.members = vec![package(name, |p| p["dependencies"] = serde_json::json!([dependency]))];
        repository
    }

    #[test]
    fn a_sibling_is_refused() {
        assert_eq!(allowed(&depending("le-core", None, "^0.1", "le-data")), []);
        let problems = allowed(&depending("le-auth", None, "^0.1", "le-data"));
        assert!(problems[0].message.contains("depends on le-auth"));
        assert_eq!(allowed(&depending("le-auth", Some("dev"), "*", "le-data")), []);
        assert_eq!(allowed(&depending("le-core", None, "*", "le-sim")).len(), 1);
        assert_eq!(allowed(&depending("le-core", None, "*", "le-nobody-knows")).len(), 1);
    }

    #[test]
    fn a_versioned_dev_dependency_is_refused() {
        assert_eq!(dev_dependencies(&depending("le-sim", Some("dev"), "*", "le-data")), []);
        assert_eq!(
            dev_dependencies(&depending("le-sim", Some("dev"), "^0.1", "le-data")).len(),
            1
        );
        assert_eq!(
            dev_dependencies(&depending("le-core", Some("dev"), "*", "le-sim")).len(),
            1
        );
    }

    #[test]
    fn a_version_outside_of_the_root_manifest_is_refused() {
        let text = "[package]\nversion = \"1\"\n\n[dependencies]\na.workspace = true\nb = { workspace = true, features = [] }\nc = { path = \"../c\" }\nd = \"1\"\n\n[dev-dependencies]\ne = { version = \"2\" }\n";
        let repository = Repository::with_files(&[("crates/le-data/Cargo.toml", text), ("Cargo.toml", text)]);
        let places: Vec<_> = versions_in_one_place(&repository)
            .into_iter()
            .map(|p| p.place)
            .collect();
        assert_eq!(places, ["crates/le-data/Cargo.toml:8", "crates/le-data/Cargo.toml:11"]);
    }
}
