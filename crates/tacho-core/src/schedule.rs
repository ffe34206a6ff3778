//! When a workflow is due: a cron expression on the calendar of a time zone.

use croner::parser::{CronParser, Seconds};
use croner::{Cron, CronComponent, CronPattern, Weekday, YEAR_LOWER_LIMIT, YEAR_UPPER_LIMIT};
use jiff::ToSpan as _;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

/// Years in which a time is looked for. What comes at all comes within them, such as a Monday that is 29 February; for what
/// never comes every day up to the year 5000 would be looked at.
const YEARS_MAX: u16 = 50;
/// Days among which is every day of a month on every weekday.
const DAYS_MAX: usize = 8 * 366;

/// The schedule of a workflow, as its sender says it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schedule {
    /// A cron expression of five fields (minute, hour, day of month, month, day of week) or six, seconds first.
    pub cron: String,
    /// The IANA time zone on whose calendar it is read; UTC if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timezone: Option<String>,
}

/// Why a schedule tells no times.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScheduleError {
    /// The expression cannot be read.
    #[error("\"{0}\" is no cron expression")]
    Cron(String),
    /// There is no such zone.
    #[error("\"{0}\" is no time zone")]
    Zone(String),
}

impl Schedule {
    /// The schedule in a workflow's field `schedule`: an object with `cron`, or the expression alone. `None` if it is
    /// neither.
    pub fn from_json(json: &serde_json::Value) -> Option<Self> {
        match json {
            serde_json::Value::String(cron) => Some(Self {
                cron: cron.clone(),
                timezone: None,
            }),
            object => Self::deserialize(object).ok(),
        }
    }

    /// The first time it is due after `instant`; `None` if it never is again, such as on 30 February, nor within 50 years.
    ///
    /// What falls into the hour that is skipped in spring is due when the clock has been moved; what falls into the hour
    /// that is lived twice in autumn is due once if it is at a fixed time.
    ///
    /// # Errors
    /// If expression or zone cannot be understood.
    pub fn next_after(&self, instant: Timestamp) -> Result<Option<Timestamp>, ScheduleError> {
        Ok(self.due_after(instant)?.next())
    }

    /// All times that it is due after `instant`, one after the other, as [`Schedule::next_after`] has them.
    ///
    /// # Errors
    /// If expression or zone cannot be understood.
    pub fn due_after(
        &self,
        instant: Timestamp,
    ) -> Result<impl Iterator<Item = Timestamp> + use<>, ScheduleError> {
        let zone = match &self.timezone {
            None => TimeZone::UTC,
            Some(name) => TimeZone::get(name).map_err(|_| ScheduleError::Zone(name.clone()))?,
        };
        let cron = self.parsed(instant.to_jiff().to_zoned(zone.clone()).date())?;
        let mut last = instant;
        Ok(std::iter::from_fn(move || {
            let cron = cron.as_ref()?;
            let after = last.to_jiff().to_zoned(zone.clone());
            let next = cron.find_next_occurrence(&after, false).ok()?;
            last = Timestamp::from_jiff(next.timestamp());
            Some(last)
        }))
    }

    /// The expression for times from that day on; `None` if it never comes.
    fn parsed(&self, first_day: Date) -> Result<Option<Cron>, ScheduleError> {
        let unread = || ScheduleError::Cron(self.cron.clone());
        let parser = CronParser::builder().seconds(Seconds::Optional).build();
        let text = self.with_years(first_day.year()).ok_or_else(unread)?;
        let cron = parser.parse(&text).map_err(|_| unread())?;
        let CronPattern {
            seconds,
            minutes,
            hours,
            months,
            ..
        } = &cron.pattern;
        // Commas alone are taken for a field, one without a value: every hour of thousands of years would be looked at.
        if [seconds, minutes, hours, months]
            .iter()
            .any(|field| field.values().is_empty())
        {
            return Err(unread());
        }
        Ok(has_day(&cron.pattern, first_day).then_some(cron))
    }

    /// The expression, bound to the years in which a time is looked for. `None` if it cannot be read.
    fn with_years(&self, first: i16) -> Option<String> {
        let (cron, first) = (&self.cron, first.unsigned_abs());
        let last = first.saturating_add(YEARS_MAX);
        let fields: Vec<&str> = cron.split_whitespace().collect();
        Some(match fields.as_slice() {
            [_, _, _, _, _] => format!("0 {cron} {first}-{last}"),
            [_, _, _, _, _, _] => format!("{cron} {first}-{last}"),
            [others @ .., own] if others.len() == 6 => {
                let mut years = CronComponent::new(YEAR_LOWER_LIMIT as u16, YEAR_UPPER_LIMIT as u16, 0, 0);
                years.parse(own).ok()?;
                let years = years.values().into_iter();
                let years = years.filter(|year| (first..=last).contains(year));
                let years: Vec<String> = years.map(|year| year.to_string()).collect();
                // A list without a year is none; that one is over.
                let list = if years.is_empty() {
                    "1".to_owned()
                } else {
                    years.join(",")
                };
                format!("{} {list}", others.join(" "))
            }
            // A word for an expression, or nothing that can be read.
            _ => cron.clone(),
        })
    }
}

