//! The real Redis server, for the tests of le-lease-redis.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::debian::{self, Packages};
use crate::steps::{Outcome, command_passes, find_tool, tools_dir};
use crate::workspace;

/// The server and the libraries that a bare system lacks, as Debian packages them.
const PACKAGES: [&str; 5] = ["redis-server", "redis-tools", "libjemalloc2", "liblzf1", "libatomic1"];

/// Runs the tests that need the server. They start it themselves, each its own on a free port.
pub(crate) fn step(_: &Path) -> Result<Outcome> {
    let server = match server()? {
        Ok(server) => server,
        Err(reason) => return Ok(Outcome::Missing(reason)),
    };
    // Of the whole workspace, so that nothing is built anew that its tests have built.
    let args = ["test", "--workspace", "--test", "redis", "--", "--ignored"];
    let mut command = workspace::cargo();
    command.args(args).env("LE_REDIS_SERVER", server);
    command_passes(&mut command, &format!("LE_REDIS_SERVER=.. cargo {}", args.join(" ")))
}

/// Where the server is: on the path, or unpacked into the target folder. Or why there is none.
fn server() -> Result<Result<PathBuf, String>> {
    if let Some(server) = find_tool("redis-server") {
        return Ok(Ok(server));
    }
    let scratch = tools_dir().join("redis");
    let launcher = scratch.join("redis-server");
    if launcher.is_file() {
        return Ok(Ok(launcher));
    }
    crate::say("   unpacking redis-server into the target folder");
    let packages = Packages::Named(&PACKAGES);
    if let Err(reason) = debian::unpack(&packages, &scratch, &scratch.join("root"))? {
        return Ok(Err(format!(
            "no redis-server: {reason}; install it with `apt-get install redis-server`"
        )));
    }
    write_launcher(&scratch, &launcher)?;
    let runs = Command::new(&launcher).arg("--version").output();
    match runs {
        Ok(output) if output.status.success() => Ok(Ok(launcher)),
        outcome => {
            fs::remove_file(&launcher).ok();
            let said = outcome.map(|output| String::from_utf8_lossy(&output.stderr).trim().to_owned());
            Ok(Err(format!(
                "redis-server was unpacked and does not run: {}",
                said.unwrap_or_default()
            )))
        }
    }
}

/// The server finds its libraries beside it; `exec` keeps the process, so that it can be killed.
fn write_launcher(scratch: &Path, launcher: &Path) -> Result<()> {
    let libraries = debian::libraries(&scratch.join("root"), "liblzf.so.1")?;
    let libraries = libraries.context("the packages hold no library folder")?;
    let text = format!(
        "#!/bin/sh\nLD_LIBRARY_PATH='{}' exec '{}' \"$@\"\n",
        libraries.display(),
        scratch.join("root/usr/bin/redis-server").display()
    );
    fs::write(launcher, text)?;
    debian::make_executable(launcher)
}
