//! What a seed makes happen: who says what and when, and what goes wrong.

use std::time::Duration;

use le_sim::{FaultAction, FaultPlan, FaultRule, MessagingBehaviour, TokenInvalidation};

use crate::account::Stream;
use crate::network::{Strike, Weather};
use crate::support::runtime::{happens, rng, within};

/// Everything that a run does by itself. It follows from the seed alone.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    pub(crate) seed: u64,
    pub(crate) kind: Kind,
    pub(crate) consumers: Vec<Script>,
    pub(crate) weather: Weather,
    pub(crate) faults: FaultPlan,
    /// When what strikes, in order.
    pub(crate) blows: Vec<(Duration, Blow)>,
    /// When everything works again.
    pub(crate) calm: Duration,
    /// A notification may have been lost that nothing later betrays, as servers do at times. Then they recycle the sockets, too.
    pub(crate) recycle: bool,
    pub(crate) knobs: Knobs,
    /// How many events wait for the bot's reader at most.
    pub(crate) queue: usize,
    /// The longest that the reader takes for one delivery.
    pub(crate) dawdles: Duration,
}

/// What one consumer does.
#[derive(Debug, Clone)]
pub(crate) struct Script {
    /// On a socket of its own through the same network, or by the hand of the simulator.
    pub(crate) by_socket: bool,
    /// When it begins.
    pub(crate) begins: Duration,
    /// The pauses before its messages.
    pub(crate) pauses: Vec<Duration>,
    /// It closes its conversation so long after its last message, answered or not.
    pub(crate) closes: Option<Duration>,
}

/// Something that happens once.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Blow {
    /// To all connections.
    Strike(Strike),
    /// The server closes the sockets of the bot, or all.
    Close { all: bool, code: u16 },
    /// The bearers are revoked.
    Expire,
    /// Another program logs in as the bot, opens a socket, and leaves after a while.
    Rival(Duration),
    /// The process of the bot ends between two events and is started again.
    Restart(Duration),
    /// The process of the bot is killed and started again.
    Kill(Duration),
}

/// How the server is set up.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Knobs {
    invalidation: TokenInvalidation,
    response_after_notification: bool,
    bare: bool,
    no_last_content_event: bool,
    null_metadata: bool,
    taken_ring_is_deleted: bool,
    ring_ms: u64,
    longest_second: bool,
}

/// Every close code of the sheet, and two that nobody documents.
const CODES: &[u16] = &[1000, 1001, 1004, 1005, 1006, 1008, 1011, 4401, 4407, 3000, 4999];

const NOTIFICATIONS: &[&str] = &[
    "ms.MessagingEventNotification",
    "ms.MessagingEventNotification",
    "cqm.ExConversationChangeNotification",
    "routing.RoutingTaskNotification",
];

const REQUESTS: &[&str] = &[
    "ms.PublishEvent",
    "ms.PublishEvent",
    "ms.QueryMessages",
    "ms.SubscribeMessagingEvents",
    "cqm.SubscribeExConversations",
    "routing.SubscribeRoutingTasks",
    "routing.UpdateRingState",
    "routing.SetAgentState",
    "cm.ConsumerRequestConversation",
    "cm.UpdateConversationField",
    "*",
];

impl Plan {
    pub(crate) fn of(seed: u64, kind: Kind) -> Self {
        let rng = &mut rng(seed, Stream::Plan as u64);
        let calm = Duration::from_secs(rng.u64(40..240));
        let consumers = (0..rng.usize(1..=3)).map(|_| Script::draw(rng, calm)).collect();
        let mut faults = FaultPlan::new(rng.u64(..));
        let mut recycle = false;
        for _ in 0..rng.usize(0..=5) {
            let rule = draw_rule(rng);
            recycle |= loses_silently(&rule);
            faults = faults.with(rule);
        }
        let mut blows: Vec<(Duration, Blow)> = (0..rng.usize(0..=5))
            .map(|_| (within(rng, calm), Blow::draw(rng, kind)))
            .collect();
        blows.sort_by_key(|(at, _)| *at);
        Self {
            seed,
            kind,
            consumers,
            weather: draw_weather(rng),
            faults,
            blows,
            calm,
            recycle,
            knobs: Knobs::draw(rng),
            queue: if rng.bool() { rng.usize(1..8) } else { 256 },
            dawdles: Duration::from_millis(if happens(rng, 0.3) { rng.u64(..3_000) } else { 0 }),
        }
    }
}

/// What a run is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A loop over a link replies to each message.
    Link,
    /// A bot of the framework does.
    Bot,
}

impl Script {
    fn draw(rng: &mut fastrand::Rng, calm: Duration) -> Self {
        let pause = |rng: &mut fastrand::Rng| {
            // Bursts, and talks.
            let most = if rng.bool() { 200 } else { 30_000 };
            within(rng, Duration::from_millis(most))
        };
        Self {
            by_socket: happens(rng, 0.4),
            begins: within(rng, calm / 2),
            pauses: (0..rng.usize(1..=6)).map(|_| pause(rng)).collect(),
            closes: happens(rng, 0.2).then(|| within(rng, Duration::from_secs(60))),
        }
    }
}

impl Script {
    /// When it is over at the earliest.
    pub(crate) fn lasts(&self) -> Duration {
        self.begins + self.pauses.iter().sum::<Duration>() + self.closes.unwrap_or_default()
    }
}

