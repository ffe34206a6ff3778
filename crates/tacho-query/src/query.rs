//! Stage 2: a question whose every name is known and whose every limit is kept.

use jiff::tz::TimeZone;
use tacho_core::time::{TimeRange, Timestamp};

use crate::buckets::{Bucket, Buckets, segments};
use crate::error::QueryError;
use crate::extent::Extent;
use crate::filter::compile_filters;
use crate::granularity::Granularity;
use crate::model::derived::{AskedMeasure, Derived};
use crate::model::names::{self, unknown};
use crate::model::{Calendar, Source, Term};
use crate::params::{
    Baseline, DIMENSIONS_MAX, Direction, FilterOp, LIMIT_DEFAULT, LIMIT_MAX, MEASURES_MAX, OFFSET_MAX, Order,
    QueryParams,
};
use crate::predicate::{Comparison, Predicate};
use crate::time;

/// Criteria of order that one question may have.
const ORDER_MAX: usize = MEASURES_MAX + DIMENSIONS_MAX;
/// How measures can be compared.
const HAVING_OPS: &[FilterOp] = &[
    FilterOp::Eq,
    FilterOp::Ne,
    FilterOp::Lt,
    FilterOp::Lte,
    FilterOp::Gt,
    FilterOp::Gte,
];
/// Rows that an answer with buckets may hold: groups times buckets.
const SERIES_ROWS_MAX: usize = 10_000;

/// A question whose every name is known. Whose rows it may see is not said yet: that takes [`crate::scope::scoped`].
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    /// What is asked about.
    pub source: &'static Source,
    /// The numbers asked for, at least one.
    pub measures: Vec<AskedMeasure>,
    /// What to group by.
    pub dimensions: Vec<Term>,
    /// The range of time.
    pub range: TimeRange,
    /// The range compared with.
    pub previous: Option<Previous>,
    /// The zone of periods and buckets.
    pub zone: TimeZone,
    /// The buckets of time, if there is to be a series.
    pub series: Option<Series>,
    /// Which rows count.
    pub filter: Predicate,
    /// Which groups come first. Never empty if there are dimensions; names every dimension, so that it is total.
    pub order: Vec<OrderBy>,
    /// Which groups are answered, by their measures. All must hold.
    pub having: Vec<HavingBy>,
    /// The group with which all are compared.
    pub baseline: Option<Baseline>,
    /// Groups to answer.
    pub limit: u32,
    /// Groups to pass over before.
    pub offset: u32,
    /// Whether the groups beyond the limit are answered together.
    pub with_other: bool,
    /// What the asker should know about how the question was understood.
    pub notes: Vec<String>,
}

/// A range that is compared with the one asked about.
#[derive(Clone, Debug, PartialEq)]
pub struct Previous {
    /// The range.
    pub range: TimeRange,
    /// Its buckets, of the same length as those of the range asked about.
    pub series: Option<Series>,
}

impl Previous {
    /// Whether its groups and buckets are compared, and not its totals only.
    pub fn has_rows(&self, query: &Query) -> bool {
        self.series.is_some() == query.series.is_some()
    }
}

/// The buckets of a series.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// The length asked for.
    pub requested: Granularity,
    /// The buckets.
    pub buckets: Buckets,
    /// Whether the latest comes first.
    pub is_descending: bool,
}

impl Series {
    /// The buckets, each with the first instant after it, at which the next one begins or the range ends.
    pub(crate) fn ends(&self, range_end: Timestamp) -> impl Iterator<Item = (&Bucket, Timestamp)> {
        let buckets = &self.buckets.buckets;
        let ends = buckets.iter().skip(1).map(|next| next.start);
        buckets.iter().zip(ends.chain([range_end]))
    }
}

/// A criterion of order. What is not known comes last in both directions.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OrderBy {
    /// By what.
    pub key: OrderKey,
    /// Whether the greatest comes first.
    pub is_descending: bool,
}

/// A condition on a measure of a group.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HavingBy {
    /// The measure's position in the question.
    pub measure: usize,
    /// How it is compared.
    pub comparison: Comparison,
    /// With what, as the measure's column counts it.
    pub value: f64,
}

/// By what groups are ordered.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum OrderKey {
    /// The measure at this position of the question.
    Measure(usize),
    /// The dimension at this position of the question.
    Dimension(usize),
}

