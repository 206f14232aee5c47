//! A list of checks that are all run, timed and summed up, so that one failure does not hide another.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};

use crate::workspace;

/// One check.
pub(crate) struct Step {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    pub(crate) run: fn(&Path) -> Result<Outcome>,
}

/// How a check ended, short of failing.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Passed,
    /// It could not run here, for a reason that the reader can change. A failure where `CI` is set.
    Missing(String),
    /// It does not apply here, and that is no fault: the reason.
    NotApplicable(String),
}

/// Which steps to run.
pub(crate) struct Selection {
    pub(crate) only: Vec<String>,
    pub(crate) skip: Vec<String>,
    pub(crate) list: bool,
}

/// Runs the selected steps, all of them, then fails if one failed.
pub(crate) fn run(root: &Path, steps: &[Step], selection: &Selection) -> Result<()> {
    if selection.list {
        for step in steps {
            crate::say(&format!("{:<18} {}", step.name, step.about));
        }
        return Ok(());
    }
    let selected = select(steps, selection)?;
    let strict = std::env::var_os("CI").is_some_and(|value| !value.is_empty() && value != "false");
    let mut results = Vec::new();
    for step in selected {
        crate::say(&format!("\n== {}: {}", step.name, step.about));
        let started = Instant::now();
        let result = settle((step.run)(root), strict);
        if let Err(error) = &result {
            crate::complain(&format!("error: {error:#}"));
        }
        results.push((step.name, result, started.elapsed()));
    }
    summarize(&results)
}

fn select<'a>(steps: &'a [Step], selection: &Selection) -> Result<Vec<&'a Step>> {
    for name in selection.only.iter().chain(&selection.skip) {
        let names: Vec<_> = steps.iter().map(|step| step.name).collect();
        ensure!(
            names.contains(&name.as_str()),
            "no step is named {name:?}; the steps are {}",
            names.join(", ")
        );
    }
    let wanted = |step: &&Step| {
        let named = |list: &[String]| list.iter().any(|name| name == step.name);
        (selection.only.is_empty() || named(&selection.only)) && !named(&selection.skip)
    };
    Ok(steps.iter().filter(wanted).collect())
}

/// What a step came to: a note, or the reason why it failed.
fn settle(result: Result<Outcome>, strict: bool) -> Result<String> {
    match result? {
        Outcome::Passed => Ok("passed".to_owned()),
        Outcome::Missing(reason) if strict => bail!("{reason}"),
        Outcome::Missing(reason) => Ok(format!("SKIPPED: {reason}")),
        Outcome::NotApplicable(reason) => Ok(format!("not run: {reason}")),
    }
}

fn summarize(results: &[(&str, Result<String>, Duration)]) -> Result<()> {
    crate::say("\n== summary");
    let mut failed = Vec::new();
    for (name, result, time) in results {
        let text = match result {
            Ok(text) => text.as_str(),
            Err(_) => {
                failed.push(*name);
                "FAILED"
            }
        };
        crate::say(&format!("{name:<18} {:>7.1} s  {text}", time.as_secs_f64()));
    }
    let total: f64 = results.iter().map(|(_, _, time)| time.as_secs_f64()).sum();
    crate::say(&format!("{:<18} {total:>7.1} s", "total"));
    ensure!(failed.is_empty(), "failed: {}", failed.join(", "));
    Ok(())
}

/// Runs `cargo` with these arguments; fails with the command line to repeat.
pub(crate) fn cargo(args: &[&str]) -> Result<Outcome> {
    let mut command = workspace::cargo();
    command.args(args);
    command_passes(&mut command, &format!("cargo {}", args.join(" ")))
}

/// Runs a command; fails with `shown`.
pub(crate) fn command_passes(command: &mut Command, shown: &str) -> Result<Outcome> {
    let status = command.status().with_context(|| format!("cannot run `{shown}`"))?;
    ensure!(status.success(), "`{shown}` failed");
    Ok(Outcome::Passed)
}

/// Where `program` is: on the path, or among the tools that a task installed into the target folder.
pub(crate) fn find_tool(program: &str) -> Option<PathBuf> {
    let file = format!("{program}{}", std::env::consts::EXE_SUFFIX);
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain([tools_dir().join("bin")])
        .map(|dir| dir.join(&file))
        .find(|path| path.is_file())
}

/// Tools are installed here, so that a task changes nothing outside the checkout.
pub(crate) fn tools_dir() -> PathBuf {
    target_dir().join("tools")
}

/// Where cargo builds.
pub(crate) fn target_dir() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| workspace::root().join("target"), PathBuf::from)
}

/// Finds `program`, or installs `package` at `version` (unoptimised: it runs once).
pub(crate) fn need_tool(program: &str, package: &str, version: &str) -> Result<PathBuf> {
    if let Some(path) = find_tool(program) {
        return Ok(path);
    }
    crate::say(&format!(
        "{program} is not installed: building {package} {version} into the target folder"
    ));
    let dir = tools_dir();
    let mut command = workspace::cargo();
    command
        .args([
            "install",
            package,
            "--version",
            version,
            "--locked",
            "--debug",
            "--root",
        ])
        .arg(&dir);
    command.env("CARGO_PROFILE_DEV_DEBUG", "0");
    let shown = format!("cargo install {package} --version {version} --locked");
    command_passes(&mut command, &shown)?;
    find_tool(program).with_context(|| format!("`{shown}` did not install {program}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEPS: &[Step] = &[
        Step {
            name: "good",
            about: "passes",
            run: |_| Ok(Outcome::Passed),
        },
        Step {
            name: "bad",
            about: "fails",
            run: |_| bail!("broken"),
        },
        Step {
            name: "absent",
            about: "lacks a tool",
            run: |_| Ok(Outcome::Missing("no tool".into())),
        },
    ];

    fn selection(only: &[&str], skip: &[&str]) -> Selection {
        let own = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Selection {
            only: own(only),
            skip: own(skip),
            list: false,
        }
    }

    fn names(only: &[&str], skip: &[&str]) -> Vec<&'static str> {
        select(STEPS, &selection(only, skip))
            .unwrap()
            .iter()
            .map(|step| step.name)
            .collect()
    }

    #[test]
    fn steps_are_selected_by_name() {
        assert_eq!(names(&[], &[]), ["good", "bad", "absent"]);
        assert_eq!(names(&["bad"], &[]), ["bad"]);
        assert_eq!(names(&[], &["bad"]), ["good", "absent"]);
        assert!(
            select(STEPS, &selection(&["tset"], &[])).is_err(),
            "a misspelt step must not pass as an empty run"
        );
    }

    #[test]
    fn a_failing_step_fails_the_run_and_a_missing_tool_fails_in_ci() {
        let error = run(Path::new("."), STEPS, &selection(&["good", "bad"], &[])).unwrap_err();
        assert_eq!(error.to_string(), "failed: bad");
        assert!(run(Path::new("."), STEPS, &selection(&["good"], &[])).is_ok());
        assert!(settle(Ok(Outcome::Missing("x".into())), true).is_err());
        assert!(settle(Ok(Outcome::Missing("x".into())), false).is_ok());
        assert!(settle(Ok(Outcome::NotApplicable("x".into())), true).is_ok());
    }
}
