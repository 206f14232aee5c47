//! A simulator, a home directory, and the program between them.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use le_sim::account::UserType;
use le_sim::{Control, Sim, SimBuilder};
use serde_json::Value;
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// The program under test with nothing of this machine's environment but the path.
pub(crate) fn le(home: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_le"));
    command
        .env_clear()
        .current_dir(home)
        .env("HOME", home)
        .env("COLUMNS", "100")
        .stdin(Stdio::null());
    if let Some(path) = std::env::var_os("PATH") {
        command.env("PATH", path);
    }
    command
}

/// A simulator over TLS, and settings of a user in the environment of the program.
pub(crate) struct Stage {
    pub(crate) home: TempDir,
    sim: Option<Sim>,
    runtime: Runtime,
}

impl Stage {
    pub(crate) fn new(conversations: usize) -> Self {
        Self::with(conversations, |builder| builder)
    }

    pub(crate) fn with(conversations: usize, describe: impl FnOnce(SimBuilder) -> SimBuilder) -> Self {
        let home = tempfile::tempdir().unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let builder = Sim::builder()
            .conversations(conversations)
            .tls(true)
            .ca_out(home.path().join("ca.pem"));
        let sim = runtime.block_on(describe(builder).start()).unwrap();
        Self {
            home,
            sim: Some(sim),
            runtime,
        }
    }

    pub(crate) fn sim(&self) -> &Sim {
        self.sim.as_ref().unwrap()
    }

    pub(crate) fn control(&self) -> Control {
        self.sim().control()
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    pub(crate) fn user(&self) -> &le_sim::account::User {
        self.sim()
            .users()
            .iter()
            .find(|user| user.enabled && user.user_type == UserType::Human)
            .unwrap()
    }

    /// The program with account and hosts, but no credential.
    pub(crate) fn anonymous(&self) -> Command {
        let mut command = le(self.home.path());
        command
            .env("LE_ACCOUNT_ID", &self.sim().account().id)
            .env("LE_DOMAIN_HOST", self.sim().csds())
            .env("LE_CA_FILE", self.file("ca.pem"));
        command
    }

    /// The program with all settings.
    pub(crate) fn le(&self) -> Command {
        let mut command = self.anonymous();
        command
            .env("LE_USERNAME", &self.user().login_name)
            .env("LE_PASSWORD", &self.user().password);
        command
    }

    /// Runs it with these arguments, separated by spaces.
    pub(crate) fn run(&self, arguments: &str) -> Ran {
        ran(self.le().args(arguments.split_ascii_whitespace()))
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        if let Some(sim) = self.sim.take() {
            self.runtime.block_on(sim.stop());
        }
    }
}

/// What came of a run.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

pub(crate) fn ran(command: &mut Command) -> Ran {
    of(command.output().unwrap())
}

pub(crate) fn of(output: Output) -> Ran {
    Ran {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Sends a signal by its short name.
#[cfg(unix)]
pub(crate) fn signal(child: &Child, name: &str) {
    let sent = Command::new("kill")
        .args([format!("-{name}"), child.id().to_string()])
        .status()
        .unwrap();
    assert!(sent.success());
}

/// Waits for the end of a run.
pub(crate) fn end(child: Child) -> Ran {
    of(child.wait_with_output().unwrap())
}

impl Ran {
    #[track_caller]
    pub(crate) fn succeeds(self) -> Self {
        self.ends_with(0)
    }

    #[track_caller]
    pub(crate) fn ends_with(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{self:#?}");
        self
    }

    #[track_caller]
    pub(crate) fn says(self, text: &str) -> Self {
        assert!(
            self.out.contains(text) || self.err.contains(text),
            "{text:?} is not said: {self:#?}"
        );
        self
    }

    /// The one JSON document on the standard output.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|e| panic!("{e}: {self:#?}"))
    }

    /// The JSON object that reports an error.
    #[track_caller]
    pub(crate) fn error(&self) -> Value {
        let line = self.err.lines().last().unwrap_or_default();
        let mut value: Value = serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {self:#?}"));
        value["error"].take()
    }
}

/// The ids of the conversations in a file of whole lines.
#[track_caller]
pub(crate) fn conversations(path: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(path).unwrap();
    assert!(
        text.is_empty() || text.ends_with('\n'),
        "the file ends with half a line"
    );
    ids(&text)
}

#[track_caller]
pub(crate) fn ids(text: &str) -> Vec<String> {
    let id = |line| {
        let record: Value = serde_json::from_str(line).unwrap();
        record["info"]["conversationId"].as_str().unwrap().to_owned()
    };
    text.lines().map(id).collect()
}

#[track_caller]
pub(crate) fn assert_distinct(ids: &[String], expected: usize) {
    let distinct: std::collections::HashSet<_> = ids.iter().collect();
    assert_eq!((ids.len(), distinct.len()), (expected, expected));
}
