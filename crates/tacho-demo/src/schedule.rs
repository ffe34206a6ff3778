//! When things happen: hours as the company's clock shows them, working rhythms and cron schedules.

use jiff::tz::TimeZone;

pub(crate) const HOUR_MICROS: i64 = 3_600_000_000;
pub(crate) const MINUTE_MICROS: i64 = 60_000_000;
pub(crate) const DAY_MICROS: i64 = 24 * HOUR_MICROS;

/// One hour, counted since 1970 in UTC, and what the company's clock shows when it begins. In zones off the full hour
/// its last minutes may lie in the next local day; the weekday is that of its beginning.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hour {
    pub(crate) number: i64,
    minute_of_day: i32,
    weekday: i8,
    day_of_month: i8,
    is_holiday: bool,
    /// The clock went back: this local hour was there before.
    is_repeated: bool,
    /// The clock went forward by that much just before.
    gap_minutes: i32,
}

impl Hour {
    pub(crate) fn at(number: i64, zone: &TimeZone) -> Self {
        let begin = jiff::Timestamp::from_second(number * 3600).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        let before = jiff::Timestamp::from_second((number - 1) * 3600).unwrap_or(begin);
        let shift_minutes = (zone.to_offset(begin).seconds() - zone.to_offset(before).seconds()) / 60;
        let local = zone.to_datetime(begin);
        Self {
            number,
            minute_of_day: i32::from(local.hour()) * 60 + i32::from(local.minute()),
            weekday: local.weekday().to_monday_zero_offset(),
            day_of_month: local.day(),
            is_holiday: is_holiday(local.date()),
            is_repeated: shift_minutes < 0,
            gap_minutes: shift_minutes.max(0),
        }
    }

    /// Its first microsecond.
    pub(crate) fn begin(&self) -> i64 {
        self.number * HOUR_MICROS
    }

    pub(crate) fn is_weekend(&self) -> bool {
        self.weekday >= 5
    }
}

/// Public holidays as most of Europe keeps them, the movable ones after Easter (Meeus, "Astronomical Algorithms", 1991).
fn is_holiday(date: jiff::civil::Date) -> bool {
    let fixed = [(1, 1), (5, 1), (12, 24), (12, 25), (12, 26), (12, 31)];
    if fixed.contains(&(date.month(), date.day())) {
        return true;
    }
    let year = i32::from(date.year());
    let (a, b, c) = (year % 19, year / 100, year % 100);
    let h = (19 * a + b - b / 4 - (b - (b + 8) / 25 + 1) / 3 + 15) % 30;
    let l = (32 + 2 * (b % 4) + 2 * (c / 4) - h - c % 4) % 7;
    let m = (a + 11 * h + 22 * l) / 451;
    let (month, day) = ((h + l - 7 * m + 114) / 31, (h + l - 7 * m + 114) % 31 + 1);
    let Ok(easter) = jiff::civil::Date::new(date.year(), month as i8, day as i8) else {
        return false;
    };
    // Good Friday, Easter Monday, Ascension, Whit Monday.
    let after_easter = easter.until(date).map_or(0, |span| span.get_days());
    [-2, 1, 39, 50].contains(&after_easter)
}

/// How much happens at which time of the week, 1 on average over a week without holidays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rhythm {
    /// Employees at work.
    Office,
    /// Customers: evenings and weekends too.
    Customers,
    /// Machines.
    Always,
}

const OFFICE: [f64; 24] = [
    0.0, 0.0, 0.0, 0.0, 0.0, 0.1, 0.4, 1.2, 2.4, 3.0, 3.0, 2.6, 1.8, 2.4, 2.8, 2.6, 2.2, 1.4, 0.7, 0.4, 0.2,
    0.1, 0.1, 0.0,
];
const CUSTOMERS: [f64; 24] = [
    0.25, 0.15, 0.1, 0.1, 0.1, 0.2, 0.4, 0.8, 1.2, 1.5, 1.6, 1.5, 1.5, 1.4, 1.4, 1.4, 1.5, 1.6, 1.7, 1.8,
    1.7, 1.4, 0.9, 0.5,
];

impl Rhythm {
    pub(crate) fn factor(self, hour: &Hour) -> f64 {
        let (table, weekend, holiday) = match self {
            Rhythm::Always => return 1.0,
            Rhythm::Office => (&OFFICE, 0.1, 0.2),
            Rhythm::Customers => (&CUSTOMERS, 0.55, 0.6),
        };
        let mean = table.iter().sum::<f64>() / 24.0 * (5.0 + 2.0 * weekend) / 7.0;
        let day = if hour.is_weekend() {
            weekend
        } else if hour.is_holiday {
            holiday
        } else {
            1.0
        };
        table[(hour.minute_of_day / 60) as usize] * day / mean
    }
}

/// A cron schedule, in the company's zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Schedule {
    /// Every so many minutes (a divisor of 60).
    Every(i32),
    /// Every so many minutes on weekdays, 07:00 to 18:59.
    EveryAtWork(i32),
    /// Once a day.
    Daily(i32, i32),
    /// Monday to Friday.
    Weekdays(i32, i32),
    /// Once a week; Monday is 0.
    Weekly(i8, i32, i32),
    /// On that day of the month.
    Monthly(i8, i32, i32),
}

