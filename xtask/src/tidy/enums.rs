//! Open enums only: a closed enum breaks on the first value that the vendor adds.

use super::{Problem, Repository};

/// The comment that allows one, with a reason behind it.
const ALLOW: &str = "// tidy:closed-enum ";

/// No `derive(Deserialize)` on an enum with unit variants in a crate that reads the vendor's answers.
pub(super) fn open_only(repository: &Repository) -> Vec<Problem> {
    let mut problems = Vec::new();
    for package in [
        "le-core",
        "le-domain",
        "le-auth",
        "le-data",
        "le-attributes",
        "le-bots",
        "le-export",
    ] {
        for file in repository.sources(package) {
            for number in closed_enums(&file.text) {
                let message =
                    format!("a closed enum that is deserialized: use `open_enum!`, or say why with `{ALLOW}<reason>`");
                problems.push(Problem::new(format!("{}:{number}", file.path), message));
            }
        }
    }
    problems
}

/// The lines on which such enums start.
fn closed_enums(text: &str) -> Vec<usize> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let trimmed = line.trim_start();
        let without_visibility = trimmed
            .trim_start_matches("pub")
            .trim_start_matches("(crate)")
            .trim_start_matches("(super)");
        if !without_visibility.trim_start().starts_with("enum ") {
            continue;
        }
        // The attributes and comments above the declaration belong to it.
        let above: Vec<&str> = lines[..index]
            .iter()
            .rev()
            .map(|line| line.trim())
            .take_while(|line| belongs_to_item(line))
            .collect();
        let derived = above
            .iter()
            .any(|line| line.contains("Deserialize") && !line.starts_with("//"));
        let allowed = above
            .iter()
            .any(|line| line.starts_with(ALLOW) && line.len() > ALLOW.len() + 3);
        if derived && !allowed && has_unit_variant(&lines[index..].join("\n")) {
            found.push(index + 1);
        }
    }
    found
}

fn belongs_to_item(line: &str) -> bool {
    !line.is_empty() && !line.ends_with(';') && !line.ends_with('}')
}

/// Whether the enum that starts `text` has a variant without payload, other than one marked `#[serde(other)]`.
fn has_unit_variant(text: &str) -> bool {
    let Some((_, body)) = text.split_once('{') else {
        return false;
    };
    let (mut depth, mut variant) = (0_i32, String::new());
    for line in body.lines() {
        let code = line.split("//").next().unwrap_or_default().trim();
        if depth == 0 && code.starts_with("#[") {
            continue;
        }
        for c in code.chars() {
            match c {
                '(' | '{' | '[' | '<' => {
                    depth += 1;
                    variant.push(c);
                }
                '}' if depth == 0 => return is_unit(&variant),
                ')' | '}' | ']' | '>' => depth -= 1,
                ',' if depth == 0 => {
                    if is_unit(&variant) {
                        return true;
                    }
                    variant.clear();
                }
                _ if depth == 0 => variant.push(c),
                _ => {}
            }
        }
    }
    false
}

fn is_unit(variant: &str) -> bool {
    let name = variant.split('=').next().unwrap_or_default().trim();
    !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONE: [usize; 0] = [];

    #[test]
    fn a_closed_enum_is_reported_and_can_be_allowed() {
        let closed = "#[derive(Debug, Deserialize)]\n#[serde(rename_all = \"UPPERCASE\")]\npub enum State {\n    /// On, off.\n    Open,\n    Close,\n}\n";
        assert_eq!(closed_enums(closed), [3]);
        assert_eq!(
            closed_enums(&format!("// tidy:closed-enum our own file format\n{closed}")),
            NONE
        );
        assert_eq!(
            closed_enums(&format!("// tidy:closed-enum \n{closed}")),
            [4],
            "an allowance needs a reason"
        );
        let repository = Repository::with_files(&[("crates/le-data/src/state.rs", closed)]);
        assert_eq!(open_only(&repository)[0].place, "crates/le-data/src/state.rs:3");
    }

    #[test]
    fn payloads_and_serialize_only_enums_pass() {
        assert_eq!(
            closed_enums(
                "#[derive(Deserialize)]\n#[serde(untagged)]\nenum Id { Text(String), Number { value: i64 } }\n"
            ),
            NONE
        );
        assert_eq!(closed_enums("#[derive(Serialize)]\nenum State { Open, Close }\n"), NONE);
        assert_eq!(
            closed_enums("struct A;\n\n#[derive(Deserialize)]\nstruct B;\n\nenum State { Open }\n"),
            NONE
        );
        assert_eq!(
            closed_enums("#[derive(Deserialize)]\npub(crate) enum A { X(u8), Y }\n"),
            [2]
        );
    }
}
