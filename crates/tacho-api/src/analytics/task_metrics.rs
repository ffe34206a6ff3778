//! `getTaskMetrics` (FR-002): one task, how it is and how it fared.

use serde::Serialize;
use serde_json::Value;
use tacho_core::Timestamp;
use tacho_core::period::Period;
use tacho_query::Answer;
use tacho_query::executions::wire::{Execution, ExecutionListParams};
use tacho_query::params::PeriodWord;
use tacho_query::workflows::wire::Workflow;
use tacho_store::{Answered, Question};
use utoipa::ToSchema;

use super::date::{Date, DateRange};
use super::duration::formatted;
use super::rates::rates;
use super::task::{numbers, task_not_found};
use super::{Context, Fields, Issue, Procedure, TaskId};
use crate::answer_table::Table;
use crate::problem::{Problem, Result};

/// Executions that are shown (FR-002.7).
const RECENT: u32 = 10;

/// `getTaskMetrics`.
pub(crate) struct TaskMetrics;

/// What it takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TaskMetricsInput {
    pub(crate) task: TaskId,
    pub(crate) period: Period,
}

/// One task, how it is and how it fared.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TaskMetricsResult {
    /// Its id: a number if it is a whole one.
    #[schema(value_type = TaskIdOut)]
    task_id: TaskId,
    /// Its name; its id if it has none.
    task_name: String,
    /// The period asked for.
    #[schema(value_type = PeriodWord)]
    period: Period,
    /// From when to when that is.
    date_range: DateRange,
    /// How its executions of the period went.
    execution: TaskExecutions,
    /// How long they took.
    duration: TaskDurations,
    /// How it is now, whatever the period.
    current_status: TaskStatus,
    /// Its last 10 executions, newest first, whatever the period.
    recent_executions: Vec<RecentExecution>,
    /// Whether it was worked out for an earlier question.
    from_cache: bool,
}

/// A workflow's id as it is answered.
#[derive(ToSchema)]
#[serde(untagged)]
#[allow(dead_code, reason = "only its schema is used")]
pub(crate) enum TaskIdOut {
    /// An id that is a whole number.
    Number(i64),
    /// Any other.
    Text(String),
}

/// How executions went.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TaskExecutions {
    /// Executions of every status.
    total: u64,
    /// Those that succeeded.
    success: u64,
    /// Those that failed.
    failed: u64,
    /// Succeeded in percent of succeeded, failed and timed out, to one decimal.
    success_rate: f64,
}

/// How long executions took that have ended; 0 without any.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct TaskDurations {
    /// The mean.
    average: f64,
    /// Half of them took less.
    median: f64,
    /// The shortest.
    min: f64,
    /// The longest.
    max: f64,
    /// In what these are: `ms`.
    #[schema(example = "ms")]
    unit: &'static str,
}

/// How a task is now.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TaskStatus {
    /// Whether it may run.
    is_active: bool,
    /// `paused` if it may not run, `failed` if the last that ended failed or timed out, `active` otherwise.
    #[schema(example = "active")]
    status: &'static str,
    /// When it last started.
    #[schema(required)]
    last_run: Option<Date>,
    /// How that went.
    #[schema(required)]
    last_run_status: Option<String>,
    /// When it is due next, by its schedule in its zone.
    #[schema(required)]
    next_run: Option<Date>,
    /// Whether it runs now.
    is_running: bool,
    /// How many in a row have failed or timed out since one succeeded.
    consecutive_failures: u64,
}

/// One of the last executions.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RecentExecution {
    /// The sender's id.
    id: String,
    /// `queued`, `running`, `success`, `failed`, `timeout` or `cancelled`.
    status: String,
    /// What started it.
    #[schema(required)]
    trigger_type: Option<String>,
    /// Which try.
    attempt_number: u32,
    /// When it started.
    #[schema(required)]
    started_at: Option<Date>,
    /// When it ended.
    #[schema(required)]
    completed_at: Option<Date>,
    /// How long it took, in milliseconds.
    #[schema(required)]
    duration: Option<i64>,
    /// The same in words.
    #[schema(required)]
    duration_formatted: Option<String>,
    /// What went wrong, in words.
    #[schema(required)]
    error: Option<String>,
    /// How far it got.
    progress: Progress,
}

