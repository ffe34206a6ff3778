//! A page of what goes wrong.

use jiff::tz::TimeZone;
use tacho_core::record::RecordType;
use tacho_core::record::schema::FAILED_STATUSES;
use tacho_core::time::{TimeRange, Timestamp};

use super::faults::{Faults, Order, Page};
use super::read;
use super::span::{Span, zone_of};
use super::wire::{
    ERROR_TYPES_MAX, FailureList, FailureListParams, FailureState, FailureTotals, PAGE_LIMIT_DEFAULT,
    PAGE_LIMIT_MAX, WORKFLOWS_LISTED_MAX,
};
use crate::dialect::{Dialect, SqlText};
use crate::error::QueryError;
use crate::model::names;
use crate::params::{OFFSET_MAX, bounded, within};
use crate::predicate::Predicate;
use crate::relation::{Relation, Table};
use crate::scope::Scoped;
use crate::shape::{Moment, ShapeError};
use crate::statement::{Param, ResultSet, Statement};

/// Which failures to list, every name and limit checked.
#[derive(Clone, Debug, PartialEq)]
pub struct FailureListQuery {
    span: Span,
    /// Which failed executions count that have a fault.
    filter: Predicate,
    /// Which failed executions count that have none.
    unexplained: Predicate,
    search: Option<String>,
    states: Vec<FailureState>,
    order: Order,
    limit: u32,
    offset: u32,
}

impl FailureListQuery {
    /// Checks a question. Pointers of errors name the parameter.
    ///
    /// # Errors
    /// With the parameter that is wrong, and what to do about it.
    pub fn validate(params: &FailureListParams, now: Timestamp, zone: &TimeZone) -> Result<Self, QueryError> {
        let zone = zone_of(params.timezone.as_deref(), zone)?;
        let span = Span::resolved(params.period, params.from, params.to, now, &zone)?;
        let workflow = bounded(&params.workflow_id, "workflow_id")?;
        let workflow = workflow.map(|id| Predicate::equals("workflow_id", id));
        let error_type = bounded(&params.error_type, "error_type")?;
        let error_type = error_type.map(|word| Predicate::equals("error_type", word));
        let search = bounded(&params.search, "search")?.map(str::to_owned);
        let unexplained = match search.is_some() || error_type.is_some() {
            true => Predicate::Any(Vec::new()),
            false => {
                let has_failed = Predicate::OneOf {
                    column: "status".into(),
                    values: FAILED_STATUSES
                        .iter()
                        .map(|&word| Param::Text(word.into()))
                        .collect(),
                };
                let conditions = [has_failed, Predicate::IsNull("error_fingerprint".into())];
                Predicate::All(conditions.into_iter().chain(workflow.clone()).collect())
            }
        };
        let has_fault = Predicate::IsNotNull("error_fingerprint".into());
        let conditions = std::iter::once(has_fault).chain(workflow).chain(error_type);
        Ok(Self {
            span,
            filter: Predicate::All(conditions.collect()),
            unexplained,
            search,
            states: states(bounded(&params.state, "state")?)?,
            order: order(bounded(&params.order, "order")?)?,
            limit: within(params.limit, "limit", PAGE_LIMIT_DEFAULT, 1, PAGE_LIMIT_MAX)?,
            offset: within(params.offset, "offset", 0, 0, OFFSET_MAX)?,
        })
    }

    /// Over which time executions are read with all that is shown of them.
    pub fn read(&self) -> TimeRange {
        self.span.whole()
    }

    /// The range asked about, and the one before it if there is one.
    pub fn ranges(&self) -> impl Iterator<Item = TimeRange> + Clone + use<> {
        self.span.ranges()
    }
}

fn states(list: Option<&str>) -> Result<Vec<FailureState>, QueryError> {
    let Some(list) = list else {
        return Ok(FailureState::ALL.to_vec());
    };
    let mut states = Vec::new();
    for word in list.split(',').map(str::trim) {
        let known = FailureState::ALL.map(FailureState::as_str);
        let state = read::state(word);
        let state = state.ok_or_else(|| names::unknown("state", word, "/state", known.into_iter()))?;
        if !states.contains(&state) {
            states.push(state);
        }
    }
    Ok(states)
}

fn order(word: Option<&str>) -> Result<Order, QueryError> {
    let Some(word) = word else {
        return Ok(Order::Count);
    };
    let known = Order::ALL.map(Order::as_str);
    let order = Order::ALL.into_iter().find(|order| order.as_str() == word);
    order.ok_or_else(|| names::unknown("order", word, "/order", known.into_iter()))
}

/// The statements that answer the list.
pub fn compile_failures(scoped: &Scoped<FailureListQuery>, dialect: &dyn Dialect) -> Vec<Statement> {
    let query = scoped.question();
    let faults = Faults {
        span: query.span,
        read: Some(query.span.whole()),
        filter: &query.filter,
        search: query.search.as_deref(),
        visible: scoped.visible(),
        dialect,
    };
    let [mut page, mut types, mut unexplained] = [(); 3].map(|()| SqlText::default());
    faults.write_page(
        &Page {
            states: &query.states,
            order: query.order,
            limit: query.limit,
            offset: query.offset,
            workflows_max: WORKFLOWS_LISTED_MAX,
        },
        &mut page,
    );
    faults.write_types(ERROR_TYPES_MAX, &mut types);
    let relation = Relation {
        table: Table::Rows(Some(query.span.range)),
        spec: RecordType::Execution.spec(),
        select: &|_, sql| {
            sql.push("count(*)");
        },
        columns: Default::default(),
        filter: &query.unexplained,
        is_measured: false,
        reads_workflow: false,
    };
    relation.write(scoped.visible(), dialect, &mut unexplained);
    [page, types, unexplained].map(Statement::from).to_vec()
}

