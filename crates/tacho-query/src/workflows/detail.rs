//! One workflow.

use tacho_core::Schedule;
use tacho_core::record::RecordType;

use super::wire::{LastExecution, Workflow};
use crate::cells::Cells;
use crate::dialect::{Dialect, SqlText};
use crate::predicate::Predicate;
use crate::relation::{Relation, Table};
use crate::scope::Scoped;
use crate::shape::{Moment, ShapeError};
use crate::statement::{Param, ResultSet, Statement};

/// Which workflow to show.
#[derive(Clone, Debug, PartialEq)]
pub struct WorkflowQuery {
    /// Its id.
    pub id: String,
}

const DECLARED: &[&str] = &[
    "name",
    "kind",
    "version",
    "owner_id",
    "group_name",
    "is_active",
    "schedule",
    "tags",
];

/// Writes the rows of a type that a condition keeps, and the asker may see.
pub(super) fn rows(
    scoped: &Scoped<WorkflowQuery>,
    dialect: &dyn Dialect,
    record_type: RecordType,
    columns: &[&str],
    filter: &Predicate,
) -> SqlText {
    let list: Vec<String> = columns.iter().map(|column| dialect.quoted(column)).collect();
    let list = list.join(", ");
    let relation = Relation {
        table: Table::Rows(None),
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
    relation.write(scoped.visible(), dialect, &mut sql);
    sql
}

/// The statements that answer it: what is declared, how it fares, what ran last.
pub fn compile_workflow(scoped: &Scoped<WorkflowQuery>, dialect: &dyn Dialect) -> Vec<Statement> {
    let id = &*scoped.question().id;
    let columns: Vec<&str> = DECLARED.iter().copied().chain(["attempt"]).collect();
    let mut declared = rows(
        scoped,
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
        scoped,
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
    let mut last = rows(scoped, dialect, RecordType::Execution, &columns, &has_started);
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
    let mut count = || {
        fares
            .int()
            .and_then(|count| u64::try_from(count).ok())
            .unwrap_or(0)
    };
    let (executions, running, consecutive_failures) = (count(), count(), count());
    if declared.rows.is_empty() && executions == 0 {
        return Ok(None);
    }
    let mut workflow = Workflow {
        id: query.id.clone(),
        name: None,
        kind: None,
        version: None,
        owner_id: None,
        group: None,
        is_active: true,
        schedule: None,
        tags: Default::default(),
        executions,
        running,
        consecutive_failures,
        last_execution: None,
        as_of: moment.as_of,
        as_of_lsn: moment.as_of_lsn,
    };
    if let Some(row) = declared.rows.first() {
        let mut cells = Cells::of(row);
        workflow.name = cells.text();
        workflow.kind = cells.text();
        workflow.version = cells.text();
        workflow.owner_id = cells.text();
        workflow.group = cells.text();
        workflow.is_active = cells.flag().unwrap_or(true);
        workflow.schedule = cells
            .text()
            .and_then(|text| serde_json::from_str(&text).ok())
            .and_then(|json| Schedule::from_json(&json));
        workflow.tags = cells.tags();
    }
    if let Some(row) = last.rows.first() {
        workflow.last_execution = Some(last_execution(&mut Cells::of(row))?);
    }
    Ok(Some(workflow))
}

fn last_execution(cells: &mut Cells<'_>) -> Result<LastExecution, ShapeError> {
    let mut read = || {
        let (id, attempt, status) = (cells.text()?, cells.attempt()?, cells.text()?);
        let (started_at, event_time) = (cells.time(), cells.time()?);
        Some(LastExecution {
            id,
            attempt,
            status,
            started_at: started_at.unwrap_or(event_time),
        })
    };
    read().ok_or(ShapeError::new("an execution lacks its id"))
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
