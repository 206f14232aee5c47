//! A real Chromium, for the tests of the example widget.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::debian::{self, Packages};
use crate::steps::{Outcome, command_passes, find_tool, tools_dir};
use crate::workspace;

/// The browser and its driver.
struct Browser {
    chromium: PathBuf,
    driver: PathBuf,
}

/// Runs the tests that need the browser. They start it themselves, each its own with an empty profile.
pub(crate) fn step(_: &Path) -> Result<Outcome> {
    let browser = match browser()? {
        Ok(browser) => browser,
        Err(reason) => return Ok(Outcome::Missing(reason)),
    };
    // Of the whole workspace, so that nothing is built anew that its tests have built.
    let args = ["test", "--workspace", "--test", "widget", "--", "--include-ignored"];
    let mut command = workspace::cargo();
    command
        .args(args)
        .env("LE_CHROMIUM", browser.chromium)
        .env("LE_CHROMEDRIVER", browser.driver);
    let shown = format!("LE_CHROMIUM=.. LE_CHROMEDRIVER=.. cargo {}", args.join(" "));
    command_passes(&mut command, &shown)
}

/// Where they are: on the path, or unpacked into the target folder. Or why there are none.
fn browser() -> Result<Result<Browser, String>> {
    if let (Some(chromium), Some(driver)) = (find_tool("chromium"), find_tool("chromedriver")) {
        return Ok(Ok(Browser { chromium, driver }));
    }
    let scratch = tools_dir().join("chromium");
    let browser = Browser {
        chromium: scratch.join("chromium"),
        driver: scratch.join("chromedriver"),
    };
    if browser.chromium.is_file() && browser.driver.is_file() {
        return Ok(Ok(browser));
    }
    crate::say("   unpacking Chromium and its driver into the target folder");
    let root = scratch.join("root");
    if let Err(reason) = debian::unpack(&Packages::With("chromium-driver"), &scratch, &root)? {
        return Ok(Err(format!(
            "no Chromium: {reason}; install it with `apt-get install chromium chromium-driver`"
        )));
    }
    let libraries = debian::machine_libraries(&root);
    write_launcher(&root, libraries.as_deref(), "usr/bin/chromedriver", &browser.driver)?;
    write_launcher(
        &root,
        libraries.as_deref(),
        "usr/lib/chromium/chromium",
        &browser.chromium,
    )?;
    Ok(runs(&browser.driver)
        .and_then(|()| runs(&browser.chromium))
        .map(|()| browser))
}

/// Whether the program starts; without it nothing is left that says so.
fn runs(launcher: &Path) -> Result<(), String> {
    match Command::new(launcher).arg("--version").output() {
        Ok(output) if output.status.success() => Ok(()),
        outcome => {
            fs::remove_file(launcher).ok();
            let said = outcome.map(|output| String::from_utf8_lossy(&output.stderr).trim().to_owned());
            let said = said.unwrap_or_else(|error| error.to_string());
            Err(format!("Chromium was unpacked and does not run: {said}"))
        }
    }
}

/// The program finds its libraries and fonts beside it; `exec` keeps the process, so that it can be killed.
fn write_launcher(root: &Path, libraries: Option<&Path>, program: &str, launcher: &Path) -> Result<()> {
    let libraries = libraries.map_or_else(|| root.join("usr/lib"), Path::to_path_buf);
    let (libraries, root) = (libraries.display(), root.display());
    let text = format!(
        "#!/bin/sh\nLD_LIBRARY_PATH='{libraries}:{libraries}/pulseaudio' XDG_DATA_HOME='{root}/usr/share' \
         exec '{root}/{program}' \"$@\"\n"
    );
    fs::write(launcher, text).with_context(|| format!("cannot write {}", launcher.display()))?;
    debian::make_executable(launcher)
}
