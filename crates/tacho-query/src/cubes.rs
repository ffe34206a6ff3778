//! Cubes: what is counted of rows and kept beside them, so that a question about a year reads thousands of cells and not
//! millions of rows. Declared once here; a store makes the tables, the planner reads them.
//!
//! A *cell* holds, for a slot of time and values of the keys, how many rows there are and what is made of their columns:
//! sums, and of some the least and the greatest value. Two cells make one, so that a cell may lie in several parts. At
//! any moment
//!
//! ```text
//! answer = cells up to P + rows above P + corrections,
//! ```
//!
//! where P is the position up to which the store has put rows into cells. A row that leaves the store (or changes its
//! place in the cells) at or below P leaves a correction: its image with the sign -1 (or +1 for what it is now). When
//! the store moves P, the rows above it and the corrections go into the cells. So parts of a cell may be negative.
//!
//! Where a range cuts a slot, the cells of the whole slot may serve too: the rows that they count beyond the range, those
//! up to P, are then read with the sign -1. [`crate::plan`] says when that pays.
//!
//! Least and greatest values cannot be taken back, and floating-point numbers that are taken back leave a residue. Of
//! types that have such cells ([`is_recounted`]) no part is negative and no correction waits: where a row at or below P
//! leaves or changes, the store counts the rows of its slots again before it commits.
//!
//! Slots of a day and more are those of the organization's zone; [`crate::slots`] has them.

use std::collections::BTreeSet;

use tacho_core::record::RecordType;

use crate::bins;
use crate::model::{Aggregate, Counted, Form, Measure, Values};
use crate::scope::has_column;
use crate::slots::Slot;

/// Cubes of one record type that differ only in their slots.
#[derive(Debug, PartialEq, Eq)]
pub struct Family {
    /// Its name among those of its type.
    pub name: &'static str,
    /// Whose rows it counts: those that have ended, if the type has such that have not.
    pub record_type: RecordType,
    /// Columns by whose values cells are told apart.
    pub dimensions: &'static [&'static str],
    /// What cells hold.
    pub held: Held,
    /// Its cubes, coarsest first.
    pub slots: &'static [Slot],
    /// For bins: so many times the rows up to which quantiles are exact must there be, for reading the cells to be faster
    /// than putting the values themselves in order.
    pub pays_above: u64,
}

/// What cells hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Held {
    /// How many rows there are, and the sums of these columns of whole numbers.
    Sums(&'static [&'static str]),
    /// The same, and for each of `spans` how many rows have a value, and their total, least and greatest value.
    Spans {
        /// Columns of whole numbers of which only sums are asked for. They stay exact beyond 2^53.
        sums: &'static [&'static str],
        /// Columns of numbers. Totals are floating-point: those of whole numbers are exact up to 2^53.
        spans: &'static [&'static str],
    },
    /// How many rows have a value in each [bin](crate::bins) of this column.
    Bins(&'static str),
}

impl Held {
    /// Columns of whole numbers of which there are exact sums.
    const fn sums(self) -> &'static [&'static str] {
        match self {
            Held::Sums(sums) | Held::Spans { sums, .. } => sums,
            Held::Bins(_) => &[],
        }
    }

    /// Columns of which there are totals, least and greatest values.
    const fn spans(self) -> &'static [&'static str] {
        match self {
            Held::Spans { spans, .. } => spans,
            Held::Sums(_) | Held::Bins(_) => &[],
        }
    }

    /// Whether every row is counted, whatever its columns hold.
    pub const fn counts_every_row(self) -> bool {
        !matches!(self, Held::Bins(_))
    }
}

/// What tells cells of one slot apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// The value of a column.
    Column(&'static str),
    /// The user of a row without a workflow, on whom it depends which members may see the row.
    LoneUser,
    /// The bin of a column's value.
    Bin(&'static str),
}

impl Key {
    /// Its name in a cube's table.
    pub fn name(self) -> &'static str {
        match self {
            Key::Column(column) => column,
            Key::LoneUser => "user_id",
            Key::Bin(_) => "bin",
        }
    }

    /// What it is of a row, as plain SQL over the row's columns.
    pub fn of_row(self) -> String {
        match self {
            Key::Column(column) => format!("\"{column}\""),
            Key::LoneUser => "CASE WHEN \"workflow_id\" IS NULL THEN \"user_id\" END".to_owned(),
            Key::Bin(column) => bins::of_row(column),
        }
    }

    /// The row's columns that it reads.
    pub fn reads(self) -> impl Iterator<Item = &'static str> {
        let (one, other) = match self {
            Key::Column(column) | Key::Bin(column) => (column, None),
            Key::LoneUser => ("user_id", Some("workflow_id")),
        };
        std::iter::once(one).chain(other)
    }
}

