//! From "last week" to a range of instants, and the range to compare it with.

use jiff::Span;
use jiff::tz::TimeZone;
use tacho_core::period::Period;
use tacho_core::time::{TimeRange, Timestamp};

use crate::error::QueryError;
use crate::model::names::unknown;
use crate::params::{Compare, CompareRange, CompareWith, TimeParams};

/// The greatest number of a rolling window, such as the 90 of `90d`.
const LAST_MAX: i64 = 1_000_000;

/// A range, and the one just before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResolvedTime {
    /// The range asked about.
    pub range: TimeRange,
    /// The same period before, or the range of the same length before. `None` if that began before 1970, or if the range
    /// is all time.
    pub previous: Option<TimeRange>,
}

/// The name of a zone in the tz database.
pub fn zone_name(zone: &TimeZone) -> &str {
    zone.iana_name().unwrap_or("UTC")
}

/// Finds a zone by its IANA name.
///
/// # Errors
/// [`QueryError::UnknownName`] with the nearest.
pub fn zone(name: &str, pointer: &str) -> Result<TimeZone, QueryError> {
    let is_name = name.len() <= 64 && !name.is_empty();
    match is_name.then(|| TimeZone::get(name)) {
        Some(Ok(zone)) if zone.iana_name().is_some() => Ok(zone),
        _ => {
            let names: Vec<String> = jiff::tz::db().available().map(|name| name.to_string()).collect();
            // Of hundreds of names only an example is worth a mention.
            let error = unknown("time zone", name, pointer, names.iter().map(String::as_str));
            Err(match error {
                QueryError::UnknownName {
                    pointer,
                    what,
                    name,
                    nearest,
                    ..
                } => QueryError::UnknownName {
                    pointer,
                    what,
                    name,
                    nearest,
                    known: "the IANA names, such as Europe/Berlin or UTC".to_owned(),
                },
                other => other,
            })
        }
    }
}

/// Works out a range. Periods, days and weeks are counted on the calendar of `zone`.
///
/// # Errors
/// [`QueryError::InvalidTime`] if it says several ranges, none, an empty or a reversed one.
pub fn resolve(
    params: &TimeParams,
    now: Timestamp,
    zone: &TimeZone,
    pointer: &str,
) -> Result<ResolvedTime, QueryError> {
    let invalid = |at: &str, reason: &str| QueryError::InvalidTime {
        pointer: format!("{pointer}{at}"),
        reason: reason.to_owned(),
    };
    let TimeParams {
        period,
        from,
        to,
        last,
    } = params;
    let resolved = match (period, from, to, last) {
        (Some(period), None, None, None) => {
            let range = period.range(now, zone);
            let previous = (*period != Period::All).then(|| period.range(range.start, zone));
            ResolvedTime { range, previous }
        }
        (None, Some(from), to, None) => {
            let range = TimeRange {
                start: *from,
                end: to.unwrap_or(now),
            };
            if range.start >= range.end {
                return Err(match to {
                    Some(_) => invalid(
                        "/to",
                        "the range ends before it begins; \"to\" must be later than \"from\"",
                    ),
                    None => invalid("/from", "the range begins in the future; give \"to\" as well"),
                });
            }
            let start = range.start.plus_micros(-range.micros());
            let previous = TimeRange {
                start,
                end: range.start,
            };
            ResolvedTime {
                range,
                previous: Some(previous),
            }
        }
        (None, None, None, Some(last)) => {
            let back = rolling(last).ok_or_else(|| {
                invalid(
                    "/last",
                    "a rolling window is a number and m, h, d or w, such as 30m, 24h, 7d or 4w",
                )
            })?;
            let before = |end: Timestamp| {
                let start = end.to_jiff().to_zoned(zone.clone()).checked_sub(back).ok()?;
                let start = Timestamp::from_jiff(start.timestamp());
                (start >= Timestamp::MIN).then_some(TimeRange { start, end })
            };
            let range =
                before(now).ok_or_else(|| invalid("/last", "the window begins before 1970; ask for less"))?;
            ResolvedTime {
                range,
                previous: before(range.start),
            }
        }
        (None, None, Some(_), None) => return Err(invalid("/to", "\"to\" needs \"from\"")),
        (None, None, None, None) => {
            return Err(invalid("", "give a period, \"from\" and \"to\", or \"last\""));
        }
        _ => {
            return Err(invalid(
                "",
                "give only one of period, \"from\" and \"to\", or \"last\"",
            ));
        }
    };
    Ok(ResolvedTime {
        range: resolved.range,
        previous: resolved
            .previous
            .filter(|previous| previous.start >= Timestamp::MIN && previous.micros() > 0),
    })
}

