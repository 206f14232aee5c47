//! The network between clients and the simulator: pipes in memory that are slow, break, or fall silent as the seed says.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use le_core::transport::{Cause, Phase, TransportError};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, ReadHalf, WriteHalf};
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::support::runtime::{happens, within};
use crate::trace::Trace;

/// Bytes that a pipe holds in each direction.
const BUFFER: usize = 16 * 1024;

/// How long a server does not notice that its peer has gone.
const GHOST: Duration = Duration::from_secs(20);

/// How bad the network is. All are probabilities of one connection, but for the times.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Weather {
    /// Nobody listens.
    pub(crate) refused: f64,
    /// The connection never comes about.
    pub(crate) hangs: f64,
    /// It breaks somewhere.
    pub(crate) breaks: f64,
    /// It falls silent somewhere, in one direction or in both, and neither side is told.
    pub(crate) falls_silent: f64,
    /// The longest that some bytes take.
    pub(crate) slowest: Duration,
}

/// What is done to all connections that are open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Strike {
    #[default]
    None,
    Break,
    /// Bytes in these directions go nowhere: to the server, to the client.
    Silence(bool, bool),
}

/// The network. Clones are the same.
#[derive(Debug, Clone)]
pub(crate) struct Network(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    sim: Arc<le_sim::Sim>,
    rng: fastrand::Rng,
    weather: Weather,
    /// The ways to the open connections, in the order in which they were opened: a channel with many receivers would draw lots.
    open: Vec<mpsc::UnboundedSender<Strike>>,
    dialled: u64,
    trace: Trace,
}

/// What will happen to one connection.
#[derive(Debug, Clone, Copy)]
struct Fate {
    strike: Strike,
    /// After so many bytes to the client.
    after: usize,
    slowest: Duration,
}

