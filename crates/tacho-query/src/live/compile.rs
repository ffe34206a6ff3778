//! The statements. Their order is that in which [`super::shape_live`] reads their results.

use tacho_core::record::RecordType;
use tacho_core::record::schema::{EXECUTION_STATUSES, TRIGGER_TYPES, TypeSpec};
use tacho_core::time::{TimeRange, Timestamp};

use super::{Lately, LiveQuery};
use crate::dialect::{Dialect, SqlText};
use crate::operand::Operand;
use crate::predicate::{Comparison, Predicate};
use crate::relation::{Relation, Table, Uncounted};
use crate::scope::{Scoped, Visible};
use crate::statement::{Param, Statement};

pub(super) const EXECUTION_COLUMNS: &[&str] = &[
    "lsn",
    "id",
    "attempt",
    "status",
    "event_time",
    "updated_at",
    "workflow_id",
    "user_id",
    "queued_at",
    "started_at",
    "completed_at",
    "duration_ms",
    "steps_completed",
    "steps_total",
    "error_type",
];

const STEP_COLUMNS: &[&str] = &[
    "lsn",
    "execution_id",
    "event_time",
    "updated_at",
    "status",
    "step_name",
    "step_id",
    "id",
];

const SECOND_US: i64 = 1_000_000;

const EVER: TimeRange = TimeRange {
    start: Timestamp::MIN,
    end: Timestamp::MAX,
};

/// Writes one statement after the other.
struct Writer<'a> {
    query: &'a LiveQuery,
    visible: &'a Visible,
    dialect: &'a dyn Dialect,
}

/// The statements that read live state.
pub fn compile_live(scoped: &Scoped<LiveQuery>, dialect: &dyn Dialect) -> Vec<Statement> {
    let writer = Writer {
        query: scoped.question(),
        visible: scoped.visible(),
        dialect,
    };
    let mut texts = vec![
        writer.starts(),
        writer.finishes(),
        writer.open_counts(),
        writer.open(),
        writer.ended(),
        writer.steps(),
        writer.workflows(),
    ];
    if let Some(lately) = writer.query.lately {
        texts.extend([writer.lately_started(lately), writer.lately_ended(lately)]);
    }
    texts.into_iter().map(Statement::from).collect()
}

