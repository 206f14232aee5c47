//! What is measured, in which turns, and on which server. What one kind of scenario leaves on its server must not be in the way
//! of another: open conversations are a bot's to take, and are part of the history.

use std::io::{BufRead as _, BufReader};
use std::ops::RangeInclusive;
use std::path::Path;
use std::process::Child;

use anyhow::{Context as _, Result};

use crate::report::Settings;
use crate::target::Figures;
use crate::{bots, callers, exports, fleets, report, reporter};

/// Pulls and calls, each beside its floor.
const PULLS: [&str; 6] = ["raw", "bare-raw", "typed", "bare-typed", "calls", "bare-calls"];

const ATTRIBUTES: [&str; 3] = ["attributes", "attributes-written", "bare-attributes-written"];

const ECHOES: [&str; 4] = ["echo", "bare-echo", "echo-many", "bare-echo-many"];

/// What takes long, and hardly varies.
const IDLE: [&str; 2] = ["idle", "bare-idle"];

/// The most turns of what takes long.
const FEW: usize = 3;

/// A scenario with the figures of its turns.
pub(crate) type Row = (&'static str, Vec<Figures>);

/// Measures all that is wanted, and prints the table.
#[expect(clippy::print_stdout, reason = "the table is the result")]
pub(crate) fn all(runtime: &tokio::runtime::Runtime, settings: &Settings) -> Result<()> {
    let mut course = Course {
        settings,
        rows: Vec::new(),
    };
    course.history()?;
    course.sockets()?;
    course.bots()?;
    course.attributes()?;
    course.fleets()?;
    if settings.large {
        course.large()?;
    }
    let callers = match course.wants(callers::NAME) {
        true => Some(runtime.block_on(callers::one_login(10_000))?),
        false => None,
    };
    println!("{}", report::table(settings, &course.rows, callers.as_ref()));
    Ok(())
}

struct Course<'a> {
    settings: &'a Settings,
    rows: Vec<Row>,
}

