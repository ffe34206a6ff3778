//! Rows to Arrow batches and back.

use std::sync::Arc;

use duckdb::arrow::array::{
    ArrayRef, BinaryBuilder, BooleanBuilder, Float64Builder, Int64Builder, StringBuilder,
    TimestampMicrosecondBuilder, UInt8Builder, UInt32Builder, UInt64Builder,
};
use duckdb::arrow::datatypes::{DataType, Field, Schema, TimeUnit};
use duckdb::arrow::error::ArrowError;
use duckdb::arrow::record_batch::RecordBatch;
use duckdb::types::ValueRef;
use tacho_core::record::schema::TypeSpec;
use tacho_core::record::{FieldKind, Identity, Rank, Row, Value};
use tacho_core::time::Timestamp;
use tacho_store::StoredRow;
use tacho_store::tables::{LEADING, columns};

/// Builds the column of a field or of a derived value.
enum ColumnBuilder {
    Text(StringBuilder),
    Keyword(StringBuilder, &'static [&'static str]),
    Time(TimestampMicrosecondBuilder),
    Int(Int64Builder),
    Float(Float64Builder),
    Bool(BooleanBuilder),
}

impl ColumnBuilder {
    fn new(kind: FieldKind, rows: usize) -> Self {
        match kind {
            FieldKind::Keyword(words) => Self::Keyword(StringBuilder::with_capacity(rows, rows * 8), words),
            FieldKind::Text { .. } | FieldKind::Json | FieldKind::Tags => {
                Self::Text(StringBuilder::with_capacity(rows, rows * 16))
            }
            FieldKind::Time => Self::Time(TimestampMicrosecondBuilder::with_capacity(rows)),
            FieldKind::Count | FieldKind::Millis | FieldKind::Usd | FieldKind::Credits => {
                Self::Int(Int64Builder::with_capacity(rows))
            }
            FieldKind::Float => Self::Float(Float64Builder::with_capacity(rows)),
            FieldKind::Bool => Self::Bool(BooleanBuilder::with_capacity(rows)),
        }
    }

    fn push(&mut self, value: Option<&Value>) {
        match self {
            Self::Text(builder) => builder.append_option(value.and_then(Value::as_text)),
            Self::Keyword(builder, words) => {
                let word = value
                    .and_then(Value::as_keyword)
                    .and_then(|word| words.get(word as usize));
                builder.append_option(word);
            }
            Self::Time(builder) => builder.append_option(value.and_then(Value::as_int)),
            Self::Int(builder) => builder.append_option(value.and_then(Value::as_int)),
            Self::Float(builder) => builder.append_option(match value {
                Some(Value::Float(value)) => Some(*value),
                _ => None,
            }),
            Self::Bool(builder) => builder.append_option(match value {
                Some(Value::Bool(value)) => Some(*value),
                _ => None,
            }),
        }
    }

    fn finish(self) -> ArrayRef {
        match self {
            Self::Text(mut builder) | Self::Keyword(mut builder, _) => Arc::new(builder.finish()),
            Self::Time(mut builder) => Arc::new(builder.finish()),
            Self::Int(mut builder) => Arc::new(builder.finish()),
            Self::Float(mut builder) => Arc::new(builder.finish()),
            Self::Bool(mut builder) => Arc::new(builder.finish()),
        }
    }
}

fn arrow_type(sql_type: &str) -> DataType {
    match sql_type {
        "UBIGINT" => DataType::UInt64,
        "UINTEGER" => DataType::UInt32,
        "UTINYINT" => DataType::UInt8,
        "BIGINT" => DataType::Int64,
        "DOUBLE" => DataType::Float64,
        "BOOLEAN" => DataType::Boolean,
        "TIMESTAMP" => DataType::Timestamp(TimeUnit::Microsecond, None),
        "BLOB" => DataType::Binary,
        _ => DataType::Utf8,
    }
}

