//! The workspace as cargo sees it: its root, its packages, their dependencies.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use serde_json::Value;

/// The folder of the root manifest.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .map_or_else(|| PathBuf::from("."), Path::to_owned)
}

/// The cargo that runs this program.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    command
}

/// Builds one program of the workspace, named by `selection`, e.g. `--package le-cli --bin le`, and gives its path.
pub(crate) fn built(selection: &[&str], program: &str) -> Result<PathBuf> {
    let shown = format!("cargo build {}", selection.join(" "));
    let mut command = cargo();
    command
        .args(["build", "--quiet", "--message-format", "json-render-diagnostics"])
        .args(selection)
        .stderr(Stdio::inherit());
    let output = command.output().context("cannot run cargo")?;
    ensure!(output.status.success(), "`{shown}` failed");
    let messages = output.stdout.split(|byte| *byte == b'\n');
    let path = messages
        .filter_map(|line| serde_json::from_slice::<Value>(line).ok())
        .filter(|message| message["target"]["name"] == program)
        .find_map(|message| message["executable"].as_str().map(PathBuf::from));
    path.with_context(|| format!("`{shown}` did not say where it put the program `{program}`"))
}

/// The paths that git tracks, relative to the root, sorted.
pub(crate) fn tracked_files(root: &Path) -> Result<Vec<String>> {
    // New files count before their first commit, ignored ones never do.
    let output = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root)
        .output()
        .context("cannot run git")?;
    ensure!(
        output.status.success(),
        "git ls-files failed: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = String::from_utf8(output.stdout).context("git ls-files: a path is not UTF-8")?;
    let mut files: Vec<String> = text
        .split('\0')
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect();
    files.retain(|name| root.join(name).is_file());
    files.sort();
    files.dedup();
    Ok(files)
}

/// What `cargo metadata` says, in the parts that the tasks use.
#[derive(Debug, Deserialize)]
pub(crate) struct Metadata {
    pub(crate) packages: Vec<Package>,
    pub(crate) workspace_members: Vec<String>,
}

/// A package of the workspace or of the dependency tree.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Package {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) version: String,
    manifest_path: PathBuf,
    pub(crate) rust_version: Option<String>,
    pub(crate) license: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) repository: Option<String>,
    pub(crate) readme: Option<PathBuf>,
    #[serde(default)]
    pub(crate) keywords: Vec<String>,
    #[serde(default)]
    pub(crate) categories: Vec<String>,
    /// An empty list means that the package is never published.
    pub(crate) publish: Option<Vec<String>>,
    pub(crate) dependencies: Vec<Dependency>,
    pub(crate) features: std::collections::BTreeMap<String, Vec<String>>,
    pub(crate) metadata: Option<serde_json::Value>,
}

impl Package {
    /// The folder of the package below `root`, with forward slashes.
    pub(crate) fn dir(&self, root: &Path) -> String {
        let dir = self.manifest_path.parent().unwrap_or(Path::new(""));
        let below = dir.strip_prefix(root).unwrap_or(dir);
        below
            .components()
            .map(|part| part.as_os_str().to_string_lossy())
            .collect::<Vec<_>>()
            .join("/")
    }

    /// Whether the package goes to a registry.
    pub(crate) fn is_published(&self) -> bool {
        self.publish.as_ref().is_none_or(|registries| !registries.is_empty())
    }
}

/// A dependency as the manifest states it.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Dependency {
    pub(crate) name: String,
    pub(crate) req: String,
    /// `dev` or `build`; nothing for an ordinary one.
    pub(crate) kind: Option<String>,
    /// Set for dependencies inside the workspace.
    pub(crate) path: Option<PathBuf>,
}

impl Metadata {
    /// Runs `cargo metadata`; with the whole dependency tree where `deps` is set.
    pub(crate) fn load(deps: bool) -> Result<Self> {
        let mut command = cargo();
        command.args(["metadata", "--format-version", "1"]);
        if deps {
            command.arg("--all-features");
        } else {
            command.arg("--no-deps");
        }
        let output = command.output().context("cannot run cargo metadata")?;
        ensure!(
            output.status.success(),
            "cargo metadata failed: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        serde_json::from_slice(&output.stdout).context("cargo metadata printed something else than expected")
    }

    /// The workspace's own packages, sorted by name.
    pub(crate) fn members(&self) -> Vec<&Package> {
        let mut members: Vec<_> = self
            .packages
            .iter()
            .filter(|p| self.workspace_members.contains(&p.id))
            .collect();
        members.sort_by(|a, b| a.name.cmp(&b.name));
        members
    }
}
