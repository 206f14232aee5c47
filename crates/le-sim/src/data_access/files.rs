//! Which files there are: one for each hour and part, made a while after the hour, deleted after some days.

use jiff::{Timestamp, tz::Offset};

use super::{DataAccessKnobs, FileKind, content};
use crate::world::World;

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;

/// The hours of files are written in this zone, hours from UTC.
const ZONE: i8 = -5;

/// A file, as its name says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct File {
    pub(super) kind: FileKind,
    /// The beginning of its hour, epoch milliseconds.
    pub(super) from: i64,
    pub(super) part: usize,
}

impl File {
    /// The end of its hour.
    pub(super) fn to(self) -> i64 {
        self.from + HOUR_MS
    }

    pub(super) fn name(self, knobs: &DataAccessKnobs) -> String {
        let suffix = if knobs.gz_suffix { ".gz" } else { "" };
        let prefix = self.kind.prefix();
        format!("{prefix}.{}.{}.part-{:05}-0{suffix}", self.from, self.to(), self.part)
    }

    /// Reads a name, with or without the suffix.
    pub(super) fn named(kind: FileKind, name: &str) -> Option<Self> {
        let name = name.strip_suffix(".gz").unwrap_or(name);
        let mut parts = name.strip_prefix(kind.prefix())?.strip_prefix('.')?.split('.');
        let from: i64 = parts.next()?.parse().ok()?;
        let to: i64 = parts.next()?.parse().ok()?;
        let (part, run) = parts.next()?.strip_prefix("part-")?.split_once('-')?;
        let whole = from.rem_euclid(HOUR_MS) == 0 && to - from == HOUR_MS && run == "0" && parts.next().is_none();
        let part = part.parse().ok()?;
        whole.then_some(Self { kind, from, part })
    }

    /// When it was made, if it is there at `now`.
    pub(super) fn made(self, knobs: &DataAccessKnobs, now: i64) -> Option<i64> {
        let made = self
            .to()
            .saturating_add(i64::try_from(knobs.lag_ms).unwrap_or(i64::MAX));
        (made <= now && made > now - i64::from(knobs.kept_days) * DAY_MS).then_some(made)
    }
}

/// The files of a kind that were made in a range, bounds included, oldest first.
pub(super) fn list(world: &World, kind: FileKind, from: i64, to: i64, knobs: &DataAccessKnobs) -> Vec<File> {
    let now = world.clock.now_ms();
    let lag = i64::try_from(knobs.lag_ms).unwrap_or(i64::MAX);
    let oldest = now - i64::from(knobs.kept_days) * DAY_MS;
    // What was made in the range tells of hours that ended the lag before.
    let first = (from.max(oldest).saturating_sub(lag).div_euclid(HOUR_MS) - 1) * HOUR_MS;
    let last = to.min(now).saturating_sub(lag);
    let mut files: Vec<File> = Vec::new();
    let mut hours: std::collections::BTreeMap<i64, usize> = std::collections::BTreeMap::new();
    for bodies in content::of(world, kind, first, last, knobs) {
        let at = bodies.iter().map(|body| body.at).max().unwrap_or(first);
        *hours.entry(at.div_euclid(HOUR_MS) * HOUR_MS).or_default() += 1;
    }
    for (hour, lines) in hours {
        let parts = lines.div_ceil(knobs.lines_per_part.max(1));
        files.extend((0..parts).map(|part| File { kind, from: hour, part }));
    }
    files.retain(|file| file.made(knobs, now).is_some_and(|made| (from..=to).contains(&made)));
    files
}

/// A time as lists write it: ISO 8601 with a colon in the offset.
pub(super) fn scope(ms: i64) -> String {
    let stamp = Timestamp::from_millisecond(ms).unwrap_or(Timestamp::UNIX_EPOCH);
    let zoned = Offset::constant(ZONE).to_datetime(stamp);
    format!("{}-{:02}:00", zoned.strftime("%Y-%m-%dT%H:%M:%S"), ZONE.unsigned_abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_their_file_back() {
        let file = File {
            kind: FileKind::Survey,
            from: 1_893_456_000_000,
            part: 3,
        };
        let knobs = DataAccessKnobs::default();
        let name = file.name(&knobs);
        assert_eq!(name, "Survey.1893456000000.1893459600000.part-00003-0.gz");
        assert_eq!(File::named(FileKind::Survey, &name), Some(file));
        assert_eq!(File::named(FileKind::Survey, name.trim_end_matches(".gz")), Some(file));
        for wrong in [
            "Survey.1893456000001.1893459600001.part-00003-0",
            "Survey.1893456000000.1893459600000.part-00003-1",
            "Agent.1893456000000.1893459600000.part-00003-0",
            "Survey",
        ] {
            assert_eq!(File::named(FileKind::Survey, wrong), None, "{wrong}");
        }
        assert_eq!(scope(1_893_456_000_000), "2029-12-31T19:00:00-05:00");
    }
}
