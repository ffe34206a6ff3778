//! The tables of a store, made from the declarations of the record types. One table per type, and one more for the
//! things that have not ended where a type has such. All columns of a type's tables are the same.

use tacho_core::record::schema::TypeSpec;

/// A column of a type's tables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: &'static str,
    /// Its SQL type.
    pub sql_type: &'static str,
    /// Whether it may be null.
    pub is_nullable: bool,
}

const fn fixed(name: &'static str, sql_type: &'static str, is_nullable: bool) -> Column {
    Column {
        name,
        sql_type,
        is_nullable,
    }
}

/// Columns that every table begins with.
pub const LEADING: [Column; 8] = [
    fixed("lsn", "UBIGINT", false),
    fixed("id", "VARCHAR", false),
    fixed("attempt", "UINTEGER", false),
    fixed("event_time", "TIMESTAMP", false),
    fixed("updated_at", "TIMESTAMP", false),
    // `Rank::class_and_phase` of the row.
    fixed("merge_rank", "UTINYINT", false),
    // `Row::cell_ranks`, where cells differ from the row.
    fixed("cell_ranks", "BLOB", true),
    // A bit per field with a conflict.
    fixed("conflicts", "UBIGINT", false),
];

/// The columns of a type's tables: the leading ones, then its fields, then what is derived.
pub fn columns(spec: &TypeSpec) -> Vec<Column> {
    let fields = spec
        .fields
        .iter()
        .map(|field| fixed(field.column, field.kind.sql_type(), true));
    let derived = spec
        .derived
        .iter()
        .map(|derived| fixed(derived.column, derived.kind.sql_type(), true));
    LEADING.into_iter().chain(fields).chain(derived).collect()
}
