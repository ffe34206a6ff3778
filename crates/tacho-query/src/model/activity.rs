//! The source `activity`: what people do.

use tacho_core::record::RecordType;

use super::declare::{by, count, distinct, duration_field, measure, same, user};
use super::{Aggregate, Dimension, Field, Kind, Measure, Source, whole};
use crate::answer::Unit;

pub(super) static SOURCE: Source = Source {
    name: "activity",
    label: "User activity",
    definition: "What people did, each action counted when it happened.",
    record_type: RecordType::Activity,
    measures: MEASURES,
    dimensions: DIMENSIONS,
    fields: FIELDS,
};

/// Time that people spent: more of it may mean interest as well as trouble.
const fn spent(
    name: &'static str,
    label: &'static str,
    definition: &'static str,
    aggregate: Aggregate,
) -> Measure {
    measure(name, label, definition, Unit::Ms, None, aggregate)
}

static MEASURES: &[Measure] = &[
    count("Actions", "Actions of people, of every kind."),
    distinct(
        "distinct_users",
        "Active users",
        "How many different people did something.",
        "user_id",
    ),
    distinct(
        "distinct_sessions",
        "Sessions",
        "How many different sessions the actions belong to.",
        "session_id",
    ),
    spent(
        "duration_avg",
        "Average time",
        "The mean time that an action took.",
        Aggregate::Average(whole("duration_ms")),
    ),
    spent(
        "duration_median",
        "Median time",
        "Half of the actions took less time.",
        Aggregate::Quantile(whole("duration_ms"), 0.5),
    ),
    spent(
        "duration_p95",
        "95th percentile of time",
        "95 of 100 actions took less time.",
        Aggregate::Quantile(whole("duration_ms"), 0.95),
    ),
    spent(
        "duration_total",
        "Active time",
        "The time that all actions took together.",
        Aggregate::Sum(whole("duration_ms")),
    ),
];

static DIMENSIONS: &[Dimension] = &[
    user("Who did it."),
    by(same(
        "action",
        "Action",
        "What was done, in its sender's words.",
        Kind::Text,
    )),
    by(same(
        "feature",
        "Feature",
        "The part of the product that was used.",
        Kind::Text,
    )),
    by(same(
        "resource",
        "Resource",
        "What kind of thing it was done to.",
        Kind::Text,
    )),
];

static FIELDS: &[Field] = &[
    same("id", "Id", "The sender's id of the action.", Kind::Text),
    same(
        "session_id",
        "Session",
        "The session that the action belongs to.",
        Kind::Text,
    ),
    same(
        "resource_id",
        "Resource id",
        "The thing that it was done to.",
        Kind::Text,
    ),
    duration_field("The time that the action took, in milliseconds."),
];
