//! A page of executions.

use std::sync::Arc;

use jiff::tz::TimeZone;
use tacho_core::record::RecordType;
use tacho_core::time::{TimeRange, Timestamp};

use super::cursor::Cursor;
use super::read::{EXECUTION_COLUMNS, execution};
use super::wire::{ExecutionList, ExecutionListParams, PAGE_LIMIT_DEFAULT, PAGE_LIMIT_MAX};
use crate::buckets::segments;
use crate::cells::Cells;
use crate::dialect::{Dialect, SqlText};
use crate::error::QueryError;
use crate::filter::compile_filters;
use crate::model::{Calendar, Kind, names};
use crate::operand::Operand;
use crate::params::{FILTER_VALUES_MAX, Filter, TimeParams, bounded, filters_from_text, within};
use crate::predicate::{Comparison, Predicate};
use crate::relation::{Relation, Table};
use crate::scope::Scoped;
use crate::shape::{Moment, ShapeError};
use crate::statement::{Param, ResultSet, Statement};
use crate::time::resolve;

/// Which executions to list, every name and limit checked.
#[derive(Clone, Debug, PartialEq)]
pub struct ExecutionListQuery {
    pub(super) range: Option<TimeRange>,
    pub(super) filter: Predicate,
    order: Order,
    /// Whether things that have not ended have no duration, as measures have it: so that as many are listed as are counted
    /// under the same filters.
    pub(super) is_measured: bool,
    limit: u32,
}

/// Which executions come first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    Newest,
    Longest,
    Costliest,
}

impl Order {
    const ALL: [Order; 3] = [Order::Newest, Order::Longest, Order::Costliest];

    const fn as_str(self) -> &'static str {
        match self {
            Order::Newest => "newest",
            Order::Longest => "longest",
            Order::Costliest => "costliest",
        }
    }

    fn of(word: Option<&str>) -> Result<Self, QueryError> {
        let Some(word) = word else {
            return Ok(Order::Newest);
        };
        let known = Order::ALL.map(Order::as_str);
        let order = Order::ALL.into_iter().find(|order| order.as_str() == word);
        order.ok_or_else(|| names::unknown("order", word, "/order", known.into_iter()))
    }

    /// The column whose greatest value comes first; of rows that have none or the same, the newest.
    const fn column(self) -> Option<&'static str> {
        match self {
            Order::Newest => None,
            Order::Longest => Some("duration_ms"),
            Order::Costliest => Some("cost_usd_micros"),
        }
    }

    /// What stands after `ORDER BY`; `of` stands before each column.
    fn sql(self, of: &str) -> String {
        let by = self
            .column()
            .map(|column| format!("{of}{column} DESC NULLS LAST, "));
        let by = by.unwrap_or_default();
        format!("{by}{of}event_time DESC, {of}id DESC, {of}attempt DESC")
    }
}

/// All time, for which filters by the local hour know the clock.
const EVER: TimeRange = TimeRange {
    start: Timestamp::MIN,
    end: Timestamp::MAX,
};

/// Where a text is searched.
const SEARCHED: &[&str] = &["id", "workflow_id", "user_id", "error_type", "error_message"];

impl ExecutionListQuery {
    /// The range of time; `None` for all time.
    pub fn range(&self) -> Option<TimeRange> {
        self.range
    }

    /// Checks a question. Pointers of errors name the parameter.
    ///
    /// # Errors
    /// With the parameter that is wrong, and what to do about it.
    pub fn validate(
        params: &ExecutionListParams,
        now: Timestamp,
        zone: &TimeZone,
    ) -> Result<Self, QueryError> {
        let text = params.filters.as_deref().filter(|text| !text.is_empty());
        let filters = text.map_or(Ok(Vec::new()), |text| filters_from_text(text, "filters"))?;
        Self::filtered(params, &filters, now, zone)
    }