impl Query {
    /// Checks a question. `default_zone` is the asker's own.
    ///
    /// # Errors
    /// With the pointer to what is wrong, and what to do about it.
    pub fn validate(
        params: &QueryParams,
        now: Timestamp,
        default_zone: &TimeZone,
    ) -> Result<Query, QueryError> {
        let Extent {
            source,
            zone,
            time,
            compared: previous,
        } = Extent::of(params, now, default_zone)?;
        let measures = look_up(&params.measures, MEASURES_MAX, "measures", |name, at| {
            names::measure(source, name, at)
        })?;
        if measures.is_empty() {
            return Err(QueryError::InvalidValue {
                pointer: "/measures".to_owned(),
                reason: "name at least one measure, such as \"count\"".to_owned(),
            });
        }
        let mut notes = Vec::new();
        if params.compare.is_some() && previous.is_none() {
            notes.push("There is no earlier range to compare with.".to_owned());
        }
        let touched = TimeRange {
            start: previous.map_or(time.range.start, |previous| previous.start.min(time.range.start)),
            end: previous.map_or(time.range.end, |previous| previous.end.max(time.range.end)),
        };
        let calendar: Calendar = segments(touched, &zone).into();
        let dimensions = look_up(&params.dimensions, DIMENSIONS_MAX, "dimensions", |name, at| {
            names::dimension(source, name, at, &calendar)
        })?;
        let filter = compile_filters(source, &params.filters, &calendar, "/filters")?;
        let (order, time_order) = order_of(params, source, &measures, &dimensions)?;
        let series = params.granularity.map(|requested| Series {
            requested,
            buckets: Buckets::of(time.range, requested, &zone),
            is_descending: time_order == Some(Direction::Desc),
        });
        if let Some(series) = series
            .as_ref()
            .filter(|series| series.buckets.granularity != series.requested)
        {
            notes.push(format!(
                "The range is too long for a point per {}; there is one per {}.",
                series.requested.label(),
                series.buckets.granularity.label()
            ));
        }
        if series.is_none() && time_order.is_some() {
            return Err(QueryError::InvalidValue {
                pointer: "/order".to_owned(),
                reason: "ordering by time needs a granularity".to_owned(),
            });
        }
        if series.is_none()
            && let Some(at) = measures
                .iter()
                .position(|measure| measure.derived == Some(Derived::Cumulative))
        {
            return Err(QueryError::InvalidValue {
                pointer: format!("/measures/{at}"),
                reason: "what is cumulative needs a granularity".to_owned(),
            });
        }
        let previous = previous.map(|range| before(range, series.as_ref(), &zone, &mut notes));
        let limit = limit_of(params, series.as_ref(), !dimensions.is_empty(), &mut notes)?;
        let having = having_of(params, &measures)?;
        check_groups(params, &dimensions)?;
        Ok(Query {
            source,
            measures,
            dimensions,
            range: time.range,
            previous,
            zone,
            series,
            filter,
            order,
            having,
            baseline: params.baseline.clone(),
            limit,
            offset: params.offset.unwrap_or(0),
            with_other: params.other,
            notes,
        })
    }

    /// The zone's name.
    pub fn zone_name(&self) -> &str {
        time::zone_name(&self.zone)
    }
}

/// The range compared with, cut into buckets as the range asked about is. Of one that would have far more of them, the
/// totals alone are compared.
fn before(range: TimeRange, now: Option<&Series>, zone: &TimeZone, notes: &mut Vec<String>) -> Previous {
    let series = now.and_then(|now| {
        let granularity = now.buckets.granularity;
        let buckets = Buckets::exactly(range, granularity, zone);
        if buckets.is_none() {
            let unit = granularity.label();
            notes.push(format!(
                "The range compared with is too long for a point per {unit}; only its totals are compared."
            ));
        }
        Some(Series {
            buckets: buckets?,
            ..now.clone()
        })
    });
    Previous { range, series }
}

fn look_up<T: PartialEq>(
    names: &[String],
    max: usize,
    what: &'static str,
    find: impl Fn(&str, &str) -> Result<T, QueryError>,
) -> Result<Vec<T>, QueryError> {
    if names.len() > max {
        return Err(QueryError::TooMany {
            pointer: format!("/{what}"),
            what,
            found: names.len(),
            max,
        });
    }
    let mut found = Vec::with_capacity(names.len());
    for (at, name) in names.iter().enumerate() {
        let pointer = format!("/{what}/{at}");
        let one = find(name, &pointer)?;
        if found.contains(&one) {
            return Err(QueryError::InvalidValue {
                pointer,
                reason: format!("\"{name}\" stands twice; name it once"),
            });
        }
        found.push(one);
    }
    Ok(found)
}

