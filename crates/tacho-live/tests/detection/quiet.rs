//! Thirty days on which nothing is wrong.

use tacho_core::Timestamp;
use tacho_live::Detection;

use crate::company::{Plan, WORKFLOWS, plan};
use crate::dice::Dice;
use crate::life::{DAY_US, Life, history, lives, micros};
use crate::world::{Told, What, World};

/// Clocks are moved in Europe on the fifteenth day, in America on the twenty-second.
fn start() -> Timestamp {
    "2026-10-11T00:00:00Z".parse().unwrap()
}

/// What is told of the executions, in the order in which it arrives: some seconds after it happened.
pub(crate) fn told(plan: &Plan, lives: &[Life], dice: &mut Dice) -> Vec<Told> {
    let mut all = Vec::new();
    for (execution, life) in (0..).zip(lives) {
        let mut last = Timestamp::MIN;
        let mut tell = |at: Timestamp, what| {
            // In order: the same sender does not overtake itself.
            last = last.max(at.plus_micros(micros(dice.gap(1.5).min(20.0))));
            all.push(Told {
                at: last,
                execution,
                what,
            });
        };
        if let Some(queued_at) = life.queued_at {
            tell(queued_at, What::Queued);
        }
        if !plan.tells_at_end {
            tell(life.started_at, What::Started);
        }
        for (count, step) in (1..).zip(&life.steps) {
            tell(*step, What::Stepped(count));
        }
        tell(life.ended_at, What::Ended);
    }
    all.sort_by_key(|told| told.at);
    all
}

/// Lives through the days before and the thirty days with one workflow, and gives what was found.
fn live(seed: u64, number: u64) -> Vec<Detection> {
    let plan = plan(seed, number);
    let mut dice = Dice::of(seed, number + 1_000);
    let (start, end) = (start(), start().plus_micros(30 * DAY_US));
    let lives = lives(&plan, start.plus_micros(-30 * DAY_US), end, &mut dice);
    let first = lives.partition_point(|life| life.queued_at.unwrap_or(life.started_at) < start);
    let all = told(&plan, &lives[first..], &mut dice);
    let mut world = World::new(&plan, history(&plan, &lives, start), start);
    let mut known_until = start;
    for told in all.iter().take_while(|told| told.at < end) {
        while told.at.micros_since(known_until) > 5 * DAY_US {
            known_until = known_until.plus_micros(5 * DAY_US);
            world.judge_until(known_until);
            world.subject().history = history(&plan, &lives, known_until);
        }
        world.tell(told, &lives[first + told.execution as usize]);
    }
    world.judge_until(end);
    assert!(world.last.expired.is_empty(), "{:?}", world.last.expired);
    world.found
}

fn is_quiet(seed: u64) {
    let mut alarms = Vec::new();
    for number in 0..WORKFLOWS {
        let found = live(seed, number);
        alarms.extend(
            found
                .into_iter()
                .map(|found| format!("{found:?} {:?}", plan(seed, number))),
        );
    }
    assert!(
        alarms.is_empty(),
        "{} alarms:\n{}",
        alarms.len(),
        alarms.join("\n\n")
    );
}

/// One test a seed, so that they run beside each other.
macro_rules! quiet {
    ($($name:ident: $seed:literal,)*) => {$(
        #[test]
        fn $name() {
            is_quiet($seed);
        }
    )*};
}

quiet! {
    nothing_is_found_in_quiet_days_1: 1,
    nothing_is_found_in_quiet_days_2: 2,
    nothing_is_found_in_quiet_days_3: 3,
    nothing_is_found_in_quiet_days_4: 4,
    nothing_is_found_in_quiet_days_5: 5,
    nothing_is_found_in_quiet_days_6: 6,
    nothing_is_found_in_quiet_days_7: 7,
    nothing_is_found_in_quiet_days_8: 8,
    nothing_is_found_in_quiet_days_9: 9,
    nothing_is_found_in_quiet_days_10: 10,
}
