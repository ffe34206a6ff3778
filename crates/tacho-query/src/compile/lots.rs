//! Reading a lot of measures: from rows, or from cells and the rows beside them.

use std::collections::BTreeSet;

use tacho_core::time::TimeRange;

use super::{Compiler, Term};
use crate::cubes::{CellColumn, Family, Held, is_recounted};
use crate::dialect::SqlText;
use crate::model::{Counted, Values};
use crate::operand::Operand;
use crate::plan::{Access, Lot, Method};
use crate::relation::{Relation, Table, Uncounted};
use crate::slots::Slot;

/// The list, with a comma if something stands in it.
fn comma(list: &mut SqlText) -> &mut SqlText {
    let separator = if list.as_str().is_empty() { "" } else { ", " };
    list.push(separator)
}

impl Compiler<'_> {
    /// The columns of a lot by which it is told apart.
    fn lot_keys(&self) -> Vec<String> {
        let dimensions = (0..self.dimensions.len()).map(|at| format!("d{at}"));
        dimensions
            .chain(self.has_series().then(|| "bucket".to_owned()))
            .collect()
    }

    /// The columns whose words tell which rows are counted. A lot is told apart by them, too: grouping by a word takes less
    /// than looking at it once for each count.
    fn words(terms: &[Term], access: Access) -> BTreeSet<&'static str> {
        let conditions = terms.iter().filter(|term| term.is_conditional(access));
        conditions.filter_map(|term| term.column()).collect()
    }

    /// One lot at its finest.
    pub(super) fn lot(&self, at: usize, lot: &Lot, sql: &mut SqlText) {
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
                        Access::Cells(family) => self.term_of_cells(family, *term),
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
            let read: BTreeSet<&str> = terms.iter().filter_map(|term| term.column()).collect();
            let mut list: Vec<String> = read.iter().map(|column| self.dialect.quoted(column)).collect();
            let apart = column_apart(lot.method);
            list.extend(apart.map(|column| format!("{} AS value", self.dialect.quoted(column))));
            let columns = read.into_iter().chain(apart).map(str::to_owned).collect();
            let table = Table::Rows(Some(self.range));
            self.relation(table, None, &|_| list.clone(), columns, sql);
            return;
        };
        let (mut local, mut in_utc) = (Vec::new(), Vec::new());
        let mut beside = Vec::new();
        let (mut covered, mut read): (Vec<TimeRange>, Vec<TimeRange>) = Default::default();
        // Between months and weeks there may be days without a cell.
        let add = |stretches: &mut Vec<TimeRange>, next: TimeRange| match stretches.last_mut() {
            Some(last) if last.end == next.start => last.end = next.end,
            _ => stretches.push(next),
        };
        for piece in self.plan.pieces(family, self.range, self.series) {
            let Some(slot) = piece.slot else {
                beside.push((Uncounted::Ended, piece.range));
                continue;
            };
            match slot.is_local() {
                true => local.push((slot, piece.carried)),
                false => in_utc.push((slot, piece.carried)),
            }
            add(&mut covered, piece.range);
            add(&mut read, piece.read);
            beside.extend(piece.beyond().map(|range| (Uncounted::Beyond, range)));
        }
        beside.extend(covered.into_iter().map(|range| (Uncounted::AboveCells, range)));
        if !is_recounted(family.record_type) {
            beside.extend(read.into_iter().map(|range| (Uncounted::Corrections, range)));
        }
        let spec = family.record_type.spec();
        // What has not ended has no duration: nothing to put into bins.
        if spec.lifecycle.is_some() && family.held.counts_every_row() {
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
        let mut list: Vec<String> = Vec::new();
        let mut columns: BTreeSet<String> = BTreeSet::new();
        let read: BTreeSet<&str> = terms.iter().filter_map(|term| term.column()).collect();
        for dimension in family.dimensions.iter().filter(|column| read.contains(*column)) {
            list.push(quoted(dimension));
            columns.insert((*dimension).to_owned());
        }
        match (lot.method, family.held) {
            (Method::Set(column), _) => {
                list.push(format!("{} AS value", quoted(column)));
                columns.insert(column.to_owned());
            }
            (Method::Order(_), Held::Bins(column)) if slot.is_none() => {
                list.push(format!("{} AS bin", crate::bins::of_row(column)));
                columns.insert(column.to_owned());
            }
            (Method::Order(_), _) => {
                list.push("bin".to_owned());
                columns.insert("bin".to_owned());
            }
            (Method::Sums, _) => {}
        }
        let is_read =
            |cell: &CellColumn| *cell == CellColumn::Rows || terms.iter().any(|term| term.reads_cell(*cell));
        let cells: Vec<CellColumn> = family.cell_columns().filter(is_read).collect();
        match slot {
            Some(_) => columns.extend(cells.iter().map(|cell| cell.name())),
            None => columns.extend(cells.iter().filter_map(|cell| cell.reads()).map(str::to_owned)),
        }
        let list = |sign: &str| {
            let cells = cells.iter().map(|cell| match slot {
                Some(_) => quoted(&cell.name()),
                None => format!("{} AS {}", cell.of_row_beside(sign), quoted(&cell.name())),
            });
            list.iter().cloned().chain(cells).collect()
        };
        self.relation(table, slot, &list, columns, sql);
    }

    /// Writes a relation with what `list` has, which is told how a row's sign is written, and the keys of lots.
    fn relation(
        &self,
        table: Table,
        slot: Option<Slot>,
        list: &dyn Fn(&str) -> Vec<String>,
        mut columns: BTreeSet<String>,
        sql: &mut SqlText,
    ) {
        let operands = self.dimensions.iter().map(|dimension| &dimension.operand);
        columns.extend(operands.clone().map(|operand| operand.reads().to_owned()));
        let relation = Relation {
            spec: self.query.source.record_type.spec(),
            table,
            select: &|sign, sql| {
                let mut select = SqlText::default();
                select.push(&list(sign).join(", "));
                self.keys(slot, &mut select);
                if select.as_str().is_empty() {
                    select.push("1 AS one");
                }
                sql.append(select);
            },
            columns,
            reads_workflow: operands
                .clone()
                .any(|operand| matches!(operand, Operand::Workflow(_))),
            filter: &self.query.filter,
            is_measured: true,
        };
        relation.write_apart(self.plan.scoped().visible(), self.dialect, sql);
    }

    /// Appends the keys of lots to what a relation gives.
    fn keys(&self, slot: Option<Slot>, select: &mut SqlText) {
        for (at, dimension) in self.dimensions.iter().enumerate() {
            self.dialect.operand(&dimension.operand, comma(select));
            select.push(&format!(" AS d{at}"));
        }
        if let Some(series) = self.series {
            comma(select);
            match slot.is_some_and(Slot::is_local) {
                true => {
                    select.push(&self.dialect.local_bucket_key(series.buckets.granularity));
                }
                false => self.dialect.bucket_key(&series.buckets, select),
            }
            select.push(" AS bucket");
        }
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
    fn term_of_cells(&self, family: &Family, term: Term) -> String {
        let of =
            |function: &str, cell: CellColumn| format!("{function}({})", self.dialect.quoted(&cell.name()));
        match term {
            Term::Unattributed => of("sum", CellColumn::Unattributed),
            Term::Conflicts => of("sum", CellColumn::Conflicts),
            Term::Count(Counted::Known(column)) => of("sum", CellColumn::Known(column)),
            Term::Count(_) => of("sum", CellColumn::Rows),
            Term::Sum(Values { column, .. }) if family.has_spans_of(column) => {
                of("sum", CellColumn::Total(column))
            }
            Term::Sum(Values { column, .. }) => self.dialect.sum_of_parts(
                &CellColumn::SumHigh(column).name(),
                &CellColumn::SumLow(column).name(),
            ),
            Term::Least(values) => of("min", CellColumn::Least(values.column)),
            Term::Greatest(values) => of("max", CellColumn::Greatest(values.column)),
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