impl Writer<'_> {
    fn starts(&self) -> SqlText {
        let has_started = Predicate::Compare {
            column: Operand::Column("status"),
            comparison: Comparison::Differs,
            value: Param::Text(EXECUTION_STATUSES[0].to_owned()),
        };
        let table = Table::Rows(Some(from(self.query.since)));
        let second = self.dialect.slot_number(SECOND_US);
        let mut sql = SqlText::default();
        sql.push(&format!("SELECT {second}, count(*)\nFROM (\n"));
        self.relation(
            EXECUTION,
            table,
            &["event_time", "status"],
            &has_started,
            &mut sql,
        );
        sql.push(&format!("\n) AS started\nGROUP BY {second}"));
        sql
    }

    fn finishes(&self) -> SqlText {
        let second = self.dialect.slot_number(SECOND_US);
        let sum = self.dialect.whole_sum("duration_ms", None);
        let mut sql = SqlText::default();
        sql.push(&format!(
            "SELECT {second}, status, count(*), {sum}, count(duration_ms)\nFROM (\n\
             SELECT coalesce(completed_at, event_time) AS event_time, status, duration_ms\nFROM (\n"
        ));
        let columns = &["event_time", "completed_at", "status", "duration_ms"];
        self.relation(
            EXECUTION,
            ended_rows(),
            columns,
            &self.has_ended_lately(),
            &mut sql,
        );
        sql.push(&format!("\n) AS ended\n) AS finished\nGROUP BY {second}, status"));
        sql
    }

    fn open_counts(&self) -> SqlText {
        let mut sql = SqlText::default();
        sql.push("SELECT status, count(*)\nFROM (\n");
        self.relation(EXECUTION, open_rows(), &["status"], &every(), &mut sql);
        sql.push("\n) AS waiting\nGROUP BY status");
        sql
    }

    fn open(&self) -> SqlText {
        let mut sql = SqlText::default();
        self.relation(EXECUTION, open_rows(), EXECUTION_COLUMNS, &every(), &mut sql);
        sql.push("\nORDER BY event_time DESC, lsn DESC\nLIMIT ")
            .param(Param::Int(self.query.open_max.into()));
        sql
    }

    fn ended(&self) -> SqlText {
        let mut sql = SqlText::default();
        self.relation(
            EXECUTION,
            ended_rows(),
            EXECUTION_COLUMNS,
            &self.has_ended_lately(),
            &mut sql,
        );
        sql.push("\nORDER BY lsn DESC\nLIMIT ")
            .param(Param::Int(self.query.ended_max.into()));
        sql
    }

    fn steps(&self) -> SqlText {
        let table = Table::Rows(Some(from(self.query.steps_since)));
        let mut sql = SqlText::default();
        sql.push("SELECT *\nFROM (\n");
        self.relation(RecordType::Step, table, STEP_COLUMNS, &every(), &mut sql);
        sql.push("\n) AS taken\nWHERE execution_id IN (\n");
        self.relation(EXECUTION, open_rows(), &["id"], &every(), &mut sql);
        sql.push("\n)\nORDER BY lsn DESC\nLIMIT ")
            .param(Param::Int(self.query.steps_max.into()));
        sql
    }

    /// Without a limit: who may see an execution is told from these.
    fn workflows(&self) -> SqlText {
        let mut sql = SqlText::default();
        let columns = &["id", "name", "attempt"];
        self.relation(
            RecordType::Workflow,
            Table::Rows(None),
            columns,
            &every(),
            &mut sql,
        );
        sql.push("\nORDER BY attempt");
        sql
    }

    fn lately_started(&self, lately: Lately) -> SqlText {
        let text = |word: &str| Param::Text(word.to_owned());
        let may_be_scheduled = Predicate::All(vec![
            Predicate::IsNotNull("workflow_id".into()),
            Predicate::Compare {
                column: Operand::Column("status"),
                comparison: Comparison::Differs,
                value: text(EXECUTION_STATUSES[0]),
            },
            Predicate::Any(vec![
                Predicate::IsNull("trigger_type".into()),
                Predicate::equals("trigger_type", TRIGGER_TYPES[0]),
            ]),
        ]);
        let columns = &["workflow_id", "event_time", "lsn", "status", "trigger_type"];
        let mut sql = SqlText::default();
        sql.push(
            "SELECT workflow_id, event_time, lsn\nFROM (\nSELECT workflow_id, event_time, lsn,\n\
             row_number() OVER (PARTITION BY workflow_id ORDER BY event_time DESC, lsn DESC) AS place\nFROM (\n",
        );
        let table = Table::Rows(Some(from(lately.starts_since)));
        self.relation(EXECUTION, table, columns, &may_be_scheduled, &mut sql);
        sql.push("\n) AS started\n) AS placed\nWHERE place <= ")
            .param(Param::Int(lately.each_max.into()));
        sql
    }

    /// Nearly all of what ended is older than its workflow's last success. To look for that first takes a third of the time
    /// of sorting everything.
    fn lately_ended(&self, lately: Lately) -> SqlText {
        let has_outcome = Predicate::All(vec![
            Predicate::IsNotNull("workflow_id".into()),
            Predicate::Compare {
                column: Operand::Column("status"),
                comparison: Comparison::Differs,
                value: Param::Text("cancelled".to_owned()),
            },
            ended_since(lately.outcomes_since),
        ]);
        let columns = &["workflow_id", "event_time", "completed_at", "lsn", "status"];
        let mut sql = SqlText::default();
        sql.push("WITH outcomes AS ")
            .push(self.dialect.materialized(false))
            .push(" (\nSELECT workflow_id, coalesce(completed_at, event_time) AS ended_at, lsn, status\nFROM (\n");
        self.relation(EXECUTION, ended_rows(), columns, &has_outcome, &mut sql);
        sql.push(
            "\n) AS ended\n),\nsucceeded AS (\nSELECT workflow_id, max(ended_at) AS succeeded_at\nFROM outcomes\n\
             WHERE status = 'success'\nGROUP BY workflow_id\n)\n\
             SELECT workflow_id, ended_at, lsn, status\nFROM (\nSELECT outcomes.*,\n\
             row_number() OVER (PARTITION BY outcomes.workflow_id ORDER BY ended_at DESC, lsn DESC) AS place\n\
             FROM outcomes LEFT JOIN succeeded ON outcomes.workflow_id = succeeded.workflow_id\n\
             WHERE succeeded_at IS NULL OR ended_at >= succeeded_at\n) AS placed\nWHERE place <= ",
        )
        .param(Param::Int(lately.each_max.into()));
        sql
    }

    /// It ended in the time that is counted.
    fn has_ended_lately(&self) -> Predicate {
        ended_since(self.query.since)
    }

    fn relation(
        &self,
        record_type: RecordType,
        table: Table,
        columns: &[&str],
        filter: &Predicate,
        sql: &mut SqlText,
    ) {
        let spec: &'static TypeSpec = record_type.spec();
        let quoted: Vec<String> = columns.iter().map(|column| self.dialect.quoted(column)).collect();
        let list = quoted.join(", ");
        let relation = Relation {
            spec,
            table,
            select: &|_, sql| {
                sql.push(&list);
            },
            columns: columns.iter().map(|&column| column.to_owned()).collect(),
            reads_workflow: false,
            filter,
            is_measured: false,
        };
        relation.write(self.visible, self.dialect, sql);
    }
}

