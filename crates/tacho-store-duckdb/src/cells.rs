//! The cubes of a file: their tables, and how rows get into their cells. What cubes there are, what a cell holds and why
//! the sums stay exact is declared in [`tacho_store::cubes`].

mod recount;

use std::collections::HashMap;
use std::time::SystemTime;

use duckdb::Connection;
use jiff::tz::TimeZone;
use tacho_core::record::RecordType;
use tacho_core::time::{TimeRange, Timestamp};
use tacho_store::cubes::{CellColumn, FAMILIES, Family, Key, columns_read, families};
use tacho_store::holdings::Holdings;
use tacho_store::slots::{Slot, calendar};
use tacho_store::tables::columns;
use tacho_store::time::zone_name;
use tacho_store::{CellsCut, Lsn, Target};

use crate::store::in_lsns;

pub(crate) use self::recount::recount;

/// Every cube.
fn cubes() -> impl Iterator<Item = (&'static Family, Slot)> {
    FAMILIES
        .iter()
        .flat_map(|family| family.slots.iter().map(move |slot| (family, *slot)))
}

/// The types that have cubes.
fn types() -> impl Iterator<Item = RecordType> {
    RecordType::ALL
        .into_iter()
        .filter(|record_type| families(*record_type).next().is_some())
}

/// Whether the rows of a table are counted in cells.
pub(crate) fn are_counted(target: Target) -> bool {
    !target.is_open && families(target.record_type).next().is_some()
}

fn corrections(record_type: RecordType) -> String {
    format!("{}_corrections", record_type.as_str())
}

fn sql_type(record_type: RecordType, name: &str) -> &'static str {
    let columns = columns(record_type.spec());
    let declared = columns.iter().find(|column| column.name == name);
    declared.map_or("VARCHAR", |column| column.sql_type)
}

fn key_type(family: &Family, key: Key) -> &'static str {
    match key {
        Key::Bin(_) => "SMALLINT",
        Key::Column(_) | Key::LoneUser => sql_type(family.record_type, key.name()),
    }
}

fn held_type(family: &Family, cell: CellColumn) -> &'static str {
    match cell {
        CellColumn::Total(_) => "DOUBLE",
        CellColumn::Least(column) | CellColumn::Greatest(column) => sql_type(family.record_type, column),
        _ => "BIGINT",
    }
}

fn quoted<'a>(names: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    names.into_iter().map(|name| format!("\"{name}\"")).collect()
}

/// The script that makes the tables. A file keeps it: if it is another one, they are made and filled anew.
fn declaration() -> String {
    let mut script = String::new();
    for record_type in types() {
        let columns: Vec<String> = columns_read(record_type)
            .into_iter()
            .map(|name| format!("\"{name}\" {}", sql_type(record_type, name)))
            .collect();
        script += &format!(
            "CREATE TABLE \"{}\" ({}, sign TINYINT);",
            corrections(record_type),
            columns.join(", ")
        );
    }
    for (family, slot) in cubes() {
        let keys = family
            .keys()
            .map(|key| format!("\"{}\" {}", key.name(), key_type(family, key)));
        let held = family
            .cell_columns()
            .map(|cell| format!("\"{}\" {}", cell.name(), held_type(family, cell)));
        let columns: Vec<String> = keys.chain(held).collect();
        script += &format!(
            "CREATE TABLE \"{}\" (event_time TIMESTAMP, {});",
            family.table(slot),
            columns.join(", ")
        );
    }
    script
}

/// Makes the tables, in place of those that are there, and fills them from all rows. To be called in a transaction.
///
/// # Errors
/// Whatever DuckDB says.
pub(crate) fn make(connection: &Connection, zone: &TimeZone) -> Result<(), duckdb::Error> {
    let mut script = String::new();
    for record_type in types() {
        script += &format!("DROP TABLE IF EXISTS \"{}\";", corrections(record_type));
    }
    for (family, slot) in cubes() {
        script += &format!("DROP TABLE IF EXISTS \"{}\";", family.table(slot));
    }
    script += "CREATE OR REPLACE TABLE tacho_cells (declaration VARCHAR NOT NULL, zone VARCHAR NOT NULL, cells_lsn UBIGINT NOT NULL, quarter_hours_since BIGINT NOT NULL);\
               CREATE OR REPLACE TABLE tacho_compacted (cube VARCHAR NOT NULL, slot TIMESTAMP, cells UBIGINT NOT NULL);";
    connection.execute_batch(&script)?;
    let declaration = declaration();
    connection.execute_batch(&declaration)?;
    connection.execute(
        "INSERT INTO tacho_cells VALUES (?, ?, 0, ?)",
        duckdb::params![&*declaration, zone_name(zone), Timestamp::MIN.as_micros()],
    )?;
    let applied: Lsn = connection.query_row("SELECT applied_lsn FROM tacho_meta", [], |row| row.get(0))?;
    match applied {
        0 => Ok(()),
        _ => count_new(connection, applied, zone),
    }
}

