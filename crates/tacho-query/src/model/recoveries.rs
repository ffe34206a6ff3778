//! The source `recoveries`: repairs that automations make by themselves.

use tacho_core::record::RecordType;

use super::declare::{
    by, count, counted, distinct, duration, duration_field, execution_id, percent, same, status, user,
    workflow,
};
use super::{Aggregate, Counted, Dimension, Field, Kind, Measure, Source, whole};
use crate::answer::Better;

/// Words for a recovery that worked. Senders choose their own; these are the usual ones.
const SUCCESSFUL: &[&str] = &["recovered", "success", "succeeded", "successful", "completed"];

pub(super) static SOURCE: Source = Source {
    name: "recoveries",
    label: "Recoveries",
    definition: "Repairs that automations made by themselves, each counted when it happened.",
    record_type: RecordType::Recovery,
    measures: MEASURES,
    dimensions: DIMENSIONS,
    fields: FIELDS,
};

static MEASURES: &[Measure] = &[
    count(
        "Recoveries",
        "Recoveries of every status, those that failed included.",
    ),
    counted(
        "count_success",
        "Succeeded",
        "Recoveries with the status recovered, success, succeeded, successful or completed.",
        status(SUCCESSFUL),
        Some(Better::Higher),
    ),
    percent(
        "success_rate",
        "Success rate",
        "Succeeded recoveries in percent of all.",
        status(SUCCESSFUL),
        Counted::Rows,
        Some(Better::Higher),
    ),
    duration(
        "duration_avg",
        "Average duration",
        "The mean time that recoveries took.",
        Aggregate::Average(whole("duration_ms")),
    ),
    duration(
        "duration_median",
        "Median duration",
        "Half of the recoveries took less time.",
        Aggregate::Quantile(whole("duration_ms"), 0.5),
    ),
    duration(
        "duration_p95",
        "95th percentile of duration",
        "95 of 100 recoveries took less time.",
        Aggregate::Quantile(whole("duration_ms"), 0.95),
    ),
    distinct(
        "distinct_executions",
        "Executions",
        "How many different executions were repaired.",
        "execution_id",
    ),
];

static DIMENSIONS: &[Dimension] = &[
    workflow("The workflow of the execution that was repaired."),
    user("The user for whom that execution ran."),
    by(same(
        "strategy",
        "Strategy",
        "How the repair was tried, in its sender's words.",
        Kind::Text,
    )),
    by(same(
        "status",
        "Status",
        "How the recovery went, in its sender's words.",
        Kind::Text,
    )),
];

static FIELDS: &[Field] = &[
    same("id", "Id", "The sender's id of the recovery.", Kind::Text),
    execution_id("The execution that was repaired."),
    same("step_id", "Step id", "The step that was repaired.", Kind::Text),
    duration_field("The time that the recovery took, in milliseconds."),
];
