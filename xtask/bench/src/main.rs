//! `cargo xtask bench`: the clients against bare reqwest and serde_json, as ratios in one run.
//!
//! One process serves (le-sim on core 0), one process at a time is the client (core 1), each measurement in a fresh process,
//! ours and the floor in turns. The table gives medians. See docs/benchmarks.md.

mod bare;
mod callers;
mod measure;
mod ours;
mod plain;
mod report;
mod server;
mod sockets;
mod target;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, Result, bail};

use target::{Figures, Pull, Target};

/// What is measured, each beside its floor.
const SCENARIOS: [&str; 10] = [
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
];

/// What is measured once: it takes long, and hardly varies.
const ONCE: [&str; 2] = ["idle", "bare-idle"];

fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["serve", conversations] => runtime.block_on(server::serve(conversations.parse()?)),
        ["client", scenario, count] => client(&runtime, scenario, count.parse()?),
        rest => {
            let number = |name: &str, default: usize| -> Result<usize> {
                let at = rest.iter().position(|word| *word == name);
                at.and_then(|at| rest.get(at + 1))
                    .map_or(Ok(default), |text| text.parse().with_context(|| name.to_owned()))
            };
            let settings = report::Settings {
                conversations: number("--conversations", 100_000)?,
                calls: number("--calls", 20_000)?,
                runs: number("--runs", 5)?,
            };
            all(&runtime, &settings)
        }
    }
}

/// A child process that measures one scenario and prints its figures.
#[expect(clippy::print_stdout, reason = "the parent process reads the line")]
fn client(runtime: &tokio::runtime::Runtime, scenario: &str, count: u64) -> Result<()> {
    measure::pin(1);
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    let target: Target = serde_json::from_str(&text)?;
    let figures = runtime.block_on(run(scenario, &target, count))?;
    println!("{}", serde_json::to_string(&figures)?);
    Ok(())
}

async fn run(scenario: &str, target: &Target, count: u64) -> Result<Figures> {
    match scenario {
        "raw" => pulled(target, ours::pull(target, false)).await,
        "typed" => pulled(target, ours::pull(target, true)).await,
        "calls" => pulled(target, ours::calls(target, count)).await,
        "bare-raw" => pulled(target, bare::pull(target, false)).await,
        "bare-typed" => pulled(target, bare::pull(target, true)).await,
        "bare-calls" => pulled(target, bare::calls(target, count)).await,
        "echo" => sockets::ours::echo_one(target, count).await,
        "bare-echo" => sockets::bare::echo_one(target, count).await,
        "echo-many" => sockets::ours::echo_many(target, count).await,
        "bare-echo-many" => sockets::bare::echo_many(target, count).await,
        "idle" => sockets::ours::idle(target).await,
        "bare-idle" => sockets::bare::idle(target).await,
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
    let mut server = child(&["serve", &settings.conversations.to_string()])?;
    let stdout = server.stdout.take().context("no output of the server")?;
    let mut line = String::new();
    BufReader::new(stdout).read_line(&mut line)?;
    let mut rows: Vec<(&str, Vec<Figures>)> = SCENARIOS.iter().map(|name| (*name, Vec::new())).collect();
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
    for name in ONCE {
        let measured = measure_once(name, &line, 0)?;
        eprintln!(
            "{name}: {} connections, {} bytes",
            measured.records,
            measured.peak.unwrap_or_default()
        );
        rows.push((name, vec![measured]));
    }
    drop(server.stdin.take());
    server.wait()?;
    let callers = runtime.block_on(callers::one_login(10_000))?;
    println!("{}", report::table(settings, &rows, &callers));
    Ok(())
}

fn measure_once(scenario: &str, target: &str, calls: usize) -> Result<Figures> {
    let mut process = child(&["client", scenario, &calls.to_string()])?;
    process
        .stdin
        .take()
        .context("no input of the client")?
        .write_all(target.as_bytes())?;
    let output = process.wait_with_output()?;
    if !output.status.success() {
        bail!("{scenario} failed");
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

fn child(args: &[&str]) -> Result<Child> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped());
    command.spawn().context("cannot start a process of the benchmark")
}
