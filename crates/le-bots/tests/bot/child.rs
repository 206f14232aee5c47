//! A test that runs a part of itself as another process, to kill it.

use std::io::{BufRead, BufReader, Lines};
use std::process::{Child, ChildStdout, Command, Stdio};

/// Names the part that a child plays.
const PART: &str = "LE_BOTS_TEST_PART";

/// Whether this process is the child that plays this part; the arguments that it was given.
pub(crate) fn plays(part: &str) -> Option<Vec<String>> {
    let own = std::env::var(PART).ok()?;
    let mut words = own.split('\n').map(str::to_owned);
    (words.next()? == part).then(|| words.collect())
}

/// A child process: killed when it is dropped.
pub(crate) struct Process {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Process {
    /// Starts this test binary with one test, which asks [`plays`].
    pub(crate) fn start(test: &str, part: &str, arguments: &[&str]) -> Self {
        Self::start_with(test, part, arguments, &[])
    }

    /// The same with variables of its environment.
    pub(crate) fn start_with(test: &str, part: &str, arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        let words: Vec<_> = std::iter::once(part).chain(arguments.iter().copied()).collect();
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([test, "--exact", "--nocapture", "--test-threads=1"])
            .env(PART, words.join("\n"))
            .envs(variables.iter().copied())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines }
    }

    /// The rest of the next line that begins with a word; `None` when the process has ended.
    pub(crate) fn next(&mut self, word: &str) -> Option<String> {
        self.lines
            .by_ref()
            .find_map(|line| Some(line.ok()?.strip_prefix(word)?.trim().to_owned()))
    }

    /// Ends it at once, as `kill -9` does.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
