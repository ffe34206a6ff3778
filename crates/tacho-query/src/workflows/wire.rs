//! Workflows as they are listed and shown.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tacho_core::Schedule;
use tacho_core::time::Timestamp;
use utoipa::{IntoParams, ToSchema};

/// Workflows that one answer may hold.
pub const WORKFLOWS_MAX: u32 = 10_000;

/// A workflow as it is now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({
    "id": "invoices", "name": "Invoices", "kind": "workflow", "version": "1.8.0", "owner_id": "ada@example.com",
    "group": "Finance", "is_active": true, "schedule": { "cron": "0 6 * * *", "timezone": "Europe/Berlin" },
    "timeout_ms": 900_000, "tags": {}, "executions": 1204, "running": 0, "consecutive_failures": 2,
    "last_execution": { "id": "run-1", "attempt": 1, "status": "failed", "started_at": "2026-11-22T09:30:00Z" },
    "as_of": "2026-11-22T10:00:00Z", "as_of_lsn": 48120
}))]
pub struct Workflow {
    /// The sender's id.
    pub id: String,
    /// Its name; null if nobody has told it.
    pub name: Option<String>,
    /// `workflow`, `browser_task`, `rpa`, `bot` or `job`.
    pub kind: Option<String>,
    /// Its version.
    pub version: Option<String>,
    /// Whose it is.
    pub owner_id: Option<String>,
    /// The group or team that it belongs to.
    pub group: Option<String>,
    /// Whether it may run. Yes if nobody has said otherwise.
    pub is_active: bool,
    /// When it is due.
    #[schema(value_type = Option<WorkflowSchedule>)]
    pub schedule: Option<Schedule>,
    /// How long it may run, in milliseconds, if its sender says so.
    pub timeout_ms: Option<i64>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// Its executions, of all time and every status.
    pub executions: u64,
    /// Those that run now.
    pub running: u64,
    /// How many in a row have failed or timed out since one succeeded.
    pub consecutive_failures: u64,
    /// The execution that started last.
    pub last_execution: Option<LastExecution>,
    /// Records accepted up to about then are counted.
    #[schema(value_type = String, format = DateTime)]
    pub as_of: Timestamp,
    /// Exactly: records up to this position of the journal are counted.
    pub as_of_lsn: u64,
}

impl Workflow {
    /// When it is due next after an instant, by its schedule. `None` without one, if it is not active, and if the schedule
    /// cannot be understood.
    pub fn next_run_after(&self, now: Timestamp) -> Option<Timestamp> {
        next_run_after(now, self.schedule.as_ref(), self.is_active)
    }
}

fn next_run_after(now: Timestamp, schedule: Option<&Schedule>, is_active: bool) -> Option<Timestamp> {
    let schedule = schedule.filter(|_| is_active)?;
    schedule.next_after(now).ok().flatten()
}

/// Which workflows to list.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, IntoParams, ToSchema)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct WorkflowListParams {
    /// With this text, whatever its case, in the name or the id.
    pub search: Option<String>,
    /// Of this kind: `workflow`, `browser_task`, `rpa`, `bot` or `job`.
    #[param(example = "rpa")]
    pub kind: Option<String>,
    /// Of this group.
    pub group: Option<String>,
    /// Of this owner.
    pub owner_id: Option<String>,
    /// With this tag: its key, a colon and its value.
    #[param(example = "env:prod")]
    pub tag: Option<String>,
    /// Those that may run, or those that may not.
    pub is_active: Option<bool>,
    /// Workflows to answer, 1 to 10,000; 10,000 if left out.
    #[param(minimum = 1, maximum = 10000)]
    pub limit: Option<u32>,
}

/// Workflows by name, those without one by id, whatever the case.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Workflows {
    /// The workflows.
    pub workflows: Vec<ListedWorkflow>,
    /// How many there are, on the list or not.
    pub total: u64,
    /// Records accepted up to about then are counted.
    pub as_of: Timestamp,
    /// Exactly: records up to this position of the journal are counted.
    pub as_of_lsn: u64,
}

/// A workflow of a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ListedWorkflow {
    /// The sender's id.
    pub id: String,
    /// Its name; null if nobody has told it.
    pub name: Option<String>,
    /// `workflow`, `browser_task`, `rpa`, `bot` or `job`.
    pub kind: Option<String>,
    /// Its version.
    pub version: Option<String>,
    /// Whose it is.
    pub owner_id: Option<String>,
    /// The group or team that it belongs to.
    pub group: Option<String>,
    /// Whether it may run. Yes if nobody has said otherwise.
    pub is_active: bool,
    /// When it is due.
    #[schema(value_type = Option<WorkflowSchedule>)]
    pub schedule: Option<Schedule>,
    /// How long it may run, in milliseconds, if its sender says so.
    pub timeout_ms: Option<i64>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// Its executions that run now.
    pub running: u64,
    /// The execution that started last.
    pub last_execution: Option<LastExecution>,
}

impl ListedWorkflow {
    /// When it is due next after an instant; as [`Workflow::next_run_after`] has it.
    pub fn next_run_after(&self, now: Timestamp) -> Option<Timestamp> {
        next_run_after(now, self.schedule.as_ref(), self.is_active)
    }
}

/// The execution of a workflow that started last.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LastExecution {
    /// The sender's id.
    pub id: String,
    /// Which try.
    pub attempt: u32,
    /// `running`, `success`, `failed`, `timeout` or `cancelled`.
    pub status: String,
    /// When it started, or the moment under which it is counted.
    #[schema(value_type = String, format = DateTime)]
    pub started_at: Timestamp,
}

/// When a workflow is due. (The wire's name for [`Schedule`].)
#[derive(ToSchema)]
#[allow(dead_code, reason = "only its schema is used")]
pub struct WorkflowSchedule {
    /// A cron expression.
    pub cron: String,
    /// The IANA time zone on whose calendar it is read; UTC if left out.
    pub timezone: Option<String>,
}
