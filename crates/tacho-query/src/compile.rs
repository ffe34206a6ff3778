//! Stage 5: a plan as one SQL statement.
//!
//! Each [lot](crate::plan::Lot) of measures is read once, at its finest: by all dimensions and buckets at a time, and by the
//! words that its counts look at. Groups, their buckets, everything beyond the limit and the totals are then worked out
//! of that, each at its *level*. The same is done for the range compared with, if there is one, for the groups that come
//! first in the range itself. The result has rows of six parts ([`Part`] of each [`Side`]), told apart by the first column:
//!
//! | column | in the totals (0, 3) | in groups and buckets (1, 4) | in the others (2, 5) |
//! |---|---|---|---|
//! | rank | | of the group | |
//! | bucket | | its key | its key |
//! | rows, those without a workflow, those with conflicts | ✓ | | |
//! | dimensions, names of workflows | | ✓ in 1 | |
//! | measures | ✓ | ✓ | ✓ |

mod levels;
mod lots;

use tacho_core::time::TimeRange;

use self::levels::{Key, Level};
use crate::cubes::CellColumn;
use crate::dialect::{Dialect, SqlText};
use crate::model::{self, Aggregate, Counted, Values};
use crate::plan::{Access, Method, Plan};
use crate::query::{HavingBy, OrderKey, Query, Series};
use crate::scope::has_column;
use crate::statement::{Param, Statement};

/// The range asked about, or the one that it is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    /// The range asked about.
    Now,
    /// The range compared with.
    Before,
}

/// What a row of a result is of, on its side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// Everything.
    Totals = 0,
    /// A group, a bucket, or a bucket of a group.
    Rows = 1,
    /// Everything beyond the limit, in all or in a bucket.
    Other = 2,
}

impl Part {
    /// What stands in the first column.
    pub(crate) const fn number(self, side: Side) -> i64 {
        let first = match side {
            Side::Now => 0,
            Side::Before => 3,
        };
        first + self as i64
    }

    /// What a number in the first column says.
    pub(crate) fn of_number(number: i64) -> Option<(Side, Part)> {
        let parts = [Part::Totals, Part::Rows, Part::Other].into_iter();
        let mut all = parts.flat_map(|part| [(Side::Now, part), (Side::Before, part)]);
        all.find(|(side, part)| part.number(*side) == number)
    }
}

/// The statement of a plan.
pub fn compile(plan: &Plan, dialect: &dyn Dialect) -> Statement {
    let query = plan.query();
    let now = Compiler {
        plan,
        query,
        dialect,
        side: Side::Now,
        range: query.range,
        series: query.series.as_ref(),
        dimensions: &query.dimensions,
    };
    let before = query.previous.as_ref().map(|previous| Compiler {
        side: Side::Before,
        range: previous.range,
        series: previous.series.as_ref(),
        dimensions: match previous.has_rows(query) {
            true => &query.dimensions,
            false => &[],
        },
        ..now
    });
    let sides: Vec<&Compiler<'_>> = std::iter::once(&now).chain(&before).collect();
    let mut sql = SqlText::default();
    for (at, side) in sides.iter().enumerate() {
        sql.push(if at > 0 { ",\n" } else { "WITH " });
        side.lots(&mut sql);
    }
    if now.has_dimensions() {
        sql.push(",\n");
        now.top(&mut sql);
    }
    sql.push("\n");
    for (at, side) in sides.iter().enumerate() {
        sql.push(if at > 0 { "\nUNION ALL\n" } else { "" });
        side.parts(&mut sql);
    }
    sql.push("\nORDER BY part, rank, bucket");
    Statement::from(sql)
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

/// Makes one side of the statement.
struct Compiler<'a> {
    plan: &'a Plan,
    query: &'a Query,
    dialect: &'a dyn Dialect,
    side: Side,
    range: TimeRange,
    series: Option<&'a Series>,
    /// What to group by.
    dimensions: &'a [model::Term],
}

