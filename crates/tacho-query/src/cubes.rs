//! Cubes: sums over rows that a store keeps beside them, so that a question about a year reads thousands of cells and not
//! millions of rows. Declared once here; a store makes the tables, the planner reads them.
//!
//! A *cell* holds, for a slot of time and values of the dimensions, how many rows there are and the sums of their
//! columns. Cells add up: a cell may lie in several parts, and parts may be negative. At any moment
//!
//! ```text
//! answer = cells up to P + rows above P + corrections,
//! ```
//!
//! where P is the position up to which the store has put rows into cells. A row that leaves the store (or changes its
//! place in the cells) at or below P leaves a correction: its image with the sign -1 (or +1 for what it is now). When
//! the store moves P, the rows above it and the corrections go into the cells.

use std::collections::BTreeSet;

use tacho_core::record::RecordType;
use tacho_core::time::{TimeRange, Timestamp};

use crate::buckets::{Buckets, Segment};
use crate::model::{Aggregate, Counted, Form, Measure};
use crate::scope::has_column;

/// Cubes of one record type that differ only in their slots.
#[derive(Debug, PartialEq, Eq)]
pub struct Family {
    /// Its name among those of its type.
    pub name: &'static str,
    /// Whose rows it sums up: those that have ended, if the type has such that have not.
    pub record_type: RecordType,
    /// Columns by whose values cells are told apart.
    pub dimensions: &'static [&'static str],
    /// Columns of whole numbers that are summed.
    pub sums: &'static [&'static str],
    /// Its cubes, coarsest first.
    pub slots: &'static [Slot],
}

/// The length of time that a cell covers. Slots begin at its multiples since 1970 in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Slot {
    /// 15 minutes: every offset that a zone has had since 1986 is a multiple of it, so that such cells make up the hours
    /// and days of every zone.
    QuarterHour,
    /// A day.
    Day,
}

impl Slot {
    /// Its length in microseconds.
    pub const fn micros(self) -> i64 {
        match self {
            Slot::QuarterHour => 900_000_000,
            Slot::Day => 86_400_000_000,
        }
    }

    /// Whether each slot lies in one hour by the clock on the wall, wherever the zone's offset lies.
    pub fn lies_in_one_hour(self, calendar: &[Segment]) -> bool {
        self == Slot::QuarterHour
            && calendar.iter().all(|segment| {
                segment.offset_us() % self.micros() == 0
                    && segment
                        .start
                        .is_none_or(|start| start.as_micros() % self.micros() == 0)
            })
    }

    const fn suffix(self) -> &'static str {
        match self {
            Slot::QuarterHour => "quarter_hour",
            Slot::Day => "day",
        }
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
        }
    }

    /// What one row adds to it, as plain SQL over the row's columns.
    pub fn of_row(self) -> String {
        let one_if = |condition: String| format!("CASE WHEN {condition} THEN 1 ELSE 0 END");
        match self {
            CellColumn::Rows => "1".to_owned(),
            CellColumn::Unattributed => one_if("\"workflow_id\" IS NULL".to_owned()),
            CellColumn::Conflicts => one_if("\"conflicts\" <> 0".to_owned()),
            CellColumn::Known(column) => one_if(format!("\"{column}\" IS NOT NULL")),
            // Both round towards zero, so that they add up for what is less than it, too.
            CellColumn::SumHigh(column) => format!("coalesce(\"{column}\" // {SUM_UNIT}, 0)"),
            CellColumn::SumLow(column) => format!("coalesce(\"{column}\" % {SUM_UNIT}, 0)"),
        }
    }

    /// The row's column that it reads.
    pub const fn reads(self) -> Option<&'static str> {
        match self {
            CellColumn::Rows => None,
            CellColumn::Unattributed => Some("workflow_id"),
            CellColumn::Conflicts => Some("conflicts"),
            CellColumn::Known(column) | CellColumn::SumHigh(column) | CellColumn::SumLow(column) => {
                Some(column)
            }
        }
    }
}

/// Every family. Of those of a type, the ones with fewer cells come first.
pub static FAMILIES: &[Family] = &[
    narrow(RecordType::Execution, &["status", "trigger_type"], OF_EXECUTIONS),
    wide(
        RecordType::Execution,
        &["workflow_id", "workflow_version", "status", "trigger_type"],
        OF_EXECUTIONS,
    ),
    narrow(RecordType::Step, &["status", "wait_kind", "step_type"], OF_STEPS),
    wide(
        RecordType::Step,
        &["workflow_id", "step_name", "step_type", "status", "wait_kind"],
        OF_STEPS,
    ),
    narrow(RecordType::Cost, &["action_type", "is_estimate"], OF_COSTS),
    wide(
        RecordType::Cost,
        &["workflow_id", "action_type", "is_estimate"],
        OF_COSTS,
    ),
    narrow(RecordType::Activity, &["action", "feature"], &["duration_ms"]),
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
    narrow(RecordType::Recovery, &["strategy", "status"], &["duration_ms"]),
    wide(
        RecordType::Recovery,
        &["workflow_id", "strategy", "status"],
        &["duration_ms"],
    ),
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
        sums,
        slots: &[Slot::Day, Slot::QuarterHour],
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
        sums,
        slots: &[Slot::Day],
    }
}