/// Whether the tables are those declared, in that zone.
pub(crate) fn are_current(connection: &Connection, zone: &TimeZone) -> Result<bool, duckdb::Error> {
    // A file of another version may have no such table, or another one.
    let known: i64 = connection.query_row(
        "SELECT count(*) FROM duckdb_columns() WHERE table_name = 'tacho_cells' AND column_name = 'quarter_hours_since'",
        [],
        |row| row.get(0),
    )?;
    if known == 0 {
        return Ok(false);
    }
    connection.query_row(
        "SELECT declaration = ? AND zone = ? FROM tacho_cells",
        [&*declaration(), zone_name(zone)],
        |row| row.get(0),
    )
}

/// The position up to which rows are in cells, and how those are cut.
pub(crate) fn position(connection: &Connection) -> Result<(Lsn, CellsCut), duckdb::Error> {
    let mut statement =
        connection.prepare_cached("SELECT cells_lsn, zone, quarter_hours_since FROM tacho_cells")?;
    statement.query_row([], |row| {
        let cut = CellsCut {
            zone: row.get(1)?,
            quarter_hours_since: Timestamp::from_micros(row.get(2)?),
        };
        Ok((row.get(0)?, cut))
    })
}

/// Takes away the cells of less than a day of before an instant, and notes that there are none. Answers about that time
/// come from days, or from rows. Those that a late row makes there later are never read, and are taken away with the next.
fn drop_quarter_hours(connection: &Connection, since: Timestamp) -> Result<(), duckdb::Error> {
    let (_, cut) = position(connection)?;
    if since <= cut.quarter_hours_since {
        return Ok(());
    }
    let micros = since.as_micros();
    let mut script = format!("UPDATE tacho_cells SET quarter_hours_since = {micros};");
    for (family, slot) in cubes().filter(|(_, slot)| !slot.is_local()) {
        let cube = family.table(slot);
        script += &format!(
            "DELETE FROM \"{cube}\" WHERE event_time < make_timestamp({micros});\
             DELETE FROM tacho_compacted WHERE cube = '{cube}' AND slot < make_timestamp({micros});"
        );
    }
    connection.execute_batch(&script)
}

/// About how many rows there are of each day, as cells and rows that they do not count say.
///
/// # Errors
/// Whatever DuckDB says.
pub(crate) fn holdings(connection: &Connection) -> Result<Holdings, duckdb::Error> {
    let (cells_lsn, cut) = position(connection)?;
    let zone = TimeZone::get(&cut.zone).unwrap_or(TimeZone::UTC);
    let mut days = HashMap::new();
    for family in FAMILIES {
        let Some(slot) = family.slots.iter().find(|slot| **slot == Slot::Day) else {
            continue;
        };
        if !family.held.counts_every_row() || days.contains_key(&family.record_type) {
            continue;
        }
        let name = family.record_type.as_str();
        let range = time_range(connection, &times_above(family.record_type, cells_lsn))?;
        let day = slot.of_row(&calendar(range, &zone));
        let mut sources = vec![
            format!("SELECT event_time AS day, n FROM \"{}\"", family.table(*slot)),
            format!("SELECT {day}, 1 FROM \"{name}\" WHERE lsn > {cells_lsn}"),
            format!("SELECT {day}, sign FROM \"{}\"", corrections(family.record_type)),
        ];
        if family.record_type.spec().lifecycle.is_some() {
            sources.push(format!("SELECT {day}, 1 FROM \"{name}_open\""));
        }
        let sql = format!(
            "SELECT epoch_us(day), CAST(sum(n) AS BIGINT) FROM ({}) AS counted GROUP BY day HAVING sum(n) > 0 ORDER BY day",
            sources.join(" UNION ALL ")
        );
        let mut statement = connection.prepare(&sql)?;
        let rows = statement.query_map([], |row| {
            let day = Timestamp::from_micros(row.get(0)?);
            Ok((Holdings::day_of(&zone, day), row.get::<_, i64>(1)?.unsigned_abs()))
        })?;
        let rows: Vec<(Timestamp, u64)> = rows.collect::<Result<_, _>>()?;
        if !rows.is_empty() {
            days.insert(family.record_type, rows);
        }
    }
    Ok(Holdings {
        zone,
        quarter_hours_since: cut.quarter_hours_since,
        days,
        as_of: Timestamp::from(SystemTime::now()),
    })
}

