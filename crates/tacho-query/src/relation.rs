//! The rows that a question reads: those of its source, in its range, that its asker may see and its filters keep.
//! The only place that names a table of records.

use std::collections::BTreeSet;

use tacho_core::record::schema::{DerivedRule, TypeSpec};
use tacho_core::time::TimeRange;

use crate::dialect::{Dialect, SqlText};
use crate::predicate::Predicate;
use crate::scope::Visible;
use crate::statement::Param;

/// What to read of a record type's rows.
pub(crate) struct Relation<'a> {
    /// The type.
    pub(crate) spec: &'static TypeSpec,
    /// Columns and expressions to give, as they stand in a `SELECT`.
    pub(crate) select: SqlText,
    /// The columns that `select` reads.
    pub(crate) columns: BTreeSet<&'static str>,
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
        let mut columns = self.columns;
        let mut note = |column| {
            columns.insert(column);
        };
        visible.rule().visit_columns(&mut note);
        self.filter.visit_columns(&mut note);
        if self.range.is_some() {
            columns.insert("event_time");
        }
        sql.push("SELECT ");
        sql.append(self.select);
        sql.push("\nFROM ");
        write_tables(self.spec, &columns, self.is_measured, dialect, sql);
        let mut word = "\nWHERE ";
        if let Some(range) = self.range {
            sql.push(word)
                .push("event_time >= ")
                .param(Param::Time(range.start));
            sql.push(" AND event_time < ").param(Param::Time(range.end));
            word = "\n  AND ";
        }
        for condition in [visible.rule(), self.filter] {
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
fn write_tables(
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
    let is_duration = |column: &str| {
        is_measured
            && spec.derived.iter().any(|derived| {
                derived.column == column && matches!(derived.rule, DerivedRule::Duration { .. })
            })
    };
    let list = |is_open: bool| {
        let names = columns.iter().map(|column| {
            let name = dialect.quoted(column);
            if is_open && is_duration(column) {
                format!("CAST(NULL AS BIGINT) AS {name}")
            } else {
                name
            }
        });
        names.collect::<Vec<_>>().join(", ")
    };
    let (ended, open) = (
        dialect.quoted(spec.name),
        dialect.quoted(&format!("{}_open", spec.name)),
    );
    sql.push(&format!(
        "(\n  SELECT {} FROM {ended}\n  UNION ALL\n  SELECT {} FROM {open}\n) AS both_tables",
        list(false),
        list(true),
    ));
}
