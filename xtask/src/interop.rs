//! `cargo xtask interop`: clients that share no code with this repository judge le-sim.
//!
//! Each client is installed into `target/interop`, unmodified, and run against `le sim` as a child process. Its scripts
//! are in `xtask/interop/`. A script is the client's side; the consumer's side and what the simulator has to have seen
//! are here. A failure in a script that le-bots passes means that both ends of this repository agree on something wrong.

mod conduct;
mod consumer;
mod control;
mod node;
mod python;
mod scene;
mod simulator;

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::steps::{self, Outcome, Selection, Step};

const CLIENTS: &[Step] = &[
    Step {
        name: "node-agent-sdk",
        about: "the vendor's own agent client for Node.js",
        run: node::run,
    },
    Step {
        name: "requests-oauthlib",
        about: "signed calls of a Python program to the vendor's host names",
        run: python::run,
    },
];

/// Runs the selected clients.
pub(crate) fn run(root: &Path, selection: &Selection) -> Result<()> {
    steps::run(root, CLIENTS, selection)
}

/// Runs all clients as one step of `cargo xtask ci`.
pub(crate) fn step(root: &Path) -> Result<Outcome> {
    let mut missing = Vec::new();
    let mut failed = Vec::new();
    for client in CLIENTS {
        crate::say(&format!("-- {}: {}", client.name, client.about));
        match (client.run)(root) {
            Ok(Outcome::Missing(reason) | Outcome::NotApplicable(reason)) => missing.push(reason),
            Ok(Outcome::Passed) => {}
            Err(error) => failed.push(format!("{}: {error:#}", client.name)),
        }
    }
    anyhow::ensure!(failed.is_empty(), "{}", failed.join("\n"));
    if missing.is_empty() {
        return Ok(Outcome::Passed);
    }
    Ok(Outcome::Missing(missing.join("; ")))
}

/// Installs the vendor's client for Node.js, and says where it is, or why it is not.
pub(crate) fn node_modules(root: &Path) -> Result<std::result::Result<PathBuf, String>> {
    Ok(node::installed(root)?.map(|(_, scratch)| scratch.join("node_modules")))
}

/// Where a client is installed: nothing outside the target folder is touched.
fn scratch(client: &str) -> PathBuf {
    steps::target_dir().join("interop").join(client)
}

/// Where the scripts of a client are.
fn scripts(root: &Path, client: &str) -> PathBuf {
    root.join("xtask").join("interop").join(client)
}
