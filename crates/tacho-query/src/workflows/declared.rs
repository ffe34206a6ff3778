//! All workflows that somebody has declared and the asker may see, without how they fare.

use std::collections::BTreeMap;

use tacho_core::Schedule;
use tacho_core::record::RecordType;
use tacho_core::time::Timestamp;

use super::detail::{DECLARED, Declared, rows};
use crate::cells::Cells;
use crate::dialect::Dialect;
use crate::predicate::Predicate;
use crate::scope::Scoped;
use crate::shape::ShapeError;
use crate::statement::{ResultSet, Statement};

/// Asks for all workflows that somebody has declared. Of who sees what they own, these are all: nobody owns a workflow of
/// which only executions are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeclaredWorkflowsQuery;

/// What is said of a workflow.
#[derive(Clone, Debug, PartialEq)]
pub struct DeclaredWorkflow {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: Option<String>,
    /// Whether it may run. Yes if nobody has said otherwise.
    pub is_active: bool,
    /// When it is due.
    pub schedule: Option<Schedule>,
    /// How long an execution of it may take.
    pub timeout_ms: Option<i64>,
    /// When anything of it was last said.
    pub declared_at: Timestamp,
}

/// The statement that answers it. Without a limit: what may be seen beside workflows is told from these.
pub fn compile_declared(scoped: &Scoped<DeclaredWorkflowsQuery>, dialect: &dyn Dialect) -> Statement {
    let every = Predicate::All(Vec::new());
    let columns: Vec<&str> = ["id", "event_time"]
        .into_iter()
        .chain(DECLARED.iter().copied())
        .chain(["attempt"])
        .collect();
    let mut sql = rows(scoped.visible(), dialect, RecordType::Workflow, &columns, &every);
    sql.push("\nORDER BY attempt");
    sql.into()
}

/// The workflows, by id.
///
/// # Errors
/// If the result is not that of [`compile_declared`].
pub fn shape_declared(results: &[ResultSet]) -> Result<Vec<DeclaredWorkflow>, ShapeError> {
    let [result] = results else {
        return Err(ShapeError::new("declared workflows are not one result"));
    };
    let workflows = result.rows.iter().map(|row| {
        let mut cells = Cells::of(row);
        let (id, declared_at) = (cells.text()?, cells.time()?);
        let declared = Declared::read(&mut cells);
        let workflow = DeclaredWorkflow {
            id: id.clone(),
            name: declared.name,
            is_active: declared.is_active,
            schedule: declared.schedule,
            timeout_ms: declared.timeout_ms,
            declared_at,
        };
        Some((id, workflow))
    });
    // The latest says how it is; a record of a workflow is rarely said to be a second try.
    let latest: Option<BTreeMap<String, DeclaredWorkflow>> = workflows.collect();
    let latest = latest.ok_or(ShapeError::new("a workflow lacks its id"))?;
    Ok(latest.into_values().collect())
}

#[cfg(test)]
mod tests {
    use tacho_core::{OrganizationId, Scope};

    use super::*;
    use crate::dialect::DuckDb;
    use crate::scope::scoped;

    #[test]
    fn only_what_is_owned_is_read() {
        let scope = Scope::owned(OrganizationId::from_bytes([1; 16]), vec!["ada".into()]);
        let statement = compile_declared(&scoped(DeclaredWorkflowsQuery, &scope), &DuckDb);
        assert!(statement.sql.contains("owner_id IN (?)"), "{}", statement.sql);
        assert_eq!(statement.params.len(), 1);
    }
}
