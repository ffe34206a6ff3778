//! Days on which clocks are moved: what is due then is due once, and is missed only if nothing came.

use tacho_analysis::detection::Kind;
use tacho_core::{Schedule, Timestamp};

use crate::company::{Plan, Start};
use crate::faults::found_in;
use crate::life::{DAY_US, End, Life, SECOND_US};

pub(crate) fn plan(cron: &str, zone: &str) -> Plan {
    Plan {
        number: 1,
        start: Start::Scheduled(Schedule {
            cron: cron.to_owned(),
            timezone: Some(zone.to_owned()),
        }),
        median: 20.0,
        sigma: 0.3,
        failure_rate: 0.0,
        steps: None,
        counts_steps: false,
        timeout: None,
        tells_at_end: false,
    }
}

/// When it is due on the day on which clocks are moved, worked out by hand; and on the day before and the day after.
struct Case {
    cron: &'static str,
    zone: &'static str,
    due: [&'static str; 3],
}

const CASES: [Case; 8] = [
    // 29 March 2026 in Berlin: 2:00 becomes 3:00. There is no half past two; it is due when the clock has been moved.
    Case {
        cron: "30 2 * * *",
        zone: "Europe/Berlin",
        due: [
            "2026-03-28T01:30:00Z",
            "2026-03-29T01:00:00Z",
            "2026-03-30T00:30:00Z",
        ],
    },
    Case {
        cron: "0 3 * * *",
        zone: "Europe/Berlin",
        due: [
            "2026-03-28T02:00:00Z",
            "2026-03-29T01:00:00Z",
            "2026-03-30T01:00:00Z",
        ],
    },
    // 25 October 2026 in Berlin: 3:00 becomes 2:00. Half past two is twice; it is due the first time.
    Case {
        cron: "30 2 * * *",
        zone: "Europe/Berlin",
        due: [
            "2026-10-24T00:30:00Z",
            "2026-10-25T00:30:00Z",
            "2026-10-26T01:30:00Z",
        ],
    },
    Case {
        cron: "0 3 * * *",
        zone: "Europe/Berlin",
        due: [
            "2026-10-24T01:00:00Z",
            "2026-10-25T02:00:00Z",
            "2026-10-26T02:00:00Z",
        ],
    },
    // 8 March 2026 in New York: 2:00 becomes 3:00.
    Case {
        cron: "30 2 * * *",
        zone: "America/New_York",
        due: [
            "2026-03-07T07:30:00Z",
            "2026-03-08T07:00:00Z",
            "2026-03-09T06:30:00Z",
        ],
    },
    Case {
        cron: "30 1 * * *",
        zone: "America/New_York",
        due: [
            "2026-03-07T06:30:00Z",
            "2026-03-08T06:30:00Z",
            "2026-03-09T05:30:00Z",
        ],
    },
    // 1 November 2026 in New York: 2:00 becomes 1:00.
    Case {
        cron: "30 1 * * *",
        zone: "America/New_York",
        due: [
            "2026-10-31T05:30:00Z",
            "2026-11-01T05:30:00Z",
            "2026-11-02T06:30:00Z",
        ],
    },
    Case {
        cron: "30 2 * * *",
        zone: "America/New_York",
        due: [
            "2026-10-31T06:30:00Z",
            "2026-11-01T07:30:00Z",
            "2026-11-02T07:30:00Z",
        ],
    },
];

pub(crate) fn run(due: Timestamp) -> Life {
    let started_at = due.plus_micros(2 * SECOND_US);
    Life {
        queued_at: None,
        started_at,
        steps: Vec::new(),
        ended_at: started_at.plus_micros(20 * SECOND_US),
        end: End::Success,
    }
}

#[test]
fn what_ran_when_it_was_due_was_not_missed_and_what_did_not_was() {
    for case in &CASES {
        let due = case.due.map(|due| due.parse::<Timestamp>().unwrap());
        let plan = plan(case.cron, case.zone);
        let (start, end) = (due[0].plus_micros(-DAY_US / 2), due[2].plus_micros(DAY_US / 4));
        let all: Vec<Life> = due.iter().map(|due| run(*due)).collect();
        assert_eq!(
            found_in(&plan, &all, start, end),
            [],
            "{} {}",
            case.cron,
            case.zone
        );

        let without = [all[0].clone(), all[2].clone()];
        let found = found_in(&plan, &without, start, end);
        let [missed] = &found[..] else {
            panic!("{} {}: {found:?}", case.cron, case.zone);
        };
        assert_eq!((missed.kind, missed.since), (Kind::MissedSchedule, due[1]));
        let minutes = missed.detected_at.micros_since(due[1]) / (60 * SECOND_US);
        assert_eq!(minutes, 15, "the grace of what is due once a day");
    }
}

/// Each hour has its run, also the one that is lived twice.
#[test]
fn every_hour_of_a_day_of_twenty_five_has_its_run() {
    let plan = plan("15 * * * *", "Europe/Berlin");
    let first: Timestamp = "2026-10-24T20:15:00Z".parse().unwrap();
    let due: Vec<Timestamp> = (0..12)
        .map(|hour| first.plus_micros(hour * 3600 * SECOND_US))
        .collect();
    let (start, end) = (
        first.plus_micros(-600 * SECOND_US),
        due[11].plus_micros(1200 * SECOND_US),
    );
    let all: Vec<Life> = due.iter().map(|due| run(*due)).collect();
    assert_eq!(found_in(&plan, &all, start, end), []);
    for (missing, at) in due.iter().enumerate().take(11).skip(1) {
        let mut some = all.clone();
        some.remove(missing);
        let found: Vec<Timestamp> = found_in(&plan, &some, start, end)
            .into_iter()
            .map(|found| found.since)
            .collect();
        assert_eq!(found, [*at]);
    }
}
