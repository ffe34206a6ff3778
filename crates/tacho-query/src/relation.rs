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
    /// Such rows that cells count although they are not asked about.
    Beyond,
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
    /// Writes columns and expressions to give, as they stand in a `SELECT`; it is told how a row's sign is written.
    pub(crate) select: &'a dyn Fn(&str, &mut SqlText),
    /// The columns that `select` reads, besides `event_time`.
    pub(crate) columns: BTreeSet<String>,
    /// Whether `select` reads what the row's workflow is now.
    pub(crate) reads_workflow: bool,
    /// Which of the rows count.
    pub(crate) filter: &'a Predicate,
    /// Whether things that have not ended have no duration, as measures want it.
    pub(crate) is_measured: bool,
}

/// One table of a relation, with the condition that tells which of its rows belong to it.
struct Source {
    /// What stands after `FROM`.
    from: String,
    condition: Option<SqlText>,
    /// A row's sign.
    sign: &'static str,
}

impl Relation<'_> {
    /// Writes `SELECT … FROM … WHERE …`, with what `visible` allows among the conditions.
    pub(crate) fn write(mut self, visible: &Visible, dialect: &dyn Dialect, sql: &mut SqlText) {
        let rule = visible.rule(self.spec);
        self.note(&rule);
        sql.push("SELECT ");
        (self.select)("sign", sql);
        sql.push("\nFROM (");
        let list = self.list(dialect);
        let is_signed = matches!(self.table, Table::Beside(_));
        for (at, source) in self.sources(dialect).into_iter().enumerate() {
            sql.push(if at > 0 {
                "\nUNION ALL\nSELECT "
            } else {
                "\nSELECT "
            });
            sql.push(&list);
            if is_signed {
                sql.push(&format!(", {} AS sign", source.sign));
            }
            sql.push("\nFROM ").push(&source.from);
            write_where(source.condition, sql);
        }
        sql.push("\n) AS sources");
        if self.reads_workflow {
            let workflows = dialect.workflow_columns();
            sql.push(&format!(
                "\nLEFT JOIN ({workflows}) AS workflow_now ON now_id = workflow_id"
            ));
        }
        write_where(self.conditions(&rule, dialect), sql);
    }

    /// Writes the same as one `SELECT` for each table with `UNION ALL` in between. An engine plans it sooner, as long as it
    /// need not join each table with the workflows.
    pub(crate) fn write_apart(mut self, visible: &Visible, dialect: &dyn Dialect, sql: &mut SqlText) {
        let rule = visible.rule(self.spec);
        self.note(&rule);
        if self.reads_workflow {
            return self.write(visible, dialect, sql);
        }
        for (at, source) in self.sources(dialect).into_iter().enumerate() {
            sql.push(if at > 0 { "\nUNION ALL\nSELECT " } else { "SELECT " });
            (self.select)(source.sign, sql);
            sql.push("\nFROM ").push(&source.from);
            let conditions = source.condition.into_iter();
            write_where(conditions.chain(self.conditions(&rule, dialect)), sql);
        }
    }

    /// Notes what the conditions of tables and of rows read.
    fn note(&mut self, rule: &Predicate) {
        self.columns.insert("event_time".to_owned());
        let mut note = |operand: &Operand| {
            self.columns.insert(operand.reads().to_owned());
            self.reads_workflow |= matches!(operand, Operand::Workflow(_));
        };
        rule.visit_operands(&mut note);
        self.filter.visit_operands(&mut note);
    }

    /// What keeps rows, whatever table they are of.
    fn conditions(&self, rule: &Predicate, dialect: &dyn Dialect) -> Vec<SqlText> {
        let conditions = [rule, self.filter].into_iter();
        let conditions =
            conditions.filter(|condition| !matches!(condition, Predicate::All(parts) if parts.is_empty()));
        conditions
            .map(|condition| {
                let mut sql = SqlText::default();
                dialect.predicate(condition, &mut sql);
                sql
            })
            .collect()
    }

    /// The tables one by one.
    fn sources(&self, dialect: &dyn Dialect) -> Vec<Source> {
        let source = |name: &str, range: Option<TimeRange>, sign| Source {
            from: dialect.quoted(name),
            condition: range.map(|range| within(range, dialect)),
            sign,
        };
        // Rows on one side of the position up to which cells count.
        let ended = |range, sign, side: &str| {
            let mut ended = source(self.spec.name, Some(range), sign);
            if let Some(condition) = &mut ended.condition {
                condition.push(side).param(Param::CellsLsn);
            }
            ended
        };
        let open = |range| {
            let name = format!("{}_open", self.spec.name);
            let from = match self.has_no_duration_yet() {
                true => format!(
                    "(SELECT {} FROM {}) AS open_rows",
                    self.list_of_open(dialect),
                    dialect.quoted(&name)
                ),
                false => dialect.quoted(&name),
            };
            Source {
                from,
                ..source(&name, range, "1")
            }
        };
        match &self.table {
            Table::Rows(range) => {
                let ended = source(self.spec.name, *range, "1");
                let open = self.spec.lifecycle.is_some().then(|| open(*range));
                std::iter::once(ended).chain(open).collect()
            }
            Table::Beside(stretches) => stretches
                .iter()
                .map(|(rows, range)| match rows {
                    Uncounted::Ended => source(self.spec.name, Some(*range), "1"),
                    Uncounted::AboveCells => ended(*range, "1", " AND lsn > "),
                    Uncounted::Beyond => ended(*range, "-1", " AND lsn <= "),
                    Uncounted::Corrections => {
                        source(&format!("{}_corrections", self.spec.name), Some(*range), "sign")
                    }
                    Uncounted::Open => open(Some(*range)),
                })
                .collect(),
            Table::Cells(family, pieces) => pieces
                .iter()
                .map(|(slot, carried)| source(&family.table(*slot), Some(*carried), "1"))
                .collect(),
        }
    }

    fn list(&self, dialect: &dyn Dialect) -> String {
        let names = self.columns.iter().map(|column| dialect.quoted(column));
        names.collect::<Vec<_>>().join(", ")
    }

    /// Whether a column has no value in rows of things that have not ended, though the table has one.
    fn is_duration(&self, column: &str) -> bool {
        let mut derived = self.spec.derived.iter();
        self.is_measured
            && derived.any(|derived| {
                derived.column == column && matches!(derived.rule, DerivedRule::Duration { .. })
            })
    }

    fn has_no_duration_yet(&self) -> bool {
        self.columns.iter().any(|column| self.is_duration(column))
    }

    fn list_of_open(&self, dialect: &dyn Dialect) -> String {
        let names = self.columns.iter().map(|column| {
            let name = dialect.quoted(column);
            match self.is_duration(column) {
                true => format!("CAST(NULL AS BIGINT) AS {name}"),
                false => name,
            }
        });
        names.collect::<Vec<_>>().join(", ")
    }
}

fn write_where(conditions: impl IntoIterator<Item = SqlText>, sql: &mut SqlText) {
    let mut word = "\nWHERE ";
    for condition in conditions {
        sql.push(word).append(condition);
        word = "\n  AND ";
    }
}

fn within(range: TimeRange, dialect: &dyn Dialect) -> SqlText {
    let (start, end) = (dialect.instant(range.start), dialect.instant(range.end));
    let mut sql = SqlText::default();
    sql.push(&format!("event_time >= {start} AND event_time < {end}"));
    sql
}
