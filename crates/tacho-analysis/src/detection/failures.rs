//! Failures in a row.

use tacho_core::Timestamp;

use crate::detection::{Finding, History};

/// The fewest failures in a row that are no chance.
pub const FAILURES_MIN: usize = 3;
/// The most that are taken for chance, whatever the history.
pub const FAILURES_MAX: usize = 20;
/// What happens less often is no chance: one of a hundred million rows of that length.
const CHANCE: f64 = 1e-8;
/// Before anything is known, a workflow is taken to fail as often as one in twenty.
const PRIOR_RUNS: f64 = 20.0;
const PRIOR_FAILURES: f64 = 1.0;

/// How an execution ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// When.
    pub at: Timestamp,
    /// Whether it failed or timed out.
    pub is_failure: bool,
}

/// How many failures in a row are no chance for a workflow that failed so often: the least `n` with `p^n < 10⁻⁸`, 3 at least
/// and 20 at most, where `p = (failures + 1) / (runs + 20)`.
pub fn failures_limit(runs: u64, failures: u64) -> usize {
    let p = (failures as f64 + PRIOR_FAILURES) / (runs as f64 + PRIOR_RUNS);
    let needed = (FAILURES_MIN..FAILURES_MAX).find(|n| p.powf(*n as f64) < CHANCE);
    needed.unwrap_or(FAILURES_MAX)
}

/// Whether the last executions failed, so many in a row that it is no chance. The `outcomes` are the last that are known,
/// the oldest first. What they were before, not the row of failures itself, says how often the workflow fails.
pub fn repeated_failure(outcomes: &[Outcome], history: &History) -> Option<Finding> {
    let failed = outcomes
        .iter()
        .rev()
        .take_while(|outcome| outcome.is_failure)
        .count();
    if failed < FAILURES_MIN {
        return None;
    }
    let row = &outcomes[outcomes.len() - failed..];
    let counted = row
        .iter()
        .filter(|outcome| history.until.is_some_and(|until| outcome.at < until));
    let counted = counted.count() as u64;
    let (runs, failures) = (
        history.runs.saturating_sub(counted),
        history.failures.saturating_sub(counted),
    );
    let limit = failures_limit(runs, failures);
    (failed >= limit).then(|| Finding {
        since: row[0].at,
        measured: failed as f64,
        limit: limit as f64,
        reason: format!("The last {failed} runs failed; {}", usual(runs, failures)),
    })
}

fn usual(runs: u64, failures: u64) -> String {
    match (runs, failures) {
        (0, _) => "none ended before.".to_owned(),
        (_, 0) => format!("none of the {runs} before did."),
        (_, 1) => format!("1 of the {runs} before did."),
        _ => format!("{failures} of the {runs} before did."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_fails_more_may_fail_more_in_a_row() {
        let rates = [
            (10_000, 0),
            (10_000, 1),
            (10_000, 100),
            (1_000, 50),
            (1_000, 200),
            (1_000, 500),
            (0, 0),
        ];
        let limits = rates.map(|(runs, failures)| failures_limit(runs, failures));
        assert_eq!(limits, [3, 3, 5, 7, 12, 20, 7]);
    }

    fn outcomes(text: &str) -> Vec<Outcome> {
        (1..)
            .zip(text.chars())
            .map(|(minute, letter)| Outcome {
                at: Timestamp::from_millis(minute * 60_000),
                is_failure: letter == 'x',
            })
            .collect()
    }

    fn history(runs: u64, failures: u64, until_minute: i64) -> History {
        History {
            runs,
            failures,
            until: Some(Timestamp::from_millis(until_minute * 60_000)),
            ..History::default()
        }
    }

    #[test]
    fn as_many_as_are_no_chance_are_found_and_fewer_are_not() {
        let seldom = history(1_000, 19, 0);
        assert_eq!(repeated_failure(&outcomes("..x.xxxx"), &seldom), None);
        let found = repeated_failure(&outcomes("..x.xxxxx"), &seldom).unwrap();
        assert_eq!((found.measured, found.limit), (5.0, 5.0));
        assert_eq!(found.since, Timestamp::from_millis(5 * 60_000));
        assert_eq!(found.reason, "The last 5 runs failed; 19 of the 1000 before did.");
        assert_eq!(repeated_failure(&outcomes("xxxxxxxxx."), &seldom), None);
        assert_eq!(repeated_failure(&[], &seldom), None);
    }

    /// A workflow that fails from its first run on is found after seven, not taken for one that always fails.
    #[test]
    fn the_row_itself_does_not_say_how_often_it_fails() {
        let of = |count: usize| {
            repeated_failure(
                &outcomes(&"x".repeat(count)),
                &history(count as u64, count as u64, 100),
            )
        };
        assert_eq!(of(6), None);
        assert_eq!(
            of(7).unwrap().reason,
            "The last 7 runs failed; none ended before."
        );
        // What ended after the history was read is not part of it.
        let found = repeated_failure(&outcomes("xxxxx"), &history(1_000, 3, 3)).unwrap();
        assert_eq!(found.reason, "The last 5 runs failed; 1 of the 998 before did.");
    }
}