impl Course<'_> {
    fn wants(&self, name: &str) -> bool {
        self.settings
            .only
            .as_ref()
            .is_none_or(|part| name.contains(part.as_str()))
    }

    fn want_any<'n>(&self, mut names: impl Iterator<Item = &'n &'static str>) -> bool {
        names.any(|name| self.wants(name))
    }

    /// Measures scenarios in turns, so that a busy machine troubles all of them. Turn 0 is not counted: it fills caches.
    #[expect(clippy::print_stderr, reason = "it tells that it goes on")]
    fn turns(
        &mut self,
        names: &[&'static str],
        turns: RangeInclusive<usize>,
        measure: impl Fn(&str) -> Result<Figures>,
    ) -> Result<()> {
        let names = names.iter().copied().filter(|name| self.wants(name));
        let mut rows: Vec<Row> = names.map(|name| (name, Vec::new())).collect();
        for turn in turns {
            for (name, figures) in &mut rows {
                let measured = measure(name).with_context(|| format!("{name} failed"))?;
                eprintln!("turn {turn}: {name}: {} in {:.2} s", measured.records, measured.wall);
                if turn > 0 {
                    figures.push(measured);
                }
            }
        }
        self.rows.extend(rows);
        Ok(())
    }

    fn few(&self) -> usize {
        self.settings.runs.min(FEW)
    }

    /// What reads the history.
    fn history(&mut self) -> Result<()> {
        let (runs, calls, few) = (self.settings.runs, self.settings.calls, self.few());
        let exports = exports::COMPARED.iter().chain([&exports::REPORTED]);
        if !self.want_any(PULLS.iter().chain(exports)) {
            return Ok(());
        }
        let server = Server::start(self.settings.conversations, 0)?;
        self.turns(&PULLS, 0..=runs, |name| client(name, &server.target, calls))?;
        let folder = tempfile::Builder::new().prefix("le-bench-").tempdir()?;
        let export = |name: &str| export(name, &server.target, folder.path());
        self.turns(&exports::COMPARED, 0..=few, export)?;
        self.turns(&[exports::REPORTED], 1..=1, export)?;
        server.end()
    }

    fn sockets(&mut self) -> Result<()> {
        if !self.want_any(ECHOES.iter().chain(&IDLE)) {
            return Ok(());
        }
        let server = Server::start(0, 0)?;
        let (runs, calls) = (self.settings.runs, self.settings.calls);
        self.turns(&ECHOES, 0..=runs, |name| client(name, &server.target, calls))?;
        self.turns(&IDLE, 1..=1, |name| client(name, &server.target, 0))?;
        server.end()
    }

    fn bots(&mut self) -> Result<()> {
        let names: Vec<_> = bots::contests().map(|contest| contest.name).collect();
        if !self.want_any(names.iter()) {
            return Ok(());
        }
        let server = Server::start(0, 0)?;
        let (few, messages) = (self.few(), self.settings.calls);
        self.turns(&names, 1..=few, |name| {
            let contest = bots::contests().find(|contest| contest.name == name);
            bots::measure(contest.context("no such contest")?, &server.target, messages)
        })?;
        server.end()
    }

    /// Attributes, and the reports of many visitors.
    fn attributes(&mut self) -> Result<()> {
        if !self.want_any(ATTRIBUTES.iter().chain(&reporter::COMPARED)) {
            return Ok(());
        }
        let server = Server::start(0, 0)?;
        let (runs, few, events) = (self.settings.runs, self.few(), self.settings.events);
        self.turns(&ATTRIBUTES, 1..=runs, |name| client(name, &server.target, 0))?;
        self.turns(&reporter::COMPARED, 1..=few, |name| {
            client(name, &server.target, events)
        })?;
        server.end()
    }

    /// Whole fleets, each on a server that has seen none of them.
    fn fleets(&mut self) -> Result<()> {
        let few = self.few();
        self.turns(&fleets::COMPARED, 1..=few, |name| {
            let server = Server::start(0, fleets::BOTS + 1)?;
            let measured = client(name, &server.target, 0)?;
            server.end()?;
            Ok(measured)
        })
    }

    /// Exports of a history that is much larger, once each: their memory is of interest.
    fn large(&mut self) -> Result<()> {
        let rows = exports::LARGE.map(|(_, row)| row);
        if !self.want_any(rows.iter()) {
            return Ok(());
        }
        let server = Server::start(exports::MANY, 0)?;
        self.turns(&rows, 1..=1, |row| {
            let scenario = exports::LARGE.iter().find(|(_, own)| *own == row);
            let (scenario, _) = scenario.context("no such scenario")?;
            let folder = tempfile::Builder::new().prefix("le-bench-").tempdir()?;
            export(scenario, &server.target, folder.path())
        })?;
        server.end()
    }
}

/// A scenario in a process of its own.
fn client(scenario: &str, target: &str, count: usize) -> Result<Figures> {
    crate::figures_of(&["client", scenario, &count.to_string()], target)
}

/// An export into a new folder below this one.
fn export(scenario: &str, target: &str, below: &Path) -> Result<Figures> {
    let folder = tempfile::tempdir_in(below)?.keep();
    let words = ["export", scenario, folder.to_str().context("a strange name")?];
    let figures = crate::figures_of(&words, target)?;
    exports::empty(&folder)?;
    Ok(figures)
}

/// The process that serves.
struct Server {
    process: Child,
    /// What it says of itself, as one line.
    target: String,
}

impl Server {
    fn start(conversations: usize, bots: usize) -> Result<Self> {
        let mut process = crate::child(&["serve", &conversations.to_string(), &bots.to_string()])?;
        let stdout = process.stdout.take().context("no output of the server")?;
        let mut target = String::new();
        BufReader::new(stdout).read_line(&mut target)?;
        Ok(Self { process, target })
    }

    fn end(mut self) -> Result<()> {
        drop(self.process.stdin.take());
        self.process.wait()?;
        Ok(())
    }
}
