//! Two hundred workflows: how they are started, how long they take, how often they fail, what is told of them.

use tacho_core::Schedule;

use crate::dice::Dice;

pub(crate) const WORKFLOWS: u64 = 200;

/// What starts a workflow.
#[derive(Clone, Debug)]
pub(crate) enum Start {
    Scheduled(Schedule),
    /// Bursts of calls, so many seconds apart on average, of up to so many calls.
    Called {
        every: f64,
        calls: f64,
    },
    /// Batches that wait for workers: so many seconds apart, of up to so many things, for so many workers.
    Queued {
        every: f64,
        things: f64,
        workers: usize,
    },
}

/// A workflow as it is; nobody but the generator knows this.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) number: u64,
    pub(crate) start: Start,
    /// Median duration in seconds, and the standard deviation of its logarithm.
    pub(crate) median: f64,
    pub(crate) sigma: f64,
    pub(crate) failure_rate: f64,
    /// If it has steps: how many. It takes so long as they together.
    pub(crate) steps: Option<u64>,
    /// Whether its sender counts steps in the execution instead of sending each.
    pub(crate) counts_steps: bool,
    /// After how many seconds its sender stops it.
    pub(crate) timeout: Option<f64>,
    /// Whether its sender tells of executions only when they have ended.
    pub(crate) tells_at_end: bool,
}

const ZONES: [&str; 5] = [
    "Europe/Berlin",
    "America/New_York",
    "UTC",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
];

fn schedule(dice: &mut Dice) -> Schedule {
    let (minute, hour) = (dice.between(0.0, 60.0) as u8, dice.between(0.0, 24.0) as u8);
    let cron = match dice.between(0.0, 20.0) as u8 {
        0 => "*/5 * * * *".to_owned(),
        1..=2 => "*/15 * * * *".to_owned(),
        3..=6 => format!("{minute} * * * *"),
        7 => format!("{minute} 8-18 * * MON-FRI"),
        8..=9 => format!("{minute} {hour} * * MON-FRI"),
        10 => format!("{minute} {hour} * * SUN"),
        11 => format!("30 {minute} {hour} * * *"),
        12 => format!("{minute} {hour} 1,15 * *"),
        // Where clocks are moved.
        13..=14 => format!("{minute} 1-3 * * *"),
        _ => format!("{minute} {hour} * * *"),
    };
    let zone = ZONES[dice.between(0.0, ZONES.len() as f64) as usize];
    Schedule {
        cron,
        timezone: Some(zone.to_owned()),
    }
}

pub(crate) fn plan(seed: u64, number: u64) -> Plan {
    let mut dice = Dice::of(seed, number);
    let start = match number % 10 {
        0..=4 => Start::Scheduled(schedule(&mut dice)),
        5..=8 => Start::Called {
            every: dice.scale(1_800.0, 200_000.0),
            calls: dice.scale(1.0, 12.0),
        },
        _ => Start::Queued {
            every: dice.scale(10_000.0, 80_000.0),
            things: dice.scale(5.0, 60.0),
            workers: dice.between(1.0, 6.0) as usize,
        },
    };
    let is_queued = matches!(start, Start::Queued { .. });
    let (median, sigma) = (
        dice.scale(0.5, if is_queued { 120.0 } else { 2_400.0 }),
        dice.between(0.15, 1.0),
    );
    // Most fail rarely.
    let failure_rate = 0.2 * dice.unit().powi(3);
    let steps = dice.chance(0.3).then(|| dice.between(3.0, 9.0) as u64);
    Plan {
        number,
        start,
        median,
        sigma,
        failure_rate,
        steps,
        counts_steps: dice.chance(0.5),
        timeout: dice.chance(0.15).then(|| median * dice.scale(3.0, 60.0)),
        tells_at_end: steps.is_none() && !is_queued && dice.chance(0.25),
    }
}

impl Plan {
    pub(crate) fn id(&self) -> String {
        format!("workflow-{}", self.number)
    }

    pub(crate) fn schedule(&self) -> Option<&Schedule> {
        match &self.start {
            Start::Scheduled(schedule) => Some(schedule),
            _ => None,
        }
    }
}
