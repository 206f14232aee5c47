//! `cargo xtask bench`: launches the benchmarks, which are a program of their own (package `le-bench`).

use std::ffi::OsString;

use anyhow::{Context, Result, ensure};

use crate::workspace;

/// Builds the benchmark with optimisation and runs it with `args`.
pub(crate) fn run(args: &[OsString]) -> Result<()> {
    let mut command = workspace::cargo();
    command
        .args(["run", "--release", "--package", "le-bench", "--"])
        .args(args);
    let status = command.status().context("cannot run cargo")?;
    ensure!(status.success(), "the benchmark failed");
    Ok(())
}
