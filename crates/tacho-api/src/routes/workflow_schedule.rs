//! What a workflow's schedule expected, and what came.

use axum::extract::State;
use axum::http::HeaderMap;
use serde::{Deserialize, Serialize};
use tacho_analysis::punctuality::{Due, DueState, grace_us, match_runs};
use tacho_core::period::Period;
use tacho_core::{Schedule, TimeRange, Timestamp};
use tacho_query::QueryError;
use tacho_query::params::{PeriodWord, TimeParams};
use tacho_query::time::resolve;
use tacho_query::workflows::wire::{LastExecution, Workflow, WorkflowSchedule};
use tacho_query::workflows::{ScheduledRuns, ScheduledRunsQuery};
use tacho_store::{Answered, EngineError, Question};
use utoipa::{IntoParams, ToSchema};

use crate::AppState;
use crate::asking::Context;
use crate::extract::{Allowed, Json, Path, Query, need};
use crate::problem::{Problem, Result};

/// The longest range: 400 days.
const RANGE_US_MAX: i64 = 400 * 86_400_000_000;
const HOUR_US: i64 = 3_600_000_000;
/// Times due that are looked at in one range: those of each minute of the longest.
const DUE_MAX: usize = 600_000;
/// Times due that are answered one by one.
const RUNS_MAX: usize = 500;
/// Times due next that are answered.
const NEXT_MAX: usize = 10;

/// Over which time to compare a workflow's schedule with what came. Without a range: over the last month.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct WorkflowScheduleParams {
    /// The first instant inside, at most 400 days before the end.
    #[param(value_type = Option<String>, format = DateTime)]
    from: Option<Timestamp>,
    /// The first instant after it; now if left out.
    #[param(value_type = Option<String>, format = DateTime)]
    to: Option<Timestamp>,
    /// A named length of time that ends now, instead of `from` and `to`.
    #[param(value_type = Option<PeriodWord>, inline)]
    period: Option<Period>,
}

impl WorkflowScheduleParams {
    fn range(&self, context: &Context<'_>) -> Result<TimeRange, EngineError> {
        let has_none = self.period.is_none() && self.from.is_none() && self.to.is_none();
        let time = TimeParams {
            period: self.period.or(has_none.then_some(Period::Month)),
            from: self.from,
            to: self.to,
            last: None,
        };
        let range = resolve(&time, context.now, context.asker.zone(), "")?.range;
        match range.micros() > RANGE_US_MAX {
            true => Err(EngineError::Query(QueryError::InvalidTime {
                pointer: if self.period.is_some() { "/period" } else { "/from" }.to_owned(),
                reason: "a range may have 400 days; ask for a shorter one".to_owned(),
            })),
            false => Ok(range),
        }
    }
}

/// What a workflow's schedule expected in a range, and what came.
///
/// Each execution that the schedule started (`trigger_type` is `scheduled`) belongs to the last time due at or before its
/// start; it may start a minute sooner, or half the interval if that is shorter. A time before the workflow's first execution
/// is not expected (if it has none: before it was last declared), nor one to come, nor, if the workflow is not active, one
/// after its last scheduled execution.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "schedule": { "cron": "0 6 * * *", "timezone": "Europe/Berlin" },
    "next": ["2026-11-23T05:00:00Z", "2026-11-24T05:00:00Z"],
    "runs": [
        { "due_at": "2026-11-22T05:00:00Z", "state": "ran", "delay_ms": 1200,
          "execution": { "id": "run-1", "attempt": 1, "status": "success", "started_at": "2026-11-22T05:00:01.2Z" } },
        { "due_at": "2026-11-21T05:00:00Z", "state": "missed", "delay_ms": null, "execution": null }
    ],
    "expected": 2, "ran": 1, "late": 0, "missed": 1, "pending": 0, "is_cut": false, "grace_ms": 900_000,
    "as_of": "2026-11-22T10:00:00Z", "as_of_lsn": 48120
}))]
pub(crate) struct WorkflowScheduleRuns {
    /// Its schedule; null if it has none, or none that can be understood. Then nothing is expected.
    #[schema(value_type = Option<WorkflowSchedule>, required)]
    schedule: Option<Schedule>,
    /// When it is due next, at most ten times; none if it is not active.
    #[schema(value_type = Vec<String>)]
    next: Vec<Timestamp>,
    /// The last 500 times of the range at which it was due, newest first.
    runs: Vec<ScheduledRun>,
    /// How many times it was due in the range: those that ran, were late, missed or are pending.
    expected: u64,
    /// How many started within the grace.
    ran: u64,
    /// How many started after the grace, before it was due again.
    late: u64,
    /// How many did not start, though the grace is over.
    missed: u64,
    /// How many have not started, while the grace is not over.
    pending: u64,
    /// Whether there are more than 500; the last are here, and all are counted.
    is_cut: bool,
    /// The grace of the last time due, or of the next if there is none: half the interval until it is due again, a minute at
    /// least and a quarter of an hour at most. 0 without a schedule.
    grace_ms: i64,
    /// Records accepted up to about then are counted.
    #[schema(value_type = String, format = DateTime)]
    as_of: Timestamp,
    /// Exactly: records up to this position of the journal are counted.
    as_of_lsn: u64,
}

