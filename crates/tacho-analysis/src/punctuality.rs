//! Whether what is scheduled came when it was due.

use tacho_core::Timestamp;

const MINUTE_US: i64 = 60_000_000;
/// The longest grace.
const GRACE_US_MAX: i64 = 15 * MINUTE_US;
/// The shortest grace.
const GRACE_US_MIN: i64 = MINUTE_US;
/// How much sooner than due a run may start.
const EARLY_US_MAX: i64 = MINUTE_US;

/// What became of a time at which something was due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DueState {
    /// It started within the grace.
    Ran,
    /// It started after the grace, and before it was due again.
    Late,
    /// It did not start, and the grace is over.
    Missed,
    /// It has not started yet, and the grace is not over.
    Pending,
}

/// A time at which something was due, and what came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// The time.
    pub at: Timestamp,
    /// What became of it.
    pub state: DueState,
    /// The position of the run that came first.
    pub run: Option<usize>,
}

/// How long after a time that it is due something may start and still be punctual, in microseconds: half the interval until it
/// is due `next`, a minute at least and a quarter of an hour at most; that if it is never due again.
pub fn grace_us(at: Timestamp, next: Option<Timestamp>) -> i64 {
    let half = next.map_or(GRACE_US_MAX, |next| next.micros_since(at) / 2);
    half.clamp(GRACE_US_MIN, GRACE_US_MAX)
}

/// What became of each time that something was `due`, as seen `now`. The times ascend, and so do those at which runs
/// `started`. `next` is when it is due after the last of the times, if ever.
///
/// A run belongs to the last time due at or before its start. It may start sooner than that by a minute, or by half the
/// interval if that is shorter. Of several runs that belong to one time, the first counts.
pub fn match_runs(
    due: &[Timestamp],
    next: Option<Timestamp>,
    started: &[Timestamp],
    now: Timestamp,
) -> Vec<Due> {
    let mut runs = started.iter().enumerate().peekable();
    let following = due.iter().skip(1).copied().map(Some).chain([next]);
    let second = due.get(1).copied().or(next);
    // What comes before the first time is known by the interval after it.
    let mut begin = due.first().map_or(Timestamp::MAX, |first| {
        begins(
            *first,
            second.map_or(i64::MAX, |second| second.micros_since(*first)),
        )
    });
    let mut judged = Vec::with_capacity(due.len());
    for (&at, next) in due.iter().zip(following) {
        let end = next.map_or(Timestamp::MAX, |next| begins(next, next.micros_since(at)));
        while runs.next_if(|(_, start)| **start < begin).is_some() {}
        let run = runs.next_if(|(_, start)| **start < end);
        begin = end;
        let grace_ends = at.plus_micros(grace_us(at, next));
        let state = match run {
            Some((_, start)) if *start <= grace_ends => DueState::Ran,
            Some(_) => DueState::Late,
            None if grace_ends <= now => DueState::Missed,
            None => DueState::Pending,
        };
        judged.push(Due {
            at,
            state,
            run: run.map(|(position, _)| position),
        });
    }
    judged
}

/// How much sooner than a time that it is due a run may start that belongs to it, in microseconds: a minute, or half the
/// interval until it is due `next` if that is shorter.
pub fn early_us(at: Timestamp, next: Option<Timestamp>) -> i64 {
    let interval_us = next.map_or(i64::MAX, |next| next.micros_since(at));
    at.micros_since(begins(at, interval_us))
}

