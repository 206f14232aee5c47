//! `cargo xtask tidy`: the rules of the repository that no other tool knows.
//!
//! Each rule is a function from the repository to a list of problems, with a test that shows it failing.

mod edges;
mod enums;
mod orphans;
mod packages;
mod source;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::catalogue::Catalogue;
use crate::workspace::{Metadata, Package, tracked_files};

/// What the rules look at.
#[derive(Debug)]
struct Repository {
    root: PathBuf,
    /// Tracked text files with their path below the root, sorted.
    files: Vec<SourceFile>,
    /// The workspace's own packages.
    members: Vec<Package>,
    /// Everything else in the dependency tree.
    dependencies: Vec<Package>,
    catalogue: Catalogue,
}

/// A tracked text file.
#[derive(Debug, Clone)]
struct SourceFile {
    path: String,
    text: String,
}

impl SourceFile {
    fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    fn is_generated(&self) -> bool {
        self.path.contains("/generated/")
    }

    /// Whether the file holds nothing but tests or benches.
    fn is_test(&self) -> bool {
        let in_test_dir = self.path.contains("/tests/") || self.path.contains("/benches/");
        in_test_dir || self.path.ends_with("/tests.rs") || self.path.ends_with("_tests.rs")
    }
}

impl Repository {
    fn read(root: &Path) -> Result<Self> {
        let mut files = Vec::new();
        for path in tracked_files(root)? {
            let bytes = fs::read(root.join(&path)).with_context(|| format!("cannot read {path}"))?;
            // Binary files (archives, pictures) have no lines to check.
            if let Ok(text) = String::from_utf8(bytes) {
                files.push(SourceFile { path, text });
            }
        }
        let metadata = Metadata::load(true)?;
        let members: Vec<Package> = metadata.members().into_iter().cloned().collect();
        let dependencies = metadata
            .packages
            .into_iter()
            .filter(|p| !members.iter().any(|m| m.id == p.id))
            .collect();
        Ok(Self {
            root: root.to_owned(),
            files,
            members,
            dependencies,
            catalogue: Catalogue::load(root)?,
        })
    }

    fn file(&self, path: &str) -> Option<&SourceFile> {
        self.files.iter().find(|file| file.path == path)
    }

    /// The Rust files of `crates/<package>/src`, without generated ones and without pure test files.
    fn sources<'a>(&'a self, package: &str) -> impl Iterator<Item = &'a SourceFile> {
        let dir = format!("crates/{package}/src/");
        self.files.iter().filter(move |file| {
            file.path.starts_with(&dir) && file.is_rust() && !file.is_generated() && !file.is_test()
        })
    }
}

/// What a rule found.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Problem {
    /// The file, with a line where there is one.
    place: String,
    /// What is wrong and what to do.
    message: String,
    /// Whether the run fails over it.
    fatal: bool,
}

impl Problem {
    fn new(place: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            place: place.into(),
            message: message.into(),
            fatal: true,
        }
    }

    fn warning(place: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            fatal: false,
            ..Self::new(place, message)
        }
    }
}

/// A rule: its name, and what it finds.
type Rule = (&'static str, fn(&Repository) -> Vec<Problem>);

const RULES: &[Rule] = &[
    ("dependency edges", edges::allowed),
    (
        "dev-dependencies inside the workspace have no version",
        edges::dev_dependencies,
    ),
    ("versions stand in the root manifest", edges::versions_in_one_place),
    ("operations are implemented once", orphans::operations),
    ("operations come from the catalogue", orphans::outside_the_catalogue),
    ("routes are served by le-sim", orphans::routes),
    ("wire enums are used", orphans::wire_enums),
    ("open enums only", enums::open_only),
    ("file size", source::size),
    ("module names", source::module_names),
    ("no absolute paths", source::absolute_paths),
    ("no other registry", source::registries),
    ("package files", packages::files),
    ("package metadata", packages::metadata),
    ("versions in README files", packages::readme_versions),
    ("minimum Rust version", packages::rust_version),
];

/// Runs all rules.
pub(crate) fn run(root: &Path) -> Result<()> {
    let repository = Repository::read(root)?;
    let mut failed = 0;
    for (name, rule) in RULES {
        for problem in rule(&repository) {
            let kind = if problem.fatal { "error" } else { "warning" };
            failed += usize::from(problem.fatal);
            crate::say(&format!("{kind}: {}: {} [{name}]", problem.place, problem.message));
        }
    }
    if failed > 0 {
        bail!("tidy: {failed} problem(s); the rules are in xtask/src/tidy/");
    }
    crate::say(&format!("tidy: {} rules hold", RULES.len()));
    Ok(())
}

/// Whether `word` stands in `text` as a whole identifier.
fn mentions(text: &str, word: &str) -> bool {
    let part_of_word = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(word).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + word.len()..].chars().next();
        !before.is_some_and(part_of_word) && !after.is_some_and(part_of_word)
    })
}

/// The lines of code, without those that are only a comment.
fn code_lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines()
        .enumerate()
        .map(|(index, line)| (index + 1, line))
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Repository {
        /// A repository with the committed catalogue and the given files.
        pub(super) fn with_files(files: &[(&str, &str)]) -> Self {
            let files = files.iter().map(|(path, text)| SourceFile {
                path: (*path).into(),
                text: (*text).into(),
            });
            let catalogue = Catalogue::load(&crate::workspace::root()).unwrap();
            Self {
                root: PathBuf::from("/r"),
                files: files.collect(),
                members: Vec::new(),
                dependencies: Vec::new(),
                catalogue,
            }
        }
    }

    /// A package as `cargo metadata` would print it, changed by `edit`.
    pub(super) fn package(name: &str, edit: impl Fn(&mut serde_json::Value)) -> Package {
        let mut value = serde_json::json!({
            "id": name, "name": name, "version": "0.1.0", "manifest_path": format!("/r/crates/{name}/Cargo.toml"),
            "rust_version": "1.88", "license": "MIT OR Apache-2.0", "description": "d", "repository": "https://r.example",
            "readme": "README.md", "keywords": ["k"], "categories": ["c"], "publish": null, "dependencies": [],
            "features": {}, "metadata": {"docs": {"rs": {"all-features": true}}},
        });
        edit(&mut value);
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn words_are_whole() {
        assert!(mentions("operations::LOGIN,", "LOGIN"));
        assert!(!mentions("LOGIN_PROBLEMS RELOGIN", "LOGIN"));
    }
}