/// The range to compare a range with. `None` if it began before 1970, or if there is nothing before all time.
///
/// # Errors
/// [`QueryError::InvalidTime`] if it is a range of one's own that is empty or reversed.
pub fn compared(
    compare: &Compare,
    resolved: ResolvedTime,
    zone: &TimeZone,
    pointer: &str,
) -> Result<Option<TimeRange>, QueryError> {
    let back = match compare {
        Compare::Range(CompareRange { from, to }) if from >= to => {
            return Err(QueryError::InvalidTime {
                pointer: format!("{pointer}/to"),
                reason: "the range ends before it begins; \"to\" must be later than \"from\"".to_owned(),
            });
        }
        Compare::Range(CompareRange { from, to }) => {
            return Ok(Some(TimeRange {
                start: *from,
                end: *to,
            }));
        }
        Compare::With(CompareWith::PreviousPeriod) => return Ok(resolved.previous),
        Compare::With(CompareWith::LastWeek) => Span::new().weeks(1),
        Compare::With(CompareWith::LastMonth) => Span::new().months(1),
        Compare::With(CompareWith::LastYear) => Span::new().years(1),
    };
    let moved = |instant: Timestamp| {
        let moved = instant.to_jiff().to_zoned(zone.clone()).checked_sub(back).ok()?;
        Some(Timestamp::from_jiff(moved.timestamp())).filter(|moved| *moved >= Timestamp::MIN)
    };
    let range = moved(resolved.range.start).zip(moved(resolved.range.end));
    Ok(range
        .map(|(start, end)| TimeRange { start, end })
        .filter(|range| range.start < range.end))
}

