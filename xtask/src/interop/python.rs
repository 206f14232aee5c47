//! A Python program that signs with `requests-oauthlib` and reaches the simulator by the vendor's host names.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::steps::{Outcome, find_tool};

use super::conduct::{self, check};
use super::simulator::{self, Simulator};

/// Installs the packages and runs `history.py`.
pub(super) fn run(root: &Path) -> Result<Outcome> {
    let Some(python) = find_tool("python3").or_else(|| find_tool("python")) else {
        let reason = "python3 is not on the path; install Python 3.9 or newer (https://www.python.org)";
        return Ok(Outcome::Missing(reason.to_owned()));
    };
    let scripts = super::scripts(root, "python");
    let scratch = super::scratch("python");
    let python = match install(&python, &scripts, &scratch)? {
        Ok(python) => python,
        Err(reason) => return Ok(Outcome::Missing(reason)),
    };
    let le = simulator::build()?;
    let ca = scratch.join("ca.pem");
    let simulator = Simulator::start(&le, &ca)?;
    let proxy = simulator.ready["proxy"]
        .as_str()
        .context("the simulator has no stand-in proxy")?;
    crate::say("   history.py");
    let mut command = Command::new(python);
    command
        .arg(scripts.join("history.py"))
        .current_dir(&scratch)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("REQUESTS_CA_BUNDLE", &ca)
        .env("HTTPS_PROXY", format!("http://{proxy}"))
        .env_remove("https_proxy")
        .env_remove("NO_PROXY")
        .env_remove("no_proxy");
    conduct::run(command, &simulator.ready, |ask, _| {
        anyhow::bail!("nobody here can do {ask}")
    })?;
    seen(&simulator)?;
    Ok(Outcome::Passed)
}

fn seen(simulator: &Simulator) -> Result<()> {
    let requests = simulator.requests()?;
    let count = |route: &str, status: u64| {
        let same = |(r, s): &&(String, u64)| r == route && *s == status;
        requests.iter().filter(same).count()
    };
    let counts = (
        count("domain.service", 200),
        count("messaging_interactions.search", 200),
        count("messaging_interactions.search", 401),
        count("messaging_interactions.search", 403),
    );
    check("le-sim saw one discovery, three signed calls and three refused ones", {
        (counts == (1, 3, 2, 1))
            .then_some(())
            .with_context(|| format!("(discovered, answered, 401, 403) = {counts:?}"))
    })
}

/// Installs the packages unless they are there. The interpreter, or the reason why there is none.
fn install(python: &Path, scripts: &Path, scratch: &Path) -> Result<Result<PathBuf, String>> {
    let own = if cfg!(windows) {
        scratch.join("venv").join("Scripts").join("python.exe")
    } else {
        scratch.join("venv").join("bin").join("python")
    };
    let requirements = scripts.join("requirements.txt");
    let wanted = fs::read(&requirements)?;
    let installed = scratch.join("installed.txt");
    if own.is_file() && fs::read(&installed).is_ok_and(|present| present == wanted) {
        return Ok(Ok(own));
    }
    crate::say("   installing requests-oauthlib into the target folder");
    fs::create_dir_all(scratch)?;
    let mut venv = Command::new(python);
    venv.args(["-m", "venv"]).arg(scratch.join("venv"));
    let mut pip = Command::new(&own);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"])
        .arg(&requirements);
    for (command, shown) in [(&mut venv, "python3 -m venv"), (&mut pip, "pip install")] {
        let output = command.output().with_context(|| format!("cannot run {shown}"))?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            let last = said.lines().next_back().unwrap_or("no reason given");
            return Ok(Err(format!("`{shown}` failed: {last}")));
        }
    }
    fs::write(&installed, wanted)?;
    Ok(Ok(own))
}
