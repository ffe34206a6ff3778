//! The source `executions`: runs of workflows.

use tacho_core::record::RecordType;
use tacho_core::record::schema::{EXECUTION_STATUSES, TRIGGER_TYPES};

use super::declare::{
    by, cost_field, count, counted, credits_field, distinct, duration, duration_field, percent, same, status,
    text, user, whole_numbers, workflow,
};
use super::{Aggregate, Counted, Dimension, Field, Kind, Measure, Source, credits, float, usd, whole};
use crate::answer::{Better, Unit};

/// Statuses that count for the rates: a cancelled run is neither a success nor a failure.
const JUDGED: &[&str] = &["success", "failed", "timeout"];
const UNSUCCESSFUL: &[&str] = &["failed", "timeout"];

pub(super) static SOURCE: Source = Source {
    name: "executions",
    label: "Executions",
    definition: "Runs of workflows, each counted when it started, or when it was queued if it has not started.",
    record_type: RecordType::Execution,
    measures: MEASURES,
    dimensions: DIMENSIONS,
    fields: FIELDS,
};

static MEASURES: &[Measure] = &[
    count(
        "Executions",
        "Executions of every status, those queued and running included.",
    ),
    counted(
        "count_queued",
        "Queued",
        "Executions that wait to start.",
        status(&["queued"]),
        None,
    ),
    counted(
        "count_running",
        "Running",
        "Executions that have started and not ended.",
        status(&["running"]),
        None,
    ),
    counted(
        "count_success",
        "Succeeded",
        "Executions that ended with success.",
        status(&["success"]),
        Some(Better::Higher),
    ),
    counted(
        "count_failed",
        "Failed",
        "Executions that ended with an error. Those that ran out of time are counted apart.",
        status(&["failed"]),
        Some(Better::Lower),
    ),
    counted(
        "count_timeout",
        "Timed out",
        "Executions that ran out of time.",
        status(&["timeout"]),
        Some(Better::Lower),
    ),
    counted(
        "count_cancelled",
        "Cancelled",
        "Executions that somebody stopped.",
        status(&["cancelled"]),
        None,
    ),
    percent(
        "success_rate",
        "Success rate",
        "Succeeded executions in percent of those that succeeded, failed or timed out.",
        status(&["success"]),
        status(JUDGED),
        Some(Better::Higher),
    ),
    percent(
        "failure_rate",
        "Failure rate",
        "Failed and timed out executions in percent of those that succeeded, failed or timed out.",
        status(UNSUCCESSFUL),
        status(JUDGED),
        Some(Better::Lower),
    ),
    duration(
        "duration_avg",
        "Average duration",
        "The mean time from start to end of executions that have ended.",
        Aggregate::Average(whole("duration_ms")),
    ),
    duration(
        "duration_min",
        "Shortest duration",
        "The shortest time from start to end of executions that have ended.",
        Aggregate::Minimum(whole("duration_ms")),
    ),
    duration(
        "duration_max",
        "Longest duration",
        "The longest time from start to end of executions that have ended.",
        Aggregate::Maximum(whole("duration_ms")),
    ),
    duration(
        "duration_median",
        "Median duration",
        "Half of the executions that have ended took less time from start to end.",
        Aggregate::Quantile(whole("duration_ms"), 0.5),
    ),
    duration(
        "duration_p95",
        "95th percentile of duration",
        "95 of 100 executions that have ended took less time from start to end.",
        Aggregate::Quantile(whole("duration_ms"), 0.95),
    ),
    duration(
        "duration_p99",
        "99th percentile of duration",
        "99 of 100 executions that have ended took less time from start to end.",
        Aggregate::Quantile(whole("duration_ms"), 0.99),
    ),
    Measure {
        name: "cost",
        label: "Cost",
        definition: "What executions cost in US dollars, as their senders say.",
        unit: Unit::Usd,
        better: Some(Better::Lower),
        aggregate: Aggregate::Sum(usd("cost_usd_micros")),
    },
    Measure {
        name: "credits",
        label: "Credits",
        definition: "What executions cost in credits, as their senders say.",
        unit: Unit::Credits,
        better: Some(Better::Lower),
        aggregate: Aggregate::Sum(credits("credits_millis")),
    },
    Measure {
        name: "items_processed",
        label: "Items processed",
        definition: "Items that executions worked through, as their senders say.",
        unit: Unit::Count,
        better: Some(Better::Higher),
        aggregate: Aggregate::Sum(whole("items_processed")),
    },
    Measure {
        name: "minutes_saved",
        label: "Time saved",
        definition: "Minutes of work that executions saved people, as their senders say.",
        unit: Unit::Minutes,
        better: Some(Better::Higher),
        aggregate: Aggregate::Sum(float("minutes_saved")),
    },
    Measure {
        name: "cost_per_execution",
        label: "Cost per execution",
        definition: "What executions cost in US dollars, divided by how many of every status there are.",
        unit: Unit::Usd,
        better: Some(Better::Lower),
        aggregate: Aggregate::SumPer(usd("cost_usd_micros"), Counted::Rows),
    },
    percent(
        "retry_rate",
        "Retry rate",
        "Executions that were started as a retry, in percent of all.",
        Counted::In("trigger_type", &["retry"]),
        Counted::Rows,
        Some(Better::Lower),
    ),
    duration(
        "duration_total",
        "Total duration",
        "The times from start to end of all executions that have ended, added up.",
        Aggregate::Sum(whole("duration_ms")),
    ),
    distinct(
        "distinct_users",
        "Users",
        "How many different users executions ran for.",
        "user_id",
    ),
    distinct(
        "distinct_workflows",
        "Workflows",
        "How many different workflows ran.",
        "workflow_id",
    ),
];

