//! The other side of a script: the simulator and the consumer.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Value, json};

use super::consumer::Consumer;
use super::simulator::Simulator;

/// How long to wait for the simulator to see something.
const PATIENCE: Duration = Duration::from_secs(15);
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// A simulator with at most one consumer.
#[derive(Debug)]
pub(super) struct Scene {
    pub(super) simulator: Simulator,
    consumer: Option<Consumer>,
}

impl Scene {
    pub(super) fn new(simulator: Simulator) -> Self {
        Self {
            simulator,
            consumer: None,
        }
    }

    pub(super) fn consumer(&self) -> Result<&Consumer> {
        self.consumer.as_ref().context("no consumer has come yet")
    }

    /// Does what a script asks for.
    pub(super) fn serve(&mut self, ask: &str, with: &Value) -> Result<Value> {
        let text = |name: &str| with[name].as_str().with_context(|| format!("`{name}` is missing"));
        match ask {
            "consumer.open" => {
                let consumer = Consumer::open(&self.simulator.control, with)?;
                let answer = json!({ "conversation": consumer.conversation });
                self.consumer = Some(consumer);
                Ok(answer)
            }
            "consumer.say" => self.consumer()?.say(text("text")?),
            "consumer.type" => self.consumer()?.types(),
            "consumer.click" => self.consumer()?.click(&with["sequence"], text("title")?),
            "requests.await" => self.await_requests(with),
            "sessions.expire" => {
                let path = format!("/sessions/expire?loginName={}", text("loginName")?);
                self.simulator.control.post(&path, &json!({}))
            }
            "sockets.close" => {
                let body = json!({ "code": with["code"], "user": text("loginName")? });
                let closed = self.simulator.control.post("/messaging/sockets/close", &body)?;
                ensure!(closed["closed"] == 1, "{closed}: one socket was to be closed");
                Ok(closed)
            }
            _ => bail!("nobody here can do that"),
        }
    }

    /// Waits until the simulator has answered a route so often with a status.
    fn await_requests(&self, with: &Value) -> Result<Value> {
        let (route, status, times) = (&with["route"], &with["status"], &with["times"]);
        let deadline = Instant::now() + PATIENCE;
        loop {
            let requests = self.simulator.requests()?;
            let count = requests.iter().filter(|(r, s)| r == route && s == status).count();
            if times.as_u64().is_some_and(|times| count as u64 >= times) {
                return Ok(json!({ "times": count }));
            }
            ensure!(Instant::now() < deadline, "{count} of {times} requests came");
            std::thread::sleep(LOOK_AGAIN);
        }
    }
}
