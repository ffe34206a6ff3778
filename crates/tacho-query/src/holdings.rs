//! What is known of a store before it is asked: how its cells are cut, and about how many rows it has of each day. How a
//! question is answered depends on it, and where nothing is known; the numbers themselves do not.

use std::collections::HashMap;

use jiff::tz::TimeZone;
use tacho_core::record::RecordType;
use tacho_core::time::{TimeRange, Timestamp};

const DAY_US: i64 = 24 * 3_600_000_000;
/// The longest day, on which a clock is moved back by an hour.
const DAY_US_MAX: i64 = 25 * 3_600_000_000;

/// What a store holds, about.
#[derive(Clone, Debug, PartialEq)]
pub struct Holdings {
    /// The zone in which the slots of cells of a day and more are cut: the organization's.
    pub zone: TimeZone,
    /// Since when there are cells of a quarter of an hour. Those of before are kept no longer.
    pub quarter_hours_since: Timestamp,
    /// For each type of which there are rows: the first instant of each day that has some, in order of time, and how many.
    pub days: HashMap<RecordType, Vec<(Timestamp, u64)>>,
    /// When they were counted.
    pub as_of: Timestamp,
}

impl Default for Holdings {
    fn default() -> Self {
        Self {
            zone: TimeZone::UTC,
            quarter_hours_since: Timestamp::MIN,
            days: HashMap::new(),
            as_of: Timestamp::MAX,
        }
    }
}

impl Holdings {
    /// Rows of a type in the days that a range touches: not fewer than in the range, as of the moment they were counted.
    pub fn rows_in(&self, record_type: RecordType, range: TimeRange) -> u64 {
        let days = self.days.get(&record_type).map_or(&[][..], Vec::as_slice);
        let until = days.partition_point(|(start, _)| *start < range.end);
        // A day that began before the range may reach into it.
        let early = range.start.plus_micros(-DAY_US_MAX);
        let from = days.partition_point(|(start, _)| *start <= early);
        let touched = &days[from.min(until)..until];
        touched.iter().map(|(_, rows)| rows).sum()
    }

    /// About how many rows of a type are in a range, if those of each day are spread evenly over what has passed of it.
    pub fn rows_about(&self, record_type: RecordType, range: TimeRange) -> u64 {
        let days = self.days.get(&record_type).map_or(&[][..], Vec::as_slice);
        let rows = days.iter().map(|(start, rows)| {
            let end = start.plus_micros(DAY_US);
            let end = if *start < self.as_of {
                end.min(self.as_of)
            } else {
                end
            };
            let length = |from: Timestamp, to: Timestamp| (to.as_micros() - from.as_micros()).max(0) as f64;
            let inside = length((*start).max(range.start), end.min(range.end));
            (*rows as f64 * inside / length(*start, end)).round() as u64
        });
        rows.sum()
    }

    /// The first instant of the first day of which there are rows.
    pub fn since(&self, record_type: RecordType) -> Option<Timestamp> {
        let days = self.days.get(&record_type)?;
        days.first().map(|(start, _)| *start)
    }

    /// The first instant of a day that a cell of a day carries.
    pub fn day_of(zone: &TimeZone, carried: Timestamp) -> Timestamp {
        let day = carried.to_jiff().to_zoned(TimeZone::UTC).date();
        let start = day.to_zoned(zone.clone());
        start.map_or(carried, |start| Timestamp::from_jiff(start.timestamp()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instant(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn rows_of_a_day_lie_in_what_has_passed_of_it() {
        let days = vec![
            (instant("2026-03-01T00:00:00Z"), 240),
            (instant("2026-03-02T00:00:00Z"), 100),
        ];
        let holdings = Holdings {
            days: HashMap::from([(RecordType::Execution, days)]),
            as_of: instant("2026-03-02T10:00:00Z"),
            ..Holdings::default()
        };
        let rows = |from: &str, to: &str| {
            let range = TimeRange {
                start: instant(from),
                end: instant(to),
            };
            holdings.rows_about(RecordType::Execution, range)
        };
        assert_eq!(rows("2026-03-01T18:00:00Z", "2026-03-02T09:00:00Z"), 60 + 90);
        assert_eq!(rows("2026-03-02T09:00:00Z", "2026-03-03T00:00:00Z"), 10);
        assert_eq!(rows("2026-03-02T11:00:00Z", "2026-03-05T00:00:00Z"), 0);
    }

    #[test]
    fn days_that_a_range_touches_are_counted() {
        let day = |date: &str| instant(&format!("{date}T00:00:00Z"));
        let days = vec![
            (day("2026-11-01"), 5),
            (day("2026-11-02"), 7),
            (day("2026-11-04"), 11),
        ];
        let holdings = Holdings {
            days: HashMap::from([(RecordType::Execution, days)]),
            ..Holdings::default()
        };
        let rows = |from: &str, to: &str| {
            let range = TimeRange {
                start: instant(from),
                end: instant(to),
            };
            holdings.rows_in(RecordType::Execution, range)
        };
        assert_eq!(rows("2026-10-01T00:00:00Z", "2026-11-01T00:00:00Z"), 0);
        assert_eq!(rows("2026-10-01T00:00:00Z", "2026-11-01T00:00:01Z"), 5);
        assert_eq!(rows("2026-11-01T13:00:00Z", "2026-11-02T00:00:01Z"), 12);
        // The day before may have had 25 hours.
        assert_eq!(rows("2026-11-02T00:00:00Z", "2026-12-02T00:00:00Z"), 23);
        assert_eq!(rows("2026-11-02T01:00:00Z", "2026-12-02T00:00:00Z"), 18);
        assert_eq!(holdings.since(RecordType::Execution), Some(day("2026-11-01")));
        assert_eq!(
            holdings.rows_in(
                RecordType::Step,
                TimeRange {
                    start: Timestamp::from_micros(0),
                    end: Timestamp::MAX
                }
            ),
            0
        );
    }
}
