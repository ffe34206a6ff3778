//! Cells from which nothing can be taken back: least and greatest values, and sums of floating-point numbers. Where rows
//! that they count have left or changed, the slots of those rows are counted again: the finest from the rows that there
//! are now, and coarser ones from the cells of finer ones where they can be.

use duckdb::Connection;
use jiff::tz::TimeZone;
use tacho_core::record::RecordType;
use tacho_core::time::TimeRange;
use tacho_store::cubes::{Family, columns_read, families};
use tacho_store::slots::{Slot, calendar};
use tacho_store::{CellsCut, Lsn};

use super::{corrections, count_sql, key_names, of_parts, quoted, time_range};

/// Stretches of time that are read apart; of more, everything in between is read too.
const STRETCHES_MAX: usize = 16;
/// Clocks are moved by less than that.
const MOVED_US_MAX: i64 = 48 * 3_600_000_000;

/// Counts the slots again in which the corrected rows of a type lay or lie, and takes the corrections away. Rows above the
/// cells' position stay uncounted. `cut` is how the cells are cut.
///
/// # Errors
/// Whatever DuckDB says.
pub(crate) fn recount(
    connection: &Connection,
    record_type: RecordType,
    cells_lsn: Lsn,
    cut: &CellsCut,
) -> Result<(), duckdb::Error> {
    let zone = TimeZone::get(&cut.zone).unwrap_or(TimeZone::UTC);
    let corrections = corrections(record_type);
    let corrected = time_range(connection, &format!("SELECT event_time FROM \"{corrections}\""))?;
    for family in families(record_type) {
        let mut finer = None;
        for slot in family.slots.iter().rev() {
            let cube = Recounted::of(connection, family, *slot, finer, corrected, &zone, cut)?;
            connection.execute_batch(&cube.sql(cells_lsn))?;
            finer = Some(*slot);
        }
    }
    connection.execute_batch(&format!("DELETE FROM \"{corrections}\";"))
}

/// A cube and its slots that are counted again, all of them at once.
struct Recounted {
    family: &'static Family,
    slot: Slot,
    /// Of which finer cube its cells can be made, if so.
    made_of: Option<Slot>,
    /// The slot in which a row lies, or a cell of that cube.
    slot_of_row: String,
    /// A query for the slots.
    slots: String,
    /// Between which instants their rows lie, and few others.
    stretches: Vec<(i64, i64)>,
}

impl Recounted {
    /// `finer` is the cube that has just been counted again.
    fn of(
        connection: &Connection,
        family: &'static Family,
        slot: Slot,
        finer: Option<Slot>,
        corrected: TimeRange,
        zone: &TimeZone,
        cut: &CellsCut,
    ) -> Result<Self, duckdb::Error> {
        // Rows of the same slots lie that far off at most.
        let longest = slot.carried_us_max() + MOVED_US_MAX;
        let near = TimeRange {
            start: corrected.start.plus_micros(-longest),
            end: corrected.end.plus_micros(longest),
        };
        let calendar = calendar(near, zone);
        let slot_of_row = slot.of_row(&calendar);
        let slots = format!(
            "SELECT {slot_of_row} FROM \"{}\"",
            corrections(family.record_type)
        );
        let carried: Vec<i64> = connection
            .prepare(&format!(
                "SELECT DISTINCT epoch_us(slot) FROM ({slots}) AS slots (slot) ORDER BY ALL"
            ))?
            .query_map([], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        let offsets = calendar.iter().map(|segment| match slot.is_local() {
            true => segment.offset_us(),
            false => 0,
        });
        let (least, greatest) = offsets.fold((i64::MAX, i64::MIN), |(least, greatest), offset| {
            (least.min(offset), greatest.max(offset))
        });
        let instants = carried
            .into_iter()
            .map(|start| (start - greatest, start + slot.carried_us_max() - least));
        Ok(Self {
            family,
            slot,
            // Where the finer cells are kept no longer, there is nothing to make them of.
            made_of: finer
                .filter(|_| near.start >= cut.quarter_hours_since)
                .filter(|finer| slot.is_made_of(*finer, &calendar)),
            slot_of_row,
            slots,
            stretches: stretches(instants),
        })
    }

    /// What counts the slots again.
    fn sql(&self, cells_lsn: Lsn) -> String {
        let table = self.family.table(self.slot);
        let count = match self.made_of {
            Some(finer) => format!(
                "INSERT INTO \"{table}\" SELECT slot, {keys}, {} FROM (SELECT {} AS slot, * FROM ({}) AS near) AS cells \
                 WHERE slot IN ({}) GROUP BY slot, {keys}",
                of_parts(self.family),
                self.slot_of_row,
                self.near("*", &self.family.table(finer), "true"),
                self.slots,
                keys = key_names(self.family),
            ),
            None => {
                let record_type = self.family.record_type;
                let columns = quoted(columns_read(record_type)).join(", ");
                let counted = format!("lsn <= {cells_lsn}");
                let rows = format!(
                    "SELECT {columns}, 1 AS sign FROM ({}) AS near WHERE {} IN ({})",
                    self.near(&columns, record_type.as_str(), &counted),
                    self.slot_of_row,
                    self.slots
                );
                count_sql(self.family, self.slot, &self.slot_of_row, &rows)
            }
        };
        format!(
            "DELETE FROM \"{table}\" WHERE event_time IN ({});{count};",
            self.slots
        )
    }

    /// What lies in the stretches of a table.
    fn near(&self, columns: &str, table: &str, condition: &str) -> String {
        let stretches = self.stretches.iter().map(|(from, to)| {
            format!(
                "SELECT {columns} FROM \"{table}\" WHERE {condition} \
                 AND event_time >= make_timestamp({from}) AND event_time < make_timestamp({to})"
            )
        });
        stretches.collect::<Vec<_>>().join(" UNION ALL ")
    }
}

/// Joins ranges that touch each other; they come in the order of their starts.
fn stretches(ranges: impl Iterator<Item = (i64, i64)>) -> Vec<(i64, i64)> {
    let mut stretches: Vec<(i64, i64)> = Vec::new();
    for (from, to) in ranges {
        match stretches.last_mut() {
            Some(last) if from <= last.1 => last.1 = to,
            _ => stretches.push((from, to)),
        }
    }
    match stretches[..] {
        [first, .., last] if stretches.len() > STRETCHES_MAX => vec![(first.0, last.1)],
        _ => stretches,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_that_lie_apart_are_read_apart_if_they_are_few() {
        let slots = |starts: &[i64]| stretches(starts.iter().map(|start| (*start, start + 10)));
        assert_eq!(slots(&[]), []);
        assert_eq!(slots(&[0, 10, 15, 40]), [(0, 25), (40, 50)]);
        let far: Vec<i64> = (0..17).map(|number| number * 100).collect();
        assert_eq!(slots(&far[1..]).len(), STRETCHES_MAX);
        assert_eq!(slots(&far), [(0, 1_610)]);
    }
}