/// The order of groups, made total by the dimensions; and the order of time, if the question says one.
fn order_of(
    params: &QueryParams,
    source: &'static Source,
    measures: &[AskedMeasure],
    dimensions: &[Term],
) -> Result<(Vec<OrderBy>, Option<Direction>), QueryError> {
    if params.order.len() > ORDER_MAX {
        return Err(QueryError::TooMany {
            pointer: "/order".to_owned(),
            what: "criteria of order",
            found: params.order.len(),
            max: ORDER_MAX,
        });
    }
    let mut order = Vec::new();
    let mut time = None;
    for (at, Order { by, direction }) in params.order.iter().enumerate() {
        let named = source.dimension(by, &Calendar::default());
        let (key, default) = if by == "time" {
            time = Some(direction.unwrap_or(Direction::Asc));
            continue;
        } else if let Some(position) = measures
            .iter()
            .position(|measure| measure.asked_name() == by.as_str())
        {
            (OrderKey::Measure(position), Direction::Desc)
        } else if let Some(position) = dimensions
            .iter()
            .position(|dimension| Some(dimension) == named.as_ref())
        {
            (OrderKey::Dimension(position), Direction::Asc)
        } else {
            let names: Vec<_> = measures.iter().map(AskedMeasure::asked_name).collect();
            let known = names.iter().map(|name| &**name);
            let known = known.chain(dimensions.iter().map(|dimension| &*dimension.name));
            let known = known.chain(params.granularity.map(|_| "time"));
            return Err(unknown(
                "measure or dimension of this query",
                by,
                &format!("/order/{at}/by"),
                known,
            ));
        };
        order.push(OrderBy {
            key,
            is_descending: direction.unwrap_or(default) == Direction::Desc,
        });
    }
    if order.is_empty() {
        order.push(OrderBy {
            key: OrderKey::Measure(0),
            is_descending: true,
        });
    }
    for position in 0..dimensions.len() {
        let key = OrderKey::Dimension(position);
        if !order.iter().any(|by| by.key == key) {
            order.push(OrderBy {
                key,
                is_descending: false,
            });
        }
    }
    Ok((order, time))
}

fn having_of(params: &QueryParams, measures: &[AskedMeasure]) -> Result<Vec<HavingBy>, QueryError> {
    if params.having.len() > MEASURES_MAX {
        return Err(QueryError::TooMany {
            pointer: "/having".to_owned(),
            what: "conditions on measures",
            found: params.having.len(),
            max: MEASURES_MAX,
        });
    }
    let conditions = params.having.iter().enumerate().map(|(at, having)| {
        let pointer = format!("/having/{at}");
        let position = measures
            .iter()
            .position(|measure| measure.asked_name() == having.measure.as_str())
            .ok_or_else(|| {
                let names: Vec<_> = measures.iter().map(AskedMeasure::asked_name).collect();
                let known = names.iter().map(|name| &**name);
                unknown(
                    "measure of this query",
                    &having.measure,
                    &format!("{pointer}/measure"),
                    known,
                )
            })?;
        if measures[position].derived.is_some() {
            return Err(QueryError::InvalidValue {
                pointer: format!("{pointer}/measure"),
                reason: format!("name the measure itself: \"{}\"", measures[position].name),
            });
        }
        let comparison = match having.op {
            FilterOp::Eq => Comparison::Equals,
            FilterOp::Ne => Comparison::Differs,
            FilterOp::Lt => Comparison::Less,
            FilterOp::Lte => Comparison::AtMost,
            FilterOp::Gt => Comparison::Greater,
            FilterOp::Gte => Comparison::AtLeast,
            op => {
                return Err(QueryError::UnsupportedOp {
                    pointer: format!("{pointer}/op"),
                    field: measures[position].name.to_owned(),
                    op,
                    known: HAVING_OPS,
                });
            }
        };
        let values = measures[position].aggregate.values();
        Ok(HavingBy {
            measure: position,
            comparison,
            value: having.value * values.map_or(1.0, |values| values.form.per_unit() as f64),
        })
    });
    conditions.collect()
}