fn rolling(text: &str) -> Option<Span> {
    let unit = text.chars().last()?;
    let digits = text.strip_suffix(unit)?;
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let count = digits
        .parse::<i64>()
        .ok()
        .filter(|count| (1..=LAST_MAX).contains(count))?;
    let span = Span::new();
    match unit {
        'm' => span.try_minutes(count),
        'h' => span.try_hours(count),
        'd' => span.try_days(count),
        'w' => span.try_weeks(count),
        _ => return None,
    }
    .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: &str = "2026-03-30T10:00:00Z";

    fn resolved(params: TimeParams) -> Result<[Option<String>; 3], QueryError> {
        let zone = zone("Europe/Berlin", "/timezone").unwrap();
        let time = resolve(&params, NOW.parse().unwrap(), &zone, "/time")?;
        let previous = time.previous.map(|previous| {
            assert_eq!(previous.end, time.range.start);
            previous.start.to_string()
        });
        Ok([
            Some(time.range.start.to_string()),
            Some(time.range.end.to_string()),
            previous,
        ])
    }

    fn some(parts: [&str; 3]) -> Result<[Option<String>; 3], QueryError> {
        Ok(parts.map(|part| Some(part.to_owned()).filter(|part| !part.is_empty())))
    }

    fn period(period: Period) -> TimeParams {
        TimeParams {
            period: Some(period),
            ..TimeParams::default()
        }
    }

    fn last(text: &str) -> TimeParams {
        TimeParams {
            last: Some(text.to_owned()),
            ..TimeParams::default()
        }
    }

    fn between(from: &str, to: Option<&str>) -> TimeParams {
        TimeParams {
            from: Some(from.parse().unwrap()),
            to: to.map(|to| to.parse().unwrap()),
            ..TimeParams::default()
        }
    }

    #[test]
    fn a_period_is_compared_with_the_same_period_before() {
        // The clocks went forward on 29 March.
        assert_eq!(
            resolved(period(Period::Week)),
            some([
                "2026-03-23T11:00:00Z",
                "2026-03-30T10:00:00Z",
                "2026-03-16T11:00:00Z"
            ])
        );
        assert_eq!(
            resolved(period(Period::Month)),
            some([
                "2026-02-28T11:00:00Z",
                "2026-03-30T10:00:00Z",
                "2026-01-28T11:00:00Z"
            ])
        );
        assert_eq!(
            resolved(period(Period::All)),
            some(["2019-12-31T23:00:00Z", NOW, ""])
        );
    }

    #[test]
    fn a_range_is_compared_with_as_long_a_range() {
        assert_eq!(
            resolved(between("2026-03-20T00:00:00Z", Some("2026-03-30T00:00:00Z"))),
            some([
                "2026-03-20T00:00:00Z",
                "2026-03-30T00:00:00Z",
                "2026-03-10T00:00:00Z"
            ])
        );
        assert_eq!(
            resolved(between("2026-03-30T00:00:00Z", None)),
            some(["2026-03-30T00:00:00Z", NOW, "2026-03-29T14:00:00Z"])
        );
        assert_eq!(
            resolved(between("1980-01-01T00:00:00Z", None)),
            some(["1980-01-01T00:00:00Z", NOW, ""])
        );
    }

    #[test]
    fn hours_are_hours_and_days_are_days() {
        assert_eq!(
            resolved(last("48h")),
            some(["2026-03-28T10:00:00Z", NOW, "2026-03-26T10:00:00Z"])
        );
        assert_eq!(
            resolved(last("2d")),
            some(["2026-03-28T11:00:00Z", NOW, "2026-03-26T11:00:00Z"])
        );
    }

    #[test]
    fn what_is_no_range_is_refused() {
        let pointer = |params: TimeParams| resolved(params).unwrap_err().pointer().to_owned();
        assert_eq!(
            pointer(between("2026-03-30T00:00:00Z", Some("2026-03-20T00:00:00Z"))),
            "/time/to"
        );
        assert_eq!(
            pointer(between("2026-03-30T00:00:00Z", Some("2026-03-30T00:00:00Z"))),
            "/time/to"
        );
        assert_eq!(pointer(between("2027-01-01T00:00:00Z", None)), "/time/from");
        assert_eq!(pointer(TimeParams::default()), "/time");
        assert_eq!(
            pointer(TimeParams {
                last: Some("1d".into()),
                ..period(Period::Day)
            }),
            "/time"
        );
        assert_eq!(
            pointer(TimeParams {
                to: Some(Timestamp::MAX),
                ..TimeParams::default()
            }),
            "/time/to"
        );
        for text in [
            "",
            "h",
            "24",
            "-1h",
            "0h",
            "1y",
            "9999999999h",
            "1000000w",
            "١h",
            "1 h",
        ] {
            assert_eq!(pointer(last(text)), "/time/last", "{text}");
        }
    }

    #[test]
    fn an_unknown_zone_gets_a_suggestion() {
        let error = zone("Europe/Berln", "/timezone").unwrap_err();
        assert!(
            error.to_string().contains("did you mean \"Europe/Berlin\"?"),
            "{error}"
        );
        for name in ["", "+02:00", "../etc/passwd", &"x".repeat(10_000)] {
            assert!(zone(name, "/timezone").is_err(), "{name}");
        }
    }
}