/// How far an execution got.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Progress {
    /// Steps done.
    #[schema(required)]
    steps_completed: Option<i64>,
    /// Steps to do.
    #[schema(required)]
    steps_total: Option<i64>,
}

impl Procedure for TaskMetrics {
    const NAME: &'static str = "getTaskMetrics";
    const DATES: &'static [&'static str] = &[
        "dateRange.start",
        "dateRange.end",
        "currentStatus.lastRun",
        "currentStatus.nextRun",
        "recentExecutions.*.startedAt",
        "recentExecutions.*.completedAt",
    ];
    type Input = TaskMetricsInput;
    type Output = TaskMetricsResult;

    fn read(input: Option<&Value>) -> Result<Self::Input, Vec<Issue>> {
        let mut fields = Fields::of(input);
        let input = TaskMetricsInput {
            task: fields.required_task_id(),
            period: fields.period(Period::Week),
        };
        fields.finish(input)
    }

    async fn answer(context: &Context<'_>, input: Self::Input) -> Result<Self::Output> {
        let TaskMetricsInput { task, period } = input;
        context.require_task(&task).await?;
        let measures = [
            "count",
            "count_success",
            "count_failed",
            "success_rate",
            "duration_avg",
            "duration_median",
            "duration_min",
            "duration_max",
        ];
        let recent = ExecutionListParams {
            workflow_id: Some(task.0.clone()),
            limit: Some(RECENT),
            ..ExecutionListParams::default()
        };
        let questions = vec![
            Question::Workflow(task.0.clone()),
            Question::Executions(Box::new(recent)),
            numbers("executions", &measures, period, Some(&task)).into(),
        ];
        let mut batch = context.ask(questions).await?;
        let Answered::Workflow(Some(workflow)) = batch.next()? else {
            return Err(task_not_found());
        };
        let Answered::Executions(recent) = batch.next()? else {
            return Err(Problem::from(tacho_store::EngineError::Lost));
        };
        let answer = batch.next_numbers()?;
        Ok(TaskMetricsResult {
            task_name: workflow.name.clone().unwrap_or_else(|| task.0.clone()),
            task_id: task,
            period,
            date_range: DateRange::of(&answer),
            execution: executions(&answer),
            duration: durations(&answer),
            current_status: status(&workflow, context.now),
            recent_executions: recent.executions.into_iter().map(recent_execution).collect(),
            from_cache: batch.from_cache,
        })
    }
}

fn executions(answer: &Answer) -> TaskExecutions {
    let table = Table(answer);
    let totals = table.totals();
    TaskExecutions {
        total: totals.count("count"),
        success: totals.count("count_success"),
        failed: totals.count("count_failed"),
        success_rate: rates(totals.number("success_rate")).0,
    }
}

fn durations(answer: &Answer) -> TaskDurations {
    let table = Table(answer);
    let totals = table.totals();
    let of = |measure| totals.number(measure).unwrap_or(0.0).round();
    TaskDurations {
        average: of("duration_avg"),
        median: of("duration_median"),
        min: of("duration_min"),
        max: of("duration_max"),
        unit: "ms",
    }
}

fn status(workflow: &Workflow, now: Timestamp) -> TaskStatus {
    let last = workflow.last_execution.as_ref();
    TaskStatus {
        is_active: workflow.is_active,
        status: match (workflow.is_active, workflow.consecutive_failures) {
            (false, _) => "paused",
            (true, 0) => "active",
            (true, _) => "failed",
        },
        last_run: last.map(|last| Date(last.started_at)),
        last_run_status: last.map(|last| last.status.clone()),
        next_run: workflow.next_run_after(now).map(Date),
        is_running: workflow.running > 0,
        consecutive_failures: workflow.consecutive_failures,
    }
}

fn recent_execution(execution: Execution) -> RecentExecution {
    RecentExecution {
        id: execution.id,
        status: execution.status,
        trigger_type: execution.trigger_type,
        attempt_number: execution.attempt,
        started_at: execution.started_at.map(Date),
        completed_at: execution.completed_at.map(Date),
        duration: execution.duration_ms,
        duration_formatted: execution.duration_ms.map(|ms| formatted(ms as f64)),
        error: execution.error_message.or(execution.error_type),
        progress: Progress {
            steps_completed: execution.steps_completed,
            steps_total: execution.steps_total,
        },
    }
}