/// Refuses what says something of groups where there are none, and what contradicts itself.
fn check_groups(params: &QueryParams, dimensions: &[Term]) -> Result<(), QueryError> {
    let refuse = |pointer: &str, reason: &str| {
        Err(QueryError::InvalidValue {
            pointer: pointer.to_owned(),
            reason: reason.to_owned(),
        })
    };
    let is_paged = params.offset.is_some_and(|offset| offset > 0);
    if params.offset.is_some_and(|offset| offset > OFFSET_MAX) {
        return refuse(
            "/offset",
            "\"offset\" is at most 100,000; narrow the question with a filter instead",
        );
    }
    if dimensions.is_empty() {
        return match () {
            () if !params.having.is_empty() => refuse("/having", "\"having\" needs dimensions to group by"),
            () if is_paged => refuse("/offset", "\"offset\" needs dimensions to group by"),
            () if params.other => refuse("/other", "\"other\" needs dimensions to group by"),
            () if params.baseline.is_some() => {
                refuse("/baseline", "\"baseline\" needs dimensions to group by")
            }
            () => Ok(()),
        };
    }
    if let Some(Baseline::Group(values)) = &params.baseline
        && values.len() != dimensions.len()
    {
        return refuse("/baseline", "give one value for each dimension, in their order");
    }
    if params.other && (is_paged || !params.having.is_empty()) {
        return refuse(
            "/other",
            "\"other\" is all groups beyond the limit; leave out \"offset\" and \"having\"",
        );
    }
    Ok(())
}