/// From when on a run belongs to a time, which is so long after the one before.
fn begins(at: Timestamp, interval_us: i64) -> Timestamp {
    at.plus_micros(-EARLY_US_MAX.min(interval_us / 2))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tacho_core::Schedule;

    use super::*;

    fn instant(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    /// What became of the times due after `from` and until `to`: the day, the time, a letter for the state, and the run.
    fn judged(cron: &str, zone: &str, [from, to, now]: [&str; 3], started: &[&str]) -> Vec<String> {
        let schedule = Schedule {
            cron: cron.to_owned(),
            timezone: Some(zone.to_owned()),
        };
        let mut times = schedule.due_after(instant(from)).unwrap().peekable();
        let due: Vec<Timestamp> = std::iter::from_fn(|| times.next_if(|at| *at <= instant(to))).collect();
        let started: Vec<Timestamp> = started.iter().map(|start| instant(start)).collect();
        let judged = match_runs(&due, times.next(), &started, instant(now));
        let told = judged.iter().map(|due| {
            let run = due.run.map_or("-".to_owned(), |run| run.to_string());
            format!("{} {:?} {run}", &due.at.to_string()[5..16], due.state)
        });
        told.collect()
    }

    const HOURS: [&str; 3] = [
        "2026-11-22T07:30:00Z",
        "2026-11-22T12:30:00Z",
        "2026-11-22T12:10:00Z",
    ];

    #[test]
    fn what_came_in_time_late_or_not_at_all_is_told_apart() {
        let started = [
            "2026-11-22T08:00:03Z",
            "2026-11-22T08:40:00Z",
            "2026-11-22T09:15:00.000001Z",
            "2026-11-22T10:59:00Z",
        ];
        assert_eq!(
            judged("0 * * * *", "UTC", HOURS, &started),
            [
                "11-22T08:00 Ran 0",
                "11-22T09:00 Late 2",
                "11-22T10:00 Missed -",
                "11-22T11:00 Ran 3",
                "11-22T12:00 Pending -",
            ]
        );
        let sooner = ["2026-11-22T10:58:59Z"];
        let judged = judged("0 * * * *", "UTC", HOURS, &sooner);
        assert_eq!(judged[2..4], ["11-22T10:00 Late 0", "11-22T11:00 Missed -"]);
    }

    #[test]
    fn nothing_that_ran_is_missed_everywhere_and_nothing_due_is_nothing() {
        let none = judged("0 * * * *", "UTC", HOURS, &[]);
        assert_eq!(none.iter().filter(|due| due.contains("Missed")).count(), 4);
        assert_eq!(
            match_runs(&[], None, &[instant("2026-11-22T08:00:00Z")], Timestamp::MAX),
            []
        );
        // Due once and never again: a run belongs to it however late it comes.
        let [due, run] = ["2026-11-22T08:00:00Z", "2026-11-25T08:00:00Z"].map(instant);
        let judged = match_runs(&[due], None, &[run], Timestamp::MAX);
        assert_eq!((judged[0].state, judged[0].run), (DueState::Late, Some(0)));
    }

    /// 29 March 2026: 2:00 becomes 3:00. 25 October 2026: 3:00 becomes 2:00. What is due at half past two is due once on
    /// either day.
    #[test]
    fn days_on_which_the_clock_is_moved_have_their_runs() {
        let of = |times, started: &[&str]| judged("30 2 * * *", "Europe/Berlin", times, started);
        let spring = [
            "2026-03-27T12:00:00Z",
            "2026-03-30T12:00:00Z",
            "2026-03-30T12:00:00Z",
        ];
        let runs = [
            "2026-03-28T01:30:01Z",
            "2026-03-29T01:00:01Z",
            "2026-03-30T00:30:01Z",
        ];
        assert_eq!(
            of(spring, &runs),
            ["03-28T01:30 Ran 0", "03-29T01:00 Ran 1", "03-30T00:30 Ran 2"]
        );
        let autumn = [
            "2026-10-24T12:00:00Z",
            "2026-10-26T12:00:00Z",
            "2026-10-26T12:00:00Z",
        ];
        // The second half past two belongs to the one time due.
        let runs = ["2026-10-25T00:30:01Z", "2026-10-25T01:30:01Z"];
        assert_eq!(of(autumn, &runs), ["10-25T00:30 Ran 0", "10-26T01:30 Missed -"]);
        let hourly = judged(
            "15 * * * *",
            "Europe/Berlin",
            [
                "2026-10-24T23:30:00Z",
                "2026-10-25T02:30:00Z",
                "2026-10-25T02:40:00Z",
            ],
            &[
                "2026-10-25T00:15:00Z",
                "2026-10-25T01:15:00Z",
                "2026-10-25T02:15:00Z",
            ],
        );
        assert_eq!(
            hourly,
            ["10-25T00:15 Ran 0", "10-25T01:15 Ran 1", "10-25T02:15 Ran 2"]
        );
    }

    /// What is due each minute has no run moved to the minute after, though a minute before is within the tolerance.
    #[test]
    fn runs_of_each_minute_keep_their_minute() {
        let times = [
            "2026-11-22T08:00:30Z",
            "2026-11-22T08:03:30Z",
            "2026-11-22T08:10:00Z",
        ];
        let runs = [
            "2026-11-22T08:01:02Z",
            "2026-11-22T08:02:02Z",
            "2026-11-22T08:02:59Z",
        ];
        assert_eq!(
            judged("* * * * *", "UTC", times, &runs),
            ["11-22T08:01 Ran 0", "11-22T08:02 Ran 1", "11-22T08:03 Ran 2"]
        );
    }

    #[test]
    fn the_grace_is_half_the_interval_within_bounds() {
        let at = instant("2026-11-22T08:00:00Z");
        let minutes = |minutes: i64| grace_us(at, Some(at.plus_micros(minutes * MINUTE_US))) / MINUTE_US;
        assert_eq!([1, 2, 10, 30, 60, 1_440].map(minutes), [1, 1, 5, 15, 15, 15]);
        assert_eq!(grace_us(at, None), GRACE_US_MAX);
    }

    proptest! {
        /// Every run belongs to one time at most, in order, and what is said of it follows from its delay.
        #[test]
        fn runs_are_matched_in_order(
            gaps in prop::collection::vec(1i64..3_000, 0..40),
            starts in prop::collection::vec(0i64..40_000, 0..60),
            now in 0i64..60_000,
        ) {
            let second = |seconds: i64| Timestamp::from_micros((seconds + 1_000_000) * 1_000_000);
            let due: Vec<Timestamp> = gaps
                .iter()
                .scan(0, |sum, gap| { *sum += gap; Some(second(*sum)) })
                .collect();
            let mut started: Vec<Timestamp> = starts.into_iter().map(second).collect();
            started.sort();
            let judged = match_runs(&due, None, &started, second(now));
            prop_assert_eq!(judged.len(), due.len());
            let runs: Vec<usize> = judged.iter().filter_map(|due| due.run).collect();
            prop_assert!(runs.is_sorted_by(|a, b| a < b));
            for (position, one) in judged.iter().enumerate() {
                let next = due.get(position + 1).copied();
                let grace = grace_us(one.at, next);
                match one.run.map(|run| started[run].micros_since(one.at)) {
                    Some(delay) => {
                        prop_assert!(delay >= -EARLY_US_MAX);
                        prop_assert!(next.is_none_or(|next| one.at.plus_micros(delay) < next));
                        prop_assert_eq!(one.state == DueState::Ran, delay <= grace);
                    }
                    None => {
                        let is_over = one.at.plus_micros(grace) <= second(now);
                        prop_assert_eq!(one.state == DueState::Missed, is_over);
                        // No run that nobody has lies within the grace and before the next.
                        let end = next.map_or(i64::MAX, |next| next.micros_since(one.at) - EARLY_US_MAX);
                        let unmatched = |start: &Timestamp| {
                            (0..end.min(grace)).contains(&start.micros_since(one.at))
                        };
                        prop_assert!(!started.iter().any(unmatched));
                    }
                }
            }
        }
    }
}
