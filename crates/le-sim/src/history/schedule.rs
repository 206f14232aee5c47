//! When each conversation starts, and whose it is.

use fastrand::Rng;

const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * 60 * MINUTE;

/// How long LiveEngage keeps conversations: 13 months.
pub(super) const RETENTION: i64 = 395 * DAY;

/// A closed conversation started at least this long ago, so that it and its survey had time to end.
pub(super) const SHORTEST_CLOSED: i64 = 90 * MINUTE;

/// The place of one conversation in the history.
#[derive(Debug, Clone, Copy)]
pub(super) struct Slot {
    pub(super) start: i64,
    pub(super) consumer: u32,
    /// The first conversation of its consumer.
    pub(super) first: bool,
    pub(super) open: bool,
}

/// Spreads `count` conversations over the 13 months before `now`, in the order of their start.
pub(super) fn slots(seed: u64, count: usize, now: i64) -> Vec<Slot> {
    let mut random = Rng::with_seed(seed);
    let open = (count / 150).clamp(3, 400).min(count / 2);
    let mut slots: Vec<Slot> = (0..count)
        .map(|number| {
            let open = number < open;
            let start = if open {
                open_start(&mut random, now)
            } else {
                closed_start(&mut random, number, now)
            };
            Slot {
                start,
                consumer: 0,
                first: false,
                open,
            }
        })
        .collect();
    slots.sort_by_key(|slot| slot.start);
    let consumers = (count as u32 * 6 / 10).max(1);
    let mut known = vec![false; consumers as usize];
    for slot in &mut slots {
        slot.consumer = consumer(&mut random, consumers);
        slot.first = !std::mem::replace(&mut known[slot.consumer as usize], true);
    }
    slots
}

/// Spreads `count` conversations that are all closed over the 13 months before `now`, in the order of their start.
pub(super) fn closed_slots(seed: u64, count: usize, now: i64) -> Vec<Slot> {
    let mut random = Rng::with_seed(seed);
    let consumers = (count as u32 * 6 / 10).max(1);
    let mut slots: Vec<Slot> = (0..count)
        .map(|number| Slot {
            start: closed_start(&mut random, number, now),
            consumer: consumer(&mut random, consumers),
            first: false,
            open: false,
        })
        .collect();
    slots.sort_by_key(|slot| slot.start);
    slots
}

/// Most open conversations are days old; some were left open for weeks.
fn open_start(random: &mut Rng, now: i64) -> i64 {
    let age = if random.u8(..5) == 0 {
        random.i64(DAY..40 * DAY)
    } else {
        random.i64(10 * MINUTE..3 * DAY)
    };
    now - age
}

/// Anywhere in the retention, less often at night; one in 300 in the last day, so that recent ones always exist.
fn closed_start(random: &mut Rng, number: usize, now: i64) -> i64 {
    if number % 300 == 299 {
        return now - SHORTEST_CLOSED - random.i64(0..DAY);
    }
    for _ in 0..3 {
        let start = now - SHORTEST_CLOSED - random.i64(0..RETENTION - SHORTEST_CLOSED);
        if !(0..6).contains(&(start.rem_euclid(DAY) / (60 * MINUTE))) || random.u8(..4) == 0 {
            return start;
        }
    }
    now - SHORTEST_CLOSED - random.i64(0..RETENTION - SHORTEST_CLOSED)
}

/// Some consumers write again and again, most once or twice.
fn consumer(random: &mut Rng, consumers: u32) -> u32 {
    if random.u8(..100) < 3 {
        random.u32(..consumers.min(8))
    } else {
        random.u32(..consumers)
    }
}
