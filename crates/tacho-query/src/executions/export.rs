//! All executions that meet some filters, in the order of their times, read in slices so that no statement has to sort or
//! hold more than a few of them.
//!
//! First they are counted, then counted again by slots of time; neighbouring slots make slices of about as many rows, and
//! each slice is read in pages that are sorted.

use std::collections::BTreeSet;

use jiff::tz::TimeZone;
use tacho_core::record::RecordType;
use tacho_core::time::{TimeRange, Timestamp};

use super::cursor::Cursor;
use super::list::{ExecutionListQuery, Towards, beyond_cursor, quoted_list};
use super::wire::{ExecutionExportParams, ExecutionListParams};
use crate::dialect::{Dialect, SqlText};
use crate::error::QueryError;
use crate::model::names;
use crate::predicate::Predicate;
use crate::relation::{Relation, Table};
use crate::scope::Scoped;
use crate::statement::{Param, Statement};

/// Slots of time by which rows are counted.
const SLOTS_MAX: i64 = 20_000;

/// What the values of a column are, and how they are told from what is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportKind {
    /// Text.
    Text,
    /// A whole number.
    Int,
    /// A number.
    Float,
    /// A number that is stored as a whole number of this many parts of the unit.
    Parts(u32),
    /// An instant.
    Time,
    /// A JSON object.
    Json,
}

/// A column that can be exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExportColumn {
    /// Its name on the wire.
    pub name: &'static str,
    /// What its values are.
    pub kind: ExportKind,
    /// The column of the rows; that of the workflow's name is none of them.
    stored: &'static str,
}

const fn column(name: &'static str, stored: &'static str, kind: ExportKind) -> ExportColumn {
    ExportColumn { name, kind, stored }
}

const fn same(name: &'static str, kind: ExportKind) -> ExportColumn {
    column(name, name, kind)
}

const WORKFLOW_NAME: ExportColumn = same("workflow_name", ExportKind::Text);

/// Every column, in the order in which they are exported if the question does not say.
const COLUMNS: &[ExportColumn] = &[
    same("id", ExportKind::Text),
    same("attempt", ExportKind::Int),
    same("workflow_id", ExportKind::Text),
    WORKFLOW_NAME,
    same("workflow_version", ExportKind::Text),
    same("variant", ExportKind::Text),
    same("status", ExportKind::Text),
    same("trigger_type", ExportKind::Text),
    same("trigger_id", ExportKind::Text),
    same("user_id", ExportKind::Text),
    same("event_time", ExportKind::Time),
    same("queued_at", ExportKind::Time),
    same("started_at", ExportKind::Time),
    same("completed_at", ExportKind::Time),
    same("duration_ms", ExportKind::Int),
    same("steps_completed", ExportKind::Int),
    same("steps_total", ExportKind::Int),
    same("error_type", ExportKind::Text),
    same("error_message", ExportKind::Text),
    same("error_fingerprint", ExportKind::Text),
    same("parent_execution_id", ExportKind::Text),
    same("conversation_id", ExportKind::Text),
    same("trace_id", ExportKind::Text),
    column("cost_usd", "cost_usd_micros", ExportKind::Parts(1_000_000)),
    column("credits", "credits_millis", ExportKind::Parts(1_000)),
    same("minutes_saved", ExportKind::Float),
    same("items_processed", ExportKind::Int),
    same("tags", ExportKind::Json),
    same("metadata", ExportKind::Json),
];

/// What tells executions apart and orders them. Every page has these columns first.
const ORDER: [&str; 3] = ["event_time", "id", "attempt"];

/// Which executions to export and what of them, every name and limit checked.
#[derive(Clone, Debug, PartialEq)]
pub struct ExecutionExportQuery {
    list: ExecutionListQuery,
    columns: Vec<ExportColumn>,
}

