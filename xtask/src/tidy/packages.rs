//! Rules about packages: files, metadata, versions, the minimum Rust version.

use super::{Problem, Repository};
use crate::workspace::Package;

fn published(repository: &Repository) -> impl Iterator<Item = &Package> {
    repository.members.iter().filter(|package| package.is_published())
}

/// Every published package brings its README, its change log and its licences.
pub(super) fn files(repository: &Repository) -> Vec<Problem> {
    let mut problems = Vec::new();
    for package in published(repository) {
        let dir = package.dir(&repository.root);
        for name in ["README.md", "CHANGELOG.md", "LICENSE-MIT", "LICENSE-APACHE"] {
            if repository.file(&format!("{dir}/{name}")).is_none() {
                problems.push(Problem::new(&dir, format!("{name} is missing")));
            }
        }
        let heading = format!("## {}", package.version);
        let bracketed = format!("## [{}]", package.version);
        let log = repository.file(&format!("{dir}/CHANGELOG.md"));
        let told = |text: &str| {
            text.lines()
                .any(|line| line.starts_with(&heading) || line.starts_with(&bracketed))
        };
        if log.is_some_and(|file| !told(&file.text)) {
            problems.push(Problem::new(
                format!("{dir}/CHANGELOG.md"),
                format!("no section `{heading}`"),
            ));
        }
        let root = ["lib.rs", "main.rs"]
            .iter()
            .find_map(|name| repository.file(&format!("{dir}/src/{name}")));
        if root
            .is_some_and(|file| file.path.ends_with("lib.rs") && !file.text.contains("include_str!(\"../README.md\")"))
        {
            problems.push(Problem::new(&dir, "the README is not the crate documentation"));
        }
    }
    problems
}

/// Every published package can be found and understood in the registry.
pub(super) fn metadata(repository: &Repository) -> Vec<Problem> {
    let mut problems = Vec::new();
    for package in &repository.members {
        let path = format!("{}/Cargo.toml", package.dir(&repository.root));
        let manifest = repository
            .file(&path)
            .map(|file| file.text.as_str())
            .unwrap_or_default();
        if !manifest.contains("[lints]\nworkspace = true") {
            problems.push(Problem::new(&path, "`[lints] workspace = true` is missing"));
        }
        if !package.is_published() {
            continue;
        }
        let all_features = package
            .metadata
            .as_ref()
            .and_then(|value| value.pointer("/docs/rs/all-features"));
        for (present, what) in [
            (package.description.is_some(), "description"),
            (package.license.is_some(), "license"),
            (package.repository.is_some(), "repository"),
            (package.readme.is_some(), "readme"),
            (package.rust_version.is_some(), "rust-version"),
            (!package.keywords.is_empty(), "keywords"),
            (!package.categories.is_empty(), "categories"),
            (
                all_features == Some(&serde_json::Value::Bool(true)),
                "[package.metadata.docs.rs] all-features = true",
            ),
        ] {
            if !present {
                problems.push(Problem::new(&path, format!("{what} is missing")));
            }
        }
    }
    problems
}

/// A reader who copies a dependency line from a README gets the version that the README describes.
pub(super) fn readme_versions(repository: &Repository) -> Vec<Problem> {
    let mut problems = Vec::new();
    for file in repository.files.iter().filter(|file| file.path.ends_with("README.md")) {
        for (index, line) in file.text.lines().enumerate() {
            let Some((name, rest)) = line.split_once('=') else {
                continue;
            };
            let Some(package) = repository.members.iter().find(|package| package.name == name.trim()) else {
                continue;
            };
            let Some(version) = requirement(rest) else { continue };
            let dotted = format!("{version}.");
            if package.version != version && !package.version.starts_with(&dotted) {
                let message = format!("{} is at {}, not at {version}", package.name, package.version);
                problems.push(Problem::new(format!("{}:{}", file.path, index + 1), message));
            }
        }
    }
    problems
}

/// The version in `"0.1"` or `{ version = "0.1", ... }`.
fn requirement(value: &str) -> Option<&str> {
    let value = value.trim();
    let text = if value.starts_with('{') {
        value.split_once("version")?.1.split_once('=')?.1.trim()
    } else {
        value
    };
    text.strip_prefix('"')?.split('"').next()
}

