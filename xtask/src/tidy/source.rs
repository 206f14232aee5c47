//! Rules about single files: size, module names, what must not be in them.

use super::{Problem, Repository, SourceFile};

const WARN_LINES: usize = 400;
const FAIL_LINES: usize = 450;
/// For generated files and files of tests, which are long because they repeat themselves.
const FAIL_LINES_REPETITIVE: usize = 800;

/// A file fits in the head.
pub(super) fn size(repository: &Repository) -> Vec<Problem> {
    let mut problems = Vec::new();
    for file in repository.files.iter().filter(|file| file.is_rust()) {
        let lines = file.text.lines().count();
        let repetitive = file.is_generated() || file.is_test();
        let limit = if repetitive { FAIL_LINES_REPETITIVE } else { FAIL_LINES };
        if lines > limit {
            problems.push(Problem::new(
                &file.path,
                format!("{lines} lines, the limit is {limit}: split it by meaning"),
            ));
        } else if lines > WARN_LINES && !repetitive {
            problems.push(Problem::warning(
                &file.path,
                format!("{lines} lines, {FAIL_LINES} are the limit"),
            ));
        }
    }
    problems
}

/// A module is a noun of the domain.
pub(super) fn module_names(repository: &Repository) -> Vec<Problem> {
    const REFUSED: &[&str] = &[
        "util", "utils", "helper", "helpers", "types", "misc", "common", "shared",
    ];
    let mut problems = Vec::new();
    for file in repository.files.iter().filter(|file| file.is_rust()) {
        let message = |name: &str| format!("a module named `{name}` says nothing: name it after what is in it");
        for part in file.path.trim_end_matches(".rs").split('/') {
            if REFUSED.contains(&part) {
                problems.push(Problem::new(&file.path, message(part)));
            }
        }
        for (number, line) in super::code_lines(&file.text) {
            let declared = line
                .split_once("mod ")
                .and_then(|(_, rest)| rest.trim_end().strip_suffix('{'));
            if let Some(name) = declared.map(str::trim).filter(|name| REFUSED.contains(name)) {
                problems.push(Problem::new(format!("{}:{number}", file.path), message(name)));
            }
        }
    }
    problems
}

/// Nothing depends on the machine of the one who wrote it. Tests may make up a home folder.
pub(super) fn absolute_paths(repository: &Repository) -> Vec<Problem> {
    let (tests, others): (Vec<_>, Vec<_>) = repository.files.iter().cloned().partition(SourceFile::is_test);
    let message = "an absolute path: write it relative to the repository";
    let mut problems = lines(
        &others,
        |line| names_folder(line, &["home", "root", "Users", "work"]),
        message,
    );
    problems.extend(lines(&tests, |line| names_folder(line, &["root", "work"]), message));
    problems
}

/// Whether a path that begins with one of these folders begins in the line.
fn names_folder(line: &str, folders: &[&str]) -> bool {
    let begins = |before: &str| {
        before
            .chars()
            .next_back()
            .is_none_or(|c| c.is_whitespace() || "\"'`(=:,".contains(c))
    };
    folders.iter().any(|folder| {
        line.match_indices(&format!("/{folder}/"))
            .any(|(at, _)| begins(&line[..at]))
    })
}

/// Packages come from crates.io, whatever the machine of the one who locked them uses.
pub(super) fn registries(repository: &Repository) -> Vec<Problem> {
    let lock: Vec<_> = repository
        .files
        .iter()
        .filter(|file| file.path.ends_with("Cargo.lock"))
        .cloned()
        .collect();
    let crates_io = "source = \"registry+https://github.com/rust-lang/crates.io-index\"";
    let foreign = |line: &str| line.starts_with("source = ") && line != crates_io;
    let mut problems = lines(&lock, foreign, "a package from elsewhere than crates.io");
    let config: Vec<_> = repository
        .files
        .iter()
        .filter(|file| file.path.contains(".cargo/config"))
        .cloned()
        .collect();
    let replaced = |line: &str| {
        ["[source", "[registr", "registry ="]
            .iter()
            .any(|start| line.starts_with(start))
    };
    problems.extend(lines(
        &config,
        replaced,
        "a registry setting belongs to the machine, not to the repository",
    ));
    let host = |line: &str| {
        line.split("://").skip(1).any(|rest| {
            let host = rest.split(['/', ':', '"', '`', ')', ' ']).next().unwrap_or_default();
            ["artifactory", "nexus", "mirror"]
                .iter()
                .any(|word| host.contains(word))
        })
    };
    let others: Vec<_> = repository
        .files
        .iter()
        .filter(|file| !file.path.starts_with("xtask/src/tidy"))
        .cloned()
        .collect();
    problems.extend(lines(&others, host, "the address of a package mirror"));
    problems
}

fn lines(files: &[SourceFile], found: impl Fn(&str) -> bool, message: &str) -> Vec<Problem> {
    let mut problems = Vec::new();
    for file in files {
        for (index, _) in file.text.lines().enumerate().filter(|(_, line)| found(line)) {
            problems.push(Problem::new(format!("{}:{}", file.path, index + 1), message));
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_files_are_reported() {
        let repository = Repository::with_files(&[
            ("a/src/fine.rs", &"x\n".repeat(400)),
            ("a/src/warned.rs", &"x\n".repeat(401)),
            ("a/src/long.rs", &"x\n".repeat(451)),
            ("a/src/generated/x.rs", &"x\n".repeat(800)),
            ("a/tests/long.rs", &"x\n".repeat(801)),
            ("a/README.md", &"x\n".repeat(2000)),
        ]);
        let found: Vec<_> = size(&repository).into_iter().map(|p| (p.place, p.fatal)).collect();
        let expected = [
            ("a/src/warned.rs", false),
            ("a/src/long.rs", true),
            ("a/tests/long.rs", true),
        ];
        assert_eq!(found, expected.map(|(place, fatal)| (place.to_owned(), fatal)));
    }

    #[test]
    fn empty_names_are_refused() {
        let repository = Repository::with_files(&[
            ("a/src/utils.rs", ""),
            ("a/src/common/session.rs", ""),
            ("a/src/x.rs", "mod helpers {\n}\nmod session {\n}\n"),
        ]);
        let places: Vec<_> = module_names(&repository).into_iter().map(|p| p.place).collect();
        assert_eq!(places, ["a/src/utils.rs", "a/src/common/session.rs", "a/src/x.rs:1"]);
    }

    #[test]
    fn paths_of_a_machine_are_refused() {
        let text = format!("ok /api/{0}/x\nlet p = \"/{0}/me\";\n", "home");
        let work = format!("cd /{}/main\n", "work");
        let repository = Repository::with_files(&[("a.rs", &text), ("a/tests/x.rs", &text), ("a/tests/y.rs", &work)]);
        let places: Vec<_> = absolute_paths(&repository).into_iter().map(|p| p.place).collect();
        assert_eq!(places, ["a.rs:2", "a/tests/y.rs:1"]);
    }

    #[test]
    fn other_registries_are_refused() {
        let mirror = format!("https://{}.example/simple", "nexus");
        let repository = Repository::with_files(&[
            (
                "Cargo.lock",
                "source = \"registry+https://github.com/rust-lang/crates.io-index\"\nsource = \"git+https://x\"\n",
            ),
            (".cargo/config.toml", "[alias]\n[source.crates-io]\n"),
            ("README.md", &mirror),
        ]);
        let places: Vec<_> = registries(&repository).into_iter().map(|p| p.place).collect();
        assert_eq!(places, ["Cargo.lock:2", ".cargo/config.toml:2", "README.md:1"]);
    }
}
