//! The executions of a workflow that its schedule started.

use serde::{Deserialize, Serialize};
use tacho_core::record::RecordType;
use tacho_core::time::{TimeRange, Timestamp};

use super::detail::{last_execution, rows, rows_in};
use super::wire::LastExecution;
use crate::cells::Cells;
use crate::dialect::{Dialect, SqlText};
use crate::predicate::Predicate;
use crate::scope::Scoped;
use crate::shape::{Moment, ShapeError};
use crate::statement::{Param, ResultSet, Statement};

/// Of which workflow, and over which time.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ScheduledRunsQuery {
    /// The workflow's id.
    pub workflow_id: String,
    /// The first instant inside.
    pub from: Timestamp,
    /// The first instant after it.
    pub to: Timestamp,
}

/// The executions of a workflow that its schedule started in a range, in the order in which they started.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScheduledRuns {
    /// The executions. A try that was repeated is there as often.
    pub runs: Vec<LastExecution>,
    /// Since when there are executions of it, scheduled or not; if there are none, when it was last declared.
    pub since: Option<Timestamp>,
    /// Records accepted up to about then are counted.
    pub as_of: Timestamp,
    /// Exactly: records up to this position of the journal are counted.
    pub as_of_lsn: u64,
}

/// The statements that answer it: the executions, and since when there are some.
pub fn compile_scheduled(scoped: &Scoped<ScheduledRunsQuery>, dialect: &dyn Dialect) -> Vec<Statement> {
    let (query, visible) = (scoped.question(), scoped.visible());
    let is_its = || Predicate::equals("workflow_id", &*query.workflow_id);
    let was_started = Predicate::All(vec![
        is_its(),
        Predicate::equals("trigger_type", "scheduled"),
        Predicate::NoneOf {
            column: "status".into(),
            values: vec![Param::Text("queued".to_owned())],
        },
    ]);
    let range = TimeRange {
        start: query.from,
        end: query.to,
    };
    let columns = ["id", "attempt", "status", "started_at", "event_time"];
    let execution = RecordType::Execution;
    let mut runs = rows_in(visible, dialect, execution, Some(range), &columns, &was_started);
    runs.push("\nORDER BY coalesce(started_at, event_time), id, attempt");

    let is_it = Predicate::equals("id", &*query.workflow_id);
    let mut since = SqlText::default();
    since.push("SELECT coalesce((SELECT min(event_time) FROM (\n");
    since.append(rows(visible, dialect, execution, &["event_time"], &is_its()));
    since.push("\n) AS runs), (SELECT min(event_time) FROM (\n");
    since.append(rows(
        visible,
        dialect,
        RecordType::Workflow,
        &["event_time"],
        &is_it,
    ));
    since.push("\n) AS declared))");
    [runs, since].into_iter().map(Statement::from).collect()
}

/// The executions that the results are.
///
/// # Errors
/// If the results are not those of [`compile_scheduled`].
pub fn shape_scheduled(results: &[ResultSet], moment: Moment) -> Result<ScheduledRuns, ShapeError> {
    let [runs, since] = results else {
        return Err(ShapeError::new("parts of scheduled executions are missing"));
    };
    let runs = runs.rows.iter().map(|row| last_execution(&mut Cells::of(row)));
    Ok(ScheduledRuns {
        runs: runs
            .collect::<Option<_>>()
            .ok_or(ShapeError::new("an execution lacks its id"))?,
        since: since.rows.first().and_then(|row| Cells::of(row).time()),
        as_of: moment.as_of,
        as_of_lsn: moment.as_of_lsn,
    })
}

#[cfg(test)]
mod tests {
    use tacho_core::{OrganizationId, Scope};

    use super::*;
    use crate::dialect::DuckDb;
    use crate::scope::scoped;

    #[test]
    fn every_part_is_scoped() {
        let scope = Scope::owned(OrganizationId::from_bytes([1; 16]), vec!["ada".into()]);
        let query = ScheduledRunsQuery {
            workflow_id: "7".to_owned(),
            from: "2026-11-01T00:00:00Z".parse().unwrap(),
            to: "2026-11-22T00:00:00Z".parse().unwrap(),
        };
        let statements = compile_scheduled(&scoped(query, &scope), &DuckDb);
        let texts = statements.iter().map(|statement| {
            assert_eq!(statement.sql.matches('?').count(), statement.params.len());
            format!("{}\n-- {:?}", statement.sql, statement.params)
        });
        let text = texts.collect::<Vec<_>>().join("\n\n");
        assert_eq!(text.matches("owner_id IN (?)").count(), 3, "{text}");
        insta::assert_snapshot!(text);
    }
}
