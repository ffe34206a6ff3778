//! When a workflow is due: a cron expression on the calendar of a time zone.

use croner::Cron;
use croner::parser::{CronParser, Seconds};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

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

    /// The first time it is due after `instant`; `None` if it never is again, such as on 30 February.
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
        let cron = self.parsed()?;
        let mut last = instant;
        Ok(std::iter::from_fn(move || {
            let after = last.to_jiff().to_zoned(zone.clone());
            let next = cron.find_next_occurrence(&after, false).ok()?;
            last = Timestamp::from_jiff(next.timestamp());
            Some(last)
        }))
    }

    fn parsed(&self) -> Result<Cron, ScheduleError> {
        CronParser::builder()
            .seconds(Seconds::Optional)
            .build()
            .parse(&self.cron)
            .map_err(|_| ScheduleError::Cron(self.cron.clone()))
    }
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