/// The page that the results are.
///
/// # Errors
/// If the results are not those of [`compile_failures`].
pub fn shape_failures(
    query: &FailureListQuery,
    results: &[ResultSet],
    moment: Moment,
) -> Result<FailureList, ShapeError> {
    let [page, types, unexplained] = results else {
        return Err(ShapeError::new("parts of a list of failures are missing"));
    };
    let page = read::page(page)?;
    let states = &page.by_state;
    let end = u64::from(query.offset) + page.failures.len() as u64;
    let has_more = !page.failures.is_empty() && end < states.of(&query.states);
    let next_offset = has_more.then(|| u32::try_from(end).ok()).flatten();
    Ok(FailureList {
        next_offset: next_offset.filter(|offset| *offset <= OFFSET_MAX),
        totals: FailureTotals {
            failures: page.count,
            failures_before: page.count_before,
            fingerprints: states.new + states.regressed + states.ongoing,
            by_state: *states,
            by_error_type: read::types(types)?,
            unexplained: read::number(unexplained)?,
        },
        failures: page.failures,
        range: query.span.range.into(),
        range_before: query.span.before.map(Into::into),
        as_of: moment.as_of,
        as_of_lsn: moment.as_of_lsn,
    })
}

#[cfg(test)]
mod tests {
    use tacho_core::period::Period;
    use tacho_core::{OrganizationId, Scope};

    use super::*;
    use crate::dialect::DuckDb;
    use crate::scope::scoped;

    fn validated(params: FailureListParams) -> Result<FailureListQuery, QueryError> {
        FailureListQuery::validate(&params, "2026-11-22T10:00:00Z".parse().unwrap(), &TimeZone::UTC)
    }

    #[test]
    fn every_statement_is_scoped_and_bounded() {
        let query = validated(FailureListParams {
            period: Some(Period::Day),
            workflow_id: Some("invoices".into()),
            state: Some("new, regressed".into()),
            search: Some("100%".into()),
            offset: Some(20),
            ..FailureListParams::default()
        });
        let scope = Scope::owned(OrganizationId::from_bytes([1; 16]), vec!["ada".into()]);
        let statements = compile_failures(&scoped(query.unwrap(), &scope), &DuckDb);
        for statement in &statements {
            assert_eq!(statement.sql.matches('?').count(), statement.params.len());
        }
        // Each reading of executions is scoped: two for the page, one for the types, one for what has no fault.
        let sql: Vec<&str> = statements
            .iter()
            .map(|statement| statement.sql.as_str())
            .collect();
        let scoped = sql.iter().map(|sql| sql.matches("owner_id IN (?)").count());
        assert_eq!(scoped.collect::<Vec<_>>(), [2, 1, 1]);
        let texts: Vec<String> = statements
            .iter()
            .map(|one| format!("{}\n-- {:?}", one.sql, one.params))
            .collect();
        insta::assert_snapshot!(texts.join("\n\n"));
    }

    #[test]
    fn wrong_parameters_are_named() {
        let none = FailureListParams::default;
        let pointer = |params| validated(params).unwrap_err().pointer().to_owned();
        let text = |text: &str| Some(text.to_owned());
        let wrong = [
            (
                FailureListParams {
                    state: text("new,old"),
                    ..none()
                },
                "/state",
            ),
            (
                FailureListParams {
                    order: text("costs"),
                    ..none()
                },
                "/order",
            ),
            (
                FailureListParams {
                    limit: Some(201),
                    ..none()
                },
                "/limit",
            ),
            (
                FailureListParams {
                    limit: Some(0),
                    ..none()
                },
                "/limit",
            ),
            (
                FailureListParams {
                    offset: Some(100_001),
                    ..none()
                },
                "/offset",
            ),
            (
                FailureListParams {
                    timezone: text("Berlin"),
                    ..none()
                },
                "/timezone",
            ),
            (
                FailureListParams {
                    search: Some("x".repeat(9_000)),
                    ..none()
                },
                "/search",
            ),
            (
                FailureListParams {
                    to: Some(Timestamp::MAX),
                    ..none()
                },
                "/to",
            ),
        ];
        for (params, expected) in wrong {
            assert_eq!(pointer(params), expected);
        }
        assert!(
            validated(FailureListParams {
                state: text(""),
                order: text(""),
                ..none()
            })
            .is_ok()
        );
    }

    #[test]
    fn the_quiet_time_is_as_long_as_the_range_and_a_week_at_least() {
        let quiet_days = |period| {
            let params = FailureListParams {
                period: Some(period),
                ..FailureListParams::default()
            };
            validated(params).unwrap().span.quiet_us() / 86_400_000_000
        };
        assert_eq!(
            [Period::Day, Period::Week, Period::Month].map(quiet_days),
            [7, 7, 31]
        );
    }
}
