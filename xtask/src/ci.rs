//! `cargo xtask ci`: what a change must pass. The workflows run the same command.

use std::collections::{BTreeSet, HashSet};
use std::net::{TcpStream, ToSocketAddrs};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::Result;

use crate::steps::{self, Outcome, Step, cargo, command_passes, find_tool, need_tool};
use crate::workspace::{self, Metadata, Package};
use crate::{codegen, fixtures, interop, postgres, redis, tidy, widget};

/// The version of cargo-deny that `deny.toml` is written for.
const CARGO_DENY: &str = "0.20.2";

pub(crate) const STEPS: &[Step] = &[
    Step {
        name: "fmt",
        about: "rustfmt finds nothing to change",
        run: |_| cargo(&["fmt", "--all", "--check"]),
    },
    Step {
        name: "codegen",
        about: "generated code agrees with the catalogue",
        run: |root| passes(codegen::run(root, true)),
    },
    Step {
        name: "tidy",
        about: "the repository's own rules",
        run: |root| passes(tidy::run(root)),
    },
    Step {
        name: "fixtures-verify",
        about: "samples are clean and complete",
        run: |root| passes(fixtures::verify(root)),
    },
    Step {
        name: "clippy",
        about: "no warning in any target with all features",
        run: clippy,
    },
    Step {
        name: "tests",
        about: "unit, integration and documentation tests",
        run: tests,
    },
    Step {
        name: "redis",
        about: "leases of fleets on a real Redis server",
        run: redis::step,
    },
    Step {
        name: "postgres",
        about: "exports to a real PostgreSQL server",
        run: postgres::step,
    },
    Step {
        name: "widget",
        about: "the example widget in a real Chromium",
        run: widget::step,
    },
    Step {
        name: "query",
        about: "questions to Parquet datasets, which take DataFusion",
        run: |_| cargo(&["test", "--package", "le-query", "--features", "datafusion"]),
    },
    Step {
        name: "fixtures-refresh",
        about: "recording again gives the committed samples",
        run: |root| passes(fixtures::refresh(root, true, false)),
    },
    Step {
        name: "docs",
        about: "rustdoc has no warning",
        run: docs,
    },
    Step {
        name: "features",
        about: "each crate alone: defaults, no features, every feature by itself",
        run: features,
    },
    Step {
        name: "deny",
        about: "licences, duplicates, sources",
        run: deny,
    },
    Step {
        name: "advisories",
        about: "known vulnerabilities",
        run: advisories,
    },
    Step {
        name: "interop",
        about: "other people's clients, unmodified, against le-sim",
        run: interop::step,
    },
];

fn passes(result: Result<()>) -> Result<Outcome> {
    result.map(|()| Outcome::Passed)
}

fn clippy(_: &Path) -> Result<Outcome> {
    cargo(&[
        "clippy",
        "--workspace",
        "--all-targets",
        "--all-features",
        "--quiet",
        "--",
        "-D",
        "warnings",
    ])
}

fn tests(_: &Path) -> Result<Outcome> {
    if find_tool("cargo-nextest").is_none() {
        return cargo(&["test", "--workspace", "--all-features"]);
    }
    cargo(&["nextest", "run", "--workspace", "--all-features"])?;
    // nextest does not run documentation tests.
    cargo(&["test", "--workspace", "--all-features", "--doc"])
}

fn docs(_: &Path) -> Result<Outcome> {
    let args = ["doc", "--workspace", "--all-features", "--no-deps", "--quiet"];
    let mut command = workspace::cargo();
    command.args(args).env("RUSTDOCFLAGS", "-D warnings");
    command_passes(
        &mut command,
        &format!("RUSTDOCFLAGS='-D warnings' cargo {}", args.join(" ")),
    )
}

/// Each crate by itself. The powerset of all features needs a heavier tool and belongs to `release-check`.
fn features(_: &Path) -> Result<Outcome> {
    let metadata = Metadata::load(false)?;
    let mut failed = Vec::new();
    for arguments in metadata.members().into_iter().flat_map(feature_sets) {
        let mut args = vec!["check", "--quiet"];
        args.extend(arguments.iter().map(String::as_str));
        crate::say(&format!("   cargo {}", args.join(" ")));
        if let Err(error) = cargo(&args) {
            failed.push(format!("{error:#}"));
        }
    }
    anyhow::ensure!(failed.is_empty(), "{}", failed.join("\n"));
    Ok(Outcome::Passed)
}

