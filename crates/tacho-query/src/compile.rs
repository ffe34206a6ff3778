//! Stage 5: a plan as SQL. Columns of the results are told apart by their position:
//!
//! | part | columns |
//! |---|---|
//! | groups | rank, dimensions, names of workflows, measures |
//! | series | rank (1 without dimensions), bucket key, dimensions, names of workflows, measures |
//! | other | bucket key if there are buckets, measures |
//! | totals | rows, rows without a workflow, rows with conflicts, measures |

use std::collections::BTreeSet;

use tacho_core::time::TimeRange;

use crate::cubes::{CellColumn, Family, Piece};
use crate::dialect::{Dialect, SqlText};
use crate::model::{Aggregate, Counted, Measure, Values};
use crate::operand::Operand;
use crate::plan::{Access, Part, Plan};
use crate::query::{HavingBy, OrderKey, Query};
use crate::relation::{Relation, Table};
use crate::scope::has_column;
use crate::statement::{Param, Statement};

/// Columns before the measures in the result of totals.
pub(crate) const TOTALS_LEADING: usize = 3;

/// The statements of a plan, one per part.
pub fn compile(plan: &Plan, dialect: &dyn Dialect) -> Vec<Statement> {
    let compiler = Compiler {
        plan,
        query: plan.query(),
        dialect,
    };
    plan.parts()
        .iter()
        .map(|part| match part {
            Part::Rows if plan.query().dimensions.is_empty() => compiler.series(),
            Part::Rows => compiler.groups(),
            Part::Other => compiler.other(),
            Part::Totals => compiler.totals(plan.query().range),
            Part::Previous(range) => compiler.totals(*range),
        })
        .map(Statement::from)
        .collect()
}

/// For what rows are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Use {
    /// For groups, buckets, or both.
    Groups,
    /// For the one row over everything.
    Totals,
}

/// The list, with a comma if something stands in it.
fn comma(list: &mut SqlText) -> &mut SqlText {
    let separator = if list.as_str().is_empty() { "" } else { ", " };
    list.push(separator)
}

struct Compiler<'a> {
    plan: &'a Plan,
    query: &'a Query,
    dialect: &'a dyn Dialect,
}