/// Rows of one type as a batch with all columns of its table, in the declared order.
pub(crate) fn to_batch(spec: &TypeSpec, rows: &[&StoredRow]) -> Result<RecordBatch, ArrowError> {
    let count = rows.len();
    let mut lsns = UInt64Builder::with_capacity(count);
    let mut ids = StringBuilder::with_capacity(count, count * 24);
    let mut attempts = UInt32Builder::with_capacity(count);
    let mut event_times = TimestampMicrosecondBuilder::with_capacity(count);
    let mut updated = TimestampMicrosecondBuilder::with_capacity(count);
    let mut ranks = UInt8Builder::with_capacity(count);
    let mut cell_ranks = BinaryBuilder::with_capacity(count, 0);
    let mut conflicts = UInt64Builder::with_capacity(count);
    let mut fields: Vec<_> = spec
        .fields
        .iter()
        .map(|field| ColumnBuilder::new(field.kind, count))
        .collect();
    let mut derived: Vec<_> = spec
        .derived
        .iter()
        .map(|derived| ColumnBuilder::new(derived.kind, count))
        .collect();
    for stored in rows {
        let row = &stored.row;
        lsns.append_value(stored.lsn);
        ids.append_value(&row.id);
        attempts.append_value(row.attempt);
        event_times.append_value(stored.event_time.as_micros());
        updated.append_value(row.rank.updated_at.as_micros());
        ranks.append_value(row.rank.class_and_phase());
        cell_ranks.append_option(row.cell_ranks());
        conflicts.append_value(row.conflicts());
        let mut cells = row.cells.iter().peekable();
        for (position, builder) in fields.iter_mut().enumerate() {
            let cell = cells.next_if(|cell| usize::from(cell.field) == position);
            builder.push(cell.map(|cell| &cell.value));
        }
        for (builder, value) in derived.iter_mut().zip(&stored.derived) {
            builder.push(value.as_ref());
        }
    }
    let schema: Vec<Field> = columns(spec)
        .iter()
        .map(|column| Field::new(column.name, arrow_type(column.sql_type), column.is_nullable))
        .collect();
    let mut arrays: Vec<ArrayRef> = vec![
        Arc::new(lsns.finish()),
        Arc::new(ids.finish()),
        Arc::new(attempts.finish()),
        Arc::new(event_times.finish()),
        Arc::new(updated.finish()),
        Arc::new(ranks.finish()),
        Arc::new(cell_ranks.finish()),
        Arc::new(conflicts.finish()),
    ];
    arrays.extend(fields.into_iter().chain(derived).map(ColumnBuilder::finish));
    RecordBatch::try_new(Arc::new(Schema::new(schema)), arrays)
}

/// A row of `SELECT <column_list> FROM …`. `Err` says which column holds what it cannot hold.
pub(crate) fn from_row(spec: &TypeSpec, source: &duckdb::Row<'_>) -> Result<StoredRow, String> {
    let at = |index: usize| source.get_ref(index).map_err(|error| error.to_string());
    let wrong = |index: usize| format!("column {index} of {} holds a wrong type", spec.name);
    let ValueRef::UBigInt(lsn) = at(0)? else {
        return Err(wrong(0));
    };
    let ValueRef::Text(id) = at(1)? else {
        return Err(wrong(1));
    };
    let ValueRef::UInt(attempt) = at(2)? else {
        return Err(wrong(2));
    };
    let ValueRef::Timestamp(_, event_time) = at(3)? else {
        return Err(wrong(3));
    };
    let ValueRef::Timestamp(_, updated_at) = at(4)? else {
        return Err(wrong(4));
    };
    let ValueRef::UTinyInt(merge_rank) = at(5)? else {
        return Err(wrong(5));
    };
    let cell_ranks = match at(6)? {
        ValueRef::Null => None,
        ValueRef::Blob(bytes) => Some(bytes),
        _ => return Err(wrong(6)),
    };
    let ValueRef::UBigInt(conflicts) = at(7)? else {
        return Err(wrong(7));
    };
    let id = std::str::from_utf8(id).map_err(|_| wrong(1))?;
    let rank = Rank::from_stored(merge_rank, Timestamp::from_micros(updated_at)).ok_or_else(|| wrong(5))?;
    let mut values = Vec::with_capacity(spec.fields.len());
    for (position, field) in spec.fields.iter().enumerate() {
        let index = LEADING.len() + position;
        if let Some(value) = to_value(field.kind, at(index)?).ok_or_else(|| wrong(index))? {
            values.push((position as u8, value));
        }
    }
    let mut derived = Vec::with_capacity(spec.derived.len());
    for (position, column) in spec.derived.iter().enumerate() {
        let index = LEADING.len() + spec.fields.len() + position;
        derived.push(to_value(column.kind, at(index)?).ok_or_else(|| wrong(index))?);
    }
    let identity = Identity {
        record_type: spec.record_type,
        id,
        attempt,
    };
    let row =
        Row::from_stored(identity, rank, values, cell_ranks, conflicts).map_err(|error| error.to_string())?;
    Ok(StoredRow {
        lsn,
        row,
        event_time: Timestamp::from_micros(event_time),
        derived,
    })
}

/// `None`: not of that kind. `Some(None)`: null.
fn to_value(kind: FieldKind, value: ValueRef<'_>) -> Option<Option<Value>> {
    Some(Some(match (kind, value) {
        (_, ValueRef::Null) => return Some(None),
        (FieldKind::Keyword(words), ValueRef::Text(text)) => {
            Value::Keyword(words.iter().position(|word| word.as_bytes() == text)? as u8)
        }
        (FieldKind::Text { .. } | FieldKind::Json | FieldKind::Tags, ValueRef::Text(text)) => {
            Value::Text(std::str::from_utf8(text).ok()?.into())
        }
        (FieldKind::Time, ValueRef::Timestamp(_, micros)) => Value::Int(micros),
        (
            FieldKind::Count | FieldKind::Millis | FieldKind::Usd | FieldKind::Credits,
            ValueRef::BigInt(value),
        ) => Value::Int(value),
        (FieldKind::Float, ValueRef::Double(value)) => Value::Float(value),
        (FieldKind::Bool, ValueRef::Boolean(value)) => Value::Bool(value),
        _ => return None,
    }))
}