/// How many rows a cell's column counts, or what it sums.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CellColumn {
    /// How many rows.
    Rows,
    /// How many of them belong to no workflow, where rows do.
    Unattributed,
    /// About how many of them senders contradict each other.
    Conflicts,
    /// How many have a value in a column.
    Known(&'static str),
    /// The sum of a column, without its remainder by 2^32, in units of that.
    SumHigh(&'static str),
    /// The sum of those remainders. In two parts a sum of two thousand million values of 64 bits fits into 64 bits each,
    /// which engines store small and add up fast.
    SumLow(&'static str),
    /// The sum of a column as a floating-point number; null if no row has a value.
    Total(&'static str),
    /// The least value of a column, as the column holds it; null if no row has one.
    Least(&'static str),
    /// The greatest value of a column, likewise.
    Greatest(&'static str),
}

/// What one of [`CellColumn::SumHigh`] stands for.
pub const SUM_UNIT: i64 = 1 << 32;

impl CellColumn {
    /// Its name in a cube's table.
    pub fn name(self) -> String {
        match self {
            CellColumn::Rows => "n".to_owned(),
            CellColumn::Unattributed => "unattributed".to_owned(),
            CellColumn::Conflicts => "conflicting".to_owned(),
            CellColumn::Known(column) => format!("known_{column}"),
            CellColumn::SumHigh(column) => format!("high_{column}"),
            CellColumn::SumLow(column) => format!("low_{column}"),
            CellColumn::Total(column) => format!("total_{column}"),
            CellColumn::Least(column) => format!("least_{column}"),
            CellColumn::Greatest(column) => format!("greatest_{column}"),
        }
    }

    /// What makes one of its parts in several cells, as plain SQL.
    pub fn of_parts(self) -> String {
        let name = self.name();
        match self {
            CellColumn::Total(_) => format!("sum(\"{name}\")"),
            CellColumn::Least(_) => format!("min(\"{name}\")"),
            CellColumn::Greatest(_) => format!("max(\"{name}\")"),
            _ => format!("CAST(sum(\"{name}\") AS BIGINT)"),
        }
    }

    /// Whether it is of whole numbers that add up, so that one can be taken back.
    pub const fn is_signed(self) -> bool {
        !matches!(
            self,
            CellColumn::Total(_) | CellColumn::Least(_) | CellColumn::Greatest(_)
        )
    }

    /// What one row adds to it, as plain SQL over the row's columns and its `sign`: always 1 where it is not signed.
    pub fn of_row(self) -> String {
        self.of_signed_row("sign")
    }

    fn of_signed_row(self, sign: &str) -> String {
        let if_so = |condition: String| format!("CASE WHEN {condition} THEN {sign} ELSE 0 END");
        match self {
            CellColumn::Rows => sign.to_owned(),
            CellColumn::Unattributed => if_so("\"workflow_id\" IS NULL".to_owned()),
            CellColumn::Conflicts => if_so("\"conflicts\" <> 0".to_owned()),
            CellColumn::Known(column) => if_so(format!("\"{column}\" IS NOT NULL")),
            // Bits, because dividing takes ten times as long.
            CellColumn::SumHigh(column) => format!("{sign} * coalesce(\"{column}\" >> 32, 0)"),
            CellColumn::SumLow(column) => {
                format!("{sign} * coalesce(\"{column}\" & {}, 0)", SUM_UNIT - 1)
            }
            CellColumn::Total(column) => format!("CAST(\"{column}\" AS DOUBLE)"),
            CellColumn::Least(column) | CellColumn::Greatest(column) => format!("\"{column}\""),
        }
    }

    /// The same of a row that is read beside cells, whose sign is written so: there the sum need not be split.
    pub fn of_row_beside(self, sign: &str) -> String {
        match self {
            CellColumn::SumHigh(_) => "0".to_owned(),
            CellColumn::SumLow(column) if sign == "1" => format!("\"{column}\""),
            CellColumn::SumLow(column) => format!("{sign} * \"{column}\""),
            _ => self.of_signed_row(sign),
        }
    }

    /// The row's column that it reads.
    pub const fn reads(self) -> Option<&'static str> {
        match self {
            CellColumn::Rows => None,
            CellColumn::Unattributed => Some("workflow_id"),
            CellColumn::Conflicts => Some("conflicts"),
            CellColumn::Known(column)
            | CellColumn::SumHigh(column)
            | CellColumn::SumLow(column)
            | CellColumn::Total(column)
            | CellColumn::Least(column)
            | CellColumn::Greatest(column) => Some(column),
        }
    }
}

/// Every family. Of those of a type that serve the same, the ones with fewer cells come first.
pub static FAMILIES: &[Family] = &[
    narrow(RecordType::Execution, &["status", "trigger_type"], OF_EXECUTIONS),
    wide(
        RecordType::Execution,
        &["workflow_id", "workflow_version", "status", "trigger_type"],
        OF_EXECUTIONS,
    ),
    users(RecordType::Execution, &["user_id", "status"], OF_EXECUTIONS),
    // Beside the others and not in them: they would have several times as many cells, which few questions need.
    Family {
        name: "reasons",
        ..narrow(RecordType::Execution, &["status", "error_type"], &[])
    },
    spread(RecordType::Execution, &["status"], "duration_ms"),
    wide_spread(RecordType::Execution, &["workflow_id", "status"], "duration_ms"),
    narrow(RecordType::Step, &["status", "wait_kind", "step_type"], OF_STEPS),
    wide(
        RecordType::Step,
        &["workflow_id", "step_name", "step_type", "status", "wait_kind"],
        OF_STEPS,
    ),
    spread(
        RecordType::Step,
        &["status", "wait_kind", "step_type"],
        "duration_ms",
    ),
    wide_spread(
        RecordType::Step,
        &["workflow_id", "step_name", "status", "wait_kind"],
        "duration_ms",
    ),
    narrow(RecordType::Cost, &["action_type", "is_estimate"], OF_COSTS),
    wide(
        RecordType::Cost,
        &["workflow_id", "action_type", "is_estimate"],
        OF_COSTS,
    ),
    users(
        RecordType::Cost,
        &["user_id", "action_type", "is_estimate"],
        OF_COSTS,
    ),
    narrow(RecordType::Activity, &["action", "feature"], &["duration_ms"]),
    users(
        RecordType::Activity,
        &["user_id", "action", "feature"],
        &["duration_ms"],
    ),
    narrow(RecordType::Conversation, &["status", "channel"], &[]),
    wide(
        RecordType::Conversation,
        &["workflow_id", "status", "channel"],
        &[],
    ),
    narrow(
        RecordType::Message,
        &["direction", "is_success", "is_fallback", "is_handoff"],
        OF_MESSAGES,
    ),
    wide(
        RecordType::Message,
        &[
            "workflow_id",
            "direction",
            "is_success",
            "is_fallback",
            "is_handoff",
        ],
        OF_MESSAGES,
    ),
    spread(RecordType::Message, &["direction"], "response_time_ms"),
    wide_spread(
        RecordType::Message,
        &["workflow_id", "direction"],
        "response_time_ms",
    ),
    narrow(RecordType::Recovery, &["strategy", "status"], &["duration_ms"]),
    wide(
        RecordType::Recovery,
        &["workflow_id", "strategy", "status"],
        &["duration_ms"],
    ),
    Family {
        held: Held::Spans {
            sums: &[],
            spans: &["value"],
        },
        ..narrow(RecordType::Metric, &["name", "kind"], &[])
    },
    Family {
        held: OF_RESOURCES,
        ..narrow(RecordType::Resource, &["host"], &[])
    },
    // An execution has many samples in a quarter of an hour; and they often learn of it late, when all rows of the finest
    // slot are counted again.
    Family {
        held: OF_RESOURCES,
        slots: &[Slot::Day, Slot::QuarterHour],
        ..wide(RecordType::Resource, &["workflow_id", "host"], &[])
    },
];

const OF_EXECUTIONS: &[&str] = &[
    "duration_ms",
    "cost_usd_micros",
    "credits_millis",
    "items_processed",
];
const OF_STEPS: &[&str] = &["duration_ms", "credits_millis", "input_bytes", "output_bytes"];
const OF_COSTS: &[&str] = &["amount_usd_micros", "credits_millis"];
const OF_MESSAGES: &[&str] = &[
    "response_time_ms",
    "knowledge_base_hits",
    "tokens_in",
    "tokens_out",
    "cost_usd_micros",
];

const OF_RESOURCES: Held = Held::Spans {
    sums: &[
        "disk_read_bytes",
        "disk_write_bytes",
        "network_receive_bytes",
        "network_send_bytes",
    ],
    spans: &[
        "cpu_percent",
        "memory_mb",
        "gpu_percent",
        "gpu_memory_mb",
        "disk_percent",
        "queue_depth",
    ],
};

/// A family of a few cells for each quarter of an hour.
const fn narrow(
    record_type: RecordType,
    dimensions: &'static [&'static str],
    sums: &'static [&'static str],
) -> Family {
    Family {
        name: "narrow",
        record_type,
        dimensions,
        held: Held::Sums(sums),
        slots: &[Slot::Day, Slot::QuarterHour],
        pays_above: 1,
    }
}

/// A family that tells workflows apart. With hundreds of them, shorter slots than a day would hold a row or two each.
const fn wide(
    record_type: RecordType,
    dimensions: &'static [&'static str],
    sums: &'static [&'static str],
) -> Family {
    Family {
        name: "wide",
        record_type,
        dimensions,
        held: Held::Sums(sums),
        slots: &[Slot::Month, Slot::Day],
        pays_above: 1,
    }
}

