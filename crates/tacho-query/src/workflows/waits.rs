//! How long executions of each workflow waited in a queue.

use tacho_core::record::RecordType;
use tacho_core::time::{TimeRange, Timestamp};

use super::detail::rows_in;
use crate::cells::Cells;
use crate::dialect::{Dialect, SqlText};
use crate::predicate::Predicate;
use crate::scope::Scoped;
use crate::shape::ShapeError;
use crate::statement::{ResultSet, Statement};

/// Over which time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueueWaitsQuery {
    /// Executions count that have their time here or later.
    pub since: Timestamp,
}

/// How long the executions of a workflow waited between being queued and starting.
#[derive(Clone, Debug, PartialEq)]
pub struct QueueWaits {
    /// The workflow.
    pub workflow_id: String,
    /// How many of them were queued and have started.
    pub count: u64,
    /// 99 of 100 of those waited at most that long, in milliseconds.
    pub p99_ms: f64,
}

/// The statement that answers it. Exact, of the rows: few senders queue, and those that do have rollups of durations only.
pub fn compile_queue_waits(scoped: &Scoped<QueueWaitsQuery>, dialect: &dyn Dialect) -> Statement {
    let waited = ["workflow_id", "queued_at", "started_at"];
    let is_known = waited.map(|column| Predicate::IsNotNull(column.into()));
    let range = TimeRange {
        start: scoped.question().since,
        end: Timestamp::MAX,
    };
    let (queued, started) = (dialect.micros("queued_at"), dialect.micros("started_at"));
    let p99 = dialect.quantile(&format!("({started} - {queued}) / 1000.0"), &[0.99], 0);
    let mut sql = SqlText::default();
    sql.push(&format!("SELECT workflow_id, count(*), {p99}\nFROM (\n"));
    sql.append(rows_in(
        scoped.visible(),
        dialect,
        RecordType::Execution,
        Some(range),
        &waited,
        &Predicate::All(is_known.into()),
    ));
    sql.push("\n) AS waited\nWHERE started_at >= queued_at\nGROUP BY workflow_id");
    sql.into()
}

/// What each workflow's executions waited, in no order.
///
/// # Errors
/// If the result is not that of [`compile_queue_waits`].
pub fn shape_queue_waits(results: &[ResultSet]) -> Result<Vec<QueueWaits>, ShapeError> {
    let [result] = results else {
        return Err(ShapeError::new("waits are not one result"));
    };
    let waits = result.rows.iter().map(|row| {
        let mut cells = Cells::of(row);
        Some(QueueWaits {
            workflow_id: cells.text()?,
            count: cells.count(),
            p99_ms: cells.float()?,
        })
    });
    waits
        .collect::<Option<_>>()
        .ok_or(ShapeError::new("a workflow lacks what its executions waited"))
}

#[cfg(test)]
mod tests {
    use tacho_core::{OrganizationId, Scope};

    use super::*;
    use crate::dialect::DuckDb;
    use crate::scope::scoped;

    #[test]
    fn only_what_may_be_seen_is_read() {
        let scope = Scope::owned(OrganizationId::from_bytes([1; 16]), vec!["ada".into()]);
        let query = QueueWaitsQuery {
            since: "2026-11-01T00:00:00Z".parse().unwrap(),
        };
        let statement = compile_queue_waits(&scoped(query, &scope), &DuckDb);
        assert_eq!(statement.sql.matches('?').count(), statement.params.len());
        insta::assert_snapshot!(format!("{}\n-- {:?}", statement.sql, statement.params));
    }
}
