//! The rows that a question reads: those of its source, in its range, that its asker may see and its filters keep; or
//! the cells of cubes that stand for them. The only place that names a table.

use std::collections::BTreeSet;

use tacho_core::record::schema::{DerivedRule, TypeSpec};
use tacho_core::time::TimeRange;

use crate::cubes::Family;
use crate::dialect::{Dialect, SqlText};
use crate::operand::Operand;
use crate::predicate::Predicate;
use crate::scope::Visible;
use crate::slots::Slot;
use crate::statement::Param;

/// The tables that hold something of a record type.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Table {
    /// Every row, ended or not, in a range if there is one.
    Rows(Option<TimeRange>),
    /// Rows that cells do not count, each with a `sign`: 1, or -1 if cells count it and must not.
    Beside(Vec<(Uncounted, TimeRange)>),
    /// The cells of cubes of a family, and between which times they carry theirs.
    Cells(&'static Family, Vec<(Slot, TimeRange)>),
}

/// Rows that cells do not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Uncounted {
    /// Rows of things that have ended, or that do not live for a while, where no cell is read.
    Ended,
    /// Such rows that no cell counts yet.
    AboveCells,
    /// What has to be added to the cells for rows that have changed.
    Corrections,
    /// Rows of things that have not ended.
    Open,
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
    pub(crate) columns: BTreeSet<String>,
    /// Whether `select` reads what the row's workflow is now.
    pub(crate) reads_workflow: bool,
    /// Which of the rows count.
    pub(crate) filter: &'a Predicate,
    /// Whether things that have not ended have no duration, as measures want it.
    pub(crate) is_measured: bool,
}

impl Relation<'_> {
    /// Writes `SELECT … FROM … WHERE …`, with what `visible` allows among the conditions.
    pub(crate) fn write(mut self, visible: &Visible, dialect: &dyn Dialect, sql: &mut SqlText) {
        let rule = visible.rule(self.spec);
        let mut reads_workflow = self.reads_workflow;
        let mut note = |operand: &Operand| {
            self.columns.insert(operand.reads().to_owned());
            reads_workflow |= matches!(operand, Operand::Workflow(_));
        };
        rule.visit_operands(&mut note);
        self.filter.visit_operands(&mut note);
        let mut range = None;
        if let Table::Rows(Some(rows)) = self.table {
            self.columns.insert("event_time".to_owned());
            range = Some(rows);
        }
        sql.push("SELECT ");
        sql.append(std::mem::take(&mut self.select));
        sql.push("\nFROM ");
        self.write_table(dialect, sql);
        if reads_workflow {
            let workflows = dialect.workflow_columns();
            sql.push(&format!(
                "\nLEFT JOIN ({workflows}) AS workflow_now ON now_id = workflow_id"
            ));
        }
        let mut word = "\nWHERE ";
        if let Some(range) = range {
            sql.push(word).push(&within(range, dialect));
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

    fn write_table(&self, dialect: &dyn Dialect, sql: &mut SqlText) {
        match &self.table {
            Table::Rows(_) if self.spec.lifecycle.is_none() => {
                sql.push(&dialect.quoted(self.spec.name));
            }
            Table::Rows(_) => {
                sql.push(&format!(
                    "(\n  SELECT {} FROM {}\n  UNION ALL\n  SELECT {} FROM {}\n) AS both_tables",
                    self.list(dialect),
                    dialect.quoted(self.spec.name),
                    self.list_of_open(dialect),
                    dialect.quoted(&format!("{}_open", self.spec.name)),
                ));
            }
            Table::Beside(stretches) => {
                let list = self.list(dialect);
                let comma = if list.is_empty() { "" } else { ", " };
                sql.push("(");
                for (at, (rows, range)) in stretches.iter().enumerate() {
                    let (list, sign, table) = match rows {
                        Uncounted::Ended | Uncounted::AboveCells => {
                            (list.clone(), "1 AS sign", self.spec.name.to_owned())
                        }
                        Uncounted::Corrections => {
                            (list.clone(), "sign", format!("{}_corrections", self.spec.name))
                        }
                        Uncounted::Open => (
                            self.list_of_open(dialect),
                            "1 AS sign",
                            format!("{}_open", self.spec.name),
                        ),
                    };
                    sql.push(if at > 0 { "\n  UNION ALL\n  " } else { "\n  " });
                    sql.push(&format!(
                        "SELECT {list}{comma}{sign} FROM {} WHERE {}",
                        dialect.quoted(&table),
                        within(*range, dialect)
                    ));
                    if *rows == Uncounted::AboveCells {
                        sql.push(" AND lsn > ").param(Param::CellsLsn);
                    }
                }
                sql.push("\n) AS beside");
            }
            Table::Cells(family, pieces) => {
                let list = self.list(dialect);
                sql.push("(");
                for (at, (slot, carried)) in pieces.iter().enumerate() {
                    sql.push(if at > 0 { "\n  UNION ALL\n  " } else { "\n  " });
                    sql.push(&format!(
                        "SELECT {list} FROM {} WHERE {}",
                        dialect.quoted(&family.table(*slot)),
                        within(*carried, dialect)
                    ));
                }
                sql.push("\n) AS cells");
            }
        }
    }

    fn list(&self, dialect: &dyn Dialect) -> String {
        let names = self.columns.iter().map(|column| dialect.quoted(column));
        names.collect::<Vec<_>>().join(", ")
    }

    fn list_of_open(&self, dialect: &dyn Dialect) -> String {
        let is_duration = |column: &str| {
            self.is_measured
                && self.spec.derived.iter().any(|derived| {
                    derived.column == column && matches!(derived.rule, DerivedRule::Duration { .. })
                })
        };
        let names = self.columns.iter().map(|column| {
            let name = dialect.quoted(column);
            match is_duration(column) {
                true => format!("CAST(NULL AS BIGINT) AS {name}"),
                false => name,
            }
        });
        names.collect::<Vec<_>>().join(", ")
    }
}

fn within(range: TimeRange, dialect: &dyn Dialect) -> String {
    let (start, end) = (dialect.instant(range.start), dialect.instant(range.end));
    format!("event_time >= {start} AND event_time < {end}")
}
