//! What is wrong is found within one interval of the moment that the rule says, for the right reason, and once.

use tacho_analysis::detection::{
    History, Kind, failures_limit, queue_limit_us, silent_limit_us, stuck_limit_us,
};
use tacho_analysis::punctuality::grace_us;
use tacho_core::Timestamp;
use tacho_live::{Detection, PATIENCE_US};

use crate::company::{Plan, Start, WORKFLOWS, plan};
use crate::dice::Dice;
use crate::life::{DAY_US, End, Life, SECOND_US, history, life, lives};
use crate::world::{INTERVAL_US, Told, What, World};

const SEED: u64 = 77;
/// How many of the workflows at most are given a fault of a kind.
const EACH: usize = 12;

fn start() -> Timestamp {
    "2026-09-07T00:00:00Z".parse().unwrap()
}

/// What is told of the executions, at once. Nothing is told from a moment on that does not come.
fn told(plan: &Plan, lives: &[Life]) -> Vec<Told> {
    let mut all = Vec::new();
    for (execution, life) in (0..).zip(lives) {
        let mut tell = |at: Timestamp, what| all.push(Told { at, execution, what });
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
    all.retain(|told| told.at < Timestamp::MAX);
    all.sort_by_key(|told| told.at);
    all
}

/// Lives through executions until a moment, judged each ten seconds, and gives the world then.
fn live(plan: &Plan, history: History, lives: &[Life], start: Timestamp, end: Timestamp) -> World {
    let mut world = World::new(plan, history, start);
    world.is_judged_each = true;
    for told in told(plan, lives).iter().take_while(|told| told.at < end) {
        world.tell(told, &lives[usize::try_from(told.execution).unwrap()]);
    }
    world.judge_until(end);
    world
}

/// What is found of a workflow without a history.
pub(crate) fn found_in(plan: &Plan, lives: &[Life], start: Timestamp, end: Timestamp) -> Vec<Detection> {
    live(plan, History::default(), lives, start, end).found
}

/// A workflow, thirty days of it and what they say, and two days after.
struct Past {
    plan: Plan,
    history: History,
    lives: Vec<Life>,
}

fn past(number: u64) -> Past {
    let plan = plan(SEED, number);
    let mut dice = Dice::of(SEED, number + 1_000);
    let all = lives(
        &plan,
        start().plus_micros(-30 * DAY_US),
        start().plus_micros(2 * DAY_US),
        &mut dice,
    );
    let history = history(&plan, &all, start());
    let lives = all
        .into_iter()
        .filter(|life| life.queued_at.unwrap_or(life.started_at) >= start());
    Past {
        plan,
        history,
        lives: lives.collect(),
    }
}

/// Workflows that a fault can befall.
fn pasts(can: impl Fn(&Past) -> bool) -> Vec<Past> {
    let found: Vec<Past> = (0..WORKFLOWS).map(past).filter(can).take(EACH).collect();
    assert!(found.len() >= 4, "only {} workflows can have that", found.len());
    found
}

/// Found when the rule says, and only that.
fn assert_found(world: &World, kind: Kind, moment: Timestamp) {
    let [found] = &world.found[..] else {
        panic!("not one but {:#?}", world.found);
    };
    assert_eq!(found.kind, kind, "{found:?}");
    let late = found.detected_at.micros_since(moment);
    assert!(
        (0..=INTERVAL_US).contains(&late),
        "{late} µs after {moment}: {found:?}"
    );
    assert!(found.measured >= found.limit, "{found:?}");
    assert_eq!(found.workflow_name.as_deref(), Some("Invoices"));
}

/// The runs that have ended before a moment, and one more.
fn and_one(past: &Past, at: Timestamp, make: impl FnOnce(&mut Life)) -> Vec<Life> {
    let mut lives: Vec<Life> = past
        .lives
        .iter()
        .filter(|life| life.ended_at < at)
        .cloned()
        .collect();
    let mut one = life(&past.plan, at, &mut Dice::of(SEED, past.plan.number));
    one.queued_at = None;
    make(&mut one);
    lives.push(one);
    lives
}

#[test]
fn a_run_that_hangs_is_stuck_and_is_closed_in_the_end() {
    for mut past in pasts(|past| past.history.runs > 30 && !past.plan.tells_at_end) {
        past.plan.start = Start::Called {
            every: 1e9,
            calls: 1.0,
        };
        let at = start().plus_micros(DAY_US);
        let lives = and_one(&past, at, |one| {
            one.steps.clear();
            one.ended_at = Timestamp::MAX;
        });
        let moment = at.plus_micros(stuck_limit_us(&past.history));
        let closed_at = match past.history.timeout_ms {
            Some(timeout) => at.plus_micros(timeout * 1000 + 300 * SECOND_US),
            None => moment.max(at.plus_micros(PATIENCE_US)),
        };
        let world = live(&past.plan, past.history, &lives, start(), closed_at);
        assert_found(&world, Kind::Stuck, moment);
        assert!(
            world.found[0].reason.starts_with("Has run for "),
            "{:?}",
            world.found
        );
        assert!(world.last.expired.is_empty());
        let mut world = world;
        world.judge(closed_at.plus_micros(INTERVAL_US));
        let [expired] = &world.last.expired[..] else {
            panic!()
        };
        assert!(expired.ended_at <= closed_at && world.last.ended.is_empty());
    }
}

/// Whether steps say so much that an execution is silent before it is stuck.
fn is_silent_first(past: &Past) -> bool {
    let limit = silent_limit_us(&past.history);
    limit.is_some_and(|limit| limit + 120 * SECOND_US < stuck_limit_us(&past.history))
}

#[test]
fn a_run_that_does_not_get_on_is_silent() {
    for mut past in pasts(is_silent_first) {
        past.plan.start = Start::Called {
            every: 1e9,
            calls: 1.0,
        };
        let at = start().plus_micros(DAY_US);
        let step = at.plus_micros(20 * SECOND_US);
        let lives = and_one(&past, at, |one| {
            one.steps = vec![at.plus_micros(10 * SECOND_US), step];
            one.ended_at = Timestamp::MAX;
        });
        let moment = step.plus_micros(silent_limit_us(&past.history).unwrap());
        let stuck = at.plus_micros(stuck_limit_us(&past.history));
        let world = live(
            &past.plan,
            past.history,
            &lives,
            start(),
            stuck.plus_micros(DAY_US / 2),
        );
        assert_found(&world, Kind::Silent, moment);
        assert_eq!(world.found[0].since, step);
        assert!(
            world.found[0].reason.starts_with("No progress for "),
            "{:?}",
            world.found
        );
    }
}

#[test]
fn a_run_that_was_silent_and_gets_on_is_so_no_more() {
    let past = pasts(is_silent_first).remove(0);
    let at = start().plus_micros(DAY_US);
    let again = at.plus_micros(silent_limit_us(&past.history).unwrap() + 60 * SECOND_US);
    let lives = and_one(&past, at, |one| {
        one.steps = vec![at.plus_micros(1), again];
        one.ended_at = Timestamp::MAX;
    });
    let mut world = live(&past.plan, past.history, &lives, start(), again);
    let [silent] = &world.found[..] else {
        panic!("{:?}", world.found)
    };
    let (kind, key) = (silent.kind, silent.key());
    assert_eq!(kind, Kind::Silent);
    let told = Told {
        at: again,
        execution: lives.len() as u64 - 1,
        what: What::Stepped(2),
    };
    world.tell(&told, lives.last().unwrap());
    world.judge(again.plus_micros(INTERVAL_US));
    assert_eq!(world.last.ended, [(key, again.plus_micros(INTERVAL_US))]);
}

#[test]
fn a_schedule_that_stops_is_missed() {
    for past in pasts(|past| past.plan.schedule().is_some() && past.lives.len() > 1 && past.history.runs > 19)
    {
        let schedule = past.plan.schedule().unwrap();
        let stop = past.lives[past.lives.len() / 2].started_at;
        let lives: Vec<Life> = past
            .lives
            .iter()
            .filter(|life| life.started_at <= stop)
            .cloned()
            .collect();
        let mut times = schedule.due_after(stop).unwrap();
        let (due, next) = (times.next().unwrap(), times.next());
        let told_us = if past.plan.tells_at_end {
            stuck_limit_us(&past.history)
        } else {
            0
        };
        let moment = due.plus_micros(grace_us(due, next) + told_us);
        let mut world = live(&past.plan, past.history, &lives, start(), due.plus_micros(DAY_US));
        assert_found(&world, Kind::MissedSchedule, moment);
        assert_eq!(world.found[0].since, due);
        assert!(
            world.found[0].reason.contains("has not started"),
            "{:?}",
            world.found
        );
        // After a day it is told no more; if it was due again since, that is missed now.
        world.judge(due.plus_micros(DAY_US + INTERVAL_US));
        assert_eq!(world.last.ended.len(), 1);
        let keys: std::collections::HashSet<_> = world.found.iter().map(Detection::key).collect();
        assert_eq!(keys.len(), world.found.len());
    }
}

#[test]
fn failures_in_a_row_are_found_when_they_are_no_chance() {
    for past in pasts(|past| past.lives.len() > 60 && past.plan.failure_rate < 0.1) {
        let mut lives = past.lives;
        let from = lives.len() / 2;
        let stop = lives[from].started_at;
        for life in &mut lives[from..] {
            life.end = End::Failed;
        }
        let mut ends: Vec<(Timestamp, bool)> = lives
            .iter()
            .filter(|life| life.end != End::Cancelled)
            .map(|life| (life.ended_at, life.end != End::Success))
            .collect();
        ends.sort();
        let needed = failures_limit(past.history.runs, past.history.failures);
        let mut row = 0;
        let found = ends.iter().find(|(_, failed)| {
            row = if *failed { row + 1 } else { 0 };
            row == needed
        });
        let moment = found.unwrap().0;
        assert!(moment > stop);
        // What fails to start is not what this is about.
        let mut plan = past.plan;
        plan.start = Start::Called {
            every: 1e9,
            calls: 1.0,
        };
        let end = ends.last().unwrap().0.plus_micros(3600 * SECOND_US);
        let world = live(&plan, past.history, &lives, start(), end);
        assert_found(&world, Kind::RepeatedFailure, moment);
        assert!(
            world.found[0].reason.starts_with("The last "),
            "{:?}",
            world.found
        );
    }
}

#[test]
fn a_queue_whose_workers_died_grows_until_they_are_back() {
    for past in pasts(|past| matches!(past.plan.start, Start::Queued { .. }) && past.history.runs > 30) {
        let at = start().plus_micros(DAY_US);
        let mut lives: Vec<Life> = past
            .lives
            .iter()
            .filter(|life| life.ended_at < at)
            .cloned()
            .collect();
        let limit = queue_limit_us(&past.history);
        let moment = at.plus_micros(limit.max(300 * SECOND_US));
        let back = moment.plus_micros(1800 * SECOND_US);
        let mut queued_at = at;
        while queued_at < back {
            lives.push(Life {
                queued_at: Some(queued_at),
                started_at: back,
                steps: Vec::new(),
                ended_at: back.plus_micros(SECOND_US),
                end: End::Success,
            });
            queued_at = queued_at.plus_micros(25 * SECOND_US);
        }
        let mut world = live(&past.plan, past.history, &lives, start(), back);
        assert_found(&world, Kind::QueueGrowing, moment);
        assert!(world.found[0].reason.contains(" wait, "), "{:?}", world.found);
        let key = world.found[0].key();
        for (execution, life) in (0..).zip(&lives).filter(|(_, life)| life.started_at == back) {
            world.tell(
                &Told {
                    at: back,
                    execution,
                    what: What::Started,
                },
                life,
            );
        }
        world.judge(back.plus_micros(INTERVAL_US));
        assert_eq!(world.last.ended, [(key, back.plus_micros(INTERVAL_US))]);
    }
}
