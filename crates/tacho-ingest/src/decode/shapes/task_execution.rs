//! A row of `scheduled_task_executions` of PRD-010: names in camelCase, steps counted inside the metadata.

use tacho_core::record::Value;

use crate::decode::entry::{Entry, read_object};
use crate::decode::object::Draft;
use crate::decode::value;

/// Names inside the metadata that are fields of an execution.
const STEPS: [(&str, &str); 2] = [
    ("stepsCompleted", "steps_completed"),
    ("stepsTotal", "steps_total"),
];

/// Makes fields of the steps counted in the metadata, unless they were sent as fields.
pub(super) fn lift_steps(draft: &mut Draft<'_>) {
    let Some(Entry { value, .. }) = draft.metadata else {
        return;
    };
    // What is wrong with the metadata is said when it is kept.
    let Ok(json) = value::object(value) else { return };
    if !json.contains("\"steps") {
        return;
    }
    let mut found = Vec::new();
    let outcome = read_object(json, usize::MAX, |key, value| {
        let step = STEPS.iter().find(|(sent, _)| *sent == key);
        if let (Some((sent, field)), Ok(count @ 0..)) = (step, value.parse::<i64>()) {
            found.push((*sent, *field, count));
        }
    });
    if outcome.is_err() {
        return;
    }
    for (sent, field, count) in found {
        if draft.get(field).is_none() {
            draft.set_absent(field, Value::Int(count));
            draft.lifted.push(sent);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::decode::shapes::testing::{records, shown};

    #[test]
    fn the_row_is_an_execution() {
        let records = records(
            r#"{"id":981,"taskId":17,"status":"failed","triggerType":"retry","attemptNumber":2,
                "startedAt":"2026-11-22T09:30:00.000Z","completedAt":"2026-11-22T09:30:12.500Z","duration":12500,
                "error":"Element not found: #submit","metadata":{"stepsCompleted":3,"stepsTotal":5,"browser":"chromium"}}"#,
        );
        assert_eq!(
            shown(&records[0]),
            "execution 981 #2 workflow_id=17 trigger_type=retry status=failed started_at=2026-11-22T09:30:00Z \
             completed_at=2026-11-22T09:30:12.5Z duration_ms=12500 steps_completed=3 steps_total=5 \
             error_message=Element not found: #submit metadata={\"browser\":\"chromium\"}"
        );
        assert_eq!(records.len(), 1);
    }

    #[test]
    fn the_row_as_the_document_lists_it_has_no_id() {
        let records = records(
            r#"{"taskId":17,"status":"running","triggerType":"scheduled","attemptNumber":1,
                "startedAt":"2026-11-22T09:30:00.000Z","completedAt":null,"duration":null,"error":null,
                "metadata":{"stepsCompleted":1,"stepsTotal":5}}"#,
        );
        assert_eq!(
            shown(&records[0]),
            "execution 17@2026-11-22T09:30:00Z #1 workflow_id=17 trigger_type=scheduled status=running \
             started_at=2026-11-22T09:30:00Z steps_completed=1 steps_total=5"
        );
    }

    #[test]
    fn steps_sent_as_fields_stand() {
        let records = records(
            r#"{"type":"execution","id":"a","status":"running","stepsCompleted":2,"metadata":{"stepsCompleted":1,"stepsTotal":"many"}}"#,
        );
        assert_eq!(
            shown(&records[0]),
            "execution a #1 status=running steps_completed=2 metadata={\"stepsCompleted\":1,\"stepsTotal\":\"many\"}"
        );
    }
}
