//! One workflow.

use std::collections::BTreeMap;

use tacho_core::Schedule;
use tacho_core::record::RecordType;
use tacho_core::time::TimeRange;

use super::wire::{LastExecution, Workflow};
use crate::cells::Cells;
use crate::dialect::{Dialect, SqlText};
use crate::predicate::Predicate;
use crate::relation::{Relation, Table};
use crate::scope::{Scoped, Visible};
use crate::shape::{Moment, ShapeError};
use crate::statement::{Param, ResultSet, Statement};

/// Which workflow to show.
#[derive(Clone, Debug, PartialEq)]
pub struct WorkflowQuery {
    /// Its id.
    pub id: String,
}

pub(super) const DECLARED: &[&str] = &[
    "name",
    "kind",
    "version",
    "owner_id",
    "group_name",
    "is_active",
    "schedule",
    "timeout_ms",
    "tags",
];

/// Writes the rows of a type that a condition keeps, and the asker may see.
pub(super) fn rows(
    visible: &Visible,
    dialect: &dyn Dialect,
    record_type: RecordType,
    columns: &[&str],
    filter: &Predicate,
) -> SqlText {
    rows_in(visible, dialect, record_type, None, columns, filter)
}

/// The same for rows of a range, if there is one.
pub(super) fn rows_in(
    visible: &Visible,
    dialect: &dyn Dialect,
    record_type: RecordType,
    range: Option<TimeRange>,
    columns: &[&str],
    filter: &Predicate,
) -> SqlText {
    let list: Vec<String> = columns.iter().map(|column| dialect.quoted(column)).collect();
    let list = list.join(", ");
    let relation = Relation {
        table: Table::Rows(range),
        spec: record_type.spec(),
        select: &|_, sql| {
            sql.push(&list);
        },
        columns: columns.iter().map(|&column| column.to_owned()).collect(),
        filter,
        is_measured: false,
        reads_workflow: false,
    };
    let mut sql = SqlText::default();
    relation.write(visible, dialect, &mut sql);
    sql
}

/// The statements that answer it: what is declared, how it fares, what ran last.
pub fn compile_workflow(scoped: &Scoped<WorkflowQuery>, dialect: &dyn Dialect) -> Vec<Statement> {
    let (id, visible) = (&*scoped.question().id, scoped.visible());
    let columns: Vec<&str> = DECLARED.iter().copied().chain(["attempt"]).collect();
    let mut declared = rows(
        visible,
        dialect,
        RecordType::Workflow,
        &columns,
        &Predicate::equals("id", id),
    );
    declared.push("\nORDER BY attempt DESC\nLIMIT 1");

    let is_its = Predicate::equals("workflow_id", id);
    let mut fares = SqlText::default();
    fares.push("WITH runs AS MATERIALIZED (\n");
    fares.append(rows(
        visible,
        dialect,
        RecordType::Execution,
        &["status", "event_time"],
        &is_its,
    ));
    fares.push(
        "\n), succeeded AS (SELECT max(event_time) AS last_success FROM runs WHERE status = 'success')\n\
         SELECT count(*), count(*) FILTER (WHERE status = 'running'),\n\
         count(*) FILTER (WHERE status IN ('failed', 'timeout') AND (last_success IS NULL OR event_time > last_success))\n\
         FROM runs, succeeded",
    );

    let has_started = Predicate::All(vec![
        is_its,
        Predicate::NoneOf {
            column: "status".into(),
            values: vec![Param::Text("queued".to_owned())],
        },
    ]);
    let columns = ["id", "attempt", "status", "started_at", "event_time"];
    let mut last = rows(visible, dialect, RecordType::Execution, &columns, &has_started);
    last.push("\nORDER BY event_time DESC, id DESC, attempt DESC\nLIMIT 1");
    [declared, fares, last].into_iter().map(Statement::from).collect()
}