impl Compiler<'_> {
    fn has_dimensions(&self) -> bool {
        !self.dimensions.is_empty()
    }

    fn has_series(&self) -> bool {
        self.series.is_some()
    }

    /// The name of a lot that has been read.
    fn lot_name(&self, at: usize) -> String {
        let prefix = match self.side {
            Side::Now => "lot",
            Side::Before => "before",
        };
        format!("{prefix}{at}")
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

    /// Reads every lot.
    fn lots(&self, sql: &mut SqlText) {
        let is_grouped = self.has_dimensions() || self.has_series();
        for (at, lot) in self.plan.lots().iter().enumerate() {
            sql.push(if at > 0 { ",\n" } else { "" });
            // Single values are too many to be put down; everything else is few.
            let is_of_values = matches!((lot.method, lot.access), (Method::Order(_), Access::Raw));
            let is_kept = is_grouped && !is_of_values;
            let (name, kept) = (self.lot_name(at), self.dialect.materialized(is_kept));
            sql.push(&format!("{name} AS {kept} (\n"));
            self.lot(at, lot, sql);
            sql.push("\n)");
        }
    }

    /// Every part of the result.
    fn parts(&self, sql: &mut SqlText) {
        self.part(Part::Totals, sql);
        if self.has_dimensions() || self.has_series() {
            sql.push("\nUNION ALL\n");
            self.part(Part::Rows, sql);
        }
        if self.has_dimensions() && self.query.with_other {
            sql.push("\nUNION ALL\n");
            self.part(Part::Other, sql);
        }
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
            .push(") AS rank\nFROM (\nSELECT ");
        let keys = keys.iter().map(|key| format!("l0.{0} AS {0}", key.name));
        let measures = wanted.iter().map(|at| format!("{} AS m{at}", self.measure(*at)));
        sql.push(&keys.chain(measures).collect::<Vec<_>>().join(", "));
        sql.push(&format!(
            "\nFROM {}\nWHERE l0.t0 <> 0",
            self.side_by_side(&level, &wanted)
        ));
        for HavingBy {
            measure,
            comparison,
            value,
        } in &self.query.having
        {
            sql.push(&format!("\n  AND {}", self.measure(*measure)))
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
        let bucket = self.has_series().then(|| Key {
            expression: "f.bucket".to_owned(),
            name: "bucket".to_owned(),
        });
        let (keys, join, condition) = match part {
            Part::Totals => (Vec::new(), String::new(), ""),
            Part::Rows if self.has_dimensions() => {
                let rank = Key {
                    expression: "top.rank".to_owned(),
                    name: "rank".to_owned(),
                };
                let keys = std::iter::once(rank).chain(bucket).collect();
                (keys, same_group("JOIN top"), "")
            }
            Part::Rows => (Vec::from_iter(bucket), String::new(), ""),
            Part::Other => {
                let join = same_group("LEFT JOIN top") + &format!(" AND top.rank <= {}", self.query.limit);
                (Vec::from_iter(bucket), join, "\nWHERE top.rank IS NULL")
            }
        };
        let level = Level {
            keys: &keys,
            join: &join,
            condition,
        };
        let is_of_groups = part == Part::Rows && self.has_dimensions();
        let is_of_buckets = part != Part::Totals && self.has_series();
        // Of the groups that come first, all is known already.
        let is_of_top = is_of_groups && !is_of_buckets && self.side == Side::Now;
        let has_names = is_of_groups && self.side == Side::Now;
        let select = |is_there: bool, column: String| if is_there { column } else { "NULL".to_owned() };
        let mut columns = vec![format!("{} AS part", part.number(self.side))];
        let rank = if is_of_top { "top.rank" } else { "l0.rank" };
        columns.push(select(is_of_groups, rank.to_owned()) + " AS rank");
        columns.push(select(is_of_buckets, "l0.bucket".to_owned()) + " AS bucket");
        columns.push(match part {
            Part::Totals => self.counts(),
            Part::Rows | Part::Other => "NULL, NULL, NULL".to_owned(),
        });
        let dimensions = &self.query.dimensions;
        let workflows = (0..dimensions.len()).filter(|at| dimensions[*at].is_workflow);
        columns.extend((0..dimensions.len()).map(|at| select(has_names, format!("top.d{at}"))));
        columns.extend(
            workflows
                .clone()
                .map(|at| select(has_names, format!("w{at}.name"))),
        );
        columns.extend(all.iter().map(|at| match is_of_top {
            true => format!("top.m{at}"),
            false => self.measure(*at),
        }));
        sql.push("SELECT ").push(&columns.join(", ")).push("\nFROM ");
        match is_of_top {
            true => sql.push("top"),
            false => sql.push(&self.side_by_side(&level, &all)),
        };
        if has_names && !is_of_top {
            sql.push("\nJOIN top ON top.rank = l0.rank");
        }
        for at in workflows.filter(|_| has_names) {
            let workflows_now = self.dialect.workflows_now();
            sql.push(&format!(
                "\nLEFT JOIN ({workflows_now}) AS w{at} ON w{at}.id = top.d{at}"
            ));
        }
        // What has been taken back leaves cells that count nothing.
        if part != Part::Totals && !is_of_top && !keys.is_empty() {
            sql.push("\nWHERE l0.t0 <> 0");
        }
    }
}

#[cfg(test)]
mod tests;
