//! The recorder behind `cargo xtask fixtures refresh`: drives the real clients and prints each answer as a JSON line.
//!
//! Its output holds answers as they came, secrets included. It belongs into a pipe whose reader redacts it, so it refuses to
//! print to a terminal.

mod consumer;
mod data_apis;
mod history;
mod live;
mod login;
mod recorder;
mod simulator;
mod visitors;

use std::error::Error;
use std::io::{IsTerminal as _, Write as _};

use recorder::Sample;

type Fallible<T> = Result<T, Box<dyn Error + Send + Sync>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Fallible<()> {
    let live = match std::env::args().nth(1).as_deref() {
        None => false,
        Some("--live") => true,
        Some(other) => return Err(format!("unknown argument {other:?}; only --live is known").into()),
    };
    if std::io::stdout().is_terminal() {
        return Err("this prints secrets: run `cargo xtask fixtures refresh`, which redacts them".into());
    }
    let (origin, samples) = if live {
        live::record().await?
    } else {
        simulator::record().await?
    };
    print(&origin, &samples)
}

fn print(origin: &serde_json::Value, samples: &[Sample]) -> Fallible<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{}", serde_json::json!({ "recorded_from": origin }))?;
    for sample in samples {
        serde_json::to_writer(&mut out, sample)?;
        writeln!(out)?;
    }
    out.flush()?;
    Ok(())
}
