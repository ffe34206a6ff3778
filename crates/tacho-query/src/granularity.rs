//! The lengths of a bucket of time.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The length of a bucket of time, on the calendar of the asker's zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Granularity {
    /// A minute.
    Minute,
    /// An hour by the clock on the wall. The hour that is lived twice in autumn is two.
    Hour,
    /// A calendar day: 23 to 25 hours.
    Day,
    /// Monday to Sunday.
    Week,
    /// A calendar month.
    Month,
    /// Three calendar months, from January, April, July or October.
    Quarter,
    /// A calendar year.
    Year,
}

impl Granularity {
    /// Every granularity, finest first.
    pub const ALL: [Granularity; 7] = [
        Granularity::Minute,
        Granularity::Hour,
        Granularity::Day,
        Granularity::Week,
        Granularity::Month,
        Granularity::Quarter,
        Granularity::Year,
    ];

    /// The word on the wire, which is also what SQL's `date_trunc` calls it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Granularity::Minute => "minute",
            Granularity::Hour => "hour",
            Granularity::Day => "day",
            Granularity::Week => "week",
            Granularity::Month => "month",
            Granularity::Quarter => "quarter",
            Granularity::Year => "year",
        }
    }

    /// Whether a bucket is a stretch of calendar days, else of hours and minutes.
    pub const fn is_calendar(self) -> bool {
        !matches!(self, Granularity::Minute | Granularity::Hour)
    }

    /// The next coarser one.
    pub fn wider(self) -> Option<Granularity> {
        Self::ALL.into_iter().find(|wider| *wider > self)
    }

    /// No bucket is longer than that, in microseconds. A minute and an hour are exactly that long, unless the clock is
    /// moved within them.
    pub const fn micros_max(self) -> i64 {
        const HOUR: i64 = 3_600_000_000;
        match self {
            Granularity::Minute => 60_000_000,
            Granularity::Hour => HOUR,
            // A day may gain an hour or more; be generous, this only spares counting.
            Granularity::Day => 26 * HOUR,
            Granularity::Week => (7 * 24 + 2) * HOUR,
            Granularity::Month => (31 * 24 + 2) * HOUR,
            Granularity::Quarter => (92 * 24 + 2) * HOUR,
            Granularity::Year => (366 * 24 + 2) * HOUR,
        }
    }
}
