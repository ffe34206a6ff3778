//! The source `steps`: parts of executions.

use tacho_core::record::RecordType;
use tacho_core::record::schema::{STEP_STATUSES, WAIT_KINDS};

use super::declare::{
    by, bytes, count, counted, credits_field, distinct, duration, duration_field, execution_id, percent,
    same, status, text, user, whole_numbers, workflow,
};
use super::{Aggregate, Dimension, Field, Kind, Measure, Source, credits, whole};
use crate::answer::{Better, Unit};

/// Statuses that count for the rates: a skipped step is neither a success nor a failure.
const JUDGED: &[&str] = &["completed", "failed"];

pub(super) static SOURCE: Source = Source {
    name: "steps",
    label: "Steps",
    definition: "Parts of executions, each counted when it started.",
    record_type: RecordType::Step,
    measures: MEASURES,
    dimensions: DIMENSIONS,
    fields: FIELDS,
};

static MEASURES: &[Measure] = &[
    count("Steps", "Steps of every status, those skipped included."),
    counted(
        "count_completed",
        "Completed",
        "Steps that did what they were to do.",
        status(&["completed"]),
        Some(Better::Higher),
    ),
    counted(
        "count_failed",
        "Failed",
        "Steps that ended with an error.",
        status(&["failed"]),
        Some(Better::Lower),
    ),
    counted(
        "count_skipped",
        "Skipped",
        "Steps that were left out.",
        status(&["skipped"]),
        None,
    ),
    percent(
        "success_rate",
        "Success rate",
        "Completed steps in percent of those that completed or failed.",
        status(&["completed"]),
        status(JUDGED),
        Some(Better::Higher),
    ),
    percent(
        "failure_rate",
        "Failure rate",
        "Failed steps in percent of those that completed or failed.",
        status(&["failed"]),
        status(JUDGED),
        Some(Better::Lower),
    ),
    duration(
        "duration_avg",
        "Average duration",
        "The mean time from start to end of steps.",
        Aggregate::Average(whole("duration_ms")),
    ),
    duration(
        "duration_min",
        "Shortest duration",
        "The shortest time from start to end of a step.",
        Aggregate::Minimum(whole("duration_ms")),
    ),
    duration(
        "duration_max",
        "Longest duration",
        "The longest time from start to end of a step.",
        Aggregate::Maximum(whole("duration_ms")),
    ),
    duration(
        "duration_median",
        "Median duration",
        "Half of the steps took less time from start to end.",
        Aggregate::Quantile(whole("duration_ms"), 0.5),
    ),
    duration(
        "duration_p95",
        "95th percentile of duration",
        "95 of 100 steps took less time from start to end.",
        Aggregate::Quantile(whole("duration_ms"), 0.95),
    ),
    duration(
        "duration_p99",
        "99th percentile of duration",
        "99 of 100 steps took less time from start to end.",
        Aggregate::Quantile(whole("duration_ms"), 0.99),
    ),
    duration(
        "duration_total",
        "Total duration",
        "The time from start to end of all steps together; by kind of wait, it shows where time goes.",
        Aggregate::Sum(whole("duration_ms")),
    ),
    bytes(
        "input_bytes",
        "Input",
        "Bytes that steps took in, as their senders say.",
    ),
    bytes(
        "output_bytes",
        "Output",
        "Bytes that steps gave out, as their senders say.",
    ),
    Measure {
        name: "credits",
        label: "Credits",
        definition: "What steps cost in credits, as their senders say.",
        unit: Unit::Credits,
        better: Some(Better::Lower),
        aggregate: Aggregate::Sum(credits("credits_millis")),
    },
    distinct(
        "distinct_executions",
        "Executions",
        "How many different executions the steps belong to.",
        "execution_id",
    ),
];

static DIMENSIONS: &[Dimension] = &[
    workflow("The workflow of the step's execution."),
    user("The user for whom the step's execution ran."),
    by(text(
        "step_name",
        &["step"],
        "Step",
        "What the step is called.",
        "step_name",
    )),
    by(same(
        "step_type",
        "Step type",
        "What kind of thing the step does, in its sender's words.",
        Kind::Text,
    )),
    by(same(
        "status",
        "Status",
        "How the step ended.",
        Kind::Word(STEP_STATUSES),
    )),
    by(same(
        "wait_kind",
        "Kind of wait",
        "What the step waited for, if waiting is what it did.",
        Kind::Word(WAIT_KINDS),
    )),
    by(same(
        "target",
        "Target",
        "The site, application or credential that the step acted upon.",
        Kind::Text,
    )),
    by(same(
        "error_type",
        "Error type",
        "What kind of error ended the step, in its sender's words.",
        Kind::Text,
    )),
];

static FIELDS: &[Field] = &[
    same("id", "Id", "The sender's id of this run of the step.", Kind::Text),
    execution_id("The execution that the step belongs to."),
    same(
        "step_id",
        "Step id",
        "The id that the step has in every execution.",
        Kind::Text,
    ),
    same(
        "error_message",
        "Error message",
        "The error in words.",
        Kind::Text,
    ),
    duration_field("The time from start to end, in milliseconds."),
    same(
        "input_bytes",
        "Input",
        "Bytes that the step took in.",
        whole_numbers(Unit::Bytes),
    ),
    same(
        "output_bytes",
        "Output",
        "Bytes that the step gave out.",
        whole_numbers(Unit::Bytes),
    ),
    credits_field("What the step cost, in credits."),
];
