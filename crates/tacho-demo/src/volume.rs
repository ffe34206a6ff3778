//! How many runs there are: from the number wanted to the number expected of each workflow at each time.

use std::collections::HashMap;

use crate::Config;
use crate::catalogue::{Cadence, Template, kind};
use crate::company::{Company, Workflow};
use crate::dice::Dice;
use crate::schedule::{HOUR_MICROS, Hour, Rhythm, Schedule};

/// How many executions to tell of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Volume {
    /// About that many over the whole range.
    Total(u64),
    /// About that many on an average day. Independent of the range, hence what a demo that goes on needs.
    PerDay(f64),
}

/// Schedules fire on weekends too, with less to do.
const WEEKEND_BATCH: f64 = 0.5;

/// The factor from weights to runs.
pub(crate) struct Scale {
    per_weight: f64,
    /// Too few runs are wanted for every schedule to fire: some firings are left out.
    is_thin: bool,
}

/// How often a workflow's cadence comes up in the range: firings, or hours weighted by the rhythm.
struct Demand {
    weight: f64,
    /// Executions for each of its runs, children included.
    fan_out: f64,
    /// Runs of each occasion, per scale.
    share: f64,
    occasions: f64,
    is_cron: bool,
}

impl Scale {
    pub(crate) fn new(config: &Config, company: &Company) -> Self {
        let (wanted, demands) = match config.executions {
            Volume::PerDay(per_day) => (
                per_day,
                demands(company, |cadence| match cadence {
                    Cadence::Cron(schedule) => schedule.firings_per_day(),
                    Cadence::Flow(..) => 24.0,
                }),
            ),
            Volume::Total(total) => (total as f64, demands(company, occasions_in(config))),
        };
        let expected = |per_weight: f64, is_thin: bool| -> f64 {
            demands
                .iter()
                .map(|demand| {
                    let runs = per_weight * demand.weight * demand.share;
                    let runs = if demand.is_cron && !is_thin {
                        runs.max(1.0)
                    } else {
                        runs
                    };
                    runs * demand.occasions * demand.fan_out
                })
                .sum()
        };
        let is_thin = expected(0.0, false) > 0.5 * wanted;
        let (mut low, mut high) = (0.0, 1.0);
        while expected(high, is_thin) < wanted && high < 1e15 {
            high *= 2.0;
        }
        for _ in 0..60 {
            let middle = (low + high) / 2.0;
            if expected(middle, is_thin) < wanted {
                low = middle
            } else {
                high = middle
            }
        }
        Self {
            per_weight: high,
            is_thin,
        }
    }

    /// The runs to expect of each firing in that hour, or of the hour.
    pub(crate) fn per_firing_or_hour(&self, workflow: &Workflow, hour: &Hour) -> f64 {
        let template = workflow.template;
        let level = self.per_weight * template.weight * share_of(template) * workflow.trend_at(hour.begin());
        match template.cadence {
            Cadence::Cron(_) if hour.is_weekend() => level * WEEKEND_BATCH,
            Cadence::Cron(_) => level,
            Cadence::Flow(_, rhythm) => level * rhythm.factor(hour),
        }
    }

    /// The runs of one firing of a schedule.
    pub(crate) fn runs_of_firing(&self, expected: f64, dice: &mut Dice) -> u64 {
        let runs = (expected * dice.between(0.9, 1.1) + dice.unit()) as u64;
        if self.is_thin { runs } else { runs.max(1) }
    }
}

/// Weights are shares of a day: what one firing, or one hour, gets of it.
fn share_of(template: &Template) -> f64 {
    match template.cadence {
        Cadence::Cron(schedule) => 1.0 / schedule.firings_per_day(),
        Cadence::Flow(..) => 1.0 / 24.0,
    }
}

fn demands(company: &Company, mut occasions: impl FnMut(Cadence) -> f64) -> Vec<Demand> {
    company
        .workflows
        .iter()
        .map(|workflow| {
            let template = workflow.template;
            let children = workflow.child.map_or(0.0, |(_, count)| f64::from(count));
            let children = if template.kind == kind::BOT {
                0.25 * children
            } else {
                children
            };
            let retries = if template.attempts_max > 1 {
                template.failure * 0.9
            } else {
                0.0
            };
            let is_cron = matches!(template.cadence, Cadence::Cron(_));
            Demand {
                weight: template.weight,
                fan_out: 1.0 + children * 0.9 + retries,
                share: share_of(template)
                    * if is_cron {
                        (5.0 + 2.0 * WEEKEND_BATCH) / 7.0
                    } else {
                        1.0
                    },
                occasions: occasions(template.cadence),
                is_cron,
            }
        })
        .collect()
}

/// Counts firings and weighted hours between the configured start and end, each cadence once.
fn occasions_in(config: &Config) -> impl FnMut(Cadence) -> f64 + use<> {
    let first = config.start.as_micros().div_euclid(HOUR_MICROS);
    let last = config.end.as_micros().div_euclid(HOUR_MICROS).max(first);
    let hours: Vec<Hour> = (first..last.max(first + 1))
        .map(|number| Hour::at(number, &config.zone))
        .collect();
    let mut firings: HashMap<String, f64> = HashMap::new();
    let mut rhythms: Vec<(Rhythm, f64)> = Vec::new();
    move |cadence| match cadence {
        Cadence::Cron(schedule) => *firings
            .entry(schedule.cron())
            .or_insert_with(|| count(schedule, &hours)),
        Cadence::Flow(_, rhythm) => match rhythms.iter().find(|(known, _)| *known == rhythm) {
            Some((_, sum)) => *sum,
            None => {
                let sum = hours.iter().map(|hour| rhythm.factor(hour)).sum();
                rhythms.push((rhythm, sum));
                sum
            }
        },
    }
}

fn count(schedule: Schedule, hours: &[Hour]) -> f64 {
    hours
        .iter()
        .map(|hour| f64::from(schedule.firings(hour).count_ones()))
        .sum()
}
