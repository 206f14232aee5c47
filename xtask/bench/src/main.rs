//! `cargo xtask bench`: the clients against bare reqwest and serde_json, as ratios in one run.
//!
//! One process serves (le-sim on core 0), one process at a time is the client (core 1), each measurement in a fresh process,
//! ours and the floor in turns. The table gives medians. See docs/benchmarks.md.

mod attributes;
mod bare;
mod bots;
mod callers;
mod exports;
mod fleets;
mod measure;
mod ours;
mod plain;
mod report;
mod reporter;
mod server;
mod sockets;
mod target;

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

use target::{Figures, Pull, Target};
use tempfile::TempDir;

#[cfg(feature = "mimalloc")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// What is measured, each beside its floor.
const SCENARIOS: [&str; 13] = [
    "raw",
    "bare-raw",
    "typed",
    "bare-typed",
    "calls",
    "bare-calls",
    "echo",
    "bare-echo",
    "echo-many",
    "bare-echo-many",
    "attributes",
    "attributes-written",
    "bare-attributes-written",
];

/// What is measured once: it takes long, and hardly varies.
const ONCE: [&str; 2] = ["idle", "bare-idle"];

/// A scenario with the figures of its turns.
type Row = (&'static str, Vec<Figures>);

fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        // The CPU time of threads that have ended cannot be read any more.
        .thread_keep_alive(Duration::from_secs(3600))
        .build()?;
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["serve", conversations, bots] => runtime.block_on(server::serve(conversations.parse()?, bots.parse()?)),
        ["client", scenario, count] => client(&runtime, scenario, count.parse()?),
        ["export", scenario, folder] => {
            measure::pin(1);
            let target = target()?;
            show(&runtime.block_on(exports::measured(&target, scenario, Path::new(folder)))?)
        }
        ["bot", name] => runtime.block_on(bots::be(name)),
        ["drive", bot, conversations, messages, pace] => {
            let plan = bots::driver::Plan {
                bot: bot.parse()?,
                conversations: conversations.parse()?,
                messages: messages.parse()?,
                paced: *pace == "paced",
            };
            show(&runtime.block_on(bots::driver::drive(&target()?, &plan))?)
        }
        rest => {
            let number = |name: &str, default: usize| -> Result<usize> {
                let at = rest.iter().position(|word| *word == name);
                at.and_then(|at| rest.get(at + 1))
                    .map_or(Ok(default), |text| text.parse().with_context(|| name.to_owned()))
            };
            let text = |name: &str| {
                let at = rest.iter().position(|word| *word == name)?;
                rest.get(at + 1).map(|text| (*text).to_owned())
            };
            let settings = report::Settings {
                only: text("--only"),
                large: rest.contains(&"--large"),
                conversations: number("--conversations", 100_000)?,
                calls: number("--calls", 20_000)?,
                runs: number("--runs", 5)?,
                events: number("--events", 1_000_000)?,
            };
            all(&runtime, &settings)
        }
    }
}

/// A child process that measures one scenario and prints its figures.
fn client(runtime: &tokio::runtime::Runtime, scenario: &str, count: u64) -> Result<()> {
    measure::pin(1);
    let target = target()?;
    show(&runtime.block_on(run(scenario, &target, count))?)
}

fn target() -> Result<Target> {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    Ok(serde_json::from_str(&text)?)
}

#[expect(clippy::print_stdout, reason = "the parent process reads the line")]
fn show(figures: &Figures) -> Result<()> {
    println!("{}", serde_json::to_string(figures)?);
    Ok(())
}

async fn run(scenario: &str, target: &Target, count: u64) -> Result<Figures> {
    match scenario {
        "raw" => pulled(target, ours::pull(target, false)).await,
        "typed" => pulled(target, ours::pull(target, true)).await,
        "calls" => pulled(target, ours::calls(target, count)).await,
        "bare-raw" => {
            pulled(
                target,
                bare::pull(target, &target.windows, File::create("/dev/null")?, false),
            )
            .await
        }
        "bare-typed" => {
            pulled(
                target,
                bare::pull(target, &target.windows, File::create("/dev/null")?, true),
            )
            .await
        }
        "bare-calls" => pulled(target, bare::calls(target, count)).await,
        "echo" => sockets::ours::echo_one(target, count).await,
        "bare-echo" => sockets::bare::echo_one(target, count).await,
        "echo-many" => sockets::ours::echo_many(target, count).await,
        "bare-echo-many" => sockets::bare::echo_many(target, count).await,
        "idle" => sockets::ours::idle(target).await,
        "bare-idle" => sockets::bare::idle(target).await,
        "attributes" => attributes::checked(target).await,
        "attributes-written" => attributes::written(target).await,
        "bare-attributes-written" => attributes::bare(target).await,
        fleet if fleets::COMPARED.contains(&fleet) => fleets::measured(target, fleet).await,
        name if reporter::COMPARED.contains(&name) => reporter::measured(target, name, count).await,
        other => bail!("no scenario is called {other:?}"),
    }
}

