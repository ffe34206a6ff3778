//! The range of a question about failures, and the range before it.

use jiff::tz::TimeZone;
use tacho_core::period::Period;
use tacho_core::time::{TimeRange, Timestamp};

use super::wire::FailureRange;
use crate::error::QueryError;
use crate::params::TimeParams;
use crate::time::{resolve, zone};

/// The shortest time without a fault after which it is one that comes back.
const QUIET_MIN_US: i64 = 7 * 86_400_000_000;

/// The range of a question about failures, and the range before it, which ends where it begins.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Span {
    pub(super) range: TimeRange,
    pub(super) before: Option<TimeRange>,
}

impl Span {
    /// The last week, if neither a period nor an end of the range is given.
    pub(super) fn resolved(
        period: Option<Period>,
        from: Option<Timestamp>,
        to: Option<Timestamp>,
        now: Timestamp,
        zone: &TimeZone,
    ) -> Result<Self, QueryError> {
        let is_given = period.is_some() || from.is_some() || to.is_some();
        let time = TimeParams {
            period: if is_given { period } else { Some(Period::Week) },
            from,
            to,
            last: None,
        };
        let resolved = resolve(&time, now, zone, "")?;
        Ok(Self {
            range: resolved.range,
            before: resolved.previous,
        })
    }

    /// The range, and the one before it if there is one.
    pub(super) fn ranges(&self) -> impl Iterator<Item = TimeRange> + Clone + use<> {
        std::iter::once(self.range).chain(self.before)
    }

    /// Both ranges as one.
    pub(super) fn whole(&self) -> TimeRange {
        TimeRange {
            start: self.before.map_or(self.range.start, |before| before.start),
            end: self.range.end,
        }
    }

    /// How long a fault must not have been seen to be one that comes back.
    pub(super) fn quiet_us(&self) -> i64 {
        self.range.micros().max(QUIET_MIN_US)
    }
}

/// The zone that a question names, else the asker's.
pub(super) fn zone_of(name: Option<&str>, own: &TimeZone) -> Result<TimeZone, QueryError> {
    match name.filter(|name| !name.is_empty()) {
        Some(name) => zone(name, "/timezone"),
        None => Ok(own.clone()),
    }
}

impl From<TimeRange> for FailureRange {
    fn from(range: TimeRange) -> Self {
        Self {
            from: range.start,
            to: range.end,
        }
    }
}
