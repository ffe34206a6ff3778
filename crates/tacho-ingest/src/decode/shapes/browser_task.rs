//! A row of `scheduled_browser_tasks` of PRD-010: a workflow of kind `browser_task`. Its counters are kept in the
//! metadata, where nothing adds them up: Tacho counts executions itself.

use tacho_core::record::{FieldKind, Value};

use crate::decode::object::Draft;
use crate::decode::rejection::Checked;
use crate::decode::value;
use crate::decode::words::snake;

/// Columns of the row that no field holds.
const KEPT: [&str; 8] = [
    "status",
    "last_run",
    "last_run_status",
    "next_run",
    "execution_count",
    "success_count",
    "failure_count",
    "average_duration",
];

/// Gives the workflow its kind, and reads its status: only an active task runs.
pub(super) fn translate(draft: &mut Draft<'_>) -> Checked<()> {
    if let Some((_, kind)) = draft.record_type.spec().field("kind")
        && let FieldKind::Keyword(words) = kind.kind
        && let Some(word) = words.iter().position(|word| *word == "browser_task")
    {
        draft.set_absent("kind", Value::Keyword(word as u8));
    }
    let (kept, unknown) = draft
        .leftovers
        .drain(..)
        .partition(|entry| KEPT.contains(&&*snake(&entry.key)));
    draft.kept = kept;
    draft.leftovers = unknown;
    if let Some(entry) = draft.kept.iter().find(|entry| entry.key == "status") {
        let status = value::text(entry.value).map_err(|fault| fault.at("status"))?;
        let is_active = status.eq_ignore_ascii_case("active");
        draft.set_absent("is_active", Value::Bool(is_active));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::decode::shapes::testing::{received_at, records, shown};

    const TASK: &str = r#"{"id":17,"name":"Daily report","userId":4,"status":"active","lastRun":"2026-11-22T06:00:00Z",
        "lastRunStatus":"success","nextRun":"2026-11-23T06:00:00Z","executionCount":12,"successCount":11,
        "failureCount":1,"averageDuration":31000}"#;

    #[test]
    fn the_row_is_a_workflow() {
        let records = records(TASK);
        assert_eq!(
            shown(&records[0]),
            "workflow 17 #1 name=Daily report kind=browser_task owner_id=4 is_active=true \
             metadata={\"averageDuration\":31000,\"executionCount\":12,\"failureCount\":1,\
             \"lastRun\":\"2026-11-22T06:00:00Z\",\"lastRunStatus\":\"success\",\"nextRun\":\"2026-11-23T06:00:00Z\",\
             \"status\":\"active\",\"successCount\":11}"
        );
        assert_eq!(records[0].updated_at, received_at());
    }

    #[test]
    fn paused_is_not_active() {
        assert!(shown(&records(&TASK.replace("\"active\"", "\"paused\""))[0]).contains("is_active=false"));
    }
}