async fn pulled(target: &Target, work: impl Future<Output = Result<Pull>>) -> Result<Figures> {
    let mut pull = Pull::default();
    let figures = sockets::measured(target, 0, async {
        pull = work.await?;
        Ok(())
    });
    let figures = figures.await?;
    Ok(Figures {
        records: pull.records,
        bytes: pull.bytes,
        ..figures
    })
}

#[expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "the table is the result, the rest tells that it goes on"
)]
fn all(runtime: &tokio::runtime::Runtime, settings: &report::Settings) -> Result<()> {
    let mut server = Server::start(settings.conversations, 0)?;
    let line = std::mem::take(&mut server.target);
    let wanted = |name: &&str| settings.only.as_ref().is_none_or(|part| name.contains(part.as_str()));
    let of_pulls = SCENARIOS.iter().copied().filter(wanted);
    let mut rows: Vec<Row> = of_pulls.map(|name| (name, Vec::new())).collect();
    // The first turn fills the simulator's caches and is not counted.
    for turn in 0..=settings.runs {
        for (name, figures) in &mut rows {
            let measured = measure_once(name, &line, settings.calls)?;
            eprintln!(
                "turn {turn}: {name}: {} records in {:.2} s",
                measured.records, measured.wall
            );
            if turn > 0 {
                figures.push(measured);
            }
        }
    }
    for name in ONCE.into_iter().filter(wanted) {
        let measured = measure_once(name, &line, 0)?;
        eprintln!(
            "{name}: {} connections, {} bytes",
            measured.records,
            measured.peak.unwrap_or_default()
        );
        rows.push((name, vec![measured]));
    }
    rows.extend(reported(&line, settings, wanted)?);
    rows.extend(exported(&line, settings.runs.min(3), wanted)?);
    server.end()?;
    rows.extend(contested(settings, wanted)?);
    rows.extend(fleets_of(settings.runs.min(3), wanted)?);
    if settings.large {
        rows.extend(large(wanted)?);
    }
    let callers = match wanted(&callers::NAME) {
        true => Some(runtime.block_on(callers::one_login(10_000))?),
        false => None,
    };
    println!("{}", report::table(settings, &rows, callers.as_ref()));
    Ok(())
}

/// Reports of many visitors. They take long, so there are fewer turns than of pulls.
#[expect(clippy::print_stderr, reason = "it tells that it goes on")]
fn reported(target: &str, settings: &report::Settings, wanted: impl Fn(&&str) -> bool) -> Result<Vec<Row>> {
    let names = reporter::COMPARED.into_iter().filter(wanted);
    let mut rows: Vec<Row> = names.map(|name| (name, Vec::new())).collect();
    for turn in 1..=settings.runs.min(3) {
        for (name, figures) in &mut rows {
            let measured = measure_once(name, target, settings.events)?;
            eprintln!(
                "turn {turn}: {name}: {} events in {:.2} s",
                measured.records, measured.wall
            );
            figures.push(measured);
        }
    }
    Ok(rows)
}

/// Exports of the history. They take long, so there are fewer turns than of pulls.
#[expect(clippy::print_stderr, reason = "it tells that it goes on")]
fn exported(target: &str, runs: usize, wanted: impl Fn(&&str) -> bool) -> Result<Vec<Row>> {
    let folder = tempfile::Builder::new().prefix("le-bench-").tempdir()?;
    let names = exports::COMPARED.into_iter().filter(&wanted);
    let mut rows: Vec<Row> = names.map(|name| (name, Vec::new())).collect();
    for turn in 0..=runs {
        for (name, figures) in &mut rows {
            let measured = measure_export(name, target, &folder)?;
            eprintln!(
                "turn {turn}: {name}: {} records in {:.2} s",
                measured.records, measured.wall
            );
            if turn > 0 {
                figures.push(measured);
            }
        }
    }
    if wanted(&exports::REPORTED) {
        let measured = measure_export(exports::REPORTED, target, &folder)?;
        eprintln!(
            "{}: {} records in {:.2} s",
            exports::REPORTED,
            measured.records,
            measured.wall
        );
        rows.push((exports::REPORTED, vec![measured]));
    }
    Ok(rows)
}