impl ExecutionExportQuery {
    /// Checks a question. Pointers of errors name the parameter.
    ///
    /// # Errors
    /// With the parameter that is wrong, and what to do about it.
    pub fn validate(
        params: &ExecutionExportParams,
        now: Timestamp,
        zone: &TimeZone,
    ) -> Result<Self, QueryError> {
        let of_list = ExecutionListParams {
            from: params.from,
            to: params.to,
            period: params.period,
            status: params.status.clone(),
            workflow_id: params.workflow_id.clone(),
            user_id: params.user_id.clone(),
            trigger_type: params.trigger_type.clone(),
            error_type: params.error_type.clone(),
            error_fingerprint: params.error_fingerprint.clone(),
            search: params.search.clone(),
            ..ExecutionListParams::default()
        };
        Ok(Self {
            list: ExecutionListQuery::filtered(&of_list, &params.filters, now, zone)?,
            columns: match &params.columns {
                Some(names) => chosen(names)?,
                None => COLUMNS.to_vec(),
            },
        })
    }

    /// The columns, in their order.
    pub fn columns(&self) -> &[ExportColumn] {
        &self.columns
    }
}

fn chosen(names: &[String]) -> Result<Vec<ExportColumn>, QueryError> {
    let invalid = |pointer: String, reason: &str| QueryError::InvalidValue {
        pointer,
        reason: reason.to_owned(),
    };
    if names.is_empty() || names.len() > COLUMNS.len() {
        let reason = "name at least one column, each once, or leave \"columns\" out for all";
        return Err(invalid("/columns".to_owned(), reason));
    }
    let mut columns: Vec<ExportColumn> = Vec::with_capacity(names.len());
    for (at, name) in names.iter().enumerate() {
        let pointer = format!("/columns/{at}");
        let known = COLUMNS.iter().find(|column| column.name == name);
        let column = known.ok_or_else(|| {
            names::unknown("column", name, &pointer, COLUMNS.iter().map(|column| column.name))
        })?;
        if columns.contains(column) {
            return Err(invalid(pointer, "this column stands there already; name it once"));
        }
        columns.push(*column);
    }
    Ok(columns)
}

/// A stretch of time and what is known of the rows in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// The first instant, and the first one after the last row.
    pub range: TimeRange,
    /// How many rows.
    pub rows: u64,
}

fn relation<'a>(
    query: &'a ExecutionExportQuery,
    range: Option<TimeRange>,
    filter: &'a Predicate,
    select: &'a dyn Fn(&str, &mut SqlText),
    columns: BTreeSet<String>,
) -> Relation<'a> {
    Relation {
        table: Table::Rows(range.or(query.list.range)),
        spec: RecordType::Execution.spec(),
        select,
        columns,
        filter,
        is_measured: query.list.is_measured,
        reads_workflow: false,
    }
}

/// The statement that counts the executions: how many, the first time, the last time.
pub fn compile_count(scoped: &Scoped<ExecutionExportQuery>, dialect: &dyn Dialect) -> Statement {
    let query = scoped.question();
    let select = |_: &str, sql: &mut SqlText| {
        sql.push("count(*), min(event_time), max(event_time)");
    };
    let mut sql = SqlText::default();
    relation(query, None, &query.list.filter, &select, BTreeSet::new()).write(
        scoped.visible(),
        dialect,
        &mut sql,
    );
    sql.into()
}

/// How long slots are by which rows of a range are counted, in microseconds.
pub fn slot_length(range: TimeRange) -> i64 {
    let micros = range.end.micros_since(range.start).max(0);
    micros / SLOTS_MAX + 1
}