    /// The same, with these filters in place of the text.
    pub(super) fn filtered(
        params: &ExecutionListParams,
        filters: &[Filter],
        now: Timestamp,
        zone: &TimeZone,
    ) -> Result<Self, QueryError> {
        let time = TimeParams {
            period: params.period,
            from: params.from,
            to: params.to,
            last: None,
        };
        let range = match &time {
            TimeParams {
                period: None,
                from: None,
                to: None,
                ..
            } => None,
            // All until then.
            TimeParams {
                period: None,
                from: None,
                to: Some(to),
                ..
            } => Some(TimeRange {
                start: Timestamp::MIN,
                end: *to,
            }),
            _ => Some(resolve(&time, now, zone, "")?.range),
        };
        let mut conditions = Vec::new();
        for (column, value) in [
            ("workflow_id", &params.workflow_id),
            ("user_id", &params.user_id),
            ("error_type", &params.error_type),
            ("error_fingerprint", &params.error_fingerprint),
        ] {
            if let Some(value) = bounded(value, column)? {
                conditions.push(Predicate::equals(column, value));
            }
        }
        for (column, value) in [("status", &params.status), ("trigger_type", &params.trigger_type)] {
            if let Some(value) = bounded(value, column)? {
                conditions.push(words(column, value)?);
            }
        }
        if let Some(text) = bounded(&params.search, "search")? {
            conditions.push(Predicate::Any(vec![
                Predicate::Contains {
                    columns: SEARCHED.iter().copied().map(Operand::Column).collect(),
                    text: text.to_owned(),
                },
                Predicate::WorkflowNameContains(text.to_owned()),
            ]));
        }
        if !filters.is_empty() {
            let calendar: Calendar = segments(range.unwrap_or(EVER), zone).into();
            let source = names::source("executions", "/filters")?;
            conditions.push(compile_filters(source, filters, &calendar, "/filters")?);
        }
        let order = Order::of(bounded(&params.order, "order")?)?;
        if params.cursor.is_some() && order != Order::Newest {
            return Err(QueryError::InvalidValue {
                pointer: "/cursor".to_owned(),
                reason:
                    "only the newest executions are listed page by page; leave \"cursor\" out, or \"order\""
                        .to_owned(),
            });
        }
        if let Some(text) = &params.cursor {
            let cursor = Cursor::decode(text).ok_or_else(|| QueryError::InvalidValue {
                pointer: "/cursor".to_owned(),
                reason: "this is no cursor; take \"next_cursor\" of the page before, or leave it out"
                    .to_owned(),
            })?;
            conditions.push(beyond_cursor(&cursor, Towards::Older));
        }
        let limit = within(params.limit, "limit", PAGE_LIMIT_DEFAULT, 1, PAGE_LIMIT_MAX)?;
        Ok(Self {
            range,
            filter: Predicate::All(conditions),
            order,
            is_measured: !filters.is_empty() || order == Order::Longest,
            limit,
        })
    }
}

fn words(column: &'static str, list: &str) -> Result<Predicate, QueryError> {
    let pointer = format!("/{column}");
    let field = names::field(
        names::source("executions", &pointer)?,
        column,
        &pointer,
        &Arc::default(),
    )?;
    let known = match field.kind {
        Kind::Word(words) => words,
        _ => &[],
    };
    let values = list
        .split(',')
        .map(str::trim)
        .take(FILTER_VALUES_MAX)
        .map(|word| match known.contains(&word) {
            true => Ok(Param::Text(word.to_owned())),
            false => Err(names::unknown(column, word, &pointer, known.iter().copied())),
        })
        .collect::<Result<_, _>>()?;
    Ok(Predicate::OneOf {
        column: column.into(),
        values,
    })
}

/// Which way a list of executions goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Towards {
    /// The newest come first.
    Older,
    /// The oldest come first.
    Newer,
}

/// Those that come after the cursor's execution in a list that goes that way.
pub(super) fn beyond_cursor(cursor: &Cursor, towards: Towards) -> Predicate {
    let (beyond, not_before) = match towards {
        Towards::Older => (Comparison::Less, Comparison::AtMost),
        Towards::Newer => (Comparison::Greater, Comparison::AtLeast),
    };
    let compare = |column: &'static str, comparison, value| Predicate::Compare {
        column: column.into(),
        comparison,
        value,
    };
    let time = || Param::Time(cursor.event_time);
    let id = || Param::Text(cursor.id.clone());
    Predicate::All(vec![
        // For the engine's sake: this alone rules most rows out.
        compare("event_time", not_before, time()),
        Predicate::Any(vec![
            compare("event_time", beyond, time()),
            compare("id", beyond, id()),
            Predicate::All(vec![
                compare("id", Comparison::Equals, id()),
                compare("attempt", beyond, Param::Int(cursor.attempt.into())),
            ]),
        ]),
    ])
}

/// The statement that answers the list.
pub fn compile_list(scoped: &Scoped<ExecutionListQuery>, dialect: &dyn Dialect) -> Vec<Statement> {
    let query = scoped.question();
    let list = quoted_list(EXECUTION_COLUMNS, dialect);
    let relation = Relation {
        table: Table::Rows(query.range),
        spec: RecordType::Execution.spec(),
        select: &|_, sql| {
            sql.push(&list);
        },
        columns: EXECUTION_COLUMNS
            .iter()
            .map(|&column| column.to_owned())
            .collect(),
        filter: &query.filter,
        is_measured: query.is_measured,
        reads_workflow: false,
    };
    let mut sql = SqlText::default();
    sql.push("SELECT page.*, workflow_now.name\nFROM (\n");
    relation.write(scoped.visible(), dialect, &mut sql);
    sql.push("\nORDER BY ")
        .push(&query.order.sql(""))
        .push("\nLIMIT ");
    sql.param(Param::Int(i64::from(query.limit) + 1));
    sql.push("\n) AS page\nLEFT JOIN (").push(dialect.workflows_now());
    sql.push(") AS workflow_now ON workflow_now.id = page.workflow_id");
    sql.push("\nORDER BY ").push(&query.order.sql("page."));
    vec![sql.into()]
}

