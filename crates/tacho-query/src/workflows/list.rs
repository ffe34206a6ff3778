//! All workflows that the asker may see: those that somebody has declared, and those of which only executions are known.

use tacho_core::record::RecordType;
use tacho_core::record::schema::WORKFLOW_KINDS;

use super::detail::{DECLARED, Declared, last_execution, rows};
use super::wire::{ListedWorkflow, WORKFLOWS_MAX, WorkflowListParams, Workflows};
use crate::cells::Cells;
use crate::dialect::{Dialect, SqlText};
use crate::error::QueryError;
use crate::model::names;
use crate::operand::Operand;
use crate::params::{bounded, within};
use crate::predicate::{Comparison, Predicate};
use crate::scope::Scoped;
use crate::shape::{Moment, ShapeError};
use crate::statement::{Param, ResultSet, Statement};

/// Which workflows to list, every name and limit checked.
#[derive(Clone, Debug, PartialEq)]
pub struct WorkflowListQuery {
    filter: Predicate,
    limit: u32,
}

/// What is read of executions. [`last_execution`] reads all but the first.
const OF_EXECUTIONS: &[&str] = &[
    "workflow_id",
    "id",
    "attempt",
    "status",
    "started_at",
    "event_time",
];

impl WorkflowListQuery {
    /// Checks a question. Pointers of errors name the parameter.
    ///
    /// # Errors
    /// With the parameter that is wrong, and what to do about it.
    pub fn validate(params: &WorkflowListParams) -> Result<Self, QueryError> {
        let mut conditions = Vec::new();
        if let Some(text) = bounded(&params.search, "search")? {
            conditions.push(Predicate::Contains {
                columns: vec!["name".into(), "id".into()],
                text: text.to_owned(),
            });
        }
        if let Some(kind) = bounded(&params.kind, "kind")? {
            if !WORKFLOW_KINDS.contains(&kind) {
                return Err(names::unknown(
                    "kind",
                    kind,
                    "/kind",
                    WORKFLOW_KINDS.iter().copied(),
                ));
            }
            conditions.push(Predicate::equals("kind", kind));
        }
        for (column, name, value) in [
            ("group_name", "group", &params.group),
            ("owner_id", "owner_id", &params.owner_id),
        ] {
            if let Some(value) = bounded(value, name)? {
                conditions.push(Predicate::equals(column, value));
            }
        }
        if let Some(tag) = bounded(&params.tag, "tag")? {
            conditions.push(has_tag(tag)?);
        }
        if let Some(is_active) = params.is_active {
            conditions.push(Predicate::Compare {
                column: "is_active".into(),
                comparison: Comparison::Equals,
                value: Param::Bool(is_active),
            });
        }
        Ok(Self {
            filter: Predicate::All(conditions),
            limit: within(params.limit, "limit", WORKFLOWS_MAX, 1, WORKFLOWS_MAX)?,
        })
    }
}

fn has_tag(tag: &str) -> Result<Predicate, QueryError> {
    match tag.split_once(':') {
        Some((key, value)) if !key.is_empty() => Ok(Predicate::Compare {
            column: Operand::Tag(key.to_owned()),
            comparison: Comparison::Equals,
            value: Param::Text(value.to_owned()),
        }),
        _ => Err(QueryError::InvalidValue {
            pointer: "/tag".to_owned(),
            reason: "a tag is its key, a colon and its value, such as env:prod".to_owned(),
        }),
    }
}