/// No dependency needs a newer compiler than the one that the workspace states.
pub(super) fn rust_version(repository: &Repository) -> Vec<Problem> {
    let Some(ours) = repository
        .members
        .iter()
        .filter_map(|package| package.rust_version.as_deref())
        .min_by_key(|v| parts(v))
    else {
        return vec![Problem::new("Cargo.toml", "no rust-version is stated")];
    };
    let newer = |package: &&Package| {
        package
            .rust_version
            .as_deref()
            .is_some_and(|theirs| parts(theirs) > parts(ours))
    };
    repository
        .dependencies
        .iter()
        .filter(newer)
        .map(|package| {
            let theirs = package.rust_version.as_deref().unwrap_or_default();
            let message = format!(
                "{} {} needs Rust {theirs}, the workspace states {ours}",
                package.name, package.version
            );
            Problem::new("Cargo.toml", message)
        })
        .collect()
}

fn parts(version: &str) -> Vec<u32> {
    let mut parts: Vec<u32> = version.split('.').map(|part| part.parse().unwrap_or(0)).collect();
    parts.resize(3, 0);
    parts
}

#[cfg(test)]
mod tests {
    use super::super::tests::package;
    use super::*;
    use serde_json::Value;

    fn messages(problems: &[Problem]) -> String {
        problems
            .iter()
            .map(|p| format!("{}: {}\n", p.place, p.message))
            .collect()
    }

    #[test]
    fn missing_files_are_reported() {
        let mut repository = Repository::with_files(&[
            ("crates/le-data/CHANGELOG.md", "## 0.0.9\n"),
            ("crates/le-data/LICENSE-MIT", ""),
            ("crates/le-data/src/lib.rs", "//! Data."),
        ]);
        repository.members = vec![
            package("le-data", |_| {}),
            package("internal", |p| p["publish"] = serde_json::json!([])),
        ];
        let text = messages(&files(&repository));
        for expected in [
            "README.md is missing",
            "LICENSE-APACHE is missing",
            "no section `## 0.1.0`",
            "not the crate documentation",
        ] {
            assert!(text.contains(expected), "{expected} in {text}");
        }
        assert!(!text.contains("LICENSE-MIT") && !text.contains("internal"));
    }

    #[test]
    fn missing_metadata_is_reported() {
        let mut repository = Repository::with_files(&[("crates/le-data/Cargo.toml", "[package]\n")]);
        repository.members = vec![package("le-data", |p| {
            p["description"] = Value::Null;
            p["metadata"] = Value::Null;
            p["keywords"] = serde_json::json!([]);
        })];
        let text = messages(&metadata(&repository));
        for expected in ["description is missing", "docs.rs", "keywords is missing", "[lints]"] {
            assert!(text.contains(expected), "{expected} in {text}");
        }
    }

    #[test]
    fn an_old_version_in_a_readme_is_reported() {
        let text = "le-data = \"0.1\"\nle-data = { version = \"0.2\", features = [] }\nle-data = { path = \"x\" }\nserde = \"9\"\n";
        let mut repository = Repository::with_files(&[("README.md", text)]);
        repository.members = vec![package("le-data", |_| {})];
        assert_eq!(
            messages(&readme_versions(&repository)),
            "README.md:2: le-data is at 0.1.0, not at 0.2\n"
        );
    }

    #[test]
    fn a_dependency_that_needs_a_newer_compiler_is_reported() {
        let mut repository = Repository::with_files(&[]);
        repository.members = vec![package("le-data", |_| {})];
        repository.dependencies = vec![
            package("old", |p| p["rust_version"] = "1.70".into()),
            package("silent", |p| p["rust_version"] = Value::Null),
            package("new", |p| p["rust_version"] = "1.90.0".into()),
        ];
        assert_eq!(
            messages(&rust_version(&repository)),
            "Cargo.toml: new 0.1.0 needs Rust 1.90.0, the workspace states 1.88\n"
        );
    }
}
