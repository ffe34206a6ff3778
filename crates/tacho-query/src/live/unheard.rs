//! Executions that have not ended and of which nothing was heard for long: for those too many to be followed one by one.

use tacho_core::record::RecordType;
use tacho_core::time::{TimeRange, Timestamp};

use super::LiveExecution;
use super::compile::{EXECUTION_COLUMNS, open_rows};
use super::shape::execution;
use crate::cells::Cells;
use crate::dialect::{Dialect, SqlText};
use crate::operand::Operand;
use crate::predicate::{Comparison, Predicate};
use crate::relation::{Relation, Table};
use crate::scope::{Scoped, Visible};
use crate::shape::ShapeError;
use crate::statement::{Param, ResultSet, Statement};

/// Which of them to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnheardQuery {
    /// Nothing was heard of them, nor of a step of them, from here on.
    pub since: Timestamp,
    /// Steps are looked for that began from here on.
    pub steps_since: Timestamp,
    /// So many at most, those that were heard of last the longest ago.
    pub max: u32,
}

/// The statement that answers it. `updated_at` is when anything was heard of the execution or of a step of it.
pub fn compile_unheard(scoped: &Scoped<UnheardQuery>, dialect: &dyn Dialect) -> Statement {
    let (query, visible) = (scoped.question(), scoped.visible());
    let is_before = Predicate::Compare {
        column: Operand::Column("updated_at"),
        comparison: Comparison::Less,
        value: Param::Time(query.since),
    };
    let lately = Table::Rows(Some(TimeRange {
        start: query.steps_since,
        end: Timestamp::MAX,
    }));
    let columns = EXECUTION_COLUMNS.iter().map(|&column| match column {
        "updated_at" => {
            "CASE WHEN told_at > updated_at THEN told_at ELSE updated_at END AS updated_at".to_owned()
        }
        other => dialect.quoted(other),
    });
    let columns: Vec<String> = columns.collect();
    let mut sql = SqlText::default();
    sql.push("SELECT * FROM (\nSELECT ")
        .push(&columns.join(", "))
        .push("\nFROM (\n");
    let execution = RecordType::Execution;
    relation(
        execution,
        open_rows(),
        EXECUTION_COLUMNS,
        &is_before,
        visible,
        dialect,
        &mut sql,
    );
    sql.push("\n) AS waiting\nLEFT JOIN (\nSELECT execution_id, max(updated_at) AS told_at FROM (\n");
    let is_of_execution = Predicate::IsNotNull("execution_id".into());
    let of_step = &["execution_id", "updated_at"];
    relation(
        RecordType::Step,
        lately,
        of_step,
        &is_of_execution,
        visible,
        dialect,
        &mut sql,
    );
    sql.push("\n) AS steps\nGROUP BY execution_id\n) AS told ON id = execution_id\n) AS unheard\nWHERE updated_at < ")
        .param(Param::Time(query.since));
    sql.push("\nORDER BY updated_at, lsn\nLIMIT ")
        .param(Param::Int(query.max.into()));
    sql.into()
}

fn relation(
    record_type: RecordType,
    table: Table,
    columns: &[&str],
    filter: &Predicate,
    visible: &Visible,
    dialect: &dyn Dialect,
    sql: &mut SqlText,
) {
    let quoted: Vec<String> = columns.iter().map(|column| dialect.quoted(column)).collect();
    let list = quoted.join(", ");
    let relation = Relation {
        spec: record_type.spec(),
        table,
        select: &|_, sql| {
            sql.push(&list);
        },
        columns: columns.iter().map(|&column| column.to_owned()).collect(),
        reads_workflow: false,
        filter,
        is_measured: false,
    };
    relation.write(visible, dialect, sql);
}

/// The executions, those that were heard of last the longest ago first.
///
/// # Errors
/// If the result is not that of [`compile_unheard`].
pub fn shape_unheard(results: &[ResultSet]) -> Result<Vec<LiveExecution>, ShapeError> {
    let [result] = results else {
        return Err(ShapeError::new("unheard executions are not one result"));
    };
    let executions = result.rows.iter().map(|row| execution(&mut Cells::of(row)));
    executions
        .collect::<Option<_>>()
        .ok_or(ShapeError::new("an execution lacks what all have"))
}

#[cfg(test)]
mod tests {
    use tacho_core::{OrganizationId, Scope};

    use super::*;
    use crate::dialect::DuckDb;
    use crate::scope::scoped;

    #[test]
    fn executions_and_their_steps_are_those_that_may_be_seen() {
        let scope = Scope::owned(OrganizationId::from_bytes([1; 16]), vec!["ada".into()]);
        let query = UnheardQuery {
            since: "2026-11-22T09:00:00Z".parse().unwrap(),
            steps_since: "2026-11-21T09:00:00Z".parse().unwrap(),
            max: 10,
        };
        let statement = compile_unheard(&scoped(query, &scope), &DuckDb);
        assert_eq!(statement.sql.matches('?').count(), statement.params.len());
        assert_eq!(
            statement.sql.matches("owner_id IN (?)").count(),
            2,
            "{}",
            statement.sql
        );
    }
}