/// Bots, on a server that has no conversations but theirs: a bot takes whatever waits, and has places for 999.
#[expect(clippy::print_stderr, reason = "it tells that it goes on")]
fn contested(settings: &report::Settings, wanted: impl Fn(&&str) -> bool) -> Result<Vec<Row>> {
    let contests: Vec<_> = bots::contests().filter(|contest| wanted(&contest.name)).collect();
    if contests.is_empty() {
        return Ok(Vec::new());
    }
    let server = Server::start(0, 0)?;
    let mut rows = Vec::new();
    for contest in contests {
        let mut figures = Vec::new();
        for turn in 1..=settings.runs.min(3) {
            let measured = bots::measure(contest, &server.target, settings.calls)?;
            eprintln!(
                "turn {turn}: {}: {} messages in {:.2} s",
                contest.name, measured.records, measured.wall
            );
            figures.push(measured);
        }
        rows.push((contest.name, figures));
    }
    server.end()?;
    Ok(rows)
}

/// Whole fleets, each on a server that has seen none of them.
#[expect(clippy::print_stderr, reason = "it tells that it goes on")]
fn fleets_of(runs: usize, wanted: impl Fn(&&str) -> bool) -> Result<Vec<Row>> {
    let names = fleets::COMPARED.into_iter().filter(&wanted);
    let mut rows: Vec<Row> = names.map(|name| (name, Vec::new())).collect();
    for turn in 1..=runs {
        for (name, figures) in &mut rows {
            let server = Server::start(0, fleets::BOTS + 1)?;
            let measured = measure_once(name, &server.target, 0)?;
            eprintln!(
                "turn {turn}: {name}: {} bots in {:.2} s",
                measured.records, measured.wall
            );
            figures.push(measured);
            server.end()?;
        }
    }
    Ok(rows)
}

/// Exports of a history that is much larger, once each: their memory is of interest.
#[expect(clippy::print_stderr, reason = "it tells that it goes on")]
fn large(wanted: impl Fn(&&str) -> bool) -> Result<Vec<Row>> {
    let server = Server::start(exports::MANY, 0)?;
    let mut rows = Vec::new();
    for (name, row) in exports::LARGE.into_iter().filter(|(name, _)| wanted(name)) {
        let folder = tempfile::Builder::new().prefix("le-bench-").tempdir()?;
        let measured = measure_export(name, &server.target, &folder)?;
        eprintln!("{row}: {} records in {:.2} s", measured.records, measured.wall);
        rows.push((row, vec![measured]));
    }
    server.end()?;
    Ok(rows)
}

/// The process that serves.
struct Server {
    process: Child,
    /// What it says of itself, as one line.
    target: String,
}

impl Server {
    fn start(conversations: usize, bots: usize) -> Result<Self> {
        let mut process = child(&["serve", &conversations.to_string(), &bots.to_string()])?;
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

fn measure_once(scenario: &str, target: &str, calls: usize) -> Result<Figures> {
    figures_of(&["client", scenario, &calls.to_string()], target).with_context(|| format!("{scenario} failed"))
}

/// An export into a new folder below this one.
fn measure_export(scenario: &str, target: &str, below: &TempDir) -> Result<Figures> {
    let folder = tempfile::tempdir_in(below)?.keep();
    let words = ["export", scenario, folder.to_str().context("a strange name")?];
    let figures = figures_of(&words, target).with_context(|| format!("{scenario} failed"))?;
    exports::empty(&folder)?;
    Ok(figures)
}

/// The figures that a process of this program prints, given the target.
fn figures_of(words: &[&str], target: &str) -> Result<Figures> {
    let mut process = child(words)?;
    process
        .stdin
        .take()
        .context("no input of the client")?
        .write_all(target.as_bytes())?;
    let output = process.wait_with_output()?;
    if !output.status.success() {
        bail!("`{}` ended with {}", words.join(" "), output.status);
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

fn child(args: &[&str]) -> Result<Child> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped());
    command.spawn().context("cannot start a process of the benchmark")
}
