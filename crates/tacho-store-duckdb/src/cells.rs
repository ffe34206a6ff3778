//! The cubes of a file: their tables, and how rows get into their cells. What cubes there are, what a cell holds and why
//! the sums stay exact is declared in [`tacho_store::cubes`].

use duckdb::Connection;
use tacho_core::record::RecordType;
use tacho_store::cubes::{FAMILIES, Family, Slot, columns_read, families};
use tacho_store::tables::columns;
use tacho_store::{Lsn, Target};

use crate::store::in_lsns;

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
        let dimensions = family
            .dimensions
            .iter()
            .map(|name| format!("\"{name}\" {}", sql_type(family.record_type, name)));
        let held = family
            .cell_columns()
            .map(|cell| format!("\"{}\" BIGINT", cell.name()));
        let columns: Vec<String> = dimensions.chain(held).collect();
        script += &format!(
            "CREATE TABLE \"{}\" (event_time TIMESTAMP, {});",
            family.table(slot),
            columns.join(", ")
        );
    }
    script
}

/// Makes the tables, in place of those that are there, and fills them from the rows. To be called in a transaction.
///
/// # Errors
/// Whatever DuckDB says.
pub(crate) fn make(connection: &Connection) -> Result<(), duckdb::Error> {
    let mut script = String::new();
    for record_type in types() {
        script += &format!("DROP TABLE IF EXISTS \"{}\";", corrections(record_type));
    }
    for (family, slot) in cubes() {
        script += &format!("DROP TABLE IF EXISTS \"{}\";", family.table(slot));
    }
    script += "DROP TABLE IF EXISTS tacho_cells;\
               CREATE TABLE tacho_cells (declaration VARCHAR NOT NULL, cells_lsn UBIGINT NOT NULL);\
               CREATE OR REPLACE TABLE tacho_compacted (cube VARCHAR NOT NULL, cells UBIGINT NOT NULL);";
    connection.execute_batch(&script)?;
    let declaration = declaration();
    connection.execute_batch(&declaration)?;
    connection.execute("INSERT INTO tacho_cells VALUES (?, 0)", [declaration])?;
    let applied: Lsn = connection.query_row("SELECT applied_lsn FROM tacho_meta", [], |row| row.get(0))?;
    match applied {
        0 => Ok(()),
        _ => count_rows(connection, applied, u64::MAX / 2),
    }
}

/// Whether the tables are those declared.
pub(crate) fn are_current(connection: &Connection) -> Result<bool, duckdb::Error> {
    let known: i64 = connection.query_row(
        "SELECT count(*) FROM duckdb_tables() WHERE table_name = 'tacho_cells'",
        [],
        |row| row.get(0),
    )?;
    if known == 0 {
        return Ok(false);
    }
    connection.query_row(
        "SELECT declaration = ? FROM tacho_cells",
        [declaration()],
        |row| row.get(0),
    )
}

/// The position up to which rows are in cells.
pub(crate) fn position(connection: &Connection) -> Result<Lsn, duckdb::Error> {
    connection.query_row("SELECT cells_lsn FROM tacho_cells", [], |row| row.get(0))
}

/// Notes what has to be added to the cells for rows at or below their position: with the sign -1 before the rows leave
/// their table, with +1 after they have come.
///
/// # Errors
/// Whatever DuckDB says.
pub(crate) fn correct(
    connection: &Connection,
    target: Target,
    lsns: &[Lsn],
    cells_lsn: Lsn,
    sign: i8,
) -> Result<(), duckdb::Error> {
    let counted: Vec<Lsn> = lsns.iter().copied().filter(|lsn| *lsn <= cells_lsn).collect();
    if counted.is_empty() || !are_counted(target) {
        return Ok(());
    }
    let names = quoted(columns_read(target.record_type)).join(", ");
    let sql = format!(
        "INSERT INTO \"{}\" ({names}, sign) SELECT {names}, {sign} FROM \"{}\" WHERE {}",
        corrections(target.record_type),
        target.table(),
        in_lsns(&counted)
    );
    connection.execute(&sql, []).map(|_| ())
}

