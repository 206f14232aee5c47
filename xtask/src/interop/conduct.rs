//! Runs a script of a client and serves what it asks for.
//!
//! A script reads lines of JSON from its standard input and writes such lines to its standard output:
//!
//! | From the script | Meaning |
//! |---|---|
//! | `{"check": "…", "ok": true}` | something that has to hold, and did; with `"ok": false` and `"why"` it did not |
//! | `{"ask": "…", "id": 1, "with": {…}}` | wants something done on the other side; answered by `{"id": 1, "value": …}` or `{"id": 1, "error": "…"}` |
//! | `{"done": true}` | came to its end |
//!
//! The first line to a script is `{"settings": …}`: the ready line of the simulator.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Value, json};

/// How long a script may run.
const LIMIT: Duration = Duration::from_secs(120);

/// What a script came to.
#[derive(Debug, Default)]
pub(super) struct Verdict {
    passed: usize,
    failed: Vec<String>,
    done: bool,
}

/// Runs `command` to its end. `serve` answers what the script asks for.
pub(super) fn run(
    mut command: Command,
    settings: &Value,
    mut serve: impl FnMut(&str, &Value) -> Result<Value>,
) -> Result<()> {
    let mut child = Running(
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot run {}", command.get_program().display()))?,
    );
    let lines = lines_of(&mut child.0)?;
    let mut input = child.0.stdin.take().context("the script has no standard input")?;
    tell(&mut input, &json!({ "settings": settings }))?;

    let mut verdict = Verdict::default();
    let deadline = Instant::now() + LIMIT;
    loop {
        match lines.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            Ok(line) => verdict.line(&line, &mut input, &mut serve)?,
            Err(mpsc::RecvTimeoutError::Disconnected) => break,
            Err(mpsc::RecvTimeoutError::Timeout) => bail!("the script did not end within {} s", LIMIT.as_secs()),
        }
    }
    let status = child.0.wait()?;
    verdict.settle(status.success(), &status.to_string())
}

impl Verdict {
    fn line(
        &mut self,
        line: &str,
        input: &mut ChildStdin,
        serve: &mut impl FnMut(&str, &Value) -> Result<Value>,
    ) -> Result<()> {
        let message: Value = serde_json::from_str(line).unwrap_or_default();
        if let Some(name) = message["check"].as_str() {
            self.check(name, &message);
        } else if let Some(ask) = message["ask"].as_str() {
            let answer = match serve(ask, &message["with"]) {
                Ok(value) => json!({ "id": message["id"], "value": value }),
                Err(error) => json!({ "id": message["id"], "error": format!("{ask}: {error:#}") }),
            };
            // A script that has ended meanwhile says so by its status.
            let _ = tell(input, &answer);
        } else if message["done"] == true {
            self.done = true;
        } else {
            crate::say(&format!("        {line}"));
        }
        Ok(())
    }

    fn check(&mut self, name: &str, message: &Value) {
        if message["ok"] == true {
            self.passed += 1;
            crate::say(&format!("   ok   {name}"));
            return;
        }
        let why = message["why"].as_str().unwrap_or("no reason given");
        crate::say(&format!("   FAIL {name}: {why}"));
        self.failed.push(name.to_owned());
    }

    /// A script that checked nothing, or stopped half way, has not passed.
    fn settle(&self, success: bool, status: &str) -> Result<()> {
        ensure!(self.failed.is_empty(), "failed: {}", self.failed.join("; "));
        ensure!(success, "the script ended with {status}");
        ensure!(self.done, "the script ended without saying that it is done");
        ensure!(self.passed > 0, "the script checked nothing");
        Ok(())
    }
}

/// Prints what the conductor itself found, in the form of a script's checks, and fails if it does not hold.
pub(super) fn check(name: &str, result: Result<()>) -> Result<()> {
    match result {
        Ok(()) => {
            crate::say(&format!("   ok   {name}"));
            Ok(())
        }
        Err(error) => {
            crate::say(&format!("   FAIL {name}: {error:#}"));
            Err(error.context(name.to_owned()))
        }
    }
}

/// The script, ended with this.
#[derive(Debug)]
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It has mostly ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn lines_of(child: &mut Child) -> Result<Receiver<String>> {
    let output = child.stdout.take().context("the script has no standard output")?;
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let read = BufReader::new(output).lines().map_while(Result::ok);
        for line in read {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    Ok(receiver)
}

fn tell(input: &mut ChildStdin, message: &Value) -> Result<()> {
    writeln!(input, "{message}")?;
    Ok(input.flush()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(lines: &[Value]) -> Verdict {
        let mut verdict = Verdict::default();
        for line in lines {
            match line["check"].as_str() {
                Some(name) => verdict.check(name, line),
                None => verdict.done |= line["done"] == true,
            }
        }
        verdict
    }

    #[test]
    fn only_a_script_that_checked_something_and_came_to_its_end_passes() {
        let good = json!({ "check": "a", "ok": true });
        let bad = json!({ "check": "b", "ok": false, "why": "1 is not 2" });
        let done = json!({ "done": true });
        let settled = |lines: &[Value], success| verdict(lines).settle(success, "exit status: 1");
        assert!(settled(&[good.clone(), done.clone()], true).is_ok());
        assert!(
            settled(std::slice::from_ref(&done), true).is_err(),
            "nothing was checked"
        );
        assert!(settled(std::slice::from_ref(&good), true).is_err(), "no end");
        assert!(settled(&[good.clone(), done.clone()], false).is_err(), "exit status");
        let error = settled(&[good, bad, done], true).unwrap_err();
        assert_eq!(error.to_string(), "failed: b");
    }
}
