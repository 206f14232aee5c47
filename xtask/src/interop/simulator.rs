//! `le sim` as a child process, by its driver contract.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{OnceLock, mpsc};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use crate::workspace;

use super::control::Control;

/// How long the simulator may take until it is ready.
const READY: Duration = Duration::from_secs(30);

/// Builds the command line tool, once in a run, and gives the path of the program.
pub(super) fn build() -> Result<PathBuf> {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    if let Some(program) = BUILT.get() {
        return Ok(program.clone());
    }
    let program = workspace::built(&["--package", "le-cli", "--bin", "le"], "le")?;
    Ok(BUILT.get_or_init(|| program).clone())
}

/// A running simulator. It ends when this is dropped.
#[derive(Debug)]
pub(super) struct Simulator {
    child: Child,
    /// The ready line.
    pub(super) ready: Value,
    pub(super) control: Control,
}

impl Simulator {
    /// Starts `le sim --tls` with the stand-in proxy beside it; the certificate of its authority goes to `ca`.
    pub(super) fn start(le: &Path, ca: &Path) -> Result<Self> {
        let mut child = Command::new(le)
            .args(["sim", "--tls", "--listen", "127.0.0.1:0", "--proxy", "127.0.0.1:0"])
            .args(["--conversations", "50", "--ca-out"])
            .arg(ca)
            // What it logs belongs to the run of a client only where that fails.
            .env("RUST_LOG", "warn")
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start {}", le.display()))?;
        let ready = match ready_line(&mut child) {
            Ok(ready) => ready,
            Err(error) => {
                end(&mut child);
                return Err(error);
            }
        };
        let plain = ready["plain"].as_str().unwrap_or_default().to_owned();
        Ok(Self {
            child,
            ready,
            control: Control::new(plain),
        })
    }

    /// Requests of the log as `(route, status)`, oldest first.
    pub(super) fn requests(&self) -> Result<Vec<(String, u64)>> {
        let log = self.control.get("/requests")?;
        let lines = log.as_array().context("GET /_sim/requests is not a list")?;
        let line = |line: &Value| {
            let route = line["route"].as_str().unwrap_or_default().to_owned();
            (route, line["status"].as_u64().unwrap_or(0))
        };
        Ok(lines.iter().map(line).collect())
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        end(&mut self.child);
    }
}

/// Nothing is lost with it, so it is not asked.
fn end(child: &mut Child) {
    // It may have ended by itself; then there is nothing to do.
    let _ = child.kill();
    let _ = child.wait();
}

fn ready_line(child: &mut Child) -> Result<Value> {
    let output = child.stdout.take().context("the simulator has no standard output")?;
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let mut line = String::new();
        let read = BufReader::new(output).read_line(&mut line);
        let _ = sender.send(read.map(|_| line));
    });
    let line = receiver
        .recv_timeout(READY)
        .with_context(|| format!("`le sim` was not ready within {} s", READY.as_secs()))??;
    let ready: Value = serde_json::from_str(&line).context("`le sim` did not print a ready line")?;
    ensure!(ready["ready"] == true, "the first line of `le sim` is not a ready line");
    Ok(ready)
}
