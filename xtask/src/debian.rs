//! Programs from Debian's packages, unpacked into a folder: that needs no rights, and leaves the system as it is.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::steps::{command_passes, find_tool};

/// Which packages are wanted.
pub(crate) enum Packages<'a> {
    /// These.
    Named(&'a [&'a str]),
    /// This one, and all that it needs and the system lacks.
    With(&'a str),
}

/// Gets the packages into `scratch` and unpacks them into `root`. Or why not.
pub(crate) fn unpack(packages: &Packages<'_>, scratch: &Path, root: &Path) -> Result<Result<(), String>> {
    let (Some(apt), Some(dpkg)) = (find_tool("apt-get"), find_tool("dpkg")) else {
        return Ok(Err("it is not installed, and this is no Debian".to_owned()));
    };
    fs::create_dir_all(root).with_context(|| format!("cannot make {}", root.display()))?;
    if let Err(reason) = download(packages, &apt, scratch)? {
        // Lists that are old, or were never fetched, name packages that are not there. Only root may fetch them.
        let fetched = Command::new(&apt).args(["update", "--quiet"]).output();
        if !fetched.is_ok_and(|output| output.status.success()) {
            return Ok(Err(reason));
        }
        if let Err(reason) = download(packages, &apt, scratch)? {
            return Ok(Err(reason));
        }
    }
    for entry in fs::read_dir(scratch)? {
        let package = entry?.path();
        if package.extension().is_some_and(|extension| extension == "deb") {
            let mut command = Command::new(&dpkg);
            command.arg("-x").arg(&package).arg(root);
            command_passes(&mut command, "dpkg -x")?;
        }
    }
    Ok(Ok(()))
}

fn download(packages: &Packages<'_>, apt: &Path, scratch: &Path) -> Result<Result<(), String>> {
    let names = match packages {
        Packages::Named(names) => names.iter().map(|name| (*name).to_owned()).collect(),
        Packages::With(name) => needed(apt, name)?,
    };
    if names.is_empty() {
        return Ok(Err("`apt-get install --print-uris` names no packages".to_owned()));
    }
    let output = Command::new(apt)
        .arg("download")
        .args(names)
        .current_dir(scratch)
        .output()
        .context("cannot run apt-get")?;
    if output.status.success() {
        return Ok(Ok(()));
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let last = said.lines().next_back().unwrap_or("no reason given");
    Ok(Err(format!("`apt-get download` failed: {last}")))
}

fn needed(apt: &Path, package: &str) -> Result<Vec<String>> {
    let wanted = Command::new(apt)
        .args(["install", "--yes", "--print-uris", "--no-install-recommends", package])
        .output()
        .context("cannot run apt-get")?;
    Ok(names(&String::from_utf8_lossy(&wanted.stdout)))
}

/// A line is: 'address' name_version_architecture.deb size hash
fn names(text: &str) -> Vec<String> {
    text.lines()
        .filter_map(|line| Some(line.split_whitespace().nth(1)?.split_once('_')?.0.to_owned()))
        .collect()
}

/// The folder below `<root>/usr/lib` that holds this library.
pub(crate) fn libraries(root: &Path, library: &str) -> Result<Option<PathBuf>> {
    Ok(fs::read_dir(root.join("usr/lib"))?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .find(|path| path.join(library).exists()))
}

/// The folder of the machine's libraries below `<root>/usr/lib`, e.g. `x86_64-linux-gnu`, if a package brought one.
pub(crate) fn machine_libraries(root: &Path) -> Option<PathBuf> {
    let folders = fs::read_dir(root.join("usr/lib")).ok()?;
    folders
        .filter_map(|entry| Some(entry.ok()?.path()))
        .find(|path| path.to_string_lossy().contains("-linux-gnu"))
}

/// Lets a script that was written be run.
#[cfg(unix)]
pub(crate) fn make_executable(path: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    Ok(fs::set_permissions(path, fs::Permissions::from_mode(0o755))?)
}

/// Only Debian has packages to unpack.
#[cfg(not(unix))]
pub(crate) fn make_executable(_: &Path) -> Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_are_read_from_what_would_be_fetched() {
        let text = "Reading package lists...\n'http://x/libpq5_15.deb' libpq5_15.1-1_amd64.deb 1 SHA256:0\n";
        assert_eq!(names(text), ["libpq5"]);
    }
}
