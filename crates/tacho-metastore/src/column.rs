//! Reading columns: ids, words and times come back as the types that went in.

use std::str::FromStr;

use sqlx::sqlite::SqliteRow;
use sqlx::{Decode, Row, Sqlite, Type};
use tacho_core::Timestamp;

use crate::{Error, Result};

/// Where columns are read from.
pub(crate) trait Columns {
    /// The value of a column.
    fn get<'r, T: Decode<'r, Sqlite> + Type<Sqlite>>(&'r self, column: &'static str) -> Result<T>;
}

impl Columns for SqliteRow {
    fn get<'r, T: Decode<'r, Sqlite> + Type<Sqlite>>(&'r self, column: &'static str) -> Result<T> {
        Ok(self.try_get(column)?)
    }
}

/// The columns of one table in a row that several tables make; there they are called "table.column".
pub(crate) struct Joined<'a> {
    pub(crate) row: &'a SqliteRow,
    pub(crate) table: &'static str,
}

impl Columns for Joined<'_> {
    fn get<'r, T: Decode<'r, Sqlite> + Type<Sqlite>>(&'r self, column: &'static str) -> Result<T> {
        Ok(self.row.try_get(format!("{}.{column}", self.table).as_str())?)
    }
}

/// A TEXT column that parses into `T`.
pub(crate) fn parsed<T: FromStr>(row: &impl Columns, column: &'static str) -> Result<T> {
    row.get::<&str>(column)?
        .parse()
        .map_err(|_| Error::Unreadable { column })
}

/// A TEXT column that is absent or parses into `T`.
pub(crate) fn parsed_or_null<T: FromStr>(row: &impl Columns, column: &'static str) -> Result<Option<T>> {
    row.get::<Option<&str>>(column)?
        .map(|text| text.parse().map_err(|_| Error::Unreadable { column }))
        .transpose()
}

/// A TEXT column.
pub(crate) fn text(row: &impl Columns, column: &'static str) -> Result<String> {
    row.get(column)
}

/// A TEXT column that may be absent.
pub(crate) fn text_or_null(row: &impl Columns, column: &'static str) -> Result<Option<String>> {
    row.get(column)
}

/// A BIGINT column of microseconds since 1970.
pub(crate) fn time(row: &impl Columns, column: &'static str) -> Result<Timestamp> {
    Ok(Timestamp::from_micros(row.get(column)?))
}

/// A BIGINT column of microseconds since 1970 that may be absent.
pub(crate) fn time_or_null(row: &impl Columns, column: &'static str) -> Result<Option<Timestamp>> {
    Ok(row.get::<Option<i64>>(column)?.map(Timestamp::from_micros))
}

/// A BIGINT column that counts something.
pub(crate) fn count(row: &impl Columns, column: &'static str) -> Result<u64> {
    u64::try_from(row.get::<i64>(column)?).map_err(|_| Error::Unreadable { column })
}

/// A BIGINT column of 0 or 1.
pub(crate) fn flag(row: &impl Columns, column: &'static str) -> Result<bool> {
    Ok(row.get::<i64>(column)? != 0)
}
