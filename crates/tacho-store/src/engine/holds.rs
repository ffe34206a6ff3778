//! For how long answers do although something has changed: holds.
//!
//! Who asks says how old an answer may be. A hold is a position of the organization's journal, and the end of ranges that
//! end now, that stand for that long at most. So what is recorded all the time does not have the same read all the time,
//! and the same question about the last week is the same question a few seconds later. After a time without changes, the
//! first is seen at once.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use tacho_core::OrganizationId;
use tacho_core::time::Timestamp;

use crate::Lsn;

/// For how long answers do if the asker does not say; also the shortest hold there is, and the steps in which ranges end.
pub const HOLD: Duration = Duration::from_secs(5);
/// The lengths of holds. An asker gets the longest that is not longer than what it takes.
const LENGTHS: [Duration; 5] = [
    HOLD,
    Duration::from_secs(10),
    Duration::from_secs(30),
    Duration::from_secs(60),
    Duration::from_secs(300),
];

/// What stands for the length of a hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Held {
    /// Up to where in the journal answers must go.
    pub(super) lsn: Lsn,
    /// When ranges end that end now.
    pub(super) range_end: Timestamp,
    /// How often the organization's answers have been thrown away.
    pub(super) generation: u64,
}

#[derive(Clone, Copy, Debug)]
struct Hold {
    lsn: Lsn,
    /// When the position last moved on.
    moved: Option<Instant>,
    range_end: Timestamp,
    /// When the end of ranges last moved on.
    ended: Instant,
}

/// The holds of all organizations.
#[derive(Debug, Default)]
pub(super) struct Holds(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    holds: HashMap<(OrganizationId, Duration), Hold>,
    generations: HashMap<OrganizationId, u64>,
}

impl Holds {
    /// What stands at an instant, for an asker who takes answers that old. `committed` is up to where the organization's
    /// journal goes, `now` the time by the clock.
    pub(super) fn at(
        &self,
        organization: OrganizationId,
        tolerance: Duration,
        committed: Lsn,
        now: Timestamp,
        at: Instant,
    ) -> Held {
        let length = LENGTHS
            .into_iter()
            .rfind(|length| *length <= tolerance)
            .unwrap_or(HOLD);
        let next_end = next_multiple(now, HOLD);
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let hold = state.holds.entry((organization, length)).or_insert(Hold {
            lsn: committed,
            moved: None,
            range_end: next_end,
            ended: at,
        });
        let is_over = |since: Instant| at.saturating_duration_since(since) >= length;
        let moves = committed != hold.lsn && hold.moved.is_none_or(is_over);
        if moves {
            hold.lsn = committed;
            hold.moved = Some(at);
        }
        // By the clock too: it may have been set.
        let apart = next_end.micros_since(hold.range_end).unsigned_abs();
        if moves || is_over(hold.ended) || u128::from(apart) > length.as_micros() {
            hold.range_end = next_end;
            hold.ended = at;
        }
        let (lsn, range_end) = (hold.lsn, hold.range_end);
        Held {
            lsn,
            range_end,
            generation: state.generations.get(&organization).copied().unwrap_or(0),
        }
    }

    /// Throws the organization's answers away: whoever asks from now on gets new ones.
    pub(super) fn forget(&self, organization: OrganizationId) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *state.generations.entry(organization).or_insert(0) += 1;
    }
}

/// The next instant that lies a multiple of that length after 1970.
fn next_multiple(instant: Timestamp, length: Duration) -> Timestamp {
    let micros = i64::try_from(length.as_micros()).unwrap_or(i64::MAX);
    let past = instant.as_micros().rem_euclid(micros);
    instant.plus_micros((micros - past) % micros)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct World {
        holds: Holds,
        start: Instant,
    }

    impl World {
        fn new() -> Self {
            Self {
                holds: Holds::default(),
                start: Instant::now(),
            }
        }

        /// The position, and how many seconds after the start ranges end.
        fn held(&self, tolerance: u64, committed: Lsn, seconds: u64) -> (Lsn, i64) {
            let noon: Timestamp = "2026-11-22T12:00:00Z".parse().unwrap();
            let since = Duration::from_secs(seconds);
            let held = self.holds.at(
                OrganizationId::from_bytes([3; 16]),
                Duration::from_secs(tolerance),
                committed,
                noon.plus_micros(since.as_micros() as i64),
                self.start + since,
            );
            (held.lsn, held.range_end.micros_since(noon) / 1_000_000)
        }
    }

    /// What is committed is seen at once after a quiet while, and within the hold otherwise.
    #[test]
    fn a_hold_moves_on_at_most_once_in_a_while() {
        let world = World::new();
        assert_eq!(world.held(5, 10, 0), (10, 0));
        assert_eq!(world.held(5, 11, 1), (11, 5));
        assert_eq!(world.held(5, 12, 2), (11, 5));
        assert_eq!(world.held(5, 13, 5), (11, 5));
        assert_eq!(world.held(5, 14, 6), (14, 10));
        assert_eq!(world.held(5, 15, 60), (15, 60));
    }

    /// Who takes older answers asks the same for longer, whatever is recorded meanwhile.
    #[test]
    fn a_patient_asker_asks_the_same_for_longer() {
        let world = World::new();
        assert_eq!(world.held(30, 10, 1), (10, 5));
        assert_eq!(world.held(30, 11, 2), (11, 5));
        let held: Vec<_> = (3..32)
            .map(|second| world.held(30, second * 5_000, second))
            .collect();
        assert!(held.iter().all(|held| *held == (11, 5)));
        assert_eq!(world.held(30, 160_000, 32), (160_000, 35));
        // Others do not wait for them.
        assert_eq!(world.held(5, 160_001, 33).0, 160_001);
    }

    /// Without changes, ranges still move on.
    #[test]
    fn ranges_end_later_as_time_goes_by() {
        let world = World::new();
        let ends: Vec<_> = [0, 4, 5, 9, 29].map(|second| world.held(5, 10, second).1).into();
        assert_eq!(ends, [0, 0, 5, 5, 30]);
        let patient = World::new();
        let ends: Vec<_> = [0, 4, 29, 30].map(|second| patient.held(45, 10, second).1).into();
        assert_eq!(ends, [0, 0, 0, 30]);
    }

    #[test]
    fn multiples_are_not_before_the_instant() {
        let next = |micros| next_multiple(Timestamp::from_micros(micros), HOLD).as_micros();
        assert_eq!([next(0), next(1), next(5_000_000)], [0, 5_000_000, 5_000_000]);
    }
}