impl Compiler<'_> {
    /// What measures are worked out from: the rows in the range or the cells that stand for them, with what the dimensions
    /// and measures read, and the key of their bucket.
    fn base(&self, range: TimeRange, use_: Use, sql: &mut SqlText) {
        match self.plan.access() {
            Access::Raw => self.rows(range, use_, sql),
            Access::Cells(family) => self.cells(family, range, use_, sql),
        }
    }

    /// The columns of rows that measures read.
    fn columns(&self, use_: Use) -> BTreeSet<&'static str> {
        let measured = self
            .query
            .measures
            .iter()
            .flat_map(|measure| measure.aggregate.columns());
        let counted: &[&'static str] = match use_ {
            Use::Totals if self.has_workflow() => &["workflow_id", "conflicts"],
            Use::Totals => &["conflicts"],
            Use::Groups => &[],
        };
        measured.chain(counted.iter().copied()).collect()
    }

    fn has_workflow(&self) -> bool {
        has_column(self.query.source.record_type.spec(), "workflow_id")
    }

    fn rows(&self, range: TimeRange, use_: Use, sql: &mut SqlText) {
        let columns = self.columns(use_);
        let mut select = SqlText::default();
        for column in &columns {
            comma(&mut select).push(&self.dialect.quoted(column));
        }
        self.push_keys(use_, &mut select);
        if select.as_str().is_empty() {
            select.push("1 AS one");
        }
        self.relation(Table::Rows, range, use_, select, columns, sql);
    }

    /// What rows are grouped by: the dimensions and the key of the bucket.
    fn push_keys(&self, use_: Use, select: &mut SqlText) {
        if use_ != Use::Groups {
            return;
        }
        for (at, dimension) in self.query.dimensions.iter().enumerate() {
            self.dialect.operand(&dimension.operand, comma(select));
            select.push(&format!(" AS d{at}"));
        }
        if let Some(series) = &self.query.series {
            self.dialect.bucket_key(&series.buckets, comma(select));
            select.push(" AS bucket");
        }
    }

    fn relation(
        &self,
        table: Table,
        range: TimeRange,
        use_: Use,
        select: SqlText,
        mut columns: BTreeSet<&'static str>,
        sql: &mut SqlText,
    ) {
        columns.insert("event_time");
        let mut reads_workflow = false;
        for dimension in self.query.dimensions.iter().filter(|_| use_ == Use::Groups) {
            columns.insert(dimension.operand.reads());
            reads_workflow |= matches!(dimension.operand, Operand::Workflow(_));
        }
        let relation = Relation {
            spec: self.query.source.record_type.spec(),
            table,
            select,
            columns,
            reads_workflow,
            range: Some(range),
            filter: &self.query.filter,
            is_measured: true,
        };
        relation.write(self.plan.scoped().visible(), self.dialect, sql);
    }

    /// Cells where whole slots lie in the range, and everything else as cells of one row each: rows at the edges, those that
    /// no cell counts yet, those that have not ended, and corrections.
    fn cells(&self, family: &'static Family, range: TimeRange, use_: Use, sql: &mut SqlText) {
        let pieces = self.plan.pieces(family, range, use_ == Use::Groups);
        let mut parts: Vec<(Table, TimeRange)> = Vec::new();
        let mut covered: Option<TimeRange> = None;
        for Piece { slot, range } in pieces {
            match slot {
                Some(slot) => {
                    parts.push((Table::Cells(family, slot), range));
                    // Cells lie side by side: what has none is at the ends.
                    let start = covered.map_or(range.start, |covered| covered.start);
                    covered = Some(TimeRange {
                        start,
                        end: range.end,
                    });
                }
                None => parts.push((Table::Ended, range)),
            }
        }
        if let Some(covered) = covered {
            parts.push((Table::EndedAboveCells, covered));
            parts.push((Table::Corrections, covered));
        }
        if family.record_type.spec().lifecycle.is_some() {
            parts.push((Table::Open, range));
        }
        for (at, (table, range)) in parts.into_iter().enumerate() {
            sql.push(if at > 0 { "\nUNION ALL\n" } else { "" });
            self.part_of_cells(family, table, range, use_, sql);
        }
    }

    fn part_of_cells(
        &self,
        family: &'static Family,
        table: Table,
        range: TimeRange,
        use_: Use,
        sql: &mut SqlText,
    ) {
        let read = self.columns(use_);
        let mut columns: BTreeSet<&'static str> = BTreeSet::new();
        let mut select = SqlText::default();
        for dimension in family.dimensions.iter().filter(|column| read.contains(*column)) {
            comma(&mut select).push(&self.dialect.quoted(dimension));
            columns.insert(dimension);
        }
        let is_read = |cell: &CellColumn| match cell {
            CellColumn::Rows => true,
            CellColumn::Unattributed | CellColumn::Conflicts => use_ == Use::Totals,
            CellColumn::Known(column) | CellColumn::SumHigh(column) | CellColumn::SumLow(column) => {
                read.contains(column)
            }
        };
        for cell in family.cell_columns().filter(is_read) {
            let name = self.dialect.quoted(&cell.name());
            let of_row = cell.of_row();
            comma(&mut select).push(&match table {
                Table::Cells(..) => name,
                Table::Corrections => format!("sign * {of_row} AS {name}"),
                _ => format!("{of_row} AS {name}"),
            });
            columns.extend(cell.reads());
        }
        self.push_keys(use_, &mut select);
        self.relation(table, range, use_, select, columns, sql);
    }

    fn measures(&self) -> Vec<String> {
        self.query
            .measures
            .iter()
            .map(|measure| self.aggregate(measure))
            .collect()
    }

    fn aggregate(&self, measure: &Measure) -> String {
        let dialect = self.dialect;
        match measure.aggregate {
            Aggregate::Count(counted) => self.count(counted),
            Aggregate::Percent { part, whole } => {
                dialect.ratio(&format!("100 * {}", self.count(part)), &self.count(whole))
            }
            Aggregate::Sum(values) => self.sum(values),
            Aggregate::Average(values) => {
                dialect.ratio(&self.sum(values), &self.count(Counted::Known(values.column)))
            }
            Aggregate::SumPer(values, counted) => dialect.ratio(&self.sum(values), &self.count(counted)),
            Aggregate::Minimum(values) => format!("min({})", dialect.quoted(values.column)),
            Aggregate::Maximum(values) => format!("max({})", dialect.quoted(values.column)),
            Aggregate::Quantile(values, share) => {
                let shares: Vec<f64> = self
                    .query
                    .measures
                    .iter()
                    .filter_map(|other| match other.aggregate {
                        Aggregate::Quantile(same, share) if same == values => Some(share),
                        _ => None,
                    })
                    .collect();
                let at = shares.iter().position(|other| *other == share).unwrap_or(0);
                dialect.quantile(values.column, &shares, at)
            }
            Aggregate::Distinct(column) => format!("count(DISTINCT {})", dialect.quoted(column)),
        }
    }

    /// How many rows are counted, as an integer.
    fn count(&self, counted: Counted) -> String {
        let dialect = self.dialect;
        let condition = match counted {
            Counted::Rows => None,
            Counted::In(column, words) => Some(dialect.is_word(column, words)),
            Counted::True(column) => Some(dialect.quoted(column)),
            Counted::Known(column) => Some(format!("{} IS NOT NULL", dialect.quoted(column))),
        };
        match (self.plan.access(), counted) {
            (Access::Cells(family), Counted::Known(column)) if !family.dimensions.contains(&column) => {
                dialect.whole_sum(&dialect.quoted(&CellColumn::Known(column).name()), None)
            }
            (Access::Cells(_), _) => {
                dialect.whole_sum(&dialect.quoted(&CellColumn::Rows.name()), condition.as_deref())
            }
            (Access::Raw, _) => match condition {
                None => "count(*)".to_owned(),
                Some(condition) => format!("count(*) FILTER (WHERE {condition})"),
            },
        }
    }

    /// The sum of values as the column counts them.
    fn sum(&self, values: Values) -> String {
        match self.plan.access() {
            Access::Raw => self.dialect.sum(values.column),
            Access::Cells(_) => self.dialect.sum_of_cells(
                &CellColumn::SumHigh(values.column).name(),
                &CellColumn::SumLow(values.column).name(),
            ),
        }
    }

    /// What keeps groups whose rows have all been taken back out of an answer from cells.
    fn having(&self) -> &'static str {
        match self.plan.access() {
            Access::Raw => "",
            Access::Cells(_) => "\nHAVING sum(n) <> 0",
        }
    }

    fn totals(&self, range: TimeRange) -> SqlText {
        let mut sql = SqlText::default();
        sql.push("SELECT ").push(&self.count(Counted::Rows));
        match self.plan.access() {
            Access::Raw => {
                sql.push(match self.has_workflow() {
                    true => ", count(*) FILTER (WHERE workflow_id IS NULL)",
                    false => ", 0",
                });
                sql.push(", count(*) FILTER (WHERE conflicts <> 0)");
            }
            Access::Cells(_) => {
                let sum = |cell: CellColumn| self.dialect.whole_sum(&self.dialect.quoted(&cell.name()), None);
                sql.push(", ").push(&match self.has_workflow() {
                    true => sum(CellColumn::Unattributed),
                    false => "0".to_owned(),
                });
                sql.push(", ").push(&sum(CellColumn::Conflicts));
            }
        }
        for measure in self.measures() {
            sql.push(",\n  ").push(&measure);
        }
        sql.push("\nFROM (\n");
        self.base(range, Use::Totals, &mut sql);
        sql.push("\n) AS base");
        sql
    }

    /// Buckets without groups.
    fn series(&self) -> SqlText {
        let mut sql = SqlText::default();
        sql.push("SELECT 1, bucket");
        for measure in self.measures() {
            sql.push(",\n  ").push(&measure);
        }
        sql.push("\nFROM (\n");
        self.base(self.query.range, Use::Groups, &mut sql);
        sql.push("\n) AS base\nGROUP BY bucket")
            .push(self.having())
            .push("\nORDER BY bucket");
        sql
    }

    /// Groups, or with buckets: the buckets of the groups that come first.
    fn groups(&self) -> SqlText {
        let is_series = self.query.series.is_some();
        let dimensions = &self.query.dimensions;
        let mut sql = SqlText::default();
        sql.push("WITH base").push(self.dialect.as_inlined()).push("(\n");
        self.base(self.query.range, Use::Groups, &mut sql);
        sql.push("\n),\n");
        self.top(is_series, &mut sql);
        let measures = self.measures();
        if is_series {
            sql.push(",\nseries AS (\n  SELECT top.rank, base.bucket");
            for (at, measure) in measures.iter().enumerate() {
                sql.push(&format!(",\n    {measure} AS m{at}"));
            }
            sql.push("\n  FROM base JOIN top ON ");
            for at in 0..dimensions.len() {
                sql.push(if at > 0 { " AND " } else { "" });
                sql.push(&self.dialect.same(&format!("base.d{at}"), &format!("top.d{at}")));
            }
            sql.push("\n  GROUP BY top.rank, base.bucket")
                .push(self.having())
                .push("\n)");
        }
        sql.push("\nSELECT top.rank")
            .push(if is_series { ", series.bucket" } else { "" });
        for at in 0..dimensions.len() {
            sql.push(&format!(", top.d{at}"));
        }
        let workflows: Vec<usize> = (0..dimensions.len())
            .filter(|at| dimensions[*at].is_workflow)
            .collect();
        for at in &workflows {
            sql.push(&format!(", w{at}.name"));
        }
        for at in 0..measures.len() {
            sql.push(if is_series { ", series" } else { ", top" })
                .push(&format!(".m{at}"));
        }
        sql.push("\nFROM top").push(if is_series {
            " JOIN series ON series.rank = top.rank"
        } else {
            ""
        });
        for at in &workflows {
            let workflows_now = self.dialect.workflows_now();
            sql.push(&format!(
                "\nLEFT JOIN ({workflows_now}) AS w{at} ON w{at}.id = top.d{at}"
            ));
        }
        sql.push("\nORDER BY top.rank")
            .push(if is_series { ", series.bucket" } else { "" });
        sql
    }

    /// Everything but the groups that come first.
    fn other(&self) -> SqlText {
        let is_series = self.query.series.is_some();
        let mut sql = SqlText::default();
        sql.push("WITH base").push(self.dialect.as_inlined()).push("(\n");
        self.base(self.query.range, Use::Groups, &mut sql);
        sql.push("\n),\n");
        self.top(true, &mut sql);
        sql.push("\nSELECT ")
            .push(if is_series { "bucket, " } else { "" });
        sql.push(&self.measures().join(",\n  "));
        sql.push("\nFROM base LEFT JOIN top ON top.rank <= ");
        sql.param(Param::Int(i64::from(self.query.limit)));
        for at in 0..self.query.dimensions.len() {
            sql.push(" AND ")
                .push(&self.dialect.same(&format!("base.d{at}"), &format!("top.d{at}")));
        }
        sql.push("\nWHERE top.rank IS NULL");
        if is_series {
            sql.push("\nGROUP BY bucket").push(self.having());
        }
        sql
    }

    /// The groups that come first, and one more if there is one. With buckets only what orders them is worked out.
    fn top(&self, is_series: bool, sql: &mut SqlText) {
        let order = self.order();
        sql.push("top AS (\n  SELECT *, row_number() OVER (ORDER BY ")
            .push(&order)
            .push(") AS rank\n  FROM (\n    SELECT ");
        let keys: Vec<String> = (0..self.query.dimensions.len())
            .map(|at| format!("d{at}"))
            .collect();
        sql.push(&keys.join(", "));
        for (at, measure) in self.measures().iter().enumerate() {
            let orders = self.query.order.iter().any(|by| by.key == OrderKey::Measure(at));
            if orders || !is_series {
                sql.push(&format!(",\n      {measure} AS m{at}"));
            }
        }
        sql.push("\n    FROM base\n    GROUP BY ");
        sql.push(&keys.join(", "));
        sql.push(self.having());
        let mut word = if self.having().is_empty() {
            "\nHAVING "
        } else {
            "\n  AND "
        };
        for HavingBy {
            measure,
            comparison,
            value,
        } in &self.query.having
        {
            sql.push(word)
                .push(&self.aggregate(self.query.measures[*measure]))
                .push(self.dialect.comparison(*comparison))
                .param(Param::Float(*value));
            word = "\n  AND ";
        }
        sql.push("\n    ORDER BY ").push(&order).push("\n    LIMIT ");
        sql.param(Param::Int(i64::from(self.query.limit) + 1));
        if self.query.offset > 0 {
            sql.push(" OFFSET ")
                .param(Param::Int(i64::from(self.query.offset)));
        }
        sql.push("\n  ) AS first_groups\n)");
    }

    fn order(&self) -> String {
        let criteria = self.query.order.iter().map(|by| {
            let name = match by.key {
                OrderKey::Measure(at) => format!("m{at}"),
                OrderKey::Dimension(at) => format!("d{at}"),
            };
            format!(
                "{name} {} NULLS LAST",
                if by.is_descending { "DESC" } else { "ASC" }
            )
        });
        criteria.collect::<Vec<_>>().join(", ")
    }
}

#[cfg(test)]
mod tests;
