//! The source `metrics`: points of custom metrics.

use tacho_core::record::RecordType;
use tacho_core::record::schema::METRIC_KINDS;

use super::declare::{by, count, distinct, measure, same, text};
use super::{Aggregate, Counted, Dimension, Field, Kind, Measure, Source, float};
use crate::answer::Unit;

pub(super) static SOURCE: Source = Source {
    name: "metrics",
    label: "Metrics",
    definition: "Points of custom metrics; ask for one metric or group by name, as each has its own unit.",
    record_type: RecordType::Metric,
    measures: MEASURES,
    dimensions: DIMENSIONS,
    fields: FIELDS,
};

/// Something about values, of which only the metric's owner knows which way is better.
const fn value(
    name: &'static str,
    label: &'static str,
    definition: &'static str,
    aggregate: Aggregate,
) -> Measure {
    measure(name, label, definition, Unit::Value, None, aggregate)
}

static MEASURES: &[Measure] = &[
    count("Points", "Points of metrics."),
    value(
        "value",
        "Value",
        "By the metric's own rule: the sum of counters, the mean of all else; not known where counters and others come \
         together, so ask for one metric or group by name.",
        Aggregate::SumOrAverage(float("value"), Counted::In("kind", &["counter"])),
    ),
    value(
        "value_sum",
        "Sum",
        "All values together, which says something for counters only.",
        Aggregate::Sum(float("value")),
    ),
    value(
        "value_avg",
        "Average",
        "The mean of the values.",
        Aggregate::Average(float("value")),
    ),
    value(
        "value_min",
        "Minimum",
        "The least value.",
        Aggregate::Minimum(float("value")),
    ),
    value(
        "value_max",
        "Maximum",
        "The greatest value.",
        Aggregate::Maximum(float("value")),
    ),
    value(
        "value_median",
        "Median",
        "Half of the values are less.",
        Aggregate::Quantile(float("value"), 0.5),
    ),
    value(
        "value_p95",
        "95th percentile",
        "95 of 100 values are less.",
        Aggregate::Quantile(float("value"), 0.95),
    ),
    value(
        "value_p99",
        "99th percentile",
        "99 of 100 values are less.",
        Aggregate::Quantile(float("value"), 0.99),
    ),
    distinct(
        "distinct_metrics",
        "Metrics",
        "How many different metrics have points.",
        "name",
    ),
];

static DIMENSIONS: &[Dimension] = &[
    by(text(
        "name",
        &["metric"],
        "Metric",
        "What the metric is called.",
        "name",
    )),
    by(same(
        "kind",
        "Kind",
        "Whether the metric counts, is a level or collects observations.",
        Kind::Word(METRIC_KINDS),
    )),
];

static FIELDS: &[Field] = &[
    same("id", "Id", "The sender's id of the point.", Kind::Text),
    same(
        "value",
        "Value",
        "The value, in the metric's own unit.",
        Kind::Float { unit: Unit::Value },
    ),
];
