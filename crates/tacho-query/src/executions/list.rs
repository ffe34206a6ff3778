//! A page of executions, newest first.

use std::sync::Arc;

use jiff::tz::TimeZone;
use tacho_core::record::RecordType;
use tacho_core::time::{TimeRange, Timestamp};

use super::cursor::Cursor;
use super::read::{EXECUTION_COLUMNS, execution};
use super::wire::{ExecutionList, ExecutionListParams, PAGE_LIMIT_DEFAULT, PAGE_LIMIT_MAX};
use crate::cells::Cells;
use crate::dialect::{Dialect, SqlText};
use crate::error::QueryError;
use crate::model::{Kind, names};
use crate::operand::Operand;
use crate::params::{FILTER_TEXT_BYTES_MAX, FILTER_VALUES_MAX, TimeParams};
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
    limit: u32,
}

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
        if let Some(text) = &params.cursor {
            let cursor = Cursor::decode(text).ok_or_else(|| QueryError::InvalidValue {
                pointer: "/cursor".to_owned(),
                reason: "this is no cursor; take \"next_cursor\" of the page before, or leave it out"
                    .to_owned(),
            })?;
            conditions.push(beyond_cursor(&cursor, Towards::Older));
        }
        let limit = params.limit.unwrap_or(PAGE_LIMIT_DEFAULT);
        if !(1..=PAGE_LIMIT_MAX).contains(&limit) {
            return Err(QueryError::InvalidValue {
                pointer: "/limit".to_owned(),
                reason: format!("\"limit\" is from 1 to {PAGE_LIMIT_MAX}"),
            });
        }
        Ok(Self {
            range,
            filter: Predicate::All(conditions),
            limit,
        })
    }
}

/// An empty parameter is one left out, as forms send it.
fn bounded<'a>(value: &'a Option<String>, name: &str) -> Result<Option<&'a str>, QueryError> {
    match value.as_deref() {
        Some(text) if text.len() > FILTER_TEXT_BYTES_MAX => Err(QueryError::InvalidValue {
            pointer: format!("/{name}"),
            reason: format!(
                "a text may have {FILTER_TEXT_BYTES_MAX} bytes; this one has {}",
                text.len()
            ),
        }),
        text => Ok(text.filter(|text| !text.is_empty())),
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
        is_measured: false,
        reads_workflow: false,
    };
    let mut sql = SqlText::default();
    sql.push("SELECT page.*, workflow_now.name\nFROM (\n");
    relation.write(scoped.visible(), dialect, &mut sql);
    sql.push("\nORDER BY event_time DESC, id DESC, attempt DESC\nLIMIT ");
    sql.param(Param::Int(i64::from(query.limit) + 1));
    sql.push("\n) AS page\nLEFT JOIN (").push(dialect.workflows_now());
    sql.push(") AS workflow_now ON workflow_now.id = page.workflow_id");
    sql.push("\nORDER BY page.event_time DESC, page.id DESC, page.attempt DESC");
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
        .filter(|_| result.rows.len() > limit)
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
