//! `cargo xtask release-check`: the slower checks before a release.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::steps::{self, Outcome, Step, cargo, command_passes, find_tool};
use crate::workspace::Metadata;

const STEPS: &[Step] = &[
    Step {
        name: "package",
        about: "every crate packages and builds from its package",
        run: package,
    },
    Step {
        name: "semver",
        about: "no crate breaks its users within a version",
        run: semver,
    },
    Step {
        name: "powerset",
        about: "every combination of features builds",
        run: powerset,
    },
    Step {
        name: "msrv",
        about: "the workspace builds with the Rust version that it states",
        run: msrv,
    },
];

/// Runs the selected steps.
pub(crate) fn run(root: &Path, selection: &steps::Selection) -> Result<()> {
    steps::run(root, STEPS, selection)
}

fn package(_: &Path) -> Result<Outcome> {
    let metadata = Metadata::load(false)?;
    // `--workspace` lets the packages find each other before any of them is published.
    let mut args = vec!["package", "--workspace", "--quiet"];
    for member in metadata.members().into_iter().filter(|member| !member.is_published()) {
        args.extend(["--exclude", &member.name]);
    }
    cargo(&args)
}

/// Compares each crate with its last tag `<crate>-v<version>`.
fn semver(root: &Path) -> Result<Outcome> {
    let metadata = Metadata::load(false)?;
    let mut tagged = Vec::new();
    for member in metadata.members().into_iter().filter(|member| member.is_published()) {
        if let Some(tag) = last_tag(root, &member.name)? {
            tagged.push((member.name.clone(), tag));
        }
    }
    if tagged.is_empty() {
        return Ok(Outcome::NotApplicable("no crate has a tag to compare with".to_owned()));
    }
    if find_tool("cargo-semver-checks").is_none() {
        return Ok(missing("cargo-semver-checks"));
    }
    for (name, tag) in tagged {
        cargo(&["semver-checks", "--package", &name, "--baseline-rev", &tag])?;
    }
    Ok(Outcome::Passed)
}

fn last_tag(root: &Path, package: &str) -> Result<Option<String>> {
    let pattern = format!("{package}-v*");
    let output = Command::new("git")
        .args(["tag", "--list", &pattern, "--sort=-version:refname", "--merged"])
        .current_dir(root)
        .output()
        .context("cannot run git")?;
    ensure!(
        output.status.success(),
        "git tag failed: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(String::from_utf8_lossy(&output.stdout)
        .lines()
        .next()
        .map(str::to_owned))
}

fn powerset(_: &Path) -> Result<Outcome> {
    if find_tool("cargo-hack").is_none() {
        return Ok(missing("cargo-hack"));
    }
    cargo(&[
        "hack",
        "check",
        "--workspace",
        "--feature-powerset",
        "--no-dev-deps",
        "--exclude",
        "xtask",
    ])
}

fn msrv(_: &Path) -> Result<Outcome> {
    let metadata = Metadata::load(false)?;
    let stated = metadata
        .members()
        .into_iter()
        .find_map(|member| member.rust_version.clone());
    let stated = stated.context("no rust-version is stated in Cargo.toml")?;
    let listed = Command::new("rustup")
        .args(["run", &stated, "rustc", "--version"])
        .output();
    if !listed.is_ok_and(|output| output.status.success()) {
        return Ok(Outcome::Missing(format!(
            "Rust {stated} is not installed: `rustup toolchain install {stated}`"
        )));
    }
    let mut command = Command::new("rustup");
    command.args([
        "run",
        &stated,
        "cargo",
        "check",
        "--workspace",
        "--all-features",
        "--quiet",
    ]);
    // The variables of the cargo that runs this task would win over `rustup run`.
    for name in ["CARGO", "RUSTC", "RUSTDOC", "RUSTUP_TOOLCHAIN"] {
        command.env_remove(name);
    }
    command.current_dir(crate::workspace::root());
    command_passes(
        &mut command,
        &format!("rustup run {stated} cargo check --workspace --all-features"),
    )
}

fn missing(tool: &str) -> Outcome {
    Outcome::Missing(format!("{tool} is not installed: `cargo install {tool} --locked`"))
}
