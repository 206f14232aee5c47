//! The commands that documents and help texts show are commands of the program.

use std::path::{Path, PathBuf};

use crate::stage::{Stage, le, ran};

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

/// The commands that the documents show.
fn shown_by_documents() -> Vec<Vec<String>> {
    let pages = documents();
    let lines = pages
        .iter()
        .flat_map(|page| typed(&std::fs::read_to_string(page).unwrap()));
    lines.flat_map(|line| commands(&line)).collect()
}

/// The examples in the help of each command.
fn shown_by_help() -> Vec<Vec<String>> {
    let home = tempfile::tempdir().unwrap();
    let mut waiting = vec![Vec::<String>::new()];
    let (mut helps, mut examples) = (0, Vec::new());
    while let Some(command) = waiting.pop() {
        // So wide that no line is broken.
        let mut asking = le(home.path());
        let asking = asking.env("COLUMNS", "500").args(&command).arg("--help");
        let help = ran(asking).succeeds().out;
        helps += 1;
        let below = help.split_once("\nCommands:\n").map_or("", |(_, rest)| rest);
        let names = below.lines().take_while(|line| !line.is_empty());
        let names = names.filter_map(|line| line.split_whitespace().next().filter(|name| *name != "help"));
        waiting.extend(names.map(|name| [&command[..], &[name.to_owned()]].concat()));
        let shown = help.split_once("\nExamples:\n").map_or("", |(_, rest)| rest);
        // An explanation stands behind a command, at a distance.
        let shown = shown.lines().filter_map(|line| line.trim_start().split("   ").next());
        examples.extend(shown.flat_map(commands));
    }
    assert!(helps >= 20, "{helps}");
    examples
}

#[track_caller]
fn all_are_understood(shown: &[Vec<String>]) {
    let home = tempfile::tempdir().unwrap();
    let wrong = shown.iter().filter_map(|words| is_understood(home.path(), words).err());
    let wrong: Vec<_> = wrong.collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(shown.len() >= 40, "{}", shown.len());
}

#[test]
fn the_commands_of_the_documents_are_understood() {
    all_are_understood(&shown_by_documents());
}

#[test]
fn the_examples_of_the_help_are_understood() {
    all_are_understood(&shown_by_help());
}

/// Those to datasets have columns that a SQLite file has not, and need another build.
#[test]
fn the_questions_that_are_shown_to_a_sqlite_file_are_answered() {
    let stage = Stage::new(20);
    stage.run("export run --last 90d").succeeds();
    let mut questions: Vec<_> = shown_by_documents().into_iter().chain(shown_by_help()).collect();
    questions.retain(|words| {
        let elsewhere = words.iter().any(|word| word.contains("://"));
        words.first().is_some_and(|word| word == "query") && !elsewhere
    });
    assert!(questions.len() >= 4, "{questions:?}");
    for words in questions {
        ran(stage.le().args(&words)).succeeds();
    }
}
