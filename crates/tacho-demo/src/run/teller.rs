//! The records of one attempt: the execution as a life or as a whole, its steps, costs, resources and repairs.

use tacho_core::RecordType;

use super::attempt::{Attempt, Costs};
use super::{HOSTS, STEPS_MAX, STREAM_STEPS, STREAM_USE, Start, is_bot};
use crate::catalogue::{SITES, kind, trigger};
use crate::company::Workflow;
use crate::dice::Dice;
use crate::draft::Draft;
use crate::layout::{
    CostField as C, ExecutionField as E, RecoveryField as Y, ResourceField as R, StepField as S, word,
};
use crate::timeline::Sink;

/// Everything that the records of one attempt share.
pub(super) struct Teller<'a> {
    pub(super) workflow: &'a Workflow,
    pub(super) start: &'a Start<'a>,
    pub(super) attempt: &'a Attempt,
    pub(super) version: &'a str,
    pub(super) user: Option<&'a str>,
    pub(super) tags: &'a str,
    pub(super) document: Option<&'a str>,
    pub(super) costs: &'a Costs,
}

impl Teller<'_> {
    /// The fields before the status, which every record of its life repeats.
    fn begun(&self, at: i64) -> Draft {
        let start = self.start;
        let variant = is_bot(self.workflow).then_some(if start.key & 1 == 0 {
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

    pub(super) fn execution(&self, sink: &mut Sink) {
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

    pub(super) fn steps(&self, sink: &mut Sink) {
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

    pub(super) fn costs(&self, sink: &mut Sink) {
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

    pub(super) fn resources(&self, sink: &mut Sink) {
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
    pub(super) fn recovery(&self, sink: &mut Sink) {
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