/// A family that tells users apart, and so counts them.
const fn users(
    record_type: RecordType,
    dimensions: &'static [&'static str],
    sums: &'static [&'static str],
) -> Family {
    Family {
        name: "users",
        record_type,
        dimensions,
        held: Held::Sums(sums),
        slots: &[Slot::Day],
        pays_above: 1,
    }
}

/// A family of how the values of a column are spread.
const fn spread(
    record_type: RecordType,
    dimensions: &'static [&'static str],
    column: &'static str,
) -> Family {
    Family {
        name: "spread",
        record_type,
        dimensions,
        held: Held::Bins(column),
        slots: &[Slot::Day],
        pays_above: 1,
    }
}

/// The same by workflow. A cell of a day would hold a row or two.
const fn wide_spread(
    record_type: RecordType,
    dimensions: &'static [&'static str],
    column: &'static str,
) -> Family {
    Family {
        name: "wide_spread",
        record_type,
        dimensions,
        held: Held::Bins(column),
        slots: &[Slot::Month, Slot::Week],
        pays_above: 8,
    }
}

/// The families of a type.
pub fn families(record_type: RecordType) -> impl Iterator<Item = &'static Family> {
    FAMILIES
        .iter()
        .filter(move |family| family.record_type == record_type)
}

/// Whether cells of a type can only grow: where a row that they count leaves or changes, all rows of its slots are counted
/// again. Such a type has no corrections.
pub fn is_recounted(record_type: RecordType) -> bool {
    families(record_type).any(|family| matches!(family.held, Held::Spans { .. }))
}

