//! Statements of the query engine: their parameters go in, plain values come out.

use std::borrow::Cow;
use std::ops::ControlFlow;

use duckdb::types::{TimeUnit, Value as DuckValue, ValueRef};
use duckdb::{Connection, params_from_iter};
use tacho_core::time::Timestamp;
use tacho_store::{Lsn, Param, ResultSet, Scalar, ScalarRef, Statement};

/// What is told the names of the columns and the values of a row.
pub(crate) type Visit<'a> = &'a mut dyn FnMut(&[String], &[ScalarRef<'_>]) -> ControlFlow<()>;

/// Runs a statement and keeps what it gives.
pub(crate) fn run(
    reader: &Connection,
    statement: &Statement,
    cells_lsn: Lsn,
) -> Result<ResultSet, duckdb::Error> {
    let mut answer = ResultSet::default();
    let _ = visit(reader, statement, cells_lsn, &mut |columns, values| {
        if answer.columns.is_empty() {
            answer.columns = columns.to_vec();
        }
        answer
            .rows
            .push(values.iter().copied().map(Scalar::from).collect());
        ControlFlow::Continue(())
    })?;
    Ok(answer)
}

/// Runs a statement and calls back with the names of the columns and the values of each row, until told to break. DuckDB has
/// all rows in memory before the first. (Its results that are fetched while they are worked out panic in the client library
/// when they are interrupted.)
pub(crate) fn visit(
    reader: &Connection,
    statement: &Statement,
    cells_lsn: Lsn,
    visit: Visit<'_>,
) -> Result<ControlFlow<()>, duckdb::Error> {
    let params: Vec<DuckValue> = statement
        .params
        .iter()
        .filter(|param| **param != Param::CellsLsn)
        .map(|param| match param {
            Param::Null | Param::CellsLsn => DuckValue::Null,
            Param::Bool(value) => DuckValue::Boolean(*value),
            Param::Int(value) => DuckValue::BigInt(*value),
            Param::Float(value) => DuckValue::Double(*value),
            Param::Text(text) => DuckValue::Text(text.clone()),
            Param::Time(time) => DuckValue::Timestamp(TimeUnit::Microsecond, time.as_micros()),
        })
        .collect();
    let mut prepared = reader.prepare(&with_cells_lsn(statement, cells_lsn))?;
    let mut rows = prepared.query(params_from_iter(params.iter()))?;
    let mut columns = Vec::new();
    while let Some(row) = rows.next()? {
        if columns.is_empty() {
            columns = row.as_ref().column_names();
        }
        let values = (0..columns.len()).map(|index| row.get_ref(index).and_then(scalar));
        let values: Vec<ScalarRef<'_>> = values.collect::<Result<_, _>>()?;
        if visit(&columns, &values).is_break() {
            return Ok(ControlFlow::Break(()));
        }
    }
    Ok(ControlFlow::Continue(()))
}

/// The statement's text with the position of the cells written out, so that DuckDB skips the row groups below it.
fn with_cells_lsn(statement: &Statement, cells_lsn: Lsn) -> Cow<'_, str> {
    if !statement.params.contains(&Param::CellsLsn) {
        return Cow::Borrowed(&statement.sql);
    }
    let mut sql = String::with_capacity(statement.sql.len());
    let mut params = statement.params.iter();
    // Each `?` is a parameter; values never become part of the text.
    for part in statement.sql.split_inclusive('?') {
        match (part.strip_suffix('?'), params.next()) {
            (Some(before), Some(Param::CellsLsn)) => {
                sql.push_str(before);
                sql.push_str(&cells_lsn.to_string());
            }
            _ => sql.push_str(part),
        }
    }
    Cow::Owned(sql)
}

fn scalar(value: ValueRef<'_>) -> Result<ScalarRef<'_>, duckdb::Error> {
    let whole = |value: i128| {
        i64::try_from(value)
            .map(ScalarRef::Int)
            .map_err(|_| duckdb::Error::IntegralValueOutOfRange(0, value))
    };
    Ok(match value {
        ValueRef::Null => ScalarRef::Null,
        ValueRef::Boolean(value) => ScalarRef::Bool(value),
        ValueRef::TinyInt(value) => ScalarRef::Int(value.into()),
        ValueRef::SmallInt(value) => ScalarRef::Int(value.into()),
        ValueRef::Int(value) => ScalarRef::Int(value.into()),
        ValueRef::BigInt(value) => ScalarRef::Int(value),
        ValueRef::UTinyInt(value) => ScalarRef::Int(value.into()),
        ValueRef::USmallInt(value) => ScalarRef::Int(value.into()),
        ValueRef::UInt(value) => ScalarRef::Int(value.into()),
        ValueRef::UBigInt(value) => whole(value.into())?,
        ValueRef::HugeInt(value) => whole(value)?,
        ValueRef::Float(value) => ScalarRef::Float(value.into()),
        ValueRef::Double(value) => ScalarRef::Float(value),
        ValueRef::Text(text) => ScalarRef::Text(
            std::str::from_utf8(text)
                .map_err(|error| duckdb::Error::ToSqlConversionFailure(Box::new(error)))?,
        ),
        ValueRef::Timestamp(unit, value) => ScalarRef::Time(Timestamp::from_micros(unit.to_micros(value))),
        ValueRef::Date32(days) => ScalarRef::Time(Timestamp::from_micros(i64::from(days) * 86_400_000_000)),
        other => {
            let message = format!("a column of type {:?} cannot be answered", other.data_type());
            return Err(duckdb::Error::ToSqlConversionFailure(message.into()));
        }
    })
}