/// The statement that answers the list.
///
/// Executions are read twice: first when each workflow's last one was, which is quick for all time, then what those are.
/// Keeping what each is while looking for the last takes twice as long.
pub fn compile_workflows(scoped: &Scoped<WorkflowListQuery>, dialect: &dyn Dialect) -> Vec<Statement> {
    let (query, visible) = (scoped.question(), scoped.visible());
    let mut sql = SqlText::default();
    sql.push("WITH runs AS ")
        .push(dialect.materialized(false))
        .push(" (\n");
    let has_workflow = Predicate::IsNotNull("workflow_id".into());
    sql.append(rows(
        visible,
        dialect,
        RecordType::Execution,
        OF_EXECUTIONS,
        &has_workflow,
    ));
    sql.push("\n),\ndeclared AS (\nSELECT *, row_number() OVER (PARTITION BY id ORDER BY attempt DESC) AS place FROM (\n");
    let columns: Vec<&str> = ["id", "attempt"]
        .into_iter()
        .chain(DECLARED.iter().copied())
        .collect();
    let every = Predicate::All(Vec::new());
    sql.append(rows(visible, dialect, RecordType::Workflow, &columns, &every));
    sql.push(
        "\n) AS said\n),\nfares AS (\n\
         SELECT workflow_id, count(*) FILTER (WHERE status = 'running') AS running,\n\
         max(event_time) FILTER (WHERE status <> 'queued') AS last_time\nFROM runs\nGROUP BY workflow_id\n),\n\
         last AS (\n\
         SELECT runs.*, row_number() OVER (PARTITION BY runs.workflow_id ORDER BY runs.id DESC, attempt DESC) AS place\n\
         FROM runs JOIN fares ON runs.workflow_id = fares.workflow_id AND event_time = last_time\n\
         WHERE status <> 'queued'\n),\nlisted AS (\nSELECT coalesce(declared.id, workflow_id) AS id, ",
    );
    for column in DECLARED.iter().map(|column| dialect.quoted(column)) {
        match column == dialect.quoted("is_active") {
            true => sql.push(&format!("coalesce({column}, TRUE) AS {column}")),
            false => sql.push(&column),
        };
        sql.push(", ");
    }
    sql.push(
        "running\nFROM (SELECT * FROM declared WHERE place = 1) AS declared\nFULL JOIN fares ON declared.id = workflow_id\n)\n\
         SELECT count(*) OVER (), listed.*, last.id, attempt, status, started_at, event_time\n\
         FROM (SELECT * FROM listed WHERE ",
    );
    dialect.predicate(&query.filter, &mut sql);
    sql.push(
        ") AS listed\nLEFT JOIN last ON workflow_id = listed.id AND place = 1\n\
         ORDER BY lower(coalesce(listed.name, listed.id)), listed.id\nLIMIT ",
    );
    sql.param(Param::Int(query.limit.into()));
    vec![sql.into()]
}

/// The list that the result is.
///
/// # Errors
/// If the result is not that of [`compile_workflows`].
pub fn shape_workflows(results: &[ResultSet], moment: Moment) -> Result<Workflows, ShapeError> {
    let [result] = results else {
        return Err(ShapeError::new("a list is not one result"));
    };
    let mut total = 0;
    let workflows = result.rows.iter().map(|row| {
        let mut cells = Cells::of(row);
        total = cells.count();
        let id = cells.text().ok_or(ShapeError::new("a workflow lacks its id"))?;
        let declared = Declared::read(&mut cells);
        let running = cells.count();
        Ok(ListedWorkflow {
            id,
            name: declared.name,
            kind: declared.kind,
            version: declared.version,
            owner_id: declared.owner_id,
            group: declared.group,
            is_active: declared.is_active,
            schedule: declared.schedule,
            timeout_ms: declared.timeout_ms,
            tags: declared.tags,
            running,
            last_execution: last_execution(&mut cells),
        })
    });
    Ok(Workflows {
        workflows: workflows.collect::<Result<_, _>>()?,
        total,
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

    fn everything() -> WorkflowListParams {
        WorkflowListParams {
            search: Some("inv".into()),
            kind: Some("rpa".into()),
            group: Some("Finance".into()),
            owner_id: Some("ada".into()),
            tag: Some("env:prod:eu".into()),
            is_active: Some(true),
            limit: Some(7),
        }
    }

    #[test]
    fn what_is_declared_and_what_has_run_is_scoped() {
        let scope = Scope::owned(OrganizationId::from_bytes([1; 16]), vec!["ada".into()]);
        let query = WorkflowListQuery::validate(&everything()).unwrap();
        let statements = compile_workflows(&scoped(query, &scope), &DuckDb);
        let [statement] = statements.as_slice() else {
            panic!("one statement")
        };
        assert_eq!(statement.sql.matches('?').count(), statement.params.len());
        assert_eq!(
            statement.sql.matches("owner_id IN (?)").count(),
            2,
            "{}",
            statement.sql
        );
        insta::assert_snapshot!(format!("{}\n-- {:?}", statement.sql, statement.params));
    }

    #[test]
    fn wrong_parameters_are_named() {
        let pointer = |change: fn(&mut WorkflowListParams)| {
            let mut params = everything();
            change(&mut params);
            WorkflowListQuery::validate(&params)
                .unwrap_err()
                .pointer()
                .to_owned()
        };
        assert_eq!(pointer(|params| params.kind = Some("robot".into())), "/kind");
        assert_eq!(pointer(|params| params.tag = Some("prod".into())), "/tag");
        assert_eq!(pointer(|params| params.tag = Some(":prod".into())), "/tag");
        assert_eq!(pointer(|params| params.limit = Some(0)), "/limit");
        assert_eq!(pointer(|params| params.limit = Some(10_001)), "/limit");
        assert_eq!(
            pointer(|params| params.search = Some("x".repeat(9_000))),
            "/search"
        );
        let empty = WorkflowListParams {
            kind: Some(String::new()),
            tag: Some(String::new()),
            ..WorkflowListParams::default()
        };
        assert!(WorkflowListQuery::validate(&empty).is_ok());
    }
}
