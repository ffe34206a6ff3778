//! Buckets of time on the calendar of a zone.
//!
//! The engine below knows no zones. Here the zone's offsets inside the range are worked out from the bundled tz
//! database; SQL turns an instant into a bucket's key by those offsets, and [`Buckets::key_of`] says the same in Rust.
//! The buckets are listed with the same keys, so that those without rows are there too.
//!
//! * Calendar buckets (day and longer) are keyed by their local date. A date that a zone left out (Apia had no
//!   30 December 2011) has no bucket.
//! * Minutes and hours are keyed by the instant at which they begin: a full minute or hour by the clock on the wall, or
//!   the moment at which the clock was moved. So the hour that is lived twice in autumn is two buckets, and where clocks
//!   move by half an hour (Lord Howe) the cut hours are shorter.

use std::collections::BTreeSet;

use jiff::civil;
use jiff::tz::TimeZone;
use tacho_core::time::{TimeRange, Timestamp};

use crate::granularity::Granularity;

/// Buckets that a series may have: a leap year by day, of which the first and the last are cut.
pub const POINTS_MAX: usize = 367;

const SECOND_US: i64 = 1_000_000;
const DAY_US: i64 = 86_400 * SECOND_US;

/// A stretch of time in which the zone keeps one offset. It ends where the next begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment {
    /// When the clock was moved to this offset; `None` if that was long before the range.
    pub start: Option<Timestamp>,
    /// Local time minus UTC, in seconds.
    pub offset_seconds: i32,
}

impl Segment {
    /// Local time minus UTC, in microseconds.
    pub const fn offset_us(self) -> i64 {
        self.offset_seconds as i64 * SECOND_US
    }
}

/// One bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// What SQL calls it.
    pub key: i64,
    /// Its first instant, which may lie before the range.
    pub start: Timestamp,
}

/// The buckets that a range touches, in order of time.
#[derive(Clone, Debug, PartialEq)]
pub struct Buckets {
    /// Their length.
    pub granularity: Granularity,
    /// The zone's offsets inside the range, at least one.
    pub segments: Vec<Segment>,
    /// The buckets.
    pub buckets: Vec<Bucket>,
}

impl Buckets {
    /// The buckets of a range, at least as long as asked for and not more than [`POINTS_MAX`].
    pub fn of(range: TimeRange, requested: Granularity, zone: &TimeZone) -> Buckets {
        let segments = segments(range, zone);
        let mut granularity = requested;
        loop {
            let is_coarsest = granularity.wider().is_none();
            if is_coarsest || range.micros() / granularity.micros_max() <= POINTS_MAX as i64 {
                let buckets = list(range, granularity, &segments, zone);
                if is_coarsest || buckets.len() <= POINTS_MAX {
                    return Buckets {
                        granularity,
                        segments,
                        buckets,
                    };
                }
            }
            match granularity.wider() {
                Some(wider) => granularity = wider,
                None => unreachable!("the coarsest granularity always returns"),
            }
        }
    }

    /// The buckets of a range, exactly as long as asked for. `None` if there would be more than twice [`POINTS_MAX`].
    pub fn exactly(range: TimeRange, granularity: Granularity, zone: &TimeZone) -> Option<Buckets> {
        if range.micros() / granularity.micros_max() > 2 * POINTS_MAX as i64 {
            return None;
        }
        let segments = segments(range, zone);
        let buckets = list(range, granularity, &segments, zone);
        (buckets.len() <= 2 * POINTS_MAX).then_some(Buckets {
            granularity,
            segments,
            buckets,
        })
    }

    /// The key of the bucket in which an instant of the range lies. What SQL computes must be this.
    pub fn key_of(&self, instant: Timestamp) -> i64 {
        let later = self
            .segments
            .iter()
            .skip(1)
            .take_while(|segment| segment.start.is_some_and(|start| start <= instant))
            .count();
        key_in(self.segments[later], instant.as_micros(), self.granularity)
    }
}

/// The offsets of a zone inside a range.
pub(crate) fn segments(range: TimeRange, zone: &TimeZone) -> Vec<Segment> {
    // A bucket of hours that begins before the range must know of a clock moved shortly before.
    let early = range.start.plus_micros(-DAY_US).to_jiff();
    let mut segments = vec![Segment {
        start: None,
        offset_seconds: zone.to_offset(early).seconds(),
    }];
    for transition in zone.following(early) {
        let at = transition.timestamp();
        // The clock is moved in full seconds, so that nothing is lost here.
        let start = Timestamp::from_jiff(at);
        if start >= range.end {
            break;
        }
        let offset_seconds = transition.offset().seconds();
        if segments
            .last()
            .is_some_and(|last| last.offset_seconds != offset_seconds)
        {
            segments.push(Segment {
                start: Some(start),
                offset_seconds,
            });
        }
    }
    let before = segments
        .iter()
        .skip(1)
        .take_while(|segment| segment.start.is_some_and(|start| start <= range.start))
        .count();
    segments.drain(..before);
    segments
}

