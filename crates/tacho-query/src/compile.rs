//! Stage 5: a plan as SQL: a statement for the range, and one for the range compared with.
//!
//! Each [lot](crate::plan::Lot) of measures is read once, at its finest: by all dimensions and buckets at a time, and by the
//! words that its counts look at. Groups, their buckets, everything beyond the limit and the totals are then worked out
//! of that, each at its *level*. The result has rows of three parts ([`Part`]), told apart by the first column:
//!
//! | column | in the totals (0) | in groups and buckets (1) | in the others (2) |
//! |---|---|---|---|
//! | rank | | of the group | |
//! | bucket | | its key | its key |
//! | rows, those without a workflow, those with conflicts | ✓ | | |
//! | dimensions, names of workflows | | ✓ | |
//! | measures | ✓ | ✓ | ✓ |

mod levels;
mod lots;

use tacho_core::time::TimeRange;

use self::levels::{Key, Level};
use crate::cubes::CellColumn;
use crate::dialect::{Dialect, SqlText};
use crate::model::{Aggregate, Counted, Values};
use crate::plan::{Access, Method, Plan};
use crate::query::{HavingBy, OrderKey, Query};
use crate::scope::has_column;
use crate::statement::{Param, Statement};

/// What a row of a result is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// Everything.
    Totals = 0,
    /// A group, a bucket, or a bucket of a group.
    Rows = 1,
    /// Everything beyond the limit, in all or in a bucket.
    Other = 2,
}

/// The statements of a plan: for the range, and for the range compared with, if there is one.
pub fn compile(plan: &Plan, dialect: &dyn Dialect) -> Vec<Statement> {
    let query = plan.query();
    let of_range = |range, with_groups| {
        let compiler = Compiler {
            plan,
            query,
            dialect,
            range,
            with_groups,
        };
        Statement::from(compiler.statement())
    };
    let mut statements = vec![of_range(query.range, true)];
    statements.extend(query.previous.map(|range| of_range(range, false)));
    statements
}

/// What is worked out of rows or cells by adding up: a part of one or more measures.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Term {
    Unattributed,
    Conflicts,
    Count(Counted),
    Sum(Values),
    Least(Values),
    Greatest(Values),
}

impl Term {
    fn of(aggregate: Aggregate) -> Vec<Term> {
        match aggregate {
            Aggregate::Count(counted) => vec![Term::Count(counted)],
            Aggregate::Percent { part, whole } => vec![Term::Count(part), Term::Count(whole)],
            Aggregate::Sum(values) => vec![Term::Sum(values)],
            Aggregate::Average(values) => {
                vec![Term::Sum(values), Term::Count(Counted::Known(values.column))]
            }
            Aggregate::SumPer(values, counted) => vec![Term::Sum(values), Term::Count(counted)],
            Aggregate::SumOrAverage(values, counted) => vec![
                Term::Sum(values),
                Term::Count(Counted::Known(values.column)),
                Term::Count(counted),
            ],
            Aggregate::Minimum(values) => vec![Term::Least(values)],
            Aggregate::Maximum(values) => vec![Term::Greatest(values)],
            Aggregate::Quantile(..) | Aggregate::Distinct(_) => Vec::new(),
        }
    }

    /// Whether it is counted at each level, among the rows that have certain words.
    fn is_conditional(self, access: Access) -> bool {
        match (self, access) {
            (Term::Count(Counted::In(..) | Counted::True(_)), _) => true,
            (Term::Count(Counted::Known(column)), Access::Cells(family)) => {
                family.dimensions.contains(&column)
            }
            _ => false,
        }
    }

    /// Whether it is worked out from a column of cells.
    fn reads_cell(self, cell: CellColumn) -> bool {
        match (self, cell) {
            (Term::Unattributed, CellColumn::Unattributed) | (Term::Conflicts, CellColumn::Conflicts) => true,
            (Term::Count(Counted::Known(known)), CellColumn::Known(column)) => known == column,
            (
                Term::Sum(values),
                CellColumn::SumHigh(column) | CellColumn::SumLow(column) | CellColumn::Total(column),
            )
            | (Term::Least(values), CellColumn::Least(column))
            | (Term::Greatest(values), CellColumn::Greatest(column)) => values.column == column,
            _ => false,
        }
    }

