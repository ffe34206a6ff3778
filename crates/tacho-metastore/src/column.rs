//! Reading columns: ids, words and times come back as the types that went in.

use std::str::FromStr;

use sqlx::Row;
use sqlx::sqlite::SqliteRow;
use tacho_core::Timestamp;

use crate::{Error, Result};

/// A TEXT column that parses into `T`.
pub(crate) fn parsed<T: FromStr>(row: &SqliteRow, column: &'static str) -> Result<T> {
    row.try_get::<&str, _>(column)?
        .parse()
        .map_err(|_| Error::Unreadable { column })
}

/// A TEXT column that is absent or parses into `T`.
pub(crate) fn parsed_or_null<T: FromStr>(row: &SqliteRow, column: &'static str) -> Result<Option<T>> {
    row.try_get::<Option<&str>, _>(column)?
        .map(|text| text.parse().map_err(|_| Error::Unreadable { column }))
        .transpose()
}

/// A TEXT column.
pub(crate) fn text(row: &SqliteRow, column: &'static str) -> Result<String> {
    Ok(row.try_get(column)?)
}

/// A TEXT column that may be absent.
pub(crate) fn text_or_null(row: &SqliteRow, column: &'static str) -> Result<Option<String>> {
    Ok(row.try_get(column)?)
}

/// A BIGINT column of microseconds since 1970.
pub(crate) fn time(row: &SqliteRow, column: &'static str) -> Result<Timestamp> {
    Ok(Timestamp::from_micros(row.try_get(column)?))
}

/// A BIGINT column of microseconds since 1970 that may be absent.
pub(crate) fn time_or_null(row: &SqliteRow, column: &'static str) -> Result<Option<Timestamp>> {
    Ok(row.try_get::<Option<i64>, _>(column)?.map(Timestamp::from_micros))
}

/// A BIGINT column that counts something.
pub(crate) fn count(row: &SqliteRow, column: &'static str) -> Result<u64> {
    u64::try_from(row.try_get::<i64, _>(column)?).map_err(|_| Error::Unreadable { column })
}

/// A BIGINT column of 0 or 1.
pub(crate) fn flag(row: &SqliteRow, column: &'static str) -> Result<bool> {
    Ok(row.try_get::<i64, _>(column)? != 0)
}