/// The families of a type.
pub fn families(record_type: RecordType) -> impl Iterator<Item = &'static Family> {
    FAMILIES
        .iter()
        .filter(move |family| family.record_type == record_type)
}

/// The columns of a type's rows that its cubes read: what a correction has to keep of a row. Empty if it has no cubes.
pub fn columns_read(record_type: RecordType) -> BTreeSet<&'static str> {
    let mut columns = BTreeSet::new();
    for family in families(record_type) {
        columns.insert("event_time");
        columns.extend(family.dimensions);
        columns.extend(family.cell_columns().filter_map(CellColumn::reads));
    }
    columns
}

impl Family {
    /// The table of one of its cubes.
    pub fn table(&self, slot: Slot) -> String {
        format!("{}_{}_{}", self.record_type.as_str(), self.name, slot.suffix())
    }

    /// What each cell holds, besides `event_time` (the start of its slot) and the dimensions.
    pub fn cell_columns(&self) -> impl Iterator<Item = CellColumn> {
        let unattributed =
            has_column(self.record_type.spec(), "workflow_id").then_some(CellColumn::Unattributed);
        let counts = [CellColumn::Rows, CellColumn::Conflicts];
        let sums = self.sums.iter().flat_map(|column| {
            [
                CellColumn::Known(column),
                CellColumn::SumHigh(column),
                CellColumn::SumLow(column),
            ]
        });
        counts.into_iter().chain(unattributed).chain(sums)
    }

    /// Whether cells are enough to work the measure out.
    pub fn has(&self, measure: &Measure) -> bool {
        let has_values = |column: &str| self.sums.contains(&column);
        let has_counted = |counted: Counted| match counted {
            Counted::Rows => true,
            Counted::In(column, _) | Counted::True(column) => self.dimensions.contains(&column),
            Counted::Known(column) => self.dimensions.contains(&column) || has_values(column),
        };
        match measure.aggregate {
            Aggregate::Count(_) | Aggregate::Percent { .. } => measure.aggregate.counted().all(has_counted),
            Aggregate::Sum(values) | Aggregate::Average(values) => {
                values.form != Form::Float && has_values(values.column)
            }
            Aggregate::SumPer(values, counted) => {
                values.form != Form::Float && has_values(values.column) && has_counted(counted)
            }
            Aggregate::Minimum(_)
            | Aggregate::Maximum(_)
            | Aggregate::Quantile(..)
            | Aggregate::Distinct(_) => false,
        }
    }
}

/// A stretch of the range asked about, and what it is read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    /// The cube, or the rows themselves.
    pub slot: Option<Slot>,
    /// The stretch.
    pub range: TimeRange,
}

/// Cuts a range into stretches of whole slots, as coarse as can be, and of rows where no slot fits; in order of time.
pub fn cover(range: TimeRange, slots: &[Slot]) -> Vec<Piece> {
    let mut pieces = Vec::new();
    cut(range, slots, &mut pieces);
    pieces
}

fn cut(range: TimeRange, slots: &[Slot], pieces: &mut Vec<Piece>) {
    if range.start >= range.end {
        return;
    }
    let Some((slot, finer)) = slots.split_first() else {
        pieces.push(Piece { slot: None, range });
        return;
    };
    let micros = slot.micros();
    let start = Timestamp::from_micros(-((-range.start.as_micros()).div_euclid(micros)) * micros);
    let end = Timestamp::from_micros(range.end.as_micros().div_euclid(micros) * micros);
    if start >= end {
        return cut(range, finer, pieces);
    }
    let before = TimeRange {
        start: range.start,
        end: start,
    };
    cut(before, finer, pieces);
    pieces.push(Piece {
        slot: Some(*slot),
        range: TimeRange { start, end },
    });
    let after = TimeRange {
        start: end,
        end: range.end,
    };
    cut(after, finer, pieces);
}