fn limit_of(
    params: &QueryParams,
    series: Option<&Series>,
    is_grouped: bool,
    notes: &mut Vec<String>,
) -> Result<u32, QueryError> {
    if params.limit.is_some_and(|limit| limit == 0 || limit > LIMIT_MAX) {
        return Err(QueryError::InvalidValue {
            pointer: "/limit".to_owned(),
            reason: format!("\"limit\" is from 1 to {LIMIT_MAX}"),
        });
    }
    let asked = params.limit.unwrap_or(LIMIT_DEFAULT);
    let Some(series) = series.filter(|_| is_grouped) else {
        return Ok(asked);
    };
    let points = series.buckets.buckets.len().max(1);
    let most = (SERIES_ROWS_MAX / points) as u32;
    if params.limit.is_some_and(|limit| limit > most) {
        notes.push(format!(
            "With {points} points each, at most {most} series are answered; ask for a coarser granularity to have more."
        ));
    }
    Ok(asked.min(most))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn validated(changes: Value) -> Result<Query, QueryError> {
        let mut json = json!({ "source": "executions", "measures": ["count"], "time": { "period": "week" } });
        for (key, value) in changes.as_object().unwrap() {
            json[key] = value.clone();
        }
        let params = QueryParams::from_json(&json)?;
        Query::validate(&params, "2026-11-22T10:00:00Z".parse().unwrap(), &TimeZone::UTC)
    }

    fn refused(changes: Value) -> (String, &'static str) {
        let error = validated(changes).unwrap_err();
        (error.pointer().to_owned(), error.code())
    }

    #[test]
    fn names_and_limits_are_checked() {
        assert_eq!(
            refused(json!({ "source": "runs" })),
            ("/source".into(), "unknown_name")
        );
        assert_eq!(
            refused(json!({ "measures": ["count", "mean"] })),
            ("/measures/1".into(), "unknown_name")
        );
        assert_eq!(
            refused(json!({ "measures": [] })),
            ("/measures".into(), "invalid_value")
        );
        assert_eq!(
            refused(json!({ "measures": ["count", "count"] })),
            ("/measures/1".into(), "invalid_value")
        );
        assert_eq!(
            refused(json!({ "measures": vec!["count"; 21] })),
            ("/measures".into(), "query_too_large")
        );
        assert_eq!(
            refused(json!({ "dimensions": ["workflow", "workflow_id"] })),
            ("/dimensions/1".into(), "invalid_value")
        );
        assert_eq!(
            refused(json!({ "dimensions": ["workflow", "version", "status", "user", "error_type"] })).1,
            "query_too_large"
        );
        assert_eq!(
            refused(json!({ "timezone": "Mars/Olympus" })),
            ("/timezone".into(), "unknown_name")
        );
        assert_eq!(refused(json!({ "limit": 0 })), ("/limit".into(), "invalid_value"));
        assert_eq!(
            refused(json!({ "limit": 10_001 })),
            ("/limit".into(), "invalid_value")
        );
        assert_eq!(
            refused(json!({ "order": [{ "by": "cost" }] })),
            ("/order/0/by".into(), "unknown_name")
        );
        assert_eq!(
            refused(json!({ "order": [{ "by": "time" }] })),
            ("/order".into(), "invalid_value")
        );
        assert_eq!(
            refused(json!({ "time": { "from": "2026-11-22T00:00:00Z", "to": "2026-11-21T00:00:00Z" } })),
            ("/time/to".into(), "invalid_time")
        );
    }

    #[test]
    fn conditions_on_groups_need_groups() {
        assert_eq!(
            refused(json!({ "having": [{ "measure": "count", "op": "gt", "value": 1 }] })),
            ("/having".into(), "invalid_value")
        );
        let refused_by_workflow = |mut changes: Value| {
            changes["dimensions"] = json!(["workflow"]);
            refused(changes)
        };
        assert_eq!(
            refused_by_workflow(json!({ "having": [{ "measure": "cost", "op": "gt", "value": 1 }] })),
            ("/having/0/measure".into(), "unknown_name")
        );
        assert_eq!(
            refused_by_workflow(json!({ "having": [{ "measure": "count", "op": "contains", "value": 1 }] })),
            ("/having/0/op".into(), "unsupported_filter")
        );
        assert_eq!(
            refused_by_workflow(json!({ "other": true, "offset": 1 })),
            ("/other".into(), "invalid_value")
        );
        assert_eq!(
            refused_by_workflow(json!({ "offset": 100_001 })),
            ("/offset".into(), "invalid_value")
        );
    }

    #[test]
    fn a_range_is_compared_with_the_same_range_of_another_time() {
        let previous = |compare: Value| {
            let changes = json!({
                "time": { "from": "2026-10-26T00:00:00+01:00", "to": "2026-10-27T00:00:00+01:00" },
                "timezone": "Europe/Berlin",
                "compare": compare
            });
            let previous = validated(changes).unwrap().previous.unwrap().range;
            (previous.start.to_string(), previous.end.to_string())
        };
        let range = |from: &str, to: &str| (from.to_owned(), to.to_owned());
        // The clocks went back on 25 October.
        assert_eq!(
            previous(json!("last_week")),
            range("2026-10-18T22:00:00Z", "2026-10-19T22:00:00Z")
        );
        assert_eq!(
            previous(json!("last_month")),
            range("2026-09-25T22:00:00Z", "2026-09-26T22:00:00Z")
        );
        assert_eq!(
            previous(json!("last_year")),
            range("2025-10-25T22:00:00Z", "2025-10-26T23:00:00Z")
        );
        let own = json!({ "from": "2026-01-01T00:00:00Z", "to": "2026-01-05T00:00:00Z" });
        assert_eq!(
            previous(own),
            range("2026-01-01T00:00:00Z", "2026-01-05T00:00:00Z")
        );
        assert_eq!(
            refused(json!({ "compare": { "from": "2026-11-02T00:00:00Z", "to": "2026-11-01T00:00:00Z" } })),
            ("/compare/to".into(), "invalid_time")
        );
        let (pointer, code) = refused(json!({ "compare": "last_decade" }));
        assert_eq!((pointer.as_str(), code), ("/compare", "malformed_query"));
    }

    #[test]
    fn order_is_always_total() {
        let order = |changes: Value| validated(changes).unwrap().order;
        let by = |key, is_descending| OrderBy { key, is_descending };
        assert_eq!(
            order(json!({ "dimensions": ["workflow", "status"] })),
            [
                by(OrderKey::Measure(0), true),
                by(OrderKey::Dimension(0), false),
                by(OrderKey::Dimension(1), false)
            ]
        );
        assert_eq!(
            order(
                json!({ "dimensions": ["workflow"], "order": [{ "by": "workflow_id", "direction": "desc" }] })
            ),
            [by(OrderKey::Dimension(0), true)]
        );
    }

    #[test]
    fn a_long_range_is_widened_and_says_so() {
        let query =
            validated(json!({ "granularity": "minute", "dimensions": ["workflow"], "limit": 500 })).unwrap();
        let series = query.series.unwrap();
        assert_eq!(
            (series.requested, series.buckets.granularity),
            (Granularity::Minute, Granularity::Hour)
        );
        assert_eq!(query.limit, 59);
        assert_eq!(query.notes.len(), 2, "{:?}", query.notes);
    }

    #[test]
    fn all_time_has_nothing_before_it() {
        let query = validated(json!({ "time": { "period": "all" }, "compare": "previous_period" })).unwrap();
        assert_eq!(query.previous, None);
        assert_eq!(query.notes.len(), 1);
        let query = validated(json!({ "compare": "previous_period" })).unwrap();
        assert_eq!(
            query.previous.map(|previous| previous.range.end),
            Some(query.range.start)
        );
    }
}
