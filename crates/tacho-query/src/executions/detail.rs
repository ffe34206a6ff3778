//! One execution and its parts.

use tacho_core::record::RecordType;

use super::list::quoted_list;
use super::read::{
    COST_COLUMNS, EXECUTION_COLUMNS, RECOVERY_COLUMNS, RESOURCE_COLUMNS, STEP_COLUMNS, cost, execution,
    metadata, recovery, resource, step,
};
use super::wire::{ExecutionDetail, ExecutionWithMetadata};
use crate::cells::Cells;
use crate::dialect::{Dialect, SqlText};
use crate::predicate::{Comparison, Predicate};
use crate::relation::{Relation, Table};
use crate::scope::Scoped;
use crate::shape::{Moment, ShapeError};
use crate::statement::{Param, ResultSet, Scalar, Statement};

/// Parts of one kind that are answered.
const PARTS_MAX: usize = 10_000;
/// Tries that are listed.
const ATTEMPTS_MAX: usize = 1_000;

/// Which execution to show.
#[derive(Clone, Debug, PartialEq)]
pub struct ExecutionQuery {
    /// Its id.
    pub id: String,
    /// Which try; the last if not said.
    pub attempt: Option<u32>,
}

/// What to read of one record type for an execution.
struct Parts {
    record_type: RecordType,
    columns: &'static [&'static str],
    order: &'static str,
}

const PARTS: [Parts; 4] = [
    Parts {
        record_type: RecordType::Step,
        columns: STEP_COLUMNS,
        order: "event_time, step_id, id, attempt",
    },
    Parts {
        record_type: RecordType::Cost,
        columns: COST_COLUMNS,
        order: "event_time, id, attempt",
    },
    Parts {
        record_type: RecordType::Resource,
        columns: RESOURCE_COLUMNS,
        order: "event_time, id, attempt",
    },
    Parts {
        record_type: RecordType::Recovery,
        columns: RECOVERY_COLUMNS,
        order: "event_time, id, attempt",
    },
];

/// The statements that answer it: the execution, its tries, its parts.
pub fn compile_detail(scoped: &Scoped<ExecutionQuery>, dialect: &dyn Dialect) -> Vec<Statement> {
    let query = scoped.question();
    let with_id = Predicate::equals("id", &*query.id);
    let with_attempt = match query.attempt {
        None => with_id.clone(),
        Some(attempt) => Predicate::All(vec![
            with_id.clone(),
            Predicate::Compare {
                column: "attempt".into(),
                comparison: Comparison::Equals,
                value: Param::Int(attempt.into()),
            },
        ]),
    };
    let select =
        |record_type: RecordType, columns: &[&'static str], filter: &Predicate, tail: &str, limit: usize| {
            let list = quoted_list(columns, dialect);
            let relation = Relation {
                table: Table::Rows(None),
                spec: record_type.spec(),
                select: &|_, sql| {
                    sql.push(&list);
                },
                columns: columns
                    .iter()
                    .copied()
                    .chain(["event_time", "id", "attempt"])
                    .map(str::to_owned)
                    .collect(),
                filter,
                is_measured: false,
                reads_workflow: false,
            };
            let mut sql = SqlText::default();
            relation.write(scoped.visible(), dialect, &mut sql);
            sql.push("\nORDER BY ")
                .push(tail)
                .push("\nLIMIT ")
                .param(Param::Int(limit as i64));
            sql
        };
    let columns: Vec<&'static str> = EXECUTION_COLUMNS.iter().copied().chain(["metadata"]).collect();
    let mut one = SqlText::default();
    one.push("SELECT ");
    one.push(
        &EXECUTION_COLUMNS
            .iter()
            .map(|column| format!("one.{}", dialect.quoted(column)))
            .collect::<Vec<_>>()
            .join(", "),
    );
    one.push(", workflow_now.name, one.metadata\nFROM (\n");
    one.append(select(
        RecordType::Execution,
        &columns,
        &with_attempt,
        "attempt DESC",
        1,
    ));
    one.push("\n) AS one\nLEFT JOIN (").push(dialect.workflows_now());
    one.push(") AS workflow_now ON workflow_now.id = one.workflow_id");
    let attempts = select(
        RecordType::Execution,
        &["attempt"],
        &with_id,
        "attempt",
        ATTEMPTS_MAX,
    );
    let of_execution = Predicate::equals("execution_id", &*query.id);
    let parts = PARTS.iter().map(|parts| {
        select(
            parts.record_type,
            parts.columns,
            &of_execution,
            parts.order,
            PARTS_MAX + 1,
        )
    });
    [one, attempts]
        .into_iter()
        .chain(parts)
        .map(Statement::from)
        .collect()
}

/// The execution that the results are; `None` if there is none that the asker may see.
///
/// # Errors
/// If the results are not those of [`compile_detail`].
pub fn shape_detail(results: &[ResultSet], moment: Moment) -> Result<Option<ExecutionDetail>, ShapeError> {
    let [one, attempts, steps, costs, resources, recoveries] = results else {
        return Err(ShapeError::new("parts of an execution are missing"));
    };
    let Some(row) = one.rows.first() else {
        return Ok(None);
    };
    let mut cells = Cells::of(row);
    let execution = execution(&mut cells).ok_or(ShapeError::new("an execution lacks its id"))?;
    let metadata = metadata(&mut cells);
    Ok(Some(ExecutionDetail {
        execution: ExecutionWithMetadata { execution, metadata },
        attempts: read_all(attempts, |cells| cells.attempt())?,
        steps: read_all(steps, step)?,
        costs: read_all(costs, cost)?,
        resources: read_all(resources, resource)?,
        recoveries: read_all(recoveries, recovery)?,
        is_cut: [steps, costs, resources, recoveries]
            .iter()
            .any(|part| part.rows.len() > PARTS_MAX),
        as_of: moment.as_of,
        as_of_lsn: moment.as_of_lsn,
    }))
}

fn read_all<T>(result: &ResultSet, read: impl Fn(&mut Cells<'_>) -> Option<T>) -> Result<Vec<T>, ShapeError> {
    let rows = result.rows.iter().take(PARTS_MAX);
    rows.map(|row: &Vec<Scalar>| read(&mut Cells::of(row)))
        .collect::<Option<_>>()
        .ok_or(ShapeError::new("a part lacks its id or time"))
}

#[cfg(test)]
mod tests {
    use tacho_core::{OrganizationId, Scope};

    use super::*;
    use crate::dialect::DuckDb;
    use crate::scope::scoped;

    #[test]
    fn every_part_is_scoped_and_bounded() {
        let scope = Scope::owned(OrganizationId::from_bytes([1; 16]), vec!["ada".into()]);
        let query = ExecutionQuery {
            id: "run-7".into(),
            attempt: Some(2),
        };
        let statements = compile_detail(&scoped(query, &scope), &DuckDb);
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
        let moment = Moment {
            as_of: Default::default(),
            as_of_lsn: 0,
            elapsed: Default::default(),
        };
        assert_eq!(shape_detail(&vec![ResultSet::default(); 6], moment), Ok(None));
        assert!(shape_detail(&[], moment).is_err());
    }
}