impl Schedule {
    /// As cron writes it.
    pub(crate) fn cron(self) -> String {
        match self {
            Schedule::Every(60) => "0 * * * *".to_owned(),
            Schedule::Every(minutes) => format!("*/{minutes} * * * *"),
            Schedule::EveryAtWork(60) => "0 7-18 * * 1-5".to_owned(),
            Schedule::EveryAtWork(minutes) => format!("*/{minutes} 7-18 * * 1-5"),
            Schedule::Daily(hour, minute) => format!("{minute} {hour} * * *"),
            Schedule::Weekdays(hour, minute) => format!("{minute} {hour} * * 1-5"),
            Schedule::Weekly(weekday, hour, minute) => format!("{minute} {hour} * * {}", weekday + 1),
            Schedule::Monthly(day, hour, minute) => format!("{minute} {hour} {day} * *"),
        }
    }

    /// The minutes of the hour in which it fires, a bit each. As cron does it: what falls into the hour that the clock
    /// skips runs right after it, what falls into the hour that comes twice runs once.
    pub(crate) fn firings(self, hour: &Hour) -> u64 {
        let every = |minutes: i32| {
            let first = (minutes - hour.minute_of_day % minutes) % minutes;
            (first..60)
                .step_by(minutes as usize)
                .fold(0u64, |bits, minute| bits | 1 << minute)
        };
        let at = |hours: i32, minutes: i32| {
            let wanted = hours * 60 + minutes;
            let offset = (wanted - hour.minute_of_day).rem_euclid(1440);
            let was_skipped = (hour.minute_of_day - hour.gap_minutes..hour.minute_of_day).contains(&wanted);
            if was_skipped {
                1
            } else if offset < 60 && !hour.is_repeated {
                1 << offset
            } else {
                0
            }
        };
        let is_workday = !hour.is_weekend();
        match self {
            Schedule::Every(minutes) => every(minutes),
            Schedule::EveryAtWork(minutes) if is_workday && (420..1140).contains(&hour.minute_of_day) => {
                every(minutes)
            }
            Schedule::Daily(hours, minutes) => at(hours, minutes),
            Schedule::Weekdays(hours, minutes) if is_workday => at(hours, minutes),
            Schedule::Weekly(weekday, hours, minutes) if hour.weekday == weekday => at(hours, minutes),
            Schedule::Monthly(day, hours, minutes) if hour.day_of_month == day => at(hours, minutes),
            _ => 0,
        }
    }

    /// How often it fires on an average day.
    pub(crate) fn firings_per_day(self) -> f64 {
        match self {
            Schedule::Every(minutes) => 1440.0 / f64::from(minutes),
            Schedule::EveryAtWork(minutes) => 720.0 / f64::from(minutes) * 5.0 / 7.0,
            Schedule::Daily(..) => 1.0,
            Schedule::Weekdays(..) => 5.0 / 7.0,
            Schedule::Weekly(..) => 1.0 / 7.0,
            Schedule::Monthly(..) => 12.0 / 365.25,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(day: &str, zone: &str) -> Vec<Hour> {
        let zone = TimeZone::get(zone).unwrap();
        let begin = day
            .parse::<jiff::civil::Date>()
            .unwrap()
            .to_zoned(zone.clone())
            .unwrap();
        let end = begin.tomorrow().unwrap();
        (begin.timestamp().as_second().div_euclid(3600)..end.timestamp().as_second().div_euclid(3600))
            .map(|number| Hour::at(number, &zone))
            .collect()
    }

    fn firings(schedule: Schedule, day: &str, zone: &str) -> u32 {
        hours(day, zone)
            .iter()
            .map(|hour| schedule.firings(hour).count_ones())
            .sum()
    }

    #[test]
    fn schedules_fire_as_cron_does_when_the_clock_changes() {
        let nightly = Schedule::Daily(2, 30);
        for day in ["2026-03-28", "2026-03-29", "2026-10-24", "2026-10-25"] {
            assert_eq!(firings(nightly, day, "Europe/Berlin"), 1, "{day}");
        }
        assert_eq!(hours("2026-03-29", "Europe/Berlin").len(), 23);
        assert_eq!(firings(Schedule::Every(15), "2026-03-29", "Europe/Berlin"), 92);
        assert_eq!(firings(Schedule::Every(15), "2026-10-25", "Europe/Berlin"), 100);
    }

    #[test]
    fn schedules_keep_to_their_days() {
        assert_eq!(
            firings(Schedule::Weekdays(8, 0), "2026-11-22", "Europe/Berlin"),
            0
        );
        assert_eq!(
            firings(Schedule::Weekdays(8, 0), "2026-11-23", "Europe/Berlin"),
            1
        );
        assert_eq!(
            firings(Schedule::Weekly(0, 8, 5), "2026-11-23", "Asia/Kolkata"),
            1
        );
        assert_eq!(
            firings(Schedule::Monthly(1, 6, 0), "2026-12-01", "America/New_York"),
            1
        );
        assert_eq!(
            firings(Schedule::EveryAtWork(30), "2026-11-23", "Europe/Lisbon"),
            24
        );
        assert_eq!(Schedule::Weekly(0, 8, 5).cron(), "5 8 * * 1");
    }

    #[test]
    fn rhythms_average_to_one() {
        for rhythm in [Rhythm::Office, Rhythm::Customers, Rhythm::Always] {
            let week = 9..16;
            let sum: f64 = week
                .flat_map(|day| hours(&format!("2026-11-{day:02}"), "Europe/Berlin"))
                .map(|hour| rhythm.factor(&hour))
                .sum();
            assert!((sum / 168.0 - 1.0).abs() < 1e-9, "{rhythm:?}");
        }
    }

    #[test]
    fn holidays_are_known() {
        for (day, is_free) in [
            ("2026-04-03", true),
            ("2026-04-06", true),
            ("2026-12-25", true),
            ("2026-11-23", false),
            ("2027-03-26", true),
        ] {
            assert_eq!(is_holiday(day.parse().unwrap()), is_free, "{day}");
        }
    }
}
