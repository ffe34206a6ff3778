//! The rows that a question reads: those of its source, in its range, that its asker may see and its filters keep; or
//! the cells of a cube that stand for them. The only place that names a table.

use std::collections::BTreeSet;

use tacho_core::record::schema::{DerivedRule, TypeSpec};
use tacho_core::time::TimeRange;

use crate::cubes::{Family, Slot};
use crate::dialect::{Dialect, SqlText};
use crate::operand::Operand;
use crate::predicate::Predicate;
use crate::scope::Visible;
use crate::statement::Param;

/// The tables that hold something of a record type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Table {
    /// Every row, ended or not.
    Rows,
    /// The rows of things that have not ended.
    Open,
    /// The rows of things that have ended, or that do not live for a while.
    Ended,
    /// Those of them that no cell counts yet.
    EndedAboveCells,
    /// What has to be added to the cells for rows that have changed.
    Corrections,
    /// The cells of a cube.
    Cells(&'static Family, Slot),
}

/// What to read of a record type's rows.
pub(crate) struct Relation<'a> {
    /// The type.
    pub(crate) spec: &'static TypeSpec,
    /// From which of its tables.
    pub(crate) table: Table,
    /// Columns and expressions to give, as they stand in a `SELECT`.
    pub(crate) select: SqlText,
    /// The columns that `select` reads.
    pub(crate) columns: BTreeSet<&'static str>,
    /// Whether `select` reads what the row's workflow is now.
    pub(crate) reads_workflow: bool,
    /// The range of event times, if there is one.
    pub(crate) range: Option<TimeRange>,
    /// Which of the rows count.
    pub(crate) filter: &'a Predicate,
    /// Whether things that have not ended have no duration, as measures want it.
    pub(crate) is_measured: bool,
}

impl Relation<'_> {
    /// Writes `SELECT … FROM … WHERE …`, with what `visible` allows among the conditions.
    pub(crate) fn write(self, visible: &Visible, dialect: &dyn Dialect, sql: &mut SqlText) {
        let rule = visible.rule(self.spec);
        let mut columns = self.columns;
        let mut reads_workflow = self.reads_workflow;
        let mut note = |operand: &Operand| {
            columns.insert(operand.reads());
            reads_workflow |= matches!(operand, Operand::Workflow(_));
        };
        rule.visit_operands(&mut note);
        self.filter.visit_operands(&mut note);
        if self.range.is_some() {
            columns.insert("event_time");
        }
        sql.push("SELECT ");
        sql.append(self.select);
        sql.push("\nFROM ");
        match self.table {
            Table::Rows => write_both(self.spec, &columns, self.is_measured, dialect, sql),
            Table::Open => {
                let open = open_table(self.spec, &columns, self.is_measured, dialect);
                sql.push(&format!("({open}) AS open_rows"));
            }
            Table::Ended | Table::EndedAboveCells => {
                sql.push(&dialect.quoted(self.spec.name));
            }
            Table::Corrections => {
                sql.push(&dialect.quoted(&format!("{}_corrections", self.spec.name)));
            }
            Table::Cells(family, slot) => {
                sql.push(&dialect.quoted(&family.table(slot)));
            }
        }
        if reads_workflow {
            let workflows = dialect.workflow_columns();
            sql.push(&format!(
                "\nLEFT JOIN ({workflows}) AS workflow_now ON now_id = workflow_id"
            ));
        }
        let mut word = "\nWHERE ";
        if let Some(range) = self.range {
            let (start, end) = (dialect.instant(range.start), dialect.instant(range.end));
            sql.push(word)
                .push(&format!("event_time >= {start} AND event_time < {end}"));
            word = "\n  AND ";
        }
        if self.table == Table::EndedAboveCells {
            sql.push(word).push("lsn > ").param(Param::CellsLsn);
            word = "\n  AND ";
        }
        for condition in [&rule, self.filter] {
            if matches!(condition, Predicate::All(parts) if parts.is_empty()) {
                continue;
            }
            sql.push(word);
            dialect.predicate(condition, sql);
            word = "\n  AND ";
        }
    }
}

/// The table of a type, or both: of the things that have ended and of those that have not.
fn write_both(
    spec: &TypeSpec,
    columns: &BTreeSet<&'static str>,
    is_measured: bool,
    dialect: &dyn Dialect,
    sql: &mut SqlText,
) {
    if spec.lifecycle.is_none() {
        sql.push(&dialect.quoted(spec.name));
        return;
    }
    let names: Vec<String> = columns.iter().map(|column| dialect.quoted(column)).collect();
    sql.push(&format!(
        "(\n  SELECT {} FROM {}\n  UNION ALL\n  {}\n) AS both_tables",
        names.join(", "),
        dialect.quoted(spec.name),
        open_table(spec, columns, is_measured, dialect),
    ));
}

fn open_table(
    spec: &TypeSpec,
    columns: &BTreeSet<&'static str>,
    is_measured: bool,
    dialect: &dyn Dialect,
) -> String {
    let is_duration = |column: &str| {
        is_measured
            && spec.derived.iter().any(|derived| {
                derived.column == column && matches!(derived.rule, DerivedRule::Duration { .. })
            })
    };
    let names = columns.iter().map(|column| {
        let name = dialect.quoted(column);
        match is_duration(column) {
            true => format!("CAST(NULL AS BIGINT) AS {name}"),
            false => name,
        }
    });
    format!(
        "SELECT {} FROM {}",
        names.collect::<Vec<_>>().join(", "),
        dialect.quoted(&format!("{}_open", spec.name))
    )
}
