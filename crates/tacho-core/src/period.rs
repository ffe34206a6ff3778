//! The periods of FR-008: a named length of time that ends now.

use std::str::FromStr;

use jiff::{Span, civil, tz::TimeZone};
use serde::{Deserialize, Serialize};

use crate::time::{TimeRange, Timestamp};

/// A named length of time that ends now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Period {
    /// One calendar day back.
    Day,
    /// Seven days back.
    Week,
    /// One calendar month back.
    Month,
    /// Three calendar months back.
    Quarter,
    /// One calendar year back.
    Year,
    /// Since 2020-01-01.
    All,
}

/// The text names no period.
#[derive(Debug, thiserror::Error)]
#[error("\"{0}\" is no period; choose day, week, month, quarter, year or all")]
pub struct UnknownPeriod(pub String);

impl Period {
    /// Every period, shortest first.
    pub const ALL: [Period; 6] = [
        Period::Day,
        Period::Week,
        Period::Month,
        Period::Quarter,
        Period::Year,
        Period::All,
    ];

    /// The period's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Period::Day => "day",
            Period::Week => "week",
            Period::Month => "month",
            Period::Quarter => "quarter",
            Period::Year => "year",
            Period::All => "all",
        }
    }

    /// The range that ends at `now`, counted on the calendar of `zone`: a month before 31 March is the last of February,
    /// a day before is the same wall-clock time yesterday.
    pub fn range(self, now: Timestamp, zone: &TimeZone) -> TimeRange {
        let back = match self {
            Period::Day => Span::new().days(1),
            Period::Week => Span::new().days(7),
            Period::Month => Span::new().months(1),
            Period::Quarter => Span::new().months(3),
            Period::Year => Span::new().years(1),
            Period::All => {
                let start = civil::date(2020, 1, 1)
                    .to_zoned(zone.clone())
                    .map_or(Timestamp::from_micros(1_577_836_800_000_000), |start| {
                        Timestamp::from_jiff(start.timestamp())
                    });
                return TimeRange {
                    start: start.min(now),
                    end: now,
                };
            }
        };
        let start = now
            .to_jiff()
            .to_zoned(zone.clone())
            .checked_sub(back)
            .map_or(Timestamp::MIN, |start| Timestamp::from_jiff(start.timestamp()));
        TimeRange { start, end: now }
    }
}

impl FromStr for Period {
    type Err = UnknownPeriod;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Period::ALL
            .into_iter()
            .find(|period| period.as_str() == text)
            .ok_or_else(|| UnknownPeriod(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start(period: Period, now: &str, zone: &str) -> String {
        let zone = TimeZone::get(zone).unwrap();
        period
            .range(now.parse().unwrap(), &zone)
            .start
            .to_jiff()
            .to_zoned(zone)
            .strftime("%Y-%m-%dT%H:%M%:z")
            .to_string()
    }

    #[test]
    fn periods_are_counted_on_the_askers_calendar() {
        assert_eq!(
            start(Period::Month, "2026-03-31T10:00:00Z", "UTC"),
            "2026-02-28T10:00+00:00"
        );
        // The clocks went forward on 29 March: the same wall-clock time is 23 hours back.
        assert_eq!(
            start(Period::Day, "2026-03-29T10:00:00Z", "Europe/Berlin"),
            "2026-03-28T12:00+01:00"
        );
        assert_eq!(
            start(Period::Year, "2024-02-29T00:00:00Z", "UTC"),
            "2023-02-28T00:00+00:00"
        );
        assert_eq!(
            start(Period::All, "2026-03-29T10:00:00Z", "Europe/Berlin"),
            "2020-01-01T00:00+01:00"
        );
        assert_eq!(
            start(Period::Quarter, "2026-05-31T00:00:00Z", "UTC"),
            "2026-02-28T00:00+00:00"
        );
    }
}