/// The slots that lie in one bucket each.
pub fn slots_within(buckets: &Buckets, slots: &[Slot]) -> Vec<Slot> {
    let fits = |slot: &Slot| {
        let starts = buckets.buckets.iter().skip(1).map(|bucket| bucket.start);
        // Where a clock goes back over midnight, a day comes again without beginning again.
        let moved = buckets.segments.iter().filter_map(|segment| segment.start);
        starts.chain(moved).all(|at| at.as_micros() % slot.micros() == 0)
    };
    slots.iter().copied().filter(fits).collect()
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;
    use proptest::prelude::*;

    use super::*;
    use crate::granularity::Granularity;

    const BOTH: &[Slot] = &[Slot::Day, Slot::QuarterHour];

    fn range(from: &str, to: &str) -> TimeRange {
        TimeRange {
            start: from.parse().unwrap(),
            end: to.parse().unwrap(),
        }
    }

    fn covered(from: &str, to: &str) -> Vec<(Option<Slot>, String)> {
        let pieces = cover(range(from, to), BOTH).into_iter();
        pieces
            .map(|piece| (piece.slot, piece.range.start.to_string()))
            .collect()
    }

    #[test]
    fn every_declaration_is_sound() {
        let mut tables = BTreeSet::new();
        for family in FAMILIES {
            let spec = family.record_type.spec();
            for column in family.dimensions.iter().chain(family.sums) {
                assert!(has_column(spec, column), "{} has no {column}", spec.name);
            }
            assert!(
                family
                    .sums
                    .iter()
                    .all(|column| !family.dimensions.contains(column))
            );
            assert!(family.slots.is_sorted_by(|one, finer| one > finer));
            for slot in family.slots {
                assert!(tables.insert(family.table(*slot)));
            }
        }
    }

    #[test]
    fn the_coarsest_slots_lie_in_the_middle() {
        assert_eq!(
            covered("2026-11-01T22:50:30Z", "2026-11-04T00:20:00Z"),
            [
                (None, "2026-11-01T22:50:30Z".to_owned()),
                (Some(Slot::QuarterHour), "2026-11-01T23:00:00Z".to_owned()),
                (Some(Slot::Day), "2026-11-02T00:00:00Z".to_owned()),
                (Some(Slot::QuarterHour), "2026-11-04T00:00:00Z".to_owned()),
                (None, "2026-11-04T00:15:00Z".to_owned()),
            ]
        );
        assert_eq!(
            covered("2026-11-02T00:00:00Z", "2026-11-03T00:00:00Z"),
            [(Some(Slot::Day), "2026-11-02T00:00:00Z".to_owned())]
        );
        assert_eq!(
            covered("2026-11-02T00:01:00Z", "2026-11-02T00:09:00Z"),
            [(None, "2026-11-02T00:01:00Z".to_owned())]
        );
    }

    #[test]
    fn slots_that_cut_a_bucket_are_not_used() {
        let of = |granularity, zone: &str| {
            let zone = TimeZone::get(zone).unwrap();
            let range = range("2026-03-01T00:00:00Z", "2026-04-10T00:00:00Z");
            slots_within(&Buckets::of(range, granularity, &zone), BOTH)
        };
        assert_eq!(of(Granularity::Day, "UTC"), BOTH);
        assert_eq!(of(Granularity::Day, "Europe/Berlin"), [Slot::QuarterHour]);
        assert_eq!(of(Granularity::Day, "Asia/Kathmandu"), [Slot::QuarterHour]);
        assert_eq!(of(Granularity::Month, "Australia/Lord_Howe"), [Slot::QuarterHour]);
        let minutes = Buckets::of(
            range("2026-03-01T00:00:00Z", "2026-03-01T00:30:00Z"),
            Granularity::Minute,
            &TimeZone::UTC,
        );
        assert_eq!(slots_within(&minutes, BOTH), []);
    }

    proptest! {
        /// Law: the pieces are the range, without a gap and without an overlap, and each is made of whole slots.
        #[test]
        fn pieces_make_up_the_range(start in 0i64..4_000_000_000_000_000, length in 1i64..40_000_000_000_000) {
            let range = TimeRange { start: Timestamp::from_micros(start), end: Timestamp::from_micros(start + length) };
            let pieces = cover(range, BOTH);
            let mut at = range.start;
            for piece in &pieces {
                prop_assert_eq!(piece.range.start, at);
                prop_assert!(piece.range.end > at);
                at = piece.range.end;
                if let Some(slot) = piece.slot {
                    prop_assert_eq!(piece.range.start.as_micros() % slot.micros(), 0);
                    prop_assert_eq!(piece.range.end.as_micros() % slot.micros(), 0);
                }
            }
            prop_assert_eq!(at, range.end);
            prop_assert!(pieces.len() <= 5);
        }
    }
}
