//! The commands that documents and help texts show are commands of the program.

use std::path::{Path, PathBuf};

use crate::stage::{le, ran};

/// Ends one command of a line and begins the next, or says where its output goes.
const BETWEEN: [&str; 9] = ["|", "||", "&&", "&", ">", ">>", "do", "done", ";"];

fn documents() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let inside = |folder: PathBuf| std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let readmes = inside(root.join("crates")).map(|folder| folder.join("README.md"));
    let pages = inside(root.clone()).chain(inside(root.join("docs"))).chain(readmes);
    pages
        .filter(|page| page.extension().is_some_and(|extension| extension == "md") && page.is_file())
        .collect()
}

/// The lines of a page that are typed into a terminal.
fn typed(page: &str) -> Vec<String> {
    let mut lines = Vec::new();
    for block in page.split("\n```").skip(1).step_by(2) {
        let (language, text) = block.split_once('\n').unwrap_or((block, ""));
        if matches!(language, "sh" | "console") {
            let text = text.replace("\\\n", " ");
            lines.extend(text.lines().map(|line| line.trim_start_matches("$ ").to_owned()));
        }
    }
    lines
}

/// The words behind `le` of each command in a line.
fn commands(line: &str) -> Vec<Vec<String>> {
    let words = shlex::split(line).unwrap_or_default();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    words
        .split(|word| BETWEEN.contains(word))
        .filter_map(|words| {
            let set = words.iter().take_while(|word| is_assignment(word)).count();
            match &words[set..] {
                ["le", rest @ ..] | ["cargo", "run", _, "le-cli", "--", rest @ ..] => {
                    Some(rest.iter().map(|word| (*word).to_owned()).collect())
                }
                _ => None,
            }
        })
        .collect()
}

fn is_assignment(word: &str) -> bool {
    let name = word.split_once('=').map(|(name, _)| name);
    name.is_some_and(|name| name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_'))
}

/// Has the program read the command, and do no more than to print its help.
fn is_understood(home: &Path, words: &[String]) -> Result<(), String> {
    let run = ran(le(home).args(words).arg("--help"));
    match run.code {
        0 => Ok(()),
        _ => Err(format!(
            "le {}: {}",
            words.join(" "),
            run.err.lines().next().unwrap_or_default()
        )),
    }
}

fn check(lines: impl IntoIterator<Item = String>) -> usize {
    let home = tempfile::tempdir().unwrap();
    let shown: Vec<_> = lines.into_iter().flat_map(|line| commands(&line)).collect();
    let wrong: Vec<_> = shown
        .iter()
        .filter_map(|words| is_understood(home.path(), words).err())
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    shown.len()
}

#[test]
fn the_commands_of_the_documents_are_understood() {
    let pages = documents();
    let lines = pages
        .iter()
        .flat_map(|page| typed(&std::fs::read_to_string(page).unwrap()));
    assert!(check(lines) >= 40);
}

#[test]
fn the_examples_of_the_help_are_understood() {
    let home = tempfile::tempdir().unwrap();
    let mut waiting = vec![Vec::<String>::new()];
    let (mut helps, mut examples) = (0, Vec::new());
    while let Some(command) = waiting.pop() {
        let help = ran(le(home.path()).env("COLUMNS", "500").args(&command).arg("--help"))
            .succeeds()
            .out;
        helps += 1;
        let names = help
            .split("\nCommands:\n")
            .nth(1)
            .and_then(|rest| rest.split("\n\n").next());
        let names = names
            .into_iter()
            .flat_map(str::lines)
            .filter_map(|line| line.strip_prefix("  "));
        let names = names.filter(|line| !line.starts_with(' ') && !line.starts_with("help"));
        let names = names.filter_map(|line| line.split_whitespace().next());
        waiting.extend(names.map(|name| [&command[..], &[name.to_owned()]].concat()));
        // An explanation stands behind a command, at a distance.
        let shown = help.split("\nExamples:\n").nth(1).into_iter().flat_map(str::lines);
        examples.extend(shown.map(|line| line.trim_start().split("   ").next().unwrap_or_default().to_owned()));
    }
    assert!(helps >= 20, "{helps}");
    assert!(check(examples) >= 40);
}