/// A query for the times of rows that cells do not count.
fn times_above(record_type: RecordType, above: Lsn) -> String {
    let name = record_type.as_str();
    let mut sql = format!(
        "SELECT event_time FROM \"{name}\" WHERE lsn > {above} UNION ALL SELECT event_time FROM \"{}\"",
        corrections(record_type)
    );
    if record_type.spec().lifecycle.is_some() {
        sql += &format!(" UNION ALL SELECT event_time FROM \"{name}_open\"");
    }
    sql
}

/// From the first to after the last of some times; empty if there are none.
fn time_range(connection: &Connection, times: &str) -> Result<TimeRange, duckdb::Error> {
    let sql = format!("SELECT epoch_us(min(event_time)), epoch_us(max(event_time)) FROM ({times}) AS times");
    let (first, last): (Option<i64>, Option<i64>) =
        connection.query_row(&sql, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let start = Timestamp::from_micros(first.unwrap_or(0));
    let end = last.map_or(start, |last| Timestamp::from_micros(last).plus_micros(1));
    Ok(TimeRange { start, end })
}

/// Notes what has to be added to the cells for rows at or below their position: with the sign -1 before the rows leave
/// their table, with +1 after they have come. Says whether there are such rows.
///
/// # Errors
/// Whatever DuckDB says.
pub(crate) fn correct(
    connection: &Connection,
    target: Target,
    lsns: &[Lsn],
    cells_lsn: Lsn,
    sign: i8,
) -> Result<bool, duckdb::Error> {
    let counted: Vec<Lsn> = lsns.iter().copied().filter(|lsn| *lsn <= cells_lsn).collect();
    if counted.is_empty() || !are_counted(target) {
        return Ok(false);
    }
    let names = quoted(columns_read(target.record_type)).join(", ");
    let sql = format!(
        "INSERT INTO \"{}\" ({names}, sign) SELECT {names}, {sign} FROM \"{}\" WHERE {}",
        corrections(target.record_type),
        target.table(),
        in_lsns(&counted)
    );
    connection.execute(&sql, []).map(|rows| rows > 0)
}

/// Puts the rows above the cells' position and the corrections into the cells. `compact_cells_min` is how many cells a
/// cube must have grown by to be looked through for slots that are worth summing up. Cells of a quarter of an hour of
/// before `quarter_hours_since` are taken away.
///
/// # Errors
/// Whatever DuckDB says.
pub(crate) fn count_rows(
    connection: &Connection,
    applied_lsn: Lsn,
    zone: &TimeZone,
    compact_cells_min: u64,
    quarter_hours_since: Timestamp,
) -> Result<(), duckdb::Error> {
    count_new(connection, applied_lsn, zone)?;
    drop_quarter_hours(connection, quarter_hours_since)?;
    for (family, slot) in cubes() {
        compact(connection, family, slot, compact_cells_min)?;
    }
    Ok(())
}

fn count_new(connection: &Connection, applied_lsn: Lsn, zone: &TimeZone) -> Result<(), duckdb::Error> {
    let (above, _) = position(connection)?;
    for record_type in types() {
        let range = time_range(connection, &times_above(record_type, above))?;
        if range.start == range.end {
            continue;
        }
        let calendar = calendar(range, zone);
        let columns = quoted(columns_read(record_type)).join(", ");
        let rows = format!(
            "SELECT {columns}, 1 AS sign FROM \"{}\" WHERE lsn > {above} UNION ALL SELECT {columns}, sign FROM \"{}\"",
            record_type.as_str(),
            corrections(record_type)
        );
        for family in families(record_type) {
            for slot in family.slots {
                let slot_of_row = slot.of_row(&calendar);
                connection.execute_batch(&count_sql(family, *slot, &slot_of_row, &rows))?;
            }
        }
        connection.execute_batch(&format!("DELETE FROM \"{}\";", corrections(record_type)))?;
    }
    connection.execute_batch(&format!("UPDATE tacho_cells SET cells_lsn = {applied_lsn};"))
}

/// What puts rows into the cells of a cube. `rows` is a query for the columns that cells read and for `sign`.
fn count_sql(family: &Family, slot: Slot, slot_of_row: &str, rows: &str) -> String {
    let keys = family
        .keys()
        .map(|key| format!("{} AS \"{}\"", key.of_row(), key.name()));
    let held = family
        .cell_columns()
        .map(|cell| format!("{} AS \"{}\"", cell.of_row(), cell.name()));
    let of_row: Vec<String> = keys.chain(held).collect();
    let counts = family
        .counts()
        .map_or(String::new(), |condition| format!(" WHERE {condition}"));
    format!(
        "INSERT INTO \"{}\" SELECT slot, {}, {} FROM (SELECT {slot_of_row} AS slot, {} FROM ({rows}) AS news{counts}) AS cells \
         GROUP BY ALL HAVING {}",
        family.table(slot),
        key_names(family),
        of_parts(family),
        of_row.join(", "),
        something(family),
    )
}

fn key_names(family: &Family) -> String {
    quoted(family.keys().map(Key::name)).join(", ")
}

/// All columns of cells, made of those of their parts.
fn of_parts(family: &Family) -> String {
    let columns = family
        .cell_columns()
        .map(|cell| format!("{} AS \"{}\"", cell.of_parts(), cell.name()));
    columns.collect::<Vec<_>>().join(", ")
}

/// The condition that a cell holds something. It may count no row and still hold a sum: the difference that an amended
/// row makes.
fn something(family: &Family) -> String {
    let held = family
        .cell_columns()
        .filter(|cell| cell.is_signed())
        .map(|cell| format!("sum(\"{}\") <> 0", cell.name()));
    held.collect::<Vec<_>>().join(" OR ")
}

/// Sums up the slots of a cube that have at least twice the cells that they had after the last time: mostly the present
/// one. So each cell is summed up a bounded number of times, and a long history is left alone.
fn compact(
    connection: &Connection,
    family: &Family,
    slot: Slot,
    cells_min: u64,
) -> Result<(), duckdb::Error> {
    let cube = family.table(slot);
    let count = || -> Result<u64, duckdb::Error> {
        let sql = format!("SELECT count(*) FROM \"{cube}\"");
        connection
            .query_row(&sql, [], |row| row.get::<_, i64>(0))
            .map(i64::unsigned_abs)
    };
    let before: Option<u64> = connection.query_row(
        "SELECT max(cells) FROM tacho_compacted WHERE cube = ? AND slot IS NULL",
        [&cube],
        |row| row.get(0),
    )?;
    if count()? < cells_min.saturating_add(before.unwrap_or(0)) {
        return Ok(());
    }
    let keys = key_names(family);
    connection.execute_batch(&format!(
        "CREATE TABLE grown AS SELECT event_time FROM \"{cube}\" AS cells \
         LEFT JOIN tacho_compacted AS known ON known.cube = '{cube}' AND known.slot = cells.event_time \
         GROUP BY event_time, known.cells HAVING count(*) >= 2 * coalesce(known.cells, 0) + 2;\
         CREATE TABLE compacted AS SELECT event_time, {keys}, {} FROM \"{cube}\" SEMI JOIN grown USING (event_time) \
         GROUP BY event_time, {keys} HAVING {} ORDER BY event_time, {keys};\
         DELETE FROM \"{cube}\" WHERE event_time IN (SELECT event_time FROM grown);\
         INSERT INTO \"{cube}\" SELECT * FROM compacted;\
         DELETE FROM tacho_compacted WHERE cube = '{cube}' AND (slot IS NULL OR slot IN (SELECT event_time FROM grown));\
         INSERT INTO tacho_compacted SELECT '{cube}', event_time, count(*) FROM compacted GROUP BY event_time;\
         DROP TABLE grown; DROP TABLE compacted;",
        of_parts(family),
        something(family),
    ))?;
    let cells = count()?;
    connection
        .execute(
            "INSERT INTO tacho_compacted VALUES (?, NULL, ?)",
            duckdb::params![cube, cells],
        )
        .map(|_| ())
}
