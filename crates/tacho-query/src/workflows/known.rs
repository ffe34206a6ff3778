//! Whether there is a workflow that the asker may see.

use tacho_core::record::RecordType;

use super::detail::{WorkflowQuery, rows};
use crate::dialect::Dialect;
use crate::predicate::Predicate;
use crate::scope::Scoped;
use crate::statement::Statement;

/// A statement that gives a row if there is such a workflow, and none otherwise.
///
/// Who sees everything also sees workflows of which only executions are known. Who sees what they own does not: nobody owns
/// those. So executions are not looked at for them, and it takes as long to find that a workflow is somebody else's as that
/// there is none.
pub fn compile_known(scoped: &Scoped<WorkflowQuery>, dialect: &dyn Dialect) -> Statement {
    let id = &*scoped.question().id;
    let is_it = Predicate::equals("id", id);
    let mut sql = rows(scoped.visible(), dialect, RecordType::Workflow, &["id"], &is_it);
    if scoped.visible().is_everything() {
        let is_its = Predicate::equals("workflow_id", id);
        sql.push("\nUNION ALL\n");
        sql.append(rows(
            scoped.visible(),
            dialect,
            RecordType::Execution,
            &["workflow_id"],
            &is_its,
        ));
    }
    sql.push("\nLIMIT 1");
    sql.into()
}

#[cfg(test)]
mod tests {
    use tacho_core::{OrganizationId, Scope};

    use super::*;
    use crate::dialect::DuckDb;
    use crate::scope::scoped;

    #[test]
    fn executions_are_looked_at_only_for_those_who_see_everything() {
        let organization = OrganizationId::from_bytes([1; 16]);
        let sql = |scope: Scope| {
            let query = WorkflowQuery { id: "7".to_owned() };
            compile_known(&scoped(query, &scope), &DuckDb).sql
        };
        assert!(sql(Scope::all(organization)).contains("execution"));
        let own = sql(Scope::owned(organization, vec!["ada".into()]));
        assert!(
            own.contains("owner_id IN (?)") && !own.contains("execution"),
            "{own}"
        );
    }
}
