//! Reports events of many visitors over connections in memory, and says what that takes.
//!
//! `cargo run --release -p le-sim --example visitors -- 10000 1000000`
#![allow(clippy::print_stdout, reason = "it reports to a terminal")]

use std::time::Instant;

use le_sim::{Sim, SimClock};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream};

const BODY: &str = r#"{"engagementAttributes":[{"type":"cart","total":61.4,"currency":"EUR","numItems":2,"products":[{"product":{"name":"Mug","sku":"MG-2","price":30.7},"quantity":2}]},{"type":"error","error":{"contextId":"checkout","code":"PAY-7","level":3}}]}"#;

/// Events of one body.
const EVENTS: usize = 2;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1).map(|argument| argument.parse::<usize>());
    let visitors = arguments.next().transpose()?.unwrap_or(10_000);
    let events = arguments.next().transpose()?.unwrap_or(1_000_000);
    let sim = Sim::builder()
        .conversations(0)
        .request_log(0)
        .clock(SimClock::manual(1_900_000_000_000))
        .start_in_memory()?;
    let mut wire = Wire {
        stream: sim.connect(1 << 16),
        answer: Vec::new(),
    };
    let app = format!("/api/account/70011223/app/{}", sim.app_installation_id());
    let mut known = Vec::with_capacity(visitors);
    for _ in 0..visitors {
        let answer = wire
            .call("POST", &format!("{app}/engagement?v=1.1&obh=true"), "{}")
            .await?;
        let answer: serde_json::Value = serde_json::from_slice(answer)?;
        let id = |name: &str| answer[name].as_str().unwrap_or_default().to_owned();
        known.push(format!("vid={}&sid={}", id("visitorId"), id("sessionId")));
    }
    let before = memory();
    let calls = events / EVENTS;
    let begun = Instant::now();
    for number in 0..calls {
        let path = format!("{app}/report?v=1.1&obh=true&{}", known[number % visitors]);
        wire.call("PUT", &path, BODY).await?;
    }
    let reports = begun.elapsed();
    let begun = Instant::now();
    for number in 0..calls {
        // Refused for its version, after the body was read: what the way to the handler and back takes.
        let path = format!("{app}/report?v=9.9&obh=true&{}", known[number % visitors]);
        wire.call("PUT", &path, BODY).await?;
    }
    let refusals = begun.elapsed();
    let each = |took: std::time::Duration| took.as_secs_f64() * 1e6 / calls as f64;
    println!(
        "{} events of {visitors} visitors: {:.1} µs a report with both ends of HTTP, {:.1} µs a refusal, so {:.1} µs for the work; {} MB before, {} MB after",
        calls * EVENTS,
        each(reports),
        each(refusals),
        each(reports.saturating_sub(refusals)),
        before / 1024,
        memory() / 1024,
    );
    Ok(())
}

/// One connection, as bare as it can be.
struct Wire {
    stream: DuplexStream,
    answer: Vec<u8>,
}

impl Wire {
    /// The body of an answer.
    async fn call(&mut self, method: &str, path: &str, body: &str) -> Result<&[u8], Box<dyn std::error::Error>> {
        let length = body.len();
        let request = format!("{method} {path} HTTP/1.1\r\nhost: sim\r\ncontent-length: {length}\r\n\r\n{body}");
        self.stream.write_all(request.as_bytes()).await?;
        self.answer.clear();
        loop {
            if self.stream.read_buf(&mut self.answer).await? == 0 {
                return Err("the simulator closed the connection".into());
            }
            let Some(head) = self.answer.windows(4).position(|four| four == b"\r\n\r\n") else {
                continue;
            };
            let text = std::str::from_utf8(&self.answer[..head])?;
            let length = text.lines().find_map(|line| line.strip_prefix("content-length: "));
            let whole = head + 4 + length.unwrap_or("0").parse::<usize>()?;
            if self.answer.len() >= whole {
                return Ok(&self.answer[head + 4..whole]);
            }
        }
    }
}

/// Resident memory in KiB; 0 where there is no `/proc`.
fn memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok())
        .unwrap_or(0)
}