/// The workflow that the results are; `None` if the asker may see neither it nor an execution of it.
///
/// # Errors
/// If the results are not those of [`compile_workflow`].
pub fn shape_workflow(
    query: &WorkflowQuery,
    results: &[ResultSet],
    moment: Moment,
) -> Result<Option<Workflow>, ShapeError> {
    let [declared, fares, last] = results else {
        return Err(ShapeError::new("parts of a workflow are missing"));
    };
    let fares = fares
        .rows
        .first()
        .ok_or(ShapeError::new("a workflow lacks its counts"))?;
    let mut fares = Cells::of(fares);
    let (executions, running, consecutive_failures) = (fares.count(), fares.count(), fares.count());
    if declared.rows.is_empty() && executions == 0 {
        return Ok(None);
    }
    let declared = declared
        .rows
        .first()
        .map(|row| Declared::read(&mut Cells::of(row)));
    let declared = declared.unwrap_or_default();
    let mut workflow = Workflow {
        id: query.id.clone(),
        name: declared.name,
        kind: declared.kind,
        version: declared.version,
        owner_id: declared.owner_id,
        group: declared.group,
        is_active: declared.is_active,
        schedule: declared.schedule,
        timeout_ms: declared.timeout_ms,
        tags: declared.tags,
        executions,
        running,
        consecutive_failures,
        last_execution: None,
        as_of: moment.as_of,
        as_of_lsn: moment.as_of_lsn,
    };
    if let Some(row) = last.rows.first() {
        let last = last_execution(&mut Cells::of(row));
        workflow.last_execution = Some(last.ok_or(ShapeError::new("an execution lacks its id"))?);
    }
    Ok(Some(workflow))
}

/// What the owner of a workflow says of it, the columns [`DECLARED`].
pub(super) struct Declared {
    pub(super) name: Option<String>,
    pub(super) kind: Option<String>,
    pub(super) version: Option<String>,
    pub(super) owner_id: Option<String>,
    pub(super) group: Option<String>,
    pub(super) is_active: bool,
    pub(super) schedule: Option<Schedule>,
    pub(super) timeout_ms: Option<i64>,
    pub(super) tags: BTreeMap<String, String>,
}

/// That of a workflow of which nobody says anything.
impl Default for Declared {
    fn default() -> Self {
        Self::read(&mut Cells::of(&[]))
    }
}

impl Declared {
    pub(super) fn read(cells: &mut Cells<'_>) -> Self {
        Self {
            name: cells.text(),
            kind: cells.text(),
            version: cells.text(),
            owner_id: cells.text(),
            group: cells.text(),
            is_active: cells.flag().unwrap_or(true),
            schedule: cells
                .text()
                .and_then(|text| serde_json::from_str(&text).ok())
                .and_then(|json| Schedule::from_json(&json)),
            timeout_ms: cells.int(),
            tags: cells.tags(),
        }
    }
}

/// The columns `id`, `attempt`, `status`, `started_at` and `event_time` of an execution.
pub(super) fn last_execution(cells: &mut Cells<'_>) -> Option<LastExecution> {
    let (id, attempt, status) = (cells.text()?, cells.attempt()?, cells.text()?);
    let (started_at, event_time) = (cells.time(), cells.time()?);
    Some(LastExecution {
        id,
        attempt,
        status,
        started_at: started_at.unwrap_or(event_time),
    })
}

#[cfg(test)]
mod tests {
    use tacho_core::{OrganizationId, Scope};

    use super::*;
    use crate::dialect::DuckDb;
    use crate::scope::scoped;

    fn query() -> WorkflowQuery {
        WorkflowQuery { id: "7".to_owned() }
    }

    #[test]
    fn every_part_is_scoped() {
        let scope = Scope::owned(OrganizationId::from_bytes([1; 16]), vec!["ada".into()]);
        let statements = compile_workflow(&scoped(query(), &scope), &DuckDb);
        for statement in &statements {
            assert_eq!(statement.sql.matches('?').count(), statement.params.len());
            assert!(statement.sql.contains("owner_id IN (?)"), "{}", statement.sql);
        }
        let texts: Vec<String> = statements
            .iter()
            .map(|one| format!("{}\n-- {:?}", one.sql, one.params))
            .collect();
        insta::assert_snapshot!(texts.join("\n\n"));
    }

    #[test]
    fn what_may_not_be_seen_is_not_there() {
        use crate::statement::Scalar;
        let moment = Moment {
            as_of: Default::default(),
            as_of_lsn: 0,
            elapsed: Default::default(),
        };
        let counts = ResultSet {
            columns: Vec::new(),
            rows: vec![vec![Scalar::Int(0), Scalar::Int(0), Scalar::Int(0)]],
        };
        let results = [ResultSet::default(), counts, ResultSet::default()];
        assert_eq!(shape_workflow(&query(), &results, moment), Ok(None));
        assert!(shape_workflow(&query(), &[], moment).is_err());
    }
}
