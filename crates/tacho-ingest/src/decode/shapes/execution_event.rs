//! `ExecutionEvent` of the analytics document: one `timestamp` that means the start or the end, by the status.

use tacho_core::Timestamp;
use tacho_core::record::Value;

use crate::decode::object::Draft;
use crate::decode::rejection::Checked;
use crate::decode::value::{self, Reading};

const QUEUED: u8 = 0;
const RUNNING: u8 = 1;

/// Puts the event's `timestamp` where the status says that it belongs, and dates the record by it.
pub(super) fn place_timestamp(draft: &mut Draft<'_>, reading: Reading<'_>) -> Checked<()> {
    let Some(entry) = draft.take(&["timestamp"]) else {
        return Ok(());
    };
    let timestamp = value::time(entry.value, reading).map_err(|fault| fault.at(&entry.key))?;
    let instant = Value::Int(timestamp.as_micros());
    match draft.get("status").and_then(Value::as_keyword) {
        None => {}
        Some(QUEUED) => {
            draft.set_absent("queued_at", instant);
            forget_zero_duration(draft);
        }
        Some(RUNNING) => {
            draft.set_absent("started_at", instant);
            forget_zero_duration(draft);
        }
        Some(_) => {
            draft.set_absent("completed_at", instant);
            start_before_end(draft);
        }
    }
    if draft.updated_at.is_none() {
        let known_at = ["queued_at", "started_at", "completed_at"]
            .into_iter()
            .filter_map(|name| draft.get(name).and_then(Value::as_int))
            .map(Timestamp::from_micros)
            .max();
        draft.updated_at = Some(known_at.map_or(timestamp, |known_at| known_at.max(timestamp)));
    }
    Ok(())
}

/// The document's duration is never absent: on an event that ends nothing, 0 means that it is not known yet.
fn forget_zero_duration(draft: &mut Draft<'_>) {
    let position = draft.record_type.spec().position("duration_ms");
    draft
        .fields
        .retain(|(at, value)| *at != position || *value != Value::Int(0));
}

/// A finished event that tells its duration but no start started that much earlier.
fn start_before_end(draft: &mut Draft<'_>) {
    let number = |name: &str| draft.get(name).and_then(Value::as_int);
    if let (None, Some(end), Some(duration_ms)) = (
        number("started_at"),
        number("completed_at"),
        number("duration_ms"),
    ) && let Some(start) = duration_ms
        .checked_mul(1000)
        .map(|duration| end.saturating_sub(duration))
        .filter(|start| *start >= Timestamp::MIN.as_micros())
    {
        draft.set_absent("started_at", Value::Int(start));
    }
}

#[cfg(test)]
mod tests {
    use crate::decode::shapes::testing::{records, shown};

    fn event(status: &str, timestamp: &str, duration: u32) -> String {
        format!(
            r#"{{"id":"run-7","timestamp":"{timestamp}","workflowId":"invoice","workflowVersion":3,"userId":"ada",
                "triggerId":"t-1","triggerType":"schedule","status":"{status}","duration":{duration},"stepCount":5,
                "errorType":null,"errorMessage":null,"metadata":{{"region":"eu"}}}}"#
        )
    }

    #[test]
    fn started_is_a_start() {
        let records = records(&event("started", "2026-11-22T09:30:00Z", 0));
        assert_eq!(
            shown(&records[0]),
            "execution run-7 #1 workflow_id=invoice workflow_version=3 user_id=ada trigger_id=t-1 \
             trigger_type=scheduled status=running started_at=2026-11-22T09:30:00Z steps_total=5 metadata={\"region\":\"eu\"}"
        );
        assert_eq!(records[0].updated_at.to_string(), "2026-11-22T09:30:00Z");
    }

    #[test]
    fn completed_is_an_end_and_the_duration_gives_the_start() {
        let records = records(&event("completed", "2026-11-22T09:30:30Z", 30_500));
        assert_eq!(
            shown(&records[0]),
            "execution run-7 #1 workflow_id=invoice workflow_version=3 user_id=ada trigger_id=t-1 \
             trigger_type=scheduled status=success started_at=2026-11-22T09:29:59.5Z completed_at=2026-11-22T09:30:30Z \
             duration_ms=30500 steps_total=5 metadata={\"region\":\"eu\"}"
        );
        assert_eq!(records[0].updated_at.to_string(), "2026-11-22T09:30:30Z");
    }

    #[test]
    fn failed_keeps_its_error() {
        let json = event("failed", "2026-11-22T09:30:30Z", 10).replace(
            r#""errorType":null,"errorMessage":null"#,
            r#""errorType":"Timeout","errorMessage":"no answer""#,
        );
        let text = shown(&records(&json)[0]);
        assert!(text.contains("status=failed"), "{text}");
        assert!(
            text.contains("error_type=Timeout error_message=no answer"),
            "{text}"
        );
    }

    #[test]
    fn a_start_that_is_given_stands() {
        let json = event("completed", "2026-11-22T09:30:30Z", 10).replace(
            r#""duration""#,
            r#""startedAt":"2026-11-22T09:00:00Z","duration""#,
        );
        let text = shown(&records(&json)[0]);
        assert!(
            text.contains("started_at=2026-11-22T09:00:00Z completed_at=2026-11-22T09:30:30Z"),
            "{text}"
        );
    }

    #[test]
    fn a_duration_longer_than_the_calendar_gives_no_start() {
        for duration in ["9223372036854775807", "99999999999999"] {
            let json = event("completed", "2026-11-22T09:30:30Z", 10)
                .replace("\"duration\":10", &format!("\"duration\":{duration}"));
            assert!(!shown(&records(&json)[0]).contains("started_at"));
        }
    }
}
