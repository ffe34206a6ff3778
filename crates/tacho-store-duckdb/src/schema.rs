//! The tables of a file, made from the declarations of the record types.

use duckdb::Connection;
use jiff::tz::TimeZone;
use tacho_core::record::{RecordType, derive};
use tacho_store::Target;
use tacho_store::tables::columns;

use crate::cells;
use crate::file::in_transaction;

/// The version of everything in a file that neither the declarations nor the rules of derived values say.
const LAYOUT: i64 = 1;
/// The version of a file. One of another version is made again from the journal: what is derived of its rows was derived by
/// other rules, or not at all.
const FORMAT: i64 = LAYOUT << 32 | derive::VERSION as i64;

/// Makes what is missing: all tables in a new file, columns of newly declared fields and cubes in an older one. The days
/// of cubes are those of the zone. A file of another version is left alone.
///
/// # Errors
/// Whatever DuckDB says.
pub(crate) fn prepare(connection: &Connection, zone: &TimeZone) -> Result<(), duckdb::Error> {
    if is_ours(connection)? && !format_is_known(connection)? {
        return Ok(());
    }
    let mut script = String::from(
        "BEGIN;\
         CREATE TABLE IF NOT EXISTS tacho_meta (format BIGINT NOT NULL, applied_lsn UBIGINT NOT NULL, applied_at TIMESTAMP);",
    );
    script += &format!("INSERT INTO tacho_meta SELECT {FORMAT}, 0, NULL WHERE NOT EXISTS (FROM tacho_meta);");
    for target in Target::all() {
        let table = target.table();
        let spec = target.record_type.spec();
        let definitions: Vec<String> = columns(spec)
            .iter()
            .map(|column| {
                let null = if column.is_nullable { "" } else { " NOT NULL" };
                format!("\"{}\" {}{null}", column.name, column.sql_type)
            })
            .collect();
        script += &format!(
            "CREATE TABLE IF NOT EXISTS \"{table}\" ({});",
            definitions.join(", ")
        );
        for column in columns(spec).iter().filter(|column| column.is_nullable) {
            script += &format!(
                "ALTER TABLE \"{table}\" ADD COLUMN IF NOT EXISTS \"{}\" {};",
                column.name, column.sql_type
            );
        }
    }
    script += "COMMIT;";
    if !has_current_schema(connection)? {
        connection.execute_batch(&script)?;
    }
    if cells::are_current(connection, zone)? {
        return Ok(());
    }
    in_transaction(connection, || cells::make(connection, zone))
}

/// Whether the file says of which version it is.
fn is_ours(connection: &Connection) -> Result<bool, duckdb::Error> {
    let sql = "SELECT count(*) > 0 FROM duckdb_tables() WHERE NOT internal AND table_name = 'tacho_meta'";
    connection.query_row(sql, [], |row| row.get(0))
}

/// Whether the file is of this version.
pub(crate) fn format_is_known(connection: &Connection) -> Result<bool, duckdb::Error> {
    connection
        .query_row("SELECT format FROM tacho_meta", [], |row| row.get::<_, i64>(0))
        .map(|format| format == FORMAT)
}

/// Whether nothing has to be altered, which is the case at nearly every opening.
fn has_current_schema(connection: &Connection) -> Result<bool, duckdb::Error> {
    let declared: usize = Target::all()
        .map(|target| columns(target.record_type.spec()).len())
        .sum();
    let tables: Vec<String> = Target::all()
        .map(|target| format!("'{}'", target.table()))
        .collect();
    let sql = format!(
        "SELECT count(*) FROM duckdb_columns() WHERE NOT internal AND table_name IN ({})",
        tables.join(", ")
    );
    let present: i64 = connection.query_row(&sql, [], |row| row.get(0))?;
    Ok(usize::try_from(present) == Ok(declared))
}

/// `"a", "b", …`: the columns of a type's tables in their declared order, whatever order the file has them in.
pub(crate) fn column_list(record_type: RecordType) -> String {
    let names: Vec<String> = columns(record_type.spec())
        .iter()
        .map(|column| format!("\"{}\"", column.name))
        .collect();
    names.join(", ")
}
