//! Schedules of workflows.

use jiff::tz::TimeZone;
use tacho_core::schedule::{Schedule, ScheduleError};
use tacho_core::time::Timestamp;

use crate::cut::Cut;

/// Zones whose clocks are moved by an hour, by half an hour, by a whole day, and never.
const ZONES: [&str; 8] = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "Pacific/Apia",
    "Africa/Casablanca",
    "America/Sao_Paulo",
];
/// Times that are looked at, one after the other.
const TIMES_MAX: usize = 12;
const HOUR_US: i64 = 3_600_000_000;
/// 2009-12-31T00:00:00Z, so that sixteen bits of hours reach beyond two skipped days and to 2017.
const EARLY: Timestamp = Timestamp::from_millis(1_262_217_600_000);

/// A cron expression, or a schedule as JSON. Before it stand four bytes that say from when on and where: the zone in the low bits
/// of the first, hours since 2010 in the others of it and in the next two, and the fraction of an hour.
///
/// Laws: each time that it is due lies behind the one before, at a full second and not beyond what a time can be; looked for from
/// anywhere between, it is the same; and a schedule reads back as it was written.
pub fn cron(input: &[u8]) {
    let mut cut = Cut::new(input);
    let zone = cut.byte();
    let hours = cut.number() as i64 + i64::from(zone >> 3) * 8_192;
    let after = EARLY.plus_micros(hours * HOUR_US + i64::from(cut.byte()) * 14_062_501);
    let Ok(text) = std::str::from_utf8(cut.rest()) else {
        return;
    };
    let schedule = match serde_json::from_str(text) {
        Ok(json) => Schedule::from_json(&json),
        Err(_) => Some(Schedule {
            cron: text.to_owned(),
            timezone: Some(ZONES[usize::from(zone) % ZONES.len()].to_owned()),
        }),
    };
    let Some(schedule) = schedule else { return };
    let written = serde_json::to_value(&schedule).unwrap();
    assert_eq!(Schedule::from_json(&written).as_ref(), Some(&schedule));
    let due = match schedule.due_after(after) {
        Ok(due) => due,
        Err(ScheduleError::Zone(name)) => {
            assert!(TimeZone::get(&name).is_err());
            return;
        }
        Err(ScheduleError::Cron(_)) => return,
    };
    let mut last = after;
    for next in due.take(TIMES_MAX) {
        assert!(next > last, "{schedule:?} is due at {next} after {last}");
        assert!(next <= Timestamp::MAX, "{schedule:?} is due at {next}");
        assert_eq!(next.as_micros() % 1_000_000, 0, "{schedule:?} is due at {next}");
        for from in [
            last,
            next.plus_micros(-1),
            last.plus_micros(next.micros_since(last) / 2),
        ] {
            assert_eq!(
                schedule.next_after(from),
                Ok(Some(next)),
                "{schedule:?} after {from}, which lies after {last}"
            );
        }
        last = next;
    }
}
