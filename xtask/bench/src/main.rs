//! `cargo xtask bench`: the clients against bare reqwest and serde_json, as ratios in one run.
//!
//! One process serves (le-sim on core 0), one process at a time is the client (core 1), each measurement in a fresh process,
//! ours and the floor in turns. The table gives medians. See docs/benchmarks.md.

mod attributes;
mod bare;
mod bots;
mod callers;
mod course;
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
use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

use target::{Figures, Pull, Target};

#[cfg(feature = "mimalloc")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

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
            course::all(&runtime, &settings)
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