    /// The row's column that it reads.
    const fn column(self) -> Option<&'static str> {
        match self {
            Term::Unattributed => Some("workflow_id"),
            Term::Conflicts => Some("conflicts"),
            Term::Count(counted) => counted.column(),
            Term::Sum(values) | Term::Least(values) | Term::Greatest(values) => Some(values.column),
        }
    }
}

struct Compiler<'a> {
    plan: &'a Plan,
    query: &'a Query,
    dialect: &'a dyn Dialect,
    range: TimeRange,
    /// Whether groups and buckets are asked for, or totals only.
    with_groups: bool,
}

impl Compiler<'_> {
    fn has_dimensions(&self) -> bool {
        self.with_groups && !self.query.dimensions.is_empty()
    }

    fn has_series(&self) -> bool {
        self.with_groups && self.query.series.is_some()
    }

    fn has_workflow(&self) -> bool {
        has_column(self.query.source.record_type.spec(), "workflow_id")
    }

    /// What a lot of sums adds up, first of all its rows.
    fn terms(&self, at: usize) -> Vec<Term> {
        let mut terms = vec![Term::Count(Counted::Rows)];
        let mut add = |term| {
            if !terms.contains(&term) {
                terms.push(term);
            }
        };
        if at == 0 {
            add(Term::Conflicts);
            if self.has_workflow() {
                add(Term::Unattributed);
            }
        }
        let lot = &self.plan.lots()[at];
        for measure in &lot.measures {
            Term::of(self.query.measures[*measure].aggregate)
                .into_iter()
                .for_each(&mut add);
        }
        terms
    }

    fn statement(&self) -> SqlText {
        let mut sql = SqlText::default();
        let is_grouped = self.has_dimensions() || self.has_series();
        for (at, lot) in self.plan.lots().iter().enumerate() {
            sql.push(if at > 0 { ",\n" } else { "WITH " });
            // Single values are too many to be put down; everything else is few.
            let is_of_values = matches!((lot.method, lot.access), (Method::Order(_), Access::Raw));
            let is_kept = is_grouped && !is_of_values;
            sql.push(&format!("lot{at} AS {} (\n", self.dialect.materialized(is_kept)));
            self.lot(at, lot, &mut sql);
            sql.push("\n)");
        }
        if self.has_dimensions() {
            sql.push(",\n");
            self.top(&mut sql);
        }
        sql.push("\nSELECT * FROM (\n");
        self.part(Part::Totals, &mut sql);
        if is_grouped {
            sql.push("\nUNION ALL\n");
            self.part(Part::Rows, &mut sql);
        }
        if self.has_dimensions() && self.query.with_other {
            sql.push("\nUNION ALL\n");
            self.part(Part::Other, &mut sql);
        }
        sql.push("\n) AS parts\nORDER BY part, rank, bucket");
        sql
    }

    fn condition(&self, counted: Counted) -> Option<String> {
        let dialect = self.dialect;
        match counted {
            Counted::Rows => None,
            Counted::In(column, words) => Some(dialect.is_word(column, words)),
            Counted::True(column) => Some(dialect.quoted(column)),
            Counted::Known(column) => Some(format!("{} IS NOT NULL", dialect.quoted(column))),
        }
    }

    fn all_measures(&self) -> Vec<usize> {
        (0..self.query.measures.len()).collect()
    }

    /// The groups that come first, and one more if there is one. With buckets only what orders them is worked out.
    fn top(&self, sql: &mut SqlText) {
        let order = self.order();
        let keys: Vec<Key> = (0..self.query.dimensions.len())
            .map(|at| Key {
                expression: format!("f.d{at}"),
                name: format!("d{at}"),
            })
            .collect();
        let level = Level {
            keys: &keys,
            join: "",
            condition: "",
        };
        let mut wanted = self.all_measures();
        if self.has_series() {
            wanted.retain(|at| {
                let orders = self.query.order.iter().any(|by| by.key == OrderKey::Measure(*at));
                orders || self.query.having.iter().any(|having| having.measure == *at)
            });
        }
        sql.push("top AS ")
            .push(self.dialect.materialized(true))
            .push(" (\nSELECT *, row_number() OVER (ORDER BY ")
            .push(&order)
            .push(") AS rank\nFROM (\nSELECT *\nFROM (\n");
        sql.push(&self.joined(&level, &wanted));
        sql.push("\n) AS groups\nWHERE counted <> 0");
        for HavingBy {
            measure,
            comparison,
            value,
        } in &self.query.having
        {
            sql.push(&format!("\n  AND m{measure}"))
                .push(self.dialect.comparison(*comparison))
                .param(Param::Float(*value));
        }
        sql.push("\nORDER BY ").push(&order).push("\nLIMIT ");
        sql.param(Param::Int(i64::from(self.query.limit) + 1));
        if self.query.offset > 0 {
            sql.push(" OFFSET ")
                .param(Param::Int(i64::from(self.query.offset)));
        }
        sql.push("\n) AS first_groups\n)");
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

    /// The rows of one part of the result.
    fn part(&self, part: Part, sql: &mut SqlText) {
        let all = self.all_measures();
        let same_group = |other: &str| {
            let same = (0..self.query.dimensions.len())
                .map(|at| self.dialect.same(&format!("f.d{at}"), &format!("top.d{at}")));
            let same: Vec<String> = same.collect();
            format!("\n{other} ON {}", same.join(" AND "))
        };
        let bucket = || Key {
            expression: "f.bucket".to_owned(),
            name: "bucket".to_owned(),
        };
        let (keys, join, condition) = match part {
            Part::Totals => (Vec::new(), String::new(), ""),
            Part::Rows if self.has_dimensions() && self.has_series() => {
                let rank = Key {
                    expression: "top.rank".to_owned(),
                    name: "rank".to_owned(),
                };
                (vec![rank, bucket()], same_group("JOIN top"), "")
            }
            Part::Rows => (vec![bucket()], String::new(), ""),
            Part::Other => {
                let join = same_group("LEFT JOIN top") + &format!(" AND top.rank <= {}", self.query.limit);
                let keys = self.has_series().then(bucket).into_iter().collect();
                (keys, join, "\nWHERE top.rank IS NULL")
            }
        };
        let level = Level {
            keys: &keys,
            join: &join,
            condition,
        };
        let is_of_groups = part == Part::Rows && self.has_dimensions();
        let is_of_buckets = part != Part::Totals && self.has_series();
        let source = match is_of_groups && !is_of_buckets {
            true => "top",
            false => "level",
        };
        sql.push(&format!("SELECT {} AS part", part as u8));
        sql.push(match is_of_groups {
            true => ", top.rank AS rank",
            false => ", NULL AS rank",
        });
        sql.push(match is_of_buckets {
            true => ", level.bucket AS bucket",
            false => ", NULL AS bucket",
        });
        sql.push(match part {
            Part::Totals => ", counted, unattributed, conflicting",
            Part::Rows | Part::Other => ", NULL, NULL, NULL",
        });
        let dimensions = match self.with_groups {
            true => &self.query.dimensions[..],
            false => &[],
        };
        let workflows: Vec<usize> = (0..dimensions.len())
            .filter(|at| dimensions[*at].is_workflow)
            .collect();
        for at in 0..dimensions.len() {
            match is_of_groups {
                true => sql.push(&format!(", top.d{at}")),
                false => sql.push(", NULL"),
            };
        }
        for at in &workflows {
            match is_of_groups {
                true => sql.push(&format!(", w{at}.name")),
                false => sql.push(", NULL"),
            };
        }
        for at in all.iter() {
            sql.push(&format!(", {source}.m{at}"));
        }
        match (is_of_groups, is_of_buckets) {
            (true, false) => {
                sql.push("\nFROM top");
            }
            (true, true) => {
                let level = self.joined(&level, &all);
                sql.push(&format!(
                    "\nFROM top JOIN (\n{level}\n) AS level ON level.rank = top.rank"
                ));
            }
            (false, _) => {
                let level = self.joined(&level, &all);
                sql.push(&format!("\nFROM (\n{level}\n) AS level"));
            }
        }
        for at in workflows.iter().filter(|_| is_of_groups) {
            let workflows_now = self.dialect.workflows_now();
            sql.push(&format!(
                "\nLEFT JOIN ({workflows_now}) AS w{at} ON w{at}.id = top.d{at}"
            ));
        }
        // What has been taken back leaves cells that count nothing.
        if is_of_buckets {
            sql.push("\nWHERE level.counted <> 0");
        }
    }
}

#[cfg(test)]
mod tests;
