//! A history as rows of PRD-010's `scheduled_task_executions` (section 7.2.3), in a file that every peer reads.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use anyhow::Context;
use tacho_core::record::derive::{derived_values, event_time};
use tacho_core::record::{Row, Value};
use tacho_core::{RecordType, Timestamp};

use crate::history::History;

/// What a line holds, separated by tabs: whole numbers, words, and instants in RFC 3339 with microseconds.
///
/// `id` numbers the rows, as PRD-010's tables do, and `taskId` the workflows, from 1. `startedAt` is the moment under which
/// Tacho counts an execution. `duration` is in milliseconds as Tacho has it. `costMicros` (millionths of a US dollar) is no
/// column of PRD-010, which estimates what executions cost; here they say it. `error` and `metadata` are left out: no
/// question reads them.
pub const COLUMNS: [&str; 9] = [
    "id",
    "taskId",
    "status",
    "triggerType",
    "attemptNumber",
    "startedAt",
    "completedAt",
    "duration",
    "costMicros",
];

/// The workflows of a history as tasks.
#[derive(Clone, Debug)]
pub struct Tasks(HashMap<Box<str>, usize>);

impl Tasks {
    /// Of that one.
    pub fn of(history: &History) -> Self {
        Self(history.workflows().into_iter().zip(1..).collect())
    }

    /// How many there are. Their numbers are those from 1 to this.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// The `taskId` of a workflow.
    ///
    /// # Errors
    /// If the history has no such workflow.
    pub fn number(&self, workflow: &str) -> anyhow::Result<usize> {
        let number = self.0.get(workflow).copied();
        number.with_context(|| format!("{workflow} is not among the workflows"))
    }
}

/// Writes the rows to a file. Returns how many.
///
/// # Errors
/// If the file cannot be written.
pub fn write(history: &History, tasks: &Tasks, path: &Path) -> anyhow::Result<u64> {
    let mut file = BufWriter::with_capacity(1 << 20, File::create(path)?);
    let mut count = 0;
    for record in history.records() {
        if record.record_type != RecordType::Execution {
            continue;
        }
        count += 1;
        let row = Row::from(record);
        let task = tasks.number(
            row.get("workflow_id")
                .and_then(Value::as_text)
                .unwrap_or_default(),
        )?;
        let completed = row.get("completed_at").and_then(Value::as_int);
        let derived = RecordType::Execution.spec().derived.iter();
        let duration = derived
            .zip(derived_values(&row, None))
            .find(|(derived, _)| derived.column == "duration_ms")
            .and_then(|(_, value)| value?.as_int())
            .with_context(|| format!("{} has no duration", row.id))?;
        writeln!(
            file,
            "{count}\t{task}\t{}\t{}\t{}\t{}\t{}\t{duration}\t{}",
            row.keyword("status").context("no status")?,
            row.keyword("trigger_type").context("no trigger")?,
            row.attempt,
            event_time(&row),
            Timestamp::from_micros(completed.context("no end")?),
            row.get("cost_usd").and_then(Value::as_int).unwrap_or(0),
        )?;
    }
    file.flush()?;
    Ok(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_execution_is_a_row_whose_numbers_are_those_of_its_instants() {
        let history = History {
            executions: 300,
            until: Timestamp::from_micros(1_763_800_000_123_456),
        };
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("rows.tsv");
        let tasks = Tasks::of(&history);
        let count = write(&history, &tasks, &path).unwrap();
        let text = std::fs::read_to_string(path).unwrap();
        assert!(count > 100 && count as usize == text.lines().count());
        for (line, number) in text.lines().zip(1..) {
            let cells: Vec<&str> = line.split('\t').collect();
            assert_eq!(cells.len(), COLUMNS.len());
            assert_eq!(cells[0], number.to_string());
            assert!((1..=tasks.count()).contains(&cells[1].parse().unwrap()));
            let instant = |at: usize| cells[at].parse::<Timestamp>().unwrap();
            let micros = instant(6).micros_since(instant(5));
            assert!((micros - 1_000 * cells[7].parse::<i64>().unwrap()).abs() <= 500);
            assert!(instant(6) < history.until);
        }
    }
}
