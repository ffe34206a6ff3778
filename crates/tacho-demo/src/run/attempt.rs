//! How an attempt at an execution goes: how long, through which steps, to which end, at what cost.

use tacho_core::Timestamp;

use super::{STEPS_MAX, STREAM_OUTCOME, STREAM_STEPS, STREAM_USE, Start};
use crate::catalogue::{SITES, Template, kind, trigger};
use crate::company::{Incident, Version, Workflow};
use crate::dice::Dice;
use crate::failure::Cause;
use crate::layout::word;

/// How one attempt went.
pub(super) struct Attempt {
    pub(super) number: u32,
    pub(super) queued_at: i64,
    pub(super) started_at: i64,
    pub(super) completed_at: i64,
    pub(super) status: u8,
    pub(super) failure: Option<(&'static str, String, Cause)>,
    /// Where each step ends, as a share of the duration; the last one entered ends at 1.
    step_ends: [f64; STEPS_MAX],
    pub(super) steps_entered: usize,
    pub(super) items: f64,
}

impl Attempt {
    /// How many steps it got done.
    pub(super) fn steps_completed(&self) -> usize {
        if self.status == word::SUCCESS {
            self.steps_entered
        } else {
            self.steps_entered - 1
        }
    }

    /// How long it ran.
    pub(super) fn micros(&self) -> i64 {
        self.completed_at - self.started_at
    }