impl Network {
    pub(crate) fn new(sim: Arc<le_sim::Sim>, rng: fastrand::Rng, trace: Trace) -> Self {
        Self(Arc::new(Mutex::new(State {
            sim,
            rng,
            weather: Weather::default(),
            open: Vec::new(),
            dialled: 0,
            trace,
        })))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn set(&self, weather: Weather) {
        self.state().weather = weather;
    }

    /// Does this to every open connection.
    pub(crate) fn strike(&self, strike: Strike) {
        let mut state = self.state();
        state.trace.note(format_args!("all connections: {strike:?}"), &[]);
        state.open.retain(|connection| connection.send(strike).is_ok());
    }

    /// Opens a connection.
    pub(crate) async fn dial(&self, by: &str) -> Result<DuplexStream, TransportError> {
        let (outcome, slow) = self.state().cast(by);
        tokio::time::sleep(slow).await;
        match outcome {
            Cast::Refused => Err(TransportError::new(Phase::Connect, Cause::Refused)),
            Cast::Hangs => std::future::pending().await,
            Cast::Open(fate, number) => Ok(self.open(fate, number, by)),
        }
    }

    fn open(&self, fate: Fate, number: u64, by: &str) -> DuplexStream {
        let (near, far) = tokio::io::duplex(BUFFER);
        let mut state = self.state();
        let server = state.sim.connect(BUFFER);
        let mut pump = |is_up: bool| Pump {
            name: format!("{by} #{number} {}", if is_up { "->" } else { "<-" }),
            is_up,
            fate,
            moved: 0,
            rng: state.rng.fork(),
            trace: state.trace.clone(),
        };
        let (up, down) = (pump(true), pump(false));
        let (strike, strikes) = mpsc::unbounded_channel();
        state.open.push(strike);
        tokio::spawn(carry(far, server, up, down, strikes));
        near
    }
}

enum Cast {
    Refused,
    Hangs,
    Open(Fate, u64),
}

impl State {
    fn cast(&mut self, by: &str) -> (Cast, Duration) {
        self.dialled += 1;
        let (weather, rng) = (self.weather, &mut self.rng);
        let slow = within(rng, weather.slowest);
        let outcome = if happens(rng, weather.refused) {
            Cast::Refused
        } else if happens(rng, weather.hangs) {
            Cast::Hangs
        } else {
            let strike = if happens(rng, weather.breaks) {
                Strike::Break
            } else if happens(rng, weather.falls_silent) {
                let way = rng.u8(0..3);
                Strike::Silence(way != 0, way != 1)
            } else {
                Strike::None
            };
            // Most of what is worth breaking is near the beginning: the upgrade, the subscriptions, the first list.
            let after = if rng.bool() {
                rng.usize(..600)
            } else {
                rng.usize(..20_000)
            };
            let fate = Fate {
                strike,
                after,
                slowest: weather.slowest,
            };
            Cast::Open(fate, self.dialled)
        };
        let what = match &outcome {
            Cast::Refused => "refused".to_owned(),
            Cast::Hangs => "hangs".to_owned(),
            Cast::Open(fate, number) => format!("#{number} {:?} after {}", fate.strike, fate.after),
        };
        self.trace.note(format_args!("{by} dials: {what}"), &[]);
        (outcome, slow)
    }
}

/// Carries bytes both ways until either side ends or the connection is struck.
async fn carry(
    client: DuplexStream,
    server: DuplexStream,
    mut up: Pump,
    mut down: Pump,
    mut strikes: mpsc::UnboundedReceiver<Strike>,
) {
    let line = Line::default();
    let (from_client, to_client) = tokio::io::split(client);
    let (from_server, to_server) = tokio::io::split(server);
    let mut up = std::pin::pin!(up.run(from_client, to_server, &line));
    let mut down = std::pin::pin!(down.run(from_server, to_client, &line));
    let (mut up_ended, mut down_ended) = (None, false);
    loop {
        let ghost = async {
            match up_ended {
                Some(at) => tokio::time::sleep_until(at + GHOST).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            Some(strike) = strikes.recv() => match strike {
                Strike::Break => return,
                strike => line.strike(strike),
            },
            () = &mut up, if up_ended.is_none() => up_ended = Some(Instant::now()),
            () = &mut down, if !down_ended => down_ended = true,
            () = ghost => return,
        }
        // In silence the server is not told that the client has gone, nor the client that the server has.
        if !line.is_silent() && (up_ended.is_some() || down_ended) {
            return;
        }
    }
}

/// Which directions of a connection lead nowhere.
#[derive(Default)]
struct Line {
    up: AtomicBool,
    down: AtomicBool,
}

impl Line {
    fn strike(&self, strike: Strike) {
        if let Strike::Silence(up, down) = strike {
            self.up.fetch_or(up, Ordering::Relaxed);
            self.down.fetch_or(down, Ordering::Relaxed);
        }
    }

    fn is_silent(&self) -> bool {
        self.up.load(Ordering::Relaxed) || self.down.load(Ordering::Relaxed)
    }
}

/// One direction of a connection.
struct Pump {
    name: String,
    is_up: bool,
    fate: Fate,
    moved: usize,
    rng: fastrand::Rng,
    trace: Trace,
}

impl Pump {
    /// Moves bytes until the end, or until its fate breaks the connection.
    async fn run(&mut self, mut from: ReadHalf<DuplexStream>, mut to: WriteHalf<DuplexStream>, line: &Line) {
        let mut bytes = vec![0; 4096];
        while let Ok(read @ 1..) = from.read(&mut bytes).await {
            if !self.fate.slowest.is_zero() {
                tokio::time::sleep(within(&mut self.rng, self.fate.slowest)).await;
            }
            let silent = if self.is_up { &line.up } else { &line.down };
            if silent.load(Ordering::Relaxed) {
                continue;
            }
            let left = self.fate.after.saturating_sub(self.moved);
            let struck = !self.is_up && self.fate.strike != Strike::None && left <= read;
            let whole = &bytes[..if struck { left } else { read }];
            self.moved += whole.len();
            // What clients send is masked with numbers of the operating system; what it causes is in the answers.
            let shown = if self.is_up { &[] } else { whole };
            self.trace.note(format_args!("{} {}", self.name, whole.len()), shown);
            if to.write_all(whole).await.is_err() {
                return;
            }
            if struck {
                self.trace
                    .note(format_args!("{} {:?}", self.name, self.fate.strike), &[]);
                line.strike(self.fate.strike);
                if self.fate.strike == Strike::Break {
                    return;
                }
                self.fate.strike = Strike::None;
            }
        }
    }
}
