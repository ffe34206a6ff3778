//! `StepExecution` of the analytics document: every name is an alias of the step's own.

use super::testing::{records, shown};

#[test]
fn it_is_a_step() {
    let records = records(
        r#"{"id":"s-1","executionId":"run-7","stepId":"login","stepType":"browser","startTime":"2026-11-22T09:30:00Z",
            "endTime":"2026-11-22T09:30:01.5Z","duration":1500,"status":"completed","inputSize":120,"outputSize":2048,
            "creditsUsed":0.25}"#,
    );
    assert_eq!(
        shown(&records[0]),
        "step s-1 #1 execution_id=run-7 step_id=login step_type=browser status=completed \
         started_at=2026-11-22T09:30:00Z ended_at=2026-11-22T09:30:01.5Z duration_ms=1500 input_bytes=120 \
         output_bytes=2048 credits=250"
    );
    assert_eq!(records[0].updated_at.to_string(), "2026-11-22T09:30:01.5Z");
}
