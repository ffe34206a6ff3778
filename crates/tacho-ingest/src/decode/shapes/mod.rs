//! The shapes in which the source documents send their records, one file each. Most names are aliases that the types
//! declare; here is what takes more than another name.

mod browser_task;
mod execution_event;
mod task_execution;
mod task_metrics;

#[cfg(test)]
mod cost_record;
#[cfg(test)]
mod metrics_row;
#[cfg(test)]
mod step_execution;
#[cfg(test)]
mod user_activity;

use tacho_core::Timestamp;
use tacho_core::record::RecordType;

use super::identity;
use super::object::Draft;
use super::rejection::Checked;
use super::value::Reading;

pub(super) use task_metrics::complete_companion;

/// A shape that has a way of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// `ExecutionEvent` of the analytics document.
    ExecutionEvent,
    /// `TaskMetrics` of the real-time document.
    TaskMetrics,
    /// A row of `scheduled_task_executions` of PRD-010.
    TaskExecution,
    /// A row of `scheduled_browser_tasks` of PRD-010.
    BrowserTask,
}

/// Turns what the documents send differently into fields.
pub(super) fn translate(draft: &mut Draft<'_>, reading: Reading<'_>) -> Checked<()> {
    match draft.record_type {
        RecordType::Execution => {
            task_execution::lift_steps(draft);
            execution_event::place_timestamp(draft, reading)?;
            task_metrics::translate(draft, reading)?;
            if matches!(draft.shape, Some(Shape::TaskMetrics | Shape::TaskExecution)) {
                identify_by_start(draft);
            }
        }
        RecordType::Workflow if draft.shape == Some(Shape::BrowserTask) => browser_task::translate(draft)?,
        _ => {}
    }
    Ok(())
}

/// Both documents about tasks identify a run by its task and its start.
fn identify_by_start(draft: &mut Draft<'_>) {
    if draft.id.is_some() {
        return;
    }
    let task = draft.get("workflow_id").and_then(|value| value.as_text());
    let start = draft.get("started_at").and_then(|value| value.as_int());
    if let (Some(task), Some(start)) = (task, start) {
        let id = format!("{task}@{}", Timestamp::from_micros(start));
        draft.id = Some(identity::within_limit(id));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use tacho_core::record::schema::ID_BYTES_MAX;

    use super::testing::records;

    fn run_of(task: &str) -> String {
        let row = json!({ "task_id": task, "task_type": "x", "start_time": "2026-11-22T09:30:00Z", "status": "ok",
                          "cpu_usage_percent": 1, "memory_usage_mb": 1 });
        records(&row.to_string())[0].id.to_string()
    }

    /// A task's id may be as long as any; with the start it would be longer.
    #[test]
    fn runs_of_tasks_with_long_ids_are_told_apart() {
        let start = "@2026-11-22T09:30:00Z";
        let longest = "x".repeat(ID_BYTES_MAX - start.len());
        assert_eq!(run_of(&longest), format!("{longest}{start}"));
        let [one, other] = ["x", "y"].map(|last| run_of(&format!("{longest}{last}")));
        assert_eq!([one.len(), other.len()], [33, 33]);
        assert_ne!(one, other);
        assert_eq!(run_of(&format!("{longest}x")), one);
        assert!(run_of(&"z".repeat(ID_BYTES_MAX)).starts_with('~'));
    }
}

#[cfg(test)]
pub(super) mod testing {
    //! One record through the decoder.

    use tacho_core::{Record, Timestamp};

    use crate::decode::{DecodeOptions, Decoded, Format, decode};

    /// The moment at which every test record arrives.
    pub(in crate::decode) fn received_at() -> Timestamp {
        "2026-11-22T12:00:00Z".parse().unwrap()
    }

    /// What the JSON text gives, in strict mode: a document's shape holds nothing unknown.
    pub(in crate::decode) fn decode_strictly(json: &str) -> Decoded {
        let options = DecodeOptions {
            strict: true,
            ..DecodeOptions::new(received_at())
        };
        decode(Format::Json, json.as_bytes(), &options).unwrap()
    }

    /// The records of one object.
    pub(in crate::decode) fn records(json: &str) -> Vec<Record> {
        let decoded = decode_strictly(json);
        assert_eq!(decoded.rejected, vec![], "{json}");
        decoded.records.into_iter().map(|(_, record)| record).collect()
    }

    /// A record as one line, fields by name, for comparison.
    pub(in crate::decode) fn shown(record: &Record) -> String {
        use tacho_core::record::{FieldKind, Value};
        let mut text = format!(
            "{} {} #{}",
            record.record_type.as_str(),
            record.id,
            record.attempt
        );
        for (position, value) in &record.fields {
            let field = &record.record_type.spec().fields[usize::from(*position)];
            let value = match (field.kind, value) {
                (FieldKind::Keyword(words), Value::Keyword(word)) => words[usize::from(*word)].to_owned(),
                (FieldKind::Time, Value::Int(micros)) => Timestamp::from_micros(*micros).to_string(),
                (_, Value::Int(number)) => number.to_string(),
                (_, Value::Float(number)) => number.to_string(),
                (_, Value::Bool(flag)) => flag.to_string(),
                (_, Value::Text(text)) => text.to_string(),
                (_, Value::Keyword(word)) => word.to_string(),
            };
            text += &format!(" {}={value}", field.name);
        }
        text
    }
}
