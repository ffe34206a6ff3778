//! Stage 5: a plan as SQL. Columns of the results are told apart by their position:
//!
//! | part | columns |
//! |---|---|
//! | groups | rank, dimensions, names of workflows, measures |
//! | series | rank (1 without dimensions), bucket key, dimensions, names of workflows, measures |
//! | totals | rows, rows without a workflow, rows with conflicts, measures |

use std::collections::BTreeSet;

use tacho_core::time::TimeRange;

use crate::dialect::{Dialect, SqlText};
use crate::model::{Aggregate, Measure};
use crate::plan::{Access, Part, Plan};
use crate::query::{OrderKey, Query};
use crate::relation::Relation;
use crate::statement::{Param, Statement};

/// Columns before the measures in the result of totals.
pub(crate) const TOTALS_LEADING: usize = 3;

/// The statements of a plan, one per part.
pub fn compile(plan: &Plan, dialect: &dyn Dialect) -> Vec<Statement> {
    let Access::Raw = plan.access();
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
            Part::Totals => compiler.totals(plan.query().range),
            Part::Previous(range) => compiler.totals(*range),
        })
        .map(Statement::from)
        .collect()
}

struct Compiler<'a> {
    plan: &'a Plan,
    query: &'a Query,
    dialect: &'a dyn Dialect,
}

impl Compiler<'_> {
    /// The rows in the range, with the columns that measures and dimensions read, and the key of their bucket.
    fn base(&self, range: TimeRange, extra: &[&'static str], with_buckets: bool, sql: &mut SqlText) {
        let measured = self
            .query
            .measures
            .iter()
            .filter_map(|measure| measure.aggregate.column());
        let grouped = self
            .query
            .dimensions
            .iter()
            .map(|dimension| dimension.field.column);
        let columns: BTreeSet<&'static str> = measured.chain(grouped).chain(extra.iter().copied()).collect();
        let mut select = SqlText::default();
        let mut comma = "";
        for column in &columns {
            select.push(comma).push(&self.dialect.quoted(column));
            comma = ", ";
        }
        let mut read = columns.clone();
        if let Some(series) = self.query.series.as_ref().filter(|_| with_buckets) {
            select.push(comma);
            self.dialect.bucket_key(&series.buckets, &mut select);
            select.push(" AS bucket");
            read.insert("event_time");
        } else if columns.is_empty() {
            select.push("1 AS one");
        }
        let relation = Relation {
            spec: self.query.source.record_type.spec(),
            select,
            columns: read,
            range: Some(range),
            filter: &self.query.filter,
            is_measured: true,
        };
        relation.write(self.plan.scoped().visible(), self.dialect, sql);
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
            Aggregate::Count => "count(*)".to_owned(),
            Aggregate::CountStatus(statuses) => dialect.count_words("status", statuses),
            Aggregate::StatusPercent { part, whole } => dialect.ratio(
                &format!("100 * {}", dialect.count_words("status", part)),
                &dialect.count_words("status", whole),
            ),
            Aggregate::Average(column) => format!("avg({})", dialect.quoted(column)),
            Aggregate::Minimum(column) => format!("min({})", dialect.quoted(column)),
            Aggregate::Maximum(column) => format!("max({})", dialect.quoted(column)),
            Aggregate::Quantile(column, share) => {
                let shares: Vec<f64> = self
                    .query
                    .measures
                    .iter()
                    .filter_map(|other| match other.aggregate {
                        Aggregate::Quantile(same, share) if same == column => Some(share),
                        _ => None,
                    })
                    .collect();
                let at = shares.iter().position(|other| *other == share).unwrap_or(0);
                dialect.quantile(column, &shares, at)
            }
            Aggregate::Sum { column, .. } => dialect.sum(column),
        }
    }

    fn totals(&self, range: TimeRange) -> SqlText {
        let mut sql = SqlText::default();
        sql.push("SELECT count(*), count(*) FILTER (WHERE workflow_id IS NULL), count(*) FILTER (WHERE conflicts <> 0)");
        for measure in self.measures() {
            sql.push(",\n  ").push(&measure);
        }
        sql.push("\nFROM (\n");
        self.base(range, &["workflow_id", "conflicts"], false, &mut sql);
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
        self.base(self.query.range, &[], true, &mut sql);
        sql.push("\n) AS base\nGROUP BY bucket\nORDER BY bucket");
        sql
    }

    /// Groups, or with buckets: the buckets of the groups that come first.
    fn groups(&self) -> SqlText {
        let is_series = self.query.series.is_some();
        let dimensions = &self.query.dimensions;
        let mut sql = SqlText::default();
        sql.push("WITH base").push(self.dialect.as_inlined()).push("(\n");
        self.base(self.query.range, &[], true, &mut sql);
        sql.push("\n),\n");
        self.top(is_series, &mut sql);
        let measures = self.measures();
        if is_series {
            sql.push(",\nseries AS (\n  SELECT top.rank, base.bucket");
            for (at, measure) in measures.iter().enumerate() {
                sql.push(&format!(",\n    {measure} AS m{at}"));
            }
            sql.push("\n  FROM base JOIN top ON ");
            for (at, dimension) in dimensions.iter().enumerate() {
                let column = format!("base.{}", self.dialect.quoted(dimension.field.column));
                sql.push(if at > 0 { " AND " } else { "" });
                sql.push(&self.dialect.same(&column, &format!("top.d{at}")));
            }
            sql.push("\n  GROUP BY top.rank, base.bucket\n)");
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

    /// The groups that come first, and one more if there is one. With buckets only what orders them is worked out.
    fn top(&self, is_series: bool, sql: &mut SqlText) {
        let order = self.order();
        sql.push("top AS (\n  SELECT *, row_number() OVER (ORDER BY ")
            .push(&order)
            .push(") AS rank\n  FROM (\n    SELECT ");
        for (at, dimension) in self.query.dimensions.iter().enumerate() {
            let column = self.dialect.quoted(dimension.field.column);
            sql.push(if at > 0 { ", " } else { "" })
                .push(&format!("{column} AS d{at}"));
        }
        for (at, measure) in self.measures().iter().enumerate() {
            let orders = self.query.order.iter().any(|by| by.key == OrderKey::Measure(at));
            if orders || !is_series {
                sql.push(&format!(",\n      {measure} AS m{at}"));
            }
        }
        sql.push("\n    FROM base\n    GROUP BY ");
        for (at, dimension) in self.query.dimensions.iter().enumerate() {
            sql.push(if at > 0 { ", " } else { "" })
                .push(&self.dialect.quoted(dimension.field.column));
        }
        sql.push("\n    ORDER BY ").push(&order).push("\n    LIMIT ");
        sql.param(Param::Int(i64::from(self.query.limit) + 1))
            .push("\n  ) AS first_groups\n)");
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