/// Whether there is a day that suits, whatever its month: the second Friday is never the 31st.
fn has_day(pattern: &CronPattern, first: Date) -> bool {
    first.series(1.day()).take(DAYS_MAX).any(|day| {
        let weekday =
            Weekday::from_days_from_sunday(day.weekday().to_sunday_zero_offset().unsigned_abs().into());
        let (month, day_of_month) = (day.month().unsigned_abs(), day.day().unsigned_abs());
        pattern
            .day_match(day.year().into(), month.into(), day_of_month.into(), weekday)
            .unwrap_or(false)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(cron: &str, zone: Option<&str>, after: &str) -> Result<Option<String>, ScheduleError> {
        let schedule = Schedule {
            cron: cron.to_owned(),
            timezone: zone.map(str::to_owned),
        };
        let next = schedule.next_after(after.parse().unwrap())?;
        Ok(next.map(|next| next.to_string()))
    }

    fn due(cron: &str, zone: &str, after: &str) -> String {
        next(cron, Some(zone), after).unwrap().unwrap()
    }

    #[test]
    fn it_is_read_on_the_calendar_of_its_zone() {
        let berlin = "Europe/Berlin";
        assert_eq!(
            due("0 6 * * *", berlin, "2026-01-11T05:00:00Z"),
            "2026-01-12T05:00:00Z"
        );
        assert_eq!(
            due("0 6 * * *", berlin, "2026-07-11T03:59:59Z"),
            "2026-07-11T04:00:00Z"
        );
        assert_eq!(
            due("*/15 * * * *", "UTC", "2026-01-11T05:15:00Z"),
            "2026-01-11T05:30:00Z"
        );
        assert_eq!(
            due("30 0 9 * * MON-FRI", "UTC", "2026-11-20T10:00:00Z"),
            "2026-11-23T09:00:30Z"
        );
    }

    #[test]
    fn it_is_due_once_when_the_clock_is_moved() {
        // 29 March 2026: 2:00 becomes 3:00. 25 October 2026: 3:00 becomes 2:00.
        let berlin = "Europe/Berlin";
        assert_eq!(
            due("30 2 * * *", berlin, "2026-03-28T12:00:00Z"),
            "2026-03-29T01:00:00Z"
        );
        let autumn = due("30 2 * * *", berlin, "2026-10-24T12:00:00Z");
        assert_eq!(autumn, "2026-10-25T00:30:00Z");
        assert_eq!(due("30 2 * * *", berlin, &autumn), "2026-10-26T01:30:00Z");
    }

    #[test]
    fn it_is_due_time_after_time() {
        let schedule = Schedule {
            cron: "30 2 * * *".to_owned(),
            timezone: Some("Europe/Berlin".to_owned()),
        };
        let due = schedule
            .due_after("2026-03-27T12:00:00Z".parse().unwrap())
            .unwrap();
        let due: Vec<String> = due.take(3).map(|due| due.to_string()).collect();
        // On the 29th there is no half past two.
        assert_eq!(
            due,
            [
                "2026-03-28T01:30:00Z",
                "2026-03-29T01:00:00Z",
                "2026-03-30T00:30:00Z"
            ]
        );
    }

    #[test]
    fn what_cannot_be_understood_is_an_error_and_what_never_comes_is_none() {
        let after = "2026-01-01T00:00:00Z";
        assert!(matches!(
            next("whenever", None, after),
            Err(ScheduleError::Cron(_))
        ));
        assert!(matches!(
            next("* * * * *", Some("Mars/Base"), after),
            Err(ScheduleError::Zone(_))
        ));
        assert_eq!(next("0 0 30 2 *", None, after), Ok(None));
        assert_eq!(next("0 0 , * *", None, after), Ok(None));
        assert_eq!(next("0 0 31 * +5#2", None, after), Ok(None));
        assert_eq!(next("0 0 0 1 1 * 4000", None, after), Ok(None));
        assert_eq!(
            next("0 0 29 2 +MON", None, after),
            Ok(Some("2044-02-29T00:00:00Z".to_owned()))
        );
        for field in [", * * * *", "* , * * *", "* * * , *", ",, * * * * *"] {
            assert!(matches!(next(field, None, after), Err(ScheduleError::Cron(_))));
        }
    }

    #[test]
    fn senders_write_it_as_an_object_or_as_the_expression() {
        let json = serde_json::json!({ "cron": "0 6 * * *", "timezone": "Europe/Berlin", "jitter": 5 });
        let schedule = Schedule::from_json(&json).unwrap();
        assert_eq!(schedule.timezone.as_deref(), Some("Europe/Berlin"));
        assert_eq!(
            Schedule::from_json(&"0 6 * * *".into()).unwrap().cron,
            "0 6 * * *"
        );
        assert_eq!(Schedule::from_json(&serde_json::json!(7)), None);
    }
}
