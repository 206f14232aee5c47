//! Catalogue entries that nothing uses, and operations that the catalogue does not know.

use std::collections::BTreeSet;

use super::{Problem, Repository, code_lines, mentions};
use crate::catalogue::CLIENT_CRATES;

/// The modules of a crate (files or folders right below `src`) whose code uses a constant of the catalogue.
fn users(repository: &Repository, package: &str, constant: &str) -> BTreeSet<String> {
    let used = |text: &str| code_lines(&without_exports(text)).any(|(_, line)| mentions(line, constant));
    let module = |path: &str| {
        let below = path.split_once("/src/").map_or(path, |(_, below)| below);
        below
            .split('/')
            .next()
            .unwrap_or(below)
            .trim_end_matches(".rs")
            .to_owned()
    };
    repository
        .sources(package)
        .filter(|file| used(&file.text))
        .map(|file| module(&file.path))
        .collect()
}

/// The text without its `pub use` statements: to export a constant is not to use it.
fn without_exports(text: &str) -> String {
    let mut out = String::new();
    let mut exporting = false;
    for line in text.lines() {
        exporting |= line.trim_start().starts_with("pub use ");
        if !exporting {
            out.push_str(line);
        }
        out.push('\n');
        exporting &= !line.contains(';');
    }
    out
}

/// Each operation is implemented by one module of its crate, and the crate takes part in code generation at all.
pub(super) fn operations(repository: &Repository) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (package, operation) in repository.catalogue.all_operations() {
        let users = users(repository, package, &operation.constant);
        let place = format!("crates/{package}");
        if users.is_empty() {
            let message = format!("nothing implements {} ({})", operation.id, operation.constant);
            problems.push(Problem::new(place, message));
        } else if users.len() > 1 {
            let message = format!(
                "{} is used by {}; one module implements an operation",
                operation.constant,
                Vec::from_iter(users).join(", ")
            );
            problems.push(Problem::new(place, message));
        }
    }
    problems
}

/// A specification written by hand escapes the catalogue, the simulator and the coverage table.
pub(super) fn outside_the_catalogue(repository: &Repository) -> Vec<Problem> {
    let mut problems = Vec::new();
    for package in CLIENT_CRATES {
        for file in repository.sources(package) {
            // What follows the test module is no product code.
            let product = file.text.split("#[cfg(test)]").next().unwrap_or_default();
            for (number, line) in code_lines(product) {
                if line.contains("OperationSpec {") {
                    let message = "an operation written by hand: put it into fixtures/catalogue/operations/";
                    problems.push(Problem::new(format!("{}:{number}", file.path), message));
                }
            }
        }
    }
    problems
}

/// le-sim serves every operation.
pub(super) fn routes(repository: &Repository) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (_, operation) in repository.catalogue.all_operations() {
        // A handler is found by the constant or by the id.
        let id = format!("\"{}\"", operation.id);
        let by_id = repository
            .sources("le-sim")
            .any(|file| code_lines(&file.text).any(|(_, line)| line.contains(&id)));
        if !by_id && users(repository, "le-sim", &operation.constant).is_empty() {
            let message = format!("no handler uses the route {} ({})", operation.constant, operation.id);
            problems.push(Problem::new("crates/le-sim", message));
        }
    }
    problems
}

fn mentioned(repository: &Repository, package: &str, name: &str) -> bool {
    repository
        .sources(package)
        .any(|file| code_lines(&file.text).any(|(_, line)| mentions(line, name)))
}

/// Each wire enum is public or used in its crate.
pub(super) fn wire_enums(repository: &Repository) -> Vec<Problem> {
    let mut problems = Vec::new();
    for wire in &repository.catalogue.enums {
        let exported = repository
            .sources(&wire.package)
            .any(|file| file.text.contains("generated::enums::*"));
        if !exported && !mentioned(repository, &wire.package, &wire.name) {
            let message = format!("nothing uses the wire enum {}", wire.name);
            problems.push(Problem::new(format!("crates/{}", wire.package), message));
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    fn about(problems: &[Problem], word: &str) -> Vec<String> {
        problems
            .iter()
            .filter(|p| mentions(&p.message, word))
            .map(|p| p.message.clone())
            .collect()
    }

    #[test]
    fn an_operation_without_or_with_two_implementations_is_reported() {
        let one = (
            "crates/le-auth/src/login.rs",
            "use crate::generated::operations::LOGIN;",
        );
        let two = ("crates/le-auth/src/again.rs", "send(&LOGIN)");
        let same = ("crates/le-auth/src/login/refusal.rs", "if spec.id == LOGIN.id {}");
        let comment = ("crates/le-auth/src/comment.rs", "// LOGIN is elsewhere");
        let test = ("crates/le-auth/src/tests.rs", "LOGIN");
        let export = (
            "crates/le-auth/src/lib.rs",
            "pub mod operations {\n    pub use crate::generated::operations::{\n        LOGIN,\n    };\n}",
        );
        assert_eq!(
            about(&operations(&Repository::with_files(&[comment, test])), "LOGIN").len(),
            1
        );
        assert!(
            about(
                &operations(&Repository::with_files(&[one, same, comment, test, export])),
                "LOGIN"
            )
            .is_empty()
        );
        assert!(about(&operations(&Repository::with_files(&[one, two])), "LOGIN")[0].contains("again, login"));
    }

    #[test]
    fn an_operation_written_by_hand_is_reported() {
        let text = "const X: OperationSpec = OperationSpec {\n";
        let by_hand = Repository::with_files(&[("crates/le-data/src/x.rs", text)]);
        assert_eq!(outside_the_catalogue(&by_hand)[0].place, "crates/le-data/src/x.rs:1");
        let generated = Repository::with_files(&[("crates/le-data/src/generated/operations.rs", text)]);
        assert_eq!(outside_the_catalogue(&generated), []);
    }

    #[test]
    fn an_unserved_route_and_an_unused_enum_are_reported() {
        let repository =
            Repository::with_files(&[("crates/le-sim/src/login.rs", "routes::LOGIN;\n\"login.logout\" => x")]);
        let problems = routes(&repository);
        assert!(about(&problems, "LOGIN").is_empty() && about(&problems, "LOGOUT").is_empty());
        assert!(!about(&problems, "REFRESH").is_empty());
        assert!(!about(&wire_enums(&repository), "QueueState").is_empty());
        let exported = Repository::with_files(&[("crates/le-data/src/lib.rs", "pub use generated::enums::*;")]);
        assert!(about(&wire_enums(&exported), "QueueState").is_empty());
    }
}