/// The statement that counts the executions of a range by slots: the slot's number and how many, for slots that have some,
/// in their order.
pub fn compile_slots(
    scoped: &Scoped<ExecutionExportQuery>,
    range: TimeRange,
    dialect: &dyn Dialect,
) -> Statement {
    let query = scoped.question();
    let slot = dialect.slot_number(slot_length(range));
    let select = |_: &str, sql: &mut SqlText| {
        sql.push(&slot).push(" AS slot");
    };
    let mut sql = SqlText::default();
    sql.push("SELECT slot, count(*)\nFROM (\n");
    relation(query, Some(range), &query.list.filter, &select, BTreeSet::new()).write(
        scoped.visible(),
        dialect,
        &mut sql,
    );
    sql.push("\n) AS slots\nGROUP BY slot\nORDER BY slot");
    sql.into()
}

/// Puts neighbouring slots together to slices of not more than so many rows, unless one slot alone has more.
pub fn slices(slots: &[(i64, u64)], length_us: i64, rows_max: u64) -> Vec<Span> {
    let mut slices: Vec<Span> = Vec::new();
    for &(slot, rows) in slots {
        let start = Timestamp::from_micros(slot.saturating_mul(length_us));
        let end = start.plus_micros(length_us);
        match slices.last_mut() {
            Some(last) if last.rows + rows <= rows_max => {
                last.range.end = end;
                last.rows += rows;
            }
            _ => slices.push(Span {
                range: TimeRange { start, end },
                rows,
            }),
        }
    }
    slices
}

/// The statement that reads the executions of a slice in their order, at most `limit` of those after the cursor. Each row
/// has event time, id and attempt, and then the columns asked for.
pub fn compile_page(
    scoped: &Scoped<ExecutionExportQuery>,
    slice: TimeRange,
    after: Option<&Cursor>,
    limit: u64,
    dialect: &dyn Dialect,
) -> Statement {
    let query = scoped.question();
    let filter = match after {
        Some(cursor) => Predicate::All(vec![
            query.list.filter.clone(),
            beyond_cursor(cursor, Towards::Newer),
        ]),
        None => query.list.filter.clone(),
    };
    let has_name = query.columns.contains(&WORKFLOW_NAME);
    let stored = query.columns.iter().filter(|column| **column != WORKFLOW_NAME);
    let mut read: BTreeSet<&str> = stored.map(|column| column.stored).collect();
    read.extend(ORDER);
    if has_name {
        read.insert("workflow_id");
    }
    let list = quoted_list(&Vec::from_iter(read.iter().copied()), dialect);
    let select = |_: &str, sql: &mut SqlText| {
        sql.push(&list);
    };
    let columns = read.iter().map(|&column| column.to_owned()).collect();
    let mut sql = SqlText::default();
    sql.push("SELECT page.event_time, page.id, page.attempt");
    for column in &query.columns {
        sql.push(", ");
        match *column == WORKFLOW_NAME {
            true => sql.push("workflow_now.name"),
            false => sql.push("page.").push(&dialect.quoted(column.stored)),
        };
    }
    sql.push("\nFROM (\n");
    let slice = within(slice, query.list.range);
    relation(query, Some(slice), &filter, &select, columns).write(scoped.visible(), dialect, &mut sql);
    sql.push("\nORDER BY event_time, id, attempt\nLIMIT ");
    sql.param(Param::Int(i64::try_from(limit).unwrap_or(i64::MAX)));
    sql.push("\n) AS page");
    if has_name {
        sql.push("\nLEFT JOIN (").push(dialect.workflows_now());
        sql.push(") AS workflow_now ON workflow_now.id = page.workflow_id");
    }
    sql.push("\nORDER BY page.event_time, page.id, page.attempt");
    sql.into()
}