/// A time at which a workflow was due, and what came.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct ScheduledRun {
    /// When it was due.
    #[schema(value_type = String, format = DateTime)]
    due_at: Timestamp,
    /// What became of it.
    state: ScheduledRunState,
    /// The execution that started first for it.
    #[schema(required)]
    execution: Option<LastExecution>,
    /// How long after it was due that execution started; less than 0 if it started sooner.
    #[schema(required)]
    delay_ms: Option<i64>,
}

/// What became of a time at which a workflow was due.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ScheduledRunState {
    /// An execution started within the grace.
    Ran,
    /// One started after the grace, before it was due again.
    Late,
    /// None started, and the grace is over.
    Missed,
    /// None has started yet, and the grace is not over.
    Pending,
}

impl From<DueState> for ScheduledRunState {
    fn from(state: DueState) -> Self {
        match state {
            DueState::Ran => ScheduledRunState::Ran,
            DueState::Late => ScheduledRunState::Late,
            DueState::Missed => ScheduledRunState::Missed,
            DueState::Pending => ScheduledRunState::Pending,
        }
    }
}

/// What a workflow's schedule expected, what came, and when it is due next.
#[utoipa::path(get, path = "/api/v1/workflows/{id}/schedule", tag = "queries",
    params(("id" = String, Path, description = "The sender's id of the workflow"), WorkflowScheduleParams),
    responses((status = 200, body = WorkflowScheduleRuns)))]
pub(crate) async fn get_workflow_schedule(
    State(state): State<AppState>,
    asker: Allowed<need::Read>,
    headers: HeaderMap,
    Path(id): Path<String>,
    Query(params): Query<WorkflowScheduleParams>,
) -> Result<Json<WorkflowScheduleRuns>> {
    let context = Context::new(&state, &asker, &headers);
    let range = params.range(&context)?;
    if !context.has_workflow(&id).await? {
        return Err(Problem::not_found("workflow"));
    }
    let workflow = match context.ask(vec![Question::Workflow(id.clone())]).await?.next()? {
        Answered::Workflow(Some(workflow)) => *workflow,
        _ => return Err(Problem::not_found("workflow")),
    };
    let now = context.now;
    // A year of minutes takes a while to count.
    let counted = tokio::task::spawn_blocking(move || {
        let times = DueTimes::of(&workflow, range, now);
        times.map(|times| (workflow, times))
    });
    let (workflow, times) = counted.await.map_err(|_| EngineError::Lost)??;
    let question = ScheduledRunsQuery {
        workflow_id: id,
        from: whole_hour_before(range.start),
        to: times.following.unwrap_or(Timestamp::MAX),
    };
    match context
        .ask(vec![Question::ScheduledRuns(Box::new(question))])
        .await?
        .next()?
    {
        Answered::ScheduledRuns(scheduled) => Ok(Json(compare(workflow, times, *scheduled))),
        _ => Err(EngineError::Lost.into()),
    }
}