    /// When it left a step that it had entered.
    pub(super) fn step_end(&self, step: usize) -> i64 {
        if step + 1 == self.steps_entered {
            self.completed_at
        } else {
            self.started_at + (self.micros() as f64 * self.step_ends[step]) as i64
        }
    }
}

/// What a run costs, by part: action, quantity, unit, micro-dollars.
pub(super) type Costs = [Option<(&'static str, f64, &'static str, i64)>; 2];

/// Plays one attempt.
pub(super) fn attempt(
    workflow: &Workflow,
    incidents: &[Incident],
    start: &Start<'_>,
    number: u32,
    queued_at: i64,
    backlog: i64,
) -> Attempt {
    let template = workflow.template;
    let mut dice = Dice::of(&[start.key, STREAM_OUTCOME, u64::from(number)]);
    let delay = (dice.log_normal(0.9, 0.9).min(120.0) * 1e6) as i64 + backlog;
    let started_at = queued_at + delay;
    let Version {
        duration_factor,
        failure_factor,
        ..
    } = workflow.version_at(Timestamp::from_micros(started_at));
    let incident = incidents.iter().find(|incident| {
        template.sites.contains(&incident.site_index)
            && (incident.start.as_micros()..incident.end.as_micros()).contains(&started_at)
    });

    let items = if template.items > 1.0 {
        dice.log_normal(template.items, 0.35).max(1.0)
    } else {
        1.0
    };
    let seconds = dice.log_normal(template.median_s, template.sigma)
        * (items / template.items).powf(0.7)
        * duration_factor
        * workflow.drift_at(Timestamp::from_micros(started_at))
        * incident.map_or(1.0, |_| dice.between(1.3, 2.5));

    let failure_chance = (template.failure * failure_factor).min(0.4);
    let fate = dice.unit();
    let (mut status, cause) = match incident {
        Some(incident) if fate < incident.severity => (word::FAILED, Some(Cause::SiteDown)),
        _ if fate < failure_chance => (word::FAILED, Some(*dice.pick(template.causes))),
        _ if fate > 0.9975 => (word::TIMEOUT, None),
        _ => (word::SUCCESS, None),
    };
    let cancel_chance = if start.trigger == trigger::MANUAL {
        0.03
    } else {
        0.003
    };
    if status == word::SUCCESS && dice.chance(cancel_chance) {
        status = word::CANCELLED;
    }
    let is_hanging = status == word::FAILED && incident.is_some() && dice.chance(0.2);
    if is_hanging || seconds > template.timeout_s {
        status = word::TIMEOUT;
    }

    let broken_site = incident.map(|incident| incident.site_index);
    let mut pace = Dice::of(&[start.key, STREAM_STEPS, u64::from(number)]);
    let Path {
        ends: step_ends,
        entered: steps_entered,
        share,
    } = path(template, status, cause, broken_site, &mut pace);
    let micros = if status == word::TIMEOUT {
        template.timeout_s * 1e6 + dice.between(0.0, 40_000.0)
    } else {
        seconds * 1e6 * share
    };
    let failure = match (status, cause) {
        (word::TIMEOUT, _) => Some((
            "timeout",
            format!(
                "Step \"{}\" did not end within {} s",
                template.steps[steps_entered - 1].name,
                template.timeout_s
            ),
            Cause::SiteDown,
        )),
        (word::FAILED, Some(cause)) => {
            let site = match incident {
                Some(incident) if cause == Cause::SiteDown => incident.site,
                _ => SITES[usize::from(template.sites[template.steps[steps_entered - 1].site.unwrap_or(0)])],
            };
            let (error_type, message) = cause.describe(site, &mut dice);
            Some((error_type, message, cause))
        }
        _ => None,
    };
    Attempt {
        number,
        queued_at,
        started_at,
        completed_at: started_at + (micros as i64).max(2_000),
        status,
        failure,
        step_ends,
        steps_entered,
        items,
    }
}

/// The steps of an attempt: where each ends as a share of its duration, how many it entered, and which share of a whole
/// run that was.
struct Path {
    ends: [f64; STEPS_MAX],
    entered: usize,
    share: f64,
}

fn path(
    template: &Template,
    status: u8,
    cause: Option<Cause>,
    broken_site: Option<u8>,
    pace: &mut Dice,
) -> Path {
    let steps = template.steps;
    let mut ends = [0.0; STEPS_MAX];
    let mut sum = 0.0;
    for (end, step) in ends.iter_mut().zip(steps) {
        sum += step.share * pace.between(0.7, 1.3);
        *end = sum;
    }
    let mut entered = steps.len();
    let mut cut = sum;
    if status != word::SUCCESS {
        // It dies in a step that its cause fits, somewhere in the middle of it.
        let at_site = cause.is_some_and(Cause::is_at_site);
        let fits = |step: &usize| match steps[*step].site {
            None => !at_site,
            Some(site) => !at_site || broken_site.is_none_or(|broken| template.sites[site] == broken),
        };
        let fitting = (0..steps.len()).filter(fits).count().max(1);
        let chosen = pace.below(fitting as u64) as usize;
        let step = (0..steps.len()).filter(fits).nth(chosen).unwrap_or(0);
        let from = if step == 0 { 0.0 } else { ends[step - 1] };
        cut = from + (ends[step] - from) * pace.between(0.2, 1.0);
        entered = step + 1;
    }
    for end in &mut ends {
        *end = (*end / cut).min(1.0);
    }
    Path {
        ends,
        entered,
        share: cut / sum,
    }
}

/// What it used of what is paid for.
pub(super) fn costs_of(template: &Template, attempt: &Attempt, start: &Start<'_>) -> Costs {
    let mut dice = Dice::of(&[start.key, STREAM_USE, u64::from(attempt.number)]);
    let done = attempt.steps_completed() as f64 / template.steps.len() as f64;
    let minutes = attempt.micros() as f64 / 6e7;
    // Prices in micro-dollars: browser minute 6,000, robot minute 9,000, compute minute 800, token 3, page 1,500.
    let (action, price) = match template.kind {
        kind::BROWSER_TASK => ("browser_minutes", 6_000.0),
        kind::RPA => ("robot_minutes", 9_000.0),
        _ => ("compute_minutes", 800.0),
    };
    let minutes_rounded = (minutes * 100.0).ceil() / 100.0;
    let machine = (
        action,
        minutes_rounded,
        "minute",
        (minutes_rounded * price).round() as i64,
    );
    let model = (template.tokens > 0.0 && done > 0.3).then(|| {
        let tokens = dice.log_normal(template.tokens, 0.5).round();
        ("llm_tokens", tokens, "token", (tokens * 3.0) as i64)
    });
    [Some(machine), model]
}
