//! One execution with everything that belongs to it: its attempts, steps, costs, resources, repairs and the executions
//! that it starts.

use tacho_core::{RecordType, Timestamp};

use crate::catalogue::{SITES, Template, kind, trigger};
use crate::company::{Company, Incident, Version, Workflow};
use crate::dice::Dice;
use crate::draft::Draft;
use crate::failure::Cause;
use crate::layout::{
    CostField as C, ExecutionField as E, RecoveryField as Y, ResourceField as R, StepField as S, word,
};
use crate::timeline::Sink;

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

/// How one attempt went.
struct Attempt {
    number: u32,
    queued_at: i64,
    started_at: i64,
    completed_at: i64,
    status: u8,
    failure: Option<(&'static str, String, Cause)>,
    /// Where each step ends, as a share of the duration; the last one entered ends at 1.
    step_ends: [f64; STEPS_MAX],
    steps_entered: usize,
    items: f64,
}

impl Attempt {
    fn steps_completed(&self) -> usize {
        if self.status == word::SUCCESS {
            self.steps_entered
        } else {
            self.steps_entered - 1
        }
    }

    fn micros(&self) -> i64 {
        self.completed_at - self.started_at
    }

    fn step_end(&self, step: usize) -> i64 {
        if step + 1 == self.steps_entered {
            self.completed_at
        } else {
            self.started_at + (self.micros() as f64 * self.step_ends[step]) as i64
        }
    }
}

/// What a run costs, by part: action, quantity, unit, micro-dollars.
type Costs = [Option<(&'static str, f64, &'static str, i64)>; 2];

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
    if start.depth > 0 || (template_is_bot(workflow) && !dice.chance(0.25)) {
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
                trigger: if template_is_bot(workflow) {
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

fn template_is_bot(workflow: &Workflow) -> bool {
    workflow.template.kind == kind::BOT
}

fn attempt(
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

    // Which step it dies in, and how far into it.
    let steps = template.steps;
    let mut pace = Dice::of(&[start.key, STREAM_STEPS, u64::from(number)]);
    let mut ends = [0.0; STEPS_MAX];
    let mut sum = 0.0;
    for (end, step) in ends.iter_mut().zip(steps) {
        sum += step.share * pace.between(0.7, 1.3);
        *end = sum;
    }
    let mut steps_entered = steps.len();
    let mut cut = sum;
    if status != word::SUCCESS {
        let at_site = cause.is_some_and(Cause::is_at_site);
        let broken = incident.map(|incident| incident.site_index);
        let candidates = |step: usize| match steps[step].site {
            None => !at_site,
            Some(site) => !at_site || broken.is_none_or(|broken| template.sites[site] == broken),
        };
        let matching = (0..steps.len()).filter(|step| candidates(*step)).count().max(1);
        let chosen = pace.below(matching as u64) as usize;
        let step = (0..steps.len())
            .filter(|step| candidates(*step))
            .nth(chosen)
            .unwrap_or(0);
        let from = if step == 0 { 0.0 } else { ends[step - 1] };
        cut = from + (ends[step] - from) * pace.between(0.2, 1.0);
        steps_entered = step + 1;
    }
    let micros = if status == word::TIMEOUT {
        template.timeout_s * 1e6 + dice.between(0.0, 40_000.0)
    } else {
        seconds * 1e6 * cut / sum
    };
    for end in &mut ends {
        *end = (*end / cut).min(1.0);
    }
    let failure = match (status, cause) {
        (word::TIMEOUT, _) => Some((
            "timeout",
            format!(
                "Step \"{}\" did not end within {} s",
                steps[steps_entered - 1].name,
                template.timeout_s
            ),
            Cause::SiteDown,
        )),
        (word::FAILED, Some(cause)) => {
            let site = match incident {
                Some(incident) if cause == Cause::SiteDown => incident.site,
                _ => SITES[usize::from(template.sites[steps[steps_entered - 1].site.unwrap_or(0)])],
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
        step_ends: ends,
        steps_entered,
        items,
    }
}

fn costs_of(template: &Template, attempt: &Attempt, start: &Start<'_>) -> Costs {
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

/// Everything that the records of one attempt share.
struct Teller<'a> {
    workflow: &'a Workflow,
    start: &'a Start<'a>,
    attempt: &'a Attempt,
    version: &'a str,
    user: Option<&'a str>,
    tags: &'a str,
    document: Option<&'a str>,
    costs: &'a Costs,
}

impl Teller<'_> {
    /// The fields before the status, which every record of its life repeats.
    fn begun(&self, at: i64) -> Draft {
        let start = self.start;
        let variant = template_is_bot(self.workflow).then_some(if start.key & 1 == 0 {
            "control"
        } else {
            "short-answers"
        });
        let trigger_type = if self.attempt.number > 1 {
            trigger::RETRY
        } else {
            start.trigger
        };
        Draft::new(RecordType::Execution, start.id, self.attempt.number, at, 18)
            .text(E::workflow_id, &self.workflow.id)
            .text(E::workflow_version, self.version)
            .text_if(E::variant, variant)
            .text_if(E::user_id, self.user)
            .word(E::trigger_type, trigger_type)
    }

    fn ended(&self, draft: Draft) -> Draft {
        let start = self.start;
        let trace = start.conversation.or(start.parent);
        draft
            .text_if(E::parent_execution_id, start.parent)
            .text_if(E::conversation_id, start.conversation)
            .text_if(E::trace_id, trace)
    }

    fn execution(&self, sink: &mut Sink) {
        if !sink.wants(RecordType::Execution) {
            return;
        }
        let attempt = self.attempt;
        let template = self.workflow.template;
        let steps_total = template.steps.len() as i64;
        if sink.lives {
            let queued = self
                .begun(attempt.queued_at)
                .word(E::status, word::QUEUED)
                .int(E::queued_at, attempt.queued_at);
            sink.put(self.ended(queued).text(E::tags, self.tags).done());
            // Running, then progress at most four times.
            let stride = attempt.steps_completed().div_ceil(4).max(1);
            for done in (0..attempt.steps_completed()).step_by(stride) {
                let at = if done == 0 {
                    attempt.started_at
                } else {
                    attempt.step_end(done - 1)
                };
                let running = self
                    .begun(at)
                    .word(E::status, word::RUNNING)
                    .int(E::queued_at, attempt.queued_at)
                    .int(E::started_at, attempt.started_at)
                    .int(E::steps_completed, done as i64)
                    .int(E::steps_total, steps_total);
                sink.put(self.ended(running).text(E::tags, self.tags).done());
            }
            if attempt.steps_completed() == 0 {
                let running = self
                    .begun(attempt.started_at)
                    .word(E::status, word::RUNNING)
                    .int(E::queued_at, attempt.queued_at)
                    .int(E::started_at, attempt.started_at);
                sink.put(self.ended(running).text(E::tags, self.tags).done());
            }
        }
        let cost: i64 = self.costs.iter().flatten().map(|part| part.3).sum();
        let is_success = attempt.status == word::SUCCESS;
        let items = attempt.items.round();
        let mut draft = self
            .begun(attempt.completed_at)
            .word(E::status, attempt.status)
            .int(E::queued_at, attempt.queued_at)
            .int(E::started_at, attempt.started_at)
            .int(E::completed_at, attempt.completed_at)
            .int(E::steps_completed, attempt.steps_completed() as i64)
            .int(E::steps_total, steps_total);
        if let Some((error_type, message, _)) = &attempt.failure {
            draft = draft
                .text(E::error_type, error_type)
                .text(E::error_message, message);
        }
        draft = self
            .ended(draft)
            .int(E::credits, cost / 10)
            .int(E::cost_usd, cost);
        if is_success {
            draft = draft
                .float(E::minutes_saved, items * template.minutes_saved_per_item)
                .int(E::items_processed, items as i64);
        }
        sink.put(
            draft
                .text_if(E::metadata, self.document)
                .text(E::tags, self.tags)
                .done(),
        );
    }

    fn steps(&self, sink: &mut Sink) {
        if !sink.wants(RecordType::Step) {
            return;
        }
        let (attempt, template) = (self.attempt, self.workflow.template);
        let mut dice = Dice::of(&[self.start.key, STREAM_STEPS, u64::from(attempt.number), 1]);
        let mut begin = attempt.started_at;
        for (index, step) in template.steps.iter().enumerate().take(attempt.steps_entered) {
            let end = attempt.step_end(index).max(begin);
            let is_last = index + 1 == attempt.steps_entered;
            let has_failed = is_last && attempt.status != word::SUCCESS;
            let is_skipped = !has_failed && is_last && step.site.is_some() && dice.chance(0.04);
            let status = match (has_failed, is_skipped) {
                (true, _) => word::STEP_FAILED,
                (_, true) => word::STEP_SKIPPED,
                _ => word::STEP_COMPLETED,
            };
            let id = format!("{}.s{}", self.start.id, index + 1);
            let mut draft = Draft::new(RecordType::Step, &id, attempt.number, end, 13)
                .text(S::execution_id, self.start.id)
                .text(S::step_id, STEP_IDS[index])
                .text(S::step_name, step.name)
                .text(S::step_type, step.step_type)
                .word(S::wait_kind, step.wait)
                .word(S::status, status)
                .int(S::started_at, begin)
                .int(S::ended_at, end);
            if !is_skipped {
                draft = draft
                    .int(S::input_bytes, dice.log_normal(9_000.0, 1.2) as i64)
                    .int(S::output_bytes, dice.log_normal(4_000.0, 1.2) as i64);
            }
            if let (true, Some((error_type, message, _))) = (has_failed, &attempt.failure) {
                draft = draft
                    .text(S::error_type, error_type)
                    .text(S::error_message, message);
            }
            if let Some(site) = step.site {
                draft = draft.text(S::target, SITES[usize::from(template.sites[site])]);
            }
            sink.put(draft.done());
            begin = end;
        }
    }

    fn costs(&self, sink: &mut Sink) {
        if !sink.wants(RecordType::Cost) {
            return;
        }
        let attempt = self.attempt;
        for (index, (action, quantity, unit, micros)) in self.costs.iter().flatten().enumerate() {
            let id = format!("{}.{}.cost{}", self.start.id, attempt.number, index + 1);
            sink.put(
                Draft::new(RecordType::Cost, &id, 1, attempt.completed_at, 10)
                    .int(C::timestamp, attempt.completed_at)
                    .text_if(C::user_id, self.user)
                    .text(C::workflow_id, &self.workflow.id)
                    .text(C::execution_id, self.start.id)
                    .text(C::action_type, action)
                    .int(C::credits, micros / 10)
                    .int(C::amount_usd, *micros)
                    .float(C::quantity, *quantity)
                    .text(C::unit, unit)
                    .flag(C::is_estimate, false)
                    .done(),
            );
        }
    }

    fn resources(&self, sink: &mut Sink) {
        if !sink.wants(RecordType::Resource) {
            return;
        }
        let attempt = self.attempt;
        let mut dice = Dice::of(&[self.start.key, STREAM_USE, u64::from(attempt.number), 1]);
        if !dice.chance(0.3) {
            return;
        }
        let (cpu, memory) = match self.workflow.template.kind {
            kind::BROWSER_TASK => (38.0, 620.0),
            kind::RPA => (24.0, 410.0),
            kind::JOB => (61.0, 900.0),
            _ => (12.0, 140.0),
        };
        let samples = if attempt.micros() > 120_000_000 { 3 } else { 1 };
        for sample in 1..=samples {
            let at = attempt.started_at + attempt.micros() / samples * sample;
            let id = format!("{}.{}.use{sample}", self.start.id, attempt.number);
            sink.put(
                Draft::new(RecordType::Resource, &id, 1, at, 8)
                    .int(R::timestamp, at)
                    .text(R::execution_id, self.start.id)
                    .text(R::host, HOSTS[dice.below(HOSTS.len() as u64) as usize])
                    .float(R::cpu_percent, dice.log_normal(cpu, 0.4).min(100.0))
                    .float(R::memory_mb, dice.log_normal(memory, 0.25).min(2_048.0))
                    .int(R::network_receive_bytes, dice.log_normal(180_000.0, 1.0) as i64)
                    .int(R::network_send_bytes, dice.log_normal(22_000.0, 1.0) as i64)
                    .done(),
            );
        }
    }

    /// Robots and browsers repair themselves now and then, and try to when they fail.
    fn recovery(&self, sink: &mut Sink) {
        let (attempt, template) = (self.attempt, self.workflow.template);
        if !sink.wants(RecordType::Recovery) || !matches!(template.kind, kind::BROWSER_TASK | kind::RPA) {
            return;
        }
        let mut dice = Dice::of(&[self.start.key, STREAM_USE, u64::from(attempt.number), 2]);
        let is_success = attempt.status == word::SUCCESS;
        if !dice.chance(if is_success { 0.05 } else { 0.4 }) {
            return;
        }
        let step = dice.below(attempt.steps_entered as u64) as usize;
        let at = attempt.step_end(step);
        let begin = if step == 0 {
            attempt.started_at
        } else {
            attempt.step_end(step - 1)
        };
        let id = format!("{}.{}.fix", self.start.id, attempt.number);
        sink.put(
            Draft::new(RecordType::Recovery, &id, 1, at, 6)
                .text(Y::execution_id, self.start.id)
                .text(Y::step_id, STEP_IDS[step])
                .text(
                    Y::strategy,
                    STRATEGIES[dice.below(STRATEGIES.len() as u64) as usize],
                )
                .text(Y::status, if is_success { "recovered" } else { "failed" })
                .int(Y::timestamp, at)
                .int(Y::duration_ms, ((at - begin) / 2_000).max(0))
                .done(),
        );
    }
}

const STEP_IDS: [&str; STEPS_MAX] = [
    "step-1", "step-2", "step-3", "step-4", "step-5", "step-6", "step-7", "step-8",
];
const STRATEGIES: [&str; 5] = [
    "alternative_selector",
    "reload_page",
    "sign_in_again",
    "wait_longer",
    "close_dialog",
];
/// The machines that runs run on.
pub(crate) const HOSTS: [&str; 6] = [
    "worker-01",
    "worker-02",
    "worker-03",
    "browser-01",
    "browser-02",
    "robot-01",
];

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
