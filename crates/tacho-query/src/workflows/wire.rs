//! A workflow as it is shown.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tacho_core::Schedule;
use tacho_core::time::Timestamp;
use utoipa::ToSchema;

/// A workflow as it is now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({
    "id": "invoices", "name": "Invoices", "kind": "workflow", "version": "1.8.0", "owner_id": "ada@example.com",
    "group": "Finance", "is_active": true, "schedule": { "cron": "0 6 * * *", "timezone": "Europe/Berlin" },
    "tags": {}, "executions": 1204, "running": 0, "consecutive_failures": 2,
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
        let schedule = self.schedule.as_ref().filter(|_| self.is_active)?;
        schedule.next_after(now).ok().flatten()
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
