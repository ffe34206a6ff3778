//! Stage 5: a plan as SQL: a statement for the range, and one for the range compared with.
//!
//! Each [lot](crate::plan::Lot) of measures is read once, at its finest: by all dimensions and buckets at a time. Groups,
//! their buckets, everything beyond the limit and the totals are then worked out of that, each at its *level*. The result
//! has rows of three parts ([`Part`]), told apart by the first column:
//!
//! | column | in the totals (0) | in groups and buckets (1) | in the others (2) |
//! |---|---|---|---|
//! | rank | | of the group | |
//! | bucket | | its key | its key |
//! | rows, those without a workflow, those with conflicts | ✓ | | |
//! | dimensions, names of workflows | | ✓ | |
//! | measures | ✓ | ✓ | ✓ |

use std::collections::BTreeSet;

use tacho_core::time::TimeRange;

use crate::cubes::{CellColumn, Family, Held};
use crate::dialect::{Dialect, SqlText};
use crate::model::{Aggregate, Counted, Form, Values};
use crate::operand::Operand;
use crate::plan::{Access, Lot, Method, Plan};
use crate::query::{HavingBy, OrderKey, Query};
use crate::relation::{Relation, Table, Uncounted};
use crate::scope::has_column;
use crate::slots::Slot;
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

/// What results are grouped by at a level, with its name in the result.
struct Key {
    expression: String,
    name: String,
}

/// One level of all lots: everything, groups, or buckets.
struct Level<'a> {
    keys: &'a [Key],
    /// What stands in a `FROM` after the name of a lot.
    join: &'a str,
    /// What keeps rows of the lot.
    condition: &'a str,
}

struct Compiler<'a> {
    plan: &'a Plan,
    query: &'a Query,
    dialect: &'a dyn Dialect,
    range: TimeRange,
    /// Whether groups and buckets are asked for, or totals only.
    with_groups: bool,
}