static DIMENSIONS: &[Dimension] = &[
    workflow("The workflow that ran."),
    by(text(
        "version",
        &["workflow_version"],
        "Version",
        "The version of the workflow that ran.",
        "workflow_version",
    )),
    by(same(
        "trigger_type",
        "Trigger",
        "What kind of thing started the execution.",
        Kind::Word(TRIGGER_TYPES),
    )),
    by(same(
        "status",
        "Status",
        "How the execution is or how it ended.",
        Kind::Word(EXECUTION_STATUSES),
    )),
    user("The user for whom the execution ran."),
    by(same(
        "error_type",
        "Error type",
        "What kind of error ended the execution, in its sender's words.",
        Kind::Text,
    )),
    by(same(
        "error_fingerprint",
        "Fault",
        "What went wrong, whatever the numbers: the same for the same error type and pattern of the error message.",
        Kind::Text,
    )),
    by(same(
        "error_pattern",
        "Error pattern",
        "The error message of a failed execution with placeholders for numbers, ids, addresses and quoted texts.",
        Kind::Text,
    )),
];

static FIELDS: &[Field] = &[
    text(
        "id",
        &["execution_id"],
        "Id",
        "The sender's id of the execution.",
        "id",
    ),
    same(
        "variant",
        "Variant",
        "The variant that ran, for experiments.",
        Kind::Text,
    ),
    same(
        "trigger_id",
        "Trigger id",
        "Which trigger started the execution.",
        Kind::Text,
    ),
    same(
        "error_message",
        "Error message",
        "The error in words.",
        Kind::Text,
    ),
    same(
        "parent_execution_id",
        "Parent",
        "The execution that started the execution.",
        Kind::Text,
    ),
    same(
        "conversation_id",
        "Conversation",
        "The conversation that the execution belongs to.",
        Kind::Text,
    ),
    same(
        "trace_id",
        "Trace",
        "The trace that the execution belongs to.",
        Kind::Text,
    ),
    duration_field("The time from start to end, in milliseconds."),
    cost_field("What the execution cost, in US dollars."),
    credits_field("What the execution cost, in credits."),
    same(
        "items_processed",
        "Items processed",
        "Items that the execution worked through.",
        whole_numbers(Unit::Count),
    ),
    same(
        "minutes_saved",
        "Time saved",
        "Minutes of work that the execution saved people.",
        Kind::Float { unit: Unit::Minutes },
    ),
];
