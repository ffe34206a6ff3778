//! One execution with everything that belongs to it: its attempts, steps, costs, resources, repairs and the executions
//! that it starts.
mod attempt;
mod teller;

use tacho_core::Timestamp;

use crate::catalogue::{kind, trigger};
use crate::company::{Company, Incident, Workflow};
use crate::dice::Dice;
use crate::layout::word;
use crate::timeline::Sink;
use attempt::{Attempt, attempt, costs_of};
use teller::Teller;

const STREAM_OUTCOME: u64 = 10;
const STREAM_STEPS: u64 = 11;
const STREAM_USE: u64 = 12;
const STEPS_MAX: usize = 8;

/// What starts an execution.
#[derive(Clone, Copy)]
pub(crate) struct Start<'a> {
    pub(crate) workflow: usize,
    /// All chance about it comes from this.
    pub(crate) key: u64,
    pub(crate) id: &'a str,
    pub(crate) at: i64,
    pub(crate) trigger: u8,
    /// Microseconds that it waits because others came at once.
    pub(crate) backlog: i64,
    pub(crate) parent: Option<&'a str>,
    pub(crate) conversation: Option<&'a str>,
    pub(crate) depth: u8,
}

/// The machines that runs run on.
pub(crate) const HOSTS: [&str; 6] = [
    "worker-01",
    "worker-02",
    "worker-03",
    "browser-01",
    "browser-02",
    "robot-01",
];

/// Tells of an execution and what it starts. Returns when its last attempt ended.
pub(crate) fn tell(company: &Company, incidents: &[Incident], start: Start<'_>, sink: &mut Sink) -> i64 {
    let workflow = &company.workflows[start.workflow];
    let template = workflow.template;
    let mut about = Dice::of(&[start.key]);
    let user = match start.trigger {
        trigger::MANUAL => Some(about.pick(&company.people).id.as_str()),
        trigger::SCHEDULED => Some(workflow.owner_id.as_str()),
        _ => None,
    };
    let tags = if template.kind == kind::JOB {
        workflow.tags_plain.as_str()
    } else {
        // A few customers have most of the work.
        let rank = about.unit();
        let customers = &company.customer_tags;
        let customer = (rank * rank * rank * customers.len() as f64) as usize;
        customers[customer][usize::from(about.chance(0.06))].as_str()
    };
    let document = about
        .chance(0.3)
        .then(|| format!("{{\"document\":\"DOC-{}\"}}", 100_000 + about.below(900_000)));

    let mut queued_at = start.at;
    let mut backlog = start.backlog;
    let mut number = 1;
    loop {
        let attempt = attempt(workflow, incidents, &start, number, queued_at, backlog);
        let version = workflow.version_at(Timestamp::from_micros(attempt.started_at));
        let costs = costs_of(template, &attempt, &start);
        let teller = Teller {
            workflow,
            start: &start,
            attempt: &attempt,
            version: &version.name(),
            user,
            tags,
            document: document.as_deref(),
            costs: &costs,
        };
        teller.execution(sink);
        teller.steps(sink);
        teller.costs(sink);
        teller.resources(sink);
        teller.recovery(sink);
        if number == 1 && attempt.status == word::SUCCESS {
            start_children(company, incidents, workflow, &start, &attempt, sink);
        }
        let mut dice = Dice::of(&[start.key, STREAM_OUTCOME, u64::from(number), 1]);
        let is_retried = matches!(attempt.status, word::FAILED | word::TIMEOUT)
            && number < template.attempts_max
            && dice.chance(0.85);
        if !is_retried {
            return attempt.completed_at;
        }
        queued_at = attempt.completed_at
            + (dice
                .log_normal(30.0 * 3f64.powi(number as i32 - 1), 0.4)
                .min(900.0)
                * 1e6) as i64;
        backlog = 0;
        number += 1;
    }
}

fn start_children(
    company: &Company,
    incidents: &[Incident],
    workflow: &Workflow,
    start: &Start<'_>,
    attempt: &Attempt,
    sink: &mut Sink,
) {
    let Some((child, count)) = workflow.child else {
        return;
    };
    // Conversations start the automation only now and then, and children have no children.
    let mut dice = Dice::of(&[start.key, STREAM_OUTCOME]);
    if start.depth > 0 || (is_bot(workflow) && !dice.chance(0.25)) {
        return;
    }
    for index in 0..count {
        let id = format!("{}-c{}", start.id, index + 1);
        let share = (f64::from(index) + 0.5) / f64::from(count + 1);
        tell(
            company,
            incidents,
            Start {
                workflow: child,
                key: dice.bits(),
                id: &id,
                at: attempt.started_at + (attempt.micros() as f64 * share) as i64,
                trigger: if is_bot(workflow) {
                    trigger::CONVERSATION
                } else {
                    trigger::EVENT
                },
                backlog: 0,
                parent: Some(start.id),
                conversation: start.conversation,
                depth: start.depth + 1,
            },
            sink,
        );
    }
}

fn is_bot(workflow: &Workflow) -> bool {
    workflow.template.kind == kind::BOT
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::TEMPLATES;
    use crate::timeline::RUN_HOURS_MAX;

    #[test]
    fn no_run_outlasts_the_look_back() {
        for template in TEMPLATES {
            assert!(template.steps.len() <= STEPS_MAX, "{}", template.slug);
            // Attempts, waits between them, a child at the very end, and the longest queue.
            let child = 3.0 * (7_200.0 + 120.0 + 900.0);
            let own = f64::from(template.attempts_max) * (template.timeout_s + 120.0 + 900.0);
            let children = if template.child.is_some() { child } else { 0.0 };
            let hours = (own + children + 1_200.0) / 3_600.0;
            assert!(
                hours < RUN_HOURS_MAX as f64,
                "{} may last {hours} h",
                template.slug
            );
        }
    }
}