/// The list, with a comma if something stands in it.
fn comma(list: &mut SqlText) -> &mut SqlText {
    let separator = if list.as_str().is_empty() { "" } else { ", " };
    list.push(separator)
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

    /// The columns of a lot by which it is told apart.
    fn lot_keys(&self) -> Vec<String> {
        let dimensions = match self.has_dimensions() {
            true => self.query.dimensions.len(),
            false => 0,
        };
        let dimensions = (0..dimensions).map(|at| format!("d{at}"));
        dimensions
            .chain(self.has_series().then(|| "bucket".to_owned()))
            .collect()
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

    /// The columns whose words tell which rows are counted. A lot is told apart by them, too: grouping by a word takes less
    /// than looking at it once for each count.
    fn words(terms: &[Term], access: Access) -> BTreeSet<&'static str> {
        let conditions = terms.iter().filter(|term| term.is_conditional(access));
        conditions.filter_map(|term| term.column()).collect()
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

    /// One lot at its finest.
    fn lot(&self, at: usize, lot: &Lot, sql: &mut SqlText) {
        let keys = self.lot_keys();
        let list = |more: &str| {
            let more = (!more.is_empty()).then(|| more.to_owned());
            keys.iter().cloned().chain(more).collect::<Vec<_>>().join(", ")
        };
        match (lot.method, lot.access) {
            (Method::Sums, access) => {
                let terms = self.terms(at);
                let words = Self::words(&terms, access).into_iter();
                let keys: Vec<String> = keys
                    .iter()
                    .cloned()
                    .chain(words.map(|word| self.dialect.quoted(word)))
                    .collect();
                let added = terms.iter().enumerate();
                let added = added.filter(|(_, term)| !term.is_conditional(access));
                let sums = added.map(|(number, term)| {
                    let sum = match access {
                        Access::Raw => self.term_of_rows(*term),
                        Access::Cells(_) => self.term_of_cells(*term),
                    };
                    format!("{sum} AS t{number}")
                });
                let select: Vec<String> = keys.iter().cloned().chain(sums).collect();
                sql.push("SELECT ").push(&select.join(",\n  ")).push("\nFROM (\n");
                self.base(lot, &terms, sql);
                sql.push("\n) AS base");
                if !keys.is_empty() {
                    sql.push("\nGROUP BY ").push(&keys.join(", "));
                }
            }
            (Method::Order(_), Access::Raw) => self.base(lot, &[], sql),
            (Method::Order(_), Access::Cells(_)) => {
                sql.push(&format!("SELECT {}, sum(n) AS n\nFROM (\n", list("bin")));
                self.base(lot, &[], sql);
                sql.push(&format!(
                    "\n) AS base\nWHERE bin IS NOT NULL\nGROUP BY {}",
                    list("bin")
                ));
            }
            (Method::Set(_), Access::Raw) => {
                sql.push(&format!("SELECT DISTINCT {}\nFROM (\n", list("value")));
                self.base(lot, &[], sql);
                sql.push("\n) AS base");
            }
            (Method::Set(_), Access::Cells(_)) => {
                sql.push(&format!("SELECT {}\nFROM (\n", list("value")));
                self.base(lot, &[], sql);
                sql.push(&format!(
                    "\n) AS base\nGROUP BY {}\nHAVING sum(n) <> 0",
                    list("value")
                ));
            }
        }
    }

    /// What a lot is worked out from: rows, or cells where whole slots lie in the range and beside them the rows that they
    /// do not count.
    fn base(&self, lot: &Lot, terms: &[Term], sql: &mut SqlText) {
        let Access::Cells(family) = lot.access else {
            let mut select = SqlText::default();
            let mut columns = BTreeSet::new();
            for column in terms.iter().filter_map(|term| term.column()) {
                if columns.insert(column.to_owned()) {
                    comma(&mut select).push(&self.dialect.quoted(column));
                }
            }
            if let Some(column) = column_apart(lot.method) {
                columns.insert(column.to_owned());
                comma(&mut select).push(&format!("{} AS value", self.dialect.quoted(column)));
            }
            self.relation(Table::Rows(Some(self.range)), None, select, columns, sql);
            return;
        };
        let (mut local, mut in_utc) = (Vec::new(), Vec::new());
        let mut beside = Vec::new();
        let mut covered: Vec<TimeRange> = Vec::new();
        for piece in self.plan.pieces(family, self.range, self.with_groups) {
            let Some(slot) = piece.slot else {
                beside.push((Uncounted::Ended, piece.range));
                continue;
            };
            match slot.is_local() {
                true => local.push((slot, piece.carried)),
                false => in_utc.push((slot, piece.carried)),
            }
            // Between months and weeks there may be days without a cell.
            match covered.last_mut() {
                Some(last) if last.end == piece.range.start => last.end = piece.range.end,
                _ => covered.push(piece.range),
            }
        }
        for covered in covered {
            beside.push((Uncounted::AboveCells, covered));
            beside.push((Uncounted::Corrections, covered));
        }
        let spec = family.record_type.spec();
        // What has not ended has no duration: nothing to put into bins.
        if spec.lifecycle.is_some() && !matches!(family.held, Held::Bins(_)) {
            beside.push((Uncounted::Open, self.range));
        }
        for pieces in [local, in_utc].into_iter().filter(|pieces| !pieces.is_empty()) {
            let slot = pieces[0].0;
            self.of_cells(lot, family, terms, Table::Cells(family, pieces), Some(slot), sql);
            sql.push("\nUNION ALL\n");
        }
        self.of_cells(lot, family, terms, Table::Beside(beside), None, sql);
    }

    /// What a lot reads of cells, or of rows beside them as if each were a cell.
    fn of_cells(
        &self,
        lot: &Lot,
        family: &'static Family,
        terms: &[Term],
        table: Table,
        slot: Option<Slot>,
        sql: &mut SqlText,
    ) {
        let quoted = |name: &str| self.dialect.quoted(name);
        let mut select = SqlText::default();
        let mut columns: BTreeSet<String> = BTreeSet::new();
        let read: BTreeSet<&str> = terms.iter().filter_map(|term| term.column()).collect();
        for dimension in family.dimensions.iter().filter(|column| read.contains(*column)) {
            comma(&mut select).push(&quoted(dimension));
            columns.insert((*dimension).to_owned());
        }
        match (lot.method, family.held) {
            (Method::Set(column), _) => {
                comma(&mut select).push(&format!("{} AS value", quoted(column)));
                columns.insert(column.to_owned());
            }
            (Method::Order(_), Held::Bins(column)) if slot.is_none() => {
                let bin = crate::bins::of_row(column);
                comma(&mut select).push(&format!("{bin} AS bin"));
                columns.insert(column.to_owned());
            }
            (Method::Order(_), _) => {
                comma(&mut select).push("bin");
                columns.insert("bin".to_owned());
            }
            (Method::Sums, _) => {}
        }
        let is_read = |cell: &CellColumn| match *cell {
            CellColumn::Rows => true,
            CellColumn::Unattributed => terms.contains(&Term::Unattributed),
            CellColumn::Conflicts => terms.contains(&Term::Conflicts),
            CellColumn::Known(column) => terms.contains(&Term::Count(Counted::Known(column))),
            CellColumn::SumHigh(column) | CellColumn::SumLow(column) => terms
                .iter()
                .any(|term| matches!(term, Term::Sum(values) if values.column == column)),
        };
        for cell in family.cell_columns().filter(is_read) {
            let name = quoted(&cell.name());
            match slot {
                Some(_) => {
                    comma(&mut select).push(&name);
                    columns.insert(cell.name());
                }
                None => {
                    comma(&mut select).push(&format!("{} AS {name}", cell.of_row_beside()));
                    columns.extend(cell.reads().map(str::to_owned));
                }
            }
        }
        self.relation(table, slot, select, columns, sql);
    }

    /// Writes a relation with what `select` has and the keys of lots.
    fn relation(
        &self,
        table: Table,
        slot: Option<Slot>,
        mut select: SqlText,
        mut columns: BTreeSet<String>,
        sql: &mut SqlText,
    ) {
        let mut reads_workflow = false;
        let dimensions = self.query.dimensions.iter().filter(|_| self.has_dimensions());
        for (at, dimension) in dimensions.enumerate() {
            self.dialect.operand(&dimension.operand, comma(&mut select));
            select.push(&format!(" AS d{at}"));
            columns.insert(dimension.operand.reads().to_owned());
            reads_workflow |= matches!(dimension.operand, Operand::Workflow(_));
        }
        if let Some(series) = self.query.series.as_ref().filter(|_| self.has_series()) {
            comma(&mut select);
            match slot.is_some_and(Slot::is_local) {
                true => {
                    select.push(&self.dialect.local_bucket_key(series.buckets.granularity));
                }
                false => self.dialect.bucket_key(&series.buckets, &mut select),
            }
            select.push(" AS bucket");
            columns.insert("event_time".to_owned());
        }
        if select.as_str().is_empty() {
            select.push("1 AS one");
        }
        let relation = Relation {
            spec: self.query.source.record_type.spec(),
            table,
            select,
            columns,
            reads_workflow,
            filter: &self.query.filter,
            is_measured: true,
        };
        relation.write(self.plan.scoped().visible(), self.dialect, sql);
    }

    /// A term over rows.
    fn term_of_rows(&self, term: Term) -> String {
        let quoted = |values: Values| self.dialect.quoted(values.column);
        match term {
            Term::Unattributed => "count(*) - count(workflow_id)".to_owned(),
            Term::Conflicts => "count(nullif(conflicts, 0))".to_owned(),
            Term::Count(Counted::Known(column)) => format!("count({})", self.dialect.quoted(column)),
            Term::Count(_) => "count(*)".to_owned(),
            Term::Sum(values) => format!("sum({})", quoted(values)),
            Term::Least(values) => format!("min({})", quoted(values)),
            Term::Greatest(values) => format!("max({})", quoted(values)),
        }
    }

    /// A term over cells.
    fn term_of_cells(&self, term: Term) -> String {
        let sum = |cell: CellColumn| format!("sum({})", self.dialect.quoted(&cell.name()));
        match term {
            Term::Unattributed => sum(CellColumn::Unattributed),
            Term::Conflicts => sum(CellColumn::Conflicts),
            Term::Count(Counted::Known(column)) => sum(CellColumn::Known(column)),
            Term::Count(_) => sum(CellColumn::Rows),
            Term::Sum(values) => self.dialect.sum_of_parts(
                &CellColumn::SumHigh(values.column).name(),
                &CellColumn::SumLow(values.column).name(),
            ),
            // No family has them.
            Term::Least(_) | Term::Greatest(_) => "NULL".to_owned(),
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

    /// A lot at a level: its keys, and `t…`, `q…` or `u` as its method is.
    fn level(&self, at: usize, level: &Level<'_>) -> String {
        let lot = &self.plan.lots()[at];
        let keys: Vec<String> = level
            .keys
            .iter()
            .map(|key| format!("{} AS {}", key.expression, key.name))
            .collect();
        let from = format!("lot{at} AS f{}{}", level.join, level.condition);
        let shares: Vec<f64> = lot
            .measures
            .iter()
            .filter_map(|measure| match self.query.measures[*measure].aggregate {
                Aggregate::Quantile(_, share) => Some(share),
                _ => None,
            })
            .collect();
        if let (Method::Order(_), Access::Cells(_)) = (lot.method, lot.access) {
            let names: Vec<&str> = level.keys.iter().map(|key| key.name.as_str()).collect();
            return self.dialect.quantiles_of_bins(&keys, &names, &from, &shares);
        }
        let values: Vec<String> = match lot.method {
            Method::Sums => {
                let terms = self.terms(at).into_iter().enumerate();
                terms
                    .map(|(number, term)| {
                        let name = format!("f.t{number}");
                        let whole = match term {
                            Term::Count(counted) if term.is_conditional(lot.access) => {
                                self.dialect.whole_sum("f.t0", self.condition(counted).as_deref())
                            }
                            Term::Sum(values) if values.form == Form::Float => {
                                format!("coalesce(sum({name}), 0)")
                            }
                            Term::Sum(_) => self.dialect.number_sum(&name),
                            Term::Least(_) => format!("min({name})"),
                            Term::Greatest(_) => format!("max({name})"),
                            Term::Unattributed | Term::Conflicts | Term::Count(_) => {
                                self.dialect.whole_sum(&name, None)
                            }
                        };
                        format!("{whole} AS t{number}")
                    })
                    .collect()
            }
            Method::Order(_) => (0..shares.len())
                .map(|number| {
                    let quantile = self.dialect.quantile("f.value", &shares, number);
                    format!("{quantile} AS q{number}")
                })
                .collect(),
            Method::Set(_) => vec!["count(DISTINCT f.value) AS u".to_owned()],
        };
        let select: Vec<String> = keys.into_iter().chain(values).collect();
        let mut sql = format!("SELECT {}\nFROM {from}", select.join(", "));
        let by: Vec<&str> = level.keys.iter().map(|key| key.expression.as_str()).collect();
        if !by.is_empty() {
            sql.push_str("\nGROUP BY ");
            sql.push_str(&by.join(", "));
        }
        sql
    }

    /// A level of all lots that the wanted measures need, side by side: the keys, how many rows are counted
    /// (`counted`, `unattributed`, `conflicting`), and measures as `m…`.
    fn joined(&self, level: &Level<'_>, wanted: &[usize]) -> String {
        let mut select: Vec<String> = level
            .keys
            .iter()
            .map(|key| format!("l0.{0} AS {0}", key.name))
            .collect();
        let unattributed = if self.has_workflow() { "l0.t2" } else { "0" };
        select.push("l0.t0 AS counted".to_owned());
        select.push(format!("{unattributed} AS unattributed"));
        select.push("l0.t1 AS conflicting".to_owned());
        for at in wanted {
            select.push(format!("{} AS m{at}", self.measure(*at)));
        }
        let mut sql = format!(
            "SELECT {}\nFROM (\n{}\n) AS l0",
            select.join(", "),
            self.level(0, level)
        );
        for (at, lot) in self.plan.lots().iter().enumerate().skip(1) {
            if !lot.measures.iter().any(|measure| wanted.contains(measure)) {
                continue;
            }
            let same: Vec<String> = level
                .keys
                .iter()
                .map(|Key { name, .. }| self.dialect.same(&format!("l{at}.{name}"), &format!("l0.{name}")))
                .collect();
            let condition = match same.is_empty() {
                true => "true".to_owned(),
                false => same.join(" AND "),
            };
            sql.push_str(&format!(
                "\nLEFT JOIN (\n{}\n) AS l{at} ON {condition}",
                self.level(at, level)
            ));
        }
        sql
    }

    /// A measure over the lots' columns at a level.
    fn measure(&self, measure: usize) -> String {
        let lots = self.plan.lots().iter().enumerate();
        let mut found = lots.filter_map(|(at, lot)| {
            let position = lot.measures.iter().position(|other| *other == measure)?;
            Some((at, lot, position))
        });
        let Some((at, lot, position)) = found.next() else {
            return "NULL".to_owned();
        };
        let aggregate = self.query.measures[measure].aggregate;
        match lot.method {
            Method::Order(_) => format!("l{at}.q{position}"),
            Method::Set(_) => format!("coalesce(l{at}.u, 0)"),
            Method::Sums => {
                let known = self.terms(at);
                let terms: Vec<String> = Term::of(aggregate)
                    .into_iter()
                    .filter_map(|term| known.iter().position(|other| *other == term))
                    .map(|number| format!("l{at}.t{number}"))
                    .collect();
                match (aggregate, terms.as_slice()) {
                    (Aggregate::Percent { .. }, [part, whole]) => {
                        self.dialect.ratio(&format!("100 * {part}"), whole)
                    }
                    (_, [sum, count]) => self.dialect.ratio(sum, count),
                    (_, terms) => terms.concat(),
                }
            }
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

/// The column whose values are read one by one.
const fn column_apart(method: Method) -> Option<&'static str> {
    match method {
        Method::Sums => None,
        Method::Order(values) => Some(values.column),
        Method::Set(column) => Some(column),
    }
}

#[cfg(test)]
mod tests;