impl Blow {
    fn draw(rng: &mut fastrand::Rng, kind: Kind) -> Self {
        let pause = Duration::from_millis(rng.u64(..30_000));
        match rng.u8(0..10) {
            0 | 1 => Self::Strike(Strike::Break),
            2 => {
                let way = rng.u8(0..3);
                Self::Strike(Strike::Silence(way != 0, way != 1))
            }
            3..=5 => Self::Close {
                all: rng.bool(),
                code: CODES[rng.usize(..CODES.len())],
            },
            6 | 7 => Self::Expire,
            8 => Self::Rival(pause),
            _ if kind == Kind::Bot && rng.bool() => Self::Kill(pause),
            _ => Self::Restart(pause),
        }
    }
}

impl Knobs {
    fn draw(rng: &mut fastrand::Rng) -> Self {
        Self {
            invalidation: match rng.u8(0..4) {
                0 => TokenInvalidation::Abort,
                1 => TokenInvalidation::StaysOpen,
                _ => TokenInvalidation::Close,
            },
            response_after_notification: happens(rng, 0.3),
            bare: happens(rng, 0.2),
            no_last_content_event: happens(rng, 0.2),
            null_metadata: happens(rng, 0.2),
            taken_ring_is_deleted: rng.bool(),
            ring_ms: rng.u64(5_000..72_000),
            longest_second: happens(rng, 0.1),
        }
    }

    /// Sets the simulator up.
    pub(crate) fn apply(&self, behaviour: &mut MessagingBehaviour) {
        behaviour.token_invalidation = self.invalidation;
        behaviour.ring_ms = self.ring_ms;
        behaviour.dialect.response_after_notification = self.response_after_notification;
        behaviour.dialect.single_element_bare = self.bare;
        behaviour.dialect.no_last_content_event = self.no_last_content_event;
        behaviour.dialect.null_metadata = self.null_metadata;
        behaviour.dialect.taken_ring_is_deleted = self.taken_ring_is_deleted;
        if self.longest_second {
            behaviour.idle_ms = Some(40_000);
        }
    }
}

fn draw_weather(rng: &mut fastrand::Rng) -> Weather {
    let mut some = |most: f64| if rng.bool() { rng.f64() * most } else { 0.0 };
    let mut weather = Weather {
        refused: some(0.5),
        hangs: some(0.2),
        breaks: some(0.7),
        falls_silent: some(0.5),
        slowest: Duration::ZERO,
    };
    if rng.bool() {
        weather.slowest = Duration::from_millis(rng.u64(1..800));
    }
    weather
}

fn draw_rule(rng: &mut fastrand::Rng) -> FaultRule {
    let side = ["agent", "consumer", "*"][rng.usize(..3)];
    let name = REQUESTS[rng.usize(..REQUESTS.len())];
    let (route, action) = match rng.u8(0..8) {
        0..=2 => (format!("socket.{side}.request.{name}"), on_request(rng)),
        3 | 4 => (format!("socket.{side}.response.{name}"), on_frame(rng, 15_000)),
        5 | 6 => {
            let name = NOTIFICATIONS[rng.usize(..NOTIFICATIONS.len())];
            (format!("socket.{side}.notification.{name}"), on_frame(rng, 8_000))
        }
        _ => {
            let route = [
                "login.login",
                "messaging.agent_socket",
                "messaging.*_socket",
                "idp.signup",
            ][rng.usize(..4)];
            (route.to_owned(), on_exchange(rng))
        }
    };
    let rule = FaultRule::new(action).route(route).max(rng.u64(1..=8));
    match rng.u8(0..3) {
        0 => rule.nth(rng.u64(1..=6)),
        1 => rule.every(rng.u64(1..=5)),
        _ => rule.probability(rng.f64()),
    }
}

fn on_request(rng: &mut fastrand::Rng) -> FaultAction {
    match rng.u8(0..9) {
        0 | 1 => FaultAction::status(429),
        2 => FaultAction::status([500, 503][rng.usize(..2)]),
        // Shorter than the time that a client waits for an answer: what is done after it gave up, nobody can settle.
        3 => FaultAction::Delay { ms: rng.u64(..8_000) },
        4 => FaultAction::FrameDrop,
        5 => FaultAction::SocketSilent,
        6 => FaultAction::ResetBeforeBody,
        7 => FaultAction::ExpireSession,
        _ => closes(rng),
    }
}

fn on_frame(rng: &mut fastrand::Rng, longest_ms: u64) -> FaultAction {
    match rng.u8(0..12) {
        0 => FaultAction::FrameDrop,
        1 | 2 => FaultAction::FrameDuplicate,
        3 | 4 => FaultAction::FrameReorder,
        5 => FaultAction::Delay {
            ms: rng.u64(..longest_ms),
        },
        6 => FaultAction::SocketSilent,
        7 => FaultAction::ResetBeforeBody,
        8 => FaultAction::ResetAfterBody,
        9 => FaultAction::FrameSplit,
        10 => FaultAction::FrameBroken,
        _ => closes(rng),
    }
}

fn on_exchange(rng: &mut fastrand::Rng) -> FaultAction {
    match rng.u8(0..5) {
        0 => FaultAction::status([429, 500, 502, 503][rng.usize(..4)]),
        1 => FaultAction::ResetBeforeBody,
        2 => FaultAction::ResetAfterBody,
        3 => FaultAction::Delay { ms: rng.u64(..30_000) },
        _ => FaultAction::status([429, 502][rng.usize(..2)]),
    }
}

fn closes(rng: &mut fastrand::Rng) -> FaultAction {
    FaultAction::SocketClose {
        code: CODES[rng.usize(..CODES.len())],
        reason: String::new(),
    }
}

fn loses_silently(rule: &FaultRule) -> bool {
    let notifies = rule
        .route
        .as_deref()
        .is_some_and(|route| route.contains(".notification."));
    notifies
        && matches!(
            rule.action,
            FaultAction::FrameDrop | FaultAction::FrameReorder | FaultAction::FrameBroken
        )
}