/// Puts the rows above the cells' position and the corrections into the cells.
///
/// # Errors
/// Whatever DuckDB says.
pub(crate) fn count_rows(
    connection: &Connection,
    applied_lsn: Lsn,
    compact_cells_min: u64,
) -> Result<(), duckdb::Error> {
    let above = position(connection)?;
    for (family, slot) in cubes() {
        connection.execute_batch(&count_sql(family, slot, above))?;
    }
    let mut script = String::new();
    for record_type in types() {
        script += &format!("DELETE FROM \"{}\";", corrections(record_type));
    }
    script += &format!("UPDATE tacho_cells SET cells_lsn = {applied_lsn};");
    connection.execute_batch(&script)?;
    for (family, slot) in cubes() {
        compact(connection, family, slot, compact_cells_min)?;
    }
    Ok(())
}

fn count_sql(family: &Family, slot: Slot, above: Lsn) -> String {
    let dimensions = quoted(family.dimensions.iter().copied());
    let of = |sign: &str| {
        let held = family
            .cell_columns()
            .map(|cell| format!("{sign}{} AS \"{}\"", cell.of_row(), cell.name()));
        let columns: Vec<String> = dimensions.iter().cloned().chain(held).collect();
        format!(
            "make_timestamp(epoch_us(event_time) // {micros} * {micros}) AS slot, {}",
            columns.join(", "),
            micros = slot.micros()
        )
    };
    let record_type = family.record_type;
    format!(
        "INSERT INTO \"{}\" SELECT slot, {}, {} FROM (SELECT {} FROM \"{}\" WHERE lsn > {above} \
         UNION ALL SELECT {} FROM \"{}\") AS news GROUP BY ALL HAVING {}",
        family.table(slot),
        dimensions.join(", "),
        sums(family),
        of(""),
        record_type.as_str(),
        of("sign * "),
        corrections(record_type),
        something(family),
    )
}

/// The sums of all columns of cells.
fn sums(family: &Family) -> String {
    let sums = family
        .cell_columns()
        .map(|cell| format!("CAST(sum(\"{0}\") AS BIGINT) AS \"{0}\"", cell.name()));
    sums.collect::<Vec<_>>().join(", ")
}

/// The condition that a cell holds something. It may count no row and still hold a sum: the difference that an amended
/// row makes.
fn something(family: &Family) -> String {
    let held = family
        .cell_columns()
        .map(|cell| format!("sum(\"{}\") <> 0", cell.name()));
    held.collect::<Vec<_>>().join(" OR ")
}

/// Sums up cells that lie in several parts, once there are twice as many as after the last time. So each cell is summed
/// up a bounded number of times, however long the history grows.
fn compact(
    connection: &Connection,
    family: &Family,
    slot: Slot,
    cells_min: u64,
) -> Result<(), duckdb::Error> {
    let cube = family.table(slot);
    let cells: i64 =
        connection.query_row(&format!("SELECT count(*) FROM \"{cube}\""), [], |row| row.get(0))?;
    let before: Option<u64> = connection.query_row(
        "SELECT max(cells) FROM tacho_compacted WHERE cube = ?",
        [&cube],
        |row| row.get(0),
    )?;
    if cells.unsigned_abs() < cells_min.saturating_add(2 * before.unwrap_or(0)) {
        return Ok(());
    }
    let dimensions = quoted(family.dimensions.iter().copied()).join(", ");
    connection.execute_batch(&format!(
        "CREATE TABLE compacted AS SELECT event_time, {dimensions}, {} FROM \"{cube}\" GROUP BY event_time, {dimensions} \
         HAVING {} ORDER BY event_time;\
         DROP TABLE \"{cube}\";\
         ALTER TABLE compacted RENAME TO \"{cube}\";\
         DELETE FROM tacho_compacted WHERE cube = '{cube}';\
         INSERT INTO tacho_compacted SELECT '{cube}', count(*) FROM \"{cube}\";",
        sums(family),
        something(family),
    ))
}