fn key_in(segment: Segment, instant_us: i64, granularity: Granularity) -> i64 {
    let local = instant_us + segment.offset_us();
    if granularity.is_calendar() {
        return truncated_date(local, granularity);
    }
    let unit = granularity.micros_max();
    let key = local.div_euclid(unit) * unit - segment.offset_us();
    match segment.start {
        Some(start) => key.max(start.as_micros()),
        None => key,
    }
}

/// The first midnight of the calendar bucket of a local time, both in microseconds since 1970 by the local clock.
fn truncated_date(local_us: i64, granularity: Granularity) -> i64 {
    let days = local_us.div_euclid(DAY_US);
    let date = date_of(days);
    let first = match granularity {
        // 1970-01-01 was a Thursday.
        Granularity::Week => return (days - (days + 3).rem_euclid(7)) * DAY_US,
        Granularity::Month => civil::Date::new(date.year(), date.month(), 1),
        Granularity::Quarter => civil::Date::new(date.year(), (date.month() - 1) / 3 * 3 + 1, 1),
        Granularity::Year => civil::Date::new(date.year(), 1, 1),
        _ => return days * DAY_US,
    };
    first.map_or(days, days_of) * DAY_US
}

fn list(range: TimeRange, granularity: Granularity, segments: &[Segment], zone: &TimeZone) -> Vec<Bucket> {
    let (start, end) = (range.start.as_micros(), range.end.as_micros());
    let mut keys = BTreeSet::new();
    for (at, segment) in segments.iter().enumerate() {
        let first = segment.start.map_or(start, |from| from.as_micros().max(start));
        let until = segments
            .get(at + 1)
            .and_then(|next| next.start)
            .map_or(end, |next| next.as_micros().min(end));
        let mut instant = first;
        while instant < until {
            let key = key_in(*segment, instant, granularity);
            keys.insert(key);
            // To the first instant of the next bucket within this offset.
            let next_local = if granularity.is_calendar() {
                next_date(key, granularity)
            } else {
                let unit = granularity.micros_max();
                ((instant + segment.offset_us()).div_euclid(unit) + 1) * unit
            };
            instant = next_local - segment.offset_us();
        }
    }
    let start_of = |key: i64| {
        if granularity.is_calendar() {
            date_of(key.div_euclid(DAY_US))
                .to_zoned(zone.clone())
                .map_or(Timestamp::from_micros(key), |start| {
                    Timestamp::from_jiff(start.timestamp())
                })
        } else {
            Timestamp::from_micros(key)
        }
    };
    keys.into_iter()
        .map(|key| Bucket {
            key,
            start: start_of(key),
        })
        .collect()
}

/// The first midnight after a calendar bucket.
fn next_date(key: i64, granularity: Granularity) -> i64 {
    let days = key.div_euclid(DAY_US);
    let next = match granularity {
        Granularity::Week => days + 7,
        Granularity::Month => days_of(date_of(days).saturating_add(jiff::Span::new().months(1))),
        Granularity::Quarter => days_of(date_of(days).saturating_add(jiff::Span::new().months(3))),
        Granularity::Year => days_of(date_of(days).saturating_add(jiff::Span::new().years(1))),
        _ => days + 1,
    };
    next * DAY_US
}

const EPOCH: civil::Date = civil::date(1970, 1, 1);

fn date_of(days: i64) -> civil::Date {
    EPOCH.saturating_add(jiff::SignedDuration::from_hours(days * 24))
}

/// The midnight of a date in microseconds since 1970 by the local clock: the key of its day.
pub(crate) fn date_key(date: civil::Date) -> i64 {
    days_of(date) * DAY_US
}

fn days_of(date: civil::Date) -> i64 {
    date.duration_since(EPOCH).as_hours() / 24
}

/// An instant as RFC 3339 with the zone's offset. Where the offset has seconds (before 1972), in UTC, because RFC 3339
/// cannot say them.
pub fn format_instant(instant: Timestamp, zone: &TimeZone) -> String {
    let zoned = instant.to_jiff().to_zoned(zone.clone());
    if zoned.offset().seconds() % 60 != 0 {
        return instant.to_string();
    }
    let format = if instant.as_micros().rem_euclid(SECOND_US) == 0 {
        "%Y-%m-%dT%H:%M:%S%:z"
    } else {
        "%Y-%m-%dT%H:%M:%S%.6f%:z"
    };
    zoned.strftime(format).to_string()
}

#[cfg(test)]
mod tests;
