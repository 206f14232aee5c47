//! `cargo xtask bench`: launches the benchmarks, which are a program of their own (package `le-bench`).

use std::ffi::OsString;

use anyhow::{Context, Result, ensure};

use crate::{interop, workspace};

/// Where the program finds the vendor's client, for the bot that is measured against it.
const NODE_MODULES: &str = "LE_BENCH_NODE_MODULES";

/// Builds the benchmark with optimisation and runs it with `args`.
pub(crate) fn run(args: &[OsString]) -> Result<()> {
    let mut command = workspace::cargo();
    command
        .args(["run", "--release", "--package", "le-bench", "--"])
        .args(args);
    match interop::node_modules(&workspace::root())? {
        Ok(modules) => _ = command.env(NODE_MODULES, modules),
        Err(reason) => crate::say(&format!("without the bot on node-agent-sdk: {reason}")),
    }
    let status = command.status().context("cannot run cargo")?;
    ensure!(status.success(), "the benchmark failed");
    Ok(())
}