/// The columns of a type's rows that its cubes read: what a correction has to keep of a row. Empty if it has no cubes.
pub fn columns_read(record_type: RecordType) -> BTreeSet<&'static str> {
    let mut columns = BTreeSet::new();
    for family in families(record_type) {
        columns.insert("event_time");
        columns.extend(family.keys().flat_map(Key::reads));
        columns.extend(family.cell_columns().filter_map(CellColumn::reads));
    }
    columns
}

impl Family {
    /// The table of one of its cubes.
    pub fn table(&self, slot: Slot) -> String {
        format!("{}_{}_{}", self.record_type.as_str(), self.name, slot.as_str())
    }

    /// Whether cells tell apart what every member may see. If so, a cell's `user_id` is that of rows without a workflow.
    pub fn has_lone_users(&self) -> bool {
        self.dimensions.contains(&"workflow_id") && has_column(self.record_type.spec(), "user_id")
    }

    /// What tells cells of one slot apart.
    pub fn keys(&self) -> impl Iterator<Item = Key> {
        let bin = match self.held {
            Held::Sums(_) | Held::Spans { .. } => None,
            Held::Bins(column) => Some(Key::Bin(column)),
        };
        let dimensions = self.dimensions.iter().copied().map(Key::Column);
        dimensions
            .chain(self.has_lone_users().then_some(Key::LoneUser))
            .chain(bin)
    }

    /// What each cell holds, besides `event_time` (the start of its slot) and the keys.
    pub fn cell_columns(&self) -> impl Iterator<Item = CellColumn> {
        let counts_every_row = self.held.counts_every_row();
        let has_workflow = has_column(self.record_type.spec(), "workflow_id");
        let sums = self.held.sums().iter().flat_map(|column| {
            [
                CellColumn::Known(column),
                CellColumn::SumHigh(column),
                CellColumn::SumLow(column),
            ]
        });
        let spans = self.held.spans().iter().flat_map(|column| {
            [
                CellColumn::Known(column),
                CellColumn::Total(column),
                CellColumn::Least(column),
                CellColumn::Greatest(column),
            ]
        });
        std::iter::once(CellColumn::Rows)
            .chain(counts_every_row.then_some(CellColumn::Conflicts))
            .chain((counts_every_row && has_workflow).then_some(CellColumn::Unattributed))
            .chain(sums)
            .chain(spans)
    }

