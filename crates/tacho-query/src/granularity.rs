//! The lengths of a bucket of time.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The length of a bucket of time, on the calendar of the asker's zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Granularity {
    /// A minute.
    #[serde(alias = "1m")]
    Minute,
    /// Five minutes.
    #[serde(alias = "5m")]
    FiveMinutes,
    /// A quarter of an hour.
    #[serde(alias = "15m")]
    QuarterHour,
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
    pub const ALL: [Granularity; 9] = [
        Granularity::Minute,
        Granularity::FiveMinutes,
        Granularity::QuarterHour,
        Granularity::Hour,
        Granularity::Day,
        Granularity::Week,
        Granularity::Month,
        Granularity::Quarter,
        Granularity::Year,
    ];

    /// The word on the wire; for calendar buckets also what SQL's `date_trunc` calls it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Granularity::Minute => "minute",
            Granularity::FiveMinutes => "five_minutes",
            Granularity::QuarterHour => "quarter_hour",
            Granularity::Hour => "hour",
            Granularity::Day => "day",
            Granularity::Week => "week",
            Granularity::Month => "month",
            Granularity::Quarter => "quarter",
            Granularity::Year => "year",
        }
    }

    /// The word for people.
    pub const fn label(self) -> &'static str {
        match self {
            Granularity::FiveMinutes => "five minutes",
            Granularity::QuarterHour => "quarter of an hour",
            other => other.as_str(),
        }
    }

    /// Whether a bucket is a stretch of calendar days, else of hours and minutes.
    pub const fn is_calendar(self) -> bool {
        self as u8 >= Granularity::Day as u8
    }

    /// The next coarser one.
    pub fn wider(self) -> Option<Granularity> {
        Self::ALL.into_iter().find(|wider| *wider > self)
    }

    /// No bucket is longer than that, in microseconds. Those of hours and minutes are exactly that long, unless the clock
    /// is moved within them.
    pub const fn micros_max(self) -> i64 {
        const HOUR: i64 = 3_600_000_000;
        match self {
            Granularity::Minute => 60_000_000,
            Granularity::FiveMinutes => 300_000_000,
            Granularity::QuarterHour => 900_000_000,
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
