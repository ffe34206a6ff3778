//! `TaskMetrics` of the real-time document: an execution and a sample of what it used, in one object.

use tacho_core::Timestamp;
use tacho_core::record::{RecordType, Value};

use super::Shape;
use crate::decode::object::Draft;
use crate::decode::rejection::Checked;
use crate::decode::value::{self, Reading};

/// Fields of a resource sample that an execution may bring along.
const MEASURES: [&str; 4] = ["cpu_percent", "memory_mb", "gpu_percent", "gpu_memory_mb"];

/// Makes a tag of the task's type, and a record of its own of what it used.
pub(super) fn translate(draft: &mut Draft<'_>, reading: Reading<'_>) -> Checked<()> {
    if let Some(entry) = draft.take(&["task_type", "taskType"]) {
        let task_type = value::text(entry.value).map_err(|fault| fault.at(&entry.key))?;
        if !task_type.is_empty() {
            draft.added_tags.push(("task_type", task_type.into_owned()));
        }
        draft.shape.get_or_insert(Shape::TaskMetrics);
    }
    let resource = RecordType::Resource.spec();
    let mut sample = Draft::new(RecordType::Resource, None);
    for name in MEASURES {
        let (position, field) = match resource.field(name) {
            Some(found) => found,
            None => continue,
        };
        let taken = draft.take(&[name]).or_else(|| draft.take(field.aliases));
        if let Some(entry) = taken
            && let Some(value) = value::read(RecordType::Resource, field, entry.value, reading)
                .map_err(|fault| fault.at(&entry.key))?
        {
            sample.fields.push((position, value));
        }
    }
    if !sample.fields.is_empty() {
        draft.shape.get_or_insert(Shape::TaskMetrics);
        let end = draft.get("completed_at").or_else(|| draft.get("started_at"));
        if let Some(end) = end.cloned() {
            sample.set_absent("timestamp", end);
        }
        draft.companion = Some(Box::new(sample));
    }
    Ok(())
}

/// Ties the sample to its execution, once that has its id.
pub(in crate::decode) fn complete_companion(
    sample: &mut Draft<'_>,
    execution_id: &str,
    execution_updated_at: Timestamp,
) {
    sample.set_absent("execution_id", Value::from(execution_id));
    sample.set_absent("timestamp", Value::Int(execution_updated_at.as_micros()));
}

#[cfg(test)]
mod tests {
    use crate::decode::RejectionCode;
    use crate::decode::shapes::testing::{decode_strictly, records, shown};

    const TASK: &str = r#"{"task_id":"crawl","task_type":"web","start_time":"2026-11-22T09:30:00Z",
        "end_time":"2026-11-22T09:30:02.25+00:00","duration_ms":2250,"status":"completed","cpu_usage_percent":41.5,
        "memory_usage_mb":512,"error_message":null,"context":{"url":"https://example.org/"}}"#;

    #[test]
    fn it_is_an_execution_and_a_sample() {
        let records = records(TASK);
        assert_eq!(
            shown(&records[0]),
            "execution crawl@2026-11-22T09:30:00Z #1 workflow_id=crawl status=success \
             started_at=2026-11-22T09:30:00Z completed_at=2026-11-22T09:30:02.25Z duration_ms=2250 \
             metadata={\"url\":\"https://example.org/\"} tags={\"task_type\":\"web\"}"
        );
        let sample = shown(&records[1]);
        let (id, fields) = sample.split_once(" #1 ").unwrap();
        assert!(id.starts_with("resource ~"), "{id}");
        assert_eq!(
            fields,
            "timestamp=2026-11-22T09:30:02.25Z execution_id=crawl@2026-11-22T09:30:00Z cpu_percent=41.5 memory_mb=512"
        );
        assert_eq!(records.len(), 2);
    }

    #[test]
    fn sent_again_it_is_the_same() {
        assert_eq!(
            records(TASK),
            records(&TASK.replace("09:30:00Z", "10:30:00+01:00"))
        );
    }

    #[test]
    fn still_running_the_sample_dates_from_the_start() {
        let records = records(&TASK.replace("\"completed\"", "\"running\"").replace(
            r#""end_time":"2026-11-22T09:30:02.25+00:00","duration_ms":2250,"#,
            "",
        ));
        assert!(shown(&records[1]).contains(" timestamp=2026-11-22T09:30:00Z "));
    }

    #[test]
    fn a_bad_sample_takes_its_execution_with_it() {
        let decoded = decode_strictly(&TASK.replace("512", "-1"));
        assert_eq!(decoded.records, vec![]);
        assert_eq!(decoded.rejected[0].code, RejectionCode::FieldOutOfRange);
        let decoded = decode_strictly(&TASK.replace("512", "\"512\""));
        assert_eq!(decoded.rejected[0].code, RejectionCode::FieldType);
        assert_eq!(decoded.rejected[0].pointer.as_deref(), Some("/memory_usage_mb"));
        let next = r#"{"type":"execution","id":"next","status":"running"}"#;
        let decoded = decode_strictly(&format!("[{},{next}]", TASK.replace("512", "-1")));
        assert_eq!(decoded.records.len(), 1, "nothing of it is left for the next");
        assert_eq!(&*decoded.records[0].1.id, "next");
    }
}