/// The end lies there or later. Who says no end has the time under which the execution counts.
fn ended_since(since: Timestamp) -> Predicate {
    let since = |column| Predicate::Compare {
        column: Operand::Column(column),
        comparison: Comparison::AtLeast,
        value: Param::Time(since),
    };
    Predicate::Any(vec![
        since("completed_at"),
        Predicate::All(vec![
            Predicate::IsNull("completed_at".into()),
            since("event_time"),
        ]),
    ])
}

const EXECUTION: RecordType = RecordType::Execution;

fn ended_rows() -> Table {
    Table::Beside(vec![(Uncounted::Ended, EVER)])
}

pub(super) fn open_rows() -> Table {
    Table::Beside(vec![(Uncounted::Open, EVER)])
}

fn every() -> Predicate {
    Predicate::All(Vec::new())
}

fn from(start: Timestamp) -> TimeRange {
    TimeRange {
        start,
        end: Timestamp::MAX,
    }
}

#[cfg(test)]
mod tests {
    use tacho_core::{OrganizationId, Scope};

    use super::*;
    use crate::dialect::DuckDb;
    use crate::scope::scoped;

    fn statements(scope: &Scope) -> Vec<Statement> {
        let query = LiveQuery {
            since: "2026-11-22T09:00:00Z".parse().unwrap(),
            steps_since: "2026-11-21T10:00:00Z".parse().unwrap(),
            open_max: 10,
            ended_max: 5,
            steps_max: 20,
            lately: Some(Lately {
                outcomes_since: "2026-10-23T10:00:00Z".parse().unwrap(),
                starts_since: "2026-11-20T10:00:00Z".parse().unwrap(),
                each_max: 32,
            }),
        };
        compile_live(&scoped(query, scope), &DuckDb)
    }

    #[test]
    fn every_statement_reads_what_the_asker_may_see() {
        let organization = OrganizationId::from_bytes([1; 16]);
        let own = statements(&Scope::owned(organization, vec!["ada".into()]));
        for statement in &own {
            assert!(statement.sql.contains("owner_id IN (?)"), "{}", statement.sql);
            assert_eq!(statement.sql.matches('?').count(), statement.params.len());
        }
        for (all, own) in statements(&Scope::all(organization)).iter().zip(&own) {
            assert!(!all.sql.contains("owner_id IN"), "{}", all.sql);
            assert!(all.params.len() < own.params.len());
        }
    }
}