/// The page that the result is.
///
/// # Errors
/// If the result is not that of [`compile_list`].
pub fn shape_list(
    query: &ExecutionListQuery,
    results: &[ResultSet],
    moment: Moment,
) -> Result<ExecutionList, ShapeError> {
    let [result] = results else {
        return Err(ShapeError::new("a list is not one result"));
    };
    let limit = query.limit as usize;
    let executions = result
        .rows
        .iter()
        .take(limit)
        .map(|row| execution(&mut Cells::of(row)))
        .collect::<Option<Vec<_>>>()
        .ok_or(ShapeError::new("an execution lacks its id"))?;
    let next_cursor = executions
        .last()
        .filter(|_| result.rows.len() > limit && query.order == Order::Newest)
        .map(|last| {
            let cursor = Cursor {
                event_time: last.event_time,
                id: last.id.clone(),
                attempt: last.attempt,
            };
            cursor.encode()
        });
    Ok(ExecutionList {
        executions,
        next_cursor,
        as_of: moment.as_of,
        as_of_lsn: moment.as_of_lsn,
    })
}

pub(super) fn quoted_list(columns: &[&str], dialect: &dyn Dialect) -> String {
    columns
        .iter()
        .map(|column| dialect.quoted(column))
        .collect::<Vec<_>>()
        .join(", ")
}

#[cfg(test)]
mod tests {
    use tacho_core::{OrganizationId, Scope};

    use super::*;
    use crate::dialect::DuckDb;
    use crate::scope::scoped;

    fn validated(params: ExecutionListParams) -> Result<ExecutionListQuery, QueryError> {
        ExecutionListQuery::validate(&params, "2026-11-22T10:00:00Z".parse().unwrap(), &TimeZone::UTC)
    }

    #[test]
    fn the_statement_is_scoped_and_bounded() {
        let cursor = Cursor {
            event_time: "2026-11-21T09:00:00Z".parse().unwrap(),
            id: "run-7".into(),
            attempt: 2,
        };
        let query = validated(ExecutionListParams {
            period: Some(tacho_core::period::Period::Day),
            status: Some("failed, timeout".into()),
            workflow_id: Some("invoices".into()),
            search: Some("100%".into()),
            filters: Some(
                r#"[{"or": [{"field": "tags.env", "op": "eq", "value": "prod"},
                            {"field": "workflow_group", "op": "is_null"}]},
                    {"field": "hour_of_day", "op": "gte", "value": 22}]"#
                    .into(),
            ),
            cursor: Some(cursor.encode()),
            ..ExecutionListParams::default()
        });
        let scope = Scope::owned(OrganizationId::from_bytes([1; 16]), vec!["ada".into()]);
        let statements = compile_list(&scoped(query.unwrap(), &scope), &DuckDb);
        let [statement] = statements.as_slice() else {
            panic!("one statement")
        };
        assert_eq!(statement.sql.matches('?').count(), statement.params.len());
        insta::assert_snapshot!(format!("{}\n-- {:?}", statement.sql, statement.params));
    }

    #[test]
    fn wrong_parameters_are_named() {
        let pointer = |params| validated(params).unwrap_err().pointer().to_owned();
        let none = ExecutionListParams::default;
        assert_eq!(
            pointer(ExecutionListParams {
                status: Some("done".into()),
                ..none()
            }),
            "/status"
        );
        assert_eq!(
            pointer(ExecutionListParams {
                limit: Some(201),
                ..none()
            }),
            "/limit"
        );
        assert_eq!(
            pointer(ExecutionListParams {
                limit: Some(0),
                ..none()
            }),
            "/limit"
        );
        assert_eq!(
            pointer(ExecutionListParams {
                cursor: Some("AAAA".into()),
                ..none()
            }),
            "/cursor"
        );
        assert_eq!(
            pointer(ExecutionListParams {
                search: Some("x".repeat(9_000)),
                ..none()
            }),
            "/search"
        );
        let filters = |text: &str| ExecutionListParams {
            filters: Some(text.into()),
            ..none()
        };
        for (text, at) in [
            ("nonsense", "/filters"),
            ("[] []", "/filters"),
            (r#"{"field": "status"}"#, "/filters"),
            (
                r#"[{"field": "user", "op": "is_null"}, {"field": "status"}]"#,
                "/filters/1",
            ),
            (r#"[{"field": "height", "op": "is_null"}]"#, "/filters/0/field"),
            (
                r#"[{"not": {"field": "status", "op": "eq", "value": "done"}}]"#,
                "/filters/0/not/value",
            ),
        ] {
            assert_eq!(pointer(filters(text)), at, "{text}");
        }
        let ordered = |order: &str, cursor: Option<&str>| ExecutionListParams {
            order: Some(order.into()),
            cursor: cursor.map(str::to_owned),
            ..none()
        };
        assert_eq!(pointer(ordered("oldest", None)), "/order");
        assert_eq!(pointer(ordered("longest", Some("AAAA"))), "/cursor");
        let reversed = ExecutionListParams {
            from: Some("2026-11-22T00:00:00Z".parse().unwrap()),
            to: Some("2026-11-21T00:00:00Z".parse().unwrap()),
            ..none()
        };
        assert_eq!(pointer(reversed), "/to");
        assert!(
            validated(ExecutionListParams {
                status: Some(String::new()),
                ..none()
            })
            .is_ok()
        );
    }
}