/// An instant at least an hour before, the same for all ranges that begin in the same hour: so that kept answers serve them.
/// What comes sooner than the first time due is passed over.
fn whole_hour_before(instant: Timestamp) -> Timestamp {
    let hour = instant.as_micros().div_euclid(HOUR_US) - 1;
    Timestamp::from_micros(hour * HOUR_US).max(Timestamp::MIN)
}

/// When a workflow was due in a range, and is due afterwards.
struct DueTimes {
    /// The times of the range, up to now.
    due: Vec<Timestamp>,
    /// The time after the last of them.
    following: Option<Timestamp>,
    /// The times after now.
    next: Vec<Timestamp>,
    /// Whether there is a schedule that can be understood.
    is_known: bool,
}

impl DueTimes {
    fn of(workflow: &Workflow, range: TimeRange, now: Timestamp) -> Result<Self, EngineError> {
        let after = |instant| workflow.schedule.as_ref()?.due_after(instant).ok();
        let mut times = after(range.start.plus_micros(-1))
            .into_iter()
            .flatten()
            .peekable();
        let is_in_range = |at: &Timestamp| *at < range.end && *at <= now;
        let due: Vec<Timestamp> = std::iter::from_fn(|| times.next_if(is_in_range))
            .take(DUE_MAX + 1)
            .collect();
        if due.len() > DUE_MAX {
            return Err(EngineError::Query(QueryError::InvalidTime {
                pointer: "/from".to_owned(),
                reason: format!("it is due more than {DUE_MAX} times in this range; ask for a shorter one"),
            }));
        }
        let next = after(now).filter(|_| workflow.is_active);
        Ok(Self {
            due,
            following: times.next(),
            next: next.into_iter().flatten().take(NEXT_MAX).collect(),
            is_known: after(now).is_some(),
        })
    }

    /// The grace of the last time due, or of the next.
    fn grace_us(&self) -> Option<i64> {
        let last = self.due.last().map(|last| (*last, self.following));
        let next = self.next.first().map(|next| (*next, self.next.get(1).copied()));
        last.or(next).map(|(at, next)| grace_us(at, next))
    }
}

fn compare(workflow: Workflow, times: DueTimes, scheduled: ScheduledRuns) -> WorkflowScheduleRuns {
    let expected_until = match (workflow.is_active, scheduled.runs.last()) {
        (true, _) => Timestamp::MAX,
        (false, Some(last)) => last.started_at,
        (false, None) => Timestamp::MIN,
    };
    let since = scheduled.since.unwrap_or(Timestamp::MAX);
    let expected = times.due.iter().copied();
    let expected: Vec<Timestamp> = expected
        .filter(|at| (since..=expected_until).contains(at))
        .collect();
    let following = times
        .due
        .get(times.due.partition_point(|at| *at <= expected_until));
    let following = following.copied().or(times.following);
    let started: Vec<Timestamp> = scheduled.runs.iter().map(|run| run.started_at).collect();
    let judged = match_runs(&expected, following, &started, scheduled.as_of);
    let count = |state: DueState| judged.iter().filter(|due| due.state == state).count() as u64;
    WorkflowScheduleRuns {
        expected: judged.len() as u64,
        ran: count(DueState::Ran),
        late: count(DueState::Late),
        missed: count(DueState::Missed),
        pending: count(DueState::Pending),
        is_cut: judged.len() > RUNS_MAX,
        runs: judged
            .iter()
            .rev()
            .take(RUNS_MAX)
            .map(|due| shown_run(due, &scheduled.runs))
            .collect(),
        grace_ms: times.grace_us().unwrap_or(0) / 1_000,
        schedule: workflow.schedule.filter(|_| times.is_known),
        next: times.next,
        as_of: scheduled.as_of,
        as_of_lsn: scheduled.as_of_lsn,
    }
}

fn shown_run(due: &Due, runs: &[LastExecution]) -> ScheduledRun {
    let execution = due.run.and_then(|run| runs.get(run)).cloned();
    ScheduledRun {
        due_at: due.at,
        state: due.state.into(),
        delay_ms: execution
            .as_ref()
            .map(|run| run.started_at.micros_since(due.at).div_euclid(1_000)),
        execution,
    }
}
