//! The vendor's `node-agent-sdk`, with the versions and checksums of `xtask/interop/node/package-lock.json`.

mod seen;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use crate::steps::{Outcome, find_tool};

use super::conduct;
use super::scene::Scene;
use super::simulator::{self, Simulator};

/// The scripts are written for this release of Node.js and later ones.
const OLDEST_NODE: u32 = 18;

/// A script, and what the simulator and the consumer must have seen after it.
struct Scenario {
    name: &'static str,
    seen: fn(&Scene) -> Result<()>,
}

const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "login",
        seen: seen::login,
    },
    Scenario {
        name: "conversation",
        seen: seen::conversation,
    },
    Scenario {
        name: "transfer",
        seen: seen::transfer,
    },
    Scenario {
        name: "endurance",
        seen: seen::endurance,
    },
];

/// Installs the client and runs every scenario, each against a simulator of its own.
pub(super) fn run(root: &Path) -> Result<Outcome> {
    let (node, scratch) = match installed(root)? {
        Ok(found) => found,
        Err(reason) => return Ok(Outcome::Missing(reason)),
    };
    let scripts = super::scripts(root, "node");
    let le = simulator::build()?;
    let mut failed = Vec::new();
    for scenario in SCENARIOS {
        crate::say(&format!("   {}.js", scenario.name));
        if let Err(error) = play(scenario, &node, &scripts, &scratch, &le) {
            failed.push(format!("{}.js: {error:#}", scenario.name));
        }
    }
    ensure!(failed.is_empty(), "{}", failed.join("\n"));
    Ok(Outcome::Passed)
}

/// Node.js and the folder that the client is installed in, or why there is none.
pub(super) fn installed(root: &Path) -> Result<std::result::Result<(PathBuf, PathBuf), String>> {
    let Some((node, npm)) = tools() else {
        let reason = "node and npm are not on the path; install Node.js 18 or newer (https://nodejs.org)";
        return Ok(Err(reason.to_owned()));
    };
    let version = node_version(&node)?;
    if version < OLDEST_NODE {
        let reason = format!("node is version {version}; install Node.js {OLDEST_NODE} or newer (https://nodejs.org)");
        return Ok(Err(reason));
    }
    let scratch = super::scratch("node");
    Ok(match install(&npm, &super::scripts(root, "node"), &scratch)? {
        Some(reason) => Err(reason),
        None => Ok((node, scratch)),
    })
}

fn play(scenario: &Scenario, node: &Path, scripts: &Path, scratch: &Path, le: &Path) -> Result<()> {
    let ca = scratch.join("ca.pem");
    let simulator = Simulator::start(le, &ca)?;
    let mut command = Command::new(node);
    command
        .arg(scripts.join(scenario.name).with_extension("js"))
        .current_dir(scratch)
        // The client is looked up where it was installed, not beside the scripts.
        .env("NODE_PATH", scratch.join("node_modules"))
        .env("NODE_EXTRA_CA_CERTS", &ca)
        // Its dependencies of 2017 use what Node.js has deprecated since.
        .env("NODE_NO_WARNINGS", "1");
    for proxy in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"] {
        command.env_remove(proxy).env_remove(proxy.to_lowercase());
    }
    let mut scene = Scene::new(simulator);
    let settings = scene.simulator.ready.clone();
    conduct::run(command, &settings, |ask, with| scene.serve(ask, with))?;
    (scenario.seen)(&scene)
}

fn tools() -> Option<(PathBuf, PathBuf)> {
    // On Windows npm is a script, whose name has to be given whole.
    let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
    let on_path = |file: &str| {
        let path = std::env::var_os("PATH")?;
        std::env::split_paths(&path)
            .map(|dir| dir.join(file))
            .find(|file| file.is_file())
    };
    Some((find_tool("node")?, on_path(npm)?))
}

fn node_version(node: &Path) -> Result<u32> {
    let output = Command::new(node)
        .arg("--version")
        .output()
        .context("cannot run node")?;
    let text = String::from_utf8_lossy(&output.stdout);
    major(&text).with_context(|| format!("`node --version` printed {:?}", text.trim()))
}

/// 20 of `v20.11.1`.
fn major(version: &str) -> Option<u32> {
    version.trim().strip_prefix('v')?.split('.').next()?.parse().ok()
}

/// Installs the client unless it is there. The reason, where that is not possible.
fn install(npm: &Path, scripts: &Path, scratch: &Path) -> Result<Option<String>> {
    let lock = fs::read(scripts.join("package-lock.json"))?;
    let installed = scratch.join("installed.json");
    if fs::read(&installed).is_ok_and(|present| present == lock) {
        return Ok(None);
    }
    fs::create_dir_all(scratch)?;
    for file in ["package.json", "package-lock.json"] {
        fs::copy(scripts.join(file), scratch.join(file)).with_context(|| format!("cannot copy {file}"))?;
    }
    crate::say("   installing node-agent-sdk into the target folder");
    let output = Command::new(npm)
        // No script of a package is run: the client and what it needs are plain JavaScript.
        .args([
            "ci",
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
            "--loglevel",
            "error",
        ])
        .current_dir(scratch)
        .output()
        .context("cannot run npm")?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let said: Vec<_> = said.lines().take(4).collect();
        return Ok(Some(format!(
            "`npm ci` could not install node-agent-sdk: {}",
            said.join(" ")
        )));
    }
    fs::write(&installed, lock)?;
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_release_of_node_is_read() {
        assert_eq!(major("v20.11.1\n"), Some(20));
        assert_eq!(major("v8.0.0"), Some(8));
        assert_eq!(major("command not found"), None);
    }

    #[test]
    fn every_scenario_has_its_script_and_every_script_its_scenario() {
        let dir = super::super::scripts(&crate::workspace::root(), "node");
        let parts = ["conductor.js", "agent.js"];
        let mut scripts: Vec<String> = fs::read_dir(dir)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name.ends_with(".js") && !parts.contains(&name.as_str()))
            .collect();
        scripts.sort();
        let mut scenarios: Vec<_> = SCENARIOS.iter().map(|one| format!("{}.js", one.name)).collect();
        scenarios.sort();
        assert_eq!(scripts, scenarios);
    }
}