/// The feature sets that a crate must build with: its defaults, nothing, and each feature on its own; the same set once.
fn feature_sets(package: &Package) -> Vec<Vec<String>> {
    let base = ["--package", &package.name];
    let own = package.features.keys().filter(|name| *name != "default");
    let alone = own.map(|name| (vec!["--no-default-features", "--features", name], Some(name.as_str())));
    let sets = [(vec![], Some("default")), (vec!["--no-default-features"], None)];
    let mut seen = HashSet::new();
    sets.into_iter()
        .chain(alone)
        .filter(|(_, wanted)| seen.insert(enabled(package, wanted.as_slice())))
        .map(|(flags, _)| base.into_iter().chain(flags).map(str::to_owned).collect())
        .collect()
}

/// These features of a crate and all that they bring along.
fn enabled<'a>(package: &'a Package, wanted: &[&'a str]) -> BTreeSet<&'a str> {
    let mut enabled = BTreeSet::new();
    let mut waiting = wanted.to_vec();
    while let Some(name) = waiting.pop() {
        if let Some((name, brings)) = package.features.get_key_value(name)
            && (name == "default" || enabled.insert(name.as_str()))
        {
            waiting.extend(brings.iter().map(String::as_str));
        }
    }
    enabled
}

fn deny(root: &Path) -> Result<Outcome> {
    let mut command = cargo_deny(root)?;
    command.args([
        "--all-features",
        "check",
        "--hide-inclusion-graph",
        "licenses",
        "bans",
        "sources",
    ]);
    command_passes(&mut command, "cargo deny --all-features check licenses bans sources")
}

/// The database of advisories comes from GitHub. Without it nothing can be said, and that is said.
fn advisories(root: &Path) -> Result<Outcome> {
    let cargo_home = std::env::var_os("CARGO_HOME").map_or_else(default_cargo_home, Into::into);
    let database = cargo_home.join("advisory-dbs").is_dir();
    if !database && !reachable("github.com:443") {
        let reason =
            "no advisory database on this machine and github.com cannot be reached; `cargo deny fetch` gets it";
        return Ok(Outcome::NotApplicable(reason.to_owned()));
    }
    let mut command = cargo_deny(root)?;
    command.args(["--all-features", "check", "--hide-inclusion-graph"]);
    if database && !reachable("github.com:443") {
        command.arg("--disable-fetch");
    }
    command.arg("advisories");
    command_passes(&mut command, "cargo deny --all-features check advisories")
}

fn default_cargo_home() -> std::path::PathBuf {
    std::env::home_dir().unwrap_or_default().join(".cargo")
}

fn cargo_deny(root: &Path) -> Result<Command> {
    let mut command = Command::new(need_tool("cargo-deny", "cargo-deny", CARGO_DENY)?);
    command.current_dir(root);
    Ok(command)
}

fn reachable(address: &str) -> bool {
    let Ok(mut addresses) = address.to_socket_addrs() else {
        return false;
    };
    addresses.any(|address| TcpStream::connect_timeout(&address, Duration::from_secs(3)).is_ok())
}

/// Runs the selected steps.
pub(crate) fn run(root: &Path, selection: &steps::Selection) -> Result<()> {
    steps::run(root, STEPS, selection)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sets_of(features: &serde_json::Value) -> Vec<String> {
        let package: Package = serde_json::from_value(serde_json::json!({
            "id": "a", "name": "a", "version": "0.1.0", "manifest_path": "a/Cargo.toml", "dependencies": [],
            "features": features,
        }))
        .unwrap();
        feature_sets(&package).iter().map(|set| set.join(" ")).collect()
    }

    #[test]
    fn every_feature_is_checked_alone() {
        let features = serde_json::json!({ "default": ["tls", "metrics"], "tls": ["dep:rustls"], "metrics": [] });
        let expected = [
            "--package a",
            "--package a --no-default-features",
            "--package a --no-default-features --features metrics",
            "--package a --no-default-features --features tls",
        ];
        assert_eq!(sets_of(&features), expected);
    }

    #[test]
    fn no_set_of_features_is_checked_twice() {
        assert_eq!(sets_of(&serde_json::json!({})), ["--package a"]);
        let features = serde_json::json!({ "default": [], "tls": ["b/tls"], "tls-ring": ["tls"] });
        let expected = [
            "--package a",
            "--package a --no-default-features --features tls",
            "--package a --no-default-features --features tls-ring",
        ];
        assert_eq!(sets_of(&features), expected);
        let features = serde_json::json!({ "default": ["tls"], "tls": ["ring"], "ring": [] });
        let expected = [
            "--package a",
            "--package a --no-default-features",
            "--package a --no-default-features --features ring",
        ];
        assert_eq!(sets_of(&features), expected);
    }
}