    /// Whether cells hold the total, the least and the greatest value of a column.
    pub fn has_spans_of(&self, column: &str) -> bool {
        self.held.spans().contains(&column)
    }

    /// Which rows it counts, as plain SQL; all of them if there is no condition.
    pub fn counts(&self) -> Option<String> {
        match self.held {
            Held::Sums(_) | Held::Spans { .. } => None,
            Held::Bins(column) => Some(format!("\"{column}\" IS NOT NULL")),
        }
    }

    /// Whether cells are enough to work the measure out, exactly or within the error of bins.
    pub fn has(&self, measure: &Measure) -> bool {
        if let Held::Bins(column) = self.held {
            return matches!(measure.aggregate, Aggregate::Quantile(values, _) if values.column == column);
        }
        let (sums, spans) = (self.held.sums(), self.held.spans());
        let has_span = |values: Values| self.has_spans_of(values.column);
        let has_sum = |values: Values| {
            has_span(values) || (values.form != Form::Float && sums.contains(&values.column))
        };
        let has_counted = |counted: Counted| match counted {
            Counted::Rows => true,
            Counted::In(column, _) | Counted::True(column) => self.dimensions.contains(&column),
            Counted::Known(column) => [self.dimensions, sums, spans]
                .iter()
                .any(|columns| columns.contains(&column)),
        };
        match measure.aggregate {
            Aggregate::Count(_) | Aggregate::Percent { .. } => measure.aggregate.counted().all(has_counted),
            Aggregate::Sum(values) | Aggregate::Average(values) => has_sum(values),
            Aggregate::SumPer(values, counted) | Aggregate::SumOrAverage(values, counted) => {
                has_sum(values) && has_counted(counted)
            }
            Aggregate::Minimum(values) | Aggregate::Maximum(values) => has_span(values),
            Aggregate::Distinct(column) => self.dimensions.contains(&column),
            Aggregate::Quantile(..) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::SOURCES;

    #[test]
    fn every_declaration_is_sound() {
        let mut tables = BTreeSet::new();
        for family in FAMILIES {
            let spec = family.record_type.spec();
            for column in family.keys().flat_map(Key::reads) {
                assert!(has_column(spec, column), "{} has no {column}", spec.name);
            }
            for column in family.cell_columns().filter_map(CellColumn::reads) {
                let is_there = column == "conflicts" || has_column(spec, column);
                assert!(is_there, "{} has no {column}", spec.name);
            }
            let mut names: Vec<String> = family.keys().map(|key| key.name().to_owned()).collect();
            names.extend(family.cell_columns().map(CellColumn::name));
            let all = names.len();
            names.sort();
            names.dedup();
            assert_eq!(names.len(), all, "a name stands twice in {names:?}");
            assert!(family.slots.is_sorted_by(|one, finer| one > finer));
            for slot in family.slots {
                assert!(tables.insert(family.table(*slot)));
            }
            let is_signed = family.cell_columns().all(CellColumn::is_signed);
            assert_ne!(is_signed, is_recounted(family.record_type), "{}", spec.name);
            // What has not ended is in no cell, and would have to be looked for in two tables.
            assert!(is_signed || spec.lifecycle.is_none(), "{}", spec.name);
        }
    }

    /// How many rows there are of each day is known from cells, and whether it pays to read any depends on it.
    #[test]
    fn rows_of_every_source_are_counted_by_the_day() {
        for source in SOURCES {
            let counts =
                |family: &Family| family.held.counts_every_row() && family.slots.contains(&Slot::Day);
            assert!(families(source.record_type).any(counts), "{}", source.name);
        }
    }

    /// The measures that are left to rows, so that none is by mistake.
    #[test]
    fn cells_have_all_but_these() {
        let left = SOURCES.iter().flat_map(|source| {
            let families: Vec<&Family> = families(source.record_type).collect();
            let measures = source.measures.iter();
            let left = measures.filter(move |measure| !families.iter().any(|family| family.has(measure)));
            left.map(move |measure| format!("{}.{}", source.name, measure.name))
        });
        insta::assert_snapshot!(left.collect::<Vec<_>>().join("\n"));
    }
}
