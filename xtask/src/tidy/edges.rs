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
        "le-cli" | "le-bench" => Allowed::Everything,
        adapter if adapter.starts_with("le-inbox-") => Allowed::These(&["le-core", "le-bots"]),
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

/// A dev-dependency with a version would have to be published first; le-sim and xtask share nothing with the clients
/// even in tests.
pub(super) fn dev_dependencies(repository: &Repository) -> Vec<Problem> {
    let mut problems = Vec::new();
    for package in &repository.members {
        for dependency in package
            .dependencies
            .iter()
            .filter(|d| d.path.is_some() && d.kind.as_deref() == Some("dev"))
        {
            if dependency.req != "*" {
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
}
