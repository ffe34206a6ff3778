//! The lives of a workflow's executions: when each waits, starts, gets on and ends, and what is known of them by then.

use tacho_analysis::detection::History;
use tacho_core::Timestamp;

use crate::company::{Plan, Start};
use crate::dice::Dice;

pub(crate) const SECOND_US: i64 = 1_000_000;
pub(crate) const DAY_US: i64 = 86_400 * SECOND_US;

/// How an execution ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Success = 2,
    Failed = 3,
    Timeout = 4,
    Cancelled = 5,
}

/// An execution.
#[derive(Clone, Debug)]
pub(crate) struct Life {
    pub(crate) queued_at: Option<Timestamp>,
    pub(crate) started_at: Timestamp,
    /// When each step ended.
    pub(crate) steps: Vec<Timestamp>,
    pub(crate) ended_at: Timestamp,
    pub(crate) end: End,
}

pub(crate) fn micros(seconds: f64) -> i64 {
    (seconds * SECOND_US as f64) as i64
}

/// One execution that starts then.
pub(crate) fn life(plan: &Plan, started_at: Timestamp, dice: &mut Dice) -> Life {
    let mut steps = Vec::new();
    let mut at = started_at;
    for _ in 0..plan.steps.unwrap_or(1) {
        let median = plan.median / plan.steps.unwrap_or(1) as f64;
        at = at.plus_micros(micros(dice.log_normal(median, plan.sigma)).max(1000));
        steps.push(at);
    }
    let mut end = match dice.unit() {
        failed if failed < plan.failure_rate => End::Failed,
        cancelled if cancelled > 0.99 => End::Cancelled,
        _ => End::Success,
    };
    let stop = plan
        .timeout
        .map(|timeout| started_at.plus_micros(micros(timeout)));
    if let Some(stop) = stop.filter(|stop| *stop < at) {
        (at, end) = (stop, End::Timeout);
        steps.retain(|step| *step < stop);
    } else if end != End::Success {
        // It went wrong somewhere on the way.
        at = started_at.plus_micros((at.micros_since(started_at) as f64 * dice.between(0.3, 1.0)) as i64);
        steps.retain(|step| *step < at);
    }
    if plan.steps.is_none() {
        steps.clear();
    }
    Life {
        queued_at: None,
        started_at,
        steps,
        ended_at: at,
        end,
    }
}

/// All executions of a workflow between two moments, by start.
pub(crate) fn lives(plan: &Plan, from: Timestamp, to: Timestamp, dice: &mut Dice) -> Vec<Life> {
    let mut lives = Vec::new();
    match &plan.start {
        Start::Scheduled(schedule) => {
            for due in schedule.due_after(from).unwrap().take_while(|due| *due < to) {
                let late = dice.gap(4.0).min(40.0);
                lives.push(life(plan, due.plus_micros(micros(late)), dice));
            }
        }
        Start::Called { every, calls } => {
            let mut at = from;
            while at < to {
                for _ in 0..=dice.between(0.0, *calls) as u64 {
                    lives.push(life(plan, at.plus_micros(micros(dice.gap(30.0))), dice));
                }
                at = at.plus_micros(micros(dice.gap(*every).max(1.0)));
            }
        }
        Start::Queued {
            every,
            things,
            workers,
        } => {
            let mut free = vec![from; *workers];
            let mut at = from;
            while at < to {
                let count = dice.between(1.0, *things) as u64;
                let spread = dice.scale(1.0, 600.0);
                let mut queued: Vec<Timestamp> = (0..count)
                    .map(|_| at.plus_micros(micros(dice.between(0.0, spread))))
                    .collect();
                queued.sort();
                for queued_at in queued {
                    free.sort();
                    let start = queued_at.plus_micros(micros(dice.gap(1.0))).max(free[0]);
                    let mut life = life(plan, start, dice);
                    life.queued_at = Some(queued_at);
                    free[0] = life.ended_at.plus_micros(SECOND_US / 10);
                    lives.push(life);
                }
                at = at.plus_micros(micros(dice.gap(*every).max(600.0)));
            }
        }
    }
    lives.sort_by_key(|life| life.started_at);
    lives
}

fn quantile(sorted: &[i64], share: f64) -> Option<f64> {
    // Of fewer, percentiles say nothing.
    let last = sorted.len().checked_sub(1).filter(|last| *last >= 19)?;
    Some(sorted[(last as f64 * share) as usize] as f64 / 1000.0)
}

/// What is known of the thirty days before a moment: of those executions that had ended by then.
pub(crate) fn history(plan: &Plan, lives: &[Life], until: Timestamp) -> History {
    let from = until.plus_micros(-30 * DAY_US);
    let counted: Vec<&Life> = lives
        .iter()
        .filter(|life| life.started_at >= from && life.ended_at < until)
        .collect();
    let ended: Vec<&&Life> = counted.iter().filter(|life| life.end != End::Cancelled).collect();
    let sorted = |lengths: &mut dyn Iterator<Item = i64>| {
        let mut lengths: Vec<i64> = lengths.collect();
        lengths.sort_unstable();
        lengths
    };
    let durations = sorted(
        &mut ended
            .iter()
            .map(|life| life.ended_at.micros_since(life.started_at)),
    );
    let waits = sorted(
        &mut counted
            .iter()
            .filter_map(|life| Some(life.started_at.micros_since(life.queued_at?))),
    );
    let steps = sorted(&mut counted.iter().flat_map(|life| {
        let starts = [life.started_at].into_iter().chain(life.steps.iter().copied());
        life.steps
            .iter()
            .zip(starts)
            .map(|(end, start)| end.micros_since(start))
    }));
    History {
        runs: ended.len() as u64,
        failures: ended.iter().filter(|life| life.end != End::Success).count() as u64,
        until: Some(until),
        duration_p50_ms: quantile(&durations, 0.5),
        duration_p99_ms: quantile(&durations, 0.99),
        queue_p99_ms: quantile(&waits, 0.99),
        step_p50_ms: quantile(&steps, 0.5),
        step_p99_ms: quantile(&steps, 0.99),
        timeout_ms: plan.timeout.map(|timeout| (timeout * 1000.0) as i64),
    }
}