fn within(slice: TimeRange, range: Option<TimeRange>) -> TimeRange {
    match range {
        Some(range) => TimeRange {
            start: slice.start.max(range.start),
            end: slice.end.min(range.end),
        },
        None => slice,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tacho_core::{OrganizationId, Scope};

    use super::*;
    use crate::dialect::DuckDb;
    use crate::scope::scoped;

    fn validated(params: ExecutionExportParams) -> Result<ExecutionExportQuery, QueryError> {
        ExecutionExportQuery::validate(&params, "2026-11-22T10:00:00Z".parse().unwrap(), &TimeZone::UTC)
    }

    fn named(columns: &[&str]) -> ExecutionExportParams {
        ExecutionExportParams {
            columns: Some(columns.iter().map(|&name| name.to_owned()).collect()),
            period: Some(tacho_core::period::Period::Day),
            ..ExecutionExportParams::default()
        }
    }

    #[test]
    fn statements_are_scoped_sliced_and_ordered() {
        let query = validated(ExecutionExportParams {
            status: Some("failed".into()),
            ..named(&["status", "workflow_name", "cost_usd", "id"])
        });
        let scope = Scope::owned(OrganizationId::from_bytes([1; 16]), vec!["ada".into()]);
        let scoped = scoped(query.unwrap(), &scope);
        let slice = TimeRange {
            start: "2026-11-22T09:00:00Z".parse().unwrap(),
            end: "2026-11-22T12:00:00Z".parse().unwrap(),
        };
        let cursor = Cursor {
            event_time: slice.start,
            id: "run-7".into(),
            attempt: 2,
        };
        let statements = [
            compile_count(&scoped, &DuckDb),
            compile_slots(&scoped, slice, &DuckDb),
            compile_page(&scoped, slice, Some(&cursor), 500, &DuckDb),
        ];
        for statement in &statements {
            assert_eq!(statement.sql.matches('?').count(), statement.params.len());
        }
        let text = statements.map(|statement| format!("{}\n-- {:?}", statement.sql, statement.params));
        insta::assert_snapshot!(text.join("\n\n"));
    }

    #[test]
    fn wrong_columns_are_named() {
        let pointer = |columns: &[&str]| validated(named(columns)).unwrap_err().pointer().to_owned();
        assert_eq!(pointer(&[]), "/columns");
        assert_eq!(pointer(&["id", "colour"]), "/columns/1");
        assert_eq!(pointer(&["id", "status", "id"]), "/columns/2");
        let all = validated(ExecutionExportParams::default()).unwrap();
        assert_eq!(all.columns().len(), COLUMNS.len());
    }

    proptest! {
        #[test]
        fn slices_hold_all_slots_in_order_and_not_too_many_rows(
            gaps in prop::collection::vec((1i64..50, 1u64..200), 0..100),
            length in 1i64..10_000,
            rows_max in 1u64..500,
        ) {
            let mut slot = 0;
            let slots: Vec<(i64, u64)> = gaps.iter().map(|(gap, rows)| { slot += gap; (slot, *rows) }).collect();
            let slices = slices(&slots, length, rows_max);
            prop_assert!(slices.windows(2).all(|pair| pair[0].range.end <= pair[1].range.start));
            let mut of_slices = vec![(0, 0); slices.len()];
            for (slot, rows) in &slots {
                let start = Timestamp::from_micros(slot * length);
                let at: Vec<usize> =
                    (0..slices.len()).filter(|&at| slices[at].range.contains(start)).collect();
                prop_assert_eq!(at.len(), 1);
                prop_assert!(start.plus_micros(length) <= slices[at[0]].range.end);
                of_slices[at[0]].0 += rows;
                of_slices[at[0]].1 += 1;
            }
            for (slice, (rows, slots)) in slices.iter().zip(of_slices) {
                prop_assert_eq!(slice.rows, rows);
                prop_assert!(rows <= rows_max || slots == 1);
            }
        }
    }

    #[test]
    fn slots_cover_a_range_in_bounded_number() {
        for micros in [0, 1, 19_999, 20_000, 86_400_000_000, Timestamp::MAX.as_micros()] {
            let range = TimeRange {
                start: Timestamp::MIN,
                end: Timestamp::from_micros(micros),
            };
            assert!(micros / slot_length(range) <= SLOTS_MAX);
        }
    }
}
